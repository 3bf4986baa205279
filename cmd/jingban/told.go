package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/alecthomas/kong"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/web"
)

// told is an error with what a person at the terminal is told in Chinese. Its
// Error is English, for logs and for everybody else.
type told struct {
	zh, en string
	err    error // the cause, may be nil
}

// Error says it in English.
func (t told) Error() string {
	if t.err == nil {
		return t.en
	}
	return fmt.Sprintf("%s: %v", t.en, t.err)
}

// Unwrap gives the cause.
func (t told) Unwrap() error { return t.err }

// inChinese says what failed and what to do; "" when there is no sentence for it.
func inChinese(err error) string {
	if t, ok := errors.AsType[told](err); ok {
		return t.zh
	}
	if fault, ok := errors.AsType[*casework.Fault](err); ok {
		if text, known := web.Sentences("zh", fault.Code); known {
			return text
		}
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		switch {
		case errors.Is(path, fs.ErrNotExist):
			return "找不到 " + path.Path + "，请检查路径。"
		case errors.Is(path, fs.ErrPermission):
			return "没有权限读写 " + path.Path + "，请检查属主和权限。"
		}
	}
	if zh := refusedInChinese(store.Refusal(err)); zh != "" {
		return zh
	}
	if _, ok := errors.AsType[*kong.ParseError](err); ok {
		return "命令写法有误，可加 --help 查看用法。"
	}
	return stateInChinese(err)
}

// fault says what is wrong with a file: on a Chinese terminal in sentences with what
// to do, else as the reader says it.
func (c console) fault(code, english string) string {
	if text, known := web.Sentences("zh", code); known && c.chinese {
		return text + "（" + code + "）"
	}
	return english
}

// refusedInChinese is what to do where the machine or the database refuses.
func refusedInChinese(code string) string {
	switch code {
	case store.DiskFull:
		return "磁盘已满，未改动任何数据。请腾出空间。"
	case store.ReadOnly:
		return "目录不可写。请为运行用户授予写权限，或另选数据目录。"
	case store.Locked:
		return "数据库被其他程序锁定（备份程序，或另一个经办进程）。请结束该程序后再试。"
	case store.DiskError:
		return "磁盘报错。请先查看系统日志并检查磁盘。"
	case store.Damaged:
		return "文件已损坏或不是数据库。请恢复最近的备份。"
	case store.Unreachable:
		return "连不上 PostgreSQL 数据库。请检查地址，并确认数据库服务已启动。"
	case store.Standby:
		return "该 PostgreSQL 服务器为只读（备库）。请改用主库地址。"
	case store.AccountRefused:
		return "PostgreSQL 拒绝该账号。请检查用户名和口令。"
	case store.NoDatabase:
		return "PostgreSQL 中没有这个数据库。请先创建。"
	case store.NoRight:
		return "PostgreSQL 账号权限不足，须为数据库属主。"
	case store.NoConnection:
		return "PostgreSQL 连接数已满。请调大 max_connections。"
	}
	return ""
}

// stateInChinese is why a change was not made.
func stateInChinese(err error) string {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "没有找到，请核对编号或名称。"
	case errors.Is(err, store.ErrTwoPeople):
		return "须由第二人操作，不能由同一人完成。"
	case errors.Is(err, store.ErrUnready):
		return "尚不具备条件。"
	case errors.Is(err, store.ErrDuplicate):
		return "已经存在。"
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrHeld):
		return "状态已变化，现在不能这样做。请先查看当前状态。"
	case errors.Is(err, store.ErrInvalid):
		return "内容不被接受，请检查所填的值。"
	case errors.Is(err, store.ErrNewer):
		return "数据库由更新的版本写入。请启动较新的版本，或恢复升级前的备份。"
	}
	return ""
}

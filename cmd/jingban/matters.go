package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/web"
)

// defaultRegion is the fictional region of the samples; its parameters fall back
// on the nation's.
const defaultRegion = "379900"

// matters tells the pages what can be applied for and with which papers.
func (h *house) matters() []web.Matter {
	var matters []web.Matter
	for _, playbook := range h.library.Playbooks() {
		matter, ok := h.catalog.Matter(playbook.Name)
		if !ok {
			continue // a playbook that nobody applies for
		}
		m := web.Matter{Name: matter.Matter, TitleZh: matter.Title.Zh, TitleEn: matter.Title.En}
		for _, r := range matter.Materials {
			title := h.catalog.Title(r.Type)
			m.Materials = append(m.Materials, web.Slot{Type: r.Type, Zh: title.Zh, En: title.En, Required: r.Required && r.UnlessShared == "", Note: slotNote(r), Fields: h.fieldTitles(r.Type)})
		}
		matters = append(matters, m)
	}
	return matters
}

// slotNote says when a paper is not needed.
func slotNote(r materials.Requirement) string {
	if r.UnlessShared == "" {
		return ""
	}
	return "数据共享已取得相应信息的，不必提交"
}

// fieldTitles gives a paper's fields as people call them, in its order.
func (h *house) fieldTitles(kind string) []web.FieldTitle {
	var titles []web.FieldTitle
	for _, f := range h.catalog.Fields(kind) {
		titles = append(titles, web.FieldTitle{Name: f.Name, Kind: string(f.Kind), Zh: f.Title.Zh, En: f.Title.En})
	}
	return titles
}

// health is what the pages' health check looks at.
func (h *house) health(ctx context.Context) []web.Check {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	database, redis := h.store.Ping(ctx), h.broker.Check(ctx)
	return []web.Check{
		{Name: "database", OK: database == nil, Fix: "检查数据库服务和 --database"},
		{Name: "redis", OK: redis == nil, Fix: "检查 Redis 服务和 --redis；其间任务不丢失"},
		h.storage(ctx),
	}
}

// storage says when the files folder will be full at the pace of the last two weeks.
func (h *house) storage(ctx context.Context) web.Check {
	check := web.Check{Name: "storage", Fix: "清出或扩大证据所在的磁盘，或缩短 evidence.page_days；归档类不要缩短"}
	left, err := h.store.Storage(ctx)
	check.OK = err == nil && !soonFull(left)
	if err == nil {
		check.Detail = console{chinese: true}.storage(left)
	}
	return check
}

// version is the commit this binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return info.Main.Version
}

package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// explain wraps an error with what was being done, and a refusal of the machine
// also with what the operator can do about it.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if taken(err) {
		return fmt.Errorf("%s: %w", what, ErrDuplicate)
	}
	if advice := advise(err); advice != "" {
		return fmt.Errorf("%s: %s: %w", what, advice, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// What the machine or the database may refuse, as Refusal tells it.
const (
	DiskFull       = "disk_full"
	ReadOnly       = "read_only"
	Locked         = "database_locked"
	DiskError      = "disk_error"
	Damaged        = "database_damaged"
	Unreachable    = "database_unreachable"
	Standby        = "database_standby"
	AccountRefused = "database_account"
	NoDatabase     = "database_missing"
	NoRight        = "database_right"
	NoConnection   = "database_full"
)

// Refusal says what refused: one of the constants, "" when it is none of them.
func Refusal(err error) string {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return refusalSQLite(e.Code() & 0xff)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusalPostgres(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return Unreachable
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op != "listen" {
		return Unreachable
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return DiskFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return ReadOnly
	}
	return ""
}

// advise says what to do about a refusal, "" when it is none.
func advise(err error) string {
	switch Refusal(err) {
	case DiskFull:
		return "the disk is full; free some space, nothing was changed"
	case ReadOnly:
		return "the folder cannot be written; give the service's user write permission or choose another data folder"
	case Locked:
		return "the database is locked by another program; end that program (a backup, a second jingban) and try again"
	case DiskError:
		return "the disk reports an error; look at the system log and check the disk before going on"
	case Damaged:
		return "the file is damaged or no database; restore the last backup"
	case Unreachable:
		return "the PostgreSQL server cannot be reached; check its address and that it runs"
	case Standby:
		return "the PostgreSQL server takes no writes (standby or read-only); use the address of the primary"
	case AccountRefused:
		return "PostgreSQL refuses the account; check user and password"
	case NoDatabase:
		return "the PostgreSQL database does not exist; create it first"
	case NoRight:
		return "the PostgreSQL account lacks a right; it must own the database"
	case NoConnection:
		return "PostgreSQL has no connection left; raise max_connections"
	}
	return ""
}

// refusalSQLite reads primary result codes (sqlite.org/rescode.html).
func refusalSQLite(code int) string {
	switch code {
	case 5, 6: // BUSY, LOCKED
		return Locked
	case 8, 14, 23: // READONLY, CANTOPEN, AUTH
		return ReadOnly
	case 13: // FULL
		return DiskFull
	case 10: // IOERR
		return DiskError
	case 11, 26: // CORRUPT, NOTADB
		return Damaged
	}
	return ""
}

// refusalPostgres reads SQLSTATE codes.
func refusalPostgres(code string) string {
	switch code {
	case "53100":
		return DiskFull
	case "25006":
		return Standby
	case "28P01", "28000":
		return AccountRefused
	case "3D000":
		return NoDatabase
	case "42501":
		return NoRight
	case "53300":
		return NoConnection
	}
	return ""
}

// taken says that a unique key was there already.
func taken(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == 2067 || e.Code() == 1555 // CONSTRAINT_UNIQUE, CONSTRAINT_PRIMARYKEY
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505"
}

// losesToAnother says that PostgreSQL ended the transaction in favour of
// another one, so that it may simply be run again.
func losesToAnother(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}

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

// advise says what to do about a refusal, "" when it is none.
func advise(err error) string {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return adviseSQLite(e.Code() & 0xff)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return advisePostgres(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return "the PostgreSQL server cannot be reached; check its address and that it runs"
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return "the PostgreSQL server cannot be reached; check its address and that it runs"
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return diskFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return readOnly
	}
	return ""
}

const (
	diskFull = "the disk is full; free some space, nothing was changed"
	readOnly = "the folder cannot be written; give the service's user write permission or choose another data folder"
)

// adviseSQLite reads primary result codes (sqlite.org/rescode.html).
func adviseSQLite(code int) string {
	switch code {
	case 5, 6: // BUSY, LOCKED
		return "the database is locked by another program; end that program (a backup, a second jingban) and try again"
	case 8, 14, 23: // READONLY, CANTOPEN, AUTH
		return readOnly
	case 13: // FULL
		return diskFull
	case 10: // IOERR
		return "the disk reports an error; look at the system log and check the disk before going on"
	case 11, 26: // CORRUPT, NOTADB
		return "the file is damaged or no database; restore the last backup"
	}
	return ""
}

// advisePostgres reads SQLSTATE codes.
func advisePostgres(code string) string {
	switch code {
	case "53100":
		return diskFull
	case "25006":
		return "the PostgreSQL server takes no writes (standby or read-only); use the address of the primary"
	case "28P01", "28000":
		return "PostgreSQL refuses the account; check user and password"
	case "3D000":
		return "the PostgreSQL database does not exist; create it first"
	case "42501":
		return "the PostgreSQL account lacks a right; it must own the database"
	case "53300":
		return "PostgreSQL has no connection left; raise max_connections"
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

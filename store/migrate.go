package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the schema up to date. A migration that one database does not
// understand is there twice, as NNNN_<what>_sqlite.sql and _postgres.sql.
func (s *Store) migrate(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > known {
		return fmt.Errorf("schema %d, this binary knows %d; start the newer release, or restore the backup made before its upgrade: %w",
			current, known, ErrNewer)
	}
	if current == known {
		return nil
	}
	_, err = provider.Up(ctx)
	return err
}

func (s *Store) migrations() (*goose.Provider, error) {
	folder, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	dialect, foreign := goose.DialectSQLite3, "_postgres.sql"
	var options []goose.ProviderOption
	if s.postgres {
		dialect, foreign = goose.DialectPostgres, "_sqlite.sql"
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var others []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), foreign) {
			others = append(others, e.Name())
		}
	}
	return goose.NewProvider(dialect, s.writer, folder, append(options, goose.WithExcludeNames(others))...)
}

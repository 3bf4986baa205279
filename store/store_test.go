package store_test

import (
	"testing"

	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// A held run's journal is what the playbook runner writes to.
var _ playbooks.Journal = (*store.Journal)(nil)

func TestSQLite(t *testing.T)   { storetest.Run(t, storetest.SQLite) }
func TestPostgres(t *testing.T) { storetest.Run(t, storetest.Postgres) }

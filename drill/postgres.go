package drill

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/children"
)

// layPostgres makes a private cluster and starts it. It is durable: a killed
// server must keep what it has committed.
func (s *site) layPostgres(ctx, life context.Context) error {
	server, err := children.LayPostgres(ctx, s.at("pg"))
	if err != nil {
		return fmt.Errorf("PostgreSQL (or drill with --db sqlite): %w", err)
	}
	s.postgres = &daemon{name: "postgres", log: s.at("postgres.log"), spec: server.Spec("max_connections=200", "shared_buffers=32MB")}
	s.living.Go(func() {
		if err := s.postgres.run(life); err != nil {
			fmt.Fprintln(s.cfg.Progress, "drill:", err)
		}
	})
	s.database = server.Address("postgres")
	return server.Await(ctx)
}

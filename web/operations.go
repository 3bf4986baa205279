package web

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type secretIn struct {
	Value string `json:"value"`
}

type secretOut struct {
	Name string `json:"name"`
}

// apiVault stores a secret. There is no way to read one over HTTP.
func (s *Server) apiVault(v *visit) (answer, error) {
	var in secretIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	name := v.PathValue("name")
	if in.Value == "" || len(name) > 100 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "secret_empty")
	}
	if err := s.cfg.Store.SetSecret(v.Context(), v.actor, name, in.Value); err != nil {
		return answer{}, fmt.Errorf("secret: %w", err)
	}
	return reply(secretOut{Name: name})
}

// healthOut says whether the service is up. Strangers learn no more than that.
type healthOut struct {
	Status  string  `json:"status"` // "ok", "degraded" or "down"
	Version string  `json:"version,omitempty"`
	Checks  []Check `json:"checks,omitempty"`
}

// healthTimeout bounds a health check: a load balancer asks every few seconds.
const healthTimeout = 5 * time.Second

func (s *Server) apiHealth(v *visit) (answer, error) {
	ctx, cancel := context.WithTimeout(v.Context(), healthTimeout)
	defer cancel()
	if err := s.cfg.Store.Ping(ctx); err != nil {
		s.cfg.Log.ErrorContext(ctx, "health", "error", err)
		return answer{Status: http.StatusServiceUnavailable, JSON: healthOut{Status: "down"}}, nil
	}
	out := healthOut{Status: "ok"}
	checks := s.checks(ctx)
	for _, c := range checks {
		if !c.OK {
			out.Status = "degraded"
		}
	}
	if v.actor.ID != "" {
		out.Version, out.Checks = s.cfg.Version, checks
	}
	return reply(out)
}

func (s *Server) checks(ctx context.Context) []Check {
	if s.cfg.Health == nil {
		return nil
	}
	return s.cfg.Health(ctx)
}

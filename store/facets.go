package store

import "context"

// Facets counts runs by what a list of them may be narrowed to.
type Facets struct {
	Playbooks map[string]int
	Targets   map[string]int // without the runs that need no system now
}

// Facets counts the runs of the filter's states by playbook, among those of its
// target, and by target, among those of its playbook. It reads one index.
func (s *Store) Facets(ctx context.Context, f RunFilter) (Facets, error) {
	var w where
	in(&w, "state", f.States)
	type group struct {
		playbook, target string
		n                int
	}
	groups, err := list(ctx, s.reader, func(r row) (g group, err error) { return g, r.Scan(&g.playbook, &g.target, &g.n) },
		"SELECT playbook, target, COUNT(*) FROM runs"+w.String()+" GROUP BY playbook, target", w.values...)
	if err != nil {
		return Facets{}, explain("count runs", err)
	}
	facets := Facets{Playbooks: map[string]int{}, Targets: map[string]int{}}
	for _, g := range groups {
		if f.Target == "" || g.target == f.Target {
			facets.Playbooks[g.playbook] += g.n
		}
		if g.target != "" && (f.Playbook == "" || g.playbook == f.Playbook) {
			facets.Targets[g.target] += g.n
		}
	}
	return facets, nil
}

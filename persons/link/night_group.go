package link

import "slices"

// joins reports whether clusters are made of such a pair.
func (p keptPair) joins() bool { return p.decision.Zone != Veto && p.decision.Rule != throughCluster }

// regroup forms the clusters anew that a changed record reaches through pairs,
// before or after tonight.
func (n *night) regroup() error {
	joining := make([][2]uint32, 0, n.s.Pairs.size())
	for i := range n.s.Pairs.size() {
		if p := n.s.Pairs.at(i); p.joins() {
			joining = append(joining, [2]uint32{p.a, p.b})
		}
	}
	for _, p := range n.found {
		if p.joins() {
			joining = append(joining, [2]uint32{p.a, p.b})
		}
	}
	near := map[uint32]bool{} // reached although it did not change
	reached := func(record uint32) bool { return near[record] || n.changed(record) }
	for grew := true; grew; {
		grew = false
		for _, p := range joining {
			if a, b := reached(p[0]), reached(p[1]); a != b {
				near[p[0]], near[p[1]], grew = true, true, true
			}
		}
	}
	return n.anew(reached)
}

// anew joins the pairs of the clusters that were reached.
func (n *night) anew(reached func(uint32) bool) error {
	var again []keptPair
	var members []uint32
	gather := func(p keptPair) {
		if p.joins() && reached(p.a) {
			again, members = append(again, p), append(members, p.a, p.b)
		}
	}
	n.pairs = slices.DeleteFunc(n.pairs, func(p keptPair) bool {
		gather(p)
		return p.decision.Rule == throughCluster && reached(p.a)
	})
	for _, p := range n.found {
		gather(p)
	}
	slices.Sort(members)
	if err := n.ask(slices.Compact(members), len(n.t.plan.blocks)); err != nil {
		return err
	}
	n.forget()
	n.t.often = n.frequencies()
	r := n.result()
	for _, p := range again {
		a, b := n.place[p.a], n.place[p.b]
		r.Pairs = append(r.Pairs, Pair{min(a, b), max(a, b), p.decision, p.weight, p.pattern})
	}
	r.sort()
	r.cluster()
	r.addImplied()
	for _, p := range r.Pairs[len(again):] {
		n.found = append(n.found, n.t.keep(p, n.number))
	}
	n.replaceClusters(r.Clusters, reached)
	return nil
}

// replaceClusters puts those that were formed anew among the others, which are in
// order.
func (n *night) replaceClusters(anew []Cluster, reached func(uint32) bool) {
	var fresh keptClusters
	for _, c := range anew {
		fresh = append(fresh, n.t.keepCluster(c, n.number))
	}
	slices.SortFunc(fresh, byNames)
	all := make(keptClusters, 0, len(n.s.Clusters)+len(fresh))
	for _, c := range n.s.Clusters {
		if slices.ContainsFunc(c.Records, reached) {
			continue
		}
		for len(fresh) > 0 && byNames(fresh[0], c) < 0 {
			all, fresh = append(all, fresh[0]), fresh[1:]
		}
		all = append(all, c)
	}
	n.s.Clusters = append(all, fresh...)
}

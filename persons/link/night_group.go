package link

import "slices"

// joins reports whether clusters are made of such a pair.
func (p *FoundPair) joins() bool {
	return p.Decision.Zone != Veto && p.Decision.Rule != throughCluster
}

// regroup forms the clusters anew that a changed record reaches through pairs,
// before or after tonight.
func (n *night) regroup() error {
	joining := n.before
	for i := range n.found {
		if n.found[i].joins() {
			joining = append(joining, n.found[i].couple)
		}
	}
	for grew := true; grew; {
		grew = false
		for _, p := range joining {
			if n.reaches(p.a) != n.reaches(p.b) {
				n.known[p.a] |= linked
				n.known[p.b] |= linked
				grew = true
			}
		}
	}
	return n.anew()
}

// reaches reports whether a record's cluster is formed anew.
func (n *night) reaches(number uint32) bool { return n.is(number, fresh|gone|linked) }

// anew joins the pairs of the clusters that were reached.
func (n *night) anew() error {
	var again []keptPair
	var members []uint32
	gather := func(p *FoundPair, of couple) {
		if n.reaches(of.a) && p.joins() {
			again, members = append(again, keptPair{of, *p}), append(members, of.a, of.b)
		}
	}
	n.now.drop(func(p *FoundPair, of couple) bool {
		gather(p, of)
		return n.reaches(of.a) && p.Decision.Rule == throughCluster
	})
	for i := range n.found {
		gather(&n.found[i].FoundPair, n.found[i].couple)
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
		r.Pairs = append(r.Pairs, Pair{min(a, b), max(a, b), p.Decision, p.Weight, p.pattern})
	}
	r.sort()
	r.cluster()
	r.addImplied()
	for _, p := range r.Pairs[len(again):] {
		n.found = append(n.found, n.t.keep(p, n.number))
	}
	n.replaceClusters(r.Clusters)
	return nil
}

// replaceClusters puts those that were formed anew among the others, which are in
// order.
func (n *night) replaceClusters(anew []Cluster) {
	var fresh []keptCluster
	for _, c := range anew {
		fresh = append(fresh, n.t.keepCluster(c, n.number))
	}
	slices.SortFunc(fresh, byNames)
	all := make([]keptCluster, 0, len(n.now.clusters)+len(fresh))
	for _, c := range n.now.clusters {
		if slices.ContainsFunc(c.records, n.reaches) {
			continue
		}
		for len(fresh) > 0 && byNames(fresh[0], c) < 0 {
			all, fresh = append(all, fresh[0]), fresh[1:]
		}
		all = append(all, c)
	}
	n.now.clusters = append(all, fresh...)
}

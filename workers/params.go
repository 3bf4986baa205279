package workers

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Parameters are the editions of the parameters and what may be computed with them.
type Parameters struct {
	Editions *store.Editions
	// Offers gives what playbooks may compute with the parameters of one edition.
	Offers func(casework.Params) ([]casework.Calculation, error)

	mu    sync.Mutex
	known map[int][]casework.Calculation
}

// at gives the calculations of an edition; each says in its lines which it was.
func (p *Parameters) at(ctx context.Context, edition int) ([]casework.Calculation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all, ok := p.known[edition]; ok {
		return all, nil
	}
	params, err := p.Editions.At(ctx, edition)
	if err != nil {
		return nil, err
	}
	all, err := p.Offers(params)
	if err != nil {
		return nil, fmt.Errorf("parameters of edition %d: %w", edition, err)
	}
	if p.known == nil {
		p.known = map[int][]casework.Calculation{}
	}
	p.known[edition] = signed(all, fmt.Sprintf("参数版本：第%d版（%s）", edition, params.Hash()))
	return p.known[edition], nil
}

// signed gives calculations that end with a line.
func signed(all []casework.Calculation, line string) []casework.Calculation {
	all = slices.Clone(all)
	for i, c := range all {
		all[i].Do = func(given casework.Given) (casework.Computed, error) {
			out, err := c.Do(given)
			if len(out.Lines) > 0 {
				out.Lines = append(slices.Clone(out.Lines), line)
			}
			return out, err
		}
	}
	return all
}

// rules gives the rules of an edition.
func (p *Parameters) rules(ctx context.Context, edition int) (benefits.Rules, error) {
	params, err := p.Editions.At(ctx, edition)
	if err != nil {
		return benefits.Rules{}, err
	}
	rules, err := benefits.Load(params)
	if err != nil {
		return rules, fmt.Errorf("parameters of edition %d: %w", edition, err)
	}
	return rules, nil
}

// calculations are what a run may compute: with the parameters that stood when it
// began, whatever was released since.
func (c *Crew) calculations(ctx context.Context, runID string) ([]casework.Calculation, error) {
	if c.Params == nil {
		return c.Library.Calculations(), nil
	}
	edition, err := c.Store.RunEdition(ctx, runID)
	if err != nil {
		return nil, err
	}
	return c.Params.at(ctx, edition)
}

package logical

import (
	"pysparkcompat/engine/expr"
)

// aggregateOf is the Aggregate that a plan is, tags and a HAVING aside, or nil.
func aggregateOf(p Plan) *Aggregate {
	for {
		switch n := p.(type) {
		case *Tag:
			p = n.Child
		case *Filter:
			p = n.Child
		case *Aggregate:
			return n
		default:
			return nil
		}
	}
}

// overAggregate resolves expressions that stand over an aggregate (HAVING, ORDER BY) and aggregate themselves or use
// keys that are not shown: the aggregate is given hidden outputs for them. first is the error of resolving them
// against the aggregate's outputs alone, raised where this way fails too.
func (a *Analyzer) overAggregate(s *scope, child Plan, agg *Aggregate, list []expr.Expr, first error) (Plan, []expr.Expr, error) {
	s.levels = append(s.levels, agg.Child.Output())
	resolved, err := s.exprs(list)
	if err != nil {
		if first == nil {
			first = err
		}
		return nil, nil, first
	}
	outputs := map[expr.ID]expr.Expr{}
	for _, e := range agg.Outputs {
		if al, ok := e.(*expr.Alias); ok {
			outputs[al.ID] = al.Child
		}
	}
	h := &hidden{agg: agg, outputs: outputs}
	for i, e := range resolved {
		if resolved[i], err = h.rewrite(e); err != nil {
			return nil, nil, err
		}
	}
	if h.foreign != nil && first != nil {
		return nil, nil, first
	}
	wider := aggregate(agg.Child, agg.Keys, append(agg.Outputs[:len(agg.Outputs):len(agg.Outputs)], h.added...))
	if err := checkAggregate(wider); err != nil {
		return nil, nil, located(err, wider)
	}
	return replaceAggregate(child, wider), resolved, nil
}

// ofRows is what a name in HAVING means to the rows that are grouped: inside of an aggregate function any column, elsewhere one
// that is grouped by.
func (s *scope) ofRows(parts []string) (expr.Expr, bool) {
	if s.having == nil {
		return nil, false
	}
	e, ok, err := s.inLevel(parts, s.having.Child.Output())
	if !ok || err != nil || !s.grouped && !isKey(e, s.having.Keys) {
		return nil, false
	}
	return e, true
}

// aggregated is a call in HAVING that is an aggregate function, its arguments resolved over the rows; nil where it is none.
func (s *scope) aggregated(c *expr.Call) expr.Expr {
	if s.having == nil || s.grouped {
		return nil
	}
	s.grouped = true
	out, err := s.call(c)
	s.grouped = false
	if err != nil || !isAgg(out) {
		return nil
	}
	return out
}

// hidden collects what the aggregate must compute besides its outputs.
type hidden struct {
	agg     *Aggregate
	outputs map[expr.ID]expr.Expr
	added   []expr.Expr
	// foreign is a column that is neither grouped by nor aggregated.
	foreign *expr.Attr
}

// rewrite replaces aggregates and keys by the columns of the aggregate that hold them.
func (h *hidden) rewrite(e expr.Expr) (expr.Expr, error) {
	switch n := e.(type) {
	case *expr.Agg:
		inner, err := expr.Transform(n, func(x expr.Expr) (expr.Expr, error) {
			if at, ok := x.(*expr.Attr); ok && h.outputs[at.ID] != nil {
				return h.outputs[at.ID], nil
			}
			return x, nil
		})
		if err != nil {
			return nil, err
		}
		return h.column(inner), nil
	case *expr.Attr:
		if contains(h.agg.Output(), n) {
			return n, nil
		}
		if !isKey(n, h.agg.Keys) {
			h.foreign = n
			return n, nil
		}
		return h.column(n), nil
	}
	if isKey(e, h.agg.Keys) {
		return h.column(e), nil
	}
	return expr.TryChildren(e, h.rewrite)
}

// column is the aggregate's column for an expression: one that it has, or a hidden one.
func (h *hidden) column(e expr.Expr) expr.Expr {
	for _, list := range [][]expr.Expr{h.agg.Outputs, h.added} {
		for _, o := range list {
			if expr.TreeEqual(unaliased(o), e) {
				return attrFor(o)
			}
		}
	}
	if at, ok := e.(*expr.Attr); ok {
		h.added = append(h.added, at)
		return at
	}
	al := &expr.Alias{Child: e, Names: []string{e.String()}, ID: expr.NewID()}
	h.added = append(h.added, al)
	return attrFor(al)
}

// replaceAggregate puts a wider Aggregate in the place of the one beneath tags and filters.
func replaceAggregate(p Plan, wider *Aggregate) Plan {
	if _, ok := p.(*Aggregate); ok {
		return wider
	}
	return p.With([]Plan{replaceAggregate(p.Children()[0], wider)})
}

package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
)

// Optimize rewrites a resolved plan into one that gives the same rows sooner. Its output attributes stay the same.
// What it leaves behind is simpler for the planner: no Tag, SubqueryAlias or OneRow; Aggregates over attributes only
// (see Aggregate); Python functions only in Projects and MapBatches; scans that name their columns and filters.
// Every rule is linear in the size of the plan. fold is what constants are computed with: its zone and ANSI mode count.
func Optimize(p Plan, fold *expr.Context) Plan {
	p = strip(p)
	p = collapse(p)
	p = foldConstants(p, fold)
	p = pushFilters(p)
	p = groupSessions(p)
	p = splitAggregates(p)
	p = isolateFunctions(p)
	p = collapse(p)
	p = pushLimits(p)
	p = prune(p)
	p = prune(dropJoins(p))
	p = collapse(p)
	p = removeNoOps(p)
	p = fuse(p)
	return pushIntoScans(p)
}

// fuse puts single kernels in the place of several.
func fuse(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		switch n.(type) {
		case *Project, *Filter:
			return mapExprs(n, functions.Fuse)
		}
		return n
	})
}

// mapUp rewrites a plan from its leaves up. Nodes that nothing changes are shared.
func mapUp(p Plan, fn func(Plan) Plan) Plan {
	return fn(MapChildren(p, func(c Plan) Plan { return mapUp(c, fn) }))
}

// MapChildren rewrites a node's children.
func MapChildren(p Plan, fn func(Plan) Plan) Plan {
	p, _ = TryChildren(p, func(c Plan) (Plan, error) { return fn(c), nil })
	return p
}

// TryChildren is a node over what fn gives for each child; the node itself where nothing changes.
func TryChildren(p Plan, fn func(Plan) (Plan, error)) (Plan, error) {
	changed, err := expr.Replaced(p.Children(), fn)
	if err != nil || changed == nil {
		return p, err
	}
	return p.With(changed), nil
}

// mapExprs rewrites a node's own expressions. fn keeps types, and the names and IDs of aliases.
func mapExprs(p Plan, fn func(expr.Expr) expr.Expr) Plan {
	list := func(in []expr.Expr) []expr.Expr {
		out := make([]expr.Expr, len(in))
		for i, e := range in {
			out[i] = fn(e)
		}
		return out
	}
	switch n := p.(type) {
	case *Project:
		o := *n
		o.Exprs = list(n.Exprs)
		return &o
	case *Filter:
		return &Filter{Child: n.Child, Condition: fn(n.Condition)}
	case *Aggregate:
		o := *n
		o.Keys, o.Outputs = list(n.Keys), list(n.Outputs)
		return &o
	case *Join:
		if n.Condition == nil {
			return n
		}
		o := *n
		o.Condition = fn(n.Condition)
		return &o
	case *Sort:
		return &Sort{Child: n.Child, Order: list(n.Order), Global: n.Global}
	case *CollectMetrics:
		o := *n
		o.Metrics = list(n.Metrics)
		return &o
	case *Generate:
		o := *n
		o.Generator = n.Generator.With(list(n.Generator.Args)).(*expr.Generate)
		return &o
	}
	return p
}

// strip removes the nodes that only names needed, and reads one row where there was no FROM.
func strip(p Plan) Plan {
	switch n := p.(type) {
	case *Tag:
		return strip(n.Child)
	case *SubqueryAlias:
		return strip(n.Child)
	case *Refused:
		return strip(n.Child)
	case *OneRow:
		one, _ := resolveRange(&Range{Start: 0, End: 1, Step: 1, Partitions: 1})
		return one
	}
	return MapChildren(p, strip)
}

package logical

import "pysparkcompat/engine/expr"

// Aggregate groups by keys; Outputs are the key and aggregate columns as the user sees them: *expr.Attr or *expr.Alias
// over keys, aggregates and expressions of them. The optimizer leaves only Keys that are attributes and Outputs that
// are key attributes or an alias of one aggregate over attributes and literals.
type Aggregate struct {
	node
	Child   Plan
	Keys    []expr.Expr
	Outputs []expr.Expr
	// FromSQL keys may be positions and aliases of the select list; with All they are every output without an aggregate.
	FromSQL bool
	All     bool
}

func (a *Aggregate) Children() []Plan { return []Plan{a.Child} }
func (a *Aggregate) With(c []Plan) Plan {
	o := *a
	o.Child = c[0]
	return &o
}
func (a *Aggregate) Streaming() bool { return a.Child.Streaming() }
func (a *Aggregate) Line() string {
	return mark(a) + "Aggregate " + exprList(a.Keys) + ", " + exprList(a.Outputs)
}

// aggregate is a resolved Aggregate.
func aggregate(child Plan, keys, outputs []expr.Expr) *Aggregate {
	output := attrsFor(outputs)
	if child.Streaming() {
		output = loosened(output)
	}
	return &Aggregate{node: done(output), Child: child, Keys: keys, Outputs: outputs}
}

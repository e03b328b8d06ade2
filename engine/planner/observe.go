package planner

import (
	"fmt"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// Observed is an observe with what collects its metrics.
type Observed struct {
	Node      *logical.CollectMetrics
	Collected *exec.Observation
}

// observe aggregates what passes: each aggregate once, and the metrics as expressions over the results.
func (b *build) observe(n *logical.CollectMetrics) (exec.Feed, error) {
	from, err := b.feed(n.Child)
	if err != nil {
		return nil, err
	}
	g := &grouping{}
	metrics := make([]expr.Expr, len(n.Metrics))
	for i, e := range n.Metrics {
		if metrics[i], err = g.taken(bare(e)); err != nil {
			return nil, err
		}
	}
	attrs := n.Child.Output()
	o := &exec.Observation{Buffers: schemaOf(g.buffers()), Results: schemaOf(g.results), Schema: schemaOf(outputs(n.Metrics)), Text: n.Name + ", " + text(n.Metrics),
		Calls:   func() ([]exec.Call, error) { return g.compiled(attrs, true) },
		Outputs: func() ([]expr.Evaluator, error) { return expr.CompileAll(metrics, g.results) }}
	if _, err := o.Calls(); err != nil {
		return nil, err
	}
	b.observed = append(b.observed, Observed{n, o})
	return &exec.Node{Inputs: []exec.Feed{from}, Name: n.Line(), Make: o.Operator}, nil
}

// taken replaces the aggregates of an expression by columns of their results.
func (g *grouping) taken(e expr.Expr) (expr.Expr, error) {
	return expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		call, ok := n.(*expr.Agg)
		if !ok {
			return n, nil
		}
		for i, have := range g.calls {
			if expr.TreeEqual(have, call) {
				return g.results[i], nil
			}
		}
		at := &expr.Attr{ID: expr.NewID(), Name: fmt.Sprintf("r%d", len(g.calls)), DataType: call.Type(), Null: call.Nullable()}
		g.calls, g.results = append(g.calls, call), append(g.results, at)
		return at, nil
	})
}

package logical

import (
	"pysparkcompat/engine/expr"
)

// CollectMetrics is observe: aggregates over the rows that pass, which go on as they are. Once resolved, Metrics are
// named expressions of aggregates over the child's columns.
type CollectMetrics struct {
	Child   Plan
	Name    string
	Metrics []expr.Expr
	// Told is what an Observation waits for; nil where only a query's progress shows the metrics. Copies of the node
	// share it.
	Told *Observed

	checked bool
}

func (m *CollectMetrics) Children() []Plan { return []Plan{m.Child} }
func (m *CollectMetrics) With(c []Plan) Plan {
	o := *m
	o.Child = c[0]
	return &o
}
func (m *CollectMetrics) Output() []*expr.Attr { return m.Child.Output() }
func (m *CollectMetrics) Resolved() bool       { return m.checked }
func (m *CollectMetrics) Streaming() bool      { return m.Child.Streaming() }
func (m *CollectMetrics) Line() string {
	parts := ""
	for i, e := range m.Metrics {
		if i > 0 {
			parts += ", "
		}
		parts += text(e)
	}
	return mark(m) + "CollectMetrics " + m.Name + ", [" + parts + "]"
}

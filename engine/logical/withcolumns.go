package logical

import "pysparkcompat/engine/expr"

// WithColumns adds or replaces columns by name; resolved into Project.
type WithColumns struct {
	node
	Child   Plan
	Columns []*expr.Alias
}

func (w *WithColumns) Children() []Plan { return []Plan{w.Child} }
func (w *WithColumns) With(c []Plan) Plan {
	o := *w
	o.Child = c[0]
	return &o
}
func (w *WithColumns) Streaming() bool { return w.Child.Streaming() }
func (w *WithColumns) Line() string {
	list := make([]expr.Expr, len(w.Columns))
	for i, c := range w.Columns {
		list[i] = c
	}
	return "'WithColumns " + exprList(list)
}

package logical

import "pysparkcompat/engine/expr"

// Filter keeps rows for which the condition is true.
type Filter struct {
	Child     Plan
	Condition expr.Expr
}

func (f *Filter) Children() []Plan     { return []Plan{f.Child} }
func (f *Filter) With(c []Plan) Plan   { return &Filter{Child: c[0], Condition: f.Condition} }
func (f *Filter) Output() []*expr.Attr { return f.Child.Output() }
func (f *Filter) Resolved() bool       { return f.Condition.Type() != nil && f.Child.Resolved() }
func (f *Filter) Streaming() bool      { return f.Child.Streaming() }
func (f *Filter) Line() string         { return mark(f) + "Filter " + text(f.Condition) }

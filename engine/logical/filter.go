package logical

import "pysparkcompat/engine/expr"

// Filter keeps rows for which the condition is true.
type Filter struct {
	Child     Plan
	Condition expr.Expr
	// Having says that it was written as HAVING: names are those of the rows that are grouped, before those of the select list.
	Having bool
}

func (f *Filter) Children() []Plan { return []Plan{f.Child} }
func (f *Filter) With(c []Plan) Plan {
	return &Filter{Child: c[0], Condition: f.Condition, Having: f.Having}
}
func (f *Filter) Output() []*expr.Attr { return f.Child.Output() }
func (f *Filter) Resolved() bool       { return f.Condition.Type() != nil && f.Child.Resolved() }
func (f *Filter) Streaming() bool      { return f.Child.Streaming() }
func (f *Filter) Line() string         { return mark(f) + "Filter " + text(f.Condition) }

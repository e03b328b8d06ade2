package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Sort orders rows; Global over the whole frame, else within partitions.
type Sort struct {
	Child  Plan
	Order  []expr.Expr // *expr.Sort once resolved
	Global bool
}

func (s *Sort) Children() []Plan     { return []Plan{s.Child} }
func (s *Sort) With(c []Plan) Plan   { return &Sort{Child: c[0], Order: s.Order, Global: s.Global} }
func (s *Sort) Output() []*expr.Attr { return s.Child.Output() }
func (s *Sort) Resolved() bool       { return allTyped(s.Order) && s.Child.Resolved() }
func (s *Sort) Streaming() bool      { return s.Child.Streaming() }
func (s *Sort) Line() string {
	return mark(s) + "Sort " + exprList(s.Order) + ", " + strconv.FormatBool(s.Global)
}

func allTyped(exprs []expr.Expr) bool {
	for _, e := range exprs {
		if e.Type() == nil {
			return false
		}
	}
	return true
}

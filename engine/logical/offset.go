package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Offset skips rows; Count as in Limit.
type Offset struct {
	Child Plan
	N     int64
	Count expr.Expr
}

func (o *Offset) Children() []Plan     { return []Plan{o.Child} }
func (o *Offset) With(c []Plan) Plan   { return &Offset{c[0], o.N, o.Count} }
func (o *Offset) Output() []*expr.Attr { return o.Child.Output() }
func (o *Offset) Resolved() bool       { return o.N >= 0 && o.Child.Resolved() }
func (o *Offset) Streaming() bool      { return o.Child.Streaming() }
func (o *Offset) Line() string {
	if o.Count != nil {
		return "'Offset " + text(o.Count)
	}
	return "Offset " + strconv.FormatInt(o.N, 10)
}

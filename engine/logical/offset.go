package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Offset skips rows.
type Offset struct {
	Child Plan
	N     int64
}

func (o *Offset) Children() []Plan     { return []Plan{o.Child} }
func (o *Offset) With(c []Plan) Plan   { return &Offset{Child: c[0], N: o.N} }
func (o *Offset) Output() []*expr.Attr { return o.Child.Output() }
func (o *Offset) Resolved() bool       { return o.N >= 0 && o.Child.Resolved() }
func (o *Offset) Streaming() bool      { return o.Child.Streaming() }
func (o *Offset) Line() string         { return "Offset " + strconv.FormatInt(o.N, 10) }

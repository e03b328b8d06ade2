package logical

import (
	"strings"

	"pysparkcompat/engine/expr"
)

// Drop removes columns by name or expression; resolved into Project.
type Drop struct {
	node
	Child Plan
	Names []string
	Exprs []expr.Expr
}

func (d *Drop) Children() []Plan { return []Plan{d.Child} }
func (d *Drop) With(c []Plan) Plan {
	o := *d
	o.Child = c[0]
	return &o
}
func (d *Drop) Streaming() bool { return d.Child.Streaming() }
func (d *Drop) Line() string    { return "'DataFrameDropColumns [" + strings.Join(d.Names, ", ") + "]" }

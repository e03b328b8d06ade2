package logical

import (
	"strings"

	"pysparkcompat/engine/expr"
)

// Nulls is fillna, dropna or replace over named columns (none named: all columns): resolved into Project or Filter.
type Nulls struct {
	node
	Child   Plan
	Columns []string
	// Fill has one value for all columns whose type it fits, or one a column.
	Fill []*expr.Literal
	// Replace has pairs of an old and a new value.
	Replace [][2]*expr.Literal
	// Drop keeps rows that have at least Least values, all columns where it is below 0.
	Drop  bool
	Least int
}

func (n *Nulls) Children() []Plan { return []Plan{n.Child} }
func (n *Nulls) With(c []Plan) Plan {
	o := *n
	o.Child = c[0]
	return &o
}
func (n *Nulls) Streaming() bool { return n.Child.Streaming() }
func (n *Nulls) Line() string    { return "'DataFrameNa [" + strings.Join(n.Columns, ", ") + "]" }

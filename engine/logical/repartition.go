package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Repartition changes how rows are spread; Keys empty means round robin. Shuffle false is coalesce.
type Repartition struct {
	Child   Plan
	N       int
	Keys    []expr.Expr
	Shuffle bool
}

func (r *Repartition) Children() []Plan { return []Plan{r.Child} }
func (r *Repartition) With(c []Plan) Plan {
	o := *r
	o.Child = c[0]
	return &o
}
func (r *Repartition) Output() []*expr.Attr { return r.Child.Output() }
func (r *Repartition) Resolved() bool       { return allTyped(r.Keys) && r.Child.Resolved() }
func (r *Repartition) Streaming() bool      { return r.Child.Streaming() }
func (r *Repartition) Line() string {
	if len(r.Keys) > 0 {
		return mark(r) + "RepartitionByExpression " + exprList(r.Keys) + ", " + strconv.Itoa(r.N)
	}
	return "Repartition " + strconv.Itoa(r.N) + ", " + strconv.FormatBool(r.Shuffle)
}

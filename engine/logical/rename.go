package logical

import "strings"

// Rename is withColumnRenamed and toDF: resolved into Project. To alone (From nil) names every column.
type Rename struct {
	node
	Child    Plan
	From, To []string
}

func (r *Rename) Children() []Plan { return []Plan{r.Child} }
func (r *Rename) With(c []Plan) Plan {
	o := *r
	o.Child = c[0]
	return &o
}
func (r *Rename) Streaming() bool { return r.Child.Streaming() }
func (r *Rename) Line() string    { return "'Rename [" + strings.Join(r.To, ", ") + "]" }

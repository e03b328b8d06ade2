package logical

// Refused marks, in an analysed plan, an operation on streams that PySpark names when it refuses it and that analysis has
// rewritten into others. It passes its child's rows; start() raises Message.
type Refused struct {
	node
	Child   Plan
	Message string
}

func (r *Refused) Children() []Plan { return []Plan{r.Child} }
func (r *Refused) With(c []Plan) Plan {
	o := *r
	o.Child = c[0]
	o.output = c[0].Output()
	return &o
}
func (r *Refused) Streaming() bool { return r.Child.Streaming() }
func (r *Refused) Line() string    { return r.Child.Line() }

// refused puts the mark over a plan.
func refused(p Plan, message string) Plan {
	return &Refused{node: done(p.Output()), Child: p, Message: message}
}

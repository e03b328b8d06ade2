package logical

// SetOperation keeps the left side's rows that the right side has too, or has not; with All by how often they occur.
// It is resolved into joins and aggregates.
type SetOperation struct {
	node
	Left, Right Plan
	Except      bool
	All         bool
}

func (o *SetOperation) Children() []Plan { return []Plan{o.Left, o.Right} }
func (o *SetOperation) With(c []Plan) Plan {
	n := *o
	n.Left, n.Right = c[0], c[1]
	return &n
}
func (o *SetOperation) Streaming() bool { return streaming(o.Left, o.Right) }
func (o *SetOperation) Line() string    { return mark(o) + o.name() }

// name is the operation as messages have it.
func (o *SetOperation) name() string {
	name := "INTERSECT"
	if o.Except {
		name = "EXCEPT"
	}
	if o.All {
		name += " ALL"
	}
	return name
}

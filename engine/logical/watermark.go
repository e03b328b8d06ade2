package logical

import (
	"pysparkcompat/engine/expr"
)

// Watermark is withWatermark; Delay is microseconds once resolved, and Column an attribute of the child.
type Watermark struct {
	node
	Child     Plan
	Column    expr.Expr
	DelayText string
	Delay     int64
}

func (w *Watermark) Children() []Plan { return []Plan{w.Child} }
func (w *Watermark) With(c []Plan) Plan {
	o := *w
	o.Child = c[0]
	if o.resolved {
		o.output = marked(c[0].Output(), w.Column.(*expr.Attr).ID, w.Delay)
	}
	return &o
}
func (w *Watermark) Streaming() bool { return w.Child.Streaming() }
func (w *Watermark) Line() string {
	return mark(w) + "EventTimeWatermark " + text(w.Column) + ", " + w.DelayText
}

// marked gives the attributes with the event-time mark on one of them and on no other.
func marked(attrs []*expr.Attr, id expr.ID, delay int64) []*expr.Attr {
	out := make([]*expr.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = a
		if a.ID == id || a.EventTime {
			m := *a
			m.EventTime, m.Delay = a.ID == id, 0
			if m.EventTime {
				m.Delay = delay
			}
			out[i] = &m
		}
	}
	return out
}

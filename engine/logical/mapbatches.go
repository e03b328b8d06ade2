package logical

import (
	"pysparkcompat/engine/expr"
)

// MapBatches is mapInArrow and mapInPandas. Once resolved, Fn.Args are the child's attributes.
type MapBatches struct {
	node
	Child   Plan
	Fn      *expr.UDF
	Barrier bool
}

func (m *MapBatches) Children() []Plan { return []Plan{m.Child} }
func (m *MapBatches) With(c []Plan) Plan {
	o := *m
	o.Child = c[0]
	return &o
}
func (m *MapBatches) Streaming() bool { return m.Child.Streaming() }
func (m *MapBatches) Line() string {
	return mark(m) + "MapInArrow " + text(m.Fn) + ", " + attrList(m.output)
}

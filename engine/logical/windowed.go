package logical

import "pysparkcompat/engine/expr"

// Windowed adds a window column (struct<start, end>) for each window a row falls into; rows without a time are
// dropped. Its output is the window and then the child's columns that are Required. Added by the analyzer.
type Windowed struct {
	node
	Child    Plan
	Window   *expr.TimeWindow
	Attr     *expr.Attr
	Required []*expr.Attr
}

func (w *Windowed) Children() []Plan { return []Plan{w.Child} }
func (w *Windowed) With(c []Plan) Plan {
	o := *w
	o.Child = c[0]
	return &o
}
func (w *Windowed) Streaming() bool { return w.Child.Streaming() }
func (w *Windowed) Line() string {
	return mark(w) + "Window " + text(w.Window) + " AS " + text(w.Attr)
}

// windowed is a resolved Windowed.
func windowed(child Plan, w *expr.TimeWindow, attr *expr.Attr, required []*expr.Attr) *Windowed {
	output := append([]*expr.Attr{attr}, required...)
	return &Windowed{node: done(output), Child: child, Window: w, Attr: attr, Required: required}
}

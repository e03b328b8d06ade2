package planner

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

func windowsOf(w *logical.Windowed) exec.Windows {
	return exec.Windows{Duration: w.Window.Duration, Slide: w.Window.Slide, Start: w.Window.Start}
}

func (b *build) windowed(w *logical.Windowed) (exec.Feed, error) {
	from, err := b.feed(w.Child)
	if err != nil {
		return nil, err
	}
	attrs, list := w.Child.Output(), w.Window.Children()
	if from, attrs, list, err = b.python(from, attrs, list); err != nil {
		return nil, err
	}
	if w.Window.End != nil {
		return b.sessioned(from, attrs, list, w)
	}
	return b.assign(from, attrs, list[0], windowsOf(w), w.Attr, w.Output(), false)
}

// assign adds a window column behind the others and then gives the columns that are wanted.
func (b *build) assign(from exec.Feed, attrs []*expr.Attr, at expr.Expr, w exec.Windows, attr *expr.Attr, wanted []*expr.Attr, grouped bool) (exec.Feed, error) {
	all := append(append([]*expr.Attr(nil), attrs...), attr)
	schema := schemaOf(all)
	if _, err := expr.Compile(at, attrs); err != nil {
		return nil, err
	}
	node := &exec.Node{Inputs: []exec.Feed{from}, Name: "Window", Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.Compile(at, attrs)
		if err != nil {
			return nil, err
		}
		return exec.NewWindowed(i, compiled, w, schema, grouped), nil
	}}
	numbers, err := positions(wanted, all)
	if err != nil {
		return nil, err
	}
	return pick(node, numbers, wanted, ""), nil
}

// panes finds the sliding windows that an aggregation groups by, where rows can be aggregated before they are spread
// over windows: its calls and keys use the window as a key only.
func (b *build) panes(g *grouping) (*logical.Windowed, bool) {
	child := g.node.Child
	if p, ok := child.(*logical.Project); ok {
		for _, e := range p.Exprs {
			if _, ok := e.(*expr.Attr); !ok {
				return nil, false
			}
		}
		child = p.Child
	}
	w, ok := child.(*logical.Windowed)
	if !ok || w.Window.End != nil || windowsOf(w).Overlap() < 2 || g.distinct() {
		return nil, false
	}
	if _, err := position(w.Attr.ID, g.keys); err != nil {
		return nil, false
	}
	for _, c := range g.calls {
		if c.Fn.Ordered {
			return nil, false
		}
		list := c.Args
		if c.Filter != nil {
			list = append(append([]expr.Expr(nil), list...), c.Filter)
		}
		for _, a := range expr.Attrs(list...) {
			if a.ID == w.Attr.ID {
				return nil, false
			}
		}
	}
	return w, true
}

// byPane aggregates by panes, spreads those over the windows, and aggregates what meets there.
func (b *build) byPane(g *grouping, w *logical.Windowed) (exec.Feed, error) {
	from, err := b.feed(w.Child)
	if err != nil {
		return nil, err
	}
	attrs, list := w.Child.Output(), []expr.Expr{w.Window.Time}
	if from, attrs, list, err = b.python(from, attrs, list); err != nil {
		return nil, err
	}
	windows := windowsOf(w)
	pane := &expr.Attr{ID: expr.NewID(), Name: "pane", DataType: types.Timestamp}
	all := append(append([]*expr.Attr(nil), attrs...), pane)
	if from, err = b.assign(from, attrs, list[0], windows.Pane(), pane, all, true); err != nil {
		return nil, err
	}
	paned := *g
	paned.keys = make([]*expr.Attr, len(g.keys))
	for i, k := range g.keys {
		paned.keys[i] = k
		if k.ID == w.Attr.ID {
			paned.keys[i] = pane
		}
	}
	buffers := paned.buffers()
	partial := b.phase(&paned, exec.Partial, from, all, buffers)
	wide := make([]*expr.Attr, len(buffers))
	for i, a := range buffers {
		wide[i] = a
		if a.ID == pane.ID {
			wide[i] = w.Attr
		}
	}
	return b.assign(partial, buffers, pane, windows, w.Attr, wide, true)
}

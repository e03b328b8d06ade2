package logical

import (
	"pysparkcompat/engine/expr"
)

func isUDF(e expr.Expr) bool { _, ok := e.(*expr.UDF); return ok }

func hasUDF(e expr.Expr) bool { return expr.Find(e, isUDF) != nil }

// isolateFunctions moves Python functions out of filters, sort keys, generators, windows and join conditions into
// projections beneath, so that the planner finds them in Projects only.
func isolateFunctions(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		switch n := n.(type) {
		case *Filter:
			if hasUDF(n.Condition) {
				return isolateFilter(n)
			}
		case *Join:
			if n.Condition != nil && hasUDF(n.Condition) {
				return isolateJoin(n)
			}
		case *Sort, *Generate, *CollectMetrics:
			return isolate(n)
		case *Repartition:
			if len(n.Keys) > 0 {
				return isolateKeys(n)
			}
		case *Windowed:
			if hasUDF(n.Window) {
				m := &mover{}
				w := m.move(n.Window).(*expr.TimeWindow)
				return windowed(m.over(n.Child), w, n.Attr, n.Required)
			}
		}
		return n
	})
}

// mover collects function calls that are to be computed beneath.
type mover struct{ moved []expr.Expr }

// move replaces the outermost function calls by columns.
func (m *mover) move(e expr.Expr) expr.Expr {
	if isUDF(e) {
		for _, have := range m.moved {
			if expr.TreeEqual(unaliased(have), e) {
				return attrFor(have)
			}
		}
		al := &expr.Alias{Child: e, Names: []string{e.String()}, ID: expr.NewID()}
		m.moved = append(m.moved, al)
		return attrFor(al)
	}
	return expr.MapChildren(e, m.move)
}

// over is the child with the moved columns.
func (m *mover) over(child Plan) Plan {
	if len(m.moved) == 0 {
		return child
	}
	return project(child, append(exprsOf(child.Output()), m.moved...))
}

func isolateFilter(n *Filter) Plan {
	// What needs no function goes first: the functions then see fewer rows.
	var early, late []expr.Expr
	for _, c := range conjuncts(n.Condition) {
		if hasUDF(c) || len(late) > 0 && expr.CanFail(c) {
			late = append(late, c)
		} else {
			early = append(early, c)
		}
	}
	m := &mover{}
	condition := m.move(and(late...))
	child := m.over(filtered(n.Child, early))
	return trimmed(&Filter{Child: child, Condition: condition}, n.Output())
}

func isolate(p Plan) Plan {
	m := &mover{}
	n := mapExprs(p, func(e expr.Expr) expr.Expr { return m.move(e) })
	if len(m.moved) == 0 {
		return p
	}
	return trimmed(n.With([]Plan{m.over(n.Children()[0])}), p.Output())
}

func isolateKeys(n *Repartition) Plan {
	m := &mover{}
	o := *n
	o.Keys = make([]expr.Expr, len(n.Keys))
	for i, k := range n.Keys {
		o.Keys[i] = m.move(k)
	}
	if len(m.moved) == 0 {
		return n
	}
	o.Child = m.over(n.Child)
	return trimmed(&o, n.Output())
}

// isolateJoin computes functions of one side beneath that side; a condition with a function of both sides filters the
// joined rows, which only an inner join allows. What cannot be moved stays, and the planner refuses it.
func isolateJoin(n *Join) Plan {
	l, r := &mover{}, &mover{}
	var on, above []expr.Expr
	for _, c := range conjuncts(n.Condition) {
		moved := moveSides(c, n, l, r)
		if hasUDF(moved) && (n.Type == Inner || n.Type == Cross) {
			above = append(above, moved)
		} else {
			on = append(on, moved)
		}
	}
	out := join(n.Type, l.over(n.Left), r.over(n.Right), and(on...))
	if len(above) > 0 {
		return trimmed(isolateFilter(&Filter{Child: out, Condition: and(above...)}), n.Output())
	}
	return trimmed(out, n.Output())
}

func moveSides(e expr.Expr, n *Join, l, r *mover) expr.Expr {
	if isUDF(e) {
		switch {
		case within(e, n.Left.Output()):
			return l.move(e)
		case within(e, n.Right.Output()):
			return r.move(e)
		}
		return e
	}
	return expr.MapChildren(e, func(c expr.Expr) expr.Expr { return moveSides(c, n, l, r) })
}

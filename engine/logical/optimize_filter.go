package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
)

// conjuncts takes a condition apart at its ands.
func conjuncts(e expr.Expr) []expr.Expr {
	if a, ok := e.(*expr.Apply); ok && a.Fn.Name == "and" {
		var out []expr.Expr
		for _, arg := range a.Args {
			out = append(out, conjuncts(arg)...)
		}
		return out
	}
	return []expr.Expr{e}
}

// and joins conditions; nil for none.
func and(list ...expr.Expr) expr.Expr {
	var out expr.Expr
	for _, e := range list {
		if e == nil {
			continue
		}
		if out == nil {
			out = e
			continue
		}
		joined, err := functions.Bind(&functions.Env{ANSI: true, ParseType: types.ParseType},
			&expr.Call{Name: []string{"and"}, Args: []expr.Expr{out, e}})
		if err != nil {
			return nil
		}
		out = joined
	}
	return out
}

// filtered puts conditions over a plan.
func filtered(p Plan, list []expr.Expr) Plan {
	if len(list) == 0 {
		return p
	}
	return &Filter{Child: p, Condition: and(list...)}
}

// pushFilters moves each condition to the lowest node that has its columns.
func pushFilters(p Plan) Plan { return push(nil, p) }

// push gives the plan with the conditions applied, as far down as they go.
func push(list []expr.Expr, p Plan) Plan {
	switch n := p.(type) {
	case *Filter:
		own := conjuncts(n.Condition)
		if !deterministic(own) {
			return filtered(&Filter{Child: push(nil, n.Child), Condition: n.Condition}, list)
		}
		return push(append(own, list...), n.Child)
	case *Project:
		return pushProject(list, n)
	case *Join:
		return pushJoin(list, n)
	case *Union:
		return pushUnion(list, n)
	case *Aggregate:
		return pushAggregate(list, n)
	case *Sort, *Repartition:
		return p.With([]Plan{push(list, p.Children()[0])})
	}
	return pushRest(list, p)
}

func pushRest(list []expr.Expr, p Plan) Plan {
	switch n := p.(type) {
	case *Watermark:
		// What looks at the event time stays above: the watermark must see the rows.
		down, up := split(list, func(e expr.Expr) bool { return !refers(e, n.Column.(*expr.Attr)) })
		return filtered(n.With([]Plan{push(down, n.Child)}), up)
	case *Distinct:
		down, up := split(list, func(e expr.Expr) bool { return !n.Streaming() && within(e, n.Keys) })
		return filtered(n.With([]Plan{push(down, n.Child)}), up)
	case *Generate:
		down, up := split(list, func(e expr.Expr) bool { return !refers(e, n.Attrs...) })
		return filtered(n.With([]Plan{push(down, n.Child)}), up)
	case *Windowed:
		down, up := split(list, func(e expr.Expr) bool { return !refers(e, n.Attr) })
		return filtered(n.With([]Plan{push(down, n.Child)}), up)
	}
	return filtered(MapChildren(p, func(c Plan) Plan { return push(nil, c) }), list)
}

func deterministic(list []expr.Expr) bool {
	for _, e := range list {
		if !expr.Deterministic(e) {
			return false
		}
	}
	return true
}

// split divides conditions in those that go down and those that stay. One that can raise does not overtake one that
// stays before it, which may guard it.
func split(list []expr.Expr, goes func(expr.Expr) bool) (down, up []expr.Expr) {
	for _, e := range list {
		if goes(e) && (len(up) == 0 || !expr.CanFail(e)) {
			down = append(down, e)
		} else {
			up = append(up, e)
		}
	}
	return down, up
}

// refers says that an expression uses one of the attributes.
func refers(e expr.Expr, attrs ...*expr.Attr) bool {
	return expr.Find(e, func(n expr.Expr) bool {
		a, ok := n.(*expr.Attr)
		return ok && contains(attrs, a)
	}) != nil
}

// within says that an expression uses only these attributes.
func within(e expr.Expr, attrs []*expr.Attr) bool {
	return expr.Find(e, func(n expr.Expr) bool {
		a, ok := n.(*expr.Attr)
		return ok && !contains(attrs, a)
	}) == nil
}

// pushProject rewrites conditions over a projection's input where what they use is cheap to compute there too.
func pushProject(list []expr.Expr, n *Project) Plan {
	if len(list) == 0 || !deterministic(n.Exprs) {
		return filtered(n.With([]Plan{push(nil, n.Child)}), list)
	}
	producers := map[expr.ID]expr.Expr{}
	costly := map[expr.ID]bool{}
	for _, e := range n.Exprs {
		if al, ok := e.(*expr.Alias); ok {
			producers[al.ID] = al.Child
			costly[al.ID] = !cheap(al.Child)
		}
	}
	down, up := split(list, func(e expr.Expr) bool {
		return expr.Find(e, func(x expr.Expr) bool {
			a, ok := x.(*expr.Attr)
			return ok && costly[a.ID]
		}) == nil
	})
	for i, e := range down {
		down[i] = substituteInside(e, producers)
	}
	child := push(down, n.Child)
	if out := filterBetween(up, n, producers, costly, child); out != nil {
		return out
	}
	return filtered(n.With([]Plan{child}), up)
}

// filterBetween computes of a projection what the conditions use, filters, and then computes the rest: for the rows that
// are left only. nil where that saves nothing.
func filterBetween(list []expr.Expr, n *Project, producers map[expr.ID]expr.Expr, costly map[expr.ID]bool, child Plan) Plan {
	used := make(ids)
	used.addExprs(list...)
	beneath, above := exprsOf(child.Output()), make([]expr.Expr, len(n.Exprs))
	rest := false
	for i, e := range n.Exprs {
		above[i] = e
		al, ok := e.(*expr.Alias)
		if !ok || !costly[al.ID] {
			continue
		}
		if used[al.ID] {
			beneath, above[i] = append(beneath, al), n.output[i]
			delete(producers, al.ID)
		}
		rest = rest || !used[al.ID]
	}
	if !rest || len(list) == 0 {
		return nil
	}
	conditions := make([]expr.Expr, len(list))
	for i, e := range list {
		conditions[i] = substituteInside(e, producers)
	}
	return &Project{node: n.node, Child: filtered(project(child, beneath), conditions), Exprs: above, Using: n.Using}
}

// pushUnion gives each input the conditions over its own columns.
func pushUnion(list []expr.Expr, n *Union) Plan {
	inputs := make([]Plan, len(n.Inputs))
	for i, in := range n.Inputs {
		columns := make(map[expr.ID]expr.Expr, len(in.Output()))
		for c, at := range n.Output() {
			columns[at.ID] = in.Output()[c]
		}
		own := make([]expr.Expr, len(list))
		for j, e := range list {
			own[j] = substituteInside(e, columns)
		}
		inputs[i] = push(own, in)
	}
	return n.With(inputs)
}

// pushAggregate moves conditions on keys beneath the grouping.
func pushAggregate(list []expr.Expr, n *Aggregate) Plan {
	keys := map[expr.ID]expr.Expr{}
	for _, o := range n.Outputs {
		if e := unaliased(o); isKey(e, n.Keys) && cheap(e) {
			keys[attrFor(o).ID] = e
		}
	}
	down, up := split(list, func(e expr.Expr) bool {
		if _, constant := e.(*expr.Literal); constant && n.Streaming() {
			return false // state takes the rows all the same
		}
		return len(keys) > 0 && expr.Find(e, func(x expr.Expr) bool {
			a, ok := x.(*expr.Attr)
			return ok && keys[a.ID] == nil
		}) == nil
	})
	for i, e := range down {
		down[i] = substituteInside(e, keys)
	}
	return filtered(n.With([]Plan{push(down, n.Child)}), up)
}

// pushJoin moves conditions to the sides they speak of, as far as the kind of join allows.
func pushJoin(list []expr.Expr, n *Join) Plan {
	left, right := n.Left.Output(), n.Right.Output()
	onLeft := func(e expr.Expr) bool { return within(e, left) }
	onRight := func(e expr.Expr) bool { return within(e, right) }
	never := func(expr.Expr) bool { return false }
	pick := func(allowed bool, f func(expr.Expr) bool) func(expr.Expr) bool {
		if allowed {
			return f
		}
		return never
	}
	kind := n.Type
	inner := kind == Inner || kind == Cross
	toLeft, rest := split(list, pick(kind != RightOuter && kind != FullOuter, onLeft))
	toRight, rest := split(rest, pick(inner || kind == RightOuter, onRight))
	var condition []expr.Expr
	if n.Condition != nil {
		condition = conjuncts(n.Condition)
	}
	if inner && deterministic(rest) && len(rest) > 0 {
		condition, rest, kind = append(condition, rest...), nil, Inner
	}
	fixed := !deterministic(condition)
	fromLeft, condition := split(condition, pick(!fixed && (inner || kind == RightOuter || kind == LeftSemi), onLeft))
	fromRight, condition := split(condition, pick(!fixed && (inner || kind == LeftOuter || kind == LeftSemi || kind == LeftAnti), onRight))
	if kind == LeftAnti && len(condition) == 0 && len(fromRight) > 0 {
		condition, fromRight = fromRight, nil
	}
	toLeft, toRight = append(toLeft, fromLeft...), append(toRight, fromRight...)
	moreLeft, moreRight := inferred(n, toLeft, toRight, condition)
	out := join(kind, push(append(toLeft, moreLeft...), n.Left), push(append(toRight, moreRight...), n.Right), and(condition...))
	return filtered(out, rest)
}

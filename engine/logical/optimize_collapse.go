package logical

import (
	"pysparkcompat/engine/expr"
)

// collapse merges a projection into the one beneath it, unless that would compute something costly twice or draw
// a volatile value another number of times.
func collapse(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		switch top := n.(type) {
		case *Project:
			if lower, ok := top.Child.(*Project); ok {
				if exprs := merged(top.Exprs, lower.Exprs); exprs != nil {
					return &Project{node: top.node, Child: lower.Child, Exprs: exprs}
				}
			}
		case *Filter:
			if lower, ok := top.Child.(*Filter); ok {
				return &Filter{Child: lower.Child, Condition: and(lower.Condition, top.Condition)}
			}
		}
		return n
	})
}

// merged gives the top expressions over the lower ones' input, or nil where they must stay apart.
func merged(top, lower []expr.Expr) []expr.Expr {
	costly := map[expr.ID]int{}
	producers := make(map[expr.ID]*expr.Alias, len(lower))
	for _, e := range lower {
		at, is := e.(*expr.Alias)
		if !is {
			continue
		}
		producers[at.ID] = at
		if !cheap(at.Child) {
			costly[at.ID] = 0
		}
	}
	if len(costly) > 0 {
		for _, e := range top {
			countUses(e, costly)
		}
		for _, uses := range costly {
			if uses > 1 {
				return nil
			}
		}
	}
	out := make([]expr.Expr, len(top))
	for i, e := range top {
		out[i] = substitute(e, producers)
	}
	return out
}

// countUses counts how often the columns of uses are read. A lambda's body runs once an element: that is more than once.
func countUses(e expr.Expr, uses map[expr.ID]int) {
	add := func(a *expr.Attr, n int) {
		if have, ok := uses[a.ID]; ok {
			uses[a.ID] = have + n
		}
	}
	if a, ok := e.(*expr.Attr); ok {
		add(a, 1)
		return
	}
	expr.Walk(e, func(n expr.Expr) bool {
		switch n := n.(type) {
		case *expr.Attr:
			add(n, 1)
		case *expr.Lambda:
			for _, a := range expr.Attrs(n) {
				add(a, 2)
			}
			return false
		}
		return true
	})
}

// cheap says that computing an expression twice costs nothing to speak of: a column, a constant, a field of one.
func cheap(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Attr, *expr.Literal:
		return true
	case *expr.Alias:
		return cheap(e.Child)
	case *expr.Apply:
		return e.Fn.Name == "field" && cheap(e.Args[0])
	}
	return false
}

// substitute replaces columns by what computes them. An alias keeps its name and ID, and a bare column gets an alias
// of its own.
func substitute(e expr.Expr, producers map[expr.ID]*expr.Alias) expr.Expr {
	if a, ok := e.(*expr.Attr); ok {
		switch p := producers[a.ID]; {
		case p == nil:
			return e
		case p.Names[0] == a.Name:
			return p
		default:
			own := a.Metadata
			if c, ok := p.Child.(*expr.Attr); ok && own == c.Metadata {
				own = "" // metadata of its own would clear the event-time mark
			}
			return &expr.Alias{Child: p.Child, Names: []string{a.Name}, ID: a.ID, Metadata: own}
		}
	}
	out, _ := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		if a, ok := n.(*expr.Attr); ok {
			if p := producers[a.ID]; p != nil {
				return p.Child, nil
			}
		}
		return n, nil
	})
	return out
}

// substituteInside replaces columns by expressions.

func substituteInside(e expr.Expr, producers map[expr.ID]expr.Expr) expr.Expr {
	out, _ := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		if a, ok := n.(*expr.Attr); ok {
			if p := producers[a.ID]; p != nil {
				return p, nil
			}
		}
		return n, nil
	})
	return out
}

// removeNoOps takes out projections that give their input as it is.
func removeNoOps(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		top, ok := n.(*Project)
		if !ok || len(top.Exprs) != len(top.Child.Output()) {
			return n
		}
		for i, at := range top.Child.Output() {
			if e, ok := top.Exprs[i].(*expr.Attr); !ok || e.ID != at.ID {
				return n
			}
		}
		return top.Child
	})
}

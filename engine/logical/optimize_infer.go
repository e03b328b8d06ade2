package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
)

// inferred are conditions that a join of a stream adds to its sides, where rows that fail them can neither match nor come
// out unmatched. They spare work; and because they go down beneath watermarks they decide which rows move those, so that
// they have to be the ones that PySpark adds: what is compared is not null, and what holds for one side of an equality
// holds for the other.
func inferred(n *Join, left, right, condition []expr.Expr) (toLeft, toRight []expr.Expr) {
	if !n.Streaming() || n.Condition == nil && len(condition) == 0 {
		return nil, nil
	}
	known := append(append(append(facts(n.Left), facts(n.Right)...), left...), right...)
	if n.Condition != nil {
		condition = append(conjuncts(n.Condition), condition...)
	}
	known = append(known, condition...)
	var all []expr.Expr
	for _, c := range condition {
		all = append(all, present(c)...)
	}
	all = append(all, carried(known)...)
	for _, c := range all {
		switch n.Type {
		case Inner, Cross, LeftSemi:
			toLeft, toRight = own(toLeft, c, n.Left, known), own(toRight, c, n.Right, known)
		case LeftOuter, LeftAnti:
			toRight = own(toRight, c, n.Right, known)
		case RightOuter:
			toLeft = own(toLeft, c, n.Left, known)
		}
	}
	return toLeft, toRight
}

// own adds a condition if it speaks of the side's columns alone and is new.
func own(to []expr.Expr, c expr.Expr, side Plan, known []expr.Expr) []expr.Expr {
	if len(expr.Attrs(c)) == 0 || !within(c, side.Output()) {
		return to
	}
	for _, list := range [][]expr.Expr{to, known} {
		for _, k := range list {
			if expr.TreeEqual(k, c) {
				return to
			}
		}
	}
	return append(to, c)
}

// facts are conditions that the rows of a plan meet, over its output.
func facts(p Plan) []expr.Expr {
	switch n := p.(type) {
	case *Filter:
		return append(facts(n.Child), conjuncts(n.Condition)...)
	case *Watermark:
		return facts(n.Child)
	case *Project:
		names := map[expr.ID]expr.Expr{}
		for _, e := range n.Exprs {
			if a, ok := unaliased(e).(*expr.Attr); ok {
				names[a.ID] = attrFor(e)
			}
		}
		var out []expr.Expr
		for _, c := range facts(n.Child) {
			if expr.Find(c, func(x expr.Expr) bool { a, ok := x.(*expr.Attr); return ok && names[a.ID] == nil }) == nil {
				out = append(out, substituteInside(c, names))
			}
		}
		return out
	}
	return nil
}

// comparisons give null where one of their sides is.
var comparisons = map[string]bool{"=": true, "<": true, "<=": true, ">": true, ">=": true}

// present says of the columns that a comparison needs that they are not null.
func present(c expr.Expr) []expr.Expr {
	a, ok := c.(*expr.Apply)
	if !ok || !comparisons[a.Fn.Name] || !expr.Deterministic(c) {
		return nil
	}
	var out []expr.Expr
	for _, arg := range a.Args {
		for _, at := range demanded(arg) {
			test, err := functions.Bind(&functions.Env{ANSI: true, ParseType: types.ParseType},
				&expr.Call{Name: []string{"isnotnull"}, Args: []expr.Expr{at}})
			if err == nil && at.Null {
				out = append(out, test)
			}
		}
	}
	return out
}

// demanded are columns without which an expression is null.
func demanded(e expr.Expr) []*expr.Attr {
	switch n := e.(type) {
	case *expr.Attr:
		return []*expr.Attr{n}
	case *expr.Cast:
		return demanded(n.Child)
	case *expr.Apply:
		switch n.Fn.Name {
		case "-", "*", "/", "%", "+", "negative", "upper", "lower", "add_interval", "add_intervals", "between_times":
			var out []*expr.Attr
			for _, arg := range n.Args {
				out = append(out, demanded(arg)...)
			}
			return out
		}
	}
	return nil
}

// carried are the conditions said of one side of an equality, said of the other.
func carried(known []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, k := range known {
		a, ok := k.(*expr.Apply)
		if !ok || a.Fn.Name != "=" {
			continue
		}
		l, lok := a.Args[0].(*expr.Attr)
		r, rok := a.Args[1].(*expr.Attr)
		if !lok || !rok {
			continue
		}
		for _, c := range known {
			if c == k || !expr.Deterministic(c) || expr.CanFail(c) {
				continue
			}
			for _, swap := range [][2]*expr.Attr{{l, r}, {r, l}} {
				if refers(c, swap[0]) && !refers(c, swap[1]) {
					out = append(out, substituteInside(c, map[expr.ID]expr.Expr{swap[0].ID: swap[1]}))
				}
			}
		}
	}
	return out
}

package logical

import (
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// join resolves a join: the right side of a self-join gets attributes of its own, the condition is typed, and USING
// becomes a condition and a projection.
func (a *Analyzer) join(n *Join) (Plan, error) {
	left, right := n.Left, n.Right
	if overlap(left, right) {
		right = renewed(right)
	}
	if len(n.Using) > 0 {
		return a.using(n, left, right)
	}
	kind := n.Type
	if n.Condition == nil {
		if kind == Inner {
			return join(Inner, left, right, nil), nil
		}
		return join(kind, left, right, nil), nil
	}
	if kind == Cross {
		kind = Inner
	}
	s := a.over(left, right)
	condition, err := s.joinCondition(n.Condition)
	if err != nil {
		return nil, err
	}
	condition = unaliased(condition)
	out := join(kind, left, right, condition)
	if err := outsideSelect(out, condition); err != nil {
		return nil, err
	}
	if err := unsupportedExprs("Join", aggsIn(condition)); err != nil {
		return nil, located(err, out)
	}
	if k := condition.Type().Kind(); k != types.KBoolean && k != types.KNull {
		return nil, errs.New("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "joinCondition", `"`+condition.String()+`"`, "conditionType", sqlType(condition.Type()))
	}
	if len(s.windows) > 0 {
		return nil, errs.NotBuilt("window() in a join condition")
	}
	return out, nil
}

// joinCondition resolves a condition. In a self-join df.x == df.x compares the left with the right side.
func (s *scope) joinCondition(e expr.Expr) (expr.Expr, error) {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Name) != 1 || len(c.Args) != 2 {
		return s.expr(e)
	}
	switch c.Name[0] {
	case "and":
		args := make([]expr.Expr, 2)
		for i, arg := range c.Args {
			r, err := s.joinCondition(arg)
			if err != nil {
				return nil, err
			}
			args[i] = r
		}
		return s.lookup("and", args...)
	case "=", "==", "<=>":
		l, lok := c.Args[0].(*expr.Name)
		r, rok := c.Args[1].(*expr.Name)
		if !lok || !rok || l.PlanID < 0 || l.PlanID != r.PlanID || !expr.TreeEqual(l, r) {
			return s.expr(e)
		}
		args := make([]expr.Expr, 2)
		for i, arg := range c.Args {
			s.equality = i + 1
			resolved, err := s.expr(arg)
			s.equality = 0
			if err != nil {
				return nil, err
			}
			args[i] = resolved
		}
		return s.lookup(c.Name[0], args...)
	}
	return s.expr(e)
}

func overlap(left, right Plan) bool {
	ids := make(map[expr.ID]bool, len(left.Output()))
	for _, at := range left.Output() {
		ids[at.ID] = true
	}
	for _, at := range right.Output() {
		if ids[at.ID] {
			return true
		}
	}
	return false
}

// alsoEqual is the condition, which may be none, and that two columns are equal.
func (s *scope) alsoEqual(condition expr.Expr, op string, l, r expr.Expr) (expr.Expr, error) {
	equal, err := s.lookup(op, l, r)
	if err != nil || condition == nil {
		return equal, err
	}
	return s.lookup("and", condition, equal)
}

// using equates the columns and shows each once: from the side that always has it, or of both in a full join.
func (a *Analyzer) using(n *Join, left, right Plan) (Plan, error) {
	s := a.over(left, right)
	var condition expr.Expr
	var shown []expr.Expr
	hide := map[expr.ID]bool{}
	for _, name := range n.Using {
		l, err := a.usingColumn(name, "left", left.Output())
		if err != nil {
			return nil, err
		}
		r, err := a.usingColumn(name, "right", right.Output())
		if err != nil {
			return nil, err
		}
		hide[l.ID], hide[r.ID] = true, true
		if condition, err = s.alsoEqual(condition, "==", l, r); err != nil {
			return nil, err
		}
		key, err := s.usingKey(n.Type, l, r)
		if err != nil {
			return nil, err
		}
		shown = append(shown, key)
	}
	kind := n.Type
	if kind == Cross {
		kind = Inner
	}
	joined := join(kind, left, right, condition)
	for _, at := range joined.Output() {
		if !hide[at.ID] {
			shown = append(shown, at)
		}
	}
	out := project(joined, shown)
	out.Using = kind != LeftSemi && kind != LeftAnti
	return out, nil
}

func (s *scope) usingKey(kind JoinType, l, r *expr.Attr) (expr.Expr, error) {
	switch kind {
	case RightOuter:
		return r, nil
	case FullOuter:
		sides := nullable([]*expr.Attr{l, r}, true)
		key, err := s.lookup("coalesce", sides[0], sides[1])
		if err != nil {
			return nil, err
		}
		return &expr.Alias{Child: key, Names: []string{l.Name}, ID: expr.NewID()}, nil
	}
	return l, nil
}

func (a *Analyzer) usingColumn(name, side string, output []*expr.Attr) (*expr.Attr, error) {
	var found []*expr.Attr
	names := make([]string, len(output))
	for i, at := range output {
		names[i] = quotedName(at.Name)
		if a.same(at.Name, name) {
			found = append(found, at)
		}
	}
	switch len(found) {
	case 0:
		sort.Strings(names)
		return nil, errs.New("UNRESOLVED_USING_COLUMN_FOR_JOIN", "colName", quotedName(name), "side", side, "suggestion", strings.Join(names, ", "))
	case 1:
		return found[0], nil
	}
	return nil, ambiguous([]string{name}, []string{name}, found)
}

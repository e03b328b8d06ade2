package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// filter resolves a condition against the child, and what it lacks against what lies beneath. Over an aggregate it is
// HAVING: it may aggregate.
func (a *Analyzer) filter(n *Filter) (Plan, error) {
	child := n.Child
	s := a.over(child)
	s.levels = append(s.levels, beneath(child)...)
	condition, err := s.expr(n.Condition)
	if n.Having || err != nil || expr.Find(condition, isAgg) != nil {
		if agg := aggregateOf(child); agg != nil {
			over := a.over(child)
			if n.Having {
				over.having = agg
			}
			plan, having, e := a.overAggregate(over, child, agg, []expr.Expr{n.Condition}, err)
			if e != nil {
				return nil, e
			}
			out := &Filter{Child: plan, Condition: unaliased(having[0])}
			if err := checkCondition(out); err != nil {
				return nil, err
			}
			return trimmed(out, child.Output()), nil
		}
	}
	if err != nil {
		return nil, err
	}
	out := &Filter{Child: child, Condition: unaliased(condition)}
	if err := checkCondition(out); err != nil {
		return nil, err
	}
	output := child.Output()
	if len(s.windows) > 0 {
		if child, err = s.withWindows(child); err != nil {
			return nil, err
		}
		output = child.Output()
	}
	out.Child = addMissing(child, expr.Attrs(out.Condition))
	return trimmed(out, output), nil
}

// checkCondition refuses conditions that are not boolean, that aggregate and that generate.
func checkCondition(f *Filter) error {
	c := f.Condition
	if err := outsideSelect(f, c); err != nil {
		return err
	}
	if aggs := aggsIn(c); len(aggs) > 0 {
		names := make([]string, len(aggs))
		for i, g := range aggs {
			names[i] = g.String()
		}
		return errs.New("INVALID_WHERE_CONDITION", "condition", `"`+c.String()+`"`, "expressionList", strings.Join(names, ", "))
	}
	if c.Type().Kind() != types.KBoolean {
		return errs.New("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "sqlExpr", `"`+c.String()+`"`, "filter", `"`+c.String()+`"`, "type", sqlType(c.Type()))
	}
	return nil
}

// aggsIn gives the outermost aggregates of a tree.
func aggsIn(e expr.Expr) []*expr.Agg {
	var out []*expr.Agg
	expr.Walk(e, func(n expr.Expr) bool {
		g, ok := n.(*expr.Agg)
		if ok {
			out = append(out, g)
		}
		return !ok
	})
	return out
}

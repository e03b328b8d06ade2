package logical

import (
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// sort resolves sort keys: positions, columns of the child, and what lies beneath it. Over an aggregate keys may aggregate.
func (a *Analyzer) sort(n *Sort) (Plan, error) {
	child := n.Child
	order, err := ordinals(n.Order, child.Output())
	if err != nil {
		return nil, err
	}
	s := a.over(child)
	s.levels = append(s.levels, beneath(child)...)
	keys, err := s.exprs(order)
	if err != nil || hasAgg(keys) {
		if agg := aggregateOf(child); agg != nil {
			plan, keys, e := a.overAggregate(a.over(child), child, agg, order, err)
			if e != nil {
				return nil, e
			}
			out := &Sort{Child: plan, Order: sortKeys(keys), Global: n.Global}
			return trimmed(out, child.Output()), nil
		}
	}
	if err != nil {
		return nil, err
	}
	out := &Sort{Child: child, Order: sortKeys(keys), Global: n.Global}
	if err := checkKeys(out); err != nil {
		return nil, err
	}
	output := child.Output()
	if len(s.windows) > 0 {
		if child, err = s.withWindows(child); err != nil {
			return nil, err
		}
		output = child.Output()
	}
	out.Child = addMissing(child, expr.Attrs(out.Order...))
	return trimmed(out, output), nil
}

// sortKeys are keys as *expr.Sort, ascending with nulls first unless they say otherwise.
func sortKeys(keys []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		s, ok := k.(*expr.Sort)
		if !ok {
			s = &expr.Sort{Child: unaliased(k), NullsFirst: true}
		} else if _, aliased := s.Child.(*expr.Alias); aliased {
			s = s.With([]expr.Expr{unaliased(s.Child)}).(*expr.Sort)
		}
		out[i] = s
	}
	return out
}

// checkOrder refuses keys of types without an order.
func (a *Analyzer) checkOrder(s *expr.Sort) error {
	if t := s.Child.Type(); t != nil && !expr.Orderable(t) {
		return errs.New("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "functionName", "`sortorder`", "dataType", sqlType(t), "sqlExpr", `"`+s.String()+`"`)
	}
	return nil
}

func checkKeys(s *Sort) error {
	if err := outsideSelect(s, s.Order...); err != nil {
		return err
	}
	var invalid []*expr.Agg
	for _, k := range s.Order {
		invalid = append(invalid, aggsIn(k)...)
	}
	return unsupportedExprs("Sort", invalid)
}

// unsupportedExprs refuses aggregates where an operator can have none.
func unsupportedExprs(operator string, aggs []*expr.Agg) error {
	if len(aggs) == 0 {
		return nil
	}
	text := ""
	for i, g := range aggs {
		if i > 0 {
			text += ", "
		}
		text += `"` + g.String() + `"`
	}
	return errs.New("UNSUPPORTED_EXPR_FOR_OPERATOR", "operator", operator, "invalidExprSqls", text)
}

// ordinals replaces whole numbers among sort keys by the output at that position.
func ordinals(order []expr.Expr, output []*expr.Attr) ([]expr.Expr, error) {
	out := append([]expr.Expr(nil), order...)
	for i, k := range order {
		s, ok := k.(*expr.Sort)
		if !ok {
			continue
		}
		n, ok := position(s.Child)
		if !ok {
			continue
		}
		if n < 1 || n > len(output) {
			return nil, errs.New("ORDER_BY_POS_OUT_OF_RANGE", "index", strconv.Itoa(n), "size", strconv.Itoa(len(output)))
		}
		out[i] = s.With([]expr.Expr{output[n-1]})
	}
	return out, nil
}

// position is the value of a whole number literal.
func position(e expr.Expr) (int, bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.DataType.Kind() != types.KInt || l.Value == nil {
		return 0, false
	}
	n, ok := l.Value.(int32)
	return int(n), ok
}

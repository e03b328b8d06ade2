package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// foldConstants computes what does not depend on rows, and drops filters that are always true.
func foldConstants(p Plan, c *expr.Context) Plan {
	return mapUp(p, func(n Plan) Plan {
		n = mapExprs(n, func(e expr.Expr) expr.Expr {
			switch e.(type) {
			case *expr.Attr, *expr.Literal:
				return e
			}
			return expr.Fold(c, e)
		})
		if f, ok := n.(*Filter); ok {
			if f.never() {
				f.Condition = &expr.Literal{Value: false, DataType: types.Boolean} // which needs no column
			}
			if l, ok := f.Condition.(*expr.Literal); ok {
				if v, _ := l.Value.(bool); v {
					return f.Child
				}
				if !f.Streaming() {
					return &Limit{Child: f.Child, N: 0}
				}
			}
		}
		return n
	})
}

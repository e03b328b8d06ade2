package logical

import "pysparkcompat/engine/expr"

// Conjuncts takes a condition apart at its ands.
func Conjuncts(e expr.Expr) []expr.Expr { return conjuncts(e) }

// And joins conditions; nil for none.
func And(list ...expr.Expr) expr.Expr { return and(list...) }

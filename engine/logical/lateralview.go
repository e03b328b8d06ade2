package logical

import "pysparkcompat/engine/expr"

// LateralView is LATERAL VIEW [OUTER] generator table AS columns; resolved into Generate.
type LateralView struct {
	node
	Child     Plan
	Generator expr.Expr
	Outer     bool
	Name      string
	Columns   []string
}

func (l *LateralView) Children() []Plan { return []Plan{l.Child} }
func (l *LateralView) With(c []Plan) Plan {
	o := *l
	o.Child = c[0]
	return &o
}
func (l *LateralView) Streaming() bool { return l.Child.Streaming() }
func (l *LateralView) Line() string    { return "'Generate " + text(l.Generator) + ", " + l.Name }

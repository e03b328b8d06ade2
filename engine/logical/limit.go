package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Limit keeps the first N rows; with Tail the last ones; with Local N of each instance and of each epoch, so that a
// limit above can choose. Count, from SQL text, is a constant expression that analysis puts into N.
type Limit struct {
	Child Plan
	N     int64
	Tail  bool
	Local bool
	Count expr.Expr
}

func (l *Limit) Children() []Plan { return []Plan{l.Child} }
func (l *Limit) With(c []Plan) Plan {
	o := *l
	o.Child = c[0]
	return &o
}
func (l *Limit) Output() []*expr.Attr { return distinctOutput(l.Child) }
func (l *Limit) Resolved() bool       { return l.N >= 0 && l.Child.Resolved() }
func (l *Limit) Streaming() bool      { return l.Child.Streaming() }
func (l *Limit) Line() string {
	if l.Tail {
		return "Tail " + strconv.FormatInt(l.N, 10)
	}
	if l.Local {
		return "LocalLimit " + strconv.FormatInt(l.N, 10)
	}
	if l.Count != nil {
		return "'GlobalLimit " + text(l.Count)
	}
	return "GlobalLimit " + strconv.FormatInt(l.N, 10)
}

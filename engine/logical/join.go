package logical

import "pysparkcompat/engine/expr"

// JoinType is a join's kind.
type JoinType string

const (
	Inner      JoinType = "Inner"
	LeftOuter  JoinType = "LeftOuter"
	RightOuter JoinType = "RightOuter"
	FullOuter  JoinType = "FullOuter"
	LeftSemi   JoinType = "LeftSemi"
	LeftAnti   JoinType = "LeftAnti"
	Cross      JoinType = "Cross"
)

// Join joins; Using columns are equated and come out once: resolved into a Project over a Join with a condition.
// No attribute of a resolved join stands on both sides.
type Join struct {
	node
	Left, Right Plan
	Type        JoinType
	Condition   expr.Expr
	Using       []string
}

func (j *Join) Children() []Plan { return []Plan{j.Left, j.Right} }
func (j *Join) With(c []Plan) Plan {
	o := *j
	o.Left, o.Right = c[0], c[1]
	if o.resolved {
		o.output = joinOutput(o.Type, o.Left, o.Right)
	}
	return &o
}
func (j *Join) Streaming() bool { return streaming(j.Left, j.Right) }
func (j *Join) Line() string {
	line := mark(j) + "Join " + string(j.Type)
	if j.Condition != nil {
		line += ", " + text(j.Condition)
	}
	return line
}

// join is a resolved Join.
func join(kind JoinType, left, right Plan, condition expr.Expr) *Join {
	return &Join{node: done(joinOutput(kind, left, right)), Left: left, Right: right, Type: kind, Condition: condition}
}

// joinOutput is the left columns and, but for semi and anti joins, the right ones; the side that may be missing is nullable.
func joinOutput(kind JoinType, left, right Plan) []*expr.Attr {
	l := nullable(left.Output(), kind == RightOuter || kind == FullOuter)
	r := nullable(right.Output(), kind == LeftOuter || kind == FullOuter)
	if left.Streaming() && right.Streaming() {
		l, r = loosened(l), loosened(r)
	}
	if kind == LeftSemi || kind == LeftAnti {
		return l
	}
	return append(l[:len(l):len(l)], r...)
}

// nullable gives the attributes, as ones that may be null where on is true.
func nullable(attrs []*expr.Attr, on bool) []*expr.Attr {
	if !on {
		return attrs
	}
	out := make([]*expr.Attr, len(attrs))
	for i, a := range attrs {
		if out[i] = a; !a.Null {
			n := *a
			n.Null = true
			out[i] = &n
		}
	}
	return out
}

package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// GroupMap is a Python function over the rows of each group: applyInPandas, applyInArrow and, with State,
// applyInPandasWithState; with Other the rows of two frames with one key. Once resolved, Keys and OtherKeys are
// attributes of the children, Fn.Args the columns that the user's frame has, OtherArgs those of the other.
type GroupMap struct {
	node
	Child Plan
	Keys  []expr.Expr
	Fn    *expr.UDF

	Other     Plan
	OtherKeys []expr.Expr
	OtherArgs []expr.Expr

	State *GroupState
}

// GroupState is what applyInPandasWithState says of its state.
type GroupState struct {
	Type    types.Struct
	Mode    string
	Timeout string
	// EventTime is the column that says which rows are late, or nil; it is known once resolved.
	EventTime *expr.Attr
}

func (g *GroupMap) Children() []Plan {
	if g.Other != nil {
		return []Plan{g.Child, g.Other}
	}
	return []Plan{g.Child}
}

func (g *GroupMap) With(c []Plan) Plan {
	o := *g
	o.Child = c[0]
	if len(c) > 1 {
		o.Other = c[1]
	}
	return &o
}

func (g *GroupMap) Streaming() bool { return streaming(g.Children()...) }

func (g *GroupMap) Line() string {
	switch {
	case g.State != nil:
		return mark(g) + "FlatMapGroupsInPandasWithState " + text(g.Fn) + ", " + exprList(g.Keys) + ", " + attrList(g.output) + ", " + g.State.Mode + ", " + g.State.Timeout
	case g.Other != nil:
		return mark(g) + "FlatMapCoGroupsInPandas " + exprList(g.Keys) + ", " + exprList(g.OtherKeys) + ", " + text(g.Fn) + ", " + attrList(g.output)
	}
	return mark(g) + "FlatMapGroupsInPandas " + exprList(g.Keys) + ", " + text(g.Fn) + ", " + attrList(g.output)
}

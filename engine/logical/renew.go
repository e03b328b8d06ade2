package logical

import (
	"pysparkcompat/engine/expr"
)

// renewed is the same plan with attributes of its own: the right side of a self-join. Its streams are sources of their own.
func renewed(p Plan) Plan {
	r := &renewer{ids: map[expr.ID]expr.ID{}}
	return r.plan(p)
}

type renewer struct{ ids map[expr.ID]expr.ID }

// id gives the new ID of an attribute that the plan makes.
func (r *renewer) id(old expr.ID) expr.ID {
	if n, ok := r.ids[old]; ok {
		return n
	}
	n := expr.NewID()
	r.ids[old] = n
	return n
}

func (r *renewer) attr(a *expr.Attr) *expr.Attr {
	if a == nil {
		return nil
	}
	o := *a
	o.ID = r.id(a.ID)
	return &o
}

func (r *renewer) attrs(list []*expr.Attr) []*expr.Attr {
	if list == nil {
		return nil
	}
	out := make([]*expr.Attr, len(list))
	for i, a := range list {
		out[i] = r.attr(a)
	}
	return out
}

func (r *renewer) expr(e expr.Expr) expr.Expr {
	if e == nil {
		return nil
	}
	out, _ := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		switch n := n.(type) {
		case *expr.Attr:
			return r.attr(n), nil
		case *expr.Alias:
			o := *n
			o.ID = r.id(n.ID)
			return &o, nil
		}
		return n, nil
	})
	return out
}

func (r *renewer) exprs(list []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = r.expr(e)
	}
	return out
}

func (r *renewer) node(n node) node { return node{output: r.attrs(n.output), resolved: n.resolved} }

// plan renews a resolved plan from its leaves up.
func (r *renewer) plan(p Plan) Plan {
	children := p.Children()
	renewed := make([]Plan, len(children))
	for i, c := range children {
		renewed[i] = r.plan(c)
	}
	switch n := p.(type) {
	case *Data:
		o := *n
		o.node = r.node(n.node)
		return &o
	case *Scan:
		o := *n
		o.node, o.Hidden, o.Instance = r.node(n.node), r.attr(n.Hidden), r.id(n.Instance)
		return &o
	case *Range:
		o := *n
		o.node = r.node(n.node)
		return &o
	case *Project:
		o := project(renewed[0], r.exprs(n.Exprs))
		o.Using = n.Using
		return o
	case *Filter:
		return &Filter{Child: renewed[0], Condition: r.expr(n.Condition)}
	case *Aggregate:
		return aggregate(renewed[0], r.exprs(n.Keys), r.exprs(n.Outputs))
	case *Join:
		return join(n.Type, renewed[0], renewed[1], r.expr(n.Condition))
	case *Sort:
		return &Sort{Child: renewed[0], Order: r.exprs(n.Order), Global: n.Global}
	case *Watermark:
		o := *n
		o.Column, o.node = r.expr(n.Column), r.node(n.node)
		return o.With(renewed)
	}
	return r.rest(p, renewed)
}

func (r *renewer) rest(p Plan, children []Plan) Plan {
	switch n := p.(type) {
	case *Union:
		o := *n
		o.node, o.Inputs = r.node(n.node), children
		return &o
	case *Distinct:
		o := *n
		o.Keys, o.EventTime = r.attrs(n.Keys), r.attr(n.EventTime)
		return o.With(children)
	case *Repartition:
		o := *n
		o.Keys = r.exprs(n.Keys)
		return o.With(children)
	case *CollectMetrics:
		o := *n
		o.Metrics = r.exprs(n.Metrics)
		return o.With(children)
	case *MapBatches:
		o := *n
		o.node, o.Fn = r.node(n.node), r.expr(n.Fn).(*expr.UDF)
		return o.With(children)
	case *GroupMap:
		o := *n
		o.node, o.Keys, o.Fn = r.node(n.node), r.exprs(n.Keys), r.expr(n.Fn).(*expr.UDF)
		o.OtherKeys, o.OtherArgs = r.exprs(n.OtherKeys), r.exprs(n.OtherArgs)
		if n.State != nil {
			state := *n.State
			state.EventTime = r.attr(n.State.EventTime)
			o.State = &state
		}
		return o.With(children)
	case *Generate:
		return generate(children[0], r.expr(n.Generator).(*expr.Generate), r.attrs(n.Attrs), r.attrs(n.Required))
	case *Windowed:
		return windowed(children[0], r.expr(n.Window).(*expr.TimeWindow), r.attr(n.Attr), r.attrs(n.Required))
	}
	if len(children) == 0 {
		return p
	}
	return p.With(children)
}

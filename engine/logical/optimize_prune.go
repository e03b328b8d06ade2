package logical

import (
	"pysparkcompat/engine/expr"
)

// ids is a set of attributes.
type ids map[expr.ID]bool

func (s ids) addAttrs(list ...*expr.Attr) {
	for _, a := range list {
		s[a.ID] = true
	}
}

func (s ids) addExprs(list ...expr.Expr) {
	for _, e := range list {
		expr.Walk(e, func(n expr.Expr) bool {
			if a, ok := n.(*expr.Attr); ok {
				s[a.ID] = true
			}
			return true
		})
	}
}

func (s ids) plus(list ...*expr.Attr) ids {
	out := make(ids, len(s)+len(list))
	for id := range s {
		out[id] = true
	}
	out.addAttrs(list...)
	return out
}

func (s ids) keep(list []*expr.Attr) []*expr.Attr {
	out := make([]*expr.Attr, 0, len(list))
	for _, a := range list {
		if s[a.ID] {
			out = append(out, a)
		}
	}
	return out
}

// prune drops columns that nobody above uses, down to what scans read. The plan's own output stays.
func prune(p Plan) Plan {
	needed := make(ids, len(p.Output()))
	needed.addAttrs(p.Output()...)
	return pruned(p, needed)
}

// pruned gives a plan that has at least the needed columns, in the order it had them.
func pruned(p Plan, needed ids) Plan {
	switch n := p.(type) {
	case *Project:
		return pruneProject(n, needed)
	case *Aggregate:
		return pruneAggregate(n, needed)
	case *Join:
		below := needed.plus()
		if n.Condition != nil {
			below.addExprs(n.Condition)
		}
		return join(n.Type, side(n.Left, below), side(n.Right, below), n.Condition)
	case *Union:
		return pruneUnion(n, needed)
	case *Filter:
		needed = needed.plus(expr.Attrs(n.Condition)...)
	case *Sort:
		needed = needed.plus(expr.Attrs(n.Order...)...)
	case *Repartition:
		needed = needed.plus(expr.Attrs(n.Keys...)...)
	case *Watermark:
		needed = needed.plus(n.Column.(*expr.Attr))
	case *CollectMetrics:
		needed = needed.plus(expr.Attrs(n.Metrics...)...)
	}
	return pruneRest(p, needed)
}

func pruneRest(p Plan, needed ids) Plan {
	switch n := p.(type) {
	case *Distinct:
		needed = needed.plus(n.Keys...)
		if n.EventTime != nil && eventTime(needed.keep(n.Child.Output())) == nil {
			needed.addAttrs(n.EventTime)
		}
	case *MapBatches:
		needed = make(ids)
		needed.addExprs(n.Fn.Args...)
		child := pruned(n.Child, needed)
		return n.With([]Plan{child})
	case *GroupMap:
		below := make(ids)
		below.addExprs(n.Keys...)
		below.addExprs(n.Fn.Args...)
		if n.State != nil && n.State.EventTime != nil {
			below.addAttrs(n.State.EventTime)
		}
		children := []Plan{pruned(n.Child, below)}
		if n.Other != nil {
			other := make(ids)
			other.addExprs(n.OtherKeys...)
			other.addExprs(n.OtherArgs...)
			children = append(children, pruned(n.Other, other))
		}
		return n.With(children)
	case *Generate:
		required := needed.keep(n.Required)
		below := make(ids)
		below.addAttrs(required...)
		below.addExprs(n.Generator.Args...)
		return generate(pruned(n.Child, below), n.Generator, n.Attrs, required)
	case *Windowed:
		required := needed.keep(n.Required)
		below := make(ids)
		below.addAttrs(required...)
		below.addExprs(n.Window)
		return windowed(pruned(n.Child, below), n.Window, n.Attr, required)
	case *Scan:
		o := *n
		o.output, o.Columns = pruneLeaf(n.output, n.Columns, needed)
		return &o
	case *Data:
		o := *n
		o.output, o.Columns = pruneLeaf(n.output, n.Columns, needed)
		return &o
	}
	return MapChildren(p, func(c Plan) Plan { return pruned(c, needed) })
}

// side is a join's input without the columns that only its own filters read: joins keep their rows.
func side(p Plan, needed ids) Plan {
	p = pruned(p, needed)
	return exactly(p, needed.keep(p.Output()))
}

func pruneProject(n *Project, needed ids) Plan {
	var exprs []expr.Expr
	var output []*expr.Attr
	for i, e := range n.Exprs {
		if needed[n.output[i].ID] {
			exprs, output = append(exprs, e), append(output, n.output[i])
		}
	}
	below := make(ids, len(exprs))
	below.addExprs(exprs...)
	return &Project{node: done(output), Child: pruned(n.Child, below), Exprs: exprs}
}

func pruneAggregate(n *Aggregate, needed ids) Plan {
	var outputs []expr.Expr
	for i, e := range n.Outputs {
		if needed[n.output[i].ID] {
			outputs = append(outputs, e)
		}
	}
	below := make(ids)
	below.addExprs(n.Keys...)
	below.addExprs(outputs...)
	return aggregate(pruned(n.Child, below), n.Keys, outputs)
}

// pruneUnion keeps the same positions of every input.
func pruneUnion(n *Union, needed ids) Plan {
	output := needed.keep(n.output)
	inputs := make([]Plan, len(n.Inputs))
	for i, in := range n.Inputs {
		var keep []*expr.Attr
		for c, at := range n.output {
			if needed[at.ID] {
				keep = append(keep, in.Output()[c])
			}
		}
		below := make(ids)
		below.addAttrs(keep...)
		inputs[i] = exactly(pruned(in, below), keep)
	}
	return &Union{node: done(output), Inputs: inputs}
}

// exactly gives a plan with these columns and no others.
func exactly(p Plan, attrs []*expr.Attr) Plan {
	if len(p.Output()) == len(attrs) {
		same := true
		for i, at := range p.Output() {
			same = same && at.ID == attrs[i].ID
		}
		if same {
			return p
		}
	}
	return project(p, exprsOf(attrs))
}

// pruneLeaf gives the attributes that are needed and their numbers in the whole schema; nil numbers are all of it.
func pruneLeaf(output []*expr.Attr, columns []int, needed ids) ([]*expr.Attr, []int) {
	keep := needed.keep(output)
	if len(keep) == len(output) {
		return output, columns
	}
	numbers := []int{}
	for i, at := range output {
		if !needed[at.ID] {
			continue
		}
		if columns != nil {
			i = columns[i]
		}
		numbers = append(numbers, i)
	}
	return keep, numbers
}

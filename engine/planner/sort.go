package planner

import (
	"math"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
)

// sort orders all rows on one instance; each instance below it has ordered, and with a limit cut, its own.
func (b *build) sort(s *logical.Sort, limit int64) (exec.Feed, error) {
	from, err := b.feed(s.Child)
	if err != nil {
		return nil, err
	}
	keys := make([]expr.Expr, len(s.Order))
	for i, o := range s.Order {
		keys[i] = o.(*expr.Sort).Child
	}
	attrs, wide := s.Child.Output(), s.Child.Output()
	if from, wide, keys, err = b.python(from, attrs, keys); err != nil {
		return nil, err
	}
	node := b.sorted(from, wide, s, keys, limit)
	if s.Global {
		below := exec.Feed(from)
		if limit >= 0 {
			below = node
		}
		node = b.sorted(&exec.Exchange{From: below, Kind: exec.Single}, wide, s, keys, limit)
	}
	if len(wide) == len(attrs) {
		return node, nil
	}
	return pick(node, identity(len(attrs)), attrs, ""), nil
}

func (b *build) sorted(from exec.Feed, attrs []*expr.Attr, s *logical.Sort, keys []expr.Expr, limit int64) *exec.Node {
	return &exec.Node{Inputs: []exec.Feed{from}, Name: s.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.CompileAll(keys, attrs)
		if err != nil {
			return nil, err
		}
		terms := make([]exec.SortKey, len(keys))
		for k, o := range s.Order {
			o := o.(*expr.Sort)
			terms[k] = exec.SortKey{By: compiled[k], Order: batch.Order{Descending: o.Descending, NullsFirst: o.NullsFirst}}
		}
		return exec.NewSort(i, terms, limit, text(s.Order)), nil
	}}
}

// limit cuts rows on each instance and then all together; above a sort it bounds what the sort keeps.
func (b *build) limit(l *logical.Limit) (exec.Feed, error) {
	if l.Local {
		from, err := b.feed(l.Child)
		if err != nil {
			return nil, err
		}
		return b.cut(from, l, false), nil
	}
	if l.Streaming() && (b.env.Mode == sink.Append || !aggregated(l)) {
		return b.limitForLife(l)
	}
	if s, ok := l.Child.(*logical.Sort); ok && s.Global && !l.Tail && l.N < math.MaxInt32 {
		from, err := b.sort(s, l.N)
		if err != nil {
			return nil, err
		}
		return b.cut(from, l, true), nil
	}
	from, err := b.feed(l.Child)
	if err != nil {
		return nil, err
	}
	if !l.Tail {
		from = b.cut(from, l, false)
	}
	return b.cut(&exec.Exchange{From: from, Kind: exec.Single}, l, true), nil
}

// limitForLife is a limit over rows that are each given once: it counts over the query's life.
func (b *build) limitForLife(l *logical.Limit) (exec.Feed, error) {
	from, err := b.feed(l.Child)
	if err != nil {
		return nil, err
	}
	if l.N == 0 {
		return b.cut(from, l, true), nil
	}
	operator := b.stateful
	b.stateful++
	if c, ok := l.Child.(*logical.Limit); !ok || !c.Local {
		from = &exec.Node{Inputs: []exec.Feed{from}, Name: l.Line(), Make: func(exec.Instance) (exec.Operator, error) { return exec.NewWholeLimit(l.N), nil }}
	}
	node := &exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: from, Kind: exec.Single, InOrder: true}}, Name: l.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewStateLimit(i, b.env.Store, operator, l.N)
	}}
	return retyped(node, l.Child.Output(), l.Output()), nil
}

// aggregated says that a streaming aggregation stands beneath: in complete mode its rows are given anew each epoch.
func aggregated(p logical.Plan) bool {
	found := false
	logical.Walk(p, func(n logical.Plan) bool {
		_, is := n.(*logical.Aggregate)
		found = found || is && n.Streaming()
		return !found
	})
	return found
}

func (b *build) cut(from exec.Feed, l *logical.Limit, global bool) *exec.Node {
	return &exec.Node{Inputs: []exec.Feed{from}, Name: l.Line(), Make: func(exec.Instance) (exec.Operator, error) {
		if l.Tail {
			return exec.NewTail(l.N), nil
		}
		return exec.NewLimit(l.N, global), nil
	}}
}

func (b *build) offset(o *logical.Offset) (exec.Feed, error) {
	if o.Streaming() {
		return nil, errs.NotBuilt("offset on a stream")
	}
	from, err := b.feed(o.Child)
	if err != nil {
		return nil, err
	}
	return &exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: from, Kind: exec.Single}}, Name: o.Line(), Make: func(exec.Instance) (exec.Operator, error) {
		return exec.NewOffset(o.N), nil
	}}, nil
}

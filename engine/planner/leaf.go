package planner

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/source"
)

func (b *build) leaf(l Leaf, name string, columns []int) *exec.Leaf {
	out := &exec.Leaf{Source: len(b.leaves), Name: name, Pushdown: source.Pushdown{Columns: columns}}
	if l.Data != nil {
		out.Pushdown.Columns = l.Data.Columns
	}
	b.leaves = append(b.leaves, l)
	return out
}

func (b *build) scan(s *logical.Scan) *exec.Leaf {
	out := b.leaf(Leaf{Scan: s}, s.Line(), s.Columns)
	out.Pushdown.Filters = s.Filters
	return out
}

func (b *build) union(u *logical.Union) (exec.Feed, error) {
	schema := schemaOf(u.Output())
	node := &exec.Node{Name: "Union", Make: func(exec.Instance) (exec.Operator, error) { return exec.NewUnion(schema), nil }}
	for _, in := range u.Inputs {
		f, err := b.feed(in)
		if err != nil {
			return nil, err
		}
		node.Inputs = append(node.Inputs, f)
	}
	return node, nil
}

func (b *build) watermark(w *logical.Watermark) (exec.Feed, error) {
	from, err := b.feed(w.Child)
	if err != nil || !w.Streaming() {
		return from, err
	}
	column, err := position(w.Column.(*expr.Attr).ID, w.Child.Output())
	if err != nil {
		return nil, err
	}
	number := len(b.delays)
	b.delays = append(b.delays, w.Delay)
	return &exec.Node{Inputs: []exec.Feed{from}, Name: w.Line(), Make: func(exec.Instance) (exec.Operator, error) {
		return exec.NewWatermark(number, column, w.DelayText), nil
	}}, nil
}

// repartition spreads rows anew; coalesce without a shuffle only bounds the number of instances that write.
func (b *build) repartition(r *logical.Repartition) (exec.Feed, error) {
	from, err := b.feed(r.Child)
	if err != nil {
		return nil, err
	}
	kind := exec.RoundRobin
	n := r.N
	if n <= 0 || n > b.env.Cores {
		n = b.env.Cores
	}
	var keys []int
	if n == 1 {
		kind = exec.Single
	} else if len(r.Keys) > 0 {
		kind = exec.Hash
		if from, keys, err = b.hashed(from, r.Child.Output(), r.Keys); err != nil {
			return nil, err
		}
	} else if !r.Shuffle {
		return from, nil
	}
	x := &exec.Exchange{From: from, Kind: kind, Keys: keys}
	if kind != exec.Single {
		x.Instances = n
	}
	return pick(x, identity(len(r.Output())), r.Output(), ""), nil
}

// hashed gives the columns to spread rows by, computing behind the others what is no column.
func (b *build) hashed(from exec.Feed, attrs []*expr.Attr, keys []expr.Expr) (exec.Feed, []int, error) {
	exprs := make([]expr.Expr, 0, len(attrs)+len(keys))
	for _, a := range attrs {
		exprs = append(exprs, a)
	}
	numbers := make([]int, len(keys))
	wide := false
	for i, k := range keys {
		if a, ok := k.(*expr.Attr); ok {
			n, err := position(a.ID, attrs)
			if err != nil {
				return nil, nil, err
			}
			numbers[i] = n
			continue
		}
		numbers[i], wide = len(exprs), true
		exprs = append(exprs, &expr.Alias{Child: k, Names: []string{"key"}, ID: expr.NewID()})
	}
	if !wide {
		return from, numbers, nil
	}
	node, err := b.compute(from, attrs, exprs, outputs(exprs))
	return node, numbers, err
}

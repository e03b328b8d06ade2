package planner

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// distinct drops equal rows on each instance and then where rows with equal keys meet.
func (b *build) distinct(d *logical.Distinct) (exec.Feed, error) {
	from, err := b.feed(d.Child)
	if err != nil {
		return nil, err
	}
	columns, err := positions(d.Keys, d.Child.Output())
	if err != nil {
		return nil, err
	}
	if d.Streaming() {
		return b.remembered(d, from, columns)
	}
	var kinds []types.Type
	for _, k := range d.Keys {
		kinds = append(kinds, k.DataType)
	}
	node := func(from exec.Feed, partial bool) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{from}, Name: d.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewDistinct(i, columns, kinds, partial, d.Line()), nil
		}}
	}
	x := &exec.Exchange{From: node(from, true), Kind: exec.Hash, Keys: columns}
	if len(columns) == 0 {
		x.Kind = exec.Single
	}
	return node(x, false), nil
}

// remembered is dropDuplicates on a stream, whose keys live on in state.
func (b *build) remembered(d *logical.Distinct, from exec.Feed, columns []int) (exec.Feed, error) {
	spec := exec.StateDistinctSpec{Operator: b.stateful, Columns: columns, Within: d.WithinWatermark, Text: d.Line()}
	b.stateful++
	for _, k := range d.Keys {
		spec.Keys = append(spec.Keys, types.Field{Name: k.Name, Type: k.DataType, Nullable: k.Null})
	}
	if at := d.EventTime; at != nil {
		n, err := position(at.ID, d.Child.Output())
		if err != nil {
			return nil, err
		}
		spec.Time, spec.Delay = dueBy([]*expr.Attr{at}), at.Delay/1000*1000
		spec.Time.Column = n
	}
	if !d.WithinWatermark {
		spec.Due = dueBy(d.Keys)
	}
	var err error
	if spec.Horizon, err = b.horizon(d.Child); err != nil {
		return nil, err
	}
	b.evicts = b.evicts || b.moves(d.Child)
	x := &exec.Exchange{From: from, Kind: exec.Hash, Keys: columns, Partitions: b.env.Partitions}
	if len(columns) == 0 {
		x.Kind = exec.Single
	}
	return &exec.Node{Inputs: []exec.Feed{x}, Name: d.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewStateDistinct(i, b.env.Store, spec)
	}}, nil
}

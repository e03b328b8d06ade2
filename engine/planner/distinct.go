package planner

import (
	"pysparkcompat/engine/exec"
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
	var kinds []types.Type
	for _, k := range d.Keys {
		kinds = append(kinds, k.DataType)
	}
	node := func(from exec.Feed, partial bool) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{from}, Name: d.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewDistinct(i, columns, kinds, partial, d.Line()), nil
		}}
	}
	if d.Streaming() {
		if d.EventTime == nil { // else a late row could hide one that is not
			from = node(from, true)
		}
		return b.remembered(d, from, columns)
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
	rows := d.Child.Output()
	b.oneTime(rows)
	if spec.Time = dueBy(rows); spec.Time.Set {
		spec.Delay = rows[spec.Time.Column].Delay / 1000 * 1000
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
	node := &exec.Node{Inputs: []exec.Feed{x}, Name: d.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewStateDistinct(i, b.env.Store, spec)
	}}
	return retyped(node, rows, d.Output()), nil
}

package planner

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// distinct drops equal rows on each instance and then where rows with equal keys meet.
func (b *build) distinct(d *logical.Distinct) (exec.Feed, error) {
	if d.Streaming() {
		if d.WithinWatermark {
			return nil, errs.NotBuilt("dropDuplicatesWithinWatermark on a stream")
		}
		return nil, errs.NotBuilt("dropDuplicates on a stream")
	}
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
	x := &exec.Exchange{From: node(from, true), Kind: exec.Hash, Keys: columns}
	if len(columns) == 0 {
		x.Kind = exec.Single
	}
	return node(x, false), nil
}

package planner

import (
	"fmt"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// grouping is an Aggregate taken apart: keys and calls over the child's columns, and where each output lies among keys
// and results.
type grouping struct {
	node    *logical.Aggregate
	keys    []*expr.Attr
	calls   []*expr.Agg
	results []*expr.Attr // one a call
	columns []int        // of each output, among keys and then results
}

func group(a *logical.Aggregate) (*grouping, error) {
	g := &grouping{node: a}
	for _, k := range a.Keys {
		attr, ok := k.(*expr.Attr)
		if !ok {
			return nil, errs.Internal("the grouping key %s is no column", k)
		}
		g.keys = append(g.keys, attr)
	}
	for _, o := range a.Outputs {
		if call, ok := bare(o).(*expr.Agg); ok {
			g.columns = append(g.columns, len(g.keys)+len(g.calls))
			g.calls = append(g.calls, call)
			g.results = append(g.results, outputs([]expr.Expr{o})[0])
			continue
		}
		attr, ok := bare(o).(*expr.Attr)
		if !ok {
			return nil, errs.Internal("the output %s of an aggregation is no column", o)
		}
		n, err := position(attr.ID, g.keys)
		if err != nil {
			return nil, err
		}
		g.columns = append(g.columns, n)
	}
	return g, nil
}

// buffers are the columns that partial results have: keys, then each call's.
func (g *grouping) buffers() []*expr.Attr {
	out := append([]*expr.Attr(nil), g.keys...)
	for i, c := range g.calls {
		for j, t := range c.Fn.Buffer(c) {
			out = append(out, &expr.Attr{ID: expr.NewID(), Name: fmt.Sprintf("v%d_%d", i, j), DataType: t, Null: true})
		}
	}
	return out
}

func (g *grouping) finals() []*expr.Attr {
	return append(append([]*expr.Attr(nil), g.keys...), g.results...)
}

func (g *grouping) distinct() bool {
	for _, c := range g.calls {
		if c.Distinct {
			return true
		}
	}
	return false
}

func (b *build) aggregate(a *logical.Aggregate) (exec.Feed, error) {
	for _, o := range a.Outputs {
		if isUDF(bare(o)) {
			return b.aggregateInPython(a)
		}
	}
	g, err := group(a)
	if err != nil {
		return nil, err
	}
	if at := g.session(); at >= 0 {
		return b.sessions(g, at)
	}
	if a.Streaming() {
		return b.streaming(g)
	}
	from, attrs, err := b.input(g)
	if err != nil {
		return nil, err
	}
	var final *exec.Node
	if g.distinct() { // what one instance has counted another must not count again: rows meet before they are counted
		from, err := b.spread(from, attrs, g.keys, 0)
		if err != nil {
			return nil, err
		}
		final = b.phase(g, exec.Complete, from, attrs, g.finals())
	} else {
		partial := b.phase(g, exec.Partial, from, attrs, g.buffers())
		from, err := b.spread(partial, g.buffers(), g.keys, 0)
		if err != nil {
			return nil, err
		}
		final = b.phase(g, exec.Final, from, g.buffers(), g.finals())
	}
	return pick(final, g.columns, a.Output(), ""), nil
}

// input plans the child with the Python functions that the calls' arguments use.
func (b *build) input(g *grouping) (exec.Feed, []*expr.Attr, error) {
	from, err := b.feed(g.node.Child)
	return from, g.node.Child.Output(), err
}

// spread sends rows with equal keys to one instance; without keys all rows to the only one.
func (b *build) spread(from exec.Feed, attrs, keys []*expr.Attr, partitions int) (*exec.Exchange, error) {
	if len(keys) == 0 {
		return &exec.Exchange{From: from, Kind: exec.Single}, nil
	}
	numbers, err := positions(keys, attrs)
	return &exec.Exchange{From: from, Kind: exec.Hash, Keys: numbers, Partitions: partitions}, err
}

// phase is one aggregation node.
func (b *build) phase(g *grouping, phase exec.Phase, from exec.Feed, in, out []*expr.Attr) *exec.Node {
	schema := schemaOf(out)
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "HashAggregate", Make: func(i exec.Instance) (exec.Operator, error) {
		spec := exec.AggregateSpec{Phase: phase, Schema: schema, Text: text(g.node.Outputs)}
		keys := make([]expr.Expr, len(g.keys))
		for k, a := range g.keys {
			keys[k] = a
			spec.KeyTypes = append(spec.KeyTypes, a.DataType)
		}
		var err error
		if spec.Keys, err = expr.CompileAll(keys, in); err != nil {
			return nil, err
		}
		if spec.Calls, err = g.compiled(in, phase == exec.Partial || phase == exec.Complete); err != nil {
			return nil, err
		}
		return exec.NewAggregate(i, spec)
	}}
}

// compiled are the calls of one instance; over buffers they need no arguments.
func (g *grouping) compiled(in []*expr.Attr, rows bool) ([]exec.Call, error) {
	out := make([]exec.Call, len(g.calls))
	for i, c := range g.calls {
		out[i].Agg = c
		if !rows {
			continue
		}
		var err error
		if out[i].Args, err = expr.CompileAll(c.Args, in); err != nil {
			return nil, err
		}
		if c.Filter != nil {
			if out[i].Filter, err = expr.Compile(c.Filter, in); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// streaming is an aggregation whose groups live on in state.
func (b *build) streaming(g *grouping) (exec.Feed, error) {
	var partial exec.Feed
	var err error
	if w, ok := b.panes(g); ok {
		partial, err = b.byPane(g, w)
	} else {
		var from exec.Feed
		var attrs []*expr.Attr
		if from, attrs, err = b.input(g); err == nil {
			partial = b.phase(g, exec.Partial, from, attrs, g.buffers())
		}
	}
	if err != nil {
		return nil, err
	}
	from, err := b.spread(partial, g.buffers(), g.keys, b.env.Partitions)
	if err != nil {
		return nil, err
	}
	spec := exec.StateAggregateSpec{Operator: b.stateful, Mode: b.env.Mode, Due: dueBy(g.keys), Schema: schemaOf(g.finals()), Text: text(g.node.Outputs)}
	b.stateful++
	b.oneTime(g.keys)
	if spec.Horizon, err = b.horizon(g.node.Child); err != nil {
		return nil, err
	}
	if b.env.Mode != sink.Complete && b.moves(g.node.Child) {
		b.evicts = true
	}
	for _, k := range g.keys {
		spec.Keys = append(spec.Keys, types.Field{Name: k.Name, Type: k.DataType, Nullable: k.Null})
	}
	node := &exec.Node{Inputs: []exec.Feed{from}, Name: "StateStoreSave", Make: func(i exec.Instance) (exec.Operator, error) {
		mine := spec
		var err error
		if mine.Calls, err = g.compiled(nil, false); err != nil {
			return nil, err
		}
		return exec.NewStateAggregate(i, b.env.Store, mine)
	}}
	return pick(node, g.columns, g.node.Output(), ""), nil
}

// dueBy is the key that carries the event-time mark: a time, or a window by its end.
func dueBy(keys []*expr.Attr) state.DueBy {
	for i, k := range keys {
		if !k.EventTime {
			continue
		}
		due := state.DueBy{Set: true, Column: i, Field: -1}
		if s, ok := k.DataType.(types.Struct); ok {
			for j, f := range s.Fields {
				if f.Name == "end" {
					due.Field = j
				}
			}
		}
		return due
	}
	return state.DueBy{}
}

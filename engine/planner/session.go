package planner

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/types"
)

// sessioned adds the session that each row would be alone behind the other columns.
func (b *build) sessioned(from exec.Feed, attrs []*expr.Attr, bounds []expr.Expr, w *logical.Windowed) (exec.Feed, error) {
	all := append(append([]*expr.Attr(nil), attrs...), w.Attr)
	schema := schemaOf(all)
	if _, err := expr.CompileAll(bounds, attrs); err != nil {
		return nil, err
	}
	node := &exec.Node{Inputs: []exec.Feed{from}, Name: "SessionWindow", Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.CompileAll(bounds, attrs)
		if err != nil {
			return nil, err
		}
		return exec.NewSessioned(i, compiled[0], compiled[1], w.Window.Duration, schema), nil
	}}
	numbers, err := positions(w.Output(), all)
	if err != nil {
		return nil, err
	}
	return pick(node, numbers, w.Output(), ""), nil
}

// session is the key that holds sessions, or -1.
func (g *grouping) session() int {
	for i, k := range g.keys {
		if logical.IsSession(k) && !k.Null {
			return i
		}
	}
	return -1
}

// others are the keys besides the session.
func (g *grouping) others(session int) []*expr.Attr {
	return append(append([]*expr.Attr(nil), g.keys[:session]...), g.keys[session+1:]...)
}

// ordered says that some call looks at the order of its rows.
func (g *grouping) ordered() bool {
	for _, c := range g.calls {
		if c.Fn.Ordered {
			return true
		}
	}
	return false
}

func keyTypes(keys []*expr.Attr) []types.Type {
	out := make([]types.Type, len(keys))
	for i, k := range keys {
		out[i] = k.DataType
	}
	return out
}

// sessions is an aggregation whose key at is a session: rows of equal other keys whose sessions meet are one group.
func (b *build) sessions(g *grouping, at int) (exec.Feed, error) {
	if g.node.Streaming() && len(g.keys) == 1 {
		b.broken = errs.New("_LEGACY_ERROR_TEMP_3068")
	}
	from, attrs, err := b.input(g)
	if err != nil {
		return nil, err
	}
	if g.distinct() {
		return b.distinctSessions(g, at, from, attrs)
	}
	h, err := b.horizon(g.node.Child)
	if err != nil {
		return nil, err
	}
	var partial *exec.Node
	if g.ordered() {
		partial = b.phase(g, exec.Partial, from, attrs, g.buffers())
	} else {
		partial = b.sessionPhase(g, at, exec.SessionSpec{Phase: exec.Partial, Late: g.node.Streaming() && g.keys[at].EventTime, Horizon: h}, from, attrs, g.buffers())
	}
	partitions := 0
	if g.node.Streaming() {
		partitions = b.env.Partitions
	}
	spread, err := b.spread(partial, g.buffers(), g.others(at), partitions)
	if err != nil {
		return nil, err
	}
	if g.node.Streaming() {
		return b.stateSessions(g, at, spread, h), nil
	}
	final := b.sessionPhase(g, at, exec.SessionSpec{Phase: exec.Final, Ordered: g.ordered()}, spread, g.buffers(), g.finals())
	return pick(final, g.columns, g.node.Output(), ""), nil
}

func (b *build) sessionPhase(g *grouping, at int, spec exec.SessionSpec, from exec.Feed, in, out []*expr.Attr) *exec.Node {
	spec.Session, spec.KeyTypes, spec.Schema, spec.Text = at, keyTypes(g.keys), schemaOf(out), text(g.node.Outputs)
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "SessionAggregate", Make: func(i exec.Instance) (exec.Operator, error) {
		mine := spec
		keys := make([]expr.Expr, len(g.keys))
		for k, a := range g.keys {
			keys[k] = a
		}
		var err error
		if mine.Keys, err = expr.CompileAll(keys, in); err != nil {
			return nil, err
		}
		if mine.Calls, err = g.compiled(in, mine.Phase == exec.Partial); err != nil {
			return nil, err
		}
		return exec.NewSessionAggregate(i, mine)
	}}
}

// stateSessions is the operator whose sessions live on in state.
func (b *build) stateSessions(g *grouping, at int, from exec.Feed, h exec.Horizon) exec.Feed {
	spec := exec.StateSessionSpec{Operator: b.stateful, Session: at, Mode: b.env.Mode, Ordered: g.ordered(), Evicts: g.keys[at].EventTime,
		Horizon: h, Schema: schemaOf(g.finals()), Text: text(g.node.Outputs)}
	b.stateful++
	if b.env.Mode != sink.Complete && b.moves(g.node.Child) {
		b.evicts = true
	}
	for _, k := range g.keys {
		spec.Keys = append(spec.Keys, types.Field{Name: k.Name, Type: k.DataType, Nullable: k.Null})
	}
	node := &exec.Node{Inputs: []exec.Feed{from}, Name: "SessionWindowStateStoreSave", Make: func(i exec.Instance) (exec.Operator, error) {
		mine := spec
		var err error
		if mine.Calls, err = g.compiled(nil, false); err != nil {
			return nil, err
		}
		return exec.NewStateSessions(i, b.env.Store, mine)
	}}
	return pick(node, g.columns, g.node.Output(), "")
}

// distinctSessions finds the sessions first, of all rows together, and then aggregates as by any other key.
func (b *build) distinctSessions(g *grouping, at int, from exec.Feed, attrs []*expr.Attr) (exec.Feed, error) {
	others := g.others(at)
	spread, err := b.spread(from, attrs, others, 0)
	if err != nil {
		return nil, err
	}
	numbers, err := positions(others, attrs)
	if err != nil {
		return nil, err
	}
	column, err := position(g.keys[at].ID, attrs)
	if err != nil {
		return nil, err
	}
	schema := schemaOf(attrs)
	merged := &exec.Node{Inputs: []exec.Feed{spread}, Name: "MergingSessions", Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewMergedSessions(i, numbers, keyTypes(others), column, schema), nil
	}}
	return pick(b.phase(g, exec.Complete, merged, attrs, g.finals()), g.columns, g.node.Output(), ""), nil
}

package planner

import (
	"math"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// keyed is one input of a grouped function: the columns that the worker gets, keys first and each once, and where among
// them the keys and the function's arguments are.
type keyed struct {
	from   exec.Feed
	attrs  []*expr.Attr
	keys   []*expr.Attr
	input  []*expr.Attr
	keyAt  []int
	argsAt []int
}

func (b *build) keyed(child logical.Plan, keys, args []expr.Expr) (*keyed, error) {
	from, err := b.feed(child)
	if err != nil {
		return nil, err
	}
	s := &keyed{from: from, attrs: child.Output()}
	for _, k := range keys {
		attr, ok := k.(*expr.Attr)
		if !ok {
			return nil, errs.Internal("the grouping key %s is no column", k)
		}
		s.keys = append(s.keys, attr)
		s.keyAt = append(s.keyAt, s.place(attr))
	}
	for _, a := range args {
		attr, ok := a.(*expr.Attr)
		if !ok {
			return nil, errs.Internal("the argument %s is no column", a)
		}
		s.argsAt = append(s.argsAt, s.place(attr))
	}
	return s, nil
}

// place is where a column is among those that the worker gets.
func (s *keyed) place(a *expr.Attr) int {
	for i, have := range s.input {
		if have.ID == a.ID {
			return i
		}
	}
	s.input = append(s.input, a)
	return len(s.input) - 1
}

// alike makes the keys comparable with those of another side.
func (b *build) alike(s *keyed, keys []*expr.Attr) error {
	list := make([]expr.Expr, 0, len(s.attrs)+len(keys))
	for _, a := range s.attrs {
		list = append(list, a)
	}
	grouping := append([]*expr.Attr(nil), s.keys...)
	for i, k := range s.keys {
		if types.Equal(k.DataType, keys[i].DataType) {
			continue
		}
		as := &expr.Alias{Child: &expr.Cast{Child: k, To: keys[i].DataType}, Names: []string{k.Name}, ID: expr.NewID()}
		list, grouping[i] = append(list, as), outputs([]expr.Expr{as})[0]
	}
	if len(list) == len(s.attrs) {
		return nil
	}
	var err error
	all := outputs(list)
	if s.from, err = b.compute(s.from, s.attrs, list, all); err == nil {
		s.attrs, s.keys = all, grouping
	}
	return err
}

func (s *keyed) port() (exec.GroupedPort, error) {
	keys, err := positions(s.keys, s.attrs)
	if err != nil {
		return exec.GroupedPort{}, err
	}
	columns, err := positions(s.input, s.attrs)
	return exec.GroupedPort{Columns: columns, Keys: keys, Types: fields(s.input)}, err
}

func (b *build) groupMap(g *logical.GroupMap) (exec.Feed, error) {
	kind, err := kindOf(g.Fn)
	if err != nil {
		return nil, err
	}
	left, err := b.keyed(g.Child, g.Keys, g.Fn.Args)
	if err != nil {
		return nil, err
	}
	out := fields(g.Output())
	spec := udf.Spec{Kind: kind, Input: fields(left.input), Keys: left.keyAt, Output: out, Zone: b.env.Zone, Conf: b.env.Conf,
		Functions: []udf.Function{{Name: g.Fn.FuncName, Command: g.Fn.Command, Args: left.argsAt, Out: out}}}
	if g.State != nil {
		return b.groupState(g, left, spec)
	}
	sides := []*keyed{left}
	if g.Other != nil {
		right, err := b.keyed(g.Other, g.OtherKeys, g.OtherArgs)
		if err != nil {
			return nil, err
		}
		spec.Other, spec.OtherKeys, spec.OtherArgs = fields(right.input), right.keyAt, right.argsAt
		if err := b.alike(right, left.keys); err != nil {
			return nil, err
		}
		sides = append(sides, right)
	}
	return b.overGroups(sides, exec.GroupedSpec{Runner: b.env.Runner, Spec: spec, Schema: types.ArrowSchema(out), Text: g.Line()})
}

// overGroups is the operator over the sides' rows, spread by their keys.
func (b *build) overGroups(sides []*keyed, spec exec.GroupedSpec) (exec.Feed, error) {
	spec.PartRows = b.partRows()
	node := &exec.Node{Name: spec.Text}
	for _, s := range sides {
		port, err := s.port()
		if err != nil {
			return nil, err
		}
		x, err := b.spread(s.from, s.attrs, s.keys, 0)
		if err != nil {
			return nil, err
		}
		spec.Ports, node.Inputs = append(spec.Ports, port), append(node.Inputs, x)
	}
	for _, k := range sides[0].keys {
		spec.KeyTypes = append(spec.KeyTypes, k.DataType)
	}
	node.Make = func(i exec.Instance) (exec.Operator, error) { return exec.NewGrouped(i, spec), nil }
	return node, nil
}

// partRows is how many rows a user's function gets at once.
func (b *build) partRows() int {
	if b.env.BatchRows > 0 {
		return b.env.BatchRows
	}
	return math.MaxInt32
}

func (b *build) groupState(g *logical.GroupMap, s *keyed, spec udf.Spec) (exec.Feed, error) {
	if !g.Streaming() {
		return nil, errs.New("_LEGACY_ERROR_TEMP_3176")
	}
	spec.State = &udf.StateSpec{Type: g.State.Type, Timeout: g.State.Timeout, Watermarked: g.State.EventTime != nil}
	spec.Functions[0].Out = fields(g.Output())
	spec.Output = types.Struct{Fields: []types.Field{
		{Name: "more", Type: types.Boolean},
		{Name: "rows", Type: types.Array{Elem: fields(g.Output()), ContainsNull: true}},
		{Name: "state", Type: g.State.Type, Nullable: true},
		{Name: "action", Type: types.Byte},
		{Name: "timeout", Type: types.Long, Nullable: true}}}
	horizon, err := b.horizon(g.Child)
	if err != nil {
		return nil, err
	}
	port, err := s.port()
	if err != nil {
		return nil, err
	}
	from, err := b.spread(s.from, s.attrs, s.keys, b.env.Partitions)
	if err != nil {
		return nil, err
	}
	out := exec.GroupStateSpec{Operator: b.stateful, Runner: b.env.Runner, Spec: spec, Port: port, PartRows: b.partRows(), EventTime: -1, Horizon: horizon,
		Schema: types.ArrowSchema(fields(g.Output())), Text: g.Line()}
	b.stateful++
	for _, k := range s.keys {
		out.Keys = append(out.Keys, types.Field{Name: k.Name, Type: k.DataType, Nullable: k.Null})
	}
	switch g.State.Timeout {
	case udf.ProcessingTimeTimeout:
		b.ticks = true
	case udf.EventTimeTimeout:
		b.evicts = b.evicts || b.moves(g.Child)
		if g.State.EventTime != nil {
			if out.EventTime, err = position(g.State.EventTime.ID, s.attrs); err != nil {
				return nil, err
			}
		}
	}
	return &exec.Node{Inputs: []exec.Feed{from}, Name: out.Text, Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewGroupState(i, b.env.Store, out)
	}}, nil
}

// aggregateInPython is an aggregation whose aggregates are Python functions, all of one kind.
func (b *build) aggregateInPython(a *logical.Aggregate) (exec.Feed, error) {
	if a.Streaming() {
		return nil, errs.New("_LEGACY_ERROR_TEMP_3067")
	}
	s, err := b.keyed(a.Child, a.Keys, nil)
	if err != nil {
		return nil, err
	}
	spec := udf.Spec{Zone: b.env.Zone, Conf: b.env.Conf, Keys: s.keyAt}
	var results []*expr.Attr
	columns := make([]int, len(a.Outputs))
	for i, o := range a.Outputs {
		call, ok := bare(o).(*expr.UDF)
		if !ok {
			attr, _ := bare(o).(*expr.Attr)
			if attr == nil {
				return nil, errs.Internal("the output %s of an aggregation is no column", o)
			}
			if columns[i], err = position(attr.ID, s.keys); err != nil {
				return nil, err
			}
			continue
		}
		kind, err := kindOf(call)
		if err != nil {
			return nil, err
		}
		if len(results) > 0 && kind != spec.Kind {
			return nil, errs.NotBuilt("pandas_udf and arrow_udf that aggregate, in one aggregation")
		}
		fn := udf.Function{Name: call.FuncName, Command: call.Command, ArgNames: call.ArgNames, Out: call.Out}
		for _, arg := range call.Args {
			attr, ok := arg.(*expr.Attr)
			if !ok {
				return nil, errs.Internal("the argument %s is no column", arg)
			}
			fn.Args = append(fn.Args, s.place(attr))
		}
		columns[i] = len(s.keys) + len(results)
		spec.Kind, spec.Functions = kind, append(spec.Functions, fn)
		results = append(results, &expr.Attr{ID: expr.NewID(), Name: call.FuncName, DataType: call.Out, Null: true})
	}
	spec.Input, spec.Output = fields(s.input), fields(results)
	all := append(append([]*expr.Attr(nil), s.keys...), results...)
	node, err := b.overGroups([]*keyed{s}, exec.GroupedSpec{Runner: b.env.Runner, Spec: spec, Keyed: true, Schema: schemaOf(all), Text: "AggregateInPandas " + text(a.Outputs)})
	if err != nil {
		return nil, err
	}
	return pick(node, columns, a.Output(), ""), nil
}

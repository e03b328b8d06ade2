package planner

import (
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

var joinTypes = map[logical.JoinType]exec.JoinType{logical.Inner: exec.InnerJoin, logical.Cross: exec.InnerJoin, logical.LeftOuter: exec.LeftJoin,
	logical.RightOuter: exec.RightJoin, logical.FullOuter: exec.FullJoin, logical.LeftSemi: exec.SemiJoin, logical.LeftAnti: exec.AntiJoin}

// matching is a join's condition taken apart: pairs of keys that are to be equal, and what is left of it.
type matching struct {
	left, right []expr.Expr
	nullSafe    []bool
	rest        expr.Expr
}

func match(j *logical.Join) matching {
	var m matching
	var rest []expr.Expr
	for _, c := range conditions(j) {
		a, ok := c.(*expr.Apply)
		if !ok || a.Fn.Name != "=" && a.Fn.Name != "<=>" || !expr.Deterministic(a) {
			rest = append(rest, c)
			continue
		}
		l, r := a.Args[0], a.Args[1]
		if of(l, j.Right) && of(r, j.Left) {
			l, r = r, l
		}
		if !of(l, j.Left) || !of(r, j.Right) {
			rest = append(rest, c)
			continue
		}
		m.left, m.right, m.nullSafe = append(m.left, l), append(m.right, r), append(m.nullSafe, a.Fn.Name == "<=>")
	}
	m.rest = logical.And(rest...)
	return m
}

// conditions are the parts of a join's condition, none where it has none.
func conditions(j *logical.Join) []expr.Expr {
	if j.Condition == nil {
		return nil
	}
	return logical.Conjuncts(j.Condition)
}

// of says that an expression uses columns, and only those of one side.
func of(e expr.Expr, side logical.Plan) bool {
	attrs := expr.Attrs(e)
	for _, a := range attrs {
		if _, err := position(a.ID, side.Output()); err != nil {
			return false
		}
	}
	return len(attrs) > 0
}

// join builds a table of one side and streams the other past it.
func (b *build) join(j *logical.Join) (exec.Feed, error) {
	if j.Left.Streaming() && j.Right.Streaming() {
		return b.streamJoin(j)
	}
	m := match(j)
	buildLeft := j.Type == logical.RightOuter || j.Right.Streaming() || j.Type == logical.Inner && !j.Left.Streaming() && smaller(j.Left, j.Right)
	full := j.Type == logical.FullOuter
	left, leftAttrs, leftKeys, err := b.side(j.Left, m.left)
	if err != nil {
		return nil, err
	}
	right, rightAttrs, rightKeys, err := b.side(j.Right, m.right)
	if err != nil {
		return nil, err
	}
	built, builtAttrs, builtKeys, builtSide := right, rightAttrs, rightKeys, j.Right
	probe, probeAttrs, probeKeys := left, leftAttrs, leftKeys
	if buildLeft {
		built, builtAttrs, builtKeys, builtSide = left, leftAttrs, leftKeys, j.Left
		probe, probeAttrs, probeKeys = right, rightAttrs, rightKeys
	}
	parts := 1
	if full {
		if built, probe, parts, err = b.apart(built, probe, builtAttrs, probeAttrs, builtKeys, probeKeys); err != nil {
			return nil, err
		}
	}
	var kinds []types.Type
	for _, k := range builtKeys {
		kinds = append(kinds, k.Type())
	}
	table := exec.NewJoinTable(parts, kinds, m.nullSafe, schemaOf(builtSide.Output()))
	maker := &exec.Node{Inputs: []exec.Feed{built}, Name: "BroadcastExchange", Make: func(i exec.Instance) (exec.Operator, error) {
		keys, err := expr.CompileAll(builtKeys, builtAttrs)
		if err != nil {
			return nil, err
		}
		return exec.NewJoinBuild(i, table, keys), nil
	}}
	stage := &exec.Build{Root: maker, Once: b.fixed(builtSide), Instances: parts}
	if parts == 1 {
		maker.Inputs[0] = &exec.Exchange{From: built, Kind: exec.Single}
	}
	spec := exec.JoinSpec{Type: joinTypes[j.Type], Table: table, BuildLeft: buildLeft, Schema: schemaOf(j.Output()), Text: j.Line()}
	return b.probe(j, m, spec, stage, probe, probeAttrs, probeKeys)
}

// probe is the join's node.
func (b *build) probe(j *logical.Join, m matching, spec exec.JoinSpec, stage *exec.Build, probe exec.Feed, attrs []*expr.Attr, probeKeys []expr.Expr) (exec.Feed, error) {
	pair := append(append([]*expr.Attr(nil), j.Left.Output()...), j.Right.Output()...)
	spec.PairSchema = schemaOf(pair)
	if m.rest != nil {
		if _, err := expr.Compile(m.rest, pair); err != nil {
			return nil, err
		}
	}
	return &exec.Node{Inputs: []exec.Feed{probe}, Before: []*exec.Build{stage}, Name: j.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		mine := spec
		var err error
		if mine.Keys, err = expr.CompileAll(probeKeys, attrs); err != nil {
			return nil, err
		}
		if m.rest != nil {
			if mine.Condition, err = expr.Compile(m.rest, pair); err != nil {
				return nil, err
			}
		}
		return exec.NewJoin(i, mine)
	}}, nil
}

// side plans one side with the keys over its columns.
func (b *build) side(p logical.Plan, keys []expr.Expr) (exec.Feed, []*expr.Attr, []expr.Expr, error) {
	from, err := b.feed(p)
	return from, p.Output(), keys, err
}

// apart spreads both sides by their keys, so that each instance meets only its own rows; a join without keys is one instance's.
func (b *build) apart(built, probe exec.Feed, builtAttrs, probeAttrs []*expr.Attr, builtKeys, probeKeys []expr.Expr) (exec.Feed, exec.Feed, int, error) {
	if len(builtKeys) == 0 {
		return built, &exec.Exchange{From: probe, Kind: exec.Single}, 1, nil
	}
	spread := func(from exec.Feed, attrs []*expr.Attr, keys []expr.Expr) (exec.Feed, error) {
		wide, numbers, err := b.hashed(from, attrs, keys)
		if err != nil {
			return nil, err
		}
		return pick(&exec.Exchange{From: wide, Kind: exec.Hash, Keys: numbers, Instances: b.env.Cores}, identity(len(attrs)), attrs, ""), nil
	}
	built, err := spread(built, builtAttrs, builtKeys)
	if err != nil {
		return nil, nil, 0, err
	}
	probe, err = spread(probe, probeAttrs, probeKeys)
	return built, probe, b.env.Cores, err
}

// fixed says that a side's rows are the same in every epoch: it reads no file that could change.
func (b *build) fixed(p logical.Plan) bool {
	if _, ok := p.(*logical.Scan); ok {
		return false
	}
	for _, c := range p.Children() {
		if !b.fixed(c) {
			return false
		}
	}
	return true
}

// smaller says that the left side is known to hold fewer rows.
func smaller(left, right logical.Plan) bool {
	l, knownLeft := size(left)
	r, knownRight := size(right)
	return knownLeft && (!knownRight || l < r)
}

// size is a bound on a plan's rows, where one is known without looking.
func size(p logical.Plan) (int64, bool) {
	switch n := p.(type) {
	case *logical.Data:
		return n.Rows.Len(), true
	case *logical.Range:
		return (n.End - n.Start) / n.Step, true
	case *logical.Limit:
		return n.N, true
	case *logical.Project, *logical.Filter, *logical.Sort, *logical.Aggregate, *logical.Distinct, *logical.Tag, *logical.SubqueryAlias:
		return size(p.Children()[0])
	}
	return 0, false
}

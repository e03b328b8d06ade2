package planner

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// streamJoin is a join of two streams taken apart: what its state is evicted by, and which conditions each side, and only
// both together, have to meet.
type streamJoin struct {
	node   *logical.Join
	match  matching
	only   [2]expr.Expr
	both   expr.Expr
	due    [2]state.DueBy
	limits [2][]logical.Bound // of a side that goes by its own time; none is the watermark itself
}

func takeApart(j *logical.Join) *streamJoin {
	s := &streamJoin{node: j, match: match(j)}
	var rest []expr.Expr
	if s.match.rest != nil {
		rest = logical.Conjuncts(s.match.rest)
	}
	sides := [2][]*expr.Attr{j.Left.Output(), j.Right.Output()}
	var only [2][]expr.Expr
	var both []expr.Expr
	for _, c := range rest {
		alone := false
		for i, attrs := range sides {
			if expr.Deterministic(c) && uses(c, attrs) {
				only[i], alone = append(only[i], c), true
			}
		}
		if !alone {
			both = append(both, c)
		}
	}
	for i := range only {
		s.only[i] = logical.And(only[i]...)
	}
	s.both = logical.And(both...)
	if k := s.timeKey(); k >= 0 {
		for i, keys := range [2][]expr.Expr{s.match.left, s.match.right} {
			s.due[i] = dueOf(k, keys[k].Type())
		}
		return s
	}
	for i, mine := range sides {
		other := sides[1-i]
		at, _ := eventTime(mine)
		if _, marked := eventTime(other); at < 0 || !marked {
			continue
		}
		if by := dueOf(at, mine[at].DataType); by.Field < 0 {
			if s.limits[i] = logical.Bounds(rest, mine, other); len(s.limits[i]) > 0 {
				by.Value = true
				s.due[i] = by
			}
		}
	}
	return s
}

// uses says that an expression uses no columns but these.
func uses(e expr.Expr, attrs []*expr.Attr) bool {
	for _, a := range expr.Attrs(e) {
		if _, err := position(a.ID, attrs); err != nil {
			return false
		}
	}
	return true
}

// timeKey is the number of the join key that is an event time, of the left side if it has one; -1 is none.
func (s *streamJoin) timeKey() int {
	for _, keys := range [2][]expr.Expr{s.match.left, s.match.right} {
		for i, k := range keys {
			if a, ok := k.(*expr.Attr); ok && a.EventTime && !s.match.nullSafe[i] {
				return i
			}
		}
	}
	return -1
}

// eventTime is the first column that is an event time.
func eventTime(attrs []*expr.Attr) (at int, found bool) {
	for i, a := range attrs {
		if a.EventTime {
			return i, true
		}
	}
	return -1, false
}

// dueOf is being due by a column: a time, or the end of a window.
func dueOf(column int, t types.Type) state.DueBy {
	due := state.DueBy{Set: true, Column: column, Field: -1}
	if s, ok := t.(types.Struct); ok {
		for i, f := range s.Fields {
			if f.Name == "end" {
				due.Field = i
			}
		}
	}
	return due
}

// bound is the time up to which a side's rows go, by the watermark; nil is the watermark.
func (s *streamJoin) bound(side int) func(int64) int64 {
	list := s.limits[side]
	if len(list) == 0 {
		return nil
	}
	return func(watermark int64) int64 {
		out := list[0].Of(watermark)
		for _, b := range list[1:] {
			out = min(out, b.Of(watermark))
		}
		return out
	}
}

// output is the watermark of a join's rows: what either side may still hold may yet come out.
func (s *streamJoin) output(input exec.Horizon) exec.Horizon {
	left, right := s.bound(0), s.bound(1)
	if left == nil && right == nil {
		return input
	}
	return func(global int64) int64 {
		out := global
		if input != nil {
			out = input(global)
		}
		in := out
		for _, b := range []func(int64) int64{left, right} {
			if b != nil {
				out = min(out, b(in))
			}
		}
		return out
	}
}

// broken is what PySpark finds wrong only when the query runs.
func (s *streamJoin) broken(oneWatermark bool) error {
	if len(s.match.left) == 0 {
		return errs.New("_LEGACY_ERROR_TEMP_1181")
	}
	for _, side := range [2]logical.Plan{s.node.Left, s.node.Right} {
		var names []string
		seen := map[expr.ID]bool{}
		for _, a := range side.Output() {
			if a.EventTime && !seen[a.ID] {
				names, seen[a.ID] = append(names, a.Name), true
			}
		}
		if len(names) > 1 && !oneWatermark {
			return errs.New("MULTIPLE_EVENT_TIME_COLUMNS", "eventTimeCols", "("+strings.Join(names, ",")+")")
		}
	}
	return nil
}

// streamJoin keeps both sides in state.
func (b *build) streamJoin(j *logical.Join) (exec.Feed, error) {
	s := takeApart(j)
	if err := s.broken(b.env.OneWatermark); err != nil {
		b.broken = err
		return &exec.Node{Name: j.Line(), Make: func(exec.Instance) (exec.Operator, error) { return nil, err }}, nil
	}
	sides := [2]logical.Plan{j.Left, j.Right}
	var feeds []exec.Feed
	spec := exec.StreamJoinSpec{Type: joinTypes[j.Type], NullSafe: s.match.nullSafe, Schema: schemaOf(j.Output()), Text: j.Line()}
	for i, keys := range [2][]expr.Expr{s.match.left, s.match.right} {
		from, err := b.feed(sides[i])
		if err != nil {
			return nil, err
		}
		attrs := sides[i].Output()
		wide, numbers, err := b.hashed(from, attrs, keys)
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, &exec.Exchange{From: wide, Kind: exec.Hash, Keys: numbers, Partitions: b.env.Partitions})
		side := &spec.Sides[i]
		side.Columns, side.Keys, side.Due, side.Bound = fields(attrs).Fields, numbers, s.due[i], s.bound(i)
		if at, marked := eventTime(attrs); marked {
			side.Late = dueOf(at, attrs[at].DataType)
		}
	}
	for _, k := range s.match.left {
		spec.Keys = append(spec.Keys, types.Field{Name: k.String(), Type: k.Type(), Nullable: true})
	}
	spec.Operator = b.stateful
	b.stateful++
	var err error
	if spec.Horizon, err = b.horizon(j.Left, j.Right); err != nil {
		return nil, err
	}
	if (s.due[0].Set || s.due[1].Set) && b.moves(j.Left, j.Right) {
		b.evicts = true
	}
	return b.joinStreams(s, spec, feeds)
}

// joinStreams is the join's node.
func (b *build) joinStreams(s *streamJoin, spec exec.StreamJoinSpec, feeds []exec.Feed) (exec.Feed, error) {
	sides := [2][]*expr.Attr{s.node.Left.Output(), s.node.Right.Output()}
	var pair []*expr.Attr
	if s.both != nil {
		used := map[expr.ID]bool{}
		for _, a := range expr.Attrs(s.both) {
			used[a.ID] = true
		}
		for i, attrs := range sides {
			spec.Sides[i].Uses = []int{}
			for c, a := range attrs {
				if used[a.ID] {
					spec.Sides[i].Uses, pair = append(spec.Sides[i].Uses, c), append(pair, a)
				}
			}
		}
		spec.PairSchema = schemaOf(pair)
	}
	make := func(i exec.Instance) (exec.Operator, error) {
		mine := spec
		var err error
		for n, e := range s.only {
			if e == nil {
				continue
			}
			if mine.Sides[n].Only, err = expr.Compile(e, sides[n]); err != nil {
				return nil, err
			}
		}
		if s.both != nil {
			if mine.Condition, err = expr.Compile(s.both, pair); err != nil {
				return nil, err
			}
		}
		return exec.NewStreamJoin(i, b.env.Store, mine)
	}
	return &exec.Node{Inputs: feeds, Name: s.node.Line(), Schema: spec.Schema, Make: make}, nil
}

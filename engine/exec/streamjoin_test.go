package exec_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

var (
	joinLeft  = testkit.Schema("k", types.String, "t", types.Timestamp, "v", types.Long)
	joinRight = testkit.Schema("k2", types.String, "t2", types.Timestamp, "w", types.Long)
	joinBoth  = testkit.Schema("k", types.String, "t", types.Timestamp, "v", types.Long, "k2", types.String, "t2", types.Timestamp, "w", types.Long)
)

// within5 is t2 >= t AND t2 <= t + 5 seconds, over t and t2.
func within5(b arrow.RecordBatch, i int) bool {
	t, t2 := b.Column(0).(*array.Timestamp), b.Column(1).(*array.Timestamp)
	return t.IsValid(i) && t2.IsValid(i) && t2.Value(i) >= t.Value(i) && t2.Value(i) <= t.Value(i)+5_000_000
}

func seen(b arrow.RecordBatch, i int) bool { return b.Column(2).(*array.Int64).Value(i) < 9 }

// joinWithin joins by key and time: rows go by their time, left ones once the watermark is 5 seconds on. only adds
// v < 9 and w < 9, each a condition on one side.
func joinWithin(kind exec.JoinType, only bool) exec.StreamJoinSpec {
	fields := func(names ...string) []types.Field {
		return []types.Field{{Name: names[0], Type: types.String, Nullable: true}, {Name: names[1], Type: types.Timestamp, Nullable: true}, {Name: names[2], Type: types.Long, Nullable: true}}
	}
	value := state.DueBy{Set: true, Value: true, Column: 1, Field: -1}
	late := state.DueBy{Set: true, Column: 1, Field: -1}
	s := exec.StreamJoinSpec{Type: kind, Keys: []types.Field{{Name: "k", Type: types.String, Nullable: true}}, Condition: test{within5},
		PairSchema: testkit.Schema("t", types.Timestamp, "t2", types.Timestamp), Schema: joinBoth}
	if kind == exec.SemiJoin {
		s.Schema = joinLeft
	}
	s.Sides[0] = exec.StreamSide{Columns: fields("k", "t", "v"), Keys: []int{0}, Uses: []int{1}, Late: late, Due: value, Bound: func(w int64) int64 { return w - 5_001_000 }}
	s.Sides[1] = exec.StreamSide{Columns: fields("k2", "t2", "w"), Keys: []int{0}, Uses: []int{1}, Late: late, Due: value, Bound: func(w int64) int64 { return w - 1000 }}
	if only {
		s.Sides[0].Only, s.Sides[1].Only = test{seen}, test{seen}
	}
	return s
}

func streamJoinPlan(spec exec.StreamJoinSpec) func(state.Store) exec.Feed {
	return func(store state.Store) exec.Feed {
		port := func(source int) exec.Feed {
			return &exec.Exchange{From: &exec.Leaf{Source: source}, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()}
		}
		return &exec.Node{Inputs: []exec.Feed{port(0), port(1)}, Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewStreamJoin(i, store, spec) }}
	}
}

// jsonOf makes JSON rows of "a@10=1 b@11": key, second, value; an empty key is null.
func jsonOf(schema *arrow.Schema, text string) string {
	var out []string
	for _, word := range strings.Fields(text) {
		key, rest, _ := strings.Cut(word, "@")
		at, value, valued := strings.Cut(rest, "=")
		row := fmt.Sprintf(`{"%s":"1970-01-01T00:%s:00Z"`, schema.Field(1).Name, at)
		if len(at) == 2 {
			row = fmt.Sprintf(`{"%s":"1970-01-01T00:00:%sZ"`, schema.Field(1).Name, at)
		}
		if at == "" {
			row = fmt.Sprintf(`{"%s":null`, schema.Field(1).Name)
		}
		if key != "" {
			row += fmt.Sprintf(`,"%s":"%s"`, schema.Field(0).Name, key)
		}
		if valued {
			row += fmt.Sprintf(`,"%s":%s`, schema.Field(2).Name, value)
		}
		out = append(out, row+"}")
	}
	return "[" + strings.Join(out, ",") + "]"
}

// joinStep is an epoch of every kind of join: rows of both sides, watermarks, and what comes out by kind.
type joinStep struct {
	left, right     string
	late, watermark int64
	want            map[exec.JoinType]string
	state           map[exec.JoinType]string
}

// PySpark's answers, as recorded for the same rows; null keys of a full join apart.
var joinSteps = []joinStep{
	{left: "a@10=1 b@11=2", late: 0, watermark: 0},
	{right: "a@12=1 c@12=3 a@13=2", late: 0, watermark: 0, want: all("a10 a12; a10 a13", "a10")},
	{late: 0, watermark: 11},
	{left: "a@20=4 @21=5", late: 11, watermark: 11},
	{late: 11, watermark: 12},
	{right: "z@30 @22=5", late: 12, watermark: 12},
	{late: 12, watermark: 21, want: map[exec.JoinType]string{exec.LeftJoin: "b11 -", exec.RightJoin: "- c12", exec.FullJoin: "b11 -; - c12"}},
	{left: "z@30=1 z@29", late: 21, watermark: 21, want: all("z30 z30; z29 z30", "z30; z29")},
	{late: 21, watermark: 30, want: map[exec.JoinType]string{exec.LeftJoin: "a20 -; _21 -", exec.RightJoin: "- _22", exec.FullJoin: "a20 -; _21 -; - _22"}},
	{left: "b@11=9", right: "b@11 z@31=9", late: 30, watermark: 30, want: all("z30 z31; z29 z31", "")},
	{late: 30, watermark: 59, want: map[exec.JoinType]string{}},
	{left: "@=1 q@", late: 59, watermark: 59},
}

func all(pairs, semi string) map[exec.JoinType]string {
	out := map[exec.JoinType]string{exec.SemiJoin: semi}
	for _, k := range []exec.JoinType{exec.InnerJoin, exec.LeftJoin, exec.RightJoin, exec.FullJoin} {
		out[k] = pairs
	}
	return out
}

// goldenSteps runs the steps with rows shown as key and second.
func goldenSteps(t *testing.T, kind exec.JoinType, spec exec.StreamJoinSpec, steps []joinStep) {
	var epochs []testkit.Epoch
	for _, s := range steps {
		e := testkit.Epoch{LateBelow: seconds(s.late), Watermark: seconds(s.watermark), Want: []string{}}
		// Each row a split of its own: instances take them in any order.
		for _, w := range strings.Fields(s.left) {
			e.Splits = append(e.Splits, jsonOf(joinLeft, w))
		}
		for _, w := range strings.Fields(s.right) {
			e.Second = append(e.Second, jsonOf(joinRight, w))
		}
		for _, row := range strings.Split(s.want[kind], "; ") {
			if row != "" {
				e.Want = append(e.Want, row)
			}
		}
		if s.state != nil {
			e.State = []string{s.state[kind]}
		}
		epochs = append(epochs, e)
	}
	plan := streamJoinPlan(spec)
	testkit.Golden{Schema: joinLeft, Second: joinRight, Epochs: epochs, Plan: func(store state.Store) exec.Feed {
		return &exec.Node{Inputs: []exec.Feed{plan(store)}, Make: func(i exec.Instance) (exec.Operator, error) {
			return &short{mem: i.Mem, semi: kind == exec.SemiJoin}, nil
		}}
	}}.Run(t)
}

func TestStreamJoin(t *testing.T) {
	for _, kind := range []exec.JoinType{exec.InnerJoin, exec.LeftJoin, exec.RightJoin, exec.FullJoin, exec.SemiJoin} {
		t.Run(string(kind), func(t *testing.T) { goldenSteps(t, kind, joinWithin(kind, false), joinSteps) })
	}
}

// TestStreamJoinState is what state says of a left outer and of a semi join: PySpark's counts.
func TestStreamJoinState(t *testing.T) {
	kinds := func(left, semi string) map[exec.JoinType]string {
		return map[exec.JoinType]string{exec.LeftJoin: left, exec.SemiJoin: semi}
	}
	steps := []joinStep{
		{left: "a@10=1 b@11=2", state: kinds("2 2 0 0", "2 2 0 0")},
		{right: "a@12=1 c@12=3", want: all("a10 a12", "a10"), state: kinds("4 2 0 0", "3 2 1 0")},
		{watermark: 11, state: kinds("4 0 0 0", "3 0 0 0")},
		{left: "a@20=4 d@21=5", late: 11, watermark: 11, state: kinds("6 2 0 0", "5 2 0 0")},
		{right: "z@30 b@09", late: 11, watermark: 12, state: kinds("7 1 0 1", "6 1 0 1")},
		{late: 12, watermark: 21, want: map[exec.JoinType]string{exec.LeftJoin: "b11 -"}, state: kinds("3 0 4 0", "3 0 3 0")},
		{left: "z@30=1", late: 21, watermark: 21, want: all("z30 z30", "z30"), state: kinds("4 1 0 0", "3 0 0 0")},
	}
	for _, kind := range []exec.JoinType{exec.LeftJoin, exec.SemiJoin} {
		t.Run(string(kind), func(t *testing.T) { goldenSteps(t, kind, joinWithin(kind, false), steps) })
	}
}

// TestStreamJoinOnly sets rows aside that fail a condition on their own side.
func TestStreamJoinOnly(t *testing.T) {
	steps := []joinStep{
		{left: "a@10=1 b@11=9", right: "a@12=9 a@13=1", want: map[exec.JoinType]string{exec.LeftJoin: "a10 a13; b11 -", exec.FullJoin: "a10 a13; b11 -; - a12", exec.InnerJoin: "a10 a13"},
			state: map[exec.JoinType]string{exec.LeftJoin: "2 2 0 0", exec.FullJoin: "2 2 0 0", exec.InnerJoin: "2 2 0 0"}},
	}
	for _, kind := range []exec.JoinType{exec.LeftJoin, exec.FullJoin, exec.InnerJoin} {
		t.Run(string(kind), func(t *testing.T) { goldenSteps(t, kind, joinWithin(kind, true), steps) })
	}
}

// TestStreamJoinSplits puts each kind through every split of its rows into batches, and through operators above that
// fail or want no more.
func TestStreamJoinSplits(t *testing.T) {
	want := map[exec.JoinType][]string{exec.InnerJoin: {"a10 a12", "a11 a12", "a10 a13", "a11 a13"}, exec.SemiJoin: {"a10", "a11"}}
	want[exec.LeftJoin] = append([]string{"b02 -", "_03 -"}, want[exec.InnerJoin]...)
	want[exec.RightJoin] = append([]string{"- c05", "- _04"}, want[exec.InnerJoin]...)
	want[exec.FullJoin] = append([]string{"- c05", "- _04", "b02 -", "_03 -"}, want[exec.InnerJoin]...)
	for kind, rows := range want {
		t.Run(string(kind), testkit.Operator{Schemas: []*arrow.Schema{joinLeft, joinRight}, Stateful: true, KeepNulls: false, Want: rows,
			Inputs: []string{jsonOf(joinLeft, "a@10=1 b@02=2 a@11 @03"), jsonOf(joinRight, "a@12 c@05 a@13=4 @04 a@30")},
			Epoch:  exec.Epoch{LateBelow: 0, Watermark: seconds(9)},
			Make: func(i exec.Instance) (exec.Operator, error) {
				store := state.NewMemory(state.Options{FS: vfs.NewMemory(), Dir: "/state", Mem: i.Mem, Partitions: 1})
				op, err := exec.NewStreamJoin(i, store, joinWithin(kind, false))
				return &short{Operator: op, mem: i.Mem, semi: kind == exec.SemiJoin, store: store}, err
			}}.Run)
	}
}

// short shows rows as key and second of each side: a row of one string. Over an operator it passes that one's rows on.
type short struct {
	exec.Operator
	mem   memory.Allocator
	semi  bool
	store state.Store
}

func (s *short) Process(ctx context.Context, port int, b arrow.RecordBatch, emit exec.Emit) error {
	if s.Operator == nil {
		return s.show(b, emit)
	}
	return s.Operator.Process(ctx, port, b, func(b arrow.RecordBatch) error { return s.show(b, emit) })
}

func (s *short) Mark(ctx context.Context, port int, m exec.Mark, emit exec.Emit) error {
	if s.Operator == nil {
		return nil
	}
	return s.Operator.Mark(ctx, port, m, func(b arrow.RecordBatch) error { return s.show(b, emit) })
}

func (s *short) Explain() string { return "short" }

func (s *short) Close() error {
	if s.Operator == nil {
		return nil
	}
	return errors.Join(s.Operator.Close(), s.store.Close())
}

func (s *short) show(b arrow.RecordBatch, emit exec.Emit) error {
	out := array.NewStringBuilder(s.mem)
	defer out.Release()
	side := func(i, from int) string {
		if b.Column(from).IsNull(i) && b.Column(from+1).IsNull(i) && b.Column(from+2).IsNull(i) {
			return "-"
		}
		key := "_"
		if k := b.Column(from).(*array.String); k.IsValid(i) {
			key = k.Value(i)
		}
		at := b.Column(from + 1).(*array.Timestamp)
		return fmt.Sprintf("%s%02d", key, int64(at.Value(i))/1_000_000)
	}
	for i := range int(b.NumRows()) {
		text := side(i, 0)
		if !s.semi {
			text += " " + side(i, 3)
		}
		out.Append(text)
	}
	r := batch.Make(testkit.Schema("row", types.String), []arrow.Array{out.NewArray()}, int(b.NumRows()))
	defer r.Release()
	return emit(r)
}

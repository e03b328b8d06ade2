package exec_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
	"pysparkcompat/engine/vfs"
)

// teller is a worker over groups. It tells of each the key, the number of its rows and of its parts; with state it
// keeps the number of rows, and says minus that number once the group's time is out.
type teller struct {
	mem  memory.Allocator
	late int // answers that are held back until the worker is asked to wait
}

func (w *teller) Open(_ context.Context, s udf.Spec) (udf.Instance, error) {
	return &telling{w: w, spec: s}, nil
}

type telling struct {
	w        *teller
	spec     udf.Spec
	ready    []arrow.RecordBatch
	finished bool

	key         string // of the group at hand
	rows, parts []int64
	known       int64 // its state, or -1
	answers     []answered
}

// answered is what is told of one group.
type answered struct {
	key     string
	rows    []int64
	parts   int64
	action  int8
	state   int64
	timeout int64 // 0 is none
}

func (x *telling) Send(_ context.Context, b arrow.RecordBatch) error {
	lists := 1
	if x.spec.Kind == udf.CogroupPandas {
		lists = 2
	}
	for row := 0; row < int(b.NumRows()); row++ {
		if x.parts == nil {
			x.rows, x.parts, x.known, x.key = make([]int64, lists), []int64{0}, -1, ""
			if x.spec.Kind == udf.GroupState {
				if s := b.Column(udf.State).(*array.Struct); s.IsValid(row) {
					x.known = s.Field(0).(*array.Int64).Value(row)
				}
			}
		}
		x.parts[0]++
		for l := 0; l < lists; l++ {
			list := b.Column(udf.Rows + l)
			ends := batch.Ranges(list)
			x.rows[l] += int64(ends[row+1] - ends[row])
			if x.key == "" && ends[row+1] > ends[row] {
				x.key = batch.Child(list).(*array.Struct).Field(0).ValueStr(int(ends[row]))
			}
		}
		if b.Column(udf.More).(*array.Boolean).Value(row) {
			continue
		}
		a := answered{key: x.key, rows: x.rows, parts: x.parts[0]}
		if x.spec.Kind == udf.GroupState {
			x.keep(&a, b.Column(udf.TimedOut).(*array.Boolean).Value(row))
		}
		x.answers, x.parts = append(x.answers, a), nil
	}
	x.flush()
	return nil
}

// keep decides about the state: a group of three rows in all is removed, "q" is never kept.
func (x *telling) keep(a *answered, timedOut bool) {
	switch total := max(x.known, 0) + a.rows[0]; {
	case timedOut:
		a.rows[0], a.action = -x.known, udf.RemoveState
	case a.key == "q":
		a.rows[0] = total
	case total == 3:
		a.rows[0], a.action = total, udf.RemoveState
	default:
		a.rows[0], a.action, a.state = total, udf.PutState, total
		if x.spec.State.Timeout != udf.NoTimeout {
			a.timeout = max(x.spec.Watermark, 0) + 10_000
		}
	}
}

func (x *telling) flush() {
	if len(x.answers) == 0 {
		return
	}
	mem := x.w.mem
	keys, counts := array.NewStringBuilder(mem), array.NewInt64Builder(mem)
	defer keys.Release()
	defer counts.Release()
	for _, a := range x.answers {
		keys.Append(fmt.Sprintf("%s/%d", a.key, a.parts))
		counts.Append(a.rows[0])
		if len(a.rows) > 1 {
			counts.Append(a.rows[1])
			keys.Append(a.key + " other")
		}
	}
	rows := []arrow.Array{keys.NewArray(), counts.NewArray()}
	if x.spec.Kind != udf.GroupState {
		x.ready = append(x.ready, batch.Make(told, rows, rows[0].Len()))
	} else {
		x.ready = append(x.ready, x.withStates(rows))
	}
	x.answers = nil
}

var (
	told      = testkit.Schema("k", types.String, "n", types.Long)
	stateType = types.Struct{Fields: []types.Field{{Name: "n", Type: types.Long, Nullable: true}}}
)

func (x *telling) withStates(rows []arrow.Array) arrow.RecordBatch {
	mem := x.w.mem
	defer batch.Release(rows...)
	st, _ := array.NewStructArray(rows, []string{"k", "n"})
	defer st.Release()
	ends := batch.Buffer(mem, 4*(st.Len()+1))
	more, action, timeout := array.NewBooleanBuilder(mem), array.NewInt8Builder(mem), array.NewInt64Builder(mem)
	state := array.NewStructBuilder(mem, types.Arrow(stateType).(*arrow.StructType))
	for i, a := range x.answers {
		arrow.GetData[int32](ends.Bytes())[i+1] = int32(i + 1)
		more.Append(false)
		action.Append(a.action)
		if state.Append(a.action == udf.PutState); a.action == udf.PutState {
			state.FieldBuilder(0).(*array.Int64Builder).Append(a.state)
		} else {
			state.FieldBuilder(0).AppendNull()
		}
		if a.timeout > 0 {
			timeout.Append(a.timeout)
		} else {
			timeout.AppendNull()
		}
	}
	arrow.GetData[int32](ends.Bytes())[0] = 0
	st.Retain()
	list := batch.Assemble(arrow.ListOf(st.DataType()), len(x.answers), 0, []*memory.Buffer{nil, ends}, st)
	columns := []arrow.Array{more.NewArray(), list, state.NewArray(), action.NewArray(), timeout.NewArray()}
	for _, b := range []array.Builder{more, action, timeout, state} {
		b.Release()
	}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: "c", Type: c.DataType(), Nullable: true}
	}
	return batch.Make(arrow.NewSchema(fields, nil), columns, len(x.answers))
}

func (x *telling) Receive(_ context.Context, wait bool) (arrow.RecordBatch, error) {
	switch {
	case len(x.ready) == 0 && wait && !x.finished:
		return nil, errors.New("waits for ever")
	case len(x.ready) == 0, !wait && len(x.ready) <= x.w.late:
		return nil, nil
	}
	b := x.ready[0]
	x.ready = x.ready[1:]
	return b, nil
}

func (x *telling) Finish(context.Context) error { x.finished = true; return nil }

func (x *telling) Close() error {
	for _, b := range x.ready {
		b.Release()
	}
	x.ready = nil
	return nil
}

var pairType = types.Struct{Fields: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "v", Type: types.Long, Nullable: true}}}

func port() exec.GroupedPort {
	return exec.GroupedPort{Columns: []int{0, 1}, Keys: []int{0}, Types: pairType}
}

// TestGrouped gives each group once, in parts where it is large, whatever batches its rows come in.
func TestGrouped(t *testing.T) {
	for _, late := range []int{0, 100} {
		grouped := func(kind udf.Kind, parts int, keyed bool, schema *arrow.Schema, ports ...exec.GroupedPort) func(exec.Instance) (exec.Operator, error) {
			return func(i exec.Instance) (exec.Operator, error) {
				return exec.NewGrouped(i, exec.GroupedSpec{Runner: &teller{mem: i.Mem, late: late}, Spec: udf.Spec{Kind: kind}, Ports: ports, KeyTypes: []types.Type{types.String},
					PartRows: parts, Keyed: keyed, Schema: schema}), nil
			}
		}
		o := testkit.Operator{Ordered: true, Schemas: []*arrow.Schema{pair}, Inputs: []string{pairs}}
		o.Make, o.Want = grouped(udf.GroupPandas, 10, false, told, port()), []string{"(null)/1 2", "a/1 2", "b/1 2", "c/1 1"}
		t.Run("whole groups", o.Run)
		o.Make, o.Want = grouped(udf.GroupPandas, 1, false, told, port()), []string{"(null)/2 2", "a/2 2", "b/2 2", "c/1 1"}
		t.Run("parts of one row", o.Run)
		o.Make, o.Want = grouped(udf.AggPandas, 10, true, testkit.Schema("key", types.String, "k", types.String, "n", types.Long), port()),
			[]string{"(null) (null)/1 2", "a a/1 2", "b b/1 2", "c c/1 1"}
		t.Run("keys beside results", o.Run)
		o.Schemas, o.Inputs = []*arrow.Schema{pair, pair}, []string{`[{"k":"a","v":1},{"k":"c","v":2},{"k":null,"v":2}]`, `[{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3}]`}
		o.Make = grouped(udf.CogroupPandas, 10, false, told, port(), port())
		o.Want = []string{"(null)/1 1", "(null) other 0", "a/1 1", "a other 2", "b/1 0", "b other 1", "c/1 1", "c other 0"}
		t.Run("two inputs", o.Run)
	}
}

// remembering is applyInPandasWithState by the teller.
func remembering(timeout string, late int) func(state.Store) exec.Feed {
	return func(store state.Store) exec.Feed {
		x := &exec.Exchange{From: &exec.Leaf{}, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()}
		return &exec.Node{Inputs: []exec.Feed{x}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewGroupState(i, store, groupState(i, timeout, late))
		}}
	}
}

func groupState(i exec.Instance, timeout string, late int) exec.GroupStateSpec {
	in := types.Struct{Fields: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "t", Type: types.Timestamp, Nullable: true}}}
	spec := exec.GroupStateSpec{Runner: &teller{mem: i.Mem, late: late}, Port: exec.GroupedPort{Columns: []int{0, 1}, Keys: []int{0}, Types: in}, Keys: in.Fields[:1], PartRows: 2,
		EventTime: -1, Schema: told, Spec: udf.Spec{Kind: udf.GroupState, Keys: []int{0}, State: &udf.StateSpec{Type: stateType, Timeout: timeout}}}
	if timeout == udf.EventTimeTimeout {
		spec.EventTime = 1
	}
	return spec
}

func TestGroupState(t *testing.T) {
	for _, late := range []int{0, 100} {
		t.Run("states", testkit.Golden{Schema: keyed, Plan: remembering(udf.NoTimeout, late), Epochs: []testkit.Epoch{
			{Splits: at("a", "05", "b", "06", "", "07", "a", "01", "q", "01"), LateBelow: never, Watermark: never, Want: []string{"a/1 2", "b/1 1", "(null)/1 1", "q/1 1"}, State: []string{"3 3 0 0"}},
			{Splits: at("a", "05", "b", "06", "q", "07", "q", "08", "q", "09"), LateBelow: never, Watermark: never, Want: []string{"a/1 3", "b/1 2", "q/2 3"}, State: []string{"2 1 1 0"}},
			{LateBelow: never, Watermark: never, Want: []string{}, State: []string{"2 0 0 0"}},
			{Splits: at("a", "05", "", "06"), LateBelow: never, Watermark: never, Want: []string{"a/1 1", "(null)/1 2"}, State: []string{"3 2 0 0"}},
		}}.Run)
		t.Run("event time", testkit.Golden{Schema: keyed, Plan: remembering(udf.EventTimeTimeout, late), Epochs: []testkit.Epoch{
			{Splits: at("a", "05", "b", "06", "a", ""), LateBelow: never, Watermark: never, Want: []string{"a/1 2", "b/1 1"}, State: []string{"2 2 0 0"}},
			{LateBelow: never, Watermark: seconds(10), Want: []string{}, State: []string{"2 0 0 0"}},
			{Splits: at("a", "12", "b", "09", "c", "10"), LateBelow: seconds(10), Watermark: seconds(11), Want: []string{"a/1 3", "b/1 -1"}, State: []string{"0 0 2 2"}},
			{Splits: at("d", "12", "e", "13"), LateBelow: seconds(11), Watermark: seconds(11), Want: []string{"d/1 1", "e/1 1"}, State: []string{"2 2 0 0"}},
			{Splits: at("d", "40"), LateBelow: seconds(11), Watermark: seconds(40), Want: []string{"d/1 2", "e/1 -1"}, State: []string{"1 1 1 0"}},
			{LateBelow: seconds(40), Watermark: seconds(50), Want: []string{}, State: []string{"1 0 0 0"}},
			{LateBelow: seconds(40), Watermark: seconds(51), Want: []string{"d/1 -2"}, State: []string{"0 0 1 0"}},
		}}.Run)
	}
}

// TestGroupStateSplits puts one instance through every split of its input.
func TestGroupStateSplits(t *testing.T) {
	for _, late := range []int{0, 100} {
		t.Run("", testkit.Operator{Stateful: true, Ordered: true, Schemas: []*arrow.Schema{keyed}, Inputs: at("a", "01", "b", "02", "a", "01", "", "03", "a", "", "a", "05"),
			Epoch: exec.Epoch{LateBelow: math.MinInt64, Watermark: math.MinInt64},
			Make: func(i exec.Instance) (exec.Operator, error) {
				store := state.NewMemory(state.Options{FS: vfs.NewMemory(), Dir: "/state", Mem: i.Mem, Partitions: 2})
				op, err := exec.NewGroupState(i, store, groupState(i, udf.ProcessingTimeTimeout, late))
				return owning{op, store}, err
			}}.Run)
	}
}

package exec_test

import (
	"math"
	"testing"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

const never = math.MinInt64

// seconds is a time of 1970.
func seconds(n int64) int64 { return n * 1_000_000 }

// perWindow counts rows of stamps a window: partial on panes below the windows, then by windows behind an exchange.
func perWindow(mode sink.Mode, w exec.Windows, panes bool) func(state.Store) exec.Feed {
	withW := testkit.Schema("t", types.Timestamp, "v", types.Long, "w", window)
	partial := func(key expr.Evaluator, t types.Type, from exec.Feed) *exec.Node {
		schema := testkit.Schema("w", t, "n", types.Long)
		return &exec.Node{Inputs: []exec.Feed{from}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: []expr.Evaluator{key}, KeyTypes: []types.Type{t},
				Calls: []exec.Call{countAll()}, Schema: schema})
		}}
	}
	leaf := &exec.Leaf{}
	var from exec.Feed
	if panes {
		from = &exec.Node{Inputs: []exec.Feed{leaf}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewWindowed(i, col{0, types.Timestamp}, w.Pane(), testkit.Schema("t", types.Timestamp, "v", types.Long, "p", types.Timestamp), true), nil
		}}
		from = partial(col{2, types.Timestamp}, types.Timestamp, from)
		spread := from
		from = &exec.Node{Inputs: []exec.Feed{spread}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewWindowed(i, col{0, types.Timestamp}, w, testkit.Schema("p", types.Timestamp, "n", types.Long, "w", window), true), nil
		}}
		picked := from
		from = &exec.Node{Inputs: []exec.Feed{picked}, Make: func(exec.Instance) (exec.Operator, error) {
			return exec.NewColumns([]int{2, 1}, testkit.Schema("w", window, "n", types.Long), ""), nil
		}}
	} else {
		from = &exec.Node{Inputs: []exec.Feed{leaf}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewWindowed(i, col{0, types.Timestamp}, w, withW, true), nil
		}}
		from = partial(col{2, window}, window, from)
	}
	return func(store state.Store) exec.Feed {
		x := &exec.Exchange{From: from, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()}
		return &exec.Node{Inputs: []exec.Feed{x}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Keys: []types.Field{{Name: "w", Type: window}}, Calls: []exec.Call{countAll()},
				Mode: mode, Due: state.DueBy{Set: true, Column: 0, Field: 1}, Schema: testkit.Schema("w", window, "n", types.Long)})
		}}
	}
}

func tumbling(start, end, n string) string {
	return `{"end":"1970-01-01T00:` + end + `Z","start":"1970-01-01T00:` + start + `Z"} ` + n
}

// windowEpochs is one input in every mode: rows, a late row, an epoch without data that evicts.
func windowEpochs(mode sink.Mode) []testkit.Epoch {
	want := map[sink.Mode][][]string{
		sink.Append: {{}, {tumbling("00:00", "00:10", "2")}, {}, {tumbling("00:20", "00:30", "1"), tumbling("00:30", "00:40", "2")}, {}},
		sink.Update: {{tumbling("00:00", "00:10", "2"), tumbling("00:20", "00:30", "1")}, {tumbling("00:30", "00:40", "1")}, {tumbling("00:30", "00:40", "2")}, {}, {}},
		sink.Complete: {{tumbling("00:00", "00:10", "2"), tumbling("00:20", "00:30", "1")},
			{tumbling("00:00", "00:10", "2"), tumbling("00:20", "00:30", "1"), tumbling("00:30", "00:40", "1")},
			{tumbling("00:00", "00:10", "3"), tumbling("00:20", "00:30", "1"), tumbling("00:30", "00:40", "2")},
			{tumbling("00:00", "00:10", "3"), tumbling("00:20", "00:30", "1"), tumbling("00:30", "00:40", "2")},
			{tumbling("00:00", "00:10", "3"), tumbling("00:20", "00:30", "1"), tumbling("00:30", "00:40", "2")}},
	}[mode]
	states := []string{"2 2 0 0", "2 1 1 0", "2 1 0 1", "0 0 2 0", "0 0 0 0"}
	if mode == sink.Complete {
		states = []string{"2 2 0 0", "3 1 0 0", "3 2 0 0", "3 0 0 0", "3 0 0 0"}
	}
	epochs := []testkit.Epoch{
		{Splits: []string{`[{"t":"1970-01-01T00:00:01Z","v":1},{"t":"1970-01-01T00:00:21Z","v":1}]`, `[{"t":"1970-01-01T00:00:09Z","v":1},{"t":null,"v":1}]`}, LateBelow: never, Watermark: never},
		{Splits: []string{`[{"t":"1970-01-01T00:00:31Z","v":1}]`}, LateBelow: never, Watermark: seconds(10)},
		{Splits: []string{`[{"t":"1970-01-01T00:00:32Z","v":1}]`, `[{"t":"1970-01-01T00:00:03Z","v":1}]`}, LateBelow: seconds(10), Watermark: seconds(20)},
		{LateBelow: seconds(20), Watermark: seconds(40)},
		{LateBelow: seconds(40), Watermark: seconds(40)},
	}
	for i := range epochs {
		epochs[i].Want, epochs[i].State = want[i], []string{states[i]}
	}
	return epochs
}

func TestStateAggregate(t *testing.T) {
	w := exec.Windows{Duration: seconds(10), Slide: seconds(10)}
	for _, mode := range []sink.Mode{sink.Append, sink.Update, sink.Complete} {
		t.Run(string(mode), testkit.Golden{Schema: stamps, Plan: perWindow(mode, w, false), Epochs: windowEpochs(mode)}.Run)
	}
}

// TestPanes gives the same by panes as by windows.
func TestPanes(t *testing.T) {
	w := exec.Windows{Duration: seconds(6), Slide: seconds(4), Start: seconds(1)}
	epochs := []testkit.Epoch{
		{Splits: []string{`[{"t":"1970-01-01T00:00:05Z","v":1},{"t":"1970-01-01T00:00:06Z","v":1},{"t":"1970-01-01T00:00:08Z","v":1}]`, `[{"t":"1970-01-01T00:00:06Z","v":1}]`},
			LateBelow: never, Watermark: never,
			Want: []string{tumbling("00:05", "00:11", "4"), tumbling("00:01", "00:07", "3")}},
		{LateBelow: never, Watermark: seconds(10), Want: []string{}},
	}
	for _, panes := range []bool{false, true} {
		t.Run("", testkit.Golden{Schema: stamps, Plan: perWindow(sink.Update, w, panes), Epochs: epochs}.Run)
	}
}

// TestStateAggregateAll is the aggregation without keys: it has a row from the first epoch on, also where nothing came.
func TestStateAggregateAll(t *testing.T) {
	plan := func(store state.Store) exec.Feed {
		partial := &exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: aggregation(exec.Partial, nil, nil)}
		return &exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: partial, Kind: exec.Single}}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Calls: []exec.Call{sumOf(1), countAll()}, Mode: sink.Complete,
				Schema: testkit.Schema("s", types.Long, "n", types.Long)})
		}}
	}
	testkit.Golden{Schema: pair, Plan: plan, Epochs: []testkit.Epoch{
		{LateBelow: never, Watermark: never, Want: []string{"(null) (null)"}},
		{Splits: []string{pairs}, LateBelow: never, Watermark: never, Want: []string{"23 7"}},
		{LateBelow: never, Watermark: never, Want: []string{"23 7"}},
		{Splits: []string{pairs, pairs}, LateBelow: never, Watermark: never, Want: []string{"69 21"}},
	}}.Run(t)
}

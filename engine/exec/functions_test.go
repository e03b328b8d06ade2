package exec_test

import (
	"testing"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// builtin binds an aggregate of the table over one column of type long.
func builtin(t testing.TB, name string, column int) exec.Call {
	t.Helper()
	row := functions.Find(name)
	if row == nil {
		t.Fatalf("no function %s", name)
	}
	env := &functions.Env{ANSI: true, Zone: "UTC"}
	in := []*expr.Attr{{ID: 1, Name: "k", DataType: types.Long}, {ID: 2, Name: "v", DataType: types.Long, Null: true}}
	e, err := row.Bind(env, &expr.Call{Name: []string{name}, Args: []expr.Expr{in[column]}})
	must(t, err)
	agg := e.(*expr.Agg)
	args, err := expr.CompileAll(agg.Args, in)
	must(t, err)
	return exec.Call{Agg: agg, Args: args}
}

// TestBuiltins keeps the accumulators of the function table over epochs and restarts: partial, exchange, state.
func TestBuiltins(t *testing.T) {
	names := []string{"count", "sum", "avg", "min", "max", "collect_list", "first", "stddev"}
	plan := func(store state.Store) exec.Feed {
		calls := make([]exec.Call, len(names))
		pairs := []any{"k", types.Long}
		partials := []any{"k", types.Long}
		for i, n := range names {
			calls[i] = builtin(t, n, 1)
			pairs = append(pairs, n, calls[i].Agg.DataType)
			for _, b := range calls[i].Agg.Fn.Buffer(calls[i].Agg) {
				partials = append(partials, n, b)
			}
		}
		partial := node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: []expr.Evaluator{col{0, types.Long}}, KeyTypes: []types.Type{types.Long},
				Calls: calls, Schema: testkit.Schema(partials...)})
		}, &exec.Leaf{})
		return node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Keys: []types.Field{{Name: "k", Type: types.Long}}, Calls: calls, Mode: sink.Update, Schema: testkit.Schema(pairs...)})
		}, &exec.Exchange{From: partial, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()})
	}
	testkit.Golden{Schema: testkit.Schema("k", types.Long, "v", types.Long), Plan: plan, Epochs: []testkit.Epoch{
		{Splits: []string{`[{"k":1,"v":2147483647},{"k":1,"v":2147483647},{"k":2,"v":null}]`}, LateBelow: never, Watermark: never,
			Want: []string{"1 2 4294967294 2.147483647e+09 2147483647 2147483647 [2147483647,2147483647] 2147483647 0", "2 0 (null) (null) (null) (null) [] (null) (null)"}},
		{Splits: []string{`[{"k":2,"v":5}]`}, LateBelow: never, Watermark: never, Want: []string{"2 1 5 5 5 5 [5] (null) (null)"}},
		{Splits: []string{`[{"k":2,"v":1},{"k":2,"v":9}]`}, LateBelow: never, Watermark: never, Want: []string{"2 3 15 5 1 9 [5,1,9] (null) 4"}},
	}}.Run(t)
}

func BenchmarkBuiltins(b *testing.B) {
	plan := func(store state.Store) exec.Feed {
		calls := []exec.Call{}
		pairs, partials := []any{"k", types.Long}, []any{"k", types.Long}
		for _, n := range []string{"count", "count", "min", "max", "avg", "sum"} {
			c := builtin(b, n, 1)
			calls = append(calls, c)
			pairs = append(pairs, n, c.Agg.DataType)
			for _, t := range c.Agg.Fn.Buffer(c.Agg) {
				partials = append(partials, n, t)
			}
		}
		partial := node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: []expr.Evaluator{col{0, types.Long}}, KeyTypes: []types.Type{types.Long},
				Calls: calls, Schema: testkit.Schema(partials...)})
		}, &exec.Leaf{})
		return node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Keys: []types.Field{{Name: "k", Type: types.Long}}, Calls: calls, Mode: sink.Complete, Schema: testkit.Schema(pairs...)})
		}, &exec.Exchange{From: partial, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()})
	}
	benchEpochs(b, 1, plan, false)
}

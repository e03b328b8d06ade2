package exec_test

import (
	"context"
	"math/rand"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// bids is the shape of the benchmark's data: auction, price, time; recent auctions, half of the bids on a hot few.
func bids(n int) []arrow.RecordBatch {
	mem := memory.NewGoAllocator()
	r := rand.New(rand.NewSource(7))
	schema := testkit.Schema("auction", types.Long, "price", types.Long, "t", types.Timestamp)
	var out []arrow.RecordBatch
	for at := 0; at < n; at += batch.Rows {
		rows := min(batch.Rows, n-at)
		a, p, t := batch.NewFixed[int64](mem, rows), batch.NewFixed[int64](mem, rows), batch.NewFixed[int64](mem, rows)
		for i := 0; i < rows; i++ {
			us := int64(at+i) * 5000 / 46
			limit := max(us*3/5000, 1)
			low := max(limit-3000, 0)
			a.Values[i] = low + r.Int63n(limit-low)
			if r.Intn(2) == 0 {
				a.Values[i] = (limit - 1) / 100 * 100
			}
			p.Values[i], t.Values[i] = r.Int63n(1_000_000), 1_700_000_000_000_000+us
		}
		out = append(out, batch.Make(schema, []arrow.Array{a.Done(arrow.PrimitiveTypes.Int64, nil), p.Done(arrow.PrimitiveTypes.Int64, nil),
			t.Done(types.Arrow(types.Timestamp), nil)}, rows))
	}
	return out
}

// benchEpochs runs a stateful plan over five epochs of 800,000 bids, commits to disk between, all on the given cores.
func benchEpochs(b *testing.B, cores int, plan func(state.Store) exec.Feed, watermark bool) {
	data := bids(4_000_000)
	mem := memory.NewGoAllocator()
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		store := state.NewMemory(state.Options{FS: vfs.OS{}, Dir: b.TempDir() + "/state", Mem: mem, Partitions: cores})
		rows := 0
		p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: plan(store), Kind: exec.Single}}, Make: func(exec.Instance) (exec.Operator, error) { return &counter{n: &rows}, nil }},
			exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: cores})
		must(b, err)
		must(b, store.Restore(b.Context(), -1))
		mark := int64(never)
		for e := 0; e < 5; e++ {
			part := data[e*len(data)/5 : (e+1)*len(data)/5]
			in := exec.StageInput{Splits: splitsOf(part...)}
			must(b, p.Run(b.Context(), exec.Epoch{ID: int64(e), LateBelow: mark, Watermark: mark}, []exec.StageInput{in}))
			must(b, store.Commit(b.Context(), int64(e)))
			must(b, store.Maintain(b.Context(), int64(e-2)))
			if watermark {
				mark = 1_700_000_000_000_000 + int64((e+1)*800_000)*5000/46 - 4_000_000
			}
		}
		must(b, p.Close())
		must(b, store.Close())
		b.ReportMetric(float64(rows), "rows")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/run")
}

type counter struct{ n *int }

func (c *counter) Process(_ context.Context, _ int, b arrow.RecordBatch, emit exec.Emit) error {
	*c.n += int(b.NumRows())
	return nil
}
func (c *counter) Mark(context.Context, int, exec.Mark, exec.Emit) error { return nil }
func (c *counter) Explain() string                                       { return "count" }
func (c *counter) Close() error                                          { return nil }

func node(make func(i exec.Instance) (exec.Operator, error), from exec.Feed) *exec.Node {
	return &exec.Node{Make: make, Inputs: []exec.Feed{from}}
}

// q5 counts bids by sliding window and auction, by panes.
func q5(panes bool) func(state.Store) exec.Feed {
	w := exec.Windows{Duration: 10_000_000, Slide: 2_000_000}
	return func(store state.Store) exec.Feed {
		var from exec.Feed = &exec.Leaf{}
		partial := func(from exec.Feed, key types.Type, columns ...int) exec.Feed {
			schema := testkit.Schema("w", key, "auction", types.Long, "n", types.Long)
			return node(func(i exec.Instance) (exec.Operator, error) {
				return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: []expr.Evaluator{col{columns[0], key}, col{columns[1], types.Long}},
					KeyTypes: []types.Type{key, types.Long}, Calls: []exec.Call{countAll()}, Schema: schema})
			}, from)
		}
		spread := func(from exec.Feed, time int, w exec.Windows, schema *arrow.Schema) exec.Feed {
			return node(func(i exec.Instance) (exec.Operator, error) {
				return exec.NewWindowed(i, col{time, types.Timestamp}, w, schema, true), nil
			}, from)
		}
		from = node(func(exec.Instance) (exec.Operator, error) {
			return exec.NewColumns([]int{0, 2}, testkit.Schema("auction", types.Long, "t", types.Timestamp), ""), nil
		}, from)
		if panes {
			from = spread(from, 1, w.Pane(), testkit.Schema("auction", types.Long, "t", types.Timestamp, "p", types.Timestamp))
			from = partial(from, types.Timestamp, 2, 0)
			from = spread(from, 0, w, testkit.Schema("p", types.Timestamp, "auction", types.Long, "n", types.Long, "w", window))
			from = node(func(exec.Instance) (exec.Operator, error) {
				return exec.NewColumns([]int{3, 1, 2}, testkit.Schema("w", window, "auction", types.Long, "n", types.Long), ""), nil
			}, from)
		} else {
			from = spread(from, 1, w, testkit.Schema("auction", types.Long, "t", types.Timestamp, "w", window))
			from = partial(from, window, 2, 0)
		}
		return node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Keys: []types.Field{{Name: "w", Type: window}, {Name: "auction", Type: types.Long}},
				Calls: []exec.Call{countAll()}, Mode: sink.Append, Due: state.DueBy{Set: true, Column: 0, Field: 1},
				Schema: testkit.Schema("w", window, "auction", types.Long, "n", types.Long)})
		}, &exec.Exchange{From: from, Kind: exec.Hash, Keys: []int{0, 1}, Partitions: store.Partitions()})
	}
}

// q17 keeps six aggregates by auction, complete.
func q17(store state.Store) exec.Feed {
	calls := []exec.Call{countAll(), sumOf(1), sumOf(1), sumOf(1), sumOf(1), sumOf(1)}
	schema := testkit.Schema("auction", types.Long, "a", types.Long, "b", types.Long, "c", types.Long, "d", types.Long, "e", types.Long, "f", types.Long)
	from := node(func(i exec.Instance) (exec.Operator, error) {
		return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: []expr.Evaluator{col{0, types.Long}}, KeyTypes: []types.Type{types.Long}, Calls: calls, Schema: schema})
	}, &exec.Leaf{})
	return node(func(i exec.Instance) (exec.Operator, error) {
		return exec.NewStateAggregate(i, store, exec.StateAggregateSpec{Keys: []types.Field{{Name: "auction", Type: types.Long}}, Calls: calls, Mode: sink.Complete, Schema: schema})
	}, &exec.Exchange{From: from, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()})
}

func BenchmarkQ5(b *testing.B) {
	for _, cores := range []int{1, 2} {
		b.Run(map[int]string{1: "one core", 2: "two cores"}[cores], func(b *testing.B) { benchEpochs(b, cores, q5(true), true) })
	}
	b.Run("without panes", func(b *testing.B) { benchEpochs(b, 1, q5(false), true) })
}

func BenchmarkQ17(b *testing.B) { benchEpochs(b, 1, q17, false) }

// BenchmarkEpoch is what an epoch of one row costs without a commit: partial, exchange, state, sink.
func BenchmarkEpoch(b *testing.B) {
	mem := memory.NewGoAllocator()
	store := state.NewMemory(state.Options{FS: vfs.NewMemory(), Dir: "/state", Mem: mem, Partitions: 2})
	rows := 0
	p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: q17(store), Kind: exec.Single}}, Make: func(exec.Instance) (exec.Operator, error) { return &counter{n: &rows}, nil }},
		exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2})
	must(b, err)
	must(b, store.Restore(b.Context(), -1))
	one := bids(1)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		must(b, p.Run(b.Context(), exec.Epoch{ID: int64(i), LateBelow: never, Watermark: never}, []exec.StageInput{{Splits: splitsOf(one...)}}))
	}
	must(b, p.Close())
}

// BenchmarkJoin probes a table of 100,000 keys with 4 million rows.
func BenchmarkJoin(b *testing.B) {
	mem := memory.NewGoAllocator()
	data := bids(4_000_000)
	f := batch.NewFixed[int64](mem, 300_000)
	for i := range f.Values {
		f.Values[i] = int64(i)
	}
	schema := testkit.Schema("id", types.Long)
	side := []arrow.RecordBatch{batch.Make(schema, []arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, 300_000)}
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		rows := 0
		table := exec.NewJoinTable(1, []types.Type{types.Long}, nil, schema)
		key := []expr.Evaluator{col{0, types.Long}}
		plan := node(func(i exec.Instance) (exec.Operator, error) {
			return exec.NewJoin(i, exec.JoinSpec{Type: exec.InnerJoin, Table: table, Keys: key,
				Schema: testkit.Schema("auction", types.Long, "price", types.Long, "t", types.Timestamp, "id", types.Long)})
		}, &exec.Leaf{})
		plan.Before = []*exec.Build{{Root: node(func(i exec.Instance) (exec.Operator, error) { return exec.NewJoinBuild(i, table, key), nil }, &exec.Leaf{Source: 1})}}
		p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: plan, Kind: exec.Single}}, Make: func(exec.Instance) (exec.Operator, error) { return &counter{n: &rows}, nil }},
			exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
		must(b, err)
		must(b, p.Run(b.Context(), exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(data...)}, {Splits: splitsOf(side...)}}))
		must(b, p.Close())
		if rows != 4_000_000 {
			b.Fatal(rows)
		}
	}
	b.ReportMetric(4*float64(b.N)/b.Elapsed().Seconds(), "Mrows/s")
}

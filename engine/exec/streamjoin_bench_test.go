package exec_test

import (
	"math/rand"
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

// auctions are those of one category in five, for as much time as n bids take.
func auctions(n int) []arrow.RecordBatch {
	mem := memory.NewGoAllocator()
	r := rand.New(rand.NewSource(8))
	schema := testkit.Schema("id", types.Long, "t", types.Timestamp)
	var ids, times []int64
	for i := 0; i < n*3/46; i++ {
		if r.Intn(5) == 0 {
			ids, times = append(ids, int64(i)), append(times, 1_700_000_000_000_000+int64(i)*5000/3)
		}
	}
	var out []arrow.RecordBatch
	for lo := 0; lo < len(ids); lo += batch.Rows {
		rows := min(batch.Rows, len(ids)-lo)
		a, t := batch.NewFixed[int64](mem, rows), batch.NewFixed[int64](mem, rows)
		copy(a.Values, ids[lo:])
		copy(t.Values, times[lo:])
		out = append(out, batch.Make(schema, []arrow.Array{a.Done(arrow.PrimitiveTypes.Int64, nil), t.Done(types.Arrow(types.Timestamp), nil)}, rows))
	}
	return out
}

// BenchmarkStreamJoin joins 4 million bids with the auctions of up to 10 seconds before, over five epochs, committed to
// disk between.
func BenchmarkStreamJoin(b *testing.B) {
	const cores, n = 2, 4_000_000
	mem := memory.NewGoAllocator()
	left, right := bids(n), auctions(n)
	long, time := types.Field{Name: "k", Type: types.Long}, types.Field{Name: "t", Type: types.Timestamp}
	within := test{func(b arrow.RecordBatch, i int) bool {
		bt, at := b.Column(0).(*array.Timestamp).Value(i), b.Column(1).(*array.Timestamp).Value(i)
		return bt >= at && bt <= at+10_000_000
	}}
	spec := exec.StreamJoinSpec{Type: exec.InnerJoin, Keys: []types.Field{long}, Condition: within, PairSchema: testkit.Schema("bt", types.Timestamp, "at", types.Timestamp),
		Schema: testkit.Schema("auction", types.Long, "price", types.Long, "t", types.Timestamp, "id", types.Long, "at", types.Timestamp)}
	by := func(column int) state.DueBy { return state.DueBy{Set: true, Value: true, Column: column, Field: -1} }
	late := func(column int) state.DueBy { return state.DueBy{Set: true, Column: column, Field: -1} }
	spec.Sides[0] = exec.StreamSide{Columns: []types.Field{long, long, time}, Keys: []int{0}, Uses: []int{2}, Late: late(2), Due: by(2),
		Bound: func(w int64) int64 { return w - 1000 }}
	spec.Sides[1] = exec.StreamSide{Columns: []types.Field{long, time}, Keys: []int{0}, Uses: []int{1}, Late: late(1), Due: by(1),
		Bound: func(w int64) int64 { return w - 10_001_000 }}
	b.ResetTimer()
	for range b.N {
		store := state.NewMemory(state.Options{FS: vfs.OS{}, Dir: b.TempDir() + "/state", Mem: mem, Partitions: cores})
		rows := 0
		port := func(source int) exec.Feed {
			return &exec.Exchange{From: &exec.Leaf{Source: source}, Kind: exec.Hash, Keys: []int{0}, Partitions: cores}
		}
		join := &exec.Node{Inputs: []exec.Feed{port(0), port(1)}, Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewStreamJoin(i, store, spec) }}
		p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: join, Kind: exec.Single}}, Make: func(exec.Instance) (exec.Operator, error) { return &counter{n: &rows}, nil }},
			exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: cores})
		must(b, err)
		must(b, store.Restore(b.Context(), -1))
		before, mark := int64(never), int64(never)
		for e := range 5 {
			l, r := left[e*len(left)/5:(e+1)*len(left)/5], right[e*len(right)/5:(e+1)*len(right)/5]
			must(b, p.Run(b.Context(), exec.Epoch{ID: int64(e), LateBelow: before, Watermark: mark}, []exec.StageInput{{Splits: splitsOf(l...)}, {Splits: splitsOf(r...)}}))
			must(b, store.Commit(b.Context(), int64(e)))
			must(b, store.Maintain(b.Context(), int64(e-2)))
			before, mark = mark, 1_700_000_000_000_000+int64((e+1)*800_000)*5000/46-4_000_000
		}
		must(b, p.Close())
		must(b, store.Close())
		b.ReportMetric(float64(rows), "rows")
	}
}

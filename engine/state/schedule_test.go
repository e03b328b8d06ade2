package state

import (
	"context"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// timeouts are rows that a value makes due, in partitions by the first of two keys.
var timeouts = Spec{Name: "timeouts", Keys: []types.Field{{Name: "k", Type: types.Long}, {Name: "n", Type: types.Long}},
	Values: []types.Field{{Name: "at", Type: types.Long}}, Due: DueBy{Set: true, Value: true}, PartitionBy: 1}

func longs(mem memory.Allocator, v ...int64) arrow.Array {
	b := array.NewInt64Builder(mem)
	defer b.Release()
	b.AppendValues(v, nil)
	return b.NewArray()
}

// scheduled is what a store holds: (k, n) to its time.
func scheduled(t *testing.T, tables []Table, loads []*sums) map[[2]int64]int64 {
	t.Helper()
	out := map[[2]int64]int64{}
	for i, table := range tables {
		slots := table.All()
		keys, err := table.Keys(slots)
		if err != nil {
			t.Fatal(err)
		}
		k, n := batch.Values[int64](keys[0]), batch.Values[int64](keys[1])
		for j, s := range slots {
			out[[2]int64{k[j], n[j]}] = loads[i].v[s]
		}
		batch.Release(keys...)
	}
	return out
}

func openTimeouts(t *testing.T, kind provider, fs vfs.FS, mem memory.Allocator, instances int) (Store, []Table, []*sums) {
	t.Helper()
	store := kind.make(Options{FS: fs, Dir: "/c/state", Mem: mem, Partitions: 5, SnapshotEpochs: 2})
	var tables []Table
	var loads []*sums
	for i := 0; i < instances; i++ {
		load := &sums{mem: mem}
		table, err := store.Open(timeouts, i, instances, load)
		if err != nil {
			t.Fatal(err)
		}
		tables, loads = append(tables, table), append(loads, load)
	}
	return store, tables, loads
}

// set gives rows their times on the instance that holds the partition of k.
func set(t *testing.T, mem memory.Allocator, store Store, tables []Table, loads []*sums, k, n, at int64) {
	t.Helper()
	keys := []arrow.Array{longs(mem, k), longs(mem, n)}
	defer batch.Release(keys...)
	part := make([]int32, 1)
	Partition(keys[:1], 1, store.Partitions(), make([]uint64, 1), part)
	i, slot := int(part[0])%len(tables), make([]int32, 1)
	if err := tables[i].Slots(keys, 1, slot); err != nil {
		t.Fatal(err)
	}
	loads[i].v[slot[0]] = at
	tables[i].Schedule(slot, []int64{at})
	tables[i].Touch(slot)
}

func TestScheduled(t *testing.T) { eachProvider(t, testScheduled) }

func testScheduled(t *testing.T, kind provider) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	fs, ctx := vfs.NewMemory(), context.Background()
	if err := fs.MkdirAll("/c"); err != nil {
		t.Fatal(err)
	}
	store, tables, loads := openTimeouts(t, kind, fs, mem, 2)
	if err := store.Restore(ctx, -1); err != nil {
		t.Fatal(err)
	}
	for k := int64(0); k < 20; k++ {
		set(t, mem, store, tables, loads, k, 1, 100+k)
		set(t, mem, store, tables, loads, k, 2, NoDue)
	}
	commit := func(epoch int64) {
		t.Helper()
		if err := store.Commit(ctx, epoch); err != nil {
			t.Fatal(err)
		}
		if err := store.Maintain(ctx, 0); err != nil {
			t.Fatal(err)
		}
	}
	commit(0)
	// One that moves back to before the eviction, one that moves behind it, one made and evicted at once.
	set(t, mem, store, tables, loads, 19, 1, 101)
	set(t, mem, store, tables, loads, 0, 1, 500)
	set(t, mem, store, tables, loads, 30, 1, 90)
	gone := 0
	for _, table := range tables {
		due := table.Due(105)
		gone += len(due)
		table.Delete(due)
	}
	if gone != 5+1+1 { // k 1 to 5, 19, 30
		t.Fatalf("%d rows were due", gone)
	}
	commit(1)
	want := scheduled(t, tables, loads)
	if len(want) != 40-6 || want[[2]int64{0, 1}] != 500 {
		t.Fatalf("held: %v", want)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, instances := range []int{1, 2, 3} {
		again, tables, loads := openTimeouts(t, kind, fs, mem, instances)
		if err := again.Restore(ctx, 1); err != nil {
			t.Fatal(err)
		}
		got := scheduled(t, tables, loads)
		if len(got) != len(want) {
			t.Fatalf("%d instances hold %v, want %v", instances, got, want)
		}
		var due []int64
		for i, table := range tables {
			for _, s := range table.Due(1000) {
				due = append(due, loads[i].v[s])
			}
		}
		slices.Sort(due)
		if len(due) != 14 || due[0] != 106 || due[13] != 500 {
			t.Fatalf("%d instances have due %v", instances, due)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

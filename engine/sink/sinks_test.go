package sink_test

import (
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

var one = types.Struct{Fields: []types.Field{{Name: "v", Type: types.Long, Nullable: true}}}

func numbers(mem memory.Allocator, values ...int64) arrow.RecordBatch {
	b := array.NewRecordBuilder(mem, types.ArrowSchema(one))
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues(values, nil)
	return b.NewRecordBatch()
}

func values(batches []arrow.RecordBatch) (out []int64) {
	for _, b := range batches {
		out = append(out, b.Column(0).(*array.Int64).Int64Values()...)
	}
	return out
}

// epoch writes by two instances, the second one first.
func epoch(t *testing.T, mem memory.Allocator, s sink.Sink, id int64, first, second []int64) bool {
	t.Helper()
	ctx := context.Background()
	done, err := s.Begin(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if done {
		return true
	}
	for i, rows := range [][]int64{second, first} {
		w, err := s.Writer(ctx, id, 1-i)
		if err != nil {
			t.Fatal(err)
		}
		b := numbers(mem, rows...)
		if err := w.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
		b.Release()
		if err := w.Close(true); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(ctx, id); err != nil {
		t.Fatal(err)
	}
	return false
}

func same(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestMemory(t *testing.T) {
	for mode, want := range map[sink.Mode][]int64{sink.Append: {1, 2, 3, 4}, sink.Update: {1, 2, 3, 4}, sink.Complete: {3, 4}} {
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		m := sink.NewMemory(one, mode)
		epoch(t, mem, m, 0, []int64{1}, []int64{2})
		epoch(t, mem, m, 1, []int64{3}, []int64{4})
		if !epoch(t, mem, m, 1, []int64{5}, nil) {
			t.Errorf("%s: an epoch was taken twice", mode)
		}
		rows := m.Snapshot()
		if got := values(rows); !same(got, want) {
			t.Errorf("%s holds %v, want %v", mode, got, want)
		}
		for _, b := range rows {
			b.Release()
		}
		m.Clear()
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		mem.AssertSize(t, 0)
	}
}

// read gives an epoch's rows, as often as asked.
func read(t *testing.T, rows *sink.Rows) (out []int64) {
	t.Helper()
	for p := range rows.Parts() {
		r, err := rows.Open(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := r.Next(context.Background())
			if err != nil {
				break
			}
			out = append(out, values([]arrow.RecordBatch{b})...)
			b.Release()
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestForeachBatchGetsAnEpochAsAWholeAlsoSpilled(t *testing.T) {
	for _, above := range []int64{0, 1, 1 << 20} {
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		var got [][]int64
		var kept *sink.Rows
		s, err := sink.Open(context.Background(), "foreachBatch", &sink.Env{FS: vfs.NewMemory(), Mem: mem, Schema: one, Spill: "/spill", SpillAbove: above,
			Call: func(_ context.Context, id int64, rows *sink.Rows) error {
				first := read(t, rows)
				if !same(first, read(t, rows)) {
					t.Error("the second reading differs")
				}
				got, kept = append(got, append([]int64{id}, first...)), rows
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		epoch(t, mem, s, 7, []int64{1}, []int64{2})
		epoch(t, mem, s, 7, []int64{1}, []int64{2})
		if len(got) != 2 || !same(got[0], []int64{7, 1, 2}) || !same(got[1], got[0]) {
			t.Fatalf("handed %v", got)
		}
		if _, err := kept.Open(0, nil); err == nil {
			t.Error("an epoch's rows can be read after the function returned")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		mem.AssertSize(t, 0)
	}
}

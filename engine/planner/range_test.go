package planner_test

import (
	"context"
	"io"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/source"
)

// numbers reads a range through its splits.
func numbers(t *testing.T, r *logical.Range, cores int, columns []int) (out []int64, rows int64, splits int) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	all := planner.RangeSplits(r, cores, mem)
	for _, s := range all {
		reader, err := s.Open(context.Background(), source.Pushdown{Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := reader.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			rows += b.NumRows()
			if b.NumCols() > 0 {
				out = append(out, b.Column(0).(*array.Int64).Int64Values()...)
			}
			b.Release()
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out, rows, len(all)
}

func TestRangesAreCutWithoutLossAtAnyEdge(t *testing.T) {
	for name, c := range map[string]struct {
		r      logical.Range
		first  int64
		last   int64
		count  int
		splits int
	}{
		"up":                {logical.Range{Start: 0, End: 10, Step: 3}, 0, 9, 4, 2},
		"down":              {logical.Range{Start: 10, End: 0, Step: -4}, 10, 2, 3, 2},
		"given parts":       {logical.Range{Start: 0, End: 5, Step: 1, Partitions: 7}, 0, 4, 5, 5},
		"billions of parts": {logical.Range{Start: 0, End: 100_000, Step: 1, Partitions: math.MaxInt32}, 0, 99_999, 100_000, 1 << 16},
		"greatest long":     {logical.Range{Start: math.MaxInt64 - 2, End: math.MaxInt64, Step: 1}, math.MaxInt64 - 2, math.MaxInt64 - 1, 2, 2},
		"over the whole":    {logical.Range{Start: math.MinInt64, End: math.MaxInt64, Step: math.MaxInt64}, math.MinInt64, math.MaxInt64 - 1, 3, 2},
	} {
		got, rows, splits := numbers(t, &c.r, 2, nil)
		if len(got) != c.count || rows != int64(c.count) || got[0] != c.first || got[len(got)-1] != c.last || splits != c.splits {
			t.Errorf("%s: %v in %d splits", name, got, splits)
		}
	}
}

func TestARangeWithoutColumnsStillCounts(t *testing.T) {
	if got, rows, _ := numbers(t, &logical.Range{End: 100_000, Step: 1}, 3, []int{}); len(got) != 0 || rows != 100_000 {
		t.Errorf("%d values, %d rows", len(got), rows)
	}
}

func TestEmptyRanges(t *testing.T) {
	for _, r := range []logical.Range{{Start: 5, End: 5, Step: 1}, {Start: 5, End: 0, Step: 1}, {Start: 0, End: 5, Step: -1}} {
		if _, rows, _ := numbers(t, &r, 2, nil); rows != 0 {
			t.Errorf("%+v has %d rows", r, rows)
		}
	}
}

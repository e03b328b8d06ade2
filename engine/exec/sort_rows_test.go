package exec

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// sortColumn is n values out of few, some of them null.
func sortColumn(t types.Type, n int, r *rand.Rand) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, types.Arrow(t))
	defer b.Release()
	for i := 0; i < n; i++ {
		if r.Intn(6) == 0 {
			b.AppendNull()
			continue
		}
		v := r.Intn(9) - 4
		switch b := b.(type) {
		case *array.Int64Builder:
			b.Append(int64(v) * math.MaxInt64 / 4)
		case *array.Int32Builder:
			b.Append(int32(v))
		case *array.Int16Builder:
			b.Append(int16(v))
		case *array.Int8Builder:
			b.Append(int8(v) * 30)
		case *array.Date32Builder:
			b.Append(arrow.Date32(v))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(v))
		case *array.BooleanBuilder:
			b.Append(v > 0)
		case *array.Float64Builder:
			b.Append([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1.5, -1.5, 1e-300, -2}[v+4])
		case *array.Float32Builder:
			b.Append([]float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), 3, -3, 1.5, -1.5, 1e-30, -2}[v+4])
		case *array.StringBuilder:
			b.Append([]string{"", "a", "ab", "abcdefgh", "abcdefgh\x00", "abcdefghi", "é", "\x00", "b"}[v+4])
		}
	}
	return b.NewArray()
}

// TestSortRows agrees with the columns' own comparisons, ties in their order.
func TestSortRows(t *testing.T) {
	kinds := []types.Type{types.Long, types.Int, types.Short, types.Byte, types.Date, types.Timestamp, types.Boolean, types.Double, types.Float, types.String}
	r := rand.New(rand.NewSource(1))
	for _, first := range kinds {
		for _, order := range []batch.Order{{}, {NullsFirst: true}, {Descending: true}, {Descending: true, NullsFirst: true}} {
			keys := []arrow.Array{sortColumn(first, 300, r), sortColumn(kinds[r.Intn(len(kinds))], 300, r)}
			for n := 1; n <= 2; n++ {
				orders := []batch.Order{order, batch.Ascending}[:n]
				if got, want := sortRows(keys[:n], orders, 300), batch.SortIndices(keys[:n], orders, 300); !slices.Equal(got, want) {
					t.Fatalf("%s %+v by %d keys: %s", first, order, n, firstDifference(got, want))
				}
			}
		}
	}
}

func firstDifference(got, want []int32) string {
	for i := range got {
		if got[i] != want[i] {
			return fmt.Sprintf("at %d row %d, want %d", i, got[i], want[i])
		}
	}
	return "lengths differ"
}

func BenchmarkSortRows(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	f := batch.NewFixed[int64](memory.DefaultAllocator, 1_000_000)
	for i := range f.Values {
		f.Values[i] = r.Int63()
	}
	keys, orders := []arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, []batch.Order{batch.Ascending}
	b.Run("ranked", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			sortRows(keys, orders, 1_000_000)
		}
	})
	b.Run("compared", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			batch.SortIndices(keys, orders, 1_000_000)
		}
	})
}

package exec

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
)

// ranked is a row with its first key in 64 bits, whose order is the key's as far as they reach.
type ranked struct {
	rank uint64
	row  int32
}

// sortRows gives the rows in order, stable. The first key decides most comparisons by its 64 bits; the rest goes
// through the columns' comparisons.
func sortRows(keys []arrow.Array, orders []batch.Order, n int) []int32 {
	if len(keys) == 0 {
		return batch.SortIndices(keys, orders, n)
	}
	rank, exact := ranker(keys[0])
	if rank == nil {
		return batch.SortIndices(keys, orders, n)
	}
	var rest []batch.Compare
	for i, k := range keys {
		if i > 0 || !exact {
			rest = append(rest, batch.Comparator(k, k, orders[i]))
		}
	}
	valid := batch.Valid(keys[0])
	var nulls []ranked
	rows := make([]ranked, 0, n)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			nulls = append(nulls, ranked{row: int32(i)})
			continue
		}
		r := rank(i)
		if orders[0].Descending {
			r = ^r
		}
		rows = append(rows, ranked{r, int32(i)})
	}
	sortRanked(rows, rest)
	sortRanked(nulls, rest)
	out := make([]int32, 0, n)
	if orders[0].NullsFirst {
		rows, nulls = nulls, rows
	}
	for _, part := range [][]ranked{rows, nulls} {
		for _, r := range part {
			out = append(out, r.row)
		}
	}
	return out
}

func sortRanked(rows []ranked, rest []batch.Compare) {
	slices.SortFunc(rows, func(a, b ranked) int {
		if a.rank != b.rank {
			if a.rank < b.rank {
				return -1
			}
			return 1
		}
		for _, c := range rest {
			if x := c(int(a.row), int(b.row)); x != 0 {
				return x
			}
		}
		return cmp.Compare(a.row, b.row)
	})
}

// ranker gives a column's values as 64 bits in their order; exact says that equal bits are equal values. nil where
// values have no such form.
func ranker(a arrow.Array) (rank func(row int) uint64, exact bool) {
	switch a.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return signed(batch.Values[int64](a)), true
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return signed(batch.Values[int32](a)), true
	case arrow.INT16:
		return signed(batch.Values[int16](a)), true
	case arrow.INT8:
		return signed(batch.Values[int8](a)), true
	case arrow.FLOAT64:
		v := batch.Values[float64](a)
		return func(row int) uint64 { return floatRank(v[row]) }, true
	case arrow.FLOAT32:
		v := batch.Values[float32](a)
		return func(row int) uint64 { return floatRank(float64(v[row])) }, true
	case arrow.STRING, arrow.BINARY:
		offsets, data := batch.Text(a)
		return func(row int) uint64 {
			s := data[offsets[row]:offsets[row+1]]
			if len(s) >= 8 {
				return binary.BigEndian.Uint64(s)
			}
			var b [8]byte
			copy(b[:], s)
			return binary.BigEndian.Uint64(b[:])
		}, false
	}
	return nil, false
}

func signed[T int8 | int16 | int32 | int64](v []T) func(int) uint64 {
	return func(row int) uint64 { return uint64(int64(v[row])) ^ 1<<63 }
}

// floatRank puts NaN above all and makes -0.0 equal 0.0.
func floatRank(v float64) uint64 {
	if v != v {
		return math.MaxUint64
	}
	b := math.Float64bits(v)
	if v == 0 {
		b = 0
	}
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

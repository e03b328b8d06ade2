package batch

import (
	"bytes"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Order is a sort direction. Spark's ascending has nulls first, its descending nulls last.
type Order struct{ Descending, NullsFirst bool }

// Ascending is Spark's default order.
var Ascending = Order{NullsFirst: true}

// Compare orders row i of one column against row j of another: negative, zero or positive.
type Compare func(i, j int) int

// Comparator compares rows of two columns of one type in Spark's order: NaN is the greatest and equals itself, -0.0
// equals 0.0, strings and binaries by bytes, structs and arrays by parts with nulls least. Maps have no order;
// they compare as arrays of entries.
func Comparator(left, right arrow.Array, o Order) Compare {
	return nullsAround(Natural(left, right), Valid(left), Valid(right), o)
}

// Natural compares values that are known not to be null, ascending.
func Natural(left, right arrow.Array) Compare {
	switch left.DataType().ID() {
	case arrow.NULL:
		return func(int, int) int { return 0 }
	case arrow.BOOL:
		l, r := Bools(left), Bools(right)
		return func(i, j int) int { return flag(l.Get(i)) - flag(r.Get(j)) }
	case arrow.INT8:
		return ordered(Values[int8](left), Values[int8](right))
	case arrow.INT16:
		return ordered(Values[int16](left), Values[int16](right))
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return ordered(Values[int32](left), Values[int32](right))
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return ordered(Values[int64](left), Values[int64](right))
	case arrow.FLOAT32:
		return floats(Values[float32](left), Values[float32](right))
	case arrow.FLOAT64:
		return floats(Values[float64](left), Values[float64](right))
	case arrow.DECIMAL128:
		l, r := Values[decimal128.Num](left), Values[decimal128.Num](right)
		return func(i, j int) int { return l[i].Cmp(r[j]) }
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return intervals(Values[arrow.MonthDayNanoInterval](left), Values[arrow.MonthDayNanoInterval](right))
	case arrow.STRING, arrow.BINARY:
		lo, ld := Text(left)
		ro, rd := Text(right)
		return func(i, j int) int { return bytes.Compare(ld[lo[i]:lo[i+1]], rd[ro[j]:ro[j+1]]) }
	case arrow.STRUCT:
		return structs(left.(*array.Struct), right.(*array.Struct))
	case arrow.LIST, arrow.MAP:
		return lists(left.(array.ListLike), right.(array.ListLike))
	}
	return func(int, int) int { return 0 }
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nullsAround wraps a comparison of values in the order's treatment of nulls and its direction.
func nullsAround(c Compare, lv, rv Bitmap, o Order) Compare {
	inner := c
	if o.Descending {
		inner = func(i, j int) int { return -c(i, j) }
	}
	if lv.All() && rv.All() {
		return inner
	}
	first := -1
	if !o.NullsFirst {
		first = 1
	}
	return func(i, j int) int {
		l, r := lv.Get(i), rv.Get(j)
		switch {
		case l && r:
			return inner(i, j)
		case l:
			return -first
		case r:
			return first
		}
		return 0
	}
}

func ordered[T int8 | int16 | int32 | int64](l, r []T) Compare {
	return func(i, j int) int {
		a, b := l[i], r[j]
		if a < b {
			return -1
		}
		if a > b {
			return 1
		}
		return 0
	}
}

func floats[T float32 | float64](l, r []T) Compare {
	return func(i, j int) int { return CompareFloats(l[i], r[j]) }
}

// CompareFloats is Spark's order of floats.
func CompareFloats[T float32 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return flag(a != a) - flag(b != b)
}

func intervals(l, r []arrow.MonthDayNanoInterval) Compare {
	return func(i, j int) int {
		a, b := l[i], r[j]
		for _, p := range [3][2]int64{{int64(a.Months), int64(b.Months)}, {int64(a.Days), int64(b.Days)}, {a.Nanoseconds, b.Nanoseconds}} {
			if p[0] != p[1] {
				if p[0] < p[1] {
					return -1
				}
				return 1
			}
		}
		return 0
	}
}

func structs(l, r *array.Struct) Compare {
	parts := make([]Compare, l.NumField())
	for f := range parts {
		parts[f] = Comparator(l.Field(f), r.Field(f), Ascending)
	}
	return func(i, j int) int {
		for _, c := range parts {
			if x := c(i, j); x != 0 {
				return x
			}
		}
		return 0
	}
}

func lists(l, r array.ListLike) Compare {
	lr, rr := Ranges(l), Ranges(r)
	c := Comparator(l.ListValues(), r.ListValues(), Ascending)
	return func(i, j int) int {
		a, b := int(lr[i]), int(rr[j])
		for ; a < int(lr[i+1]) && b < int(rr[j+1]); a, b = a+1, b+1 {
			if x := c(a, b); x != 0 {
				return x
			}
		}
		return int(lr[i+1]) - a - (int(rr[j+1]) - b)
	}
}

// Same says whether row i of one side equals row j of the other.
type Same func(i, j int) bool

// Equaler says whether rows are equal as grouping sees it: null equals null, NaN equals NaN, -0.0 equals 0.0, maps
// are equal in any order of their entries. It agrees with Hash. Both sides have the same column types.
func Equaler(left, right []arrow.Array) Same {
	parts := make([]Same, len(left))
	for c := range left {
		parts[c] = equalColumn(left[c], right[c])
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return func(i, j int) bool {
		for _, p := range parts {
			if !p(i, j) {
				return false
			}
		}
		return true
	}
}

func equalColumn(left, right arrow.Array) Same {
	inner := equalValues(left, right)
	lv, rv := Valid(left), Valid(right)
	if lv.All() && rv.All() {
		return inner
	}
	return func(i, j int) bool {
		l, r := lv.Get(i), rv.Get(j)
		if l && r {
			return inner(i, j)
		}
		return l == r
	}
}

func equalValues(left, right arrow.Array) Same {
	switch left.DataType().ID() {
	case arrow.INT32, arrow.DATE32:
		l, r := Values[int32](left), Values[int32](right)
		return func(i, j int) bool { return l[i] == r[j] }
	case arrow.INT64, arrow.TIMESTAMP:
		l, r := Values[int64](left), Values[int64](right)
		return func(i, j int) bool { return l[i] == r[j] }
	case arrow.STRING, arrow.BINARY:
		lo, ld := Text(left)
		ro, rd := Text(right)
		return func(i, j int) bool { return bytes.Equal(ld[lo[i]:lo[i+1]], rd[ro[j]:ro[j+1]]) }
	case arrow.STRUCT:
		l, r := left.(*array.Struct), right.(*array.Struct)
		lf, rf := make([]arrow.Array, l.NumField()), make([]arrow.Array, l.NumField())
		for f := range lf {
			lf[f], rf[f] = l.Field(f), r.Field(f)
		}
		return Equaler(lf, rf)
	case arrow.LIST:
		l, r := left.(*array.List), right.(*array.List)
		lr, rr := Ranges(l), Ranges(r)
		same := equalColumn(l.ListValues(), r.ListValues())
		return func(i, j int) bool {
			n := lr[i+1] - lr[i]
			if n != rr[j+1]-rr[j] {
				return false
			}
			for k := int32(0); k < n; k++ {
				if !same(int(lr[i]+k), int(rr[j]+k)) {
					return false
				}
			}
			return true
		}
	case arrow.MAP:
		return equalMaps(left.(*array.Map), right.(*array.Map))
	}
	c := Natural(left, right)
	return func(i, j int) bool { return c(i, j) == 0 }
}

func equalMaps(l, r *array.Map) Same {
	lr, rr := Ranges(l), Ranges(r)
	keys := equalColumn(l.Keys(), r.Keys())
	values := equalColumn(l.Items(), r.Items())
	return func(i, j int) bool {
		if lr[i+1]-lr[i] != rr[j+1]-rr[j] {
			return false
		}
	next:
		for a := lr[i]; a < lr[i+1]; a++ {
			for b := rr[j]; b < rr[j+1]; b++ {
				if keys(int(a), int(b)) {
					if !values(int(a), int(b)) {
						return false
					}
					continue next
				}
			}
			return false
		}
		return true
	}
}

// SortIndices gives the rows in order, stable: ties keep their order. keys and orders run in parallel.
func SortIndices(keys []arrow.Array, orders []Order, rows int) []int32 {
	out := make([]int32, rows)
	for i := range out {
		out[i] = int32(i)
	}
	cmp := make([]Compare, len(keys))
	for k := range keys {
		cmp[k] = Comparator(keys[k], keys[k], orders[k])
	}
	sort.SliceStable(out, func(a, b int) bool {
		i, j := int(out[a]), int(out[b])
		for _, c := range cmp {
			if x := c(i, j); x != 0 {
				return x < 0
			}
		}
		return false
	})
	return out
}

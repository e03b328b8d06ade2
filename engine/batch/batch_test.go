package batch_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// columns is one column a type, each with nulls, repeated values and at least five rows.
var columns = []struct {
	name string
	dt   arrow.DataType
	json string
}{
	{"bool", arrow.FixedWidthTypes.Boolean, `[true, null, false, true, null, false]`},
	{"byte", arrow.PrimitiveTypes.Int8, `[1, null, -3, 1, null, 7]`},
	{"short", arrow.PrimitiveTypes.Int16, `[1, null, -3, 1, null, 7]`},
	{"int", arrow.PrimitiveTypes.Int32, `[1, null, -3, 1, null, 7]`},
	{"long", arrow.PrimitiveTypes.Int64, `[1, null, -3, 1, null, 7]`},
	{"float", arrow.PrimitiveTypes.Float32, `[1.5, null, -3, 1.5, null, 7]`},
	{"double", arrow.PrimitiveTypes.Float64, `[1.5, null, -3, 1.5, null, 7]`},
	{"decimal", &arrow.Decimal128Type{Precision: 10, Scale: 2}, `["1.50", null, "-3.00", "1.50", null, "7.00"]`},
	{"string", arrow.BinaryTypes.String, `["b", null, "", "b", null, "ba"]`},
	{"binary", arrow.BinaryTypes.Binary, `["YQ==", null, "", "YQ==", null, "YmE="]`},
	{"date", arrow.FixedWidthTypes.Date32, `["2020-01-01", null, "1969-12-31", "2020-01-01", null, "2021-01-01"]`},
	{"timestamp", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, `[5, null, -7, 5, null, 9]`},
	{"list", arrow.ListOf(arrow.PrimitiveTypes.Int32), `[[1, null], null, [], [1, null], null, [2]]`},
	{"struct", arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		arrow.Field{Name: "b", Type: arrow.BinaryTypes.String, Nullable: true}),
		`[{"a": 1, "b": "x"}, null, {"a": null, "b": "y"}, {"a": 1, "b": "x"}, null, {"a": 2, "b": null}]`},
	{"map", arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int32),
		`[[{"key": "a", "value": 1}, {"key": "b", "value": 2}], null, [], [{"key": "b", "value": 2}, {"key": "a", "value": 1}], null, [{"key": "c", "value": null}]]`},
	{"lists", arrow.ListOf(arrow.ListOf(arrow.BinaryTypes.String)), `[[["a"], null], null, [], [["a"], null], null, [["b", "c"]]]`},
}

func parse(t testing.TB, mem memory.Allocator, dt arrow.DataType, text string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(mem, dt, strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", dt, err)
	}
	return a
}

// each runs a check on every column type, whole and as a slice of a longer column.
func each(t *testing.T, check func(t *testing.T, mem memory.Allocator, a arrow.Array)) {
	for _, c := range columns {
		for _, sliced := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", c.name, sliced), func(t *testing.T) {
				mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
				defer mem.AssertSize(t, 0)
				a := parse(t, mem, c.dt, c.json)
				defer a.Release()
				if sliced {
					three, err := array.Concatenate([]arrow.Array{a, a, a}, mem)
					if err != nil {
						t.Fatal(err)
					}
					defer three.Release()
					a = array.NewSlice(three, int64(a.Len()), int64(2*a.Len()))
					defer a.Release()
				}
				check(t, mem, a)
			})
		}
	}
}

func TestHashAndEqualAgree(t *testing.T) {
	each(t, func(t *testing.T, mem memory.Allocator, a arrow.Array) {
		n := a.Len()
		h, again := make([]uint64, n), make([]uint64, n)
		batch.Hash([]arrow.Array{a}, n, 42, h)
		batch.Hash([]arrow.Array{a}, n, 43, again)
		same := batch.Equaler([]arrow.Array{a}, []arrow.Array{a})
		// Rows 0 and 3 hold one value, rows 1 and 4 are null, the others differ.
		for i := 0; i < n; i++ {
			for j := 0; j < n; j++ {
				want := i == j || i+j == 3 && i*j == 0 || i+j == 5 && i*j == 4
				if a.DataType().ID() == arrow.BOOL && i+j == 7 && i*j == 10 {
					want = true
				}
				if same(i, j) != want {
					t.Errorf("same(%d, %d) = %v", i, j, same(i, j))
				}
				if (h[i] == h[j]) != want {
					t.Errorf("hashes of rows %d and %d: %x %x", i, j, h[i], h[j])
				}
			}
			if h[i] == again[i] {
				t.Errorf("row %d: the seed does not matter", i)
			}
		}
	})
}

func TestFloatsAreNormalised(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	f := batch.NewFixed[float64](mem, 4)
	copy(f.Values, []float64{0, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0xfff8000000000001)})
	a := f.Done(arrow.PrimitiveTypes.Float64, nil)
	defer a.Release()
	h := make([]uint64, 4)
	batch.Hash([]arrow.Array{a}, 4, 1, h)
	same := batch.Equaler([]arrow.Array{a}, []arrow.Array{a})
	if h[0] != h[1] || h[2] != h[3] || h[0] == h[2] || !same(0, 1) || !same(2, 3) || same(0, 2) {
		t.Errorf("hashes %x", h)
	}
}

func TestTake(t *testing.T) {
	each(t, func(t *testing.T, mem memory.Allocator, a arrow.Array) {
		indices := []int32{5, -1, 0, 0, 1, 4}
		got := batch.Take(mem, a, indices)
		defer got.Release()
		for i, x := range indices {
			if x < 0 || a.IsNull(int(x)) {
				if got.IsValid(i) {
					t.Errorf("row %d is not null", i)
				}
			} else if got.ValueStr(i) != a.ValueStr(int(x)) {
				t.Errorf("row %d: %s, want %s", i, got.ValueStr(i), a.ValueStr(int(x)))
			}
		}
		none := batch.Take(mem, a, nil)
		defer none.Release()
		nulls := batch.Repeat(mem, none, -1, 3)
		defer nulls.Release()
		if none.Len() != 0 || nulls.NullN() != 3 {
			t.Errorf("empty take: %d rows, %d nulls", none.Len(), nulls.NullN())
		}
	})
}

func TestFilterAndConcat(t *testing.T) {
	each(t, func(t *testing.T, mem memory.Allocator, a arrow.Array) {
		mask := parse(t, mem, arrow.FixedWidthTypes.Boolean, `[true, true, null, false, true, true]`)
		defer mask.Release()
		got := batch.Filter(mem, a, mask)
		defer got.Release()
		want := batch.Take(mem, a, []int32{0, 1, 4, 5})
		defer want.Release()
		if !array.Equal(got, want) {
			t.Errorf("filter %v, want %v", got, want)
		}
		twice, err := batch.Concat(mem, []arrow.Array{got, want})
		if err != nil {
			t.Fatal(err)
		}
		defer twice.Release()
		if twice.Len() != 8 || twice.ValueStr(4) != got.ValueStr(0) {
			t.Errorf("concat %v", twice)
		}
	})
}

func TestSelectedAcrossWords(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	for n := 0; n < 200; n += 7 {
		m := batch.NewMarks(mem, n+5, false)
		var want []int32
		for i := 0; i < n+5; i += 3 {
			m.Set(i)
			if i >= 5 {
				want = append(want, int32(i-5))
			}
		}
		a := m.Done(nil)
		s := array.NewSlice(a, 5, int64(n+5))
		if got := batch.Selected(s, nil); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d rows: %v, want %v", n, got, want)
		}
		s.Release()
		a.Release()
	}
}

func TestSortIndices(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name  string
		order batch.Order
		want  string
	}{
		{"ascending", batch.Ascending, "[4 1 0 3 2]"},
		{"ascending nulls last", batch.Order{}, "[1 0 3 2 4]"},
		{"descending", batch.Order{Descending: true}, "[2 0 3 1 4]"},
		{"descending nulls first", batch.Order{Descending: true, NullsFirst: true}, "[4 2 0 3 1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer mem.AssertSize(t, 0)
			f := batch.NewFixed[float64](mem, 5)
			copy(f.Values, []float64{0, -1, nan, math.Copysign(0, -1), 0})
			v := batch.NewMarks(mem, 5, true)
			v.Clear(4)
			a := f.Done(arrow.PrimitiveTypes.Float64, v)
			defer a.Release()
			got := batch.SortIndices([]arrow.Array{a}, []batch.Order{c.order}, 5)
			if fmt.Sprint(got) != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestNestedOrder(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	a := parse(t, mem, arrow.ListOf(arrow.PrimitiveTypes.Int32), `[[2], [1, 2], [1], [null, 5], []]`)
	defer a.Release()
	got := batch.SortIndices([]arrow.Array{a}, []batch.Order{batch.Ascending}, 5)
	if fmt.Sprint(got) != "[4 3 2 1 0]" {
		t.Errorf("order %v", got)
	}
}

func BenchmarkHashLong(b *testing.B) {
	f := batch.NewFixed[int64](memory.DefaultAllocator, batch.Rows)
	for i := range f.Values {
		f.Values[i] = int64(i * 7919)
	}
	benchHash(b, f.Done(arrow.PrimitiveTypes.Int64, nil))
}

func BenchmarkHashString(b *testing.B) {
	s := batch.NewStrings(memory.DefaultAllocator, batch.Rows, batch.Rows*12)
	for i := 0; i < batch.Rows; i++ {
		s.AppendString(fmt.Sprintf("channel-%d", i%100))
	}
	benchHash(b, s.Done(arrow.BinaryTypes.String, nil))
}

func benchHash(b *testing.B, a arrow.Array) {
	h := make([]uint64, a.Len())
	b.SetBytes(int64(a.Len()))
	for i := 0; i < b.N; i++ {
		batch.Hash([]arrow.Array{a}, a.Len(), 1, h)
	}
}

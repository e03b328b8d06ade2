package state

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

var window = types.Struct{Fields: []types.Field{{Name: "start", Type: types.Timestamp}, {Name: "end", Type: types.Timestamp}}}

// keyTypes has a case for every form of table.
var keyTypes = map[string][]types.Type{
	"none":        {},
	"long":        {types.Long},
	"int":         {types.Int},
	"short":       {types.Short},
	"byte":        {types.Byte},
	"boolean":     {types.Boolean},
	"float":       {types.Float},
	"double":      {types.Double},
	"date":        {types.Date},
	"timestamp":   {types.Timestamp},
	"string":      {types.String},
	"binary":      {types.Binary},
	"void":        {types.Null},
	"decimal":     {types.Decimal{Precision: 20, Scale: 2}},
	"two longs":   {types.Long, types.Long},
	"window, key": {window, types.Long},
	"five longs":  {types.Long, types.Long, types.Int, types.Long, types.Date},
	"eight longs": {types.Long, types.Long, types.Long, types.Long, types.Long, types.Long, types.Long, types.Long},
	"mixed":       {types.Long, types.String, window},
	"two texts":   {types.String, types.Binary},
	"text, array": {types.String, types.Array{Elem: types.Long, ContainsNull: true}, types.Double},
	"too many":    {types.Long, types.Long, types.Long, types.Long, types.Long, types.Long, types.Long, types.String, types.String},
	"array":       {types.Array{Elem: types.String, ContainsNull: true}},
	"map":         {types.Map{Key: types.String, Value: types.Int, ValueContainsNull: true}},
	"nested":      {types.Struct{Fields: []types.Field{{Name: "a", Type: types.String}, {Name: "w", Type: window}}}},
}

// fillRandom appends a value out of few, or null.
func fillRandom(b array.Builder, r *rand.Rand) {
	if r.Intn(8) == 0 {
		b.AppendNull()
		return
	}
	n := r.Intn(40)
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(int64(n) - 20)
	case *array.Int32Builder:
		b.Append(int32(n) - 20)
	case *array.Int16Builder:
		b.Append(int16(n) - 20)
	case *array.Int8Builder:
		b.Append(int8(n) - 20)
	case *array.BooleanBuilder:
		b.Append(n%2 == 0)
	case *array.Float32Builder:
		b.Append([]float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), 1.5, -2.5}[n%5])
	case *array.Float64Builder:
		b.Append([]float64{0, math.Copysign(0, -1), math.NaN(), 1.5, -2.5}[n%5])
	case *array.Date32Builder:
		b.Append(arrow.Date32(n))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(n * 1_000_000))
	case *array.StringBuilder:
		b.Append(fmt.Sprint("key", n)[:n%4])
	case *array.BinaryBuilder:
		b.Append([]byte(fmt.Sprint("key", n)[:n%5]))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(int64(n)))
	case *array.StructBuilder:
		b.Append(true)
		for i := 0; i < b.NumField(); i++ {
			fillRandom(b.FieldBuilder(i), r)
		}
	case *array.ListBuilder:
		b.Append(true)
		for i := 0; i < n%3; i++ {
			fillRandom(b.ValueBuilder(), r)
		}
	case *array.MapBuilder:
		b.Append(true)
		for _, i := range r.Perm(2)[:n%3%3] {
			b.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprint(i))
			fillRandom(b.ItemBuilder(), r)
		}
	}
}

func randomColumns(mem memory.Allocator, ts []types.Type, n int, r *rand.Rand) []arrow.Array {
	out := make([]arrow.Array, len(ts))
	for i, t := range ts {
		b := array.NewBuilder(mem, types.Arrow(t))
		for k := 0; k < n; k++ {
			if t.Kind() == types.KNull {
				b.AppendNull()
			} else {
				fillRandom(b, r)
			}
		}
		out[i] = b.NewArray()
		b.Release()
	}
	return out
}

// TestGroups runs every form against batch's own equality: rows have one slot exactly when they are equal, keys come
// back as they went in, through deletions, reuse and slices.
func TestGroups(t *testing.T) {
	for name, ts := range keyTypes {
		t.Run(name, func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer mem.AssertSize(t, 0)
			r := rand.New(rand.NewSource(1))
			g := NewGroups(ts)
			for round := 0; round < 6; round++ {
				n := 3000
				whole := randomColumns(mem, ts, n+7, r)
				cols := make([]arrow.Array, len(whole))
				for i, c := range whole {
					cols[i] = array.NewSlice(c, 3, int64(n+3))
				}
				checkRound(t, mem, g, cols, n, r)
				batch.Release(cols...)
				batch.Release(whole...)
			}
			g.Reset()
			if g.Len() != 0 || len(g.Live(nil)) != 0 {
				t.Fatalf("%d groups after Reset", g.Len())
			}
		})
	}
}

func checkRound(t *testing.T, mem memory.Allocator, g Groups, cols []arrow.Array, n int, r *rand.Rand) {
	t.Helper()
	slots, found := make([]int32, n), make([]int32, n)
	before := g.Len()
	made := g.Slots(cols, n, slots)
	if g.Len() != before+len(made) {
		t.Fatalf("%d groups, %d before and %d made", g.Len(), before, len(made))
	}
	g.Find(cols, n, found)
	keys := g.Keys(mem, slots)
	if len(cols) > 0 {
		same := batch.Equaler(cols, keys)
		for i := 0; i < n; i++ {
			if found[i] != slots[i] {
				t.Fatalf("row %d: slot %d, found %d", i, slots[i], found[i])
			}
			if !same(i, i) {
				t.Fatalf("row %d: key %s came back as %s", i, cols[0].ValueStr(i), keys[0].ValueStr(i))
			}
		}
		self := batch.Equaler(cols, cols)
		for k := 0; k < 4000; k++ {
			i, j := r.Intn(n), r.Intn(n)
			if self(i, j) != (slots[i] == slots[j]) {
				t.Fatalf("rows %d and %d: equal %v, slots %d and %d", i, j, self(i, j), slots[i], slots[j])
			}
		}
	}
	batch.Release(keys...)
	var gone []int32
	for _, s := range g.Live(nil) {
		if r.Intn(2) == 0 {
			gone = append(gone, s)
		}
	}
	live := g.Len()
	g.Delete(gone)
	if g.Len() != live-len(gone) {
		t.Fatalf("%d groups after %d of %d were deleted", g.Len(), len(gone), live)
	}
	dead := map[int32]bool{}
	for _, s := range gone {
		dead[s] = true
	}
	g.Find(cols, n, found)
	for i := range found {
		want := slots[i]
		if dead[want] {
			want = -1
		}
		if found[i] != want {
			t.Fatalf("row %d: found %d, want %d", i, found[i], want)
		}
	}
}

// TestGroupsMany grows tables far beyond their first size.
func TestGroupsMany(t *testing.T) {
	for name, ts := range map[string][]types.Type{"long": {types.Long}, "pair": {types.Long, types.Long}, "string": {types.String}} {
		t.Run(name, func(t *testing.T) {
			mem := memory.NewGoAllocator()
			g := NewGroups(ts)
			const n = 50_000
			cols := make([]arrow.Array, len(ts))
			for i, typ := range ts {
				b := array.NewBuilder(mem, types.Arrow(typ))
				for k := 0; k < n; k++ {
					switch b := b.(type) {
					case *array.Int64Builder:
						b.Append(int64(k) << (20 * i))
					case *array.StringBuilder:
						b.Append(fmt.Sprint(k))
					}
				}
				cols[i] = b.NewArray()
			}
			slots := make([]int32, n)
			if made := g.Slots(cols, n, slots); len(made) != n {
				t.Fatalf("%d of %d distinct rows made a slot", len(made), n)
			}
			g.Delete(slots[:n/2])
			g.Find(cols, n, slots)
			for i, s := range slots {
				if (s < 0) != (i < n/2) {
					t.Fatalf("row %d has slot %d", i, s)
				}
			}
		})
	}
}

func BenchmarkGroups(b *testing.B) {
	mem := memory.NewGoAllocator()
	for _, distinct := range []int{10, 10_000, 1_000_000} {
		for _, name := range []string{"long", "two longs", "window, key", "string", "mixed"} {
			const rows = 1 << 16
			r := rand.New(rand.NewSource(1))
			ts := keyTypes[name]
			cols := make([]arrow.Array, len(ts))
			for c, typ := range ts {
				bld := array.NewBuilder(mem, types.Arrow(typ))
				for i := 0; i < rows; i++ {
					appendKey(bld, r.Intn(distinct), c == 0)
				}
				cols[c] = bld.NewArray()
			}
			b.Run(fmt.Sprintf("%s/%d", name, distinct), func(b *testing.B) {
				g := NewGroups(ts)
				into := make([]int32, rows)
				g.Slots(cols, rows, into)
				b.ResetTimer()
				for i := 0; i < b.N; i++ {
					g.Slots(cols, rows, into)
				}
				b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds()/1e6, "Mrows/s")
			})
		}
	}
}

func appendKey(b array.Builder, n int, first bool) {
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(int64(n))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(n % 5 * 2_000_000))
	case *array.StringBuilder:
		b.Append(fmt.Sprint("channel-", n))
	case *array.StructBuilder:
		b.Append(true)
		for i := 0; i < b.NumField(); i++ {
			appendKey(b.FieldBuilder(i), n, first)
		}
	}
}

package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// attr is a column of a type for binding.
func attr(name string, t types.Type) *expr.Attr {
	return &expr.Attr{ID: expr.NewID(), Name: name, DataType: t, Null: true}
}

func bind(t testing.TB, name string, args ...expr.Expr) expr.Expr {
	t.Helper()
	e, err := functions.Bind(&functions.Env{ANSI: true}, &expr.Call{Name: []string{name}, Args: args})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return e
}

func column(t testing.TB, mem memory.Allocator, ty types.Type, text string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(mem, types.Arrow(ty), strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", ty, err)
	}
	return a
}

// show is a column as show() prints it.
func show(a arrow.Array, t types.Type) string {
	p := expr.NewPrinter(a, t, zone.NewClock(nil), expr.ShowStyle)
	out := make([]string, a.Len())
	for i := range out {
		out[i] = "NULL"
		if a.IsValid(i) {
			out[i] = string(p(nil, i))
		}
	}
	return strings.Join(out, " | ")
}

// six rows of three groups; row 4 belongs to none.
var sixSlots = []int32{0, 1, 0, 1, -1, 0}

var aggregateCases = []struct {
	name string
	args []types.Type
	json []string
	want string // groups 0, 1 and 2, which has no rows
	typ  string
}{
	{"count", []types.Type{types.Int}, []string{`[1,2,null,4,5,6]`}, "2 | 2 | 0", "bigint"},
	{"count", []types.Type{types.Int, types.String}, []string{`[1,2,null,4,5,6]`, `["a",null,"b","c","d","e"]`}, "2 | 1 | 0", "bigint"},
	{"sum", []types.Type{types.Int}, []string{`[1,2,null,4,5,6]`}, "7 | 6 | NULL", "bigint"},
	{"sum", []types.Type{types.Long}, []string{`[1,null,3,null,5,6]`}, "10 | NULL | NULL", "bigint"},
	{"sum", []types.Type{types.Double}, []string{`[1.5,2,null,4,5,6]`}, "7.5 | 6.0 | NULL", "double"},
	{"sum", []types.Type{types.Decimal{Precision: 10, Scale: 2}}, []string{`["1.50","2.00",null,"4.25","5.00","6.00"]`}, "7.50 | 6.25 | NULL", "decimal(20,2)"},
	{"avg", []types.Type{types.Double}, []string{`[1,2,null,4,5,6]`}, "3.5 | 3.0 | NULL", "double"},
	{"avg", []types.Type{types.Decimal{Precision: 10, Scale: 2}}, []string{`["1.00","2.00","1.00","4.00","5.00","0.00"]`}, "0.666667 | 3.000000 | NULL", "decimal(14,6)"},
	{"min", []types.Type{types.Long}, []string{`[3,2,null,4,5,-6]`}, "-6 | 2 | NULL", "bigint"},
	{"max", []types.Type{types.String}, []string{`["a","b","c",null,"z",""]`}, "c | b | NULL", "string"},
	{"min", []types.Type{types.String}, []string{`["a","b","c",null,"z",""]`}, " | b | NULL", "string"},
	{"max", []types.Type{types.Boolean}, []string{`[false,true,null,false,true,false]`}, "false | true | NULL", "boolean"},
	{"max", []types.Type{types.Array{Elem: types.Int, ContainsNull: true}}, []string{`[[1],[2],[1,2],null,[9],[null]]`}, "[1, 2] | [2] | NULL", "array<int>"},
	{"min", []types.Type{types.Decimal{Precision: 5, Scale: 1}}, []string{`["1.5","2.0",null,"-4.2","5.0","0.5"]`}, "0.5 | -4.2 | NULL", "decimal(5,1)"},
	{"min_by", []types.Type{types.String, types.Int}, []string{`["a","b","c","d","e","f"]`, `[3,2,1,null,0,1]`}, "f | b | NULL", "string"},
	{"max_by", []types.Type{types.String, types.Double}, []string{`["a","b",null,"d","e","f"]`, `[3,2,9,2,0,1]`}, "NULL | d | NULL", "string"},
	{"first", []types.Type{types.String}, []string{`[null,"b","c","d","e","f"]`}, "NULL | b | NULL", "string"},
	{"last", []types.Type{types.Int}, []string{`[1,2,3,4,5,null]`}, "NULL | 4 | NULL", "int"},
	{"collect_list", []types.Type{types.String}, []string{`["a","b",null,"b","e","f"]`}, "[a, f] | [b, b] | []", "array<string>"},
	{"collect_set", []types.Type{types.Int}, []string{`[1,2,1,2,5,3]`}, "[1, 3] | [2] | []", "array<int>"},
	{"stddev_samp", []types.Type{types.Double}, []string{`[1,2,3,null,5,5]`}, "2.0 | NULL | NULL", "double"},
	{"var_pop", []types.Type{types.Double}, []string{`[1,2,1,null,5,4]`}, "2.0 | 0.0 | NULL", "double"},
	{"corr", []types.Type{types.Double, types.Double}, []string{`[1,2,2,null,5,3]`, `[2,2,4,1,1,6]`}, "1.0 | NULL | NULL", "double"},
	{"covar_pop", []types.Type{types.Double, types.Double}, []string{`[1,2,2,null,5,3]`, `[2,2,4,1,1,6]`}, "1.3333333333333333 | 0.0 | NULL", "double"},
	{"bool_and", []types.Type{types.Boolean}, []string{`[true,null,false,null,true,true]`}, "false | NULL | NULL", "boolean"},
	{"bool_or", []types.Type{types.Boolean}, []string{`[true,null,false,false,true,true]`}, "true | false | NULL", "boolean"},
	{"bit_xor", []types.Type{types.Int}, []string{`[1,2,4,null,5,1]`}, "4 | 2 | NULL", "int"},
	{"median", []types.Type{types.Double}, []string{`[1,2,3,4,5,null]`}, "2.0 | 3.0 | NULL", "double"},
	{"product", []types.Type{types.Double}, []string{`[2,2,3,4,5,null]`}, "6.0 | 8.0 | NULL", "double"},
}

// TestAggregates updates one accumulator with all rows, and others with the rows one by one whose partial results are
// merged; both must give the expected values, also after a slot was cleared.
func TestAggregates(t *testing.T) {
	for i, c := range aggregateCases {
		t.Run(fmt.Sprintf("%02d %s", i, c.name), func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer mem.AssertSize(t, 0)
			var exprs []expr.Expr
			var args []arrow.Array
			for k, ty := range c.args {
				exprs = append(exprs, attr("c", ty))
				a := column(t, mem, ty, c.json[k])
				defer a.Release()
				args = append(args, a)
			}
			agg := bind(t, c.name, exprs...).(*expr.Agg)
			if agg.DataType.String() != c.typ {
				t.Errorf("type %s, want %s", agg.DataType, c.typ)
			}
			ctx := &expr.Context{Mem: mem, ANSI: true}
			whole := accumulator(t, ctx, agg)
			defer whole.Close()
			whole.Grow(3)
			first := slices(args, 0, 1)
			must(t, whole.Update([]int32{2}, first))
			batch.Release(first...)
			whole.Clear([]int32{2})
			must(t, whole.Update(sixSlots, args))
			check(t, whole, agg, c.want)

			merged := accumulator(t, ctx, agg)
			defer merged.Close()
			merged.Grow(3)
			for row, s := range sixSlots {
				one := accumulator(t, ctx, agg)
				one.Grow(2)
				part := slices(args, row, row+1)
				if s >= 0 {
					must(t, one.Update([]int32{1}, part))
				}
				batch.Release(part...)
				// Slot 0 saw no row: merging it must change nothing.
				buffer, err := one.Partial([]int32{1, 0})
				must(t, err)
				for k, b := range buffer {
					if want := types.Arrow(agg.Fn.Buffer(agg)[k]); b.DataType().ID() != want.ID() {
						t.Errorf("buffer column %d is %s, want %s", k, b.DataType(), want)
					}
				}
				must(t, merged.Merge([]int32{max(s, 0), 2}, buffer))
				batch.Release(buffer...)
				one.Close()
			}
			if c.name != "first" && c.name != "last" {
				check(t, merged, agg, c.want)
			}
		})
	}
}

func slices(list []arrow.Array, lo, hi int) []arrow.Array {
	out := make([]arrow.Array, len(list))
	for i, a := range list {
		out[i] = array.NewSlice(a, int64(lo), int64(hi))
	}
	return out
}

func accumulator(t testing.TB, c *expr.Context, a *expr.Agg) expr.Accumulator {
	t.Helper()
	acc, err := a.Fn.New(c, a)
	must(t, err)
	return acc
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, acc expr.Accumulator, agg *expr.Agg, want string) {
	t.Helper()
	r, err := acc.Result([]int32{0, 1, 2})
	must(t, err)
	defer r.Release()
	if got := show(r, agg.DataType); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSumOverflows(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	a := column(t, mem, types.Long, `[9223372036854775807, 1]`)
	defer a.Release()
	for name, want := range map[string]string{"sum": "ARITHMETIC_OVERFLOW", "try_sum": ""} {
		agg := bind(t, name, attr("v", types.Long)).(*expr.Agg)
		acc := accumulator(t, &expr.Context{Mem: mem}, agg)
		acc.Grow(1)
		err := acc.Update([]int32{0, 0}, []arrow.Array{a})
		if want == "" {
			must(t, err)
			r, err := acc.Result([]int32{0})
			must(t, err)
			if !r.IsNull(0) {
				t.Errorf("%s gives %v", name, r)
			}
			r.Release()
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		acc.Close()
	}
}

// TestChunksAreTidied keeps and clears many rows of variable size so that stores are joined and compacted.
func TestChunksAreTidied(t *testing.T) {
	for _, name := range []string{"collect_list", "collect_set", "last", "max_by", "max"} {
		t.Run(name, func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer mem.AssertSize(t, 0)
			v := attr("v", types.Struct{Fields: []types.Field{{Name: "a", Type: types.String, Nullable: true}}})
			args := []expr.Expr{v}
			if name == "max_by" {
				args = append(args, attr("k", types.Long))
			}
			agg := bind(t, name, args...).(*expr.Agg)
			acc := accumulator(t, &expr.Context{Mem: mem}, agg)
			defer acc.Close()
			acc.Grow(10)
			slots := make([]int32, 1000)
			for round := 0; round < 100; round++ {
				rows := make([]string, len(slots))
				keys := make([]string, len(slots))
				for i := range slots {
					slots[i] = int32(i % 10)
					rows[i] = fmt.Sprintf(`{"a":"%04d-%d"}`, round, i%10)
					keys[i] = fmt.Sprint(round)
				}
				cols := []arrow.Array{column(t, mem, v.DataType, "["+strings.Join(rows, ",")+"]")}
				if name == "max_by" {
					cols = append(cols, column(t, mem, types.Long, "["+strings.Join(keys, ",")+"]"))
				}
				if round%2 == 1 {
					acc.Clear([]int32{0, 1, 2, 3, 4})
				}
				must(t, acc.Update(slots, cols))
				batch.Release(cols...)
			}
			r, err := acc.Result([]int32{3, 7})
			must(t, err)
			defer r.Release()
			got := show(r, agg.DataType)
			if !strings.Contains(got, "0099-3") || !strings.Contains(got, "0099-7") {
				t.Errorf("%.200s", got)
			}
			if acc.Bytes() > 8<<20 {
				t.Errorf("%d bytes held", acc.Bytes())
			}
		})
	}
}

func BenchmarkAggregate(b *testing.B) {
	const n = batch.Rows
	longs, floats := batch.NewFixed[int64](memory.DefaultAllocator, n), batch.NewFixed[float64](memory.DefaultAllocator, n)
	slots := make([]int32, n)
	for i := range slots {
		slots[i], longs.Values[i], floats.Values[i] = int32(i*7%10), int64(i), float64(i)
	}
	l, f := longs.Done(arrow.PrimitiveTypes.Int64, nil), floats.Done(arrow.PrimitiveTypes.Float64, nil)
	for _, c := range []struct {
		name string
		t    types.Type
		a    arrow.Array
	}{{"count", types.Long, l}, {"sum", types.Long, l}, {"sum", types.Double, f}, {"avg", types.Double, f},
		{"min", types.Long, l}, {"max", types.Double, f}, {"stddev", types.Double, f}} {
		b.Run(c.name+" "+c.t.String(), func(b *testing.B) {
			agg := bind(b, c.name, attr("v", c.t)).(*expr.Agg)
			acc := accumulator(b, &expr.Context{Mem: memory.DefaultAllocator}, agg)
			acc.Grow(10)
			b.SetBytes(n)
			for i := 0; i < b.N; i++ {
				if err := acc.Update(slots, []arrow.Array{c.a}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestApproxCountDistinct holds counts against the truth: exact while they are small, within four deviations beyond.
func TestApproxCountDistinct(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	v := attr("v", types.Long)
	agg := bind(t, "approx_count_distinct", v).(*expr.Agg)
	ctx := &expr.Context{Mem: mem}
	for _, n := range []int{1, 10, 100, 500, 1000, 2000, 5000, 100000} {
		f := batch.NewFixed[int64](mem, n)
		for i := range f.Values {
			f.Values[i] = int64(i) * 31
		}
		column := f.Done(arrow.PrimitiveTypes.Int64, nil)
		rb := batch.Make(types.ArrowSchema(types.Struct{Fields: []types.Field{{Name: "v", Type: types.Long}}}), []arrow.Array{column}, n)
		ev, err := expr.Compile(agg.Args[1], []*expr.Attr{v})
		must(t, err)
		hashes, err := expr.Column(ctx, ev, rb)
		must(t, err)
		acc := accumulator(t, ctx, agg)
		acc.Grow(1)
		must(t, acc.Update(make([]int32, n), []arrow.Array{rb.Column(0), hashes}))
		must(t, acc.Update(make([]int32, n), []arrow.Array{rb.Column(0), hashes}))
		r, err := acc.Result([]int32{0})
		must(t, err)
		got := float64(r.(*array.Int64).Value(0))
		if off := got/float64(n) - 1; n <= 10 && off != 0 || off > 0.2 || off < -0.2 {
			t.Errorf("%d distinct values are counted as %v", n, got)
		}
		r.Release()
		hashes.Release()
		rb.Release()
	}
}

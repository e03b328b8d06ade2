package functions_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// BenchmarkKernels runs expressions over a batch of a long, a double, an int and a string column.
func BenchmarkKernels(b *testing.B) {
	const n = batch.Rows
	mem := memory.Allocator(&batch.Recycler{})
	l, f, i := batch.NewFixed[int64](mem, n), batch.NewFixed[float64](mem, n), batch.NewFixed[int32](mem, n)
	s := batch.NewStrings(mem, n, n*10)
	for k := range l.Values {
		l.Values[k], f.Values[k], i.Values[k] = int64(k), float64(k), int32(k%100)
		s.AppendString(fmt.Sprintf("channel-%d", k%100))
	}
	cols := []arrow.Array{l.Done(arrow.PrimitiveTypes.Int64, nil), f.Done(arrow.PrimitiveTypes.Float64, nil),
		i.Done(arrow.PrimitiveTypes.Int32, nil), s.Done(arrow.BinaryTypes.String, nil)}
	attrs := []*expr.Attr{attr("l", types.Long), attr("f", types.Double), attr("i", types.Int), attr("s", types.String)}
	fields := make([]arrow.Field, len(cols))
	for k, c := range cols {
		fields[k] = arrow.Field{Name: attrs[k].Name, Type: c.DataType()}
	}
	rb := array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, n)
	al, af, ai, as := expr.Expr(attrs[0]), expr.Expr(attrs[1]), expr.Expr(attrs[2]), expr.Expr(attrs[3])
	for _, c := range []struct {
		name string
		e    expr.Expr
	}{
		{"l + 1", bind(b, "+", al, expr.Lit(int64(1)))},
		{"l + l", bind(b, "+", al, al)},
		{"l * 2", bind(b, "*", al, expr.Lit(int64(2)))},
		{"f * 0.908", bind(b, "*", af, expr.Lit(0.908))},
		{"l / 3", bind(b, "/", al, expr.Lit(int32(3)))},
		{"l % 123", bind(b, "%", al, expr.Lit(int32(123)))},
		{"l > 5", bind(b, ">", al, expr.Lit(int32(5)))},
		{"i = 7", bind(b, "=", ai, expr.Lit(int32(7)))},
		{"f >= 5", bind(b, ">=", af, expr.Lit(5.0))},
		{"s = 'channel-7'", bind(b, "=", as, expr.Lit("channel-7"))},
		{"l > 5 and f < 9", bind(b, "and", bind(b, ">", al, expr.Lit(int32(5))), bind(b, "<", af, expr.Lit(9.0)))},
		{"i in (1,2,3,4,5)", bind(b, "in", ai, expr.Lit(int32(1)), expr.Lit(int32(2)), expr.Lit(int32(3)), expr.Lit(int32(4)), expr.Lit(int32(5)))},
		{"case when i > 50 then l else 0", bind(b, "when", bind(b, ">", ai, expr.Lit(int32(50))), al, expr.Lit(int64(0)))},
		{"cast(i as bigint)", &expr.Cast{Child: ai, To: types.Long, Mode: expr.CastANSI}},
		{"cast(l as int)", &expr.Cast{Child: al, To: types.Int, Mode: expr.CastANSI}},
		{"cast(l as string)", &expr.Cast{Child: al, To: types.String, Mode: expr.CastANSI}},
		{"round(f, 2)", bind(b, "round", af, expr.Lit(int32(2)))},
	} {
		b.Run(c.name, func(b *testing.B) {
			ev, err := expr.Compile(c.e, attrs)
			must(b, err)
			ctx := &expr.Context{Mem: mem, ANSI: true}
			b.SetBytes(n)
			for k := 0; k < b.N; k++ {
				v, err := ev.Eval(ctx, rb)
				if err != nil {
					b.Fatal(err)
				}
				v.Release()
			}
		})
	}
}

package functions

import (
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// run times one call over a batch of columns; literal arguments stay constant.
func run(b *testing.B, name string, args ...any) { runPart(b, -1, false, name, args...) }

// runPart takes a part of what split gives.
func runPart(b *testing.B, part int32, fused bool, name string, args ...any) {
	b.Helper()
	mem := memory.DefaultAllocator
	var attrs []*expr.Attr
	var columns []arrow.Array
	var fields []arrow.Field
	bound := make([]expr.Expr, len(args))
	for i, a := range args {
		c, ok := a.(arrow.Array)
		if !ok {
			bound[i] = expr.Lit(a)
			continue
		}
		t, err := types.FromArrow(c.DataType())
		if err != nil {
			b.Fatal(err)
		}
		at := &expr.Attr{ID: expr.NewID(), Name: "c", DataType: t, Null: true}
		attrs, columns, bound[i] = append(attrs, at), append(columns, c), at
		fields = append(fields, arrow.Field{Name: "c", Type: c.DataType()})
	}
	e, err := Bind(&Env{ANSI: true, Zone: "UTC"}, &expr.Call{Name: []string{name}, Args: bound})
	if err == nil && name == "split" && part >= 0 {
		e, err = Bind(&Env{ANSI: true}, &expr.Call{Name: []string{"get"}, Args: []expr.Expr{e, expr.Lit(part)}})
		if fused {
			e = Fuse(e)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	ev, err := expr.Compile(e, attrs)
	if err != nil {
		b.Fatal(err)
	}
	rec := array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, batch.Rows)
	c := &expr.Context{Mem: mem, Zone: time.UTC, ANSI: true}
	for b.Loop() {
		v, err := ev.Eval(c, rec)
		if err != nil {
			b.Fatal(err)
		}
		v.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch.Rows, "ns/row")
}

func urls() arrow.Array {
	s := batch.NewStrings(memory.DefaultAllocator, batch.Rows, 0)
	for i := range batch.Rows {
		s.AppendString(fmt.Sprintf("https://www.nexmark.com/%d/%d/item.htm?query=1&channel_id=%d", i%100, i%977, i*7919))
	}
	return s.Done(arrow.BinaryTypes.String, nil)
}

func stamps() arrow.Array {
	f := batch.NewFixed[int64](memory.DefaultAllocator, batch.Rows)
	for i := range f.Values {
		f.Values[i] = 1_700_000_000_000_000 + int64(i)*1_000_003
	}
	return f.Done(types.Arrow(types.Timestamp), nil)
}

func BenchmarkFunctions(b *testing.B) {
	u, t := urls(), stamps()
	for _, c := range []struct {
		name string
		args []any
	}{
		{"lower", []any{u}}, {"length", []any{u}}, {"substring", []any{u, int32(3), int32(8)}}, {"concat", []any{u, "x", u}}, {"split", []any{u, "/"}},
		{"regexp_extract", []any{u, `channel_id=(\d+)`, int32(1)}}, {"regexp_extract", []any{u, `/(\d+)/(\d+)/`, int32(2)}}, {"regexp_replace", []any{u, `\d+`, "n"}},
		{"rlike", []any{u, "item"}}, {"rlike", []any{u, `/\d+/i`}}, {"like", []any{u, "%item%query%"}}, {"md5", []any{u}}, {"hash", []any{u}},
		{"date_format", []any{t, "yyyy-MM-dd HH:mm"}}, {"date_trunc", []any{"hour", t}}, {"hour", []any{t}}, {"year", []any{t}},
	} {
		b.Run(c.name, func(b *testing.B) { run(b, c.name, c.args...) })
	}
}

// BenchmarkSplitPart is split(text, "/")[4] by way of the list, and without it.
func BenchmarkSplitPart(b *testing.B) {
	u := urls()
	for _, fused := range []bool{false, true} {
		b.Run(fmt.Sprint("fused=", fused), func(b *testing.B) { runPart(b, 4, fused, "split", u, "/") })
	}
}

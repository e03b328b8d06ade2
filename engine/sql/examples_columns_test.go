package sql_test

import (
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// wide is examples over columns: every literal of a bound tree stands in a column of its own.
type wide struct {
	// middle is where the middle row comes from: 0 is the value, -1 a null.
	middle  int32
	attrs   []*expr.Attr
	columns []arrow.Array
}

// spread turns the literals into columns of the rows value, null, value, cut out of longer ones. Those that keep
// chooses stay as they are.
func (w *wide) spread(t *testing.T, mem memory.Allocator, e expr.Expr, keep func(i int) bool) expr.Expr {
	seen := 0
	out, err := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		l, ok := n.(*expr.Literal)
		if !ok || l.DataType.Kind() == types.KNull {
			return n, nil
		}
		if seen++; keep(seen - 1) {
			return n, nil
		}
		one, err := l.Array(mem)
		if err != nil {
			return nil, err
		}
		defer one.Release()
		long := batch.Take(mem, one, []int32{0, 0, w.middle, 0, -1})
		defer long.Release()
		a := &expr.Attr{ID: expr.NewID(), Name: "c", DataType: l.DataType, Null: true}
		w.attrs = append(w.attrs, a)
		w.columns = append(w.columns, array.NewSlice(long, 1, 4))
		return a, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *wide) eval(mem memory.Allocator, e expr.Expr) (arrow.Array, error) {
	for _, col := range w.columns {
		col.Retain()
	}
	b := batchOwning(w.columns, 3)
	defer b.Release()
	c := &expr.Context{Mem: mem, Zone: time.UTC, ANSI: true, NowMicros: 1704067200000000, Seed: 1}
	run, err := expr.Compile(e, w.attrs)
	if err != nil {
		return nil, err
	}
	v, err := run.Eval(c, b)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	all := v.Expand(mem, 3)
	defer all.Release()
	return c.Cast(all, e.Type(), types.String, expr.CastANSI)
}

// Every example gives over columns what it gives over constants: with all literals in columns, and with each in turn
// left constant. The rows are a slice, the middle one null, the memory counted.
func TestFunctionExamplesOverColumns(t *testing.T) {
	for _, row := range functions.Rows() {
		for _, ex := range row.Examples {
			plan, err := sql.ParseQuery("SELECT " + ex.SQL)
			if err != nil || ex.Error != "" {
				continue
			}
			a := &logical.Analyzer{Catalog: nothing{}, Conf: logical.Settings{ANSI: true, Zone: "UTC"}}
			if plan, err = a.Analyze(plan); err != nil {
				continue
			}
			p, ok := plan.(*logical.Project)
			if !ok || !expr.Deterministic(p.Exprs[0]) || expr.Find(p.Exprs[0], special) != nil {
				continue
			}
			for constant := -1; constant < 4; constant++ {
				// A null may rightly raise; then the rows without one must do.
				if err := checkColumns(t, p.Exprs[0], ex, constant, -1); err == nil {
					continue
				}
				if err := checkColumns(t, p.Exprs[0], ex, constant, 0); err != nil {
					t.Errorf("%s over columns (%d constant): %v", ex.SQL, constant, err)
				}
			}
		}
	}
}

// special nodes do not evaluate on their own.
func special(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Agg, *expr.Over, *expr.Generate, *expr.TimeWindow:
		return true
	}
	return false
}

func checkColumns(t *testing.T, e expr.Expr, ex functions.Example, constant int, middle int32) error {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	w := &wide{middle: middle}
	e = w.spread(t, mem, e, func(i int) bool { return i == constant })
	defer func() { batch.Release(w.columns...) }()
	got, err := w.eval(mem, e)
	if err != nil {
		return err
	}
	defer got.Release()
	for _, i := range []int{0, 2} {
		text := "NULL"
		if got.IsValid(i) {
			text = got.(*array.String).Value(i)
		}
		if text != ex.Value {
			t.Errorf("%s over columns (%d constant): row %d is %q, want %q", ex.SQL, constant, i, text, ex.Value)
		}
	}
	return nil
}

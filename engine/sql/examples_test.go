package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// Every row of the function table has examples, and each of them gives what it says: parsed, analysed without a FROM,
// evaluated twice (as written, and with its constants folded), and compared as text.
func TestFunctionExamples(t *testing.T) {
	for _, row := range functions.Rows() {
		if len(row.Examples) == 0 {
			t.Errorf("%s has no example", row.Name)
		}
		for _, ex := range row.Examples {
			for _, folded := range []bool{false, true} {
				got, err := value(ex.SQL, folded)
				switch e := errs.As(err); {
				case err != nil && e == nil:
					t.Errorf("%s: %s: %v", row.Name, ex.SQL, err)
				case ex.Error != "" && (e == nil || e.Name != ex.Error):
					t.Errorf("%s: %s: %q, %v, want %s", row.Name, ex.SQL, got, err, ex.Error)
				case ex.Error == "" && err != nil:
					t.Errorf("%s: %s: %v", row.Name, ex.SQL, err)
				case ex.Error == "" && got != ex.Value:
					t.Errorf("%s: %s: %q, want %q (folded: %v)", row.Name, ex.SQL, got, ex.Value, folded)
				}
			}
		}
	}
}

// value is the text of an expression's value: CAST(… AS STRING), a line a row.
func value(text string, folded bool) (string, error) {
	plan, err := sql.ParseQuery("SELECT " + text)
	if err != nil {
		return "", err
	}
	a := &logical.Analyzer{Catalog: nothing{}, Conf: logical.Settings{ANSI: true, Zone: "UTC"}}
	if plan, err = a.Analyze(plan); err != nil {
		return "", err
	}
	c := &expr.Context{Mem: memory.NewGoAllocator(), Zone: time.UTC, ANSI: true, NowMicros: 1704067200000000, Seed: 1}
	fold := c
	if !folded {
		fold = nil
	}
	b, err := rowsOf(plan, c, fold)
	if err != nil {
		return "", err
	}
	if b.NumCols() != 1 {
		return "", fmt.Errorf("%d columns", b.NumCols())
	}
	s, err := c.Cast(b.Column(0), plan.Output()[0].DataType, types.String, expr.CastANSI)
	if err != nil {
		return "", err
	}
	lines := make([]string, s.Len())
	for i := range lines {
		if lines[i] = "NULL"; !s.IsNull(i) {
			lines[i] = s.(*array.String).Value(i)
		}
	}
	return strings.Join(lines, "\n"), nil
}

type nothing struct{}

func (nothing) Open(*logical.Scan) (*logical.Scan, error) { return nil, errs.Internal("no source") }
func (nothing) Table([]string, map[string]string, bool) (logical.Plan, error) {
	return nil, nil
}

// rowsOf runs a small plan over one row, an operator a case.
func rowsOf(p logical.Plan, c, fold *expr.Context) (arrow.RecordBatch, error) {
	if len(p.Children()) == 0 {
		return array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 1), nil
	}
	in, err := rowsOf(p.Children()[0], c, fold)
	if err != nil {
		return nil, err
	}
	input := p.Children()[0].Output()
	switch n := p.(type) {
	case *logical.Project:
		return columns(n.Exprs, input, in, c, fold)
	case *logical.Aggregate:
		return aggregated(n, input, in, c)
	case *logical.Generate:
		return generated(n, input, in, c)
	case *logical.Windowed:
		return tumbled(n, input, in, c)
	}
	return nil, fmt.Errorf("no case for %T", p)
}

func batchOf(cols []arrow.Array, rows int) arrow.RecordBatch {
	fields := make([]arrow.Field, len(cols))
	for i, col := range cols {
		fields[i] = arrow.Field{Name: fmt.Sprint(i), Type: col.DataType(), Nullable: true}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(rows))
}

func columns(exprs []expr.Expr, input []*expr.Attr, in arrow.RecordBatch, c, fold *expr.Context) (arrow.RecordBatch, error) {
	out := make([]arrow.Array, len(exprs))
	for i, e := range exprs {
		if fold != nil {
			e = expr.Fold(fold, e)
		}
		ev, err := expr.Compile(e, input)
		if err != nil {
			return nil, err
		}
		if out[i], err = expr.Column(c, ev, in); err != nil {
			return nil, err
		}
	}
	return batchOf(out, int(in.NumRows())), nil
}

// aggregated computes each call in two halves, merged, as over an exchange.
func aggregated(n *logical.Aggregate, input []*expr.Attr, in arrow.RecordBatch, c *expr.Context) (arrow.RecordBatch, error) {
	var results []arrow.Array
	var attrs []*expr.Attr
	outputs := make([]expr.Expr, len(n.Outputs))
	for i, o := range n.Outputs {
		e, err := expr.Transform(o, func(e expr.Expr) (expr.Expr, error) {
			agg, ok := e.(*expr.Agg)
			if !ok {
				return e, nil
			}
			r, err := result(agg, input, in, c)
			if err != nil {
				return nil, err
			}
			at := &expr.Attr{ID: expr.NewID(), Name: "r", DataType: agg.DataType, Null: true}
			results, attrs = append(results, r), append(attrs, at)
			return at, nil
		})
		if err != nil {
			return nil, err
		}
		outputs[i] = e
	}
	return columns(outputs, attrs, batchOf(results, 1), c, nil)
}

func result(agg *expr.Agg, input []*expr.Attr, in arrow.RecordBatch, c *expr.Context) (arrow.Array, error) {
	args, err := columns(agg.Args, input, in, c, nil)
	if err != nil {
		return nil, err
	}
	partial, err := agg.Fn.New(c, agg)
	if err != nil {
		return nil, err
	}
	defer partial.Close()
	final, err := agg.Fn.New(c, agg)
	if err != nil {
		return nil, err
	}
	defer final.Close()
	partial.Grow(1)
	final.Grow(1)
	slots := []int32{0}
	if agg.Filter != nil {
		keep, err := columns([]expr.Expr{agg.Filter}, input, in, c, nil)
		if err != nil {
			return nil, err
		}
		if b := keep.Column(0).(*array.Boolean); b.IsNull(0) || !b.Value(0) {
			slots[0] = -1
		}
	}
	if err := partial.Update(slots, args.Columns()); err != nil {
		return nil, err
	}
	buffer, err := partial.Partial([]int32{0})
	if err != nil {
		return nil, err
	}
	if err := final.Merge([]int32{0}, buffer); err != nil {
		return nil, err
	}
	return final.Result([]int32{0})
}

func generated(n *logical.Generate, input []*expr.Attr, in arrow.RecordBatch, c *expr.Context) (arrow.RecordBatch, error) {
	args := make([]expr.Vector, len(n.Generator.Args))
	for i, e := range n.Generator.Args {
		ev, err := expr.Compile(e, input)
		if err != nil {
			return nil, err
		}
		if args[i], err = ev.Eval(c, in); err != nil {
			return nil, err
		}
	}
	parents, out, err := n.Generator.Fn.Rows(c, int(in.NumRows()), args, n.Generator)
	if err != nil {
		return nil, err
	}
	return batchOf(out, len(parents)), nil
}

// tumbled is the window that a row falls into, where windows do not overlap.
func tumbled(n *logical.Windowed, input []*expr.Attr, in arrow.RecordBatch, c *expr.Context) (arrow.RecordBatch, error) {
	ev, err := expr.Compile(n.Window.Time, input)
	if err != nil {
		return nil, err
	}
	times, err := expr.Column(c, ev, in)
	if err != nil {
		return nil, err
	}
	if n.Window.Duration != n.Window.Slide {
		return nil, fmt.Errorf("sliding windows need an operator")
	}
	b := array.NewStructBuilder(c.Mem, types.Arrow(n.Attr.DataType).(*arrow.StructType))
	rows := 0
	for i := 0; i < times.Len(); i++ {
		if times.IsNull(i) {
			continue
		}
		at := int64(times.(*array.Timestamp).Value(i))
		start := at - types.FloorMod(at-n.Window.Start, n.Window.Slide)
		b.Append(true)
		b.FieldBuilder(0).(*array.TimestampBuilder).Append(arrow.Timestamp(start))
		b.FieldBuilder(1).(*array.TimestampBuilder).Append(arrow.Timestamp(start + n.Window.Duration))
		rows++
	}
	return batchOf([]arrow.Array{b.NewArray()}, rows), nil
}

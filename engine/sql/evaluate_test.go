package sql_test

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// oneRow runs small plans over the one row of range(1). how is "folded", "columns" (see overColumns) or as written.
type oneRow struct {
	mem memory.Allocator
	how string
}

// rows runs a plan.
func (o *oneRow) rows(c *expr.Context, p logical.Plan) (arrow.RecordBatch, error) {
	if len(p.Children()) == 0 {
		f := batch.NewFixed[int64](o.mem, 1)
		f.Values[0] = 0
		return batchOwning([]arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, 1), nil
	}
	in, err := o.rows(c, p.Children()[0])
	if err != nil {
		return nil, err
	}
	defer in.Release()
	input := p.Children()[0].Output()
	switch n := p.(type) {
	case *logical.Project:
		return o.project(c, n.Exprs, input, in)
	case *logical.Aggregate:
		return o.aggregate(c, n, input, in)
	case *logical.Generate:
		return o.generate(c, n, input, in)
	case *logical.Windowed:
		return o.tumble(c, n, input, in)
	}
	return nil, fmt.Errorf("no case for %T", p)
}

func batchOwning(cols []arrow.Array, rows int) arrow.RecordBatch {
	fields := make([]arrow.Field, len(cols))
	for i, col := range cols {
		fields[i] = arrow.Field{Name: fmt.Sprint(i), Type: col.DataType(), Nullable: true}
	}
	return batch.Make(arrow.NewSchema(fields, nil), cols, rows)
}

func (o *oneRow) project(c *expr.Context, exprs []expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	out := make([]arrow.Array, len(exprs))
	for i, e := range exprs {
		a, err := o.evaluate(c, e, input, in)
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out[i] = a
	}
	return batchOwning(out, int(in.NumRows())), nil
}

func (o *oneRow) evaluate(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	switch {
	case o.how == "folded":
		e = expr.Fold(c, e)
	case o.how == "columns" && in.NumRows() == 1 && expr.Find(e, isVolatile) == nil:
		return o.overColumns(c, e, input, in)
	}
	ev, err := expr.Compile(e, input)
	if err != nil {
		return nil, err
	}
	return expr.Column(c, ev, in)
}

func isVolatile(e expr.Expr) bool {
	a, ok := e.(*expr.Apply)
	return ok && a.Fn.Volatile
}

// overColumns puts every literal into a column of three rows, the middle one null; the others must give one value.
func (o *oneRow) overColumns(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	out, err := o.threeRows(c, e, input, in, -1)
	if err != nil {
		// A null may raise where the value does not: then the middle row is like the others.
		return o.threeRows(c, e, input, in, 0)
	}
	return out, nil
}

func (o *oneRow) threeRows(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch, middle int32) (arrow.Array, error) {
	attrs := append([]*expr.Attr{}, input...)
	var cols []arrow.Array
	for i := range input {
		cols = append(cols, batch.Take(o.mem, in.Column(i), []int32{0, middle, 0}))
	}
	defer func() { batch.Release(cols...) }()
	e, err := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		l, ok := n.(*expr.Literal)
		if !ok {
			return n, nil
		}
		one, err := l.Array(o.mem)
		if err != nil {
			return nil, err
		}
		defer one.Release()
		a := &expr.Attr{ID: expr.NewID(), Name: "c", DataType: l.DataType, Null: true}
		attrs, cols = append(attrs, a), append(cols, batch.Take(o.mem, one, []int32{0, middle, 0}))
		return a, nil
	})
	if err != nil {
		return nil, err
	}
	ev, err := expr.Compile(e, attrs)
	if err != nil {
		return nil, err
	}
	if len(cols) == 0 {
		return expr.Column(c, ev, in)
	}
	for _, col := range cols {
		col.Retain() // the batch takes its columns over
	}
	b := batchOwning(append([]arrow.Array{}, cols...), 3)
	defer b.Release()
	all, err := expr.Column(c, ev, b)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	if same := batch.Equaler([]arrow.Array{all}, []arrow.Array{all}); !same(0, 2) {
		return nil, fmt.Errorf("equal rows differ: %v", all)
	}
	return batch.Take(o.mem, all, []int32{2}), nil
}

func (o *oneRow) aggregate(c *expr.Context, n *logical.Aggregate, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	var results []arrow.Array
	var attrs []*expr.Attr
	defer func() { batch.Release(results...) }()
	outputs := make([]expr.Expr, len(n.Outputs))
	for i, e := range n.Outputs {
		e, err := expr.Transform(e, func(e expr.Expr) (expr.Expr, error) {
			agg, ok := e.(*expr.Agg)
			if !ok {
				return e, nil
			}
			r, err := o.result(c, agg, input, in)
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
	for _, r := range results {
		r.Retain()
	}
	b := batchOwning(append([]arrow.Array{}, results...), 1)
	defer b.Release()
	return o.project(c, outputs, attrs, b)
}

// result computes a call in two halves, merged, as over an exchange.
func (o *oneRow) result(c *expr.Context, agg *expr.Agg, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	args, err := o.project(c, agg.Args, input, in)
	if err != nil {
		return nil, err
	}
	defer args.Release()
	slots := []int32{0}
	if agg.Filter != nil {
		keep, err := o.evaluate(c, agg.Filter, input, in)
		if err != nil {
			return nil, err
		}
		if len(batch.Selected(keep, nil)) == 0 {
			slots[0] = -1
		}
		keep.Release()
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
	if err := partial.Update(slots, args.Columns()); err != nil {
		return nil, err
	}
	buffer, err := partial.Partial([]int32{0})
	if err != nil {
		return nil, err
	}
	defer batch.Release(buffer...)
	if err := final.Merge([]int32{0}, buffer); err != nil {
		return nil, err
	}
	return final.Result([]int32{0})
}

func (o *oneRow) generate(c *expr.Context, n *logical.Generate, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	evs, err := expr.CompileAll(n.Generator.Args, input)
	if err != nil {
		return nil, err
	}
	args, _, err := expr.EvalAll(c, evs, in)
	if err != nil {
		return nil, err
	}
	defer expr.ReleaseAll(args)
	parents, out, err := n.Generator.Fn.Rows(c, int(in.NumRows()), args, n.Generator)
	if err != nil {
		return nil, err
	}
	if len(n.Output()) > len(out) {
		before := make([]arrow.Array, in.NumCols())
		for i := range before {
			before[i] = batch.Take(o.mem, in.Column(i), parents)
		}
		out = append(before, out...)
	}
	return batchOwning(out, len(parents)), nil
}

// tumble is the window that a row falls into, where windows do not overlap.
func (o *oneRow) tumble(c *expr.Context, n *logical.Windowed, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	times, err := o.evaluate(c, n.Window.Time, input, in)
	if err != nil {
		return nil, err
	}
	defer times.Release()
	if n.Window.Duration != n.Window.Slide {
		return nil, fmt.Errorf("sliding windows need an operator")
	}
	b := array.NewStructBuilder(o.mem, types.Arrow(n.Attr.DataType).(*arrow.StructType))
	defer b.Release()
	rows := 0
	for i := range times.Len() {
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
	return batchOwning([]arrow.Array{b.NewArray()}, rows), nil
}

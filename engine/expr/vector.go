package expr

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// Row is the place of row i in the vector's array: a Const vector has one row for all.
func (v Vector) Row(i int) int {
	if v.Const {
		return 0
	}
	return i
}

// IsConstNull says that every row is null because the one value is.
func (v Vector) IsConstNull() bool { return v.Const && v.Array.IsNull(0) }

// Expand gives the column as n rows; the vector stays its owner's, the array is the caller's.
func (v Vector) Expand(mem memory.Allocator, n int) arrow.Array {
	if !v.Const {
		v.Array.Retain()
		return v.Array
	}
	if n == 1 {
		v.Array.Retain()
		return v.Array
	}
	return batch.Repeat(mem, v.Array, 0, n)
}

// Nulls is a Const vector of a null.
func Nulls(mem memory.Allocator, t types.Type) Vector {
	return Vector{Array: array.MakeArrayOfNull(mem, types.Arrow(t), 1), Const: true}
}

// Column evaluates over a batch and gives its rows as a column.
func Column(c *Context, e Evaluator, b arrow.RecordBatch) (arrow.Array, error) {
	v, err := e.Eval(c, b)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	return v.Expand(c.Mem, int(b.NumRows())), nil
}

// rows is a batch without a schema: what evaluators look at, a column's array by number and the count of rows.
type rows struct {
	arrow.RecordBatch
	columns []arrow.Array
	n       int
}

func (r *rows) Column(i int) arrow.Array { return r.columns[i] }
func (r *rows) NumRows() int64           { return int64(r.n) }
func (r *rows) NumCols() int64           { return int64(len(r.columns)) }

// chosen is some rows of a batch; a column is gathered when an evaluator first asks for it.
type chosen struct {
	arrow.RecordBatch
	mem     memory.Allocator
	indices []int32
	columns []arrow.Array
}

func (c *chosen) NumRows() int64 { return int64(len(c.indices)) }
func (c *chosen) Column(i int) arrow.Array {
	if c.columns == nil {
		c.columns = make([]arrow.Array, c.RecordBatch.NumCols())
	}
	if c.columns[i] == nil {
		c.columns[i] = batch.Take(c.mem, c.RecordBatch.Column(i), c.indices)
	}
	return c.columns[i]
}

// EvalOn evaluates over some rows of a batch only: the result has one row for each index, or is Const.
func EvalOn(c *Context, e Evaluator, b arrow.RecordBatch, indices []int32) (Vector, error) {
	if len(indices) == int(b.NumRows()) {
		return e.Eval(c, b)
	}
	part := &chosen{RecordBatch: b, mem: c.Mem, indices: indices}
	defer func() { batch.Release(part.columns...) }()
	return e.Eval(c, part)
}

// Pick gathers the branches of a conditional: from[i] names the branch of row i and at[i] its row there (at < 0: null).
// All branches have the type t.
func Pick(c *Context, t types.Type, branches []Vector, from, at []int32) (arrow.Array, error) {
	if len(branches) == 0 {
		return array.MakeArrayOfNull(c.Mem, types.Arrow(t), len(from)), nil
	}
	switch types.Arrow(t).ID() {
	case arrow.INT32, arrow.DATE32:
		return pickFixed[int32](c, t, branches, from, at), nil
	case arrow.INT64, arrow.TIMESTAMP:
		return pickFixed[int64](c, t, branches, from, at), nil
	case arrow.FLOAT64:
		return pickFixed[float64](c, t, branches, from, at), nil
	}
	columns := make([]arrow.Array, len(branches))
	starts := make([]int32, len(branches))
	var total int32
	for i, b := range branches {
		columns[i], starts[i] = b.Array, total
		total += int32(b.Len())
	}
	all, err := batch.Concat(c.Mem, columns)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	indices := make([]int32, len(from))
	for i, f := range from {
		switch {
		case at[i] < 0:
			indices[i] = -1
		case branches[f].Const:
			indices[i] = starts[f]
		default:
			indices[i] = starts[f] + at[i]
		}
	}
	return batch.Take(c.Mem, all, indices), nil
}

// pickFixed is Pick of a fixed-width type, without a copy of the branches in between.
func pickFixed[T arrow.FixedWidthType](c *Context, t types.Type, branches []Vector, from, at []int32) arrow.Array {
	values, valid := make([][]T, len(branches)), make([]batch.Bitmap, len(branches))
	step := make([]int32, len(branches)) // 0 for a constant
	clean := true
	for i, b := range branches {
		values[i], valid[i] = batch.Values[T](b.Array), batch.Valid(b.Array)
		clean = clean && valid[i].All()
		if !b.Const {
			step[i] = 1
		}
	}
	out, marks := batch.NewFixed[T](c.Mem, len(from)), batch.NewMarks(c.Mem, len(from), true)
	var zero T
	for i, f := range from {
		row := at[i] * step[f]
		if at[i] < 0 || !clean && !valid[f].Get(int(row)) {
			out.Values[i] = zero
			marks.Clear(i)
			continue
		}
		out.Values[i] = values[f][row]
	}
	return out.Done(types.Arrow(t), marks)
}

package functions

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var arrayConcatRows = []Row{
	{Name: "concat_arrays", Min: 1, Max: -1, Bind: bindConcatArrays, Internal: true, Examples: []Example{
		{SQL: "concat(array(1), array(2, NULL))", Value: "[1, 2, null]"}, {SQL: "concat(array(1), NULL)", Value: "NULL"}, {SQL: "concat(array(1), 2)", Error: "DATATYPE_MISMATCH.DATA_DIFF_TYPES"}}},
	{Name: "reverse_array", Min: 1, Max: 1, Bind: func(_ *Env, c *expr.Call) (expr.Expr, error) {
		return apply(reverseArrayFn, c.Args[0].Type(), c.Args[0]), nil
	}, Internal: true, Examples: []Example{{SQL: "reverse(array(1, 2, NULL))", Value: "[null, 2, 1]"}}},
}

func bindConcatArrays(e *Env, c *expr.Call) (expr.Expr, error) {
	args, to := e.common(c.Args)
	if to == nil || to.Kind() != types.KArray {
		return nil, differ("concat", callText("concat", c.Args), c.Args)
	}
	return apply(concatArraysFn, to, args...), nil
}

// gathered assembles an array column of rows that take these elements of a child, in turn.
func gathered(mem memory.Allocator, out types.Type, n int, valid *batch.Marks, child arrow.Array, counts func(i int, take func(int32))) arrow.Array {
	offsets := batch.NewFixed[int32](mem, n+1)
	offsets.Values[0] = 0
	var rows []int32
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			counts(i, func(row int32) { rows = append(rows, row) })
		}
		offsets.Values[i+1] = int32(len(rows))
	}
	elements := batch.Take(mem, child, rows)
	spread := offsets.Done(arrow.PrimitiveTypes.Int32, nil)
	defer spread.Release()
	bits, nulls := valid.Take()
	buffer := spread.Data().Buffers()[1]
	buffer.Retain()
	return batch.Assemble(types.Arrow(out), n, nulls, []*memory.Buffer{bits, buffer}, elements)
}

var concatArraysFn = &expr.Function{Name: "concat", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	children, base := make([]arrow.Array, len(args)), make([]int32, len(args))
	ranges := make([][]int32, len(args))
	for k, a := range args {
		children[k], ranges[k] = a.Array.(array.ListLike).ListValues(), batch.Ranges(a.Array)
		if k > 0 {
			base[k] = base[k-1] + int32(children[k-1].Len())
		}
	}
	all, err := batch.Concat(c.Mem, children)
	if err != nil {
		valid.Drop()
		return expr.Vector{}, err
	}
	defer all.Release()
	return vector(gathered(c.Mem, out, n, valid, all, func(i int, take func(int32)) {
		for k, a := range args {
			for x, end := ranges[k][a.Row(i)], ranges[k][a.Row(i)+1]; x < end; x++ {
				take(base[k] + x)
			}
		}
	})), nil
}}

var reverseArrayFn = &expr.Function{Name: "reverse", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	a, ranges := args[0], batch.Ranges(args[0].Array)
	return vector(gathered(c.Mem, out, n, valid, a.Array.(array.ListLike).ListValues(), func(i int, take func(int32)) {
		for x, end := ranges[a.Row(i)+1]-1, ranges[a.Row(i)]; x >= end; x-- {
			take(x)
		}
	})), nil
}}

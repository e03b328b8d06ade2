package functions

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// What kernels share: results over n rows whose nulls are those of the arguments.

// nullsOf joins the validity of arguments over n rows; nil where nothing is null. allNull says that one is a null for
// all rows.
func nullsOf(mem memory.Allocator, n int, args ...expr.Vector) (m *batch.Marks, allNull bool) {
	for _, a := range args {
		if a.Const {
			if a.IsNull(0) {
				m.Drop()
				return nil, true
			}
			continue
		}
		m = batch.AndInto(mem, m, batch.Valid(a.Array), n)
	}
	return m, false
}

// owned gives a validity that can be cleared.
func owned(mem memory.Allocator, m *batch.Marks, n int) *batch.Marks {
	if m == nil {
		return batch.NewMarks(mem, n, true)
	}
	return m
}

// vector is a result of n rows.
func vector(a arrow.Array) expr.Vector { return expr.Vector{Array: a} }

// mapped lifts a function of one fixed-width value. It is not called for nulls.
func mapped[A, B arrow.FixedWidthType](f func(A) B) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		valid, none := nullsOf(c.Mem, n, args...)
		if none {
			return expr.Nulls(c.Mem, out), nil
		}
		in := batch.Values[A](args[0].Array)
		r := batch.NewFixed[B](c.Mem, n)
		if valid == nil {
			for i := range r.Values {
				r.Values[i] = f(in[i])
			}
		} else {
			var zero B
			for i := range r.Values {
				r.Values[i] = zero
				if valid.Get(i) {
					r.Values[i] = f(in[i])
				}
			}
		}
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
}

// mapped2 lifts a function of two fixed-width values.
func mapped2[A, B, R arrow.FixedWidthType](f func(A, B) R) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		valid, none := nullsOf(c.Mem, n, args...)
		if none {
			return expr.Nulls(c.Mem, out), nil
		}
		x, y := batch.Values[A](args[0].Array), batch.Values[B](args[1].Array)
		r := batch.NewFixed[R](c.Mem, n)
		var zero R
		for i := range r.Values {
			r.Values[i] = zero
			if valid.Get(i) {
				r.Values[i] = f(x[args[0].Row(i)], y[args[1].Row(i)])
			}
		}
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
}

// maybe lifts a function of one value that may answer with no value.
func maybe[A, B arrow.FixedWidthType](f func(A) (B, bool)) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		valid, none := nullsOf(c.Mem, n, args...)
		if none {
			return expr.Nulls(c.Mem, out), nil
		}
		valid = owned(c.Mem, valid, n)
		in := batch.Values[A](args[0].Array)
		r := batch.NewFixed[B](c.Mem, n)
		var zero B
		for i := range r.Values {
			r.Values[i] = zero
			if !valid.Get(i) {
				continue
			}
			v, ok := f(in[i])
			if !ok {
				valid.Clear(i)
				continue
			}
			r.Values[i] = v
		}
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
}

// texts lifts a function that appends the text of row i, or answers nil for null, to a string or binary column.
func texts(c *expr.Context, n int, out types.Type, args []expr.Vector, f func(dst []byte, i int) []byte) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	r := batch.NewStrings(c.Mem, n, n*8)
	scratch := make([]byte, 0, 64)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			r.End()
			continue
		}
		b := f(scratch[:0], i)
		if b == nil {
			valid.Clear(i)
			r.End()
			continue
		}
		r.Append(b)
		scratch = b
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// flags lifts a predicate over rows that are not null.
func flags(c *expr.Context, n int, args []expr.Vector, f func(i int) bool) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, types.Boolean), nil
	}
	r := batch.NewMarks(c.Mem, n, false)
	for i := 0; i < n; i++ {
		if valid.Get(i) && f(i) {
			r.Set(i)
		}
	}
	return vector(r.Done(valid)), nil
}

package functions

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// text is a string or binary argument: a column, or one value for all rows.
type text struct {
	offsets []int32
	data    []byte
	fixed   bool
}

func textOf(v expr.Vector) text {
	o, d := batch.Text(v.Array)
	return text{o, d, v.Const}
}

func (t text) at(i int) []byte {
	if t.fixed {
		i = 0
	}
	return t.data[t.offsets[i]:t.offsets[i+1]]
}

// bytes is the memory of all rows together.
func (t text) bytes() []byte { return t.data[t.offsets[0]:t.offsets[len(t.offsets)-1]] }

// isASCII says that characters and bytes are the same.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// pieces lifts a function that gives a part of its input, or no value, to a string or binary column.
func pieces(c *expr.Context, n int, out types.Type, args []expr.Vector, size int, f func(i int) ([]byte, bool)) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewStrings(c.Mem, n, size)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			r.End()
			continue
		}
		b, ok := f(i)
		if !ok {
			valid = owned(c.Mem, valid, n)
			valid.Clear(i)
			r.End()
			continue
		}
		r.Append(b)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// ints lifts a function of a row to a column of fixed width.
func ints[T arrow.FixedWidthType](c *expr.Context, n int, out types.Type, args []expr.Vector, f func(i int) T) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewFixed[T](c.Mem, n)
	var zero T
	for i := range r.Values {
		r.Values[i] = zero
		if valid.Get(i) {
			r.Values[i] = f(i)
		}
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// failing runs a kernel whose rows may raise: the first error wins.
func failing(err *error, v expr.Vector, kernelErr error) (expr.Vector, error) {
	if kernelErr != nil {
		return v, kernelErr
	}
	if *err != nil {
		v.Release()
		return expr.Vector{}, *err
	}
	return v, nil
}

package functions

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Aggregates that fold integers or booleans by an associative operation.

var (
	boolAndFn = foldFn("bool_and", func(a, b int64) int64 { return a & b })
	boolOrFn  = foldFn("bool_or", func(a, b int64) int64 { return a | b })
	bitAndFn  = foldFn("bit_and", func(a, b int64) int64 { return a & b })
	bitOrFn   = foldFn("bit_or", func(a, b int64) int64 { return a | b })
	bitXorFn  = foldFn("bit_xor", func(a, b int64) int64 { return a ^ b })
)

func foldFn(name string, op func(a, b int64) int64) *expr.Aggregate {
	return &expr.Aggregate{Name: name, Buffer: ownType, New: func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		return &folded{mem: c.Mem, out: a.DataType, op: op}, nil
	}}
}

type folded struct {
	mem   memory.Allocator
	out   types.Type
	op    func(a, b int64) int64
	state []longState
}

func (a *folded) Grow(n int) { a.state = grown(a.state, n) }

func (a *folded) Update(slots []int32, args []arrow.Array) error {
	valid := batch.Valid(args[0])
	get := integerReader(args[0])
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		p := &a.state[s]
		if x := get(i); p.seen == 0 {
			p.sum, p.seen = x, 1
		} else {
			p.sum = a.op(p.sum, x)
		}
	}
	return nil
}

// integerReader reads rows of an integer or boolean column.
func integerReader(a arrow.Array) func(i int) int64 {
	switch a.DataType().ID() {
	case arrow.BOOL:
		b := batch.Bools(a)
		return func(i int) int64 {
			if b.Get(i) {
				return 1
			}
			return 0
		}
	case arrow.INT8:
		v := batch.Values[int8](a)
		return func(i int) int64 { return int64(v[i]) }
	case arrow.INT16:
		v := batch.Values[int16](a)
		return func(i int) int64 { return int64(v[i]) }
	case arrow.INT32, arrow.DATE32:
		v := batch.Values[int32](a)
		return func(i int) int64 { return int64(v[i]) }
	}
	v := batch.Values[int64](a)
	return func(i int) int64 { return v[i] }
}

func (a *folded) Merge(slots []int32, buffer []arrow.Array) error { return a.Update(slots, buffer) }

func (a *folded) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *folded) Result(slots []int32) (arrow.Array, error) {
	switch a.out.Kind() {
	case types.KBoolean:
		out, valid := batch.NewMarks(a.mem, len(slots), false), batch.NewMarks(a.mem, len(slots), true)
		for i, s := range slots {
			out.Put(i, a.state[s].sum != 0)
			valid.Put(i, a.state[s].seen != 0)
		}
		return out.Done(valid), nil
	case types.KByte:
		return foldedResult[int8](a, slots), nil
	case types.KShort:
		return foldedResult[int16](a, slots), nil
	case types.KInt:
		return foldedResult[int32](a, slots), nil
	}
	return foldedResult[int64](a, slots), nil
}

func foldedResult[T signed](a *folded, slots []int32) arrow.Array {
	return pick(a.mem, types.Arrow(a.out), slots, func(s int32) (T, bool) { return T(a.state[s].sum), a.state[s].seen != 0 })
}

func (a *folded) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = longState{}
	}
}
func (a *folded) Bytes() int64 { return int64(cap(a.state)) * 16 }
func (a *folded) Close()       {}

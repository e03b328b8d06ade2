package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Take gives the rows at these indices, in their order; a negative index gives a null.
func Take(mem memory.Allocator, a arrow.Array, indices []int32) arrow.Array {
	dt := a.DataType()
	switch dt.ID() {
	case arrow.NULL:
		return array.NewNull(len(indices))
	case arrow.INT8:
		return takeFixed(mem, a, Values[int8](a), indices)
	case arrow.INT16:
		return takeFixed(mem, a, Values[int16](a), indices)
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return takeFixed(mem, a, Values[int32](a), indices)
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return takeFixed(mem, a, Values[int64](a), indices)
	case arrow.FLOAT32:
		return takeFixed(mem, a, Values[float32](a), indices)
	case arrow.FLOAT64:
		return takeFixed(mem, a, Values[float64](a), indices)
	case arrow.DECIMAL128:
		return takeFixed(mem, a, Values[decimal128.Num](a), indices)
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return takeFixed(mem, a, Values[arrow.MonthDayNanoInterval](a), indices)
	case arrow.BOOL:
		return takeBools(mem, a, indices)
	case arrow.STRING, arrow.BINARY:
		return takeText(mem, a, indices)
	case arrow.STRUCT:
		s := a.(*array.Struct)
		children := make([]arrow.Array, s.NumField())
		for f := range children {
			children[f] = Take(mem, s.Field(f), indices)
		}
		vb, nulls := takeValid(mem, a, indices).take()
		return Assemble(dt, len(indices), nulls, []*memory.Buffer{vb}, children...)
	case arrow.LIST, arrow.MAP:
		return takeList(mem, a, indices)
	}
	return array.MakeArrayOfNull(mem, dt, len(indices))
}

// takeValid is the validity of taken rows, nil where none is null.
func takeValid(mem memory.Allocator, a arrow.Array, indices []int32) *Marks {
	valid := Valid(a)
	if valid.All() {
		var m *Marks
		for i, x := range indices {
			if x < 0 {
				if m == nil {
					m = NewMarks(mem, len(indices), true)
				}
				m.Clear(i)
			}
		}
		return m
	}
	m := NewMarks(mem, len(indices), true)
	for i, x := range indices {
		if x < 0 || !valid.Get(int(x)) {
			m.Clear(i)
		}
	}
	return m
}

func takeFixed[T arrow.FixedWidthType](mem memory.Allocator, a arrow.Array, v []T, indices []int32) arrow.Array {
	out := NewFixed[T](mem, len(indices))
	valid := takeValid(mem, a, indices)
	if valid == nil {
		for i, x := range indices {
			out.Values[i] = v[x]
		}
		return out.Done(a.DataType(), nil)
	}
	var zero T
	for i, x := range indices {
		if x >= 0 {
			out.Values[i] = v[x]
		} else {
			out.Values[i] = zero
		}
	}
	return out.Done(a.DataType(), valid)
}

func takeBools(mem memory.Allocator, a arrow.Array, indices []int32) arrow.Array {
	v := Bools(a)
	out := NewMarks(mem, len(indices), false)
	for i, x := range indices {
		if x >= 0 && v.Get(int(x)) {
			out.Set(i)
		}
	}
	return out.Done(takeValid(mem, a, indices))
}

func takeText(mem memory.Allocator, a arrow.Array, indices []int32) arrow.Array {
	o, data := Text(a)
	valid := takeValid(mem, a, indices)
	obuf := Buffer(mem, (len(indices)+1)*4)
	to := arrow.GetData[int32](obuf.Bytes())
	to[0] = 0
	var total int64
	for i, x := range indices {
		if x >= 0 && valid.Get(i) {
			total += int64(o[x+1] - o[x])
		}
		to[i+1] = int32(total)
	}
	if total > mostBytes || len(indices) > 1 && total > int64(bytesFor(mem)) {
		panic(TooLarge)
	}
	dbuf := Buffer(mem, int(total))
	td := dbuf.Bytes()
	for i, x := range indices {
		if to[i+1] > to[i] {
			copy(td[to[i]:to[i+1]], data[o[x]:o[x+1]])
		}
	}
	vb, nulls := valid.take()
	return Assemble(a.DataType(), len(indices), nulls, []*memory.Buffer{vb, obuf, dbuf})
}

func takeList(mem memory.Allocator, a arrow.Array, indices []int32) arrow.Array {
	r := Ranges(a)
	valid := takeValid(mem, a, indices)
	obuf := Buffer(mem, (len(indices)+1)*4)
	to := arrow.GetData[int32](obuf.Bytes())
	to[0] = 0
	var total int64
	for i, x := range indices {
		if x >= 0 && valid.Get(i) {
			total += int64(r[x+1] - r[x])
		}
		to[i+1] = int32(total)
	}
	if total > MostElements {
		panic(TooLarge)
	}
	inner := make([]int32, 0, total)
	for i, x := range indices {
		if to[i+1] > to[i] {
			for k := r[x]; k < r[x+1]; k++ {
				inner = append(inner, k)
			}
		}
	}
	child := Take(mem, a.(array.ListLike).ListValues(), inner)
	vb, nulls := valid.take()
	return Assemble(a.DataType(), len(indices), nulls, []*memory.Buffer{vb, obuf}, child)
}

package batch

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Cells is one column by slot, in place: what a slot holds may be set again and again. A slot that was never set, or was
// cleared, holds anything.
type Cells interface {
	// Grow makes place for slots below n.
	Grow(n int)
	// Set gives slots the values of as many rows.
	Set(slots []int32, a arrow.Array)
	// Take gives the values of slots, owned by the caller; a negative slot gives null.
	Take(mem memory.Allocator, slots []int32) arrow.Array
	// Clear lets go of what slots hold outside of the column's own places.
	Clear(slots []int32)
	Bytes() int64
	Close()
}

// NewCells makes a column of a type.
func NewCells(dt arrow.DataType) Cells {
	switch dt.ID() {
	case arrow.INT8:
		return &fixedCells[int8]{dt: dt}
	case arrow.INT16:
		return &fixedCells[int16]{dt: dt}
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return &fixedCells[int32]{dt: dt}
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return &fixedCells[int64]{dt: dt}
	case arrow.FLOAT32:
		return &fixedCells[float32]{dt: dt}
	case arrow.FLOAT64:
		return &fixedCells[float64]{dt: dt}
	case arrow.DECIMAL128:
		return &fixedCells[decimal128.Num]{dt: dt}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return &fixedCells[arrow.MonthDayNanoInterval]{dt: dt}
	case arrow.BOOL:
		return &boolCells{}
	case arrow.STRING, arrow.BINARY:
		return &textCells{dt: dt}
	case arrow.STRUCT:
		c := &structCells{dt: dt}
		for _, f := range dt.(*arrow.StructType).Fields() {
			c.fields = append(c.fields, NewCells(f.Type))
		}
		return c
	}
	return &partCells{dt: dt}
}

// SlotBits is a bit a slot; those never put are clear.
type SlotBits []uint64

// Get gives a slot's bit.
func (b SlotBits) Get(s int32) bool { return int(s>>6) < len(b) && b[s>>6]>>(uint(s)&63)&1 != 0 }

// Put sets a slot's bit or clears it.
func (b *SlotBits) Put(s int32, on bool) {
	for int(s>>6) >= len(*b) {
		if !on {
			return
		}
		*b = append(*b, 0)
	}
	if on {
		(*b)[s>>6] |= 1 << (uint(s) & 63)
	} else {
		(*b)[s>>6] &^= 1 << (uint(s) & 63)
	}
}

// setNulls notes which rows are null.
func (b *SlotBits) setNulls(slots []int32, a arrow.Array) {
	valid := Valid(a)
	if valid.All() && len(*b) == 0 {
		return
	}
	for i, s := range slots {
		b.Put(s, !valid.Get(i))
	}
}

// validity is that of taken slots, nil where none is null.
func (b SlotBits) validity(mem memory.Allocator, slots []int32) *Marks {
	var m *Marks
	if len(b) == 0 && !negative(slots) {
		return nil
	}
	for i, s := range slots {
		if s < 0 || len(b) > 0 && b.Get(s) {
			if m == nil {
				m = NewMarks(mem, len(slots), true)
			}
			m.Clear(i)
		}
	}
	return m
}

func negative(slots []int32) bool {
	all := int32(0)
	for _, s := range slots {
		all |= s
	}
	return all < 0
}

// fixedCells is a column of fixed width.
type fixedCells[T arrow.FixedWidthType] struct {
	dt    arrow.DataType
	v     Pages[T]
	nulls SlotBits
}

func (c *fixedCells[T]) Grow(n int) { c.v.Grow(n) }

func (c *fixedCells[T]) Set(slots []int32, a arrow.Array) {
	for i, x := range Values[T](a)[:len(slots)] {
		*c.v.At(slots[i]) = x
	}
	c.nulls.setNulls(slots, a)
}

func (c *fixedCells[T]) Take(mem memory.Allocator, slots []int32) arrow.Array {
	out := NewFixed[T](mem, len(slots))
	valid := c.nulls.validity(mem, slots)
	if valid == nil {
		for i, s := range slots {
			out.Values[i] = *c.v.At(s)
		}
		return out.Done(c.dt, nil)
	}
	for i, s := range slots {
		if s < 0 {
			var zero T
			out.Values[i] = zero
			continue
		}
		out.Values[i] = *c.v.At(s)
	}
	return out.Done(c.dt, valid)
}

func (c *fixedCells[T]) Clear([]int32) {}
func (c *fixedCells[T]) Bytes() int64 {
	return int64(c.v.Len()*c.dt.(arrow.FixedWidthDataType).Bytes() + cap(c.nulls)*8)
}
func (c *fixedCells[T]) Close() {}

// boolCells is a column of bits.
type boolCells struct{ v, nulls SlotBits }

func (c *boolCells) Grow(n int) {}

func (c *boolCells) Set(slots []int32, a arrow.Array) {
	v := Bools(a)
	for i, s := range slots {
		c.v.Put(s, v.Get(i))
	}
	c.nulls.setNulls(slots, a)
}

func (c *boolCells) Take(mem memory.Allocator, slots []int32) arrow.Array {
	out := NewMarks(mem, len(slots), false)
	for i, s := range slots {
		if s >= 0 && c.v.Get(s) {
			out.Set(i)
		}
	}
	return out.Done(c.nulls.validity(mem, slots))
}

func (c *boolCells) Clear([]int32) {}
func (c *boolCells) Bytes() int64  { return int64(cap(c.v)+cap(c.nulls)) * 8 }
func (c *boolCells) Close()        {}

// structCells is a column of structs.
type structCells struct {
	dt     arrow.DataType
	fields []Cells
	nulls  SlotBits
}

func (c *structCells) Grow(n int) {
	for _, f := range c.fields {
		f.Grow(n)
	}
}

func (c *structCells) Set(slots []int32, a arrow.Array) {
	for i, f := range c.fields {
		f.Set(slots, a.(*array.Struct).Field(i))
	}
	c.nulls.setNulls(slots, a)
}

func (c *structCells) Take(mem memory.Allocator, slots []int32) arrow.Array {
	children := make([]arrow.Array, len(c.fields))
	for i, f := range c.fields {
		children[i] = f.Take(mem, slots)
	}
	vb, nulls := c.nulls.validity(mem, slots).Take()
	return Assemble(c.dt, len(slots), nulls, []*memory.Buffer{vb}, children...)
}

func (c *structCells) Clear(slots []int32) {
	for _, f := range c.fields {
		f.Clear(slots)
	}
}

func (c *structCells) Bytes() int64 {
	n := int64(cap(c.nulls) * 8)
	for _, f := range c.fields {
		n += f.Bytes()
	}
	return n
}

func (c *structCells) Close() {
	for _, f := range c.fields {
		f.Close()
	}
}

// textCells is a column of strings: their bytes lie in chunks, and a chunk goes with the last string in it.
type textCells struct {
	dt     arrow.DataType
	spans  Pages[textSpan]
	chunks []textChunk
	spare  []int32 // chunks without bytes
	open   int32   // the chunk that is filled, from 1; 0 is none
	nulls  SlotBits
	held   int64
}

// textSpan is where a string lies; chunk counts from 1, and 0 is the empty string.
type textSpan struct{ chunk, at, size int32 }

type textChunk struct {
	data []byte
	live int32
}

const textChunkSize = 1 << 16

func (c *textCells) Grow(n int) { c.spans.Grow(n) }

func (c *textCells) Set(slots []int32, a arrow.Array) {
	offsets, data := Text(a)
	valid := Valid(a)
	c.Clear(slots)
	for i, s := range slots {
		if lo, hi := offsets[i], offsets[i+1]; hi > lo && valid.Get(i) {
			*c.spans.At(s) = c.keep(data[lo:hi])
		}
	}
	c.nulls.setNulls(slots, a)
}

func (c *textCells) keep(b []byte) textSpan {
	if c.open == 0 || cap(c.chunks[c.open-1].data)-len(c.chunks[c.open-1].data) < len(b) {
		c.next(max(len(b), textChunkSize))
	}
	chunk := &c.chunks[c.open-1]
	at := len(chunk.data)
	chunk.data = append(chunk.data, b...)
	chunk.live++
	return textSpan{c.open, int32(at), int32(len(b))}
}

// next opens a chunk of a size.
func (c *textCells) next(size int) {
	if old := c.open; old > 0 && c.chunks[old-1].live == 0 {
		c.drop(old)
	}
	if n := len(c.spare); n > 0 {
		c.open, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		c.chunks = append(c.chunks, textChunk{})
		c.open = int32(len(c.chunks))
	}
	c.chunks[c.open-1].data = make([]byte, 0, size)
	c.held += int64(size)
}

func (c *textCells) drop(chunk int32) {
	c.held -= int64(cap(c.chunks[chunk-1].data))
	c.chunks[chunk-1].data = nil
	c.spare = append(c.spare, chunk)
}

func (c *textCells) Clear(slots []int32) {
	for _, s := range slots {
		x := c.spans.At(s).chunk
		if x == 0 {
			continue
		}
		*c.spans.At(s) = textSpan{}
		if c.chunks[x-1].live--; c.chunks[x-1].live == 0 && x != c.open {
			c.drop(x)
		}
	}
}

func (c *textCells) Take(mem memory.Allocator, slots []int32) arrow.Array {
	total := int64(0)
	for _, s := range slots {
		if s >= 0 {
			total += int64(c.spans.At(s).size)
		}
	}
	if total > math.MaxInt32 {
		panic(TooLarge)
	}
	out := NewStrings(mem, len(slots), int(total))
	for _, s := range slots {
		if s < 0 || c.spans.At(s).chunk == 0 {
			out.End()
			continue
		}
		x := *c.spans.At(s)
		out.Append(c.chunks[x.chunk-1].data[x.at : x.at+x.size])
	}
	return out.Done(c.dt, c.nulls.validity(mem, slots))
}

func (c *textCells) Bytes() int64 {
	return int64(c.spans.Len()*12+cap(c.chunks)*32+cap(c.nulls)*8) + c.held
}
func (c *textCells) Close() { c.chunks, c.spans = nil, Pages[textSpan]{} }

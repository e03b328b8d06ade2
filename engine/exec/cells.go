package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// cells is one column by slot, in place: what a slot holds may be set again and again. A slot that was never set, or was
// cleared, holds anything.
type cells interface {
	grow(n int)
	// set gives slots the values of as many rows.
	set(slots []int32, a arrow.Array)
	// take gives the values of slots, owned by the caller; a negative slot gives null.
	take(mem memory.Allocator, slots []int32) arrow.Array
	// clear lets go of what slots hold outside of the column's own places.
	clear(slots []int32)
	bytes() int64
	close()
}

func newCells(dt arrow.DataType) cells {
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
			c.fields = append(c.fields, newCells(f.Type))
		}
		return c
	}
	return &partCells{dt: dt}
}

// slotBits is a bit a slot, as many as were asked for.
type slotBits []uint64

func (b slotBits) get(s int32) bool { return int(s>>6) < len(b) && b[s>>6]>>(uint(s)&63)&1 != 0 }

func (b *slotBits) put(s int32, on bool) {
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
func (b *slotBits) setNulls(slots []int32, a arrow.Array) {
	valid := batch.Valid(a)
	if valid.All() && len(*b) == 0 {
		return
	}
	for i, s := range slots {
		b.put(s, !valid.Get(i))
	}
}

// validity is that of taken slots, nil where none is null.
func (b slotBits) validity(mem memory.Allocator, slots []int32) *batch.Marks {
	var m *batch.Marks
	for i, s := range slots {
		if s < 0 || len(b) > 0 && b.get(s) {
			if m == nil {
				m = batch.NewMarks(mem, len(slots), true)
			}
			m.Clear(i)
		}
	}
	return m
}

// lengthened is a list of at least n, with some room beyond where it has to be moved.
func lengthened[T any](list []T, n int) []T {
	if n <= len(list) {
		return list
	}
	if n > cap(list) {
		moved := make([]T, n, n+n/4+64)
		copy(moved, list)
		return moved
	}
	return list[:n]
}

// fixedCells is a column of fixed width.
type fixedCells[T arrow.FixedWidthType] struct {
	dt    arrow.DataType
	v     []T
	nulls slotBits
}

func (c *fixedCells[T]) grow(n int) { c.v = lengthened(c.v, n) }

func (c *fixedCells[T]) set(slots []int32, a arrow.Array) {
	for i, x := range batch.Values[T](a)[:len(slots)] {
		c.v[slots[i]] = x
	}
	c.nulls.setNulls(slots, a)
}

func (c *fixedCells[T]) take(mem memory.Allocator, slots []int32) arrow.Array {
	out := batch.NewFixed[T](mem, len(slots))
	valid := c.nulls.validity(mem, slots)
	for i, s := range slots {
		if s < 0 {
			var zero T
			out.Values[i] = zero
			continue
		}
		out.Values[i] = c.v[s]
	}
	return out.Done(c.dt, valid)
}

func (c *fixedCells[T]) clear([]int32) {}
func (c *fixedCells[T]) bytes() int64 {
	return int64(cap(c.v)*c.dt.(arrow.FixedWidthDataType).Bytes() + cap(c.nulls)*8)
}
func (c *fixedCells[T]) close() {}

// boolCells is a column of bits.
type boolCells struct{ v, nulls slotBits }

func (c *boolCells) grow(n int) {}

func (c *boolCells) set(slots []int32, a arrow.Array) {
	v := batch.Bools(a)
	for i, s := range slots {
		c.v.put(s, v.Get(i))
	}
	c.nulls.setNulls(slots, a)
}

func (c *boolCells) take(mem memory.Allocator, slots []int32) arrow.Array {
	out := batch.NewMarks(mem, len(slots), false)
	for i, s := range slots {
		if s >= 0 && c.v.get(s) {
			out.Set(i)
		}
	}
	return out.Done(c.nulls.validity(mem, slots))
}

func (c *boolCells) clear([]int32) {}
func (c *boolCells) bytes() int64  { return int64(cap(c.v)+cap(c.nulls)) * 8 }
func (c *boolCells) close()        {}

// structCells is a column of structs.
type structCells struct {
	dt     arrow.DataType
	fields []cells
	nulls  slotBits
}

func (c *structCells) grow(n int) {
	for _, f := range c.fields {
		f.grow(n)
	}
}

func (c *structCells) set(slots []int32, a arrow.Array) {
	for i, f := range c.fields {
		f.set(slots, a.(*array.Struct).Field(i))
	}
	c.nulls.setNulls(slots, a)
}

func (c *structCells) take(mem memory.Allocator, slots []int32) arrow.Array {
	children := make([]arrow.Array, len(c.fields))
	for i, f := range c.fields {
		children[i] = f.take(mem, slots)
	}
	vb, nulls := c.nulls.validity(mem, slots).Take()
	return batch.Assemble(c.dt, len(slots), nulls, []*memory.Buffer{vb}, children...)
}

func (c *structCells) clear(slots []int32) {
	for _, f := range c.fields {
		f.clear(slots)
	}
}

func (c *structCells) bytes() int64 {
	n := int64(cap(c.nulls) * 8)
	for _, f := range c.fields {
		n += f.bytes()
	}
	return n
}

func (c *structCells) close() {
	for _, f := range c.fields {
		f.close()
	}
}

// textCells is a column of strings: their bytes lie in chunks, and a chunk goes with the last string in it.
type textCells struct {
	dt     arrow.DataType
	spans  []textSpan
	chunks []textChunk
	spare  []int32 // chunks without bytes
	open   int32   // the chunk that is filled, from 1; 0 is none
	nulls  slotBits
	held   int64
}

// textSpan is where a string lies; chunk counts from 1, and 0 is the empty string.
type textSpan struct{ chunk, at, size int32 }

type textChunk struct {
	data []byte
	live int32
}

const textChunkSize = 1 << 16

func (c *textCells) grow(n int) { c.spans = lengthened(c.spans, n) }

func (c *textCells) set(slots []int32, a arrow.Array) {
	offsets, data := batch.Text(a)
	valid := batch.Valid(a)
	c.clear(slots)
	for i, s := range slots {
		if lo, hi := offsets[i], offsets[i+1]; hi > lo && valid.Get(i) {
			c.spans[s] = c.keep(data[lo:hi])
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

func (c *textCells) clear(slots []int32) {
	for _, s := range slots {
		x := c.spans[s].chunk
		if x == 0 {
			continue
		}
		c.spans[s] = textSpan{}
		if c.chunks[x-1].live--; c.chunks[x-1].live == 0 && x != c.open {
			c.drop(x)
		}
	}
}

func (c *textCells) take(mem memory.Allocator, slots []int32) arrow.Array {
	total := int64(0)
	for _, s := range slots {
		if s >= 0 {
			total += int64(c.spans[s].size)
		}
	}
	if total > math.MaxInt32 {
		panic(batch.TooLarge)
	}
	out := batch.NewStrings(mem, len(slots), int(total))
	for _, s := range slots {
		if s < 0 || c.spans[s].chunk == 0 {
			out.End()
			continue
		}
		x := c.spans[s]
		out.Append(c.chunks[x.chunk-1].data[x.at : x.at+x.size])
	}
	return out.Done(c.dt, c.nulls.validity(mem, slots))
}

func (c *textCells) bytes() int64 {
	return int64(cap(c.spans)*12+cap(c.chunks)*32+cap(c.nulls)*8) + c.held
}
func (c *textCells) close() { c.chunks, c.spans = nil, nil }

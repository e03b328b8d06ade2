package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Lists is a column of lists of strings in the making: Put the elements of a row, End it, and so on.
type Lists struct {
	mem     memory.Allocator
	offsets Fixed[int32]
	row     int
	// elements are a growing string column.
	elements *memory.Buffer
	ends     []int32
	data     *Strings
}

// NewLists allocates n rows and room for about elements of about size bytes in all.
func NewLists(mem memory.Allocator, n, elements, size int) *Lists {
	l := &Lists{mem: mem, offsets: NewFixed[int32](mem, n+1), data: NewStrings(mem, 0, size)}
	l.elements = Buffer(mem, 4*(elements+1))
	l.ends = append(arrow.GetData[int32](l.elements.Bytes())[:0], 0)
	l.offsets.Values[0] = 0
	return l
}

// Put adds an element to the row at hand.
func (l *Lists) Put(b []byte) {
	if len(l.ends) == cap(l.ends) {
		n := len(l.ends)
		l.elements.Resize(8 * n)
		l.ends = arrow.GetData[int32](l.elements.Bytes())[:n]
	}
	l.data.Write(b)
	l.ends = append(l.ends, int32(len(l.data.data)))
}

// End ends a row.
func (l *Lists) End() {
	l.row++
	l.offsets.Values[l.row] = int32(len(l.ends) - 1)
}

// Done gives the column of the rows ended, of a list type whose elements are strings or binaries.
func (l *Lists) Done(dt arrow.DataType, valid *Marks) arrow.Array {
	count := len(l.ends) - 1
	l.elements.ResizeNoShrink(4 * len(l.ends))
	l.data.dbuf.ResizeNoShrink(len(l.data.data))
	l.data.obuf.Release()
	child := Assemble(dt.(arrow.ListLikeType).Elem(), count, 0, []*memory.Buffer{nil, l.elements, l.data.dbuf})
	bits, nulls := valid.take()
	return Assemble(dt, l.row, nulls, []*memory.Buffer{bits, l.offsets.buf}, child)
}

// Drop gives up.
func (l *Lists) Drop() {
	l.elements.Release()
	l.offsets.Drop()
	l.data.Drop()
}

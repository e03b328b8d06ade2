package batch

import (
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Values is the raw values of a fixed-width column, one a row; what stands at a null is undefined.
func Values[T arrow.FixedWidthType](a arrow.Array) []T {
	v := arrow.GetValues[T](a.Data(), 1)
	if len(v) < a.Len() {
		return make([]T, a.Len())
	}
	return v
}

// Text is the offsets (rows + 1 of them) and bytes of a string or binary column.
func Text(a arrow.Array) ([]int32, []byte) {
	d := a.Data()
	b := d.Buffers()
	if a.Len() == 0 || b[1] == nil || b[1].Len() == 0 {
		return make([]int32, a.Len()+1), nil
	}
	var data []byte
	if b[2] != nil {
		data = b[2].Bytes()
	}
	return arrow.GetOffsets[int32](d, 1), data
}

// Ranges is the offsets (rows + 1) of a list or map column into its child.
func Ranges(a arrow.Array) []int32 {
	d := a.Data()
	if a.Len() == 0 || d.Buffers()[1] == nil || d.Buffers()[1].Len() == 0 {
		return make([]int32, a.Len()+1)
	}
	return arrow.GetOffsets[int32](d, 1)
}

// Child is the elements of a list column, or the entries of a map column, that Ranges points into; it is borrowed.
func Child(a arrow.Array) arrow.Array { return a.(array.ListLike).ListValues() }

// Bitmap is one bit a row, or with no Bits a constant: all set, or with None all clear.
type Bitmap struct {
	Bits []byte
	Off  int
	None bool
}

// Get gives row i's bit.
func (b Bitmap) Get(i int) bool {
	if b.Bits == nil {
		return !b.None
	}
	i += b.Off
	return b.Bits[i>>3]>>(uint(i)&7)&1 != 0
}

// All says that every bit is known to be set.
func (b Bitmap) All() bool { return b.Bits == nil && !b.None }

// Valid is the validity of a column.
func Valid(a arrow.Array) Bitmap {
	if a.DataType().ID() == arrow.NULL {
		return Bitmap{None: true}
	}
	if a.NullN() == 0 || a.Data().Buffers()[0] == nil {
		return Bitmap{}
	}
	return Bitmap{Bits: a.NullBitmapBytes(), Off: a.Data().Offset()}
}

// Bools is the values of a boolean column.
func Bools(a arrow.Array) Bitmap {
	d := a.Data()
	if d.Buffers()[1] == nil {
		return Bitmap{None: true}
	}
	return Bitmap{Bits: d.Buffers()[1].Bytes(), Off: d.Offset()}
}

// Assemble makes a column from its buffers and children, which it takes over.
func Assemble(dt arrow.DataType, n, nulls int, buffers []*memory.Buffer, children ...arrow.Array) arrow.Array {
	datas := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		datas[i] = c.Data()
	}
	data := array.NewData(dt, n, buffers, datas, nulls, 0)
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	out := array.MakeFromData(data)
	data.Release()
	Release(children...)
	return out
}

// Buffer allocates a buffer of size bytes.
func Buffer(mem memory.Allocator, size int) *memory.Buffer {
	b := memory.NewResizableBuffer(mem)
	b.Resize(size)
	return b
}

// Fixed is a fixed-width column in the making: all Values are filled in place.
type Fixed[T arrow.FixedWidthType] struct {
	Values []T
	buf    *memory.Buffer
}

// NewFixed allocates n values.
func NewFixed[T arrow.FixedWidthType](mem memory.Allocator, n int) Fixed[T] {
	var z T
	b := Buffer(mem, n*int(unsafe.Sizeof(z)))
	return Fixed[T]{Values: arrow.GetData[T](b.Bytes())[:n:n], buf: b}
}

// Done gives the column; valid may be nil.
func (f Fixed[T]) Done(dt arrow.DataType, valid *Marks) arrow.Array {
	vb, nulls := valid.take()
	return Assemble(dt, len(f.Values), nulls, []*memory.Buffer{vb, f.buf})
}

// Drop gives up.
func (f Fixed[T]) Drop() { f.buf.Release() }

// Marks is a bitmap in the making: a validity or the values of a boolean column. nil is a validity without nulls.
type Marks struct {
	Bits []byte
	n    int
	buf  *memory.Buffer
}

// NewMarks allocates n bits, all set or all clear.
func NewMarks(mem memory.Allocator, n int, set bool) *Marks {
	b := Buffer(mem, int(bitutil.BytesForBits(int64(n))))
	m := &Marks{Bits: b.Bytes(), n: n, buf: b}
	var fill byte
	if set {
		fill = 0xff
	}
	for i := range m.Bits {
		m.Bits[i] = fill
	}
	return m
}

// Clear and Set change one bit.
func (m *Marks) Clear(i int) { m.Bits[i>>3] &^= 1 << (uint(i) & 7) }
func (m *Marks) Set(i int)   { m.Bits[i>>3] |= 1 << (uint(i) & 7) }

// Put sets or clears one bit.
func (m *Marks) Put(i int, v bool) {
	if v {
		m.Set(i)
	} else {
		m.Clear(i)
	}
}

// Get reads one bit; of a nil validity all are set.
func (m *Marks) Get(i int) bool {
	return m == nil || m.Bits[i>>3]>>(uint(i)&7)&1 != 0
}

// Count is how many bits are set.
func (m *Marks) Count() int { return CountBits(m.Bits, 0, m.n) }

// Done gives the boolean column of these values.
func (m *Marks) Done(valid *Marks) arrow.Array {
	vb, nulls := valid.take()
	return Assemble(arrow.FixedWidthTypes.Boolean, m.n, nulls, []*memory.Buffer{vb, m.buf})
}

// Drop gives up; of nil it does nothing.
func (m *Marks) Drop() {
	if m != nil {
		m.buf.Release()
	}
}

// take hands over the buffer of a validity, or none where nothing is null.
func (m *Marks) take() (*memory.Buffer, int) {
	if m == nil {
		return nil, 0
	}
	nulls := m.n - m.Count()
	if nulls == 0 {
		m.buf.Release()
		return nil, 0
	}
	return m.buf, nulls
}

// Take hands over the buffer and the number of nulls, for Assemble.
func (m *Marks) Take() (*memory.Buffer, int) { return m.take() }

// CountBits counts the set bits among n from off.
func CountBits(b []byte, off, n int) int { return bitutil.CountSetBits(b, off, n) }

// CopyMarks copies n bits of b, nil where all are set.
func CopyMarks(mem memory.Allocator, b Bitmap, n int) *Marks {
	if b.All() {
		return nil
	}
	m := NewMarks(mem, n, false)
	if b.Bits != nil && n > 0 {
		bitutil.CopyBitmap(b.Bits, b.Off, n, m.Bits, 0)
	}
	return m
}

// AndInto clears in m what is clear in b; a nil m becomes a copy.
func AndInto(mem memory.Allocator, m *Marks, b Bitmap, n int) *Marks {
	if m == nil {
		return CopyMarks(mem, b, n)
	}
	if b.All() {
		return m
	}
	if b.None {
		for i := range m.Bits {
			m.Bits[i] = 0
		}
		return m
	}
	if n > 0 {
		bitutil.BitmapAnd(m.Bits, b.Bits, 0, int64(b.Off), m.Bits, 0, int64(n))
	}
	return m
}

// Strings is a string or binary column in the making, row after row.
type Strings struct {
	offsets []int32
	obuf    *memory.Buffer
	data    []byte
	dbuf    *memory.Buffer
	row     int
	mem     memory.Allocator
	most    int // bytes, once there are several rows
}

// NewStrings allocates n rows and room for about size bytes.
func NewStrings(mem memory.Allocator, n, size int) *Strings {
	s := &Strings{mem: mem, most: bytesFor(mem), obuf: Buffer(mem, (n+1)*4), dbuf: memory.NewResizableBuffer(mem)}
	s.offsets = arrow.GetData[int32](s.obuf.Bytes())
	s.offsets[0] = 0
	s.grow(size)
	return s
}

func (s *Strings) grow(need int) {
	want := len(s.data) + need
	if want <= cap(s.data) {
		return
	}
	if want > s.most && (s.row > 0 || want > mostBytes) {
		panic(TooLarge)
	}
	room := 1 << bits.Len(uint(want|63))
	used := len(s.data)
	s.dbuf.Resize(room)
	s.data = s.dbuf.Bytes()[:used:room]
}

// Append ends a row with these bytes.
func (s *Strings) Append(b []byte) {
	s.grow(len(b))
	s.data = append(s.data, b...)
	s.End()
}

// AppendString ends a row with this text.
func (s *Strings) AppendString(b string) {
	s.grow(len(b))
	s.data = append(s.data, b...)
	s.End()
}

// Write adds bytes to the row at hand, which End ends.
func (s *Strings) Write(b []byte) (int, error) {
	s.grow(len(b))
	s.data = append(s.data, b...)
	return len(b), nil
}

// End ends a row (an empty one where nothing was written).
func (s *Strings) End() {
	s.row++
	s.offsets[s.row] = int32(len(s.data))
}

// Len is the rows so far.
func (s *Strings) Len() int { return s.row }

// Done gives the column of the rows appended.
func (s *Strings) Done(dt arrow.DataType, valid *Marks) arrow.Array {
	s.dbuf.ResizeNoShrink(len(s.data))
	vb, nulls := valid.take()
	return Assemble(dt, s.row, nulls, []*memory.Buffer{vb, s.obuf, s.dbuf})
}

// Drop gives up.
func (s *Strings) Drop() {
	s.obuf.Release()
	s.dbuf.Release()
}

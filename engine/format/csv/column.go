package csv

import (
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/format"
)

// column is one column in the making. Rows are set in order, each at most once unless it was taken back.
type column interface {
	// set reads a row's value; of one that does not fit it makes a null and says no.
	set(row int, text []byte) bool
	null(row int)
	// undo takes a row back, the last that was set.
	undo(row int)
	// finish gives the first n rows, all of which are set, and starts anew.
	finish(n int) arrow.Array
	drop()
}

// firstRows is what a column has room for at first: most files of a stream are small.
const firstRows = 1024

// nulls is the validity of a column in the making; all rows are valid until cleared.
type nulls struct {
	mem   memory.Allocator
	marks *batch.Marks
	size  int
}

func (v *nulls) clear(row int) {
	if v.marks == nil {
		v.size = max(batch.Rows, row+1)
		v.marks = batch.NewMarks(v.mem, v.size, true)
	} else if row >= v.size {
		grown := batch.NewMarks(v.mem, 2*row, true)
		copy(grown.Bits, v.marks.Bits)
		v.marks.Drop()
		v.marks, v.size = grown, 2*row
	}
	v.marks.Clear(row)
}

func (v *nulls) restore(row int) {
	if v.marks != nil && row < v.size {
		v.marks.Set(row)
	}
}

func (v *nulls) valid(row int) bool { return row >= v.size || v.marks.Get(row) }

// take hands over the validity of n rows and starts anew.
func (v *nulls) take(n int) *batch.Marks {
	m := v.marks
	v.marks = nil
	if m == nil || n == v.size {
		return m
	}
	if n > v.size { // rows behind the last null
		v.marks = m
		v.clear(n)
		v.marks.Set(n)
		m, v.marks = v.marks, nil
	}
	short := batch.CopyMarks(v.mem, batch.Bitmap{Bits: m.Bits}, n)
	m.Drop()
	return short
}

// fixed is a column of fixed width; parse turns text into a value.
type fixed[T arrow.FixedWidthType] struct {
	mem   memory.Allocator
	dt    arrow.DataType
	parse func(text []byte) (T, bool)
	vals  []T
	buf   *memory.Buffer
	ok    nulls
}

func newFixed[T arrow.FixedWidthType](mem memory.Allocator, dt arrow.DataType, parse func(text []byte) (T, bool)) *fixed[T] {
	return &fixed[T]{mem: mem, dt: dt, parse: parse, ok: nulls{mem: mem}}
}

func (f *fixed[T]) grow() {
	want := firstRows
	if f.vals != nil {
		want = max(2*len(f.vals), batch.Rows)
	}
	var z T
	if f.buf == nil {
		f.buf = memory.NewResizableBuffer(f.mem)
	}
	f.buf.Resize(want * int(unsafe.Sizeof(z)))
	f.vals = arrow.GetData[T](f.buf.Bytes())[:want:want]
}

func (f *fixed[T]) set(row int, text []byte) bool {
	if row >= len(f.vals) {
		f.grow()
	}
	v, ok := f.parse(text)
	f.vals[row] = v
	if !ok {
		f.ok.clear(row)
	}
	return ok
}

func (f *fixed[T]) null(row int) {
	if row >= len(f.vals) {
		f.grow()
	}
	var z T
	f.vals[row] = z
	f.ok.clear(row)
}

func (f *fixed[T]) undo(row int) { f.ok.restore(row) }

func (f *fixed[T]) finish(n int) arrow.Array {
	if f.buf == nil {
		f.grow()
	}
	var z T
	bits, count := f.ok.take(n).Take()
	f.buf.ResizeNoShrink(n * int(unsafe.Sizeof(z)))
	out := batch.Assemble(f.dt, n, count, []*memory.Buffer{bits, f.buf})
	f.buf, f.vals = nil, nil
	return out
}

func (f *fixed[T]) drop() {
	f.ok.marks.Drop()
	f.ok.marks = nil
	if f.buf != nil {
		f.buf.Release()
	}
	f.buf, f.vals = nil, nil
}

// flags is a boolean column.
type flags struct{ bytes *fixed[uint8] }

func newFlags(mem memory.Allocator) flags {
	return flags{newFixed(mem, arrow.PrimitiveTypes.Uint8, parseBool)}
}

func (f flags) set(row int, text []byte) bool { return f.bytes.set(row, text) }
func (f flags) null(row int)                  { f.bytes.null(row) }
func (f flags) undo(row int)                  { f.bytes.undo(row) }
func (f flags) drop()                         { f.bytes.drop() }

func (f flags) finish(n int) arrow.Array {
	values := batch.NewMarks(f.bytes.mem, n, false)
	for i, v := range f.bytes.vals[:min(n, len(f.bytes.vals))] {
		if v != 0 {
			values.Set(i)
		}
	}
	valid := f.bytes.ok.take(n)
	f.bytes.drop()
	return values.Done(valid)
}

// texts is a string or binary column.
type texts struct {
	mem     memory.Allocator
	dt      arrow.DataType
	offsets []int32
	obuf    *memory.Buffer
	data    []byte
	dbuf    *memory.Buffer
	ok      nulls
	// room is what the last batch took: the next starts with as much.
	room int
}

func newTexts(mem memory.Allocator, dt arrow.DataType) *texts {
	return &texts{mem: mem, dt: dt, ok: nulls{mem: mem}}
}

func (t *texts) reserve(row, more int) {
	if row+2 > len(t.offsets) {
		want := firstRows + 1
		if t.obuf == nil {
			t.obuf = memory.NewResizableBuffer(t.mem)
		} else {
			want = max(2*len(t.offsets), batch.Rows+1)
		}
		t.obuf.Resize(4 * want)
		t.offsets = arrow.GetData[int32](t.obuf.Bytes())[:want:want]
		if row == 0 {
			t.offsets[0] = 0
		}
	}
	used := len(t.data)
	if used+more <= cap(t.data) && t.dbuf != nil {
		return
	}
	if t.dbuf == nil {
		t.dbuf = memory.NewResizableBuffer(t.mem)
	}
	t.dbuf.Resize(max(2*cap(t.data), used+more, t.room, 256))
	b := t.dbuf.Bytes()
	t.data = b[:used:len(b)]
}

func (t *texts) set(row int, text []byte) bool {
	if row+2 > len(t.offsets) || len(t.data)+len(text) > cap(t.data) {
		t.reserve(row, len(text))
	}
	if t.dt.ID() == arrow.STRING && !utf8.Valid(text) {
		text = format.AppendValid(nil, text)
		t.reserve(row, len(text))
	}
	t.data = append(t.data, text...)
	t.offsets[row+1] = int32(len(t.data))
	return true
}

func (t *texts) null(row int) {
	if row+2 > len(t.offsets) {
		t.reserve(row, 0)
	}
	t.offsets[row+1] = int32(len(t.data))
	t.ok.clear(row)
}

func (t *texts) undo(row int) {
	if row < len(t.offsets) {
		t.ok.restore(row)
		t.data = t.data[:t.offsets[row]]
	}
}

// at is the bytes of a row, in the column's memory.
func (t *texts) at(row int) []byte { return t.data[t.offsets[row]:t.offsets[row+1]] }

func (t *texts) finish(n int) arrow.Array {
	if t.obuf == nil || t.dbuf == nil {
		t.reserve(0, 0)
	}
	t.room = len(t.data) + len(t.data)/16
	bits, count := t.ok.take(n).Take()
	t.dbuf.ResizeNoShrink(len(t.data))
	t.obuf.ResizeNoShrink(4 * (n + 1))
	out := batch.Assemble(t.dt, n, count, []*memory.Buffer{bits, t.obuf, t.dbuf})
	t.obuf, t.dbuf, t.offsets, t.data = nil, nil, nil, nil
	return out
}

func (t *texts) drop() {
	t.ok.marks.Drop()
	t.ok.marks = nil
	for _, b := range []*memory.Buffer{t.obuf, t.dbuf} {
		if b != nil {
			b.Release()
		}
	}
	t.obuf, t.dbuf, t.offsets, t.data = nil, nil, nil, nil
}

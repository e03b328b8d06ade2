package json

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// column is one column in the making.
type column interface {
	// null adds a null.
	null()
	// value reads the value at the cursor and adds it. Of a bad one it adds a null, or what could be kept;
	// of a broken one it may have added anything, and the caller rewinds.
	value(c *cursor) status
	length() int
	// rewind takes back all rows from n on.
	rewind(n int)
	// finish gives the rows so far and starts anew.
	finish() arrow.Array
	drop()
}

// nulls is the validity of a column in the making, one bit a row; all are set until cleared.
type nulls struct {
	buf   *memory.Buffer
	count int
}

func (v *nulls) clear(mem memory.Allocator, row int) {
	need := row>>3 + 1
	if v.buf == nil {
		v.buf = memory.NewResizableBuffer(mem)
	}
	if have := v.buf.Len(); have < need {
		v.buf.Resize(max(need, 2*have, batch.Rows/8))
		fresh := v.buf.Bytes()[have:]
		for i := range fresh {
			fresh[i] = 0xff
		}
	}
	v.buf.Bytes()[row>>3] &^= 1 << (uint(row) & 7)
	v.count++
}

func (v *nulls) valid(row int) bool {
	return v.count == 0 || row>>3 >= v.buf.Len() || v.buf.Bytes()[row>>3]>>(uint(row)&7)&1 != 0
}

func (v *nulls) rewind(n, length int) {
	if v.count == 0 {
		return
	}
	b := v.buf.Bytes()
	for i := n; i < length && i>>3 < len(b); i++ {
		if b[i>>3]>>(uint(i)&7)&1 == 0 {
			b[i>>3] |= 1 << (uint(i) & 7)
			v.count--
		}
	}
}

// take hands over the bitmap of n rows.
func (v *nulls) take(mem memory.Allocator, n int) (*memory.Buffer, int) {
	if v.count == 0 {
		v.drop()
		return nil, 0
	}
	if need := (n + 7) / 8; v.buf.Len() < need {
		have := v.buf.Len()
		v.buf.Resize(need)
		fresh := v.buf.Bytes()[have:]
		for i := range fresh {
			fresh[i] = 0xff
		}
	}
	b, c := v.buf, v.count
	v.buf, v.count = nil, 0
	return b, c
}

func (v *nulls) drop() {
	if v.buf != nil {
		v.buf.Release()
	}
	v.buf, v.count = nil, 0
}

// fixed is a column of fixed width; read turns text into a value.
type fixed[T arrow.FixedWidthType] struct {
	mem  memory.Allocator
	dt   arrow.DataType
	read func(c *cursor) (T, status)
	vals []T
	buf  *memory.Buffer
	ok   nulls
}

func newFixed[T arrow.FixedWidthType](mem memory.Allocator, dt arrow.DataType, read func(c *cursor) (T, status)) *fixed[T] {
	return &fixed[T]{mem: mem, dt: dt, read: read}
}

func (f *fixed[T]) push(v T) {
	if len(f.vals) == cap(f.vals) {
		f.grow()
	}
	f.vals = append(f.vals, v)
}

func (f *fixed[T]) grow() {
	n, want := len(f.vals), max(2*cap(f.vals), batch.Rows)
	var z T
	if f.buf == nil {
		f.buf = memory.NewResizableBuffer(f.mem)
	}
	f.buf.Resize(want * int(unsafe.Sizeof(z)))
	f.vals = arrow.GetData[T](f.buf.Bytes())[:n:want]
}

func (f *fixed[T]) null() {
	f.ok.clear(f.mem, len(f.vals))
	var z T
	f.push(z)
}

func (f *fixed[T]) value(c *cursor) status {
	v, s := f.read(c)
	if s == good {
		f.push(v)
	} else if s == bad {
		f.null()
	}
	return s
}

func (f *fixed[T]) length() int { return len(f.vals) }

func (f *fixed[T]) rewind(n int) {
	f.ok.rewind(n, len(f.vals))
	f.vals = f.vals[:n]
}

func (f *fixed[T]) finish() arrow.Array {
	n := len(f.vals)
	if f.buf == nil {
		f.buf = memory.NewResizableBuffer(f.mem)
	}
	bits, count := f.ok.take(f.mem, n)
	var z T
	f.buf.ResizeNoShrink(n * int(unsafe.Sizeof(z)))
	out := batch.Assemble(f.dt, n, count, []*memory.Buffer{bits, f.buf})
	f.buf, f.vals = nil, nil
	return out
}

func (f *fixed[T]) drop() {
	f.ok.drop()
	if f.buf != nil {
		f.buf.Release()
	}
	f.buf, f.vals = nil, nil
}

// flags is a boolean column.
type flags struct {
	bytes fixed[uint8]
}

func newFlags(mem memory.Allocator) *flags {
	return &flags{fixed[uint8]{mem: mem, dt: arrow.PrimitiveTypes.Uint8, read: readBool}}
}

func readBool(c *cursor) (uint8, status) {
	switch c.b[c.i] {
	case 't':
		if c.word("true") {
			return 1, good
		}
	case 'f':
		if c.word("false") {
			return 0, good
		}
	}
	return 0, c.misfit()
}

func (f *flags) null()                  { f.bytes.null() }
func (f *flags) value(c *cursor) status { return f.bytes.value(c) }
func (f *flags) length() int            { return f.bytes.length() }
func (f *flags) rewind(n int)           { f.bytes.rewind(n) }
func (f *flags) drop()                  { f.bytes.drop() }

func (f *flags) finish() arrow.Array {
	n := len(f.bytes.vals)
	data := batch.Buffer(f.bytes.mem, (n+7)/8)
	packed := data.Bytes()
	clear(packed)
	for i, v := range f.bytes.vals {
		packed[i>>3] |= v << (uint(i) & 7)
	}
	bits, count := f.bytes.ok.take(f.bytes.mem, n)
	f.bytes.drop()
	return batch.Assemble(arrow.FixedWidthTypes.Boolean, n, count, []*memory.Buffer{bits, data})
}

// texts is a string or binary column; read gives a value's bytes.
type texts struct {
	mem     memory.Allocator
	dt      arrow.DataType
	read    func(c *cursor) ([]byte, status)
	offsets []int32
	obuf    *memory.Buffer
	data    []byte
	dbuf    *memory.Buffer
	ok      nulls
	// room is what the last batch took: the next starts with as much.
	room int
}

func newTexts(mem memory.Allocator, dt arrow.DataType, read func(c *cursor) ([]byte, status)) *texts {
	t := &texts{mem: mem, dt: dt, read: read}
	return t
}

func (t *texts) start() {
	t.obuf, t.dbuf = memory.NewResizableBuffer(t.mem), memory.NewResizableBuffer(t.mem)
	t.obuf.Resize(4 * (batch.Rows + 1))
	t.offsets = arrow.GetData[int32](t.obuf.Bytes())[:1]
	t.offsets[0] = 0
	t.reserve(max(t.room, 64))
}

func (t *texts) reserve(more int) {
	used := len(t.data)
	if used+more <= cap(t.data) {
		return
	}
	t.dbuf.Resize(max(2*cap(t.data), used+more))
	b := t.dbuf.Bytes()
	t.data = b[:used:len(b)]
}

func (t *texts) push(s []byte) {
	if t.obuf == nil {
		t.start()
	}
	if len(t.data)+len(s) > cap(t.data) {
		t.reserve(len(s))
	}
	t.data = append(t.data, s...)
	t.end()
}

func (t *texts) end() {
	if n := len(t.offsets); n == cap(t.offsets) {
		t.obuf.Resize(8 * n)
		t.offsets = arrow.GetData[int32](t.obuf.Bytes())[:n]
	}
	t.offsets = append(t.offsets, int32(len(t.data)))
}

func (t *texts) null() {
	t.ok.clear(t.mem, t.length())
	t.push(nil)
}

func (t *texts) value(c *cursor) status {
	s, st := t.read(c)
	if st == good {
		t.push(s)
	} else if st == bad {
		t.null()
	}
	return st
}

func (t *texts) length() int { return max(len(t.offsets)-1, 0) }

// at is the bytes of a row, in the column's memory.
func (t *texts) at(row int) []byte { return t.data[t.offsets[row]:t.offsets[row+1]] }

func (t *texts) rewind(n int) {
	if t.obuf == nil {
		return
	}
	t.ok.rewind(n, t.length())
	t.offsets = t.offsets[:n+1]
	t.data = t.data[:t.offsets[n]]
}

func (t *texts) finish() arrow.Array {
	if t.obuf == nil {
		t.start()
	}
	n := t.length()
	t.room = len(t.data) + len(t.data)/16
	bits, count := t.ok.take(t.mem, n)
	t.dbuf.ResizeNoShrink(len(t.data))
	t.obuf.ResizeNoShrink(4 * (n + 1))
	out := batch.Assemble(t.dt, n, count, []*memory.Buffer{bits, t.obuf, t.dbuf})
	t.obuf, t.dbuf, t.offsets, t.data = nil, nil, nil, nil
	return out
}

func (t *texts) drop() {
	t.ok.drop()
	if t.obuf != nil {
		t.obuf.Release()
		t.dbuf.Release()
	}
	t.obuf, t.dbuf, t.offsets, t.data = nil, nil, nil, nil
}

// empty is a column of type void: whatever the value, it is null.
type empty struct{ n int }

func (e *empty) null()       { e.n++ }
func (e *empty) length() int { return e.n }
func (e *empty) rewind(n int) {
	e.n = n
}
func (e *empty) drop() { e.n = 0 }
func (e *empty) value(c *cursor) status {
	if !c.skip() {
		return broken
	}
	e.n++
	return good
}
func (e *empty) finish() arrow.Array {
	n := e.n
	e.n = 0
	return array.NewNull(n)
}

// misfit passes a value that does not fit its column.
func (c *cursor) misfit() status {
	if !c.skip() {
		return broken
	}
	return bad
}

// readText gives a string, or the JSON text of another value.
func readText(c *cursor) ([]byte, status) {
	if c.quoted(c.b[c.i]) {
		s, ok := c.text()
		if !ok {
			return nil, broken
		}
		return s, good
	}
	if c.rewrites {
		c.out.b = c.out.b[:0]
		if !c.copy(&c.out) {
			return nil, broken
		}
		return c.out.b, good
	}
	start := c.i
	if !c.skip() {
		return nil, broken
	}
	s := c.b[start:c.i]
	if !utf8.Valid(s) {
		s = appendValid(nil, s)
	}
	return s, good
}

// readBinary decodes base64.
func readBinary(c *cursor) ([]byte, status) {
	if !c.quoted(c.b[c.i]) {
		return nil, c.misfit()
	}
	s, ok := c.text()
	if !ok {
		return nil, broken
	}
	out, err := base64.StdEncoding.AppendDecode(nil, s)
	if err != nil {
		return nil, bad
	}
	return out, good
}

// readLong reads a whole number of 64 bits.
func readLong(c *cursor) (int64, status) {
	b, i := c.b, c.i
	negative := b[i] == '-'
	if negative {
		i++
	}
	first := i
	var v uint64
	for i < len(b) && b[i]-'0' <= 9 {
		v = v*10 + uint64(b[i]-'0')
		i++
	}
	digits := i - first
	if digits == 0 || digits > 18 || b[first] == '0' && digits > 1 || !c.ends(i) {
		return c.longSlow()
	}
	c.i = i
	if negative {
		return -int64(v), good
	}
	return int64(v), good
}

func (c *cursor) longSlow() (int64, status) {
	if x := c.b[c.i]; x != '-' && x-'0' > 9 || x == '-' && (c.i+1 == len(c.b) || c.b[c.i+1]-'0' > 9) {
		return 0, c.misfit()
	}
	text, whole, ok := c.number()
	if !ok {
		return 0, broken
	}
	v, err := strconv.ParseInt(string(text), 10, 64)
	if !whole || err != nil {
		return 0, bad
	}
	return v, good
}

// readInt reads a whole number within bounds; what is outside is bad.
func readInt[T int8 | int16 | int32](low, high int64) func(c *cursor) (T, status) {
	return func(c *cursor) (T, status) {
		v, s := readLong(c)
		if s == good && (v < low || v > high) {
			return 0, bad
		}
		return T(v), s
	}
}

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseFloat reads a number that the scanner has checked: exactly from few digits, else by the library.
func parseFloat(text []byte) float64 {
	var mantissa uint64
	places, digits := 0, 0
	point := false
	for i, x := range text {
		switch {
		case x-'0' <= 9:
			mantissa = mantissa*10 + uint64(x-'0')
			digits++
			if point {
				places++
			}
		case x == '.':
			point = true
		case x == '-' && i == 0:
		default:
			digits = 99
		}
	}
	if digits <= 15 && places < len(powers) {
		v := float64(mantissa) / powers[places]
		if text[0] == '-' {
			return -v
		}
		return v
	}
	v, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	return v // an overflow is an infinity, as in Java
}

func readDouble(c *cursor) (float64, status) {
	x := c.b[c.i]
	switch {
	case x-'0' <= 9 || x == '-' && c.i+1 < len(c.b) && c.b[c.i+1]-'0' <= 9:
		text, whole, ok := c.number()
		if !ok {
			return 0, broken
		}
		v := parseFloat(text)
		if whole && v == 0 {
			v = 0 // -0 is a whole number, which has one zero
		}
		return v, good
	case c.quoted(x):
		s, ok := c.text()
		if !ok {
			return 0, broken
		}
		if v, ok := specialFloat(s); ok && c.o.NonNumeric {
			return v, good
		}
		return 0, bad
	}
	start := c.i
	if s, ok := c.special(); ok {
		v, _ := specialFloat(s)
		return v, good
	}
	c.i = start
	return 0, c.misfit()
}

func specialFloat(s []byte) (float64, bool) {
	switch string(s) {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity", "+INF":
		return math.Inf(1), true
	case "-Infinity", "-INF":
		return math.Inf(-1), true
	}
	return 0, false
}

func readFloat(c *cursor) (float32, status) {
	v, s := readDouble(c)
	return float32(v), s
}

package parquet

import (
	"encoding/binary"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/s2"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// flatWriter writes columns without parts, plainly encoded: most of what streams write, at a third of the library's cost.
type flatWriter struct {
	out     io.Writer
	schema  types.Struct
	codec   compress.Compression
	columns []*flatColumn
	at      int64 // bytes written
	rows    int64 // in the row group at hand
	limit   int64 // of rows in a row group
	total   int64
	groups  []groupInfo
	started bool
	scratch []byte // a page before and packed after compression
	packed  []byte
}

// flatColumn is a column chunk in the making: whole pages wait in memory for the end of the row group.
type flatColumn struct {
	*plainColumn
	valid  []byte // one bit a row of the page; nil while no row is null
	rows   int    // of the page
	set    int    // of them not null
	pages  []byte // compressed, with headers
	plain  int64  // what pages are before compression
	values int64
	nulls  int64
}

type groupInfo struct {
	rows   int64
	chunks []chunkInfo
}

type chunkInfo struct {
	physical          int
	values, nulls     int64
	at, plain, packed int64
	low, high         []byte
	bounded           bool
}

var magic = []byte("PAR1")

func newFlatWriter(w io.Writer, s types.Struct, codec compress.Compression) *flatWriter {
	f := &flatWriter{out: w, schema: s, codec: codec, limit: groupRows}
	for _, field := range s.Fields {
		c := newPlainColumn(field.Type)
		if c == nil {
			return nil
		}
		f.columns = append(f.columns, &flatColumn{plainColumn: c})
	}
	return f
}

func (f *flatWriter) write(b []byte) error {
	n, err := f.out.Write(b)
	f.at += int64(n)
	return err
}

func (f *flatWriter) begin() error {
	if f.started {
		return nil
	}
	f.started = true
	return f.write(magic)
}

func (f *flatWriter) add(b arrow.RecordBatch) error {
	if err := f.begin(); err != nil {
		return err
	}
	for i, c := range f.columns {
		c.take(b.Column(i))
		if len(c.data) >= pageSize {
			f.endPage(c)
		}
	}
	f.rows += b.NumRows()
	f.total += b.NumRows()
	held := 0
	for _, c := range f.columns {
		held += len(c.pages)
	}
	if f.rows >= f.limit || held >= groupBytes {
		return f.endGroup()
	}
	return nil
}

// take adds the rows of an array to the page.
func (c *flatColumn) take(a arrow.Array) {
	n := a.Len()
	set := n - a.NullN()
	if set < n || c.valid != nil {
		c.mark(batch.Valid(a), n)
	}
	c.rows += n
	c.set += set
	if c.data == nil {
		c.data = make([]byte, 0, min(pageSize, 16*n)+16*n)
	}
	c.add(c.plainColumn, a)
}

// mark keeps the validity of n more rows.
func (c *flatColumn) mark(v batch.Bitmap, n int) {
	need := (c.rows + n + 7) / 8
	if c.valid == nil {
		c.valid = make([]byte, need)
		bitutil.SetBitsTo(c.valid, 0, int64(c.rows), true)
	}
	for len(c.valid) < need {
		c.valid = append(c.valid, 0)
	}
	if v.Bits != nil {
		bitutil.CopyBitmap(v.Bits, v.Off, n, c.valid, c.rows)
		return
	}
	bitutil.SetBitsTo(c.valid, int64(c.rows), int64(n), !v.None)
}

// endPage compresses the page behind the others of its chunk.
func (f *flatWriter) endPage(c *flatColumn) {
	if c.rows == 0 {
		return
	}
	levels := c.levels()
	page := binary.LittleEndian.AppendUint32(f.scratch[:0], uint32(len(levels)))
	page = append(append(page, levels...), c.data...)
	f.scratch = page
	packed := f.pack(page)
	h := compact{}
	h.begin()
	h.int(1, 0) // DATA_PAGE
	h.int(2, int64(len(page)))
	h.int(3, int64(len(packed)))
	h.inner(5)
	h.int(1, int64(c.rows))
	h.int(2, 0) // PLAIN
	h.int(3, 3) // levels: RLE
	h.int(4, 3)
	h.end()
	h.end()
	c.pages = append(append(c.pages, h.buf...), packed...)
	c.plain += int64(len(h.buf) + len(page))
	c.values += int64(c.rows)
	c.nulls += int64(c.rows - c.set)
	c.data, c.valid, c.rows, c.set, c.bits = c.data[:0], nil, 0, 0, 0
}

// levels is the definition levels: one run where no row is null, else the validity itself as one bit-packed run.
func (c *flatColumn) levels() []byte {
	if c.set == c.rows {
		return append(binary.AppendUvarint(nil, uint64(c.rows)<<1), 1)
	}
	groups := (c.rows + 7) / 8
	out := binary.AppendUvarint(nil, uint64(groups)<<1|1)
	return append(out, c.valid[:groups]...)
}

// pack compresses; the result is good until the next call.
func (f *flatWriter) pack(page []byte) []byte {
	switch f.codec {
	case compress.Codecs.Uncompressed:
		return page
	case compress.Codecs.Snappy:
		if room := s2.MaxEncodedLen(len(page)); cap(f.packed) < room {
			f.packed = make([]byte, room)
		}
		return s2.EncodeSnappy(f.packed[:cap(f.packed)], page)
	}
	c, err := compress.GetCodec(f.codec)
	if err != nil {
		panic(err) // FindCompression knows it
	}
	return c.Encode(make([]byte, c.CompressBound(int64(len(page)))), page)
}

// endGroup writes the chunks of the row group.
func (f *flatWriter) endGroup() error {
	if f.rows == 0 {
		return nil
	}
	g := groupInfo{rows: f.rows}
	for _, c := range f.columns {
		f.endPage(c)
		info := chunkInfo{physical: c.physical, values: c.values, nulls: c.nulls, at: f.at, plain: c.plain, packed: int64(len(c.pages))}
		if low, high, ok := c.bounds(); ok {
			info.low, info.high, info.bounded = append([]byte{}, low...), append([]byte{}, high...), true
		}
		if err := f.write(c.pages); err != nil {
			return err
		}
		g.chunks = append(g.chunks, info)
		c.pages, c.plain, c.values, c.nulls, c.low, c.high = c.pages[:0], 0, 0, 0, nil, nil
		c.unbounded = c.physical == pBool || c.physical == pFixed
	}
	f.groups = append(f.groups, g)
	f.rows = 0
	return nil
}

func (f *flatWriter) close(pairs [][2]string) error {
	if err := f.begin(); err != nil {
		return err
	}
	if err := f.endGroup(); err != nil {
		return err
	}
	footer := f.footer(pairs)
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	return f.write(append(footer, magic...))
}

// footer is Parquet's FileMetaData.
func (f *flatWriter) footer(pairs [][2]string) []byte {
	c := &compact{}
	c.begin()
	c.int(1, 2)
	c.list(2, tStruct, len(f.schema.Fields)+1)
	c.begin()
	c.text(4, []byte(schemaName))
	c.int(5, int64(len(f.schema.Fields)))
	c.end()
	for i, field := range f.schema.Fields {
		f.element(c, field, f.columns[i])
	}
	c.long(3, f.total)
	c.list(4, tStruct, len(f.groups))
	for i, g := range f.groups {
		f.group(c, g, i)
	}
	c.list(5, tStruct, len(pairs))
	for _, p := range pairs {
		c.begin()
		c.text(1, []byte(p[0]))
		c.text(2, []byte(p[1]))
		c.end()
	}
	c.text(6, []byte(createdBy))
	c.list(7, tStruct, len(f.schema.Fields))
	for range f.schema.Fields {
		c.begin()
		c.empty(1) // the order that the type defines
		c.end()
	}
	c.end()
	return c.buf
}

func (f *flatWriter) group(c *compact, g groupInfo, ordinal int) {
	plain, packed := int64(0), int64(0)
	c.begin()
	c.list(1, tStruct, len(g.chunks))
	for i, k := range g.chunks {
		plain, packed = plain+k.plain, packed+k.packed
		c.begin()
		c.long(2, k.at)
		c.inner(3)
		c.int(1, int64(k.physical))
		c.list(2, tInt, 2)
		c.buf = binary.AppendVarint(binary.AppendVarint(c.buf, 0), 3) // PLAIN, RLE
		c.list(3, tBinary, 1)
		c.bytes([]byte(f.schema.Fields[i].Name))
		c.int(4, int64(f.codec))
		c.long(5, k.values)
		c.long(6, k.plain)
		c.long(7, k.packed)
		c.long(9, k.at)
		c.inner(12)
		c.long(3, k.nulls)
		if k.bounded {
			c.text(5, k.high)
			c.text(6, k.low)
		}
		c.end()
		c.end()
		c.end()
	}
	c.long(2, plain)
	c.long(3, g.rows)
	c.long(5, g.chunks[0].at)
	c.long(6, packed)
	c.short(7, int64(ordinal))
	c.end()
}

// Converted types by their numbers in the format.
const (
	cUTF8    = 0
	cDecimal = 5
	cDate    = 6
	cMicros  = 10
	cInt8    = 15
	cInt16   = 16
)

// element is a column's SchemaElement.
func (f *flatWriter) element(c *compact, field types.Field, column *flatColumn) {
	c.begin()
	c.int(1, int64(column.physical))
	if column.physical == pFixed {
		c.int(2, int64(column.length))
	}
	c.int(3, 1) // OPTIONAL
	c.text(4, []byte(field.Name))
	switch field.Type.Kind() {
	case types.KString:
		c.int(6, cUTF8)
		c.inner(10)
		c.empty(1)
		c.end()
	case types.KDecimal:
		d := field.Type.(types.Decimal)
		c.int(6, cDecimal)
		c.int(7, int64(d.Scale))
		c.int(8, int64(d.Precision))
		c.inner(10)
		c.inner(5)
		c.int(1, int64(d.Scale))
		c.int(2, int64(d.Precision))
		c.end()
		c.end()
	case types.KDate:
		c.int(6, cDate)
		c.inner(10)
		c.empty(6)
		c.end()
	case types.KTimestamp, types.KTimestampNTZ:
		utc := field.Type.Kind() == types.KTimestamp
		if utc {
			c.int(6, cMicros)
		}
		c.inner(10)
		c.inner(8)
		c.bool(1, utc)
		c.inner(2)
		c.empty(2)
		c.end()
		c.end()
		c.end()
	case types.KByte:
		integer(c, cInt8, 8)
	case types.KShort:
		integer(c, cInt16, 16)
	}
	c.end()
}

func integer(c *compact, converted int64, bits byte) {
	c.int(6, converted)
	c.inner(10)
	c.inner(10)
	c.byte(1, bits)
	c.bool(2, true)
	c.end()
	c.end()
}

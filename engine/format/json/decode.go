package json

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// fullBytes ends a batch before its rows do, so that long texts stay within 32-bit offsets.
const fullBytes = 64 << 20

// Decoder turns text into batches. Order of calls: Filter at most once; Decode or Document any number of times,
// Batch whenever Rows says that there are enough; Close at the end, also after an error. One goroutine uses it.
type Decoder struct {
	o    *Options
	rows *record
	// corrupt is the column of bad records' text, or nil; corruptAt its place among the columns.
	corrupt   *texts
	corruptAt int
	schema    *arrow.Schema
	cur       cursor
	taken     int
	decoded   []byte
	raw       []byte
}

// NewDecoder makes a decoder of the wanted fields of a schema (nil: all of them), in their order. zone is the
// session's time zone.
func NewDecoder(schema types.Struct, columns []int, opts map[string]string, session *time.Location, mem memory.Allocator) (*Decoder, error) {
	o, err := ParseOptions(opts, session)
	if err != nil {
		return nil, err
	}
	if columns == nil {
		columns = make([]int, len(schema.Fields))
		for i := range columns {
			columns[i] = i
		}
	}
	d := &Decoder{o: o, corruptAt: -1}
	d.cur.o = o
	var wanted types.Struct
	out := types.Struct{}
	for at, i := range columns {
		f := schema.Fields[i]
		out.Fields = append(out.Fields, f)
		if f.Name == o.Corrupt && d.corruptAt < 0 {
			if f.Type.Kind() != types.KString {
				return nil, errs.New("INVALID_CORRUPT_RECORD_TYPE", "columnName", "`"+f.Name+"`", "actualType", `"`+types.SQL(f.Type)+`"`)
			}
			d.corrupt, d.corruptAt = newTexts(mem, arrow.BinaryTypes.String, readText), at
			continue
		}
		wanted.Fields = append(wanted.Fields, f)
	}
	if d.rows, err = newBuilder(o, mem).record(wanted); err != nil {
		return nil, err
	}
	d.schema = types.ArrowSchema(out)
	return d, nil
}

func newBuilder(o *Options, mem memory.Allocator) *builder {
	clock := zone.NewClock(o.Zone)
	return &builder{mem: mem, o: o, clock: clock, today: func() int {
		return int(types.FloorDiv(clock.Local(time.Now().UnixMicro()), types.MicrosPerDay))
	}}
}

// Schema is that of the batches.
func (d *Decoder) Schema() *arrow.Schema { return d.schema }

// Options are the options as read.
func (d *Decoder) Options() *Options { return d.o }

// Rows is how many rows are ready.
func (d *Decoder) Rows() int { return d.rows.n }

// Full says that a batch is due.
func (d *Decoder) Full() bool { return d.rows.n >= batch.Rows || d.taken >= fullBytes }

// Decode reads the complete lines of a chunk until a batch is full, and gives how many bytes it has used; the rest
// belongs in front of the next chunk. At the end of the input the last line needs no separator.
func (d *Decoder) Decode(chunk []byte, atEOF bool) (used int, err error) {
	for !d.Full() {
		line, next := d.line(chunk[used:])
		if next < 0 {
			if !atEOF || used == len(chunk) {
				return used, nil
			}
			line, next = chunk[used:], len(chunk)-used
		}
		if !d.o.Charset.Plain() {
			err = d.foreign(line)
		} else if d.o.LineSep == "" {
			err = d.lines(line)
		} else {
			err = d.add(line, nil)
		}
		if err != nil {
			return used, err
		}
		used += next
		d.taken += next
	}
	return used, nil
}

// foreign adds the record of a text in another encoding. What is corrupt is kept as it came.
func (d *Decoder) foreign(line []byte) error {
	d.raw = line
	defer func() { d.raw = nil }()
	if !d.o.Charset.Sound(line) {
		return d.settle(line, d.rows.n, broken)
	}
	d.decoded = d.o.Charset.Decode(d.decoded[:0], line)
	return d.add(d.decoded, nil)
}

// line gives the first line of b and where the next one starts, or -1 where no line ends.
func (d *Decoder) line(b []byte) (line []byte, next int) {
	if sep := d.o.sep; len(sep) > 0 {
		i := bytes.Index(b, sep)
		if i < 0 {
			return nil, -1
		}
		return b[:i], i + len(sep)
	}
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return nil, -1
	}
	return b[:i], i + 1
}

// lines adds what lies before a newline. Carriage returns end lines too: a record that ends just before one, or
// at the end, needs no search for them.
func (d *Decoder) lines(b []byte) error {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return d.add(b, func() int { return bytes.IndexByte(b, '\r') })
}

// add adds the rows of a record. cut, if there is one, says where the text is really two lines.
func (d *Decoder) add(b []byte, cut func() int) error {
	start := d.rows.n
	d.cur.reset(b)
	s := d.record(&d.cur)
	if cut != nil && (s != good && s != dropped || d.cur.i < len(b)) {
		if i := cut(); i >= 0 {
			d.rows.rewind(start)
			if err := d.add(b[:i], nil); err != nil {
				return err
			}
			return d.lines(b[i+1:])
		}
	}
	return d.settle(b, start, s)
}

// Document adds a whole file as one record.
func (d *Decoder) Document(b []byte) error {
	d.taken += len(b)
	if !d.o.Charset.Plain() {
		return d.foreign(b)
	}
	return d.add(b, nil)
}

// record reads the value at the start of a text: an object is a row, an array of objects is many; an empty text is none.
func (d *Decoder) record(c *cursor) status {
	if !c.space() {
		return good
	}
	switch c.b[c.i] {
	case '{':
		return d.rows.object(c)
	case '[':
		return c.elements(func() status {
			if c.b[c.i] == 'n' && c.word("null") {
				d.rows.blank()
				return good
			}
			if c.b[c.i] != '{' {
				return broken
			}
			s := d.rows.value(c)
			if s == dropped {
				return broken // an array's rows are read again without the tests
			}
			return s
		})
	}
	return broken
}

// settle does what the mode asks for with a record whose rows begin at start.
func (d *Decoder) settle(b []byte, start int, s status) error {
	switch {
	case s == good:
		d.mark(nil)
		return nil
	case s == dropped:
		d.rows.rewind(start)
		return nil
	case d.rows.tests != nil && s == broken && len(b) > 0 && bytes.TrimLeft(b, " \t\r\n")[:1][0] == '[':
		return d.again(b, start)
	case d.o.Mode == format.FailFast:
		return d.malformed(b, start)
	case d.o.Mode == format.DropMalformed:
		d.rows.rewind(start)
		return nil
	}
	if s == broken {
		d.rows.rewind(start)
		d.rows.blank()
	}
	d.mark(b)
	return nil
}

// again reads an array of rows without the pushed tests.
func (d *Decoder) again(b []byte, start int) error {
	tests := d.rows.tests
	d.rows.tests = nil
	d.rows.rewind(start)
	err := d.add(b, nil)
	d.rows.tests = tests
	return err
}

// mark fills the corrupt column up to the rows, with text or nulls.
func (d *Decoder) mark(text []byte) {
	if d.corrupt == nil {
		return
	}
	if text != nil && d.raw != nil {
		text = d.raw
	}
	if text != nil && !utf8.Valid(text) {
		text = appendValid(nil, text)
	}
	for d.corrupt.length() < d.rows.n {
		if text == nil {
			d.corrupt.null()
		} else {
			d.corrupt.push(text)
		}
	}
}

func (d *Decoder) malformed(b []byte, start int) error {
	d.rows.rewind(start)
	row := make([]string, len(d.schema.Fields()))
	for i := range row {
		row[i] = "null"
	}
	if d.corrupt != nil {
		row[d.corruptAt] = string(appendValid(nil, b))
	}
	return Malformed("[" + strings.Join(row, ",") + "]")
}

// Malformed is the error of a record that FAILFAST does not let pass.
func Malformed(record string) error {
	return errs.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", record, "failFastMode", "FAILFAST")
}

// Batch gives the rows so far, owned by the caller.
func (d *Decoder) Batch() arrow.RecordBatch {
	n := d.rows.n
	columns := make([]arrow.Array, 0, len(d.schema.Fields()))
	k := 0
	for at := range d.schema.Fields() {
		if at == d.corruptAt {
			columns = append(columns, d.corrupt.finish())
			continue
		}
		columns = append(columns, d.rows.fields[k].finish())
		k++
	}
	d.rows.restart()
	d.taken = 0
	b := array.NewRecordBatch(d.schema, columns, int64(n))
	batch.Release(columns...)
	return b
}

// Close gives back what no batch has taken.
func (d *Decoder) Close() {
	d.rows.drop()
	if d.corrupt != nil {
		d.corrupt.drop()
	}
}

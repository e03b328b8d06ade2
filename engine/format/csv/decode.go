package csv

import (
	"bytes"
	"time"

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

// Decoder turns records into rows. Order of calls: Filter at most once; then a Reader's, which owns it; Close at the
// end, also after an error. One goroutine uses it.
type Decoder struct {
	o    *Options
	cols []column
	// places are the columns of data that cols read, at the column of a file at which each stands: nil reads none.
	places []place
	// all says that a record must have as many values as data has columns.
	all   bool
	width int // columns of data
	// corrupt is the column of bad records' text, or nil; corruptAt its place among the columns.
	corrupt   *texts
	corruptAt int
	schema    *arrow.Schema
	names     []string // of the columns that a header is compared with
	split     *splitter
	quick     bool
	n, taken  int
	scratch   []byte
	// escapes says that the text at hand may hold escapes.
	escapes bool
}

// place is what becomes of the values of one column of a file.
type place struct {
	name string
	col  column
	test format.Test
}

// NewDecoder makes a decoder of the wanted fields of a schema, in their order.
func NewDecoder(schema types.Struct, columns []int, o *Options, mem memory.Allocator) (*Decoder, error) {
	d := &Decoder{o: o, corruptAt: -1}
	m := newMaker(o, mem)
	at := map[int]int{} // of a field among the columns of files
	var data []string
	corrupt := -1
	for i, f := range schema.Fields {
		if f.Name == o.Corrupt {
			if f.Type.Kind() != types.KString {
				return nil, errs.New("INVALID_CORRUPT_RECORD_TYPE", "columnName", "`"+f.Name+"`", "actualType", `"`+types.SQL(f.Type)+`"`)
			}
			corrupt = i
			continue
		}
		at[i] = len(data)
		data = append(data, f.Name)
	}
	d.width = len(data)
	out := types.Struct{}
	places := make([]place, d.width)
	last := -1
	for k, i := range columns {
		f := schema.Fields[i]
		out.Fields = append(out.Fields, f)
		if i == corrupt {
			d.corrupt, d.corruptAt = newTexts(mem, arrow.BinaryTypes.String), k
			d.cols = append(d.cols, d.corrupt)
			continue
		}
		c, err := m.column(f.Type)
		if err != nil {
			d.Close()
			return nil, err
		}
		d.cols = append(d.cols, c)
		places[at[i]] = place{name: f.Name, col: c}
		last = max(last, at[i])
		d.names = append(d.names, f.Name)
	}
	read := len(d.names)
	d.all = !o.Pruning || read == d.width
	if d.all {
		d.names = data
	}
	d.places = places[:last+1]
	d.schema = types.ArrowSchema(out)
	d.start(read)
	return d, nil
}

func newMaker(o *Options, mem memory.Allocator) *maker {
	z := o.Zone
	if z == nil {
		z = time.UTC
	}
	return &maker{mem: mem, o: o, clock: zone.NewClock(z)}
}

// start readies the splitter; read is how many columns of the files are read.
func (d *Decoder) start(read int) {
	var wanted []bool
	if !d.all {
		wanted = make([]bool, d.width)
		for i, p := range d.places {
			wanted[i] = p.col != nil
		}
	}
	d.split = newSplitter(d.o, wanted)
	d.quick = d.o.quick()
}

// quick says that records without trouble can be read without the splitter: one byte separates, quotes and escapes.
func (o *Options) quick() bool {
	if len(o.sep) != 1 || o.sep[0] >= 0x80 || o.sep[0] <= ' ' && o.sep != "\t" || o.quote >= 0x80 || o.escape >= 0x80 {
		return false
	}
	sep := rune(o.sep[0])
	if o.escapeEscape != 0 && o.escapeEscape != o.escape {
		return false
	}
	return sep != o.quote && sep != o.escape && o.maxChars < 0 && o.maxColumns >= manyColumns && o.unescaped != backToDelimiter && !o.MultiLine
}

// Schema is that of the batches.
func (d *Decoder) Schema() *arrow.Schema { return d.schema }

// Rows is how many rows are ready.
func (d *Decoder) Rows() int { return d.n }

// Full says that a batch is due.
func (d *Decoder) Full() bool { return d.n >= batch.Rows || d.taken >= fullBytes }

// verdict is what came of a record.
type verdict uint8

const (
	fits    verdict = iota
	bad             // something did not fit: the row holds what did
	dropped         // a pushed test says no
	unclear         // the splitter must look
)

// Line adds the record of a line that is not blank and no comment.
func (d *Decoder) Line(line []byte) error {
	d.taken += len(line) + 1
	if len(d.places) == 0 && !d.all {
		d.n++
		return nil
	}
	v := unclear
	if d.quick {
		v = d.plain(line)
	}
	if v == unclear {
		for _, p := range d.places {
			if p.col != nil {
				p.col.undo(d.n)
			}
		}
		d.split.reset(d.valid(line))
		more, _, err := d.split.record()
		if err != nil {
			return d.failed(line, err)
		}
		if !more {
			v = d.nothing()
		} else {
			v = d.values()
		}
	}
	return d.settle(line, v)
}

// failed is the error of a record that the splitter cannot read.
func (d *Decoder) failed(line []byte, err error) error {
	return errs.New("MALFORMED_CSV_RECORD", "badRecord", string(d.valid(line))).WithCause(err)
}

// valid is text as UTF-8 that every reader can decode.
func (d *Decoder) valid(b []byte) []byte {
	for i, c := range b {
		if c >= 0x80 {
			d.scratch = append(d.scratch[:0], b[:i]...)
			d.scratch = format.AppendValid(d.scratch, b[i:])
			return d.scratch
		}
	}
	return b
}

// nothing makes a row of nulls for a record in which there is nothing to read.
func (d *Decoder) nothing() verdict {
	for _, p := range d.places {
		if p.col != nil {
			p.col.null(d.n)
		}
	}
	return bad
}

// plain reads a line in which nothing needs a second look.
func (d *Decoder) plain(line []byte) verdict {
	row, out := d.n, fits
	i := 0
	for k := range d.places {
		p := &d.places[k]
		if i > len(line) { // fewer values than columns
			if d.absent(p) {
				return dropped
			}
			if d.all {
				out = bad
			}
			continue
		}
		value, next := d.value(line, i, p.col != nil)
		if next < 0 {
			return unclear
		}
		none := next == i+1
		i = next
		if p.col == nil {
			continue
		}
		switch {
		case none || string(value) == d.o.null:
			p.col.null(row)
		case !p.col.set(row, value):
			out = bad
			continue
		}
		if p.test != nil && !p.test(row) {
			return dropped
		}
	}
	if d.all && (i <= len(line) || len(d.places) < d.width) {
		return d.surplus(line, i, out)
	}
	return out
}

// absent makes a null of a value that a record does not have; true where a test says no.
func (d *Decoder) absent(p *place) bool {
	if p.col == nil {
		return false
	}
	p.col.null(d.n)
	return !d.all && p.test != nil && !p.test(d.n)
}

// value cuts the value that begins at i, and gives where the next begins, or -1 where the splitter must look.
func (d *Decoder) value(line []byte, i int, wanted bool) (value []byte, next int) {
	sep, quote := d.o.sep[0], byte(d.o.quote)
	if i < len(line) && line[i] == quote {
		end, ok := d.quotedEnd(line, i+1)
		if !ok {
			return nil, -1
		}
		value = line[i+1 : end]
		if d.o.quote == d.o.escape {
			if !wanted && (len(value) == 0 || bytes.IndexByte(value, quote) >= 0) {
				return nil, -1 // a pruned value is passed over by rules of its own
			}
			if d.escapes {
				value = d.doubled(value)
			}
		}
		if len(value) == 0 {
			value = d.o.emptyText
		}
		return value, end + 2
	}
	end := i
	for end < len(line) && line[end] != sep {
		end++
	}
	value = line[i:end]
	if end > i && (d.o.trimStart && value[0] <= ' ' || d.o.trimEnd && value[len(value)-1] <= ' ') {
		return nil, -1
	}
	return value, end + 1
}

// surplus counts the values behind the last that is read.
func (d *Decoder) surplus(line []byte, i int, out verdict) verdict {
	n := len(d.places)
	for ; i <= len(line) && n <= d.width; n++ {
		if i < len(line) && line[i] == byte(d.o.quote) {
			end, ok := d.quotedEnd(line, i+1)
			if !ok {
				return unclear
			}
			i = end + 2
			continue
		}
		end := bytes.IndexByte(line[i:], d.o.sep[0])
		if end < 0 {
			end = len(line) - i
		}
		if v := line[i : i+end]; len(v) > 0 && (d.o.trimStart && v[0] <= ' ') {
			return unclear
		}
		i += end + 1
	}
	if n != d.width || n > d.o.maxColumns {
		out = bad
	}
	return out
}

// quotedEnd finds the closing quote of a value without trouble that begins at i: a separator or the line's end follows.
func (d *Decoder) quotedEnd(line []byte, i int) (end int, ok bool) {
	quote := byte(d.o.quote)
	if quote == 0 {
		return 0, false
	}
	begin := i
	for {
		n := bytes.IndexByte(line[i:], quote)
		if n < 0 {
			return 0, false
		}
		end = i + n
		if end+1 == len(line) {
			if d.o.quote == d.o.escape { // the splitter takes a zero byte for an escape here
				return end, bytes.IndexByte(line[begin:end], 0) < 0
			}
			return end, d.o.escape != 0 && !d.holdsEscape(line[begin:end])
		}
		if next := line[end+1]; next == d.o.sep[0] {
			return end, d.o.quote == d.o.escape || !d.holdsEscape(line[begin:end])
		} else if next != quote || d.o.quote != d.o.escape {
			return 0, false
		}
		d.escapes = true
		i = end + 2
	}
}

func (d *Decoder) holdsEscape(value []byte) bool {
	return d.escapes && bytes.IndexByte(value, byte(d.o.escape)) >= 0
}

// doubled makes one quote of two.
func (d *Decoder) doubled(value []byte) []byte {
	quote := byte(d.o.quote)
	if bytes.IndexByte(value, quote) < 0 {
		return value
	}
	out := d.scratch[:0]
	for i := 0; i < len(value); i++ {
		out = append(out, value[i])
		if value[i] == quote {
			i++
		}
	}
	d.scratch = out
	return out
}

// values adds the record that the splitter has cut.
func (d *Decoder) values() verdict {
	values, row := d.split.values, d.n
	out := fits
	if d.all && len(values) != d.width {
		out = bad
	}
	for k := range d.places {
		p := &d.places[k]
		if p.col == nil {
			continue
		}
		var text []byte
		null := true
		if k < len(values) {
			text = d.split.text(values[k])
			null = values[k].kind == spanNull || string(text) == d.o.null
		} else if d.all {
			p.col.null(row)
			continue
		}
		if null {
			p.col.null(row)
		} else if !p.col.set(row, text) {
			out = bad
			continue
		}
		if p.test != nil && !p.test(row) {
			return dropped
		}
	}
	return out
}

// settle does what the mode asks for with the row that stands at the end.
func (d *Decoder) settle(text []byte, v verdict) error {
	switch {
	case v == fits:
		if d.corrupt != nil {
			d.corrupt.null(d.n)
		}
		d.n++
		return nil
	case v == dropped || d.o.Mode == format.DropMalformed:
		d.undo()
		return nil
	case d.o.Mode == format.FailFast:
		return errs.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", d.shown(d.valid(text)), "failFastMode", "FAILFAST")
	}
	if d.corrupt != nil {
		d.corrupt.set(d.n, withoutEnd(text))
	}
	d.n++
	return nil
}

// undo takes the row back that was not counted yet.
func (d *Decoder) undo() {
	for _, p := range d.places {
		if p.col != nil {
			p.col.undo(d.n)
		}
	}
}

// Batch gives the rows so far, owned by the caller.
func (d *Decoder) Batch() arrow.RecordBatch {
	columns := make([]arrow.Array, len(d.cols))
	for i, c := range d.cols {
		columns[i] = c.finish(d.n)
	}
	b := array.NewRecordBatch(d.schema, columns, int64(d.n))
	batch.Release(columns...)
	d.n, d.taken = 0, 0
	return b
}

// Close gives back what no batch has taken.
func (d *Decoder) Close() {
	for _, c := range d.cols {
		c.drop()
	}
}

// fileNames are the names of the columns that are read, in the order of the files.
func (d *Decoder) fileNames() []string {
	var out []string
	for _, p := range d.places {
		if p.col != nil {
			out = append(out, p.name)
		}
	}
	return out
}

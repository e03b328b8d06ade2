// Package text reads files as lines and writes lines, by Spark's rules.
//
// It finds no files and commits none: source and sink call it. Invariants: one string column; text that is no UTF-8
// comes out with a replacement character for each bad byte, so that every reader of the column can decode it.
package text

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// Schema is a text source's own.
var Schema = types.Struct{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}}

// Check refuses schemas that text cannot hold.
func Check(s types.Struct) error {
	for _, f := range s.Fields {
		if f.Type.Kind() != types.KString {
			return errs.New("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "columnName", "`"+f.Name+"`",
				"columnType", `"`+types.SQL(f.Type)+`"`, "format", "Text")
		}
	}
	if len(s.Fields) != 1 {
		return errs.New("_LEGACY_ERROR_TEMP_1290", "schemaSize", strconv.Itoa(len(s.Fields)))
	}
	return nil
}

// Options are the reader's and writer's.
type Options struct {
	// LineSep ends lines; empty is \n, \r\n or \r.
	LineSep string
	// Whole makes a file one row.
	Whole bool
	// First says that the text begins its file, where a byte order mark may stand.
	First bool
}

// A text is read by firstChunk and then by more at once, so that small files cost little; a longer line makes the
// buffer grow.
const (
	firstChunk = 64 << 10
	chunk      = 1 << 20
)

// Reader gives the lines of a text. It does not own from. One goroutine uses it.
type Reader struct {
	from   io.Reader
	o      Options
	schema *arrow.Schema
	mem    memory.Allocator
	buf    []byte
	at     int // [at, end) is read and given to nobody yet
	end    int
	eof    bool
	rows   *batch.Strings
	// plain says that there is no \r in [at, end), so that lines end at \n only.
	plain bool
	sep   []byte
}

// NewReader starts reading; name is the column's.
func NewReader(from io.Reader, name string, o Options, mem memory.Allocator) *Reader {
	s := types.Struct{Fields: []types.Field{{Name: name, Type: types.String, Nullable: true}}}
	return &Reader{from: from, o: o, schema: types.ArrowSchema(s), mem: mem, plain: true, sep: []byte(o.LineSep)}
}

// Next gives a batch that the caller owns, io.EOF after the last.
func (r *Reader) Next() (arrow.RecordBatch, error) {
	if r.o.Whole {
		return r.whole()
	}
	r.rows = batch.NewStrings(r.mem, batch.Rows, batch.Rows*16)
	defer r.Close()
	for r.rows.Len() < batch.Rows {
		line, ok := r.line()
		if ok {
			r.add(line)
			continue
		}
		if r.eof {
			break
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	n := r.rows.Len()
	if n == 0 {
		return nil, io.EOF
	}
	col := r.rows.Done(arrow.BinaryTypes.String, nil)
	r.rows = nil
	return batch.Make(r.schema, []arrow.Array{col}, n), nil
}

// line takes the next line that is whole; at the end of the text, what is left.
func (r *Reader) line() ([]byte, bool) {
	line, used, ok := format.Line(r.buf[r.at:r.end], r.sep, r.plain, r.eof)
	if ok {
		r.at += used
	}
	return line, ok
}

func (r *Reader) add(line []byte) {
	if utf8.Valid(line) {
		r.rows.Append(line)
		return
	}
	for len(line) > 0 {
		c, n := utf8.DecodeRune(line)
		if c == utf8.RuneError && n == 1 {
			r.rows.Write([]byte("\uFFFD"))
		} else {
			r.rows.Write(line[:n])
		}
		line = line[n:]
	}
	r.rows.End()
}

// fill reads more behind what is left.
func (r *Reader) fill() error {
	n := copy(r.buf, r.buf[r.at:r.end])
	r.at, r.end = 0, n
	if grown := min(max(4*len(r.buf), firstChunk), max(chunk, 2*n)); grown > len(r.buf) {
		r.buf = append(make([]byte, 0, grown), r.buf[:n]...)[:grown]
	}
	got, err := io.ReadFull(r.from, r.buf[n:])
	r.end += got
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		r.eof = true
	case err != nil:
		return err
	}
	if r.o.First {
		r.o.First = false
		if bytes.HasPrefix(r.buf[:r.end], []byte(mark)) {
			r.at = len(mark)
		}
	}
	r.plain = bytes.IndexByte(r.buf[r.at:r.end], '\r') < 0
	return nil
}

const mark = "\xef\xbb\xbf"

func (r *Reader) whole() (arrow.RecordBatch, error) {
	if r.eof {
		return nil, io.EOF
	}
	r.eof = true
	all, err := io.ReadAll(r.from)
	if err != nil {
		return nil, err
	}
	r.rows = batch.NewStrings(r.mem, 1, len(all))
	r.add(all)
	col := r.rows.Done(arrow.BinaryTypes.String, nil)
	r.rows = nil
	return batch.Make(r.schema, []arrow.Array{col}, 1), nil
}

// Close gives back what an error left.
func (r *Reader) Close() {
	if r.rows != nil {
		r.rows.Drop()
		r.rows = nil
	}
}

// Append writes a batch's only column as lines behind dst; null is an empty line.
func Append(dst []byte, b arrow.RecordBatch, lineSep string) []byte {
	if lineSep == "" {
		lineSep = "\n"
	}
	a := b.Column(0)
	ends, data := batch.Text(a)
	valid := batch.Valid(a)
	for i := range a.Len() {
		if valid.Get(i) {
			dst = append(dst, data[ends[i]:ends[i+1]]...)
		}
		dst = append(dst, lineSep...)
	}
	return dst
}

package csv

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
)

// chunk is how much is read at once, begin how much of a file at first: most files of a stream are small. A longer line
// makes the buffer grow.
const (
	chunk = 1 << 20
	begin = 64 << 10
)

// Reader gives the batches of a file or of a piece of it. It owns neither the file nor, after Close, anything. One
// goroutine uses it.
type Reader struct {
	lines
	d    *Decoder
	name string
	// head says that the next record names the columns.
	head bool
}

// NewReader reads text through a decoder, which it takes over. first says that the text begins its file, name is the
// file's in messages.
func NewReader(from io.Reader, d *Decoder, first bool, name string) *Reader {
	return &Reader{lines: lines{from: from, o: d.o, first: first}, d: d, name: name, head: d.o.Header && first}
}

// Next gives the next batch, owned by the caller, or io.EOF.
func (r *Reader) Next() (arrow.RecordBatch, error) {
	more := r.next
	if r.o.MultiLine {
		more = r.record
	}
	if r.o.sep == "" {
		return nil, errs.New("INVALID_DELIMITER_VALUE.EMPTY_STRING")
	}
	for !r.d.Full() {
		ok, err := more()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
	}
	if r.d.Rows() == 0 {
		return nil, io.EOF
	}
	return r.d.Batch(), nil
}

// next takes a line.
func (r *Reader) next() (bool, error) {
	line, ok, err := r.line()
	if err != nil || !ok {
		return false, err
	}
	if r.filled {
		r.filled, r.d.escapes = false, r.escapes
	}
	if r.head {
		r.head = false
		r.d.split.reset(line)
		more, _, err := r.d.split.record()
		if err != nil {
			return false, r.d.failed(line, err)
		}
		return true, r.header(more)
	}
	return true, r.d.Line(line)
}

// record takes a record, however many lines it has.
func (r *Reader) record() (bool, error) {
	more, err := r.cut()
	if err != nil || !more {
		return false, err
	}
	if r.head {
		r.head = false
		return true, r.header(true)
	}
	s := r.d.split
	r.d.taken += s.at - s.begin
	return true, r.d.settle(s.raw(), r.d.values())
}

// cut leaves the next record in the splitter, however many lines it has; false where there is none.
func (r *Reader) cut() (bool, error) {
	if !r.opened {
		if err := r.open(); err != nil {
			return false, err
		}
	}
	s := r.d.split
	for {
		state := s.memory()
		more, open, err := s.record()
		if open && !r.eof {
			r.at += s.begin
			s.recall(state)
			if err := r.fill(); err != nil {
				return false, err
			}
			s.reset(r.buf[r.at:r.end])
			continue
		}
		if err != nil {
			return false, r.d.failed(s.raw(), err)
		}
		return more, nil
	}
}

// open reads the beginning of a file whose records may have several lines.
func (r *Reader) open() error {
	r.opened = true
	if !r.o.Charset.Plain() {
		text, err := io.ReadAll(r.from)
		if err != nil {
			return err
		}
		r.buf = r.o.Charset.Decode(nil, text)
		r.end, r.eof = len(r.buf), true
	} else if err := r.fill(); err != nil {
		return err
	}
	text := bytes.TrimPrefix(r.buf[r.at:r.end], mark)
	r.at = r.end - len(text)
	if r.o.LineSep == "" {
		if i := bytes.IndexAny(text, "\r\n"); i >= 0 && text[i] == '\r' {
			r.d.split.end1 = '\r'
			if i+1 < len(text) && text[i+1] == '\n' {
				r.d.split.end2 = '\n'
			}
		}
	}
	r.d.split.reset(text)
	return nil
}

// header compares the names that the splitter has read with the schema's.
func (r *Reader) header(any bool) error {
	if r.o.Enforce || !any {
		return nil
	}
	s, names := r.d.split, r.d.names
	var heads []string
	if r.d.all {
		for _, v := range s.values {
			heads = append(heads, string(s.text(v)))
		}
	} else {
		for k, p := range r.d.places {
			if p.col != nil && k < len(s.values) {
				heads = append(heads, string(s.text(s.values[k])))
			} else if p.col != nil {
				heads = append(heads, r.o.null)
			}
		}
		names = r.d.fileNames()
	}
	if len(heads) != len(names) {
		return errs.New("_LEGACY_ERROR_TEMP_3241", "msg", "Number of column in CSV header is not equal to number of fields in the schema: header length: "+
			strconv.Itoa(len(heads))+", schema size: "+strconv.Itoa(len(names))+". CSV file: "+r.name)
	}
	for i, n := range names {
		if n != heads[i] && (r.o.CaseSensitive || !strings.EqualFold(n, heads[i])) {
			return errs.New("_LEGACY_ERROR_TEMP_3241", "msg", "CSV header does not conform to the schema. Header: "+strings.Join(heads, ", ")+
				". Schema: "+strings.Join(names, ", ")+". Expected: "+n+" but found: "+heads[i]+". CSV file: "+r.name)
		}
	}
	return nil
}

// Close gives back the decoder's memory.
func (r *Reader) Close() {
	r.d.Close()
	r.buf = nil
}

// lines cuts text at line ends: \n, \r\n and \r, or what the options say.
type lines struct {
	from io.Reader
	o    *Options
	buf  []byte
	// [at, end) of buf is read and given to nobody yet.
	at, end int
	// first says that nothing of the file was read yet; opened that a file of long records was begun.
	first, opened bool
	eof           bool
	// clean says that there is no \r in [at, end), so that lines end at \n only; escapes that there may be escapes;
	// filled that there is new text.
	clean, escapes, filled bool
	sep                    []byte
	decoded                []byte
}

// line gives the next line that is neither blank nor a comment, as UTF-8 if it is well-formed; good until the next call.
func (l *lines) line() ([]byte, bool, error) {
	for {
		line, ok := l.cut()
		if !ok {
			if l.eof {
				return nil, false, nil
			}
			if err := l.fill(); err != nil {
				return nil, false, err
			}
			continue
		}
		if !l.o.Charset.Plain() {
			l.decoded = l.o.Charset.Decode(l.decoded[:0], line)
			line = l.decoded
		}
		if len(line) == 0 || line[0] <= ' ' && blank(line) {
			continue
		}
		if l.o.comment != 0 && bytes.HasPrefix(line, []byte(string(l.o.comment))) {
			continue
		}
		return line, true, nil
	}
}

func blank(line []byte) bool {
	for _, c := range line {
		if c > ' ' {
			return false
		}
	}
	return true
}

// cut takes the next line that is whole; at the end of the text, what is left.
func (l *lines) cut() ([]byte, bool) {
	if l.sep == nil && l.o.LineSep != "" {
		l.sep = l.o.Charset.Encode(nil, []byte(l.o.LineSep))
	}
	line, used, ok := format.Line(l.buf[l.at:l.end], l.sep, l.clean, l.eof)
	if ok {
		l.at += used
	}
	return line, ok
}

// mark is the byte order mark that may stand at the front of a file.
var mark = []byte("\xef\xbb\xbf")

// fill reads more behind what is left.
func (l *lines) fill() error {
	n := copy(l.buf, l.buf[l.at:l.end])
	l.at, l.end = 0, n
	size := chunk
	if l.buf == nil && !l.o.MultiLine {
		size = begin
	}
	if len(l.buf)-n < size/2 {
		l.buf = append(l.buf[:n], make([]byte, max(size, n))...)
		l.buf = l.buf[:cap(l.buf)]
	}
	got, err := io.ReadFull(l.from, l.buf[n:])
	l.end += got
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		l.eof = true
	case err != nil:
		return err
	}
	if l.first {
		l.first = false
		if bytes.HasPrefix(l.buf[:l.end], mark) {
			l.at = len(mark)
		}
	}
	text := l.buf[l.at:l.end]
	l.clean = bytes.IndexByte(text, '\r') < 0
	l.escapes = l.o.quote != l.o.escape && (!l.o.Charset.Plain() || bytes.IndexByte(text, byte(l.o.escape)) >= 0)
	l.filled = true
	return nil
}

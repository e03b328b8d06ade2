package json

import (
	"bytes"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// chunk is how much is read at once, begin how much of a file at first: most files of a stream are small. A longer line
// makes the buffer grow.
const (
	chunk = 1 << 20
	begin = 64 << 10
)

// Reader gives the batches of one file. It owns neither the file nor, after Close, anything. One goroutine uses it.
type Reader struct {
	from io.Reader
	d    *Decoder
	buf  []byte
	// [at, end) of buf is read and not decoded.
	at, end int
	first   bool
	eof     bool
}

// NewReader reads a file's text through a decoder, which it takes over.
func NewReader(from io.Reader, d *Decoder) *Reader {
	return &Reader{from: from, d: d, first: true}
}

// Next gives the next batch, owned by the caller, or io.EOF.
func (r *Reader) Next() (arrow.RecordBatch, error) {
	if r.d.o.MultiLine {
		return r.whole()
	}
	for {
		used, err := r.d.Decode(r.buf[r.at:r.end], r.eof)
		if err != nil {
			return nil, err
		}
		r.at += used
		if r.d.Full() || r.eof && r.d.Rows() > 0 {
			return r.d.Batch(), nil
		}
		if r.eof {
			return nil, io.EOF
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more behind what is not decoded yet.
func (r *Reader) fill() error {
	n := copy(r.buf, r.buf[r.at:r.end])
	r.at, r.end = 0, n
	size := chunk
	if r.buf == nil {
		size = begin
	}
	if len(r.buf)-n < size/2 {
		r.buf = append(r.buf[:n], make([]byte, max(size, n))...)
		r.buf = r.buf[:cap(r.buf)]
	}
	got, err := io.ReadFull(r.from, r.buf[n:])
	r.end += got
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		r.eof = true
	} else if err != nil {
		return err
	}
	if r.first && r.end >= len(mark) || r.eof {
		r.skipMark()
	}
	return nil
}

// mark is the byte order mark that may stand at the front of a file.
var mark = []byte("\xef\xbb\xbf")

func (r *Reader) skipMark() {
	if r.first && bytes.HasPrefix(r.buf[r.at:r.end], mark) {
		r.at += len(mark)
	}
	r.first = false
}

func (r *Reader) whole() (arrow.RecordBatch, error) {
	if r.eof {
		return nil, io.EOF
	}
	text, err := io.ReadAll(r.from)
	if err != nil {
		return nil, err
	}
	r.eof = true
	if err := r.d.Document(bytes.TrimPrefix(text, mark)); err != nil {
		return nil, err
	}
	if r.d.Rows() == 0 {
		return nil, io.EOF
	}
	return r.d.Batch(), nil
}

// Close gives back the decoder's memory.
func (r *Reader) Close() {
	r.d.Close()
	r.buf = nil
}

package worker

import (
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// inMemory is how many bytes of a run's batches are kept as they are; what exceeds it is kept in a file.
const inMemory = 64 << 20

// replay is what a new worker would need: the batches without an answer or, where any result may depend on any batch
// before it, all. One goroutine uses it; cursors read beside it.
type replay struct {
	all     bool
	batches []arrow.RecordBatch
	bytes   int64
	spill   *spill
	// failed: not all was kept, which matters only when a worker dies.
	failed error
}

// add keeps a batch, borrowed.
func (r *replay) add(b arrow.RecordBatch, mem memory.Allocator) {
	n := size(b)
	switch {
	case r.failed != nil:
	case r.all && len(r.batches) > 0 && (r.spill != nil || r.bytes+n > inMemory):
		r.failed = r.store(b, mem)
	default:
		b.Retain()
		r.batches = append(r.batches, b)
		r.bytes += n
	}
}

// size is the bytes of a batch's buffers, whole ones where the batch is a slice.
func size(b arrow.RecordBatch) (n int64) {
	for _, c := range b.Columns() {
		n += int64(c.Data().SizeInBytes())
	}
	return n
}

func (r *replay) store(b arrow.RecordBatch, mem memory.Allocator) error {
	if r.spill == nil {
		s, err := newSpill(b.Schema(), mem)
		if err != nil {
			return err
		}
		r.spill = s
	}
	return r.spill.encoder.write(b)
}

// drop forgets the oldest batch: it was answered.
func (r *replay) drop() {
	if len(r.batches) == 0 {
		return
	}
	r.bytes -= size(r.batches[0])
	r.batches[0].Release()
	r.batches[0] = nil
	r.batches = r.batches[1:]
}

// release forgets everything.
func (r *replay) release() {
	for len(r.batches) > 0 {
		r.drop()
	}
	if r.spill != nil {
		r.spill.file.Close()
		r.spill = nil
	}
}

// kept is one batch: itself, or as the body of its frame.
type kept struct {
	batch arrow.RecordBatch
	frame []byte
}

func (k kept) none() bool { return k.batch == nil && k.frame == nil }

// cursor goes through what was kept when it was made. It must end before release.
type cursor struct {
	batches []arrow.RecordBatch
	spill   *spill
	at      int
	spilled []extent
}

func (r *replay) cursor() *cursor {
	c := &cursor{batches: append([]arrow.RecordBatch(nil), r.batches...), spill: r.spill}
	for _, b := range c.batches {
		b.Retain()
	}
	if r.spill != nil {
		c.spilled = r.spill.extents[:len(r.spill.extents):len(r.spill.extents)]
	}
	return c
}

// left is how many batches are to come.
func (c *cursor) left() int { return len(c.batches) - c.at + len(c.spilled) }

// next gives the next batch, the caller's to release, or nothing at the end.
func (c *cursor) next() (kept, error) {
	if c.at < len(c.batches) {
		b := c.batches[c.at]
		c.batches[c.at] = nil
		c.at++
		return kept{batch: b}, nil
	}
	if len(c.spilled) == 0 {
		return kept{}, nil
	}
	e := c.spilled[0]
	c.spilled = c.spilled[1:]
	frame := make([]byte, e.size)
	if _, err := c.spill.file.ReadAt(frame, e.start); err != nil {
		return kept{}, err
	}
	return kept{frame: frame}, nil
}

// close lets go of what was not taken.
func (c *cursor) close() {
	for ; c.at < len(c.batches); c.at++ {
		c.batches[c.at].Release()
	}
	c.spilled = nil
}

// spill is a file without a name that holds the bodies of data frames.
type spill struct {
	file    *os.File
	end     int64
	extents []extent
	encoder *encoder
}

type extent struct{ start, size int64 }

func newSpill(s *arrow.Schema, mem memory.Allocator) (*spill, error) {
	f, err := os.CreateTemp("", "pyspark-compat-")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) //nolint:errcheck // it then stays until it is cleaned up by hand
	out := &spill{file: f}
	out.encoder = newEncoder(out, s, mem)
	return out, nil
}

// write is called by the encoder. The schema is not kept: the first batch, in memory, brings it.
func (s *spill) write(kind byte, parts ...[]byte) error {
	if kind == schema {
		return nil
	}
	e := extent{start: s.end}
	for _, p := range parts {
		n, err := s.file.WriteAt(p, s.end)
		s.end += int64(n)
		if err != nil {
			return err
		}
	}
	e.size = s.end - e.start
	s.extents = append(s.extents, e)
	return nil
}

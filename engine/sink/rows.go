package sink

import (
	"context"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Rows is an epoch's rows, computed once and read any number of times, by several goroutines, until the user's
// function returns.
type Rows struct {
	schema types.Struct
	mem    memory.Allocator
	fs     vfs.FS
	spill  string // the file of what is not in memory
	total  int64
	failed error // why there are none

	mu     sync.Mutex
	parts  [][]chunk
	closed bool
}

// chunk is a batch in memory, or the one numbered so in the spill file.
type chunk struct {
	batch arrow.RecordBatch
	at    int
}

// Schema is that of the rows, Len how many there are, Parts into how many pieces they come.
func (r *Rows) Schema() types.Struct { return r.schema }
func (r *Rows) Len() int64           { return r.total }
func (r *Rows) Parts() int           { return len(r.parts) }

// Open reads a part from its start: the columns with these numbers, nil for all. After the user's function has
// returned it raises.
func (r *Rows) Open(part int, columns []int) (*RowsReader, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errs.New(errs.Unnamed + "BATCH_GONE")
	}
	if r.failed != nil {
		return nil, r.failed
	}
	out := &RowsReader{rows: r, columns: columns}
	for _, c := range r.parts[part] {
		if c.batch != nil {
			c.batch.Retain()
		}
		out.chunks = append(out.chunks, c)
	}
	return out, nil
}

// RowsReader gives the batches of a part. One goroutine uses it.
type RowsReader struct {
	rows    *Rows
	columns []int
	chunks  []chunk
	in      vfs.File
	file    *ipc.FileReader
}

// Next gives a batch that the caller owns, io.EOF after the last.
func (r *RowsReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.chunks) == 0 {
		return nil, io.EOF
	}
	c := r.chunks[0]
	b := c.batch
	if b == nil {
		var err error
		if b, err = r.spilled(c.at); err != nil {
			return nil, err
		}
	}
	r.chunks = r.chunks[1:]
	if r.columns == nil {
		return b, nil
	}
	defer b.Release()
	return project(b, r.columns), nil
}

func (r *RowsReader) spilled(at int) (arrow.RecordBatch, error) {
	if r.file == nil {
		in, err := r.rows.fs.Open(r.rows.spill)
		if err != nil {
			return nil, err
		}
		r.in = in
		if r.file, err = ipc.NewFileReader(struct{ ipc.ReadAtSeeker }{in}, ipc.WithAllocator(r.rows.mem)); err != nil {
			return nil, err
		}
	}
	return r.file.RecordBatchAt(at)
}

// Close gives back what was not read.
func (r *RowsReader) Close() error {
	for _, c := range r.chunks {
		if c.batch != nil {
			c.batch.Release()
		}
	}
	r.chunks = nil
	if r.file != nil {
		r.file.Close()
		r.file = nil
	}
	if r.in != nil {
		err := r.in.Close()
		r.in = nil
		return err
	}
	return nil
}

// end lets nobody begin to read, and gives the memory back.
func (r *Rows) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, part := range r.parts {
		for _, c := range part {
			if c.batch != nil {
				c.batch.Release()
			}
		}
	}
	r.parts = make([][]chunk, len(r.parts))
	if r.spill != "" {
		r.fs.Remove(r.spill)
	}
}

// project is a batch of some columns.
func project(b arrow.RecordBatch, columns []int) arrow.RecordBatch {
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		fields[i], arrays[i] = b.Schema().Field(c), b.Column(c)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, b.NumRows())
}

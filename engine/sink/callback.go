package sink

import (
	"context"
	"io"
	"path"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/uuid"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// callback hands each epoch's rows to the user's function.
type callback struct {
	env *Env

	mu    sync.Mutex
	parts map[int][]chunk
	held  int64 // bytes in memory
	total int64
	spill string
	out   vfs.File
	file  *ipc.FileWriter
	count int
}

func openCallback(_ context.Context, e *Env) (Sink, error) {
	if e.Call == nil {
		return nil, errs.Internal("foreachBatch without a function")
	}
	return &callback{env: e, parts: map[int][]chunk{}}, nil
}

func (c *callback) Begin(context.Context, int64) (bool, error) {
	c.drop()
	return false, nil
}

func (c *callback) Writer(_ context.Context, _ int64, instance int) (Writer, error) {
	return &callbackWriter{c, instance}, nil
}

type callbackWriter struct {
	c     *callback
	place int
}

func (w *callbackWriter) Place(split int) { w.place = split }

func (w *callbackWriter) Write(_ context.Context, b arrow.RecordBatch) error {
	if b.NumRows() == 0 {
		return nil
	}
	return w.c.add(w.place, b)
}
func (w *callbackWriter) Close(bool) error { return nil }

// sizeOf is the memory that a batch holds, buffers that it shares with others included.
func sizeOf(b arrow.RecordBatch) int64 {
	total := int64(0)
	for _, a := range b.Columns() {
		total += dataSize(a.Data())
	}
	return total
}

func dataSize(d arrow.ArrayData) int64 {
	total := int64(0)
	for _, b := range d.Buffers() {
		if b != nil {
			total += int64(b.Len())
		}
	}
	for _, child := range d.Children() {
		total += dataSize(child)
	}
	return total
}

func (c *callback) add(place int, b arrow.RecordBatch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += b.NumRows()
	if size := sizeOf(b); c.env.SpillAbove <= 0 || c.held+size <= c.env.SpillAbove || c.env.Spill == "" {
		c.held += size
		b.Retain()
		c.parts[place] = append(c.parts[place], chunk{batch: b})
		return nil
	}
	if c.file == nil {
		if err := c.openSpill(b.Schema()); err != nil {
			return err
		}
	}
	if err := c.file.Write(b); err != nil {
		return err
	}
	c.parts[place] = append(c.parts[place], chunk{at: c.count})
	c.count++
	return nil
}

func (c *callback) openSpill(s *arrow.Schema) error {
	if err := c.env.FS.MkdirAll(c.env.Spill); err != nil {
		return err
	}
	c.spill = path.Join(c.env.Spill, "batch-"+uuid.NewString()+".arrow")
	out, err := c.env.FS.Create(c.spill, true)
	if err != nil {
		return err
	}
	c.out = out
	c.file, err = ipc.NewFileWriter(struct{ io.Writer }{out}, ipc.WithSchema(s), ipc.WithAllocator(c.env.Mem))
	return err
}

// finish makes the epoch's Rows; the spill file is complete then.
func (c *callback) finish() (*Rows, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		file, out := c.file, c.out
		c.file, c.out = nil, nil
		if err := file.Close(); err != nil {
			out.Close()
			return nil, err
		}
		if err := out.Close(); err != nil {
			return nil, err
		}
	}
	r := &Rows{schema: c.env.Schema, mem: c.env.Mem, fs: c.env.FS, spill: c.spill, total: c.total}
	for i := 0; len(c.parts) > 0; i++ {
		if part := c.parts[i]; len(part) > 0 {
			r.parts = append(r.parts, part)
		}
		delete(c.parts, i)
	}
	c.held, c.total, c.spill, c.count = 0, 0, "", 0
	return r, nil
}

func (c *callback) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, part := range c.parts {
		for _, k := range part {
			if k.batch != nil {
				k.batch.Release()
			}
		}
	}
	clear(c.parts)
	if c.file != nil {
		c.file.Close()
		c.out.Close()
	}
	if c.spill != "" {
		c.env.FS.Remove(c.spill)
	}
	c.file, c.out, c.held, c.total, c.spill, c.count = nil, nil, 0, 0, "", 0
}

func (c *callback) Commit(ctx context.Context, epoch int64) error {
	rows, err := c.finish()
	if err != nil {
		c.drop()
		return err
	}
	defer rows.end()
	return c.env.Call(ctx, epoch, rows)
}

func (c *callback) Failed(ctx context.Context, epoch int64, cause error) error {
	c.drop()
	rows := &Rows{schema: c.env.Schema, mem: c.env.Mem, fs: c.env.FS, parts: make([][]chunk, 1), failed: cause}
	defer rows.end()
	return c.env.Call(ctx, epoch, rows)
}

func (c *callback) Abort(int64) error {
	c.drop()
	return nil
}

func (c *callback) Describe() string { return "ForeachBatchSink" }
func (c *callback) Idempotent() bool { return false }
func (c *callback) RowsKnown() bool  { return false }
func (c *callback) Close() error {
	c.drop()
	return nil
}

package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/source"
	"pysparkcompat/engine/vfs"
)

// Held is rows that are computed once and read any number of times: the frame of a foreachBatch, a cached frame. What
// goes beyond Limit bytes lies in files. Order: a pipeline whose root is Keep runs (one epoch, or after Reset another),
// then Splits are read from any goroutines, then Reset or Close, when nobody reads any more.
type Held struct {
	FS vfs.FS
	// Dir is a folder for the files, Name their beginning; they are not durable.
	Dir, Name string
	Limit     int64
	Mem       memory.Allocator
	Schema    *arrow.Schema

	mu    sync.Mutex
	parts []*heldPart
	bytes int64
	rows  int64
}

// heldPart is one instance's rows: batches in memory, then those in a file.
type heldPart struct {
	batches []arrow.RecordBatch
	file    string
	f       vfs.File
	w       *ipc.Writer
}

// Keep makes the root operator of one instance.
func (h *Held) Keep(i Instance) (Operator, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.parts) <= i.Index {
		h.parts = append(h.parts, &heldPart{file: path.Join(h.Dir, fmt.Sprintf("%s-%d", h.Name, len(h.parts)))})
	}
	return &keep{h: h, p: h.parts[i.Index]}, nil
}

// Rows is how many are held.
func (h *Held) Rows() int64 { return h.rows }

// Splits are the rows, a split an instance that has any.
func (h *Held) Splits() []source.Split {
	var out []source.Split
	for _, p := range h.parts {
		if len(p.batches) > 0 || p.w != nil {
			out = append(out, heldSplit{h, p})
		}
	}
	return out
}

// Reset forgets the rows.
func (h *Held) Reset() error {
	var all []error
	for _, p := range h.parts {
		for _, b := range p.batches {
			b.Release()
		}
		p.batches, p.w = nil, nil
		if p.f != nil {
			all = append(all, p.f.Close())
			p.f = nil
			if err := h.FS.Remove(p.file); !errors.Is(err, fs.ErrNotExist) {
				all = append(all, err)
			}
		}
	}
	h.bytes, h.rows = 0, 0
	return errors.Join(all...)
}

// Close is Reset.
func (h *Held) Close() error { return h.Reset() }

// room says whether a batch may stay in memory, and counts it.
func (h *Held) room(b arrow.RecordBatch) bool {
	var size int64
	for _, c := range b.Columns() {
		size += int64(c.Data().SizeInBytes())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows += b.NumRows()
	if h.bytes+size > h.Limit {
		return false
	}
	h.bytes += size
	return true
}

// keep is one instance's end of a Held.
type keep struct {
	h *Held
	p *heldPart
}

func (k *keep) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	if b.NumRows() == 0 {
		return nil
	}
	if k.h.room(b) && k.p.w == nil {
		b.Retain()
		k.p.batches = append(k.p.batches, b)
		return nil
	}
	return k.spill(b)
}

func (k *keep) spill(b arrow.RecordBatch) error {
	if k.p.w == nil {
		f, err := k.h.FS.Create(k.p.file, false)
		if err != nil {
			return err
		}
		k.p.f = f
		k.p.w = ipc.NewWriter(f, ipc.WithSchema(k.h.Schema), ipc.WithAllocator(k.h.Mem))
	}
	return k.p.w.Write(b)
}

func (k *keep) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	if m.Kind == End && k.p.w != nil {
		return k.p.w.Close()
	}
	return nil
}

func (k *keep) Explain() string { return "Keep" }
func (k *keep) Close() error    { return nil }

// heldSplit is a part to read.
type heldSplit struct {
	h *Held
	p *heldPart
}

func (s heldSplit) Open(_ context.Context, p source.Pushdown) (source.Reader, error) {
	r := &heldReader{valuesReader: valuesReader{left: s.p.batches, columns: p.Columns}}
	if s.p.w == nil {
		return r, nil
	}
	f, err := s.h.FS.Open(s.p.file)
	if err != nil {
		return nil, err
	}
	r.f = f
	if r.r, err = ipc.NewReader(f, ipc.WithAllocator(s.h.Mem)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

// heldReader gives the batches in memory, then those in the file.
type heldReader struct {
	valuesReader
	f vfs.File
	r *ipc.Reader
}

func (r *heldReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	b, err := r.valuesReader.Next(ctx)
	if err != io.EOF || r.r == nil {
		return b, err
	}
	if !r.r.Next() {
		if err := r.r.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	return r.pick(r.r.RecordBatch()), nil
}

func (r *heldReader) Close() error {
	if r.r == nil {
		return nil
	}
	r.r.Release()
	return r.f.Close()
}

// pick gives a batch's wanted columns, owned by the caller.
func (r *valuesReader) pick(b arrow.RecordBatch) arrow.RecordBatch {
	if r.columns == nil {
		b.Retain()
		return b
	}
	fields, out := make([]arrow.Field, len(r.columns)), make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		fields[i], out[i] = b.Schema().Field(c), b.Column(c)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), out, b.NumRows())
}

package engine

import (
	"bytes"
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
)

// Hosted is rows that the host gives, a partition at a time, whenever a run reads them: the frame of an RDD.
type Hosted struct {
	Schema     types.Struct
	Partitions int
	// Open starts to read a partition; it may be called again, and for several partitions at once.
	Open func(ctx context.Context, partition int) (HostedRows, error)
}

// HostedRows are one partition's rows: whole Arrow IPC streams, io.EOF after the last. One goroutine uses them; Close always.
type HostedRows interface {
	Next(ctx context.Context) ([]byte, error)
	Close()
}

// HostedFrame is a frame over hosted rows. Nothing is read until it runs.
func (s *Session) HostedFrame(h Hosted) (*Frame, error) {
	return s.Analyze(&logical.Scan{Format: "ExistingRDD", Source: &hostedTable{Hosted: h, mem: s.engine.mem}, Full: h.Schema})
}

type hostedTable struct {
	Hosted
	mem memory.Allocator
}

func (t *hostedTable) Schema() types.Struct { return t.Hosted.Schema }
func (t *hostedTable) Describe() string     { return "ExistingRDD" }

func (t *hostedTable) Splits(context.Context) ([]source.Split, error) {
	out := make([]source.Split, t.Partitions)
	for i := range out {
		out[i] = hostedSplit{t, i}
	}
	return out, nil
}

type hostedSplit struct {
	t         *hostedTable
	partition int
}

func (s hostedSplit) Open(ctx context.Context, p source.Pushdown) (source.Reader, error) {
	rows, err := s.t.Open(ctx, s.partition)
	if err != nil {
		return nil, err
	}
	return &hostedReader{t: s.t, rows: rows, columns: p.Columns, schema: types.ArrowSchema(s.t.Hosted.Schema)}, nil
}

type hostedReader struct {
	t       *hostedTable
	rows    HostedRows
	columns []int
	schema  *arrow.Schema
	ready   []arrow.RecordBatch
}

func (r *hostedReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for len(r.ready) == 0 {
		stream, err := r.rows.Next(ctx)
		if err != nil {
			return nil, err
		}
		if err := r.decode(stream); err != nil {
			return nil, err
		}
	}
	b := r.ready[0]
	r.ready = r.ready[1:]
	if r.columns == nil {
		return b, nil
	}
	defer b.Release()
	fields, columns := make([]arrow.Field, len(r.columns)), make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		fields[i], columns[i] = b.Schema().Field(c), b.Column(c)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, b.NumRows()), nil
}

// decode makes the batches of one stream ready.
func (r *hostedReader) decode(stream []byte) error {
	in, err := ipc.NewReader(bytes.NewReader(stream), ipc.WithAllocator(r.t.mem))
	if err != nil {
		return errs.Internal("hosted rows: %v", err)
	}
	defer in.Release()
	if n := in.Schema().NumFields(); n != r.schema.NumFields() && n != 0 {
		return errs.Internal("hosted rows have %d columns, their schema %d", n, r.schema.NumFields())
	}
	for in.Next() {
		b, err := conform(r.t.mem, in.RecordBatch(), r.schema)
		if err != nil {
			return err
		}
		r.ready = append(r.ready, split(b)...)
		b.Release()
	}
	if err := in.Err(); err != nil && err != io.EOF {
		return errs.Internal("hosted rows: %v", err)
	}
	return nil
}

func (r *hostedReader) Close() error {
	release(r.ready)
	r.ready = nil
	r.rows.Close()
	return nil
}

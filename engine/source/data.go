package source

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// Data is rows at hand as a Table: a local frame, a memory sink's rows, the frame of a foreachBatch.
type Data struct {
	Rows        []arrow.RecordBatch // borrowed: whoever made the Data keeps them alive while it is read
	Struct      types.Struct
	Text        string
	Parallelism int
}

func (d *Data) Schema() types.Struct { return d.Struct }
func (d *Data) Describe() string     { return d.Text }

// Splits deals the batches out in order, so that rows keep their order within and between splits.
func (d *Data) Splits(context.Context) ([]Split, error) {
	total := int64(0)
	for _, b := range d.Rows {
		total += b.NumRows()
	}
	parts := int64(max(d.Parallelism, 1))
	each := max((total+parts-1)/parts, 1)
	var out []Split
	var at *dataSplit
	room := int64(0)
	for _, b := range d.Rows {
		for from := int64(0); from < b.NumRows(); {
			if room == 0 {
				at, room = &dataSplit{}, each
				out = append(out, at)
			}
			n := min(room, b.NumRows()-from)
			at.pieces = append(at.pieces, piece{b, from, from + n})
			from, room = from+n, room-n
		}
	}
	return out, nil
}

type piece struct {
	of       arrow.RecordBatch
	from, to int64
}

type dataSplit struct{ pieces []piece }

func (s *dataSplit) Open(_ context.Context, p Pushdown) (Reader, error) {
	return &dataReader{pieces: s.pieces, columns: p.Columns}, nil
}

type dataReader struct {
	pieces  []piece
	columns []int
}

func (r *dataReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.pieces) == 0 {
		return nil, io.EOF
	}
	p := &r.pieces[0]
	to := min(p.from+batch.Rows, p.to)
	b := p.of.NewSlice(p.from, to)
	if p.from = to; p.from == p.to {
		r.pieces = r.pieces[1:]
	}
	if r.columns == nil {
		return b, nil
	}
	defer b.Release()
	fields := make([]arrow.Field, len(r.columns))
	columns := make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		fields[i], columns[i] = b.Schema().Field(c), b.Column(c)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, b.NumRows()), nil
}

func (r *dataReader) Close() error { return nil }

// bareRows is n rows without columns.
func bareRows(n int) arrow.RecordBatch {
	return array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, int64(n))
}

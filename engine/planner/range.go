package planner

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/source"
)

// mostSplits is how many splits a range has at most: nobody sees where they begin, and somebody may ask for billions.
const mostSplits = 1 << 16

// RangeSplits cuts a range into its partitions, as many as asked for or as there are cores, without empty ones.
func RangeSplits(r *logical.Range, cores int, mem memory.Allocator) []source.Split {
	parts := r.Partitions
	if parts <= 0 {
		parts = cores
	}
	total := rangeSize(r)
	parts = int(min(uint64(parts), max(total, 1), mostSplits))
	out := make([]source.Split, 0, parts)
	for i := range uint64(parts) {
		from, to := portion(total, i, uint64(parts)), portion(total, i+1, uint64(parts))
		out = append(out, rangeSplit{start: r.Start + int64(from)*r.Step, step: r.Step, count: to - from, mem: mem})
	}
	return out
}

// portion is total*i/parts without overflow.
func portion(total, i, parts uint64) uint64 { return total/parts*i + total%parts*i/parts }

// rangeSize is how many numbers a range holds.
func rangeSize(r *logical.Range) uint64 {
	if r.Step > 0 && r.Start < r.End {
		return (uint64(r.End)-uint64(r.Start)-1)/uint64(r.Step) + 1
	}
	if r.Step < 0 && r.Start > r.End {
		return (uint64(r.Start)-uint64(r.End)-1)/(-uint64(r.Step)) + 1
	}
	return 0
}

type rangeSplit struct {
	start, step int64
	count       uint64
	mem         memory.Allocator
}

func (r rangeSplit) Open(_ context.Context, p source.Pushdown) (source.Reader, error) {
	return &rangeReader{rangeSplit: r, columns: p.Columns}, nil
}

type rangeReader struct {
	rangeSplit
	columns []int
	done    uint64
}

var rangeSchema = arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)

func (r *rangeReader) Next(context.Context) (arrow.RecordBatch, error) {
	if r.done == r.count {
		return nil, io.EOF
	}
	n := int(min(r.count-r.done, batch.Rows))
	at := r.start + int64(r.done)*r.step
	r.done += uint64(n)
	if r.columns != nil && len(r.columns) == 0 {
		return array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, int64(n)), nil
	}
	buffer := memory.NewResizableBuffer(r.mem)
	buffer.Resize(n * 8)
	values := arrow.Int64Traits.CastFromBytes(buffer.Bytes())
	for i := range values {
		values[i] = at + int64(i)*r.step
	}
	data := array.NewData(arrow.PrimitiveTypes.Int64, n, []*memory.Buffer{nil, buffer}, nil, 0, 0)
	buffer.Release()
	ids := array.NewInt64Data(data)
	data.Release()
	return batch.Make(rangeSchema, []arrow.Array{ids}, n), nil
}

func (r *rangeReader) Close() error { return nil }

// RangePart is where a part of a range of r.Partitions begins and ends.
func RangePart(r *logical.Range, part int) (start, end int64) {
	total, parts := rangeSize(r), uint64(r.Partitions)
	return r.Start + int64(portion(total, uint64(part), parts))*r.Step, r.Start + int64(portion(total, uint64(part)+1, parts))*r.Step
}

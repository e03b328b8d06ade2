package exec

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/source"
)

// NewValues makes a split of rows at hand, which it borrows for as long as it is read: createDataFrame, a memory
// table, the frame of a foreachBatch.
func NewValues(batches []arrow.RecordBatch) source.Split { return values{batches} }

type values struct{ batches []arrow.RecordBatch }

func (v values) Open(_ context.Context, p source.Pushdown) (source.Reader, error) {
	return &valuesReader{left: v.batches, columns: p.Columns}, nil
}

type valuesReader struct {
	left    []arrow.RecordBatch
	columns []int
}

func (r *valuesReader) Next(context.Context) (arrow.RecordBatch, error) {
	if len(r.left) == 0 {
		return nil, io.EOF
	}
	b := r.left[0]
	r.left = r.left[1:]
	return r.pick(b), nil
}

func (r *valuesReader) Close() error { return nil }

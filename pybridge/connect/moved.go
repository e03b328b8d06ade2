package connect

import (
	"runtime/debug"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
)

// moved copies a batch into memory of an allocator, leaving out what lies outside its slice.
func moved(mem memory.Allocator, b arrow.RecordBatch) (arrow.RecordBatch, error) {
	columns := make([]arrow.Array, b.NumCols())
	defer func() {
		for _, c := range columns {
			if c != nil {
				c.Release()
			}
		}
	}()
	for i, c := range b.Columns() {
		if b.NumRows() == 0 {
			columns[i] = array.MakeArrayOfNull(mem, c.DataType(), 0)
			continue
		}
		copied, err := array.Concatenate([]arrow.Array{c}, mem)
		if err != nil {
			return nil, errs.Internal("result: %v", err)
		}
		columns[i] = copied
	}
	return array.NewRecordBatch(b.Schema(), columns, b.NumRows()), nil
}

// panicked is the error of a panic in our own code.
func panicked(p any) error { return errs.Internal("panic in the engine: %v\n%s", p, debug.Stack()) }

// Package batch says how record batches are owned and made.
//
// It is not a column library: kernels live in expr and functions. Everyone on lines below calls it.
// Invariants: a batch is an arrow.RecordBatch, immutable once made. Whoever receives one as an
// argument borrows it until it returns and retains it to keep it longer; whoever gets one as a
// result owns it and releases it once. Every allocation goes through the allocator that the
// session injected, so that tests can count what leaks.
package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Rows is the number of rows that readers aim at: large enough to amortise calls, small enough for the second-level cache.
const Rows = 8192

// Make builds a batch that takes ownership of the columns: they are released here and live in the batch.
func Make(schema *arrow.Schema, columns []arrow.Array, rows int) arrow.RecordBatch {
	b := array.NewRecordBatch(schema, columns, int64(rows))
	Release(columns...)
	return b
}

// Release gives back arrays; nil ones are passed over.
func Release(columns ...arrow.Array) {
	for _, c := range columns {
		if c != nil {
			c.Release()
		}
	}
}

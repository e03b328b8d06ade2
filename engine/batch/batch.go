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

// Make builds a batch that takes ownership of the columns: they are released here and live in the batch. What of a
// column's type differs from the schema's only in names and nullability inside becomes the schema's.
func Make(schema *arrow.Schema, columns []arrow.Array, rows int) arrow.RecordBatch {
	for i, c := range columns {
		if i < schema.NumFields() && arrow.IsNested(c.DataType().ID()) && sameForm(c.DataType(), schema.Field(i).Type) {
			columns[i] = Retype(c, schema.Field(i).Type)
			c.Release()
		}
	}
	b := array.NewRecordBatch(schema, columns, int64(rows))
	Release(columns...)
	return b
}

// sameForm says that types differ in nothing but names and nullability inside.
func sameForm(a, b arrow.DataType) bool {
	x, nested := a.(arrow.NestedType)
	y, both := b.(arrow.NestedType)
	if !nested || !both || a.ID() != b.ID() || x.NumFields() != y.NumFields() {
		return !nested && !both && arrow.TypeEqual(a, b)
	}
	for i, f := range x.Fields() {
		if !sameForm(f.Type, y.Fields()[i].Type) {
			return false
		}
	}
	return true
}

// Release gives back arrays; nil ones are passed over.
func Release(columns ...arrow.Array) {
	for _, c := range columns {
		if c != nil {
			c.Release()
		}
	}
}

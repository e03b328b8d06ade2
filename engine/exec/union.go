package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
)

// union passes the rows of all ports under one schema.
type union struct {
	pass
	schema *arrow.Schema
}

// NewUnion makes union: the columns of every port have the types of schema, in its order.
func NewUnion(schema *arrow.Schema) Operator { return &union{schema: schema} }

func (u *union) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	columns := append([]arrow.Array(nil), b.Columns()...)
	for _, c := range columns {
		c.Retain()
	}
	out := batch.Make(u.schema, columns, int(b.NumRows()))
	defer out.Release()
	return emit(out)
}

func (u *union) Explain() string { return "Union" }

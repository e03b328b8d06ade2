package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// project evaluates expressions to the columns of its rows.
type project struct {
	c      *expr.Context
	exprs  []expr.Evaluator
	schema *arrow.Schema
	text   string
}

// NewProject makes select: one expression a column of schema.
func NewProject(i Instance, exprs []expr.Evaluator, schema *arrow.Schema, text string) Operator {
	return &project{c: i.Context(), exprs: exprs, schema: schema, text: text}
}

func (p *project) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	out, err := columns(p.c, p.exprs, b)
	if err != nil {
		return err
	}
	p.c.RowBase += b.NumRows()
	r := batch.Make(p.schema, out, int(b.NumRows()))
	defer r.Release()
	return emit(r)
}

func (p *project) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(p.c, m)
	return nil
}

func (p *project) Explain() string { return "Project " + p.text }
func (p *project) Close() error    { return nil }

// NewColumns makes a select of columns as they are, by number.
func NewColumns(numbers []int, schema *arrow.Schema, text string) Operator {
	return &pick{numbers: numbers, schema: schema, text: text}
}

// pick selects columns.
type pick struct {
	pass
	numbers []int
	schema  *arrow.Schema
	text    string
}

func (p *pick) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	out := make([]arrow.Array, len(p.numbers))
	for i, n := range p.numbers {
		out[i] = b.Column(n)
		out[i].Retain()
	}
	r := batch.Make(p.schema, out, int(b.NumRows()))
	defer r.Release()
	return emit(r)
}

func (p *pick) Explain() string { return "Project " + p.text }

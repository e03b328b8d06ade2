package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// generate makes any number of rows of one: explode and its kin.
type generate struct {
	c      *expr.Context
	g      *expr.Generate
	args   []expr.Evaluator
	keep   []int
	schema *arrow.Schema
	text   string
}

// NewGenerate makes explode and its kin: the input's columns keep, then the generated ones.
func NewGenerate(i Instance, g *expr.Generate, args []expr.Evaluator, keep []int, schema *arrow.Schema, text string) Operator {
	return &generate{c: i.Context(), g: g, args: args, keep: keep, schema: schema, text: text}
}

func (g *generate) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	args := make([]expr.Vector, 0, len(g.args))
	defer func() {
		for _, a := range args {
			a.Release()
		}
	}()
	for _, e := range g.args {
		v, err := evaluate(g.c, e, b)
		if err != nil {
			return err
		}
		args = append(args, v)
	}
	g.c.RowBase += b.NumRows()
	parents, made, err := g.g.Fn.Rows(g.c, int(b.NumRows()), args, g.g)
	if err != nil {
		return err
	}
	defer batch.Release(made...)
	for lo := 0; lo < len(parents); lo += batch.Rows {
		err := emitParts(lo, min(len(parents), lo+batch.Rows), func(lo, hi int) arrow.RecordBatch { return g.rows(b, parents, made, lo, hi) }, emit)
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *generate) rows(b arrow.RecordBatch, parents []int32, made []arrow.Array, lo, hi int) arrow.RecordBatch {
	out, mem := make([]arrow.Array, 0, len(g.keep)+len(made)), batch.Limited(g.c.Mem)
	for _, k := range g.keep {
		out = append(out, batch.Take(mem, b.Column(k), parents[lo:hi]))
	}
	for _, m := range made {
		out = append(out, slice(m, lo, hi))
	}
	return batch.Make(g.schema, out, hi-lo)
}

func (g *generate) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(g.c, m)
	return nil
}

func (g *generate) Explain() string { return "Generate " + g.text }
func (g *generate) Close() error    { return nil }

package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// filter keeps rows for which a condition is true.
type filter struct {
	c         *expr.Context
	condition expr.Evaluator
	text      string
}

// NewFilter makes where.
func NewFilter(i Instance, condition expr.Evaluator, text string) Operator {
	return &filter{c: i.Context(), condition: condition, text: text}
}

func (f *filter) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	v, err := evaluate(f.c, f.condition, b)
	if err != nil {
		return err
	}
	defer v.Release()
	f.c.RowBase += b.NumRows()
	if v.Const {
		if len(batch.Selected(v.Array, nil)) == 0 {
			return nil
		}
		return emit(b)
	}
	out := batch.FilterBatch(f.c.Mem, b, v.Array)
	defer out.Release()
	if out.NumRows() == 0 {
		return nil
	}
	return emit(out)
}

func (f *filter) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(f.c, m)
	return nil
}

func (f *filter) Explain() string { return "Filter " + f.text }
func (f *filter) Close() error    { return nil }

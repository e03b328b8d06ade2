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
	if err != nil && err != batch.TooLarge {
		return f.step(b, err, emit)
	}
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

// step takes a conjunction side by side after it has failed as a whole: a row that one side drops does not reach the next,
// which may raise on it.
func (f *filter) step(b arrow.RecordBatch, failure error, emit Emit) error {
	if _, ok := f.condition.(expr.Conjunction); !ok {
		return failure
	}
	all := make([]int32, b.NumRows())
	for i := range all {
		all[i] = int32(i)
	}
	rows, err := expr.TrueRows(f.c, f.condition, b, all)
	if err != nil {
		return err
	}
	f.c.RowBase += b.NumRows()
	if len(rows) == 0 {
		return nil
	}
	out := batch.TakeBatch(f.c.Mem, b, rows)
	defer out.Release()
	return emit(out)
}

func (f *filter) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(f.c, m)
	return nil
}

func (f *filter) Explain() string { return "Filter " + f.text }
func (f *filter) Close() error    { return nil }

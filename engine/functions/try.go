package functions

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// attempt makes a node that gives null for the rows for which e raises an error of values. text names the column.
func attempt(e expr.Expr, text string) *expr.Apply {
	return &expr.Apply{Fn: attemptFn, Args: []expr.Expr{e}, DataType: e.Type(), Null: true, Text: text}
}

var attemptFn = &expr.Function{Name: "try", Form: func(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	return attempted{args[0]}, nil
}}

type attempted struct{ expr.Evaluator }

func (t attempted) Type() types.Type { return t.Evaluator.Type() }

// Eval tries all rows at once and, where that raises, each half of them, down to the rows that do it.
func (t attempted) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := t.Evaluator.Eval(c, b)
	if err == nil || !ofValues(err) {
		return v, err
	}
	n := int(b.NumRows())
	s := search{t: t.Evaluator, c: c, b: b, from: make([]int32, n), at: make([]int32, n)}
	defer func() { expr.ReleaseAll(s.parts) }()
	if err := s.halves(0, n); err != nil {
		return expr.Vector{}, err
	}
	a, err := expr.Pick(c, t.Type(), s.parts, s.from, s.at)
	return expr.Vector{Array: a}, err
}

// ofValues says that an error comes from the values of some row.
func ofValues(err error) bool {
	e := errs.As(err)
	if e == nil {
		return false
	}
	switch e.Class {
	case errs.Arithmetic, errs.DateTime, errs.NumberFormat, errs.IllegalArgument, errs.Runtime, errs.ArrayIndex:
		return true
	}
	return false
}

// search gathers the results of the rows that do not raise.
type search struct {
	t        expr.Evaluator
	c        *expr.Context
	b        arrow.RecordBatch
	parts    []expr.Vector
	from, at []int32
}

func (s *search) halves(lo, hi int) error {
	rows := make([]int32, hi-lo)
	for i := range rows {
		rows[i] = int32(lo + i)
	}
	part, err := expr.EvalOn(s.c, s.t, s.b, rows)
	switch {
	case err == nil:
		for i := lo; i < hi; i++ {
			s.from[i], s.at[i] = int32(len(s.parts)), int32(part.Row(i-lo))
		}
		s.parts = append(s.parts, part)
		return nil
	case !ofValues(err):
		return err
	case hi-lo == 1:
		s.at[lo] = -1
		return nil
	}
	middle := (lo + hi) / 2
	if err := s.halves(lo, middle); err != nil {
		return err
	}
	return s.halves(middle, hi)
}

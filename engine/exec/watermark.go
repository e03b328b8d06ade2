package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
)

// watermark watches an event-time column: the next watermark and the progress come of it. It filters nothing.
type watermark struct {
	operator int
	column   int
	delay    string
	seen     EventTime
}

// NewWatermark makes withWatermark; operator numbers the plan's watermarks from 0, column holds timestamps.
func NewWatermark(operator, column int, delay string) Operator {
	return &watermark{operator: operator, column: column, delay: delay}
}

func (w *watermark) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	a := b.Column(w.column)
	if a.DataType().ID() != arrow.TIMESTAMP {
		return errs.Internal("a watermark stands on column %d of type %s", w.column, a.DataType())
	}
	valid := batch.Valid(a)
	s := &w.seen
	for i, v := range batch.Values[int64](a) {
		// PySpark counts whole milliseconds, and a row without a time as one of 1970.
		if v -= (v%1000 + 1000) % 1000; !valid.Get(i) {
			v = 0
		}
		if s.Count == 0 {
			s.Min, s.Max = v, v
		}
		s.Count++
		s.Sum += float64(v)
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	return emit(b)
}

func (w *watermark) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	if m.Kind == Begin {
		w.seen = EventTime{Operator: w.operator}
	}
	return nil
}

func (w *watermark) eventTime() EventTime {
	seen := w.seen
	w.seen = EventTime{Operator: w.operator}
	return seen
}

func (w *watermark) Explain() string {
	return fmt.Sprintf("EventTimeWatermark column %d, %s", w.column, w.delay)
}
func (w *watermark) Close() error { return nil }

package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// Windows says which windows a time falls into, in microseconds: they start at Start + k * Slide and last Duration.
type Windows struct{ Duration, Slide, Start int64 }

// Overlap is the greatest number of windows that one time falls into.
func (w Windows) Overlap() int { return int((w.Duration-1)/w.Slide + 1) }

// Pane is the windows of the greatest length of which every window is made whole: rows of one pane fall into the same
// windows, so that they may be aggregated before they are spread over windows.
func (w Windows) Pane() Windows {
	a, b := w.Duration, w.Slide
	for b != 0 {
		a, b = b, a%b
	}
	return Windows{Duration: a, Slide: a, Start: w.Start}
}

// last is the start of the latest window that may hold a time: remainders of times before the start are made positive.
func (w Windows) last(t int64) int64 {
	r := (t - w.Start) % w.Slide
	if r < 0 {
		r += w.Slide
	}
	return t - r
}

// windowed adds a window column to rows, one row out for each window a row falls into; rows without a time go.
type windowed struct {
	c       *expr.Context
	time    expr.Evaluator
	w       Windows
	schema  *arrow.Schema // of the input with the window column behind
	start   bool          // the column is the window's start alone
	grouped bool
	scratch []int64
}

// NewWindowed makes window(). schema is the input's with one column more: struct<start, end>, or a timestamp for the
// start alone (panes). With grouped, which an aggregation above allows, a batch comes out once a window, its columns not
// copied; else the windows of a row follow each other.
func NewWindowed(i Instance, time expr.Evaluator, w Windows, schema *arrow.Schema, grouped bool) Operator {
	last := schema.Field(schema.NumFields() - 1)
	return &windowed{c: i.Context(), time: time, w: w, schema: schema, grouped: grouped, start: last.Type.ID() == arrow.TIMESTAMP}
}

func (o *windowed) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	t, err := column(o.c, o.time, b)
	if err != nil {
		return err
	}
	defer t.Release()
	if t.NullN() > 0 {
		rows := make([]int32, 0, b.NumRows())
		valid := batch.Valid(t)
		for i := 0; i < t.Len(); i++ {
			if valid.Get(i) {
				rows = append(rows, int32(i))
			}
		}
		b = batch.TakeBatch(o.c.Mem, b, rows)
		defer b.Release()
		kept := batch.Take(o.c.Mem, t, rows)
		defer kept.Release()
		t = kept
	}
	if t.Len() == 0 {
		return nil
	}
	times := batch.Values[int64](t)
	if o.grouped || o.w.Overlap() == 1 {
		return o.byWindow(b, times, emit)
	}
	return o.byRow(b, times, emit)
}

// byWindow emits the batch once for the latest window of each row, once for the one before, and so on.
func (o *windowed) byWindow(b arrow.RecordBatch, times []int64, emit Emit) error {
	even := o.w.Duration%o.w.Slide == 0
	starts := o.grow(len(times))
	for i, t := range times {
		starts[i] = o.w.last(t)
	}
	for k := 0; k < o.w.Overlap(); k++ {
		rows := b
		at := starts
		if !even && k == o.w.Overlap()-1 || o.w.Slide > o.w.Duration {
			var in []int32
			var some []int64
			for i, s := range starts {
				if times[i] < s+o.w.Duration {
					in, some = append(in, int32(i)), append(some, s)
				}
			}
			rows, at = batch.TakeBatch(o.c.Mem, b, in), some
			defer rows.Release()
		}
		if err := o.emit(rows, at, emit); err != nil {
			return err
		}
		for i := range starts {
			starts[i] -= o.w.Slide
		}
	}
	return nil
}

// byRow emits the windows of each row behind each other, the latest first.
func (o *windowed) byRow(b arrow.RecordBatch, times []int64, emit Emit) error {
	n := o.w.Overlap()
	most := batch.Rows
	if n < batch.Rows {
		most = min(most, len(times)*n)
	}
	rows, starts := make([]int32, 0, most), make([]int64, 0, most)
	full := func() error {
		if len(rows) == 0 {
			return nil
		}
		part := batch.TakeBatch(o.c.Mem, b, rows)
		defer part.Release()
		err := o.emit(part, starts, emit)
		rows, starts = rows[:0], starts[:0]
		return err
	}
	for i, t := range times {
		s := o.w.last(t)
		for k := 0; k < n; k++ {
			if t < s+o.w.Duration {
				rows, starts = append(rows, int32(i)), append(starts, s)
			}
			s -= o.w.Slide
			if len(rows) == batch.Rows {
				if err := full(); err != nil {
					return err
				}
			}
		}
	}
	return full()
}

func (o *windowed) grow(n int) []int64 {
	if len(o.scratch) < n {
		o.scratch = make([]int64, n)
	}
	return o.scratch[:n]
}

// emit adds the window column to rows.
func (o *windowed) emit(b arrow.RecordBatch, starts []int64, emit Emit) error {
	if len(starts) == 0 {
		return nil
	}
	n := int(b.NumCols())
	out := make([]arrow.Array, n, n+1)
	for i := range out {
		out[i] = b.Column(i)
		out[i].Retain()
	}
	dt := o.schema.Field(n).Type
	if o.start {
		out = append(out, o.times(dt, starts, 0))
	} else {
		f := dt.(*arrow.StructType).Fields()
		out = append(out, batch.Assemble(dt, len(starts), 0, []*memory.Buffer{nil},
			o.times(f[0].Type, starts, 0), o.times(f[1].Type, starts, o.w.Duration)))
	}
	r := batch.Make(o.schema, out, len(starts))
	defer r.Release()
	return emit(r)
}

func (o *windowed) times(dt arrow.DataType, starts []int64, plus int64) arrow.Array {
	f := batch.NewFixed[int64](o.c.Mem, len(starts))
	for i, s := range starts {
		f.Values[i] = s + plus
	}
	return f.Done(dt, nil)
}

func (o *windowed) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(o.c, m)
	return nil
}

func (o *windowed) Explain() string {
	return fmt.Sprintf("Windowed %d, %d, %d", o.w.Duration, o.w.Slide, o.w.Start)
}
func (o *windowed) Close() error { return nil }

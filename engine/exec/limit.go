package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
)

// limit passes the first n rows of an epoch.
type limit struct {
	n, left int64
	global  bool
	// whole takes the rows behind the limit too: what stands beneath has state to keep and rows to count.
	whole bool
}

// NewLimit makes a limit over one instance's rows: local on every instance, global behind a Single exchange.
func NewLimit(n int64, global bool) Operator { return &limit{n: n, global: global} }

// NewWholeLimit makes a local limit that lets all rows come.
func NewWholeLimit(n int64) Operator { return &limit{n: n, whole: true} }

func (l *limit) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	if l.left <= 0 {
		return l.enough()
	}
	if b.NumRows() < l.left {
		l.left -= b.NumRows()
		return emit(b)
	}
	out := b.NewSlice(0, l.left)
	defer out.Release()
	l.left = 0
	if err := emit(out); err != nil {
		return err
	}
	return l.enough()
}

func (l *limit) enough() error {
	if l.whole {
		return nil
	}
	return errs.Stop
}

func (l *limit) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	if m.Kind == Begin {
		l.left = l.n
	}
	return nil
}

func (l *limit) Explain() string {
	if l.global {
		return fmt.Sprint("GlobalLimit ", l.n)
	}
	return fmt.Sprint("LocalLimit ", l.n)
}

func (l *limit) Close() error { return nil }

// offset skips the first n rows of an epoch, behind a Single exchange.
type offset struct{ n, left int64 }

// NewOffset makes offset.
func NewOffset(n int64) Operator { return &offset{n: n} }

func (o *offset) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	if o.left == 0 {
		return emit(b)
	}
	if b.NumRows() <= o.left {
		o.left -= b.NumRows()
		return nil
	}
	out := b.NewSlice(o.left, b.NumRows())
	defer out.Release()
	o.left = 0
	return emit(out)
}

func (o *offset) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	if m.Kind == Begin {
		o.left = o.n
	}
	return nil
}

func (o *offset) Explain() string { return fmt.Sprint("Offset ", o.n) }
func (o *offset) Close() error    { return nil }

// tail passes the last n rows of an epoch, behind a Single exchange. It holds no more batches than hold n rows.
type tail struct {
	n    int64
	held []arrow.RecordBatch
	rows int64
}

// NewTail makes tail.
func NewTail(n int64) Operator { return &tail{n: n} }

func (t *tail) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	b.Retain()
	t.held = append(t.held, b)
	t.rows += b.NumRows()
	for len(t.held) > 0 && t.rows-t.held[0].NumRows() >= t.n {
		t.rows -= t.held[0].NumRows()
		t.held[0].Release()
		t.held = t.held[1:]
	}
	return nil
}

func (t *tail) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	if m.Kind != End {
		return nil
	}
	skip := max(t.rows-t.n, 0)
	var err error
	for _, b := range t.held {
		if err == nil {
			out := b.NewSlice(skip, b.NumRows())
			err = emit(out)
			out.Release()
		}
		skip = 0
		b.Release()
	}
	t.held, t.rows = nil, 0
	return err
}

func (t *tail) Explain() string { return fmt.Sprint("Tail ", t.n) }

func (t *tail) Close() error {
	for _, b := range t.held {
		b.Release()
	}
	t.held = nil
	return nil
}

package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/udf"
)

// ForeachSpec is a user's writer that takes row after row.
type ForeachSpec struct {
	Runner udf.Runner
	// Spec says what the worker does; Partition and Epoch are filled in.
	Spec udf.Spec
	// Fed is of the feed beneath.
	Fed bool
}

// foreach gives rows to a writer in a worker: one run a partition, which is a split where the stage reads sources and
// the instance elsewhere. A partition without rows has a run too, since a writer may count its openings.
type foreach struct {
	spec      ForeachSpec
	i         Instance
	epoch     int64
	partition int
	fed       bool // an exchange feeds the stage, whose instances are then the partitions
	split     bool // the epoch's rows come in splits
	open      bool // a partition has begun that had no run
	in        udf.Instance
}

// NewForeach makes the root of a query with a user's writer.
func NewForeach(i Instance, spec ForeachSpec) Operator {
	return &foreach{spec: spec, i: i, fed: spec.Fed}
}

// Fed says that an exchange feeds the stage of a feed, which then has no splits.
func Fed(f Feed) bool {
	n, ok := f.(*Node)
	if !ok {
		_, leaf := f.(*Leaf)
		return !leaf
	}
	for _, in := range n.Inputs {
		if !Fed(in) {
			return false
		}
	}
	return len(n.Inputs) > 0
}

func (f *foreach) Process(ctx context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	if b.NumRows() == 0 {
		return nil
	}
	if err := f.begin(ctx); err != nil {
		return err
	}
	if err := f.in.Send(ctx, b); err != nil {
		return err
	}
	_, err := f.in.Receive(ctx, false) // it gives nothing; the writer's error comes this way
	return err
}

func (f *foreach) begin(ctx context.Context) (err error) {
	f.open = false
	if f.in == nil {
		s := f.spec.Spec
		s.Partition, s.Epoch = f.partition, f.epoch
		f.in, err = f.spec.Runner.Open(ctx, s)
	}
	return err
}

func (f *foreach) Mark(ctx context.Context, _ int, m Mark, _ Emit) error {
	switch m.Kind {
	case Begin:
		f.epoch, f.partition, f.open, f.split = m.Epoch.ID, f.i.Index, false, false
	case Split:
		if err := f.end(ctx); err != nil {
			return err
		}
		f.partition, f.open, f.split = m.Split, true, true
	case End:
		f.open = f.open || f.fed && !f.split && f.in == nil
		return f.end(ctx)
	}
	return nil
}

// end ends a partition's run once the writer has taken all of it.
func (f *foreach) end(ctx context.Context) error {
	if f.open {
		if err := f.begin(ctx); err != nil {
			return err
		}
	}
	if f.in == nil {
		return nil
	}
	err := f.in.Finish(ctx)
	if err == nil {
		_, err = f.in.Receive(ctx, true)
	}
	if closeErr := f.release(); err == nil {
		err = closeErr
	}
	return err
}

func (f *foreach) release() error {
	if f.in == nil {
		return nil
	}
	in := f.in
	f.in = nil
	return in.Close()
}

func (f *foreach) Explain() string { return "WriteToDataSource ForeachSink" }
func (f *foreach) Close() error    { return f.release() }

package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// UDFSpec is a foreign function, or several fused, over one instance's rows.
type UDFSpec struct {
	Runner udf.Runner
	// Spec says what the worker does; Partition and Epoch are filled in. Its Input is the columns Columns.
	Spec    udf.Spec
	Columns []int
	// Keep are the input's columns that pass by the worker and come first in Schema; none for the map kinds.
	Keep   []int
	Schema *arrow.Schema
	Text   string
}

// foreign sends rows to a worker and joins what comes back with the columns that stayed. It sends on while earlier
// results are under way, and drains at the epoch's end (and a split's, where order counts). The worker is taken at
// the first rows of an epoch and given back at its end.
type foreign struct {
	spec  UDFSpec
	input *arrow.Schema
	i     Instance
	epoch int64
	in    udf.Instance
	held  []arrow.RecordBatch // sent, not yet answered
	stop  bool
}

// NewUDF makes the operator of Python functions.
func NewUDF(i Instance, spec UDFSpec) Operator { return &foreign{spec: spec, i: i} }

func (f *foreign) maps() bool {
	return f.spec.Spec.Kind == udf.MapArrow || f.spec.Spec.Kind == udf.MapPandas
}

func (f *foreign) Process(ctx context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	if f.stop {
		return errs.Stop
	}
	if b.NumRows() == 0 {
		return nil
	}
	if f.in == nil {
		if err := f.open(ctx); err != nil {
			return err
		}
	}
	if err := f.send(ctx, b); err != nil {
		return err
	}
	return f.receive(ctx, false, emit)
}

func (f *foreign) open(ctx context.Context) error {
	s := f.spec.Spec
	s.Partition, s.Epoch = f.i.Index, f.epoch
	in, err := f.spec.Runner.Open(ctx, s)
	f.in = in
	return err
}

// send hands the function's columns over and keeps the rows for the answer.
func (f *foreign) send(ctx context.Context, b arrow.RecordBatch) error {
	args := make([]arrow.Array, len(f.spec.Columns))
	fields := make([]arrow.Field, len(f.spec.Columns))
	for i, c := range f.spec.Columns {
		args[i], fields[i] = b.Column(c), b.Schema().Field(c)
		args[i].Retain()
	}
	if f.input == nil {
		f.input = arrow.NewSchema(fields, nil)
	}
	r := batch.Make(f.input, args, int(b.NumRows()))
	defer r.Release()
	if !f.maps() {
		b.Retain()
		f.held = append(f.held, b)
	}
	return f.in.Send(ctx, r)
}

// receive passes results on: those that are ready, or with wait all.
func (f *foreign) receive(ctx context.Context, wait bool, emit Emit) error {
	return answers(ctx, f.in, func() bool { return wait }, func(r arrow.RecordBatch) error {
		err := f.answer(r, emit)
		f.stop = f.stop || err == errs.Stop
		return err
	})
}

// answers takes what a worker answers: what is ready, and while wait says so what is to come.
func answers(ctx context.Context, in udf.Instance, wait func() bool, take func(arrow.RecordBatch) error) error {
	for {
		r, err := in.Receive(ctx, wait())
		if err != nil || r == nil {
			return err
		}
		err = take(r)
		r.Release()
		if err != nil {
			return err
		}
	}
}

// answer joins a result with the columns that stayed.
func (f *foreign) answer(r arrow.RecordBatch, emit Emit) error {
	var out []arrow.Array
	if !f.maps() {
		if len(f.held) == 0 || f.held[0].NumRows() != r.NumRows() {
			return errs.Internal("a worker answered %d rows to other batches than it was sent", r.NumRows())
		}
		b := f.held[0]
		f.held = f.held[1:]
		defer b.Release()
		for _, k := range f.spec.Keep {
			out = append(out, b.Column(k))
		}
	}
	out = append(out, r.Columns()...)
	for _, c := range out {
		c.Retain()
	}
	joined := batch.Make(f.spec.Schema, out, int(r.NumRows()))
	defer joined.Release()
	if joined.NumRows() == 0 {
		return nil
	}
	return emit(joined)
}

func (f *foreign) Mark(ctx context.Context, _ int, m Mark, emit Emit) error {
	switch m.Kind {
	case Begin:
		f.epoch, f.stop = m.Epoch.ID, false
	case End, SplitEnd:
		return f.drain(ctx, emit)
	}
	return nil
}

// drain ends the worker's stream. Where nobody needs more rows, what is under way is thrown away with it.
func (f *foreign) drain(ctx context.Context, emit Emit) error {
	if f.in == nil {
		return nil
	}
	var err error
	if !f.stop {
		if err = f.in.Finish(ctx); err == nil {
			err = f.receive(ctx, true, emit)
		}
		if err == nil && len(f.held) > 0 {
			err = errs.Internal("a worker left %d batches without an answer", len(f.held))
		}
	}
	if closeErr := f.release(); unlessStop(err) == nil && closeErr != nil {
		err = closeErr
	}
	return err
}

func (f *foreign) release() error {
	for _, b := range f.held {
		b.Release()
	}
	f.held = nil
	if f.in == nil {
		return nil
	}
	in := f.in
	f.in = nil
	return in.Close()
}

func (f *foreign) Explain() string { return "PythonUDF " + f.spec.Text }
func (f *foreign) Close() error    { return f.release() }

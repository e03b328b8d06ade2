package exec

import (
	"context"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
)

// Observation is what observe collects in an epoch: each instance's operator leaves the accumulators of its rows here,
// and Row makes them the metrics. The operators run at once; Row is for between epochs.
type Observation struct {
	// Calls and Outputs compile the aggregates, and the metrics over their results, for one user each.
	Calls   func() ([]Call, error)
	Outputs func() ([]expr.Evaluator, error)
	// Buffers, Results and Schema are those of the accumulators, of the aggregates and of the metrics.
	Buffers, Results, Schema *arrow.Schema
	Text                     string

	mu    sync.Mutex
	parts map[int]arrow.RecordBatch // by instance; those of a stage that runs once stay
	begin Mark
}

// Operator makes the operator of one instance.
func (o *Observation) Operator(i Instance) (Operator, error) {
	calls, err := o.Calls()
	if err != nil {
		return nil, err
	}
	c := i.Context()
	accs, err := newAccumulators(c, calls)
	if err != nil {
		return nil, err
	}
	accs.grow(1)
	return &observe{o: o, index: i.Index, c: c, accs: accs}, nil
}

func (o *Observation) leave(index int, b arrow.RecordBatch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parts == nil {
		o.parts = map[int]arrow.RecordBatch{}
	}
	if old := o.parts[index]; old != nil {
		old.Release()
	}
	o.parts[index] = b
}

// Row gives the metrics of the last epoch, one row owned by the caller.
func (o *Observation) Row(i Instance) (arrow.RecordBatch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	calls, err := o.Calls()
	if err != nil {
		return nil, err
	}
	c := i.Context()
	follow(c, o.begin)
	accs, err := newAccumulators(c, calls)
	if err != nil {
		return nil, err
	}
	defer accs.close()
	accs.grow(1)
	for k := 0; k < len(o.parts); k++ { // in the order of the instances, so that first() and its kin answer alike
		if part := o.parts[k]; part != nil {
			if err := accs.merge(part, 0, []int32{0}); err != nil {
				return nil, err
			}
		}
	}
	results, err := accs.results([]int32{0})
	if err != nil {
		return nil, err
	}
	one := batch.Make(o.Results, results, 1)
	defer one.Release()
	outputs, err := o.Outputs()
	if err != nil {
		return nil, err
	}
	made, err := columns(c, outputs, one)
	if err != nil {
		return nil, err
	}
	return batch.Make(o.Schema, made, 1), nil
}

// Close lets go of what the instances left.
func (o *Observation) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.parts {
		b.Release()
	}
	o.parts = nil
}

// observe aggregates the rows that pass and changes none.
type observe struct {
	o     *Observation
	index int
	c     *expr.Context
	accs  *accumulators
	slots []int32
}

func (w *observe) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	n := int(b.NumRows())
	if len(w.slots) < n {
		w.slots = make([]int32, n)
	}
	if err := w.accs.update(b, w.slots[:n]); err != nil {
		return err
	}
	w.c.RowBase += b.NumRows()
	return emit(b)
}

func (w *observe) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(w.c, m)
	switch m.Kind {
	case Begin:
		w.o.mu.Lock()
		w.o.begin = m
		w.o.mu.Unlock()
	case End:
		out, err := w.accs.partials([]int32{0})
		if err != nil {
			return err
		}
		w.o.leave(w.index, batch.Make(w.o.Buffers, out, 1))
		w.accs.clear([]int32{0})
	}
	return nil
}

func (w *observe) Explain() string { return "CollectMetrics " + w.o.Text }
func (w *observe) Close() error {
	w.accs.close()
	return nil
}

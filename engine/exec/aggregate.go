package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// Phase is what an aggregation takes and gives.
type Phase uint8

const (
	// Partial takes rows and gives keys with buffers: what crosses an exchange. It may give a group more than once.
	Partial Phase = iota
	// Final takes keys with buffers and gives keys with results.
	Final
	// Complete takes rows and gives keys with results.
	Complete
	// Combine takes keys with buffers and gives them, fewer.
	Combine
)

// AggregateSpec is an aggregation, compiled for one instance.
type AggregateSpec struct {
	Phase Phase
	// Keys over input rows; where buffers come in the keys are the first columns, then the buffers of each call in turn.
	Keys     []expr.Evaluator
	KeyTypes []types.Type
	Calls    []Call
	// Schema is keys, then buffers or results.
	Schema *arrow.Schema
	Text   string
}

// flushGroups is how many groups a Partial aggregation holds before it gives them on: more would fall out of the cache.
const flushGroups = 1 << 17

// aggregate groups the rows of an epoch. It keeps nothing over epochs.
type aggregate struct {
	spec   AggregateSpec
	c      *expr.Context
	groups state.Groups
	accs   *accumulators
	first  bool // the instance that gives the row of a global aggregate over nothing
	slots  []int32
}

// NewAggregate makes a hash aggregation. Without keys, Final and Complete give one row even where no row came, so they
// stand behind a Single exchange. It holds all groups of an epoch in memory, Partial and Combine at most flushGroups.
func NewAggregate(i Instance, spec AggregateSpec) (Operator, error) {
	c := i.Context()
	accs, err := newAccumulators(c, spec.Calls)
	if err != nil {
		return nil, err
	}
	return &aggregate{spec: spec, c: c, groups: state.NewGroups(spec.KeyTypes), accs: accs, first: i.Index == 0}, nil
}

func (a *aggregate) rowsIn() bool { return a.spec.Phase == Partial || a.spec.Phase == Complete }

func (a *aggregate) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	n := int(b.NumRows())
	if n == 0 {
		return nil
	}
	slots := a.grow(n)
	if err := a.assign(b, slots); err != nil {
		return err
	}
	var err error
	if a.rowsIn() {
		err = a.accs.update(b, slots)
		a.c.RowBase += b.NumRows()
	} else {
		err = a.accs.merge(b, len(a.spec.KeyTypes), slots)
	}
	if err != nil {
		return err
	}
	if a.spec.Phase != Final && a.spec.Phase != Complete && a.groups.Len() > flushGroups {
		return a.flush(emit)
	}
	return nil
}

// assign gives each row its group.
func (a *aggregate) assign(b arrow.RecordBatch, slots []int32) error {
	keys := b.Columns()[:min(len(a.spec.KeyTypes), int(b.NumCols()))]
	if a.rowsIn() {
		made, err := columns(a.c, a.spec.Keys, b)
		if err != nil {
			return err
		}
		defer batch.Release(made...)
		keys = made
	}
	a.groups.Slots(keys, len(slots), slots)
	a.accs.grow(a.groups.Size())
	return nil
}

func (a *aggregate) grow(n int) []int32 {
	if len(a.slots) < n {
		a.slots = make([]int32, n)
	}
	return a.slots[:n]
}

func (a *aggregate) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(a.c, m)
	if m.Kind != End {
		return nil
	}
	if len(a.spec.KeyTypes) == 0 && a.first && (a.spec.Phase == Final || a.spec.Phase == Complete) {
		a.groups.Slots(nil, 1, a.grow(1))
		a.accs.grow(1)
	}
	return a.flush(emit)
}

// flush emits all groups and forgets them.
func (a *aggregate) flush(emit Emit) error {
	all := a.groups.Live(make([]int32, 0, a.groups.Len()))
	var err error
	for lo := 0; lo < len(all) && err == nil; lo += batch.Rows {
		err = a.emit(all[lo:min(len(all), lo+batch.Rows)], emit)
	}
	a.accs.clear(all)
	a.groups.Reset()
	return err
}

func (a *aggregate) emit(slots []int32, emit Emit) error {
	values := a.accs.results
	if a.spec.Phase == Partial || a.spec.Phase == Combine {
		values = a.accs.partials
	}
	out, err := values(slots)
	if err != nil {
		return err
	}
	b := batch.Make(a.spec.Schema, append(a.groups.Keys(a.c.Mem, slots), out...), len(slots))
	defer b.Release()
	return emit(b)
}

func (a *aggregate) Explain() string {
	return fmt.Sprintf("HashAggregate %s %s", [...]string{"partial", "final", "complete", "combine"}[a.spec.Phase], a.spec.Text)
}

func (a *aggregate) Close() error {
	a.accs.close()
	return nil
}

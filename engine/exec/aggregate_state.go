package exec

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// StateAggregateSpec is a streaming aggregation. Its input is keys, then the buffers of each call: a Partial stands
// below it, behind an exchange over the keys with the store's number of partitions.
type StateAggregateSpec struct {
	Operator int
	Keys     []types.Field
	Calls    []Call
	Mode     sink.Mode
	// Due is the key that the watermark evicts by; not set, nothing is late and nothing goes.
	Due     state.DueBy
	Horizon Horizon
	// Schema is keys, then results.
	Schema *arrow.Schema
	Text   string
}

// stateAggregate keeps groups over epochs. Append emits a group when the watermark passes it, update the groups that
// changed, complete all of them. Rows not above LateBelow are dropped and counted, a group once.
type stateAggregate struct {
	spec  StateAggregateSpec
	c     *expr.Context
	accs  *accumulators
	table state.Table
	epoch Epoch
	first bool
	now   func() time.Time

	late    state.Groups // the late groups of the epoch
	counts  StateCounts
	touched *slotSet // this epoch's
	slots   []int32
}

// NewStateAggregate declares its table to the store.
func NewStateAggregate(i Instance, store state.Store, spec StateAggregateSpec) (Operator, error) {
	c := i.Context()
	accs, err := newAccumulators(c, spec.Calls)
	if err != nil {
		return nil, err
	}
	var values []types.Field
	var keys []types.Type
	for k, buffer := range accs.buffers {
		for j, t := range buffer {
			values = append(values, types.Field{Name: bufferName(spec.Calls[k].Agg.Fn.Name, j), Type: t, Nullable: true})
		}
	}
	for _, k := range spec.Keys {
		keys = append(keys, k.Type)
	}
	a := &stateAggregate{spec: spec, c: c, accs: accs, first: i.Index == 0, now: i.Now, late: state.NewGroups(keys), touched: new(slotSet)}
	a.table, err = store.Open(state.Spec{Operator: spec.Operator, Name: "aggregate", OperatorName: "stateStoreSave", Keys: spec.Keys, Values: values, Due: spec.Due},
		i.Index, i.Count, (*aggregatePayload)(accs))
	if err != nil {
		accs.close()
		return nil, err
	}
	return a, nil
}

// bufferName is what Spark calls the columns of a function's partial result, for readers of the state.
func bufferName(function string, column int) string {
	names := bufferNames[function]
	if column < len(names) {
		return names[column]
	}
	if column == 0 {
		return function
	}
	return fmt.Sprintf("%s_%d", function, column)
}

var bufferNames = map[string][]string{
	"sum": {"sum", "isEmpty"}, "avg": {"sum", "count"}, "first": {"first", "valueSet"}, "last": {"last", "valueSet"},
	"min_by": {"extremumValue", "extremumOrdering"}, "max_by": {"extremumValue", "extremumOrdering"}, "collect_list": {"buf"}, "collect_set": {"buf"},
}

// aggregatePayload is accumulators as a table's payload: a value is written by merging it into an empty slot.
type aggregatePayload accumulators

func (p *aggregatePayload) Grow(n int) { (*accumulators)(p).grow(n) }
func (p *aggregatePayload) Read(slots []int32) ([]arrow.Array, error) {
	return (*accumulators)(p).partials(slots)
}
func (p *aggregatePayload) Write(slots []int32, columns []arrow.Array) error {
	p.Clear(slots)
	return (*accumulators)(p).mergeColumns(columns, slots)
}
func (p *aggregatePayload) Clear(slots []int32) { (*accumulators)(p).clear(slots) }
func (p *aggregatePayload) Bytes() int64        { return (*accumulators)(p).bytes() }

func (a *stateAggregate) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	began := a.now()
	b, owned, err := a.dropLate(b)
	if err != nil {
		return err
	}
	if owned {
		defer b.Release()
	}
	n := int(b.NumRows())
	if n == 0 {
		return nil
	}
	if len(a.slots) < n {
		a.slots = make([]int32, n)
	}
	slots, keys := a.slots[:n], len(a.spec.Keys)
	if err := a.table.Slots(b.Columns()[:keys], n, slots); err != nil {
		return err
	}
	if err := a.accs.merge(b, keys, slots); err != nil {
		return err
	}
	a.table.Touch(slots)
	if a.spec.Mode == sink.Update {
		a.touched.add(slots)
	}
	a.counts.UpdateNanos += int64(a.now().Sub(began))
	return nil
}

// dropLate takes out rows whose event time the watermark of the epoch before has passed.
func (a *stateAggregate) dropLate(b arrow.RecordBatch) (arrow.RecordBatch, bool, error) {
	if a.spec.Mode == sink.Complete {
		return b, false, nil
	}
	late, kept, err := lateRows(b, a.spec.Due, a.epoch.LateBelow)
	if err != nil || late == nil {
		return b, false, err
	}
	gone := make([]arrow.Array, len(a.spec.Keys))
	for i := range gone {
		gone[i] = batch.Take(a.c.Mem, b.Column(i), late)
	}
	a.counts.Dropped += int64(len(a.late.Slots(gone, len(late), make([]int32, len(late)))))
	batch.Release(gone...)
	return batch.TakeBatch(a.c.Mem, b, kept), true, nil
}

func (a *stateAggregate) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(a.c, m)
	switch m.Kind {
	case Begin:
		a.epoch = a.spec.Horizon.Of(m.Epoch)
		a.counts = StateCounts{Operator: a.spec.Operator, Name: "stateStoreSave"}
		a.late.Reset()
		if len(a.spec.Keys) == 0 && a.first {
			return a.global()
		}
	case End:
		return a.end(emit)
	}
	return nil
}

// global makes the one group of an aggregation without keys: it is there, and counts as changed, from the first epoch on.
func (a *stateAggregate) global() error {
	slot := []int32{0}
	if err := a.table.Slots(nil, 1, slot); err != nil {
		return err
	}
	a.table.Touch(slot)
	if a.spec.Mode == sink.Update {
		a.touched.add(slot)
	}
	return nil
}

func (a *stateAggregate) end(emit Emit) error {
	began := a.now()
	var err error
	switch a.spec.Mode {
	case sink.Complete:
		err = a.table.Scan(func(slots []int32) error { return a.emit(slots, emit) })
	case sink.Update:
		err = a.emit(a.touched.slots, emit)
		a.touched.reset()
	}
	emitted := a.now()
	a.counts.UpdateNanos += int64(emitted.Sub(began))
	updated, _ := a.table.Changed() // groups that go in the same epoch count as well
	if a.spec.Due.Set && a.spec.Mode != sink.Complete && a.epoch.Watermark != math.MinInt64 {
		due := a.table.Due(a.epoch.Watermark)
		if a.spec.Mode == sink.Append {
			if e := a.emit(due, emit); unlessStop(e) != nil {
				return e
			}
		}
		a.table.Delete(due)
		a.counts.RemoveNanos += int64(a.now().Sub(emitted))
	}
	_, removed := a.table.Changed()
	a.counts.Updated, a.counts.Removed = int64(updated), int64(removed)
	return err
}

func (a *stateAggregate) emit(slots []int32, emit Emit) error {
	return bySlots(slots, func(some []int32) error { return a.emitSome(some, emit) })
}

// bySlots gives slots in parts of at most a batch.
func bySlots(slots []int32, do func(some []int32) error) error {
	for lo := 0; lo < len(slots); lo += batch.Rows {
		if err := do(slots[lo:min(len(slots), lo+batch.Rows)]); err != nil {
			return err
		}
	}
	return nil
}

func (a *stateAggregate) emitSome(slots []int32, emit Emit) error {
	keys, err := a.table.Keys(slots)
	if err != nil {
		return err
	}
	values, err := a.accs.results(slots)
	if err != nil {
		batch.Release(keys...)
		return err
	}
	b := batch.Make(a.spec.Schema, append(keys, values...), len(slots))
	defer b.Release()
	return emit(b)
}

func (a *stateAggregate) stateCounts() StateCounts {
	c := a.counts
	c.Operator, c.Name = a.spec.Operator, "stateStoreSave"
	c.Rows, c.Bytes = int64(a.table.Len()), a.table.Bytes()
	return c
}

func (a *stateAggregate) Explain() string {
	return fmt.Sprintf("StateAggregate %s %s", a.spec.Mode, a.spec.Text)
}

func (a *stateAggregate) Close() error {
	a.accs.close()
	return nil
}

// slotSet is slots in the order of their first adding.
type slotSet struct {
	slots []int32
	bits  []uint64
}

func (s *slotSet) add(slots []int32) {
	for _, x := range slots {
		for int(x>>6) >= len(s.bits) {
			s.bits = append(s.bits, 0)
		}
		if bit := uint64(1) << (uint(x) & 63); s.bits[x>>6]&bit == 0 {
			s.bits[x>>6] |= bit
			s.slots = append(s.slots, x)
		}
	}
}

func (s *slotSet) reset() {
	for _, x := range s.slots {
		s.bits[x>>6] = 0
	}
	s.slots = s.slots[:0]
}

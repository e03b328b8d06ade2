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

// StateSessionSpec is a streaming aggregation by sessions. Its input is keys, one of them the session, then the buffers of
// each call, behind an exchange over the other keys with the store's number of partitions.
type StateSessionSpec struct {
	Operator int
	Keys     []types.Field
	Session  int
	Calls    []Call
	Mode     sink.Mode // append or complete
	// Ordered is as in SessionSpec.
	Ordered bool
	// Evicts says that the session bears the event-time mark: without it nothing is late and nothing goes.
	Evicts  bool
	Horizon Horizon
	// Schema is keys, then results.
	Schema *arrow.Schema
	Text   string
}

// sessionOperator is Spark's name of the operator.
const sessionOperator = "sessionWindowStateStoreSaveExec"

// stateSessions keeps sessions over epochs: a row of the table is a key with the session's start, and the end with the
// accumulators are its payload. Which sessions a key has is known by an index in memory, made of the table in the
// first epoch. Append emits a session when the watermark passes its end, complete all of them. Rows whose own session
// the watermark has passed are dropped, in complete mode too.
type stateSessions struct {
	spec    StateSessionSpec
	c       *expr.Context
	accs    *accumulators
	load    *sessionPayload
	table   state.Table
	index   *sessionIndex
	rows    []int32 // by session: its slot in the table, or -1
	numbers []int32 // by slot: its session
	ready   bool
	epoch   Epoch
	now     func() time.Time

	late    state.Groups
	touched *slotSet // the keys that the epoch had rows of
	counts  StateCounts
	held    heldRows
	slots   []int32
}

// NewStateSessions declares its table to the store.
func NewStateSessions(i Instance, store state.Store, spec StateSessionSpec) (Operator, error) {
	c := i.Context()
	accs, err := newAccumulators(c, spec.Calls)
	if err != nil {
		return nil, err
	}
	start := spec.Keys[spec.Session].Type.(types.Struct).Fields[0].Type
	keys := append(without(spec.Keys, spec.Session), types.Field{Name: "sessionStartTime", Type: start})
	values := []types.Field{{Name: "end", Type: types.Long}}
	for k, buffer := range accs.buffers {
		for j, t := range buffer {
			values = append(values, types.Field{Name: bufferName(spec.Calls[k].Agg.Fn.Name, j), Type: t, Nullable: true})
		}
	}
	all := make([]types.Type, len(spec.Keys))
	for k, f := range spec.Keys {
		all[k] = f.Type
	}
	o := &stateSessions{spec: spec, c: c, accs: accs, now: i.Now, late: state.NewGroups(all), touched: new(slotSet), index: newSessionIndex(without(all, spec.Session))}
	o.load = &sessionPayload{accs: accs, c: c}
	declared := state.Spec{Operator: spec.Operator, Name: "sessions", OperatorName: sessionOperator, Keys: keys, Values: values, PartitionBy: len(keys) - 1, Resident: true}
	if spec.Evicts && spec.Mode != sink.Complete {
		declared.Due = state.DueBy{Set: true, Value: true, Field: -1}
	}
	if o.table, err = store.Open(declared, i.Index, i.Count, o.load); err != nil {
		accs.close()
		return nil, err
	}
	return o, nil
}

// sessionPayload is the end and the accumulators of each slot.
type sessionPayload struct {
	c    *expr.Context
	accs *accumulators
	ends []int64
}

func (p *sessionPayload) Grow(n int) {
	if n > len(p.ends) {
		p.ends = append(p.ends, make([]int64, n-len(p.ends))...)
	}
	p.accs.grow(n)
}

func (p *sessionPayload) Read(slots []int32) ([]arrow.Array, error) {
	out, err := p.accs.partials(slots)
	if err != nil {
		return nil, err
	}
	ends := batch.NewFixed[int64](p.c.Mem, len(slots))
	for i, s := range slots {
		ends.Values[i] = p.ends[s]
	}
	return append([]arrow.Array{ends.Done(arrow.PrimitiveTypes.Int64, nil)}, out...), nil
}

func (p *sessionPayload) Write(slots []int32, columns []arrow.Array) error {
	p.accs.clear(slots)
	for i, e := range batch.Values[int64](columns[0]) {
		p.ends[slots[i]] = e
	}
	return p.accs.mergeColumns(columns[1:], slots)
}

func (p *sessionPayload) Clear(slots []int32) { p.accs.clear(slots) }
func (p *sessionPayload) Bytes() int64        { return p.accs.bytes() + int64(cap(p.ends)*8) }

func (o *stateSessions) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	began := o.now()
	b, owned := o.dropLate(b)
	if owned {
		defer b.Release()
	}
	if b.NumRows() == 0 {
		return nil
	}
	if o.spec.Ordered {
		b.Retain()
		o.held = append(o.held, b)
		return nil
	}
	err := o.absorb(b)
	o.counts.UpdateNanos += int64(o.now().Sub(began))
	return err
}

// dropLate takes out rows whose own session the watermark of the epoch before has passed, and counts them, equal ones
// once.
func (o *stateSessions) dropLate(b arrow.RecordBatch) (arrow.RecordBatch, bool) {
	if !o.spec.Evicts || o.epoch.LateBelow == math.MinInt64 {
		return b, false
	}
	_, ends := spans(b.Column(o.spec.Session))
	var late, kept []int32
	for i, e := range ends {
		if e <= o.epoch.LateBelow {
			late = append(late, int32(i))
		}
	}
	if late == nil {
		return b, false
	}
	for i, e := range ends {
		if e > o.epoch.LateBelow {
			kept = append(kept, int32(i))
		}
	}
	gone := make([]arrow.Array, len(o.spec.Keys))
	for i := range gone {
		gone[i] = batch.Take(o.c.Mem, b.Column(i), late)
	}
	o.counts.Dropped += int64(len(o.late.Slots(gone, len(late), make([]int32, len(late)))))
	batch.Release(gone...)
	return batch.TakeBatch(o.c.Mem, b, kept), true
}

// absorb merges rows with each other and with the sessions that are there.
func (o *stateSessions) absorb(b arrow.RecordBatch) error {
	n, keys := int(b.NumRows()), len(o.spec.Keys)
	if len(o.slots) < n {
		o.slots = make([]int32, n)
	}
	slots := o.slots[:n]
	others := without(b.Columns()[:keys], o.spec.Session)
	starts, ends := spans(b.Column(o.spec.Session))
	found := o.index.find(others, n)
	o.touched.add(found)
	o.index.add(found, starts, ends, slots)
	defer o.index.settle()
	gone, to, err := o.enter(others, slots)
	if err != nil {
		return err
	}
	for i, s := range slots {
		slots[i] = o.rows[s]
	}
	if o.spec.Ordered {
		err = o.mergeInTime(b, slots, starts, gone, to)
	} else if err = o.accs.merge(b, keys, slots); err == nil && len(gone) > 0 {
		err = o.move(gone, to)
	}
	if err != nil {
		return err
	}
	o.table.Delete(gone)
	o.settle(slots)
	return nil
}

// enter makes table rows for the sessions that are new and live. It gives the slots of those that were swallowed, with
// the slots of what they are part of now.
func (o *stateSessions) enter(others []arrow.Array, slots []int32) (gone, to []int32, err error) {
	o.grow()
	for _, s := range o.index.made {
		o.rows[s] = -1
	}
	var made, from []int32
	for i, s := range slots {
		if o.rows[s] == -1 {
			o.rows[s] = -2
			made, from = append(made, s), append(from, int32(i))
		}
	}
	if len(made) > 0 {
		keys := make([]arrow.Array, len(others), len(others)+1)
		for i, k := range others {
			keys[i] = batch.Take(o.c.Mem, k, from)
		}
		begin := batch.NewFixed[int64](o.c.Mem, len(made))
		for i, s := range made {
			begin.Values[i] = o.index.all[s].start
		}
		keys = append(keys, begin.Done(types.Arrow(o.spec.Keys[o.spec.Session].Type.(types.Struct).Fields[0].Type), nil))
		into := from
		err = o.table.Slots(keys, len(made), into)
		batch.Release(keys...)
		if err != nil {
			return nil, nil, err
		}
		for i, s := range made {
			o.bind(s, into[i])
		}
	}
	for _, s := range o.index.dead {
		if slot := o.rows[s]; slot >= 0 {
			gone, to = append(gone, slot), append(to, o.rows[o.index.root(s)])
		}
	}
	return gone, to, nil
}

func (o *stateSessions) grow() {
	for len(o.rows) < len(o.index.all) {
		o.rows = append(o.rows, -1)
	}
}

// bind says which slot of the table a session has.
func (o *stateSessions) bind(session, slot int32) {
	o.rows[session] = slot
	for int(slot) >= len(o.numbers) {
		o.numbers = append(o.numbers, -1)
	}
	o.numbers[slot] = session
}

// move merges what slots hold into others.
func (o *stateSessions) move(from, to []int32) error {
	parts, err := o.accs.partials(from)
	if err != nil {
		return err
	}
	defer batch.Release(parts...)
	return o.accs.mergeColumns(parts, to)
}

// mergeInTime merges rows, and what swallowed sessions hold, in the order of their starts.
func (o *stateSessions) mergeInTime(b arrow.RecordBatch, slots []int32, starts []int64, gone, to []int32) error {
	columns := b.Columns()[len(o.spec.Keys):]
	n := len(slots)
	if len(gone) > 0 {
		parts, err := o.accs.partials(gone)
		if err != nil {
			return err
		}
		joined := make([]arrow.Array, len(columns))
		defer func() { batch.Release(joined...) }()
		for i, p := range parts {
			if err == nil {
				joined[i], err = batch.Concat(o.c.Mem, []arrow.Array{p, columns[i]})
			}
			p.Release()
		}
		if err != nil {
			return err
		}
		columns = joined
		begin := make([]int64, 0, len(gone)+n)
		for _, s := range gone {
			begin = append(begin, o.index.all[o.numbers[s]].start)
		}
		starts, slots = append(begin, starts...), append(append([]int32(nil), to...), slots...)
	}
	order := inTime(starts)
	sorted, into := make([]arrow.Array, len(columns)), make([]int32, len(order))
	for i, c := range columns {
		sorted[i] = batch.Take(o.c.Mem, c, order)
	}
	defer batch.Release(sorted...)
	for i, row := range order {
		into[i] = slots[row]
	}
	return o.accs.mergeColumns(sorted, into)
}

// settle tells the table what the sessions of these slots have become.
func (o *stateSessions) settle(slots []int32) {
	ends := make([]int64, len(slots))
	for i, slot := range slots {
		ends[i] = o.index.all[o.numbers[slot]].end
		o.load.ends[slot] = ends[i]
	}
	if o.spec.Evicts && o.spec.Mode != sink.Complete {
		o.table.Schedule(slots, ends)
	}
	o.table.Touch(slots)
}

// restore makes the index of what the table holds.
func (o *stateSessions) restore() error {
	o.ready = true
	all := o.table.All()
	for lo := 0; lo < len(all); lo += batch.Rows {
		slots := all[lo:min(len(all), lo+batch.Rows)]
		keys, err := o.table.Keys(slots)
		if err != nil {
			return err
		}
		last := len(keys) - 1
		starts := batch.Values[int64](keys[last])
		ends, sessions := make([]int64, len(slots)), make([]int32, len(slots))
		for i, s := range slots {
			ends[i] = o.load.ends[s]
		}
		o.index.add(o.index.find(keys[:last], len(slots)), starts, ends, sessions)
		o.index.settle()
		o.grow()
		for i, s := range sessions {
			o.bind(s, slots[i])
		}
		batch.Release(keys...)
	}
	return nil
}

func (o *stateSessions) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(o.c, m)
	switch m.Kind {
	case Begin:
		o.epoch = o.spec.Horizon.Of(m.Epoch)
		o.counts = StateCounts{}
		o.late.Reset()
		if !o.ready {
			return o.restore()
		}
	case End:
		return o.end(emit)
	}
	return nil
}

func (o *stateSessions) end(emit Emit) error {
	began := o.now()
	err := o.absorbHeld()
	if err == nil && o.spec.Mode == sink.Complete {
		err = o.emit(o.table.All(), emit)
	}
	if unlessStop(err) != nil {
		return err
	}
	evicting := o.now()
	_, merged := o.table.Changed()
	o.counts.Updated, o.counts.Removed = o.written(), int64(merged)
	o.counts.UpdateNanos += int64(evicting.Sub(began))
	if o.spec.Evicts && o.spec.Mode != sink.Complete && o.epoch.Watermark != math.MinInt64 {
		due := o.table.Due(o.epoch.Watermark)
		if e := o.emit(due, emit); e != nil && err == nil {
			err = e
		}
		if unlessStop(err) != nil {
			return err
		}
		sessions := make([]int32, len(due))
		for i, slot := range due {
			sessions[i] = o.numbers[slot]
		}
		o.index.remove(sessions)
		o.table.Delete(due)
		o.counts.Removed += int64(len(due))
		o.counts.RemoveNanos += int64(o.now().Sub(evicting))
	}
	return err
}

// written is how many sessions count as updated: all of each key that the epoch had rows of, as PySpark writes them anew.
func (o *stateSessions) written() (n int64) {
	for _, key := range o.touched.slots {
		for s := o.index.heads[key]; s >= 0; s = o.index.all[s].earlier {
			n++
		}
	}
	o.touched.reset()
	return n
}

func (o *stateSessions) absorbHeld() error {
	all, err := o.held.joined(o.c.Mem)
	if err != nil || all == nil {
		return err
	}
	defer all.Release()
	return o.absorb(all)
}

func (o *stateSessions) emit(slots []int32, emit Emit) error {
	return bySlots(slots, func(some []int32) error { return o.emitSome(some, emit) })
}

func (o *stateSessions) emitSome(slots []int32, emit Emit) error {
	keys, err := o.table.Keys(slots)
	if err != nil {
		return err
	}
	last := len(keys) - 1
	dt := o.spec.Schema.Field(o.spec.Session).Type
	ends := batch.NewFixed[int64](o.c.Mem, len(slots))
	for i, s := range slots {
		ends.Values[i] = o.load.ends[s]
	}
	end := ends.Done(dt.(*arrow.StructType).Field(1).Type, nil)
	begin := keys[last]
	keys = with(keys[:last:last], o.spec.Session, span(dt, begin, end))
	batch.Release(begin, end)
	values, err := o.accs.results(slots)
	if err != nil {
		batch.Release(keys...)
		return err
	}
	b := batch.Make(o.spec.Schema, append(keys, values...), len(slots))
	defer b.Release()
	return emit(b)
}

func (o *stateSessions) stateCounts() StateCounts {
	c := o.counts
	c.Operator, c.Name = o.spec.Operator, sessionOperator
	c.Rows, c.Bytes = int64(o.table.Len()), o.table.Bytes()+o.index.bytes()
	return c
}

func (o *stateSessions) Explain() string {
	return fmt.Sprintf("StateSessions %s %s", o.spec.Mode, o.spec.Text)
}

func (o *stateSessions) Close() error {
	o.held.release()
	o.accs.close()
	return nil
}

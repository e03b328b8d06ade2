package exec

import (
	"context"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// GroupStateSpec is applyInPandasWithState. Its input stands behind an exchange over the keys with the store's number of
// partitions.
type GroupStateSpec struct {
	Operator int
	Runner   udf.Runner
	// Spec says what the worker does; Partition, Epoch, Now and Watermark are filled in.
	Spec     udf.Spec
	Port     GroupedPort
	Keys     []types.Field
	PartRows int
	// EventTime is the input column that says which rows are late, or -1.
	EventTime int
	Horizon   Horizon
	// Schema is that of the rows out.
	Schema *arrow.Schema
	Text   string
}

// groupState gathers an epoch's rows, and at its end sends each group with its state to a worker; then the groups whose
// time is out, without rows. What the worker answers for a group counts once: its state is written when its last row
// has come, and a worker that takes over from a dead one gives only what was not given before.
type groupState struct {
	spec  GroupStateSpec
	i     Instance
	rows  *gathered
	table state.Table
	state *kept
	input *arrow.Schema
	epoch Epoch

	in     udf.Instance
	stop   bool
	keys   []arrow.Array // of the groups under way, by place
	sent   []int32       // places of groups whose last part was sent, from answered on unanswered
	done   int
	counts StateCounts
}

// NewGroupState declares its table to the store. Its values are the state, which is null where there is none, and with
// a timeout the time in milliseconds, which is null where there is none.
func NewGroupState(i Instance, store state.Store, spec GroupStateSpec) (Operator, error) {
	values := []types.Field{{Name: "groupState", Type: spec.Spec.State.Type, Nullable: true}}
	due := state.DueBy{}
	if spec.Spec.State.Timeout != udf.NoTimeout {
		values = append(values, types.Field{Name: "timeoutTimestamp", Type: types.Long, Nullable: true})
		due = state.DueBy{Set: true, Value: true, Column: 1, Field: -1}
	}
	var kinds []types.Type
	for _, k := range spec.Keys {
		kinds = append(kinds, k.Type)
	}
	g := &groupState{spec: spec, i: i, state: newKept(i.Mem, values), rows: newGathered(i.Mem, []GroupedPort{spec.Port}, kinds)}
	var err error
	g.table, err = store.Open(state.Spec{Operator: spec.Operator, Name: "groupState", OperatorName: "applyInPandasWithState", Keys: spec.Keys, Values: values, Due: due}, i.Index, i.Count, g.state)
	return g, err
}

func (g *groupState) timed() bool { return len(g.state.types) > 1 }

func (g *groupState) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	began := g.i.Now()
	b, owned, err := g.dropLate(b)
	if err != nil {
		return err
	}
	if owned {
		defer b.Release()
	}
	if b.NumRows() > 0 {
		err = g.rows.add(0, b)
	}
	g.counts.UpdateNanos += int64(g.i.Now().Sub(began))
	return err
}

// dropLate takes out rows whose event time the watermark has passed, where the timeout goes by it.
func (g *groupState) dropLate(b arrow.RecordBatch) (arrow.RecordBatch, bool, error) {
	if g.spec.EventTime < 0 || g.epoch.LateBelow == math.MinInt64 {
		return b, false, nil
	}
	times, valid, err := dueColumn(state.DueBy{Column: g.spec.EventTime, Field: endOf(b.Column(g.spec.EventTime))}, b)
	if err != nil {
		return b, false, err
	}
	kept := make([]int32, 0, len(times))
	for i, t := range times {
		if !valid.Get(i) || t > g.epoch.LateBelow {
			kept = append(kept, int32(i))
		}
	}
	if len(kept) == len(times) {
		return b, false, nil
	}
	g.counts.Dropped += int64(len(times) - len(kept))
	return batch.TakeBatch(g.i.Mem, b, kept), true, nil
}

// endOf is the field of a window by which it is late.
func endOf(c arrow.Array) int {
	if s, ok := c.(*array.Struct); ok {
		if i, ok := s.DataType().(*arrow.StructType).FieldIdx("end"); ok {
			return i
		}
	}
	return -1
}

func (g *groupState) Mark(ctx context.Context, _ int, m Mark, emit Emit) error {
	switch m.Kind {
	case Begin:
		g.epoch, g.stop = g.spec.Horizon.Of(m.Epoch), false
		g.counts = StateCounts{}
	case End:
		return g.end(ctx, emit)
	}
	return nil
}

func (g *groupState) end(ctx context.Context, emit Emit) (err error) {
	began := g.i.Now()
	defer func() {
		g.forget()
		g.rows.reset()
		if closeErr := g.release(); unlessStop(err) == nil && closeErr != nil {
			err = closeErr
		}
	}()
	if err := g.withData(ctx, emit); err != nil {
		return err
	}
	g.counts.UpdateNanos += int64(g.i.Now().Sub(began))
	began = g.i.Now()
	err = g.timedOut(ctx, emit)
	g.counts.RemoveNanos += int64(g.i.Now().Sub(began))
	if err == nil && g.in != nil {
		if err = g.in.Finish(ctx); err == nil {
			err = g.receive(ctx, func() bool { return true }, emit)
		}
	}
	if err == nil && g.stop {
		err = errs.Stop
	}
	return err
}

// withData calls the function for the groups with rows.
func (g *groupState) withData(ctx context.Context, emit Emit) error {
	count := g.rows.groups.Len()
	if count == 0 {
		return nil
	}
	var err error
	if g.keys, err = g.rows.arrange(); err != nil {
		return err
	}
	err = g.rows.parcels(count, g.spec.PartRows, func(c *parcel) error {
		columns, err := g.rows.columns(c)
		if err != nil {
			return err
		}
		return g.give(ctx, c, columns, false, emit)
	})
	if err != nil {
		return err
	}
	return g.settle(ctx, emit)
}

// timedOut calls it for the groups whose time is out, all that had rows having been called.
func (g *groupState) timedOut(ctx context.Context, emit Emit) error {
	if !g.timed() {
		return nil
	}
	threshold := g.epoch.NowMicros / 1000
	if g.spec.Spec.State.Timeout == udf.EventTimeTimeout {
		if g.epoch.Watermark == math.MinInt64 {
			return nil
		}
		threshold = g.epoch.Watermark / 1000
	}
	due := append([]int32(nil), g.table.Due(threshold-1)...)
	if len(due) == 0 {
		return nil
	}
	g.forget()
	keys, err := g.table.Keys(due)
	if err != nil {
		return err
	}
	order := sortRows(keys, ascending(len(keys)), len(due))
	for _, k := range keys {
		g.keys = append(g.keys, batch.Take(g.i.Mem, k, order))
	}
	batch.Release(keys...)
	for lo := 0; lo < len(due); lo += batch.Rows {
		c := newParcel(1)
		for place := lo; place < min(len(due), lo+batch.Rows); place++ {
			c.places, c.more = append(c.places, int32(place)), append(c.more, false)
			c.ends[0] = append(c.ends[0], int32(len(c.places)))
		}
		columns := []arrow.Array{bools(g.i.Mem, c.more), lists(g.i.Mem, g.keyRows(c.places), c.ends[0], len(c.places))}
		if err := g.give(ctx, c, columns, true, emit); err != nil {
			return err
		}
	}
	return g.settle(ctx, emit)
}

// keyRows are rows with nothing but the keys of some groups.
func (g *groupState) keyRows(places []int32) []arrow.Array {
	out := make([]arrow.Array, len(g.rows.piles[0].types))
	for k, c := range g.spec.Spec.Keys {
		if out[c] == nil {
			out[c] = batch.Take(g.i.Mem, g.keys[k], places)
		}
	}
	for c, dt := range g.rows.piles[0].types {
		if out[c] == nil {
			out[c] = array.MakeArrayOfNull(g.i.Mem, dt, len(places))
		}
	}
	return out
}

// give sends parts of groups with their states; it takes the columns over.
func (g *groupState) give(ctx context.Context, c *parcel, columns []arrow.Array, timedOut bool, emit Emit) error {
	if g.in == nil {
		s := g.spec.Spec
		s.Partition, s.Epoch, s.Now, s.Watermark = g.i.Index, g.epoch.ID, g.epoch.NowMicros/1000, -1
		if g.epoch.Watermark != math.MinInt64 {
			s.Watermark = g.epoch.Watermark / 1000
		}
		var err error
		if g.in, err = g.spec.Runner.Open(ctx, s); err != nil {
			batch.Release(columns...)
			return err
		}
	}
	states, err := g.statesOf(c.places)
	if err != nil {
		batch.Release(columns...)
		return err
	}
	out := make([]bool, len(c.places))
	for i := range out {
		out[i] = timedOut
	}
	if err := send(ctx, g.in, &g.input, append(columns, states, bools(g.i.Mem, out)), len(c.places)); err != nil {
		return err
	}
	for i, place := range c.places {
		if !c.more[i] {
			g.sent = append(g.sent, place)
		}
	}
	return g.receive(ctx, func() bool { return false }, emit)
}

// statesOf is the states of groups; those without one have null.
func (g *groupState) statesOf(places []int32) (arrow.Array, error) {
	slots := make([]int32, len(places))
	keys := g.keysOf(places)
	err := g.table.Find(keys, len(places), slots)
	batch.Release(keys...)
	if err != nil {
		return nil, err
	}
	values, err := g.state.Read(slots)
	if err != nil {
		return nil, err
	}
	batch.Release(values[1:]...)
	return values[0], nil
}

func (g *groupState) keysOf(places []int32) []arrow.Array {
	out := make([]arrow.Array, len(g.keys))
	for i, k := range g.keys {
		out[i] = batch.Take(g.i.Mem, k, places)
	}
	return out
}

// settle waits until all groups that were sent are answered.
func (g *groupState) settle(ctx context.Context, emit Emit) error {
	return g.receive(ctx, func() bool { return g.done < len(g.sent) }, emit)
}

// receive takes answers: those that are ready, and while wait says so the next.
func (g *groupState) receive(ctx context.Context, wait func() bool, emit Emit) error {
	return answers(ctx, g.in, wait, func(r arrow.RecordBatch) error { return g.answer(r, emit) })
}

// answer emits the rows of an answer and writes the states of the groups that it ends.
func (g *groupState) answer(r arrow.RecordBatch, emit Emit) error {
	if err := g.write(r); err != nil {
		return err
	}
	list := r.Column(udf.Rows)
	offsets := batch.Ranges(list)
	lo, hi := offsets[0], offsets[list.Len()]
	if lo == hi || g.stop {
		return nil
	}
	rows := batch.Child(list).(*array.Struct)
	columns := make([]arrow.Array, rows.NumField())
	for i := range columns {
		columns[i] = slice(rows.Field(i), int(lo), int(hi))
	}
	b := batch.Make(g.spec.Schema, columns, int(hi-lo))
	defer b.Release()
	err := emit(b)
	if err == errs.Stop { // the states are wanted all the same
		g.stop = true
		return nil
	}
	return err
}

func (g *groupState) write(r arrow.RecordBatch) error {
	more := batch.Bools(r.Column(udf.More))
	actions := batch.Values[int8](r.Column(udf.AnswerAction))
	var put, putRows, gone []int32
	for row, action := range actions {
		if more.Get(row) {
			continue
		}
		if g.done == len(g.sent) {
			return errs.Internal("a worker answered for more than %d groups", len(g.sent))
		}
		place := g.sent[g.done]
		g.done++
		switch action {
		case udf.PutState:
			put, putRows = append(put, place), append(putRows, int32(row))
		case udf.RemoveState:
			gone = append(gone, place)
		}
	}
	if err := g.remove(gone); err != nil {
		return err
	}
	return g.put(r, put, putRows)
}

func (g *groupState) remove(places []int32) error {
	if len(places) == 0 {
		return nil
	}
	g.counts.Removed += int64(len(places))
	keys, slots := g.keysOf(places), make([]int32, len(places))
	defer batch.Release(keys...)
	if err := g.table.Find(keys, len(places), slots); err != nil {
		return err
	}
	live := slots[:0]
	for _, s := range slots {
		if s >= 0 {
			live = append(live, s)
		}
	}
	g.table.Delete(live)
	return nil
}

func (g *groupState) put(r arrow.RecordBatch, places, rows []int32) error {
	if len(places) == 0 {
		return nil
	}
	g.counts.Updated += int64(len(places))
	keys, slots := g.keysOf(places), make([]int32, len(places))
	defer batch.Release(keys...)
	if err := g.table.Slots(keys, len(places), slots); err != nil {
		return err
	}
	values := []arrow.Array{batch.Take(g.i.Mem, r.Column(udf.AnswerState), rows)}
	if g.timed() {
		values = append(values, batch.Take(g.i.Mem, r.Column(udf.AnswerTimeout), rows))
	}
	defer batch.Release(values...)
	if err := g.state.Write(slots, values); err != nil {
		return err
	}
	if g.timed() {
		g.table.Schedule(slots, state.TimesOf(values[1]))
	}
	g.table.Touch(slots)
	return nil
}

// forget drops the groups under way.
func (g *groupState) forget() {
	batch.Release(g.keys...)
	g.keys, g.sent, g.done = nil, g.sent[:0], 0
}

func (g *groupState) release() error {
	if g.in == nil {
		return nil
	}
	in := g.in
	g.in = nil
	return in.Close()
}

func (g *groupState) stateCounts() StateCounts {
	c := g.counts
	c.Operator, c.Name = g.spec.Operator, "applyInPandasWithState"
	c.Rows, c.Bytes = int64(g.table.Len()), g.table.Bytes()
	return c
}

func (g *groupState) Explain() string { return g.spec.Text }

func (g *groupState) Close() error {
	g.forget()
	g.rows.reset()
	err := g.release()
	g.state.close()
	return err
}

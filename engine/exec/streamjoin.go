package exec

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// StreamJoinSpec is a join of two streams, compiled for one instance. Its ports are the left and the right side, each
// behind an exchange over its keys with the store's number of partitions.
type StreamJoinSpec struct {
	Operator int
	Type     JoinType
	// Sides are left and right.
	Sides [2]StreamSide
	// Keys are the join keys, the same of both sides; NullSafe says, by key, that null matches null (<=>).
	Keys     []types.Field
	NullSafe []bool
	// Condition over Uses of the left and of the right, whose columns are PairSchema, beyond the keys; or nil.
	Condition  expr.Evaluator
	PairSchema *arrow.Schema
	// Schema of the output: left then right columns, or the left ones alone for a semi join.
	Schema  *arrow.Schema
	Horizon Horizon
	Text    string
}

// StreamSide is one side of a StreamJoinSpec.
type StreamSide struct {
	// Columns are the first of the port's columns; behind them are keys that had to be computed.
	Columns []types.Field
	// Keys are column numbers.
	Keys []int
	// Uses are the columns that the condition looks at.
	Uses []int
	// Only is a condition on this side alone, or nil: rows that fail it can meet none.
	Only expr.Evaluator
	// Late is the column that says which rows are late; not set, none is.
	Late state.DueBy
	// Due is how rows become due in state: by a key or a column's value (a time). Bound gives, for a watermark, the time
	// up to which they go; nil is the watermark.
	Due   state.DueBy
	Bound func(watermark int64) int64
}

// streamJoin keeps the rows of both sides. Per epoch the left rows meet what is kept of the right side and are kept, then
// the right rows meet what is kept of the left, those of the epoch included; in the end rows go that the watermark has
// passed, and of an outer side those that never met any come out. A left row of a semi join goes when it comes out.
type streamJoin struct {
	spec  StreamJoinSpec
	c     *expr.Context
	i     Instance
	now   func() time.Time
	sides [2]joinSide
	keys  *chains
	epoch Epoch
	begun bool // the chains are those of the tables

	counts  StateCounts
	stopped bool // nobody wants more rows of this epoch; state goes on

	partitions          int
	hashes              []uint64
	parts               []int32
	slots, probe, build []int32
	gone                []int32 // kept left rows of a semi join that have met a right one
}

// joinSide is a side's state.
type joinSide struct {
	*StreamSide
	table state.Table
	rows  *sideRows
	next  int64 // the next row's part of its number
	since int64 // what next was as the epoch began
	upTo  int64 // rows up to this time go at the epoch's end; MinInt64: none
	outer bool  // rows that meet none come out
}

// NewStreamJoin declares a table for each side to the store.
func NewStreamJoin(i Instance, store state.Store, spec StreamJoinSpec) (Operator, error) {
	j := &streamJoin{spec: spec, c: i.Context(), i: i, now: i.Now, partitions: store.Partitions()}
	kinds := make([]types.Type, len(spec.Keys))
	for k, f := range spec.Keys {
		kinds[k] = f.Type
	}
	j.keys = newChains(kinds)
	outer := [2]bool{spec.Type == LeftJoin || spec.Type == FullJoin, spec.Type == RightJoin || spec.Type == FullJoin}
	for s := range j.sides {
		side := &j.sides[s]
		side.StreamSide, side.outer = &j.spec.Sides[s], outer[s]
		side.rows = newSideRows(i.Mem, side.StreamSide, outer[s])
		declared := state.Spec{Operator: spec.Operator, Name: [2]string{"left", "right"}[s], OperatorName: "symmetricHashJoin",
			StoreName: [2]string{"left", "right"}[s] + state.JoinRows, Due: side.Due, PartitionBy: len(spec.Keys), Numbered: true, Resident: true}
		for k, f := range spec.Keys {
			declared.Keys = append(declared.Keys, types.Field{Name: fmt.Sprint("field", k), Type: f.Type})
		}
		declared.Keys = append(declared.Keys, types.Field{Name: "index", Type: types.Long})
		declared.Values = append(declared.Values, side.Columns...)
		if outer[s] {
			declared.Values = append(declared.Values, types.Field{Name: "matched", Type: types.Boolean})
		}
		var err error
		if side.table, err = store.Open(declared, i.Index, i.Count, side.rows); err != nil {
			return nil, err
		}
		side.rows.table = side.table
	}
	return j, nil
}

func (j *streamJoin) Process(ctx context.Context, port int, b arrow.RecordBatch, emit Emit) error {
	began := j.now()
	defer func() { j.counts.UpdateNanos += int64(j.now().Sub(began)) }()
	emit = j.unlessStopped(emit)
	b.Retain()
	defer func() { b.Release() }()
	for _, step := range []func(int, arrow.RecordBatch, Emit) (arrow.RecordBatch, error){j.dropLate, j.setAside, j.dropNullKeys} {
		rest, err := step(port, b, emit)
		if err != nil {
			return err
		}
		b.Release()
		b = rest
	}
	if b.NumRows() == 0 {
		return nil
	}
	return j.take(ctx, port, b, emit)
}

// unlessStopped drops rows once the next operator has enough: what is kept must not depend on it.
func (j *streamJoin) unlessStopped(emit Emit) Emit {
	return func(b arrow.RecordBatch) error {
		if j.stopped {
			return nil
		}
		err := emit(b)
		if err == errs.Stop {
			j.stopped = true
			return nil
		}
		return err
	}
}

// keepRows is the rows of a batch without some; owned by the caller.
func (j *streamJoin) keepRows(b arrow.RecordBatch, rows []int32) arrow.RecordBatch {
	if len(rows) == int(b.NumRows()) {
		b.Retain()
		return b
	}
	return batch.TakeBatch(j.i.Mem, b, rows)
}

// dropLate takes out rows whose event time the watermark of the epoch before has passed.
func (j *streamJoin) dropLate(port int, b arrow.RecordBatch, _ Emit) (arrow.RecordBatch, error) {
	late, kept, err := lateRows(b, j.sides[port].Late, j.epoch.LateBelow)
	if err != nil {
		return nil, err
	}
	if late == nil {
		b.Retain()
		return b, nil
	}
	j.counts.Dropped += int64(len(late))
	return batch.TakeBatch(j.i.Mem, b, kept), nil
}

// setAside takes out rows that fail their side's own condition: of an outer side they come out at once.
func (j *streamJoin) setAside(port int, b arrow.RecordBatch, emit Emit) (arrow.RecordBatch, error) {
	side := &j.sides[port]
	n := int(b.NumRows())
	if side.Only == nil || n == 0 {
		b.Retain()
		return b, nil
	}
	mask, err := column(j.c, side.Only, b)
	if err != nil {
		return nil, err
	}
	defer mask.Release()
	kept := batch.Selected(mask, make([]int32, 0, n))
	if side.outer && len(kept) < n {
		out := make([]int32, 0, n-len(kept))
		at := 0
		for i := int32(0); i < int32(n); i++ {
			if at < len(kept) && kept[at] == i {
				at++
				continue
			}
			out = append(out, i)
		}
		if err := j.emitAlone(port, len(out), emit, func(lo, hi int) []arrow.Array {
			return takeColumns(batch.Limited(j.i.Mem), j.own(port, b), out[lo:hi], nil)
		}); err != nil {
			return nil, err
		}
	}
	return j.keepRows(b, kept), nil
}

// dropNullKeys takes out rows that can meet none, where they need not come out either.
func (j *streamJoin) dropNullKeys(port int, b arrow.RecordBatch, _ Emit) (arrow.RecordBatch, error) {
	ok := j.matchable(port, b)
	if ok == nil || j.sides[port].outer {
		b.Retain()
		return b, nil
	}
	kept := make([]int32, 0, len(ok))
	for i, can := range ok {
		if can {
			kept = append(kept, int32(i))
		}
	}
	return j.keepRows(b, kept), nil
}

func (j *streamJoin) keyColumns(port int, b arrow.RecordBatch) []arrow.Array {
	out := make([]arrow.Array, len(j.spec.Keys), len(j.spec.Keys)+1)
	for k, c := range j.sides[port].Keys {
		out[k] = b.Column(c)
	}
	return out
}

func (j *streamJoin) matchable(port int, b arrow.RecordBatch) []bool {
	return matchable(j.keyColumns(port, b), j.spec.NullSafe, int(b.NumRows()))
}

// own is the side's columns of a batch, without the keys that were computed; borrowed.
func (j *streamJoin) own(port int, b arrow.RecordBatch) []arrow.Array {
	return b.Columns()[:len(j.sides[port].Columns)]
}

// take lets rows meet the other side's and keeps them.
func (j *streamJoin) take(ctx context.Context, port int, b arrow.RecordBatch, emit Emit) error {
	n := int(b.NumRows())
	if len(j.slots) < n {
		j.slots = make([]int32, n)
	}
	slots := j.slots[:n]
	defer j.keys.number(j.keyColumns(port, b), n, slots)()
	if ok := j.matchable(port, b); ok != nil {
		for i := range slots {
			if !ok[i] {
				slots[i] = -1
			}
		}
	}
	met, err := j.pairs(ctx, port, b, slots, emit)
	if err != nil {
		return err
	}
	if port == 0 && j.spec.Type == SemiJoin {
		if err := j.emitLeft(b, met, emit); err != nil {
			return err
		}
	}
	if err := j.keep(port, b, slots, met); err != nil {
		return err
	}
	return j.emitKept(emit) // only now: keys go with their last row
}

// keep puts rows into state: not those of a semi join's left side that have come out, nor right ones that would go again
// in this epoch.
func (j *streamJoin) keep(port int, b arrow.RecordBatch, keys []int32, met []bool) error {
	side := &j.sides[port]
	n := int(b.NumRows())
	rows := make([]int32, 0, n)
	due, err := j.dueTimes(port, b)
	if err != nil {
		return err
	}
	for i := int32(0); i < int32(n); i++ {
		if port == 0 && j.spec.Type == SemiJoin && met[i] {
			continue
		}
		if port == 1 && due != nil && due[i] <= side.upTo && (!side.outer || met[i]) {
			continue
		}
		rows = append(rows, i)
	}
	if len(rows) == 0 {
		return nil
	}
	if len(rows) < n {
		b = batch.TakeBatch(j.i.Mem, b, rows)
		defer b.Release()
		for i, r := range rows {
			keys[i], met[i] = keys[r], met[r]
			if due != nil {
				due[i] = due[r]
			}
		}
	}
	return j.store(port, b, keys[:len(rows)], met, due)
}

// dueTimes is when each row is due, nil where none is ever.
func (j *streamJoin) dueTimes(port int, b arrow.RecordBatch) ([]int64, error) {
	side := &j.sides[port]
	by := side.Due
	if !by.Set {
		return nil, nil
	}
	if !by.Value {
		by.Column = side.Keys[by.Column]
	}
	times, valid, err := dueColumn(by, b)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(times))
	for i, t := range times {
		if out[i] = state.NoDue; valid.Get(i) {
			out[i] = t
		}
	}
	return out, nil
}

func (j *streamJoin) store(port int, b arrow.RecordBatch, keys []int32, met []bool, due []int64) error {
	side := &j.sides[port]
	n := int(b.NumRows())
	row := j.keyColumns(port, b)
	numbers := j.numbers(side, row, n)
	defer numbers.Release()
	slots := make([]int32, n)
	if err := side.table.Slots(append(row, numbers), n, slots); err != nil {
		return err
	}
	columns := append([]arrow.Array(nil), j.own(port, b)...)
	if side.rows.flagged {
		m := batch.NewMarks(j.i.Mem, n, false)
		for i := range slots {
			m.Put(i, met[i])
		}
		flags := m.Done(nil)
		defer flags.Release()
		columns = append(columns, flags)
	}
	if err := side.rows.Write(slots, columns); err != nil {
		return err
	}
	if side.Due.Value {
		side.table.Schedule(slots, due)
	}
	side.table.Touch(slots)
	j.keys.add(port, slots, keys)
	j.counts.Updated += int64(n)
	return nil
}

// numbers are those of new rows: a counter, and the row's partition, so that rows of all instances differ, and do so when
// partitions have gone to other instances.
func (j *streamJoin) numbers(side *joinSide, keys []arrow.Array, n int) arrow.Array {
	if len(j.hashes) < n {
		j.hashes, j.parts = make([]uint64, n), make([]int32, n)
	}
	state.Partition(keys, n, j.partitions, j.hashes, j.parts)
	out := batch.NewFixed[int64](j.i.Mem, n)
	for i := range out.Values {
		out.Values[i] = (side.next+int64(i))*int64(j.partitions) + int64(j.parts[i])
	}
	side.next += int64(n)
	return out.Done(arrow.PrimitiveTypes.Int64, nil)
}

func (j *streamJoin) Mark(_ context.Context, port int, m Mark, emit Emit) error {
	follow(j.c, m)
	switch m.Kind {
	case Begin:
		j.epoch, j.stopped = j.spec.Horizon.Of(m.Epoch), false
		j.counts = StateCounts{}
		for s := range j.sides {
			side := &j.sides[s]
			side.upTo = math.MinInt64
			if side.Due.Set && j.epoch.Watermark != noWatermark {
				if side.upTo = j.epoch.Watermark; side.Bound != nil {
					side.upTo = side.Bound(side.upTo)
				}
			}
		}
		if err := j.index(); err != nil {
			return err
		}
		for s := range j.sides {
			j.sides[s].since = j.sides[s].next
		}
	case End:
		if port == 1 {
			return j.evict(j.unlessStopped(emit))
		}
	}
	return nil
}

// index links the rows that were restored, once.
func (j *streamJoin) index() error {
	if j.begun {
		return nil
	}
	j.begun = true
	for s := range j.sides {
		side := &j.sides[s]
		all := side.table.All()
		for lo := 0; lo < len(all); lo += batch.Rows {
			some := all[lo:min(len(all), lo+batch.Rows)]
			columns, err := side.table.Keys(some)
			if err != nil {
				return err
			}
			keys, numbers := columns[:len(j.spec.Keys)], make([]int32, len(some))
			free := j.keys.number(keys, len(some), numbers)
			if ok := matchable(keys, j.spec.NullSafe, len(some)); ok != nil {
				for i := range numbers {
					if !ok[i] {
						numbers[i] = -1
					}
				}
			}
			j.keys.add(s, some, numbers)
			free()
			for _, n := range batch.Values[int64](columns[len(keys)]) {
				side.next = max(side.next, n/int64(j.partitions)+1)
			}
			batch.Release(columns...)
		}
	}
	return nil
}

func (j *streamJoin) stateCounts() StateCounts {
	c := j.counts
	c.Operator, c.Name = j.spec.Operator, "symmetricHashJoin"
	c.Bytes = j.keys.bytes()
	for s := range j.sides {
		c.Rows += int64(j.sides[s].table.Len())
		c.Bytes += j.sides[s].table.Bytes()
	}
	return c
}

func (j *streamJoin) Explain() string {
	return fmt.Sprintf("StreamingSymmetricHashJoin %s %s", j.spec.Text, j.spec.Type)
}

func (j *streamJoin) Close() error {
	for s := range j.sides {
		j.sides[s].rows.close()
	}
	return nil
}

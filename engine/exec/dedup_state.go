package exec

import (
	"context"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// StateDistinctSpec is dropDuplicates on a stream. It stands behind an exchange over its columns with the store's
// number of partitions.
type StateDistinctSpec struct {
	Operator int
	// Columns are the numbers of the key columns, Keys what they are.
	Columns []int
	Keys    []types.Field
	// Time is the input's column with the event-time mark: late rows are dropped by it. Not set, none are.
	Time state.DueBy
	// Due is the key that the watermark evicts by; not set, keys stay for ever.
	Due state.DueBy
	// Within keeps a key until the watermark has come to the time of its first row plus Delay, in microseconds.
	Within  bool
	Delay   int64
	Horizon Horizon
	Text    string
}

// stateDistinct passes the first row of each key of the query's life, at once, and remembers the keys.
type stateDistinct struct {
	spec    StateDistinctSpec
	c       *expr.Context
	table   state.Table
	seen    seenKeys
	epoch   Epoch
	counts  StateCounts
	now     func() time.Time
	slots   []int32
	made    []int32 // rows that are the first of their key
	expires []int64
}

// NewStateDistinct declares its table to the store.
func NewStateDistinct(i Instance, store state.Store, spec StateDistinctSpec) (Operator, error) {
	d := &stateDistinct{spec: spec, c: i.Context(), now: i.Now}
	table := state.Spec{Operator: spec.Operator, Name: "dedupe", OperatorName: "dedupe", Keys: spec.Keys, Due: spec.Due}
	if spec.Within {
		d.seen.timed, table.OperatorName = true, "dedupeWithinWatermark"
		table.Values = []types.Field{{Name: "expiresAtMicros", Type: types.Long}}
		table.Due = state.DueBy{Set: true, Value: true, Column: 0, Field: -1}
	}
	d.seen.c = d.c
	var err error
	d.table, err = store.Open(table, i.Index, i.Count, &d.seen)
	return d, err
}

func (d *stateDistinct) name() string {
	if d.spec.Within {
		return "dedupeWithinWatermark"
	}
	return "dedupe"
}

func (d *stateDistinct) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	began := d.now()
	late, kept, err := lateRows(b, d.spec.Time, d.epoch.LateBelow)
	if err != nil {
		return err
	}
	if late != nil {
		d.counts.Dropped += int64(len(late))
		b = batch.TakeBatch(d.c.Mem, b, kept)
		defer b.Release()
	}
	if err := d.remember(b); err != nil {
		return err
	}
	out := b
	if len(d.made) < int(b.NumRows()) {
		if len(d.made) == 0 {
			return nil
		}
		out = batch.TakeBatch(d.c.Mem, b, d.made)
		defer out.Release()
	}
	d.counts.UpdateNanos += int64(d.now().Sub(began))
	if out.NumRows() == 0 {
		return nil
	}
	// Keys beneath a limit that has its rows are remembered all the same.
	return unlessStop(emit(out))
}

// remember notes the keys and says which rows are the first of theirs.
func (d *stateDistinct) remember(b arrow.RecordBatch) error {
	n := int(b.NumRows())
	if len(d.slots) < n {
		d.slots = make([]int32, n)
	}
	slots, keys := d.slots[:n], make([]arrow.Array, len(d.spec.Columns))
	for i, c := range d.spec.Columns {
		keys[i] = b.Column(c)
	}
	if err := d.table.Slots(keys, n, slots); err != nil {
		return err
	}
	d.made = d.made[:0]
	for i, s := range slots {
		if d.seen.add(s) {
			slots[len(d.made)] = s
			d.made = append(d.made, int32(i))
		}
	}
	slots = slots[:len(d.made)]
	if d.spec.Within && len(slots) > 0 {
		if err := d.expire(b, slots); err != nil {
			return err
		}
	}
	d.table.Touch(slots)
	d.counts.Updated += int64(len(slots))
	return nil
}

// expire schedules new keys. Where a row has no time PySpark reads 1970.
func (d *stateDistinct) expire(b arrow.RecordBatch, slots []int32) error {
	times, valid, err := dueColumn(d.spec.Time, b)
	if err != nil {
		return err
	}
	d.expires = d.expires[:0]
	for k, row := range d.made {
		at := d.spec.Delay
		if valid.Get(int(row)) {
			at += times[row]
		}
		d.seen.until[slots[k]] = at
		d.expires = append(d.expires, at)
	}
	d.table.Schedule(slots, d.expires)
	return nil
}

func (d *stateDistinct) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(d.c, m)
	switch m.Kind {
	case Begin:
		d.epoch = d.spec.Horizon.Of(m.Epoch)
		d.counts = StateCounts{}
	case End:
		began := d.now()
		if d.epoch.Watermark != math.MinInt64 {
			d.table.Delete(d.table.Due(d.epoch.Watermark))
		}
		_, removed := d.table.Changed()
		d.counts.Removed = int64(removed)
		d.counts.RemoveNanos += int64(d.now().Sub(began))
	}
	return nil
}

func (d *stateDistinct) stateCounts() StateCounts {
	c := d.counts
	c.Operator, c.Name = d.spec.Operator, d.name()
	c.Rows, c.Bytes = int64(d.table.Len()), d.table.Bytes()
	return c
}

func (d *stateDistinct) Explain() string { return "State" + d.spec.Text }
func (d *stateDistinct) Close() error    { return nil }

// seenKeys is the payload of remembered keys: that they are there, and until when.
type seenKeys struct {
	c     *expr.Context
	timed bool
	bits  []uint64
	until []int64
}

// add says whether the slot is new.
func (s *seenKeys) add(slot int32) bool {
	bit := uint64(1) << (uint(slot) & 63)
	if s.bits[slot>>6]&bit != 0 {
		return false
	}
	s.bits[slot>>6] |= bit
	return true
}

func (s *seenKeys) Grow(n int) {
	if need := (n + 63) / 64; need > len(s.bits) {
		s.bits = append(s.bits, make([]uint64, need-len(s.bits))...)
	}
	if s.timed && n > len(s.until) {
		s.until = append(s.until, make([]int64, n-len(s.until))...)
	}
}

func (s *seenKeys) Read(slots []int32) ([]arrow.Array, error) {
	if !s.timed {
		return nil, nil
	}
	at := batch.NewFixed[int64](s.c.Mem, len(slots))
	for i, x := range slots {
		at.Values[i] = s.until[x]
	}
	return []arrow.Array{at.Done(arrow.PrimitiveTypes.Int64, nil)}, nil
}

func (s *seenKeys) Write(slots []int32, columns []arrow.Array) error {
	for _, x := range slots {
		s.add(x)
	}
	if s.timed {
		for i, at := range batch.Values[int64](columns[0]) {
			s.until[slots[i]] = at
		}
	}
	return nil
}

func (s *seenKeys) Clear(slots []int32) {
	for _, x := range slots {
		if int(x>>6) < len(s.bits) {
			s.bits[x>>6] &^= 1 << (uint(x) & 63)
		}
	}
}

func (s *seenKeys) Bytes() int64 { return int64(cap(s.bits)*8 + cap(s.until)*8) }

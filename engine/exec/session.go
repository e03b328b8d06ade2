package exec

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// SessionSpec is an aggregation by sessions, compiled for one instance.
type SessionSpec struct {
	// Phase is Partial (rows in) or Final (keys with buffers in).
	Phase Phase
	// Keys are as in AggregateSpec; the one at Session is struct<start, end>.
	Keys     []expr.Evaluator
	KeyTypes []types.Type
	Session  int
	Calls    []Call
	// Ordered is for Final: what meets in a session is merged in the order of time, for aggregates that look at it.
	Ordered bool
	// Late is for Partial in a stream: rows whose own session the watermark has passed must not prolong others. They are
	// given on as they are, without buffers, for the stateful operator above to drop and count.
	Late    bool
	Horizon Horizon
	// Schema is keys, then buffers or results.
	Schema *arrow.Schema
	Text   string
}

// sessionAggregate groups the rows of an epoch by keys and sessions. It keeps nothing over epochs.
type sessionAggregate struct {
	spec  SessionSpec
	c     *expr.Context
	index *sessionIndex
	accs  *accumulators
	epoch Epoch
	late  state.Groups
	held  heldRows
	slots []int32
}

// NewSessionAggregate makes an aggregation by sessions. Partial holds at most flushGroups sessions, Final all of an
// epoch's.
func NewSessionAggregate(i Instance, spec SessionSpec) (Operator, error) {
	c := i.Context()
	accs, err := newAccumulators(c, spec.Calls)
	if err != nil {
		return nil, err
	}
	o := &sessionAggregate{spec: spec, c: c, accs: accs, index: newSessionIndex(without(spec.KeyTypes, spec.Session))}
	if spec.Late {
		o.late = state.NewGroups(spec.KeyTypes)
	}
	return o, nil
}

// without is a list without one element.
func without[T any](list []T, i int) []T {
	return append(append(make([]T, 0, len(list)-1), list[:i]...), list[i+1:]...)
}

// with is a list with one element more.
func with[T any](list []T, i int, x T) []T {
	return append(append(append(make([]T, 0, len(list)+1), list[:i]...), x), list[i:]...)
}

func (o *sessionAggregate) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	if b.NumRows() == 0 {
		return nil
	}
	if o.spec.Phase == Final {
		if o.spec.Ordered {
			b.Retain()
			o.held = append(o.held, b)
			return nil
		}
		keys := len(o.spec.KeyTypes)
		slots := o.assign(b.Columns()[:keys])
		if err := o.meet(); err != nil {
			return err
		}
		return o.accs.merge(b, keys, slots)
	}
	if err := o.rows(b); err != nil {
		return err
	}
	if o.index.live > flushGroups {
		return o.flush(emit)
	}
	return nil
}

// rows takes input rows.
func (o *sessionAggregate) rows(b arrow.RecordBatch) error {
	keys, err := columns(o.c, o.spec.Keys, b)
	if err != nil {
		return err
	}
	defer func() { batch.Release(keys...) }()
	if kept, some := o.setLateAside(keys); some {
		b = batch.TakeBatch(o.c.Mem, b, kept)
		defer b.Release()
		for i, k := range keys {
			keys[i] = batch.Take(o.c.Mem, k, kept)
			k.Release()
		}
	}
	slots := o.assign(keys)
	if err := o.meet(); err != nil {
		return err
	}
	o.c.RowBase += b.NumRows()
	return o.accs.update(b, slots)
}

// setLateAside keeps the late rows' keys, each once; it gives the other rows, where there are late ones.
func (o *sessionAggregate) setLateAside(keys []arrow.Array) (kept []int32, some bool) {
	if !o.spec.Late || o.epoch.LateBelow == math.MinInt64 {
		return nil, false
	}
	_, ends := spans(keys[o.spec.Session])
	var late []int32
	for i, e := range ends {
		if e <= o.epoch.LateBelow {
			late = append(late, int32(i))
		}
	}
	if late == nil {
		return nil, false
	}
	kept = make([]int32, 0, len(ends)-len(late))
	for i, e := range ends {
		if e > o.epoch.LateBelow {
			kept = append(kept, int32(i))
		}
	}
	gone := make([]arrow.Array, len(keys))
	for i, k := range keys {
		gone[i] = batch.Take(o.c.Mem, k, late)
	}
	o.late.Slots(gone, len(late), make([]int32, len(late)))
	batch.Release(gone...)
	return kept, true
}

// assign gives each row its session.
func (o *sessionAggregate) assign(keys []arrow.Array) []int32 {
	starts, ends := spans(keys[o.spec.Session])
	n := len(starts)
	if len(o.slots) < n {
		o.slots = make([]int32, n)
	}
	slots := o.slots[:n]
	o.index.add(o.index.find(without(keys, o.spec.Session), n), starts, ends, slots)
	o.accs.grow(len(o.index.all))
	return slots
}

// meet moves what swallowed sessions hold to those that they are part of now.
func (o *sessionAggregate) meet() error {
	defer o.index.settle()
	dead := o.index.dead
	if len(dead) == 0 {
		return nil
	}
	parts, err := o.accs.partials(dead)
	if err != nil {
		return err
	}
	defer batch.Release(parts...)
	roots := make([]int32, len(dead))
	for i, s := range dead {
		roots[i] = o.index.root(s)
	}
	if err := o.accs.mergeColumns(parts, roots); err != nil {
		return err
	}
	o.accs.clear(dead)
	return nil
}

func (o *sessionAggregate) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(o.c, m)
	switch m.Kind {
	case Begin:
		o.epoch = o.spec.Horizon.Of(m.Epoch)
	case End:
		if err := o.mergeHeld(); err != nil {
			return err
		}
		if err := o.flush(emit); err != nil {
			return err
		}
		return o.emitLate(emit)
	}
	return nil
}

// mergeHeld merges what came in the order of time.
func (o *sessionAggregate) mergeHeld() error {
	all, err := o.held.joined(o.c.Mem)
	if err != nil || all == nil {
		return err
	}
	defer all.Release()
	keys := len(o.spec.KeyTypes)
	slots := o.assign(all.Columns()[:keys])
	starts, _ := spans(all.Column(o.spec.Session))
	order := inTime(starts)
	for lo := 0; lo < len(order); lo += batch.Rows {
		rows := order[lo:min(len(order), lo+batch.Rows)]
		if err := o.mergeRows(all, rows, slots); err != nil {
			return err
		}
	}
	o.index.settle() // no session was there before: the swallowed ones hold nothing
	return nil
}

func (o *sessionAggregate) mergeRows(all arrow.RecordBatch, rows, slots []int32) error {
	b := batch.TakeBatch(o.c.Mem, all, rows)
	defer b.Release()
	mine := make([]int32, len(rows))
	for i, r := range rows {
		mine[i] = slots[r]
	}
	return o.accs.merge(b, len(o.spec.KeyTypes), mine)
}

// inTime is the rows in the order of their starts; those of one start stay in the order they have.
func inTime(starts []int64) []int32 {
	order := make([]int32, len(starts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(starts[a], starts[b]) })
	return order
}

// flush emits all sessions and forgets them.
func (o *sessionAggregate) flush(emit Emit) error {
	all := o.index.sessions(make([]int32, 0, o.index.live))
	var err error
	for lo := 0; lo < len(all) && err == nil; lo += batch.Rows {
		err = o.emit(all[lo:min(len(all), lo+batch.Rows)], emit)
	}
	o.accs.clear(all)
	o.index.reset()
	return err
}

func (o *sessionAggregate) emit(sessions []int32, emit Emit) error {
	values := o.accs.results
	if o.spec.Phase == Partial {
		values = o.accs.partials
	}
	out, err := values(sessions)
	if err != nil {
		return err
	}
	at := o.spec.Session
	b := batch.Make(o.spec.Schema, append(with(o.index.columns(o.c.Mem, sessions), at, o.index.spans(o.c.Mem, o.spec.Schema.Field(at).Type, sessions)), out...), len(sessions))
	defer b.Release()
	return emit(b)
}

// emitLate gives the late rows' keys with buffers of nothing.
func (o *sessionAggregate) emitLate(emit Emit) error {
	if o.late == nil || o.late.Len() == 0 {
		return nil
	}
	all := o.late.Live(make([]int32, 0, o.late.Len()))
	defer o.late.Reset()
	empty := make([]int32, min(len(all), batch.Rows))
	o.accs.grow(1) // all slots are empty after flush
	for lo := 0; lo < len(all); lo += batch.Rows {
		some := all[lo:min(len(all), lo+batch.Rows)]
		out, err := o.accs.partials(empty[:len(some)])
		if err != nil {
			return err
		}
		b := batch.Make(o.spec.Schema, append(o.late.Keys(o.c.Mem, some), out...), len(some))
		err = emit(b)
		b.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *sessionAggregate) Explain() string {
	phase := "partial"
	if o.spec.Phase == Final {
		phase = "final"
	}
	return fmt.Sprintf("SessionAggregate %s %s", phase, o.spec.Text)
}

func (o *sessionAggregate) Close() error {
	o.held.release()
	o.accs.close()
	return nil
}

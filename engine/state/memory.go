package state

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// table is one instance of a Table: its rows in memory, and where it has a cold part, those in a database.
type table struct {
	spec      Spec
	instance  int
	instances int
	mem       memory.Allocator
	groups    Groups
	payload   Payload
	due       *due  // nil where rows are never due
	cold      *cold // nil where all rows are in memory

	marked  []uint64 // a bit a slot: in touched
	touched []int32
	// What went since the last commit: everything due up to evicted (if evictedSet), and these keys.
	evicted    int64
	evictedSet bool
	deleted    [][]arrow.Array
	deletedN   []int
	removed    int

	answer []int32 // what Due gave last
	upTo   int64
}

func newTable(spec Spec, instance, instances int, payload Payload, mem memory.Allocator) *table {
	keys := make([]types.Type, len(spec.Keys))
	for i, k := range spec.Keys {
		keys[i] = k.Type
	}
	t := &table{spec: spec, instance: instance, instances: instances, mem: mem, payload: payload}
	if spec.Numbered {
		t.groups = newNumbered(arrowTypes(keys))
	} else {
		t.groups = NewGroups(keys)
	}
	if spec.Due.Set {
		t.due = newDue()
	}
	return t
}

func (t *table) Slots(keys []arrow.Array, rows int, into []int32) error {
	made := t.groups.Slots(keys, rows, into)
	if len(made) > 0 {
		if err := t.made(keys, made, into); err != nil {
			return err
		}
	}
	if t.cold == nil {
		return nil
	}
	if len(made) > 0 {
		if err := t.cold.made(keys, made, into); err != nil {
			return err
		}
	}
	setBits(t.cold.recent, into[:rows])
	return nil
}

// made makes room for the slots that these rows made.
func (t *table) made(keys []arrow.Array, made, into []int32) error {
	t.payload.Grow(t.groups.Size())
	if n := (t.groups.Size() + 63) / 64; n > len(t.marked) {
		t.marked = append(t.marked, make([]uint64, n-len(t.marked))...)
	}
	if t.cold != nil {
		t.cold.grow(t.groups.Size())
	}
	if t.due == nil || t.spec.Due.Value {
		return nil
	}
	times, valid, err := dueTimes(t.spec.Due, keys)
	if err != nil {
		return err
	}
	for _, row := range made {
		if valid.Get(int(row)) {
			t.due.add(into[row], times[row])
		}
	}
	return nil
}

// dueTimes is the column that decides when rows are due; rows without a time never are.
func dueTimes(by DueBy, keys []arrow.Array) ([]int64, batch.Bitmap, error) {
	a := keys[by.Column]
	if by.Field >= 0 {
		s, ok := a.(*array.Struct)
		if !ok || by.Field >= s.NumField() {
			return nil, batch.Bitmap{}, errs.Internal("key column %d has no field %d to be due by", by.Column, by.Field)
		}
		if !batch.Valid(a).All() {
			return nullableField(s, by.Field)
		}
		a = s.Field(by.Field)
	}
	switch a.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP:
		return batch.Values[int64](a), batch.Valid(a), nil
	}
	return nil, batch.Bitmap{}, errs.Internal("a row cannot be due by a column of type %s", a.DataType())
}

// nullableField is a field's values and validity where the struct itself may be null.
func nullableField(s *array.Struct, field int) ([]int64, batch.Bitmap, error) {
	a := s.Field(field)
	outer, inner := batch.Valid(s), batch.Valid(a)
	bits := make([]byte, (s.Len()+7)/8)
	for i := 0; i < s.Len(); i++ {
		if outer.Get(i) && inner.Get(i) {
			bits[i>>3] |= 1 << (uint(i) & 7)
		}
	}
	return batch.Values[int64](a), batch.Bitmap{Bits: bits}, nil
}

func (t *table) Find(keys []arrow.Array, rows int, into []int32) error {
	t.groups.Find(keys, rows, into)
	if t.cold != nil {
		return t.cold.find(keys, rows, into)
	}
	return nil
}

func (t *table) Touch(slots []int32) {
	for _, s := range slots {
		if s < 0 {
			continue
		}
		if bit := uint64(1) << (uint(s) & 63); t.marked[s>>6]&bit == 0 {
			t.marked[s>>6] |= bit
			t.touched = append(t.touched, s)
		}
	}
}

func (t *table) Delete(slots []int32) {
	if len(slots) == 0 {
		return
	}
	if !t.isAnswer(slots) {
		t.logDeleted(slots)
	} else if t.spec.Due.Value {
		t.logDeleted(t.rescheduled(slots))
	}
	t.drop(slots)
	t.removed += len(slots)
	t.answer = nil
}

func (t *table) logDeleted(slots []int32) {
	if len(slots) == 0 {
		return
	}
	t.deleted = append(t.deleted, t.groups.Keys(t.mem, slots))
	t.deletedN = append(t.deletedN, len(slots))
}

// rescheduled is the slots that changed in this epoch: what the log knows of them may have another time.
func (t *table) rescheduled(slots []int32) []int32 {
	var out []int32
	for _, s := range slots {
		if t.marked[s>>6]&(1<<(uint(s)&63)) != 0 {
			out = append(out, s)
		}
	}
	return out
}

func (t *table) Schedule(slots []int32, times []int64) {
	for i, s := range slots {
		t.due.remove(s)
		if times[i] != NoDue {
			t.due.add(s, times[i])
		}
	}
}

// isAnswer says that the slots are exactly what Due gave: the log then holds the time, not the keys.
func (t *table) isAnswer(slots []int32) bool {
	if len(t.answer) != len(slots) || &t.answer[0] != &slots[0] {
		return false
	}
	if !t.evictedSet || t.upTo > t.evicted {
		t.evicted, t.evictedSet = t.upTo, true
	}
	return true
}

// drop frees slots without a trace.
func (t *table) drop(slots []int32) {
	for _, s := range slots {
		t.marked[s>>6] &^= 1 << (uint(s) & 63)
		if t.due != nil {
			t.due.remove(s)
		}
	}
	if t.cold != nil {
		t.cold.fail(t.cold.drop(slots))
	}
	t.payload.Clear(slots)
	t.groups.Delete(slots)
}

func (t *table) Due(upTo int64) []int32 {
	if t.due == nil {
		return nil
	}
	if t.cold != nil {
		t.cold.fail(t.cold.due(upTo))
	}
	t.answer, t.upTo = t.due.until(upTo, nil), upTo
	return t.answer
}

func (t *table) All() []int32 {
	if t.cold != nil {
		t.cold.fail(t.cold.all())
	}
	return t.live()
}

func (t *table) live() []int32 { return t.groups.Live(make([]int32, 0, t.groups.Len())) }

func (t *table) Scan(visit func(slots []int32) error) error {
	slots := t.live()
	for lo := 0; lo < len(slots); lo += chunk {
		if err := visit(slots[lo:min(len(slots), lo+chunk)]); err != nil {
			return err
		}
	}
	if t.cold == nil || t.cold.absent == 0 {
		return nil
	}
	return t.cold.scan(visit, false)
}

func (t *table) Key(column int, slots []int32) arrow.Array {
	return t.groups.(*numbered).keys[column].Take(t.mem, slots)
}

func (t *table) Keys(slots []int32) ([]arrow.Array, error) { return t.groups.Keys(t.mem, slots), nil }

func (t *table) Len() int {
	if t.cold != nil {
		return t.groups.Len() + t.cold.absent
	}
	return t.groups.Len()
}

func (t *table) Changed() (updated, removed int) { return len(t.changed()), t.removed }

// changed is the touched slots that still live, each once: a slot that was deleted and given again stands in
// touched twice.
func (t *table) changed() []int32 {
	out := t.touched[:0]
	for _, s := range t.touched {
		if bit := uint64(1) << (uint(s) & 63); t.marked[s>>6]&bit != 0 {
			t.marked[s>>6] &^= bit
			out = append(out, s)
		}
	}
	for _, s := range out {
		t.marked[s>>6] |= 1 << (uint(s) & 63)
	}
	t.touched = out
	return out
}

// settle forgets what changed: it is committed.
func (t *table) settle() {
	for _, s := range t.touched {
		t.marked[s>>6] &^= 1 << (uint(s) & 63)
	}
	t.touched = t.touched[:0]
	t.forgetDeleted()
	t.evictedSet, t.removed = false, 0
}

func (t *table) forgetDeleted() {
	for _, keys := range t.deleted {
		batch.Release(keys...)
	}
	t.deleted, t.deletedN = nil, nil
}

// reset empties the table.
func (t *table) reset() {
	t.payload.Clear(t.live())
	t.groups.Reset()
	if t.due != nil {
		t.due.reset()
	}
	clear(t.marked)
	t.touched = t.touched[:0]
	t.answer = nil
	if t.cold != nil {
		t.cold.reset()
	}
	t.settle()
}

func (t *table) Bytes() int64 {
	n := t.groups.Bytes() + t.payload.Bytes() + int64(cap(t.marked)*8+cap(t.touched)*4)
	if t.due != nil {
		n += t.due.bytes()
	}
	return n
}

package state

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/cockroachdb/pebble/v2"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
)

// cold is the part of a table that lies in the database: the rows of its partitions as of the last commit, whether they
// are in memory as well or not. The table asks it where a key is not in memory, tells it what goes, and gives it at
// the commit what changed.
//
// A row's key is table, partition, 'r', the time that the row is due by (where a key decides), the encoded keys; where a
// value decides, a second key with 'd' and the time finds the first.
type cold struct {
	d      *disk
	t      *table
	number uint16

	stored []uint64 // a bit a slot: the database has the row
	recent []uint64 // a bit a slot: looked up since the hand last passed
	times  []int64  // by slot, where a value decides: the time of the row's second key
	// absent is how many of the database's rows are not in memory; none of them is due before floor.
	absent int
	floor  int64
	gone   map[string]struct{} // keys of rows deleted since the last commit
	moved  [][]byte            // second keys that are void since then
	counts map[uint32]int64    // rows by partition, as of the commit being made
	dirty  map[uint32]struct{} // partitions whose count changed
	batch  *pebble.Batch
	hand   int
	packed int64 // the least bytes that a row was seen to take
	err    error
}

const (
	rowKind   = 'r'
	dueKind   = 'd'
	countKind = 'c'
	keyHead   = 7 // table, partition, kind
)

func newCold(d *disk, t *table) *cold {
	return &cold{d: d, t: t, floor: math.MinInt64, gone: map[string]struct{}{}, counts: map[uint32]int64{}, dirty: map[uint32]struct{}{}}
}

func (c *cold) byKey() bool   { return c.t.spec.Due.Set && !c.t.spec.Due.Value }
func (c *cold) byValue() bool { return c.t.spec.Due.Set && c.t.spec.Due.Value }

// reset forgets all; the database is another one.
func (c *cold) reset() {
	clear(c.stored)
	clear(c.recent)
	clear(c.gone)
	clear(c.counts)
	clear(c.dirty)
	c.moved, c.absent, c.floor, c.hand, c.err = nil, 0, math.MinInt64, 0, nil
	if c.batch != nil {
		_ = c.batch.Close()
		c.batch = nil
	}
}

// fail keeps what a method without an error met, for Check and Commit.
func (c *cold) fail(err error) {
	if err != nil && c.err == nil {
		c.err = c.failed(err)
	}
}

// failed is an error of the database: what its file system met first is the cause.
func (c *cold) failed(err error) error {
	if first := c.d.Err(); first != nil && errs.As(err) == nil {
		err = first
	}
	return loading(err, c.d.dir)
}

func (c *cold) grow(size int) {
	for n := (size + 63) / 64; len(c.stored) < n; {
		c.stored, c.recent = append(c.stored, 0), append(c.recent, 0)
	}
	if c.byValue() {
		for len(c.times) < size {
			c.times = append(c.times, NoDue)
		}
	}
}

func (c *cold) head(to []byte, partition uint32, kind byte) []byte {
	to = binary.BigEndian.AppendUint16(to, c.number)
	to = binary.BigEndian.AppendUint32(to, partition)
	return append(to, kind)
}

// ordered is a time whose bytes sort as times do.
func ordered(to []byte, at int64) []byte { return binary.BigEndian.AppendUint64(to, uint64(at)^1<<63) }

// fetch finds which of the keys the database has, and their values.
func (c *cold) fetch(keys []arrow.Array, n int) (found []int32, values []arrow.Array, err error) {
	k, err := c.rowKeys(keys, n)
	if err != nil {
		return nil, nil, err
	}
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return bytes.Compare(k.at(int(a)), k.at(int(b))) })
	it, err := c.d.db.NewIter(nil)
	if err != nil {
		return nil, nil, err
	}
	in := c.columns(c.t.spec.Values)
	for _, row := range order {
		key := k.at(int(row))
		if _, deleted := c.gone[string(key)]; deleted {
			continue
		}
		if !it.SeekPrefixGE(key) {
			continue
		}
		v, bad := it.ValueAndErr()
		if bad != nil {
			err = bad
			break
		}
		in.add(v)
		found = append(found, row)
	}
	if err == nil {
		err = it.Error()
	}
	if closing := it.Close(); err == nil {
		err = closing
	}
	values = in.done()
	if err != nil {
		batch.Release(values...)
		return nil, nil, err
	}
	return found, values, nil
}

// adopt takes rows of the database into their slots, which are new.
func (c *cold) adopt(slots []int32, values []arrow.Array) error {
	if len(slots) == 0 {
		return nil
	}
	if err := c.t.payload.Write(slots, values); err != nil {
		return err
	}
	if c.byValue() {
		times := TimesOf(values[c.t.spec.Due.Column])
		for i, s := range slots {
			c.times[s] = times[i]
		}
		c.t.Schedule(slots, times)
	}
	setBits(c.stored, slots)
	setBits(c.recent, slots)
	c.absent -= len(slots)
	return nil
}

func setBits(bits []uint64, slots []int32) {
	for _, s := range slots {
		bits[s>>6] |= 1 << (uint(s) & 63)
	}
}

func hasBit(bits []uint64, s int32) bool { return bits[s>>6]&(1<<(uint(s)&63)) != 0 }

func clearBit(bits []uint64, s int32) { bits[s>>6] &^= 1 << (uint(s) & 63) }

// take is some rows of key columns, owned by the caller.
func (c *cold) take(keys []arrow.Array, rows []int32) []arrow.Array {
	out := make([]arrow.Array, len(keys))
	for i, k := range keys {
		out[i] = batch.Take(c.t.mem, k, rows)
	}
	return out
}

// made fills the slots that Slots just made with what the database has of them.
func (c *cold) made(keys []arrow.Array, rows, into []int32) error {
	if c.absent == 0 {
		return nil
	}
	sub := c.take(keys, rows)
	defer batch.Release(sub...)
	found, values, err := c.fetch(sub, len(rows))
	if err != nil {
		return c.failed(err)
	}
	defer batch.Release(values...)
	slots := make([]int32, len(found))
	for i, f := range found {
		slots[i] = into[rows[f]]
	}
	return c.adopt(slots, values)
}

// find brings rows that memory lacks from the database, and looks again.
func (c *cold) find(keys []arrow.Array, rows int, into []int32) error {
	if c.absent > 0 {
		var missing []int32
		for i, s := range into[:rows] {
			if s < 0 {
				missing = append(missing, int32(i))
			}
		}
		if len(missing) > 0 {
			if err := c.bring(keys, missing); err != nil {
				return c.failed(err)
			}
			c.t.groups.Find(keys, rows, into)
		}
	}
	for _, s := range into[:rows] {
		if s >= 0 {
			c.recent[s>>6] |= 1 << (uint(s) & 63)
		}
	}
	return nil
}

func (c *cold) bring(keys []arrow.Array, rows []int32) error {
	sub := c.take(keys, rows)
	defer batch.Release(sub...)
	found, values, err := c.fetch(sub, len(rows))
	if err != nil {
		return err
	}
	defer batch.Release(values...)
	if len(found) == 0 {
		return nil
	}
	theirs := c.take(sub, found)
	defer batch.Release(theirs...)
	_, err = c.load(theirs, values, len(found))
	return err
}

// load makes slots for rows of the database of which some may be in memory, or stand twice; it gives the new slots.
func (c *cold) load(keys, values []arrow.Array, n int) ([]int32, error) {
	slots := make([]int32, n)
	made := c.t.groups.Slots(keys, n, slots)
	if len(made) == 0 {
		return nil, nil
	}
	rows := slices.Clone(made)
	if err := c.t.made(keys, rows, slots); err != nil {
		return nil, err
	}
	fresh := make([]int32, len(rows))
	for i, r := range rows {
		fresh[i] = slots[r]
	}
	if len(rows) < n {
		some := c.take(values, rows)
		defer batch.Release(some...)
		values = some
	}
	return fresh, c.adopt(fresh, values)
}

// drop says that slots are deleted; their keys are still there.
func (c *cold) drop(slots []int32) error {
	var stored []int32
	for _, s := range slots {
		if hasBit(c.stored, s) {
			stored = append(stored, s)
			clearBit(c.stored, s)
		}
		clearBit(c.recent, s)
	}
	if len(stored) == 0 {
		return nil
	}
	keys := c.t.groups.Keys(c.t.mem, stored)
	defer batch.Release(keys...)
	k, err := c.rowKeys(keys, len(stored))
	if err != nil {
		return err
	}
	for i, s := range stored {
		c.gone[string(k.at(i))] = struct{}{}
		c.count(uint32(k.part[i]), -1)
		if c.byValue() && c.times[s] != NoDue {
			c.moved = append(c.moved, c.second(k.at(i), c.times[s]))
			c.times[s] = NoDue
		}
	}
	return nil
}

// second is the key by which a row is found when it is due.
func (c *cold) second(row []byte, at int64) []byte {
	k := make([]byte, 0, len(row)+8)
	k = append(append(k, row[:keyHead-1]...), dueKind)
	return append(ordered(k, at), row[keyHead:]...)
}

func (c *cold) count(partition uint32, by int64) {
	c.counts[partition] += by
	c.dirty[partition] = struct{}{}
}

// begin starts the commit's batch with what goes; put follows for what changed, and end.
func (c *cold) begin() error {
	if c.err != nil {
		return c.err
	}
	c.batch = c.d.db.NewBatch()
	for k := range c.gone {
		if err := c.batch.Delete([]byte(k), nil); err != nil {
			return err
		}
	}
	for _, k := range c.moved {
		if err := c.batch.Delete(k, nil); err != nil {
			return err
		}
	}
	clear(c.gone)
	c.moved = c.moved[:0]
	return nil
}

// put writes rows, keys then values, of these slots.
func (c *cold) put(rows arrow.RecordBatch, slots []int32) error {
	width := len(c.t.spec.Keys)
	k, err := c.rowKeys(rows.Columns()[:width], len(slots))
	if err != nil {
		return err
	}
	encoders := make([]encoder, 0, len(c.t.spec.Values))
	for _, a := range rows.Columns()[width:] {
		encoders = append(encoders, newExactEncoder(a))
	}
	var times []int64
	if c.byValue() {
		times = TimesOf(rows.Column(width + c.t.spec.Due.Column))
	}
	var value []byte
	for i, s := range slots {
		value = value[:0]
		for _, e := range encoders {
			value = e(value, i)
		}
		if err := c.batch.Set(k.at(i), value, nil); err != nil {
			return err
		}
		if !hasBit(c.stored, s) {
			c.stored[s>>6] |= 1 << (uint(s) & 63)
			c.count(uint32(k.part[i]), 1)
		}
		if times == nil || times[i] == c.times[s] {
			continue
		}
		if c.times[s] != NoDue {
			err = c.batch.Delete(c.second(k.at(i), c.times[s]), nil)
		}
		if err == nil && times[i] != NoDue {
			err = c.batch.Set(c.second(k.at(i), times[i]), nil, nil)
		}
		if err != nil {
			return err
		}
		c.times[s] = times[i]
	}
	return nil
}

// toCold puts what changed into the batch.
func (t *table) toCold() error {
	if err := t.cold.begin(); err != nil {
		return err
	}
	slots := t.changed()
	for lo := 0; lo < len(slots); lo += chunk {
		some := slots[lo:min(len(slots), lo+chunk)]
		c, err := t.puts(some)
		if err != nil {
			return err
		}
		err = t.cold.put(c.rows, some)
		c.rows.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// end closes the batch, which the store applies.
func (c *cold) end() (*pebble.Batch, error) {
	b := c.batch
	c.batch = nil
	for p := range c.dirty {
		if err := b.Set(c.head(nil, p, countKind), binary.AppendVarint(nil, c.counts[p]), nil); err != nil {
			return b, err
		}
	}
	clear(c.dirty)
	return b, nil
}

// mine are the partitions that the table's instance holds.
func (c *cold) mine() []uint32 {
	var out []uint32
	for p := c.t.instance; p < c.d.o.Partitions; p += c.t.instances {
		out = append(out, uint32(p))
	}
	return out
}

// trim evicts rows that were not used lately until the table keeps to its part of the memory; nothing is uncommitted.
func (c *cold) trim() {
	held := c.t.groups.Len()
	if c.t.spec.Resident || held == 0 {
		return
	}
	limit := c.fits()
	if held <= limit {
		return
	}
	want := held - limit + limit/8
	var victims []int32
	size := c.t.groups.Size()
	for turn := 0; turn < 2*size && len(victims) < want; turn++ {
		if c.hand >= size {
			c.hand = 0
		}
		s := int32(c.hand)
		c.hand++
		switch {
		case !hasBit(c.stored, s):
		case hasBit(c.recent, s):
			clearBit(c.recent, s)
		default:
			victims = append(victims, s)
			clearBit(c.stored, s) // so that a second round does not take it again
		}
	}
	setBits(c.stored, victims)
	c.evict(victims)
}

// fits is how many rows the table's part of the memory has room for. What rows lie in grows by doubling and never shrinks,
// so that a row may come to take twice what one of a full table does.
func (c *cold) fits() int {
	a := c.t.Bytes() / int64(c.t.groups.Size())
	if c.packed == 0 || a < c.packed {
		c.packed = max(a, 1)
	}
	return int(c.d.tableBytes() / 2 / c.packed)
}

// evict takes rows out of memory that the database has as they are.
func (c *cold) evict(slots []int32) {
	for _, s := range slots {
		clearBit(c.stored, s)
		clearBit(c.recent, s)
		if c.t.due != nil {
			if at, ok := c.t.due.at(s); ok {
				c.floor = min(c.floor, at)
			}
			c.t.due.remove(s)
		}
		if c.byValue() {
			c.times[s] = NoDue
		}
	}
	c.t.payload.Clear(slots)
	c.t.groups.Delete(slots)
	c.absent += len(slots)
}

package state

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// golden spreads consecutive keys over a table of a power of two.
const golden = 0x9e3779b97f4a7c15

// ints is the table for one fixed-width key: the key stands in the entry, so a hit touches one cache line.
type ints struct {
	slotList
	dt      arrow.DataType
	entries []intEntry
	shift   uint
	keys    []int64 // by slot
	null    int32   // slot of the null key + 1
	scratch [block]int64
	made    []int32
}

type intEntry struct {
	key  int64
	slot int32 // + 1; 0 is empty
}

func newInts(dt arrow.DataType) *ints {
	t := &ints{dt: dt}
	t.Reset()
	return t
}

func (t *ints) Reset() {
	t.reset()
	t.keys, t.null = t.keys[:0], 0
	if len(t.entries) == 0 || len(t.entries) > 1<<16 {
		t.entries, t.shift = make([]intEntry, firstEntries), 56
		return
	}
	clear(t.entries)
}

func (t *ints) Slots(keys []arrow.Array, rows int, into []int32) []int32 {
	t.made = t.made[:0]
	valid := batch.Valid(keys[0])
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		words := wordsOf(keys[0], lo, hi, t.scratch[:])
		if valid.All() {
			t.plain(words, lo, into)
			continue
		}
		for i, k := range words {
			if valid.Get(lo + i) {
				into[lo+i] = t.slot(k, lo+i)
			} else {
				into[lo+i] = t.nullSlot(lo + i)
			}
		}
	}
	return t.made
}

// plain is the loop over keys without nulls; the common case, a key that is there at its home, is inline.
func (t *ints) plain(words []int64, lo int, into []int32) {
	into = into[lo : lo+len(words)]
	entries, shift := t.entries, t.shift
	for i, k := range words {
		e := &entries[uint64(k)*golden>>shift]
		if e.key == k && e.slot != 0 {
			into[i] = e.slot - 1
			continue
		}
		into[i] = t.slot(k, lo+i)
		entries, shift = t.entries, t.shift
	}
}

func (t *ints) slot(k int64, row int) int32 {
	mask := uint64(len(t.entries) - 1)
	at := uint64(k) * golden >> t.shift
	for {
		e := &t.entries[at]
		if e.slot == 0 {
			break
		}
		if e.key == k {
			return e.slot - 1
		}
		at = (at + 1) & mask
	}
	s := t.make(k, row)
	t.entries[at] = intEntry{k, s + 1}
	if t.used*2 >= len(t.entries) {
		t.double()
	}
	return s
}

func (t *ints) make(k int64, row int) int32 {
	s := t.take()
	if int(s) == len(t.keys) {
		t.keys = append(t.keys, k)
	} else {
		t.keys[s] = k
	}
	t.made = append(t.made, int32(row))
	return s
}

func (t *ints) nullSlot(row int) int32 {
	if t.null == 0 {
		t.null = t.make(0, row) + 1
	}
	return t.null - 1
}

func (t *ints) double() {
	old := t.entries
	t.entries = make([]intEntry, len(old)*2)
	t.shift--
	mask := uint64(len(t.entries) - 1)
	for _, e := range old {
		if e.slot == 0 {
			continue
		}
		at := uint64(e.key) * golden >> t.shift
		for t.entries[at].slot != 0 {
			at = (at + 1) & mask
		}
		t.entries[at] = e
	}
}

func (t *ints) Find(keys []arrow.Array, rows int, into []int32) {
	valid := batch.Valid(keys[0])
	mask := uint64(len(t.entries) - 1)
	for lo := 0; lo < rows; lo += block {
		hi := min(rows, lo+block)
		for i, k := range wordsOf(keys[0], lo, hi, t.scratch[:]) {
			if !valid.Get(lo + i) {
				into[lo+i] = t.null - 1
				continue
			}
			at := uint64(k) * golden >> t.shift
			for t.entries[at].slot != 0 && t.entries[at].key != k {
				at = (at + 1) & mask
			}
			into[lo+i] = t.entries[at].slot - 1
		}
	}
}

// Reader copies the head of the table, and with it the scratch.
func (t *ints) Reader() Groups {
	view := *t
	return &view
}

func (t *ints) Delete(slots []int32) {
	for _, s := range slots {
		if s == t.null-1 {
			t.null = 0
		} else {
			t.remove(t.keys[s])
		}
		t.give(s)
	}
}

func (t *ints) remove(k int64) {
	mask := uint64(len(t.entries) - 1)
	at := uint64(k) * golden >> t.shift
	for t.entries[at].slot == 0 || t.entries[at].key != k {
		at = (at + 1) & mask
	}
	for next := (at + 1) & mask; ; next = (next + 1) & mask {
		e := t.entries[next]
		if e.slot == 0 {
			break
		}
		home := uint64(e.key) * golden >> t.shift
		if (next-home)&mask >= (next-at)&mask {
			t.entries[at] = e
			at = next
		}
	}
	t.entries[at] = intEntry{}
}

func (t *ints) Keys(mem memory.Allocator, slots []int32) []arrow.Array {
	var valid *batch.Marks
	if t.null > 0 {
		for i, s := range slots {
			if s == t.null-1 {
				if valid == nil {
					valid = batch.NewMarks(mem, len(slots), true)
				}
				valid.Clear(i)
			}
		}
	}
	return []arrow.Array{columnOf(mem, t.dt, slots, valid, func(s int32) uint64 { return uint64(t.keys[s]) })}
}

func (t *ints) Bytes() int64 {
	return t.bytes() + int64(cap(t.entries)*16+cap(t.keys)*8)
}

// isWord says that a value of the type fits into 64 bits.
func isWord(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION,
		arrow.INTERVAL_MONTHS, arrow.FLOAT32, arrow.FLOAT64:
		return true
	}
	return false
}

// wordsOf gives rows lo to hi of a column as words; scratch is used where the column does not hold such words.
func wordsOf(a arrow.Array, lo, hi int, scratch []int64) []int64 {
	switch a.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return batch.Values[int64](a)[lo:hi]
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return widen(batch.Values[int32](a)[lo:hi], scratch)
	case arrow.INT16:
		return widen(batch.Values[int16](a)[lo:hi], scratch)
	case arrow.INT8:
		return widen(batch.Values[int8](a)[lo:hi], scratch)
	case arrow.FLOAT32:
		for i, v := range batch.Values[float32](a)[lo:hi] {
			scratch[i] = int64(floatWord(float64(v)))
		}
	case arrow.FLOAT64:
		for i, v := range batch.Values[float64](a)[lo:hi] {
			scratch[i] = int64(floatWord(v))
		}
	case arrow.BOOL:
		v := batch.Bools(a)
		for i := range scratch[:hi-lo] {
			scratch[i] = 0
			if v.Get(lo + i) {
				scratch[i] = 1
			}
		}
	}
	return scratch[:hi-lo]
}

func widen[T int8 | int16 | int32](v []T, into []int64) []int64 {
	for i, x := range v {
		into[i] = int64(x)
	}
	return into[:len(v)]
}

// floatWord is a float's bits with -0.0 and NaN made one each.
func floatWord(v float64) uint64 {
	if v == 0 {
		return 0
	}
	if v != v {
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

// columnOf builds a column of a word type from the words of these slots.
func columnOf(mem memory.Allocator, dt arrow.DataType, slots []int32, valid *batch.Marks, word func(int32) uint64) arrow.Array {
	switch dt.ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return narrow[int64](mem, dt, slots, valid, word)
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return narrow[int32](mem, dt, slots, valid, word)
	case arrow.INT16:
		return narrow[int16](mem, dt, slots, valid, word)
	case arrow.INT8:
		return narrow[int8](mem, dt, slots, valid, word)
	case arrow.BOOL:
		out := batch.NewMarks(mem, len(slots), false)
		for i, s := range slots {
			if word(s) != 0 {
				out.Set(i)
			}
		}
		return out.Done(valid)
	case arrow.FLOAT32:
		out := batch.NewFixed[float32](mem, len(slots))
		for i, s := range slots {
			out.Values[i] = float32(math.Float64frombits(word(s)))
		}
		return out.Done(dt, valid)
	}
	out := batch.NewFixed[float64](mem, len(slots))
	for i, s := range slots {
		out.Values[i] = math.Float64frombits(word(s))
	}
	return out.Done(dt, valid)
}

func narrow[T int8 | int16 | int32 | int64](mem memory.Allocator, dt arrow.DataType, slots []int32, valid *batch.Marks, word func(int32) uint64) arrow.Array {
	out := batch.NewFixed[T](mem, len(slots))
	for i, s := range slots {
		out.Values[i] = T(word(s))
	}
	return out.Done(dt, valid)
}

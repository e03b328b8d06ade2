package state

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/types"
)

// Groups numbers the distinct rows of key columns: equal rows have one slot. Equal is Spark's grouping: null equals
// null, NaN equals NaN, -0.0 equals 0.0. Slots are dense small numbers; a deleted one is given again. One goroutine.
type Groups interface {
	// Slots finds each row's slot and makes missing ones. made is the rows that made one, valid until the next call.
	Slots(keys []arrow.Array, rows int, into []int32) (made []int32)
	// Find is Slots without making: -1 where absent.
	Find(keys []arrow.Array, rows int, into []int32)
	// Reader is a view for Find on another goroutine, while nobody changes the table.
	Reader() Groups
	// Delete frees slots, each of which is live.
	Delete(slots []int32)
	// Keys gives the key columns of these slots, owned by the caller.
	Keys(mem memory.Allocator, slots []int32) []arrow.Array
	// Live appends every slot in use.
	Live(into []int32) []int32
	Len() int
	// Size is one more than the greatest slot that was ever given since Reset.
	Size() int
	Reset()
	Bytes() int64
}

// NewGroups makes the table that is specialised for these key types.
func NewGroups(keys []types.Type) Groups {
	dts := arrowTypes(keys)
	if len(dts) == 0 {
		return &whole{}
	}
	if len(dts) == 1 && isWord(dts[0]) {
		return newInts(dts[0])
	}
	if s, ok := newShape(dts); ok && s.words <= maxWords {
		return newFixed(s)
	}
	if len(dts) > 1 {
		if m := newMixed(dts); m != nil {
			return m
		}
	}
	return newTexts(dts)
}

func arrowTypes(of []types.Type) []arrow.DataType {
	out := make([]arrow.DataType, len(of))
	for i, t := range of {
		out[i] = types.Arrow(t)
	}
	return out
}

// maxWords is how many words a key may have that is kept as words.
const maxWords = 8

// newFixed makes the table for keys of a shape of at most maxWords.
func newFixed(s *shape) Groups {
	switch {
	case s.words <= 2:
		return newWords[[2]uint64](s)
	case s.words == 3:
		return newWords[[3]uint64](s)
	case s.words == 4:
		return newWords[[4]uint64](s)
	case s.words <= 6:
		return newWords[[6]uint64](s)
	}
	return newWords[[8]uint64](s)
}

// block is how many rows are hashed at once: their scratch stays in the first-level cache.
const block = 1024

// slotList gives out slot numbers.
type slotList struct {
	live []uint64 // a bit a slot
	free []int32
	size int
	used int
}

func (l *slotList) take() int32 {
	l.used++
	var s int32
	if n := len(l.free); n > 0 {
		s = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		s = int32(l.size)
		l.size++
		if l.size > len(l.live)*64 {
			l.live = append(l.live, 0)
		}
	}
	l.live[s>>6] |= 1 << (uint(s) & 63)
	return s
}

func (l *slotList) give(s int32) {
	l.used--
	l.live[s>>6] &^= 1 << (uint(s) & 63)
	l.free = append(l.free, s)
}

// Live, Len and Size are those of Groups.
func (l *slotList) Live(into []int32) []int32 {
	for i, w := range l.live {
		for w != 0 {
			into = append(into, int32(i*64+bits.TrailingZeros64(w)))
			w &= w - 1
		}
	}
	return into
}

func (l *slotList) Len() int  { return l.used }
func (l *slotList) Size() int { return l.size }

func (l *slotList) reset() {
	clear(l.live)
	l.live, l.free, l.size, l.used = l.live[:0], l.free[:0], 0, 0
}

func (l *slotList) bytes() int64 { return int64(cap(l.live)*8 + cap(l.free)*4) }

// whole is the table without keys: all rows are one group.
type whole struct {
	slotList
	made [1]int32
}

func (w *whole) Slots(_ []arrow.Array, rows int, into []int32) []int32 {
	clear(into[:rows])
	if rows == 0 || w.used > 0 {
		return nil
	}
	w.take()
	return w.made[:]
}

func (w *whole) Find(_ []arrow.Array, rows int, into []int32) {
	for i := range into[:rows] {
		into[i] = int32(w.used) - 1
	}
}

func (w *whole) Reader() Groups { return w }

func (w *whole) Delete(slots []int32) {
	for _, s := range slots {
		w.give(s)
	}
}

func (w *whole) Keys(memory.Allocator, []int32) []arrow.Array { return nil }
func (w *whole) Reset()                                       { w.reset() }
func (w *whole) Bytes() int64                                 { return w.bytes() }

// probes is an open-addressed index from hashes to slots. An entry is 32 bits of the hash and the slot + 1; where it
// belongs follows from the entry alone, so that growing and removing never look at the keys.
type probes struct {
	entries []uint64
	mask    uint32
	count   int
}

const firstEntries = 256

func (p *probes) init() {
	p.entries, p.mask, p.count = make([]uint64, firstEntries), firstEntries-1, 0
}

func (p *probes) reset() {
	if len(p.entries) > 1<<16 {
		p.init()
		return
	}
	clear(p.entries)
	p.count = 0
}

// entryOf is the entry of a slot; homeOf where the search for a hash, or an entry, begins.
func entryOf(hash uint64, slot int32) uint64 { return hash&^0xffffffff | uint64(uint32(slot+1)) }

func (p *probes) homeOf(hash uint64) uint32 { return uint32(hash>>32) & p.mask }

// added counts an insertion and doubles the index when it is half full.
func (p *probes) added() {
	if p.count++; p.count*2 < len(p.entries) {
		return
	}
	old := p.entries
	p.entries = make([]uint64, len(old)*2)
	p.mask = uint32(len(p.entries) - 1)
	for _, e := range old {
		if e == 0 {
			continue
		}
		at := p.homeOf(e)
		for p.entries[at] != 0 {
			at = (at + 1) & p.mask
		}
		p.entries[at] = e
	}
}

// remove takes the slot's entry out and closes the gap.
func (p *probes) remove(hash uint64, slot int32) {
	at := p.homeOf(hash)
	for int32(uint32(p.entries[at]))-1 != slot {
		at = (at + 1) & p.mask
	}
	p.count--
	for next := (at + 1) & p.mask; ; next = (next + 1) & p.mask {
		e := p.entries[next]
		if e == 0 {
			break
		}
		if (next-p.homeOf(e))&p.mask >= (next-at)&p.mask {
			p.entries[at] = e
			at = next
		}
	}
	p.entries[at] = 0
}

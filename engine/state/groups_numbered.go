package state

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// numbered is the table for rows that a number tells apart, the last key. A row whose number is above all before it is
// new without being looked for; the index that finds others is there only while they come, as they do in a restore.
type numbered struct {
	slotList
	keys  []batch.Cells
	most  int64
	index map[int64]int32 // nil until one is looked for
	idle  int             // calls since then that looked for none
	made  []int32
}

// indexIdle is after how many calls without a look the index goes.
const indexIdle = 1000

func newNumbered(dts []arrow.DataType) *numbered {
	t := &numbered{most: -1}
	for _, dt := range dts {
		t.keys = append(t.keys, batch.NewCells(dt))
	}
	return t
}

func (t *numbered) Slots(keys []arrow.Array, rows int, into []int32) []int32 {
	numbers := batch.Values[int64](keys[len(keys)-1])[:rows]
	t.made = t.made[:0]
	if t.fresh(numbers) {
		for i := range numbers {
			into[i] = t.take()
			t.made = append(t.made, int32(i))
		}
		if t.index != nil {
			if t.idle++; t.idle > indexIdle {
				t.index = nil
			}
		}
		t.set(keys, into[:rows])
	} else {
		t.look()
		for i, n := range numbers {
			s, known := t.index[n]
			if !known {
				s = t.take()
				t.index[n] = s
				t.made = append(t.made, int32(i))
			}
			into[i] = s
		}
		t.set(keys, into[:rows]) // those that were there have these keys
	}
	for i, n := range numbers {
		t.most = max(t.most, n)
		if t.index != nil {
			t.index[n] = into[i]
		}
	}
	return t.made
}

// fresh says that numbers ascend from above all known ones.
func (t *numbered) fresh(numbers []int64) bool {
	last := t.most
	for _, n := range numbers {
		if n <= last {
			return false
		}
		last = n
	}
	return true
}

func (t *numbered) set(keys []arrow.Array, slots []int32) {
	for i, c := range t.keys {
		c.Grow(t.size)
		c.Set(slots, keys[i])
	}
}

// look makes the index.
func (t *numbered) look() {
	t.idle = 0
	if t.index != nil {
		return
	}
	slots := t.Live(make([]int32, 0, t.used))
	t.index = make(map[int64]int32, len(slots))
	numbers := t.keys[len(t.keys)-1].Take(memory.DefaultAllocator, slots)
	defer numbers.Release()
	for i, n := range batch.Values[int64](numbers) {
		t.index[n] = slots[i]
	}
}

func (t *numbered) Find(keys []arrow.Array, rows int, into []int32) {
	t.look()
	for i, n := range batch.Values[int64](keys[len(keys)-1])[:rows] {
		into[i] = -1
		if s, known := t.index[n]; known {
			into[i] = s
		}
	}
}

// Reader makes the index, so that looking changes nothing.
func (t *numbered) Reader() Groups {
	t.look()
	view := *t
	return &view
}

func (t *numbered) Delete(slots []int32) {
	if t.index != nil && len(slots) > 0 {
		numbers := t.keys[len(t.keys)-1].Take(memory.DefaultAllocator, slots)
		for _, n := range batch.Values[int64](numbers) {
			delete(t.index, n)
		}
		numbers.Release()
	}
	for _, c := range t.keys {
		c.Clear(slots)
	}
	for _, s := range slots {
		t.give(s)
	}
}

func (t *numbered) Keys(mem memory.Allocator, slots []int32) []arrow.Array {
	out := make([]arrow.Array, len(t.keys))
	for i, c := range t.keys {
		out[i] = c.Take(mem, slots)
	}
	return out
}

func (t *numbered) Reset() {
	for _, c := range t.keys {
		c.Clear(t.Live(nil))
	}
	t.slotList.reset()
	t.most, t.index = -1, nil
}

func (t *numbered) Bytes() int64 {
	n := t.bytes() + int64(len(t.index))*24
	for _, c := range t.keys {
		n += c.Bytes()
	}
	return n
}

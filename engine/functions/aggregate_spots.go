package functions

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// spots is the row of a store that each slot holds, or none.
type spots struct {
	at      []spot
	live    int // slots that hold one
	changed touched
}

func (p *spots) Grow(n int) {
	old := len(p.at)
	p.at = grown(p.at, n)
	for i := old; i < n; i++ {
		p.at[i] = none
	}
	p.changed.grow(n)
}

func (p *spots) Clear(slots []int32) {
	for _, s := range slots {
		if p.at[s] != none {
			p.live--
			p.at[s] = none
		}
	}
}

// move lets slots hold the rows of a chunk, in its order.
func (p *spots) move(slots []int32, chunk int32) {
	for k, s := range slots {
		if p.at[s] == none {
			p.live++
		}
		p.at[s] = spot{chunk, int32(k)}
	}
}

// of copies the spots of slots.
func (p *spots) of(slots []int32) []spot {
	out := make([]spot, len(slots))
	for i, s := range slots {
		out[i] = p.at[s]
	}
	return out
}

// held gives the places of all spots that are rows.
func (p *spots) held() []*spot {
	out := make([]*spot, 0, p.live)
	for s := range p.at {
		if p.at[s] != none {
			out = append(out, &p.at[s])
		}
	}
	return out
}

// seen says which slots hold a row, as partial results tell it.
func (p *spots) seen(mem memory.Allocator, slots []int32) arrow.Array {
	out := batch.NewMarks(mem, len(slots), false)
	for i, s := range slots {
		out.Put(i, p.at[s] != none)
	}
	return out.Done(nil)
}

func (p *spots) bytes() int64 { return int64(cap(p.at)) * 12 }

// touched collects, for the slots that a batch changes, the row that each ends with.
type touched struct {
	slots []int32
	row   []int32 // by slot; -1 where untouched
}

func (t *touched) grow(n int) {
	old := len(t.row)
	t.row = grown(t.row, n)
	for i := old; i < n; i++ {
		t.row[i] = -1
	}
}

func (t *touched) set(s, row int32) {
	if t.row[s] < 0 {
		t.slots = append(t.slots, s)
	}
	t.row[s] = row
}

// take gives the slots and their rows, and forgets them.
func (t *touched) take() (slots, rows []int32) {
	slots = t.slots
	rows = make([]int32, len(slots))
	for i, s := range slots {
		rows[i], t.row[s] = t.row[s], -1
	}
	t.slots = nil
	return slots, rows
}

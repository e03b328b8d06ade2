package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// sideRows is what a stream-stream join keeps of one side, by slot: the side's columns and, where rows come out that have
// met none (flagged), whether the row has met another. It is its table's payload.
type sideRows struct {
	mem     memory.Allocator
	table   state.Table
	places  []place // of the side's columns
	columns []batch.Cells
	met     batch.SlotBits
	flagged bool
}

// place is where a column lies: among the table's keys, or in the payload.
type place struct {
	key bool
	at  int
}

func newSideRows(mem memory.Allocator, side *StreamSide, flagged bool) *sideRows {
	r := &sideRows{mem: mem, flagged: flagged, places: make([]place, len(side.Columns))}
	for c, f := range side.Columns {
		if k := slices.Index(side.Keys, c); k >= 0 {
			r.places[c] = place{key: true, at: k}
			continue
		}
		r.places[c] = place{at: len(r.columns)}
		r.columns = append(r.columns, batch.NewCells(types.Arrow(f.Type)))
	}
	return r
}

func (r *sideRows) Grow(n int) {
	for _, c := range r.columns {
		c.Grow(n)
	}
}

func (r *sideRows) Read(slots []int32) ([]arrow.Array, error) {
	out := r.take(r.mem, slots, nil)
	if r.flagged {
		m := batch.NewMarks(r.mem, len(slots), false)
		for i, s := range slots {
			m.Put(i, r.met.Get(s))
		}
		out = append(out, m.Done(nil))
	}
	return out, nil
}

func (r *sideRows) Write(slots []int32, columns []arrow.Array) error {
	for c, p := range r.places {
		if !p.key {
			r.columns[p.at].Set(slots, columns[c])
		}
	}
	if r.flagged {
		met := batch.Bools(columns[len(r.places)])
		for i, s := range slots {
			r.met.Put(s, met.Get(i))
		}
	}
	return nil
}

func (r *sideRows) Clear(slots []int32) {
	for _, c := range r.columns {
		c.Clear(slots)
	}
}

func (r *sideRows) Bytes() int64 {
	n := int64(cap(r.met) * 8)
	for _, c := range r.columns {
		n += c.Bytes()
	}
	return n
}

// take gives columns of slots, owned by the caller; nil columns are all.
func (r *sideRows) take(mem memory.Allocator, slots []int32, columns []int) []arrow.Array {
	n := len(columns)
	if columns == nil {
		n = len(r.places)
	}
	out := make([]arrow.Array, n)
	for i := range out {
		c := i
		if columns != nil {
			c = columns[i]
		}
		if p := r.places[c]; p.key {
			out[i] = r.table.Key(p.at, slots)
		} else {
			out[i] = r.columns[p.at].Take(mem, slots)
		}
	}
	return out
}

func (r *sideRows) close() {
	for _, c := range r.columns {
		c.Close()
	}
}

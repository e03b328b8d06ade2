package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// sideRows is what a stream-stream join keeps of one side, by slot: the side's columns and, where rows come out that have
// met none (flagged), whether the row has met another. It is its table's payload.
type sideRows struct {
	mem     memory.Allocator
	columns []batch.Cells
	met     batch.SlotBits
	flagged bool
}

func newSideRows(mem memory.Allocator, columns []types.Field, flagged bool) *sideRows {
	r := &sideRows{mem: mem, flagged: flagged}
	for _, f := range columns {
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
	for i, c := range r.columns {
		c.Set(slots, columns[i])
	}
	if r.flagged {
		met := batch.Bools(columns[len(r.columns)])
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
	if columns == nil {
		out := make([]arrow.Array, len(r.columns), len(r.columns)+1)
		for i, c := range r.columns {
			out[i] = c.Take(mem, slots)
		}
		return out
	}
	out := make([]arrow.Array, len(columns))
	for i, c := range columns {
		out[i] = r.columns[c].Take(mem, slots)
	}
	return out
}

func (r *sideRows) close() {
	for _, c := range r.columns {
		c.Close()
	}
}

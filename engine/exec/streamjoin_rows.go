package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// sideRows is what a stream-stream join keeps of one side, by slot: the side's columns and, where outer rows or a semi
// join need it, whether the row has met another. It is its table's payload.
type sideRows struct {
	mem     memory.Allocator
	columns []cells
	met     slotBits
	flagged bool
}

func newSideRows(mem memory.Allocator, columns []types.Field, flagged bool) *sideRows {
	r := &sideRows{mem: mem, flagged: flagged}
	for _, f := range columns {
		r.columns = append(r.columns, newCells(types.Arrow(f.Type)))
	}
	return r
}

func (r *sideRows) Grow(n int) {
	for _, c := range r.columns {
		c.grow(n)
	}
}

func (r *sideRows) Read(slots []int32) ([]arrow.Array, error) {
	out := r.take(r.mem, slots, nil)
	if r.flagged {
		m := batch.NewMarks(r.mem, len(slots), false)
		for i, s := range slots {
			m.Put(i, r.met.get(s))
		}
		out = append(out, m.Done(nil))
	}
	return out, nil
}

func (r *sideRows) Write(slots []int32, columns []arrow.Array) error {
	for i, c := range r.columns {
		c.set(slots, columns[i])
	}
	if r.flagged {
		met := batch.Bools(columns[len(r.columns)])
		for i, s := range slots {
			r.met.put(s, met.Get(i))
		}
	}
	return nil
}

func (r *sideRows) Clear(slots []int32) {
	for _, c := range r.columns {
		c.clear(slots)
	}
}

func (r *sideRows) Bytes() int64 {
	n := int64(cap(r.met) * 8)
	for _, c := range r.columns {
		n += c.bytes()
	}
	return n
}

// take gives columns of slots, owned by the caller; nil columns are all.
func (r *sideRows) take(mem memory.Allocator, slots []int32, columns []int) []arrow.Array {
	if columns == nil {
		out := make([]arrow.Array, len(r.columns), len(r.columns)+1)
		for i, c := range r.columns {
			out[i] = c.take(mem, slots)
		}
		return out
	}
	out := make([]arrow.Array, len(columns))
	for i, c := range columns {
		out[i] = r.columns[c].take(mem, slots)
	}
	return out
}

func (r *sideRows) close() {
	for _, c := range r.columns {
		c.close()
	}
}

// chains finds the rows of both sides by their key: sides share the numbering of keys, and a row knows the next and the
// one before it of its key.
type chains struct {
	keys  state.Groups
	heads [2][]int32 // by key, -1 is none
	next  [2][]int32 // by row, -1 ends
	prev  [2][]int32 // by row; ^key where it is the first, alone where it is in no chain
}

// alone marks a row that can meet none: its key is null.
const alone = math.MinInt32

func newChains(keys []types.Type) *chains { return &chains{keys: state.NewGroups(keys)} }

// number gives each row the number of its key; free, called in the end, forgets the keys that got no row.
func (c *chains) number(keys []arrow.Array, rows int, into []int32) (free func()) {
	made := c.keys.Slots(keys, rows, into)
	if len(made) == 0 {
		return func() {}
	}
	for s := range c.heads {
		old := len(c.heads[s])
		c.heads[s] = lengthened(c.heads[s], c.keys.Size())
		for i := old; i < len(c.heads[s]); i++ {
			c.heads[s][i] = -1
		}
	}
	fresh := make([]int32, len(made))
	for i, row := range made {
		fresh[i] = into[row]
	}
	return func() { c.forget(fresh) }
}

// forget frees those of these keys that have no row.
func (c *chains) forget(keys []int32) {
	unused := keys[:0]
	for _, k := range keys {
		if c.heads[0][k] < 0 && c.heads[1][k] < 0 {
			unused = append(unused, k)
		}
	}
	c.keys.Delete(unused)
}

// add puts rows before the others of their keys; a negative key is none.
func (c *chains) add(side int, rows, keys []int32) {
	top := int32(-1)
	for _, r := range rows {
		top = max(top, r)
	}
	c.next[side], c.prev[side] = lengthened(c.next[side], int(top)+1), lengthened(c.prev[side], int(top)+1)
	heads, next, prev := c.heads[side], c.next[side], c.prev[side]
	for i, r := range rows {
		k := keys[i]
		if k < 0 {
			next[r], prev[r] = -1, alone
			continue
		}
		h := heads[k]
		next[r], prev[r] = h, ^k
		if h >= 0 {
			prev[h] = r
		}
		heads[k] = r
	}
}

// remove takes rows out, and frees keys with their last row.
func (c *chains) remove(side int, rows []int32) {
	heads, next, prev := c.heads[side], c.next[side], c.prev[side]
	other := c.heads[1-side]
	var unused []int32
	for _, r := range rows {
		n, p := next[r], prev[r]
		switch {
		case p == alone:
			continue
		case p >= 0:
			next[p] = n
		default:
			if heads[^p] = n; n < 0 && other[^p] < 0 {
				unused = append(unused, ^p)
			}
		}
		if n >= 0 {
			prev[n] = p
		}
	}
	c.keys.Delete(unused)
}

func (c *chains) bytes() int64 {
	n := c.keys.Bytes()
	for s := range c.heads {
		n += int64(cap(c.heads[s])+cap(c.next[s])+cap(c.prev[s])) * 4
	}
	return n
}

package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// partCells is a column of lists or maps: it keeps the columns that it was given, and for each slot the row of one of
// them. A part goes with its last row; where parts are many or mostly unused they become one.
type partCells struct {
	dt    arrow.DataType
	parts []arrow.Array // nil is a place to use again
	live  []int32       // by part
	spots Pages[partSpot]
	used  int // live rows
	held  int // rows in parts
}

// partSpot is a row of a part; part counts from 1, and 0 is null.
type partSpot struct{ part, row int32 }

func (c *partCells) Grow(n int) { c.spots.Grow(n) }

func (c *partCells) Set(slots []int32, a arrow.Array) {
	if len(slots) == 0 {
		return
	}
	c.Clear(slots)
	part := c.keep(a)
	for i, s := range slots {
		*c.spots.At(s) = partSpot{part, int32(i)}
	}
	c.live[part-1] = int32(len(slots))
	c.used += len(slots)
	if len(c.parts) > 32 || c.held > 2*c.used+4*Rows {
		c.tidy()
	}
}

func (c *partCells) keep(a arrow.Array) int32 {
	a.Retain()
	c.held += a.Len()
	for i, p := range c.parts {
		if p == nil {
			c.parts[i] = a
			return int32(i + 1)
		}
	}
	c.parts, c.live = append(c.parts, a), append(c.live, 0)
	return int32(len(c.parts))
}

func (c *partCells) Clear(slots []int32) {
	for _, s := range slots {
		x := c.spots.At(s).part
		if x == 0 {
			continue
		}
		*c.spots.At(s) = partSpot{}
		c.used--
		if c.live[x-1]--; c.live[x-1] == 0 {
			c.held -= c.parts[x-1].Len()
			c.parts[x-1].Release()
			c.parts[x-1] = nil
		}
	}
}

// tidy makes one part of all rows in use.
func (c *partCells) tidy() {
	var slots []int32
	for s := int32(0); s < int32(c.spots.Len()); s++ {
		if c.spots.At(s).part > 0 {
			slots = append(slots, s)
		}
	}
	all := c.Take(memory.DefaultAllocator, slots)
	c.Close()
	c.parts, c.live, c.held, c.used = []arrow.Array{all}, []int32{int32(len(slots))}, len(slots), len(slots)
	for i, s := range slots {
		*c.spots.At(s) = partSpot{1, int32(i)}
	}
}

// take takes from each part the rows that are asked for, and puts them in order.
func (c *partCells) Take(mem memory.Allocator, slots []int32) arrow.Array {
	rows, n := make([][]int32, len(c.parts)), 0
	for _, s := range slots {
		if s >= 0 && c.spots.At(s).part > 0 {
			x := *c.spots.At(s)
			if rows[x.part-1] == nil {
				n++
			}
			rows[x.part-1] = append(rows[x.part-1], x.row)
		}
	}
	if n == 0 {
		return array.MakeArrayOfNull(mem, c.dt, len(slots))
	}
	taken, next := make([]arrow.Array, 0, n), make([]int32, len(c.parts))
	at := int32(0)
	for i, r := range rows {
		next[i] = at
		if r != nil {
			taken = append(taken, Take(mem, c.parts[i], r))
			at += int32(len(r))
		}
	}
	all, err := Concat(mem, taken)
	Release(taken...)
	if err != nil {
		panic(TooLarge)
	}
	defer all.Release()
	order := make([]int32, len(slots))
	for i, s := range slots {
		order[i] = -1
		if s >= 0 && c.spots.At(s).part > 0 {
			x := c.spots.At(s).part - 1
			order[i] = next[x]
			next[x]++
		}
	}
	return Take(mem, all, order)
}

func (c *partCells) Bytes() int64 {
	n := int64(c.spots.Len() * 8)
	for _, p := range c.parts {
		if p != nil {
			n += int64(p.Data().SizeInBytes())
		}
	}
	return n
}

func (c *partCells) Close() {
	for _, p := range c.parts {
		if p != nil {
			p.Release()
		}
	}
	c.parts, c.live = nil, nil
}

package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// chains finds the rows of both sides by their key: sides share the numbering of keys, and a row knows the next and the
// one before it of its key.
type chains struct {
	keys  state.Groups
	heads [2]batch.Pages[int32]     // by key, from 1; 0 is none
	links [2]batch.Pages[neighbour] // by row
}

// neighbour is a row's place among those of its key.
type neighbour struct {
	next int32 // -1 ends
	prev int32 // ^key where it is the first, alone where it is in no chain
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
		c.heads[s].Grow(c.keys.Size())
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
		if *c.heads[0].At(k) == 0 && *c.heads[1].At(k) == 0 {
			unused = append(unused, k)
		}
	}
	c.keys.Delete(unused)
}

// first is the first row of a key, -1 is none; after the one behind a row.
func (c *chains) first(side int, key int32) int32 { return *c.heads[side].At(key) - 1 }
func (c *chains) after(side int, row int32) int32 { return c.links[side].At(row).next }

// add puts rows before the others of their keys; a negative key is none.
func (c *chains) add(side int, rows, keys []int32) {
	heads, links := &c.heads[side], &c.links[side]
	top := int32(-1)
	for _, r := range rows {
		top = max(top, r)
	}
	links.Grow(int(top) + 1)
	for i, r := range rows {
		k := keys[i]
		if k < 0 {
			*links.At(r) = neighbour{-1, alone}
			continue
		}
		head := heads.At(k)
		*links.At(r) = neighbour{*head - 1, ^k}
		if *head > 0 {
			links.At(*head - 1).prev = r
		}
		*head = r + 1
	}
}

// remove takes rows out, and frees keys with their last row.
func (c *chains) remove(side int, rows []int32) {
	heads, links := &c.heads[side], &c.links[side]
	var unused []int32
	for _, r := range rows {
		x := *links.At(r)
		switch {
		case x.prev == alone:
			continue
		case x.prev >= 0:
			links.At(x.prev).next = x.next
		default:
			k := ^x.prev
			*heads.At(k) = x.next + 1
			if x.next < 0 && *c.heads[1-side].At(k) == 0 {
				unused = append(unused, k)
			}
		}
		if x.next >= 0 {
			links.At(x.next).prev = x.prev
		}
	}
	c.keys.Delete(unused)
}

func (c *chains) bytes() int64 {
	n := c.keys.Bytes()
	for s := range c.heads {
		n += int64(c.heads[s].Len()*4 + c.links[s].Len()*8)
	}
	return n
}

package state

import (
	"container/heap"

	"pysparkcompat/engine/batch"
)

// dueShift makes buckets of 2^16 microseconds: a call visits at most that much of what is not due yet.
const dueShift = 16

// due indexes slots by the time at which they are due. Adding and removing cost the same however many there are; asking
// costs what is due. Buckets are doubly linked lists through the slots, so a removed slot leaves nothing behind.
type due struct {
	times batch.Pages[int64] // by slot
	links batch.Pages[link]  // by slot
	heads map[int64]int32
	order buckets
}

// link is a slot's place in its bucket's list.
type link struct {
	next int32 // -1 ends
	prev int32 // from 1; 0 is in no list, -1 is the head
}

// buckets is a min-heap of bucket numbers, each in it once.
type buckets []int64

func (b buckets) Len() int           { return len(b) }
func (b buckets) Less(i, j int) bool { return b[i] < b[j] }
func (b buckets) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *buckets) Push(x any)        { *b = append(*b, x.(int64)) }
func (b *buckets) Pop() any {
	old := *b
	x := old[len(old)-1]
	*b = old[:len(old)-1]
	return x
}

func newDue() *due { return &due{heads: map[int64]int32{}} }

func (d *due) reset() {
	d.times.Reset()
	d.links.Reset()
	clear(d.heads)
	d.order = d.order[:0]
}

func (d *due) add(slot int32, at int64) {
	d.times.Grow(int(slot) + 1)
	d.links.Grow(int(slot) + 1)
	b := at >> dueShift
	head, known := d.heads[b]
	if !known {
		head = -1
		heap.Push(&d.order, b)
	}
	*d.times.At(slot), *d.links.At(slot) = at, link{next: head, prev: -1}
	if head >= 0 {
		d.links.At(head).prev = slot + 1
	}
	d.heads[b] = slot
}

func (d *due) remove(slot int32) {
	if int(slot) >= d.links.Len() || d.links.At(slot).prev == 0 {
		return
	}
	l := *d.links.At(slot)
	*d.links.At(slot) = link{}
	if l.next >= 0 {
		d.links.At(l.next).prev = l.prev
	}
	if l.prev > 0 {
		d.links.At(l.prev - 1).next = l.next
	} else {
		// An empty bucket keeps its place in the heap until it comes to the top.
		d.heads[*d.times.At(slot)>>dueShift] = l.next
	}
}

// at is when a slot is due, if it ever is.
func (d *due) at(slot int32) (at int64, ok bool) {
	if int(slot) >= d.links.Len() || d.links.At(slot).prev == 0 {
		return 0, false
	}
	return *d.times.At(slot), true
}

// until appends the slots due at or before upTo.
func (d *due) until(upTo int64, into []int32) []int32 {
	last := upTo >> dueShift
	var visited []int64
	for len(d.order) > 0 && d.order[0] <= last {
		b := heap.Pop(&d.order).(int64)
		head := d.heads[b]
		if head < 0 {
			delete(d.heads, b)
			continue
		}
		visited = append(visited, b)
		for s := head; s >= 0; s = d.links.At(s).next {
			if *d.times.At(s) <= upTo {
				into = append(into, s)
			}
		}
	}
	for _, b := range visited {
		heap.Push(&d.order, b)
	}
	return into
}

func (d *due) bytes() int64 { return int64(d.times.Len()*16 + len(d.heads)*32) }

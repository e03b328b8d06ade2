package state

import "container/heap"

// dueShift makes buckets of 2^16 microseconds: a call visits at most that much of what is not due yet.
const dueShift = 16

// due indexes slots by the time at which they are due. Adding and removing cost the same however many there are; asking
// costs what is due. Buckets are doubly linked lists through the slots, so a removed slot leaves nothing behind.
type due struct {
	times []int64 // by slot
	next  []int32 // by slot, -1 ends
	prev  []int32 // by slot, -1 is the head
	held  []bool
	heads map[int64]int32
	order buckets
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
	d.times, d.next, d.prev, d.held = d.times[:0], d.next[:0], d.prev[:0], d.held[:0]
	clear(d.heads)
	d.order = d.order[:0]
}

func (d *due) add(slot int32, at int64) {
	for int(slot) >= len(d.times) {
		d.times, d.next, d.prev, d.held = append(d.times, 0), append(d.next, -1), append(d.prev, -1), append(d.held, false)
	}
	b := at >> dueShift
	head, known := d.heads[b]
	if !known {
		head = -1
		heap.Push(&d.order, b)
	}
	d.times[slot], d.next[slot], d.prev[slot], d.held[slot] = at, head, -1, true
	if head >= 0 {
		d.prev[head] = slot
	}
	d.heads[b] = slot
}

func (d *due) remove(slot int32) {
	if int(slot) >= len(d.held) || !d.held[slot] {
		return
	}
	d.held[slot] = false
	next, prev := d.next[slot], d.prev[slot]
	if next >= 0 {
		d.prev[next] = prev
	}
	if prev >= 0 {
		d.next[prev] = next
	} else {
		// An empty bucket keeps its place in the heap until it comes to the top.
		d.heads[d.times[slot]>>dueShift] = next
	}
}

// at is when a slot is due, if it ever is.
func (d *due) at(slot int32) (at int64, ok bool) {
	if int(slot) >= len(d.held) || !d.held[slot] {
		return 0, false
	}
	return d.times[slot], true
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
		for s := head; s >= 0; s = d.next[s] {
			if d.times[s] <= upTo {
				into = append(into, s)
			}
		}
	}
	for _, b := range visited {
		heap.Push(&d.order, b)
	}
	return into
}

func (d *due) bytes() int64 { return int64(cap(d.times)*17 + len(d.heads)*32) }

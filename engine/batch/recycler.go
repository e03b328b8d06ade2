package batch

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Recycler is an allocator for memory that comes and goes batch by batch: what is freed is given out again as it is,
// so nobody pays for clearing it and the garbage collector has little to do. Contents are undefined, as malloc's are.
// Idle memory goes back at garbage collections. Safe for concurrent use. The zero value is ready.
type Recycler struct{ classes [maxClass]sync.Pool }

const (
	minClass = 6  // 64 bytes: the alignment that Arrow wants
	maxClass = 31 // larger ones are left to the garbage collector
)

func class(size int) int { return max(bits.Len(uint(size-1)), minClass) }

func (r *Recycler) Allocate(size int) []byte {
	if size <= 0 {
		return nil
	}
	c := class(size)
	if c >= maxClass {
		return make([]byte, size)
	}
	if p, ok := r.classes[c].Get().(*byte); ok {
		return unsafe.Slice(p, 1<<c)[:size]
	}
	return make([]byte, size, 1<<c)
}

func (r *Recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) && size > 0 {
		return b[:size]
	}
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

func (r *Recycler) Free(b []byte) {
	if n := cap(b); n >= 1<<minClass && n&(n-1) == 0 && bits.Len(uint(n-1)) < maxClass {
		r.classes[bits.Len(uint(n-1))].Put(unsafe.SliceData(b))
	}
}

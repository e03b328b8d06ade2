package batch_test

import (
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

func TestRecyclerGivesRoomThatNobodyElseHolds(t *testing.T) {
	var r batch.Recycler
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mark := byte(g + 1)
			for i := range 5000 {
				b := r.Allocate(1 + i*37%9000)
				for j := range b {
					b[j] = mark
				}
				b = r.Reallocate(len(b)*2+1, b)
				for j := range b[:len(b)/2] {
					if b[j] != mark {
						t.Errorf("another goroutine wrote into live memory")
						return
					}
				}
				r.Free(b)
			}
		}()
	}
	wg.Wait()
	if b := r.Allocate(0); b != nil {
		t.Fatalf("%v", b)
	}
	// What another allocator made is not taken in.
	r.Free(make([]byte, 100, 100))
	if b := r.Allocate(100); cap(b) != 128 {
		t.Fatalf("capacity %d", cap(b))
	}
}

var _ memory.Allocator = (*batch.Recycler)(nil)

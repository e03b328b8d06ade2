package rdd

import (
	"testing"

	"pysparkcompat/engine/vfs"
)

func TestWhatIsPinnedIsForgottenLater(t *testing.T) {
	s := New(Options{FS: vfs.OS{}, Local: t.TempDir(), Slots: 1, Memory: 1 << 20, Failures: 1})
	defer s.Close()
	source := &Node{ID: 1, Partitions: 2}
	sh := s.Exchange(7, source, nil, 2)
	top := &Node{ID: 2, Partitions: 2, Parents: []Parent{{Shuffle: sh}}}
	other := &Node{ID: 3, Partitions: 1}
	for _, n := range []*Node{source, top, other} {
		if err := s.Define(n); err != nil {
			t.Fatal(err)
		}
	}
	first, second := s.Pin(top), s.Pin(source)
	s.Forget([]int64{1, 2, 3}, []int64{7})
	known := func() (out [4]bool) {
		for i, id := range []int64{1, 2, 3} {
			_, err := s.Node(id)
			out[i] = err == nil
		}
		out[3] = s.Shuffle(7) != nil
		return out
	}
	if got := known(); got != [4]bool{true, true, false, true} {
		t.Errorf("while pinned: %v", got)
	}
	first()
	first() // once is enough
	if got := known(); got != [4]bool{true, false, false, false} {
		t.Errorf("while the source is pinned: %v", got)
	}
	second()
	if got := known(); got != [4]bool{} {
		t.Errorf("released: %v", got)
	}
}

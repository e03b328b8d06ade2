package exec_test

import (
	"testing"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/vfs"
)

// TestHeld reads the same rows twice, from memory, from files and from both, epoch after epoch.
func TestHeld(t *testing.T) {
	for _, limit := range []int64{0, 100, 1 << 20} {
		mem, done := checked(t)
		fs := vfs.NewMemory()
		splits, release := many(t, mem, 5, 10)
		h := &exec.Held{FS: fs, Dir: "/", Name: "held", Limit: limit, Mem: mem, Schema: numbers}
		p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: h.Keep}, exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2})
		must(t, err)
		for epoch := 0; epoch < 2; epoch++ {
			must(t, p.Run(t.Context(), exec.Epoch{ID: int64(epoch)}, []exec.StageInput{{Splits: splits}}))
			if h.Rows() != 50 {
				t.Fatalf("%d rows", h.Rows())
			}
			for reading := 0; reading < 2; reading++ {
				got := run(t, mem, func(c *testkit.Collector) *exec.Node { return c.Node(&exec.Leaf{}) }, exec.Config{Cores: 2}, exec.StageInput{Splits: h.Splits()})
				if !testkit.Same(got, count(50), false) {
					t.Fatalf("limit %d: %s", limit, testkit.Show(got))
				}
			}
			must(t, h.Reset())
			if files, err := fs.ReadDir("/"); err != nil || len(files) != 0 {
				t.Fatalf("%v %v", files, err)
			}
		}
		must(t, p.Close())
		must(t, h.Close())
		release()
		done()
	}
}

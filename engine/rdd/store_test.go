package rdd_test

import (
	"fmt"
	"runtime"
	"testing"

	"pysparkcompat/engine/rdd"
)

func TestPersistedPartitionsAreComputedOnce(t *testing.T) {
	r := newRig(t)
	steps := 0
	r.runner.steps["count"] = func(_ int, inputs [][]int) []int { steps++; return inputs[0] }
	r.runner.before = nil
	n := r.mapped(r.source(3, 1), "count")
	if err := r.s.Persist(n.ID, rdd.Level{Memory: true}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.want(r.mapped(n, "double"), 0, 2, 4)
	}
	if steps != 1 {
		t.Errorf("computed %d times", steps)
	}
	if parts, memory, disk := r.s.Stored(n.ID); parts != 1 || memory != int64(len("[0,1,2]")) || disk != 0 {
		t.Errorf("%d %d %d", parts, memory, disk)
	}
	if err := r.s.Persist(n.ID, rdd.Level{}); err != nil {
		t.Fatal(err)
	}
	r.want(n, 0, 1, 2)
	if parts, _, _ := r.s.Stored(n.ID); steps != 2 || parts != 0 {
		t.Errorf("computed %d times, %d kept", steps, parts)
	}
}

// Partitions of 7 bytes in a store of 15: two fit.
func tight(o *rdd.Options) { o.Memory, o.Slots = 30, 1 }

func TestTheLeastRecentlyUsedGivesWay(t *testing.T) {
	for _, c := range []struct {
		level rdd.Level
		again int // computations in the second pass over a, b, c
		files int
	}{{rdd.Level{Memory: true}, 1, 0}, {rdd.Level{Memory: true, Disk: true}, 0, 1}, {rdd.Level{Disk: true}, 0, 3}} {
		t.Run(fmt.Sprint(c.level), func(t *testing.T) {
			r := newRig(t, tight)
			steps := 0
			r.runner.steps["count"] = func(_ int, inputs [][]int) []int { steps++; return inputs[0] }
			var nodes []*rdd.Node
			for range 3 {
				n := r.mapped(r.source(3, 1), "count")
				r.s.Persist(n.ID, c.level) //nolint:errcheck // it was just defined
				nodes = append(nodes, n)
				r.want(n, 0, 1, 2)
				if len(nodes) == 2 {
					r.want(nodes[0], 0, 1, 2) // used again: b is the oldest now
				}
			}
			steps = 0
			for _, i := range []int{0, 2, 1} {
				r.want(nodes[i], 0, 1, 2)
			}
			if steps != c.again || len(r.files()) != c.files {
				t.Errorf("%d computed again, files %v", steps, r.files())
			}
		})
	}
}

// A pass over a node that is too large must not drive out its own beginning.
func TestANodeDoesNotDriveOutItsOwn(t *testing.T) {
	r := newRig(t, tight)
	steps := 0
	r.runner.steps["count"] = func(_ int, inputs [][]int) []int { steps++; return inputs[0] }
	n := r.mapped(r.source(12, 4), "count")
	r.s.Persist(n.ID, rdd.Level{Memory: true}) //nolint:errcheck // it was just defined
	for range 3 {
		if _, err := r.collect(n); err != nil {
			t.Fatal(err)
		}
	}
	if steps != 4+2+2 && steps != 4+3+3 { // one or two partitions stay
		t.Errorf("%d computed", steps)
	}
	if parts, memory, _ := r.s.Stored(n.ID); parts < 1 || memory > 15 {
		t.Errorf("%d kept, %d bytes", parts, memory)
	}
}

func TestLostBlocksAreComputedAgain(t *testing.T) {
	r := newRig(t)
	n := r.mapped(r.source(12, 4), "double")
	r.s.Persist(n.ID, rdd.Level{Disk: true}) //nolint:errcheck // it was just defined
	want := []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22}
	r.want(n, want...)
	files := r.files()
	if len(files) != 4 {
		t.Fatalf("%v", files)
	}
	r.fs.Remove(files[1]) //nolint:errcheck // it is there
	r.want(n, want...)
	if parts, _, disk := r.s.Stored(n.ID); parts != 4 || disk == 0 {
		t.Errorf("%d partitions, %d bytes", parts, disk)
	}
}

// A node that was unpersisted while a task computed it leaves nothing behind.
func TestUnpersistDuringAJob(t *testing.T) {
	r := newRig(t)
	n := r.mapped(r.source(4, 2), "double")
	r.s.Persist(n.ID, rdd.Level{Disk: true}) //nolint:errcheck // it was just defined
	r.runner.after = func(*rdd.Task, int) error { return r.s.Persist(n.ID, rdd.Level{}) }
	r.want(n, 0, 2, 4, 6)
	if parts, _, _ := r.s.Stored(n.ID); parts != 0 || len(r.files()) != 0 {
		t.Errorf("%d kept, %v", parts, r.files())
	}
}

func TestResultsBeyondTheBudgetWaitInAFile(t *testing.T) {
	r := newRig(t)
	r.runner.block = 1 << 19
	r.runner.steps["many"] = func(split int, _ [][]int) []int {
		out := make([]int, 1500<<10)
		for i := range out {
			out[i] = 1000000 + split
		}
		return out
	}
	n := r.node(&rdd.Node{Partitions: 3, Step: []byte("many")})
	j := r.start(n)
	for { // nobody reads until the job is over
		if s, _ := r.s.JobInfo(j.ID); s.Status == rdd.Succeeded {
			break
		}
		runtime.Gosched()
	}
	if len(r.files()) != 1 {
		t.Fatalf("%v", r.files())
	}
	got, err := drain(j, 3)
	if err != nil {
		t.Fatal(err)
	}
	for p, part := range got {
		if len(part) != 1500<<10 || part[0] != 1000000+p || part[len(part)-1] != 1000000+p {
			t.Errorf("partition %d has %d elements", p, len(part))
		}
	}
	if len(r.files()) != 0 {
		t.Errorf("%v are left", r.files())
	}
}

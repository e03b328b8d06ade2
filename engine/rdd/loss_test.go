package rdd_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pysparkcompat/engine/rdd"
	"pysparkcompat/engine/vfs"
)

// chain is a job of two shuffles over a persisted node.
func (r *rig) chain() (n *rdd.Node, want []int) {
	kept := r.mapped(r.source(12, 3), "double")
	r.s.Persist(kept.ID, rdd.Level{Memory: true}) //nolint:errcheck // it was just defined
	return r.mapped(r.shuffled(r.shuffled(kept, 2), 2), "double"), []int{0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44}
}

// A worker that dies at any moment of any task costs nothing but that task again.
func TestDeathAtEachMoment(t *testing.T) {
	for moment := range 3 {
		for run := 1; ; run++ {
			r := newRig(t)
			n, want := r.chain()
			died := atomic.Int32{}
			die := func(_ *rdd.Task, at int) error {
				if at == run && died.Add(1) == 1 {
					return &rdd.Died{Reason: "it was killed"}
				}
				return nil
			}
			switch moment {
			case 0:
				r.runner.before = die
			case 1:
				r.runner.after = die
			case 2:
				r.runner.between = func(_ context.Context, t *rdd.Task, blocks int) error {
					if blocks == run && t.Attempt == 0 {
						died.Add(1)
						return &rdd.Died{Reason: "it was killed"}
					}
					return nil
				}
			}
			r.want(n, want...)
			seen := map[string]bool{}
			for _, u := range r.s.Drain() {
				if seen[string(u)] {
					t.Errorf("moment %d, run %d: %s counts twice", moment, run, u)
				}
				seen[string(u)] = true
			}
			if len(seen) != 7 {
				t.Errorf("moment %d, run %d: %v", moment, run, seen)
			}
			if died.Load() == 0 {
				break
			}
		}
	}
}

func TestDeathTooOften(t *testing.T) {
	r := newRig(t)
	n := r.source(2, 1)
	runs := 0
	r.runner.before = func(*rdd.Task, int) error { runs++; return &rdd.Died{Reason: "it was killed by SIGKILL"} }
	_, err := r.collect(n)
	if err == nil || !strings.Contains(err.Error(), "failed 4 times") || !strings.Contains(err.Error(), "it was killed by SIGKILL") || runs != 4 {
		t.Errorf("%d runs, %v", runs, err)
	}
	var dead *rdd.Died
	if !errors.As(err, &dead) {
		t.Error("the reason is lost")
	}
}

// files lists what lies in the local folder.
func (r *rig) files() (out []string) {
	dirs, _ := r.fs.ReadDir("/local")
	for _, d := range dirs {
		entries, _ := r.fs.ReadDir(path.Join("/local", d.Name()))
		for _, e := range entries {
			out = append(out, path.Join("/local", d.Name(), e.Name()))
		}
	}
	return out
}

func noMemory(o *rdd.Options) { o.Memory = 0 }

func TestLostMapOutputsAreComputedAgain(t *testing.T) {
	for lost := range 4 {
		r := newRig(t, noMemory)
		n := r.shuffled(r.source(8, 4), 2)
		r.want(n, 0, 2, 4, 6, 1, 3, 5, 7)
		sh := fmt.Sprint("map ", n.Parents[0].Shuffle.ID)
		if got := r.runner.count(sh); got != 4 {
			t.Fatalf("%d map tasks", got)
		}
		files := r.files()
		if len(files) != 4 {
			t.Fatalf("%v", files)
		}
		if err := r.fs.Remove(files[lost]); err != nil {
			t.Fatal(err)
		}
		r.want(n, 0, 2, 4, 6, 1, 3, 5, 7)
		if got := r.runner.count(sh); got != 1 {
			t.Errorf("%d map tasks for one lost output", got)
		}
	}
}

// Several tasks find the same file lost: the later ones must not take it for a file that nobody can write again.
func TestALossThatSeveralTasksFind(t *testing.T) {
	r := newRig(t, noMemory)
	n := r.shuffled(r.source(9, 3), 3)
	r.want(n, 0, 3, 6, 1, 4, 7, 2, 5, 8)
	file := r.files()[0]
	here := sync.WaitGroup{}
	here.Add(3)
	r.runner.before = func(t *rdd.Task, _ int) error {
		if t.Shuffle != nil || t.Attempt > 0 {
			return nil
		}
		here.Done()
		here.Wait()
		return &rdd.Lost{Path: file, Reason: "it is gone"}
	}
	r.want(n, 0, 3, 6, 1, 4, 7, 2, 5, 8)
}

// A map output behind another shuffle is needed again only where the nearer one was lost too.
func TestLossReachesBack(t *testing.T) {
	r := newRig(t, noMemory)
	n := r.shuffled(r.shuffled(r.source(8, 4), 3), 2)
	want := []int{0, 6, 4, 2, 3, 1, 7, 5}
	r.want(n, want...)
	for _, f := range r.files() {
		if err := r.fs.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	r.want(n, want...)
}

func TestOneSlotIsEnoughToComputeAgain(t *testing.T) {
	r := newRig(t, noMemory, func(o *rdd.Options) { o.Slots = 1 })
	n := r.shuffled(r.source(8, 4), 2)
	r.want(n, 0, 2, 4, 6, 1, 3, 5, 7)
	for _, f := range r.files() {
		r.fs.Remove(f) //nolint:errcheck // it is there
	}
	r.want(n, 0, 2, 4, 6, 1, 3, 5, 7)
}

func TestAFileThatIsLostAgainAndAgain(t *testing.T) {
	r := newRig(t, noMemory)
	n := r.shuffled(r.source(8, 4), 2)
	r.runner.before = func(t *rdd.Task, _ int) error {
		if t.Shuffle == nil {
			for _, f := range r.files() {
				r.fs.Remove(f) //nolint:errcheck // another task may have
			}
		}
		return nil
	}
	if _, err := r.collect(n); err == nil {
		t.Error("it came to an end")
	}
}

func TestCheckpoints(t *testing.T) {
	r := newRig(t)
	n := r.mapped(r.shuffled(r.source(8, 4), 2), "double")
	if err := r.fs.MkdirAll("/checkpoint"); err != nil {
		t.Fatal(err)
	}
	if _, err := drain(mustRun(t, r, rdd.Spec{Node: n.ID, Partitions: all(n), Folder: "/checkpoint"}), 2); err != nil {
		t.Fatal(err)
	}
	if err := r.s.Checkpoint(n.ID, "/checkpoint"); err != nil {
		t.Fatal(err)
	}
	r.runner.count("result")
	r.want(r.mapped(n, "double"), 0, 8, 16, 24, 4, 12, 20, 28)
	if j, _ := r.s.JobInfo(1); len(j.Stages) != 1 {
		t.Errorf("the lineage is still there: %+v", j)
	}
	if err := r.fs.Remove("/checkpoint/part-00001"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.collect(n); err == nil || !strings.Contains(err.Error(), "/checkpoint/part-00001") {
		t.Errorf("%v", err)
	}
}

func TestForgettingRemovesFiles(t *testing.T) {
	r := newRig(t, noMemory)
	n := r.shuffled(r.source(8, 4), 2)
	r.s.Persist(n.ID, rdd.Level{Disk: true}) //nolint:errcheck // it is defined
	r.want(n, 0, 2, 4, 6, 1, 3, 5, 7)
	if got := len(r.files()); got != 6 {
		t.Fatalf("%v", r.files())
	}
	r.s.Forget([]int64{n.ID}, nil)
	if got := len(r.files()); got != 4 {
		t.Errorf("%v", r.files())
	}
	r.s.Forget(nil, []int64{n.Parents[0].Shuffle.ID, 99})
	if got := r.files(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Each failing operation of the disk ends the job with an error or not at all, and the next job is right.
func TestFaultsOfTheDisk(t *testing.T) {
	for _, sticky := range []bool{false, true} {
		for at := 1; ; at++ {
			disk := &vfs.Faulty{Base: vfs.NewMemory(), FailAt: at, Sticky: sticky}
			r := newRig(t, func(o *rdd.Options) { o.FS, o.Memory = disk, 40 })
			r.runner.fs = disk
			kept := r.mapped(r.source(12, 3), "double")
			r.s.Persist(kept.ID, rdd.Level{Memory: true, Disk: true}) //nolint:errcheck // it was just defined
			n := r.shuffled(kept, 2)
			got, err := r.collect(n)
			if err == nil && len(got) != 12 {
				t.Errorf("at %d: %v", at, got)
			}
			fewer := disk.Count() < at
			disk.Sticky, disk.FailAt = false, 0
			r.want(n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22)
			if fewer {
				break
			}
			if at > 500 {
				t.Fatal("no end")
			}
		}
	}
}

// runnerFunc is a Runner that is a function.
type runnerFunc func(results func([]byte, int64) error) error

func (f runnerFunc) Run(_ context.Context, _ *rdd.Task, results func([]byte, int64) error) (*rdd.Done, error) {
	if err := f(results); err != nil {
		return nil, err
	}
	return &rdd.Done{}, nil
}

// Results that wait in a file come as they are, or the job fails.
func TestFaultsOfResultsInAFile(t *testing.T) {
	const size, count = 9 << 20, 5
	for at := 1; ; at++ {
		disk := &vfs.Faulty{Base: vfs.NewMemory(), FailAt: at}
		s := rdd.New(rdd.Options{FS: disk, Slots: 1, Memory: 1 << 20, Local: "/local", Failures: 1, Runner: runnerFunc(func(results func([]byte, int64) error) error {
			for i := range count {
				block := make([]byte, size)
				block[0], block[size-1] = byte(i), byte(i)
				if err := results(block, 1); err != nil {
					return err
				}
			}
			return nil
		})})
		if err := s.Define(&rdd.Node{ID: 1, Partitions: 1}); err != nil {
			t.Fatal(err)
		}
		j, err := s.Run(rdd.Spec{Node: 1, Partitions: []int{0}})
		if err != nil {
			t.Fatal(err)
		}
		for info, _ := s.JobInfo(j.ID); info.Status == rdd.Running; info, _ = s.JobInfo(j.ID) {
			runtime.Gosched()
		}
		seen := 0
		for over := false; !over && err == nil; {
			var list []rdd.Result
			list, over, err = j.Next(time.Second)
			for _, r := range list {
				if r.End {
					continue
				}
				if len(r.Block) != size || int(r.Block[0]) != seen || int(r.Block[size-1]) != seen {
					t.Fatalf("at %d: block %d is another", at, seen)
				}
				seen++
			}
		}
		failed := disk.Count() >= at && !strings.HasPrefix(disk.Operations()[at-1], "remove") && !strings.HasPrefix(disk.Operations()[at-1], "close")
		if (err != nil) != failed || (err == nil && seen != count) {
			t.Errorf("at %d of %v: %d blocks, %v", at, disk.Operations(), seen, err)
		}
		s.Close()
		if disk.Count() < at {
			return
		}
	}
}

package rdd_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
)

func TestNarrowStepsRunInOneTask(t *testing.T) {
	r := newRig(t)
	n := r.mapped(r.mapped(r.source(6, 3), "double"), "double")
	r.want(n, 0, 4, 8, 12, 16, 20)
	if got := r.runner.count("result"); got != 3 {
		t.Errorf("%d tasks", got)
	}
	j := r.start(n, 2, 0)
	got, err := drain(j, 2)
	if err != nil || !slices.Equal(got[0], []int{16, 20}) || !slices.Equal(got[1], []int{0, 4}) {
		t.Errorf("%v %v", got, err)
	}
}

func TestListsReadOtherPartitions(t *testing.T) {
	r := newRig(t)
	a, b := r.source(4, 2), r.source(2, 1)
	n := r.node(&rdd.Node{Partitions: 2, Step: []byte("join"), Parents: []rdd.Parent{
		{Node: a, Lists: [][]int{{1, 0}, {}}}, {Node: b, Lists: [][]int{{}, {0, 0}}}}})
	r.want(n, 2, 3, 0, 1, 0, 1, 0, 1)
}

func TestMapOutputsAreKeptAndUsedAgain(t *testing.T) {
	r := newRig(t)
	n := r.shuffled(r.mapped(r.source(8, 4), "double"), 3)
	r.want(n, 0, 6, 12, 4, 10, 2, 8, 14)
	again := r.mapped(n, "double")
	r.runner.count("result")
	r.want(again, 0, 12, 24, 8, 20, 4, 16, 28)
	sh := fmt.Sprint("map ", n.Parents[0].Shuffle.ID)
	if maps, results := r.runner.count(sh), r.runner.count("result"); maps != 4 || results != 3 {
		t.Errorf("%d map tasks, %d of the second job's results", maps, results)
	}
}

func TestEachJobNumbersItsStages(t *testing.T) {
	r := newRig(t)
	n := r.shuffled(r.shuffled(r.source(8, 4), 3), 2)
	for i := range 2 {
		if _, err := r.collect(n); err != nil {
			t.Fatal(err)
		}
		j, ok := r.s.JobInfo(int64(i))
		if !ok || j.Status != rdd.Succeeded || !slices.Equal(j.Stages, []int{3 * i, 3*i + 1, 3*i + 2}) {
			t.Errorf("job %d: %+v", i, j)
		}
		first, _ := r.s.StageInfo(3 * i)
		if want := 4 * (1 - i); first.Tasks != 4 || first.Completed != want {
			t.Errorf("run %d: %+v", i, first)
		}
		if last, _ := r.s.StageInfo(3*i + 2); last.Completed != 2 || last.Active != 0 {
			t.Errorf("run %d: %+v", i, last)
		}
	}
	if jobs, stages := r.s.Active(); len(jobs)+len(stages) > 0 {
		t.Errorf("%v and %v are active", jobs, stages)
	}
}

func TestNoMoreTasksThanSlots(t *testing.T) {
	r := newRig(t, func(o *rdd.Options) { o.Slots = 2 })
	r.runner.before = func(*rdd.Task, int) error {
		for range 100 {
			runtime.Gosched()
		}
		return nil
	}
	var jobs sync.WaitGroup
	for range 3 {
		n := r.shuffled(r.source(12, 6), 3)
		j := r.start(n)
		jobs.Add(1)
		go func() {
			defer jobs.Done()
			if _, err := drain(j, 3); err != nil {
				t.Error(err)
			}
		}()
	}
	jobs.Wait()
	if r.runner.most != 2 {
		t.Errorf("%d tasks ran at once", r.runner.most)
	}
}

func TestJobsThatShareAShuffleComputeItOnce(t *testing.T) {
	r := newRig(t)
	n := r.shuffled(r.source(12, 6), 3)
	gate := make(chan struct{})
	r.runner.before = func(*rdd.Task, int) error { <-gate; return nil }
	a, b := r.start(n), r.start(n)
	close(gate)
	for _, j := range []*rdd.Job{a, b} {
		if _, err := drain(j, 3); err != nil {
			t.Error(err)
		}
	}
	if got := r.runner.count(fmt.Sprint("map ", n.Parents[0].Shuffle.ID)); got != 6 {
		t.Errorf("%d map tasks", got)
	}
}

func raised() error {
	return errs.New("PYTHON_EXCEPTION", "msg", "An exception was thrown", "traceback", "Traceback: no such luck")
}

func TestATaskThatFailsEndsItsJob(t *testing.T) {
	r := newRig(t)
	n := r.mapped(r.source(4, 2), "double")
	r.runner.before = func(t *rdd.Task, _ int) error {
		if t.Partition == 1 {
			return raised()
		}
		return nil
	}
	_, err := r.collect(n)
	e := errs.As(err)
	if e == nil || e.Class != errs.Py4J || !strings.Contains(e.Error(), "no such luck") || !strings.Contains(e.Error(), "Task 1 in stage 0.0 failed 1 times") {
		t.Fatalf("%v", err)
	}
	if j, _ := r.s.JobInfo(0); j.Status != rdd.Failed {
		t.Errorf("%+v", j)
	}
	if updates := r.s.Drain(); len(updates) > 1 {
		t.Errorf("the failed task's updates count: %q", updates)
	}
	r.runner.before = nil
	r.want(n, 0, 2, 4, 6)
}

func TestAMasterWithFailuresTriesAgain(t *testing.T) {
	r := newRig(t, func(o *rdd.Options) { o.Failures = 3 })
	n := r.mapped(r.source(4, 2), "double")
	tries := 0
	r.runner.before = func(t *rdd.Task, _ int) error {
		if t.Partition == 1 {
			if tries++; t.Attempt < 2 {
				return raised()
			}
		}
		return nil
	}
	r.want(n, 0, 2, 4, 6)
	if tries != 3 {
		t.Errorf("%d tries", tries)
	}
	r.runner.before = func(*rdd.Task, int) error { return raised() }
	if _, err := r.collect(n); err == nil || !strings.Contains(err.Error(), "failed 3 times") {
		t.Errorf("%v", err)
	}
}

func TestPanicsEndTheJobOnly(t *testing.T) {
	r := newRig(t)
	n := r.shuffled(r.source(4, 2), 2)
	r.runner.before = func(t *rdd.Task, _ int) error {
		if t.Shuffle != nil {
			panic("out of luck")
		}
		return nil
	}
	if _, err := r.collect(n); err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Fatalf("%v", err)
	}
	r.runner.before = nil
	r.want(n, 0, 2, 1, 3)
}

// blocked lets tasks wait for their job's end, and tells of each.
func (r *rig) blocked() chan int64 {
	began := make(chan int64, 100)
	r.runner.between = func(ctx context.Context, t *rdd.Task, _ int) error {
		began <- t.Job
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return began
}

func TestCancelling(t *testing.T) {
	for name, cancel := range map[string]func(*rdd.Scheduler, *rdd.Job){
		"job": func(s *rdd.Scheduler, j *rdd.Job) { s.CancelJob(j.ID, "why") },
		"group": func(s *rdd.Scheduler, _ *rdd.Job) {
			s.Cancel(func(j rdd.JobInfo) bool { return j.Group == "g" }, "why")
		},
		"tag": func(s *rdd.Scheduler, _ *rdd.Job) {
			s.Cancel(func(j rdd.JobInfo) bool { return slices.Contains(j.Tags, "b") }, "why")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			n := r.shuffled(r.source(8, 4), 4)
			began := r.blocked()
			j, err := r.s.Run(rdd.Spec{Node: n.ID, Partitions: all(n), Properties: map[string]string{rdd.GroupKey: "g", rdd.TagsKey: "a,b"}})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 { // all slots are taken, and the fourth task waits
				<-began
			}
			cancel(r.s, j)
			_, err = drain(j, 4)
			if err == nil || !strings.Contains(err.Error(), "SPARK_JOB_CANCELLED") || !strings.Contains(err.Error(), "why") {
				t.Fatalf("%v", err)
			}
			r.runner.between = nil
			r.want(n, 0, 4, 1, 5, 2, 6, 3, 7) // the slots are free again
			if ids := r.s.Group("g"); !slices.Equal(ids, []int64{j.ID}) {
				t.Errorf("%v", ids)
			}
		})
	}
}

func TestCloseEndsJobsAndRemovesTheFolder(t *testing.T) {
	r := newRig(t)
	n := r.source(8, 4)
	began := r.blocked()
	j := r.start(n)
	<-began
	r.s.Close()
	if _, err := drain(j, 4); !errors.Is(err, err) || errs.As(err) == nil || errs.As(err).Name != errs.Unnamed+"SESSION_STOPPED" {
		t.Errorf("%v", err)
	}
	if left, _ := r.fs.ReadDir("/local"); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := r.s.Run(rdd.Spec{Node: n.ID}); err == nil {
		t.Error("a job began after the end")
	}
}

func TestAJobWhoseResultsNobodyWants(t *testing.T) {
	r := newRig(t)
	began := r.blocked()
	j := r.start(r.source(8, 4))
	<-began
	j.Close()
	if _, err := drain(j, 4); err == nil {
		t.Error("it went on")
	}
}

func TestUnknownPartitionsAndNodes(t *testing.T) {
	r := newRig(t)
	n := r.source(4, 2)
	if _, err := r.s.Run(rdd.Spec{Node: n.ID, Partitions: []int{2}}); err == nil || !strings.Contains(err.Error(), "non-existent partition: 2") {
		t.Errorf("%v", err)
	}
	if _, err := r.s.Run(rdd.Spec{Node: 99}); err == nil {
		t.Error("a node that is none ran")
	}
	if err := r.s.Define(&rdd.Node{ID: n.ID}); err != nil {
		t.Error(err)
	}
	r.want(n, 0, 1, 2, 3) // the first definition stands
	if got, err := drain(mustRun(t, r, rdd.Spec{Node: n.ID}), 0); err != nil || len(got) > 0 {
		t.Errorf("no partitions gave %v %v", got, err)
	}
}

func mustRun(t *testing.T, r *rig, spec rdd.Spec) *rdd.Job {
	t.Helper()
	j, err := r.s.Run(spec)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestHistoryIsBounded(t *testing.T) {
	r := newRig(t)
	n := r.source(1, 1)
	for range 1100 {
		if _, err := drain(r.start(n), 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := r.s.JobInfo(0); ok {
		t.Error("the first job is remembered")
	}
	if _, ok := r.s.JobInfo(1099); !ok {
		t.Error("the last job is forgotten")
	}
	if got := len(r.s.Group("")); got != 1000 {
		t.Errorf("%d jobs are remembered", got)
	}
}

func TestLargePayloadsLieInAFile(t *testing.T) {
	r := newRig(t)
	n := r.source(400000, 3)
	if got := r.files(); len(got) != 1 {
		t.Fatalf("%v", got)
	}
	got, err := r.collect(n)
	if err != nil || len(got) != 400000 || got[200001] != 200001 {
		t.Fatalf("%d elements, %v", len(got), err)
	}
	r.s.Forget([]int64{n.ID}, nil)
	if got := r.files(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

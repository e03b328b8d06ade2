package rdd_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pysparkcompat/engine/rdd"
)

// barrier is a node whose tasks meet at each of their blocks.
func (r *rig) barrier(size, partitions int) *rdd.Node {
	n := r.source(size, partitions)
	n = r.node(&rdd.Node{Partitions: partitions, Step: []byte("double"), Parents: []rdd.Parent{{Node: n}}, Barrier: true})
	r.runner.between = func(ctx context.Context, t *rdd.Task, blocks int) error {
		if t.Barrier == nil {
			return nil
		}
		said, err := t.Barrier.Meet(ctx, t.Partition, "meet", fmt.Sprint(t.Partition, blocks))
		for p, s := range said {
			if err == nil && s != fmt.Sprint(p, blocks) {
				return fmt.Errorf("task %d heard %q", t.Partition, said)
			}
		}
		return err
	}
	return n
}

func TestTasksOfABarrierStageMeet(t *testing.T) {
	r := newRig(t)
	r.want(r.barrier(12, 3), 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22)
	if r.runner.most != 3 {
		t.Errorf("%d ran at once", r.runner.most)
	}
	r.want(r.shuffled(r.barrier(6, 3), 3), 0, 6, 4, 10, 2, 8)
}

func TestBarrierStagesWaitForAllTheirSlots(t *testing.T) {
	r := newRig(t)
	nodes := []*rdd.Node{r.barrier(6, 3), r.barrier(6, 3), r.barrier(6, 3)}
	var jobs []*rdd.Job
	for _, n := range nodes {
		jobs = append(jobs, r.start(n))
	}
	for _, j := range jobs {
		if _, err := drain(j, 3); err != nil {
			t.Error(err)
		}
	}
}

func TestADeathInABarrierStage(t *testing.T) {
	r := newRig(t)
	n := r.barrier(12, 3)
	r.runner.after = func(t *rdd.Task, _ int) error {
		if t.Partition == 1 && t.StageAttempt < 2 {
			return &rdd.Died{Reason: "it was killed"}
		}
		return nil
	}
	meet := r.runner.between
	r.runner.between = func(ctx context.Context, t *rdd.Task, blocks int) error {
		if t.StageAttempt > 0 {
			return nil // the blocks are known
		}
		return meet(ctx, t, blocks)
	}
	r.want(n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22)
	r.runner.after = func(t *rdd.Task, _ int) error { return &rdd.Died{Reason: "it was killed"} }
	if _, err := r.collect(n); err == nil || !strings.Contains(err.Error(), "failed 4 times") {
		t.Errorf("%v", err)
	}
}

func TestBarriersThatCannotMeet(t *testing.T) {
	for name, c := range map[string]struct {
		meet func(context.Context, *rdd.Task) error
		want string
	}{
		"different kinds": {func(ctx context.Context, t *rdd.Task) error {
			_, err := t.Barrier.Meet(ctx, t.Partition, fmt.Sprint(t.Partition%2), "")
			return err
		}, "meet for different things"},
		"one has ended": {func(ctx context.Context, t *rdd.Task) error {
			if t.Partition == 0 {
				return nil
			}
			_, err := t.Barrier.Meet(ctx, t.Partition, "meet", "")
			return err
		}, "wait for ever"},
		"one fails": {func(ctx context.Context, t *rdd.Task) error {
			if t.Partition == 0 {
				return raised()
			}
			_, err := t.Barrier.Meet(ctx, t.Partition, "meet", "")
			return err
		}, "no such luck"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			n := r.barrier(6, 3)
			r.runner.between = func(ctx context.Context, t *rdd.Task, _ int) error { return c.meet(ctx, t) }
			if _, err := r.collect(n); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestBarrierStagesThatAreRefused(t *testing.T) {
	r := newRig(t)
	a, b := r.barrier(6, 3), r.barrier(6, 3)
	two := r.node(&rdd.Node{Partitions: 3, Step: []byte("join"), Parents: []rdd.Parent{{Node: a}, {Node: b}}})
	fewer := r.node(&rdd.Node{Partitions: 1, Step: []byte("join"), Parents: []rdd.Parent{{Node: a, Lists: [][]int{{0, 1, 2}}}}})
	for _, c := range []struct {
		node       *rdd.Node
		partitions []int
		want       string
	}{
		{r.barrier(8, 4), nil, "SPARK-24819"},
		{two, nil, "SPARK-24820"},
		{fewer, nil, "SPARK-24820"},
		{a, []int{0}, "SPARK-24820"},
	} {
		j := r.start(c.node, c.partitions...)
		if _, err := drain(j, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v", err)
		}
	}
}

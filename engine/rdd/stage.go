package rdd

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"sync"

	"pysparkcompat/engine/errs"
)

const (
	// deaths is how often a task may lose what ran it, and losses how often what it reads, before its job fails.
	deaths = 4
	losses = 16
	// inline is how many bytes of output a task gives back in memory; more go to a file.
	inline = 256 << 10
)

// stage is a set of like tasks: of a shuffle's map side, or, without a shuffle, of the job's results.
type stage struct {
	number  int
	node    *Node
	shuffle *Shuffle
}

// execute runs tasks of a stage, after the stages that it needs.
func (j *Job) execute(ctx context.Context, st *stage, partitions []int) error {
	if err := j.prepare(ctx, st.node); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done sync.WaitGroup
	defer done.Wait()
	var first error
	var once sync.Once
	fail := func(err error) { once.Do(func() { first = err; cancel(err) }) }
	for i, p := range partitions {
		if err := j.s.slots.take(ctx, 1); err != nil {
			fail(err)
			break
		}
		done.Add(1)
		go func() {
			defer done.Done()
			if err := j.one(ctx, st, i, p); err != nil {
				fail(err)
			}
		}()
	}
	done.Wait()
	return first
}

// prepare computes the map outputs that a node's stage needs.
func (j *Job) prepare(ctx context.Context, n *Node) error {
	j.s.mu.Lock()
	list := needs(n, j.s.store)
	j.s.mu.Unlock()
	return j.ensureAll(ctx, list)
}

func (j *Job) ensureAll(ctx context.Context, list []*Shuffle) error {
	if len(list) == 1 {
		return j.ensure(ctx, list[0])
	}
	var done sync.WaitGroup
	failures := make([]error, len(list))
	for i, sh := range list {
		done.Add(1)
		go func() {
			defer done.Done()
			defer errs.Caught(&failures[i])
			failures[i] = j.ensure(ctx, sh)
		}()
	}
	done.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// ensure computes a shuffle's missing outputs; of several jobs that need them one does.
func (j *Job) ensure(ctx context.Context, sh *Shuffle) error {
	select {
	case sh.turn <- struct{}{}:
		defer func() { <-sh.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	j.s.mu.Lock()
	missing := sh.missing()
	j.s.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	return j.execute(ctx, &stage{number: j.stages[sh], node: sh.Node, shuffle: sh}, missing)
}

// one runs a task until it succeeded. It has a slot, which it gives back.
func (j *Job) one(ctx context.Context, st *stage, index, partition int) (err error) {
	held := true
	defer func() {
		if held {
			j.s.slots.give(1)
		}
	}()
	defer errs.Caught(&err)
	sink := &sink{job: j, index: index}
	died, lost, failed := 0, 0, 0
	for attempt := 0; ; attempt++ {
		t, missing, err := j.task(st, partition, attempt)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			t.Skip = sink.elements
			var d *Done
			if d, err = j.s.o.Runner.Run(ctx, t, sink.take); err == nil {
				j.finish(st, index, partition, d)
				return nil
			}
		}
		var away *Lost
		var dead *Died
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &away) && lost < losses:
			lost++
			if !j.s.lose(away.Path) {
				return j.failed(st, partition, attempt, t, err)
			}
			fallthrough
		case len(missing) > 0:
			held = false
			j.s.slots.give(1)
			if err := j.prepare(ctx, st.node); err != nil {
				return err
			}
			if err := j.s.slots.take(ctx, 1); err != nil {
				return err
			}
			held = true
		case errors.As(err, &dead) && died < deaths-1:
			died++
		case dead != nil:
			return j.failed(st, partition, attempt, t, errs.New("PYTHON_WORKER_DIED", "reason", dead.Reason))
		case failed < j.s.o.Failures-1:
			failed++
		default:
			return j.failed(st, partition, attempt, t, err)
		}
	}
}

// failed is the error of a job one of whose tasks failed for good.
func (j *Job) failed(st *stage, partition, attempt int, t *Task, err error) error {
	return errs.New(errs.Unnamed+"JOB_ABORTED", "task", strconv.Itoa(partition), "stage", fmt.Sprintf("%d.0", st.number),
		"times", strconv.Itoa(attempt+1), "attempt", strconv.Itoa(attempt), "id", strconv.FormatInt(t.ID, 10), "reason", err.Error()).WithCause(err)
}

// task makes a task's description, or says what it lacks.
func (j *Job) task(st *stage, partition, attempt int) (*Task, []*Shuffle, error) {
	dir, err := j.s.folder.make()
	if err != nil {
		return nil, nil, err
	}
	s := j.s
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &tree{store: s.store, known: map[place]int{}}
	root := b.cell(st.node, partition)
	t := &Task{Job: j.ID, Stage: st.number, Attempt: attempt, ID: s.tasks, Partition: partition, Of: st.node.Partitions, Cells: b.cells, Root: root,
		Shuffle: st.shuffle, Inline: inline, Properties: j.spec.Properties, Scratch: path.Join(dir, strconv.FormatInt(s.tasks, 10))}
	if st.shuffle == nil {
		t.Function, t.Folder = j.spec.Function, j.spec.Folder
	}
	if len(b.missing) == 0 {
		s.tasks++
	}
	return t, b.missing, nil
}

// finish keeps what a task left.
func (j *Job) finish(st *stage, index, partition int, d *Done) {
	s := j.s
	for _, k := range d.Kept {
		s.keep(k)
	}
	s.mu.Lock()
	s.updates = append(s.updates, d.Updates...)
	if sh := st.shuffle; sh != nil && s.shuffles[sh.ID] == sh {
		sh.outputs[partition] = &output{d.Output, d.Index}
	}
	s.mu.Unlock()
	if st.shuffle == nil {
		j.give(Result{Index: index, End: true})
	}
}

// keep stores a persisted partition, unless it is wanted no more.
func (s *Scheduler) keep(k Kept) {
	s.mu.Lock()
	n := s.nodes[k.Node]
	var level Level
	if n != nil {
		level = n.level
	}
	s.mu.Unlock()
	if !level.none() {
		s.store.put(k, level)
	} else if k.Data.Path != "" {
		s.folder.delete(k.Data.Path)
	}
}

// lose forgets everything that lies in a file; false where nothing did.
func (s *Scheduler) lose(path string) bool {
	found := s.store.lose(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shuffles {
		for i, o := range sh.outputs {
			if o != nil && o.data.Path == path {
				sh.outputs[i] = nil
				found = true
			}
		}
	}
	return found
}

// sink takes a result task's blocks, over all its attempts.
type sink struct {
	job      *Job
	index    int
	elements int64
}

func (k *sink) take(block []byte, elements int64) error {
	k.elements += elements
	k.job.give(Result{Index: k.index, Block: block})
	return nil
}

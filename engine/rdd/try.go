package rdd

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"

	"pysparkcompat/engine/errs"
)

const (
	// deaths is how often a task may lose what ran it, and losses how often what it reads, before its job fails.
	deaths = 4
	losses = 16
	// inline is how many bytes of output a map task gives back in memory; more go to a file.
	inline = 256 << 10
)

// try is one task until it has succeeded or failed for good.
type try struct {
	job       *Job
	st        *stage
	index     int // among the stage's tasks
	partition int
	attempt   int
	held      bool // it has a slot, and gives it back
	sink      *sink
}

// run tries until the task has succeeded.
func (t *try) run(ctx context.Context) error {
	slots := t.job.s.slots
	defer func() {
		if t.held {
			slots.give(1)
		}
	}()
	t.sink = &sink{job: t.job, index: t.index}
	died, lost, failed := 0, 0, 0
	for ; ; t.attempt++ {
		missing, err := t.once(ctx)
		var away *Lost
		var dead *Died
		switch {
		case err == nil && len(missing) == 0:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &dead) && died < deaths-1:
			died++
			continue
		case errors.As(err, &away) && lost < losses && t.job.s.lose(away.Path):
			lost++
		case len(missing) > 0:
			t.attempt--
		case err != nil && dead == nil && away == nil && failed < t.job.s.o.Failures-1 && !fatal(err):
			failed++
			continue
		default:
			return err
		}
		// what it reads is computed again, which needs slots too
		t.held = false
		slots.give(1)
		if err := t.job.prepare(ctx, t.st.node); err != nil {
			return err
		}
		if err := slots.take(ctx, 1); err != nil {
			return err
		}
		t.held = true
	}
}

// fatal errors are ours, and no attempt would be better.
func fatal(err error) bool {
	var e *failure
	return !errors.As(err, &e)
}

// once tries once; missing are shuffles that the task reads and that lack outputs.
func (t *try) once(ctx context.Context) (missing []*Shuffle, err error) {
	task, missing, err := t.task()
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	s := t.job.s
	t.count(func(i *StageInfo) { i.Active++ })
	done, err := s.o.Runner.Run(ctx, task, t.sink.take)
	if err == nil {
		t.finish(done)
		return nil, t.end()
	}
	t.count(func(i *StageInfo) { i.Active--; i.Failed++ })
	t.clean(task)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, t.failed(task, err)
}

// clean removes what a task wrote that did not end by itself: the worker may have been killed.
func (t *try) clean(task *Task) {
	if t.st.shuffle != nil {
		t.job.s.folder.delete(task.Scratch + "-map")
	}
	for i, c := range task.Cells {
		if !c.Keep.none() {
			t.job.s.folder.delete(task.Scratch + "-kept-" + strconv.Itoa(i))
		}
	}
}

func (t *try) count(change func(*StageInfo)) {
	t.job.s.mu.Lock()
	change(t.st.info)
	t.job.s.mu.Unlock()
}

// end tells that all results were given.
func (t *try) end() error {
	if t.st.shuffle != nil || t.sink.ended {
		return nil
	}
	t.sink.ended = true
	return t.job.out.give(Result{Index: t.index, End: true})
}

// failure is the end of a job one of whose tasks failed for good. What lay beneath decides whether it may be tried again.
type failure struct {
	told    *errs.Error
	beneath error
}

func (f *failure) Error() string   { return f.told.Error() }
func (f *failure) Unwrap() []error { return []error{f.told, f.beneath} }

func (t *try) failed(task *Task, err error) error {
	reason := err
	if dead := (*Died)(nil); errors.As(err, &dead) {
		reason = errs.New("PYTHON_WORKER_DIED", "reason", dead.Reason)
	}
	stage := fmt.Sprintf("%d.%d", t.st.number, t.st.attempt)
	told := errs.As(reason)
	if told != nil && told.Params["traceback"] != "" {
		told = errs.New(errs.Unnamed+"JOB_RAISED", "task", strconv.Itoa(t.index), "stage", stage, "times", strconv.Itoa(t.attempt+1), "traceback", told.Params["traceback"])
	} else {
		told = errs.New(errs.Unnamed+"JOB_ABORTED", "task", strconv.Itoa(t.index), "stage", stage, "times", strconv.Itoa(t.attempt+1),
			"attempt", strconv.Itoa(t.attempt), "id", number(task.ID), "reason", reason.Error())
	}
	return &failure{told.WithCause(reason), err}
}

// task makes a task's description, or says what it lacks.
func (t *try) task() (*Task, []*Shuffle, error) {
	j, s := t.job, t.job.s
	dir, err := s.folder.make()
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &tree{store: s.store, known: map[place]int{}}
	root := b.cell(t.st.node, t.partition)
	if len(b.missing) > 0 {
		return nil, b.missing, nil
	}
	made := &Task{Job: j.ID, Stage: t.st.number, StageAttempt: t.st.attempt, Attempt: t.attempt, ID: s.tasks, Partition: t.partition, Of: t.st.node.Partitions,
		Cells: b.cells, Root: root, Shuffle: t.st.shuffle, Inline: inline, Properties: j.spec.Properties, Scratch: path.Join(dir, number(s.tasks)), Skip: t.sink.elements}
	if s.written >= s.o.Memory/4 {
		made.Inline = -1
	}
	if t.st.barrier != nil {
		made.Barrier = t.st.barrier
	}
	if t.st.shuffle == nil {
		made.Function, made.Folder, made.Raw = j.spec.Function, j.spec.Folder, j.spec.Raw
	}
	s.tasks++
	return made, nil, nil
}

// finish keeps what a task left.
func (t *try) finish(d *Done) {
	s := t.job.s
	for _, k := range d.Kept {
		s.keep(k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.st.info.Active--
	t.st.info.Completed++
	s.updates = append(s.updates, d.Updates...)
	if sh := t.st.shuffle; sh != nil && s.shuffles[sh.ID] == sh {
		s.written += int64(len(d.Output.Bytes))
		sh.outputs[t.partition] = &output{d.Output, d.Index}
	}
}

// keep stores a persisted partition, unless it is wanted no more.
func (s *Scheduler) keep(k Kept) {
	s.mu.Lock()
	var level Level
	if n := s.nodes[k.Node]; n != nil {
		level = n.level
	}
	s.mu.Unlock()
	if !level.none() {
		s.store.put(k, level)
	} else if k.Data.Path != "" {
		s.folder.delete(k.Data.Path)
	}
}

// lose forgets everything that lies in a file; false where that is none of ours, which nobody can make again.
func (s *Scheduler) lose(path string) bool {
	ours := s.folder.holds(path)
	s.store.lose(path)
	if ours {
		s.folder.delete(path) // it may be there, and cut off
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shuffles {
		for i, o := range sh.outputs {
			if o != nil && o.data.Path == path {
				sh.outputs[i] = nil
			}
		}
	}
	return ours
}

// sink takes a result task's blocks, over all its attempts.
type sink struct {
	job      *Job
	index    int
	elements int64
	ended    bool
}

func (k *sink) take(block []byte, elements int64) error {
	if err := k.job.out.give(Result{Index: k.index, Block: block}); err != nil {
		return err
	}
	k.elements += elements
	return nil
}

package rdd

import (
	"context"
	"strconv"
	"time"

	"pysparkcompat/engine/errs"
)

// Spec is a job: a function over partitions of a node.
type Spec struct {
	Node       int64
	Function   []byte // nil gives the elements themselves
	Partitions []int
	// Raw says that the function gives blocks itself, which are given as they are.
	Raw bool
	// Folder, where it is set, gets a file of each partition's elements, and no results are given.
	Folder string
	// Name is what the result stage is called in its status.
	Name       string
	Properties map[string]string
}

// Result is a block of results of the partition at Index in Spec.Partitions, or its end.
type Result struct {
	Index int
	Block []byte
	End   bool
}

// Job is one that runs. One goroutine calls Next; Cancel is for any.
type Job struct {
	ID     int64
	s      *Scheduler
	spec   Spec
	info   *JobInfo // the Scheduler's lock guards it
	ctx    context.Context
	cancel context.CancelCauseFunc
	over   chan struct{}    // closed when all of it has ended
	stages map[*Shuffle]int // their numbers
	out    *outbox
	err    error // once over is closed
}

// Run starts a job.
func (s *Scheduler) Run(spec Spec) (*Job, error) {
	n, err := s.Node(spec.Node)
	if err != nil {
		return nil, err
	}
	return s.RunOn(n, spec)
}

// RunOn starts a job on a node that the caller has pinned: it may have been forgotten otherwise.
func (s *Scheduler) RunOn(n *Node, spec Spec) (*Job, error) {
	for _, p := range spec.Partitions {
		if p < 0 || p >= n.Partitions {
			return nil, errs.New(errs.Unnamed+"JOB_PARTITION", "partition", strconv.Itoa(p), "partitions", strconv.Itoa(n.Partitions))
		}
	}
	j := &Job{s: s, spec: spec, over: make(chan struct{}), stages: map[*Shuffle]int{}, out: newOutbox(s.o.FS, s.folder)}
	j.ctx, j.cancel = context.WithCancelCause(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, context.Cause(s.ctx)
	}
	j.ID = s.lastJob
	s.lastJob++
	j.info = &JobInfo{ID: j.ID, Group: spec.Properties[GroupKey], Tags: tagsOf(spec.Properties), Status: Running}
	for _, sh := range ancestry(n) {
		j.stages[sh] = s.stageLocked(j, sh.Node.Name, sh.Node.Partitions)
	}
	last := s.stageLocked(j, spec.Name, len(spec.Partitions))
	s.history.addJob(j.info)
	s.jobs[j.ID] = j
	go j.run(&stage{number: last, node: n, together: together(n)})
	return j, nil
}

// stageLocked gives the number of a job's next stage.
func (s *Scheduler) stageLocked(j *Job, name string, tasks int) int {
	n := s.stages
	s.stages++
	j.info.Stages = append(j.info.Stages, n)
	s.history.addStage(&StageInfo{ID: n, Name: name, Tasks: tasks})
	return n
}

func (j *Job) run(st *stage) {
	defer close(j.over)
	defer j.cancel(nil)
	j.err = j.body(st)
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	delete(j.s.jobs, j.ID)
	if j.info.Status = Succeeded; j.err != nil {
		j.info.Status = Failed
	}
}

func (j *Job) body(st *stage) (err error) {
	defer errs.Caught(&err)
	return j.execute(j.ctx, st, j.spec.Partitions)
}

// Job finds a job that runs, or nothing.
func (s *Scheduler) Job(id int64) *Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs[id]
}

// Cancel ends the job with the given error.
func (j *Job) Cancel(why error) { j.cancel(why) }

// Close lets go of the results, and ends the job where it runs.
func (j *Job) Close() {
	j.cancel(errs.New(errs.Unnamed+"JOB_CANCELLED", "id", number(j.ID), "reason", "its results are not wanted any more"))
	go func() {
		<-j.over
		j.out.close()
	}()
}

// Next gives results that were not given yet, some megabytes at most. It waits for the first of them, for the job's end, or as long as
// it may; over says that nothing will follow, with err the reason.
func (j *Job) Next(wait time.Duration) (results []Result, over bool, err error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		select {
		case <-j.over:
			results, more, err := j.out.take()
			if err == nil && !more {
				err = j.err
			}
			if over = !more || err != nil; over {
				j.out.close()
			}
			return results, over, err
		case <-j.out.changed:
			results, _, err := j.out.take()
			if len(results) > 0 || err != nil {
				return results, err != nil, err
			}
		case <-timeout.C:
			return nil, false, nil
		}
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

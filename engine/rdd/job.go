package rdd

import (
	"context"
	"sync"
	"time"

	"pysparkcompat/engine/errs"
)

// Spec is a job: a function over partitions of a node.
type Spec struct {
	Node       int64
	Function   []byte // nil gives the elements themselves
	Partitions []int
	// Folder, where it is set, gets a file of each partition's elements, and no results are given.
	Folder     string
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
	ctx    context.Context
	cancel context.CancelCauseFunc
	over   chan struct{} // closed when all of it has ended
	stages map[*Shuffle]int
	last   int // the result stage's number

	mu      sync.Mutex
	results []Result
	err     error
	changed chan struct{} // a token
}

// Run starts a job.
func (s *Scheduler) Run(spec Spec) (*Job, error) {
	n, err := s.Node(spec.Node)
	if err != nil {
		return nil, err
	}
	for _, p := range spec.Partitions {
		if p < 0 || p >= n.Partitions {
			return nil, errs.Internal("node %d has no partition %d", n.ID, p)
		}
	}
	j := &Job{s: s, spec: spec, over: make(chan struct{}), changed: make(chan struct{}, 1), stages: map[*Shuffle]int{}}
	j.ctx, j.cancel = context.WithCancelCause(s.ctx)
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return nil, context.Cause(s.ctx)
	}
	j.ID = s.lastJob
	s.lastJob++
	for _, sh := range ancestry(n) {
		j.stages[sh] = s.stages
		s.stages++
	}
	j.last = s.stages
	s.stages++
	s.jobs[j.ID] = j
	s.mu.Unlock()
	go j.run(n)
	return j, nil
}

func (j *Job) run(n *Node) {
	err := j.execute(j.ctx, &stage{number: j.last, node: n}, j.spec.Partitions)
	j.mu.Lock()
	j.err = err
	j.mu.Unlock()
	j.s.mu.Lock()
	delete(j.s.jobs, j.ID)
	j.s.mu.Unlock()
	j.cancel(nil)
	close(j.over)
}

// Job finds a job that runs, or nothing.
func (s *Scheduler) Job(id int64) *Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs[id]
}

// Cancel ends the job with the given error.
func (j *Job) Cancel(why error) { j.cancel(why) }

// Next gives the results since the last call. It waits for the first of them, for the job's end or as long as it may; over says
// that nothing will follow, with err the reason.
func (j *Job) Next(wait time.Duration) (results []Result, over bool, err error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		select {
		case <-j.over:
			j.mu.Lock()
			defer j.mu.Unlock()
			results, j.results = j.results, nil
			return results, true, j.err
		case <-j.changed:
			j.mu.Lock()
			results, j.results = j.results, nil
			j.mu.Unlock()
			if len(results) > 0 {
				return results, false, nil
			}
		case <-timeout.C:
			return nil, false, nil
		}
	}
}

// give takes a result for Next.
func (j *Job) give(r Result) {
	j.mu.Lock()
	j.results = append(j.results, r)
	j.mu.Unlock()
	select {
	case j.changed <- struct{}{}:
	default:
	}
}

package dstream

import (
	"context"
	"sort"
	"sync"

	"pysparkcompat/engine/errs"
)

// scheduler runs the jobs of batches in order on its lanes.
type scheduler struct {
	c       *Context
	mu      sync.Mutex
	queue   []*job
	running map[int64]*batch // submitted and not ended
	// again are batches that a later life has to run: true for those that failed, false for those not tried yet.
	again  map[int64]bool
	wake   *sync.Cond
	closed bool
}

func newScheduler(c *Context) *scheduler {
	s := &scheduler{c: c, running: map[int64]*batch{}, again: map[int64]bool{}}
	s.wake = sync.NewCond(&s.mu)
	return s
}

// submit queues a batch's jobs. One without jobs has ended.
func (s *scheduler) submit(t int64, outs []*Output, specs []OutputSpec, inputs map[int]InputInfo) {
	b := &batch{time: t, inputs: inputs, submitted: s.c.now(), left: len(outs)}
	for _, o := range outs {
		b.jobs = append(b.jobs, &job{batch: b, output: o, spec: specs[o.Index]})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if len(outs) == 0 {
		s.c.inbox.put(func() { s.c.completed(b) })
		return
	}
	s.c.tell(BatchSubmitted, BatchEvent{b.info()})
	s.running[t] = b
	s.c.busy.add(len(outs))
	s.queue = append(s.queue, b.jobs...)
	s.wake.Broadcast()
}

// retry notes a batch that a later life has to run, because it failed or was not tried yet.
func (s *scheduler) retry(t int64, failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again[t] = failed
}

// forgive takes such a note back.
func (s *scheduler) forgive(t int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.again, t)
}

// pending are the batches that have not ended well, oldest first. Those that failed before a time are given up.
func (s *scheduler) pending(before int64) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]int64, 0, len(s.running)+len(s.again))
	for t := range s.running {
		out = append(out, t)
	}
	for t, failed := range s.again {
		if failed && t <= before {
			delete(s.again, t)
			continue
		}
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// oldest is the oldest batch that has not ended, or 0.
func (s *scheduler) oldest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := int64(0)
	for t := range s.running {
		if at == 0 || t < at {
			at = t
		}
	}
	return at
}

// work is a lane's goroutine.
func (s *scheduler) work(lane int) {
	for {
		s.mu.Lock()
		for len(s.queue) == 0 && !s.closed {
			s.wake.Wait()
		}
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return
		}
		j := s.queue[0]
		s.queue = s.queue[1:]
		s.begun(j)
		s.mu.Unlock()
		err := s.run(lane, j)
		s.mu.Lock()
		s.ended(j, err)
		s.mu.Unlock()
		s.c.busy.done(1)
	}
}

func (s *scheduler) run(lane int, j *job) (err error) {
	defer errs.Caught(&err)
	return s.c.driver.Output(s.c.running, lane, j.output)
}

func (s *scheduler) begun(j *job) {
	now := s.c.now()
	j.started = &now
	if j.batch.started == nil {
		j.batch.started = &now
		s.c.tell(BatchStarted, BatchEvent{j.batch.info()})
	}
	s.c.tell(OutputStarted, OutputEvent{j.info()})
}

func (s *scheduler) ended(j *job, err error) {
	now := s.c.now()
	j.ended, j.failure = &now, err
	b := j.batch
	b.left--
	b.failed = b.failed || err != nil
	if b.left == 0 {
		b.ended = &now
		delete(s.running, b.time)
		if b.failed {
			s.again[b.time] = true
		}
	}
	s.c.tell(OutputCompleted, OutputEvent{j.info()})
	if b.left == 0 {
		s.c.tell(BatchCompleted, BatchEvent{b.info()})
	}
	if err != nil && context.Cause(s.c.running) == nil {
		s.c.fail(err)
	}
	if b.left == 0 {
		s.c.inbox.put(func() { s.c.completed(b) })
	}
}

// close ends the lanes; with drop, jobs that wait are not run.
func (s *scheduler) close(drop bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if drop && len(s.queue) > 0 {
		s.c.busy.done(len(s.queue))
		s.queue = nil
	}
	s.wake.Broadcast()
}

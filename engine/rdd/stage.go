package rdd

import (
	"context"
	"errors"
	"slices"
	"sync"

	"pysparkcompat/engine/errs"
)

// stage is a set of like tasks: of a shuffle's map side, or, without a shuffle, of the job's results.
type stage struct {
	number  int
	attempt int
	node    *Node
	shuffle *Shuffle
	// together says that its tasks run at once and can meet; then barrier is where.
	together bool
	barrier  *barrier
	info     *StageInfo
}

// execute runs tasks of a stage, after the stages that it needs.
func (j *Job) execute(ctx context.Context, st *stage, partitions []int) (err error) {
	if err := j.prepare(ctx, st.node); err != nil {
		return err
	}
	j.s.mu.Lock()
	st.info = j.s.history.stage(st.number)
	st.info.Tasks, st.info.Attempt, st.info.active = len(partitions), st.attempt, true
	j.s.mu.Unlock()
	defer func() {
		j.s.mu.Lock()
		st.info.active = false
		j.s.mu.Unlock()
	}()
	if st.together {
		return j.executeTogether(ctx, st, partitions)
	}
	return j.crowd(ctx, func(ctx context.Context, start func(func() error)) error {
		for i, p := range partitions {
			if err := j.s.slots.take(ctx, 1); err != nil {
				return err
			}
			start(func() error { return (&try{job: j, st: st, index: i, partition: p, held: true}).run(ctx) })
		}
		return nil
	})
}

// crowd runs what body starts, each in a goroutine. The first error ends all of them, and is the crowd's.
func (j *Job) crowd(ctx context.Context, body func(ctx context.Context, start func(func() error)) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done sync.WaitGroup
	var first error
	var once sync.Once
	fail := func(err error) {
		if err != nil {
			once.Do(func() { first = err; cancel(err) })
		}
	}
	guard := func(f func() error) (err error) {
		defer errs.Caught(&err)
		return f()
	}
	fail(body(ctx, func(f func() error) {
		done.Add(1)
		go func() {
			defer done.Done()
			fail(guard(f))
		}()
	}))
	done.Wait()
	return first
}

// executeTogether runs a barrier stage: all of its tasks at once, and all again when one of them lost what ran it.
func (j *Job) executeTogether(ctx context.Context, st *stage, partitions []int) error {
	j.s.mu.Lock()
	err := admit(st.node, len(partitions), j.s.slots.size)
	j.s.mu.Unlock()
	if err != nil {
		return err
	}
	if len(partitions) == 0 {
		return nil
	}
	sinks := make([]*sink, len(partitions))
	for i := range sinks {
		sinks[i] = &sink{job: j, index: i}
	}
	for died := 0; ; died++ {
		if err := j.prepare(ctx, st.node); err != nil {
			return err
		}
		if err := j.s.slots.take(ctx, len(partitions)); err != nil {
			return err
		}
		st.barrier, st.attempt = newBarrier(len(partitions)), died
		err := j.crowd(ctx, func(ctx context.Context, start func(func() error)) error {
			for i, p := range partitions {
				start(func() error {
					t := &try{job: j, st: st, index: i, partition: p, sink: sinks[i], attempt: died}
					_, err := t.once(ctx)
					if err == nil {
						st.barrier.leave() // else all end
					}
					return err
				})
			}
			return nil
		})
		j.s.slots.give(len(partitions))
		if again := (*Died)(nil); err == nil || !errors.As(err, &again) || died+1 >= deaths {
			return err
		}
	}
}

// prepare computes the map outputs that a node's stage needs.
func (j *Job) prepare(ctx context.Context, n *Node) error {
	j.s.mu.Lock()
	list := needs(n, j.s.store)
	j.s.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	// in the order of their numbers, as far as there are slots
	slices.SortFunc(list, func(a, b *Shuffle) int { return j.stages[a] - j.stages[b] })
	return j.crowd(ctx, func(ctx context.Context, start func(func() error)) error {
		for _, sh := range list[1:] {
			start(func() error { return j.ensure(ctx, sh) })
		}
		return j.ensure(ctx, list[0])
	})
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
	st := &stage{number: j.stages[sh], node: sh.Node, shuffle: sh}
	if len(missing) > 0 {
		st.together = together(sh.Node)
	}
	j.s.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	return j.execute(ctx, st, missing)
}

package rdd

import (
	"context"
	"sync"

	"pysparkcompat/engine/errs"
)

// barrier is where the tasks of one attempt of a stage meet.
type barrier struct {
	tasks int

	mu   sync.Mutex
	now  *meeting
	left bool // a task has ended: no meeting can be complete any more
}

type meeting struct {
	kind    string
	said    []string
	here    int
	over    chan struct{}
	failure error
}

func newBarrier(tasks int) *barrier { return &barrier{tasks: tasks, now: newMeeting(tasks)} }

func newMeeting(tasks int) *meeting {
	return &meeting{said: make([]string, tasks), over: make(chan struct{})}
}

func (b *barrier) Tasks() int { return b.tasks }

// Meet waits for the others.
func (b *barrier) Meet(ctx context.Context, task int, kind, message string) ([]string, error) {
	b.mu.Lock()
	m := b.now
	if m.here == 0 {
		m.kind = kind
	}
	switch {
	case m.kind != kind:
		b.end(m, errs.New(errs.Unnamed+"BARRIER_MIXED", "first", m.kind, "other", kind))
	case b.left:
		b.end(m, errs.New(errs.Unnamed+"BARRIER_LEFT"))
	default:
		m.said[task] = message
		if m.here++; m.here == b.tasks {
			b.end(m, nil)
		}
	}
	b.mu.Unlock()
	select {
	case <-m.over:
		return m.said, m.failure
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// end ends a meeting, and begins the next.
func (b *barrier) end(m *meeting, failure error) {
	m.failure = failure
	close(m.over)
	b.now = newMeeting(b.tasks)
}

// leave is called when a task has ended well: those who wait for it have failed.
func (b *barrier) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left = true; b.now.here > 0 {
		b.end(b.now, errs.New(errs.Unnamed+"BARRIER_LEFT"))
	}
}

// together says that a stage holds a barrier node. The Scheduler's lock is held.
func together(n *Node) bool {
	seen := map[*Node]bool{}
	var visit func(*Node) bool
	visit = func(n *Node) bool {
		if seen[n] {
			return false
		}
		if seen[n] = true; n.Barrier {
			return true
		}
		for _, p := range n.Parents {
			if p.Shuffle == nil && visit(p.Node) {
				return true
			}
		}
		return false
	}
	return visit(n)
}

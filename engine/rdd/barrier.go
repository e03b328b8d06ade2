package rdd

import (
	"context"
	"strconv"
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
func together(n *Node) bool { return (&chain{known: map[*Node]bool{}}).barrier(n) }

// chain looks at the nodes of one stage.
type chain struct{ known map[*Node]bool }

// barrier says that a node, or one that it reads without a shuffle, is a barrier node.
func (c *chain) barrier(n *Node) bool {
	if found, ok := c.known[n]; ok {
		return found
	}
	found := n.Barrier
	for _, p := range n.Parents {
		if p.Shuffle == nil && c.barrier(p.Node) {
			found = true
		}
	}
	c.known[n] = found
	return found
}

// admit says why a barrier stage of so many tasks cannot run, or nothing. The Scheduler's lock is held.
func admit(n *Node, tasks, slots int) error {
	c := &chain{known: map[*Node]bool{}}
	if !c.barrier(n) {
		return nil
	}
	if tasks > slots {
		return errs.New(errs.Unnamed+"BARRIER_SLOTS", "tasks", strconv.Itoa(tasks), "slots", strconv.Itoa(slots))
	}
	seen := map[*Node]bool{}
	var fits func(*Node) bool
	fits = func(n *Node) bool {
		if seen[n] {
			return true
		}
		seen[n] = true
		barriers := 0
		for _, p := range n.Parents {
			if p.Shuffle != nil {
				continue
			}
			if c.barrier(p.Node) {
				barriers++
			}
			if !fits(p.Node) {
				return false
			}
		}
		return n.Partitions == tasks && barriers <= 1
	}
	if !fits(n) {
		return errs.New(errs.Unnamed + "BARRIER_CHAIN")
	}
	return nil
}

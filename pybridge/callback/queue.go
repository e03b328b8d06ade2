// Package callback is the queue that the user's process fetches callbacks from.
//
// It is not a way for Go to call Python: Python threads ask for what they shall run and answer when it is done.
// pybridge/connect puts calls in; pybridge/native lets Python take them out. Invariants: the calls of a lane run one
// after another in the order they were put; a lane that is closed ends its thread; a caller whose context ends waits
// for a call that runs, so that what it stops has stopped, and takes back one that does not run yet.
package callback

import (
	"context"
	"sync"
	"time"

	"pysparkcompat/engine/errs"
)

// Call is one thing for a lane's thread to run.
type Call struct {
	ID      int64
	Payload []byte
	reply   chan []byte // nil for events, which nobody waits for
	taken   bool        // by the lane's thread
}

// Queue holds the lanes of a session. All methods are safe for concurrent use.
type Queue struct {
	mu     sync.Mutex
	lanes  map[int64]*lane
	calls  map[int64]*Call
	last   int64
	closed bool
	// abandoned is closed once nobody waits any more for what runs.
	abandoned chan struct{}
	abandon   sync.Once
}

type lane struct {
	waiting []*Call
	closed  bool
	// arrived has room for one token: something may have been put.
	arrived chan struct{}
}

// New is a queue without lanes; a lane is made by its first use.
func New() *Queue {
	return &Queue{lanes: map[int64]*lane{}, calls: map[int64]*Call{}, abandoned: make(chan struct{})}
}

// errEnded is what a caller gets whose lane ended before its callback ran.
func errEnded() error {
	return errs.New("UNSUPPORTED_FEATURE", "feature", "A callback of a session that has stopped")
}

func (q *Queue) lane(id int64) *lane {
	l := q.lanes[id]
	if l == nil {
		l = &lane{arrived: make(chan struct{}, 1), closed: q.closed}
		q.lanes[id] = l
	}
	return l
}

func (l *lane) signal() {
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// Open makes a new lane and gives its number.
func (q *Queue) Open() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last++
	q.lane(q.last)
	return q.last
}

// Do has a lane's thread run something and waits for its answer. After its context has ended it waits on for a call
// that the thread runs, until the calls are abandoned, and then gives the context's cause.
func (q *Queue) Do(ctx context.Context, to int64, payload []byte) ([]byte, error) {
	c := &Call{Payload: payload, reply: make(chan []byte, 1)}
	if !q.put(to, c) {
		return nil, errEnded()
	}
	select {
	case reply, ok := <-c.reply:
		if !ok {
			return nil, errEnded()
		}
		return reply, nil
	case <-ctx.Done():
		if !q.withdraw(to, c) {
			select {
			case <-c.reply:
			case <-q.abandoned:
			}
		}
		return nil, context.Cause(ctx)
	}
}

// withdraw takes a call back unless the lane's thread has it.
func (q *Queue) withdraw(from int64, c *Call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c.taken {
		return false
	}
	delete(q.calls, c.ID)
	l := q.lane(from)
	for i, other := range l.waiting {
		if other == c {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			break
		}
	}
	return true
}

// Post has a lane's thread run something and does not wait.
func (q *Queue) Post(to int64, payload []byte) { q.put(to, &Call{Payload: payload}) }

func (q *Queue) put(to int64, c *Call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(to)
	if l.closed {
		return false
	}
	q.last++
	c.ID = q.last
	if c.reply != nil {
		q.calls[c.ID] = c
	}
	l.waiting = append(l.waiting, c)
	l.signal()
	return true
}

// Next waits for a lane's next call. It gives nil and false when none came in time, nil and true when the lane has ended.
func (q *Queue) Next(of int64, wait time.Duration) (c *Call, ended bool) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		q.mu.Lock()
		l := q.lane(of)
		if len(l.waiting) > 0 {
			c = l.waiting[0]
			l.waiting = l.waiting[1:]
			c.taken = true
			q.mu.Unlock()
			return c, false
		}
		if l.closed {
			q.mu.Unlock()
			return nil, true
		}
		arrived := l.arrived
		q.mu.Unlock()
		select {
		case <-arrived:
		case <-timeout.C:
			return nil, false
		}
	}
}

// Answer gives the outcome of a call; an answer that nobody waits for is dropped.
func (q *Queue) Answer(id int64, reply []byte) {
	q.mu.Lock()
	c := q.calls[id]
	delete(q.calls, id)
	q.mu.Unlock()
	if c != nil {
		c.reply <- reply
	}
}

// CloseLane lets what waits be run and then ends the lane's thread.
func (q *Queue) CloseLane(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(id)
	l.closed = true
	l.signal()
}

// Abandon frees the callers whose context has ended from waiting for what runs: it may be what ends the session.
func (q *Queue) Abandon() { q.abandon.Do(func() { close(q.abandoned) }) }

// Close ends every lane; callers that wait get an error, events that wait are still delivered.
func (q *Queue) Close() {
	q.Abandon()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, l := range q.lanes {
		l.closed = true
		l.signal()
	}
	for id, c := range q.calls {
		close(c.reply)
		delete(q.calls, id)
	}
}

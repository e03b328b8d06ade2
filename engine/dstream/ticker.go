package dstream

import (
	"sync"
	"time"

	"pysparkcompat/engine/clock"
)

// ticker has batches generated at their times: each multiple of the batch from the first on, none left out, however late.
type ticker struct {
	c       *Context
	batch   int64
	mu      sync.Mutex
	next    int64
	left    int // batches until the end, -1 for no end
	changed chan struct{}
	handed  chan struct{} // closed and renewed when batches were handed on
	over    chan struct{} // closed when the last batch was
}

func newTicker(c *Context, first, batch int64) *ticker {
	return &ticker{c: c, batch: batch, next: first, left: -1, changed: make(chan struct{}, 1), handed: make(chan struct{}), over: make(chan struct{})}
}

// due says that a batch's time has come and it was not handed on yet, and gives what is closed when one is.
func (t *ticker) due() (bool, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.left != 0 && t.next <= t.c.now(), t.handed
}

func (t *ticker) run() {
	defer close(t.over)
	for {
		wait, over := t.hand()
		if over {
			return
		}
		woken := t.c.clock.After(time.Duration(wait) * time.Millisecond)
		if due, _ := t.due(); due {
			continue // the clock moved before it was asked to wake
		}
		select {
		case <-woken:
		case <-t.changed:
		}
	}
}

// hand puts the batches that are due before the generator and gives the time until the next.
func (t *ticker) hand() (wait int64, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.c.now()
	for t.left != 0 && (t.next <= now || t.left > 0 && t.stands()) {
		at := t.next
		t.c.inbox.put(func() { t.c.generate(at) })
		if t.next += t.batch; t.left > 0 {
			t.left--
		}
	}
	close(t.handed)
	t.handed = make(chan struct{})
	return t.next - now, t.left == 0
}

// stands says that nobody waits for the clock's hands to move by themselves: the last batches of a graceful stop come at once.
func (t *ticker) stands() bool {
	_, manual := t.c.clock.(*clock.Manual)
	return manual
}

// finish ends the ticks after n more.
func (t *ticker) finish(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left < 0 || n < t.left {
		t.left = n
	}
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// ahead lets one batch more come on a clock that stands, so that a graceful stop can take what was received.
func (t *ticker) ahead() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left < 0 && t.stands() {
		at := t.next
		t.next += t.batch
		t.c.inbox.put(func() { t.c.generate(at) })
	}
}

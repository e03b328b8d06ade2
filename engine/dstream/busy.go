package dstream

import "sync"

// busy counts what is under way. What follows from something is counted before that is done, so that nothing under way
// means that nothing more comes until the clock moves.
type busy struct {
	mu      sync.Mutex
	n       int
	changed chan struct{} // closed and renewed when n falls
}

func newBusy() *busy { return &busy{changed: make(chan struct{})} }

func (b *busy) add(n int) {
	b.mu.Lock()
	b.n += n
	b.mu.Unlock()
}

func (b *busy) done(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n -= n
	close(b.changed)
	b.changed = make(chan struct{})
}

// count gives the number under way and what is closed at the next fall.
func (b *busy) count() (int, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n, b.changed
}

// fall waits until at most n are under way, or for the end of until; it says which it was.
func (b *busy) fall(n int, until <-chan struct{}) bool {
	for {
		now, changed := b.count()
		if now <= n {
			return true
		}
		select {
		case <-changed:
		case <-until:
			return false
		}
	}
}

// inbox is the queue of what one goroutine has to do, in order, without bound.
type inbox struct {
	busy   *busy
	mu     sync.Mutex
	queue  []func()
	closed bool
	// arrived has room for one token: something may have been put.
	arrived chan struct{}
}

func newInbox(b *busy) *inbox { return &inbox{busy: b, arrived: make(chan struct{}, 1)} }

// put adds something to do and says whether it will be done.
func (i *inbox) put(f func()) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return false
	}
	i.busy.add(1)
	i.queue = append(i.queue, f)
	i.signal()
	return true
}

func (i *inbox) signal() {
	select {
	case i.arrived <- struct{}{}:
	default:
	}
}

// close ends serve; what waits is done first unless it is dropped.
func (i *inbox) close(drop bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	if drop && len(i.queue) > 0 {
		i.busy.done(len(i.queue))
		i.queue = nil
	}
	i.signal()
}

// serve does what is put until the inbox is closed.
func (i *inbox) serve() {
	for {
		i.mu.Lock()
		if len(i.queue) > 0 {
			f := i.queue[0]
			i.queue = i.queue[1:]
			i.mu.Unlock()
			f()
			i.busy.done(1)
			continue
		}
		closed := i.closed
		i.mu.Unlock()
		if closed {
			return
		}
		<-i.arrived
	}
}

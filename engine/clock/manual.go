package clock

import (
	"sort"
	"sync"
	"time"
)

// Manual is a clock that moves only when Advance is called; tests own it.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiting []waiter
	changed chan struct{} // closed and renewed whenever a waiter is added
}

type waiter struct {
	at time.Time
	ch chan time.Time
}

// NewManual is a clock that stands at a time.
func NewManual(at time.Time) *Manual { return &Manual{now: at, changed: make(chan struct{})} }

func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *Manual) After(d time.Duration) <-chan time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- m.now
		return ch
	}
	m.waiting = append(m.waiting, waiter{m.now.Add(d), ch})
	close(m.changed)
	m.changed = make(chan struct{})
	return ch
}

// Advance moves the clock and wakes those whose time has come, in order of their times.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	sort.SliceStable(m.waiting, func(i, j int) bool { return m.waiting[i].at.Before(m.waiting[j].at) })
	n := 0
	for n < len(m.waiting) && !m.waiting[n].at.After(m.now) {
		m.waiting[n].ch <- m.now
		n++
	}
	m.waiting = append([]waiter(nil), m.waiting[n:]...)
}

// Waiters blocks until at least n sleepers wait, so that a test advances only what is asleep.
func (m *Manual) Waiters(n int) {
	for {
		m.mu.Lock()
		enough, changed := len(m.waiting) >= n, m.changed
		m.mu.Unlock()
		if enough {
			return
		}
		<-changed
	}
}

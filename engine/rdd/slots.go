package rdd

import (
	"context"
	"sync"
)

// slots are the cores of the master: who asks first is served first, also one who asks for many.
type slots struct {
	mu      sync.Mutex
	size    int
	free    int
	waiting []*claim
}

type claim struct {
	n     int
	given chan struct{}
}

func newSlots(n int) *slots { return &slots{size: n, free: n} }

// take waits for n slots; n must not be above size.
func (s *slots) take(ctx context.Context, n int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	if len(s.waiting) == 0 && s.free >= n {
		s.free -= n
		s.mu.Unlock()
		return nil
	}
	c := &claim{n, make(chan struct{})}
	s.waiting = append(s.waiting, c)
	s.mu.Unlock()
	select {
	case <-c.given:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-c.given: // at the same time
		s.free += n
	default:
		for i, other := range s.waiting {
			if other == c {
				s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
				break
			}
		}
	}
	s.serve()
	return context.Cause(ctx)
}

// give returns n slots.
func (s *slots) give(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
	s.serve()
}

func (s *slots) serve() {
	for len(s.waiting) > 0 && s.waiting[0].n <= s.free {
		c := s.waiting[0]
		s.waiting[0] = nil
		s.waiting = s.waiting[1:]
		s.free -= c.n
		close(c.given)
	}
}

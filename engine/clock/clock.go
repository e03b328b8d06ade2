// Package clock is the only place that tells the time.
//
// It is not a scheduler. Queries, sources and the session own one. Invariants: Now never goes
// back on one clock; a Manual clock moves only when Advance is called.
package clock

import "time"

// Clock tells the time and wakes sleepers. All methods are safe for concurrent use.
type Clock interface {
	Now() time.Time
	// After is a channel that gets one value once d has passed on this clock.
	After(d time.Duration) <-chan time.Time
}

// Real is the machine's clock.
type Real struct{}

func (Real) Now() time.Time                         { return time.Now() }
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }

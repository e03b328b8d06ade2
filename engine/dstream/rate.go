package dstream

import (
	"context"
	"math"
	"sync"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
)

// limiter lets records in at a rate, a second's worth at once after a pause.
type limiter struct {
	clock clock.Clock
	most  float64 // receiver.maxRate; +Inf for none

	mu     sync.Mutex
	rate   float64   // records a second
	next   time.Time // when the next record may come
	stored float64   // records saved up
}

func newLimiter(c clock.Clock, s *conf.Conf) *limiter {
	l := &limiter{clock: c, most: math.Inf(1), next: c.Now()}
	if n := s.Int(conf.ReceiverMaxRate); n > 0 {
		l.most = float64(n)
	}
	l.rate = l.most
	if n := s.Int(conf.InitialRate); n > 0 {
		l.rate = math.Min(float64(n), l.most)
	}
	return l
}

// update sets the rate to a new one, but not above the most.
func (l *limiter) update(rate float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rate > 0 {
		l.rate = math.Min(rate, l.most)
	}
}

// wait takes one record in; it waits for its time or the end of the context.
func (l *limiter) wait(ctx context.Context) {
	l.mu.Lock()
	if math.IsInf(l.rate, 1) {
		l.mu.Unlock()
		return
	}
	now := l.clock.Now()
	if gone := now.Sub(l.next); gone > 0 {
		l.stored, l.next = math.Min(l.rate, l.stored+gone.Seconds()*l.rate), now
	}
	pause := l.next.Sub(now)
	fresh := 1 - math.Min(1, l.stored)
	l.stored -= 1 - fresh
	l.next = l.next.Add(time.Duration(fresh / l.rate * float64(time.Second)))
	l.mu.Unlock()
	if pause < time.Millisecond {
		return // a shorter pause cannot be slept; it adds up
	}
	select {
	case <-l.clock.After(pause):
	case <-ctx.Done():
	}
}

// estimator finds the rate that the batches can take, as a controller with proportional, integral and derived parts.
type estimator struct {
	batch                                  float64 // milliseconds
	proportional, integral, derived, least float64
	begun                                  bool
	at                                     int64
	rate, failed                           float64
}

func newEstimator(batch int64, s *conf.Conf) *estimator {
	return &estimator{batch: float64(batch), proportional: s.Float(conf.PIDProportional), integral: s.Float(conf.PIDIntegral),
		derived: s.Float(conf.PIDDerived), least: s.Float(conf.PIDMinRate), at: -1, rate: -1, failed: -1}
}

// rateAfter gives the new rate after a batch that ended at a time, if it says anything new.
func (e *estimator) rateAfter(end, records, processing, scheduling int64) (rate float64, ok bool) {
	if end <= e.at || records <= 0 || processing <= 0 {
		return 0, false
	}
	since := float64(end-e.at) / 1000
	measured := float64(records) / float64(processing) * 1000
	failed := e.rate - measured
	piled := float64(scheduling) * measured / e.batch
	trend := (failed - e.failed) / since
	next := math.Max(e.rate-e.proportional*failed-e.integral*piled-e.derived*trend, e.least)
	e.at = end
	if !e.begun {
		e.begun, e.rate, e.failed = true, measured, 0
		return 0, false
	}
	e.rate, e.failed = next, failed
	return next, true
}

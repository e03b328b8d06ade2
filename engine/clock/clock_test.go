package clock_test

import (
	"testing"
	"time"

	"pysparkcompat/engine/clock"
)

func TestManualWakesInOrderAndOnlyWhenDue(t *testing.T) {
	m := clock.NewManual(time.Unix(100, 0))
	late, soon, now := m.After(3*time.Second), m.After(time.Second), m.After(0)
	<-now
	m.Advance(999 * time.Millisecond)
	select {
	case <-soon:
		t.Fatal("woke early")
	default:
	}
	m.Advance(time.Millisecond)
	if at := <-soon; !at.Equal(time.Unix(101, 0)) {
		t.Fatalf("woke at %v", at)
	}
	select {
	case <-late:
		t.Fatal("the later sleeper woke with the sooner one")
	default:
	}
	m.Advance(time.Hour)
	<-late
}

func TestWaitersBlocksUntilAsleep(t *testing.T) {
	m := clock.NewManual(time.Unix(0, 0))
	done := make(chan time.Time)
	go func() { done <- <-m.After(time.Minute) }()
	m.Waiters(1)
	m.Advance(time.Minute)
	if at := <-done; !at.Equal(time.Unix(60, 0)) {
		t.Fatalf("woke at %v", at)
	}
}

package engine

import (
	"context"
	"runtime/debug"
	"sync"
	"testing"

	"pysparkcompat/engine/udf"
)

type noWorkers struct{}

func (noWorkers) Open(context.Context, udf.Spec) (udf.Instance, error) { return nil, context.Canceled }

// The tests of this package that run queries beside would change the pace too: this one is not parallel.
func TestPaceOfTheCollector(t *testing.T) {
	before := ownPace()
	debug.SetGCPercent(100)
	collector.Lock()
	held, workers := collector.held, collector.workers
	collector.held, collector.workers, collector.own, collector.pace = nil, false, 0, 0
	collector.Unlock()
	defer func() {
		collector.Lock()
		defer collector.Unlock()
		collector.held, collector.workers, collector.own, collector.pace = held, workers, 0, 0
		debug.SetGCPercent(before)
	}()
	is := func(want int, when string) {
		t.Helper()
		if got := ownPace(); got != want {
			t.Fatalf("%s: %d percent, want %d", when, got, want)
		}
	}
	one, two := &job{}, &job{}
	one.holds(muchState / 2)
	is(100, "little state")
	two.holds(muchState)
	is(statePace, "much state of two queries")
	if _, err := (collecting{Runner: noWorkers{}, once: new(sync.Once)}).Open(context.Background(), udf.Spec{}); err != context.Canceled {
		t.Fatal(err)
	}
	is(statePace, "much state, and workers")
	two.holds(0)
	is(workersPace, "workers")
	one.holds(0)
	is(workersPace, "workers, and no state")
}

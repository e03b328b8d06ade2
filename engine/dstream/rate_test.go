package dstream

import (
	"context"
	"math"
	"testing"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
)

func settings(t *testing.T, values map[string]string) *conf.Conf {
	t.Helper()
	c, err := conf.New(values, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEstimator goes through the cases by hand: rate − P·error − I·piled-up work − D·trend, but at least the least.
func TestEstimator(t *testing.T) {
	e := newEstimator(1000, settings(t, map[string]string{conf.PIDDerived: "0.5"}))
	for i, c := range []struct {
		end, records, processing, scheduling int64
		want                                 float64 // 0: it says nothing
	}{
		{1000, 0, 100, 0, 0},         // no records
		{1000, 1000, 0, 0, 0},        // no time
		{1000, 1000, 500, 0, 0},      // 2000 a second: the first only begins
		{900, 1000, 500, 0, 0},       // not newer
		{2000, 1000, 1000, 500, 400}, // error 1000, piled 500: 2000 − 1000 − 0.2·500 − 0.5·1000
		{3000, 10, 1000, 0, 315},     // error 390, less than before: 400 − 390 + 0.5·610
		{4000, 10, 1000, 0, 100},     // 52.5 would be below the least
	} {
		got, ok := e.rateAfter(c.end, c.records, c.processing, c.scheduling)
		if ok != (c.want != 0) || ok && math.Abs(got-c.want) > 1e-9 {
			t.Errorf("batch %d: %v, %v, want %v", i, got, ok, c.want)
		}
	}
}

func TestLimiter(t *testing.T) {
	m := clock.NewManual(time.UnixMilli(0))
	l := newLimiter(m, settings(t, map[string]string{conf.ReceiverMaxRate: "10", conf.InitialRate: "100"}))
	take := func(n int) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range n {
				l.wait(context.Background())
			}
		}()
		for waiting := true; waiting; {
			select {
			case <-done:
				waiting = false
			default:
				m.Advance(time.Millisecond)
			}
		}
	}
	take(11)
	if at := m.Now().UnixMilli(); at < 1000 {
		t.Errorf("11 records took %d ms at 10 a second", at)
	}
	m.Advance(time.Hour) // saves up one second's
	l.update(5)
	before := m.Now()
	for range 5 {
		l.wait(context.Background())
	}
	if m.Now() != before {
		t.Error("what was saved up had to wait")
	}
	l.update(1000)
	if l.rate != 10 {
		t.Errorf("above the most: %v", l.rate)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 50 {
		l.wait(ctx) // ends though the clock stands
	}
	free := newLimiter(m, settings(t, nil))
	for range 1000 {
		free.wait(context.Background())
	}
}

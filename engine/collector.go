package engine

import (
	"context"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"pysparkcompat/engine/udf"
)

// collector lets garbage be collected sooner where memory is the tighter promise: while running queries hold much state,
// as what they hold outweighs what collecting costs; and once a process has workers, whose memory comes on top of its own
// and who have the larger part of the work. Otherwise, and where it is sooner than these, the pace is the process' own.
var collector struct {
	sync.Mutex
	held    map[*job]int64
	workers bool
	own     int // the pace where there is neither; 0 until it was read
	pace    int
}

const (
	muchState   = 32 << 20
	statePace   = 40 // percent of what is held
	workersPace = 50
)

// holds tells the collector what a query's state takes; 0 once it has ended.
func (j *job) holds(bytes int64) {
	collector.Lock()
	defer collector.Unlock()
	if collector.held == nil {
		collector.held = map[*job]int64{}
	}
	if bytes == 0 {
		delete(collector.held, j)
	} else {
		collector.held[j] = bytes
	}
	setPace()
}

// setPace sets the pace that goes with what is known. The collector is locked.
func setPace() {
	if collector.own == 0 {
		collector.own = ownPace()
		collector.pace = collector.own
	}
	want, sum := collector.own, int64(0)
	for _, n := range collector.held {
		sum += n
	}
	if collector.workers {
		want = min(want, workersPace)
	}
	if sum > muchState {
		want = min(want, statePace)
	}
	if want != collector.pace && collector.own != math.MaxInt {
		debug.SetGCPercent(want)
		collector.pace = want
	}
}

// ownPace is the pace that the process was started with; MaxInt where nothing is to be collected.
func ownPace() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	if percent := sample[0].Value.Uint64(); percent < math.MaxInt32 {
		return int(percent)
	}
	return math.MaxInt
}

// collecting is a runner that tells the collector when the process gets workers.
type collecting struct {
	udf.Runner
	once *sync.Once
}

func (c collecting) Open(ctx context.Context, spec udf.Spec) (udf.Instance, error) {
	c.once.Do(func() {
		collector.Lock()
		defer collector.Unlock()
		collector.workers = true
		setPace()
	})
	return c.Runner.Open(ctx, spec)
}

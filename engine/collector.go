package engine

import (
	"runtime/debug"
	"sync"
)

// collector lets garbage be collected sooner while running queries hold much state: what they hold then outweighs what
// collecting costs. Without much state the pace stays that of the process.
var collector struct {
	sync.Mutex
	held   map[*job]int64
	sooner bool
	before int // the pace where there is not much
}

const (
	muchState  = 32 << 20
	soonerPace = 40 // percent of what is held
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
	sum := int64(0)
	for _, n := range collector.held {
		sum += n
	}
	sooner := sum > muchState
	switch {
	case sooner && !collector.sooner:
		collector.before = debug.SetGCPercent(soonerPace)
	case collector.sooner && !sooner:
		debug.SetGCPercent(collector.before)
	}
	collector.sooner = sooner
}

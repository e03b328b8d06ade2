package sink

import (
	"context"
	"sort"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// gather collects an epoch's rows of all instances in memory, in the order of the instances: for sinks that hand an
// epoch over as a whole. Begin and take are called from the query's goroutine, writers from their own.
type gather struct {
	mu    sync.Mutex
	parts map[int][]arrow.RecordBatch
}

// begin forgets what an epoch before left.
func (g *gather) begin() {
	release(g.take())
	g.parts = map[int][]arrow.RecordBatch{}
}

// take gives the rows, which are the caller's now.
func (g *gather) take() []arrow.RecordBatch {
	g.mu.Lock()
	defer g.mu.Unlock()
	instances := make([]int, 0, len(g.parts))
	for i := range g.parts {
		instances = append(instances, i)
	}
	sort.Ints(instances)
	var out []arrow.RecordBatch
	for _, i := range instances {
		out = append(out, g.parts[i]...)
	}
	g.parts = nil
	return out
}

func (g *gather) writer(instance int) Writer { return &gatherWriter{g: g, instance: instance} }

type gatherWriter struct {
	g        *gather
	instance int
	rows     []arrow.RecordBatch
}

func (w *gatherWriter) Write(_ context.Context, b arrow.RecordBatch) error {
	if b.NumRows() > 0 {
		b.Retain()
		w.rows = append(w.rows, b)
	}
	return nil
}

func (w *gatherWriter) Close(ok bool) error {
	if !ok {
		release(w.rows)
		w.rows = nil
		return nil
	}
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if w.g.parts != nil {
		w.g.parts[w.instance] = append(w.g.parts[w.instance], w.rows...)
	}
	w.rows = nil
	return nil
}

func release(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}

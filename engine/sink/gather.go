package sink

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// gather collects an epoch's rows of all instances in memory, in the order of their places: for sinks that hand an
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
	var out []arrow.RecordBatch
	for _, i := range slices.Sorted(maps.Keys(g.parts)) {
		out = append(out, g.parts[i]...)
	}
	g.parts = nil
	return out
}

func (g *gather) writer(place int) *gatherWriter {
	return &gatherWriter{g: g, place: place, rows: map[int][]arrow.RecordBatch{}}
}

type gatherWriter struct {
	g     *gather
	place int
	rows  map[int][]arrow.RecordBatch
}

func (w *gatherWriter) Place(split int) { w.place = split }

func (w *gatherWriter) Write(_ context.Context, b arrow.RecordBatch) error {
	if b.NumRows() > 0 {
		b.Retain()
		w.rows[w.place] = append(w.rows[w.place], b)
	}
	return nil
}

func (w *gatherWriter) Close(ok bool) error {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	for place, rows := range w.rows {
		if ok && w.g.parts != nil {
			w.g.parts[place] = append(w.g.parts[place], rows...)
		} else {
			release(rows)
		}
	}
	clear(w.rows)
	return nil
}

func release(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}

package testkit

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/vfs"
)

// Collector is the root of a pipeline under test: it keeps the rows of an epoch as text.
type Collector struct {
	mu   sync.Mutex
	rows []string
}

// Take gives the rows and forgets them.
func (c *Collector) Take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.rows
	c.rows = nil
	return out
}

// Node collects what a feed gives.
func (c *Collector) Node(from exec.Feed) *exec.Node {
	return &exec.Node{Name: "Collect", Inputs: []exec.Feed{from}, Make: func(exec.Instance) (exec.Operator, error) { return &collector{c}, nil }}
}

type collector struct{ c *Collector }

func (c *collector) Process(_ context.Context, _ int, b arrow.RecordBatch, _ exec.Emit) error {
	c.c.mu.Lock()
	defer c.c.mu.Unlock()
	c.c.rows = append(c.c.rows, Texts(b)...)
	return nil
}
func (c *collector) Mark(context.Context, int, exec.Mark, exec.Emit) error { return nil }
func (c *collector) Explain() string                                       { return "Collect" }
func (c *collector) Close() error                                          { return nil }

// Split makes a split of a batch.
func Split(b ...arrow.RecordBatch) source.Split { return exec.NewValues(b) }

// Epoch is one epoch of a golden run: its rows as JSON, a split each, its marks, and what comes out.
type Epoch struct {
	Splits []string
	// Second are the rows of a second source.
	Second               []string
	LateBelow, Watermark int64
	Want                 []string
	// State is what the metrics say of each stateful operator, as "rows updated removed dropped".
	State []string
}

// Golden is a stateful plan over one source or two.
type Golden struct {
	Schema *arrow.Schema
	// Second is the schema of the second source, if there is one.
	Second *arrow.Schema
	// Plan makes the tree under the collector.
	Plan   func(store state.Store) exec.Feed
	Epochs []Epoch
	// Partitions of the state; 0 is 5.
	Partitions int
}

// Run drives the plan straight through, and again with a stop after each epoch and a start on its checkpoint at
// another number of instances: every epoch gives the rows wanted.
func (g Golden) Run(t *testing.T) {
	t.Helper()
	defer goleak.VerifyNone(t)
	if g.Partitions == 0 {
		g.Partitions = 5
	}
	for _, stops := range []bool{false, true} {
		for _, cores := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("stops=%v cores=%d", stops, cores), func(t *testing.T) { g.run(t, state.NewMemory, stops, cores) })
			t.Run(fmt.Sprintf("stops=%v cores=%d on disk", stops, cores), func(t *testing.T) { g.run(t, onDisk, stops, cores) })
		}
	}
}

// onDisk keeps no row in memory from one epoch to the next.
func onDisk(o state.Options) state.Store {
	o.MemoryBytes = 1
	return state.NewPebble(o)
}

func (g Golden) run(t *testing.T, open func(state.Options) state.Store, stops bool, cores int) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	fs := vfs.NewMemory()
	if err := fs.MkdirAll("/c"); err != nil {
		t.Fatal(err)
	}
	for from := 0; from < len(g.Epochs); {
		to := len(g.Epochs)
		if stops {
			to = from + 1
		}
		g.session(t, open, mem, fs, from, to, (cores+from)%3+1)
		from = to
	}
}

// session is one life of the query.
func (g Golden) session(t *testing.T, open func(state.Options) state.Store, mem memory.Allocator, fs vfs.FS, from, to, cores int) {
	t.Helper()
	ctx := context.Background()
	store := open(state.Options{FS: fs, Dir: "/c/state", Mem: mem, Partitions: g.Partitions, SnapshotEpochs: 2})
	var c Collector
	p, err := exec.New(c.Node(g.Plan(store)), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: cores})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	if err := store.Restore(ctx, int64(from-1)); err != nil {
		t.Fatal(err)
	}
	for id := from; id < to; id++ {
		g.epoch(t, mem, p, store, &c, id)
	}
}

func (g Golden) epoch(t *testing.T, mem memory.Allocator, p *exec.Pipeline, store state.Store, c *Collector, id int) {
	t.Helper()
	ctx, e := context.Background(), g.Epochs[id]
	var in [2]exec.StageInput
	for source, texts := range [2][]string{e.Splits, e.Second} {
		for _, text := range texts {
			b := Rows(t, mem, [2]*arrow.Schema{g.Schema, g.Second}[source], text)
			defer b.Release()
			in[source].Splits = append(in[source].Splits, Split(b))
		}
	}
	if err := p.Run(ctx, exec.Epoch{ID: int64(id), LateBelow: e.LateBelow, Watermark: e.Watermark}, in[:]); err != nil {
		t.Fatalf("epoch %d: %v", id, err)
	}
	if got := c.Take(); !Same(got, e.Want, false) {
		t.Fatalf("epoch %d gave %s\nwant %s", id, Show(got), Show(e.Want))
	}
	if e.State != nil {
		var got []string
		for _, s := range p.Metrics().State {
			got = append(got, fmt.Sprint(s.Rows, " ", s.Updated, " ", s.Removed, " ", s.Dropped))
		}
		if !Same(got, e.State, true) {
			t.Fatalf("epoch %d: state rows, updated, removed, dropped are %v, want %v", id, got, e.State)
		}
	}
	if err := store.Commit(ctx, int64(id)); err != nil {
		t.Fatal(err)
	}
	if err := store.Maintain(ctx, int64(id-1)); err != nil {
		t.Fatal(err)
	}
}

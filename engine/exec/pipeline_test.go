package exec_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/invariants"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
)

// checked is an allocator whose memory, and goroutines that must be gone, are checked by done.
func checked(t *testing.T) (memory.Allocator, func()) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	return mem, func() {
		mem.AssertSize(t, 0)
		goleak.VerifyNone(t)
	}
}

func splitsOf(b ...arrow.RecordBatch) []source.Split {
	var out []source.Split
	for _, x := range b {
		out = append(out, testkit.Split(x))
	}
	return out
}

// rowSplits makes a split of each row.
func rowSplits(b arrow.RecordBatch) []source.Split {
	var out []source.Split
	for i := int64(0); i < b.NumRows(); i++ {
		out = append(out, rowSplit{b, i})
	}
	return out
}

type rowSplit struct {
	b arrow.RecordBatch
	i int64
}

func (s rowSplit) Open(context.Context, source.Pushdown) (source.Reader, error) {
	return &rowReader{s, false}, nil
}

type rowReader struct {
	s    rowSplit
	done bool
}

func (r *rowReader) Next(context.Context) (arrow.RecordBatch, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	return r.s.b.NewSlice(r.s.i, r.s.i+1), nil
}
func (r *rowReader) Close() error { return nil }

var numbers = testkit.Schema("v", types.Long)

// many is splits of consecutive numbers.
func many(t *testing.T, mem memory.Allocator, splits, rows int) ([]source.Split, func()) {
	var out []source.Split
	var all []arrow.RecordBatch
	n := 0
	for s := 0; s < splits; s++ {
		var parts []string
		for r := 0; r < rows; r++ {
			parts = append(parts, fmt.Sprintf(`{"v":%d}`, n))
			n++
		}
		b := testkit.Rows(t, mem, numbers, "["+strings.Join(parts, ",")+"]")
		all = append(all, b)
		out = append(out, rowsOf(b))
	}
	return out, func() {
		for _, b := range all {
			b.Release()
		}
	}
}

// rowsOf is a split that gives a batch a row.
func rowsOf(b arrow.RecordBatch) source.Split { return manyReader{b} }

type manyReader struct{ b arrow.RecordBatch }

func (m manyReader) Open(context.Context, source.Pushdown) (source.Reader, error) {
	return &eachRow{b: m.b}, nil
}

type eachRow struct {
	b arrow.RecordBatch
	i int64
}

func (r *eachRow) Next(context.Context) (arrow.RecordBatch, error) {
	if r.i == r.b.NumRows() {
		return nil, io.EOF
	}
	r.i++
	return r.b.NewSlice(r.i-1, r.i), nil
}
func (r *eachRow) Close() error { return nil }

func count(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

// TestExchange moves every row once, whatever the kind and the numbers of instances.
func TestExchange(t *testing.T) {
	for _, kind := range []exec.Kind{exec.Hash, exec.Single, exec.RoundRobin} {
		for _, cores := range []int{1, 2, 5} {
			for _, to := range []int{1, 3} {
				mem, done := checked(t)
				splits, release := many(t, mem, 7, 9)
				x := &exec.Exchange{From: &exec.Leaf{}, Kind: kind, Keys: []int{0}, Instances: to}
				got := run(t, mem, func(c *testkit.Collector) *exec.Node { return c.Node(x) }, exec.Config{Cores: cores}, exec.StageInput{Splits: splits})
				if !testkit.Same(got, count(63), false) {
					t.Fatalf("kind %d, cores %d, to %d: %s", kind, cores, to, testkit.Show(got))
				}
				release()
				done()
			}
		}
	}
}

// TestOrdered gives rows in the sources' order through several instances: plain, through a union, with a limit that
// stops early, and beyond an exchange whose instances wait for each other.
func TestOrdered(t *testing.T) {
	passing := func(from ...exec.Feed) *exec.Node {
		return &exec.Node{Inputs: from, Make: func(exec.Instance) (exec.Operator, error) { return exec.NewUnion(numbers), nil }}
	}
	limited := func(global bool, from exec.Feed) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{from}, Make: func(exec.Instance) (exec.Operator, error) { return exec.NewLimit(10, global), nil }}
	}
	cases := map[string]struct {
		root func(c *testkit.Collector) *exec.Node
		want []string
	}{
		"plain": {func(c *testkit.Collector) *exec.Node {
			return c.Node(&exec.Exchange{From: passing(&exec.Leaf{}), Kind: exec.Single})
		}, count(400)},
		"bare": {func(c *testkit.Collector) *exec.Node {
			return c.Node(&exec.Exchange{From: &exec.Leaf{}, Kind: exec.Single})
		}, count(400)},
		"union": {func(c *testkit.Collector) *exec.Node {
			return c.Node(&exec.Exchange{From: passing(&exec.Leaf{}, &exec.Leaf{}), Kind: exec.Single})
		}, append(count(400), count(400)...)},
		"limit": {func(c *testkit.Collector) *exec.Node {
			return c.Node(limited(true, &exec.Exchange{From: limited(false, &exec.Leaf{}), Kind: exec.Single}))
		}, count(10)},
	}
	for name, c := range cases {
		for _, cores := range []int{1, 2, 4} {
			mem, done := checked(t)
			splits, release := many(t, mem, 20, 20)
			got := run(t, mem, c.root, exec.Config{Cores: cores, Ordered: true}, exec.StageInput{Splits: splits})
			if !testkit.Same(got, c.want, true) {
				t.Fatalf("%s by %d: %s", name, cores, testkit.Show(got))
			}
			release()
			done()
		}
	}
}

// TestOrderedBehindExchange does not hang where one instance's rows wait for another's.
func TestOrderedBehindExchange(t *testing.T) {
	mem, done := checked(t)
	defer done()
	splits, release := many(t, mem, 20, 200)
	defer release()
	got := run(t, mem, func(c *testkit.Collector) *exec.Node {
		x := &exec.Exchange{From: &exec.Leaf{}, Kind: exec.Hash, Keys: []int{0}}
		return c.Node(&exec.Exchange{From: &exec.Node{Inputs: []exec.Feed{x}, Make: func(exec.Instance) (exec.Operator, error) { return exec.NewUnion(numbers), nil }}, Kind: exec.Single})
	}, exec.Config{Cores: 3, Ordered: true}, exec.StageInput{Splits: splits})
	if !testkit.Same(got, count(4000), false) {
		t.Fatal(testkit.Show(got))
	}
}

// TestStopEndsReading: a limit ends the reading of a source that never ends.
func TestStopEndsReading(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	for _, ordered := range []bool{false, true} {
		got := run(t, mem, func(c *testkit.Collector) *exec.Node {
			return c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: &exec.Leaf{}, Kind: exec.Single}},
				Make: func(exec.Instance) (exec.Operator, error) { return exec.NewLimit(5, true), nil }})
		}, exec.Config{Cores: 2, Ordered: ordered}, exec.StageInput{Splits: []source.Split{endless{one}, endless{one}, endless{one}}})
		if len(got) != 5 {
			t.Fatalf("ordered %v: %s", ordered, testkit.Show(got))
		}
	}
}

// TestStopReachesTheIdle: an instance whose rows are all filtered away pushes nothing and still learns that the limit has
// its rows, through several exchanges.
func TestStopReachesTheIdle(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	none := one.NewSlice(0, 0)
	defer none.Release()
	for _, from := range []exec.Feed{&exec.Leaf{}, &exec.Exchange{From: &exec.Leaf{}, Kind: exec.RoundRobin}} {
		got := run(t, mem, func(c *testkit.Collector) *exec.Node {
			return c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: from, Kind: exec.Single}},
				Make: func(exec.Instance) (exec.Operator, error) { return exec.NewLimit(5, true), nil }})
		}, exec.Config{Cores: 2, Ordered: true}, exec.StageInput{Splits: []source.Split{endless{one}, endless{none}}})
		if len(got) != 5 {
			t.Fatal(testkit.Show(got))
		}
	}
}

type endless struct{ b arrow.RecordBatch }

func (e endless) Open(context.Context, source.Pushdown) (source.Reader, error) { return e, nil }
func (e endless) Next(context.Context) (arrow.RecordBatch, error) {
	e.b.Retain()
	return e.b, nil
}
func (e endless) Close() error { return nil }

// failing fails at its second batch.
type failing struct {
	b   arrow.RecordBatch
	err error
	n   *int
}

func (f failing) Open(context.Context, source.Pushdown) (source.Reader, error) {
	return failing{f.b, f.err, new(int)}, nil
}
func (f failing) Next(context.Context) (arrow.RecordBatch, error) {
	if *f.n++; *f.n > 1 {
		return nil, f.err
	}
	f.b.Retain()
	return f.b, nil
}
func (f failing) Close() error { return nil }

// TestFirstErrorCancels: an error anywhere ends the epoch with that error, and everything with it.
func TestFirstErrorCancels(t *testing.T) {
	broken := errors.New("broken")
	for _, where := range []string{"source", "operator", "mark", "panic", "cancel"} {
		t.Run(where, func(t *testing.T) {
			mem, done := checked(t)
			defer done()
			one := testkit.Rows(t, mem, numbers, `[{"v":1},{"v":2}]`)
			defer one.Release()
			splits := []source.Split{endless{one}, endless{one}}
			if where == "mark" {
				splits = splitsOf(one)
			}
			if where == "source" {
				splits = append([]source.Split{failing{one, broken, nil}}, splits...)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			x := &exec.Exchange{From: &exec.Leaf{}, Kind: exec.Hash, Keys: []int{0}}
			var c testkit.Collector
			root := c.Node(&exec.Node{Inputs: []exec.Feed{x}, Make: func(i exec.Instance) (exec.Operator, error) {
				return &breaking{where: where, err: broken, cancel: cancel}, nil
			}})
			p, err := exec.New(root, exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2})
			must(t, err)
			err = p.Run(ctx, exec.Epoch{}, []exec.StageInput{{Splits: splits}})
			switch where {
			case "cancel":
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			case "panic":
				if err == nil || !strings.Contains(err.Error(), "INTERNAL_ERROR") || !strings.Contains(err.Error(), "out of order") {
					t.Fatal(err)
				}
			default:
				if !errors.Is(err, broken) {
					t.Fatal(err)
				}
			}
			if err := p.Run(context.Background(), exec.Epoch{}, []exec.StageInput{{}}); err == nil {
				t.Fatal("a failed pipeline ran again")
			}
			must(t, p.Close())
		})
	}
}

// TestAStopReachesAnOperatorThatEmitsVeryMuch for a single batch.
func TestAStopReachesAnOperatorThatEmitsVeryMuch(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	ctx, cancel := context.WithCancel(context.Background())
	var c testkit.Collector
	o := &torrent{breaking{cancel: cancel}}
	root := c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(exec.Instance) (exec.Operator, error) { return o, nil }})
	p, err := exec.New(root, exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
	must(t, err)
	if err := p.Run(ctx, exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(one)}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if o.n > 11 {
		t.Errorf("%d batches were taken", o.n)
	}
	must(t, p.Close())
}

type torrent struct{ breaking }

func (o *torrent) Process(_ context.Context, _ int, r arrow.RecordBatch, emit exec.Emit) error {
	for range 100_000 {
		if o.n++; o.n == 10 {
			o.cancel()
		}
		if err := emit(r); err != nil {
			return err
		}
	}
	return errors.New("went on after the stop")
}

// breaking fails after some batches.
type breaking struct {
	where  string
	err    error
	cancel func()
	n      int
}

func (b *breaking) Process(_ context.Context, _ int, r arrow.RecordBatch, emit exec.Emit) error {
	if b.n++; b.n == 10 {
		switch b.where {
		case "operator":
			return b.err
		case "panic":
			panic("out of order")
		case "cancel":
			b.cancel()
		}
	}
	return emit(r)
}

func (b *breaking) Mark(_ context.Context, _ int, m exec.Mark, _ exec.Emit) error {
	if b.where == "mark" && m.Kind == exec.End {
		return b.err
	}
	return nil
}
func (b *breaking) Explain() string { return "Breaking" }
func (b *breaking) Close() error    { return nil }

// TestTwoPhase aggregates below and above an exchange, epoch after epoch.
func TestTwoPhase(t *testing.T) {
	for _, cores := range []int{1, 3} {
		mem, done := checked(t)
		b := testkit.Rows(t, mem, pair, pairs)
		var c testkit.Collector
		p, err := exec.New(c.Node(twoPhase(keys)), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: cores})
		must(t, err)
		for epoch := int64(0); epoch < 3; epoch++ {
			must(t, p.Run(t.Context(), exec.Epoch{ID: epoch}, []exec.StageInput{{Splits: append(rowSplits(b), rowSplits(b)...)}}))
			if got, want := c.Take(), []string{"a 8 4", "b 4 4", "c 12 2", "(null) 22 4"}; !testkit.Same(got, want, false) {
				t.Fatalf("epoch %d: %s", epoch, testkit.Show(got))
			}
		}
		if want := "Collect\n+- HashAggregate final \n   +- Exchange hashpartitioning\n      +- HashAggregate partial \n         +- file\n"; p.Explain() != want {
			t.Fatalf("%s", p.Explain())
		}
		must(t, p.Close())
		b.Release()
		done()
	}
}

func twoPhase(by []expr.Evaluator) *exec.Node {
	phase := func(p exec.Phase, from exec.Feed) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{from}, Make: aggregation(p, by, nil)}
	}
	return phase(exec.Final, &exec.Exchange{From: phase(exec.Partial, &exec.Leaf{Name: "file"}), Kind: exec.Hash, Keys: []int{0}})
}

// TestSplitMarks tell operators which split rows come from, whoever reads it.
func TestSplitMarks(t *testing.T) {
	mem, done := checked(t)
	defer done()
	splits, release := many(t, mem, 6, 2)
	defer release()
	got := run(t, mem, func(c *testkit.Collector) *exec.Node {
		return c.Node(&exec.Exchange{Kind: exec.Single, From: &exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewProject(i, []expr.Evaluator{col{0, types.Long}, where{}}, testkit.Schema("v", types.Long, "at", types.Long), ""), nil
		}}})
	}, exec.Config{Cores: 3, Ordered: true}, exec.StageInput{Splits: splits})
	want := []string{"0 0", "1 1", "2 100", "3 101", "4 200", "5 201", "6 300", "7 301", "8 400", "9 401", "10 500", "11 501"}
	if !testkit.Same(got, want, true) {
		t.Fatal(testkit.Show(got))
	}
}

// where is 100 * partition + row.
type where struct{}

func (where) Type() types.Type { return types.Long }
func (where) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, _ := one{}.Eval(c, b)
	v.Array.(interface{ Int64Values() []int64 }).Int64Values()[0] = int64(c.Partition)*100 + c.RowBase
	return v, nil
}

// TestInvariants: where they are checked, rows of another schema than declared end the run, and rows after the end do.
func TestInvariants(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	var c testkit.Collector
	p, err := exec.New(c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Schema: pair, Make: func(exec.Instance) (exec.Operator, error) {
		return exec.NewUnion(numbers), nil
	}}), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
	must(t, err)
	err = p.Run(t.Context(), exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(one)}})
	if broken := err != nil && strings.Contains(err.Error(), "invariant broken: Union gives 1 columns"); broken != invariants.Enabled {
		t.Fatalf("checks enabled: %v, the run gave %v", invariants.Enabled, err)
	}
	must(t, p.Close())
}

// TestResults reads rows while they are made, ends early, and hears of a failure.
func TestResults(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	start := func(splits ...source.Split) *exec.Results {
		r := exec.NewResults()
		p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: &exec.Leaf{}, Kind: exec.Single}}, Make: r.Collect},
			exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2, Ordered: true})
		must(t, err)
		r.Start(t.Context(), p, exec.Epoch{Last: true}, []exec.StageInput{{Splits: splits}})
		return r
	}
	r := start(splitsOf(one, one)...)
	rows := 0
	for {
		b, err := r.Next(t.Context())
		must(t, err)
		if b == nil {
			break
		}
		rows += int(b.NumRows())
		b.Release()
	}
	must(t, r.Close())
	if rows != 2 {
		t.Fatalf("%d rows", rows)
	}
	r = start(endless{one})
	b, err := r.Next(t.Context())
	must(t, err)
	b.Release()
	must(t, r.Close())
	r = start(failing{one, errors.New("broken"), nil})
	for err == nil {
		if b, err = r.Next(t.Context()); b != nil {
			b.Release()
		}
	}
	if err.Error() != "broken" {
		t.Fatal(err)
	}
	must(t, r.Close())
}

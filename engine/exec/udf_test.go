package exec_test

import (
	"context"
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// doubler is a worker that doubles its one column, some batches late; the map kinds give each row twice.
type doubler struct {
	mem    memory.Allocator
	failAt int // the batch to fail, from 1
	lag    int
	open   int
	closed int
	spec   udf.Spec
}

func (d *doubler) Open(_ context.Context, s udf.Spec) (udf.Instance, error) {
	d.open++
	d.spec = s
	return &doubling{d: d}, nil
}

type doubling struct {
	d        *doubler
	ready    []arrow.RecordBatch
	finished bool
	n        int
}

func (x *doubling) Send(_ context.Context, b arrow.RecordBatch) error {
	if x.n++; x.n == x.d.failAt {
		return errs.New("PYTHON_EXCEPTION", "message", "boom")
	}
	in := batch.Values[int64](b.Column(0))
	times := 1
	if x.d.spec.Kind == udf.MapArrow {
		times = 2
	}
	f := batch.NewFixed[int64](x.d.mem, len(in)*times)
	for i := range f.Values {
		f.Values[i] = in[i/times] * 2
	}
	x.ready = append(x.ready, batch.Make(numbers, []arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, len(in)*times))
	return nil
}

func (x *doubling) Receive(_ context.Context, wait bool) (arrow.RecordBatch, error) {
	if len(x.ready) == 0 || !x.finished && len(x.ready) <= x.d.lag {
		if wait && !x.finished {
			return nil, errors.New("waits for ever")
		}
		return nil, nil
	}
	b := x.ready[0]
	x.ready = x.ready[1:]
	return b, nil
}

func (x *doubling) Finish(context.Context) error { x.finished = true; return nil }
func (x *doubling) Close() error {
	for _, b := range x.ready {
		b.Release()
	}
	x.ready = nil
	x.d.closed++
	return nil
}

// TestUDF keeps the columns that pass by beside the results, whatever is under way.
func TestUDF(t *testing.T) {
	for _, kind := range []udf.Kind{udf.Scalar, udf.MapArrow} {
		for _, lag := range []int{0, 2, 100} {
			var made []*doubler
			o := testkit.Operator{Ordered: true, KeepNulls: true, Schemas: []*arrow.Schema{pair}, Inputs: []string{`[{"k":"a","v":1},{"k":"b","v":2},{"k":"c","v":3}]`},
				Want: []string{"a 2", "b 4", "c 6"}}
			spec := exec.UDFSpec{Spec: udf.Spec{Kind: kind}, Columns: []int{1}, Keep: []int{0}, Schema: testkit.Schema("k", types.String, "d", types.Long)}
			if kind == udf.MapArrow {
				o.Want = []string{"2", "2", "4", "4", "6", "6"}
				spec.Keep, spec.Schema = nil, numbers
			}
			o.Make = func(i exec.Instance) (exec.Operator, error) {
				d := &doubler{mem: i.Mem, lag: lag}
				made = append(made, d)
				s := spec
				s.Runner = d
				return exec.NewUDF(i, s), nil
			}
			o.Run(t)
			for _, d := range made {
				if d.open != d.closed {
					t.Fatalf("%d workers taken, %d given back", d.open, d.closed)
				}
			}
		}
	}
}

// TestUDFFails passes the user's error on and gives the worker back.
func TestUDFFails(t *testing.T) {
	mem, done := checked(t)
	defer done()
	b := testkit.Rows(t, mem, pair, pairs)
	defer b.Release()
	d := &doubler{mem: mem, failAt: 3, lag: 5}
	var c testkit.Collector
	p, err := exec.New(c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewUDF(i, exec.UDFSpec{Runner: d, Columns: []int{1}, Keep: []int{0}, Schema: pair}), nil
	}}), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
	must(t, err)
	err = p.Run(t.Context(), exec.Epoch{ID: 7}, []exec.StageInput{{Splits: rowSplits(b)}})
	if e := errs.As(err); e == nil || e.Name != "PYTHON_EXCEPTION" {
		t.Fatal(err)
	}
	must(t, p.Close())
	if d.open != 1 || d.closed != 1 || d.spec.Epoch != 7 {
		t.Fatalf("%+v", d)
	}
}

// drawer is a sink that keeps rows.
type drawer struct {
	testkit.Collector
	open, good, bad int
	fail            error
}

func (d *drawer) Begin(context.Context, int64) (bool, error) { return false, nil }
func (d *drawer) Writer(context.Context, int64, int) (sink.Writer, error) {
	d.open++
	return &drawing{d: d}, d.fail
}
func (d *drawer) Commit(context.Context, int64) error { return nil }
func (d *drawer) Abort(int64) error                   { return nil }
func (d *drawer) Describe() string                    { return "drawer" }
func (d *drawer) Idempotent() bool                    { return true }
func (d *drawer) RowsKnown() bool                     { return true }
func (d *drawer) Close() error                        { return nil }

type drawing struct {
	d    *drawer
	rows []string
}

func (w *drawing) Write(_ context.Context, b arrow.RecordBatch) error {
	w.rows = append(w.rows, testkit.Texts(b)...)
	return nil
}

func (w *drawing) Close(ok bool) error {
	if ok {
		w.d.good++
	} else {
		w.d.bad++
	}
	return nil
}

// TestWrite closes every writer once, well at the epoch's end and badly after an error, and writes nothing that is skipped.
func TestWrite(t *testing.T) {
	mem, done := checked(t)
	defer done()
	one := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer one.Release()
	d := &drawer{}
	out := &exec.Output{Sink: d}
	p, err := exec.New(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewWrite(i, out), nil }},
		exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
	must(t, err)
	must(t, p.Run(t.Context(), exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(one, one)}}))
	if m := p.Metrics(); m.SinkRows != 2 || d.open != 1 || d.good != 1 {
		t.Fatalf("%+v %+v", m, d)
	}
	out.Skip = true
	must(t, p.Run(t.Context(), exec.Epoch{ID: 1}, []exec.StageInput{{Splits: splitsOf(one)}}))
	if d.open != 1 {
		t.Fatal("a skipped epoch was written")
	}
	out.Skip = false
	broken := errors.New("broken")
	if err := p.Run(t.Context(), exec.Epoch{ID: 2}, []exec.StageInput{{Splits: append(splitsOf(one), failing{one, broken, nil})}}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	must(t, p.Close())
	if d.open != 2 || d.good != 1 || d.bad != 1 {
		t.Fatalf("%+v", d)
	}
}

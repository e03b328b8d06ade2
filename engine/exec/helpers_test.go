package exec_test

import (
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/types"
)

// col is column i, as compiled.
type col struct {
	i int
	t types.Type
}

func (c col) Type() types.Type { return c.t }
func (c col) Eval(_ *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	a := b.Column(c.i)
	a.Retain()
	return expr.Vector{Array: a}, nil
}

// test is an expression made of a function over longs.
type test struct {
	f func(b arrow.RecordBatch, row int) bool
}

func (test) Type() types.Type { return types.Boolean }
func (x test) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	m := batch.NewMarks(c.Mem, int(b.NumRows()), false)
	for i := 0; i < int(b.NumRows()); i++ {
		m.Put(i, x.f(b, i))
	}
	return expr.Vector{Array: m.Done(nil)}, nil
}

// one is the constant 1.
type one struct{}

func (one) Type() types.Type { return types.Long }
func (one) Eval(c *expr.Context, _ arrow.RecordBatch) (expr.Vector, error) {
	f := batch.NewFixed[int64](c.Mem, 1)
	f.Values[0] = 1
	return expr.Vector{Array: f.Done(arrow.PrimitiveTypes.Int64, nil), Const: true}, nil
}

// sums is an aggregate that adds longs up; null where none was added.
type sums struct {
	mem memory.Allocator
	v   []int64
	set []bool
}

var sum = &expr.Aggregate{Name: "sum",
	Buffer: func(*expr.Agg) []types.Type { return []types.Type{types.Long} },
	New:    func(c *expr.Context, _ *expr.Agg) (expr.Accumulator, error) { return &sums{mem: c.Mem}, nil }}

func (s *sums) Grow(n int) {
	if n > len(s.v) {
		s.v = append(s.v, make([]int64, n-len(s.v))...)
		s.set = append(s.set, make([]bool, n-len(s.set))...)
	}
}

func (s *sums) Update(slots []int32, args []arrow.Array) error {
	valid := batch.Valid(args[0])
	for i, v := range batch.Values[int64](args[0]) {
		if x := slots[i]; x >= 0 && valid.Get(i) {
			s.v[x] += v
			s.set[x] = true
		}
	}
	return nil
}

func (s *sums) Merge(slots []int32, buffer []arrow.Array) error { return s.Update(slots, buffer) }
func (s *sums) Partial(slots []int32) ([]arrow.Array, error) {
	a, err := s.Result(slots)
	return []arrow.Array{a}, err
}

func (s *sums) Result(slots []int32) (arrow.Array, error) {
	f := batch.NewFixed[int64](s.mem, len(slots))
	valid := batch.NewMarks(s.mem, len(slots), true)
	for i, x := range slots {
		f.Values[i] = s.v[x]
		if !s.set[x] {
			valid.Clear(i)
		}
	}
	return f.Done(arrow.PrimitiveTypes.Int64, valid), nil
}

func (s *sums) Clear(slots []int32) {
	for _, x := range slots {
		s.v[x], s.set[x] = 0, false
	}
}
func (s *sums) Bytes() int64 { return int64(cap(s.v) * 9) }
func (s *sums) Close()       {}

func sumOf(column int) exec.Call {
	return exec.Call{Agg: &expr.Agg{Fn: sum, DataType: types.Long}, Args: []expr.Evaluator{col{column, types.Long}}}
}

func countAll() exec.Call {
	return exec.Call{Agg: &expr.Agg{Fn: sum, DataType: types.Long}, Args: []expr.Evaluator{one{}}}
}

// run drives a pipeline over epochs of splits of JSON rows and gives each epoch's rows.
func run(t *testing.T, mem memory.Allocator, root func(c *testkit.Collector) *exec.Node, c exec.Config, sources ...exec.StageInput) []string {
	t.Helper()
	var out testkit.Collector
	c.Instance = exec.NewInstance(0, 1, mem)
	p, err := exec.New(root(&out), c)
	must(t, err)
	must(t, p.Run(context.Background(), exec.Epoch{Last: true}, sources))
	must(t, p.Close())
	return out.Take()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plus is times plus seconds, null where one of them is.
func plus(c *expr.Context, times, by arrow.Array) (expr.Vector, error) {
	n := times.Len()
	f, valid := batch.NewFixed[int64](c.Mem, n), batch.NewMarks(c.Mem, n, true)
	t, s := batch.Values[int64](times), batch.Values[int64](by)
	for i := range f.Values {
		f.Values[i] = t[i] + s[i]*1_000_000
		if times.IsNull(i) || by.IsNull(i) {
			valid.Clear(i)
		}
	}
	return expr.Vector{Array: f.Done(times.DataType(), valid)}, nil
}

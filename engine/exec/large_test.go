package exec_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/types"
)

// wide is column 0 as long as a batch has few rows; of more rows the values would be too large.
type wide struct{ most int }

func (wide) Type() types.Type { return types.Long }
func (w wide) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	if n := int(b.NumRows()); n > w.most {
		batch.Room(c.Mem, n, n<<31)
	}
	return col{0, types.Long}.Eval(c, b)
}

// TestTooLarge: rows whose values do not fit at once are evaluated in parts, each once.
func TestTooLarge(t *testing.T) {
	tens := `[{"v":1},{"v":2},{"v":3},{"v":4},{"v":5},{"v":6},{"v":7},{"v":8},{"v":9},{"v":10}]`
	call := sumOf(0)
	call.Args = []expr.Evaluator{wide{3}}
	operators := map[string]struct {
		make func(i exec.Instance) (exec.Operator, error)
		want string
	}{
		"project": {func(i exec.Instance) (exec.Operator, error) {
			return exec.NewProject(i, []expr.Evaluator{wide{1}}, numbers, ""), nil
		}, "1 2 3 4 5 6 7 8 9 10"},
		"filter": {func(i exec.Instance) (exec.Operator, error) {
			return exec.NewFilter(i, wideTest{wide{2}}, ""), nil
		}, "2 4 6 8 10"},
		"aggregate": {func(i exec.Instance) (exec.Operator, error) {
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Complete, Calls: []exec.Call{sumOf(0), call, countAll()},
				Schema: testkit.Schema("a", types.Long, "b", types.Long, "c", types.Long)})
		}, "55 55 10"},
		"keys": {func(i exec.Instance) (exec.Operator, error) {
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Complete, Keys: []expr.Evaluator{wide{4}}, KeyTypes: []types.Type{types.Long},
				Calls: []exec.Call{countAll()}, Schema: testkit.Schema("k", types.Long, "n", types.Long)})
		}, "1 1 2 1 3 1 4 1 5 1 6 1 7 1 8 1 9 1 10 1"},
	}
	for name, o := range operators {
		t.Run(name, func(t *testing.T) {
			mem, done := checked(t)
			defer done()
			rows := testkit.Rows(t, mem, numbers, tens)
			defer rows.Release()
			got := run(t, mem, func(c *testkit.Collector) *exec.Node {
				return c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: o.make})
			}, exec.Config{Cores: 1}, exec.StageInput{Splits: splitsOf(rows)})
			if strings.Join(got, " ") != o.want {
				t.Fatal(testkit.Show(got))
			}
		})
	}
}

// wideTest passes even values.
type wideTest struct{ wide }

func (wideTest) Type() types.Type { return types.Boolean }
func (w wideTest) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := w.wide.Eval(c, b)
	if err != nil {
		return v, err
	}
	v.Release()
	return test{func(b arrow.RecordBatch, i int) bool { return batch.Values[int64](b.Column(0))[i]%2 == 0 }}.Eval(c, b)
}

// TestOneRowTooLarge: a single row that fits nowhere raises a condition.
func TestOneRowTooLarge(t *testing.T) {
	mem, done := checked(t)
	defer done()
	row := testkit.Rows(t, mem, numbers, `[{"v":1}]`)
	defer row.Release()
	var out testkit.Collector
	p, err := exec.New(out.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewProject(i, []expr.Evaluator{wide{0}}, numbers, ""), nil
	}}), exec.Config{Cores: 1, Instance: exec.NewInstance(0, 1, mem)})
	must(t, err)
	err = p.Run(t.Context(), exec.Epoch{Last: true}, []exec.StageInput{{Splits: splitsOf(row)}})
	if err == nil || !strings.Contains(err.Error(), "COLLECTION_SIZE_LIMIT_EXCEEDED") {
		t.Fatal(err)
	}
	must(t, p.Close())
}

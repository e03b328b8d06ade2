package exec_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/types"
)

const (
	lefts  = `[{"k":"a","v":1},{"k":"b","v":2},{"k":null,"v":3},{"k":"b","v":4},{"k":"z","v":5}]`
	rights = `[{"k":"b","w":10},{"k":"a","w":20},{"k":null,"w":30},{"k":"b","w":40},{"k":"y","w":50}]`
)

var right = testkit.Schema("k", types.String, "w", types.Long)
var both = testkit.Schema("k", types.String, "v", types.Long, "k2", types.String, "w", types.Long)

// matched is the condition w > 10 * v over left and right columns.
func larger(b arrow.RecordBatch, i int) bool {
	v, w := b.Column(1).(*array.Int64), b.Column(3).(*array.Int64)
	return v.IsValid(i) && w.IsValid(i) && w.Value(i) > 10*v.Value(i)
}

var joins = []struct {
	t         exec.JoinType
	condition bool
	cross     bool
	nullSafe  bool
	want      []string
}{
	{exec.InnerJoin, false, false, false, []string{"a 1 a 20", "b 2 b 10", "b 2 b 40", "b 4 b 10", "b 4 b 40"}},
	{exec.InnerJoin, true, false, false, []string{"a 1 a 20", "b 2 b 40"}},
	{exec.InnerJoin, false, false, true, []string{"a 1 a 20", "b 2 b 10", "b 2 b 40", "b 4 b 10", "b 4 b 40", "(null) 3 (null) 30"}},
	{exec.LeftJoin, false, false, false, []string{"a 1 a 20", "b 2 b 10", "b 2 b 40", "(null) 3 (null) (null)", "b 4 b 10", "b 4 b 40", "z 5 (null) (null)"}},
	{exec.LeftJoin, true, false, false, []string{"a 1 a 20", "b 2 b 40", "(null) 3 (null) (null)", "b 4 (null) (null)", "z 5 (null) (null)"}},
	{exec.RightJoin, false, false, false, []string{"a 1 a 20", "b 2 b 10", "b 2 b 40", "b 4 b 10", "b 4 b 40", "(null) (null) (null) 30", "(null) (null) y 50"}},
	{exec.RightJoin, true, false, false, []string{"a 1 a 20", "b 2 b 40", "(null) (null) b 10", "(null) (null) (null) 30", "(null) (null) y 50"}},
	{exec.FullJoin, true, false, false, []string{"a 1 a 20", "b 2 b 40", "(null) 3 (null) (null)", "b 4 (null) (null)", "z 5 (null) (null)",
		"(null) (null) b 10", "(null) (null) (null) 30", "(null) (null) y 50"}},
	{exec.SemiJoin, false, false, false, []string{"a 1", "b 2", "b 4"}},
	{exec.SemiJoin, true, false, false, []string{"a 1", "b 2"}},
	{exec.AntiJoin, false, false, false, []string{"(null) 3", "z 5"}},
	{exec.AntiJoin, true, false, false, []string{"(null) 3", "b 4", "z 5"}},
	{exec.InnerJoin, true, true, false, []string{"a 1 a 20", "a 1 (null) 30", "a 1 b 40", "a 1 y 50", "b 2 (null) 30", "b 2 b 40", "b 2 y 50", "(null) 3 b 40", "(null) 3 y 50", "b 4 y 50"}},
}

// TestJoin runs each join with each side built, shared and partitioned, at several numbers of instances.
func TestJoin(t *testing.T) {
	for n, c := range joins {
		for _, buildLeft := range []bool{false, true} {
			for _, cores := range []int{1, 3} {
				for _, parts := range []int{1, cores} {
					asks := c.t == exec.FullJoin || (c.t == exec.RightJoin) != buildLeft && c.t == exec.RightJoin ||
						buildLeft && c.t != exec.InnerJoin && c.t != exec.RightJoin
					if parts != cores && (asks || c.t == exec.LeftJoin && buildLeft) || parts > 1 && c.cross {
						continue // such a join needs a table of its own for each instance
					}
					t.Run(fmt.Sprint(n, c.t, " left=", buildLeft, " cores=", cores, " parts=", parts), func(t *testing.T) {
						mem, done := checked(t)
						defer done()
						l, r := testkit.Rows(t, mem, pair, lefts), testkit.Rows(t, mem, right, rights)
						defer l.Release()
						defer r.Release()
						got := run(t, mem, func(out *testkit.Collector) *exec.Node {
							return out.Node(joinPlan(n, buildLeft, parts, cores))
						}, exec.Config{Cores: cores}, exec.StageInput{Splits: rowSplits(l)}, exec.StageInput{Splits: rowSplits(r)})
						if !testkit.Same(got, c.want, false) {
							t.Fatalf("got %s\nwant %s", testkit.Show(got), testkit.Show(c.want))
						}
					})
				}
			}
		}
	}
}

func joinPlan(n int, buildLeft bool, parts, cores int) exec.Feed {
	c := joins[n]
	on, types_ := keys, []types.Type{types.String}
	if c.cross {
		on, types_ = nil, nil
	}
	probe, built, schema := 0, 1, right
	if buildLeft {
		probe, built, schema = 1, 0, pair
	}
	var safe []bool
	if c.nullSafe {
		safe = []bool{true}
	}
	table := exec.NewJoinTable(parts, types_, safe, schema)
	spread := func(source int) exec.Feed {
		x := &exec.Exchange{From: &exec.Leaf{Source: source}, Kind: exec.Hash, Keys: []int{0}, Instances: cores}
		if parts == 1 && source == built {
			x.Kind = exec.Single
		} else if parts == 1 {
			return &exec.Exchange{From: x.From, Kind: exec.RoundRobin, Instances: cores}
		}
		return x
	}
	spec := exec.JoinSpec{Type: c.t, Table: table, BuildLeft: buildLeft, Keys: on, PairSchema: both, Schema: both}
	if c.t == exec.SemiJoin || c.t == exec.AntiJoin {
		spec.Schema = pair
	}
	if c.condition {
		spec.Condition = test{larger}
	}
	return &exec.Node{Inputs: []exec.Feed{spread(probe)},
		Before: []*exec.Build{{Root: &exec.Node{Inputs: []exec.Feed{spread(built)}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewJoinBuild(i, table, on), nil
		}}}},
		Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewJoin(i, spec) }}
}

// TestJoinOnce builds a table that never changes in the first epoch only.
func TestJoinOnce(t *testing.T) {
	mem, done := checked(t)
	defer done()
	l, r := testkit.Rows(t, mem, pair, lefts), testkit.Rows(t, mem, right, rights)
	defer l.Release()
	defer r.Release()
	var out testkit.Collector
	plan := joinPlan(8, false, 1, 2).(*exec.Node)
	plan.Before[0].Once = true
	p, err := exec.New(out.Node(plan), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2})
	must(t, err)
	for epoch, in := range []exec.StageInput{{Splits: splitsOf(r)}, {}} {
		must(t, p.Run(t.Context(), exec.Epoch{ID: int64(epoch)}, []exec.StageInput{{Splits: splitsOf(l)}, in}))
		if got := out.Take(); !testkit.Same(got, joins[8].want, false) {
			t.Fatalf("epoch %d: %s", epoch, testkit.Show(got))
		}
	}
	must(t, p.Close())
}

// TestAStopReachesAJoinOfManyPairs: the condition is false for all of them, so nothing is emitted.
func TestAStopReachesAJoinOfManyPairs(t *testing.T) {
	mem, done := checked(t)
	defer done()
	text := "[" + strings.Repeat(`{"k":"a","v":1},`, 999) + `{"k":"a","v":1}]`
	l, r := testkit.Rows(t, mem, pair, text), testkit.Rows(t, mem, right, strings.ReplaceAll(text, "v", "w"))
	defer l.Release()
	defer r.Release()
	ctx, cancel := context.WithCancel(context.Background())
	judged := 0
	table := exec.NewJoinTable(1, nil, nil, right)
	spec := exec.JoinSpec{Type: exec.InnerJoin, Table: table, PairSchema: both, Schema: both, Condition: test{func(arrow.RecordBatch, int) bool {
		judged++
		cancel()
		return false
	}}}
	var out testkit.Collector
	root := out.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}},
		Before: []*exec.Build{{Root: &exec.Node{Inputs: []exec.Feed{&exec.Leaf{Source: 1}}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewJoinBuild(i, table, nil), nil
		}}}},
		Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewJoin(i, spec) }})
	p, err := exec.New(root, exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 1})
	must(t, err)
	if err := p.Run(ctx, exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(l)}, {Splits: splitsOf(r)}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if judged > 2*batch.Rows {
		t.Errorf("%d pairs were judged after the stop", judged)
	}
	must(t, p.Close())
}

package exec_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/types"
)

var (
	pair   = testkit.Schema("k", types.String, "v", types.Long)
	pairs  = `[{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3},{"k":null,"v":4},{"k":"b","v":null},{"k":"c","v":6},{"k":null,"v":7}]`
	keys   = []expr.Evaluator{col{0, types.String}}
	stamps = testkit.Schema("t", types.Timestamp, "v", types.Long)
	window = types.Struct{Fields: []types.Field{{Name: "start", Type: types.Timestamp, Nullable: true}, {Name: "end", Type: types.Timestamp, Nullable: true}}}
)

func positive(b arrow.RecordBatch, i int) bool {
	c := b.Column(1).(*array.Int64)
	return c.IsValid(i) && c.Value(i) > 2
}

// operators is every operator that keeps nothing over epochs, with its rows.
func operators() map[string]testkit.Operator {
	in := func(o testkit.Operator) testkit.Operator {
		o.Schemas, o.Inputs = []*arrow.Schema{pair}, []string{pairs}
		return o
	}
	return map[string]testkit.Operator{
		"project": in(testkit.Operator{Ordered: true, Want: []string{"1 a", "2 b", "3 a", "4 (null)", "(null) b", "6 c", "7 (null)"},
			Make: func(i exec.Instance) (exec.Operator, error) {
				return exec.NewProject(i, []expr.Evaluator{col{1, types.Long}, col{0, types.String}}, testkit.Schema("v", types.Long, "k", types.String), ""), nil
			}}),
		"constant": in(testkit.Operator{Want: []string{"1", "1", "1", "1", "1", "1", "1"},
			Make: func(i exec.Instance) (exec.Operator, error) {
				return exec.NewProject(i, []expr.Evaluator{one{}}, testkit.Schema("one", types.Long), ""), nil
			}}),
		"columns": in(testkit.Operator{Ordered: true, Want: []string{"1", "2", "3", "4", "(null)", "6", "7"},
			Make: func(exec.Instance) (exec.Operator, error) {
				return exec.NewColumns([]int{1}, testkit.Schema("v", types.Long), ""), nil
			}}),
		"filter": in(testkit.Operator{Ordered: true, Want: []string{"a 3", "(null) 4", "c 6", "(null) 7"},
			Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewFilter(i, test{positive}, ""), nil }}),
		"limit": in(testkit.Operator{Ordered: true, Want: []string{"a 1", "b 2", "a 3"},
			Make: func(exec.Instance) (exec.Operator, error) { return exec.NewLimit(3, true), nil }}),
		"limit 0": in(testkit.Operator{Want: []string{},
			Make: func(exec.Instance) (exec.Operator, error) { return exec.NewLimit(0, false), nil }}),
		"offset": in(testkit.Operator{Ordered: true, Want: []string{"b (null)", "c 6", "(null) 7"},
			Make: func(exec.Instance) (exec.Operator, error) { return exec.NewOffset(4), nil }}),
		"tail": in(testkit.Operator{Ordered: true, Want: []string{"c 6", "(null) 7"},
			Make: func(exec.Instance) (exec.Operator, error) { return exec.NewTail(2), nil }}),
		"distinct": in(testkit.Operator{Ordered: true, Want: []string{"a 1", "b 2", "(null) 4", "c 6"},
			Make: func(i exec.Instance) (exec.Operator, error) {
				return exec.NewDistinct(i, []int{0}, []types.Type{types.String}, false, ""), nil
			}}),
		"sort": in(testkit.Operator{Ordered: true, Want: []string{"(null) 7", "(null) 4", "a 3", "a 1", "b 2", "b (null)", "c 6"},
			Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewSort(i, sortKeys(), -1, ""), nil }}),
		"top": in(testkit.Operator{Ordered: true, Want: []string{"(null) 7", "(null) 4", "a 3"},
			Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewSort(i, sortKeys(), 3, ""), nil }}),
		"aggregate": in(testkit.Operator{Want: []string{"a 4 2", "b 2 2", "c 6 1", "(null) 11 2"}, Make: aggregation(exec.Complete, keys, nil)}),
		"aggregate partial": in(testkit.Operator{Want: []string{"a 4 2", "b 2 2", "c 6 1", "(null) 11 2"},
			Make: aggregation(exec.Partial, keys, nil)}),
		"aggregate all": in(testkit.Operator{Want: []string{"23 7"}, Make: aggregation(exec.Complete, nil, nil)}),
		"aggregate filtered": in(testkit.Operator{Want: []string{"a 3 2", "b (null) 2", "c 6 1", "(null) 11 2"},
			Make: aggregation(exec.Complete, keys, test{positive})}),
		"watermark": {Ordered: true, Schemas: []*arrow.Schema{stamps}, Inputs: []string{times}, Want: []string{
			"2024-01-01T00:00:07Z 1", "(null) 2", "1969-12-31T23:59:58Z 3"},
			Make: func(exec.Instance) (exec.Operator, error) { return exec.NewWatermark(0, 0, "10 seconds"), nil }},
		"generate": in(testkit.Operator{Ordered: true, Want: []string{"1 a", "2 b", "2 b", "3 a", "3 a", "3 a"}, Make: repeat, KeepNulls: true}),
	}
}

const times = `[{"t":"2024-01-01T00:00:07Z","v":1},{"t":null,"v":2},{"t":"1969-12-31T23:59:58Z","v":3}]`

func sortKeys() []exec.SortKey {
	return []exec.SortKey{{By: col{0, types.String}, Order: batch.Ascending}, {By: col{1, types.Long}, Order: batch.Order{Descending: true}}}
}

func aggregation(p exec.Phase, by []expr.Evaluator, filter expr.Evaluator) func(exec.Instance) (exec.Operator, error) {
	return func(i exec.Instance) (exec.Operator, error) {
		s := exec.AggregateSpec{Phase: p, Keys: by, Calls: []exec.Call{sumOf(1), countAll()}, Schema: testkit.Schema("s", types.Long, "n", types.Long)}
		s.Calls[0].Filter = filter
		if by != nil {
			s.KeyTypes = []types.Type{types.String}
			s.Schema = testkit.Schema("k", types.String, "s", types.Long, "n", types.Long)
		}
		return exec.NewAggregate(i, s)
	}
}

// repeat gives each of the first rows as often as its value says.
func repeat(i exec.Instance) (exec.Operator, error) {
	g := &expr.Generate{Fn: &expr.Generator{Rows: func(c *expr.Context, n int, args []expr.Vector, _ *expr.Generate) ([]int32, []arrow.Array, error) {
		var parents []int32
		v := args[0].Array.(*array.Int64)
		for i := 0; i < n; i++ {
			for k := int64(0); v.IsValid(i) && v.Value(i) <= 3 && k < v.Value(i); k++ {
				parents = append(parents, int32(i))
			}
		}
		return parents, []arrow.Array{batch.Take(c.Mem, v, parents)}, nil
	}}}
	o := exec.NewGenerate(i, g, []expr.Evaluator{col{1, types.Long}}, []int{0}, testkit.Schema("k", types.String, "v", types.Long), "")
	return swap{o}, nil
}

// swap shows the generated column first.
type swap struct{ exec.Operator }

func TestOperators(t *testing.T) {
	for name, o := range operators() {
		if name == "generate" {
			o.Want = []string{"a 1", "b 2", "b 2", "a 3", "a 3", "a 3"}
		}
		t.Run(name, o.Run)
	}
}

func TestUnion(t *testing.T) {
	testkit.Operator{Ordered: true, Schemas: []*arrow.Schema{pair, testkit.Schema("x", types.String, "y", types.Long)},
		Inputs: []string{`[{"k":"a","v":1}]`, `[{"x":"b","y":2},{"x":null,"y":3}]`}, Want: []string{"a 1", "b 2", "(null) 3"},
		Make: func(exec.Instance) (exec.Operator, error) { return exec.NewUnion(pair), nil }}.Run(t)
}

// TestGlobalAggregateOverNothing gives one row, and a grouped one none.
func TestGlobalAggregateOverNothing(t *testing.T) {
	o := testkit.Operator{Schemas: []*arrow.Schema{pair}, Inputs: []string{`[]`}, Want: []string{"(null) (null)"}, Make: aggregation(exec.Complete, nil, nil)}
	o.Run(t)
	o.Want, o.Make = []string{}, aggregation(exec.Complete, keys, nil)
	o.Run(t)
}

// TestDistinctCall counts each argument once a group, and nulls never.
func TestDistinctCall(t *testing.T) {
	testkit.Operator{Schemas: []*arrow.Schema{pair}, Want: []string{"a 4", "b 2", "(null) (null)"},
		Inputs: []string{`[{"k":"a","v":1},{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3},{"k":"b","v":2},{"k":"b","v":null},{"k":null,"v":null}]`},
		Make: func(i exec.Instance) (exec.Operator, error) {
			c := sumOf(1)
			c.Agg = &expr.Agg{Fn: sum, DataType: types.Long, Distinct: true, Args: []expr.Expr{&expr.Literal{DataType: types.Long}}}
			return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Complete, Keys: keys, KeyTypes: []types.Type{types.String},
				Calls: []exec.Call{c}, Schema: testkit.Schema("k", types.String, "s", types.Long)})
		}}.Run(t)
}

// TestWindowed are cases T1 to T3: windows lie on the epoch of 1970 in UTC, remainders of earlier times are positive,
// and a duration that is no multiple of the slide gives now one window more, now one less.
func TestWindowed(t *testing.T) {
	second := int64(1_000_000)
	cases := map[string]struct {
		w    exec.Windows
		in   string
		want []string
	}{
		"T1 day": {exec.Windows{Duration: 86400 * second, Slide: 86400 * second}, `[{"t":"2024-03-10T06:30:00Z","v":1},{"t":"2024-03-11T03:30:00Z","v":2}]`,
			[]string{"2024-03-10T06:30:00Z 1 2024-03-10T00:00:00Z 2024-03-11T00:00:00Z", "2024-03-11T03:30:00Z 2 2024-03-11T00:00:00Z 2024-03-12T00:00:00Z"}},
		"T1 week": {exec.Windows{Duration: 7 * 86400 * second, Slide: 7 * 86400 * second}, `[{"t":"2024-03-10T06:30:00Z","v":1}]`,
			[]string{"2024-03-10T06:30:00Z 1 2024-03-07T00:00:00Z 2024-03-14T00:00:00Z"}},
		"T2": {exec.Windows{Duration: 10 * second, Slide: 10 * second, Start: 5 * second}, `[{"t":"1969-12-31T00:00:02Z","v":1},{"t":"1969-12-31T00:00:12Z","v":2},{"t":null,"v":3}]`,
			[]string{"1969-12-31T00:00:02Z 1 1969-12-30T23:59:55Z 1969-12-31T00:00:05Z", "1969-12-31T00:00:12Z 2 1969-12-31T00:00:05Z 1969-12-31T00:00:15Z"}},
		"T3": {exec.Windows{Duration: 5 * second, Slide: 4 * second, Start: 3 * second}, `[{"t":"2024-01-01T00:00:07Z","v":1},{"t":"2024-01-01T00:00:10Z","v":2}]`,
			[]string{"2024-01-01T00:00:07Z 1 2024-01-01T00:00:07Z 2024-01-01T00:00:12Z", "2024-01-01T00:00:07Z 1 2024-01-01T00:00:03Z 2024-01-01T00:00:08Z",
				"2024-01-01T00:00:10Z 2 2024-01-01T00:00:07Z 2024-01-01T00:00:12Z"}},
		"sliding": {exec.Windows{Duration: 6 * second, Slide: 2 * second}, `[{"t":"2024-01-01T00:00:05Z","v":1}]`,
			[]string{"2024-01-01T00:00:05Z 1 2024-01-01T00:00:04Z 2024-01-01T00:00:10Z", "2024-01-01T00:00:05Z 1 2024-01-01T00:00:02Z 2024-01-01T00:00:08Z",
				"2024-01-01T00:00:05Z 1 2024-01-01T00:00:00Z 2024-01-01T00:00:06Z"}},
	}
	for name, c := range cases {
		for _, grouped := range []bool{false, true} {
			var want []string
			for _, w := range c.want {
				want = append(want, windowText(w))
			}
			t.Run(name, testkit.Operator{Schemas: []*arrow.Schema{stamps}, Inputs: []string{c.in}, Want: want, Ordered: !grouped,
				Make: func(i exec.Instance) (exec.Operator, error) {
					return exec.NewWindowed(i, col{0, types.Timestamp}, c.w, testkit.Schema("t", types.Timestamp, "v", types.Long, "w", window), grouped), nil
				}}.Run)
		}
	}
	if p := (exec.Windows{Duration: 10 * second, Slide: 4 * second, Start: second}).Pane(); p != (exec.Windows{Duration: 2 * second, Slide: 2 * second, Start: second}) {
		t.Fatalf("pane %v", p)
	}
}

// windowText puts the last two words into the text of a struct.
func windowText(s string) string {
	at, n := len(s), 0
	for ; n < 2; n++ {
		for at--; s[at] != ' '; at-- {
		}
	}
	start, end := s[at+1:len(s)-21], s[len(s)-20:]
	return s[:at] + ` {"end":"` + end + `","start":"` + start + `"}`
}

// TestPrune keeps the first rows of far more than it holds.
func TestPrune(t *testing.T) {
	mem, done := checked(t)
	defer done()
	op := exec.NewSort(exec.NewInstance(0, 1, mem), []exec.SortKey{{By: col{0, types.Long}, Order: batch.Order{Descending: true}}}, 3, "")
	schema := testkit.Schema("v", types.Long)
	var all []int64
	for k := 0; k < 20; k++ {
		f := batch.NewFixed[int64](mem, batch.Rows)
		for i := range f.Values {
			f.Values[i] = int64((i*7919 + k*31) % 100_003)
		}
		all = append(all, f.Values...)
		b := batch.Make(schema, []arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, batch.Rows)
		must(t, op.Process(t.Context(), 0, b, nil))
		b.Release()
	}
	var got []string
	must(t, op.Mark(t.Context(), 0, exec.Mark{Kind: exec.End}, func(b arrow.RecordBatch) error { got = append(got, testkit.Texts(b)...); return nil }))
	must(t, op.Close())
	slices.Sort(all)
	n := len(all)
	if want := []string{fmt.Sprint(all[n-1]), fmt.Sprint(all[n-2]), fmt.Sprint(all[n-3])}; !testkit.Same(got, want, true) {
		t.Fatalf("%v, want %v", got, want)
	}
}

// TestWatermarkStats is what the operator knows of an epoch; rows without a time count as 1970, as in PySpark.
func TestWatermarkStats(t *testing.T) {
	mem, done := checked(t)
	defer done()
	b := testkit.Rows(t, mem, stamps, times)
	defer b.Release()
	var c testkit.Collector
	p, err := exec.New(c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(exec.Instance) (exec.Operator, error) {
		return exec.NewWatermark(0, 0, ""), nil
	}}), exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 2})
	must(t, err)
	must(t, p.Run(t.Context(), exec.Epoch{LateBelow: math.MinInt64}, []exec.StageInput{{Splits: splitsOf(b, b)}}))
	m := p.Metrics()
	if e := m.EventTime[0]; e.Count != 6 || e.Min != -2_000_000 || e.Max != 1704067207_000_000 || int64(e.Sum/float64(e.Count)) != 568022401_666_666 {
		t.Fatalf("%+v", e)
	}
	if m.SourceRows[0] != 6 || m.SinkRows != 6 {
		t.Fatalf("%+v", m)
	}
	must(t, p.Run(t.Context(), exec.Epoch{}, []exec.StageInput{{}}))
	if m := p.Metrics(); m.EventTime[0].Count != 0 || m.SourceRows[0] != 0 || m.SinkRows != 0 {
		t.Fatalf("after an empty epoch %+v", m)
	}
	must(t, p.Close())
}

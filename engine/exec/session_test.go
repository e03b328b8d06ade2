package exec_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

var (
	visits  = testkit.Schema("k", types.String, "t", types.Timestamp, "g", types.Long)
	visited = testkit.Schema("k", types.String, "t", types.Timestamp, "g", types.Long, "w", window)
	byVisit = []types.Type{types.String, window}
)

// later is column t plus column g, which are seconds.
type later struct{}

func (later) Type() types.Type { return types.Timestamp }
func (later) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	return plus(c, b.Column(1), b.Column(2))
}

// sessionPlan counts rows and sums gaps by k and session, in a stream where store is given.
func sessionPlan(mode sink.Mode, gap int64, ordered bool) func(store state.Store) exec.Feed {
	return func(store state.Store) exec.Feed {
		rows := &exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewSessioned(i, col{1, types.Timestamp}, later{}, gap, visited), nil
		}}
		keys := []expr.Evaluator{col{0, types.String}, col{3, window}}
		calls := func() []exec.Call { return []exec.Call{countAll(), sumOf(2)} }
		out := testkit.Schema("k", types.String, "w", window, "n", types.Long, "s", types.Long)
		partial := &exec.Node{Inputs: []exec.Feed{rows}, Make: func(i exec.Instance) (exec.Operator, error) {
			if ordered {
				return exec.NewAggregate(i, exec.AggregateSpec{Phase: exec.Partial, Keys: keys, KeyTypes: byVisit, Calls: calls(), Schema: out})
			}
			return exec.NewSessionAggregate(i, exec.SessionSpec{Phase: exec.Partial, Keys: keys, KeyTypes: byVisit, Session: 1, Calls: calls(), Late: true, Schema: out})
		}}
		x := &exec.Exchange{From: partial, Kind: exec.Hash, Keys: []int{0}, Partitions: store.Partitions()}
		return &exec.Node{Inputs: []exec.Feed{x}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateSessions(i, store, exec.StateSessionSpec{Keys: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "w", Type: window}},
				Session: 1, Calls: calls(), Mode: mode, Ordered: ordered, Evicts: true, Schema: out})
		}}
	}
}

func visit(k string, start, end int64, n, s int) string {
	return fmt.Sprintf(`%s {"end":"1970-01-01T00:%02d:%02dZ","start":"1970-01-01T00:%02d:%02dZ"} %d %d`, k, end/60, end%60, start/60, start%60, n, s)
}

func visitRow(k string, t, g int64) string {
	return fmt.Sprintf(`{"k":%q,"t":"1970-01-01T00:%02d:%02dZ","g":%d}`, k, t/60, t%60, g)
}

// TestStateSessions: sessions grow, meet over batches and over what is in state, and are given when the watermark
// passes their end; late rows prolong nothing.
func TestStateSessions(t *testing.T) {
	epochs := func(mode sink.Mode) []testkit.Epoch {
		e := []testkit.Epoch{
			{Splits: []string{"[" + visitRow("a", 5, 10) + "," + visitRow("a", 30, 10) + `,{"k":"a","t":null,"g":9}` + "]", "[" + visitRow("b", 6, 10) + "," + visitRow("a", 50, 0) + "]"}, LateBelow: never, Watermark: never,
				State: []string{"3 3 0 0"}},
			// The first row joins both sessions of a; the session of b is passed by.
			{Splits: []string{"[" + visitRow("a", 15, 15) + "]", "[" + visitRow("c", 59, 1) + "]"}, LateBelow: never, Watermark: seconds(16), State: []string{"2 2 2 0"}},
			{Splits: []string{"[" + visitRow("a", 4, 3) + "," + visitRow("a", 4, 3) + "," + visitRow("a", 6, 10) + "," + visitRow("a", 6, 11) + "," + visitRow("b", 1, 2) + "]"}, LateBelow: seconds(16), Watermark: seconds(16), State: []string{"2 1 0 3"}},
			{LateBelow: seconds(16), Watermark: seconds(60), State: []string{"0 0 2 0"}},
		}
		want := [][]string{{}, {visit("b", 6, 16, 1, 10)}, {}, {visit("a", 5, 40, 4, 46), visit("c", 59, 60, 1, 1)}}
		if mode == sink.Complete {
			b, c := visit("b", 6, 16, 1, 10), visit("c", 59, 60, 1, 1)
			want = [][]string{{visit("a", 5, 15, 1, 10), visit("a", 30, 40, 1, 10), b}, {visit("a", 5, 40, 3, 35), b, c}, {visit("a", 5, 40, 4, 46), b, c}, {visit("a", 5, 40, 4, 46), b, c}}
			for i, s := range []string{"3 3 0 0", "3 2 1 0", "3 1 0 3", "3 0 0 0"} {
				e[i].State = []string{s}
			}
		}
		for i := range e {
			e[i].Want = want[i]
		}
		return e
	}
	for _, mode := range []sink.Mode{sink.Append, sink.Complete} {
		for _, ordered := range []bool{false, true} {
			t.Run(fmt.Sprint(mode, ordered), testkit.Golden{Schema: visits, Plan: sessionPlan(mode, 0, ordered), Epochs: epochs(mode)}.Run)
		}
	}
}

// TestSessionsAtRandom compares with rows that are sorted and merged one by one, over epochs with restarts.
func TestSessionsAtRandom(t *testing.T) {
	for seed := int64(0); seed < 6; seed++ {
		r := rand.New(rand.NewSource(seed))
		var all []row
		var epochs []testkit.Epoch
		for e := 0; e < 5; e++ {
			var splits []string
			for s := 0; s < 2; s++ {
				text := ""
				for i := 0; i < 30; i++ {
					x := row{string(rune('a' + r.Intn(3))), int64(r.Intn(1500)), int64(r.Intn(12) - 1)}
					if x.gap > 0 {
						all = append(all, x)
					}
					text += "," + visitRow(x.k, x.at, x.gap)
				}
				splits = append(splits, "["+text[1:]+"]")
			}
			epochs = append(epochs, testkit.Epoch{Splits: splits, LateBelow: never, Watermark: never, Want: naive(all)})
		}
		t.Run(fmt.Sprint(seed), testkit.Golden{Schema: visits, Plan: sessionPlan(sink.Complete, 0, seed%2 == 1), Epochs: epochs}.Run)
	}
}

type row struct {
	k       string
	at, gap int64
}

func naive(rows []row) []string {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b row) int {
		if a.k != b.k {
			return int(a.k[0]) - int(b.k[0])
		}
		return int(a.at - b.at)
	})
	out := []string{}
	for i := 0; i < len(sorted); {
		first := sorted[i]
		end, n, s := first.at+first.gap, 0, 0
		for ; i < len(sorted) && sorted[i].k == first.k && sorted[i].at <= end; i++ {
			end, n, s = max(end, sorted[i].at+sorted[i].gap), n+1, s+int(sorted[i].gap)
		}
		out = append(out, visit(first.k, first.at, end, n, s))
	}
	return out
}

// TestSessionOperators are those of a batch.
func TestSessionOperators(t *testing.T) {
	text := "[" + visitRow("a", 30, 10) + "," + visitRow("a", 5, 10) + "," + visitRow("b", 5, 10) + `,{"k":"a","t":null,"g":9},{"k":"a","t":"1970-01-01T00:00:50Z","g":null},` + visitRow("a", 50, 0) + "," + visitRow("a", 15, 15) + "," + visitRow("b", 40, 1) + "]"
	alone := func(k string, start, gap int64) string {
		return fmt.Sprintf(`%s 1970-01-01T00:00:%02dZ %d {"end":"1970-01-01T00:00:%02dZ","start":"1970-01-01T00:00:%02dZ"}`, k, start, gap, start+gap, start)
	}
	t.Run("rows", testkit.Operator{Ordered: true, Schemas: []*arrow.Schema{visits}, Inputs: []string{text},
		Want: []string{alone("a", 30, 10), alone("a", 5, 10), alone("b", 5, 10), alone("a", 15, 15), alone("b", 40, 1)},
		Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewSessioned(i, col{1, types.Timestamp}, later{}, 0, visited), nil
		}}.Run)
	spans := "["
	for _, x := range []row{{"a", 30, 10}, {"a", 5, 10}, {"b", 5, 10}, {"a", 15, 15}, {"b", 40, 1}, {"b", 5, 10}} {
		spans += fmt.Sprintf(`{"k":%q,"t":null,"g":%d,"w":{"start":"1970-01-01T00:00:%02dZ","end":"1970-01-01T00:00:%02dZ"}},`, x.k, x.gap, x.at, x.at+x.gap)
	}
	spans = spans[:len(spans)-1] + "]"
	out := testkit.Schema("k", types.String, "w", window, "n", types.Long, "s", types.Long)
	want := []string{visit("a", 5, 40, 3, 35), visit("b", 5, 15, 2, 20), visit("b", 40, 41, 1, 1)}
	t.Run("partial", testkit.Operator{Schemas: []*arrow.Schema{visited}, Inputs: []string{spans}, Want: want, Make: func(i exec.Instance) (exec.Operator, error) {
		return exec.NewSessionAggregate(i, exec.SessionSpec{Phase: exec.Partial, Keys: []expr.Evaluator{col{0, types.String}, col{3, window}}, KeyTypes: byVisit, Session: 1,
			Calls: []exec.Call{countAll(), sumOf(2)}, Schema: out})
	}}.Run)
	t.Run("merged", testkit.Operator{Schemas: []*arrow.Schema{visited}, Inputs: []string{spans}, KeepNulls: true,
		Want: []string{in("a", 10, 5, 40), in("a", 10, 5, 40), in("b", 10, 5, 15), in("a", 15, 5, 40), in("b", 1, 40, 41), in("b", 10, 5, 15)}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewMergedSessions(i, []int{0}, []types.Type{types.String}, 3, visited), nil
		}}.Run)
}

func in(k string, g, start, end int64) string {
	return fmt.Sprintf(`%s (null) %d {"end":"1970-01-01T00:00:%02dZ","start":"1970-01-01T00:00:%02dZ"}`, k, g, end, start)
}

package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers is a replayable stream of numbers; its offset is how many there are.
type numbers struct {
	mu     sync.Mutex
	have   int
	perRun int
	ready  chan struct{}
	fail   error
}

func newNumbers(have int) *numbers { return &numbers{have: have, ready: make(chan struct{}, 1)} }

func (n *numbers) add(k int) {
	n.mu.Lock()
	n.have += k
	n.mu.Unlock()
	select {
	case n.ready <- struct{}{}:
	default:
	}
}

func at(o source.Offset) (n int) {
	if o != nil {
		json.Unmarshal(o, &n) //nolint:errcheck // written by Latest
	}
	return n
}

func (n *numbers) Schema() types.Struct          { return types.Struct{} }
func (n *numbers) Prepare(context.Context) error { return nil }
func (n *numbers) Latest(_ context.Context, start source.Offset, limit source.Limit) (source.Offset, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return nil, n.fail
	}
	end := n.have
	if n.perRun > 0 && !limit.Ignore {
		end = min(end, at(start)+n.perRun)
	}
	if end == 0 {
		return nil, nil
	}
	return source.Offset(fmt.Sprint(end)), nil
}
func (n *numbers) Splits(context.Context, source.Offset, source.Offset) ([]source.Split, error) {
	return nil, nil
}
func (n *numbers) Commit(context.Context, source.Offset) error { return nil }
func (n *numbers) Ready() <-chan struct{}                      { return n.ready }
func (n *numbers) Describe() string                            { return "Numbers" }
func (n *numbers) Replayable() bool                            { return true }
func (n *numbers) LatestForProgress() source.Offset            { return nil }
func (n *numbers) Close() error                                { return nil }

// job keeps what each epoch read; event time of number k is k seconds.
type job struct {
	stream *numbers
	table  *table
	ran    []string
	last   query.Measures
	fail   map[int64]error
	until  time.Duration // how far the watermark's delay reaches
	ticks  bool          // epochs without data are always wanted
}

func (j *job) Streams() []source.Stream { return []source.Stream{j.stream} }
func (j *job) Run(ctx context.Context, e exec.Epoch, r []query.Range, discard bool) error {
	if err := j.fail[e.ID]; err != nil {
		return err
	}
	from, to := at(r[0].Start), at(r[0].End)
	j.ran = append(j.ran, fmt.Sprintf("%d: %d-%d late %d evict %d", e.ID, from, to, e.LateBelow/1e6, e.Watermark/1e6))
	j.last = query.Measures{Rows: []int64{int64(to - from)}, EventTimes: []query.EventTime{{Delay: j.until.Microseconds()}}}
	if to > from {
		j.last.EventTimes[0].Count, j.last.EventTimes[0].Max = int64(to-from), int64(to)*1e6
	}
	if !discard {
		j.table.add(e.ID, from, to)
	}
	return nil
}
func (j *job) Wants(from, to int64) bool { return j.ticks || to > from }
func (j *job) Measures() query.Measures  { return j.last }
func (j *job) Explain(bool) string       { return "Numbers" }
func (j *job) Logical() string           { return "Numbers" }
func (j *job) Close() error              { return nil }

// table is a sink over a file system that outlives the query.
type table struct {
	committed map[int64][2]int
	open      map[int64][2]int
	fail      error
}

func newTable() *table { return &table{committed: map[int64][2]int{}, open: map[int64][2]int{}} }

func (t *table) add(epoch int64, from, to int) { t.open[epoch] = [2]int{from, to} }
func (t *table) Begin(_ context.Context, e int64) (bool, error) {
	_, done := t.committed[e]
	return done, nil
}
func (t *table) Writer(context.Context, int64, int) (sink.Writer, error) { return nil, nil }
func (t *table) Commit(_ context.Context, e int64) error {
	if t.fail != nil {
		return t.fail
	}
	t.committed[e] = t.open[e]
	return nil
}
func (t *table) Abort(e int64) error { delete(t.open, e); return nil }
func (t *table) Describe() string    { return "Table" }
func (t *table) Idempotent() bool    { return true }
func (t *table) RowsKnown() bool     { return true }
func (t *table) Close() error        { return nil }

func start(t *testing.T, files vfs.FS, j *job, trigger query.Trigger) (*query.Query, *[]query.Event) {
	t.Helper()
	c, err := checkpoint.Open(files, "/q")
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.History()
	if err != nil {
		t.Fatal(err)
	}
	var events []query.Event
	q := query.New(query.Config{Job: j, Sink: j.table, Check: c, History: h, Trigger: trigger, Clock: clock.NewManual(time.Unix(1000, 0)),
		Settings: query.Settings{NoData: true, Retain: 100, Recent: 100, IdleEvery: 10 * time.Second},
		Notify:   func(e query.Event) { events = append(events, e) }})
	q.Begin()
	return q, &events
}

func finish(q *query.Query) error {
	<-q.Done()
	if f := q.Failure(); f != nil {
		return f
	}
	return nil
}

func TestAvailableNowRunsEpochsAndTheOneWithoutData(t *testing.T) {
	j := &job{stream: newNumbers(5), table: newTable()}
	j.stream.perRun = 3
	q, events := start(t, vfs.NewMemory(), j, query.Trigger{Kind: query.AvailableNow})
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
	want := []string{"0: 0-3 late 0 evict 0", "1: 3-5 late 0 evict 3", "2: 5-5 late 3 evict 5"}
	if !reflect.DeepEqual(j.ran, want) {
		t.Fatalf("ran %q", j.ran)
	}
	if n := len(*events); n != 4 || (*events)[3].Kind != "terminated" {
		t.Fatalf("%d events, %v", n, *events)
	}
}

// TestTicks: where time alone matters an epoch without data follows, but none comes before the first data, and no call
// that waits for all data waits for ever.
func TestTicks(t *testing.T) {
	j := &job{stream: newNumbers(2), table: newTable(), ticks: true}
	q, _ := start(t, vfs.NewMemory(), j, query.Trigger{Kind: query.AvailableNow})
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
	if want := []string{"0: 0-2 late 0 evict 0", "1: 2-2 late 0 evict 2"}; !reflect.DeepEqual(j.ran, want) {
		t.Fatalf("ran %q", j.ran)
	}
	j = &job{stream: newNumbers(0), table: newTable(), ticks: true}
	q, _ = start(t, vfs.NewMemory(), j, query.Trigger{})
	<-q.Probe()
	if len(q.Recent()) != 0 {
		t.Fatalf("epochs before the first data: %v", j.ran)
	}
	j.stream.add(2)
	<-q.Probe()
	before := len(q.Recent())
	if before < 2 {
		t.Fatalf("%d reports after the probe returned", before)
	}
	<-q.Probe()
	if n := len(q.Recent()); n <= before {
		t.Fatalf("%d reports after another probe, %d before", n, before)
	}
	q.Stop()
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
}

func TestStepsAndProbe(t *testing.T) {
	j := &job{stream: newNumbers(0), table: newTable()}
	q, _ := start(t, vfs.NewMemory(), j, query.Trigger{})
	<-q.Probe()
	if q.Status().IsDataAvailable || len(q.Recent()) != 0 {
		t.Fatalf("idle query says %+v", q.Status())
	}
	j.stream.add(2)
	<-q.Probe()
	j.stream.add(2)
	<-q.Probe()
	if got := len(q.Recent()); got != 4 {
		t.Fatalf("%d reports after the probe returned: %v", got, j.ran)
	}
	q.Stop()
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
	want := []string{"0: 0-2 late 0 evict 0", "1: 2-2 late 0 evict 2", "2: 2-4 late 2 evict 2", "3: 4-4 late 2 evict 4"}
	if !reflect.DeepEqual(j.ran, want) {
		t.Fatalf("ran %q", j.ran)
	}
}

// TestIdleQueriesReport: after a moment without a word to listeners, then at every interval with one.
func TestIdleQueriesReport(t *testing.T) {
	j := &job{stream: newNumbers(0), table: newTable()}
	c, err := checkpoint.Open(vfs.NewMemory(), "/q")
	if err != nil {
		t.Fatal(err)
	}
	at := clock.NewManual(time.Unix(1000, 0))
	told := make(chan query.Event, 10)
	q := query.New(query.Config{Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: at,
		Settings: query.Settings{Recent: 100, IdleEvery: 10 * time.Second}, Notify: func(e query.Event) { told <- e }})
	q.Begin()
	for _, wait := range []time.Duration{time.Second, 10 * time.Second, 10 * time.Second} {
		at.Waiters(1)
		at.Advance(wait)
	}
	for range 2 {
		if e := <-told; e.Kind != "idle" {
			t.Fatalf("told of %s", e.Kind)
		}
	}
	at.Waiters(1)
	recent := q.Recent()
	if len(recent) != 3 || recent[0].BatchID != 0 || recent[0].Sink.NumOutputRows != -1 || recent[2].DurationMs["triggerExecution"] != 0 {
		t.Fatalf("%d reports: %+v", len(recent), recent)
	}
	if s := q.Status(); s.Message != "Waiting for data to arrive" || s.IsTriggerActive || s.IsDataAvailable {
		t.Fatalf("status %+v", s)
	}
	q.Stop()
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
}

// TestAQueryWithAnIntervalRests once all that its clock made due has run, the report included.
func TestAQueryWithAnIntervalRests(t *testing.T) {
	j := &job{stream: newNumbers(10), table: newTable()}
	j.stream.perRun = 2
	c, err := checkpoint.Open(vfs.NewMemory(), "/q")
	if err != nil {
		t.Fatal(err)
	}
	at := clock.NewManual(time.Unix(1000, 0))
	q := query.New(query.Config{Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: at,
		Trigger: query.Trigger{Every: 10 * time.Second}, Settings: query.Settings{Recent: 100, IdleEvery: time.Hour}})
	if resting, timed := q.Rests(); resting || !timed {
		t.Fatal(resting, timed)
	}
	q.Begin()
	for epoch := int64(0); epoch < 3; epoch++ {
		for resting := false; !resting; resting, _ = q.Rests() {
			runtime.Gosched()
		}
		recent := q.Recent()
		if len(recent) == 0 || recent[len(recent)-1].BatchID != epoch {
			t.Fatalf("it rests at epoch %d with %d reports", epoch, len(recent))
		}
		at.Advance(10 * time.Second)
		if resting, _ := q.Rests(); resting && q.Recent()[len(q.Recent())-1].BatchID == epoch {
			t.Fatal("it rests though a trigger is due")
		}
	}
	q.Stop()
	if err := finish(q); err != nil {
		t.Fatal(err)
	}
}

func TestOnceRunsOneEpochOverAll(t *testing.T) {
	files := vfs.NewMemory()
	j := &job{stream: newNumbers(5), table: newTable()}
	j.stream.perRun = 2
	for range 2 {
		q, _ := start(t, files, j, query.Trigger{Kind: query.Once})
		if err := finish(q); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(j.ran, []string{"0: 0-5 late 0 evict 0"}) {
		t.Fatalf("ran %q", j.ran)
	}
}

func TestFailureIsAStreamingQueryException(t *testing.T) {
	j := &job{stream: newNumbers(1), table: newTable(), fail: map[int64]error{0: errs.New("DIVIDE_BY_ZERO", "config", "c")}}
	files := vfs.NewMemory()
	q, events := start(t, files, j, query.Trigger{Kind: query.AvailableNow})
	err := finish(q)
	if e := errs.As(err); e == nil || e.Name != "STREAM_FAILED" || errs.As(e.Cause).Name != "DIVIDE_BY_ZERO" || e.Params["runId"] != q.RunID() {
		t.Fatalf("got %v", err)
	}
	var body map[string]any
	if json.Unmarshal((*events)[len(*events)-1].JSON, &body); body["errorClassOnException"] != "DIVIDE_BY_ZERO" {
		t.Fatalf("terminated with %v", body)
	}
	j.fail = nil
	again, _ := start(t, files, j, query.Trigger{Kind: query.AvailableNow})
	if err := finish(again); err != nil || again.ID() != q.ID() || again.RunID() == q.RunID() {
		t.Fatalf("restart: %v", err)
	}
	if j.table.committed[0] != [2]int{0, 1} {
		t.Fatalf("committed %v", j.table.committed)
	}
}

// TestEveryFaultLosesNothing fails each I/O of the checkpoint in turn, crashes, and starts again.
func TestEveryFaultLosesNothing(t *testing.T) {
	for at := 1; ; at++ {
		base := vfs.NewMemory()
		faulty := &vfs.Faulty{Base: base, FailAt: at, Sticky: true}
		j := &job{stream: newNumbers(5), table: newTable(), until: time.Second}
		j.stream.perRun = 2
		c, err := checkpoint.Open(faulty, "/q")
		if err == nil {
			q := query.New(query.Config{Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: clock.Real{},
				Trigger: query.Trigger{Kind: query.AvailableNow}, Settings: query.Settings{NoData: true, Retain: 2, Recent: 1}})
			q.Begin()
			err = finish(q)
		}
		if faulty.Count() < at {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if err == nil {
			t.Fatalf("fault %d passed unseen: %v", at, faulty.Operations()[at-1])
		}
		base.Crash()
		q, _ := start(t, base, j, query.Trigger{Kind: query.AvailableNow})
		if err := finish(q); err != nil {
			t.Fatalf("after fault %d (%s): %v", at, faulty.Operations()[at-1], err)
		}
		seen, epochs := 0, len(j.table.committed)
		for e := range int64(epochs) {
			r := j.table.committed[e]
			if r[0] != seen {
				t.Fatalf("after fault %d epoch %d reads from %d, not %d: %v", at, e, r[0], seen, j.table.committed)
			}
			seen = r[1]
		}
		if seen != 5 {
			t.Fatalf("after fault %d the sink holds %v", at, j.table.committed)
		}
	}
}

func TestRatesHaveOneDecimalAndNoExponent(t *testing.T) {
	p := query.Progress{InputRate: 12345678.96}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]json.RawMessage
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if string(back["inputRowsPerSecond"]) != "12345679.0" || string(back["processedRowsPerSecond"]) != "0.0" {
		t.Fatalf("rates %s and %s", back["inputRowsPerSecond"], back["processedRowsPerSecond"])
	}
}

// managed runs a query of the manager to its end.
func managed(t *testing.T, r *query.Registry, m *query.Manager, fail map[int64]error) {
	t.Helper()
	c, err := checkpoint.Open(vfs.NewMemory(), "/q")
	if err != nil {
		t.Fatal(err)
	}
	j := &job{stream: newNumbers(1), table: newTable(), fail: fail}
	var q *query.Query
	q = query.New(query.Config{Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: clock.Real{},
		Trigger: query.Trigger{Kind: query.AvailableNow}, Settings: query.Settings{Recent: 1}, Ended: func(bool) { m.Ended(q) }})
	starting := r.Starting(c.ID())
	defer starting.Over()
	if err := m.Add(q, starting); err != nil {
		t.Fatal(err)
	}
	q.Begin()
	<-q.Done()
}

func TestManager(t *testing.T) {
	r := query.NewRegistry()
	m := query.NewManager(r)
	j := &job{stream: newNumbers(0), table: newTable()}
	c, err := checkpoint.Open(vfs.NewMemory(), "/q")
	if err != nil {
		t.Fatal(err)
	}
	var q *query.Query
	q = query.New(query.Config{Name: "n", Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: clock.NewManual(time.Unix(0, 0)),
		Settings: query.Settings{Recent: 1}, Ended: func(bool) { m.Ended(q) }})
	late, starting := r.Starting(c.ID()), r.Starting(c.ID())
	defer late.Over()
	if err := m.Add(q, starting); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"n", "other"} {
		again := query.New(query.Config{Name: name, Job: &job{stream: newNumbers(0), table: newTable()}, Sink: newTable(), Check: c, Clock: clock.Real{}})
		if e := errs.As(m.Add(again, starting)); e == nil || name == "other" && e.Name != "CONCURRENT_QUERY" {
			t.Fatalf("two runs of one query, the second named %s: %v", name, e)
		}
		again.Discard()
		<-again.Done()
	}
	if e := errs.As(m.CheckName("n")); e == nil || e.Class != errs.IllegalArgument {
		t.Fatalf("a second query of one name: %v", e)
	}
	if ended, _, _ := m.AnyEnded(); ended || len(m.Active()) != 1 {
		t.Fatal("ended before it began")
	}
	q.Begin()
	m.StopOther(c.ID())
	if ended, failure, _ := m.AnyEnded(); !ended || failure != nil || len(m.Active()) != 0 {
		t.Fatal("the stopped query was not taken out")
	}
	starting.Over()
	behind := query.New(query.Config{Job: &job{stream: newNumbers(0), table: newTable()}, Sink: newTable(), Check: c, Clock: clock.Real{}})
	if e := errs.As(m.Add(behind, late)); e == nil || e.Name != "CONCURRENT_QUERY" {
		t.Fatalf("a run that read the checkpoint before another came and went: %v", e)
	}
	behind.Discard()
	<-behind.Done()
	fail := errs.New("DIVIDE_BY_ZERO", "config", "c")
	managed(t, r, m, map[int64]error{0: fail})
	managed(t, r, m, nil)
	if ended, failure, _ := m.AnyEnded(); !ended || failure == nil || errs.As(failure.Cause) != fail {
		t.Fatalf("a failure is remembered after a query that ended well: %v", failure)
	}
	m.Reset()
	managed(t, r, m, nil)
	if ended, failure, _ := m.AnyEnded(); !ended || failure != nil {
		t.Fatalf("a failure outlived the reset: %v", failure)
	}
	m.Reset()
	if ended, _, _ := m.AnyEnded(); ended || !errors.Is(m.CheckName("n"), nil) {
		t.Fatal("reset kept the past")
	}
}

package dstream_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/dstream"
)

// heard gives the events' names in order.
func (d *toy) heard() (out []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		name, _, _ := strings.Cut(e, " ")
		out = append(out, name)
	}
	return out
}

// told gives what the events of a name said.
func told[T any](d *toy, name string) (out []T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.raw {
		if e.Name == name {
			out = append(out, e.JSON.(T))
		}
	}
	return out
}

func (d *toy) batches(name string) (out []dstream.BatchInfo) {
	for _, e := range told[dstream.BatchEvent](d, name) {
		out = append(out, e.Batch)
	}
	return out
}

func TestEventsTellTrueTimes(t *testing.T) {
	r := newRig(t, nil)
	r.Listen(true)
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	r.out(q)
	r.out(q)
	r.toy.before = func(what string) error {
		switch what {
		case "1000#0":
			r.clock.Advance(300 * time.Millisecond)
		case "1000#1":
			r.clock.Advance(50 * time.Millisecond)
			return &dstream.Raised{ID: 1, Text: "ValueError: bad"}
		}
		return nil
	}
	r.begin()
	r.to(1000)
	got := strings.Join(r.toy.heard(), " ")
	want := "streamingStarted batchSubmitted batchStarted outputOperationStarted outputOperationCompleted outputOperationStarted outputOperationCompleted batchCompleted"
	if got != want {
		t.Fatalf("heard %s", got)
	}
	b := r.toy.batches(dstream.BatchCompleted)[0]
	if b.Time != 1000 || b.Submitted != 1000 || *b.Started != 1000 || *b.Ended != 1350 || *b.Scheduling != 0 || *b.Processing != 350 || *b.Total != 350 {
		text, _ := json.Marshal(b)
		t.Errorf("%s", text)
	}
	first, second := b.OutputInfos[0], b.OutputInfos[1]
	if *first.Started != 1000 || *first.Ended != 1300 || first.Failure != nil || first.Name != "pprint at script.py:1" {
		t.Errorf("%+v", first)
	}
	if *second.Started != 1300 || *second.Duration != 50 || second.Failure == nil || *second.Failure != "ValueError: bad" {
		t.Errorf("%+v", second)
	}
	if s := r.toy.batches(dstream.BatchSubmitted)[0]; s.Started != nil || s.Scheduling != nil || s.OutputInfos[0].Started != nil {
		t.Errorf("%+v", s)
	}
	if len(b.Inputs) != 0 {
		t.Errorf("a queue told of its input: %+v", b.Inputs)
	}
}

// holdsFirst has the job of the first batch tell that it began, and wait until it may go on.
func (r *rig) holdsFirst() (began, goOn chan struct{}) {
	began, goOn = make(chan struct{}), make(chan struct{})
	r.toy.before = func(what string) error {
		if what == "1000#0" {
			close(began)
			<-goOn
		}
		return nil
	}
	return began, goOn
}

// TestLateBatchesQueue has a job that takes until 4500: the batches after it wait and say how long.
func TestLateBatchesQueue(t *testing.T) {
	r := newRig(t, nil)
	r.Listen(true)
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	began, go_on := r.holdsFirst()
	r.begin()
	r.clock.Advance(100 * time.Millisecond)
	<-began
	for range 3 {
		r.clock.Advance(time.Second)
		for r.Info().Last != r.clock.Now().UnixMilli() { // generated on time, though the job runs
		}
	}
	r.clock.Advance(500 * time.Millisecond)
	close(go_on)
	r.Settle(nil)
	r.wants("1000#0: ", "2000#0: ", "3000#0: ", "4000#0: ")
	for i, b := range r.toy.batches(dstream.BatchCompleted) {
		want := []int64{0, 2500, 1500, 500}[i]
		if *b.Scheduling != want || b.Submitted != b.Time {
			t.Errorf("batch %d was submitted at %d and waited %d ms, want %d", b.Time, b.Submitted, *b.Scheduling, want)
		}
	}
}

// TestBatchesThatTheClockSkipped are all made, in order.
func TestBatchesThatTheClockSkipped(t *testing.T) {
	r := newRig(t, nil)
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	r.begin()
	r.to(5200)
	r.wants("1000#0: ", "2000#0: ", "3000#0: ", "4000#0: ", "5000#0: ")
}

func TestConcurrentJobs(t *testing.T) {
	r := newRig(t, map[string]string{"spark.streaming.concurrentJobs": "2"})
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	r.out(q)
	r.out(q)
	other := make(chan struct{})
	r.toy.before = func(what string) error {
		switch what {
		case "1000#0":
			<-other // ends only if the second operation runs beside it
		case "1000#1":
			close(other)
		}
		return nil
	}
	r.begin()
	r.to(1000)
	if got := r.toy.seen(); len(got) != 2 {
		t.Fatal(got)
	}
}

func TestABatchWhoseStreamHasNothingHasNoJobs(t *testing.T) {
	r := newRig(t, nil)
	r.Listen(true)
	w := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{r.node(dstream.Spec{Kind: dstream.Queue})}, Window: 2000, Slide: 2000})
	r.out(w)
	r.begin()
	r.to(1000)
	r.to(2000)
	r.to(3000)
	r.wants("2000#0: ")
	if n := len(r.toy.batches(dstream.BatchSubmitted)); n != 1 {
		t.Errorf("%d batches were submitted", n)
	}
}

func TestErrorsComeOutAndBatchesGoOn(t *testing.T) {
	r := newRig(t, nil)
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	r.out(r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{q}, Missing: dstream.Skip}))
	r.out(q)
	r.toy.before = func(what string) error {
		switch what {
		case "1@1000":
			return &dstream.Raised{ID: 1, Text: "in transform"}
		case "2000#1":
			return &dstream.Raised{ID: 2, Text: "in foreachRDD"}
		case "3000#0":
			panic("ours")
		}
		return nil
	}
	r.begin()
	for i, want := range []string{"in transform", "in foreachRDD", "panic in the engine: ours"} {
		r.to(int64(i+1) * 1000)
		_, err, _ := r.Outcome()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("batch %d: %v, want %q", i+1, err, want)
		}
	}
	r.to(4000)
	r.wants("2000#0: ", "3000#1: ", "4000#0: ", "4000#1: ")
	r.halt()
	if stopped, err, _ := r.Outcome(); !stopped || err == nil {
		t.Errorf("after the stop: %v, %v", stopped, err)
	}
}

// TestStopNow lets what runs and waits end within the grace and makes no more batches.
func TestStopNow(t *testing.T) {
	r := newRig(t, nil)
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	began, go_on := r.holdsFirst()
	r.begin()
	r.to2(2000)
	<-began
	for r.Info().Last != 2000 {
	}
	r.Stop(false, -1)
	r.clock.Advance(10 * time.Second)
	close(go_on)
	<-r.Done()
	r.wants("1000#0: ", "2000#0: ")
}

// to2 moves the clock and does not wait.
func (r *rig) to2(ms int64) { r.clock.Advance(time.UnixMilli(ms).Sub(r.clock.Now())) }

// TestStopNowGivesUpOnAJobThatDoesNotEnd after two seconds of real time, here a clock too.
func TestStopNowGivesUpOnAJobThatDoesNotEnd(t *testing.T) {
	r := newRig(t, nil)
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	began, go_on := make(chan struct{}), make(chan struct{})
	r.toy.before = func(what string) error {
		close(began)
		<-go_on
		return errors.New("too late")
	}
	r.begin()
	r.to2(1000)
	<-began
	r.Stop(false, -1)
	for done := false; !done; {
		select {
		case <-r.Done():
			done = true
		default:
			r.wall.Advance(100 * time.Millisecond)
		}
	}
	if gone := r.wall.Now().Sub(time.UnixMilli(0)); gone < 2*time.Second {
		t.Errorf("it gave up after %v", gone)
	}
	if _, err, _ := r.Outcome(); err != nil {
		t.Errorf("the job that was given up: %v", err)
	}
	close(go_on)
}

// TestStopInsideAnOutputOperation does not wait for the operation that calls it, nor runs what waits behind it.
func TestStopInsideAnOutputOperation(t *testing.T) {
	for _, graceful := range []bool{false, true} {
		r := newRig(t, nil)
		r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
		r.toy.before = func(what string) error {
			if what == "1000#0" {
				r.Stop(graceful, 0)
				if !graceful {
					<-r.Done()
				}
			}
			return nil
		}
		r.begin()
		r.to2(1000)
		<-r.Done()
		got := len(r.toy.seen()) // two more batches, which a single lane cannot run before the call has ended
		if want := map[bool]int{false: 1, true: 3}[graceful]; got > want {
			t.Errorf("graceful %v: %v", graceful, r.toy.seen())
		}
	}
}

// TestStopGracefully makes the last two batches, as Spark does, and runs all that wait.
func TestStopGracefully(t *testing.T) {
	r := newRig(t, nil)
	r.Listen(true)
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	began, go_on := r.holdsFirst()
	r.begin()
	r.to2(1000)
	<-began
	r.Stop(true, -1)
	close(go_on)
	<-r.Done()
	r.wants("1000#0: ", "2000#0: ", "3000#0: ")
	if n := len(r.toy.batches(dstream.BatchCompleted)); n != 3 {
		t.Errorf("%d batches were completed", n)
	}
}

// hands is a clock that moves by itself as far as the code under test can tell.
type hands struct{ *clock.Manual }

func TestAGracefulStopWaitsForTheClock(t *testing.T) {
	var h hands
	r := newRig(t, nil, func(c *dstream.Config) { h = hands{c.Clock.(*clock.Manual)}; c.Clock = h })
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	r.begin()
	h.Waiters(1)
	r.Stop(true, -1)
	ms := int64(0)
	for stopped := false; !stopped; {
		select {
		case <-r.Done():
			stopped = true
		default:
			ms += 1000
			r.to2(ms)
			r.Settle(nil)
		}
	}
	if got := r.toy.seen(); len(got) < 2 || int64(len(got)) > ms/1000 {
		t.Errorf("by %d ms there were %v", ms, got)
	}
}

func TestFilesOfABatch(t *testing.T) {
	r := newRig(t, nil)
	r.Listen(true)
	files := r.node(dstream.Spec{Kind: dstream.Files, Directory: "/in"})
	r.out(files)
	r.fileAt("before", "before", time.UnixMilli(900))
	r.fileAt("later", "later", time.UnixMilli(2500))
	r.begin()
	r.fileAt("a", "a a", time.UnixMilli(950))
	r.fileAt(".hidden", "hidden", time.UnixMilli(950))
	r.fileAt("b._COPYING_", "b", time.UnixMilli(1000))
	r.to(1000)
	r.fileAt("a", "a again", time.UnixMilli(1500)) // taken already
	r.fileAt("old", "old", time.UnixMilli(901))    // moved in late, inside the window
	r.to(2000)
	r.to(3000)
	r.wants("1000#0: a2 b1", "2000#0: old1", "3000#0: later1")
	in := r.toy.batches(dstream.BatchCompleted)[0].Inputs[0]
	if in.NumRecords != 0 || in.Description == nil || *in.Description != "/in/a\n/in/b._COPYING_" {
		t.Errorf("%+v", in)
	}
	for ms := int64(4000); ms <= 70_000; ms += 1000 {
		r.to(ms)
	}
	r.fileAt("ancient", "ancient", time.UnixMilli(9_000)) // older than the window of a minute
	r.fileAt("young", "young", time.UnixMilli(12_000))
	r.to(71_000)
	got := r.toy.seen()
	if last := got[len(got)-1]; last != "71000#0: young1" {
		t.Error(last)
	}
}

func TestAHiddenFileFailsItsBatch(t *testing.T) {
	r := newRig(t, nil)
	r.out(r.node(dstream.Spec{Kind: dstream.Files, Directory: "/in"}))
	r.begin()
	r.fileAt("_x", "x", time.UnixMilli(950))
	r.fileAt("a", "a", time.UnixMilli(950))
	r.to(1000)
	_, err, _ := r.Outcome()
	if err == nil || !strings.Contains(err.Error(), "Input path does not exist: file:/in/_x") {
		t.Error(err)
	}
	r.fileAt("b", "b", time.UnixMilli(1500))
	r.to(2000)
	r.wants("2000#0: b1")
}

func TestAMissingFolderIsToldOnceAndReadOnceItIsThere(t *testing.T) {
	r := newRig(t, nil)
	r.out(r.node(dstream.Spec{Kind: dstream.Files, Directory: "/in/{x,y}/s*"}))
	r.begin()
	r.to(1000)
	r.to(2000)
	if n := len(r.toy.warnings); n != 1 || !r.toy.warned("/in/{x,y}/s*") {
		t.Errorf("warnings: %v", r.toy.warnings)
	}
	for _, dir := range []string{"/in/x/s1", "/in/y/s2", "/in/y/t"} {
		if err := r.fs.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	r.fileAt("x/s1/a", "a", time.UnixMilli(2500))
	r.fileAt("y/s2/b", "b", time.UnixMilli(2500))
	r.fileAt("y/t/c", "c", time.UnixMilli(2500))
	r.to(3000)
	r.wants("1000#0: ", "2000#0: ", "3000#0: a1 b1")
}

func TestBatchesBeginAtMultiples(t *testing.T) {
	for start, first := range map[int64]int64{900: 1000, 1000: 2000, 1999: 2000} {
		r := newRig(t, nil)
		r.to2(start)
		r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
		r.begin()
		r.to(first)
		r.wants(fmt.Sprintf("%d#0: ", first))
	}
}

// TestStopInAFunctionOfTheGraphWaitsForNothing: the generator's call, in which stop was made, ends only after it. The
// wall's clock stands, so a grace would never pass.
func TestStopInAFunctionOfTheGraphWaitsForNothing(t *testing.T) {
	r := newRig(t, nil)
	node := r.node(dstream.Spec{Kind: dstream.Queue})
	r.out(r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{node}}))
	var once sync.Once
	r.toy.before = func(string) error {
		once.Do(func() {
			r.Stop(false, dstream.Generator)
			<-r.Done()
		})
		return nil
	}
	r.begin()
	r.to2(1000)
	<-r.Done()
	if stopped, err, _ := r.Outcome(); !stopped || err != nil {
		t.Errorf("after the stop: %v, %v", stopped, err)
	}
}

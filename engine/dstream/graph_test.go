package dstream_test

import (
	"strings"
	"testing"

	"pysparkcompat/engine/dstream"
)

func TestStatesAndWhatEachRefuses(t *testing.T) {
	r := newRig(t, nil)
	refused := func(what string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	if _, _, _, err := r.Node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{q}, Window: 1500, Slide: 1000}); err == nil {
		t.Error("a window of one and a half batches was taken")
	}
	w := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{q}, Window: 4000, Slide: 2000})
	_, _, _, err := r.Node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{q, w}, Missing: dstream.Fail})
	refused("different slides", err, "Some of the DStreams have different slide durations")
	if r.State() != dstream.Initialized {
		t.Fatal(r.State())
	}
	refused("slice", r.Slice(q, 0, 1, nil), "has not been initialized")
	if err := r.Remember(5000); err != nil {
		t.Fatal(err)
	}
	refused("remember", r.Remember(6000), "Remember duration already set as 5000 ms")
	r.out(q)
	r.begin()
	if r.State() != dstream.Active || r.reg.Active() != r.Context {
		t.Fatal(r.State())
	}
	if warning, err := r.Start(dstream.Begin{}); err != nil || warning == "" {
		t.Errorf("a second start: %q, %v", warning, err)
	}
	_, _, _, err = r.Node(dstream.Spec{Kind: dstream.Queue})
	refused("node", err, "Adding new inputs, transformations, and output operations after starting a context is not supported")
	refused("persist", r.Persist(q), "Cannot change storage level")
	refused("interval", r.Interval(q, 5000), "Cannot change checkpoint interval")
	other, err := dstream.New(r.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := other.Node(dstream.Spec{Kind: dstream.Queue}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Output(dstream.OutputSpec{}); err != nil {
		t.Fatal(err)
	}
	_, err = other.Start(dstream.Begin{})
	refused("second context", err, "Only one StreamingContext may be started")
	if other.State() != dstream.Initialized {
		t.Error(other.State())
	}
	r.Stop(false, -1)
	<-r.Done()
	if r.State() != dstream.Stopped || r.reg.Active() != nil {
		t.Fatal(r.State())
	}
	if warning := r.Stop(false, -1); warning == "" {
		t.Error("a second stop said nothing")
	}
	_, err = r.Start(dstream.Begin{})
	refused("start after stop", err, "StreamingContext has already been stopped")
	_, err = r.Output(dstream.OutputSpec{})
	refused("output after stop", err, "after stopping a context is not supported")
	if _, err := other.Start(dstream.Begin{}); err != nil {
		t.Errorf("the other context after the first has stopped: %v", err)
	}
	other.Kill()
	<-other.Done()
}

func TestWhatStartRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		kind     dstream.Kind
		interval int64
		folder   bool
		outputs  bool
		want     string
	}{
		"no output":         {dstream.Mapped, 0, false, false, "No output operations registered, so nothing to execute"},
		"state, no folder":  {dstream.Stateful, 0, false, true, "The checkpoint directory has not been set"},
		"reduced no folder": {dstream.Reduced, 0, false, true, "The checkpoint directory has not been set"},
		"too often":         {dstream.Mapped, 500, true, true, "which is lower than its slide time (1000 ms)"},
		"no multiple":       {dstream.Mapped, 1500, true, true, "which not a multiple of its slide time (1000 ms)"},
		"state":             {dstream.Stateful, 0, true, true, ""},
		"every two":         {dstream.Mapped, 2000, true, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			n := r.node(dstream.Spec{Kind: c.kind, Parents: []int{r.node(dstream.Spec{Kind: dstream.Queue})}, Missing: dstream.Skip, Window: 2000})
			if c.interval > 0 {
				if err := r.Interval(n, c.interval); err != nil {
					t.Fatal(err)
				}
			}
			if c.folder {
				if err := r.Checkpoint("/ck"); err != nil {
					t.Fatal(err)
				}
			}
			if c.outputs {
				r.out(n)
			}
			_, err := r.Start(dstream.Begin{})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if r.State() != dstream.Stopped || r.reg.Active() != nil {
				t.Fatalf("after a start that failed: %s", r.State())
			}
			<-r.Done()
		})
	}
}

// TestWindowsAndStatesSeeTheirTimes has words a, b, c … come one a batch.
func TestWindowsAndStatesSeeTheirTimes(t *testing.T) {
	r := newRig(t, nil)
	if err := r.Checkpoint("/ck"); err != nil {
		t.Fatal(err)
	}
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	r.toy.queue = [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}, {"h"}}
	window := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{q}, Window: 3000, Slide: 2000})
	state := r.node(dstream.Spec{Kind: dstream.Stateful, Parents: []int{q}})
	reduced := r.node(dstream.Spec{Kind: dstream.Reduced, Parents: []int{q}, Window: 5000, Slide: 1000, Inverse: true})
	after := r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{window}, Missing: dstream.Skip})
	r.out(q)
	r.out(after)
	r.out(state)
	r.out(reduced)
	r.begin()
	for ms := int64(1000); ms <= 7000; ms += 1000 {
		r.to(ms)
	}
	r.wants("1000#0: a1", "1000#2: a1", "1000#3: a1",
		"2000#0: b1", "2000#1: a1 b1", "2000#2: a1 b1", "2000#3: a1 b1",
		"3000#0: c1", "3000#2: a1 b1 c1", "3000#3: a1 b1 c1",
		"4000#0: d1", "4000#1: b1 c1 d1", "4000#2: a1 b1 c1 d1", "4000#3: a1 b1 c1 d1",
		"5000#0: e1", "5000#2: a1 b1 c1 d1 e1", "5000#3: a1 b1 c1 d1 e1",
		"6000#0: f1", "6000#1: d1 e1 f1", "6000#2: a1 b1 c1 d1 e1 f1", "6000#3: b1 c1 d1 e1 f1",
		"7000#0: g1", "7000#2: a1 b1 c1 d1 e1 f1 g1", "7000#3: c1 d1 e1 f1 g1")
	seen := map[string]bool{}
	for _, what := range r.toy.computed {
		if seen[what] {
			t.Errorf("%s was made twice", what)
		}
		seen[what] = true
	}
}

func TestOldRDDsAreForgotten(t *testing.T) {
	r := newRig(t, nil)
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	w := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{q}, Window: 3000, Slide: 1000})
	r.out(w)
	r.begin()
	for ms := int64(1000); ms <= 20_000; ms += 1000 {
		r.to(ms)
	}
	// the window's own of one slide, and the four batches of the queue that it and the window span
	if n := len(r.toy.rdds); n != 5 {
		t.Errorf("%d RDDs are kept", n)
	}
	if i := r.Info(); i.Tokens != 5 || i.Zero != 0 || i.Last != 20_000 || len(i.Pending) != 0 {
		t.Errorf("%+v", i)
	}
}

func TestMissingRDDs(t *testing.T) {
	for missing, want := range map[string][]string{
		dstream.Skip: {"2000#0: "}, dstream.Null: {"1000#0: ", "2000#0: ", "3000#0: "}, dstream.Fail: {"2000#0: "},
	} {
		r := newRig(t, nil)
		q := r.node(dstream.Spec{Kind: dstream.Queue})
		w := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{q}, Window: 2000, Slide: 2000})
		m := r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{w}, Missing: missing})
		// a stream that is asked each second though its parent has something every two
		both := r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{q, m}, Slides: "first", Missing: missing})
		r.out(both)
		r.begin()
		for ms := int64(1000); ms <= 3000; ms += 1000 {
			r.to(ms)
		}
		r.wants(want...)
		_, err, _ := r.Outcome()
		if failed := err != nil; failed != (missing == dstream.Fail) {
			t.Errorf("%s: %v", missing, err)
		}
		r.halt()
	}
}

func TestSlice(t *testing.T) {
	r := newRig(t, nil)
	q := r.node(dstream.Spec{Kind: dstream.Queue})
	r.out(q)
	if err := r.Remember(3000); err != nil {
		t.Fatal(err)
	}
	r.begin()
	for ms := int64(1000); ms <= 4000; ms += 1000 {
		r.to(ms)
	}
	got := make(chan []dstream.Held, 1)
	if err := r.Slice(q, 2000, 4000, func(held []dstream.Held, err error) {
		if err != nil {
			t.Error(err)
		}
		got <- held
	}); err != nil {
		t.Fatal(err)
	}
	held := <-got
	if len(held) != 3 || held[0].Time != 2000 || held[2].Time != 4000 {
		t.Fatalf("%+v", held)
	}
	for ms := int64(5000); ms <= 12_000; ms += 1000 {
		r.to(ms)
	}
	if len(r.toy.rdds) != 6 { // three that are remembered, three of the slice
		t.Errorf("%d RDDs are kept", len(r.toy.rdds))
	}
	r.Release([]dstream.Token{held[0].Token, held[1].Token, held[2].Token})
	r.Settle(nil)
	if len(r.toy.rdds) != 3 {
		t.Errorf("%d RDDs are kept after the slice was released", len(r.toy.rdds))
	}
}

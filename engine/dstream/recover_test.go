package dstream_test

import (
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"testing"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/vfs"
)

// program makes the graph that the recovery tests run: words of files, counted over all time, in windows and in windows
// with an inverse.
func program(r *rig) {
	files := r.node(dstream.Spec{Kind: dstream.Files, Directory: "/in"})
	pairs := r.node(dstream.Spec{Kind: dstream.Mapped, Parents: []int{files}, Missing: dstream.Skip})
	state := r.node(dstream.Spec{Kind: dstream.Stateful, Parents: []int{pairs}})
	window := r.node(dstream.Spec{Kind: dstream.Windowed, Parents: []int{pairs}, Window: 3000, Slide: 1000})
	reduced := r.node(dstream.Spec{Kind: dstream.Reduced, Parents: []int{pairs}, Window: 6000, Slide: 1000, Inverse: true})
	for _, n := range []int{state, reduced} {
		if err := r.Interval(n, 2000); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.Checkpoint("/ck"); err != nil {
		r.t.Fatal(err)
	}
	r.out(state)
	r.out(window)
	r.out(reduced)
}

const lastBatch = 16_000

// feed puts the file of a second's batch shortly before it.
func (r *rig) feed(ms int64) {
	words := []string{"a", "b", "c"}
	if ms%5000 != 0 {
		r.file(fmt.Sprintf("f%d", ms), strings.Repeat(words[ms/1000%3]+" ", int(ms/1000)))
	}
}

// run goes on second by second to the last batch, or until stop says so.
func (r *rig) run(from int64, stop func(ms int64) bool) (at int64) {
	for ms := from; ms <= lastBatch; ms += 1000 {
		r.clock.Advance(time.UnixMilli(ms - 50).Sub(r.clock.Now()))
		r.feed(ms)
		r.to(ms)
		if stop != nil && stop(ms) {
			return ms
		}
	}
	return lastBatch
}

// newest keeps the last output of each batch and operation: a batch that a crash interrupted runs again.
func newest(outputs []string) map[string]string {
	out := map[string]string{}
	for _, o := range outputs {
		key, words, _ := strings.Cut(o, ": ")
		out[key] = words
	}
	return out
}

// golden is what an undisturbed run without crashes puts out.
func golden(t *testing.T) map[string]string {
	t.Helper()
	r := newRig(t, nil)
	program(r)
	r.begin()
	r.run(1000, nil)
	want := newest(r.toy.seen())
	if len(want) != 3*lastBatch/1000 || want["16000#0"] != "a30 b41 c35" {
		t.Fatalf("the undisturbed run: %v", want)
	}
	return want
}

// recover goes on from what a crash left, on the same clock.
func (r *rig) recover() *dstream.Image {
	r.t.Helper()
	i, err := dstream.Read(r.fs, "/ck", func(string) {})
	if err != nil {
		r.t.Fatal(err)
	}
	if i == nil {
		r.reg = &dstream.Registry{}
		r.open(nil)
		program(r)
		r.begin()
		return nil
	}
	r.open(i)
	if _, err := r.Start(dstream.Begin{}); err != nil {
		r.t.Fatal(err)
	}
	r.Settle(nil)
	return i
}

// compare says where two runs differ.
func compare(t *testing.T, name string, got, want map[string]string) {
	t.Helper()
	var keys []string
	for k := range want {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if got[k] != want[k] {
			t.Errorf("%s: %s gave %q, want %q", name, k, got[k], want[k])
		}
	}
}

// TestRestoredAtEveryBatch crashes, keeping only what was synced, after each batch, and goes on at once or batches later.
func TestRestoredAtEveryBatch(t *testing.T) {
	want := golden(t)
	for at := int64(1000); at < lastBatch; at += 1000 {
		for _, down := range []int64{0, 3000} {
			r := newRig(t, nil)
			program(r)
			r.begin()
			r.run(1000, func(ms int64) bool { return ms == at })
			outputs := r.toy.seen()
			r.halt()
			r.fs.(*vfs.Memory).Crash()
			for ms := at + 1000; ms <= min(at+down, lastBatch); ms += 1000 {
				r.clock.Advance(time.UnixMilli(ms - 50).Sub(r.clock.Now()))
				r.feed(ms)
				r.clock.Advance(time.UnixMilli(ms).Sub(r.clock.Now()))
			}
			r.recover()
			r.run(at+down+1000, nil)
			compare(t, fmt.Sprintf("crash at %d, %d ms down", at, down), newest(append(outputs, r.toy.seen()...)), want)
			if at > 4000 && r.toy.restored == 0 {
				t.Errorf("crash at %d: no state was restored", at)
			}
			r.halt()
		}
	}
}

// TestCrashAtEveryWrite fails the file system from one operation on, for each, crashes and goes on.
func TestCrashAtEveryWrite(t *testing.T) {
	want := golden(t)
	total := 0
	for at := 1; at == 1 || at <= total; at += 2 {
		r := newRig(t, nil)
		memory := r.fs.(*vfs.Memory)
		faulty := &vfs.Faulty{Base: memory, FailAt: at, Sticky: true, Torn: true}
		failing := false
		r.made = func(c *dstream.Config) {
			if failing {
				c.FS = faulty
			}
		}
		failing = true
		r.open(nil)
		program2(r, at)
		var outputs []string
		if r.begun() {
			r.run(1000, func(ms int64) bool { return faulty.Count() >= at })
			outputs = r.toy.seen()
		}
		if at == 1 {
			total = countOperations(t)
		}
		stopped := r.clock.Now().UnixMilli()
		r.halt()
		memory.Crash()
		failing = false
		from := stopped/1000*1000 + 1000
		if r.recover() == nil {
			r.halt() // nothing was kept: this is another program's start
			continue
		}
		r.run(max(from, 1000), nil)
		got := newest(append(outputs, r.toy.seen()...))
		for k := range want { // the run that the fault cut short may have put out what it could not read
			if got[k] != want[k] && strings.HasSuffix(k, "#0") && k >= "9" {
				t.Errorf("fault at %d: %s gave %q, want %q", at, k, got[k], want[k])
			}
		}
		if got["16000#0"] != want["16000#0"] {
			t.Errorf("fault at %d: the last state is %q, want %q", at, got["16000#0"], want["16000#0"])
		}
		r.halt()
	}
	if total < 150 {
		t.Errorf("only %d operations", total)
	}
}

// program2 is program where the folder may fail to be made.
func program2(r *rig, at int) {
	r.toy.fs = r.fs
	defer func() { recover() }() //nolint:errcheck // the fault hit the making of the folder
	if at == 1 {
		return
	}
	program(r)
}

func (r *rig) begun() bool {
	_, err := r.Start(dstream.Begin{Functions: []byte("pickle")})
	return err == nil
}

func countOperations(t *testing.T) int {
	r := newRig(t, nil)
	faulty := &vfs.Faulty{Base: r.fs}
	r.made = func(c *dstream.Config) { c.FS = faulty }
	r.open(nil)
	program(r)
	r.begin()
	r.run(1000, nil)
	r.halt()
	return faulty.Count()
}

func TestACheckpointThatCannotBeWrittenIsToldAndBatchesGoOn(t *testing.T) {
	for _, op := range []string{"create /ck/temp", "write /ck/temp", "sync /ck/temp", "rename /ck/checkpoint-2000", "syncdir /ck"} {
		r := newRig(t, nil)
		fs := &failing{FS: r.fs, op: op, from: r.clock}
		r.made = func(c *dstream.Config) { c.FS = fs }
		r.open(nil)
		program(r)
		r.begin()
		r.run(1000, func(ms int64) bool { return ms == 2000 })
		if !r.toy.warned("The checkpoint of batch 2000 ms cannot be written to /ck") {
			t.Errorf("%s: %v", op, r.toy.warnings)
		}
		if len(r.toy.seen()) != 6 {
			t.Errorf("%s: outputs %v", op, r.toy.seen())
		}
		r.halt()
		i, err := dstream.Read(r.fs, "/ck", func(string) {})
		if err != nil || i == nil || i.Time > 2000 || op != "syncdir /ck" && i.Time != 1000 {
			t.Errorf("%s: the checkpoint left is %+v, %v", op, i, err)
		}
	}
}

// failing fails one kind of operation once the clock shows 1.5 seconds.
type failing struct {
	vfs.FS
	op   string
	from *clock.Manual
}

func (f *failing) hits(op string) error {
	if op == f.op && f.from.Now().UnixMilli() > 1500 {
		return errors.New("injected")
	}
	return nil
}

func (f *failing) Create(p string, exclusive bool) (vfs.File, error) {
	if err := f.hits("create " + p); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(p, exclusive)
	if err != nil {
		return nil, err
	}
	return &failingFile{file, f, p}, nil
}

func (f *failing) Rename(from, to string) error {
	if err := f.hits("rename " + to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *failing) SyncDir(p string) error {
	if err := f.hits("syncdir " + p); err != nil {
		return err
	}
	return f.FS.SyncDir(p)
}

type failingFile struct {
	vfs.File
	f *failing
	p string
}

func (f *failingFile) Write(b []byte) (int, error) {
	if err := f.f.hits("write " + f.p); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *failingFile) Sync() error {
	if err := f.f.hits("sync " + f.p); err != nil {
		return err
	}
	return f.File.Sync()
}

func names(t *testing.T, fs vfs.FS) (out []string) {
	t.Helper()
	entries, err := fs.ReadDir("/ck")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestCheckpointFilesAreKeptAndRead(t *testing.T) {
	r := newRig(t, nil)
	program(r)
	r.begin()
	r.run(1000, nil)
	r.halt()
	var files, saved []string
	for _, n := range names(t, r.fs) {
		if strings.HasPrefix(n, "checkpoint-") {
			files = append(files, n)
		} else if strings.HasPrefix(n, "rdd-") {
			saved = append(saved, n)
		}
	}
	if len(files) != 10 {
		t.Errorf("checkpoint files: %v", files)
	}
	if len(saved) == 0 || strings.Contains(strings.Join(saved, " "), "-2000-") {
		t.Errorf("saved RDDs: %v", saved)
	}
	newest, err := dstream.Read(r.fs, "/ck", func(string) {})
	if err != nil || newest.Time != lastBatch || newest.Conf["spark.app.name"] != "toy" || string(newest.Functions) != "pickle" {
		t.Fatalf("%+v, %v", newest, err)
	}
	warned := ""
	spoil(t, r.fs, fmt.Sprintf("/ck/checkpoint-%d", lastBatch))
	before, err := dstream.Read(r.fs, "/ck", func(text string) { warned = text })
	if err != nil || before.Time > lastBatch || !strings.Contains(warned, fmt.Sprint("checkpoint-", lastBatch)) {
		t.Fatalf("a broken newest file: %+v, %v, warned %q", before, err, warned)
	}
	for _, n := range files {
		if _, err := r.fs.Stat("/ck/" + n); err == nil {
			spoil(t, r.fs, "/ck/"+n)
		}
	}
	if _, err := dstream.Read(r.fs, "/ck", func(string) {}); err == nil || !strings.Contains(err.Error(), "Failed to read checkpoint from directory /ck") {
		t.Errorf("only broken files: %v", err)
	}
	if i, err := dstream.Read(r.fs, "/nothing", nil); i != nil || err != nil {
		t.Errorf("no folder: %v, %v", i, err)
	}
}

func spoil(t *testing.T, fs vfs.FS, name string) {
	t.Helper()
	f, err := fs.Append(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestAQueueCannotBeRecovered(t *testing.T) {
	r := newRig(t, nil)
	if err := r.Checkpoint("/ck"); err != nil {
		t.Fatal(err)
	}
	r.out(r.node(dstream.Spec{Kind: dstream.Queue}))
	warning, err := r.Start(dstream.Begin{})
	if err != nil || !strings.Contains(warning, "queueStream doesn't support checkpointing") {
		t.Fatalf("%q, %v", warning, err)
	}
	r.to(1000)
	r.halt()
	if _, err := dstream.Read(r.fs, "/ck", func(string) {}); err == nil || !strings.Contains(err.Error(), "queueStream doesn't support checkpointing") {
		t.Fatal(err)
	}
}

// TestAFailedBatchRunsAgainInALaterLife: in this one the batches after it go on.
func TestAFailedBatchRunsAgainInALaterLife(t *testing.T) {
	for _, what := range []string{"3000#0", "1@3000"} {
		r := newRig(t, nil)
		program(r)
		failed := false
		r.toy.before = func(at string) error {
			if at == what && !failed {
				failed = true
				return &dstream.Raised{ID: 7, Text: "ValueError: bad"}
			}
			return nil
		}
		r.begin()
		r.run(1000, func(ms int64) bool { return ms == 5000 })
		_, err, _ := r.Outcome()
		var raised *dstream.Raised
		if !errors.As(err, &raised) || raised.ID != 7 {
			t.Fatalf("%s: %v", what, err)
		}
		got := newest(r.toy.seen())
		if _, ran := got["3000#0"]; ran || got["5000#0"] == "" {
			t.Fatalf("%s: %v", what, got)
		}
		if i := r.Info(); fmt.Sprint(i.Pending) != "[3000]" {
			t.Errorf("%s: %+v", what, i)
		}
		r.halt()
		r.recover()
		if got := newest(r.toy.seen()); got["3000#0"] != "a3 b1 c2" {
			t.Errorf("%s: after recovery %v", what, got)
		}
		r.halt()
	}
}

func TestSavedRDDsStayWhereCheckpointsNameThem(t *testing.T) {
	r := newRig(t, nil)
	program(r)
	r.begin()
	r.run(1000, nil)
	r.halt()
	for _, n := range names(t, r.fs) {
		if !strings.HasPrefix(n, "checkpoint-") {
			continue
		}
		i, err := dstream.ReadFile(r.fs, path.Join("/ck", n))
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range i.Nodes {
			for _, p := range node.Saved {
				if _, err := r.fs.Stat(p); err != nil {
					t.Errorf("%s names %s, which is gone", n, p)
				}
			}
		}
	}
}

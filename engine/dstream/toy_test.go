package dstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counts is what a toy RDD holds: how often each word.
type counts map[string]int

func (c counts) String() string {
	words := make([]string, 0, len(c))
	for w, n := range c {
		words = append(words, fmt.Sprintf("%s%d", w, n))
	}
	sort.Strings(words)
	return strings.Join(words, " ")
}

func (c counts) add(other counts, sign int) {
	for w, n := range other {
		if c[w] += sign * n; c[w] == 0 {
			delete(c, w)
		}
	}
}

// toy is a driver whose RDDs are made at once, in memory; saved ones are files.
type toy struct {
	fs    vfs.FS
	block func(id int64) ([]byte, error)

	mu       sync.Mutex
	last     dstream.Token
	rdds     map[dstream.Token]counts
	marked   map[dstream.Token]string // where each shall be saved
	computed []string                 // node@time
	outputs  []string                 // time#index: words
	events   []string
	raw      []*dstream.Event
	warnings []string
	restored int
	queue    [][]string
	// before is called ahead of each computation or output, with what the lists above say of it; its error is raised.
	before func(what string) error
}

func newToy(fs vfs.FS) *toy {
	return &toy{fs: fs, rdds: map[dstream.Token]counts{}, marked: map[dstream.Token]string{}}
}

func (d *toy) raised(what string) error {
	d.mu.Lock()
	f := d.before
	d.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(what)
}

func (d *toy) Compute(ctx context.Context, r *dstream.Request) (dstream.Token, error) {
	what := fmt.Sprintf("%d@%d", r.Node, r.Time)
	if err := d.raised(what); err != nil {
		return dstream.None, err
	}
	words, err := d.words(r)
	if err != nil {
		return dstream.None, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.computed = append(d.computed, what)
	for _, list := range [][]dstream.Token{r.Tokens, r.Came, {r.Previous}} {
		for _, tok := range list {
			words.add(d.rdd(tok), 1)
		}
	}
	for _, tok := range r.Left {
		words.add(d.rdd(tok), -1)
	}
	tok := d.keep(words)
	if r.Checkpoint {
		d.marked[tok] = fmt.Sprintf("/ck/rdd-%d-%d-%d", r.Node, r.Time, tok)
	}
	return tok, nil
}

// words are what comes from outside.
func (d *toy) words(r *dstream.Request) (counts, error) {
	out := counts{}
	for _, p := range r.Paths {
		f, err := d.fs.Open(p)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		for _, w := range strings.Fields(string(text)) {
			out[w]++
		}
	}
	for _, b := range r.Blocks {
		data, err := d.block(b.ID)
		if err != nil {
			return nil, err
		}
		for _, line := range lines(data) {
			out[line]++
		}
	}
	if r.Kind == dstream.Queue {
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.queue) > 0 {
			for _, w := range d.queue[0] {
				out[w]++
			}
			d.queue = d.queue[1:]
		}
	}
	return out, nil
}

// lines reads the pickle of a list of texts, as far as receivers write it.
func lines(data []byte) (out []string) {
	for at := 4; data[at] != 'e'; {
		n := int(data[at+1])
		at += 2
		if data[at-2] == 'X' {
			n |= int(data[at])<<8 | int(data[at+1])<<16 | int(data[at+2])<<24
			at += 3
		}
		out = append(out, string(data[at:at+n]))
		at += n
	}
	return out
}

func (d *toy) rdd(tok dstream.Token) counts {
	if tok == dstream.None {
		return nil
	}
	words, ok := d.rdds[tok]
	if !ok {
		panic(fmt.Sprintf("RDD %d was forgotten", tok))
	}
	return words
}

func (d *toy) keep(words counts) dstream.Token {
	d.last++
	d.rdds[d.last] = words
	return d.last
}

func (d *toy) Restore(_ context.Context, _ int, _ int64, p string) (dstream.Token, error) {
	f, err := d.fs.Open(p)
	if err != nil {
		return dstream.None, err
	}
	defer f.Close()
	words := counts{}
	if err := json.NewDecoder(f).Decode(&words); err != nil {
		return dstream.None, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.restored++
	return d.keep(words), nil
}

// Checkpointed saves what is marked: here saving is a matter of course once a job has run.
func (d *toy) Checkpointed(_ context.Context, held []dstream.Held) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, len(held))
	for i, h := range held {
		p := d.marked[h.Token]
		f, err := d.fs.Create(p, false)
		if err == nil {
			err = json.NewEncoder(f).Encode(d.rdds[h.Token])
			if err == nil {
				err = f.Sync()
			}
			f.Close()
		}
		if err == nil {
			err = d.fs.SyncDir(path.Dir(p))
		}
		if err == nil {
			out[i] = p
		}
	}
	return out, nil
}

func (d *toy) Forget(dropped []dstream.Dropped) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range dropped {
		if _, ok := d.rdds[x.Token]; !ok {
			panic(fmt.Sprintf("RDD %d is forgotten twice", x.Token))
		}
		delete(d.rdds, x.Token)
	}
}

func (d *toy) Output(ctx context.Context, lane int, o *dstream.Output) error {
	what := fmt.Sprintf("%d#%d", o.Time, o.Index)
	if err := d.raised(what); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outputs = append(d.outputs, what+": "+d.rdd(o.Token).String())
	return nil
}

func (d *toy) Event(_ context.Context, e *dstream.Event) {
	text, _ := json.Marshal(e.JSON)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.raw = append(d.raw, e)
	d.events = append(d.events, e.Name+" "+string(text))
}

func (d *toy) Warn(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.warnings = append(d.warnings, text)
}

func (d *toy) seen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.outputs...)
}

func (d *toy) warned(part string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.warnings {
		if strings.Contains(w, part) {
			return true
		}
	}
	return false
}

// rig is a context on a manual clock that stands at 900 ms, with batches of a second.
type rig struct {
	*dstream.Context
	t     *testing.T
	clock *clock.Manual
	toy   *toy
	fs    vfs.FS
	conf  map[string]string
	reg   *dstream.Registry
	wall  *clock.Manual
	made  func(*dstream.Config)
}

func newRig(t *testing.T, settings map[string]string, options ...func(*dstream.Config)) *rig {
	t.Helper()
	r := &rig{t: t, clock: clock.NewManual(time.UnixMilli(900)), wall: clock.NewManual(time.UnixMilli(0)), conf: settings, reg: &dstream.Registry{}}
	fs := vfs.NewMemory()
	if err := fs.MkdirAll("/in"); err != nil {
		t.Fatal(err)
	}
	r.fs = fs
	for _, o := range options {
		r.made = o
	}
	r.open(nil)
	return r
}

func (r *rig) config() dstream.Config {
	settings, err := conf.New(r.conf, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	c := dstream.Config{Batch: 1000, Clock: r.clock, FS: r.fs, Conf: settings, Driver: r.toy, Registry: r.reg, Wall: r.wall}
	if r.made != nil {
		r.made(&c)
	}
	return c
}

// open makes a context, or one that goes on from an image, with a driver of its own.
func (r *rig) open(i *dstream.Image) {
	r.t.Helper()
	r.toy = newToy(r.fs)
	var err error
	if i == nil {
		r.Context, err = dstream.New(r.config())
	} else {
		r.Context, err = dstream.Recover(r.config(), i)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	c := r.Context
	r.toy.block = c.Block
	r.t.Cleanup(func() { c.Kill(); <-c.Done() })
}

func (r *rig) node(s dstream.Spec) int {
	r.t.Helper()
	id, _, _, err := r.Node(s)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *rig) out(node int) {
	r.t.Helper()
	if _, err := r.Output(dstream.OutputSpec{Node: node, Name: "pprint at script.py:1", Description: "script.py:1"}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) begin() {
	r.t.Helper()
	if _, err := r.Start(dstream.Begin{Functions: []byte("pickle"), Conf: map[string]string{"spark.app.name": "toy"}}); err != nil {
		r.t.Fatal(err)
	}
}

// to moves the clock to a time in milliseconds and waits until all that is due has run.
func (r *rig) to(ms int64) {
	r.clock.Advance(time.UnixMilli(ms).Sub(r.clock.Now()))
	r.Settle(nil)
}

// file puts a file whose time is the clock's.
func (r *rig) file(name, text string) { r.fileAt(name, text, r.clock.Now()) }

func (r *rig) fileAt(name, text string, at time.Time) {
	r.t.Helper()
	f, err := r.fs.Create("/in/"+name, false)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		r.t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close(), r.fs.SyncDir("/in")); err != nil {
		r.t.Fatal(err)
	}
	if m, ok := r.fs.(*vfs.Memory); ok {
		m.Touch("/in/"+name, at)
	}
}

func (r *rig) halt() {
	r.Kill()
	<-r.Done()
}

func (r *rig) wants(want ...string) {
	r.t.Helper()
	got := r.toy.seen()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		r.t.Fatalf("outputs\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

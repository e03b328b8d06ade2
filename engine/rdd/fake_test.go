package rdd_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"pysparkcompat/engine/rdd"
	"pysparkcompat/engine/vfs"
)

// fake is a Runner whose elements are numbers, a block being a JSON list of them and a line's end, and whose steps are Go functions by name.
type fake struct {
	fs    vfs.FS
	steps map[string]func(split int, inputs [][]int) []int
	// block is how many elements a block of results has.
	block int
	// before, after and between may end a run: at its begin, once it has done its work, and after each block of results.
	before, after func(t *rdd.Task, run int) error
	between       func(ctx context.Context, t *rdd.Task, blocks int) error

	mu     sync.Mutex
	runs   int
	counts map[string]int // runs by what they are of
	now    int
	most   int // tasks at once
}

func newFake(fs vfs.FS) *fake {
	return &fake{fs: fs, block: 2, counts: map[string]int{}, steps: map[string]func(int, [][]int) []int{
		"join": func(_ int, inputs [][]int) []int { return slices.Concat(inputs...) },
		"double": func(_ int, inputs [][]int) (out []int) {
			for _, n := range slices.Concat(inputs...) {
				out = append(out, 2*n)
			}
			return out
		},
	}}
}

func (f *fake) Run(ctx context.Context, t *rdd.Task, results func([]byte, int64) error) (*rdd.Done, error) {
	f.mu.Lock()
	f.runs++
	run := f.runs
	what := "result"
	if t.Shuffle != nil {
		what = fmt.Sprint("map ", t.Shuffle.ID)
	}
	f.counts[what]++
	f.now++
	f.most = max(f.most, f.now)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.now--
		f.mu.Unlock()
	}()
	if f.before != nil {
		if err := f.before(t, run); err != nil {
			return nil, err
		}
	}
	d, err := f.work(ctx, t, results)
	if err == nil && f.after != nil {
		err = f.after(t, run)
	}
	return d, err
}

// count is how many runs there were of something since the last call.
func (f *fake) count(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.counts[what]
	delete(f.counts, what)
	return n
}

func (f *fake) work(ctx context.Context, t *rdd.Task, results func([]byte, int64) error) (*rdd.Done, error) {
	e := &evaluation{f: f, t: t, done: &rdd.Done{Updates: [][]byte{fmt.Appendf(nil, "%d/%d", t.Stage, t.Partition)}}}
	elements, err := e.cell(t.Root)
	if err != nil {
		return nil, err
	}
	if t.Shuffle != nil {
		return e.done, e.write(elements)
	}
	if t.Folder != "" {
		return e.done, f.file(path.Join(t.Folder, fmt.Sprintf("part-%05d", t.Partition)), encode(elements))
	}
	skip := int(t.Skip)
	for blocks := 0; len(elements) > 0; {
		n := min(f.block, len(elements))
		if skip >= n {
			skip -= n
		} else {
			if err := results(encode(elements[:n]), int64(n)); err != nil {
				return nil, err
			}
			if blocks++; f.between != nil {
				if err := f.between(ctx, t, blocks); err != nil {
					return nil, err
				}
			}
		}
		elements = elements[n:]
	}
	return e.done, nil
}

func (f *fake) file(name string, body []byte) error {
	file, err := f.fs.Create(name, true)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(body)
	return err
}

type evaluation struct {
	f    *fake
	t    *rdd.Task
	done *rdd.Done
}

func (e *evaluation) cell(i int) ([]int, error) {
	c := e.t.Cells[i]
	if c.Ready {
		return e.read(c.Blocks)
	}
	var inputs [][]int
	for _, in := range c.Inputs {
		var part []int
		var err error
		if in.Cell >= 0 {
			part, err = e.cell(in.Cell)
		} else {
			part, err = e.read(in.Blocks)
		}
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, part)
	}
	if c.Payload != nil {
		part, err := e.read([]rdd.Data{*c.Payload})
		if err != nil || c.Node.Step == nil {
			return part, err
		}
		inputs = append(inputs, part)
	}
	out := e.f.steps[string(c.Node.Step)](c.Split, inputs)
	if c.Keep != (rdd.Level{}) {
		d, err := e.data(encode(out), fmt.Sprint("kept-", i), c.Keep.Memory && len(out) < 100)
		if err != nil {
			return nil, err
		}
		e.done.Kept = append(e.done.Kept, rdd.Kept{Node: c.Node.ID, Split: c.Split, Data: d})
	}
	return out, nil
}

func (e *evaluation) data(body []byte, name string, inline bool) (rdd.Data, error) {
	if inline {
		return rdd.Data{Bytes: body}, nil
	}
	name = e.t.Scratch + "-" + name
	return rdd.Data{Path: name, Length: int64(len(body))}, e.f.file(name, body)
}

// write puts each number into the partition that it is modulo their number.
func (e *evaluation) write(elements []int) (err error) {
	var body []byte
	e.done.Index = map[int][]rdd.Range{}
	for p := range e.t.Shuffle.Partitions {
		var mine []int
		for _, n := range elements {
			if n%e.t.Shuffle.Partitions == p {
				mine = append(mine, n)
			}
		}
		block := encode(mine)
		e.done.Index[p] = []rdd.Range{{Offset: int64(len(body)), Length: int64(len(block))}}
		body = append(body, block...)
	}
	e.done.Output, err = e.data(body, "map", int64(len(body)) <= e.t.Inline)
	return err
}

func (e *evaluation) read(blocks []rdd.Data) (out []int, err error) {
	for _, d := range blocks {
		body := d.Bytes
		if d.Path != "" {
			if body, err = e.f.load(d); err != nil {
				return nil, &rdd.Lost{Path: d.Path, Reason: err.Error()}
			}
		}
		var part []int
		if err := json.Unmarshal(body, &part); err != nil {
			return nil, &rdd.Lost{Path: d.Path, Reason: err.Error()}
		}
		out = append(out, part...)
	}
	return out, nil
}

func (f *fake) load(d rdd.Data) ([]byte, error) {
	file, err := f.fs.Open(d.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if d.Length < 0 {
		return io.ReadAll(file)
	}
	body := make([]byte, d.Length)
	if n, err := file.ReadAt(body, d.Offset); int64(n) < d.Length {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return body, nil
}

func encode(elements []int) []byte {
	if elements == nil {
		elements = []int{}
	}
	body, _ := json.Marshal(elements) // numbers
	return body
}

// rig is a scheduler over a fake.
type rig struct {
	t      *testing.T
	fs     vfs.FS
	runner *fake
	s      *rdd.Scheduler
	ids    int64
}

func newRig(t *testing.T, change ...func(*rdd.Options)) *rig {
	t.Helper()
	o := rdd.Options{FS: vfs.NewMemory(), Slots: 3, Memory: 1 << 20, Local: "/local", Failures: 1}
	for _, c := range change {
		c(&o)
	}
	r := &rig{t: t, fs: o.FS, runner: newFake(o.FS)}
	o.Runner = r.runner
	r.s = rdd.New(o)
	t.Cleanup(r.s.Close)
	return r
}

func (r *rig) node(n *rdd.Node) *rdd.Node {
	r.t.Helper()
	r.ids++
	n.ID = r.ids
	if err := r.s.Define(n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

// source has the numbers below size, in so many partitions.
func (r *rig) source(size, partitions int) *rdd.Node {
	n := &rdd.Node{Partitions: partitions, Payloads: make([]rdd.Data, partitions)}
	for p := range partitions {
		var part []int
		for i := p * size / partitions; i < (p+1)*size/partitions; i++ {
			part = append(part, i)
		}
		n.Payloads[p].Bytes = encode(part)
	}
	return r.node(n)
}

func (r *rig) mapped(of *rdd.Node, step string) *rdd.Node {
	return r.node(&rdd.Node{Partitions: of.Partitions, Step: []byte(step), Parents: []rdd.Parent{{Node: of}}})
}

func (r *rig) shuffled(of *rdd.Node, partitions int) *rdd.Node {
	r.ids++
	sh := r.s.Exchange(r.ids, of, nil, partitions)
	return r.node(&rdd.Node{Partitions: partitions, Step: []byte("join"), Parents: []rdd.Parent{{Shuffle: sh}}})
}

func all(n *rdd.Node) []int {
	out := make([]int, n.Partitions)
	for i := range out {
		out[i] = i
	}
	return out
}

func (r *rig) start(n *rdd.Node, partitions ...int) *rdd.Job {
	r.t.Helper()
	if partitions == nil {
		partitions = all(n)
	}
	j, err := r.s.Run(rdd.Spec{Node: n.ID, Partitions: partitions})
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

// drain reads a job's results to its end.
func drain(j *rdd.Job, partitions int) ([][]int, error) {
	out := make([][]int, partitions)
	ends := 0
	for {
		results, over, err := j.Next(time.Second)
		for _, x := range results {
			if x.End {
				ends++
				continue
			}
			var part []int
			if err := json.Unmarshal(x.Block, &part); err != nil {
				return nil, err
			}
			out[x.Index] = append(out[x.Index], part...)
		}
		if over {
			if err == nil && ends != partitions {
				err = fmt.Errorf("%d partitions ended, not %d", ends, partitions)
			}
			return out, err
		}
	}
}

func (r *rig) collect(n *rdd.Node) ([]int, error) {
	r.t.Helper()
	parts, err := drain(r.start(n), n.Partitions)
	return slices.Concat(parts...), err
}

func (r *rig) want(n *rdd.Node, want ...int) {
	r.t.Helper()
	got, err := r.collect(n)
	if err != nil || !slices.Equal(got, want) {
		r.t.Fatalf("got %v, %v, want %v", got, err, want)
	}
}

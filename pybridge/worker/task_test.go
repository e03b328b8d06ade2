package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
	"pysparkcompat/engine/udf"
	"pysparkcompat/engine/vfs"
)

// jobs is a scheduler whose tasks run in a pool's workers. Steps are source text; job results are the text of each
// partition's elements.
type jobs struct {
	t      *testing.T
	pool   *Pool
	s      *rdd.Scheduler
	folder string
	ids    int64
}

func newJobs(t *testing.T, p *Pool, change ...func(*rdd.Options)) *jobs {
	t.Helper()
	o := rdd.Options{Runner: p, FS: vfs.OS{}, Slots: 2, Memory: 8 << 20, Local: t.TempDir(), Failures: 1}
	for _, c := range change {
		c(&o)
	}
	j := &jobs{t: t, pool: p, s: rdd.New(o), folder: o.Local}
	t.Cleanup(j.s.Close)
	return j
}

func (j *jobs) node(partitions int, source string, parents ...rdd.Parent) *rdd.Node {
	j.t.Helper()
	j.ids++
	n := &rdd.Node{ID: j.ids, Partitions: partitions, Step: pickle(j.t, source), Parents: parents}
	if err := j.s.Define(n); err != nil {
		j.t.Fatal(err)
	}
	return n
}

// numbers is a source: the numbers below size, a part of them in each partition.
func (j *jobs) numbers(size, partitions int) *rdd.Node {
	return j.node(partitions, fmt.Sprintf("def step(split, inputs): return range(split * %[1]d // %[2]d, (split + 1) * %[1]d // %[2]d)", size, partitions))
}

const (
	same   = "def step(split, inputs): return inputs[0]()"
	modulo = `
import pickle
def step(split, elements):
    parts = {}
    for x in elements:
        parts.setdefault(x % 2, []).append(x)
    for p, xs in parts.items():
        yield p, pickle.dumps(xs)
`
	shown = "def step(split, elements): yield repr(sorted(elements)).encode()"
)

func (j *jobs) shuffled(of *rdd.Node, writer string) *rdd.Node {
	j.ids++
	return j.node(2, same, rdd.Parent{Shuffle: j.s.Exchange(j.ids, of, pickle(j.t, writer), 2)})
}

func (j *jobs) start(n *rdd.Node, function string) *rdd.Job {
	j.t.Helper()
	spec := rdd.Spec{Node: n.ID, Function: pickle(j.t, function), Raw: true}
	for p := range n.Partitions {
		spec.Partitions = append(spec.Partitions, p)
	}
	job, err := j.s.Run(spec)
	if err != nil {
		j.t.Fatal(err)
	}
	return job
}

func (j *jobs) run(n *rdd.Node, function string) ([]string, error) {
	j.t.Helper()
	return results(j.start(n, function), n.Partitions)
}

func results(job *rdd.Job, partitions int) ([]string, error) {
	out := make([]string, partitions)
	for {
		list, over, err := job.Next(time.Second)
		for _, r := range list {
			out[r.Index] += string(r.Block)
		}
		if over {
			return out, err
		}
	}
}

func (j *jobs) want(n *rdd.Node, want ...string) {
	j.t.Helper()
	got, err := j.run(n, shown)
	if err != nil || !slices.Equal(got, want) {
		j.t.Fatalf("%q, %v, want %q", got, err, want)
	}
}

func TestTasks(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		j := newJobs(t, p)
		n := j.shuffled(j.node(3, "def step(split, inputs): return (x + 1 for x in inputs[0]())", rdd.Parent{Node: j.numbers(9, 3)}), modulo)
		j.want(n, "[2, 4, 6, 8]", "[1, 3, 5, 7, 9]")
		j.want(n, "[2, 4, 6, 8]", "[1, 3, 5, 7, 9]")
	})
}

// Where a task's user code may die: in a source, a narrow step, a map side, a persisted step, a reduce side, between
// results.
func TestTasksSurviveTheirWorkers(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		for name, place := range map[string]int{"source": 0, "step": 1, "writer": 2, "persisted": 3, "reducer": 4, "results": 5} {
			for _, times := range []int{1, 3} {
				t.Run(fmt.Sprint(name, times), func(t *testing.T) {
					j := newJobs(t, p)
					die := func(at int, source string) string {
						if at != place {
							return "def die(): pass\n" + source
						}
						return dying(t, times, kill9) + source
					}
					source := j.node(2, die(0, "def step(split, inputs):\n    for x in range(4 * split, 4 * split + 4):\n        if x == 5: die()\n        yield x"))
					narrow := j.node(2, die(1, "def step(split, inputs):\n    for x in inputs[0]():\n        if x == 5: die()\n        yield x"), rdd.Parent{Node: source})
					kept := j.node(2, die(3, "def step(split, inputs):\n    for x in inputs[0]():\n        if x == 5: die()\n        yield x"), rdd.Parent{Node: narrow})
					j.s.Persist(kept.ID, rdd.Level{Memory: true}) //nolint:errcheck // it was just defined
					shuffled := j.shuffled(kept, die(2, modulo+"\n    die()"))
					n := j.node(2, die(4, "def step(split, inputs):\n    for x in inputs[0]():\n        if x == 5: die()\n        yield x"), rdd.Parent{Node: shuffled})
					got, err := j.run(n, die(5, "def step(split, elements):\n    for x in elements:\n        yield f'{x} '.encode()\n        if x == 5: die()"))
					if err != nil || got[0] != "0 2 4 6 " || got[1] != "1 3 5 7 " {
						t.Errorf("%q, %v", got, err)
					}
				})
			}
		}
	})
}

func TestATaskWhoseWorkersAllDie(t *testing.T) {
	j := newJobs(t, newPool(t, config(t)))
	_, err := j.run(j.node(1, dying(t, 99, kill9)+"def step(split, inputs): die()"), shown)
	e := errs.As(err)
	if e == nil || e.Class != errs.Py4J || !strings.Contains(e.Error(), "SIGKILL") || !strings.Contains(e.Error(), "failed 4 times") {
		t.Errorf("%v", err)
	}
}

func TestErrorsOfTasks(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		j := newJobs(t, p)
		for source, want := range map[string]string{
			"def step(split, inputs):\n    return [1 / 0]":                      "ZeroDivisionError: division by zero",
			"import sys\ndef step(split, inputs):\n    sys.exit(3)":             "SystemExit: 3",
			"def step(split, inputs):\n    return 7":                            "'int' object is not iterable",
			"def step(split, inputs):\n    yield 1\n    raise KeyError('gone')": "KeyError: 'gone'",
		} {
			_, err := j.run(j.node(1, source), shown)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Task 0 in stage") {
				t.Errorf("%s: %v", source, err)
			}
			if strings.Contains(err.Error(), "tasks.py") {
				t.Errorf("a frame of ours is shown: %v", err)
			}
		}
		j.want(j.numbers(4, 2), "[0, 1]", "[2, 3]")
	})
}

func TestCancellingEndlessTasks(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		j := newJobs(t, p)
		file := filepath.Join(t.TempDir(), "started")
		n := j.node(2, fmt.Sprintf("def step(split, inputs):\n    open(%q + str(split), 'w').close()\n    while True: pass", file))
		job := j.start(n, shown)
		for deadline := time.Now().Add(time.Minute); ; {
			_, a := os.Stat(file + "0")
			_, b := os.Stat(file + "1")
			if a == nil && b == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("it does not start")
			}
			job.Next(time.Millisecond) //nolint:errcheck // it has no results
		}
		job.Cancel(errs.New(errs.Unnamed+"JOB_CANCELLED", "id", "0", "reason", "by a test"))
		if _, err := results(job, 2); err == nil || !strings.Contains(err.Error(), "by a test") {
			t.Errorf("%v", err)
		}
		j.want(j.numbers(4, 2), "[0, 1]", "[2, 3]")
	})
}

func TestIdleWorkersThatDieAreNoAttempt(t *testing.T) {
	p := newPool(t, config(t))
	j := newJobs(t, p)
	n := j.numbers(4, 2)
	for range 6 {
		j.want(n, "[0, 1]", "[2, 3]")
		for _, pid := range p.PIDs() {
			syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it may be gone
		}
	}
}

// Large outputs go to files, and a file that is cut off or gone is written again.
func TestMapOutputsInFiles(t *testing.T) {
	j := newJobs(t, newPool(t, config(t)))
	big := strings.Replace(modulo, "pickle.dumps(xs)", "pickle.dumps(xs) + pickle.dumps([10**700] * 200000)", 1)
	n := j.shuffled(j.numbers(4, 2), big)
	small := "def step(split, elements): yield repr(sorted(x for x in elements if x < 100)).encode()"
	for damage := range 3 {
		if got, err := j.run(n, small); err != nil || got[0] != "[0, 2]" || got[1] != "[1, 3]" {
			t.Fatalf("%q, %v", got, err)
		}
		files, err := filepath.Glob(filepath.Join(j.folder, "*", "*-map"))
		if err != nil || len(files) != 2 {
			t.Fatalf("%v, %v", files, err)
		}
		switch damage {
		case 0:
			err = os.Remove(files[0])
		case 1:
			err = os.Truncate(files[1], 100)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPersistedPartitionsAreReadBack(t *testing.T) {
	for _, level := range []rdd.Level{{Memory: true}, {Memory: true, Disk: true}, {Disk: true}} {
		j := newJobs(t, newPool(t, config(t)))
		file := filepath.Join(t.TempDir(), "computed")
		n := j.node(2, fmt.Sprintf("def step(split, inputs):\n    open(%q, 'a').write('x')\n    return iter([split, [split]])", file))
		if err := j.s.Persist(n.ID, level); err != nil {
			t.Fatal(err)
		}
		twice := j.node(2, "def step(split, inputs): return list(inputs[0]()) + list(inputs[0]())", rdd.Parent{Node: n})
		for range 2 {
			got, err := j.run(twice, "def step(split, elements): yield repr(list(elements)).encode()")
			if err != nil || got[1] != "[1, [1], 1, [1]]" {
				t.Fatalf("%q, %v", got, err)
			}
		}
		if body, err := os.ReadFile(file); err != nil || string(body) != "xx" {
			t.Errorf("%v: computed %q, %v", level, body, err)
		}
	}
}

func TestBarriersOfWorkers(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		j := newJobs(t, p)
		j.ids++
		n := &rdd.Node{ID: j.ids, Partitions: 2, Barrier: true, Step: pickle(t, `
def step(split, inputs):
    from pyspark_compat_worker import tasks
    for turn in range(3):
        yield tasks.current.meet("gather", f"{split}-{turn}")
`)}
		if err := j.s.Define(n); err != nil {
			t.Fatal(err)
		}
		want := "[['0-0', '1-0'], ['0-1', '1-1'], ['0-2', '1-2']]"
		j.want(n, want, want)
	})
}

func TestUpdatesOfTasksCountOnce(t *testing.T) {
	j := newJobs(t, newPool(t, config(t)))
	n := j.node(2, dying(t, 2, kill9)+`
def step(split, inputs):
    from pyspark_compat_worker import accumulators
    accumulators.Accumulator(7, 0, accumulators.INT_ACCUMULATOR_PARAM).add(1)
    yield split
    die()
`)
	j.want(n, "[0]", "[1]")
	if got := j.s.Drain(); len(got) != 2 {
		t.Errorf("%d updates", len(got))
	}
}

// Functions of plans report too, once a run that came to its end.
func TestUpdatesOfRunsCountOnce(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		spec := one(t, udf.MapArrow, "bigint", "bigint", dying(t, 1, kill9)+`
def f(batches):
    from pyspark_compat_worker import accumulators
    for b in batches:
        accumulators.Accumulator(7, 0, accumulators.INT_ACCUMULATOR_PARAM).add(b.num_rows)
        if 5 in b.column(0).to_pylist(): die()
        yield b
`)
		if _, err := run(limited(t), p, spec, threes()...); err != nil {
			t.Fatal(err)
		}
		if got := p.Drain(); len(got) != 1 {
			t.Errorf("%d updates", len(got))
		}
		if got := p.Drain(); len(got) != 0 {
			t.Errorf("%d updates again", len(got))
		}
	})
}

func BenchmarkTask(b *testing.B) {
	p := newPool(b, config(b))
	s := rdd.New(rdd.Options{Runner: p, FS: vfs.OS{}, Slots: 1, Memory: 8 << 20, Local: b.TempDir(), Failures: 1})
	defer s.Close()
	n := &rdd.Node{ID: 1, Partitions: 1, Step: pickle(b, "def step(split, inputs): return iter([split])")}
	if err := s.Define(n); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		job, err := s.Run(rdd.Spec{Node: 1, Partitions: []int{0}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := results(job, 1); err != nil {
			b.Fatal(err)
		}
	}
}

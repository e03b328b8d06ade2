package worker

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

func TestBigBatches(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		const size = 13_000_000 // 104 MB
		rows, total, err := sum(limited(t), p, one(t, udf.MapArrow, "bigint", "bigint", "f = lambda it: it"), 3, func(int) arrow.RecordBatch { return longs(0, size) })
		// the function sees 10,000 rows at once, and so much comes back
		if err != nil || rows != 3*size || total != 3*(int64(size)*(size-1)/2) {
			t.Errorf("%d rows, sum %d, %v", rows, total, err)
		}
		spec := one(t, udf.ScalarArrow, "bigint", "bigint", "f = lambda x: x")
		rows, _, err = sum(limited(t), p, spec, 2, func(int) arrow.RecordBatch { return longs(0, size) })
		if err != nil || rows != 2*size {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

func TestManyBatches(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		const batches = 5000
		rows, total, err := sum(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), batches, func(n int) arrow.RecordBatch { return longs(n, 1) })
		if err != nil || rows != batches || total != batches*(batches-1)/2 {
			t.Errorf("%d rows, sum %d, %v", rows, total, err)
		}
	})
}

// Columns that are slices of longer ones, with nulls, go and come as they are.
func TestSlices(t *testing.T) {
	p := newPool(t, config(t))
	in := structType(t, "a", "string", "b", "boolean", "c", "array<int>", "x", "bigint")
	whole := rows(t, in, `[{"a":"p","b":true,"c":[1,2],"x":1},{"a":null,"b":null,"c":null,"x":null},{"a":"qq","b":false,"c":[null],"x":3},{"a":"r","b":true,"c":[],"x":4}]`)
	defer whole.Release()
	spec := one(t, udf.MapArrow, "bigint", "bigint", "f = lambda it: it")
	spec.Input, spec.Output = in, in
	for from := range 4 {
		for to := from + 1; to <= 4; to++ {
			part := whole.NewSlice(int64(from), int64(to))
			part.Retain()
			got, err := run(limited(t), p, spec, part)
			if err != nil || flat(got) != flat([]string{texts(part)}) {
				t.Errorf("%d to %d: got %s %v", from, to, flat(got), err)
			}
			part.Release()
		}
	}
}

// Both sides have much to send before they take anything: neither waits for the other for good.
func TestNoDeadlock(t *testing.T) {
	const lots = 3_000_000 // 24 MB
	sources := map[string]string{
		"gives before it takes": "import pyarrow as pa\ndef f(it):\n  big = pa.record_batch([pa.array(range(3_000_000))], names=['y'])\n  for n in range(4): yield big\n  for b in it: pass",
		"gives much for each":   "def f(it):\n  for b in it:\n    for n in range(4): yield b",
		"takes all first":       "def f(it):\n  for b in list(it): yield b",
	}
	both(t, func(t *testing.T, p *Pool) {
		for name, source := range sources {
			t.Run(name, func(t *testing.T) {
				ctx := limited(t)
				spec := one(t, udf.MapArrow, "bigint", "bigint", source)
				spec.Conf = map[string]string{"spark.sql.execution.arrow.maxRecordsPerBatch": "0"}
				i, err := p.Open(ctx, spec)
				if err != nil {
					t.Fatal(err)
				}
				defer i.Close()
				b := longs(0, lots)
				defer b.Release()
				for range 6 { // nothing is received meanwhile
					if err := i.Send(ctx, b); err != nil {
						t.Fatal(err)
					}
				}
				if err := i.Finish(ctx); err != nil {
					t.Fatal(err)
				}
				n := 0
				for {
					r, err := i.Receive(ctx, true)
					if err != nil {
						t.Fatal(err)
					}
					if r == nil {
						break
					}
					r.Release()
					n++
				}
				if want := map[string]int{"gives before it takes": 4, "gives much for each": 24, "takes all first": 6}[name]; n != want {
					t.Errorf("%d batches, want %d", n, want)
				}
			})
		}
	})
}

// A worker that gives much waits for its caller; so does a caller that sends much.
func TestBackPressure(t *testing.T) {
	p, ctx := newPool(t, config(t)), limited(t)
	spec := one(t, udf.MapArrow, "bigint", "bigint", "def f(it):\n  for b in it:\n    for n in range(200): yield b")
	spec.Conf = map[string]string{"spark.sql.execution.arrow.maxRecordsPerBatch": "0"}
	opened, err := p.Open(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	i := opened.(*instance)
	defer i.Close()
	b := longs(0, 1<<17) // a megabyte
	defer b.Release()
	got := 0
	for range 10 {
		if err := i.Send(ctx, b); err != nil {
			t.Fatal(err)
		}
		for {
			r, err := i.Receive(ctx, false)
			if err != nil {
				t.Fatal(err)
			}
			if r == nil {
				break
			}
			r.Release()
			got++
			i.link.mu.Lock()
			held, under := i.link.unread, i.link.sent-i.link.taken
			i.link.mu.Unlock()
			if held > unread+2<<20 || under > ahead+1 {
				t.Fatalf("%d bytes of results and %d batches are held", held, under)
			}
		}
	}
	if got < 5*200 {
		t.Errorf("only %d results had been taken when the tenth batch was sent", got)
	}
}

// Two runs at once have a worker each; one that is slow does not hold up the other.
func TestSlowBesideFast(t *testing.T) {
	p, ctx := newPool(t, config(t)), limited(t)
	slow := sent(t, ctx, p, "import time\nf = lambda x: time.sleep(1000)")
	var w sync.WaitGroup
	for n := range 8 {
		w.Go(func() {
			got, err := run(ctx, p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(n, 1))
			if err != nil || len(got) != 1 {
				t.Errorf("got %s %v", flat(got), err)
			}
		})
	}
	w.Wait()
	if r, err := slow.Receive(ctx, false); r != nil || err != nil {
		t.Errorf("the slow one gave %v %v", r, err)
	}
}

// Clean runs use a worker again; what its earlier runs' contexts do is no matter to it.
func TestReuse(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x")
	var first []int
	for n := range 5 {
		ctx, cancel := context.WithCancel(limited(t))
		if _, err := run(ctx, p, spec, longs(n, 1)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if n == 0 {
			first = p.PIDs()
		}
		if now := p.PIDs(); len(now) != 1 || !slices.Equal(now, first) {
			t.Errorf("workers %v, at first %v", now, first)
		}
	}
}

// A run that is closed before its end takes its worker with it.
func TestCloseEarly(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		ctx := limited(t)
		for name, steps := range map[string]func(udf.Instance) error{
			"at once":  func(udf.Instance) error { return nil },
			"sent":     func(i udf.Instance) error { b := longs(0, 1000); defer b.Release(); return i.Send(ctx, b) },
			"finished": func(i udf.Instance) error { return i.Finish(ctx) },
			"results left": func(i udf.Instance) error {
				b := longs(0, 1000)
				defer b.Release()
				if err := i.Send(ctx, b); err != nil {
					return err
				}
				return i.Finish(ctx)
			},
		} {
			i, err := p.Open(ctx, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"))
			if err != nil {
				t.Fatal(err)
			}
			pids := p.PIDs()
			if err := steps(i); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := i.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, pid := range pids {
				gone(t, pid, time.Second)
			}
			if err := i.Close(); err != nil {
				t.Errorf("%s: closed twice: %v", name, err)
			}
		}
	})
}

// Closing the pool ends runs that are open, and those that wait for a worker, with an error.
func TestPoolClose(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		ctx := limited(t)
		i := sent(t, ctx, p, "import time\nf = lambda x: time.sleep(1000)")
		pids := p.PIDs()
		var w sync.WaitGroup
		w.Go(p.Close)
		w.Go(p.Close)
		if _, err := i.Receive(ctx, true); errs.As(err) == nil || errs.As(err).Name == "INTERNAL_ERROR" {
			t.Errorf("got %v", err)
		}
		w.Wait()
		for _, pid := range pids {
			gone(t, pid, time.Second)
		}
		if _, err := p.Open(ctx, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x")); err == nil {
			t.Error("a closed pool opens")
		}
	})
}

// A pool may be closed while its launcher starts.
func TestPoolCloseWhileStarting(t *testing.T) {
	p := newPool(t, config(t))
	p.Warm()
	done := make(chan error, 1)
	spec := udf.Spec{Kind: udf.Scalar, Output: structType(t)}
	go func() {
		_, err := p.Open(limited(t), spec)
		done <- err
	}()
	p.Close()
	if err := <-done; err == nil {
		t.Error("a closed pool opens")
	}
}

// Who stops waiting for a worker gets his context's error at once; the worker is there for the next.
func TestOpenCancelled(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Open(ctx, spec); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if _, err := run(limited(t), p, spec, longs(0, 1)); err != nil {
		t.Error(err)
	}
}

// Prints go to standard error, whatever stream they are meant for; so do those of processes the function starts.
func TestPrints(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := config(t)
	c.Stderr = file
	p := newPool(t, c)
	source := "import os, sys\ndef f(x):\n  print('printed', x)\n  print('to stderr', file=sys.stderr)\n  os.system('echo from a shell')\n  sys.stdout.close()\n  return len(sys.stdin.read())"
	got, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", source), longs(7, 1))
	if err != nil || flat(got) != `{"y":0}` {
		t.Fatalf("got %s %v", flat(got), err)
	}
	text, _ := os.ReadFile(file.Name())
	for _, want := range []string{"printed 7\n", "to stderr\n", "from a shell\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

// The driver's sys.path and working directory are the workers', and the set-up function has run.
func TestPathAndFolder(t *testing.T) {
	c := config(t)
	beside := t.TempDir()
	if err := os.WriteFile(filepath.Join(beside, "neighbour.py"), []byte("import sys\ndone = []\ndef g(x): return x * 3\ndef go(): done.append(1)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// a file of the working directory must not stand before the standard library
	if err := os.WriteFile(filepath.Join(c.Dir, "json.py"), []byte("raise ImportError('the wrong json')"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Path, c.Setup = append([]string{beside}, paths(t)...), "neighbour:go"
	p := newPool(t, c)
	source := "import os\ndef f(x):\n  import neighbour\n  return f'{neighbour.g(x)} {len(neighbour.done)} {os.path.realpath(os.getcwd())}'"
	got, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "string", source), longs(2, 1))
	dir, _ := filepath.EvalSymlinks(c.Dir)
	if want := `{"y":"6 1 ` + dir + `"}`; err != nil || flat(got) != want {
		t.Errorf("got %s %v, want %s", flat(got), err, want)
	}
}

// Nothing of a pool is left in the folder of temporary files, however long that folder's name is.
func TestNoFolderLeft(t *testing.T) {
	for _, name := range []string{"short", strings.Repeat("long", 30)} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", dir)
			p := newPool(t, config(t))
			if _, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(0, 1)); err != nil {
				t.Fatal(err)
			}
			folder := p.base.server.dir
			if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v %v", info, err)
			}
			p.Close()
			if _, err := os.Stat(folder); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", folder, err)
			}
		})
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// Results of another layout than declared are refused, not misread.
func TestForeignSchema(t *testing.T) {
	d := &decoder{want: arrow.NewSchema([]arrow.Field{{Name: "y", Type: arrow.BinaryTypes.String}}, nil)}
	defer d.close()
	sink := &collected{}
	b := longs(0, 1)
	defer b.Release()
	if err := newEncoder(sink, b.Schema(), checked(t)).write(b); err != nil {
		t.Fatal(err)
	}
	d.mem = checked(t)
	if err := d.schema(sink.frame(0)); err == nil || !strings.Contains(err.Error(), "int64, not utf8") {
		t.Errorf("got %v", err)
	}
	for _, broken := range []string{"", "short", "\xff\xff\xff\xff\xff\xff\xff\x7f", strings.Repeat("x", 100)} {
		if err := d.schema(memoryOf(broken)); err == nil {
			t.Errorf("%q is taken for a schema", broken)
		}
	}
}

// collected keeps the frames of an encoder.
type collected struct{ bodies []string }

func (c *collected) write(_ byte, parts ...[]byte) error {
	c.bodies = append(c.bodies, string(slices.Concat(parts...)))
	return nil
}

func (c *collected) frame(n int) *memory.Buffer { return memoryOf(c.bodies[n]) }

func memoryOf(s string) *memory.Buffer { return memory.NewBufferBytes([]byte(s)) }

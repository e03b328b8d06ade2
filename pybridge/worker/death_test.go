package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sys/unix"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// dying is source text that kills its own process a number of times, counted by files in a folder.
func dying(t *testing.T, times int, how string) string {
	return fmt.Sprintf(`
import os, signal
folder = %q
def die():
    n = len(os.listdir(folder))
    if n < %d:
        open(folder + f"/{n}", "w").close()
        %s
`, t.TempDir(), times, how)
}

const kill9 = "os.kill(os.getpid(), signal.SIGKILL)"

// deadly functions die at the row or batch that has the value 5 in it.
var deadly = map[string]struct {
	kind   udf.Kind
	source string
}{
	"scalar":  {udf.Scalar, "def f(x):\n    if x == 5: die()\n    return x"},
	"pandas":  {udf.ScalarPandas, "def f(x):\n    if 5 in set(x): die()\n    return x"},
	"map":     {udf.MapArrow, "def f(it):\n    for b in it:\n        if 5 in b.column(0).to_pylist(): die()\n        yield b"},
	"iter":    {udf.ScalarPandasIter, "def f(it):\n    for x in it:\n        if 5 in set(x): die()\n        yield x"},
	"map all": {udf.MapArrow, "def f(it):\n    for b in it:\n        yield b.slice(0, 1)\n        if 5 in b.column(0).to_pylist(): die()\n        yield b.slice(1)"},
	"at end":  {udf.MapArrow, "def f(it):\n    for b in it: yield b\n    die()"},
}

func threes() []arrow.RecordBatch {
	return []arrow.RecordBatch{longs(0, 3), longs(3, 3), longs(6, 3), longs(9, 3)}
}

// A worker that dies in the middle of a batch loses nothing and doubles nothing.
func TestDeathLosesNothing(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		for name, d := range deadly {
			for _, times := range []int{1, attempts - 1} {
				t.Run(fmt.Sprint(name, times), func(t *testing.T) {
					got, err := run(limited(t), p, one(t, d.kind, "bigint", "bigint", dying(t, times, kill9)+d.source), threes()...)
					var want strings.Builder
					for n := range 12 {
						fmt.Fprintf(&want, `{"y":%d}`, n)
					}
					if err != nil || strings.ReplaceAll(flat(got), "|", "") != want.String() {
						t.Errorf("got %s %v", flat(got), err)
					}
				})
			}
		}
	})
}

// One that dies each time ends its run with a condition that says how.
func TestDeathAgainAndAgain(t *testing.T) {
	p := newPool(t, config(t))
	for how, want := range map[string]string{kill9: "it was killed by SIGKILL", "os._exit(7)": "it exited with status 7", "os.abort()": "it was killed by SIGABRT"} {
		for name, d := range deadly {
			t.Run(name+" "+how, func(t *testing.T) {
				_, err := run(limited(t), p, one(t, d.kind, "bigint", "bigint", dying(t, 1000, how)+d.source), threes()...)
				if e := errs.As(err); e == nil || e.Name != "PYTHON_WORKER_DIED" || !strings.Contains(e.Error(), want) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// Workers killed from outside, again and again, while many batches are under way.
func TestKilledFromOutside(t *testing.T) {
	sources := map[udf.Kind]string{udf.Scalar: "f = lambda x: x + 1", udf.MapArrow: "import pyarrow.compute as pc, pyarrow as pa\ndef f(it):\n  for b in it: yield pa.record_batch([pc.add(b.column(0), 1)], names=['y'])"}
	const batches, size = 600, 1000
	both(t, func(t *testing.T, p *Pool) {
		for kind, source := range sources {
			t.Run(kinds[kind], func(t *testing.T) {
				rows, total, err := sum(limited(t), p, one(t, kind, "bigint", "bigint", source), batches, func(n int) arrow.RecordBatch {
					if n == 100 || n == 300 || n == 301 {
						for _, pid := range p.PIDs() {
							syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it may be gone
						}
					}
					return longs(n*size, size)
				})
				const all = int64(batches * size)
				if err != nil || rows != all || total != all*(all+1)/2 {
					t.Errorf("%d rows, sum %d, %v", rows, total, err)
				}
			})
		}
	})
}

// What a map function was sent beyond what memory keeps is sent again from a file.
func TestReplayFromAFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	p := newPool(t, config(t))
	const batches, size = 100, 1 << 17 // a megabyte each
	source := dying(t, 2, kill9) + "def f(it):\n    n = 0\n    for b in it:\n        n += 1\n        if n == 90: die()\n        yield b"
	spec := one(t, udf.MapArrow, "bigint", "bigint", source)
	spec.Conf = map[string]string{"spark.sql.execution.arrow.maxRecordsPerBatch": "0"}
	rows, total, err := sum(limited(t), p, spec, batches, func(n int) arrow.RecordBatch { return longs(n*size, size) })
	const all = int64(batches * size)
	if err != nil || rows != all || total != all*(all-1)/2 {
		t.Errorf("%d rows, sum %d, %v", rows, total, err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "pyspark-compat-*")); len(left) != 1 {
		t.Errorf("files left: %v", left) // the sockets' folder is there until the pool closes
	}
}

// Where that file cannot be written, a run goes on as long as its worker lives, and is not wrong if it dies.
func TestReplayWithoutAFile(t *testing.T) {
	p := newPool(t, config(t))
	const batches, size = 80, 1 << 17
	batch := func(n int) arrow.RecordBatch { return longs(n*size, size) }
	for times, want := range []string{"", "no such file"} {
		source := dying(t, times, kill9) + "def f(it):\n    n = 0\n    for b in it:\n        n += 1\n        if n == 79: die()\n        yield b"
		spec := one(t, udf.MapArrow, "bigint", "bigint", source)
		spec.Conf = map[string]string{"spark.sql.execution.arrow.maxRecordsPerBatch": "0"}
		if _, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(0, 1)); err != nil {
			t.Fatal(err)
		}
		t.Setenv("TMPDIR", "/no/such/folder") // the pool has its own by now
		rows, _, err := sum(limited(t), p, spec, batches, batch)
		if want == "" && (err != nil || rows != batches*size) {
			t.Errorf("%d rows, %v", rows, err)
		}
		if e := errs.As(err); want != "" && (e == nil || e.Name != "PYTHON_WORKER_DIED" || !strings.Contains(e.Error(), want)) {
			t.Errorf("got %v", err)
		}
	}
}

// Workers that died while they were idle are nobody's loss, and count for nothing.
func TestIdleDeath(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x")
	for range attempts + 1 {
		if got, err := run(limited(t), p, spec, longs(1, 1)); err != nil || flat(got) != `{"y":1}` {
			t.Fatalf("got %s %v", flat(got), err)
		}
		for _, pid := range p.PIDs() {
			syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it is there
		}
	}
}

// A launcher that died takes its workers with it; another one takes its place.
func TestLauncherDeath(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x")
	for n := range 3 {
		if got, err := run(limited(t), p, spec, longs(1, 1)); err != nil || flat(got) != `{"y":1}` {
			t.Fatalf("run %d: got %s %v", n, flat(got), err)
		}
		pids := p.PIDs()
		p.mu.Lock()
		l := p.base.launcher
		p.mu.Unlock()
		l.kill()
		<-l.waited
		for _, pid := range pids {
			gone(t, pid, time.Second)
		}
	}
}

// gone waits for the end of a process.
func gone(t *testing.T, pid int, limit time.Duration) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	until := time.Now().Add(limit)
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(max(0, time.Until(until).Milliseconds())))
		if err == unix.EINTR {
			continue
		}
		if n == 0 {
			t.Errorf("process %d lives after %v", pid, limit)
		}
		return
	}
}

// alive says that a process is there and not a zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// User code that never returns is killed when its context ends; the pool serves on.
func TestEndlessCode(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		for name, source := range map[string]string{"loop": "def f(x):\n  while True: pass", "sleep": "import time\nf = lambda x: time.sleep(1000)",
			"deaf": "import time, signal\ndef f(x):\n  for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)\n  while True: pass"} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(limited(t))
				i := sent(t, ctx, p, source)
				pids := p.PIDs()
				cause := errs.Internal("the query was stopped")
				go cancel(cause)
				if _, err := i.Receive(ctx, true); err != cause {
					t.Errorf("got %v", err)
				}
				for _, pid := range pids {
					gone(t, pid, time.Second)
				}
			})
		}
		if got, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(1, 1)); err != nil || flat(got) != `{"y":1}` {
			t.Errorf("got %s %v", flat(got), err)
		}
	})
}

package worker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// interpreter finds a Python that has what workers need: $PYTHON, the project's environment, or one on the path.
var interpreter = sync.OnceValues(func() (string, error) {
	candidates := []string{os.Getenv("PYTHON"), "../../.venv/bin/python", "python3", "python"}
	var tried []string
	for _, c := range candidates {
		path, err := exec.LookPath(c)
		if c == "" || err != nil {
			continue
		}
		path, _ = filepath.Abs(path)
		out, err := exec.Command(path, "-c", "import pyarrow, grpc, cloudpickle, pandas").CombinedOutput()
		if err == nil {
			return path, nil
		}
		tried = append(tried, fmt.Sprintf("%s: %s", path, lastLine(string(out))))
	}
	return "", fmt.Errorf("no Python with pyarrow, grpcio, cloudpickle and pandas; set PYTHON to one. Tried: %s", strings.Join(tried, "; "))
})

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func python(t testing.TB) string {
	t.Helper()
	p, err := interpreter()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pickler is a Python process that pickles functions from source text.
var pickler struct {
	sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

const picklerSource = `
import base64, json, sys
sys.path[:0] = ["../..", "../../python"]
from pyspark_compat import _pickling
for line in sys.stdin:
    file = json.loads(line)
    space = {"__name__": "__main__"}
    exec(compile(open(file).read(), file, "exec"), space)
    print(base64.b64encode(_pickling.dumps(space["step"] if "step" in space else (space["f"],))).decode(), flush=True)
`

// pickle gives the pickle of the function f, in a tuple, or of step, that a source text defines, as a file that tracebacks can show.
func pickle(t testing.TB, source string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "user.py")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	pickler.Lock()
	defer pickler.Unlock()
	if pickler.in == nil {
		c := exec.Command(python(t), "-c", picklerSource)
		c.Stderr = os.Stderr
		pickler.in, _ = c.StdinPipe()
		out, _ := c.StdoutPipe()
		pickler.out = bufio.NewReader(out)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	line, _ := json.Marshal(file)
	fmt.Fprintf(pickler.in, "%s\n", line)
	reply, err := pickler.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the source does not pickle: %v\n%s", err, source)
	}
	var out []byte
	if err := json.Unmarshal([]byte(`"`+strings.TrimSpace(reply)+`"`), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// config is how tests start workers.
func config(t testing.TB) Config {
	t.Helper()
	root, err := filepath.Abs("../../python")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Python: python(t), Package: root, Dir: t.TempDir()}
}

// checked is an allocator that a pool's life must leave empty.
func checked(t testing.TB) *memory.CheckedAllocator {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// newPool is a pool that is closed at the test's end, and leaves nothing behind.
func newPool(t testing.TB, c Config) *Pool {
	t.Helper()
	mem := checked(t)
	leaks := goleak.IgnoreCurrent()
	p := New(c, mem)
	t.Cleanup(func() {
		p.Close()
		goleak.VerifyNone(t, leaks)
	})
	return p
}

// both runs a test with batches on the bulk socket and on gRPC.
func both(t *testing.T, test func(t *testing.T, p *Pool)) {
	for _, noBulk := range []bool{false, true} {
		t.Run(map[bool]string{false: "bulk", true: "grpc"}[noBulk], func(t *testing.T) {
			c := config(t)
			c.NoBulk = noBulk
			test(t, newPool(t, c))
		})
	}
}

func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func structType(t testing.TB, ddl ...string) types.Struct {
	t.Helper()
	var s types.Struct
	for i := 0; i < len(ddl); i += 2 {
		dt, err := types.ParseType(ddl[i+1])
		if err != nil {
			t.Fatal(err)
		}
		s.Fields = append(s.Fields, types.Field{Name: ddl[i], Type: dt, Nullable: true})
	}
	return s
}

// rows makes a batch from JSON.
func rows(t testing.TB, s types.Struct, text string) arrow.RecordBatch {
	t.Helper()
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, types.ArrowSchema(s), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// longs makes a batch of one column, from start on.
func longs(start, n int) arrow.RecordBatch {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		b.Append(int64(start + i))
	}
	a := b.NewArray()
	return array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil), []arrow.Array{a}, int64(n))
}

// one is the spec of one function over a column x.
func one(t testing.TB, kind udf.Kind, in, out, source string) udf.Spec {
	t.Helper()
	input, output := structType(t, "x", in), structType(t, "y", out)
	f := udf.Function{Name: "f", Command: pickle(t, source), Args: []int{0}, Out: output.Fields[0].Type}
	return udf.Spec{Kind: kind, Functions: []udf.Function{f}, Input: input, Output: output, Keep: []int{0}, Zone: "UTC"}
}

// texts is a batch as JSON lines.
func texts(b arrow.RecordBatch) string {
	var out bytes.Buffer
	array.RecordToJSON(b, &out) //nolint:errcheck // memory
	return strings.TrimSpace(out.String())
}

// sent opens a function of one number and sends it a row; the run is closed at the test's end.
func sent(t *testing.T, ctx context.Context, p *Pool, source string) udf.Instance {
	t.Helper()
	i, err := p.Open(ctx, one(t, udf.Scalar, "bigint", "bigint", source))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	b := longs(0, 1)
	defer b.Release()
	if err := i.Send(ctx, b); err != nil {
		t.Fatal(err)
	}
	return i
}

// run sends batches, owned, through a spec and gives the results as JSON lines, each as the worker gave it.
func run(ctx context.Context, p *Pool, spec udf.Spec, batches ...arrow.RecordBatch) ([]string, error) {
	i, err := p.Open(ctx, spec)
	if err != nil {
		return nil, err
	}
	defer i.Close()
	var out []string
	take := func(wait bool) error {
		for {
			r, err := i.Receive(ctx, wait)
			if r == nil || err != nil {
				return err
			}
			out = append(out, texts(r))
			r.Release()
		}
	}
	for _, b := range batches {
		defer b.Release()
		if err := i.Send(ctx, b); err != nil {
			return out, err
		}
		if err := take(false); err != nil {
			return out, err
		}
	}
	if err := i.Finish(ctx); err != nil {
		return out, err
	}
	return out, take(true)
}

// sum runs batches through a spec whose result is one column of longs and gives its rows and sum.
func sum(ctx context.Context, p *Pool, spec udf.Spec, batches int, batch func(int) arrow.RecordBatch) (rows, total int64, err error) {
	i, err := p.Open(ctx, spec)
	if err != nil {
		return 0, 0, err
	}
	defer i.Close()
	take := func(wait bool) error {
		for {
			r, err := i.Receive(ctx, wait)
			if r == nil || err != nil {
				return err
			}
			for _, v := range r.Column(0).(*array.Int64).Int64Values() {
				total += v
			}
			rows += r.NumRows()
			r.Release()
		}
	}
	for n := range batches {
		b := batch(n)
		err := i.Send(ctx, b)
		b.Release()
		if err == nil {
			err = take(false)
		}
		if err != nil {
			return rows, total, err
		}
	}
	if err := i.Finish(ctx); err != nil {
		return rows, total, err
	}
	return rows, total, take(true)
}

// paths is the interpreter's own sys.path.
func paths(t testing.TB) []string {
	t.Helper()
	out, err := exec.Command(python(t), "-P", "-c", "import json, sys; print(json.dumps(sys.path))").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// discard is where nothing is read from.
func discard(t testing.TB) *os.File {
	t.Helper()
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

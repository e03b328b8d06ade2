package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// An exception comes with the user's file and line, and no frame of ours.
func TestUserErrors(t *testing.T) {
	cases := []struct {
		name   string
		kind   udf.Kind
		source string
		want   []string
	}{
		{"lambda", udf.Scalar, "\nf = lambda x: 1 / (x - 1)", []string{"Traceback (most recent call last):\n  File \"", "user.py\", line 2, in <lambda>\n    f = lambda x: 1 / (x - 1)\n", "ZeroDivisionError: division by zero\n SQLSTATE: 38000"}},
		{"chained", udf.Scalar, "def g(x): return 1 / 0\ndef f(x):\n  try: g(x)\n  except ArithmeticError as e:\n    raise ValueError('outer') from e",
			[]string{"line 1, in g", "ZeroDivisionError", "direct cause", "line 5, in f", "ValueError: outer"}},
		{"while handling", udf.Scalar, "def f(x):\n  try: 1 / 0\n  except ArithmeticError: raise KeyError(x)", []string{"line 2, in f", "During handling", "line 3, in f", "KeyError: 0"}},
		{"group", udf.Scalar, "def f(x): raise ExceptionGroup('several', [ValueError(1), TypeError(2)])", []string{"several (2 sub-exceptions)", "ValueError: 1", "TypeError: 2"}},
		{"sys.exit", udf.Scalar, "import sys\nf = lambda x: sys.exit(3)", []string{"line 2, in <lambda>", "SystemExit: 3"}},
		{"interrupt", udf.Scalar, "def f(x): raise KeyboardInterrupt", []string{"line 1, in f", "KeyboardInterrupt"}},
		{"stop", udf.Scalar, "def f(x):\n  if x == 2: raise StopIteration('enough')\n  return x", []string{"line 2, in f", "StopIteration: enough", "[STOP_ITERATION_OCCURRED]"}},
		{"stop at first", udf.Scalar, "def f(x): raise StopIteration", []string{"[STOP_ITERATION_OCCURRED]"}},
		{"wrong type", udf.Scalar, "f = lambda x: 'abc'", []string{"ArrowInvalid", "abc"}},
		{"too big", udf.Scalar, "f = lambda x: 2**70", []string{"Overflow"}},
		{"wrong arguments", udf.Scalar, "f = lambda x, y: x", []string{"TypeError", "missing 1 required positional argument: 'y'"}},
		{"cannot be loaded", udf.Scalar, "class B:\n  def __reduce__(self): return (__import__, ('no_such_module',))\nb = B()\nf = lambda x: b", []string{"ModuleNotFoundError: No module named 'no_such_module'"}},
		{"message of several lines", udf.Scalar, "def f(x): raise ValueError('a\\nb <msg> \\u20ac')", []string{"ValueError: a\nb <msg> €"}},
		{"recursion", udf.Scalar, "def f(x): return f(x)", []string{"RecursionError", "Previous line repeated"}},
		{"str that raises", udf.Scalar, "class E(Exception):\n  def __str__(self): 1 / 0\ndef f(x): raise E", []string{"line 3, in f", "E: <exception str() failed>"}},
		{"pandas", udf.ScalarPandas, "f = lambda x: x.map(lambda v: 1 / v)", []string{"line 1, in <lambda>", "ZeroDivisionError"}},
		{"pandas of another length", udf.ScalarPandas, "f = lambda x: x[:1]", []string{"[RESULT_ROWS_MISMATCH]"}},
		{"pandas scalar", udf.ScalarPandas, "f = lambda x: 3", []string{"[UDF_RETURN_TYPE]", "pandas.Series", "int"}},
		{"pandas too big", udf.ScalarPandas, "f = lambda x: x.astype(object) + 2**64", []string{"OverflowError"}},
		{"arrow of no length", udf.ScalarArrow, "f = lambda x: None", []string{"[UDF_RETURN_TYPE]", "NoneType"}},
		{"iterator gives a list", udf.ScalarPandasIter, "f = lambda it: list(it)", []string{"[UDF_RETURN_TYPE]", "iterator of pandas.Series", "list"}},
		{"iterator gives less", udf.ScalarPandasIter, "def f(it):\n  for x in it: yield x[:1]", []string{"[RESULT_ROWS_MISMATCH]", "1 rows for 3"}},
		{"iterator gives more", udf.ScalarPandasIter, "def f(it):\n  for x in it: yield x; yield x", []string{"[OUTPUT_EXCEEDS_INPUT_ROWS]"}},
		{"iterator raises", udf.ScalarPandasIter, "def f(it):\n  for x in it:\n    yield x / 0 if False else 1 / 0", []string{"line 3, in f"}},
		{"map arrow", udf.MapArrow, "def f(it):\n  for b in it:\n    yield b\n    1 / 0", []string{"line 4, in f", "ZeroDivisionError"}},
		{"map arrow gives nothing to iterate", udf.MapArrow, "f = lambda it: None", []string{"[UDF_RETURN_TYPE]", "iterator of pyarrow.RecordBatch", "NoneType"}},
		{"map arrow gives a table", udf.MapArrow, "import pyarrow as pa\nf = lambda it: iter([pa.table({'y': [1]})])", []string{"[UDF_RETURN_TYPE]", "iterator of Table"}},
		{"map arrow of another type", udf.MapArrow, "import pyarrow as pa\nf = lambda it: iter([pa.record_batch({'y': ['a']})])", []string{"[RESULT_COLUMN_TYPES_MISMATCH]", "string"}},
		{"map arrow with too few columns", udf.MapArrow, "import pyarrow as pa\nf = lambda it: iter([pa.record_batch([pa.array([{}])], names=['a']).slice(0, 1).select([])])", []string{"[RESULT_COLUMN_SCHEMA_MISMATCH]"}},
		{"map pandas of other names", udf.MapPandas, "f = lambda it: it", []string{"[RESULT_COLUMN_NAMES_MISMATCH]", "Missing: y", "Unexpected: x"}},
		{"map pandas gives a series", udf.MapPandas, "f = lambda it: (d['x'] for d in it)", []string{"[UDF_RETURN_TYPE]", "iterator of Series"}},
	}
	both(t, func(t *testing.T, p *Pool) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := run(limited(t), p, one(t, c.kind, "bigint", "bigint", c.source), longs(0, 3))
				e := errs.As(err)
				if e == nil || e.Name != "PYTHON_EXCEPTION" || e.Class != errs.Python {
					t.Fatalf("got %v", err)
				}
				for _, w := range append(c.want, "[PYTHON_EXCEPTION] An exception was thrown from the Python worker: ") {
					if !strings.Contains(e.Error(), w) {
						t.Errorf("%q is not in\n%s", w, e.Error())
					}
				}
				for _, ours := range []string{"pyspark_compat_worker/", "call of a function", "<string>"} {
					if strings.Contains(e.Error(), ours) {
						t.Errorf("%q is in\n%s", ours, e.Error())
					}
				}
			})
		}
	})
}

// After an error the pool serves others, and the worker that failed is not used again.
func TestErrorEndsOnlyItsRun(t *testing.T) {
	p := newPool(t, config(t))
	if _, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: 1 / 0"), longs(0, 1)); err == nil {
		t.Fatal("no error")
	}
	got, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(5, 1))
	if err != nil || flat(got) != `{"y":5}` {
		t.Errorf("got %s %v", flat(got), err)
	}
	if n := len(p.PIDs()); n != 1 {
		t.Errorf("%d workers", n)
	}
}

// After an error, every call but Close says so.
func TestCallsAfterAnError(t *testing.T) {
	p, ctx := newPool(t, config(t)), limited(t)
	i, err := p.Open(ctx, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: 1 / 0"))
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	b := longs(0, 1)
	defer b.Release()
	if err := i.Send(ctx, b); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := i.Receive(ctx, true); err == nil {
			t.Fatal("no error")
		}
	}
	if i.Send(ctx, b) == nil || i.Finish(ctx) == nil {
		t.Error("a run goes on after its error")
	}
}

// A launcher that cannot start says why, at once.
func TestLauncherErrors(t *testing.T) {
	broken := t.TempDir()
	for name, text := range map[string]string{"pyarrow.py": "raise ModuleNotFoundError(\"No module named 'pyarrow'\", name='pyarrow')",
		"pyspark_compat_worker.py": "",
		"setup_that_fails.py":      "def go(): raise OSError('no such alias')", "setup_that_exits.py": "import os\nos.write(2, b'the last words')\nos._exit(4)"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no interpreter", func(c *Config) { c.Python = "/no/such/python" }, "no such file"},
		{"no Python", func(c *Config) { c.Python = "/bin/true" }, "exit status 0"},
		{"no folder", func(c *Config) { c.Dir = "/no/such/folder" }, "no such file"},
		{"no package", func(c *Config) { c.Package = broken }, "'pyspark_compat_worker' is not a package"},
		{"no pyarrow", func(c *Config) { c.Env = append(c.Env, "PYTHONPATH="+broken) }, "Python functions need pyarrow"},
		{"setup fails", func(c *Config) {
			c.Path, c.Setup = append(paths(t), broken), "setup_that_fails:go"
		}, "OSError: no such alias"},
		{"setup exits", func(c *Config) {
			c.Path, c.Setup = append(paths(t), broken), "setup_that_exits:go"
		}, "the last words"},
		{"setup is missing", func(c *Config) { c.Setup = "no_such_setup:go" }, "No module named 'no_such_setup'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			conf := config(t)
			conf.Stderr = discard(t)
			c.change(&conf)
			p := newPool(t, conf)
			before := time.Now()
			for range 2 { // another try is made, and told, for another run
				_, err := p.Open(limited(t), udf.Spec{Kind: udf.Scalar, Output: structType(t)})
				if e := errs.As(err); e == nil || e.Name != "PYTHON_WORKER_START_FAILED" || !strings.Contains(e.Error(), c.want) {
					t.Fatalf("%q is not in %v", c.want, err)
				}
			}
			if took := time.Since(before); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

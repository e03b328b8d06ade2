package worker

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// flat is results as one text.
func flat(results []string) string { return strings.ReplaceAll(strings.Join(results, "|"), "\n", "") }

// Values of every type go to a function and come back as they were, nulls as None.
func TestTypesBothWays(t *testing.T) {
	cases := []struct{ ddl, values, seen string }{
		{"boolean", `[{"x":true},{"x":null},{"x":false}]`, "bool"},
		{"tinyint", `[{"x":1},{"x":null},{"x":-128}]`, "int"},
		{"smallint", `[{"x":1},{"x":null},{"x":-32768}]`, "int"},
		{"int", `[{"x":1},{"x":null},{"x":2147483647}]`, "int"},
		{"bigint", `[{"x":1},{"x":null},{"x":9007199254740991}]`, "int"},
		{"float", `[{"x":1.5},{"x":null},{"x":-0.25}]`, "float"},
		{"double", `[{"x":1.5},{"x":null},{"x":-0.25}]`, "float"},
		{"string", `[{"x":"a"},{"x":null},{"x":"é😀"},{"x":""}]`, "str"},
		{"binary", `[{"x":"YQ=="},{"x":null}]`, "bytes"},
		{"date", `[{"x":"2024-02-29"},{"x":null},{"x":"0001-01-01"}]`, "date"},
		{"timestamp", `[{"x":"2024-02-29 12:34:56.789012Z"},{"x":null}]`, "datetime"},
		{"timestamp_ntz", `[{"x":"2024-02-29 12:34:56.789012"},{"x":null}]`, "datetime"},
		{"decimal(10,2)", `[{"x":"12.34"},{"x":null}]`, "Decimal"},
		{"array<int>", `[{"x":[1,null,3]},{"x":null},{"x":[]}]`, "list"},
		{"map<string,int>", `[{"x":[{"key":"a","value":1}]},{"x":null}]`, "dict"},
		{"struct<a:int,b:string>", `[{"x":{"a":1,"b":"z"}},{"x":null},{"x":{"a":null,"b":null}}]`, "Row"},
		{"array<struct<a:array<string>>>", `[{"x":[{"a":["p",null]}]},{"x":null}]`, "list"},
	}
	p := newPool(t, config(t))
	for _, c := range cases {
		t.Run(c.ddl, func(t *testing.T) {
			in := structType(t, "x", c.ddl)
			same, err := run(limited(t), p, one(t, udf.Scalar, c.ddl, c.ddl, "f = lambda x: x"), rows(t, in, c.values))
			if err != nil {
				t.Fatal(err)
			}
			want := rows(t, structType(t, "y", c.ddl), strings.ReplaceAll(c.values, `"x"`, `"y"`))
			defer want.Release()
			if flat(same) != flat([]string{texts(want)}) {
				t.Errorf("came back as %s, went as %s", flat(same), texts(want))
			}
			seen, err := run(limited(t), p, one(t, udf.Scalar, c.ddl, "string", "f = lambda x: type(x).__name__"), rows(t, in, c.values))
			if err != nil || !strings.HasPrefix(flat(seen), `{"y":"`+c.seen+`"}`) || !strings.Contains(flat(seen), `{"y":"NoneType"}`) {
				t.Errorf("seen as %s %v", flat(seen), err)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	const ns = "import pandas as pd, pyarrow as pa, pyarrow.compute as pc\n"
	cases := []struct {
		name    string
		kind    udf.Kind
		source  string
		batches []arrow.RecordBatch
		want    string
	}{
		{"scalar", udf.Scalar, "f = lambda x: x * 2", []arrow.RecordBatch{longs(0, 2), longs(2, 1)}, `{"y":0}{"y":2}|{"y":4}`},
		{"scalar gives None", udf.Scalar, "f = lambda x: None if x else 7", []arrow.RecordBatch{longs(0, 2)}, `{"y":7}{"y":null}`},
		{"pandas", udf.ScalarPandas, ns + "f = lambda x: x + len(x)", []arrow.RecordBatch{longs(0, 2), longs(2, 1)}, `{"y":2}{"y":3}|{"y":3}`},
		{"pandas gives a list", udf.ScalarPandas, "f = lambda x: [1] * len(x)", []arrow.RecordBatch{longs(0, 2)}, `{"y":1}{"y":1}`},
		{"arrow", udf.ScalarArrow, ns + "f = lambda x: pc.add(x, 1)", []arrow.RecordBatch{longs(0, 2), longs(2, 1)}, `{"y":1}{"y":2}|{"y":3}`},
		{"arrow gives another width", udf.ScalarArrow, ns + "f = lambda x: x.cast(pa.int32())", []arrow.RecordBatch{longs(0, 2)}, `{"y":0}{"y":1}`},
		{"pandas iterator", udf.ScalarPandasIter, "def f(it):\n  k = 10\n  for x in it:\n    yield x + k", []arrow.RecordBatch{longs(0, 2), longs(2, 1)}, `{"y":10}{"y":11}|{"y":12}`},
		{"iterator rebatched", udf.ScalarPandasIter, ns + "def f(it):\n  for x in pd.concat(list(it)).items():\n    yield pd.Series([x[1]])",
			[]arrow.RecordBatch{longs(0, 2), longs(2, 3)}, `{"y":0}{"y":1}|{"y":2}{"y":3}{"y":4}`},
		{"arrow iterator", udf.ScalarArrowIter, ns + "def f(it):\n  for x in it:\n    yield x.slice(0, 1); yield x.slice(1)", []arrow.RecordBatch{longs(0, 3)}, `{"y":0}{"y":1}{"y":2}`},
		{"iterator that stops at the end", udf.ScalarPandasIter, "def f(it):\n  yield next(it)", []arrow.RecordBatch{longs(0, 2)}, `{"y":0}{"y":1}`},
		{"map arrow", udf.MapArrow, "def f(it):\n  for b in it:\n    yield b; yield b.slice(0, 1)", []arrow.RecordBatch{longs(0, 2)}, `{"y":0}{"y":1}|{"y":0}`},
		{"map arrow without input", udf.MapArrow, ns + "def f(it):\n  yield pa.record_batch([pa.array([9])], names=['other'])", nil, `{"y":9}`},
		{"map arrow that stops early", udf.MapArrow, "def f(it):\n  yield next(it)", []arrow.RecordBatch{longs(0, 1), longs(1, 1), longs(2, 1), longs(3, 1), longs(4, 1), longs(5, 1)}, `{"y":0}`},
		{"map arrow of other forms", udf.MapArrow, ns + "def f(it):\n  yield pa.record_batch([pa.array([1], pa.int64()).dictionary_encode(), pa.array(['left out'])], names=['a', 'b'])", nil, `{"y":1}`},
		{"map arrow gives nothing", udf.MapArrow, "def f(it):\n  for b in it: pass\n  return iter(())", []arrow.RecordBatch{longs(0, 2)}, ``},
		{"map pandas", udf.MapPandas, "def f(it):\n  for d in it:\n    yield d.rename(columns={'x': 'y'})[lambda d: d.y > 0]", []arrow.RecordBatch{longs(0, 3)}, `{"y":1}{"y":2}`},
		{"map pandas by position", udf.MapPandas, ns + "def f(it):\n  yield pd.DataFrame([[5]])", nil, `{"y":5}`},
	}
	both(t, func(t *testing.T, p *Pool) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				spec := one(t, c.kind, "bigint", "bigint", c.source)
				for _, b := range c.batches {
					b.Retain()
				}
				got, err := run(limited(t), p, spec, c.batches...)
				if err != nil || flat(got) != c.want {
					t.Errorf("got  %s %v\nwant %s", flat(got), err, c.want)
				}
			})
		}
	})
}

// A chain in which the second call takes the first one's results beside a column, two results being kept.
func TestFusedCalls(t *testing.T) {
	p := newPool(t, config(t))
	in := structType(t, "a", "bigint", "b", "string")
	long, text := in.Fields[0].Type, in.Fields[1].Type
	spec := udf.Spec{Kind: udf.Scalar, Input: in, Output: structType(t, "p", "string", "q", "bigint"), Keep: []int{1, 2}, Zone: "UTC",
		Functions: []udf.Function{
			{Name: "double", Command: pickle(t, "f = lambda x: x * 2"), Args: []int{0}, Out: long},
			{Name: "join", Command: pickle(t, "f = lambda *, n, s: f'{s}{n}'"), Args: []int{2, 1}, ArgNames: []string{"n", "s"}, Out: text},
			{Name: "size", Command: pickle(t, "f = lambda s, plus=0: len(s) + plus"), Args: []int{3, 0}, ArgNames: []string{"", "plus"}, Out: long},
		}}
	got, err := run(limited(t), p, spec, rows(t, in, `[{"a":1,"b":"x"},{"a":50,"b":null}]`))
	if want := `{"p":"x2","q":3}{"p":"None100","q":57}`; err != nil || flat(got) != want {
		t.Errorf("got %s %v, want %s", flat(got), err, want)
	}
}

func TestNoArguments(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "n = iter(range(9))\nf = lambda: next(n)")
	spec.Functions[0].Args = nil
	got, err := run(limited(t), p, spec, longs(0, 3))
	if err != nil || flat(got) != `{"y":0}{"y":1}{"y":2}` {
		t.Errorf("got %s %v", flat(got), err)
	}
}

// A keyword that is no identifier reaches the function's **kwargs.
func TestOddKeyword(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "f = lambda **k: k['a b'] + k['class']")
	spec.Functions[0].Args, spec.Functions[0].ArgNames = []int{0, 0}, []string{"a b", "class"}
	got, err := run(limited(t), p, spec, longs(4, 1))
	if err != nil || flat(got) != `{"y":8}` {
		t.Errorf("got %s %v", flat(got), err)
	}
}

// A batch larger than the session allows reaches pandas and Arrow functions in parts.
func TestMaxRecordsPerBatch(t *testing.T) {
	sizes := map[udf.Kind]string{udf.ScalarPandas: "f = lambda x: [len(x)] * len(x)", udf.MapArrow: "f = lambda it: (b for b in it)",
		udf.ScalarPandasIter: "def f(it):\n  for x in it: yield x * 0 + len(x)"}
	want := map[udf.Kind]string{udf.ScalarPandas: `{"y":2}{"y":2}{"y":1}`, udf.MapArrow: `{"y":0}{"y":1}|{"y":2}`, udf.ScalarPandasIter: `{"y":2}{"y":2}{"y":1}`}
	p := newPool(t, config(t))
	for kind, source := range sizes {
		spec := one(t, kind, "bigint", "bigint", source)
		spec.Conf = map[string]string{"spark.sql.execution.arrow.maxRecordsPerBatch": "2"}
		got, err := run(limited(t), p, spec, longs(0, 3))
		if err != nil || flat(got) != want[kind] {
			t.Errorf("%s: got %s %v, want %s", kinds[kind], flat(got), err, want[kind])
		}
	}
}

// A run has functions of its own: what they remember does not reach the next run, on the same worker.
func TestRunsDoNotShareFunctions(t *testing.T) {
	p := newPool(t, config(t))
	spec := one(t, udf.Scalar, "bigint", "bigint", "class C:\n  n = 0\n  def __call__(self, x):\n    self.n += 1\n    return self.n\nf = C()")
	var got []string
	for range 3 {
		r, err := run(limited(t), p, spec, longs(0, 2))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, flat(r))
	}
	if want := `{"y":1}{"y":2}`; !slices.Equal(got, []string{want, want, want}) {
		t.Errorf("got %q", got)
	}
	if n := len(p.PIDs()); n != 1 {
		t.Errorf("%d workers for runs one after another", n)
	}
}

func TestForeach(t *testing.T) {
	p := newPool(t, config(t))
	code := "def f(row):\n  if row[0] == 3:\n    raise ValueError('row %d' % row[0])"
	if _, err := run(limited(t), p, one(t, udf.Foreach, "bigint", "bigint", code), longs(0, 1)); err != nil {
		t.Errorf("a function that raises nothing: %v", err)
	}
	_, err := run(limited(t), p, one(t, udf.Foreach, "bigint", "bigint", code), longs(3, 4))
	if e := errs.As(err); e == nil || !strings.Contains(e.Error(), "row 3") {
		t.Errorf("got %v", err)
	}
}

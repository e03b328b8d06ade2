package native

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// use puts another host behind the boundary for one test.
func use(t *testing.T, h host.Host) {
	t.Helper()
	before := service
	service = func() host.Host { return h }
	t.Cleanup(func() { service = before })
}

func decode(t *testing.T, reply []byte, kind byte) map[string]any {
	t.Helper()
	if len(reply) == 0 || reply[0] != kind {
		t.Fatalf("reply %q, want kind %d", reply, kind)
	}
	out := map[string]any{}
	if len(reply) > 1 {
		if err := json.Unmarshal(reply[1:], &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// broken is a host that fails in every call in the same way.
type broken struct{ fail func() error }

func (b broken) Open([]byte) (int64, error)            { return 0, b.fail() }
func (b broken) Close(int64) error                     { return b.fail() }
func (b broken) Config(int64, []byte) ([]byte, error)  { return nil, b.fail() }
func (b broken) Frame(int64, []byte) ([]byte, error)   { return nil, b.fail() }
func (b broken) Drop(int64, []string) error            { return b.fail() }
func (b broken) Analyze(int64, []byte) ([]byte, error) { return nil, b.fail() }
func (b broken) Run(int64, []byte) (int64, error)      { return 0, b.fail() }
func (b broken) Cancel(int64) error                    { return b.fail() }
func (b broken) Answer(int64, int64, []byte) error     { return b.fail() }
func (b broken) Query(int64, []byte) ([]byte, error)   { return nil, b.fail() }
func (b broken) Do(int64, string, []byte) ([]byte, error) {
	return nil, b.fail()
}
func (b broken) Next(int64, time.Duration) (host.Event, error) {
	return host.Event{}, b.fail()
}
func (b broken) NextCallback(int64, int64, time.Duration) ([]byte, error) {
	return nil, b.fail()
}

// calls is every exported function that reaches the host.
var calls = map[string]func() []byte{
	"OpenSession":  func() []byte { return OpenSession([]byte("{}")) },
	"CloseSession": func() []byte { return CloseSession(1) },
	"Config":       func() []byte { return Config(1, nil) },
	"Frame":        func() []byte { return Frame(1, nil) },
	"Drop":         func() []byte { return Drop(1, []byte("[]")) },
	"Analyze":      func() []byte { return Analyze(1, nil) },
	"Run":          func() []byte { return Run(1, nil) },
	"Next":         func() []byte { return Next(1, 0, 0, 0) },
	"Cancel":       func() []byte { return Cancel(1) },
	"NextCallback": func() []byte { return NextCallback(1, 1, 0) },
	"Answer":       func() []byte { return Answer(1, 1, nil) },
	"Query":        func() []byte { return Query(1, nil) },
	"Do":           func() []byte { return Do(1, "rdd.run", nil) },
}

func TestPanicsComeBackAsData(t *testing.T) {
	use(t, broken{func() error { panic("out of luck") }})
	for name, call := range calls {
		got := decode(t, call(), replyError)
		if got["condition"] != "INTERNAL_ERROR" || !strings.Contains(got["message"].(string), "out of luck") {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := decode(t, Panic("mine"), replyError); !strings.Contains(got["text"].(string), "mine") {
		t.Errorf("Panic: %v", got)
	}
}

func TestErrorsComeBackAsData(t *testing.T) {
	cause := errors.New("the disk said no")
	use(t, broken{func() error {
		return errs.New("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", "`a`").
			WithContext(&errs.Context{Fragment: "a + 1", CallSite: "select", Start: 3, Stop: 7}).WithCause(cause)
	}})
	for name, call := range calls {
		got := decode(t, call(), replyError)
		if got["condition"] != "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" || got["class"] != "AnalysisException" || got["sqlState"] != "42703" {
			t.Errorf("%s: %v", name, got)
		}
		if parameters := got["messageParameters"].(map[string]any); parameters["objectName"] != "`a`" {
			t.Errorf("%s: parameters %v", name, parameters)
		}
		if context := got["context"].(map[string]any); context["fragment"] != "a + 1" || context["startIndex"] != 3.0 {
			t.Errorf("%s: context %v", name, context)
		}
		if beneath := got["cause"].(map[string]any); !strings.Contains(beneath["message"].(string), cause.Error()) {
			t.Errorf("%s: cause %v", name, beneath)
		}
	}
}

func TestEveryHostCallIsInTheTables(t *testing.T) {
	for name := range exported(t) {
		if _, ok := calls[name]; !ok && name != "Version" && name != "Panic" {
			t.Errorf("%s is exported and not in the table of calls: its panics and errors go untested", name)
		}
	}
}

// gopy breaks on functions that take a func, and its other types cost a handle each.
func TestExportedFunctionsAreFlat(t *testing.T) {
	flat := map[string]bool{"int64": true, "string": true, "[]byte": true, "bool": true}
	list := exported(t)
	if len(list) == 0 || len(list) > 20 {
		t.Errorf("%d functions are exported, at most 20 may be", len(list))
	}
	for name, signature := range list {
		if signature.TypeParams != nil {
			t.Errorf("%s is generic", name)
		}
		for _, fields := range []*ast.FieldList{signature.Params, signature.Results} {
			for _, field := range fields.List {
				if kind := written(field.Type); !flat[kind] {
					t.Errorf("%s has a %s, which gopy may not carry", name, kind)
				}
			}
		}
		if len(signature.Results.List) != 1 {
			t.Errorf("%s gives %d results, one is due", name, len(signature.Results.List))
		}
	}
}

// exported reads what gopy reads: the exported functions. Other exported names would be bound too.
func exported(t *testing.T) map[string]*ast.FuncType {
	t.Helper()
	notTests := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
	list := map[string]*ast.FuncType{}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || entry.IsDir() || !notTests(info) || !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					list[d.Name.Name] = d.Type
				}
			case *ast.GenDecl:
				for _, name := range names(d) {
					if ast.IsExported(name) {
						t.Errorf("%s: %s is exported and no function", entry.Name(), name)
					}
				}
			}
		}
	}
	return list
}

func names(d *ast.GenDecl) []string {
	var list []string
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			list = append(list, s.Name.Name)
		case *ast.ValueSpec:
			for _, n := range s.Names {
				list = append(list, n.Name)
			}
		}
	}
	return list
}

func written(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.ArrayType:
		if x.Len == nil {
			return "[]" + written(x.Elt)
		}
	case *ast.FuncType:
		return "func"
	}
	return "type that is not flat"
}

// teller is a host whose task tells one event and which notes how long it was asked to wait.
type teller struct {
	broken
	event host.Event
	wait  time.Duration
}

func (s *teller) Next(_ int64, wait time.Duration) (host.Event, error) {
	s.wait = wait
	return s.event, nil
}

func (s *teller) NextCallback(_, _ int64, wait time.Duration) ([]byte, error) {
	s.wait = wait
	return []byte(`{"status":"again"}`), nil
}

func TestNoCallWaitsLongerThanASlice(t *testing.T) {
	for _, c := range []struct {
		ask  int64
		wait time.Duration
	}{{-5, 0}, {0, 0}, {7, 7 * time.Millisecond}, {50, maxWait}, {60_000, maxWait}} {
		s := &teller{event: host.Event{Kind: host.Again}}
		use(t, s)
		Next(1, c.ask, 0, 0)
		if s.wait != c.wait {
			t.Errorf("Next asked for %d ms waits %v, want %v", c.ask, s.wait, c.wait)
		}
		NextCallback(1, 1, c.ask)
		if s.wait != c.wait {
			t.Errorf("NextCallback asked for %d ms waits %v, want %v", c.ask, s.wait, c.wait)
		}
	}
}

func TestEventsAsPythonReadsThem(t *testing.T) {
	for _, c := range []struct {
		event host.Event
		reply string
	}{
		{host.Event{Kind: host.Again}, `{"status":"again"}`},
		{host.Event{Kind: host.End}, `{"status":"end"}`},
		{host.Event{Kind: host.Message, Message: json.RawMessage(`{"a":[1]}`)}, `{"status":"message","message":{"a":[1]}}`},
	} {
		use(t, &teller{event: c.event})
		if got := string(Next(1, 0, 0, 0)[1:]); got != c.reply {
			t.Errorf("got %s, want %s", got, c.reply)
		}
	}
	use(t, &teller{event: host.Event{Kind: 99}})
	decode(t, Next(1, 0, 0, 0), replyError)
}

func TestABatchWithoutAPlaceIsRefusedAndReleased(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(t, 0)
	column := array.NewInt64Builder(alloc)
	defer column.Release()
	column.Append(1)
	batch := batchOf(column)
	use(t, &teller{event: host.Event{Kind: host.Batch, Batch: batch}})
	if got := decode(t, Next(1, 0, 0, 0), replyError); got["condition"] != "INTERNAL_ERROR" {
		t.Errorf("%v", got)
	}
}

func TestDropWantsAList(t *testing.T) {
	use(t, broken{func() error { return nil }})
	decode(t, Drop(1, []byte(`["a","b"]`)), replyOK)
	decode(t, Drop(1, []byte(`"a"`)), replyError)
}

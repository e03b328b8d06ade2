package logical_test

import (
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// tables is a catalog of schemas: batch tables, and streams by the names that begin with s_.
type tables map[string]string

type noRows struct{}

func (noRows) Len() int64 { return 0 }

func (c tables) Open(s *logical.Scan) (*logical.Scan, error) {
	o := *s
	o.Full = *s.Schema
	return &o, nil
}

func (c tables) Table(parts []string, _ map[string]string, _ bool) (logical.Plan, error) {
	name := strings.ToLower(parts[len(parts)-1])
	ddl, ok := c[name]
	if !ok || len(parts) > 1 {
		return nil, nil
	}
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(name, "s_") || strings.HasPrefix(name, "f_") {
		return &logical.Scan{Format: "json", Schema: &schema, Stream: name[0] == 's', Source: name}, nil
	}
	return &logical.Data{Schema: schema, Rows: noRows{}}, nil
}

var catalog = tables{
	"t":      "id int, name string, v double, arr array<int>, m map<string,int>",
	"u":      "id int, name2 string",
	"n":      "s struct<id:int,name:string>, ts timestamp, ss array<struct<id:int,name:string>>",
	"s_in":   "k string, ts timestamp, v int",
	"s_in2":  "k2 string, ts2 timestamp, v2 int",
	"f_file": "id int, name string, v double, ts timestamp",
}

func analyzer() *logical.Analyzer {
	return &logical.Analyzer{Catalog: catalog, Conf: logical.Settings{ANSI: true, Zone: "UTC"}}
}

// analyze gives the resolved plan of a query.
func analyze(t *testing.T, query string) (logical.Plan, error) {
	t.Helper()
	p, err := sql.ParseQuery(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return analyzer().Analyze(p)
}

func must(t *testing.T, query string) logical.Plan {
	t.Helper()
	p, err := analyze(t, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return p
}

// over is a frame made of another by one node.
func over(t *testing.T, n logical.Plan) logical.Plan {
	t.Helper()
	p, err := analyzer().Analyze(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func schema(p logical.Plan) string { return logical.Schema(p).String() }

func parsed(t *testing.T, text string) expr.Expr {
	t.Helper()
	e, err := sql.ParseNamedExpression(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// wantError checks a condition and those parameters that are given.
func wantError(t *testing.T, what string, err error, condition string, pairs ...string) {
	t.Helper()
	e := errs.As(err)
	if e == nil {
		t.Errorf("%s: no error, want %s", what, condition)
		return
	}
	if e.Name != condition {
		t.Errorf("%s: %v, want %s", what, err, condition)
		return
	}
	for i := 0; i < len(pairs); i += 2 {
		if e.Params[pairs[i]] != pairs[i+1] {
			t.Errorf("%s: %s is %q, want %q", what, pairs[i], e.Params[pairs[i]], pairs[i+1])
		}
	}
	for k, v := range e.Params {
		if !strings.Contains(e.Message(), v) || strings.Contains(e.Text, "<"+k+">") == false {
			t.Errorf("%s: the text does not hold %s", what, k)
		}
	}
}

func queryOf(t *testing.T, text string) logical.Plan {
	t.Helper()
	p, err := sql.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

package testkit

import (
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// Tables is a catalog of schemas without rows: batch tables, files by names that begin with f_, streams by s_.
type Tables map[string]string

// Samples are the tables that tests of plans speak of.
var Samples = Tables{
	"t":      "id int, name string, v double, arr array<int>, m map<string,int>",
	"u":      "id int, name2 string",
	"n":      "s struct<id:int,name:string>, ts timestamp, ss array<struct<id:int,name:string>>",
	"s_in":   "k string, ts timestamp, v int",
	"s_in2":  "k2 string, ts2 timestamp, v2 int",
	"f_file": "id int, name string, v double, ts timestamp",
}

type noRows struct{}

func (noRows) Len() int64 { return 0 }

// Open gives a scan the schema that its user gave.
func (c Tables) Open(s *logical.Scan) (*logical.Scan, error) {
	o := *s
	o.Full = *s.Schema
	return &o, nil
}

// Table finds a table by its name alone.
func (c Tables) Table(parts []string, _ map[string]string, _ bool) (logical.Plan, error) {
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

// Analyzer is one over a catalog, with the settings that a session begins with.
func Analyzer(c logical.Catalog) *logical.Analyzer {
	return &logical.Analyzer{Catalog: c, Conf: logical.Settings{ANSI: true, Zone: "UTC"}}
}

// WantError checks an error's condition, those of its parameters that are given, and that its text holds them all.
func WantError(t testing.TB, what string, err error, condition string, pairs ...string) {
	t.Helper()
	e := errs.As(err)
	if e == nil {
		t.Errorf("%s: %v, want %s", what, err, condition)
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
		if !strings.Contains(e.Text, "<"+k+">") || !strings.Contains(e.Message(), v) {
			t.Errorf("%s: the text does not hold %s", what, k)
		}
	}
}

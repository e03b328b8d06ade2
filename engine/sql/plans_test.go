package sql_test

import (
	"testing"

	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
)

var (
	schema, over, wantError = testkit.Columns, testkit.Over, testkit.WantError
	name, call, table       = testkit.Name, testkit.Call, testkit.Table
)

func analyzer() *logical.Analyzer { return testkit.Analyzer(testkit.Samples) }

func queryOf(t *testing.T, text string) logical.Plan {
	t.Helper()
	p, err := sql.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func must(t *testing.T, query string) logical.Plan { t.Helper(); return over(t, queryOf(t, query)) }

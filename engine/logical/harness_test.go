package logical_test

import (
	"testing"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
)

func schema(p logical.Plan) string { return logical.Schema(p).String() }

func wantError(t *testing.T, what string, err error, condition string, pairs ...string) {
	t.Helper()
	testkit.WantError(t, what, err, condition, pairs...)
}

func analyzer() *logical.Analyzer { return testkit.Analyzer(testkit.Samples) }

// over is a frame made of another by one node.
func over(t testing.TB, n logical.Plan) logical.Plan {
	t.Helper()
	p, err := analyzer().Analyze(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func name(id int64, parts ...string) *expr.Name { return &expr.Name{Parts: parts, PlanID: id} }

func call(fn string, args ...expr.Expr) *expr.Call { return &expr.Call{Name: []string{fn}, Args: args} }

func table(name string) logical.Plan { return &logical.Named{Parts: []string{name}} }

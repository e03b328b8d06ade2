package testkit

import (
	"testing"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// Over is the frame that a node makes, over the sample tables.
func Over(t testing.TB, n logical.Plan) logical.Plan {
	t.Helper()
	p, err := Analyzer(Samples).Analyze(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Columns is a plan's schema as text.
func Columns(p logical.Plan) string { return logical.Schema(p).String() }

// Name is a column by name, of a frame or (-1) of any.
func Name(id int64, parts ...string) *expr.Name { return &expr.Name{Parts: parts, PlanID: id} }

// Call calls a function by name.
func Call(fn string, args ...expr.Expr) *expr.Call { return &expr.Call{Name: []string{fn}, Args: args} }

// Table is one of the sample tables.
func Table(name string) logical.Plan { return &logical.Named{Parts: []string{name}} }

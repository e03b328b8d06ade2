// Package functions is the table of built-in functions: one row each, one file a family.
//
// It is not the expression tree (expr) and holds no operator of the plan. The analyzer looks names up here.
// Invariants: names are lower case and unique over all families; every row has examples that a test runs;
// kernels keep nothing between calls.
package functions

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Row is one function. Bind gets a call whose arguments are typed and gives the typed node: an Apply, an Agg, a
// Generate, a TimeWindow, or a tree of other functions; it inserts the casts its kernel needs and raises
// DATATYPE_MISMATCH and its kin. The argument count has been checked against Min and Max (-1: any).
type Row struct {
	Name     string
	Aliases  []string
	Min, Max int
	Bind     func(e *Env, c *expr.Call) (expr.Expr, error)
	Examples []Example
	// Internal functions answer only to calls marked Internal.
	Internal bool
}

// Example is SQL expression text and the text of its value as CAST(… AS STRING) shows it (NULL for null), or
// Error, the condition it raises.
type Example struct {
	SQL, Value string
	Error      string
}

// Env is what binding may depend on.
type Env struct {
	ANSI          bool
	CaseSensitive bool
	Zone          string
	// Lookup binds another function by name, for functions that are made of others.
	Lookup func(name string, args ...expr.Expr) (expr.Expr, error)
	// ParseType parses DDL text (from_json's schema, cast targets).
	ParseType func(text string) (types.Type, error)
}

// families is every table: add a family's rows here.
var families = [][]Row{}

// Find gives the row of a name, in any case, or nil.
func Find(name string) *Row { return index().find(name) }

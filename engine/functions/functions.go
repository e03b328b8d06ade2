// Package functions is the table of built-in functions: one row each, one file a family.
//
// It is not the expression tree (expr) and holds no operator of the plan. The analyzer looks names up here.
// Invariants: names are lower case and unique over all families; every row has examples that a test runs;
// kernels keep nothing between calls.
package functions

import (
	"strconv"
	"strings"
	"sync"

	"pysparkcompat/engine/errs"
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
	// Lambdas is the first argument of a higher-order function that may be a lambda; 0: none may.
	Lambdas int
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
	// Lookup binds another function by name, for functions that are made of others: rows call it and neither Bind
	// nor Find, which look at the table that the rows make up. Nil: Bind with this environment.
	Lookup func(name string, args ...expr.Expr) (expr.Expr, error)
	// ParseType parses DDL text (from_json's schema, cast targets).
	ParseType func(text string) (types.Type, error)
	// Body types the body of a lambda with its parameters bound to these variables, one for each of l.Params in
	// turn (a higher-order function calls it from Bind, once it knows what the parameters are). Lambda arguments
	// reach Bind with their bodies unresolved.
	Body func(l *expr.Lambda, vars []*expr.LambdaVar) (expr.Expr, error)
}

// Find gives the row of a name, in any case, or nil.
func Find(name string) *Row { return index().find(name) }

// table is the rows by name and alias.
type table struct {
	rows       map[string]*Row
	duplicates []string
}

func (t *table) find(name string) *Row {
	if r := t.rows[name]; r != nil {
		return r
	}
	return t.rows[strings.ToLower(name)]
}

// index is built once, of rows and aliases in the families' order.
var index = sync.OnceValue(func() *table {
	t := &table{rows: map[string]*Row{}}
	for f := range families {
		for i := range families[f] {
			r := &families[f][i]
			for _, name := range append([]string{r.Name}, r.Aliases...) {
				if t.rows[name] != nil {
					t.duplicates = append(t.duplicates, name)
				}
				t.rows[name] = r
			}
		}
	}
	return t
})

// Rows gives every row, in the families' order.
func Rows() []*Row {
	var out []*Row
	for f := range families {
		for i := range families[f] {
			out = append(out, &families[f][i])
		}
	}
	return out
}

// Bind binds a call whose arguments are typed: it finds the row, checks the number of arguments and calls its Bind.
// It answers UNRESOLVED_ROUTINE for an unknown name.
func Bind(e *Env, c *expr.Call) (expr.Expr, error) {
	name := c.Name[len(c.Name)-1]
	r := Find(name)
	if r == nil || r.Internal && !c.Internal {
		return nil, errs.New("UNRESOLVED_ROUTINE", "routineName", Quote(c.Name...),
			"searchPath", "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]")
	}
	if n := len(c.Args); n < r.Min || r.Max >= 0 && n > r.Max {
		return nil, errs.New("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", Quote(name),
			"expectedNum", expected(r), "actualNum", strconv.Itoa(n), "docroot", "https://spark.apache.org/docs/latest")
	}
	if c.ArgNames != nil {
		for _, n := range c.ArgNames {
			if n != "" {
				return nil, errs.New("NAMED_PARAMETERS_NOT_SUPPORTED", "functionName", Quote(name))
			}
		}
	}
	for i, a := range c.Args {
		if _, ok := a.(*expr.Lambda); ok && r.Lambdas == 0 {
			return nil, errs.New("INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "class", name)
		} else if ok && i < r.Lambdas {
			return nil, errs.New("INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION")
		}
	}
	if e.Lookup == nil {
		own := *e
		own.Lookup = func(name string, args ...expr.Expr) (expr.Expr, error) {
			return Bind(&own, &expr.Call{Name: []string{name}, Args: args, Internal: true})
		}
		e = &own
	}
	return r.Bind(e, c)
}

// expected is the text of how many arguments a function takes.
func expected(r *Row) string {
	switch {
	case r.Max < 0:
		return "> " + strconv.Itoa(r.Min-1)
	case r.Min == r.Max:
		return strconv.Itoa(r.Min)
	}
	counts := make([]string, 0, r.Max-r.Min+1)
	for n := r.Min; n <= r.Max; n++ {
		counts = append(counts, strconv.Itoa(n))
	}
	return "[" + strings.Join(counts, ", ") + "]"
}

// Quote is a name as messages show it: `a`.`b`.
func Quote(parts ...string) string {
	q := make([]string, len(parts))
	for i, p := range parts {
		q[i] = "`" + strings.ReplaceAll(p, "`", "``") + "`"
	}
	return strings.Join(q, ".")
}

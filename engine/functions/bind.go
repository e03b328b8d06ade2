package functions

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// What Bind functions share: typed nodes, implicit casts, and the conditions of wrong arguments.

// apply is a call of fn that is null where an argument may be.
func apply(fn *expr.Function, out types.Type, args ...expr.Expr) *expr.Apply {
	return &expr.Apply{Fn: fn, Args: args, DataType: out, Null: anyNull(args)}
}

func anyNull(args []expr.Expr) bool {
	for _, a := range args {
		if a.Nullable() {
			return true
		}
	}
	return false
}

// named gives an Apply the text that its column is named by: name(args) as the user wrote them.
func named(a *expr.Apply, name string, args []expr.Expr) *expr.Apply {
	a.Text = callText(name, args)
	return a
}

func callText(name string, args []expr.Expr) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// called is the last part of a call's name, as the user wrote it in lower case.
func called(c *expr.Call) string { return strings.ToLower(c.Name[len(c.Name)-1]) }

// cast brings a to a type, unseen in names.
func (e *Env) cast(a expr.Expr, to types.Type) expr.Expr { return expr.CastTo(a, to, e.ANSI) }

// implicit brings an argument to what a function takes, if Spark would: a null, another number, a string for an
// atomic type, an atomic value for a string.
func (e *Env) implicit(a expr.Expr, to types.Type) (expr.Expr, bool) {
	from := a.Type()
	switch {
	case types.Equal(from, to):
		return a, true
	case from.Kind() == types.KNull:
		return e.cast(a, to), true
	case from.Kind() == types.KString && types.IsAtomic(to):
		return e.cast(a, to), true
	case to.Kind() == types.KString && types.IsAtomic(from):
		return e.cast(a, to), e.ANSI && from.Kind() != types.KBinary || !e.ANSI
	case types.IsNumeric(from) && types.IsNumeric(to):
		return e.cast(a, to), true
	case isTime(from) && isTime(to):
		return e.cast(a, to), true
	}
	return a, false
}

func isTime(t types.Type) bool {
	k := t.Kind()
	return k == types.KDate || k == types.KTimestamp || k == types.KTimestampNTZ
}

func isInterval(t types.Type) bool {
	k := t.Kind()
	return k == types.KDayTimeInterval || k == types.KYearMonthInterval || k == types.KCalendarInterval
}

// take is implicit, or UNEXPECTED_INPUT_TYPE for argument i of the call.
func (e *Env) take(c *expr.Call, text string, i int, to types.Type) (expr.Expr, error) {
	a, ok := e.implicit(c.Args[i], to)
	if !ok {
		return nil, unexpected(text, i, `"`+types.SQL(to)+`"`, c.Args[i])
	}
	return a, nil
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}

// unexpected is UNEXPECTED_INPUT_TYPE for argument i (from 0).
func unexpected(text string, i int, required string, a expr.Expr) error {
	return errs.New("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "sqlExpr", `"`+text+`"`, "paramIndex", ordinals[i],
		"requiredType", required, "inputSql", `"`+a.String()+`"`, "inputType", typeText(a.Type()))
}

func typeText(t types.Type) string { return `"` + types.SQL(t) + `"` }

// mismatch is a DATATYPE_MISMATCH of a text with more parameters.
func mismatch(sub, text string, pairs ...string) error {
	return errs.New("DATATYPE_MISMATCH."+sub, append([]string{"sqlExpr", `"` + text + `"`}, pairs...)...)
}

// unordered is the condition of a type without order.
func unordered(function, text string, t types.Type) error {
	return mismatch("INVALID_ORDERING_TYPE", text, "functionName", Quote(function), "dataType", typeText(t))
}

// differ is DATA_DIFF_TYPES of arguments that have no type in common: ("INT" or "STRING").
func differ(function, text string, args []expr.Expr) error {
	return mismatch("DATA_DIFF_TYPES", text, "functionName", Quote(function), "dataType", "("+typeTexts(args, " or ")+")")
}

// differList is differ as the functions have it that list the types: ["INT", "STRING"].
func differList(function, text string, args []expr.Expr) error {
	return mismatch("DATA_DIFF_TYPES", text, "functionName", Quote(function), "dataType", "["+typeTexts(args, ", ")+"]")
}

func typeTexts(args []expr.Expr, separator string) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = typeText(a.Type())
	}
	return strings.Join(parts, separator)
}

// common brings arguments to one type, or nil where they have none.
func (e *Env) common(args []expr.Expr) ([]expr.Expr, types.Type) {
	list := make([]types.Type, len(args))
	for i, a := range args {
		list[i] = a.Type()
	}
	t := expr.WidestOf(list, e.ANSI)
	if t == nil {
		return nil, nil
	}
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		out[i] = e.cast(a, t)
	}
	return out, t
}

// mode is what a function does with a result that does not fit: raise, wrap around, or give null.
type mode uint8

const (
	strict mode = iota
	wrapping
	trying
)

func (e *Env) mode() mode {
	if e.ANSI {
		return strict
	}
	return wrapping
}

const ansiKey = `"spark.sql.ansi.enabled"`

// arithmeticOverflow is ARITHMETIC_OVERFLOW; hint is a try_ function or empty.
func arithmeticOverflow(message, hint string) error {
	if hint != "" {
		hint = " Use '" + hint + "' to tolerate overflow and return NULL instead."
	}
	return errs.New("ARITHMETIC_OVERFLOW", "message", message, "alternative", hint, "config", ansiKey)
}

// constant gives the value of an argument that must be one: ok is false where it depends on the row, and err is what
// computing it raises.
func constant(a expr.Expr) (v any, ok bool, err error) {
	if !expr.Foldable(a) {
		return nil, false, nil
	}
	v, err = expr.Value(&expr.Context{Mem: memory.DefaultAllocator, ANSI: true}, a)
	return v, err == nil, err
}

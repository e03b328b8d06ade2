// Package errs is every error the engine raises: one row of the condition table each.
//
// It is not a logging or wrapping library. Everyone calls it. Invariants: an Error names a row of
// the table; its parameters are exactly the row's placeholders; its text contains every
// parameter's value. Names, parameters and SQLSTATEs are PySpark's, the words are ours.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Class is the PySpark exception class that the Python side raises.
type Class string

const (
	Analysis        Class = "AnalysisException"
	Parse           Class = "ParseException"
	IllegalArgument Class = "IllegalArgumentException"
	Arithmetic      Class = "ArithmeticException"
	NumberFormat    Class = "NumberFormatException"
	DateTime        Class = "DateTimeException"
	ArrayIndex      Class = "ArrayIndexOutOfBoundsException"
	Unsupported     Class = "UnsupportedOperationException"
	Runtime         Class = "SparkRuntimeException"
	Upgrade         Class = "SparkUpgradeException"
	NoSuchElement   Class = "SparkNoSuchElementException"
	StreamingQuery  Class = "StreamingQueryException"
	Python          Class = "PythonException"
	Unknown         Class = "UnknownException"
	Spark           Class = "SparkException"
	Py4J            Class = "Py4JJavaError"
	NotImplemented  Class = "PySparkNotImplementedError"
)

// Row is one condition: Name is PySpark's (CONDITION or CONDITION.SUBCONDITION), Text holds
// <placeholders> that are the parameter names.
type Row struct {
	Name     string
	SQLState string
	Class    Class
	Text     string
}

// Error is one raised condition.
type Error struct {
	Row
	Params  map[string]string
	Context *Context
	Cause   error
	// Detail follows the message on lines of its own: a Python traceback, a plan. It is not a parameter.
	Detail string
}

// Context is the fragment of SQL text or the DataFrame call that caused the error.
type Context struct {
	Fragment string
	CallSite string
	Start    int
	Stop     int
}

// New raises a condition of the table; pairs are parameter names and values in turn.
// An unknown condition or a wrong parameter gives INTERNAL_ERROR that names the mistake,
// so that a slip in one message can never end the user's process.
func New(condition string, pairs ...string) *Error {
	row, ok := lookup(condition)
	if !ok {
		return internal(fmt.Sprintf("condition %s is not in the table", condition))
	}
	e := &Error{Row: row, Params: make(map[string]string, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Params[pairs[i]] = pairs[i+1]
	}
	return e
}

// Internal is a broken promise of our own code.
func Internal(format string, args ...any) *Error { return internal(fmt.Sprintf(format, args...)) }

func internal(text string) *Error {
	row, _ := lookup("INTERNAL_ERROR")
	return &Error{Row: row, Params: map[string]string{"message": text}}
}

// NotBuilt is what PySpark has and we lack, by its PySpark name.
func NotBuilt(feature string) *Error { return New("NOT_IMPLEMENTED", "feature", feature) }

// WithContext says which text or call the error came from.
func (e *Error) WithContext(c *Context) *Error { e.Context = c; return e }

// WithCause keeps what lay beneath.
func (e *Error) WithCause(cause error) *Error { e.Cause = cause; return e }

// Message is the text with its parameters filled in, without condition and SQLSTATE.
func (e *Error) Message() string {
	pairs := make([]string, 0, 2*len(e.Params))
	for k, v := range e.Params {
		pairs = append(pairs, "<"+k+">", v)
	}
	return strings.NewReplacer(pairs...).Replace(e.Text) // in one pass: a value may hold what looks like a placeholder
}

// Error is the form PySpark prints: [CONDITION] text SQLSTATE: nnnnn.
func (e *Error) Error() string {
	var b strings.Builder
	if !strings.HasPrefix(e.Name, "_LEGACY_ERROR") && e.Name != "" {
		b.WriteString("[" + e.Name + "] ")
	}
	b.WriteString(e.Message())
	if e.SQLState != "" {
		b.WriteString(" SQLSTATE: " + e.SQLState)
	}
	if e.Detail != "" {
		b.WriteString("\n" + e.Detail)
	}
	return b.String()
}

// Condition is what getCondition gives: empty for what PySpark raises without one, whose rows are named Unnamed….
func (e *Error) Condition() string {
	if strings.HasPrefix(e.Name, Unnamed) {
		return ""
	}
	return e.Name
}

// Unnamed begins the names of rows that have no condition in PySpark.
const Unnamed = "_LEGACY_ERROR_UNNAMED_"

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is says that two errors are of one condition.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Name == e.Name
}

// As finds the engine error in a chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Stop is what emit answers when nobody needs more rows. It is not a failure: whoever sees it
// ends its reading, and still forwards its marks.
var Stop = errors.New("no more rows are needed")

func lookup(name string) (Row, bool) {
	for _, family := range families {
		for i := range family {
			if family[i].Name == name {
				return family[i], true
			}
		}
	}
	return Row{}, false
}

// families are the condition tables, one file each: add a row to the family it belongs to.
var families = [][]Row{generalRows, analysisRows, expressionRows, formatRows, fileRows, streamingRows, pythonRows, parseRows, stateRows, sessionRows, dstreamRows}

// Package expr is the expression tree and how it is evaluated over batches.
//
// It is not the list of functions (functions) and does not resolve names (logical). The SQL parser and the
// bridge build unresolved trees; the analyzer turns them into typed trees; exec evaluates compiled ones.
// Invariants: trees are immutable, With copies; Type is nil exactly while a node is unresolved;
// String is the text Spark would name the column by.
package expr

import (
	"time"

	"pysparkcompat/engine/types"
)

// Expr is one node of a tree.
type Expr interface {
	Children() []Expr
	// With is the same node over other children, as many as Children gave.
	With(children []Expr) Expr
	// Type is nil while the node or a child is unresolved.
	Type() types.Type
	Nullable() bool
	// String is Spark's SQL text of the node, from which default column names are made.
	String() string
}

// ID tells attributes apart, whatever their names. IDs are unique in a process.
type ID uint64

// Attr is a resolved reference to a column of a child's output.
type Attr struct {
	ID        ID
	Name      string
	DataType  types.Type
	Null      bool
	Qualifier []string
	Metadata  string // JSON object or empty
	// EventTime says that a watermark with this Delay (microseconds) stands on the column.
	EventTime bool
	Delay     int64
	// Hidden marks the column _metadata where nobody has selected it yet.
	Hidden bool
}

// Name is an unresolved column reference; PlanID >= 0 says whose column it is (df["x"]).
type Name struct {
	Parts  []string
	PlanID int64
	// Metadata marks a reference to a hidden metadata column (df.metadataColumn).
	Metadata bool
}

// Star is * or target.*; it expands to columns (or to a struct's fields).
type Star struct {
	Target []string
	PlanID int64
}

// Regex is a column name pattern (df.colRegex).
type Regex struct {
	Pattern string
	PlanID  int64
}

// Literal is a constant. Value is one of: nil, bool, int8, int16, int32, int64, float32, float64,
// decimal128.Num, string, []byte, Days, Micros, Interval, []any (array), MapValue, []any in field order (struct).
type Literal struct {
	Value    any
	DataType types.Type
	// Zone is the zone that a timestamp's text shows; nil is UTC.
	Zone *time.Location
}

// Days since 1970-01-01, the value of a date literal.
type Days int32

// Micros since the epoch (timestamp, UTC; timestamp_ntz, wall clock) or of a day-time interval.
type Micros int64

// Interval is the value of a calendar interval literal.
type Interval = types.Interval

// MapValue keeps a map literal's entries in order.
type MapValue struct{ Keys, Values []any }

// Call is an unresolved function call by name. Operators are calls too: "+", "==", "and", "not", "isnull", "in" …
type Call struct {
	Name     []string
	Args     []Expr
	ArgNames []string // parallel to Args where given by name, else nil
	Distinct bool
	Filter   Expr // FILTER (WHERE …), or nil
	// Internal calls may name functions that SQL text may not.
	Internal bool
	// Bare is the word of a call without parentheses (user, current_date): a column of this name comes first.
	Bare string
}

// Alias names its child; several names only over a generator (explode of a map, inline). ID is set once resolved.
type Alias struct {
	Child    Expr
	Names    []string
	Metadata string
	ID       ID
	// Implied names are the struct field's own and not shown.
	Implied bool
}

// CastMode is what happens to a value that does not fit.
type CastMode uint8

const (
	// CastSession follows spark.sql.ansi.enabled and is replaced by one of the others in analysis.
	CastSession CastMode = iota
	CastANSI
	CastLegacy
	CastTry
)

// Cast converts. Implicit casts, which the analyzer inserts, do not show in column names.
type Cast struct {
	Child    Expr
	To       types.Type
	Mode     CastMode
	Implicit bool
	Zone     *time.Location // see InZone
}

// Extract is child[key] or child.key: a field, an element or a map value by a key; resolved into an Apply.
type Extract struct{ Child, Key Expr }

// Update adds, replaces (Value set) or drops (Value nil) the field at a dotted path of a struct.
type Update struct {
	Child, Value Expr
	Path         []string
}

// Lambda is x -> body, the argument of a higher-order function. Vars are the variables that stand for Params in the
// body, set once resolved.
type Lambda struct {
	Body   Expr
	Params []string
	Vars   []*LambdaVar
}

// LambdaVar is a lambda's parameter inside its body. ID is set once resolved.
type LambdaVar struct {
	Name     string
	ID       ID
	DataType types.Type
	Null     bool
}

// Sort is a sort key.
type Sort struct {
	Child      Expr
	Descending bool
	NullsFirst bool
}

// Over is a window function call: fn OVER (PARTITION BY … ORDER BY … frame).
type Over struct {
	Fn        Expr
	Partition []Expr
	Order     []Expr
	Frame     *Frame
}

// Frame is ROWS or RANGE BETWEEN Lower AND Upper; a nil bound is unbounded on that side.
type Frame struct {
	Rows         bool
	Lower, Upper Expr
}

// Apply is a resolved scalar call.
type Apply struct {
	Fn       *Function
	Args     []Expr
	DataType types.Type
	Null     bool
	// Text is the column name text where it is not fn(args): operators, CASE, getField.
	Text string
	// Data is what the function's Bind prepared for its kernel (a compiled pattern, a parsed format); shared, immutable.
	Data any
	Zone *time.Location // see InZone
}

// Agg is a resolved aggregate call; it stands only in an Aggregate node (or below Over).
type Agg struct {
	Fn       *Aggregate
	Args     []Expr
	DataType types.Type
	Null     bool
	Distinct bool
	Filter   Expr
	Data     any
	Text     string
}

// Generate is a resolved generator (explode, posexplode, inline, stack): one row in, any number out.
type Generate struct {
	Fn     *Generator
	Args   []Expr
	Fields []types.Field
	Outer  bool
	Text   string
}

// TimeWindow is window(time, duration, slide, start) in microseconds, or session_window(time, gap) where End is set: the
// time plus the row's gap, null where it has none. The analyzer turns it into columns.
type TimeWindow struct {
	Time                   Expr
	End                    Expr
	Duration, Slide, Start int64
}

// UDF is a call of a Python function; the planner takes it out of expressions into its own operator.
type UDF struct {
	FuncName      string
	Args          []Expr
	ArgNames      []string // parallel to Args, "" where positional
	Command       []byte
	EvalType      int32
	Out           types.Type
	Deterministic bool
	ID            ID
}

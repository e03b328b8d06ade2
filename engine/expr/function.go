package expr

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/types"
)

// Vector is a column of n rows, or with Const one value (an array of length 1) that stands for n.
// Whoever gets a Vector as a result owns it and releases it once.
type Vector struct {
	arrow.Array
	Const bool
}

// Context is what evaluation may know besides the rows. One goroutine uses one Context.
type Context struct {
	Mem  memory.Allocator
	Zone *time.Location // spark.sql.session.timeZone
	ANSI bool
	// LastKeyWins keeps the last of a map's equal keys, which otherwise raise: spark.sql.mapKeyDedupPolicy.
	LastKeyWins bool
	// NowMicros is current_timestamp: one value an epoch (a query, in batch).
	NowMicros int64
	// Seed differs per query and is kept over its epochs; with Partition it seeds rand and uuid.
	Seed      int64
	Partition int
	// RowBase counts the rows this instance has evaluated in the epoch, for monotonically_increasing_id and rand.
	RowBase int64
	// Watermark is the epoch's eviction watermark in microseconds, or math.MinInt64.
	Watermark int64
}

// Kernel computes a function over n rows. args have the types that Bind left them with; a Const argument has
// length 1. The result has n rows, or is Const if all arguments are. args are borrowed; the result is owned by
// the caller. A kernel keeps nothing between calls and may run on several goroutines. data is Apply.Data.
type Kernel func(c *Context, n int, args []Vector, data any, out types.Type) (Vector, error)

// Evaluator is a compiled expression. It may keep scratch memory: one goroutine uses it at a time.
type Evaluator interface {
	// Eval computes over a batch, which is borrowed.
	Eval(c *Context, b arrow.RecordBatch) (Vector, error)
	Type() types.Type
}

// Form compiles a function whose arguments are not all evaluated on all rows (case, coalesce, and, or,
// higher-order functions). Exactly one of Kernel and Form is set.
type Form func(a *Apply, args []Evaluator) (Evaluator, error)

// Function is a resolved scalar function: one value for the process, shared by all calls.
type Function struct {
	Name   string
	Kernel Kernel
	Form   Form
	// Fails says that some input makes it raise, so that a branch evaluates it on its own rows only.
	Fails bool
	// Volatile results differ from call to call (rand, uuid): never folded, never moved or evaluated twice.
	Volatile bool
	// Strict functions are null where an argument is, and look no further: what the arguments behind it raise on such a
	// row is not raised.
	Strict bool
	// RightFirst functions look at their last argument first: divisions.
	RightFirst bool
}

// Aggregate is a resolved aggregate function.
type Aggregate struct {
	Name string
	// Buffer is the types of the partial result's columns: what crosses exchanges and is kept in state.
	Buffer func(a *Agg) []types.Type
	// Ordered results depend on the order of the rows: rows must reach the accumulator in theirs, not by panes.
	Ordered bool
	// New makes an empty accumulator for many groups.
	New func(c *Context, a *Agg) (Accumulator, error)
}

// Accumulator is one aggregate over many groups, addressed by slot. One goroutine uses it. Slots are dense small
// numbers; a slot of -1 skips the row. Order of calls: Grow before a slot is first used; Update and Merge in any
// order; Clear makes a slot empty again for another group. Arrays given are borrowed, arrays got are owned by the caller.
type Accumulator interface {
	// Grow makes slots [0, n) usable; new ones are empty.
	Grow(n int)
	// Update adds rows: slots[i] is the group of row i of every argument.
	Update(slots []int32, args []arrow.Array) error
	// Merge adds partial results: slots[i] is the group of row i of every buffer column.
	Merge(slots []int32, buffer []arrow.Array) error
	// Partial gives the buffer columns of these slots.
	Partial(slots []int32) ([]arrow.Array, error)
	// Result gives the final values of these slots.
	Result(slots []int32) (arrow.Array, error)
	Clear(slots []int32)
	// Bytes is the memory held, roughly.
	Bytes() int64
	Close()
}

// Generator makes any number of rows from one. Rows gives, for a batch of n rows, the output columns and for each
// output row the input row it came from. Outer rows (no element) have null columns.
type Generator struct {
	Name string
	Rows func(c *Context, n int, args []Vector, g *Generate) (parents []int32, columns []arrow.Array, err error)
}

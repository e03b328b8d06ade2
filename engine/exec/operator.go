// Package exec is the operators that rows flow through.
//
// It is not a planner and knows no logical plan. The planner builds operators and joins them into a Pipeline; the
// query, or a batch run, drives it. Invariants: rows go by direct calls inside a chain and by a queue only at an
// exchange; marks flow behind the rows they follow; an operator owns no goroutine, no clock and no
// file but what a Held has no room for.
package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Emit passes a batch on; the batch is borrowed by the callee until it returns. It answers errs.Stop when nobody
// needs more rows of this epoch: the caller stops making rows, returns errs.Stop, and still forwards its marks.
type Emit func(b arrow.RecordBatch) error

// Operator turns batches into batches. The planner makes one instance a chain; one goroutine calls it. Order of
// calls: per epoch Mark(Begin) once, then for each port in turn Process any number of times and Mark(End); Close once
// at the end of the query, also after an error. A join's build side is a stage of its own that ends before the probe
// side's begins. Operators live as long as their query: what they keep over epochs is a state.Table declared to
// their constructor.
type Operator interface {
	// Process takes a batch, borrowed until return; who needs it longer retains it. It may emit results of
	// earlier batches. After an error only Close is called.
	Process(ctx context.Context, port int, b arrow.RecordBatch, emit Emit) error
	// Mark takes a mark; the operator emits what it must before the mark. The chain forwards marks to the next
	// operator after this one returned, so Mark emits only rows.
	Mark(ctx context.Context, port int, m Mark, emit Emit) error
	// Explain is the operator's line in explain().
	Explain() string
	Close() error
}

// MarkKind tells marks apart.
type MarkKind uint8

const (
	// Begin opens an epoch and carries its values.
	Begin MarkKind = iota
	// End closes it: everything that belongs to the epoch has been processed.
	End
	// Split says that the rows which follow are of split Mark.Split of a source: rand and
	// monotonically_increasing_id depend on the split, not on the instance that happens to read it.
	Split
	// SplitEnd follows the split's rows where results keep the sources' order: who holds rows back emits them now.
	SplitEnd
)

// Mark flows in-band behind the rows.
type Mark struct {
	Kind  MarkKind
	Epoch Epoch
	// Split numbers the splits of all sources of a stage; Split and SplitEnd carry it.
	Split int
}

// Epoch is what changes from one epoch to the next. Times are microseconds since the epoch of 1970.
type Epoch struct {
	ID        int64
	NowMicros int64
	// LateBelow: rows whose event time's mark is not above this are late (previous epoch's watermark). MinInt64: none are.
	LateBelow int64
	// Watermark: state not above this is evicted. MinInt64: nothing is.
	Watermark int64
	Seed      int64
	// Last is the only epoch of a batch query.
	Last bool
}

// Package source is the contract of what rows come from, its catalog, and one file a connector.
//
// It is not a decoder (format) and knows no query (query). The planner opens scans, the query asks for offsets.
// Invariants: offsets are "next position to read", opaque JSON to everyone else; a replayable source gives the
// same rows for the same range of offsets, for ever.
package source

import (
	"context"
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// Offset is a position in a stream as JSON; nil before the first.
type Offset = json.RawMessage

// Limit bounds an epoch. The zero value is no bound (trigger once).
type Limit struct {
	// AllAvailable fixes the end at what is there when the query starts (availableNow) while the
	// source's own rate options still cut it into epochs.
	AllAvailable bool
	// Ignore the source's rate options (trigger once).
	Ignore bool
}

// Stream is an unbounded source. One query owns it; Ready may be waited on from another goroutine. Order of calls
// an epoch: Latest, (the query logs the offsets), Splits for the range, reads, Commit once the epoch is committed.
// After a restart Splits is called for a logged range without a Latest before it. Close ends everything.
type Stream interface {
	Schema() types.Struct
	// Prepare freezes the end for AllAvailable; called once before the first Latest.
	Prepare(ctx context.Context) error
	// Latest gives where an epoch that starts at start would end; equal to start (or nil) when there is nothing new.
	// What the source needs for replay is durable before it returns.
	Latest(ctx context.Context, start Offset, limit Limit) (Offset, error)
	// Splits are the parts of (start, end] to read, in any number.
	Splits(ctx context.Context, start, end Offset) ([]Split, error)
	// Commit lets the source forget what lies before end.
	Commit(ctx context.Context, end Offset) error
	// Ready signals that Latest may give more than before; a value may be spurious, never lost.
	Ready() <-chan struct{}
	// Describe is the progress' description: FileStreamSource[file:…].
	Describe() string
	// Replayable says whether a logged range can be read again after a crash.
	Replayable() bool
	// LatestForProgress is latestOffset of the progress, or nil where PySpark gives null.
	LatestForProgress() Offset
	Close() error
}

// Table is a bounded source.
type Table interface {
	Schema() types.Struct
	Splits(ctx context.Context) ([]Split, error)
	Describe() string
}

// Pushdown is what a reader may leave out. A reader that cannot evaluate Filters leaves every row in: the plan
// filters again above it.
type Pushdown struct {
	// Columns are the field numbers of Schema that are wanted, in this order; nil is all of them.
	Columns []int
	Filters []format.Filter
}

// Split is a part of a source that one reader reads from start to end. It may be opened more than once.
type Split interface {
	Open(ctx context.Context, p Pushdown) (Reader, error)
}

// Reader gives the rows of a split. One goroutine uses it. Next gives a batch owned by the caller, io.EOF after the last.
type Reader interface {
	Next(ctx context.Context) (arrow.RecordBatch, error)
	Close() error
}

// Package sink is the contract of where a streaming query's rows go, its catalog, and one file a connector.
//
// It is not an encoder (format). The query calls it. Invariants: an idempotent sink takes the same epoch twice as
// once; a crash between write and commit leaves nothing visible.
package sink

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Mode is the output mode of a query.
type Mode string

const (
	Append   Mode = "Append"
	Update   Mode = "Update"
	Complete Mode = "Complete"
)

// Sink takes epochs in turn. The query owns it. Order of calls an epoch: Begin; Writer for each instance, all of
// which are closed before Commit or Abort; then exactly one of the two. Close once, after the last epoch.
type Sink interface {
	// Begin opens an epoch; done says that the sink holds it already: its rows are to be computed and not written.
	Begin(ctx context.Context, epoch int64) (done bool, err error)
	// Writer is for one instance; several are used at once, from their own goroutines.
	Writer(ctx context.Context, epoch int64, instance int) (Writer, error)
	// Commit makes the epoch's rows visible, all or none, and durable where the sink is.
	Commit(ctx context.Context, epoch int64) error
	Abort(epoch int64) error
	// Describe is the progress' description.
	Describe() string
	Idempotent() bool
	// RowsKnown says whether progress reports numOutputRows or PySpark's -1.
	RowsKnown() bool
	Close() error
}

// Writer takes the rows of one instance in one epoch. One goroutine uses it. Batches are borrowed. Close with ok
// false throws away what was written.
type Writer interface {
	Write(ctx context.Context, b arrow.RecordBatch) error
	Close(ok bool) error
}

// Placed is a Writer of a sink that hands an epoch's rows over in the sources' order: those that follow Place are of the
// split with this number. Without a call they are the instance's, whose number is then their place.
type Placed interface {
	Writer
	Place(split int)
}

// Receiver is a Sink whose receiver computes the rows itself in PySpark: an error of theirs is raised where they are
// read, in the user's code.
type Receiver interface {
	// Failed takes the error in the place of Commit; it gives what the receiver raised, nil where that ended well.
	Failed(ctx context.Context, epoch int64, cause error) error
}

// Tidier is a Sink with work that can wait until rows do not: preparing its log's next compaction, removing what
// nobody needs. The query calls Tidy between epochs; a Sink that is not tidied does the work when it must.
type Tidier interface {
	Tidy(ctx context.Context) error
}

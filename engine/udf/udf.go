// Package udf is the contract for a foreign function. It names no language.
//
// It is not a worker pool (pybridge/worker implements Runner) and not an operator (exec uses it).
// Invariants: rows come out in the order they went in; an error of the user's code comes back as an *errs.Error
// with condition PYTHON_EXCEPTION or a kin, never as a panic and never lost.
package udf

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/types"
)

// Kind is how rows meet the function.
type Kind uint8

const (
	// Scalar functions get one row's values a call and give one value.
	Scalar Kind = iota
	// ScalarPandas functions get columns as pandas Series and give one Series of the same length.
	ScalarPandas
	// ScalarArrow functions get columns as Arrow arrays.
	ScalarArrow
	// ScalarPandasIter and ScalarArrowIter get an iterator of columns.
	ScalarPandasIter
	ScalarArrowIter
	// MapArrow gets an iterator of record batches and gives one; any number of rows.
	MapArrow
	// MapPandas the same with DataFrames.
	MapPandas
	// Foreach gets rows and gives nothing but what it reports at its end.
	Foreach
)

// Function is one user function and where its arguments lie.
type Function struct {
	Name    string
	Command []byte // what the worker unpickles
	// Args are column numbers of the input; an argument that is itself a call of the chain has number
	// (columns of input + position in Spec.Functions): adjacent functions fuse into one call.
	Args     []int
	ArgNames []string
	Out      types.Type
}

// Spec is one instance: what one worker is to do with one stream of batches.
type Spec struct {
	Kind      Kind
	Functions []Function
	Input     types.Struct
	// Output is one field a result column: for the map kinds the declared schema, else the functions that Keep names.
	Output types.Struct
	// Keep are the positions in Functions whose results are wanted.
	Keep []int
	// Zone is the session time zone; Conf what of the session's settings the worker needs.
	Zone string
	Conf map[string]string
	// Partition and Epoch are for TaskContext.
	Partition int
	Epoch     int64
}

// Runner opens instances. Safe for concurrent use. Open waits for a free worker until ctx ends.
type Runner interface {
	Open(ctx context.Context, spec Spec) (Instance, error)
}

// Instance is one worker's stream. One goroutine uses it. Order: Send any number of times, with Receive between
// as wanted; Finish once; Receive until it gives nil; Close always, also after an error, and it returns the
// worker (or discards it, when the stream did not end cleanly). After an error only Close may be called.
type Instance interface {
	// Send hands over a batch, borrowed; it may return before the worker has read it, and blocks while too
	// much is under way and no result is ready. The map kinds may Receive any number of batches for one sent.
	Send(ctx context.Context, b arrow.RecordBatch) error
	// Receive gives the next result, owned by the caller. With wait false it gives nil when none is ready and the
	// worker has not fallen behind what was sent; with wait true it blocks until one is, and gives nil only after
	// Finish when all have been given.
	Receive(ctx context.Context, wait bool) (arrow.RecordBatch, error)
	// Finish says that no batch follows.
	Finish(ctx context.Context) error
	Close() error
}

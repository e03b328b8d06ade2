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
	// The grouped kinds get a row a group, or a part of one: GroupColumns. GroupPandas and GroupArrow give rows, the
	// Iter kinds see a group's parts one by one.
	GroupPandas
	GroupPandasIter
	GroupArrow
	GroupArrowIter
	// CogroupPandas and CogroupArrow get the rows of two inputs with one key.
	CogroupPandas
	CogroupArrow
	// The aggregating kinds give a row a group: a value a function.
	AggPandas
	AggPandasIter
	AggArrow
	AggArrowIter
	// GroupState is applyInPandasWithState: a group comes with its state, which goes back with its rows.
	GroupState
)

// Of a grouped kind's batches each row is one part of one group. More says that another part of the group follows; Rows
// is a list of the part's rows, structs of Spec.Input's columns; a cogrouped kind has Other too, of Spec.Other's. With
// GroupState follow State, the struct of the group's state or null, and TimedOut.
const (
	More = iota
	Rows
	Other
	State    = 2
	TimedOut = 3
)

// Of GroupState's answers each row is a part of what one group gave, in the order that groups were sent: More, Rows (of
// Function.Out), and with the last part the State, what is to be done with it, and its time in milliseconds or null.
const (
	AnswerState = 2 + iota
	AnswerAction
	AnswerTimeout
)

// What is to be done with a state.
const (
	KeepState int8 = iota
	PutState
	RemoveState
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
	// Keys are the columns of Input that a grouped kind groups by. Other and OtherArgs are the second input of a
	// cogrouped kind and its arguments.
	Keys      []int
	Other     types.Struct
	OtherKeys []int
	OtherArgs []int
	// State is for GroupState.
	State *StateSpec
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
	// Now and Watermark are the epoch's, in milliseconds; a Watermark of -1 is none.
	Now, Watermark int64
}

// StateSpec is what a function with state is told.
type StateSpec struct {
	Type types.Struct
	// Timeout is NoTimeout, ProcessingTimeTimeout or EventTimeTimeout.
	Timeout string
	// Watermarked says that the input has an event time.
	Watermarked bool
}

// Timeouts of a group's state.
const (
	NoTimeout             = "NoTimeout"
	ProcessingTimeTimeout = "ProcessingTimeTimeout"
	EventTimeTimeout      = "EventTimeTimeout"
)

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

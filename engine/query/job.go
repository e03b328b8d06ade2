// Package query runs a streaming query: triggers, epochs, watermark, progress, recovery.
//
// It is not the plan (planner) and moves no rows itself: a Job does. engine starts and keeps queries. Invariants: an
// epoch's offsets are durable before its rows reach the user; state and sink commit before the commit entry; no epoch
// begins before the entry of the one before it is durable; a query that ended has closed all that it held, and its
// outcome does not change.
package query

import (
	"context"
	"encoding/json"
	"time"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/source"
)

// Job is a planned query. The query owns it; Run is called for one epoch at a time, from the query's goroutine.
type Job interface {
	// Streams are the unbounded sources, in the order of the plan.
	Streams() []source.Stream
	// Run lets the rows of an epoch flow: ranges has one entry a stream. With discard the rows are computed and not
	// given to the sink, which holds them already. A RowsError says that computing them failed, nothing else.
	Run(ctx context.Context, epoch exec.Epoch, ranges []Range, discard bool) error
	// Wants says whether an epoch without data would have something to do, the watermark of the last epoch and of the
	// next being as given (microseconds): evict state, emit what is complete, or look whose time is out.
	Wants(from, to int64) bool
	// Measures are those of the last Run.
	Measures() Measures
	Explain(extended bool) string
	// Logical is the analysed plan's text.
	Logical() string
	Close() error
}

// RowsError is an error of computing an epoch's rows: of the files, of the user's functions, of arithmetic.
type RowsError struct{ Err error }

func (e *RowsError) Error() string { return e.Err.Error() }
func (e *RowsError) Unwrap() error { return e.Err }

// Range is what an epoch reads of a stream: from Start (nil: from its beginning) to End. A nil End reads nothing.
type Range struct{ Start, End source.Offset }

// Measures are what an epoch's run counted.
type Measures struct {
	// Rows has one count a stream.
	Rows []int64
	// EventTimes has one entry a watermark of the plan.
	EventTimes []EventTime
	States     []StateMeasure
	// Out is the rows given to the sink.
	Out int64
	// Observed has one entry an observe of the plan.
	Observed []Observed
}

// Observed is an observe's metrics of an epoch: as JSON, as progress shows them, and as an Arrow IPC stream of one row
// with its Spark schema, as listeners get them.
type Observed struct {
	Name   string          `json:"name"`
	JSON   json.RawMessage `json:"-"`
	Schema json.RawMessage `json:"schema"`
	Row    []byte          `json:"row"`
}

// EventTime is what a watermark operator saw in an epoch; times in microseconds.
type EventTime struct {
	Delay    int64
	Count    int64
	Min, Max int64
	Avg      float64
}

// StateMeasure is a stateful operator's line in the progress.
type StateMeasure struct {
	Operator           string
	Total, Updated     int64
	Removed, Dropped   int64
	Updates, Removals  time.Duration
	Commit             time.Duration
	Bytes              int64
	Partitions, Stores int
	Custom             map[string]int64
}

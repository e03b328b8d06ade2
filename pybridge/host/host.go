// Package host is the contract between the native boundary and the service behind it.
//
// It is not an implementation and knows no Python. pybridge/native calls it, pybridge/connect
// implements it. Invariants: no method panics on purpose, none waits longer than the wait it was
// given, and every error that a user can see is an *errs.Error.
package host

import (
	"encoding/json"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// Kind says what Next found.
type Kind uint8

const (
	// Again means that nothing came within the wait.
	Again Kind = iota
	// Batch means that Event.Batch holds rows.
	Batch
	// Message means that Event.Message holds a JSON value (a command's result, a notice).
	Message
	// End means that the task finished well; it is closed and its id is dead.
	End
)

// Event is one thing that a task has to tell.
type Event struct {
	Kind Kind
	// Batch belongs to the caller, who releases it. Its buffers come from the allocator that the
	// host was made with, because Python keeps them after the call.
	Batch   arrow.RecordBatch
	Message json.RawMessage
}

// Host serves sessions.
//
// Call order: Open, then anything, then Close. After Close the session's tasks answer with an
// error and its waiting calls return. All methods may be called from any number of threads; a
// task's Next from one at a time. Inputs are the callee's to keep, results the caller's.
//
// Requests and replies named "proto" are spark.connect messages; the rest is JSON.
type Host interface {
	// Open starts a session from {"conf":{..},"cwd":..,"sysPath":[..],..} and gives its id.
	Open(conf []byte) (session int64, err error)
	// Close stops the session's queries and workers. A second Close is no error.
	Close(session int64) error
	// Config answers a proto ConfigRequest with a proto ConfigResponse.
	Config(session int64, request []byte) ([]byte, error)
	// Frame analyses one proto Relation whose inputs are CachedRemoteRelation handles, keeps it and
	// answers {"handle":..,"schema":{..},"streaming":bool}.
	Frame(session int64, relation []byte) ([]byte, error)
	// Drop forgets frames; a handle that is unknown is no error.
	Drop(session int64, handles []string) error
	// Analyze answers a proto AnalyzePlanRequest with a proto AnalyzePlanResponse.
	Analyze(session int64, request []byte) ([]byte, error)
	// Run starts a proto Plan, root or command, and returns at once.
	Run(session int64, plan []byte) (task int64, err error)
	// Next waits for the task's next event. An error is the task's own failure and ends it.
	Next(task int64, wait time.Duration) (Event, error)
	// Cancel stops a task and forgets it, whatever its state. A task that is gone is no error.
	Cancel(task int64) error
	// NextCallback waits for what the lane's Python thread shall do next:
	// {"status":"again"} | {"status":"call","callback":id,..} | {"status":"end"}.
	NextCallback(session, lane int64, wait time.Duration) ([]byte, error)
	// Answer gives a callback's outcome.
	Answer(session, callback int64, reply []byte) error
	// Query does one operation on a streaming query or the query manager.
	Query(session int64, request []byte) ([]byte, error)
	// Do does one operation on RDDs or DStreams, by its name: packs in and out (Pack). It waits 50 ms at most.
	Do(session int64, op string, request []byte) ([]byte, error)
}

package query

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/state"
)

// Settings are what the session's settings say of a query.
type Settings struct {
	// NoData allows epochs without data; PolicyMax is spark.sql.streaming.multipleWatermarkPolicy = max.
	NoData, PolicyMax bool
	// Retain is how many epochs the checkpoint keeps, Recent how many reports the query keeps.
	Retain, Recent int
	// IdleEvery is the time between idle events, Polling that between two looks of an idle query as rates count it.
	IdleEvery, Polling time.Duration
	// Pinned are the settings that every entry of the offset log records.
	Pinned map[string]string
}

// Config is all that a query is made of. The query owns Job, Sink, State and Check and closes them.
type Config struct {
	Name    string
	Job     Job
	Sink    sink.Sink
	State   state.Store // nil for a query without state
	Check   *checkpoint.Checkpoint
	History checkpoint.History
	// Unreadable is what is wrong with the checkpoint: the query ends by it.
	Unreadable error
	Trigger    Trigger
	Clock      clock.Clock
	Settings   Settings
	Seed       int64
	// Notify is told of progress, idleness and the end, in order, from the query's goroutines.
	Notify func(Event)
	// Ended is called once, after everything is closed; failed says whether it ended by an error.
	Ended func(failed bool)
}

// Event is what listeners hear of a query.
type Event struct {
	Kind string // "progress", "idle", "terminated"
	JSON json.RawMessage
	// Observed are a progress' metrics.
	Observed []Observed
}

// errStopped is the cause of a context that stop() ended.
var errStopped = errors.New("the query was stopped")

// Query is a streaming query. All exported methods are safe for concurrent use.
type Query struct {
	config  Config
	id      string
	runID   string
	streams []source.Stream
	ctx     context.Context
	cancel  context.CancelCauseFunc
	begin   sync.Once
	wake    chan struct{} // room for one token: look for data now
	done    chan struct{} // closed at the end

	// The loop's own, touched by its goroutine only.
	resume  checkpoint.Resume
	tracker *tracker
	begun   time.Time
	looked  time.Time  // the last trigger
	waited  bool       // it found nothing to do
	ticked  bool       // the last epoch was wanted because time passes, and for nothing else
	pending chan error // the finishing of the epoch before, or nil

	mu     sync.Mutex
	noted  time.Time // the last report
	last   *Progress // the last epoch's
	status Status
	recent []*Progress
	probes []chan struct{}
	due    time.Time // until when it rests, zero while it does not
	behind int       // epochs that are being finished in the background
	err    *errs.Error
	ended  bool
}

// Status is what the query is doing.
type Status struct {
	Message         string `json:"message"`
	IsDataAvailable bool   `json:"isDataAvailable"`
	IsTriggerActive bool   `json:"isTriggerActive"`
}

// New makes a query that does nothing until Begin.
func New(c Config) *Query {
	q := &Query{config: c, id: c.Check.ID(), runID: uuid.NewString(), streams: c.Job.Streams(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancelCause(context.Background())
	q.status = Status{Message: "Initializing StreamExecution"}
	return q
}

// ID is the same over restarts, RunID is not; Name may be empty.
func (q *Query) ID() string    { return q.id }
func (q *Query) RunID() string { return q.runID }
func (q *Query) Name() string  { return q.config.Name }

// Begin starts the loop; a second call does nothing.
func (q *Query) Begin() { q.begin.Do(func() { go q.run() }) }

// Discard closes what a query holds that is never to begin.
func (q *Query) Discard() {
	q.begin.Do(func() {
		q.cancel(errStopped)
		q.close() //nolint:errcheck // why it is discarded is reported
		close(q.done)
	})
}

// Stop asks the query to end and does not wait. A query that never began ends at once.
func (q *Query) Stop() {
	q.cancel(errStopped)
	q.Begin()
}

// Done is closed when the query has ended.
func (q *Query) Done() <-chan struct{} { return q.done }

// Active says whether the query has not ended.
func (q *Query) Active() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.ended
}

// Failure is the StreamingQueryException that ended the query, or nil.
func (q *Query) Failure() *errs.Error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// Status is what the query is doing now.
func (q *Query) Status() Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.status
}

// Recent are the last reports, the newest last.
func (q *Query) Recent() []*Progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]*Progress(nil), q.recent...)
}

// Explain is the plan's text.
func (q *Query) Explain(extended bool) string { return q.config.Job.Explain(extended) }

// Probe gives a channel that is closed once a look for data, begun after this call, found none and all before it is
// committed: processAllAvailable waits for it, or for Done.
func (q *Query) Probe() <-chan struct{} {
	ch := make(chan struct{})
	q.mu.Lock()
	q.probes = append(q.probes, ch)
	q.mu.Unlock()
	q.poke()
	return ch
}

// Rests says whether the query waits for a trigger whose time has not come, and whether it waits for a time at all: one
// without an interval waits for data.
func (q *Query) Rests() (resting, timed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended || q.behind == 0 && q.due.After(q.config.Clock.Now()), q.config.Trigger.Every > 0
}

func (q *Query) finishes(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.behind += n
}

// Clock is what the query goes by.
func (q *Query) Clock() clock.Clock { return q.config.Clock }

func (q *Query) rests(until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.due = until
}

func (q *Query) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// say, trigger and available set a part of the status each.
func (q *Query) say(message string)   { q.tell(func(s *Status) { s.Message = message }) }
func (q *Query) trigger(active bool)  { q.tell(func(s *Status) { s.IsTriggerActive = active }) }
func (q *Query) available(fresh bool) { q.tell(func(s *Status) { s.IsDataAvailable = fresh }) }

func (q *Query) tell(change func(*Status)) {
	q.mu.Lock()
	change(&q.status)
	q.mu.Unlock()
}

func (q *Query) notify(kind string, body any) {
	if q.config.Notify == nil {
		return
	}
	text, err := json.Marshal(body)
	if err != nil { // bodies are our own structs
		text = []byte("{}")
	}
	e := Event{Kind: kind, JSON: text}
	if p, ok := body.(*Progress); ok {
		e.Observed = p.Observed
	}
	q.config.Notify(e)
}

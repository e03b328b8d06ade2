package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/errs"
)

// run is the query's goroutine: the loop, then the end.
func (q *Query) run() {
	err := q.guarded()
	if pending := q.settle(); err == nil {
		err = pending
	}
	if errors.Is(err, errStopped) || q.stopped() && isCancel(err) {
		err = nil
	}
	q.end(err)
}

// stopped says whether Stop was called.
func (q *Query) stopped() bool { return errors.Is(context.Cause(q.ctx), errStopped) }

func isCancel(err error) bool { return errors.Is(err, context.Canceled) }

// guarded is the loop, whose panics become errors: no fault of ours may end the user's process.
func (q *Query) guarded() (err error) {
	defer errs.Caught(&err)
	return q.loop()
}

func (q *Query) loop() error {
	q.say("Initializing sources")
	q.begun = q.config.Clock.Now()
	if err := q.recover(); err != nil {
		return err
	}
	for _, s := range q.streams {
		go q.forward(s.Ready())
	}
	if q.config.Trigger.Kind == AvailableNow {
		for _, s := range q.streams {
			if err := s.Prepare(q.ctx); err != nil {
				return err
			}
		}
	}
	for q.ctx.Err() == nil {
		probes := q.takeProbes()
		started := q.config.Clock.Now()
		ran, err := q.step(started)
		if err != nil {
			return err
		}
		if !ran || q.ticked {
			if err := q.settle(); err != nil {
				return err
			}
			answer(probes)
		} else {
			q.giveBack(probes)
		}
		if q.config.Trigger.Kind == Once || q.config.Trigger.Kind == AvailableNow && (!ran || q.ticked) {
			return nil
		}
		q.rest(started, ran)
	}
	return context.Cause(q.ctx)
}

// recover decides from the logs where to go on, and loads the state of that place.
func (q *Query) recover() (err error) {
	if q.config.Unreadable != nil {
		return q.config.Unreadable
	}
	if q.resume, err = checkpoint.Decide(q.config.History); err != nil {
		return err
	}
	q.tracker = newTracker(q.resume.Watermark, q.config.Settings.PolicyMax)
	for _, logged := range q.loggedSources() {
		if logged != len(q.streams) {
			return errs.New(errs.Unnamed+"SOURCES_CHANGED", "logged", fmt.Sprint(logged), "now", fmt.Sprint(len(q.streams)))
		}
	}
	if q.config.State != nil {
		return q.config.State.Restore(q.ctx, q.resume.State)
	}
	return nil
}

// loggedSources is of how many sources the entries speak that the query goes on from.
func (q *Query) loggedSources() (out []int) {
	if q.resume.Starts != nil {
		out = append(out, len(q.resume.Starts))
	}
	if q.resume.Logged != nil {
		out = append(out, len(q.resume.Logged.Ends))
	}
	return out
}

// forward passes a source's signal on until the query ends.
func (q *Query) forward(ready <-chan struct{}) {
	for {
		select {
		case _, open := <-ready:
			if !open {
				return
			}
			q.poke()
		case <-q.ctx.Done():
			return
		}
	}
}

func (q *Query) takeProbes() []chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	probes := q.probes
	q.probes = nil
	return probes
}

func (q *Query) giveBack(probes []chan struct{}) {
	q.mu.Lock()
	q.probes = append(probes, q.probes...)
	q.mu.Unlock()
}

func answer(probes []chan struct{}) {
	for _, ch := range probes {
		close(ch)
	}
}

// rest waits for the next trigger: its time, or with no interval for data.
func (q *Query) rest(started time.Time, ran bool) {
	clock := q.config.Clock
	if every := q.config.Trigger.Every; every > 0 {
		q.say("Waiting for next trigger")
		next := q.config.Trigger.next(started)
		if d := next.Sub(clock.Now()); d > 0 {
			q.rests(next)
			due := clock.After(d)
			if next.After(clock.Now()) { // else the clock moved before it was asked to wake
				select {
				case <-due:
				case <-q.ctx.Done():
				}
			}
			q.rests(time.Time{})
		}
		return
	}
	if ran && !q.ticked || q.asked() {
		return
	}
	if q.ticked {
		select {
		case <-q.wake:
		case <-q.ctx.Done():
		case <-clock.After(tick):
		}
		return
	}
	select {
	case <-q.wake:
	case <-q.ctx.Done():
	case <-clock.After(q.untilIdle()):
	}
}

// tick is how long a query waits between epochs in which nothing but time passes.
const tick = 100 * time.Millisecond

func (q *Query) asked() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.probes) > 0
}

// untilIdle is when the next report of an idle query is due.
func (q *Query) untilIdle() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return max(q.nextNote().Sub(q.config.Clock.Now()), time.Millisecond)
}

// end closes everything, notes the outcome and tells it.
func (q *Query) end(err error) {
	q.cancel(errStopped)
	if closeErr := q.close(); err == nil {
		err = closeErr
	}
	var failure *errs.Error
	if err != nil {
		failure = q.failed(err)
	}
	q.mu.Lock()
	q.err, q.ended = failure, true
	q.status = Status{Message: "Stopped"}
	if err != nil {
		q.status.Message = "Terminated with exception: " + err.Error()
	}
	q.mu.Unlock()
	if q.config.Ended != nil {
		q.config.Ended(err != nil)
	}
	q.notify("terminated", q.terminated(err))
	close(q.done)
}

// close closes all that the query holds; what a stop leads to there is no error.
func (q *Query) close() error {
	var first error
	for _, c := range []io.Closer{q.config.Job, q.config.Sink, q.config.State} {
		if c == nil {
			continue
		}
		if err := closed(c); first == nil && !isCancel(err) && !errors.Is(err, errStopped) {
			first = err
		}
	}
	return first
}

func closed(c io.Closer) (err error) {
	defer errs.Caught(&err)
	return c.Close()
}

// terminated is the event's body: exception is null after a stop; the condition is that of the root error.
func (q *Query) terminated(err error) map[string]any {
	body := map[string]any{"id": q.id, "runId": q.runID, "exception": nil, "errorClassOnException": nil}
	if err != nil {
		body["exception"] = err.Error()
		if e := errs.As(err); e != nil {
			body["errorClassOnException"] = e.Name
		}
	}
	return body
}

// failed wraps what ended the query in a StreamingQueryException.
func (q *Query) failed(err error) *errs.Error {
	e := errs.New("STREAM_FAILED", "id", q.id, "runId", q.runID, "message", err.Error()).WithCause(err)
	e.Detail = q.describe()
	return e
}

// describe is the part of the exception's text after the message.
func (q *Query) describe() string {
	text := "=== Streaming Query ===\nIdentifier: " + q.label() + "\nCurrent Committed Offsets: " + q.offsetsText(q.resume.Starts)
	text += "\nCurrent Available Offsets: "
	if q.resume.Logged != nil {
		text += q.offsetsText(q.resume.Logged.Ends)
	} else {
		text += "{}"
	}
	return text + "\n\nCurrent State: ACTIVE\n\nLogical Plan:\n" + q.config.Job.Logical()
}

func (q *Query) label() string {
	if q.config.Name != "" {
		return fmt.Sprintf("%s [id = %s, runId = %s]", q.config.Name, q.id, q.runID)
	}
	return fmt.Sprintf("[id = %s, runId = %s]", q.id, q.runID)
}

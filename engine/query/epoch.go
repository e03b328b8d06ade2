package query

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
)

// step looks for data and runs one epoch if there is a reason to: data, a logged epoch to be run again, or a watermark
// that has moved past state. It says whether one ran.
func (q *Query) step(started time.Time) (bool, error) {
	r := q.newRecord(started)
	entry, again := q.resume.Logged, q.resume.Logged != nil
	if !again {
		q.say("Getting offsets from " + q.names())
		var err error
		if entry, err = q.next(r); err != nil {
			return false, err
		}
		if entry == nil {
			return false, q.idle(r)
		}
		if err := q.settle(); err != nil {
			return false, err
		}
		if err := q.log(r, entry); err != nil {
			return false, err
		}
	}
	q.say("Processing new data")
	if err := q.process(r, entry); err != nil {
		return false, err
	}
	q.advance(r, entry)
	return true, nil
}

// newRecord begins a trigger.
func (q *Query) newRecord(started time.Time) *record {
	r := &record{epoch: q.resume.Next, started: started, durations: map[string]time.Duration{}, latest: make([]source.Offset, len(q.streams))}
	if !q.looked.IsZero() {
		// of the times that progress shows
		r.since = max(time.Duration(started.UnixMilli()-q.looked.UnixMilli())*time.Millisecond, time.Millisecond)
		if q.waited && q.config.Trigger.Every <= 0 {
			// Input rates are by the time from one look for data to the next. PySpark looks at every polling delay; we
			// sleep until there is something to see.
			r.since = min(r.since, max(q.config.Settings.Polling, time.Millisecond))
		}
	}
	q.looked, q.waited = started, false
	q.trigger(true)
	return r
}

func (q *Query) names() string {
	names := make([]string, len(q.streams))
	for i, s := range q.streams {
		names[i] = s.Describe()
	}
	return strings.Join(names, ", ")
}

// next is the entry of the next epoch, or nil when there is no reason for one.
func (q *Query) next(r *record) (*checkpoint.Offsets, error) {
	at := q.config.Clock.Now()
	entry := &checkpoint.Offsets{Watermark: q.tracker.global, Timestamp: at.UnixMilli(), Conf: q.config.Settings.Pinned, Ends: make([]json.RawMessage, len(q.streams))}
	limit := source.Limit{AllAvailable: q.config.Trigger.Kind == AvailableNow, Ignore: q.config.Trigger.Kind == Once}
	fresh := false
	for i, s := range q.streams {
		start := q.start(i)
		end, err := s.Latest(q.ctx, start, limit)
		if err != nil {
			return nil, err
		}
		if end == nil {
			end = start
		}
		fresh = fresh || string(end) != string(start)
		entry.Ends[i], r.latest[i] = end, s.LatestForProgress()
	}
	r.durations["latestOffset"] = q.config.Clock.Now().Sub(at)
	q.available(fresh)
	q.ticked = false
	if fresh {
		return entry, nil
	}
	if q.wantsMore() {
		// An epoch in which nothing but time has passed is wanted again and again.
		q.ticked = q.config.Job.Wants(q.tracker.global*1000, q.tracker.global*1000)
		return entry, nil
	}
	return nil, nil
}

// wantsMore says whether the watermark has moved so that an epoch without data would evict state. Also the last epoch of
// a run that was killed may have moved it: PySpark then waits for data, and its output would differ from a calm run's.
func (q *Query) wantsMore() bool {
	return q.config.Settings.NoData && q.config.Trigger.Kind != Once && q.resume.Next > 0 && q.config.Job.Wants(q.resume.LateBelow*1000, q.tracker.global*1000)
}

func (q *Query) start(i int) source.Offset {
	if i < len(q.resume.Starts) {
		return q.resume.Starts[i]
	}
	return nil
}

// log writes the epoch's offsets; from here on the epoch has to be run with them.
func (q *Query) log(r *record, entry *checkpoint.Offsets) error {
	at := q.config.Clock.Now()
	if err := q.config.Check.AddOffsets(r.epoch, entry); err != nil {
		return err
	}
	q.resume.Logged = entry
	r.durations["walCommit"] = q.config.Clock.Now().Sub(at)
	return nil
}

// process lets the rows flow and commits state beside the sink.
func (q *Query) process(r *record, entry *checkpoint.Offsets) error {
	clock := q.config.Clock
	at := clock.Now()
	r.ranges = make([]Range, len(q.streams))
	for i := range q.streams {
		r.ranges[i] = Range{Start: q.start(i)}
		if i < len(entry.Ends) {
			r.ranges[i].End = entry.Ends[i]
		}
	}
	r.watermark = entry.Watermark
	late := entry.Watermark
	if r.epoch > 0 {
		late = q.resume.LateBelow
	}
	epoch := exec.Epoch{ID: r.epoch, NowMicros: entry.Timestamp * 1000, LateBelow: late * 1000, Watermark: entry.Watermark * 1000, Seed: q.config.Seed}
	r.durations["getBatch"], r.durations["queryPlanning"] = 0, clock.Now().Sub(at)
	at = clock.Now()
	held, err := q.config.Sink.Begin(q.ctx, r.epoch)
	if err != nil {
		return err
	}
	if err := q.config.Job.Run(q.ctx, epoch, r.ranges, held); err != nil {
		err = q.received(r.epoch, held, err)
		q.abort(r.epoch, held)
		return err
	}
	if q.config.State != nil {
		if err := q.config.State.Check(); err != nil {
			q.abort(r.epoch, held)
			return err
		}
	}
	saving, err := q.commit(r.epoch, held)
	if err != nil {
		return err
	}
	r.measures = q.config.Job.Measures()
	for i := range r.measures.States {
		r.measures.States[i].Commit = saving
	}
	r.withEvents = len(r.measures.EventTimes) > 0
	r.durations["addBatch"] = clock.Now().Sub(at)
	return nil
}

// received gives what ends a query whose rows could not be computed: what a foreachBatch function raises that reads
// them, else the error itself. The function may not go on without the rows: the pipeline has failed.
func (q *Query) received(epoch int64, held bool, err error) error {
	var rows *RowsError
	if !errors.As(err, &rows) {
		return err
	}
	to, ok := q.config.Sink.(sink.Receiver)
	if !ok || held || q.ctx.Err() != nil {
		return rows.Err
	}
	if raised := to.Failed(q.ctx, epoch, rows.Err); raised != nil {
		return raised
	}
	return rows.Err
}

// abort lets the sink throw away what it was given; the error that led here is the one to report.
func (q *Query) abort(epoch int64, held bool) {
	if !held {
		q.config.Sink.Abort(epoch) //nolint:errcheck // the cause is reported
	}
}

// commit commits the state while the sink commits; both are done when it returns. It tells how long the state took.
func (q *Query) commit(epoch int64, held bool) (saving time.Duration, err error) {
	saved := make(chan error, 1)
	if q.config.State != nil {
		go func() {
			at := q.config.Clock.Now()
			failed := q.commitState(epoch)
			saving = q.config.Clock.Now().Sub(at)
			saved <- failed
		}()
	} else {
		saved <- nil
	}
	if !held {
		err = q.config.Sink.Commit(q.ctx, epoch)
	}
	if stateErr := <-saved; err == nil {
		err = stateErr
	}
	return saving, err
}

func (q *Query) commitState(epoch int64) (err error) {
	defer errs.Caught(&err)
	return q.config.State.Commit(q.ctx, epoch)
}

// advance moves the query past the epoch and finishes it in the background.
func (q *Query) advance(r *record, entry *checkpoint.Offsets) {
	q.tracker.observe(r.measures.EventTimes)
	q.resume.Starts, q.resume.Logged, q.resume.Next, q.resume.LateBelow = entry.Ends, nil, r.epoch+1, entry.Watermark
	commit := &checkpoint.Commit{NextWatermark: q.tracker.global}
	q.pending = make(chan error, 1)
	q.finishes(1)
	go func(pending chan<- error) {
		err := q.finish(r, commit)
		q.finishes(-1)
		pending <- err
	}(q.pending)
}

// finish is what nobody has to wait for until the next epoch's offsets are to be written: the commit entry, the report,
// and forgetting what is old.
func (q *Query) finish(r *record, commit *checkpoint.Commit) (err error) {
	defer errs.Caught(&err)
	at := q.config.Clock.Now()
	if err := q.config.Check.AddCommit(r.epoch, commit); err != nil {
		return err
	}
	now := q.config.Clock.Now()
	r.durations["commitOffsets"], r.durations["triggerExecution"] = now.Sub(at), now.Sub(r.started)
	q.publish(q.report(r), now)
	for i, s := range q.streams {
		if end := r.ranges[i].End; end != nil {
			if err := s.Commit(q.ctx, end); err != nil {
				return err
			}
		}
	}
	keep := r.epoch - int64(q.config.Settings.Retain)
	if keep > 0 {
		if err := q.config.Check.Purge(keep); err != nil {
			return err
		}
	}
	if t, ok := q.config.Sink.(sink.Tidier); ok {
		if err := t.Tidy(q.ctx); err != nil {
			return err
		}
	}
	if q.config.State != nil {
		return q.config.State.Maintain(q.ctx, max(keep-1, 0))
	}
	return nil
}

func (q *Query) publish(p *Progress, now time.Time) {
	q.mu.Lock()
	q.remember(p)
	q.noted, q.last = now, p
	q.status.IsTriggerActive = false
	q.mu.Unlock()
	q.notify("progress", p)
}

// remember keeps a report, and forgets those that are too many.
func (q *Query) remember(p *Progress) {
	q.recent = append(q.recent, p)
	if over := len(q.recent) - q.config.Settings.Recent; over > 0 {
		q.recent = append([]*Progress(nil), q.recent[over:]...)
	}
}

// soon is how long a query is idle before its first report, if it has done nothing yet: about what PySpark needs to
// look for the first time. What comes right after the start is in its first report then.
const soon = 300 * time.Millisecond

// nextNote is when an idle query is to report; mu is held.
func (q *Query) nextNote() time.Time {
	switch {
	case !q.noted.IsZero():
		return q.noted.Add(q.config.Settings.IdleEvery)
	case q.config.Trigger.Kind != Interval || q.config.Trigger.Every > 0:
		return q.begun
	}
	return q.begun.Add(soon)
}

// idle ends a trigger that had nothing to do. Every so often that is a report of its own, and, but for the first time
// of a query that has done nothing yet, an event.
func (q *Query) idle(r *record) error {
	q.waited = true
	q.say("Waiting for data to arrive")
	if err := q.settle(); err != nil {
		return err
	}
	now := q.config.Clock.Now()
	r.durations["triggerExecution"] = now.Sub(r.started)
	q.mu.Lock()
	first, due := q.noted.IsZero(), !now.Before(q.nextNote())
	if due {
		q.noted = now
		q.remember(q.stillness(r))
	}
	q.status.IsTriggerActive = false
	q.mu.Unlock()
	if due && !first {
		q.notify("idle", map[string]string{"id": q.id, "runId": q.runID, "timestamp": iso(r.started)})
	}
	return nil
}

// settle waits until the epoch before is finished.
func (q *Query) settle() error {
	if q.pending == nil {
		return nil
	}
	err := <-q.pending
	q.pending = nil
	return err
}

func (q *Query) offsetsText(ends []json.RawMessage) string {
	var parts []string
	for i, end := range ends {
		if end != nil && i < len(q.streams) {
			parts = append(parts, q.streams[i].Describe()+": "+string(end))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

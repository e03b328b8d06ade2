package query

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"pysparkcompat/engine/source"
)

// Progress is one epoch's report, in PySpark's JSON form.
type Progress struct {
	ID             string            `json:"id"`
	RunID          string            `json:"runId"`
	Name           *string           `json:"name"`
	Timestamp      string            `json:"timestamp"`
	BatchID        int64             `json:"batchId"`
	BatchDuration  int64             `json:"batchDuration"`
	NumInputRows   int64             `json:"numInputRows"`
	InputRate      rate              `json:"inputRowsPerSecond"`
	ProcessedRate  rate              `json:"processedRowsPerSecond"`
	DurationMs     map[string]int64  `json:"durationMs"`
	EventTime      map[string]string `json:"eventTime,omitempty"`
	StateOperators []StateProgress   `json:"stateOperators"`
	Sources        []SourceProgress  `json:"sources"`
	Sink           SinkProgress      `json:"sink"`
	// ObservedMetrics is by name; Observed the same metrics for listeners.
	ObservedMetrics map[string]json.RawMessage `json:"observedMetrics,omitempty"`
	Observed        []Observed                 `json:"-"`
}

// StateProgress is a stateful operator's part of a Progress.
type StateProgress struct {
	OperatorName              string           `json:"operatorName"`
	NumRowsTotal              int64            `json:"numRowsTotal"`
	NumRowsUpdated            int64            `json:"numRowsUpdated"`
	AllUpdatesTimeMs          int64            `json:"allUpdatesTimeMs"`
	NumRowsRemoved            int64            `json:"numRowsRemoved"`
	AllRemovalsTimeMs         int64            `json:"allRemovalsTimeMs"`
	CommitTimeMs              int64            `json:"commitTimeMs"`
	MemoryUsedBytes           int64            `json:"memoryUsedBytes"`
	NumRowsDroppedByWatermark int64            `json:"numRowsDroppedByWatermark"`
	NumShufflePartitions      int              `json:"numShufflePartitions"`
	NumStateStoreInstances    int              `json:"numStateStoreInstances"`
	CustomMetrics             map[string]int64 `json:"customMetrics"`
}

// SourceProgress is a source's part of a Progress.
type SourceProgress struct {
	Description   string          `json:"description"`
	StartOffset   json.RawMessage `json:"startOffset"`
	EndOffset     json.RawMessage `json:"endOffset"`
	LatestOffset  json.RawMessage `json:"latestOffset"`
	NumInputRows  int64           `json:"numInputRows"`
	InputRate     rate            `json:"inputRowsPerSecond"`
	ProcessedRate rate            `json:"processedRowsPerSecond"`
}

// SinkProgress is the sink's part of a Progress.
type SinkProgress struct {
	Description   string `json:"description"`
	NumOutputRows int64  `json:"numOutputRows"`
}

// rate is rows a second, with one decimal and never an exponent.
type rate float64

func (r rate) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(r)) || math.IsInf(float64(r), 0) {
		return []byte("0.0"), nil
	}
	return strconv.AppendFloat(nil, float64(r), 'f', 1, 64), nil
}

// perSecond is of the milliseconds that progress shows, and 0.0 where there are none.
func perSecond(rows int64, d time.Duration) rate {
	ms := d.Milliseconds()
	if ms <= 0 {
		return 0
	}
	return rate(float64(rows) * 1000 / float64(ms))
}

// iso is a time as progress shows it: UTC, milliseconds.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func isoMillis(ms int64) string { return iso(time.UnixMilli(ms)) }

// record is what an epoch leaves for its report.
type record struct {
	epoch      int64
	started    time.Time
	since      time.Duration // from the trigger before; 0 for the first
	durations  map[string]time.Duration
	ranges     []Range
	latest     []source.Offset
	measures   Measures
	watermark  int64
	withEvents bool
}

func (q *Query) report(r *record) *Progress {
	p := &Progress{ID: q.id, RunID: q.runID, Timestamp: iso(r.started), BatchID: r.epoch, DurationMs: map[string]int64{},
		StateOperators: []StateProgress{}, Sources: []SourceProgress{}}
	if q.config.Name != "" {
		p.Name = &q.config.Name
	}
	for phase, d := range r.durations {
		p.DurationMs[phase] = d.Milliseconds()
	}
	whole := r.durations["triggerExecution"]
	p.BatchDuration = whole.Milliseconds()
	for i, s := range q.streams {
		rows := int64(0)
		if i < len(r.measures.Rows) {
			rows = r.measures.Rows[i]
		}
		p.NumInputRows += rows
		p.Sources = append(p.Sources, SourceProgress{Description: s.Describe(), StartOffset: r.ranges[i].Start, EndOffset: r.ranges[i].End,
			LatestOffset: r.latest[i], NumInputRows: rows, InputRate: perSecond(rows, r.since), ProcessedRate: perSecond(rows, whole)})
	}
	p.InputRate, p.ProcessedRate = perSecond(p.NumInputRows, r.since), perSecond(p.NumInputRows, whole)
	p.EventTime = eventTimes(r)
	for _, s := range r.measures.States {
		p.StateOperators = append(p.StateOperators, stateProgress(s))
	}
	for _, o := range r.measures.Observed {
		if p.ObservedMetrics == nil {
			p.ObservedMetrics = map[string]json.RawMessage{}
		}
		p.ObservedMetrics[o.Name] = o.JSON
	}
	p.Observed = r.measures.Observed
	p.Sink = SinkProgress{Description: q.config.Sink.Describe(), NumOutputRows: -1}
	if q.config.Sink.RowsKnown() {
		p.Sink.NumOutputRows = r.measures.Out
	}
	return p
}

// stillness is the report of a trigger without an epoch: state as the last epoch left it, and no rows.
func (q *Query) stillness(r *record) *Progress {
	r.ranges = make([]Range, len(q.streams))
	for i := range r.ranges {
		r.ranges[i] = Range{Start: q.start(i), End: q.start(i)}
	}
	p := q.report(r)
	if q.last == nil {
		p.Sink.NumOutputRows = -1
		return p
	}
	if q.last.EventTime != nil {
		p.EventTime = map[string]string{"watermark": isoMillis(q.tracker.global)}
	}
	for _, s := range q.last.StateOperators {
		s.NumRowsUpdated, s.NumRowsRemoved, s.NumRowsDroppedByWatermark = 0, 0, 0
		s.AllUpdatesTimeMs, s.AllRemovalsTimeMs, s.CommitTimeMs = 0, 0, 0
		p.StateOperators = append(p.StateOperators, s)
	}
	return p
}

func stateProgress(s StateMeasure) StateProgress {
	custom := s.Custom
	if custom == nil {
		custom = map[string]int64{}
	}
	return StateProgress{OperatorName: s.Operator, NumRowsTotal: s.Total, NumRowsUpdated: s.Updated, AllUpdatesTimeMs: s.Updates.Milliseconds(),
		NumRowsRemoved: s.Removed, AllRemovalsTimeMs: s.Removals.Milliseconds(), CommitTimeMs: s.Commit.Milliseconds(), MemoryUsedBytes: s.Bytes,
		NumRowsDroppedByWatermark: s.Dropped, NumShufflePartitions: s.Partitions, NumStateStoreInstances: s.Stores, CustomMetrics: custom}
}

// eventTimes is avg, max and min over the epoch's rows (of all watermarks together) and the watermark it ran with.
func eventTimes(r *record) map[string]string {
	if !r.withEvents {
		return nil
	}
	out := map[string]string{"watermark": isoMillis(r.watermark)}
	var count, least, most int64
	var total float64
	for _, e := range r.measures.EventTimes {
		if e.Count == 0 {
			continue
		}
		if count == 0 || e.Min < least {
			least = e.Min
		}
		if count == 0 || e.Max > most {
			most = e.Max
		}
		count += e.Count
		total += e.Avg * float64(e.Count)
	}
	if count > 0 {
		out["min"], out["max"] = isoMillis(floorMillis(least)), isoMillis(floorMillis(most))
		out["avg"] = isoMillis(int64(math.Floor(total / float64(count) / 1000)))
	}
	return out
}

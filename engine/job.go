package engine

import (
	"context"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/source"
)

// job is a planned streaming query: it implements query.Job.
type job struct {
	session *Session
	plan    *planner.Plan
	// logical is the analysed plan, optimized what was planned.
	logical, optimized logical.Plan
	pipeline           *exec.Pipeline
	out                *exec.Output
	streams            []source.Stream
	// stream is, by leaf, the number of its stream, or -1; fixed the splits of a leaf that is none.
	stream []int
	fixed  [][]source.Split
	last   query.Measures
	// broken is why the sources could not be opened; the query ends by it and runs nothing.
	broken error
	// oneWatermark has operators call late what is below the watermark that they evict by.
	oneWatermark bool
	// partitions is the pinned number of state's partitions.
	partitions int
}

func (j *job) Streams() []source.Stream { return j.streams }

func (j *job) Run(ctx context.Context, e exec.Epoch, ranges []query.Range, discard bool) error {
	if j.plan.Redefined != nil && e.Watermark > 0 {
		return j.plan.Redefined
	}
	inputs := make([]exec.StageInput, len(j.plan.Leaves))
	for i, n := range j.stream {
		if n < 0 {
			inputs[i].Splits = j.fixed[i]
			continue
		}
		r := ranges[n]
		if s := j.plan.Leaves[i].Scan; s != nil && s.Unread {
			continue
		}
		if r.End == nil || string(r.End) == string(r.Start) {
			continue
		}
		splits, err := j.streams[n].Splits(ctx, r.Start, r.End)
		if err != nil {
			return err
		}
		inputs[i].Splits = splits
	}
	if len(j.plan.Delays) == 0 {
		e.LateBelow, e.Watermark = noWatermark, noWatermark
	}
	if j.oneWatermark {
		e.LateBelow = e.Watermark
	}
	j.out.Skip = discard
	if err := j.pipeline.Run(ctx, e, inputs); err != nil {
		return &query.RowsError{Err: err}
	}
	return j.measure()
}

// measure takes the epoch's counts over.
func (j *job) measure() (err error) {
	m := j.pipeline.Metrics()
	out := query.Measures{Rows: make([]int64, len(j.streams)), Out: m.SinkRows}
	for leaf, rows := range m.SourceRows {
		if n := j.stream[leaf]; n >= 0 {
			out.Rows[n] += rows
		}
	}
	for i, delay := range j.plan.Delays {
		e := query.EventTime{Delay: delay}
		if i < len(m.EventTime) && m.EventTime[i].Count > 0 {
			t := m.EventTime[i]
			e.Count, e.Min, e.Max, e.Avg = t.Count, t.Min, t.Max, t.Sum/float64(t.Count)
		}
		out.EventTimes = append(out.EventTimes, e)
	}
	for _, number := range m.Order {
		s := m.State[number]
		out.States = append(out.States, query.StateMeasure{Operator: s.Name, Total: s.Rows, Updated: s.Updated, Removed: s.Removed, Dropped: s.Dropped,
			Updates: nanos(s.UpdateNanos), Removals: nanos(s.RemoveNanos), Bytes: s.Bytes,
			Partitions: j.partitions, Stores: j.partitions})
	}
	out.Observed, err = j.observed()
	j.last = out
	held := int64(0)
	for _, s := range out.States {
		held += s.Bytes
	}
	j.holds(held)
	return err
}

func (j *job) Wants(from, to int64) bool {
	return j.plan.Ticks || j.plan.Evicts && to > from || j.plan.Redefined != nil && to > 0
}

func (j *job) Measures() query.Measures { return j.last }

func (j *job) Logical() string { return logical.Tree(j.logical) }

func (j *job) Explain(extended bool) string {
	if j.pipeline == nil {
		return ""
	}
	mode := "simple"
	if extended {
		mode = "extended"
	}
	text, err := logical.Explain(logical.Plans{Parsed: j.logical, Analyzed: j.logical, Optimized: j.optimized, Physical: j.pipeline.Explain()}, mode)
	if err != nil { // only unknown modes raise
		return err.Error()
	}
	return text
}

func (j *job) Close() error {
	var err error
	j.holds(0)
	if j.pipeline != nil {
		err = j.pipeline.Close()
	}
	if j.plan != nil {
		for _, o := range j.plan.Observed {
			o.Collected.Close()
		}
	}
	for _, s := range j.streams {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}
	return err
}

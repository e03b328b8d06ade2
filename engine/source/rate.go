package source

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/types"
)

var rateOptions = []Option{
	{Name: "rowsPerSecond", Default: "1", Doc: "rows a second"},
	{Name: "rampUpTime", Default: "0s", Doc: "time until that speed is reached"},
	{Name: "numPartitions", Default: "the cores", Doc: "parts of an epoch"},
	{Name: "useManualClock", Default: "false", Doc: "no meaning here: tests own the session's clock"},
}

// rateSchema is that of both rate sources.
var rateSchema = types.Struct{Fields: []types.Field{
	{Name: "timestamp", Type: types.Timestamp, Nullable: true}, {Name: "value", Type: types.Long, Nullable: true}}}

// rateSource makes rows by the clock: value counts up, timestamp is when a row was due.
type rateSource struct {
	env                *Env
	rows, ramp         int64
	partitions         int64
	partitionsAsOption string
}

func openRate(_ context.Context, e *Env) (Definition, error) {
	if e.Schema != nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2242", "provider", "RateStreamProvider")
	}
	r := &rateSource{env: e, partitionsAsOption: "default"}
	var err error
	if r.rows, err = e.positive("rowsPerSecond", 1); err != nil {
		return nil, err
	}
	if v, ok := e.option("rampUpTime"); ok {
		d, err := duration(v)
		if err != nil {
			return nil, err
		}
		if r.ramp = int64(d / time.Second); r.ramp < 0 {
			return nil, errs.New(errs.Unnamed+"OPTION_RANGE", "value", v, "option", "rampUpTime", "must", "non-negative")
		}
	}
	if r.partitions, err = e.positive("numPartitions", int64(max(e.Parallelism, 1))); err != nil {
		return nil, err
	}
	if v, ok := e.option("numPartitions"); ok {
		r.partitionsAsOption = v
	}
	return r, nil
}

// positive reads an option that must be above zero.
func (e *Env) positive(name string, otherwise int64) (int64, error) {
	n, err := e.whole(name, otherwise)
	if err == nil && n <= 0 {
		err = errs.New(errs.Unnamed+"OPTION_RANGE", "value", strconv.FormatInt(n, 10), "option", name, "must", "positive")
	}
	return n, err
}

func (r *rateSource) Schema() types.Struct { return rateSchema }
func (r *rateSource) Describe() string {
	return fmt.Sprintf("RateStreamV2[rowsPerSecond=%d, rampUpTimeSeconds=%d, numPartitions=%s", r.rows, r.ramp, r.partitionsAsOption)
}

// Start reads when the stream began, or writes it down: offsets are seconds since then.
func (r *rateSource) Start(_ context.Context, log string) (Stream, error) {
	l, err := metalog.Open(r.env.FS, log, 1)
	if err != nil {
		return nil, err
	}
	body, ok, err := l.Get(0)
	if err != nil {
		return nil, err
	}
	began := r.env.Clock.Now().UnixMilli()
	if ok {
		if began, err = strconv.ParseInt(string(body), 10, 64); err != nil {
			return nil, l.Unreadable(0, err)
		}
	} else if _, err := l.Add(0, strconv.AppendInt(nil, began, 10)); err != nil {
		return nil, err
	}
	s := &rateStream{rateSource: r, began: began, last: began, ready: make(chan struct{}, 1), done: make(chan struct{})}
	s.ticking.Add(1)
	go s.tick()
	return s, nil
}

// valueAt is how many rows are due after so many seconds: speed rises by steps of rows/(ramp+1) a second.
func (r *rateSource) valueAt(seconds int64) (int64, error) {
	step := r.rows / (r.ramp + 1)
	ramped := min(seconds, r.ramp)
	// The sum of 1 to ramped, with the even factor halved first.
	a, b := ramped, ramped+1
	if a%2 == 0 {
		a /= 2
	} else {
		b /= 2
	}
	out := float64(a)*float64(b)*float64(step) + float64(seconds-ramped)*float64(r.rows)
	if out > math.MaxInt64/2 {
		return 0, errs.New(errs.Unnamed+"RATE", "max", strconv.FormatInt(math.MaxInt64/r.rows, 10), "seconds", strconv.FormatInt(seconds, 10))
	}
	return a*b*step + (seconds-ramped)*r.rows, nil
}

// rateStream is a running rate source.
type rateStream struct {
	*rateSource
	began   int64 // milliseconds
	last    int64 // the latest time seen: the clock of a machine may go back, offsets may not
	latest  Offset
	ready   chan struct{}
	done    chan struct{}
	closing sync.Once
	ticking sync.WaitGroup
}

// tick signals at every whole second of the stream.
func (s *rateStream) tick() {
	defer s.ticking.Done()
	clock := s.env.Clock
	for {
		gone := clock.Now().UnixMilli() - s.began
		wait := time.Duration(1000-types.FloorMod(gone, 1000)) * time.Millisecond
		select {
		case <-s.done:
			return
		case <-clock.After(wait):
		}
		select {
		case s.ready <- struct{}{}:
		default:
		}
	}
}

func (s *rateStream) Prepare(context.Context) error { return nil }

func (s *rateStream) Latest(_ context.Context, start Offset, limit Limit) (Offset, error) {
	if limit.AllAvailable && s.latest != nil {
		return s.latest, nil
	}
	s.last = max(s.last, s.env.Clock.Now().UnixMilli())
	seconds := (s.last - s.began) / 1000
	if from, err := seconds0(start); err != nil {
		return nil, err
	} else if seconds < from {
		seconds = from
	}
	s.latest = strconv.AppendInt(nil, seconds, 10)
	return s.latest, nil
}

func seconds0(o Offset) (int64, error) {
	if o == nil || string(o) == "null" {
		return 0, nil
	}
	var n int64
	if err := json.Unmarshal(o, &n); err != nil {
		return 0, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "The offset "+string(o)+" is none of a rate source.")
	}
	return n, nil
}

func (s *rateStream) Splits(_ context.Context, start, end Offset) ([]Split, error) {
	from, err := seconds0(start)
	if err != nil {
		return nil, err
	}
	to, err := seconds0(end)
	if err != nil {
		return nil, err
	}
	first, err := s.valueAt(from)
	if err != nil {
		return nil, err
	}
	after, err := s.valueAt(to)
	if err != nil || after <= first {
		return nil, err
	}
	perRow := float64((to-from)*1000) / float64(after-first)
	began := s.began + from*1000
	at := func(i int64) int64 { return (int64(math.Round(float64(i)*perRow)) + began) * 1000 }
	return countingSplits(s.env.Mem, first, after-first, s.partitions, at), nil
}

func (s *rateStream) Commit(context.Context, Offset) error { return nil }
func (s *rateStream) Ready() <-chan struct{}               { return s.ready }
func (s *rateStream) Replayable() bool                     { return true }
func (s *rateStream) LatestForProgress() Offset            { return s.latest }
func (s *rateStream) Close() error {
	s.closing.Do(func() { close(s.done) })
	s.ticking.Wait()
	return nil
}

// countingSplits gives n rows in parts: part p has the rows p, p+parts, p+2*parts and so on, as Spark deals them.
func countingSplits(mem memory.Allocator, first, n, parts int64, at func(i int64) int64) []Split {
	parts = min(parts, n)
	out := make([]Split, parts)
	for p := range out {
		out[p] = &countingSplit{mem: mem, first: first, n: n, part: int64(p), parts: parts, at: at}
	}
	return out
}

type countingSplit struct {
	mem         memory.Allocator
	first, n    int64
	part, parts int64
	at          func(i int64) int64
}

func (c *countingSplit) Open(_ context.Context, p Pushdown) (Reader, error) {
	columns := p.Columns
	if columns == nil {
		columns = []int{0, 1}
	}
	s := types.Struct{}
	for _, i := range columns {
		s.Fields = append(s.Fields, rateSchema.Fields[i])
	}
	return &countingReader{split: c, columns: columns, schema: types.ArrowSchema(s), next: c.part}, nil
}

type countingReader struct {
	split   *countingSplit
	columns []int
	schema  *arrow.Schema
	next    int64
}

func (r *countingReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	s := r.split
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.next >= s.n {
		return nil, io.EOF
	}
	rows := int(min((s.n-r.next+s.parts-1)/s.parts, batch.Rows))
	out := make([]arrow.Array, len(r.columns))
	for i, c := range r.columns {
		f := batch.NewFixed[int64](s.mem, rows)
		for k := range f.Values {
			row := r.next + int64(k)*s.parts
			if c == 0 {
				f.Values[k] = s.at(row)
			} else {
				f.Values[k] = s.first + row
			}
		}
		out[i] = f.Done(r.schema.Field(i).Type, nil)
	}
	r.next += int64(rows) * s.parts
	return batch.Make(r.schema, out, rows), nil
}

func (r *countingReader) Close() error { return nil }

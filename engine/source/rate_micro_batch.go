package source

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

var rateBatchOptions = []Option{
	{Name: "rowsPerBatch", Doc: "rows of an epoch; must be given"},
	{Name: "numPartitions", Default: "the cores", Doc: "parts of an epoch"},
	{Name: "startTimestamp", Default: "0", Doc: "time of the first epoch's rows, in milliseconds"},
	{Name: "advanceMillisPerBatch", Default: "1000", Doc: "time between epochs' rows"},
}

// rateBatch gives the same rows in every run: so many an epoch, with times that the options say.
type rateBatch struct {
	env                              *Env
	rows, partitions, first, advance int64
}

// rateBatchOffset is where the next epoch begins.
type rateBatchOffset struct {
	Offset    int64 `json:"offset"`
	Timestamp int64 `json:"timestamp"`
}

func openRateBatch(_ context.Context, e *Env) (Definition, error) {
	if e.Schema != nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2242", "provider", "RatePerMicroBatchProvider")
	}
	r := &rateBatch{env: e}
	var err error
	if r.rows, err = e.positive("rowsPerBatch", 0); err != nil {
		return nil, err
	}
	if r.partitions, err = e.positive("numPartitions", int64(max(e.Parallelism, 1))); err != nil {
		return nil, err
	}
	if r.first, err = e.notNegative("startTimestamp", 0); err != nil {
		return nil, err
	}
	r.advance, err = e.notNegative("advanceMillisPerBatch", 1000)
	return r, err
}

func (e *Env) notNegative(name string, otherwise int64) (int64, error) {
	n, err := e.whole(name, otherwise)
	if err == nil && n < 0 {
		err = errs.New(errs.Unnamed+"OPTION_RANGE", "value", strconv.FormatInt(n, 10), "option", name, "must", "non-negative")
	}
	return n, err
}

func (r *rateBatch) Schema() types.Struct { return rateSchema }
func (r *rateBatch) Describe() string {
	return fmt.Sprintf("RatePerMicroBatchStream[rowsPerBatch=%d, numPartitions=%d, startTimestamp=%d, advanceMsPerBatch=%d]",
		r.rows, r.partitions, r.first, r.advance)
}

func (r *rateBatch) Start(context.Context, string) (Stream, error) {
	always := make(chan struct{}, 1)
	always <- struct{}{}
	return &rateBatchStream{rateBatch: r, ready: always}, nil
}

// rateBatchStream is the running source. There is always a next epoch.
type rateBatchStream struct {
	*rateBatch
	ready  chan struct{}
	frozen Offset
}

func (s *rateBatchStream) Prepare(context.Context) error { return nil }

func (s *rateBatchStream) Latest(_ context.Context, start Offset, limit Limit) (Offset, error) {
	if limit.AllAvailable && s.frozen != nil {
		return s.frozen, nil
	}
	at, err := s.parse(start)
	if err != nil {
		return nil, err
	}
	end, _ := json.Marshal(rateBatchOffset{at.Offset + s.rows, at.Timestamp + s.advance})
	s.frozen = end
	// The signal that was taken comes back: the next epoch is there at once.
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return end, nil
}

func (s *rateBatchStream) parse(o Offset) (rateBatchOffset, error) {
	if o == nil || string(o) == "null" {
		return rateBatchOffset{0, s.first}, nil
	}
	var at rateBatchOffset
	if err := json.Unmarshal(o, &at); err != nil {
		return at, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "The offset "+string(o)+" is none of a rate-micro-batch source.")
	}
	return at, nil
}

func (s *rateBatchStream) Splits(_ context.Context, start, end Offset) ([]Split, error) {
	from, err := s.parse(start)
	if err != nil {
		return nil, err
	}
	to, err := s.parse(end)
	if err != nil {
		return nil, err
	}
	switch {
	case from.Offset > to.Offset:
		return nil, errs.New("MALFORMED_STATE_IN_RATE_PER_MICRO_BATCH_SOURCE.INVALID_OFFSET",
			"startOffset", strconv.FormatInt(from.Offset, 10), "endOffset", strconv.FormatInt(to.Offset, 10))
	case from.Timestamp > to.Timestamp:
		return nil, errs.New("MALFORMED_STATE_IN_RATE_PER_MICRO_BATCH_SOURCE.INVALID_TIMESTAMP",
			"startTimestamp", strconv.FormatInt(from.Timestamp, 10), "endTimestamp", strconv.FormatInt(to.Timestamp, 10))
	}
	micros := from.Timestamp * 1000
	return countingSplits(s.env.Mem, from.Offset, to.Offset-from.Offset, s.partitions, func(int64) int64 { return micros }), nil
}

func (s *rateBatchStream) Commit(context.Context, Offset) error { return nil }
func (s *rateBatchStream) Ready() <-chan struct{}               { return s.ready }
func (s *rateBatchStream) Replayable() bool                     { return true }
func (s *rateBatchStream) LatestForProgress() Offset            { return nil }
func (s *rateBatchStream) Close() error                         { return nil }

package exec

import (
	"context"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
)

// Results are the rows of a batch run, read while it runs: the run waits while a few batches are unread. One goroutine
// reads; Close ends the run, waits for it and closes the pipeline. Order: Collect makes it, Start begins, Next until
// it gives nil or an error, Close always.
type Results struct {
	queue  chan arrow.RecordBatch
	cancel context.CancelFunc
	done   chan struct{}
	err    error
	p      *Pipeline
	once   sync.Once
}

// NewResults makes an unstarted run's results.
func NewResults() *Results {
	return &Results{queue: make(chan arrow.RecordBatch, queued), done: make(chan struct{})}
}

// Collect is the root of a batch run's pipeline, behind a Single exchange.
func (r *Results) Collect(Instance) (Operator, error) { return &collect{r: r}, nil }

// Start runs one epoch over a pipeline whose root is Collect. It takes the pipeline over.
func (r *Results) Start(ctx context.Context, p *Pipeline, e Epoch, inputs []StageInput) {
	ctx, r.cancel = context.WithCancel(ctx)
	r.p = p
	go func() {
		defer close(r.done)
		defer close(r.queue)
		defer errs.Caught(&r.err)
		r.err = p.Run(ctx, e, inputs)
	}()
}

// Next gives the next batch, owned by the caller, or nil after the last.
func (r *Results) Next(ctx context.Context) (arrow.RecordBatch, error) {
	select {
	case b, ok := <-r.queue:
		if ok {
			return b, nil
		}
		<-r.done
		return nil, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Metrics are the run's counts, once Next has given nil.
func (r *Results) Metrics() Metrics { return r.p.Metrics() }

// Close ends the run early or after its end.
func (r *Results) Close() error {
	var err error
	r.once.Do(func() {
		if r.p == nil {
			return
		}
		r.cancel()
		for b := range r.queue {
			b.Release()
		}
		<-r.done
		err = r.p.Close()
	})
	return err
}

// collect gives rows to the reader.
type collect struct {
	pass
	r *Results
}

func (c *collect) Process(ctx context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	if b.NumRows() == 0 {
		return nil
	}
	b.Retain()
	select {
	case c.r.queue <- b:
		return nil
	case <-ctx.Done():
		b.Release()
		return context.Cause(ctx)
	}
}

func (c *collect) Explain() string { return "CollectResults" }

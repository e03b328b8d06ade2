package worker

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

const (
	// ahead is how many batches may be with a worker that it has not taken (or answered).
	ahead = 4
	// attempts is how often a stream is begun anew after its worker died.
	attempts = 4
	// replayLimit is how many bytes of input a map function's stream keeps for that.
	replayLimit = 512 << 20
)

// instance is a udf.Instance. When its worker dies it takes another one and sends again what was not answered:
// for functions that give a batch for a batch the unanswered batches, for the map kinds all of them, whose first
// results, given before, are passed over.
type instance struct {
	pool *Pool
	spec udf.Spec
	open *frame
	link *link
	// stop ends the watch on the context that the instance was opened with.
	stop func() bool

	kept      []*frame // what a new worker would need
	keptBytes int64
	sent      int // batches sent on this link
	answered  int // results received on this link
	delivered int64
	skip      int64 // rows of this link's results that were delivered before
	finished  bool
	tries     int
	lost      bool // kept is not complete: it outgrew replayLimit
	done      bool
}

// Open takes a worker; it waits for one to start.
func (p *Pool) Open(ctx context.Context, spec udf.Spec) (udf.Instance, error) {
	f, err := openFrame(spec)
	if err != nil {
		return nil, err
	}
	i := &instance{pool: p, spec: spec, open: f}
	if err := i.begin(ctx); err != nil {
		return nil, err
	}
	return i, nil
}

// begin takes a worker and brings it to where the last one was.
func (i *instance) begin(ctx context.Context) error {
	for {
		w, err := i.pool.take(ctx, preload(i.spec.Kind))
		if err != nil {
			return err
		}
		i.link, i.sent, i.answered, i.skip = connect(w), 0, 0, i.delivered
		// user code that never returns must not outlive its query
		i.stop = context.AfterFunc(ctx, w.end)
		if oneToOne(i.spec.Kind) {
			i.skip = 0
		}
		if i.resend() == nil {
			return nil
		}
		if err := i.retry(nil); err != nil {
			return err
		}
	}
}

func (i *instance) resend() error {
	if err := i.link.send(i.open); err != nil {
		return err
	}
	for _, f := range i.kept {
		if err := i.link.send(f); err != nil {
			return err
		}
		i.sent++
	}
	if i.finished {
		return i.link.send(&frame{[]byte{finish}})
	}
	return nil
}

// retry gives up the dead worker, and the stream with it when it died too often.
func (i *instance) retry(cause error) error {
	i.stop()
	i.pool.drop(i.link.w)
	i.tries++
	if i.tries >= attempts || i.lost {
		return errs.New("PYTHON_WORKER_DIED", "reason", "it died again and again").WithCause(cause)
	}
	return nil
}

// recover answers for a broken stream: nil when another worker has taken its place.
func (i *instance) recover(ctx context.Context, broken error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := i.retry(broken); err != nil {
		return err
	}
	return i.begin(ctx)
}

// wait blocks until the link changed.
func (i *instance) wait(ctx context.Context) error {
	select {
	case <-i.link.changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (i *instance) Send(ctx context.Context, b arrow.RecordBatch) error {
	f, err := encode(b)
	if err != nil {
		return err
	}
	for {
		_, broken, raised, took := i.link.state()
		if raised != nil {
			return raised
		}
		if broken != nil {
			if err := i.recover(ctx, broken); err != nil {
				return err
			}
			continue
		}
		if oneToOne(i.spec.Kind) {
			took = i.arrived()
		}
		if i.sent-took < ahead {
			break
		}
		if err := i.wait(ctx); err != nil {
			return err
		}
	}
	i.keep(f)
	i.sent++
	if i.link.send(f) != nil {
		// the reader learns why: the next call recovers and sends the batch, which is kept, again
		return nil
	}
	return nil
}

// arrived is how many results have come, taken up or not.
func (i *instance) arrived() int {
	i.link.mu.Lock()
	defer i.link.mu.Unlock()
	return i.answered + len(i.link.results)
}

func (i *instance) keep(f *frame) {
	if i.lost {
		return
	}
	i.kept = append(i.kept, f)
	i.keptBytes += int64(len(f.body))
	if !oneToOne(i.spec.Kind) && i.keptBytes > replayLimit {
		i.kept, i.keptBytes, i.lost = nil, 0, true
	}
}

func (i *instance) Receive(ctx context.Context, wait bool) (arrow.RecordBatch, error) {
	for {
		if body, ok := i.link.next(); ok {
			b, err := i.result(body)
			if b != nil || err != nil {
				return b, err
			}
			continue
		}
		over, broken, raised, _ := i.link.state()
		if body, ok := i.link.next(); ok { // it came between the two looks
			b, err := i.result(body)
			if b != nil || err != nil {
				return b, err
			}
			continue
		}
		switch {
		case raised != nil:
			return nil, raised
		case over:
			i.done = true
			return nil, nil
		case broken != nil:
			if err := i.recover(ctx, broken); err != nil {
				return nil, err
			}
			continue
		case !wait:
			return nil, nil
		}
		if err := i.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// result unpacks a batch, without the rows that were delivered before a worker's death.
func (i *instance) result(body []byte) (arrow.RecordBatch, error) {
	b, err := decode(i.pool.mem, body)
	if err != nil {
		return nil, err
	}
	i.answered++
	if oneToOne(i.spec.Kind) {
		i.keptBytes -= int64(len(i.kept[0].body))
		i.kept = i.kept[1:]
		return b, nil
	}
	rows := b.NumRows()
	if i.skip >= rows && i.skip > 0 {
		i.skip -= rows
		b.Release()
		return nil, nil
	}
	if i.skip > 0 {
		rest := b.NewSlice(i.skip, rows)
		b.Release()
		b, i.skip = rest, 0
	}
	i.delivered += b.NumRows()
	return b, nil
}

func (i *instance) Finish(context.Context) error {
	i.finished = true
	i.link.send(&frame{[]byte{finish}}) //nolint:errcheck // a broken stream is found by Receive, which sends it again
	return nil
}

func (i *instance) Close() error {
	clean := i.stop()
	if i.done && clean {
		<-i.link.read
		i.pool.give(i.link.w)
		return nil
	}
	i.pool.drop(i.link.w)
	<-i.link.read
	return nil
}

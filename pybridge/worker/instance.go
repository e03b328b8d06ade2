package worker

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

const (
	// ahead is how many batches may be under way before Send waits.
	ahead = 4
	// attempts is how often a run is begun, the first time included, while its workers die.
	attempts = 4
)

// instance is a udf.Instance. When its worker dies it takes another one and sends again what was not answered:
// for functions that give a batch for a batch the unanswered batches, for the others all of them, whose first
// results, given before, are passed over.
//
// Both directions are bounded and cannot wait for each other: Send takes a batch beyond its limit when a result is
// ready, because its caller can take that up; Receive then waits until the worker has caught up.
type instance struct {
	pool    *Pool
	spec    []byte
	want    *arrow.Schema
	kind    udf.Kind
	link    *link
	decoder *decoder
	// stop ends the watch on the context that the instance was opened with.
	stop func() bool

	kept      replay
	delivered int64
	skip      int64 // rows of this link's results that were delivered before
	finished  bool
	deaths    int
	fresh     bool // the worker did nothing before
	done      bool
}

// Open takes a worker; it waits for one to start.
func (p *Pool) Open(ctx context.Context, spec udf.Spec) (udf.Instance, error) {
	body, err := specBody(spec)
	if err != nil {
		return nil, err
	}
	i := &instance{pool: p, spec: body, kind: spec.Kind, want: types.ArrowSchema(spec.Output)}
	i.kept.all = !oneToOne(spec.Kind)
	if err := i.begin(ctx); err != nil {
		return nil, err
	}
	return i, nil
}

// begin takes a worker and brings it to where the last one was.
func (i *instance) begin(ctx context.Context) error {
	w, fresh, err := i.pool.take(ctx, preload(i.kind))
	if err != nil {
		return err
	}
	i.fresh = fresh
	// user code that never returns must not outlive its query
	i.stop = context.AfterFunc(ctx, w.end)
	i.link = connect(w, i.pool.mem, i.spec, !i.kept.all, i.kept.cursor())
	i.decoder = &decoder{want: i.want, mem: i.pool.mem}
	if i.skip = 0; i.kept.all {
		i.skip = i.delivered
	}
	if i.finished {
		i.link.end()
	}
	return nil
}

// abandon gives up the worker.
func (i *instance) abandon() {
	if i.link == nil {
		return
	}
	i.stop()
	i.pool.drop(i.link.w)
	i.link.close()
	i.decoder.close()
	i.link = nil
}

// recover answers for a broken run: nil when another worker has taken its place.
func (i *instance) recover(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if i.fresh || i.link.began() { // else it may have died while it was idle
		i.deaths++
	}
	if i.kept.failed != nil {
		return errs.New("PYTHON_WORKER_DIED", "reason", i.link.w.fate()+", and what it had been sent could not be kept for another one: "+i.kept.failed.Error())
	}
	if i.deaths >= attempts {
		return errs.New("PYTHON_WORKER_DIED", "reason", i.link.w.fate()+" at the last of several tries")
	}
	i.abandon()
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
	for {
		l, err := i.stand(ctx)
		if err != nil {
			return err
		}
		if l.broken && !l.ready {
			if err := i.recover(ctx); err != nil {
				return err
			}
			continue
		}
		if l.ready || l.under < ahead {
			break
		}
		if err := i.wait(ctx); err != nil {
			return err
		}
	}
	i.kept.add(b, i.pool.mem)
	i.link.push(b)
	return nil
}

// stand is how the run stands, where its caller can still go on with it.
func (i *instance) stand(ctx context.Context) (look, error) {
	if i.link == nil {
		return look{}, errs.Internal("a worker's run is used after its error")
	}
	if ctx.Err() != nil {
		return look{}, context.Cause(ctx)
	}
	l := i.link.look()
	return l, l.err
}

func (i *instance) Receive(ctx context.Context, wait bool) (arrow.RecordBatch, error) {
	for {
		l, err := i.stand(ctx)
		switch {
		case err != nil:
			return nil, err
		case l.ready:
			if b, err := i.result(); b != nil || err != nil {
				return b, err
			}
			continue
		case l.finished:
			if !i.done {
				i.pool.report(i.link.finals)
			}
			i.done = true
			return nil, nil
		case l.broken:
			if err := i.recover(ctx); err != nil {
				return nil, err
			}
			continue
		case !wait && l.under <= ahead:
			return nil, nil
		}
		if err := i.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// result unpacks the batch that is ready, without the rows that were delivered before a worker's death.
func (i *instance) result() (arrow.RecordBatch, error) {
	schema, body := i.link.next()
	defer body.Release()
	if schema != nil {
		defer schema.Release()
		if err := i.decoder.schema(schema); err != nil {
			return nil, errs.Internal("a worker's results cannot be read: %v", err)
		}
	}
	b, err := i.decoder.batch(body)
	if err != nil {
		return nil, errs.Internal("a worker's results cannot be read: %v", err)
	}
	if !i.kept.all {
		i.kept.drop()
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

func (i *instance) Finish(ctx context.Context) error {
	if _, err := i.stand(ctx); err != nil {
		return err
	}
	i.finished = true
	i.link.end() // a broken run is found by Receive, which ends the next one
	return nil
}

func (i *instance) Close() error {
	defer i.kept.release()
	if i.link == nil {
		return nil
	}
	if i.done && i.stop() {
		w := i.link.w
		i.link.close()
		i.decoder.close()
		i.link = nil
		i.pool.give(w)
		return nil
	}
	i.abandon()
	return nil
}

package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
)

// stage is the operators between exchanges, in a number of instances.
type stage struct {
	root   *Node
	inputs []*input
	before []*stage
	out    *exchange // nil for the root stage and for builds
	tasks  []*task
	n      int
	once   bool
	ran    bool
	done   chan struct{} // closed when the epoch's tasks have all ended well
	left   atomic.Int32
	lanes  *lanes
}

// input is where a stage's rows come from.
type input struct {
	leaf *Leaf
	from *exchange

	splits []source.Split
	next   atomic.Int64
	rows   atomic.Int64 // read, since the last metrics
}

// mouth is where an instance's input enters its operators.
type mouth struct {
	into *link // nil: straight to the stage's exit
	port int
}

// task is one instance of a stage: its operators and the loop that drives them.
type task struct {
	s        *stage
	instance Instance
	root     *link
	links    []*link
	mouths   []mouth
	ctx      context.Context // the epoch's
	lane     int
	rows     int64 // given to the root operator
}

// out is the emit of the root operator.
func (t *task) out(b arrow.RecordBatch) error {
	if t.s.out == nil {
		return nil
	}
	return t.s.out.push(t.ctx, t.instance.Index, t.lane, b)
}

// run drives the instance through an epoch. Nothing leaves it but an error.
func (t *task) run(ctx context.Context, e Epoch) (err error) {
	defer func() {
		if p := recover(); p == batch.TooLarge {
			err = tooLarge()
		} else if p != nil {
			failure := errs.Internal("%v", p)
			failure.Detail = string(debug.Stack())
			err = failure
		}
	}()
	for _, b := range t.s.before {
		select {
		case <-b.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	t.ctx = ctx
	if t.root != nil {
		if err := t.root.begin(ctx, e); err != nil {
			return err
		}
	}
	for i := range t.s.inputs {
		if err := t.drink(ctx, i, e); err != nil {
			return err
		}
	}
	if t.s.out != nil {
		t.s.out.done()
	}
	return nil
}

// drink takes all of one input and ends it.
func (t *task) drink(ctx context.Context, i int, e Epoch) error {
	in, m := t.s.inputs[i], t.mouths[i]
	give := func(b arrow.RecordBatch) error {
		defer b.Release()
		if m.into == nil {
			return t.out(b)
		}
		return m.into.process(m.port, b)
	}
	ordered := t.s.out != nil && t.s.out.lanes != nil
	var err error
	if in.leaf != nil {
		err = t.readLeaf(ctx, i, give, ordered)
	} else {
		if ordered {
			t.lane = t.s.lanes.split(i, 0)
		}
		err = in.from.read(ctx, t.instance.Index, func(b arrow.RecordBatch) error {
			if t.inVain() {
				b.Release()
				return errs.Stop
			}
			return give(b)
		})
	}
	if unlessStop(err) != nil {
		return err
	}
	if ordered {
		t.s.lanes.leave(i, int(min(in.next.Load(), int64(len(in.splits)))))
		t.lane = t.s.lanes.tail(i, t.instance.Index)
		defer t.s.lanes.close(t.lane)
	}
	if m.into == nil {
		return nil
	}
	return m.into.mark(ctx, m.port, Mark{Kind: End, Epoch: e})
}

// inVain says that nobody reads what more rows would give: behind a limit that has its rows, a filter that passes none
// would learn it from no push.
func (t *task) inVain() bool { return t.s.out != nil && t.s.out.once && t.s.out.unwanted() }

// readLeaf takes splits from the list that the instances share until none is left.
func (t *task) readLeaf(ctx context.Context, i int, give func(arrow.RecordBatch) error, ordered bool) error {
	in, m := t.s.inputs[i], t.mouths[i]
	base := t.s.splitsBefore(i)
	for {
		k := int(in.next.Add(1)) - 1
		if k >= len(in.splits) {
			return nil
		}
		if m.into != nil {
			if err := m.into.mark(ctx, m.port, Mark{Kind: Split, Split: base + k}); err != nil {
				return err
			}
		}
		if ordered {
			t.lane = t.s.lanes.split(i, k)
		}
		err := t.readSplit(ctx, in, in.splits[k], give)
		if m.into != nil && unlessStop(err) == nil && (ordered || t.placed()) {
			if err := m.into.mark(ctx, m.port, Mark{Kind: SplitEnd, Split: base + k}); err != nil {
				return err
			}
		}
		if ordered && unlessStop(err) == nil {
			t.s.lanes.close(t.lane)
		}
		if err != nil {
			return err
		}
	}
}

// placed says that the rows end in a sink that keeps the sources' order.
func (t *task) placed() bool {
	w, ok := t.root.op.(*write)
	return ok && w.placed != nil
}

func (s *stage) splitsBefore(i int) int {
	n := 0
	for _, in := range s.inputs[:i] {
		n += len(in.splits)
	}
	return n
}

func (t *task) readSplit(ctx context.Context, in *input, split source.Split, give func(arrow.RecordBatch) error) error {
	r, err := split.Open(ctx, in.leaf.Pushdown)
	if err != nil {
		return err
	}
	for err == nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			break
		}
		if t.inVain() {
			err = errs.Stop
			break
		}
		var b arrow.RecordBatch
		if b, err = r.Next(ctx); err == nil {
			in.rows.Add(b.NumRows())
			err = give(b)
		}
	}
	if closeErr := r.Close(); err == io.EOF {
		err = closeErr
	}
	return err
}

// close closes the operators, also after an error.
func (t *task) close() error {
	var all []error
	for _, l := range t.links {
		if err := l.op.Close(); err != nil {
			all = append(all, fmt.Errorf("%s: %w", l.op.Explain(), err))
		}
	}
	return errors.Join(all...)
}

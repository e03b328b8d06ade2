package connect

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	pb "pysparkcompat/proto/spark/connect"
	"pysparkcompat/pybridge/host"
)

// task is something that runs: it gives events until it ends.
type task struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	events chan host.Event // closed at the end, after err is set
	err    error
}

// backlog is how many batches a task may be ahead of Python.
const backlog = 4

var errCancelled = errors.New("the task was cancelled")

// Run starts a plan and returns at once.
func (h *Host) Run(id int64, plan []byte) (int64, error) {
	s, err := h.session(id)
	if err != nil {
		return 0, err
	}
	var p pb.Plan
	if err := readProto(plan, &p); err != nil {
		return 0, errs.Internal("plan: %v", err)
	}
	t := &task{events: make(chan host.Event, backlog)}
	t.ctx, t.cancel = context.WithCancelCause(s.ctx)
	number := h.number()
	h.mu.Lock()
	h.tasks[number] = t
	h.mu.Unlock()
	go t.run(func() error {
		if p.GetCommand() != nil {
			return s.command(t, p.GetCommand())
		}
		return s.rows(t, p.GetRoot())
	})
	return number, nil
}

// run runs a task's body; a panic in it becomes the task's error.
func (t *task) run(body func() error) {
	defer close(t.events)
	defer t.cancel(nil)
	defer func() {
		if p := recover(); p != nil {
			t.err = panicked(p)
		}
	}()
	t.err = body()
}

// give hands an event over, or answers why it cannot.
func (t *task) give(e host.Event) error {
	select {
	case t.events <- e:
		return nil
	case <-t.ctx.Done():
		if e.Batch != nil {
			e.Batch.Release()
		}
		return context.Cause(t.ctx)
	}
}

func (t *task) message(body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return errs.Internal("message: %v", err)
	}
	return t.give(host.Event{Kind: host.Message, Message: text})
}

// Next waits for a task's next event.
func (h *Host) Next(id int64, wait time.Duration) (host.Event, error) {
	h.mu.Lock()
	t := h.tasks[id]
	h.mu.Unlock()
	if t == nil {
		return host.Event{}, errs.Internal("no task %d", id)
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case e, open := <-t.events:
		if open {
			return e, nil
		}
		h.mu.Lock()
		delete(h.tasks, id)
		h.mu.Unlock()
		return host.Event{Kind: host.End}, t.err
	case <-timeout.C:
		return host.Event{Kind: host.Again}, nil
	}
}

// Cancel stops a task and forgets it.
func (h *Host) Cancel(id int64) error {
	h.mu.Lock()
	t := h.tasks[id]
	delete(h.tasks, id)
	h.mu.Unlock()
	if t == nil {
		return nil
	}
	t.cancel(errCancelled)
	go func() {
		for e := range t.events {
			if e.Batch != nil {
				e.Batch.Release()
			}
		}
	}()
	return nil
}

// rows runs a plan that gives rows, or text.
func (s *session) rows(t *task, r *pb.Relation) error {
	if show := r.GetShowString(); show != nil {
		f, err := s.planFrame(show.GetInput())
		if err != nil {
			return err
		}
		text, err := s.engine.Show(t.ctx, f, int(show.GetNumRows()), int(show.GetTruncate()), show.GetVertical())
		if err != nil {
			return err
		}
		return t.message(map[string]string{"text": text})
	}
	if r.GetCatalog() != nil {
		return s.catalog(t, r.GetCatalog())
	}
	if r.GetHtmlString() != nil {
		html := r.GetHtmlString()
		f, err := s.planFrame(html.GetInput())
		if err != nil {
			return err
		}
		text, err := s.engine.HTML(t.ctx, f, int(html.GetNumRows()), int(html.GetTruncate()))
		if err != nil {
			return err
		}
		return t.message(map[string]string{"text": text})
	}
	f, err := s.planFrame(r)
	if err != nil {
		return err
	}
	rows, err := s.engine.Run(t.ctx, f)
	if err != nil {
		return err
	}
	defer rows.Close()
	return t.copyOut(rows.Next, s.host)
}

// copyOut gives batches in memory that Python may keep.
func (t *task) copyOut(next func(context.Context) (arrow.RecordBatch, error), h *Host) error {
	for {
		b, err := next(t.ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		out, err := moved(h.mem, b)
		b.Release()
		if err != nil {
			return err
		}
		if err := t.give(host.Event{Kind: host.Batch, Batch: out}); err != nil {
			return err
		}
	}
}

package connect

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	pb "pysparkcompat/proto/spark/connect"
)

// running is a streaming query as Python knows it: with the lane its callbacks run on, and how to start it again.
type running struct {
	query *engine.Query
	spec  engine.StreamSpec
	frame *engine.Frame
	lane  int64    // 0 where nothing runs in Python
	clone *session // the session of its epochs' frames
	// probes are what the processAllAvailable calls under way wait for.
	probes map[int64]<-chan struct{}
}

// started is the message that answers a start.
type started struct {
	ID        string  `json:"id"`
	RunID     string  `json:"runId"`
	Name      *string `json:"name"`
	Timestamp string  `json:"timestamp"`
	Lane      int64   `json:"lane"`
	Session   int64   `json:"session"`
}

func (s *session) startStream(t *task, w *pb.WriteStreamOperationStart) error {
	f, err := s.planFrame(w.GetInput())
	if err != nil {
		return err
	}
	if err := lackingStream(w); err != nil {
		return err
	}
	spec := engine.StreamSpec{Format: w.GetFormat(), Options: w.GetOptions(), Mode: w.GetOutputMode(), Name: w.GetQueryName(), Path: w.GetPath(),
		PartitionBy: w.GetPartitioningColumnNames(), Table: w.GetTableName()}
	if to, ok := w.GetSinkDestination().(*pb.WriteStreamOperationStart_TableName); ok && to.TableName == "" {
		return errs.New("PARSE_EMPTY_STATEMENT")
	}
	if spec.Trigger, err = trigger(w); err != nil {
		return err
	}
	if w.GetForeachBatch() != nil {
		spec.Format = engine.ForeachBatch
	}
	if f := w.GetForeachWriter(); f != nil {
		spec.Format, spec.Writer = engine.Foreach, f.GetPythonFunction().GetCommand()
	}
	reply, err := s.begin(&running{spec: spec, frame: f})
	if err != nil {
		return err
	}
	return t.message(reply)
}

// lackingStream names what a later version brings.
func lackingStream(w *pb.WriteStreamOperationStart) error {
	switch {
	case len(w.GetClusteringColumnNames()) > 0:
		return errs.NotBuilt("DataStreamWriter.clusterBy")
	case strings.EqualFold(option(w.GetOptions(), "asyncProgressTrackingEnabled"), "true"):
		return errs.NotBuilt("asynchronous progress tracking (asyncProgressTrackingEnabled)")
	case w.GetContinuousCheckpointInterval() != "":
		return errs.NotBuilt("DataStreamWriter.trigger(continuous)")
	case w.GetRealTimeBatchDuration() != "":
		return errs.NotBuilt("DataStreamWriter.trigger(realTime)")
	}
	return nil
}

func option(options map[string]string, name string) string {
	for k, v := range options {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

func trigger(w *pb.WriteStreamOperationStart) (engine.Trigger, error) {
	switch t := w.GetTrigger().(type) {
	case *pb.WriteStreamOperationStart_Once:
		return engine.Trigger{Kind: engine.Once}, nil
	case *pb.WriteStreamOperationStart_AvailableNow:
		return engine.Trigger{Kind: engine.AvailableNow}, nil
	case *pb.WriteStreamOperationStart_ProcessingTimeInterval:
		every, err := engine.ParseInterval(t.ProcessingTimeInterval)
		return engine.Trigger{Every: every}, err
	}
	return engine.Trigger{}, nil
}

// begin makes a query's run and registers it; Python lets it begin once its listeners have heard of it.
func (s *session) begin(r *running) (*started, error) {
	if r.spec.Format == engine.ForeachBatch || r.spec.Format == "console" {
		r.lane = s.queue.Open()
	}
	calls := engine.Callbacks{Notify: s.notify, Ended: func() {
		if r.lane != 0 {
			s.queue.CloseLane(r.lane)
		}
	}}
	if r.spec.Format == engine.ForeachBatch {
		r.clone = s.clone()
		calls.Batch = r.batch
	}
	calls.Print = func(ctx context.Context, text string) error {
		return r.call(ctx, s, map[string]any{"kind": "console", "text": text})
	}
	q, err := s.engine.Start(r.frame, r.spec, calls)
	if err != nil {
		if r.lane != 0 {
			s.queue.CloseLane(r.lane)
		}
		return nil, err
	}
	r.query, r.probes = q, map[int64]<-chan struct{}{}
	root := s.root()
	root.mu.Lock()
	root.queries[q.RunID()] = r
	root.mu.Unlock()
	out := &started{ID: q.ID(), RunID: q.RunID(), Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Lane: r.lane}
	if q.Name() != "" {
		name := q.Name()
		out.Name = &name
	}
	if r.clone != nil {
		out.Session = r.clone.id
	}
	return out, nil
}

// batch has the user's process run its foreachBatch function over an epoch's rows.
func (r *running) batch(ctx context.Context, epoch int64, rows *engine.EpochRows) error {
	f, err := r.clone.engine.EpochFrame(rows)
	if err != nil {
		return err
	}
	reply := r.clone.keep(f)
	defer r.clone.host.Drop(r.clone.id, []string{reply.Handle}) //nolint:errcheck // never fails
	return r.call(ctx, r.clone, map[string]any{"kind": "foreachBatch", "epoch": epoch, "handle": reply.Handle, "schema": reply.Schema,
		"session": r.clone.id, "runId": r.query.RunID()})
}

// call runs something on the query's lane and turns what it raised into an error.
func (r *running) call(ctx context.Context, s *session, body map[string]any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return errs.Internal("callback: %v", err)
	}
	answer, err := s.queue.Do(ctx, r.lane, payload)
	if err != nil {
		return err
	}
	var outcome struct {
		Error *struct {
			Type      string `json:"type"`
			Message   string `json:"message"`
			Traceback string `json:"traceback"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer, &outcome); err != nil {
		return errs.Internal("callback's answer: %v", err)
	}
	if outcome.Error == nil {
		return nil
	}
	reason := outcome.Error.Traceback
	if reason == "" {
		reason = outcome.Error.Type + ": " + outcome.Error.Message
	}
	return errs.New("FOREACH_BATCH_USER_FUNCTION_ERROR", "reason", reason)
}

// notify passes a query's event to the listeners' lane, if there are listeners.
func (s *session) notify(e engine.Event) {
	root := s.root()
	root.mu.Lock()
	lane := root.listeners
	root.mu.Unlock()
	if lane == 0 {
		return
	}
	payload, err := json.Marshal(map[string]any{"kind": "event", "event": e.Kind, "json": e.JSON, "observed": e.Observed})
	if err == nil {
		s.queue.Post(lane, payload)
	}
}

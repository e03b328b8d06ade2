package connect

import (
	"encoding/json"
	"time"

	"pysparkcompat/engine"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/pybridge/host"
)

// question is one operation on a query or on the manager.
type question struct {
	Op       string `json:"op"`
	RunID    string `json:"runId"`
	ID       string `json:"id"`
	WaitMs   int64  `json:"waitMs"`
	Extended bool   `json:"extended"`
	On       bool   `json:"on"`
	// Call tells which processAll questions are one waiting call of the user's.
	Call int64 `json:"call"`
	// Handle is a frame's.
	Handle string `json:"handle"`
}

// longest is how long a question may wait, so that Python sees Ctrl-C.
const longest = 50 * time.Millisecond

func (q *question) wait() time.Duration {
	return min(time.Duration(q.WaitMs)*time.Millisecond, longest)
}

type object = map[string]any

// Query answers a question about streaming queries.
func (h *Host) Query(id int64, request []byte) ([]byte, error) {
	s, err := h.session(id)
	if err != nil {
		return nil, err
	}
	var q question
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, errs.Internal("query request: %v", err)
	}
	answer, err := s.root().answer(&q)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

func (s *session) answer(q *question) (any, error) {
	m := s.engine.Queries()
	switch q.Op {
	case "active":
		out := []object{}
		for _, active := range m.Active() {
			out = append(out, named(active))
		}
		return object{"queries": out}, nil
	case "get":
		for _, active := range m.Active() {
			if active.ID() == q.ID {
				return object{"query": named(active)}, nil
			}
		}
		return object{"query": nil}, nil
	case "awaitAny":
		return s.awaitAny(m, q.wait()), nil
	case "frames":
		return object{"frames": s.host.frameCount()}, nil
	case "resetTerminated":
		m.Reset()
		return object{}, nil
	case "observed":
		return s.observed(q)
	case "listen":
		return object{"lane": s.listen(q.On)}, nil
	}
	s.mu.Lock()
	r := s.queries[q.RunID]
	s.mu.Unlock()
	if r == nil {
		return nil, errs.Internal("no query with run id %s", q.RunID)
	}
	return s.about(r, q)
}

func named(q *engine.Query) object {
	out := object{"id": q.ID(), "runId": q.RunID(), "name": nil}
	if q.Name() != "" {
		out["name"] = q.Name()
	}
	return out
}

// about answers for one run.
func (s *session) about(r *running, q *question) (any, error) {
	switch q.Op {
	case "begin":
		r.query.Begin()
	case "stop":
		r.query.Stop()
		return object{"timeoutMs": s.engine.Conf().Millis(conf.StopTimeout).Milliseconds()}, nil
	case "restart":
		if r.query.Active() {
			return nil, errs.Internal("an active query is started again")
		}
		return s.begin(&running{spec: r.spec, frame: r.frame})
	case "await":
		return outcome(r.query, q.wait(), nil), nil
	case "processAll":
		return s.processAll(r, q), nil
	case "status":
		return r.query.Status(), nil
	case "progress":
		recent := r.query.Recent()
		if len(recent) == 0 {
			return object{"progress": nil}, nil
		}
		return object{"progress": recent[len(recent)-1]}, nil
	case "recent":
		return object{"progress": r.query.Recent()}, nil
	case "exception":
		return object{"error": failure(r.query)}, nil
	case "explain":
		return object{"text": r.query.Explain(q.Extended)}, nil
	case "info":
		out := named(r.query)
		out["active"] = r.query.Active()
		return out, nil
	default:
		return nil, errs.Internal("no query operation %q", q.Op)
	}
	return object{}, nil
}

func failure(q *engine.Query) *host.Failure {
	if f := q.Failure(); f != nil {
		return host.Describe(f)
	}
	return nil
}

// outcome waits for the end of a query, or for more.
func outcome(q *engine.Query, wait time.Duration, more <-chan struct{}) object {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case <-q.Done():
		return object{"done": true, "error": failure(q)}
	default:
	}
	select {
	case <-q.Done():
		return object{"done": true, "error": failure(q)}
	case <-more:
		return object{"done": true, "error": nil}
	case <-timeout.C:
		return object{"done": false, "error": nil}
	}
}

// processAll waits on one probe over all the calls that a waiting Python makes.
func (s *session) processAll(r *running, q *question) object {
	s.mu.Lock()
	probe := r.probes[q.Call]
	if probe == nil {
		probe = r.query.Probe()
		r.probes[q.Call] = probe
	}
	s.mu.Unlock()
	out := outcome(r.query, q.wait(), probe)
	if out["done"] == true {
		s.mu.Lock()
		delete(r.probes, q.Call)
		s.mu.Unlock()
	}
	return out
}

func (s *session) awaitAny(m *engine.Manager, wait time.Duration) object {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		ended, failed, changed := m.AnyEnded()
		if ended {
			out := object{"done": true, "error": nil}
			if failed != nil {
				out["error"] = host.Describe(failed)
			}
			return out
		}
		select {
		case <-changed:
		case <-timeout.C:
			return object{"done": false, "error": nil}
		}
	}
}

// observed waits for the metrics of an Observation's frame.
func (s *session) observed(q *question) (any, error) {
	f, err := s.frame(q.Handle)
	if err != nil {
		return nil, err
	}
	node := f.Observation()
	if node == nil || node.Told == nil {
		return nil, errs.Internal("the frame %s observes nothing", q.Handle)
	}
	timeout := time.NewTimer(q.wait())
	defer timeout.Stop()
	select {
	case <-node.Told.Done():
	case <-timeout.C:
		return object{"done": false}, nil
	}
	row, err := engine.Encoded(node.Told.Row())
	if err != nil {
		return nil, err
	}
	return object{"done": true, "schema": json.RawMessage(types.JSON(f.MetricsSchema())), "row": row}, nil
}

// listen opens or closes the listeners' lane and gives its number.
func (s *session) listen(on bool) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case on && s.listeners == 0:
		s.listeners = s.queue.Open()
	case !on && s.listeners != 0:
		s.queue.CloseLane(s.listeners)
		s.listeners = 0
	}
	return s.listeners
}

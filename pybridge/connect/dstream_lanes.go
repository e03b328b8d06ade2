package connect

import (
	"context"
	"encoding/json"

	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/callback"
)

// lanes are the threads of the user's process that a StreamingContext calls: they are its dstream.Driver.
type lanes struct {
	id     int64
	queue  *callback.Queue
	graph  int64
	jobs   []int64
	events int64
}

func newLanes(s *session, jobs int) *lanes {
	l := &lanes{id: s.host.number(), queue: s.queue, graph: s.queue.Open(), events: s.queue.Open()}
	for range jobs {
		l.jobs = append(l.jobs, s.queue.Open())
	}
	return l
}

// job is the number of a job lane by the queue's number of it, dstream.Generator for the graph's, else dstream.NoLane.
func (l *lanes) job(lane int64) int {
	if lane == l.graph {
		return dstream.Generator
	}
	for i, j := range l.jobs {
		if j == lane {
			return i
		}
	}
	return dstream.NoLane
}

// close ends the threads once they have run what waits.
func (l *lanes) close() {
	for _, lane := range append([]int64{l.graph, l.events}, l.jobs...) {
		l.queue.CloseLane(lane)
	}
}

// token is a dstream.Token that is null in JSON where there is no RDD.
type token dstream.Token

func (t token) MarshalJSON() ([]byte, error) {
	if dstream.Token(t) == dstream.None {
		return []byte("null"), nil
	}
	return json.Marshal(int64(t))
}

func tokens(list []dstream.Token) []token {
	out := make([]token, len(list))
	for i, t := range list {
		out[i] = token(t)
	}
	return out
}

// computing is the call dstream.compute.
type computing struct {
	Kind       string          `json:"kind"`
	Context    int64           `json:"context"`
	Node       int             `json:"node"`
	Time       int64           `json:"time"`
	Checkpoint bool            `json:"checkpoint"`
	Paths      []string        `json:"paths"`
	Blocks     []dstream.Block `json:"blocks"`
	Tokens     []token         `json:"tokens"`
	Previous   token           `json:"previous"`
	Left       []token         `json:"left"`
	Came       []token         `json:"came"`
}

// answered is what Python answers to any call.
type answered struct {
	Token *dstream.Token `json:"token"`
	Paths []*string      `json:"paths"`
	Error *struct {
		ID   int64  `json:"id"`
		Text string `json:"text"`
	} `json:"error"`
}

// call has a lane do something and gives its answer, or what it raised.
func (l *lanes) call(ctx context.Context, lane int64, what any) (*answered, error) {
	payload, err := json.Marshal(what)
	if err != nil {
		return nil, errs.Internal("callback: %v", err)
	}
	reply, err := l.queue.Do(ctx, lane, payload)
	if err != nil {
		return nil, err
	}
	var a answered
	if err := json.Unmarshal(reply, &a); err != nil {
		return nil, errs.Internal("callback's answer: %v", err)
	}
	if a.Error != nil {
		return nil, &dstream.Raised{ID: a.Error.ID, Text: a.Error.Text}
	}
	return &a, nil
}

func (l *lanes) post(lane int64, what any) {
	if payload, err := json.Marshal(what); err == nil {
		l.queue.Post(lane, payload)
	}
}

func (a *answered) token() dstream.Token {
	if a.Token == nil {
		return dstream.None
	}
	return *a.Token
}

// Compute implements dstream.Driver.
func (l *lanes) Compute(ctx context.Context, r *dstream.Request) (dstream.Token, error) {
	c := computing{"dstream.compute", l.id, r.Node, r.Time, r.Checkpoint, r.Paths, r.Blocks, tokens(r.Tokens), token(r.Previous), tokens(r.Left), tokens(r.Came)}
	if c.Paths == nil {
		c.Paths = []string{}
	}
	if c.Blocks == nil {
		c.Blocks = []dstream.Block{}
	}
	a, err := l.call(ctx, l.graph, c)
	if err != nil {
		return dstream.None, err
	}
	return a.token(), nil
}

// Restore implements dstream.Driver.
func (l *lanes) Restore(ctx context.Context, node int, at int64, path string) (dstream.Token, error) {
	a, err := l.call(ctx, l.graph, object{"kind": "dstream.restore", "context": l.id, "node": node, "time": at, "path": path})
	if err != nil {
		return dstream.None, err
	}
	return a.token(), nil
}

// Checkpointed implements dstream.Driver.
func (l *lanes) Checkpointed(ctx context.Context, held []dstream.Held) ([]string, error) {
	items := make([]object, len(held))
	for i, h := range held {
		items[i] = object{"node": h.Node, "time": h.Time, "token": token(h.Token)}
	}
	a, err := l.call(ctx, l.graph, object{"kind": "dstream.checkpointed", "context": l.id, "items": items})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(held))
	for i := range min(len(out), len(a.Paths)) {
		if a.Paths[i] != nil {
			out[i] = *a.Paths[i]
		}
	}
	return out, nil
}

// Forget implements dstream.Driver.
func (l *lanes) Forget(dropped []dstream.Dropped) {
	items := make([]object, len(dropped))
	for i, d := range dropped {
		items[i] = object{"token": token(d.Token), "unpersist": d.Unpersist}
	}
	l.post(l.graph, object{"kind": "dstream.forget", "context": l.id, "tokens": items})
}

// Output implements dstream.Driver.
func (l *lanes) Output(ctx context.Context, lane int, o *dstream.Output) error {
	_, err := l.call(ctx, l.jobs[lane], object{"kind": "dstream.output", "context": l.id, "output": o.Index, "id": o.ID, "node": o.Node,
		"time": o.Time, "token": token(o.Token), "lane": l.jobs[lane]})
	return err
}

// Event implements dstream.Driver.
func (l *lanes) Event(ctx context.Context, e *dstream.Event) {
	l.call(ctx, l.events, object{"kind": "dstream.event", "context": l.id, "event": e.Name, "json": e.JSON}) //nolint:errcheck // listeners that raise are Python's to tell
}

// Warn implements dstream.Driver.
func (l *lanes) Warn(text string) {
	l.post(l.events, object{"kind": "dstream.warning", "context": l.id, "text": text})
}

package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pysparkcompat/engine"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// streaming is a StreamingContext as Python knows it: the engine's and the lanes that its callbacks run on.
type streaming struct {
	*lanes
	session *session
	engine  *engine.Streams

	mu     sync.Mutex
	last   int64
	slices map[int64]*sliced
}

// receivedInMemory is how much of what a context's receivers got lies in memory; the rest lies in files.
const receivedInMemory = 64 << 20

// sliced is the answer to a slice, once it is there.
type sliced struct {
	done chan struct{}
	held []dstream.Held
	err  error
}

// streamings are the StreamingContexts of all sessions and the clocks that tests own.
type streamings struct {
	mu       sync.Mutex
	registry dstream.Registry
	contexts map[int64]*streaming
	clocks   map[int64]*manual
}

// streamRequest is what the operations on contexts read.
type streamRequest struct {
	dstream.Spec
	Context   int64             `json:"context"`
	Batch     int64             `json:"batchMs"`
	Clock     int64             `json:"clock"`
	Node      int               `json:"node"`
	Desc      string            `json:"description"`
	Millis    int64             `json:"ms"`
	Directory *string           `json:"directory"`
	On        bool              `json:"on"`
	Conf      map[string]string `json:"conf"`
	Saves     bool              `json:"checkpointDir"`
	Wait      int64             `json:"waitMs"`
	Graceful  bool              `json:"graceful"`
	Lane      int64             `json:"lane"`
	From      int64             `json:"fromMs"`
	To        int64             `json:"toMs"`
	Slice     int64             `json:"slice"`
	Tokens    []dstream.Token   `json:"tokens"`
	IDs       []int64           `json:"ids"`
}

// onStreams makes an operation of what is done to one context.
func onStreams(f func(c *streaming, r *streamRequest, parts [][]byte) (any, [][]byte, error)) operation {
	return func(s *session, body json.RawMessage, parts [][]byte) (any, [][]byte, error) {
		var r streamRequest
		if err := read(body, &r); err != nil {
			return nil, nil, err
		}
		s.host.streams.mu.Lock()
		c := s.host.streams.contexts[r.Context]
		s.host.streams.mu.Unlock()
		if c == nil {
			return nil, nil, errs.Internal("there is no StreamingContext %d", r.Context)
		}
		return f(c, &r, parts)
	}
}

// streamOpen makes a context without streams.
func (s *session) streamOpen(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var r streamRequest
	if err := read(body, &r); err != nil {
		return nil, nil, err
	}
	c, config, err := s.newStreaming(r.Clock)
	if err != nil {
		return nil, nil, err
	}
	config.Batch = r.Batch
	if c.engine, err = s.engine.NewStreams(config); err != nil {
		c.close()
		return nil, nil, err
	}
	return c.known(object{"batchMs": r.Batch}), nil, nil
}

// newStreaming makes the lanes of a context and what the engine's is made with.
func (s *session) newStreaming(clock int64) (*streaming, dstream.Config, error) {
	m, err := s.host.clock(clock)
	if err != nil {
		return nil, dstream.Config{}, err
	}
	c := &streaming{lanes: newLanes(s, max(s.engine.Conf().Int(conf.ConcurrentJobs), 1)), session: s, slices: map[int64]*sliced{}}
	config := dstream.Config{Driver: c.lanes, Registry: &s.host.streams.registry, Ended: c.ended}
	if m != nil {
		config.Clock = m.clock
	}
	if local := s.first().local; local != "" {
		config.Blocks = dstream.NewBlocks(s.host.engine.FS(), filepath.Join(local, fmt.Sprintf("received-%d", c.id)), receivedInMemory)
	}
	return c, config, nil
}

// known registers a context; its answer tells Python its number and its lanes.
func (c *streaming) known(answer object) object {
	h := &c.session.host.streams
	h.mu.Lock()
	h.contexts[c.id] = c
	h.mu.Unlock()
	answer["context"] = c.id
	answer["lanes"] = object{"graph": c.graph, "jobs": c.jobs, "events": c.events}
	return answer
}

// ended is called when the engine's context has stopped. What it received stays readable until its session ends.
func (c *streaming) ended() { c.close() }

func (c *streaming) node(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	spec := r.Spec
	if r.Directory != nil {
		folder, err := localFolder(*r.Directory)
		if err != nil {
			return nil, nil, err
		}
		spec.Directory = folder
	}
	id, slide, stream, err := c.engine.Node(spec)
	if err != nil {
		return nil, nil, err
	}
	answer := object{"node": id, "slideMs": slide, "stream": nil}
	if stream >= 0 {
		answer["stream"] = stream
	}
	return answer, nil, nil
}

func (c *streaming) output(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	n, err := c.engine.Output(dstream.OutputSpec{Node: r.Node, Name: r.Name, Description: r.Desc})
	return object{"output": n}, nil, err
}

func (c *streaming) persist(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	return object{}, nil, c.engine.Persist(r.Node)
}

func (c *streaming) interval(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	return object{}, nil, c.engine.Interval(r.Node, r.Millis)
}

func (c *streaming) remember(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	return object{}, nil, c.engine.Remember(r.Millis)
}

func (c *streaming) checkpoint(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	if r.Directory == nil {
		return object{"directory": nil}, nil, c.engine.Checkpoint("")
	}
	folder, err := localFolder(*r.Directory)
	if err != nil {
		return nil, nil, err
	}
	return object{"directory": "file:" + folder}, nil, c.engine.Checkpoint(folder)
}

func (c *streaming) listen(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	c.engine.Listen(r.On)
	return object{}, nil, nil
}

func (c *streaming) start(r *streamRequest, parts [][]byte) (any, [][]byte, error) {
	begin := dstream.Begin{Conf: r.Conf, Saves: r.Saves}
	if len(parts) > 0 {
		begin.Functions = append([]byte(nil), parts[0]...)
	}
	warning, err := c.engine.Start(begin)
	return object{"warning": orNull(warning)}, nil, err
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (c *streaming) state(*streamRequest, [][]byte) (any, [][]byte, error) {
	return object{"state": c.engine.State()}, nil, nil
}

func (c *streaming) info(*streamRequest, [][]byte) (any, [][]byte, error) {
	return c.engine.Info(), nil, nil
}

func (r *streamRequest) timer() *time.Timer {
	return time.NewTimer(min(max(time.Duration(r.Wait)*time.Millisecond, 0), doWait))
}

// await waits for the end or an error; one that came is given at every call.
func (c *streaming) await(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	timeout := r.timer()
	defer timeout.Stop()
	for {
		stopped, err, changed := c.engine.Outcome()
		if err != nil {
			return object{"stopped": stopped, "error": raisedJSON(err)}, nil, nil
		}
		if stopped {
			return object{"stopped": true, "error": nil}, nil, nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return object{"stopped": false, "error": nil}, nil, nil
		}
	}
}

func (c *streaming) stop(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	warning := c.engine.Stop(r.Graceful, c.job(r.Lane))
	timeout := r.timer()
	defer timeout.Stop()
	select {
	case <-c.engine.Done():
		return object{"done": true, "warning": orNull(warning)}, nil, nil
	case <-timeout.C:
		return object{"done": false, "warning": nil}, nil, nil
	}
}

func (c *streaming) slice(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	if r.Lane != 0 && r.Lane == c.graph {
		return nil, nil, errs.New(errs.Unnamed + "DSTREAM_SLICE_INSIDE")
	}
	answer := &sliced{done: make(chan struct{})}
	err := c.engine.Slice(r.Node, r.From, r.To, func(held []dstream.Held, err error) {
		answer.held, answer.err = held, err
		close(answer.done)
	})
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	c.slices[c.last] = answer
	return object{"slice": c.last}, nil, nil
}

func (c *streaming) sliced(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	c.mu.Lock()
	answer := c.slices[r.Slice]
	c.mu.Unlock()
	if answer == nil {
		return nil, nil, errs.Internal("there is no slice %d", r.Slice)
	}
	timeout := r.timer()
	defer timeout.Stop()
	select {
	case <-answer.done:
	case <-timeout.C:
		return object{"done": false, "tokens": []any{}, "error": nil}, nil, nil
	}
	c.mu.Lock()
	delete(c.slices, r.Slice)
	c.mu.Unlock()
	tokens := []object{}
	for _, h := range answer.held {
		tokens = append(tokens, object{"time": h.Time, "token": token(h.Token)})
	}
	return object{"done": true, "tokens": tokens, "error": raisedJSON(answer.err)}, nil, nil
}

func (c *streaming) release(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	c.engine.Release(r.Tokens)
	return object{}, nil, nil
}

func (c *streaming) blocks(r *streamRequest, _ [][]byte) (any, [][]byte, error) {
	parts := make([][]byte, 0, len(r.IDs))
	for _, id := range r.IDs {
		data, err := c.engine.Block(id)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, data)
	}
	return object{"count": len(parts)}, parts, nil
}

// raisedJSON is an error as Python takes it: by its own number of it, else as the engine's.
func raisedJSON(err error) any {
	var raised *dstream.Raised
	switch {
	case err == nil:
		return nil
	case errors.As(err, &raised):
		return object{"id": raised.ID, "text": raised.Text}
	}
	return object{"id": 0, "text": err.Error(), "failure": host.Describe(err)}
}

// localFolder is the absolute path of a folder that Python names by a path or a file URI.
func localFolder(text string) (string, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if ok && !strings.Contains(scheme, "/") {
		if scheme != "file" {
			return "", errs.NotBuilt("a folder of the file system " + scheme)
		}
		if text = rest; strings.HasPrefix(text, "//") {
			text = "/" + strings.TrimLeft(text, "/")
		}
	}
	folder, err := filepath.Abs(text)
	if err != nil {
		return "", errs.Internal("the folder %s: %v", text, err)
	}
	return folder, nil
}

// streamActive is the context that runs.
func (h *Host) streamActive(json.RawMessage) (any, error) {
	active := h.streams.registry.Active()
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	for id, c := range h.streams.contexts {
		if c.engine == active {
			return object{"context": id}, nil
		}
	}
	return object{"context": nil}, nil
}

// stopStreams ends the contexts of a session that closes.
func (s *session) stopStreams() {
	h := &s.host.streams
	h.mu.Lock()
	var mine []*streaming
	for id, c := range h.contexts {
		if c.session.root() == s {
			mine = append(mine, c)
			delete(h.contexts, id)
		}
	}
	h.mu.Unlock()
	for _, c := range mine {
		c.engine.Kill()
		<-c.engine.Done()
	}
}

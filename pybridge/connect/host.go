package connect

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/rdd"
	"pysparkcompat/pybridge/callback"
	"pysparkcompat/pybridge/host"
	"pysparkcompat/pybridge/worker"
)

// Host serves the local sessions of this process: it implements host.Host.
type Host struct {
	engine *engine.Engine
	mem    memory.Allocator
	// streams are the StreamingContexts and the clocks of tests.
	streams streamings

	mu       sync.Mutex
	sessions map[int64]*session
	tasks    map[int64]*task
	last     int64
}

// New is a host without sessions. Batches that leave it are made with mem, because Python keeps them.
func New(mem memory.Allocator) *Host {
	return &Host{engine: engine.New(engine.Options{}), mem: mem, sessions: map[int64]*session{}, tasks: map[int64]*task{},
		streams: streamings{contexts: map[int64]*streaming{}, clocks: map[int64]*manual{}}}
}

// session is one SparkSession: its frames by handle, its callbacks and, shared with its clones, its workers.
type session struct {
	id     int64
	host   *Host
	engine *engine.Session
	queue  *callback.Queue
	pool   *worker.Pool
	ctx    context.Context
	cancel context.CancelFunc
	parent *session // of a clone, which a query's epochs run in
	// sibling sessions have their workers and their cache from the application's first session.
	sibling bool
	app     *session // of a sibling, the first session
	local   string   // the application's folder, of its first session

	mu        sync.Mutex
	scheduler *rdd.Scheduler     // the first session's, once there was a job
	rddJobs   map[int64]*rdd.Job // those whose results are not all read, by call
	frames    map[string]*engine.Frame
	queries   map[string]*running
	listeners int64 // the listeners' lane, 0 while there are none
	over      bool  // of a clone: its query has made its last callback
}

// settings is what a session is opened with.
type settings struct {
	Conf    map[string]string `json:"conf"`
	Dir     string            `json:"cwd"`
	Path    []string          `json:"sysPath"`
	Python  string            `json:"python"`
	Package string            `json:"package"`
	Setup   string            `json:"setup"`
	// Local is the application's folder for files of its own, which Python makes and removes; Env is added to what
	// workers have in their environment.
	Local string   `json:"local"`
	Env   []string `json:"env"`
	// Parent is another session of the same application, 0 for an application's first.
	Parent int64 `json:"parent"`
}

func (h *Host) number() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	return h.last
}

// Open starts a session.
func (h *Host) Open(conf []byte) (int64, error) {
	var c settings
	if err := json.Unmarshal(conf, &c); err != nil {
		return 0, errs.Internal("session settings: %v", err)
	}
	if c.Parent != 0 {
		return h.openSibling(c.Parent)
	}
	pool := worker.New(worker.Config{Python: c.Python, Path: c.Path, Dir: c.Dir, Package: c.Package, Setup: c.Setup, Env: c.Env}, h.engine.Memory())
	s := &session{id: h.number(), host: h, queue: callback.New(), pool: pool, local: c.Local, frames: map[string]*engine.Frame{}, queries: map[string]*running{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var err error
	if s.engine, err = h.engine.NewSession(c.Conf, c.Dir, pool); err != nil {
		return 0, err
	}
	h.mu.Lock()
	h.sessions[s.id] = s
	h.mu.Unlock()
	return s.id, nil
}

// openSibling starts a further session of an application, which shares its workers and what is cached.
func (h *Host) openSibling(of int64) (int64, error) {
	first, err := h.session(of)
	if err != nil {
		return 0, err
	}
	s := &session{id: h.number(), host: h, engine: first.engine.Sibling(), queue: callback.New(), pool: first.pool, sibling: true, app: first.first(),
		frames: map[string]*engine.Frame{}, queries: map[string]*running{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	h.mu.Lock()
	h.sessions[s.id] = s
	h.mu.Unlock()
	return s.id, nil
}

// clone is a session for a query's epochs: its views and settings are its own, its workers the parent's.
func (s *session) clone() *session {
	c := &session{id: s.host.number(), host: s.host, engine: s.engine.Clone(), queue: s.queue, pool: s.pool, ctx: s.ctx, cancel: func() {},
		parent: s.root(), frames: map[string]*engine.Frame{}, queries: map[string]*running{}}
	s.host.mu.Lock()
	s.host.sessions[c.id] = c
	s.host.mu.Unlock()
	return c
}

func (s *session) root() *session {
	if s.parent != nil {
		return s.parent
	}
	return s
}

// errNoSession is what calls get once spark.stop() was called.
func errNoSession() error { return errs.New(errs.Unnamed + "SESSION_STOPPED") }

func (h *Host) session(id int64) (*session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.sessions[id]; s != nil {
		return s, nil
	}
	return nil, errNoSession()
}

// Close stops a session: its queries, its tasks, its callbacks, its workers.
func (h *Host) Close(id int64) error {
	h.mu.Lock()
	s := h.sessions[id]
	delete(h.sessions, id)
	for other, c := range h.sessions {
		if c.parent != nil && c.parent == s {
			delete(h.sessions, other)
		}
	}
	h.mu.Unlock()
	if s == nil || s.parent != nil {
		return nil
	}
	s.queue.Abandon()
	s.stopStreams()
	s.engine.StopQueries()
	s.cancel()
	s.queue.Close()
	if !s.sibling {
		s.closeRDDs()
		s.engine.Close()
		s.pool.Close()
	}
	return nil
}

// Drop forgets frames, whichever session of the application made them.
func (h *Host) Drop(id int64, handles []string) error {
	s, err := h.session(id)
	if err != nil {
		return nil // its frames are gone with it
	}
	for _, member := range h.family(s.root()) {
		member.forget(handles)
		h.retire(member)
	}
	return nil
}

// family is a session and its clones.
func (h *Host) family(root *session) []*session {
	out := []*session{root}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.sessions {
		if s.parent == root {
			out = append(out, s)
		}
	}
	return out
}

func (s *session) forget(handles []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, handle := range handles {
		delete(s.frames, handle)
	}
}

// retire forgets a clone whose query is over and whose frames the user has let go.
func (h *Host) retire(s *session) {
	s.mu.Lock()
	gone := s.over && len(s.frames) == 0
	s.mu.Unlock()
	if gone {
		h.mu.Lock()
		delete(h.sessions, s.id)
		h.mu.Unlock()
	}
}

// laneEnded is called when a lane's thread has been told to end: its query's clone is used no more.
func (s *session) laneEnded(lane int64) {
	root := s.root()
	var clone *session
	root.mu.Lock()
	for _, r := range root.queries {
		if r.lane == lane {
			clone = r.clone
		}
	}
	root.mu.Unlock()
	if clone != nil {
		clone.mu.Lock()
		clone.over = true
		clone.mu.Unlock()
		s.host.retire(clone)
	}
}

// NextCallback waits for what a lane's thread shall run.
func (h *Host) NextCallback(id, lane int64, wait time.Duration) ([]byte, error) {
	s, err := h.session(id)
	if err != nil {
		return []byte(`{"status":"end"}`), nil
	}
	c, ended := s.queue.Next(lane, wait)
	switch {
	case ended:
		s.laneEnded(lane)
		return []byte(`{"status":"end"}`), nil
	case c == nil:
		return []byte(`{"status":"again"}`), nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Payload, &fields); err != nil {
		return nil, errs.Internal("callback: %v", err)
	}
	fields["status"] = json.RawMessage(`"call"`)
	fields["callback"], _ = json.Marshal(c.ID) // a number
	return json.Marshal(fields)
}

// Answer gives a callback's outcome.
func (h *Host) Answer(id, call int64, reply []byte) error {
	if s, err := h.session(id); err == nil {
		s.queue.Answer(call, reply)
	}
	return nil
}

var _ host.Host = (*Host)(nil)

package query

import (
	"sync"
	"time"

	"pysparkcompat/engine/errs"
)

// Registry knows every active query of the process, so that one checkpoint is never run twice in it. Safe for concurrent use.
type Registry struct {
	mu       sync.Mutex
	byID     map[string]*Query
	starting map[*Start]struct{}
}

// NewRegistry is an empty one.
func NewRegistry() *Registry {
	return &Registry{byID: map[string]*Query{}, starting: map[*Start]struct{}{}}
}

// Start is a run in the making, from before its checkpoint is read until it is taken in or given up. A run that comes in
// sooner overtakes it, even if that one has ended again: what was read of the checkpoint may be the past.
type Start struct {
	registry  *Registry
	id        string
	overtaken bool
}

// Starting says that the checkpoint of a query id is about to be read. The caller calls Over.
func (r *Registry) Starting(id string) *Start {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &Start{registry: r, id: id}
	r.starting[s] = struct{}{}
	return s
}

// Over ends the making of the run, whatever came of it.
func (s *Start) Over() {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	delete(s.registry.starting, s)
}

// Active gives the run of a query id, or nil.
func (r *Registry) Active(id string) *Query {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// add says whether no other run of the query is active, or has been since its start.
func (r *Registry) add(q *Query, s *Start) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[q.id] != nil || s.overtaken {
		return false
	}
	r.byID[q.id] = q
	for other := range r.starting {
		if other != s && other.id == q.id {
			other.overtaken = true
		}
	}
	return true
}

func (r *Registry) remove(q *Query) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[q.id] == q {
		delete(r.byID, q.id)
	}
}

// Manager keeps the queries of one session. Safe for concurrent use.
type Manager struct {
	registry *Registry
	mu       sync.Mutex
	active   map[string]*Query // by run id
	order    []string
	making   int           // starts under way
	made     chan struct{} // closed once there are none; nil while nobody waits
	closed   bool
	ended    bool // one ended since the last reset
	failure  *errs.Error
	changed  chan struct{} // closed and renewed at each end
}

// NewManager is a session's manager over the process' registry.
func NewManager(r *Registry) *Manager {
	return &Manager{registry: r, active: map[string]*Query{}, changed: make(chan struct{})}
}

// madeSoon is how long StopAll waits for starts under way: a host that does not answer may take longer.
const madeSoon = 250 * time.Millisecond

// Making says that a query is about to be made; after StopAll none may be. The caller calls what it gives once the query is
// taken in or given up.
func (m *Manager) Making() (over func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, errs.New(errs.Unnamed + "SESSION_STOPPED")
	}
	m.making++
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.making--; m.making == 0 && m.made != nil {
			close(m.made)
			m.made = nil
		}
	}, nil
}

// close lets no query be made any more, and gives what is closed once no start is under way; nil where none is.
func (m *Manager) close() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.making > 0 && m.made == nil {
		m.made = make(chan struct{})
	}
	return m.made
}

// CheckName raises where a query of that name is active in the session.
func (m *Manager) CheckName(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.free(name)
}

// free is CheckName; mu is held.
func (m *Manager) free(name string) error {
	for _, q := range m.active {
		if name != "" && q.Name() == name {
			return errs.New("_LEGACY_ERROR_UNNAMED_QUERY_NAME", "name", name)
		}
	}
	return nil
}

// StopOther ends the run of a query id that is active in the process, and waits for it.
func (m *Manager) StopOther(id string) {
	if other := m.registry.Active(id); other != nil {
		other.Stop()
		<-other.Done()
	}
}

// Add takes a query in, before it begins. It raises where another thread has started one of its name or its id since
// these were looked for; the query is then to be discarded.
func (m *Manager) Add(q *Query, s *Start) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.free(q.Name()); err != nil {
		return err
	}
	if !m.registry.add(q, s) {
		return errs.New("CONCURRENT_QUERY")
	}
	m.active[q.runID] = q
	m.order = append(m.order, q.runID)
	return nil
}

// Ended takes a query out: its Config.Ended calls it.
func (m *Manager) Ended(q *Query) {
	m.registry.remove(q)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.active, q.runID)
	for i, id := range m.order {
		if id == q.runID {
			m.order = append(m.order[:i:i], m.order[i+1:]...)
			break
		}
	}
	m.ended = true
	if f := q.Failure(); f != nil {
		m.failure = f
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// Active gives the queries that run, in the order of their start.
func (m *Manager) Active() []*Query {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]*Query, 0, len(m.order))
	for _, id := range m.order {
		out = append(out, m.active[id])
	}
	return out
}

// AnyEnded says whether a query has ended since the last reset, with its failure, and what to wait on if none has.
func (m *Manager) AnyEnded() (ended bool, failure *errs.Error, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended, m.failure, m.changed
}

// Reset forgets the queries that have ended.
func (m *Manager) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.failure = false, nil
}

// StopAll ends every query and waits for them, also for those that are being made. No other will be made.
func (m *Manager) StopAll() {
	made := m.close()
	m.stopActive()
	if made != nil {
		select {
		case <-made:
		case <-time.After(madeSoon):
		}
		m.stopActive()
	}
}

func (m *Manager) stopActive() {
	active := m.Active()
	for _, q := range active {
		q.Stop()
	}
	for _, q := range active {
		<-q.Done()
	}
}

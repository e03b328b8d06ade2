package connect

import (
	"encoding/json"
	"time"

	"pysparkcompat/engine"
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
)

// manual is a clock that a test owns.
type manual struct {
	clock *clock.Manual
	// probes are what settle waits for of queries that run whenever there is data.
	probes map[*engine.Query]<-chan struct{}
}

type clockRequest struct {
	Clock  int64 `json:"clock"`
	Start  int64 `json:"startMs"`
	Millis int64 `json:"ms"`
	Wait   int64 `json:"waitMs"`
}

// clock finds a test's clock; 0 is none.
func (h *Host) clock(id int64) (*manual, error) {
	if id == 0 {
		return nil, nil
	}
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	if m := h.streams.clocks[id]; m != nil {
		return m, nil
	}
	return nil, errs.Internal("there is no clock %d", id)
}

func (h *Host) clockMake(body json.RawMessage) (any, error) {
	var r clockRequest
	if err := read(body, &r); err != nil {
		return nil, err
	}
	id := h.number()
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	h.streams.clocks[id] = &manual{clock: clock.NewManual(time.UnixMilli(r.Start)), probes: map[*engine.Query]<-chan struct{}{}}
	return object{"clock": id}, nil
}

// onClock makes an operation of what is done to a clock.
func onClock(f func(h *Host, m *manual, r *clockRequest) (any, error)) func(h *Host, body json.RawMessage) (any, error) {
	return func(h *Host, body json.RawMessage) (any, error) {
		var r clockRequest
		if err := read(body, &r); err != nil {
			return nil, err
		}
		m, err := h.clock(r.Clock)
		if err == nil && m == nil {
			err = errs.Internal("no clock is named")
		}
		if err != nil {
			return nil, err
		}
		return f(h, m, &r)
	}
}

func (h *Host) clockNow(m *manual, _ *clockRequest) (any, error) {
	return object{"ms": m.clock.Now().UnixMilli()}, nil
}

func (h *Host) clockAdvance(m *manual, r *clockRequest) (any, error) {
	m.clock.Advance(time.Duration(r.Millis) * time.Millisecond)
	return object{"nowMs": m.clock.Now().UnixMilli()}, nil
}

func (h *Host) clockDrop(_ *manual, r *clockRequest) (any, error) {
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	delete(h.streams.clocks, r.Clock)
	return object{}, nil
}

// clockAttach has queries that a session starts from now on go by a clock.
func (s *session) clockAttach(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var r clockRequest
	if err := read(body, &r); err != nil {
		return nil, nil, err
	}
	m, err := s.host.clock(r.Clock)
	switch {
	case err != nil:
		return nil, nil, err
	case m == nil:
		s.engine.UseClock(nil)
	default:
		s.engine.UseClock(m.clock)
	}
	return object{}, nil, nil
}

// look is how long settle waits between two looks at what a clock drives.
const look = time.Millisecond

// clockSettle waits until all that fell due by a clock has run.
func (h *Host) clockSettle(m *manual, r *clockRequest) (any, error) {
	end := time.Now().Add(min(time.Duration(r.Wait)*time.Millisecond, doWait))
	for {
		if h.settled(m) {
			return object{"done": true}, nil
		}
		if !time.Now().Before(end) {
			return object{"done": false}, nil
		}
		time.Sleep(look)
	}
}

func (h *Host) settled(m *manual) bool {
	var contexts []*streaming
	h.streams.mu.Lock()
	for _, c := range h.streams.contexts {
		contexts = append(contexts, c)
	}
	h.streams.mu.Unlock()
	for _, c := range contexts {
		if c.engine.Clock() == clock.Clock(m.clock) && !c.engine.Settled() {
			return false
		}
	}
	h.mu.Lock()
	managers := map[*engine.Manager]bool{}
	for _, s := range h.sessions {
		managers[s.engine.Queries()] = true
	}
	h.mu.Unlock()
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	for all := range managers {
		for _, q := range all.Active() {
			if q.Clock() == clock.Clock(m.clock) && !m.rests(q) {
				return false
			}
		}
	}
	return true
}

// rests says that a query has done all that it can do before the clock moves or data comes.
func (m *manual) rests(q *engine.Query) bool {
	resting, timed := q.Rests()
	if timed {
		return resting
	}
	probe := m.probes[q]
	if probe == nil {
		probe = q.Probe()
		m.probes[q] = probe
	}
	select {
	case <-probe:
		delete(m.probes, q)
		return true
	case <-q.Done():
		delete(m.probes, q)
		return true
	default:
		return false
	}
}

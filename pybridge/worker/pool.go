package worker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// idleLimit is how many workers wait for work at most; startLimit how long a launcher may take to be ready and a fork
// to say hello. forks is how many that die before it are replaced for one who asks, and one more is told.
const (
	idleLimit  = 16
	forks      = 3
	startLimit = 60 * time.Second
)

// Pool starts, lends and replaces workers. It implements udf.Runner. All methods are safe for concurrent use.
type Pool struct {
	config Config
	mem    memory.Allocator
	// ctx ends with Close.
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	closed bool
	base   *base  // what workers come from, once it has started
	start  *start // of the next one, while it is under way
	orders map[string]*order
	idle   []*process
	all    map[string]*process // by token, until the launcher told their end
	// updates are what runs reported at their ends.
	updates [][]byte
}

// base is where workers come from and dial.
type base struct {
	server   *server
	launcher *launcher
}

func (b *base) close() {
	b.launcher.close()
	b.server.close()
}

// start is an attempt to make a base.
type start struct {
	over chan struct{}
	err  error
}

// order is a worker under way.
type order struct {
	result chan arrival // has room for one
	// abandoned: nobody waits any more.
	abandoned bool
}

type arrival struct {
	w   *process
	err error
	// died: the fork ended before it said hello, and another may live.
	died bool
}

// New is a pool that starts nothing until Warm or the first Open.
func New(config Config, mem memory.Allocator) *Pool {
	p := &Pool{config: config, mem: mem, orders: map[string]*order{}, all: map[string]*process{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Warm starts the launcher in the background, so that its imports overlap with the user's next steps.
func (p *Pool) Warm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && (p.base == nil || !p.base.launcher.lives()) {
		p.startLocked()
	}
}

func (p *Pool) startLocked() *start {
	if p.start == nil {
		p.start = &start{over: make(chan struct{})}
		go p.run(p.start)
	}
	return p.start
}

// run makes a base. A start that fails is told to those who wait for it; the next one to ask tries again.
func (p *Pool) run(s *start) {
	b, err := p.make()
	p.mu.Lock()
	p.start, s.err = nil, err
	late := p.closed
	if err == nil && !late {
		p.base = b
	}
	p.mu.Unlock()
	if err == nil && late {
		b.close()
	}
	close(s.over)
}

func (p *Pool) make() (*base, error) {
	b := &base{}
	var err error
	if b.server, err = listen(p.mem, !p.config.NoBulk, p.arrived); err != nil {
		return nil, err
	}
	if b.launcher, err = launch(p.ctx, p.config, b.server.address(), told{p.failed, p.died, func(err error) { p.lost(b, err) }}); err != nil {
		b.server.close()
		return nil, err
	}
	return b, nil
}

// lost is called when a launcher has died, and all its workers with it: the next to ask starts another.
func (p *Pool) lost(b *base, err error) {
	p.mu.Lock()
	orders := p.orders
	p.orders = map[string]*order{}
	p.mu.Unlock()
	for _, o := range orders {
		o.result <- arrival{err: err}
	}
	b.server.close()
}

// arrived is called on a worker's own stream, which lasts until it returns.
func (p *Pool) arrived(w *process) {
	p.mu.Lock()
	o, ok := p.orders[w.token]
	delete(p.orders, w.token)
	if ok {
		p.all[w.token] = w
	}
	p.mu.Unlock()
	switch {
	case !ok:
		w.end()
	case o.abandoned:
		p.give(w)
	default:
		o.result <- arrival{w: w}
	}
	select {
	case <-w.over:
	case <-w.stream.Context().Done():
		p.drop(w)
	}
}

// failed is called when there was no fork.
func (p *Pool) failed(token string, err error) { p.tell(token, arrival{err: err}) }

// tell answers an order.
func (p *Pool) tell(token string, a arrival) {
	p.mu.Lock()
	o := p.orders[token]
	delete(p.orders, token)
	p.mu.Unlock()
	if o != nil {
		o.result <- a
	}
}

// died is called when a worker has ended, with how.
func (p *Pool) died(token, status string) {
	p.mu.Lock()
	w := p.all[token]
	delete(p.all, token)
	p.mu.Unlock()
	if w != nil {
		w.died(status)
		p.drop(w)
		return
	}
	p.tell(token, arrival{err: startFailed(p.config.Python, status), died: true})
}

func startFailed(python, reason string) error {
	return errs.New("PYTHON_WORKER_START_FAILED", "python", python, "reason", reason)
}

// take lends an idle worker, or starts one: a fresh one. A launcher that turns out to have died is replaced once, and so
// are forks that die at once: something killed them that may not kill the next.
func (p *Pool) take(ctx context.Context, preload []string) (w *process, fresh bool, err error) {
	replaced, lost := false, 0
	for {
		p.mu.Lock()
		switch {
		case p.closed:
			p.mu.Unlock()
			return nil, false, errs.New(errs.Unnamed + "SESSION_STOPPED")
		case len(p.idle) > 0:
			w = p.idle[len(p.idle)-1]
			p.idle = p.idle[:len(p.idle)-1]
			p.mu.Unlock()
			return w, false, nil
		case p.base != nil && p.base.launcher.lives():
			token, o := newToken(), &order{result: make(chan arrival, 1)}
			p.orders[token] = o
			l := p.base.launcher
			p.mu.Unlock()
			l.fork(token, preload)
			a := p.await(ctx, token, o)
			switch {
			case a.err != nil && ctx.Err() == nil && !l.lives() && !replaced:
				replaced = true
			case a.died && ctx.Err() == nil && lost < forks:
				lost++
			default:
				return a.w, true, a.err
			}
			continue
		}
		s := p.startLocked()
		p.mu.Unlock()
		select {
		case <-s.over:
			if s.err != nil {
				return nil, false, s.err
			}
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
	}
}

// await waits for a worker under way. One that comes too late is idle then.
func (p *Pool) await(ctx context.Context, token string, o *order) arrival {
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	var err error
	select {
	case a := <-o.result:
		return a
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-limit.C:
		err = startFailed(p.config.Python, "it did not answer within a minute")
	}
	p.mu.Lock()
	_, under := p.orders[token]
	if under {
		o.abandoned = true
	}
	p.mu.Unlock()
	if !under {
		if a := <-o.result; a.w != nil {
			p.give(a.w)
		}
	}
	return arrival{err: err}
}

func newToken() string {
	var b [tokenSize / 2]byte
	rand.Read(b[:]) //nolint:errcheck // never fails
	return hex.EncodeToString(b[:])
}

// give takes a worker back whose run ended cleanly.
func (p *Pool) give(w *process) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < idleLimit && !w.gone()
	if keep {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if !keep {
		p.drop(w)
	}
}

// drop kills a worker.
func (p *Pool) drop(w *process) {
	p.mu.Lock()
	for i, other := range p.idle {
		if other == w {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			break
		}
	}
	p.mu.Unlock()
	w.end()
}

// report keeps what a run that succeeded said at its end.
func (p *Pool) report(finals [][]byte) {
	if len(finals) > 0 {
		p.mu.Lock()
		p.updates = append(p.updates, finals...)
		p.mu.Unlock()
	}
}

// Drain gives what runs, but tasks, have reported since the last call.
func (p *Pool) Drain() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.updates
	p.updates = nil
	return out
}

// PIDs are the workers that live, for tests and diagnosis.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int
	for _, w := range p.all {
		if !w.gone() {
			out = append(out, w.pid)
		}
	}
	return out
}

// Close kills all workers; runs that are open get an error.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.cancel()
	s, b := p.start, p.base
	p.base, p.idle = nil, nil
	orders := p.orders
	p.orders = map[string]*order{}
	all := make([]*process, 0, len(p.all))
	for _, w := range p.all {
		all = append(all, w)
	}
	p.mu.Unlock()
	for _, o := range orders {
		o.result <- arrival{err: errs.New(errs.Unnamed + "SESSION_STOPPED")}
	}
	for _, w := range all {
		w.end()
	}
	if s != nil {
		<-s.over
	}
	if b != nil {
		b.close()
	}
}

var _ udf.Runner = (*Pool)(nil)

package worker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/udf"
)

// idleLimit is how many workers wait for work at most; startLimit how long a fork may take to say hello.
const (
	idleLimit  = 16
	startLimit = 60 * time.Second
)

// Pool starts, lends and replaces workers. It implements udf.Runner. All methods are safe for concurrent use.
type Pool struct {
	config Config
	mem    memory.Allocator

	mu       sync.Mutex
	server   *server
	launcher *launcher
	starting chan struct{} // closed once the first launch ended; nil before it began
	startErr error
	expected map[string]chan *process
	idle     []*process
	all      map[*process]struct{}
	closed   bool
}

// New is a pool that starts nothing until Warm or the first Open.
func New(config Config, mem memory.Allocator) *Pool {
	return &Pool{config: config, mem: mem, expected: map[string]chan *process{}, all: map[*process]struct{}{}}
}

// Warm starts the launcher in the background, so that its imports overlap with the user's next steps.
func (p *Pool) Warm() { p.begin() }

func (p *Pool) begin() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.starting == nil {
		p.starting = make(chan struct{})
		go p.start(p.starting)
	}
	return p.starting
}

func (p *Pool) start(done chan struct{}) {
	defer close(done)
	server, err := listen(p.arrived)
	var l *launcher
	if err == nil {
		if l, err = launch(p.config, server.address()); err != nil {
			server.close()
		}
	}
	p.mu.Lock()
	p.server, p.launcher, p.startErr = server, l, err
	late := p.closed && err == nil
	p.mu.Unlock()
	if late {
		l.close()
		server.close()
	}
}

// arrived is called on a worker's own stream; it holds the stream open until the worker is discarded.
func (p *Pool) arrived(token string, pid int, stream grpc.ServerStream) {
	w := &process{pid: pid, stream: stream, over: make(chan struct{})}
	p.mu.Lock()
	waiting, ok := p.expected[token]
	delete(p.expected, token)
	if ok && !p.closed {
		p.all[w] = struct{}{}
	}
	p.mu.Unlock()
	if !ok {
		return
	}
	waiting <- w
	<-w.over
}

// take lends an idle worker or starts one.
func (p *Pool) take(ctx context.Context, preload []string) (*process, error) {
	started := p.begin()
	select {
	case <-started:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	if p.closed || p.startErr != nil {
		defer p.mu.Unlock()
		if p.startErr != nil {
			return nil, p.startErr
		}
		return nil, errStopped()
	}
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return w, nil
	}
	token, waiting := newToken(), make(chan *process, 1)
	p.expected[token] = waiting
	l := p.launcher
	p.mu.Unlock()
	if _, err := l.fork(token, preload); err != nil {
		return nil, err
	}
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case w := <-waiting:
		return w, nil
	case <-ctx.Done():
		go func() { p.drop(<-waiting) }()
		return nil, context.Cause(ctx)
	case <-limit.C:
		return nil, errs.New("PYTHON_WORKER_START_FAILED", "python", p.config.Python, "reason", "it did not answer within a minute")
	}
}

func errStopped() error {
	return errs.New("UNSUPPORTED_FEATURE", "feature", "Running a Python function of a session that has stopped")
}

func newToken() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // never fails
	return hex.EncodeToString(b[:])
}

// give takes a worker back whose stream of batches ended cleanly.
func (p *Pool) give(w *process) {
	p.mu.Lock()
	if p.closed || len(p.idle) >= idleLimit {
		p.mu.Unlock()
		p.drop(w)
		return
	}
	p.idle = append(p.idle, w)
	p.mu.Unlock()
}

// drop kills a worker.
func (p *Pool) drop(w *process) {
	p.mu.Lock()
	delete(p.all, w)
	p.mu.Unlock()
	w.end()
}

// PIDs are the processes that live, for tests and diagnosis.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int
	for w := range p.all {
		out = append(out, w.pid)
	}
	return out
}

// Close kills all workers; streams that are open get an error.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	starting := p.starting
	var all []*process
	for w := range p.all {
		all = append(all, w)
	}
	p.idle = nil
	p.mu.Unlock()
	if starting == nil {
		return
	}
	<-starting
	for _, w := range all {
		p.drop(w)
	}
	p.mu.Lock()
	l, s := p.launcher, p.server
	p.launcher, p.server = nil, nil
	p.mu.Unlock()
	if l != nil {
		l.close()
		s.close()
	}
}

// process is one worker.
type process struct {
	pid    int
	stream grpc.ServerStream
	over   chan struct{}
	once   sync.Once
}

// end kills the process and lets its stream go.
func (w *process) end() {
	w.once.Do(func() {
		syscall.Kill(w.pid, syscall.SIGKILL) //nolint:errcheck // it may be gone
		close(w.over)
	})
}

var _ udf.Runner = (*Pool)(nil)

package dstream

import (
	"context"
	"net"
	"sync"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Config is what a context is made with.
type Config struct {
	Batch  int64 // milliseconds
	Clock  clock.Clock
	FS     vfs.FS
	Conf   *conf.Conf
	Driver Driver
	// Blocks keep what receivers got; nil keeps it in memory.
	Blocks Blocks
	// Registry lets one context of a process run.
	Registry *Registry
	// Dial reaches a socket receiver's host; nil is the network.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Wall measures what has to end in real time whatever Clock does: the grace of a stop. nil is the machine's.
	Wall clock.Clock
	// Ended, which may be nil, is called once when a context has stopped and calls the driver no more, but for what runs.
	Ended func()
}

// Registry knows the context that runs in this process.
type Registry struct {
	mu     sync.Mutex
	active *Context
}

// Active is the context that was started and not stopped, or nil.
func (r *Registry) Active() *Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.active
}

func (r *Registry) claim(c *Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active != nil {
		return illegalState("Only one StreamingContext may be started in this process. Stop the one that runs first; StreamingContext.getActive() gives it.")
	}
	r.active = c
	return nil
}

func (r *Registry) release(c *Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active == c {
		r.active = nil
	}
}

// Context is a StreamingContext. All methods are safe for concurrent use. Order: nodes and outputs are added, Start,
// Stop; none of them twice but for Start and Stop, which then do nothing. Done ends when Stop has ended.
type Context struct {
	driver   Driver
	clock    clock.Clock
	wall     clock.Clock
	fs       vfs.FS
	conf     *conf.Conf
	registry *Registry
	config   Config

	mu        sync.Mutex
	state     State
	stopping  bool
	failure   error         // the newest
	changed   chan struct{} // closed and renewed at a failure
	done      chan struct{} // closed when stopped
	directory string        // of checkpoints, "" for none
	begin     Begin

	graph     *graph // the generator's once started
	recovered *Image // what an earlier life left, nil at a first start

	busy      *busy
	inbox     *inbox // of the generator
	events    *inbox // of the listeners
	listening bool
	ticker    *ticker
	scheduler *scheduler
	writer    *writer
	receivers *receivers

	// generating ends when the generator has to stop at once, running when the output operations have.
	generating, running context.Context
	halt, abort         context.CancelCauseFunc
	workers             sync.WaitGroup // the job lanes
	threads             sync.WaitGroup // everything else

	// The generator's own.
	last   int64 // the newest batch generated
	inputs map[int64]map[int]InputInfo
	slices map[Token]int // held for the user
}

// errStopped is why calls end when a context is stopped.
var errStopped = errs.Internal("the StreamingContext has been stopped")

// New is a context without streams.
func New(c Config) (*Context, error) {
	if c.Batch <= 0 {
		return nil, illegal("requirement failed: The batch duration must be positive, and is " + millis(c.Batch) + ".")
	}
	return newContext(c, newGraph(c.Batch)), nil
}

func newContext(c Config, g *graph) *Context {
	if c.Wall == nil {
		c.Wall = clock.Real{}
	}
	if c.Dial == nil {
		var d net.Dialer
		c.Dial = func(ctx context.Context, address string) (net.Conn, error) { return d.DialContext(ctx, "tcp", address) }
	}
	if c.Blocks == nil {
		c.Blocks = NewBlocks(c.FS, "", 0)
	}
	b := newBusy()
	out := &Context{driver: c.Driver, clock: c.Clock, wall: c.Wall, fs: c.FS, conf: c.Conf, registry: c.Registry, config: c, state: Initialized,
		changed: make(chan struct{}), done: make(chan struct{}), graph: g, busy: b, inbox: newInbox(b), events: newInbox(b),
		inputs: map[int64]map[int]InputInfo{}, slices: map[Token]int{}}
	out.generating, out.halt = context.WithCancelCause(context.Background())
	out.running, out.abort = context.WithCancelCause(context.Background())
	return out
}

// adding refuses changes of the graph once it runs. The lock is held.
func (c *Context) adding(what string) error {
	switch c.state {
	case Active:
		return illegalState(what + " after starting a context is not supported. Make all of them before start().")
	case Stopped:
		return illegalState(what + " after stopping a context is not supported. Make a new StreamingContext.")
	}
	return nil
}

// Node adds a stream and gives its number, its slide and, for an input stream, its number among those, else -1.
func (c *Context) Node(s Spec) (id int, slide int64, stream int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.adding("Adding new inputs, transformations, and output operations"); err != nil {
		return 0, 0, 0, err
	}
	if s.Kind == Files {
		s.Since = c.clock.Now().UnixMilli()
	}
	n, err := c.graph.add(s)
	if err != nil {
		return 0, 0, 0, err
	}
	if n.files != nil {
		n.files.window = rememberFiles(c.conf.Seconds(conf.RememberFiles).Milliseconds(), n.slide)
	}
	return n.id, n.slide, n.stream, nil
}

// Output adds an output operation and gives its number.
func (c *Context) Output(o OutputSpec) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.adding("Adding new inputs, transformations, and output operations"); err != nil {
		return 0, err
	}
	if _, err := c.known(o.Node); err != nil {
		return 0, err
	}
	c.graph.outputs = append(c.graph.outputs, o)
	return len(c.graph.outputs) - 1, nil
}

func (c *Context) known(id int) (*node, error) {
	if id < 0 || id >= len(c.graph.nodes) {
		return nil, errs.Internal("there is no stream %d", id)
	}
	return c.graph.nodes[id], nil
}

// Persist checks that a stream may still be persisted; the driver keeps the level.
func (c *Context) Persist(id int) error { return c.change(id, "storage level", func(*node) {}) }

// Interval has a stream's RDDs saved each so many milliseconds.
func (c *Context) Interval(id int, d int64) error {
	return c.change(id, "checkpoint interval", func(n *node) { n.Interval = d })
}

func (c *Context) change(id int, what string, f func(*node)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.known(id)
	if err != nil {
		return err
	}
	if c.state == Active || c.graph.zero != 0 && n.used {
		return errs.New(errs.Unnamed+"DSTREAM_FIXED", "what", what)
	}
	f(n)
	return nil
}

// Remember has all streams keep their RDDs at least so long.
func (c *Context) Remember(d int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.graph.remember != 0 {
		return illegal("requirement failed: Remember duration already set as " + millis(c.graph.remember) + ". Cannot set it again.")
	}
	c.graph.remember = d
	return nil
}

// Checkpoint sets the folder of checkpoints, "" for none, and makes it.
func (c *Context) Checkpoint(directory string) error {
	if directory != "" {
		if err := c.fs.MkdirAll(directory); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.directory = directory
	return nil
}

// Listen has events told from now on, or no more.
func (c *Context) Listen(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listening = on
}

// tell puts an event before the listeners.
func (c *Context) tell(name string, json any) {
	c.mu.Lock()
	on := c.listening
	c.mu.Unlock()
	if on {
		c.events.put(func() { c.driver.Event(c.running, &Event{name, json}) })
	}
}

// State is where the context stands.
func (c *Context) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Done is closed once the context has stopped.
func (c *Context) Done() <-chan struct{} { return c.done }

// fail keeps an error for those who await the context's end.
func (c *Context) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = err
	close(c.changed)
	c.changed = make(chan struct{})
}

// Outcome is the newest error, whether the context has stopped, and what is closed when either changes.
func (c *Context) Outcome() (stopped bool, err error, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Stopped, c.failure, c.changed
}

// Clock is what the context goes by, Slide how often a stream has an RDD.
func (c *Context) Clock() clock.Clock { return c.clock }
func (c *Context) Slide(id int) int64 { return c.graph.nodes[id].slide }

// Info is where the context stands, for tests.
type Info struct {
	Zero    int64   `json:"zeroMs"`
	Batch   int64   `json:"batchMs"`
	Last    int64   `json:"lastMs"`
	Pending []int64 `json:"pending"`
	Tokens  int     `json:"tokens"`
}

// Info asks the generator, if it runs.
func (c *Context) Info() Info {
	answer := make(chan Info, 1)
	ask := func() {
		answer <- Info{c.graph.zero, c.graph.batch, c.last, c.scheduler.pending(0), len(c.graph.held)}
	}
	if c.State() == Active && c.inbox.put(ask) {
		select {
		case i := <-answer:
			return i
		case <-c.done:
		}
	}
	return Info{Batch: c.config.Batch}
}

// now is the time of the context's clock in milliseconds.
func (c *Context) now() int64 { return c.clock.Now().UnixMilli() }

// Settle waits until everything due has run: batches, jobs, checkpoints, listeners; or for the end of until. It says
// which it was. It needs a clock that stands.
func (c *Context) Settle(until <-chan struct{}) bool {
	for {
		c.mu.Lock()
		active, t := c.state == Active, c.ticker
		c.mu.Unlock()
		if !active {
			return true
		}
		due, changed := t.due()
		if !due {
			var n int
			if n, changed = c.busy.count(); n == 0 {
				return true
			}
		}
		select {
		case <-changed:
		case <-c.done:
		case <-until:
			return false
		}
	}
}

// Settled is Settle without waiting.
func (c *Context) Settled() bool {
	now := make(chan struct{})
	close(now)
	return c.Settle(now)
}

// wait is a real time that passes whatever the context's clock does.
func (c *Context) wait(d time.Duration) <-chan time.Time { return c.wall.After(d) }

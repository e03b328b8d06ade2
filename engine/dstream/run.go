package dstream

import (
	"context"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
)

// Begin is what start is told of the driver's side.
type Begin struct {
	// Conf are the application's settings, for a later life.
	Conf map[string]string
	// Functions are the user's, pickled; a recovered context has its own when this is nil.
	Functions []byte
	// Saves says that RDDs can be saved though the context has no folder for checkpoints.
	Saves bool
}

// Start begins the batches. A context that runs already gives a warning; one whose start fails has stopped.
func (c *Context) Start(b Begin) (warning string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Active:
		return "StreamingContext has already been started", nil
	case Stopped:
		return "", illegalState("StreamingContext has already been stopped. Make a new one.")
	}
	if err := c.registry.claim(c); err != nil {
		return "", err
	}
	if b.Functions == nil && c.recovered != nil {
		b.Functions = c.recovered.Functions
	}
	c.begin = b
	if err := c.prepare(); err != nil {
		c.registry.release(c)
		c.state = Stopped
		close(c.done)
		if c.config.Ended != nil {
			c.config.Ended()
		}
		return "", err
	}
	c.state = Active
	for lane := range max(c.conf.Int(conf.ConcurrentJobs), 1) {
		c.workers.Add(1)
		go func() { defer c.workers.Done(); c.scheduler.work(lane) }()
	}
	c.thread(c.events.serve)
	c.thread(c.inbox.serve)
	if c.writer != nil {
		c.thread(c.writer.serve)
	}
	c.receivers.start()
	c.thread(c.ticker.run)
	if c.listening {
		at := c.now()
		c.events.put(func() { c.driver.Event(c.running, &Event{StreamingStarted, Started{at}}) })
	}
	if c.directory != "" {
		for _, n := range c.graph.inputs {
			if n.Kind == Queue {
				return "queueStream doesn't support checkpointing: this context cannot be recovered from its checkpoint", nil
			}
		}
	}
	return "", nil
}

func (c *Context) thread(f func()) {
	c.threads.Add(1)
	go func() { defer c.threads.Done(); f() }()
}

// prepare checks the graph and sets the times. The lock is held.
func (c *Context) prepare() error {
	g := c.graph
	if len(g.outputs) == 0 {
		return illegal("requirement failed: No output operations registered, so nothing to execute. Add one: pprint(), foreachRDD() or a save…Files().")
	}
	now := c.now()
	zero := now / g.batch * g.batch
	if c.recovered != nil {
		zero = c.recovered.Zero
	}
	first := ((now-zero)/g.batch+1)*g.batch + zero
	g.initialize(zero)
	if err := g.check(c.begin.Saves || c.directory != ""); err != nil {
		return err
	}
	var err error
	if c.receivers, err = newReceivers(c); err != nil {
		return err
	}
	c.last = first - g.batch
	c.scheduler = newScheduler(c)
	if c.directory != "" {
		c.writer = newWriter(c)
	}
	if c.recovered != nil {
		for _, t := range c.recovered.missed(first) {
			c.scheduler.retry(t, false)
			c.inbox.put(func() { c.generate(t) })
		}
	}
	c.ticker = newTicker(c, first, g.batch)
	if c.writer != nil && c.recovered == nil {
		c.writer.put(c.image()) // a crash before the first batch must not lose since when files count
	}
	return nil
}

// generate makes a batch's RDDs and queues its jobs. The generator runs it.
func (c *Context) generate(t int64) {
	c.last = max(c.last, t)
	c.receivers.allocate(t)
	outs, err := c.attempt(t)
	inputs := c.inputs[t]
	switch {
	case context.Cause(c.generating) != nil:
		return
	case err != nil:
		c.scheduler.retry(t, true)
		c.fail(err)
	default:
		c.scheduler.forgive(t)
		c.scheduler.submit(t, outs, c.graph.outputs, inputs)
	}
	c.save()
}

func (c *Context) attempt(t int64) (outs []*Output, err error) {
	defer errs.Caught(&err)
	return c.jobs(c.generating, t)
}

// report notes what a batch took from an input stream.
func (c *Context) report(t int64, i InputInfo) {
	if c.inputs[t] == nil {
		c.inputs[t] = map[int]InputInfo{}
	}
	c.inputs[t][i.ID] = i
}

// completed is run by the generator once a batch's last job has ended.
func (c *Context) completed(b *batch) {
	through := b.time
	if at := c.scheduler.oldest(); at != 0 {
		through = min(through, at-c.graph.batch) // a batch that still runs needs its RDDs
	}
	c.forget(through)
	c.receivers.completed(b)
	c.save()
}

// forget drops what no batch after a time needs.
func (c *Context) forget(through int64) {
	tokens := c.graph.forget(through)
	unpersist := c.conf.Bool(conf.Unpersist)
	dropped := make([]Dropped, 0, len(tokens))
	for _, tok := range tokens {
		if c.slices[tok] == 0 {
			dropped = append(dropped, Dropped{tok, unpersist})
		}
	}
	if len(dropped) > 0 {
		c.driver.Forget(dropped)
	}
	before := through - c.graph.longest()
	for t := range c.inputs {
		if t <= before {
			delete(c.inputs, t)
		}
	}
	c.receivers.forget(before)
}

// Slice gives a stream's RDDs between two times, both included, to a function that is called once. They are kept until
// they are released.
func (c *Context) Slice(id int, from, to int64, answer func([]Held, error)) error {
	c.mu.Lock()
	n, err := c.known(id)
	state := c.state
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if state == Initialized {
		return errs.New(errs.Unnamed+"DSTREAM_UNINITIALIZED", "stream", class[n.Kind])
	}
	if !c.inbox.put(func() {
		held, err := c.between(c.generating, n, from, to)
		for _, h := range held {
			c.slices[h.Token]++
		}
		answer(held, err)
	}) {
		answer(nil, errStopped)
	}
	return nil
}

// Release gives RDDs of slices back.
func (c *Context) Release(tokens []Token) {
	c.inbox.put(func() {
		var dropped []Dropped
		for _, tok := range tokens {
			if c.slices[tok]--; c.slices[tok] > 0 {
				continue
			}
			delete(c.slices, tok)
			if c.graph.held[tok] == 0 {
				dropped = append(dropped, Dropped{Token: tok})
			}
		}
		if len(dropped) > 0 {
			c.driver.Forget(dropped)
		}
	})
}

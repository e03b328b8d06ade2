package dstream

import (
	"time"

	"pysparkcompat/engine/conf"
)

// grace is how long a stop that does not wait for what was received lets jobs end that run or are queued.
const grace = 2 * time.Second

// The lanes that a stop may be called on besides those of jobs.
const (
	NoLane    = -1
	Generator = -2 // in a function of Compute
)

// Stop begins to end the context; Done says when it has. Graceful has everything that was received processed first. lane
// is the job lane that stop is called on, Generator or NoLane: its call is not waited for.
func (c *Context) Stop(graceful bool, lane int) (warning string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == Initialized:
		c.state = Stopped
		close(c.done)
		if c.config.Ended != nil {
			c.config.Ended()
		}
		return "StreamingContext has not been started yet"
	case c.state == Stopped:
		return "StreamingContext has already been stopped"
	case !c.stopping:
		c.stopping = true
		if !graceful {
			c.ticker.finish(0)
		}
		go c.end(graceful, lane)
	}
	return ""
}

// Kill stops a context whose driver answers no more.
func (c *Context) Kill() {
	c.abort(errStopped)
	c.halt(errStopped)
	c.Stop(false, NoLane)
}

// end takes the context down: what brings data, what makes batches of it, what runs them, what tells of them.
func (c *Context) end(graceful bool, lane int) {
	mine := 0 // the call that stop was made in
	if lane != NoLane {
		mine = 1
	}
	c.receivers.stop(graceful)
	if graceful {
		c.drain(mine)
	}
	c.ticker.finish(0)
	c.inbox.close(!graceful)
	if !graceful {
		c.halt(errStopped)
		if mine == 0 {
			c.patiently(func(late <-chan struct{}) { c.busy.fall(0, late) })
		}
	}
	c.scheduler.close(mine > 0 || !graceful)
	if c.writer != nil {
		c.writer.close()
	}
	c.patiently(func(late <-chan struct{}) { c.busy.fall(mine, late) }) // the last events
	c.abort(errStopped)
	c.halt(errStopped)
	c.events.close(true)
	if lane < 0 {
		c.patiently(func(<-chan struct{}) { c.workers.Wait() })
	}
	if lane != Generator { // whose thread is the one that calls
		c.patiently(func(<-chan struct{}) { c.threads.Wait() })
	}
	c.receivers.close()
	c.registry.release(c)
	c.mu.Lock()
	c.state = Stopped
	close(c.changed)
	c.changed = make(chan struct{})
	close(c.done)
	c.mu.Unlock()
	if c.config.Ended != nil {
		c.config.Ended()
	}
}

// drain waits until what was received is in batches and these have run.
func (c *Context) drain(mine int) {
	limit := c.conf.Millis(conf.GracefulStop)
	if limit == 0 {
		limit = time.Duration(10*c.graph.batch) * time.Millisecond
	}
	timeout := c.wait(limit)
	for c.receivers.unallocated() {
		c.ticker.ahead()
		changed := c.receivers.changed()
		if !c.receivers.unallocated() {
			break
		}
		select {
		case <-changed:
			continue
		case <-timeout:
			c.driver.Warn("Stopping gracefully takes longer than " + conf.GracefulStop + ": received data may be left unprocessed.")
		}
		break
	}
	c.ticker.finish(2)
	<-c.ticker.over
	if mine == 0 {
		c.busy.fall(0, nil)
		return
	}
	// what waits behind the call that stop was made in can run only if there are other lanes
	c.within(limit, func(late <-chan struct{}) { c.busy.fall(mine, late) })
}

// patiently waits for something that should end by itself, but no longer than the grace; late ends then.
func (c *Context) patiently(f func(late <-chan struct{})) { c.within(grace, f) }

func (c *Context) within(d time.Duration, f func(late <-chan struct{})) {
	ended, late := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); f(late) }()
	select {
	case <-ended:
	case <-c.wait(d):
	}
	close(late)
}

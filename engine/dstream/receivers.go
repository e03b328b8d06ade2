package dstream

import (
	"context"
	"sync"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
)

// receivers are a context's receivers and what they got: blocks that wait for a batch, and those of the batches. What
// the log says is done before anybody hears of it.
type receivers struct {
	c    *Context
	list []*receiver
	log  *received // the write-ahead log, nil without

	mu      sync.Mutex
	waiting map[int][]Block
	batches map[int64]map[int][]Block
	newest  int64         // the newest batch that blocks were given to
	last    int64         // the last block's number
	moved   chan struct{} // closed and renewed when blocks are given to a batch or a receiver ends
}

// newReceivers makes the receivers and, with a log, takes up what an earlier life received.
func newReceivers(c *Context) (*receivers, error) {
	r := &receivers{c: c, waiting: map[int][]Block{}, batches: map[int64]map[int][]Block{}, moved: make(chan struct{})}
	for _, n := range c.graph.inputs {
		if n.Kind == Socket {
			r.list = append(r.list, newReceiver(r, n))
		}
	}
	if len(r.list) == 0 || !c.conf.Bool(conf.ReceiverLog) {
		return r, nil
	}
	if c.directory == "" {
		return nil, errs.New(errs.Unnamed+"DSTREAM_LOG_PLACE", "config", conf.ReceiverLog)
	}
	var err error
	r.log, err = openReceived(c.fs, c.directory, c.conf.Seconds(conf.LogRolling).Milliseconds(), c.clock, r.replay)
	return r, err
}

func (r *receivers) start() {
	for _, one := range r.list {
		one.start()
	}
}

// stop ends receiving. With keep, what is under way still becomes blocks.
func (r *receivers) stop(keep bool) {
	for _, one := range r.list {
		one.stop(keep)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signal()
}

// close ends the log, after which nothing is received or allocated.
func (r *receivers) close() {
	if r.log != nil {
		r.log.close()
	}
}

func (r *receivers) signal() {
	close(r.moved)
	r.moved = make(chan struct{})
}

// changed is closed when blocks are given to a batch or a receiver ends.
func (r *receivers) changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.moved
}

// unallocated says that there are blocks that no batch has.
func (r *receivers) unallocated() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, list := range r.waiting {
		if len(list) > 0 {
			return true
		}
	}
	return false
}

// number is a new block's.
func (r *receivers) number() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	return r.last
}

// store keeps a block and lets the next batch have it. With a log it is synced first; what cannot be kept is an error.
func (r *receivers) store(stream int, b Block, data []byte) error {
	if r.log != nil {
		if err := r.log.block(stream, b, data); err != nil {
			return err
		}
	}
	if err := r.c.config.Blocks.Put(b.ID, data); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[stream] = append(r.waiting[stream], b)
	return nil
}

// allocate gives a batch all blocks that wait. The generator calls it before it makes the batch.
func (r *receivers) allocate(t int64) {
	if len(r.list) == 0 {
		return
	}
	if _, stands := r.c.clock.(*clock.Manual); stands {
		for _, one := range r.list {
			one.cut() // what was received is the batch's: no time passes in which it could become a block
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t <= r.newest {
		return // a batch of an earlier life has its blocks
	}
	given := r.waiting
	if r.log != nil {
		if err := r.log.allocation(t, given); err != nil {
			r.c.driver.Warn("The blocks of batch " + millis(t) + " cannot be logged and wait for the next one: " + err.Error())
			return
		}
	}
	r.newest, r.waiting = t, map[int][]Block{}
	if len(given) > 0 {
		r.batches[t] = given
	}
	r.signal()
}

// replay takes up an entry of the log of an earlier life.
func (r *receivers) replay(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Stream >= 0 {
		if e.Block.ID <= r.last {
			return // written a second time, since the first may have failed
		}
		r.waiting[e.Stream] = append(r.waiting[e.Stream], e.Block)
		r.last = max(r.last, e.Block.ID)
		return
	}
	r.newest = max(r.newest, e.Time)
	for stream, blocks := range e.Given {
		r.waiting[stream] = without(r.waiting[stream], blocks)
		for _, given := range r.batches { // of an allocation that failed, though it can be read
			given[stream] = without(given[stream], blocks)
		}
	}
	r.batches[e.Time] = e.Given
}

// without is a list of blocks less others.
func without(list, others []Block) []Block {
	gone := map[int64]bool{}
	for _, b := range others {
		gone[b.ID] = true
	}
	var rest []Block
	for _, b := range list {
		if !gone[b.ID] {
			rest = append(rest, b)
		}
	}
	return rest
}

// blocksOf are what a batch took from a stream.
func (c *Context) blocksOf(n *node, t int64) ([]Block, error) {
	r := c.receivers
	r.mu.Lock()
	blocks := r.batches[t][n.stream]
	r.mu.Unlock()
	info := InputInfo{ID: n.stream}
	for _, b := range blocks {
		info.Records += b.Records
	}
	c.report(t, info)
	return blocks, nil
}

// Block gives a block's data: from the store, else from the log.
func (c *Context) Block(id int64) ([]byte, error) {
	data, err := c.config.Blocks.Get(id)
	c.mu.Lock()
	r := c.receivers
	c.mu.Unlock()
	if err != nil && r != nil && r.log != nil {
		if logged, ok := r.log.read(id); ok {
			return logged, nil
		}
	}
	return data, err
}

// Blocks is the number of the newest block received, for tests.
func (c *Context) Blocks() int64 {
	c.mu.Lock()
	r := c.receivers
	c.mu.Unlock()
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// forget drops the blocks of batches up to a time.
func (r *receivers) forget(before int64) {
	if len(r.list) == 0 {
		return
	}
	r.mu.Lock()
	var ids []int64
	for t, given := range r.batches {
		if t <= before {
			for _, blocks := range given {
				for _, b := range blocks {
					ids = append(ids, b.ID)
				}
			}
			delete(r.batches, t)
		}
	}
	r.mu.Unlock()
	if len(ids) > 0 {
		r.c.config.Blocks.Drop(ids)
	}
}

// durable is told that a checkpoint is written: what batches before its reach took can go from the log.
func (r *receivers) durable(t int64) {
	if r == nil || r.log == nil {
		return
	}
	r.mu.Lock()
	needed := map[int64]bool{}
	for _, given := range r.batches {
		for _, blocks := range given {
			for _, b := range blocks {
				needed[b.ID] = true
			}
		}
	}
	for _, blocks := range r.waiting {
		for _, b := range blocks {
			needed[b.ID] = true
		}
	}
	r.mu.Unlock()
	r.log.clean(needed)
}

// completed lets backpressure learn from a batch.
func (r *receivers) completed(b *batch) {
	if b.started == nil || b.ended == nil {
		return
	}
	for _, one := range r.list {
		info, ok := b.inputs[one.node.stream]
		if one.estimator == nil || !ok {
			continue
		}
		if rate, ok := one.estimator.rateAfter(*b.ended, info.Records, *b.ended-*b.started, *b.started-b.submitted); ok {
			one.limiter.update(rate)
		}
	}
}

// line is what a receiver calls with each record: it takes its time under a limit.
func (r *receiver) line(ctx context.Context, text []byte) {
	r.limiter.wait(ctx)
	r.mu.Lock()
	for len(r.current.data) >= fullBuffer && ctx.Err() == nil {
		room := r.room
		r.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
		r.mu.Lock()
	}
	r.current.text(text)
	r.mu.Unlock()
}

// fullBuffer is how much may be received and not be a block yet; the sender waits then.
const fullBuffer = 16 << 20

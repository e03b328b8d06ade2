package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
)

// queued is how many batches wait in one queue of an exchange.
const queued = 4

// exchange is a running Exchange. Producers push from their own goroutines, consumers read from theirs; what is
// queued is owned by the queue. Per epoch: open, then pushes and reads, then drain once all goroutines have ended.
type exchange struct {
	plan      *Exchange
	mem       memory.Allocator
	producers int
	consumers int
	// ordered keeps the sources' order (a Single exchange, of a batch run or in front of a limit): lanes are read one after the other.
	ordered bool
	// once: of a batch run, whose producers keep nothing for a later epoch, so that they may end before their inputs.
	once bool

	left  atomic.Int32
	ports []port
	lanes *lanes
	turn  []int // round robin's next consumer, by producer
	work  []partitioner
}

// port is one consumer's end.
type port struct {
	queue   chan arrow.RecordBatch
	stop    chan struct{}
	stopped *sync.Once
}

// partitioner is a producer's scratch.
type partitioner struct {
	hashes []uint64
	parts  []int32
	rows   [][]int32
}

func newExchange(plan *Exchange, mem memory.Allocator, producers, consumers int, ordered bool) *exchange {
	return &exchange{plan: plan, mem: mem, producers: producers, consumers: consumers, once: ordered,
		ordered: (ordered || plan.InOrder) && plan.Kind == Single && producers > 1,
		turn:    make([]int, producers), work: make([]partitioner, producers)}
}

// open makes the queues of an epoch; lanes says how the producers' inputs are numbered.
func (x *exchange) open(l *lanes) {
	x.left.Store(int32(x.producers))
	x.ports = make([]port, x.consumers)
	for i := range x.ports {
		x.ports[i] = port{queue: make(chan arrow.RecordBatch, queued), stop: make(chan struct{}), stopped: new(sync.Once)}
	}
	x.lanes = nil
	if x.ordered {
		x.lanes = l
		l.open()
	}
}

// push spreads a batch, which it borrows. lane is where it lies in the sources' order.
func (x *exchange) push(ctx context.Context, producer, lane int, b arrow.RecordBatch) error {
	if b.NumRows() == 0 {
		return nil
	}
	if x.lanes != nil {
		b.Retain()
		return x.send(ctx, x.lanes.queues[lane], x.ports[0].stop, b)
	}
	if x.consumers == 1 {
		b.Retain()
		return x.send(ctx, x.ports[0].queue, x.ports[0].stop, b)
	}
	switch x.plan.Kind {
	case Hash:
		return x.pushHash(ctx, producer, b)
	case Broadcast:
		return x.toAll(func(i int) error {
			b.Retain()
			return x.send(ctx, x.ports[i].queue, x.ports[i].stop, b)
		})
	}
	return x.pushRound(ctx, producer, b)
}

// send gives a batch to a queue, or back where its reader has stopped.
func (x *exchange) send(ctx context.Context, queue chan arrow.RecordBatch, stop chan struct{}, b arrow.RecordBatch) error {
	select {
	case <-stop:
		b.Release()
		return errs.Stop
	default:
	}
	select {
	case queue <- b:
		return nil
	case <-stop:
		b.Release()
		return errs.Stop
	case <-ctx.Done():
		b.Release()
		return context.Cause(ctx)
	}
}

// toAll is Stop only once every consumer has stopped.
func (x *exchange) toAll(send func(i int) error) error {
	stopped := 0
	for i := range x.ports {
		switch err := send(i); err {
		case nil:
		case errs.Stop:
			stopped++
		default:
			return err
		}
	}
	if stopped == len(x.ports) {
		return errs.Stop
	}
	return nil
}

func (x *exchange) pushHash(ctx context.Context, producer int, b arrow.RecordBatch) error {
	n := int(b.NumRows())
	w := &x.work[producer]
	w.grow(n, x.consumers)
	keys := make([]arrow.Array, len(x.plan.Keys))
	for i, k := range x.plan.Keys {
		keys[i] = b.Column(k)
	}
	partitions := x.plan.Partitions
	if partitions == 0 {
		partitions = x.consumers
	}
	state.Partition(keys, n, partitions, w.hashes, w.parts)
	for i, p := range w.parts[:n] {
		c := int(p) % x.consumers
		w.rows[c] = append(w.rows[c], int32(i))
	}
	return x.toAll(func(i int) error {
		switch rows := w.rows[i]; len(rows) {
		case 0:
			return x.isStopped(i)
		case n:
			b.Retain()
			return x.send(ctx, x.ports[i].queue, x.ports[i].stop, b)
		default:
			return x.send(ctx, x.ports[i].queue, x.ports[i].stop, batch.TakeBatch(x.mem, b, rows))
		}
	})
}

func (w *partitioner) grow(n, consumers int) {
	if len(w.hashes) < n {
		w.hashes, w.parts = make([]uint64, n), make([]int32, n)
	}
	if w.rows == nil {
		w.rows = make([][]int32, consumers)
	}
	for i := range w.rows {
		w.rows[i] = w.rows[i][:0]
	}
}

// unwanted says that every consumer has had enough, so that reading on for them is in vain.
func (x *exchange) unwanted() bool {
	for i := range x.ports {
		if x.isStopped(i) == nil {
			return false
		}
	}
	return true
}

func (x *exchange) isStopped(i int) error {
	select {
	case <-x.ports[i].stop:
		return errs.Stop
	default:
		return nil
	}
}

// pushRound cuts a batch into even slices, beginning with another consumer each time.
func (x *exchange) pushRound(ctx context.Context, producer int, b arrow.RecordBatch) error {
	n := int(b.NumRows())
	size := (n + x.consumers - 1) / x.consumers
	first := x.turn[producer]
	x.turn[producer] = (first + (n+size-1)/size) % x.consumers
	return x.toAll(func(i int) error {
		at := (i - first + x.consumers) % x.consumers * size
		if at >= n {
			return x.isStopped(i)
		}
		return x.send(ctx, x.ports[i].queue, x.ports[i].stop, b.NewSlice(int64(at), int64(min(n, at+size))))
	})
}

// done says that a producer has pushed all of the epoch.
func (x *exchange) done() {
	if x.left.Add(-1) == 0 {
		for i := range x.ports {
			close(x.ports[i].queue)
		}
	}
}

// read gives a consumer its batches; visit owns each. It ends when all producers are done or visit answers an error.
func (x *exchange) read(ctx context.Context, consumer int, visit func(arrow.RecordBatch) error) error {
	queues := []chan arrow.RecordBatch{x.ports[consumer].queue}
	if x.lanes != nil {
		queues = x.lanes.queues
	}
	for _, q := range queues {
		if err := readQueue(ctx, q, visit); err != nil {
			if err == errs.Stop {
				x.ports[consumer].stopped.Do(func() { close(x.ports[consumer].stop) })
			}
			return err
		}
	}
	return nil
}

func readQueue(ctx context.Context, q chan arrow.RecordBatch, visit func(arrow.RecordBatch) error) error {
	for {
		select {
		case b, ok := <-q:
			if !ok {
				return nil
			}
			if err := visit(b); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// drain releases what nobody read. All goroutines have ended.
func (x *exchange) drain() {
	for i := range x.ports {
		drainQueue(x.ports[i].queue)
	}
	if x.lanes != nil {
		for _, q := range x.lanes.queues {
			drainQueue(q)
		}
	}
}

func drainQueue(q chan arrow.RecordBatch) {
	for {
		select {
		case b, ok := <-q:
			if !ok {
				return
			}
			b.Release()
		default:
			return
		}
	}
}

// lanes are the places of a stage's rows in the order of its sources: for each input a lane a split, or one that
// all instances share where rows come through an exchange (their order means nothing, and lanes of their own would
// wait for each other through the queues behind them); then a lane an instance for what comes out at the input's end.
type lanes struct {
	splits []int // by input; -1 for an exchange
	first  []int // by input: its first lane
	n      int   // instances
	queues []chan arrow.RecordBatch
	shared []atomic.Int32 // by input: instances that have not finished it
}

func newLanes(splits []int, n int) *lanes {
	l := &lanes{splits: splits, n: n, first: make([]int, len(splits))}
	at := 0
	for i, s := range splits {
		l.first[i] = at
		if s < 0 {
			s = 1
		}
		at += s + n
	}
	l.queues = make([]chan arrow.RecordBatch, at)
	return l
}

func (l *lanes) open() {
	for i := range l.queues {
		l.queues[i] = make(chan arrow.RecordBatch, queued)
	}
	l.shared = make([]atomic.Int32, len(l.splits))
	for i := range l.shared {
		l.shared[i].Store(int32(l.n))
	}
}

func (l *lanes) split(input, k int) int { return l.first[input] + k }

func (l *lanes) tail(input, instance int) int {
	s := max(l.splits[input], 0)
	if l.splits[input] < 0 {
		s = 1
	}
	return l.first[input] + s + instance
}

// close ends a lane that one instance writes.
func (l *lanes) close(lane int) { close(l.queues[lane]) }

// leave ends an instance's part in an input; the last one closes the lanes of splits that nobody took (of the
// taken ones each was closed at its end), or the lane that all shared.
func (l *lanes) leave(input, taken int) {
	if l.shared[input].Add(-1) > 0 {
		return
	}
	if l.splits[input] < 0 {
		close(l.queues[l.first[input]])
		return
	}
	for k := min(taken, l.splits[input]); k < l.splits[input]; k++ {
		close(l.queues[l.first[input]+k])
	}
}

package dstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"pysparkcompat/engine/conf"
)

// receiver reads lines from a host and makes blocks of them, one an interval. It connects again after a pause for as
// long as it runs.
type receiver struct {
	all       *receivers
	node      *node
	limiter   *limiter
	estimator *estimator // nil without backpressure
	ctx       context.Context
	cancel    context.CancelFunc
	group     sync.WaitGroup

	mu      sync.Mutex
	current pickled
	room    chan struct{} // closed and renewed at a cut
	active  bool

	cutting  sync.Mutex // blocks are stored in order
	unstored *unstored
}

func newReceiver(all *receivers, n *node) *receiver {
	r := &receiver{all: all, node: n, limiter: newLimiter(all.c.clock, all.c.conf), room: make(chan struct{})}
	if all.c.conf.Bool(conf.Backpressure) {
		r.estimator = newEstimator(all.c.graph.batch, all.c.conf)
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

func (r *receiver) start() {
	r.group.Add(2)
	go func() { defer r.group.Done(); r.receive() }()
	go func() { defer r.group.Done(); r.cutter() }()
}

// stop ends receiving; with keep what is in hand becomes a last block.
func (r *receiver) stop(keep bool) {
	r.cancel()
	r.group.Wait()
	if keep {
		r.cut()
	}
	if r.isActive() {
		r.ended("Stopped by driver", nil)
	}
}

func (r *receiver) isActive() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.active
}

// receive connects, reads and starts again after a pause, until it is stopped.
func (r *receiver) receive() {
	pause := r.all.c.conf.Millis(conf.RestartDelay)
	for {
		r.begun()
		message, err := r.session()
		if r.ctx.Err() != nil {
			return
		}
		again := r.all.c.clock.After(pause)
		message = fmt.Sprintf("Restarting receiver with delay %dms: %s", pause.Milliseconds(), message)
		if err != nil {
			r.troubled(message, err)
		}
		r.ended(message, err)
		select {
		case <-again:
		case <-r.ctx.Done():
			return
		}
	}
}

// session is one connection; it gives why it ended.
func (r *receiver) session() (string, error) {
	address := net.JoinHostPort(r.node.Host, strconv.Itoa(r.node.Port))
	conn, err := r.all.c.config.Dial(r.ctx, address)
	if err != nil {
		return "Error connecting to " + r.node.Host + ":" + strconv.Itoa(r.node.Port), err
	}
	stop := context.AfterFunc(r.ctx, func() { conn.Close() }) //nolint:errcheck // only ends the reading
	defer stop()
	defer conn.Close() //nolint:errcheck // only read
	if err := r.lines(conn); err != nil {
		return "Error receiving data", err
	}
	return "Socket data stream had no more data", nil
}

// lines cuts what comes at \n, \r or both together, as Java's readers do. The rest at the end is a line, too.
func (r *receiver) lines(conn net.Conn) error {
	buffer := make([]byte, 64<<10)
	var carry []byte
	after := false // a \r was the last byte: a \n that follows belongs to it
	for {
		n, err := conn.Read(buffer)
		data := buffer[:n]
		if n > 0 && after && data[0] == '\n' {
			data = data[1:]
		}
		if n > 0 {
			after = false
		}
		feed, back := bytes.IndexByte(data, '\n'), bytes.IndexByte(data, '\r')
		for from := 0; ; {
			at := first(feed, back)
			if at < 0 {
				carry = append(carry, data[from:]...)
				break
			}
			r.line(r.ctx, append(carry, data[from:at]...))
			carry = carry[:0]
			from = at + 1
			if data[at] == '\r' {
				if from < len(data) && data[from] == '\n' {
					from++
				}
				after = from == len(data) && data[from-1] == '\r'
			}
			feed, back = later(data, feed, from, '\n'), later(data, back, from, '\r')
		}
		if err != nil {
			if len(carry) > 0 {
				r.line(r.ctx, carry)
			}
			if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
	}
}

// first is the smaller of two places, of which -1 is none.
func first(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// later is a byte's next place from a position on, given the place known so far.
func later(data []byte, known, from int, b byte) int {
	if known < 0 || known >= from {
		return known
	}
	if i := bytes.IndexByte(data[from:], b); i >= 0 {
		return from + i
	}
	return -1
}

// cutter makes a block of what came in each interval.
func (r *receiver) cutter() {
	every := r.all.c.conf.Millis(conf.BlockInterval)
	for {
		select {
		case <-r.all.c.clock.After(max(every, time.Millisecond)):
			r.cut()
		case <-r.ctx.Done():
			return
		}
	}
}

// cut makes a block of what is in hand. One that cannot be stored is tried again, as it is, before the next is made.
func (r *receiver) cut() {
	r.cutting.Lock()
	defer r.cutting.Unlock()
	for {
		if r.unstored == nil {
			r.mu.Lock()
			if r.current.count == 0 {
				r.mu.Unlock()
				return
			}
			b := &unstored{id: r.all.number()}
			b.data, b.records = r.current.cut()
			close(r.room)
			r.room = make(chan struct{})
			r.mu.Unlock()
			r.unstored = b
		}
		b := r.unstored
		if err := r.all.store(r.node.stream, Block{b.id, b.records}, b.data); err != nil {
			r.troubled("Error writing a block of received data; it is tried again", err)
			return
		}
		r.unstored = nil
	}
}

// unstored is a block that is cut and not stored yet.
type unstored struct {
	id, records int64
	data        []byte
}

func (r *receiver) info() ReceiverInfo {
	return ReceiverInfo{Stream: r.node.stream, Name: fmt.Sprintf("SocketReceiver-%d", r.node.stream), Location: "localhost", Executor: "driver", LastErrorTime: -1}
}

func (r *receiver) begun() {
	r.mu.Lock()
	r.active = true
	r.mu.Unlock()
	i := r.info()
	i.Active = true
	r.all.c.tell(ReceiverStarted, ReceiverEvent{i})
}

// troubled tells of an error, ended of an end.
func (r *receiver) troubled(message string, err error) {
	r.all.c.driver.Warn(message + ": " + err.Error())
	i := r.info()
	i.Active = r.isActive()
	r.all.c.tell(ReceiverError, ReceiverEvent{r.after(i, message, err)})
}

func (r *receiver) ended(message string, err error) {
	r.mu.Lock()
	r.active = false
	r.mu.Unlock()
	r.all.c.tell(ReceiverStopped, ReceiverEvent{r.after(r.info(), message, err)})
}

func (r *receiver) after(i ReceiverInfo, message string, err error) ReceiverInfo {
	i.LastErrorMessage = message
	if err != nil {
		i.LastError, i.LastErrorTime = err.Error(), r.all.c.now()
	}
	return i
}

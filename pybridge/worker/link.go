package worker

import (
	"encoding/json"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
)

// unread is how many bytes of results wait at most for their caller: beyond, the worker waits too.
const unread = 32 << 20

// link is one run with one process. A writer and a reader of its own keep both directions going, so that neither side
// ever waits for the other with its hands full. One goroutine uses the methods.
type link struct {
	w       *process
	mem     memory.Allocator
	spec    []byte
	answers bool    // each batch sent is answered by one
	earlier *cursor // the writer's: what comes before out

	mu       sync.Mutex
	out      []arrow.RecordBatch // not yet written
	last     bool                // no batch follows those
	results  []*memory.Buffer    // B frames
	schema   *memory.Buffer      // the S frame before them
	unread   int                 // bytes of results
	finals   [][]byte
	sent     int // batches handed to the writer
	taken    int // of those, taken by the function
	arrived  int // results, taken up or not
	finished bool
	broken   bool  // the wire ended before the run did: the process died
	err      error // the user's function raised
	closed   bool

	changed chan struct{} // a token: something that the user waits for may have happened
	work    chan struct{} // a token: the writer has work
	space   chan struct{} // a token: the reader has space
	done    sync.WaitGroup
}

func connect(w *process, mem memory.Allocator, spec []byte, answers bool, earlier *cursor) *link {
	l := &link{w: w, mem: mem, spec: spec, answers: answers, earlier: earlier, sent: earlier.left(),
		changed: make(chan struct{}, 1), work: make(chan struct{}, 1), space: make(chan struct{}, 1)}
	l.done.Add(2)
	go l.write()
	go l.read()
	return l
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// push hands a batch, borrowed, to the writer.
func (l *link) push(b arrow.RecordBatch) {
	b.Retain()
	l.mu.Lock()
	l.out = append(l.out, b)
	l.sent++
	l.mu.Unlock()
	signal(l.work)
}

// end says that no batch follows.
func (l *link) end() {
	l.mu.Lock()
	l.last = true
	l.mu.Unlock()
	signal(l.work)
}

// write is the writer. That the wire is gone is the reader's to report: it ends for both.
func (l *link) write() {
	defer l.done.Done()
	if l.w.wire.write(begin, l.spec) != nil {
		return
	}
	var e *encoder
	for {
		i, last, stop, err := l.pull()
		switch {
		case err != nil:
			l.fail(err)
			return
		case stop:
			return
		case i.batch != nil:
			if e == nil {
				e = newEncoder(l.w.wire, i.batch.Schema(), l.mem)
			}
			err := e.write(i.batch)
			i.batch.Release()
			if err != nil && !e.lost {
				l.fail(err)
			}
			if err != nil {
				return
			}
		case i.frame != nil:
			if l.w.wire.write(data, i.frame) != nil {
				return
			}
		case last:
			l.w.wire.write(finish) //nolint:errcheck // as above
			return
		default:
			<-l.work
		}
	}
}

// pull gives the writer what to send next: first what an earlier worker had.
func (l *link) pull() (i kept, last, stop bool, err error) {
	l.mu.Lock()
	stop = l.closed || l.finished || l.broken || l.err != nil
	l.mu.Unlock()
	if stop {
		return kept{}, false, true, nil
	}
	if l.earlier != nil {
		if i, err = l.earlier.next(); err != nil || !i.none() {
			return i, false, false, err
		}
		l.earlier = nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.out) > 0 {
		i.batch = l.out[0]
		l.out[0] = nil
		l.out = l.out[1:]
	}
	return i, l.last, false, nil
}

// fail ends a run one of whose batches cannot be sent.
func (l *link) fail(err error) {
	l.mu.Lock()
	if l.err == nil {
		l.err = errs.Internal("a batch cannot be sent to a worker: %v", err)
	}
	l.mu.Unlock()
	signal(l.changed)
}

// read is the reader.
func (l *link) read() {
	defer l.done.Done()
	for {
		kind, body, err := l.w.wire.read()
		l.mu.Lock()
		over := l.take(kind, body, err)
		full := l.unread > unread
		l.mu.Unlock()
		signal(l.changed)
		if over {
			signal(l.work) // the writer has nothing left to do
			return
		}
		for full {
			<-l.space
			l.mu.Lock()
			full = l.unread > unread && !l.closed
			l.mu.Unlock()
		}
	}
}

// take notes a frame and says whether it was the last.
func (l *link) take(kind byte, body *memory.Buffer, err error) bool {
	if err != nil {
		l.broken = true
		return true
	}
	switch kind {
	case data:
		l.results = append(l.results, body)
		l.arrived++
		l.unread += body.Len()
		return false
	case schema:
		if l.schema != nil {
			l.schema.Release()
		}
		l.schema = body
		return false
	}
	defer body.Release()
	switch kind {
	case taken:
		l.taken++
	case finals:
		l.finals = append(l.finals, append([]byte(nil), body.Bytes()...))
	case finish:
		l.finished = true
		return true
	case failed:
		l.err = raised(body.Bytes())
		return true
	default:
		l.err = errs.Internal("a worker sent a frame of kind %q", kind)
		return true
	}
	return false
}

// raised turns what a worker says of an exception into an error.
func raised(body []byte) error {
	var e struct {
		Traceback string `json:"traceback"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return errs.Internal("a worker's error cannot be read: %v", err)
	}
	return errs.New("PYTHON_EXCEPTION", "msg", "An exception was thrown from the Python worker", "traceback", e.Traceback)
}

// next takes the first result, if there is one, and once the schema before it.
func (l *link) next() (schema, body *memory.Buffer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.results) == 0 {
		return nil, nil
	}
	schema, l.schema = l.schema, nil
	body = l.results[0]
	l.results[0] = nil
	l.results = l.results[1:]
	l.unread -= body.Len()
	signal(l.space)
	return schema, body
}

// began says that the worker has told anything of this run.
func (l *link) began() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.arrived > 0 || l.taken > 0
}

// look is how a run stands.
type look struct {
	ready    bool // a result waits
	under    int  // batches under way: neither taken nor answered
	finished bool
	broken   bool
	err      error
}

func (l *link) look() look {
	l.mu.Lock()
	defer l.mu.Unlock()
	under := l.sent - l.taken
	if l.answers {
		under = l.sent - l.arrived
	}
	return look{len(l.results) > 0, under, l.finished, l.broken, l.err}
}

// close lets go of everything; the process must have ended its run, or its life.
func (l *link) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	signal(l.work)
	signal(l.space)
	l.done.Wait()
	if l.earlier != nil {
		l.earlier.close()
	}
	for _, b := range l.out {
		b.Release()
	}
	for _, r := range l.results {
		r.Release()
	}
	if l.schema != nil {
		l.schema.Release()
	}
	l.out, l.results, l.schema = nil, nil, nil
}

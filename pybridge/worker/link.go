package worker

import (
	"encoding/json"
	"sync"

	"pysparkcompat/engine/errs"
)

// link is one stream of batches with one process: a reader takes in whatever the worker sends, so that the
// worker never waits for this side while this side waits for it.
type link struct {
	w *process

	mu       sync.Mutex
	results  [][]byte
	finals   []byte
	taken    int
	finished bool  // the worker said that no result follows
	broken   error // the stream ended without that: the process died
	err      error // the user's function raised
	// changed has room for one token: something above may have changed.
	changed chan struct{}
	// read is closed when the reader has ended.
	read chan struct{}
}

func connect(w *process) *link {
	l := &link{w: w, changed: make(chan struct{}, 1), read: make(chan struct{})}
	go l.receive()
	return l
}

func (l *link) receive() {
	defer close(l.read)
	for {
		var f frame
		err := l.w.stream.RecvMsg(&f)
		l.mu.Lock()
		over := l.take(f.body, err)
		l.mu.Unlock()
		select {
		case l.changed <- struct{}{}:
		default:
		}
		if over {
			return
		}
	}
}

// take notes a message and says whether it was the last.
func (l *link) take(body []byte, err error) bool {
	if err != nil || len(body) == 0 {
		l.broken = errs.New("PYTHON_WORKER_DIED", "reason", "its connection ended")
		return true
	}
	switch body[0] {
	case data:
		l.results = append(l.results, body[1:])
	case taken:
		l.taken++
	case finals:
		l.finals = body[1:]
	case finish:
		l.finished = true
		return true
	case failed:
		l.err = raised(body[1:])
		return true
	}
	return false
}

// raised turns what a worker says of an exception into an error.
func raised(body []byte) error {
	var e struct {
		Message   string            `json:"message"`
		Traceback string            `json:"traceback"`
		Condition string            `json:"condition"`
		Params    map[string]string `json:"parameters"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return errs.Internal("a worker's error cannot be read: %v", err)
	}
	if e.Condition != "" {
		var pairs []string
		for k, v := range e.Params {
			pairs = append(pairs, k, v)
		}
		return errs.New(e.Condition, pairs...)
	}
	return errs.New("PYTHON_EXCEPTION", "msg", "An exception was thrown from the Python worker", "traceback", e.Traceback)
}

// send passes a frame on; an error is the stream's end, which the reader reports with its cause.
func (l *link) send(f *frame) error { return l.w.stream.SendMsg(f) }

// next takes the first result, if there is one.
func (l *link) next() ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.results) == 0 {
		return nil, false
	}
	body := l.results[0]
	l.results = l.results[1:]
	return body, true
}

// state says how the stream stands: over when the worker will send nothing more.
func (l *link) state() (over bool, broken, err error, taken int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.finished, l.broken, l.err, l.taken
}

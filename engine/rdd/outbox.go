package rdd

import (
	"io"
	"path"
	"strconv"
	"sync"

	"pysparkcompat/engine/vfs"
)

const (
	// unread is how many bytes of a job's results wait in memory for who takes them; what is beyond waits in a file, so that
	// no task ever waits for who takes its results.
	unread = 32 << 20
	// handful is how many bytes of results are given at once, or a block.
	handful = 8 << 20
)

// outbox holds a job's results until they are taken, in the order in which they came.
type outbox struct {
	fs      vfs.FS
	folder  *folder
	changed chan struct{} // a token: there is something to take

	mu     sync.Mutex
	list   []waiting
	held   int64
	file   vfs.File
	name   string
	end    int64
	closed bool
}

// waiting is a result: its block in memory, or size bytes of the file at start.
type waiting struct {
	Result
	start, size int64
	filed       bool
}

func newOutbox(fs vfs.FS, f *folder) *outbox {
	return &outbox{fs: fs, folder: f, changed: make(chan struct{}, 1)}
}

// give adds a result.
func (o *outbox) give(r Result) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil
	}
	w := waiting{Result: r, size: int64(len(r.Block))}
	if o.held+w.size > unread && w.size > 0 {
		if err := o.store(&w); err != nil {
			return err
		}
	} else {
		o.held += w.size
	}
	o.list = append(o.list, w)
	o.signal()
	return nil
}

func (o *outbox) signal() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

func (o *outbox) store(w *waiting) error {
	if o.file == nil {
		dir, err := o.folder.make()
		if err != nil {
			return err
		}
		o.name = path.Join(dir, "results-"+strconv.FormatInt(o.folder.number(), 10))
		if o.file, err = o.fs.Create(o.name, true); err != nil {
			return err
		}
	}
	w.start, w.filed = o.end, true
	n, err := o.file.Write(w.Block)
	o.end += int64(n)
	w.Block = nil
	return err
}

// take gives some results and says whether there are more.
func (o *outbox) take() (out []Result, more bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken, size := 0, int64(0)
	for taken < len(o.list) && (taken == 0 || size+o.list[taken].size <= handful) {
		w := &o.list[taken]
		if w.filed {
			w.Block = make([]byte, w.size)
			if n, err := o.file.ReadAt(w.Block, w.start); err != nil && (err != io.EOF || int64(n) < w.size) {
				return nil, false, err
			}
		} else {
			o.held -= w.size
		}
		out = append(out, w.Result)
		size += w.size
		taken++
	}
	clear(o.list[:taken])
	if o.list = o.list[taken:]; len(o.list) > 0 {
		o.signal()
	} else {
		o.list = nil
	}
	return out, len(o.list) > 0, nil
}

// close lets go of everything.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed = true; o.file != nil {
		o.file.Close()
		o.folder.delete(o.name)
		o.file = nil
	}
	o.list = nil
}

package dstream

import (
	"errors"
	iofs "io/fs"
	"path"
	"strconv"
	"strings"
	"sync"

	"pysparkcompat/engine/vfs"
)

const (
	kept     = 10 // checkpoint files that stay
	attempts = 3  // to write one
)

// writer writes checkpoint files on a goroutine of its own. Of images that wait only the newest is written: it holds what
// the others do.
type writer struct {
	c      *Context
	mu     sync.Mutex
	next   *Image
	closed bool
	wake   *sync.Cond
	// needs are, for each file that stays, the oldest saved RDDs that it names, by node. The goroutine's own.
	needs map[string]map[int]int64
	// paths are all saved RDDs that may still lie in the folder, by node and time. The goroutine's own.
	paths map[int]map[int64]string
	// bad says that the last write failed, which is told once.
	bad bool
}

func newWriter(c *Context) *writer {
	w := &writer{c: c, needs: map[string]map[int]int64{}, paths: map[int]map[int64]string{}}
	w.wake = sync.NewCond(&w.mu)
	return w
}

// put hands the writer an image.
func (w *writer) put(i *Image) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if w.next == nil {
		w.c.busy.add(1)
	}
	w.next = i
	w.wake.Signal()
}

// close ends the goroutine once what waits is written.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.wake.Signal()
}

func (w *writer) serve() {
	for {
		w.mu.Lock()
		for w.next == nil && !w.closed {
			w.wake.Wait()
		}
		i := w.next
		w.next = nil
		w.mu.Unlock()
		if i == nil {
			return
		}
		w.write(i)
		w.c.busy.done(1)
	}
}

// write makes an image durable, or tells that it could not; the batches go on.
func (w *writer) write(i *Image) {
	data, err := i.encode()
	for try := 0; err == nil && try < attempts; try++ {
		if err = w.file(i, data); err == nil {
			w.bad = false
			w.prune(i)
			w.c.receivers.durable(i.Time)
			return
		}
		if try+1 < attempts {
			err = nil
		}
	}
	if !w.bad {
		w.c.driver.Warn("The checkpoint of batch " + millis(i.Time) + " cannot be written to " + w.c.directory + ": " + err.Error())
	}
	w.bad = true
}

// file writes beside and renames; a file of the same time becomes the backup.
func (w *writer) file(i *Image, data []byte) error {
	fs, dir := w.c.fs, w.c.directory
	temp := path.Join(dir, "temp")
	err := vfs.WriteFile(fs, temp, data, false)
	if errors.Is(err, iofs.ErrNotExist) { // somebody removed the directory
		if err = fs.MkdirAll(dir); err == nil {
			err = vfs.WriteFile(fs, temp, data, false)
		}
	}
	if err != nil {
		return err
	}
	name := path.Join(dir, "checkpoint-"+strconv.FormatInt(i.Time, 10))
	if _, err := fs.Stat(name); err == nil {
		if err := fs.Rename(name, name+".bk"); err != nil {
			return err
		}
	}
	return vfs.Replace(fs, temp, name)
}

// prune removes the checkpoint files beyond the newest, and the saved RDDs that none of those that stay needs. What
// cannot be removed stays and is tried again.
func (w *writer) prune(i *Image) {
	names, err := images(w.c.fs, w.c.directory)
	if err != nil {
		return
	}
	for len(names) > kept {
		if w.c.fs.Remove(path.Join(w.c.directory, names[0])) != nil {
			break
		}
		names = names[1:]
	}
	w.note(i)
	alive := map[string]bool{}
	for _, n := range names {
		alive[n] = true
	}
	for name := range w.needs {
		if !alive[name] {
			delete(w.needs, name)
		}
	}
	for node, byTime := range w.paths {
		oldest, known := int64(0), false
		for _, need := range w.needs {
			if t, ok := need[node]; ok && (!known || t < oldest) {
				oldest, known = t, true
			}
		}
		for t, p := range byTime {
			if known && t < oldest && w.c.fs.RemoveAll(localPath(p)) == nil {
				delete(byTime, t)
			}
		}
	}
}

// note keeps what the file just written needs. The file that became its backup needs what it needed.
func (w *writer) note(i *Image) {
	name := "checkpoint-" + strconv.FormatInt(i.Time, 10)
	if before, ok := w.needs[name]; ok {
		w.needs[name+".bk"] = before
	}
	need := map[int]int64{}
	for id, n := range i.Nodes {
		for t, p := range n.Saved {
			if w.paths[id] == nil {
				w.paths[id] = map[int64]string{}
			}
			w.paths[id][t] = p
			if at, ok := need[id]; !ok || t < at {
				need[id] = t
			}
		}
	}
	w.needs[name] = need
}

// localPath is the path of a file URI.
func localPath(p string) string {
	p = strings.TrimPrefix(p, "file:")
	if strings.HasPrefix(p, "//") {
		p = "/" + strings.TrimLeft(p, "/")
	}
	return p
}

// save asks where RDDs were saved and hands an image to the writer. The generator runs it.
func (c *Context) save() {
	if c.writer == nil {
		return
	}
	var held []Held
	for _, n := range c.graph.nodes {
		for t, tok := range n.marked {
			held = append(held, Held{n.id, t, tok})
		}
	}
	if len(held) > 0 {
		paths, err := c.driver.Checkpointed(c.generating, held)
		for k, h := range held {
			if err == nil && k < len(paths) && paths[k] != "" {
				n := c.graph.nodes[h.Node]
				n.saved[h.Time] = paths[k]
				delete(n.marked, h.Time)
			}
		}
	}
	c.writer.put(c.image())
}

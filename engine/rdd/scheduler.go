package rdd

import (
	"context"
	"path"
	"sync"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Options are what a Scheduler is made with.
type Options struct {
	Runner Runner
	FS     vfs.FS
	// Slots is how many tasks run at once.
	Slots int
	// Memory is how many bytes of blocks may be held: half of it persisted ones, a quarter map outputs. What is beyond lies in
	// files of a folder that is made below Local.
	Memory int64
	Local  string
	// Failures is how often a task may fail by itself before its job does: 1 tries no task again.
	Failures int
}

// Scheduler runs the jobs of an application. All methods are safe for concurrent use; after Close jobs end with an error.
type Scheduler struct {
	o      Options
	slots  *slots
	store  *store
	folder *folder
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	nodes    map[int64]*Node
	shuffles map[int64]*Shuffle
	jobs     map[int64]*Job
	lastJob  int64
	stages   int
	tasks    int64
	written  int64 // bytes of map outputs in memory
	updates  [][]byte
	history  history
}

// New is a scheduler without nodes. It starts nothing and touches no disk until a job runs.
func New(o Options) *Scheduler {
	s := &Scheduler{o: o, slots: newSlots(o.Slots), folder: newFolder(o.FS, o.Local), nodes: map[int64]*Node{},
		shuffles: map[int64]*Shuffle{}, jobs: map[int64]*Job{}}
	s.store = newStore(o.FS, s.folder, o.Memory/2)
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	return s
}

// Close ends all jobs and removes the local folder.
func (s *Scheduler) Close() {
	s.cancel(errs.New(errs.Unnamed + "SESSION_STOPPED"))
	s.mu.Lock()
	jobs := make([]*Job, 0, len(s.jobs))
	for _, j := range s.jobs {
		jobs = append(jobs, j)
	}
	s.mu.Unlock()
	for _, j := range jobs {
		<-j.over
	}
	s.folder.remove()
}

// Define adds a node. Its parents must be there. Payloads beyond some size go to a file. A node that is there already stays: the
// request that defined it may have failed further on.
func (s *Scheduler) Define(n *Node) error {
	s.mu.Lock()
	known := s.nodes[n.ID] != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.file(n); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes[n.ID] = n
	return nil
}

// largest is how many bytes of payloads a node holds in memory.
const largest = 1 << 20

// file moves a node's payloads to a file, where they are large.
func (s *Scheduler) file(n *Node) error {
	total := 0
	for _, p := range n.Payloads {
		total += len(p.Bytes)
	}
	if total <= largest {
		return nil
	}
	dir, err := s.folder.make()
	if err != nil {
		return err
	}
	name := path.Join(dir, "payload-"+number(s.folder.number()))
	f, err := s.o.FS.Create(name, true)
	if err != nil {
		return err
	}
	n.filed = name
	for i, start := 0, int64(0); i < len(n.Payloads) && err == nil; i++ {
		p := &n.Payloads[i]
		_, err = f.Write(p.Bytes)
		*p = Data{Path: name, Offset: start, Length: int64(len(p.Bytes))}
		start += p.Length
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		s.folder.delete(name)
	}
	return err
}

// Node finds a node.
func (s *Scheduler) Node(id int64) (*Node, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.nodes[id]; n != nil {
		return n, nil
	}
	return nil, errs.Internal("there is no node %d", id)
}

// Exchange gives the shuffle of an id, which is made where it is new.
func (s *Scheduler) Exchange(id int64, of *Node, writer []byte, partitions int) *Shuffle {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shuffles[id]
	if sh == nil {
		sh = &Shuffle{ID: id, Node: of, Writer: writer, Partitions: partitions, outputs: make([]*output, of.Partitions), turn: make(chan struct{}, 1)}
		s.shuffles[id] = sh
	}
	return sh
}

// Shuffle finds a shuffle, or nothing.
func (s *Scheduler) Shuffle(id int64) *Shuffle {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shuffles[id]
}

// Forget lets go of nodes and shuffles that nobody will name again, with what is stored of them; of those that are pinned
// once they are released. Unknown ids are no error.
func (s *Scheduler) Forget(nodes, shuffles []int64) {
	var paths []string
	var gone []int64
	s.mu.Lock()
	for _, id := range nodes {
		n := s.nodes[id]
		if n != nil && n.pins > 0 {
			n.forgotten = true
			continue
		}
		if n != nil && n.filed != "" {
			paths = append(paths, n.filed)
		}
		gone = append(gone, id)
		delete(s.nodes, id)
	}
	for _, id := range shuffles {
		sh := s.shuffles[id]
		if sh != nil && sh.pins > 0 {
			sh.forgotten = true
		} else if sh != nil {
			paths = append(paths, s.dropLocked(sh)...)
			delete(s.shuffles, id)
		}
	}
	s.mu.Unlock()
	for _, id := range gone {
		s.store.drop(id)
	}
	for _, p := range paths {
		s.folder.delete(p)
	}
}

// dropLocked forgets all outputs of a shuffle and gives the files they lie in.
func (s *Scheduler) dropLocked(sh *Shuffle) (paths []string) {
	for i, o := range sh.outputs {
		if o == nil {
			continue
		}
		if s.written -= int64(len(o.data.Bytes)); o.data.Path != "" {
			paths = append(paths, o.data.Path)
		}
		sh.outputs[i] = nil
	}
	return paths
}

// Persist sets where a node's elements are kept once they are computed; the zero Level lets go of what is kept.
func (s *Scheduler) Persist(id int64, level Level) error {
	n, err := s.Node(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	n.level = level
	s.mu.Unlock()
	if level.none() {
		s.store.drop(id)
	}
	return nil
}

// Checkpoint says that a node's elements lie in a folder, one file of blocks a partition: its lineage is needed no more.
func (s *Scheduler) Checkpoint(id int64, path string) error {
	n, err := s.Node(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n.checkpoint, n.Parents, n.Step, n.Payloads = path, nil, nil, nil
	return nil
}

// Drain gives what tasks reported since the last call, in the order in which they ended.
func (s *Scheduler) Drain() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.updates
	s.updates = nil
	return out
}

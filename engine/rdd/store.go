package rdd

import (
	"container/list"
	"fmt"
	"path"
	"sync"

	"pysparkcompat/engine/vfs"
)

// store holds the persisted partitions. What lies in memory, and files of partitions that may lie in memory only, count
// against the limit; the least recently used give way: to a file where their level has a disk, else they are forgotten.
// A partition never drives out another of its own node.
type store struct {
	fs     vfs.FS
	folder *folder
	limit  int64

	mu     sync.Mutex
	used   int64
	parts  map[key]*stored
	recent list.List // of *stored that count, least recently used first
}

type key struct {
	node  int64
	split int
}

type stored struct {
	key
	data    Data
	size    int64
	level   Level
	element *list.Element // nil where it does not count
}

func newStore(fs vfs.FS, f *folder, limit int64) *store {
	return &store{fs: fs, folder: f, limit: limit, parts: map[key]*stored{}}
}

// get finds a partition's blocks.
func (s *store) get(node int64, split int) (Data, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.parts[key{node, split}]
	if p == nil {
		return Data{}, false
	}
	if p.element != nil {
		s.recent.MoveToBack(p.element)
	}
	return p.data, true
}

// whole says that all partitions of a node are there.
func (s *store) whole(n *Node) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range n.Partitions {
		if s.parts[key{n.ID, i}] == nil {
			return false
		}
	}
	return true
}

// put stores a partition, or lets go of it where there is no room.
func (s *store) put(k Kept, level Level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &stored{key: key{k.Node, k.Split}, data: k.Data, size: k.Data.size(), level: level}
	if old := s.parts[p.key]; old != nil {
		s.forget(old) // computed twice at once
	}
	if p.data.Path != "" && level.Disk {
		s.parts[p.key] = p
		return
	}
	for s.used+p.size > s.limit {
		if !s.evict(p.node) {
			if s.toDisk(p) {
				s.parts[p.key] = p
			} else if p.data.Path != "" {
				s.folder.delete(p.data.Path)
			}
			return
		}
	}
	s.used += p.size
	p.element = s.recent.PushBack(p)
	s.parts[p.key] = p
}

// evict makes room by the least recently used partition of another node; false where there is none.
func (s *store) evict(but int64) bool {
	for e := s.recent.Front(); e != nil; e = e.Next() {
		p := e.Value.(*stored)
		if p.node == but {
			continue
		}
		if !s.toDisk(p) {
			s.forget(p)
			return true
		}
		s.used -= p.size
		s.recent.Remove(e)
		p.element = nil
		return true
	}
	return false
}

// toDisk moves a partition from memory to a file, where its level allows it and the disk too.
func (s *store) toDisk(p *stored) bool {
	if !p.level.Disk || p.data.Path != "" {
		return false
	}
	dir, err := s.folder.make()
	if err != nil {
		return false
	}
	name := path.Join(dir, fmt.Sprintf("kept-%d-%d-%d", p.node, p.split, s.folder.number()))
	if write(s.fs, name, p.data.Bytes) != nil {
		s.folder.delete(name)
		return false
	}
	p.data = Data{Path: name, Length: p.size}
	return true
}

func write(fs vfs.FS, name string, body []byte) error {
	f, err := fs.Create(name, true)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// forget lets go of a partition.
func (s *store) forget(p *stored) {
	delete(s.parts, p.key)
	if p.element != nil {
		s.used -= p.size
		s.recent.Remove(p.element)
		p.element = nil
	}
	if p.data.Path != "" {
		s.folder.delete(p.data.Path)
	}
}

// drop lets go of a node's partitions.
func (s *store) drop(node int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, p := range s.parts {
		if k.node == node {
			s.forget(p)
		}
	}
}

// lose forgets what lies in a file.
func (s *store) lose(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		if p.data.Path == path {
			s.forget(p)
		}
	}
}

func (d Data) size() int64 {
	if d.Path != "" {
		return d.Length
	}
	return int64(len(d.Bytes))
}

// Stored tells how many partitions of a node are kept, and their bytes.
func (s *Scheduler) Stored(node int64) (partitions int, memory, disk int64) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for k, p := range s.store.parts {
		switch {
		case k.node != node:
			continue
		case p.element != nil:
			memory += p.size
		default:
			disk += p.size
		}
		partitions++
	}
	return partitions, memory, disk
}

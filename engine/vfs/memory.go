package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"
)

// Memory is a file system in memory that can crash: what Crash leaves is what was synced. Contents become durable
// by File.Sync, names (creation, rename, removal) by SyncDir of their folder.
type Memory struct {
	mu      sync.Mutex
	names   map[string]*inode // what a reader sees now
	durable map[string]*inode // what a crash leaves
	ticks   int64
	life    int // grows at every crash, so that files opened before it are dead
}

// inode is a file's contents, or a folder.
type inode struct {
	dir    bool
	data   []byte
	synced []byte
	mod    time.Time
}

// NewMemory is an empty file system with a root folder.
func NewMemory() *Memory {
	root := &inode{dir: true}
	return &Memory{names: map[string]*inode{"/": root}, durable: map[string]*inode{"/": root}}
}

// Crash forgets all that was not synced and kills the files that are open.
func (m *Memory) Crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.life++
	m.names = make(map[string]*inode, len(m.durable))
	for name, n := range m.durable {
		kept := &inode{dir: n.dir, data: clone(n.synced), synced: clone(n.synced), mod: n.mod}
		m.names[name], m.durable[name] = kept, kept
	}
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

func failed(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

func (m *Memory) now() time.Time {
	m.ticks++
	return time.Unix(1_700_000_000, m.ticks*int64(time.Millisecond))
}

func (m *Memory) find(op, name string) (*inode, error) {
	n, ok := m.names[path.Clean(name)]
	if !ok {
		return nil, failed(op, name, fs.ErrNotExist)
	}
	return n, nil
}

func (m *Memory) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	return &memoryFile{m: m, n: n, name: path.Base(name), life: m.life}, nil
}

func (m *Memory) Create(name string, exclusive bool) (File, error) {
	return m.write(name, exclusive, true)
}

func (m *Memory) Append(name string) (File, error) { return m.write(name, false, false) }

func (m *Memory) write(name string, exclusive, truncate bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if parent, ok := m.names[path.Dir(name)]; !ok || !parent.dir {
		return nil, failed("create", name, fs.ErrNotExist)
	}
	n, taken := m.names[name]
	switch {
	case taken && n.dir:
		return nil, failed("create", name, errors.New("is a directory"))
	case taken && exclusive:
		return nil, failed("create", name, fs.ErrExist)
	case !taken:
		n = &inode{mod: m.now()}
		m.names[name] = n
	}
	if truncate {
		n.data = nil
	}
	f := &memoryFile{m: m, n: n, name: path.Base(name), life: m.life, writable: true}
	f.at = int64(len(n.data))
	return f, nil
}

func (m *Memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to = path.Clean(from), path.Clean(to)
	n, err := m.find("rename", from)
	if err != nil {
		return err
	}
	if _, ok := m.names[path.Dir(to)]; !ok {
		return failed("rename", to, fs.ErrNotExist)
	}
	delete(m.names, from)
	m.names[to] = n
	if n.dir {
		for name, child := range m.names {
			if rest, under := strings.CutPrefix(name, from+"/"); under {
				delete(m.names, name)
				m.names[to+"/"+rest] = child
			}
		}
	}
	return nil
}

func (m *Memory) Link(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("link", from)
	if err != nil {
		return err
	}
	if _, taken := m.names[path.Clean(to)]; taken {
		return failed("link", to, fs.ErrExist)
	}
	m.names[path.Clean(to)] = n
	return nil
}

func (m *Memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	n, err := m.find("remove", name)
	if err != nil {
		return err
	}
	if n.dir {
		for other := range m.names {
			if strings.HasPrefix(other, name+"/") {
				return failed("remove", name, errors.New("directory not empty"))
			}
		}
	}
	delete(m.names, name)
	return nil
}

func (m *Memory) RemoveAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	for other := range m.names {
		if other == name || strings.HasPrefix(other, name+"/") {
			delete(m.names, other)
		}
	}
	return nil
}

// MkdirAll makes folders that a crash keeps: losing a folder whose name was never synced is not a fault that
// the engine's logs must survive, since they make their folders before the first entry and sync the parent.
func (m *Memory) MkdirAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := path.Clean(name); at != "/" && at != "."; at = path.Dir(at) {
		if n, ok := m.names[at]; ok {
			if !n.dir {
				return failed("mkdir", at, errors.New("not a directory"))
			}
			continue
		}
		n := &inode{dir: true, mod: m.now()}
		m.names[at], m.durable[at] = n, n
	}
	return nil
}

func (m *Memory) ReadDir(name string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	n, err := m.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.dir {
		return nil, failed("readdir", name, errors.New("not a directory"))
	}
	var out []fs.DirEntry
	for other, child := range m.names {
		if other != "/" && path.Dir(other) == name {
			out = append(out, fs.FileInfoToDirEntry(infoOf(path.Base(other), child)))
		}
	}
	sortEntries(out)
	return out, nil
}

func (m *Memory) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("stat", name)
	if err != nil {
		return nil, err
	}
	return infoOf(path.Base(name), n), nil
}

func (m *Memory) SyncDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if _, err := m.find("syncdir", name); err != nil {
		return err
	}
	for other := range m.durable {
		if _, alive := m.names[other]; !alive && other != "/" && path.Dir(other) == name {
			m.forget(other)
		}
	}
	for other, n := range m.names {
		if other != "/" && path.Dir(other) == name {
			m.durable[other] = n
		}
	}
	return nil
}

// forget removes a durable name with all beneath it.
func (m *Memory) forget(name string) {
	for other := range m.durable {
		if other == name || strings.HasPrefix(other, name+"/") {
			delete(m.durable, other)
		}
	}
}

// memoryFile is an open file of a Memory.
type memoryFile struct {
	m        *Memory
	n        *inode
	name     string
	at       int64
	life     int
	writable bool
	closed   bool
}

func (f *memoryFile) alive(op string) error {
	if f.closed || f.life != f.m.life {
		return failed(op, f.name, fs.ErrClosed)
	}
	return nil
}

func (f *memoryFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.alive("read"); err != nil {
		return 0, err
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += int64(len(f.n.data))
	}
	if offset < 0 {
		return 0, failed("seek", f.name, fmt.Errorf("negative position %d", offset))
	}
	f.at = offset
	return offset, nil
}

func (f *memoryFile) Write(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.alive("write"); err != nil {
		return 0, err
	}
	if !f.writable {
		return 0, failed("write", f.name, fs.ErrPermission)
	}
	if grow := f.at + int64(len(p)) - int64(len(f.n.data)); grow > 0 {
		f.n.data = append(f.n.data, make([]byte, grow)...)
	}
	copy(f.n.data[f.at:], p)
	f.at += int64(len(p))
	f.n.mod = f.m.now()
	return len(p), nil
}

func (f *memoryFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.alive("sync"); err != nil {
		return err
	}
	f.n.synced = clone(f.n.data)
	return nil
}

func (f *memoryFile) Stat() (fs.FileInfo, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.alive("stat"); err != nil {
		return nil, err
	}
	return infoOf(f.name, f.n), nil
}

func (f *memoryFile) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.closed {
		return failed("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	return nil
}

// info is a snapshot of an inode.
type info struct {
	name string
	size int64
	dir  bool
	mod  time.Time
}

func infoOf(name string, n *inode) info { return info{name, int64(len(n.data)), n.dir, n.mod} }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return i.mod }
func (i info) IsDir() bool        { return i.dir }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// Touch sets when a file was last changed.
func (m *Memory) Touch(name string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n, ok := m.names[path.Clean(name)]; ok {
		n.mod = at
	}
}

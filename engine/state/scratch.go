package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"

	pebblefs "github.com/cockroachdb/pebble/v2/vfs"

	"pysparkcompat/engine/vfs"
)

// scratch is the file system of a database that is thrown away when anything goes wrong with it. Pebble ends the
// process where its manifest cannot be written; so a change that fails is remembered and looks done, and whoever uses
// the database asks Err before anything is built on what it holds. Reading fails as it does.
type scratch struct {
	base vfs.FS
	mu   sync.Mutex
	err  error
	gone chan struct{} // closed by the first failure
}

func newScratch(base vfs.FS) *scratch { return &scratch{base: base, gone: make(chan struct{})} }

// Err is the first failure.
func (s *scratch) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *scratch) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		close(s.gone)
	}
}

// changed hides a failed change.
func (s *scratch) changed(err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.fail(err)
		return nil
	}
	return err
}

// read remembers a failed read, unless it only says that nothing is there.
func (s *scratch) read(err error) error {
	if err != nil && err != io.EOF && !errors.Is(err, fs.ErrNotExist) {
		s.fail(err)
	}
	return err
}

func (s *scratch) Create(name string, _ pebblefs.DiskWriteCategory) (pebblefs.File, error) {
	f, err := s.base.Create(name, false)
	if err != nil {
		s.fail(err)
		return &scratchFile{s: s, name: name}, nil
	}
	return &scratchFile{s: s, name: name, f: f}, nil
}

func (s *scratch) Open(name string, options ...pebblefs.OpenOption) (pebblefs.File, error) {
	f, err := s.base.Open(name)
	if err != nil {
		return nil, s.read(err)
	}
	out := &scratchFile{s: s, name: name, f: f}
	for _, o := range options {
		o.Apply(out)
	}
	return out, nil
}

func (s *scratch) OpenReadWrite(name string, _ pebblefs.DiskWriteCategory, _ ...pebblefs.OpenOption) (pebblefs.File, error) {
	return nil, fmt.Errorf("%s: files are not changed in place", name)
}

func (s *scratch) OpenDir(name string) (pebblefs.File, error) {
	if _, err := s.base.Stat(name); err != nil {
		return nil, s.read(err)
	}
	return &scratchFile{s: s, name: name, dir: true}, nil
}

func (s *scratch) ReuseForWrite(from, to string, c pebblefs.DiskWriteCategory) (pebblefs.File, error) {
	if err := s.Remove(from); err != nil {
		return nil, err
	}
	return s.Create(to, c)
}

func (s *scratch) Link(from, to string) error         { return s.changed(s.base.Link(from, to)) }
func (s *scratch) Remove(name string) error           { return s.changed(s.base.Remove(name)) }
func (s *scratch) RemoveAll(name string) error        { return s.changed(s.base.RemoveAll(name)) }
func (s *scratch) Rename(from, to string) error       { return s.changed(s.base.Rename(from, to)) }
func (s *scratch) PathBase(name string) string        { return path.Base(name) }
func (s *scratch) PathJoin(elements ...string) string { return path.Join(elements...) }
func (s *scratch) PathDir(name string) string         { return path.Dir(name) }
func (s *scratch) Unwrap() pebblefs.FS                { return nil }

func (s *scratch) MkdirAll(name string, _ os.FileMode) error {
	return s.changed(s.base.MkdirAll(name))
}

// Lock is nobody's: a run's folder has a name that no other run has.
func (s *scratch) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (s *scratch) List(name string) ([]string, error) {
	entries, err := s.base.ReadDir(name)
	if err != nil {
		return nil, s.read(err)
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out, nil
}

func (s *scratch) Stat(name string) (pebblefs.FileInfo, error) {
	info, err := s.base.Stat(name)
	if err != nil {
		return nil, s.read(err)
	}
	return scratchInfo{info}, nil
}

func (s *scratch) GetDiskUsage(string) (pebblefs.DiskUsage, error) {
	return pebblefs.DiskUsage{}, pebblefs.ErrUnsupported
}

type scratchInfo struct{ fs.FileInfo }

func (scratchInfo) DeviceID() pebblefs.DeviceID { return pebblefs.DeviceID{} }

// scratchFile is a file, a folder to be synced, or, with neither, what takes the place of a file that could not be made.
type scratchFile struct {
	s    *scratch
	name string
	f    vfs.File
	dir  bool
}

func (f *scratchFile) Close() error {
	if f.f == nil {
		return nil
	}
	return f.s.changed(f.f.Close())
}

func (f *scratchFile) Read(p []byte) (int, error) {
	if f.f == nil {
		return 0, io.EOF
	}
	n, err := f.f.Read(p)
	return n, f.s.read(err)
}

func (f *scratchFile) ReadAt(p []byte, at int64) (int, error) {
	if f.f == nil {
		return 0, io.EOF
	}
	n, err := f.f.ReadAt(p, at)
	return n, f.s.read(err)
}

func (f *scratchFile) Write(p []byte) (int, error) {
	if f.f == nil || f.s.Err() != nil {
		return len(p), nil
	}
	_, err := f.f.Write(p)
	return len(p), f.s.changed(err)
}

func (f *scratchFile) WriteAt([]byte, int64) (int, error) {
	return 0, fmt.Errorf("%s: files are not changed in place", f.name)
}

func (f *scratchFile) Sync() error {
	switch {
	case f.dir:
		return f.s.changed(f.s.base.SyncDir(f.name))
	case f.f == nil:
		return nil
	}
	return f.s.changed(f.f.Sync())
}

func (f *scratchFile) SyncData() error { return f.Sync() }

// SyncTo is a hint of how to spread writing; the sync that counts follows.
func (f *scratchFile) SyncTo(int64) (bool, error) { return false, nil }

func (f *scratchFile) Stat() (pebblefs.FileInfo, error) {
	if f.f == nil {
		return f.s.Stat(f.name)
	}
	info, err := f.f.Stat()
	if err != nil {
		return nil, f.s.read(err)
	}
	return scratchInfo{info}, nil
}

func (f *scratchFile) Preallocate(int64, int64) error { return nil }
func (f *scratchFile) Prefetch(int64, int64) error    { return nil }
func (f *scratchFile) Fd() uintptr                    { return pebblefs.InvalidFd }

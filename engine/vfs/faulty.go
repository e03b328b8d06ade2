package vfs

import (
	"errors"
	"io/fs"
	"sync"
)

// ErrInjected is the failure that Faulty raises.
var ErrInjected = errors.New("injected fault")

// Faulty passes operations on to Base and fails the one numbered FailAt (from 1). Count says how many there
// were, so that a test fails each in turn: for at := 1; ; at++ { … until Count() < at }.
type Faulty struct {
	Base FS
	// FailAt is the operation to fail; 0 fails none.
	FailAt int
	// Sticky fails every operation from FailAt on, as a disk that went away does.
	Sticky bool
	// Torn lets a failing write write half of its bytes first.
	Torn bool

	mu    sync.Mutex
	count int
	log   []string
}

// Count is the number of operations so far.
func (f *Faulty) Count() int { f.mu.Lock(); defer f.mu.Unlock(); return f.count }

// Operations names what was asked for, in order: "sync /a/b".
func (f *Faulty) Operations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

func (f *Faulty) fails(op, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.log = append(f.log, op+" "+path)
	if f.FailAt > 0 && (f.count == f.FailAt || f.Sticky && f.count > f.FailAt) {
		return failed(op, path, ErrInjected)
	}
	return nil
}

func (f *Faulty) Open(path string) (File, error) {
	if err := f.fails("open", path); err != nil {
		return nil, err
	}
	return f.wrap(path)(f.Base.Open(path))
}

func (f *Faulty) Create(path string, exclusive bool) (File, error) {
	if err := f.fails("create", path); err != nil {
		return nil, err
	}
	return f.wrap(path)(f.Base.Create(path, exclusive))
}

func (f *Faulty) Append(path string) (File, error) {
	if err := f.fails("append", path); err != nil {
		return nil, err
	}
	return f.wrap(path)(f.Base.Append(path))
}

func (f *Faulty) wrap(path string) func(File, error) (File, error) {
	return func(base File, err error) (File, error) {
		if err != nil {
			return nil, err
		}
		return &faultyFile{base, f, path}, nil
	}
}

func (f *Faulty) Rename(from, to string) error {
	if err := f.fails("rename", to); err != nil {
		return err
	}
	return f.Base.Rename(from, to)
}

func (f *Faulty) Link(from, to string) error {
	if err := f.fails("link", to); err != nil {
		return err
	}
	return f.Base.Link(from, to)
}

func (f *Faulty) Remove(path string) error {
	if err := f.fails("remove", path); err != nil {
		return err
	}
	return f.Base.Remove(path)
}

func (f *Faulty) RemoveAll(path string) error {
	if err := f.fails("removeall", path); err != nil {
		return err
	}
	return f.Base.RemoveAll(path)
}

func (f *Faulty) MkdirAll(path string) error {
	if err := f.fails("mkdir", path); err != nil {
		return err
	}
	return f.Base.MkdirAll(path)
}

func (f *Faulty) ReadDir(path string) ([]fs.DirEntry, error) {
	if err := f.fails("readdir", path); err != nil {
		return nil, err
	}
	return f.Base.ReadDir(path)
}

func (f *Faulty) Stat(path string) (fs.FileInfo, error) {
	if err := f.fails("stat", path); err != nil {
		return nil, err
	}
	return f.Base.Stat(path)
}

func (f *Faulty) SyncDir(path string) error {
	if err := f.fails("syncdir", path); err != nil {
		return err
	}
	return f.Base.SyncDir(path)
}

// faultyFile counts reads, writes and syncs; Seek, Stat and Close pass.
type faultyFile struct {
	File
	f    *Faulty
	path string
}

func (f *faultyFile) Read(p []byte) (int, error) {
	if err := f.f.fails("read", f.path); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.f.fails("read", f.path); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.f.fails("write", f.path); err != nil {
		n := 0
		if f.f.Torn {
			n, _ = f.File.Write(p[:len(p)/2])
		}
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	if err := f.f.fails("sync", f.path); err != nil {
		return err
	}
	return f.File.Sync()
}

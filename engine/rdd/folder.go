package rdd

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"sync"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// folder is the application's local one, made when it is first needed.
type folder struct {
	fs    vfs.FS
	below string

	mu   sync.Mutex
	path string
	gone bool
	last int64
}

func newFolder(fs vfs.FS, below string) *folder { return &folder{fs: fs, below: below} }

// make gives the folder's path, and makes the folder again where something swept it away.
func (f *folder) make() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return "", errs.New(errs.Unnamed + "SESSION_STOPPED")
	}
	p := f.path
	if p != "" {
		if _, err := f.fs.Stat(p); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
	} else {
		var name [8]byte
		rand.Read(name[:]) //nolint:errcheck // never fails
		p = path.Join(f.below, "blocks-"+hex.EncodeToString(name[:]))
	}
	if err := f.fs.MkdirAll(p); err != nil {
		return "", err
	}
	f.path = p
	return p, nil
}

// number is for the name of a file: each is given once.
func (f *folder) number() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	return f.last
}

// holds says that a file is one of the folder's.
func (f *folder) holds(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.path != "" && path.Dir(name) == f.path
}

// delete removes a file; one that stays goes with the folder.
func (f *folder) delete(path string) { f.fs.Remove(path) } //nolint:errcheck // as said

// remove ends the folder.
func (f *folder) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone = true; f.path != "" {
		f.fs.RemoveAll(f.path) //nolint:errcheck // the next application's start removes it
	}
}

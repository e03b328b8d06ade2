package vfs

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// OS is the machine's file system.
type OS struct{}

func (OS) Open(path string) (File, error) { return file(os.Open(path)) }

func (OS) Create(path string, exclusive bool) (File, error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_TRUNC
	if exclusive {
		flags |= os.O_EXCL
	}
	return file(os.OpenFile(path, flags, 0o644))
}

func (OS) Append(path string) (File, error) {
	return file(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644))
}

// file keeps a nil *os.File from becoming a File that is not nil.
func file(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (OS) Rename(from, to string) error               { return os.Rename(from, to) }
func (OS) Link(from, to string) error                 { return os.Link(from, to) }
func (OS) Remove(path string) error                   { return os.Remove(path) }
func (OS) RemoveAll(path string) error                { return os.RemoveAll(path) }
func (OS) MkdirAll(path string) error                 { return os.MkdirAll(path, 0o755) }
func (OS) Stat(path string) (fs.FileInfo, error)      { return os.Stat(path) }
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

func (OS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Parent is the folder that holds a path's name.
func Parent(path string) string { return filepath.Dir(path) }

func sortEntries(entries []fs.DirEntry) {
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
}

// Package vfs is the file system that everything durable goes through.
//
// It is not a path library for user data formats. metalog, checkpoint, state, source, sink, rdd, dstream and engine call
// it. Invariants: what a crash keeps is exactly what was synced (file contents by File.Sync, names by SyncDir); the
// Memory file system behaves so, and the Faulty one fails any operation in turn.
package vfs

import (
	"io"
	"io/fs"
)

// File is an open file. One goroutine uses it.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Writer
	io.Closer
	// Sync makes the contents durable.
	Sync() error
	Stat() (fs.FileInfo, error)
}

// FS is a file system over absolute slash-separated paths. All methods are safe for concurrent use. Errors satisfy
// errors.Is with fs.ErrNotExist and fs.ErrExist.
type FS interface {
	Open(path string) (File, error)
	// Create makes or truncates; with exclusive it fails with fs.ErrExist where the name is taken.
	Create(path string, exclusive bool) (File, error)
	// Append opens for writing at the end, making the file if need be.
	Append(path string) (File, error)
	// Rename replaces the target atomically.
	Rename(from, to string) error
	// Link gives a file a second name and fails with fs.ErrExist where it is taken: the atomic "only one may write this".
	Link(from, to string) error
	Remove(path string) error
	RemoveAll(path string) error
	MkdirAll(path string) error
	// ReadDir gives entries by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	Stat(path string) (fs.FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}

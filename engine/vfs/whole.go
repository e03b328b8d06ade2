package vfs

import (
	"bytes"
	"io"
	"path"
)

// ReadFile gives a file's contents.
func ReadFile(fs FS, name string) ([]byte, error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err = io.Copy(out, struct{ io.Reader }{f})
	return out.Bytes(), err
}

// WriteFile makes a file, whose contents are durable then; its name is not before SyncDir. exclusive is as for Create.
func WriteFile(fs FS, name string, content []byte, exclusive bool) error {
	f, err := fs.Create(name, exclusive)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return Seal(f, err)
}

// Seal ends a file that was written: its contents are durable unless err says that writing failed, and it is closed.
// The first error counts.
func Seal(f File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// Replace gives a sealed file the name of another in its folder, durably.
func Replace(fs FS, from, to string) error {
	if err := fs.Rename(from, to); err != nil {
		return err
	}
	return fs.SyncDir(path.Dir(to))
}

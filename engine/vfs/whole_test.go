package vfs_test

import (
	"errors"
	"io/fs"
	"testing"

	"pysparkcompat/engine/vfs"
)

// TestReplaceIsWholeOrNotAtAll fails each operation of a replacement in turn: the file is the old one or the new one.
func TestReplaceIsWholeOrNotAtAll(t *testing.T) {
	for at := 1; ; at++ {
		base := vfs.NewMemory()
		put(t, base, "/x", "old", true)
		f := &vfs.Faulty{Base: base, FailAt: at, Torn: true}
		err := vfs.WriteFile(f, "/x.part", []byte("newer"), false)
		if err == nil {
			err = vfs.Replace(f, "/x.part", "/x")
		}
		got, read := vfs.ReadFile(base, "/x")
		if read != nil || string(got) != "old" && string(got) != "newer" || err == nil && string(got) != "newer" {
			t.Errorf("operation %d: %q (%v, %v)", at, got, read, err)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, vfs.ErrInjected) {
			t.Errorf("operation %d: %v", at, err)
		}
	}
	if _, err := vfs.ReadFile(vfs.NewMemory(), "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

package dstream_test

import (
	"bytes"
	"errors"
	"testing"

	"pysparkcompat/engine/dstream"
	"pysparkcompat/engine/vfs"
)

func TestBlocksBeyondTheLimitAreFiles(t *testing.T) {
	fs := vfs.NewMemory()
	b := dstream.NewBlocks(fs, "/local/received", 10)
	data := map[int64][]byte{1: []byte("123456"), 2: []byte("123456"), 3: []byte("1234")}
	for id := int64(1); id <= 3; id++ {
		if err := b.Put(id, data[id]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fs.Stat("/local/received/2"); err != nil {
		t.Error(err)
	}
	for id, want := range data {
		if got, err := b.Get(id); err != nil || !bytes.Equal(got, want) {
			t.Errorf("block %d: %q, %v", id, got, err)
		}
	}
	b.Drop([]int64{1, 2, 9})
	if _, err := fs.Stat("/local/received/2"); err == nil {
		t.Error("the file stays")
	}
	if _, err := b.Get(2); err == nil {
		t.Error("a dropped block is there")
	}
	if err := b.Put(4, []byte("123456")); err != nil { // there is room again
		t.Fatal(err)
	}
	if _, err := fs.Stat("/local/received/4"); err == nil {
		t.Error("a block that fits is a file")
	}
}

func TestABlockThatCannotBeStoredFails(t *testing.T) {
	for at := 1; at <= 3; at++ {
		fs := &vfs.Faulty{Base: vfs.NewMemory(), FailAt: at}
		b := dstream.NewBlocks(fs, "/local/received", 0)
		if err := b.Put(1, []byte("x")); !errors.Is(err, vfs.ErrInjected) {
			t.Errorf("operation %d: %v", at, err)
		}
		if err := b.Put(1, []byte("x")); err != nil {
			t.Errorf("after operation %d: %v", at, err)
		}
		if got, err := b.Get(1); err != nil || string(got) != "x" {
			t.Errorf("after operation %d: %q, %v", at, got, err)
		}
	}
}

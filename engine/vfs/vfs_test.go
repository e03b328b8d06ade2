package vfs_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"pysparkcompat/engine/vfs"
)

func put(t *testing.T, f vfs.FS, path, text string, sync bool) {
	t.Helper()
	w, err := f.Create(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if sync {
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, f vfs.FS, path string) (string, bool) {
	t.Helper()
	r, err := f.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), true
}

// TestContract holds every file system to the same behaviour.
func TestContract(t *testing.T) {
	for name, f := range map[string]vfs.FS{"os": vfs.OS{}, "memory": vfs.NewMemory(), "faulty": &vfs.Faulty{Base: vfs.NewMemory()}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := f.MkdirAll(dir + "/a/b"); err != nil {
				t.Fatal(err)
			}
			put(t, f, dir+"/a/b/x", "one", true)
			if _, err := f.Create(dir+"/a/b/x", true); !errors.Is(err, fs.ErrExist) {
				t.Fatalf("exclusive create over a file: %v", err)
			}
			if err := f.Link(dir+"/a/b/x", dir+"/a/b/y"); err != nil {
				t.Fatal(err)
			}
			if err := f.Link(dir+"/a/b/x", dir+"/a/b/y"); !errors.Is(err, fs.ErrExist) {
				t.Fatalf("link over a file: %v", err)
			}
			a, err := f.Append(dir + "/a/b/x")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Write([]byte("two")); err != nil {
				t.Fatal(err)
			}
			a.Close()
			if err := f.Rename(dir+"/a/b/x", dir+"/a/z"); err != nil {
				t.Fatal(err)
			}
			if got, _ := get(t, f, dir+"/a/z"); got != "onetwo" {
				t.Fatalf("renamed file holds %q", got)
			}
			if err := f.Remove(dir + "/a"); err == nil {
				t.Fatal("a folder with files in it was removed")
			}
			entries, err := f.ReadDir(dir + "/a")
			if err != nil || len(entries) != 2 || entries[0].Name() != "b" || entries[1].Name() != "z" {
				t.Fatalf("entries %v, %v", entries, err)
			}
			if err := f.RemoveAll(dir + "/a"); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Stat(dir + "/a/z"); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("after RemoveAll: %v", err)
			}
		})
	}
}

func TestCrashKeepsOnlyWhatWasSynced(t *testing.T) {
	m := vfs.NewMemory()
	if err := m.MkdirAll("/d"); err != nil {
		t.Fatal(err)
	}
	put(t, m, "/d/kept", "kept", true)
	put(t, m, "/d/empty", "lost contents", false)
	if err := m.SyncDir("/d"); err != nil {
		t.Fatal(err)
	}
	put(t, m, "/d/unnamed", "synced, name not", true)
	if err := m.Rename("/d/kept", "/d/moved"); err != nil {
		t.Fatal(err)
	}
	open, err := m.Append("/d/moved")
	if err != nil {
		t.Fatal(err)
	}
	m.Crash()
	if _, err := open.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Fatalf("a file opened before the crash still writes: %v", err)
	}
	for path, want := range map[string]string{"/d/kept": "kept", "/d/empty": ""} {
		if got, ok := get(t, m, path); !ok || got != want {
			t.Errorf("%s holds %q (%v), want %q", path, got, ok, want)
		}
	}
	for _, path := range []string{"/d/unnamed", "/d/moved"} {
		if _, ok := get(t, m, path); ok {
			t.Errorf("%s survived without its folder's sync", path)
		}
	}
}

func TestFaultyFailsEachInTurn(t *testing.T) {
	work := func(f vfs.FS) error {
		w, err := f.Create("/x", true)
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte("abcd")); err != nil {
			return err
		}
		if err := w.Sync(); err != nil {
			return err
		}
		return f.SyncDir("/")
	}
	for at := 1; at <= 4; at++ {
		f := &vfs.Faulty{Base: vfs.NewMemory(), FailAt: at, Torn: true}
		if err := work(f); !errors.Is(err, vfs.ErrInjected) {
			t.Errorf("operation %d: %v (%v)", at, err, f.Operations())
		}
		if at == 2 {
			if got, _ := get(t, f.Base, "/x"); got != "ab" {
				t.Errorf("torn write left %q", got)
			}
		}
	}
	f := &vfs.Faulty{Base: vfs.NewMemory(), FailAt: 5}
	if err := work(f); err != nil || f.Count() != 4 {
		t.Errorf("no fault expected: %v after %d", err, f.Count())
	}
}

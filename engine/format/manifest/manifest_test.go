package manifest_test

import (
	"context"
	"strings"
	"testing"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/vfs"
)

func TestEntryIsSparks(t *testing.T) {
	got, err := manifest.Line(manifest.Added("/tmp/out/part-0 &x.parquet", 669, 1795676602849))
	want := `{"path":"file:///tmp/out/part-0%20&x.parquet","size":669,"isDir":false,"modificationTime":1795676602849,"blockReplication":1,"blockSize":33554432,"action":"add"}`
	if err != nil || string(got) != want {
		t.Fatalf("%s %v", got, err)
	}
}

func TestURIs(t *testing.T) {
	for p, u := range map[string]string{
		"/a b/c%d.json": "file:///a%20b/c%25d.json", "/dt=2024-01-01/日本": "file:///dt=2024-01-01/日本", "/[x]{y}#?": "file:///%5Bx%5D%7By%7D%23%3F",
	} {
		if got := manifest.URI(p); got != u {
			t.Errorf("%s: %s", p, got)
		}
		if got := manifest.Path(u); got != p {
			t.Errorf("%s: %s", u, got)
		}
	}
	if got := manifest.Path("file:/a/50%.txt"); got != "/a/50%.txt" {
		t.Error(got)
	}
}

func TestCommitted(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	if _, ok, err := manifest.Committed(m, "/out", clock.Real{}); ok || err != nil {
		t.Fatal(ok, err)
	}
	log, err := manifest.Open(m, "/out", metalog.Compaction{Interval: 2}, clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	deleted := manifest.Added("/out/b", 1, 1)
	deleted.Action = "delete"
	for id, entries := range [][]manifest.Entry{{manifest.Added("/out/a", 1, 1)}, {manifest.Added("/out/b", 1, 1)}, {deleted, manifest.Added("/out/c", 1, 1)}} {
		if added, err := log.Add(context.Background(), int64(id), entries); !added || err != nil {
			t.Fatal(added, err)
		}
	}
	entries, ok, err := manifest.Committed(m, "/out", clock.Real{})
	if err != nil || !ok || len(entries) != 2 || manifest.Path(entries[1].Path) != "/out/c" {
		t.Fatal(entries, ok, err)
	}
	for _, line := range []string{"null", "{}"} {
		if err := vfs.WriteFile(m, "/out/_spark_metadata/2", []byte("v1\n"+line), false); err != nil {
			t.Fatal(err)
		}
		if entries, _, err := manifest.Committed(m, "/out", clock.Real{}); err == nil || !strings.Contains(err.Error(), "names no path") {
			t.Errorf("%s: %v %v", line, entries, err)
		}
	}
}

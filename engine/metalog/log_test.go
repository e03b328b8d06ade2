package metalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/vfs"
)

func open(t *testing.T, f vfs.FS) *metalog.Log {
	t.Helper()
	l, err := metalog.Open(f, "/c/offsets", 1)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func text(t *testing.T, f vfs.FS, name string) string {
	t.Helper()
	r, err := f.Open(name)
	if err != nil {
		return "absent"
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAddIsExclusiveAndInSparksForm(t *testing.T) {
	m := vfs.NewMemory()
	l := open(t, m)
	for i, want := range []bool{true, false} {
		added, err := l.Add(0, []byte(fmt.Sprintf(`{"n":%d}`, i)))
		if err != nil || added != want {
			t.Fatalf("Add %d: %v, %v", i, added, err)
		}
	}
	if got := text(t, m, "/c/offsets/0"); got != "v1\n{\"n\":0}" {
		t.Fatalf("entry holds %q", got)
	}
	entries, _ := m.ReadDir("/c/offsets")
	if len(entries) != 1 {
		t.Fatalf("left behind: %v", entries)
	}
}

func TestRealFileSystem(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	// A checksum of an entry that is gone must go too.
	if err := os.WriteFile(dir+"/.7.crc", []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := metalog.Open(vfs.OS{}, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	if added, err := l.Add(7, []byte("x")); err != nil || !added {
		t.Fatalf("%v %v", added, err)
	}
	id, body, ok, err := l.Latest()
	if err != nil || !ok || id != 7 || string(body) != "x" {
		t.Fatalf("%d %q %v %v", id, body, ok, err)
	}
	if _, err := os.Stat(dir + "/.7.crc"); !os.IsNotExist(err) {
		t.Fatal("the stale checksum stayed")
	}
}

func TestTornAndForeignEntries(t *testing.T) {
	for _, c := range []struct{ content, condition, text string }{
		{"", "", "Incomplete log file"},
		{"xyz", "MALFORMED_LOG_FILE", "xyz"},
		{"v0\n{}", "MALFORMED_LOG_FILE", "v0"},
		{"v9\n{}", "", "v9"},
	} {
		m := vfs.NewMemory()
		l := open(t, m)
		w, _ := m.Create("/c/offsets/3", true)
		w.Write([]byte(c.content))
		_, _, _, err := l.Latest()
		e := errs.As(err)
		if e == nil || e.Condition() != c.condition || !strings.Contains(e.Error(), c.text) || !strings.Contains(e.Error(), "/c/offsets/3") {
			t.Errorf("%q gives %v", c.content, err)
		}
	}
}

func TestPurge(t *testing.T) {
	m := vfs.NewMemory()
	l := open(t, m)
	for id := int64(0); id < 8; id++ {
		if _, err := l.Add(id, nil); err != nil {
			t.Fatal(err)
		}
	}
	m.Create("/c/offsets/.2.crc", true)
	m.Create("/c/offsets/.5.dead.tmp", true)
	m.Create("/c/offsets/.8.alive.tmp", true)
	for _, threshold := range []int64{3, 5} {
		if err := l.Purge(threshold); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	entries, _ := m.ReadDir("/c/offsets")
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != ".8.alive.tmp 5 6 7" {
		t.Fatal(got)
	}
}

// TestEveryFaultLeavesWholeEntries fails each operation in turn, then crashes: what Add said is durable is there, and
// nothing is ever torn.
func TestEveryFaultLeavesWholeEntries(t *testing.T) {
	for at := 1; ; at++ {
		m := vfs.NewMemory()
		f := &vfs.Faulty{Base: m, FailAt: at, Torn: true}
		said := map[int64]bool{}
		l, err := metalog.Open(f, "/c/offsets", 1)
		for id := int64(0); err == nil && id < 2; id++ {
			if said[id], err = l.Add(id, []byte("body")); err != nil {
				said[id] = false
			}
		}
		if err == nil && f.Count() < at {
			return
		}
		m.Crash()
		l = open(t, m)
		for id := int64(0); id < 2; id++ {
			body, ok, err := l.Get(id)
			if err != nil || ok && string(body) != "body" {
				t.Fatalf("fault %d (%v): entry %d is %q, %v", at, f.Operations(), id, body, err)
			}
			if said[id] && !ok {
				t.Fatalf("fault %d (%v): entry %d is lost", at, f.Operations(), id)
			}
			if _, err := l.Add(id, []byte("body")); err != nil {
				t.Fatalf("fault %d: not usable again: %v", at, err)
			}
		}
	}
}

type line struct {
	Path  string `json:"path"`
	Batch int64  `json:"batchId"`
}

func compacted(t *testing.T, f vfs.FS, set metalog.Compaction, c clock.Clock) *metalog.Compacted[line] {
	t.Helper()
	l, err := openCompacted(f, set, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func openCompacted(f vfs.FS, set metalog.Compaction, c clock.Clock) (*metalog.Compacted[line], error) {
	return metalog.OpenCompacted(f, "/log", set, c, func(l line) ([]byte, error) { return json.Marshal(l) },
		func(b []byte) (l line, err error) { err = json.Unmarshal(b, &l); return })
}

var standard = metalog.Compaction{Interval: 10, Delete: true, MinBatches: 10, CleanupDelay: time.Minute}

func fill(t *testing.T, l *metalog.Compacted[line], from, to int64, ahead bool) {
	t.Helper()
	for id := from; id < to; id++ {
		if ahead {
			if err := l.Prepare(context.Background(), id); err != nil {
				t.Fatal(err)
			}
		}
		if added, err := l.Add(context.Background(), id, []line{{fmt.Sprintf("f%d", id), id}}); err != nil || !added {
			t.Fatalf("Add %d: %v %v", id, added, err)
		}
	}
}

func TestCompactionInSparksForm(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		m := vfs.NewMemory()
		l := compacted(t, m, standard, clock.Real{})
		fill(t, l, 0, 25, ahead)
		if got := text(t, m, "/log/10"); got != "v1\n{\"path\":\"f10\",\"batchId\":10}" {
			t.Fatalf("10: %q", got)
		}
		want := "v1"
		for i := range 20 {
			want += fmt.Sprintf("\n{\"path\":\"f%d\",\"batchId\":%d}", i, i)
		}
		if got := text(t, m, "/log/19.compact"); got != want {
			t.Fatalf("19.compact: %q", got)
		}
		if text(t, m, "/log/9") != "absent" || text(t, m, "/log/19") != "absent" {
			t.Fatal("a compacted entry has a plain one beside it")
		}
		all, err := l.All()
		if err != nil || len(all) != 25 || all[24].Path != "f24" {
			t.Fatalf("%d entries, %v", len(all), err)
		}
		if added, err := l.Add(context.Background(), 19, nil); added || err != nil {
			t.Fatalf("a taken compaction: %v %v", added, err)
		}
		if id, ok, err := l.Latest(); id != 24 || !ok || err != nil {
			t.Fatalf("%d %v %v", id, ok, err)
		}
	}
}

func TestEmptyEntry(t *testing.T) {
	m := vfs.NewMemory()
	l := compacted(t, m, standard, clock.Real{})
	if _, err := l.Add(context.Background(), 0, nil); err != nil {
		t.Fatal(err)
	}
	if got := text(t, m, "/log/0"); got != "v1" {
		t.Fatalf("%q", got)
	}
	if all, err := l.All(); err != nil || len(all) != 0 {
		t.Fatalf("%v %v", all, err)
	}
}

func TestIntervalFollowsWhatIsThere(t *testing.T) {
	for _, c := range []struct {
		setting int
		there   []string
		want    int
	}{
		{10, nil, 10}, {10, []string{"4.compact"}, 5}, {5, []string{"9.compact", "19.compact"}, 10},
		{3, []string{"9.compact"}, 5}, {10, []string{"16.compact"}, 17}, {4, []string{"9.compact", "10"}, 5},
	} {
		m := vfs.NewMemory()
		m.MkdirAll("/log")
		for _, name := range c.there {
			m.Create("/log/"+name, true)
		}
		set := standard
		set.Interval = c.setting
		if got := compacted(t, m, set, clock.Real{}).Interval(); got != c.want {
			t.Errorf("setting %d over %v: %d, want %d", c.setting, c.there, got, c.want)
		}
	}
}

func TestExpireKeepsWhatRestartsNeed(t *testing.T) {
	m := vfs.NewMemory()
	now := clock.NewManual(time.Unix(1_700_000_000, 0))
	l := compacted(t, m, standard, now)
	fill(t, l, 0, 35, true)
	if err := l.Expire(34); err != nil {
		t.Fatal(err)
	}
	if text(t, m, "/log/0") == "absent" {
		t.Fatal("removed before its time")
	}
	now.Advance(time.Hour)
	if err := l.Expire(34); err != nil {
		t.Fatal(err)
	}
	// 35 entries, 10 to keep: the last compaction at or before entry 24 is 19.
	for name, there := range map[string]bool{"9.compact": false, "18": false, "19.compact": true, "20": true, "34": true} {
		if got := text(t, m, "/log/"+name) != "absent"; got != there {
			t.Errorf("%s there: %v, want %v", name, got, there)
		}
	}
	if all, err := l.All(); err != nil || len(all) != 35 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
}

func TestGapAndTornLine(t *testing.T) {
	m := vfs.NewMemory()
	l := compacted(t, m, standard, clock.Real{})
	fill(t, l, 0, 12, false)
	m.Remove("/log/9.compact")
	if _, err := l.All(); err == nil || !strings.Contains(err.Error(), "/log/9.compact doesn't exist (latestId: 11, compactInterval: 10)") {
		t.Fatal(err)
	}
	w, _ := m.Create("/log/9.compact", true)
	w.Write([]byte("v1\n{\"pa"))
	if _, err := l.All(); err == nil || !strings.Contains(err.Error(), "9.compact cannot be read: line 2") {
		t.Fatal(err)
	}
}

func TestCompactedSurvivesEveryFault(t *testing.T) {
	for at := 1; ; at++ {
		m := vfs.NewMemory()
		f := &vfs.Faulty{Base: m, FailAt: at, Torn: true}
		set := standard
		set.Interval = 3
		said := int64(-1)
		l, err := openCompacted(f, set, clock.Real{})
		for id := int64(0); err == nil && id < 7; id++ {
			if id%2 == 0 {
				if err = l.Prepare(context.Background(), id); err != nil {
					break
				}
			}
			var added bool
			if added, err = l.Add(context.Background(), id, []line{{"f", id}}); err == nil && added {
				said = id
			}
		}
		if err == nil && f.Count() < at {
			return
		}
		if err != nil && !errors.Is(err, vfs.ErrInjected) {
			t.Fatal(err)
		}
		m.Crash()
		l = compacted(t, m, set, clock.Real{})
		all, err := l.All()
		if err != nil {
			t.Fatalf("fault %d (%v): %v", at, f.Operations(), err)
		}
		latest, _, _ := l.Latest()
		if latest < said || len(all) != int(latest)+1 {
			t.Fatalf("fault %d: said %d, latest %d, %d entries", at, said, latest, len(all))
		}
		fill(t, l, latest+1, 8, false)
	}
}

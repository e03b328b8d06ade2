package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/vfs"
)

// feed is a file system with a folder /in that files are put into, and a clock that tests own.
type feed struct {
	t     testing.TB
	fs    vfs.FS
	clock *clock.Manual
	e     *source.Env
}

func newFeed(t testing.TB, f vfs.FS, options ...string) *feed {
	c, err := conf.New(map[string]string{"spark.sql.streaming.fileSource.log.compactInterval": "3", "spark.sql.streaming.minBatchesToRetain": "2"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := clock.NewManual(time.Unix(1_700_000_000, 0))
	e := &source.Env{FS: f, Clock: now, Mem: memory.DefaultAllocator, Conf: c, Zone: time.UTC, Parallelism: 2,
		Options: map[string]string{}, Schema: ddl(t, "v int"), Paths: []string{"/in"}}
	for i := 0; i+1 < len(options); i += 2 {
		e.Options[options[i]] = options[i+1]
	}
	return &feed{t, f, now, e}
}

func put(t testing.TB, f vfs.FS, name, text string) {
	t.Helper()
	if err := f.MkdirAll(vfs.Parent(name)); err != nil {
		t.Fatal(err)
	}
	w, err := f.Create(name, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	w.Sync()
	w.Close()
	f.SyncDir(vfs.Parent(name))
}

func (f *feed) start() (source.Stream, error) {
	d, err := source.OpenStream(context.Background(), "json", f.e)
	if err != nil {
		return nil, err
	}
	return d.Start(context.Background(), "/ck/sources/0")
}

func (f *feed) mustStart() source.Stream {
	f.t.Helper()
	s, err := f.start()
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// epoch asks for what comes after start and gives where it ends and its rows; no rows when there is nothing new.
func epochOf(s source.Stream, start source.Offset, limit source.Limit, t testing.TB) (source.Offset, string, error) {
	ctx := context.Background()
	end, err := s.Latest(ctx, start, limit)
	if err != nil || string(end) == string(start) {
		return start, "", err
	}
	rows, err := read(s, start, end, t)
	return end, rows, err
}

func read(s source.Stream, start, end source.Offset, t testing.TB) (string, error) {
	splits, err := s.Splits(context.Background(), start, end)
	if err != nil {
		return "", err
	}
	rows, err := rowsOf(t, splits, source.Pushdown{})
	return strings.Join(rows, " "), err
}

func fileText(t testing.TB, f vfs.FS, name string) string {
	t.Helper()
	r, err := f.Open(name)
	if err != nil {
		return "absent"
	}
	defer r.Close()
	b := make([]byte, 1<<16)
	n, _ := r.ReadAt(b, 0)
	return string(b[:n])
}

func TestFileStreamTakesFilesInOrder(t *testing.T) {
	for _, c := range []struct {
		options []string
		want    string
	}{
		{nil, "0 1 2 3"}, {[]string{"maxFilesPerTrigger", "1"}, "0|1|2|3"}, {[]string{"maxFilesPerTrigger", "3"}, "0 1 2|3"},
		{[]string{"maxBytesPerTrigger", "17"}, "0 1|2 3"}, {[]string{"maxBytesPerTrigger", "1"}, "0|1|2|3"},
		{[]string{"latestFirst", "true", "maxFilesPerTrigger", "2"}, "3 2|1 0"},
	} {
		m := vfs.NewMemory()
		for i := range 4 { // names in another order than times
			put(t, m, fmt.Sprintf("/in/%d.json", 9-i), fmt.Sprintf("{\"v\":%d}\n", i))
		}
		f := newFeed(t, m, c.options...)
		s := f.mustStart()
		var got []string
		var at source.Offset
		for {
			end, rows, err := epochOf(s, at, source.Limit{}, t)
			if err != nil {
				t.Fatal(err)
			}
			if string(end) == string(at) {
				break
			}
			got, at = append(got, rows), end
		}
		if text := strings.Join(got, "|"); text != c.want {
			t.Errorf("%v: %s, want %s", c.options, text, c.want)
		}
		if s.Describe() != "FileStreamSource[file:/in]" || !s.Replayable() || s.LatestForProgress() != nil {
			t.Error(s.Describe())
		}
		s.Close()
	}
}

func TestFileStreamLogIsSparks(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/a b.json", one)
	f := newFeed(t, m, "maxFilesPerTrigger", "1")
	s := f.mustStart()
	defer s.Close()
	var at source.Offset
	for i := range 4 {
		end, _, err := epochOf(s, at, source.Limit{}, t)
		if err != nil || string(end) != fmt.Sprintf(`{"logOffset":%d}`, i) {
			t.Fatal(string(end), err)
		}
		if err := s.Commit(context.Background(), end); err != nil {
			t.Fatal(err)
		}
		at = end
		put(t, m, fmt.Sprintf("/in/%d.json", i), one)
	}
	info, _ := m.Stat("/in/a b.json")
	want := fmt.Sprintf("v1\n{\"path\":\"file:///in/a%%20b.json\",\"timestamp\":%d,\"batchId\":0}", info.ModTime().UnixMilli())
	if got := fileText(t, m, "/ck/sources/0/0"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := fileText(t, m, "/ck/sources/0/2.compact"); strings.Count(got, "\n") != 3 || !strings.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
	// Entries that a compaction holds can be read for ever.
	if rows, err := read(s, source.Offset(`{"logOffset":0}`), source.Offset(`{"logOffset":1}`), t); err != nil || rows != "1" {
		t.Error(rows, err)
	}
}

func TestFilesAreReadOnce(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/a.json", one)
	f := newFeed(t, m)
	s := f.mustStart()
	at, rows, _ := epochOf(s, nil, source.Limit{}, t)
	if rows != "1" {
		t.Fatal(rows)
	}
	put(t, m, "/in/a.json", "{\"v\":1}\n{\"v\":2}\n") // changed after it was read
	if _, rows, _ := epochOf(s, at, source.Limit{}, t); rows != "" {
		t.Fatal("a changed file was read again:", rows)
	}
	s.Close()
	s = f.mustStart() // what was seen is in the log
	defer s.Close()
	put(t, m, "/in/b.json", "{\"v\":3}\n")
	if _, rows, err := epochOf(s, at, source.Limit{}, t); rows != "3" || err != nil {
		t.Fatal(rows, err)
	}
}

func TestALogThatLostItsLastEntryIsRefused(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/a.json", one)
	f := newFeed(t, m)
	s := f.mustStart()
	at, _, _ := epochOf(s, nil, source.Limit{}, t)
	put(t, m, "/in/b.json", "{\"v\":2}\n")
	at, _, _ = epochOf(s, at, source.Limit{}, t)
	s.Close()
	m.Remove("/ck/sources/0/1")
	put(t, m, "/in/c.json", "{\"v\":3}\n")
	s = f.mustStart()
	defer s.Close()
	if end, err := s.Latest(context.Background(), at, source.Limit{}); err == nil || !strings.Contains(err.Error(), "batch 1 doesn't exist") {
		t.Fatalf("%s %v", end, err)
	}
	for _, line := range []string{"null", "{}", `{"path":""}`} {
		put(t, m, "/ck/sources/0/1", "v1\n"+line)
		if s, err := f.start(); err == nil || !strings.Contains(err.Error(), "it names no path") {
			t.Errorf("%s: %v %v", line, s, err)
		}
	}
}

func TestFileNameOnlyAndAge(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/x/a.json", one)
	f := newFeed(t, m, "fileNameOnly", "true", "recursiveFileLookup", "true")
	s := f.mustStart()
	at, _, _ := epochOf(s, nil, source.Limit{}, t)
	put(t, m, "/in/y/a.json", one)
	if _, rows, _ := epochOf(s, at, source.Limit{}, t); rows != "" {
		t.Fatal(rows)
	}
	s.Close()
	dir := t.TempDir()
	write(t, dir, map[string]string{"new.json": one, "old.json": "{\"v\":2}\n"})
	now := time.Unix(1_700_000_000, 0)
	os.Chtimes(dir+"/new.json", now, now)
	os.Chtimes(dir+"/old.json", now, now.Add(-time.Hour))
	f = newFeed(t, vfs.OS{}, "maxFileAge", "10m", "maxFilesPerTrigger", "1", "latestFirst", "false")
	f.e.Paths = []string{dir}
	d, err := source.OpenStream(context.Background(), "json", f.e)
	if err != nil {
		t.Fatal(err)
	}
	s, err = d.Start(context.Background(), dir+"/../ck")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at, first, _ := epochOf(s, nil, source.Limit{Ignore: true}, t)
	if first != "2 1" { // nothing was seen yet that would make a file old
		t.Fatal(first)
	}
	write(t, dir, map[string]string{"older.json": "{\"v\":3}\n"})
	os.Chtimes(dir+"/older.json", now, now.Add(-time.Hour))
	if _, rows, _ := epochOf(s, at, source.Limit{}, t); rows != "" {
		t.Fatal("a file older than maxFileAge was read:", rows)
	}
}

func TestAvailableNowFreezesTheList(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/a.json", one)
	put(t, m, "/in/b.json", "{\"v\":2}\n")
	f := newFeed(t, m, "maxFilesPerTrigger", "1")
	s := f.mustStart()
	defer s.Close()
	if err := s.Prepare(context.Background()); err != nil {
		t.Fatal(err)
	}
	var at source.Offset
	var got []string
	for range 4 {
		end, rows, err := epochOf(s, at, source.Limit{AllAvailable: true}, t)
		if err != nil {
			t.Fatal(err)
		}
		if rows != "" {
			got = append(got, rows)
		}
		at = end
		put(t, m, fmt.Sprintf("/in/late%d.json", len(got)), one)
	}
	if text := strings.Join(got, "|"); text != "1|2" {
		t.Fatal(text)
	}
}

func TestReadySignalsNewFiles(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/in")
	f := newFeed(t, m)
	s := f.mustStart()
	defer s.Close()
	at, _, err := epochOf(s, nil, source.Limit{}, t)
	if err != nil {
		t.Fatal(err)
	}
	f.clock.Waiters(1)
	f.clock.Advance(time.Second) // a look at an empty folder
	f.clock.Waiters(1)
	select {
	case <-s.Ready():
		t.Fatal("signalled without a file")
	default:
	}
	put(t, m, "/in/a.json", one)
	f.clock.Advance(time.Second)
	<-s.Ready()
	if _, rows, _ := epochOf(s, at, source.Limit{}, t); rows != "1" {
		t.Fatal(rows)
	}
}

func TestStreamOfASinksFolderSeesCommittedFiles(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/part-0.json", one)
	put(t, m, "/in/stray.json", "{\"v\":9}\n")
	put(t, m, "/in/_spark_metadata/0", "v1\n{\"path\":\"file:///in/part-0.json\",\"size\":8,\"isDir\":false,\"modificationTime\":1,\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\"}")
	f := newFeed(t, m)
	s := f.mustStart()
	defer s.Close()
	if _, rows, err := epochOf(s, nil, source.Limit{}, t); rows != "1" || err != nil {
		t.Fatal(rows, err)
	}
}

// TestStreamPartitions is the case F3 and F2: what PySpark reads of folders.
func TestStreamPartitions(t *testing.T) {
	for _, c := range []struct {
		files  []string
		schema string
		want   string
	}{
		{[]string{"a.json", "x/b.json", "_h/c.json", ".k/d.json"}, "v int", "<v:int> 1"},
		{[]string{"dt=2024-01-02/h=07/a.json"}, "v int, h int", "<v:int,dt:date,h:int> 1,2024-01-02,7"},
		{[]string{"dt=2024-01-02/h=07/a.json"}, "v int", "<v:int,dt:date,h:int> 1,2024-01-02,7"},
		{[]string{"dt=2024-01-02/h=07/a.json", "b.json"}, "v int", "<v:int,dt:date,h:int> 1,2024-01-02,7"},
		{[]string{"a=1/b.json"}, "v int, a string", "<v:int,a:string> 1,1"},
	} {
		m := vfs.NewMemory()
		for _, name := range c.files {
			put(t, m, "/in/"+name, one)
		}
		f := newFeed(t, m)
		f.e.Schema = ddl(t, c.schema)
		s := f.mustStart()
		_, rows, err := epochOf(s, nil, source.Limit{}, t)
		if got := s.Schema().String()[6:] + " " + rows; err != nil || got != c.want {
			t.Errorf("%v: %s, want %s (%v)", c.files, got, c.want, err)
		}
		s.Close()
	}
	m := vfs.NewMemory()
	put(t, m, "/in/h=1/a.json", one)
	f := newFeed(t, m)
	s := f.mustStart()
	defer s.Close()
	at, _, _ := epochOf(s, nil, source.Limit{}, t)
	put(t, m, "/in/h=abc/a.json", one)
	if _, _, err := epochOf(s, at, source.Limit{}, t); errs.As(err) == nil || errs.As(err).Name != "INVALID_PARTITION_VALUE" {
		t.Error(err)
	}
}

func TestFileStreamRefuses(t *testing.T) {
	option := func(text string) string { return errs.Unnamed + text }
	for _, c := range []struct {
		options   []string
		condition string
	}{
		{[]string{"maxFilesPerTrigger", "0"}, option("OPTION")}, {[]string{"maxFilesPerTrigger", "x"}, option("OPTION")},
		{[]string{"maxBytesPerTrigger", "1k"}, option("OPTION")}, {[]string{"latestFirst", "x"}, option("OPTION")},
		{[]string{"maxFileAge", "x"}, option("OPTION_TIME")}, {[]string{"maxFilesPerTrigger", "1", "maxBytesPerTrigger", "1"}, option("OPTION_TEXT")},
		{[]string{"cleanSource", "nope"}, option("OPTION")}, {[]string{"cleanSource", "archive"}, option("OPTION_TEXT")},
		{[]string{"cleanSource", "archive", "sourceArchiveDir", "/in/x"}, option("REQUIREMENT")}, {[]string{"cleanSource", "DELETE"}, ""},
		{[]string{"maxFileAge", "-1"}, option("OPTION")}, {[]string{"maxCachedFiles", "x"}, option("OPTION")}, {[]string{"discardCachedInputRatio", "2"}, option("OPTION")},
		{[]string{"cleanSource", "off"}, ""}, {[]string{"foo", "x"}, ""},
	} {
		m := vfs.NewMemory()
		m.MkdirAll("/in")
		s, err := newFeed(t, m, c.options...).start()
		got := ""
		if e := errs.As(err); e != nil {
			got = e.Name
		}
		if got != c.condition {
			t.Errorf("%v: %v", c.options, err)
		}
		if s != nil {
			s.Close()
		}
	}
	f := newFeed(t, vfs.NewMemory())
	if _, err := f.start(); errs.As(err) == nil || errs.As(err).Name != "PATH_NOT_FOUND" || errs.As(err).Params["path"] != "/in" {
		t.Error(err)
	}
	f.e.Paths = nil
	if _, err := f.start(); errs.As(err) == nil || errs.As(err).Name != "_LEGACY_ERROR_TEMP_2047" {
		t.Error(err)
	}
	f.e.Paths, f.e.Schema = []string{"/in"}, nil
	if _, err := f.start(); errs.As(err) == nil || errs.As(err).Name != "_LEGACY_ERROR_TEMP_2048" {
		t.Error(err)
	}
}

func TestConcurrentRunOnOneLog(t *testing.T) {
	m := vfs.NewMemory()
	put(t, m, "/in/a.json", one)
	f := newFeed(t, m)
	a, b := f.mustStart(), f.mustStart()
	defer a.Close()
	defer b.Close()
	if _, _, err := epochOf(a, nil, source.Limit{}, t); err != nil {
		t.Fatal(err)
	}
	if _, _, err := epochOf(b, nil, source.Limit{}, t); errs.As(err) == nil || errs.As(err).Name != "CONCURRENT_STREAM_LOG_UPDATE" {
		t.Fatal(err)
	}
}

// TestFileStreamSurvivesEveryFault fails each operation in turn and crashes; a query that goes on from the offsets it
// had written down reads every row once, and every logged range again gives the same rows.
func TestFileStreamSurvivesEveryFault(t *testing.T) {
	const files = 5
	var want []string
	for i := range files {
		want = append(want, fmt.Sprint(i))
	}
	for at := 1; ; at++ {
		m := vfs.NewMemory()
		for i := range files {
			put(t, m, fmt.Sprintf("/in/%d.json", i), fmt.Sprintf("{\"v\":%d}\n", i))
		}
		m.SyncDir("/")
		faulty := &vfs.Faulty{Base: m, FailAt: at, Torn: true}
		var ends []source.Offset // the query's offset log
		var rows []string
		consume := func(fs vfs.FS, stopAt int) error {
			f := newFeed(t, fs, "maxFilesPerTrigger", "1")
			s, err := f.start()
			if err != nil {
				return err
			}
			defer s.Close()
			for len(ends) < stopAt {
				var start source.Offset
				if n := len(ends); n > 0 {
					start = ends[n-1]
				}
				end, err := s.Latest(context.Background(), start, source.Limit{})
				if err != nil {
					return err
				}
				if string(end) == string(start) {
					return nil
				}
				ends = append(ends, end)
				got, err := read(s, start, end, t)
				if err != nil {
					ends = ends[:len(ends)-1] // the epoch was not committed and will be run again
					return err
				}
				rows = append(rows, got)
				if err := s.Commit(context.Background(), end); err != nil {
					return err
				}
			}
			return nil
		}
		err := consume(faulty, files)
		if err == nil && faulty.Count() < at {
			if len(rows) != files {
				t.Fatal(rows)
			}
			return
		}
		var e *errs.Error
		if err != nil && !errors.Is(err, vfs.ErrInjected) && !errors.As(err, &e) {
			t.Fatalf("fault %d: %v", at, err)
		}
		m.Crash()
		if err := consume(m, files+1); err != nil {
			t.Fatalf("fault %d (%s): %v", at, faulty.Operations()[at-1], err)
		}
		got := strings.Fields(strings.Join(rows, " "))
		sort.Strings(got)
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("fault %d (%s): rows %v", at, faulty.Operations()[at-1], got)
		}
	}
}

func TestFilesThatWereReadAreCleanedAnEpochBehind(t *testing.T) {
	for _, c := range []struct {
		options     []string
		left, moved string
	}{
		{[]string{"cleanSource", "delete"}, "2.json", ""},
		{[]string{"cleanSource", "archive", "sourceArchiveDir", "/arch"}, "2.json", "0.json 1.json"},
		{[]string{"cleanSource", "off"}, "0.json 1.json 2.json", ""},
	} {
		m := vfs.NewMemory()
		m.MkdirAll("/in")
		f := newFeed(t, m, c.options...)
		s := f.mustStart()
		var at source.Offset
		for i := range 3 {
			put(t, m, fmt.Sprintf("/in/%d.json", i), fmt.Sprintf(`{"v":%d}`, i)+"\n")
			if i == 2 { // a restart: the files of the epoch before are cleaned all the same
				s.Close()
				s = f.mustStart()
			}
			end, rows, err := epochOf(s, at, source.Limit{}, t)
			if err != nil || rows != fmt.Sprint(i) {
				t.Fatal(i, rows, err)
			}
			for range 2 { // an epoch without data commits the same offset
				if err := s.Commit(context.Background(), end); err != nil {
					t.Fatal(err)
				}
			}
			at = end
		}
		s.Close()
		if got := listed(m, "/in"); got != c.left {
			t.Errorf("%v leaves %s, want %s", c.options, got, c.left)
		}
		if got := listed(m, "/arch/in"); got != c.moved {
			t.Errorf("%v moves %s, want %s", c.options, got, c.moved)
		}
	}
}

func listed(f vfs.FS, dir string) string {
	entries, _ := f.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestTheOutputOfAFileSinkIsNotCleaned(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/in/_spark_metadata")
	if _, err := newFeed(t, m, "cleanSource", "delete").start(); errs.As(err) == nil || errs.As(err).Name != errs.Unnamed+"CLEAN_SINK" {
		t.Error(err)
	}
}

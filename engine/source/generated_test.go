package source_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/vfs"
)

func openStream(t testing.TB, format string, f *feed) (source.Stream, error) {
	t.Helper()
	f.e.Schema, f.e.Paths = nil, nil
	d, err := source.OpenStream(context.Background(), format, f.e)
	if err != nil {
		return nil, err
	}
	return d.Start(context.Background(), "/ck/sources/0")
}

func TestRateCountsByTheClock(t *testing.T) {
	m := vfs.NewMemory()
	f := newFeed(t, m, "rowsPerSecond", "2", "numPartitions", "2")
	s, err := openStream(t, "rate", f)
	if err != nil {
		t.Fatal(err)
	}
	if got := fileText(t, m, "/ck/sources/0/0"); got != "v1\n1700000000000" {
		t.Fatalf("%q", got)
	}
	at, rows, err := epochOf(s, nil, source.Limit{}, t)
	if string(at) != "0" || rows != "" || err != nil {
		t.Fatalf("the first epoch: %s %q %v", at, rows, err)
	}
	f.clock.Waiters(1)
	f.clock.Advance(1500 * time.Millisecond)
	<-s.Ready()
	at, rows, _ = epochOf(s, at, source.Limit{}, t)
	if want := "2023-11-14T22:13:20Z,0 2023-11-14T22:13:20.5Z,1"; string(at) != "1" || rows != want {
		t.Fatalf("%s %q", at, rows)
	}
	if s.Describe() != "RateStreamV2[rowsPerSecond=2, rampUpTimeSeconds=0, numPartitions=2" {
		t.Error(s.Describe())
	}
	s.Close()
	// Another run goes on with the same beginning, and gives a logged range again.
	f.clock.Advance(3500 * time.Millisecond)
	s, err = openStream(t, "rate", f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if again, _ := read(s, source.Offset("0"), source.Offset("1"), t); again != rows {
		t.Errorf("replayed %q", again)
	}
	if at, rows, _ = epochOf(s, at, source.Limit{}, t); string(at) != "5" || len(strings.Fields(rows)) != 8 || !strings.Contains(rows, ",9") {
		t.Errorf("%s %q", at, rows)
	}
}

func TestRateRampsUp(t *testing.T) {
	f := newFeed(t, vfs.NewMemory(), "rowsPerSecond", "10", "rampUpTime", "4s")
	s, err := openStream(t, "rate", f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// rows due after each second: 0 2 6 12 20 30 40
	for end, want := range []int{0, 2, 4, 6, 8, 10, 10} {
		if end == 0 {
			continue
		}
		rows, err := read(s, source.Offset(fmt.Sprint(end-1)), source.Offset(fmt.Sprint(end)), t)
		if n := len(strings.Fields(rows)); err != nil || n != want {
			t.Errorf("second %d: %d rows, want %d (%v)", end, n, want, err)
		}
	}
	if _, err := read(s, source.Offset("0"), source.Offset("9000000000000000000"), t); errs.As(err) == nil {
		t.Error("rows beyond counting are given")
	}
}

// TestRateMicroBatch is the case S1.
func TestRateMicroBatch(t *testing.T) {
	f := newFeed(t, vfs.NewMemory(), "rowsPerBatch", "3", "startTimestamp", "1000", "advanceMillisPerBatch", "500", "numPartitions", "1")
	s, err := openStream(t, "rate-micro-batch", f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at, rows, _ := epochOf(s, nil, source.Limit{}, t)
	if string(at) != `{"offset":3,"timestamp":1500}` || rows != "1970-01-01T00:00:01Z,0 1970-01-01T00:00:01Z,1 1970-01-01T00:00:01Z,2" {
		t.Fatal(string(at), rows)
	}
	if at, rows, _ = epochOf(s, at, source.Limit{}, t); rows != "1970-01-01T00:00:01.5Z,3 1970-01-01T00:00:01.5Z,4 1970-01-01T00:00:01.5Z,5" {
		t.Fatal(rows)
	}
	if s.Describe() != "RatePerMicroBatchStream[rowsPerBatch=3, numPartitions=1, startTimestamp=1000, advanceMsPerBatch=500]" {
		t.Error(s.Describe())
	}
	<-s.Ready()
	// availableNow: one epoch, then nothing more (case R3).
	frozen, _ := openStream(t, "rate-micro-batch", f)
	defer frozen.Close()
	end, _ := frozen.Latest(context.Background(), nil, source.Limit{AllAvailable: true})
	if again, _ := frozen.Latest(context.Background(), end, source.Limit{AllAvailable: true}); string(again) != string(end) {
		t.Error(string(again))
	}
}

func TestGeneratorsRefuse(t *testing.T) {
	for _, c := range []struct {
		format, condition string
		options           []string
	}{
		{"rate", "OPTION_RANGE", []string{"rowsPerSecond", "0"}}, {"rate", "OPTION_NUMBER", []string{"rowsPerSecond", "x"}},
		{"rate", "OPTION_TIME", []string{"rampUpTime", "x"}}, {"rate", "OPTION_RANGE", []string{"numPartitions", "0"}},
		{"rate-micro-batch", "OPTION_RANGE", nil}, {"rate-micro-batch", "OPTION_RANGE", []string{"rowsPerBatch", "1", "startTimestamp", "-1"}},
		{"socket", "_LEGACY_ERROR_TEMP_1295", []string{"port", "1"}}, {"socket", "_LEGACY_ERROR_TEMP_1296", []string{"host", "a"}},
		{"socket", "OPTION_NUMBER", []string{"host", "a", "port", "x"}}, {"socket", "_LEGACY_ERROR_TEMP_1297", []string{"host", "a", "port", "1", "includeTimestamp", "x"}},
		{"socket", "SOCKET", []string{"host", "127.0.0.1", "port", "1"}},
	} {
		_, err := openStream(t, c.format, newFeed(t, vfs.NewMemory(), c.options...))
		if e := errs.As(err); e == nil || strings.TrimPrefix(e.Name, errs.Unnamed) != c.condition {
			t.Errorf("%s %v: %v", c.format, c.options, err)
		}
	}
	for _, format := range []string{"rate", "rate-micro-batch", "socket"} {
		f := newFeed(t, vfs.NewMemory())
		if _, err := source.OpenStream(context.Background(), format, f.e); errs.As(err) == nil || errs.As(err).Name != "_LEGACY_ERROR_TEMP_2242" {
			t.Errorf("%s takes a schema: %v", format, err)
		}
	}
}

// server sends pieces, one after each signal, and closes after the last.
func server(t *testing.T, pieces ...string) (host, port string, next chan<- struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	signal := make(chan struct{})
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for _, p := range pieces {
			<-signal
			c.Write([]byte(p))
		}
		<-signal
	}()
	t.Cleanup(func() { l.Close() })
	host, port, _ = net.SplitHostPort(l.Addr().String())
	return host, port, signal
}

// TestSocket is the case S3: packets end anywhere, CR is stripped, an empty line is a row.
func TestSocket(t *testing.T) {
	host, port, next := server(t, "hello\nwor", "ld\n\n\xc3", "\xa9\r", "\nlast")
	f := newFeed(t, vfs.NewMemory(), "host", host, "port", port, "includeTimestamp", "true")
	f.e.Clock = clock.NewManual(time.UnixMilli(1500))
	s, err := openStream(t, "socket", f)
	if err != nil {
		t.Fatal(err)
	}
	at, rows, err := epochOf(s, nil, source.Limit{}, t)
	if string(at) != "-1" || rows != "" || err != nil {
		t.Fatalf("%s %q %v", at, rows, err)
	}
	var got []string
	for _, want := range []int{1, 3, 4, 5} {
		next <- struct{}{}
		if want == 5 {
			close2(next)
		}
		for n := 0; n < want; {
			<-s.Ready()
			end, rows, err := epochOf(s, at, source.Limit{}, t)
			if err != nil {
				t.Fatal(err)
			}
			if string(end) != string(at) {
				got = append(got, rows)
				fmt.Sscan(string(end), &n)
				n++
				if string(s.LatestForProgress()) != string(end) {
					t.Error(string(s.LatestForProgress()))
				}
				if again, _ := read(s, at, end, t); again != rows {
					t.Errorf("read twice: %q and %q", rows, again)
				}
				if err := s.Commit(context.Background(), end); err != nil {
					t.Fatal(err)
				}
			}
			at = end
		}
	}
	const when = ",1970-01-01T00:00:01.5Z"
	want := strings.Join([]string{"hello", "world", "", "é", "last"}, when+" ") + when
	if text := strings.Join(got, " "); text != want {
		t.Errorf("%q, want %q", text, want)
	}
	if s.Replayable() || s.Describe() != fmt.Sprintf("TextSocketV2[host: %s, port: %s]", host, port) {
		t.Error(s.Describe())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func close2(next chan<- struct{}) { next <- struct{}{} }

// TestSocketGoesOnBehindACheckpoint: what the last run had read is gone; new lines come behind its offsets.
func TestSocketGoesOnBehindACheckpoint(t *testing.T) {
	host, port, next := server(t, "a\nb\n")
	f := newFeed(t, vfs.NewMemory(), "host", host, "port", port)
	s, err := openStream(t, "socket", f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if rows, err := read(s, source.Offset("3"), source.Offset("6"), t); rows != "" || err != nil {
		t.Fatalf("rows of another run: %q %v", rows, err)
	}
	next <- struct{}{}
	<-s.Ready()
	at, rows, err := epochOf(s, source.Offset("6"), source.Limit{}, t)
	if err != nil || string(at) != "8" || rows != "a b" {
		t.Fatalf("%s %q %v", at, rows, err)
	}
	next <- struct{}{}
}

func TestDataKeepsOrderAndFreesAll(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	f := newFeed(t, vfs.NewMemory(), "rowsPerBatch", "20000", "numPartitions", "1")
	f.e.Mem = mem
	s, _ := openStream(t, "rate-micro-batch", f)
	splits, _ := s.Splits(context.Background(), nil, source.Offset(`{"offset":20000,"timestamp":1000}`))
	r, _ := splits[0].Open(context.Background(), source.Pushdown{})
	d := &source.Data{Struct: s.Schema(), Parallelism: 3}
	for {
		b, err := r.Next(context.Background())
		if err != nil {
			break
		}
		defer b.Release()
		d.Rows = append(d.Rows, b)
	}
	parts, _ := d.Splits(context.Background())
	rows, err := rowsOf(t, parts, source.Pushdown{Columns: []int{1}})
	if err != nil || len(parts) != 3 || len(rows) != 20000 {
		t.Fatal(len(parts), len(rows), err)
	}
	for i, r := range rows {
		if r != fmt.Sprint(i) {
			t.Fatalf("row %d is %s", i, r)
		}
	}
}

package sink_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/json"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/vfs"
)

func fileEnv(t testing.TB, f vfs.FS, mem memory.Allocator, options ...string) *sink.Env {
	t.Helper()
	c, err := conf.New(map[string]string{"spark.sql.streaming.fileSink.log.compactInterval": "3"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &sink.Env{FS: f, Clock: clock.Real{}, Mem: mem, Conf: c, Zone: time.UTC, Schema: one, Mode: sink.Append, Options: map[string]string{}}
	for i := 0; i+1 < len(options); i += 2 {
		e.Options[options[i]] = options[i+1]
	}
	return e
}

// run writes an epoch by two instances and commits it.
func run(e *sink.Env, s sink.Sink, id int64, parts ...[]int64) error {
	ctx := context.Background()
	done, err := s.Begin(ctx, id)
	if err != nil || done {
		return err
	}
	for i, rows := range parts {
		w, err := s.Writer(ctx, id, i)
		if err == nil {
			err = fill(w, e.Mem, rows)
		}
		if err != nil {
			s.Abort(id)
			return err
		}
	}
	return s.Commit(ctx, id)
}

// fill writes rows, if there are any, and closes the writer.
func fill(w sink.Writer, mem memory.Allocator, rows []int64) (err error) {
	if len(rows) > 0 {
		b := numbers(mem, rows...)
		err = w.Write(context.Background(), b)
		b.Release()
	}
	if closed := w.Close(err == nil); err == nil {
		err = closed
	}
	return err
}

// committed reads what Spark's readers see: the rows of the files that the log names.
func committed(t *testing.T, f vfs.FS) []int64 {
	t.Helper()
	entries, _, err := manifest.Committed(f, "/out", clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	var out []int64
	for _, e := range entries {
		out = append(out, jsonRows(t, f, manifest.Path(e.Path), e.Size)...)
	}
	return out
}

func jsonRows(t *testing.T, f vfs.FS, name string, size int64) []int64 {
	t.Helper()
	in, err := f.Open(name)
	if err != nil {
		t.Fatalf("the log names %s: %v", name, err)
	}
	defer in.Close()
	if info, _ := in.Stat(); size >= 0 && info.Size() != size {
		t.Fatalf("%s has %d bytes, the log says %d", name, info.Size(), size)
	}
	d, err := json.NewDecoder(one, nil, map[string]string{"mode": "FAILFAST"}, nil, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	r := json.NewReader(struct{ io.Reader }{in}, d)
	defer r.Close()
	var out []int64
	for {
		b, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, values([]arrow.RecordBatch{b})...)
	}
}

func names(t *testing.T, f vfs.FS, dir string) []string {
	t.Helper()
	entries, err := f.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestFileSink(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	e := fileEnv(t, m, mem, "path", "/out")
	s, err := sink.Open(context.Background(), "json", e)
	if err != nil {
		t.Fatal(err)
	}
	for id := range int64(5) {
		if err := run(e, s, id, []int64{id}, nil, []int64{id + 10}); err != nil {
			t.Fatal(err)
		}
	}
	if s.Describe() != "FileSink[file:/out]" || !s.Idempotent() || s.RowsKnown() {
		t.Error(s.Describe())
	}
	s.Close()
	// The same epoch again, by another run of the query.
	s, _ = sink.Open(context.Background(), "json", e)
	if done, err := s.Begin(context.Background(), 4); !done || err != nil {
		t.Fatal(done, err)
	}
	if err := run(e, s, 5); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if got := committed(t, m); !same(got, []int64{0, 10, 1, 11, 2, 12, 3, 13, 4, 14}) {
		t.Fatal(got)
	}
	if got := strings.Join(names(t, m, "/out/_spark_metadata"), " "); got != "0 1 2.compact 3 4 5.compact" {
		t.Fatal(got)
	}
	for _, n := range names(t, m, "/out")[1:] {
		if !strings.HasPrefix(n, "part-0000") || !strings.HasSuffix(n, "-c000.json") {
			t.Errorf("file %s", n)
		}
	}
}

func TestFirstEpochWithoutRowsNamesAFile(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	e := fileEnv(t, m, memory.DefaultAllocator, "path", "/out")
	s, _ := sink.Open(context.Background(), "parquet", e)
	for id := range int64(2) {
		if err := run(e, s, id, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, m, "/out"); len(got) != 2 || !strings.HasSuffix(got[1], "-c000.snappy.parquet") {
		t.Fatal(got)
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	e := fileEnv(t, m, memory.DefaultAllocator, "path", "/out")
	s, _ := sink.Open(context.Background(), "json", e)
	ctx := context.Background()
	s.Begin(ctx, 0)
	first, _ := s.Writer(ctx, 0, 0)
	second, _ := s.Writer(ctx, 0, 1)
	for _, w := range []sink.Writer{first, second} {
		if err := w.Write(ctx, numbers(memory.DefaultAllocator, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(true); err != nil {
		t.Fatal(err)
	}
	if err := second.Close(false); err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(0); err != nil {
		t.Fatal(err)
	}
	if got := names(t, m, "/out"); len(got) != 1 {
		t.Fatal(got)
	}
}

// TestFileSinkSurvivesEveryFault fails each operation in turn, crashes, and lets the query go on from its last
// committed epoch as it would: every row is there once.
func TestFileSinkSurvivesEveryFault(t *testing.T) {
	const epochs = 5
	var want []int64
	for id := range int64(epochs) {
		want = append(want, id, id+10)
	}
	for at := 1; ; at++ {
		m := vfs.NewMemory()
		m.MkdirAll("/out")
		f := &vfs.Faulty{Base: m, FailAt: at, Torn: true}
		e := fileEnv(t, f, memory.DefaultAllocator, "path", "/out")
		next := int64(0) // the epoch after the last whose commit was told
		s, err := sink.Open(context.Background(), "json", e)
		for ; err == nil && next < epochs; next++ {
			if err = run(e, s, next, []int64{next}, []int64{next + 10}); err != nil {
				break
			}
			if next%2 == 0 {
				if err = s.(sink.Tidier).Tidy(context.Background()); err != nil {
					next++
					break
				}
			}
		}
		if err == nil && f.Count() < at {
			return
		}
		if err != nil && !errors.Is(err, vfs.ErrInjected) {
			t.Fatalf("fault %d: %v", at, err)
		}
		m.Crash()
		e = fileEnv(t, m, memory.DefaultAllocator, "path", "/out")
		s, err = sink.Open(context.Background(), "json", e)
		if err != nil {
			t.Fatal(err)
		}
		for id := next; id < epochs; id++ {
			if err := run(e, s, id, []int64{id}, []int64{id + 10}); err != nil {
				t.Fatalf("fault %d (%s): epoch %d: %v", at, last(f), id, err)
			}
		}
		if got := committed(t, m); !same(got, want) {
			t.Fatalf("fault %d (%s): %v", at, last(f), got)
		}
		for _, n := range names(t, m, "/out") {
			if strings.HasPrefix(n, ".uncommitted-") {
				t.Fatalf("fault %d (%s): %s stayed", at, last(f), n)
			}
		}
	}
}

func last(f *vfs.Faulty) string {
	all := f.Operations()
	return all[f.FailAt-1]
}

func TestFileSinkRefuses(t *testing.T) {
	for _, c := range []struct {
		format, condition string
		mode              sink.Mode
		options           []string
	}{
		{"parquet", "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE", sink.Update, []string{"path", "/out"}},
		{"json", "_LEGACY_ERROR_TEMP_2047", sink.Append, nil},
		{"parquet", "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", sink.Append, []string{"path", "/out", "compression", "foo"}},
		{"parquet", "_LEGACY_ERROR_UNNAMED_OPTION_TIME", sink.Append, []string{"path", "/out", "retention", "soon"}},
		{"text", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", sink.Append, []string{"path", "/out"}},
		{"orc", "NOT_IMPLEMENTED", sink.Append, nil}, {"csv", "_LEGACY_ERROR_TEMP_2047", sink.Append, nil}, {"nope", "DATA_SOURCE_NOT_FOUND", sink.Append, nil},
	} {
		e := fileEnv(t, vfs.NewMemory(), memory.DefaultAllocator, c.options...)
		e.Mode = c.mode
		_, err := sink.Open(context.Background(), c.format, e)
		if x := errs.As(err); x == nil || x.Name != c.condition {
			t.Errorf("%s %v: %v", c.format, c.options, err)
		}
	}
}

func TestRowsOfAFileAreBounded(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	e := fileEnv(t, m, memory.DefaultAllocator, "path", "/out", "maxRecordsPerFile", "2", "compression", "gzip")
	s, err := sink.Open(context.Background(), "json", e)
	if err != nil {
		t.Fatal(err)
	}
	if err := run(e, s, 0, []int64{1, 2, 3, 4, 5}); err != nil {
		t.Fatal(err)
	}
	got := names(t, m, "/out")[1:]
	if len(got) != 3 || !strings.HasSuffix(got[2], "-c002.json.gz") {
		t.Fatal(got)
	}
}

// output writes a frame into /out as a batch.
func output(e *sink.Env, format string, mode sink.SaveMode, parts ...[]int64) (skip bool, err error) {
	ctx := context.Background()
	o, skip, err := sink.NewOutput(format, "/out", mode, e)
	if err != nil || skip {
		return skip, err
	}
	for i, rows := range parts {
		w, err := o.Writer(ctx, i)
		if err == nil {
			err = fill(w, e.Mem, rows)
		}
		if err != nil {
			o.Abort()
			return false, err
		}
	}
	return false, o.Commit(ctx)
}

// visible reads what readers of a folder see.
func visible(t *testing.T, f vfs.FS) []int64 {
	t.Helper()
	entries, err := f.ReadDir("/out")
	if err != nil {
		return nil
	}
	var out []int64
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "part-") {
			out = append(out, jsonRows(t, f, path.Join("/out", e.Name()), -1)...)
		}
	}
	return out
}

func TestSaveModes(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	for _, c := range []struct {
		mode      sink.SaveMode
		condition string
		skip      bool
		rows      int
	}{
		{sink.SaveError, "PATH_ALREADY_EXISTS", false, 3}, {sink.SaveIgnore, "", true, 3}, {sink.SaveAppend, "", false, 5}, {sink.SaveOverwrite, "", false, 2},
	} {
		m := vfs.NewMemory()
		e := fileEnv(t, m, mem)
		if _, err := output(e, "json", sink.SaveError, []int64{1, 2}, []int64{3}); err != nil {
			t.Fatal(err)
		}
		skip, err := output(e, "json", c.mode, []int64{8}, []int64{9})
		condition := ""
		if x := errs.As(err); x != nil {
			condition = x.Name
			if x.Params["outputPath"] != "file:/out" {
				t.Error(x.Params)
			}
		}
		if condition != c.condition || skip != c.skip || len(visible(t, m)) != c.rows {
			t.Errorf("%s: %v, skip %v, rows %v", c.mode, err, skip, visible(t, m))
		}
		if got := names(t, m, "/out"); got[0] != "_SUCCESS" || strings.HasPrefix(got[len(got)-1], "_temp") {
			t.Error(got)
		}
	}
}

func TestEmptyFrameWritesOneFile(t *testing.T) {
	m := vfs.NewMemory()
	if _, err := output(fileEnv(t, m, memory.DefaultAllocator), "parquet", sink.SaveError); err != nil {
		t.Fatal(err)
	}
	if got := names(t, m, "/out"); len(got) != 2 || got[0] != "_SUCCESS" {
		t.Fatal(got)
	}
}

// TestBatchWriteSurvivesEveryFault fails each operation in turn: after an error the new rows are not there, and old
// rows are, unless the commit of an overwrite had begun.
func TestBatchWriteSurvivesEveryFault(t *testing.T) {
	for _, mode := range []sink.SaveMode{sink.SaveError, sink.SaveAppend, sink.SaveOverwrite} {
		for at := 1; ; at++ {
			m := vfs.NewMemory()
			if mode != sink.SaveError {
				if _, err := output(fileEnv(t, m, memory.DefaultAllocator), "json", sink.SaveError, []int64{1}, []int64{2}); err != nil {
					t.Fatal(err)
				}
			}
			f := &vfs.Faulty{Base: m, FailAt: at, Torn: true}
			_, err := output(fileEnv(t, f, memory.DefaultAllocator), "json", mode, []int64{8}, []int64{9})
			if err == nil && f.Count() < at {
				break
			}
			got := fmt.Sprint(visible(t, m))
			switch {
			case err == nil: // the fault met something that may fail
			case mode == sink.SaveError && got != "[]", mode == sink.SaveAppend && got != "[1 2]" && got != "[2 1]":
				t.Fatalf("%s, fault %d (%s): %v, rows %s", mode, at, last(f), err, got)
			case mode == sink.SaveOverwrite && strings.ContainsAny(got, "89"):
				t.Fatalf("%s, fault %d (%s): rows %s after %v", mode, at, last(f), got, err)
			}
		}
	}
}

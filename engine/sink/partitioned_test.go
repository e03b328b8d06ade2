package sink_test

import (
	"context"
	"path"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

var pairs = types.Struct{Fields: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "v", Type: types.Long, Nullable: true}}}

// keyed is rows of pairs; the key "-" is null.
func keyed(mem memory.Allocator, keys ...string) arrow.RecordBatch {
	b := array.NewRecordBuilder(mem, types.ArrowSchema(pairs))
	defer b.Release()
	for i, k := range keys {
		if k == "-" {
			b.Field(0).AppendNull()
		} else {
			b.Field(0).(*array.StringBuilder).Append(k)
		}
		b.Field(1).(*array.Int64Builder).Append(int64(i))
	}
	return b.NewRecordBatch()
}

func partitionedEnv(t testing.TB, m vfs.FS, mem memory.Allocator, options ...string) *sink.Env {
	e := fileEnv(t, m, mem, append([]string{"path", "/out"}, options...)...)
	e.Schema, e.PartitionBy = pairs, []string{"k"}
	return e
}

// foldersUnder are the folders of committed files.
func foldersUnder(t *testing.T, m vfs.FS) []string {
	t.Helper()
	entries, _, err := manifest.Committed(m, "/out", clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range entries {
		seen[path.Base(path.Dir(manifest.Path(e.Path)))] = true
	}
	var out []string
	for f := range seen {
		out = append(out, f)
	}
	sort.Strings(out)
	return out
}

func onePass(s sink.Sink, id int64, b arrow.RecordBatch, commit bool) error {
	ctx := context.Background()
	if _, err := s.Begin(ctx, id); err != nil {
		return err
	}
	w, err := s.Writer(ctx, id, 0)
	if err != nil {
		return err
	}
	if err := w.Write(ctx, b); err != nil {
		return err
	}
	if err := w.Close(true); err != nil || !commit {
		return err
	}
	return s.Commit(ctx, id)
}

func TestRowsGoIntoTheFoldersOfTheirValues(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	e := partitionedEnv(t, m, mem)
	s, err := sink.Open(context.Background(), "json", e)
	if err != nil {
		t.Fatal(err)
	}
	b := keyed(mem, "a", "-", "x/y z=1", "", "a", "__HIVE_DEFAULT_PARTITION__")
	defer b.Release()
	if err := onePass(s, 0, b, true); err != nil {
		t.Fatal(err)
	}
	want := []string{"k=__HIVE_DEFAULT_PARTITION__", "k=a", "k=x%2Fy z%3D1"}
	if got := foldersUnder(t, m); !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	s.Close()
}

func TestWhatACrashLeavesInFoldersIsRemoved(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	b := keyed(memory.DefaultAllocator, "a", "b")
	defer b.Release()
	for i, commit := range []bool{false, true} {
		s, err := sink.Open(context.Background(), "json", partitionedEnv(t, m, memory.DefaultAllocator))
		if err != nil {
			t.Fatal(err)
		}
		if err := onePass(s, 0, b, commit); err != nil {
			t.Fatal(i, err)
		}
	}
	entries, err := m.ReadDir("/out/k=a")
	if err != nil || len(entries) != 1 || strings.HasPrefix(entries[0].Name(), ".") {
		t.Error(entries, err)
	}
}

func TestManyFoldersKeepFewFilesOpen(t *testing.T) {
	m := vfs.NewMemory()
	m.MkdirAll("/out")
	s, err := sink.Open(context.Background(), "json", partitionedEnv(t, m, memory.DefaultAllocator))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for range 2 {
		for i := range 100 {
			keys = append(keys, string(rune('A'+i%26))+string(rune('a'+i/26)))
		}
	}
	b := keyed(memory.DefaultAllocator, keys...)
	defer b.Release()
	ctx := context.Background()
	s.Begin(ctx, 0)
	w, _ := s.Writer(ctx, 0, 0)
	for range 2 { // the second batch opens again what the first had to close
		if err := w.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(true); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if got := foldersUnder(t, m); len(got) != 100 {
		t.Error(len(got), got)
	}
	if entries, err := m.ReadDir("/out/k=Aa"); err != nil || len(entries) != 2 {
		t.Error(entries, err)
	}
}

func TestPartitionColumnsAreChecked(t *testing.T) {
	nested := types.Struct{Fields: append(pairs.Fields[:1:1], types.Field{Name: "m", Type: types.Array{Elem: types.Int}})}
	for _, c := range []struct {
		by        []string
		schema    types.Struct
		condition string
	}{
		{[]string{"z"}, pairs, "_LEGACY_ERROR_TEMP_1155"}, {[]string{"k", "K"}, pairs, "COLUMN_ALREADY_EXISTS"},
		{[]string{"k", "v"}, pairs, "ALL_PARTITION_COLUMNS_NOT_ALLOWED"}, {[]string{"m"}, nested, "INVALID_PARTITION_COLUMN_DATA_TYPE"}, {[]string{"K"}, pairs, ""},
	} {
		e := partitionedEnv(t, vfs.NewMemory(), memory.DefaultAllocator)
		e.PartitionBy, e.Schema = c.by, c.schema
		_, err := sink.Open(context.Background(), "json", e)
		name := ""
		if x := errs.As(err); x != nil {
			name = x.Name
		}
		if name != c.condition {
			t.Errorf("%v: %v", c.by, err)
		}
	}
}

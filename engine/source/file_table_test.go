package source_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

func newEnv(t testing.TB, mem memory.Allocator) *source.Env {
	t.Helper()
	c, err := conf.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &source.Env{FS: vfs.OS{}, Clock: clock.Real{}, Mem: mem, Conf: c, Zone: time.UTC, Parallelism: 2, Options: map[string]string{}}
}

func ddl(t testing.TB, text string) *types.Struct {
	t.Helper()
	s, err := types.ParseDDL(text)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// rowsOf reads splits and gives each row as text.
func rowsOf(t testing.TB, splits []source.Split, p source.Pushdown) ([]string, error) {
	t.Helper()
	var out []string
	for _, s := range splits {
		r, err := s.Open(context.Background(), p)
		if err != nil {
			return nil, err
		}
		for {
			b, err := r.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Close()
				return out, err
			}
			out = append(out, texts(b)...)
			b.Release()
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out, nil
}

func texts(b arrow.RecordBatch) []string {
	var out []string
	for i := range int(b.NumRows()) {
		var row []string
		for c := range int(b.NumCols()) {
			row = append(row, b.Column(c).ValueStr(i))
		}
		out = append(out, strings.Join(row, ","))
	}
	return out
}

func write(t testing.TB, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.ToSlash(dir)
}

// table opens, reads all and gives schema and sorted rows, or the condition.
func table(t *testing.T, format string, e *source.Env) string {
	t.Helper()
	opened, err := source.OpenTable(context.Background(), format, e)
	var rows []string
	if err == nil {
		var splits []source.Split
		if splits, err = opened.Splits(context.Background()); err == nil {
			rows, err = rowsOf(t, splits, source.Pushdown{})
		}
	}
	if err != nil {
		if e := errs.As(err); e != nil {
			return e.Name
		}
		return err.Error()
	}
	sort.Strings(rows)
	return opened.Schema().String()[len("struct"):] + " " + strings.Join(rows, " ")
}

const one = "{\"v\":1}\n"

// TestPartitions holds what PySpark 4.3 answered for each folder.
func TestPartitions(t *testing.T) {
	for _, c := range []struct {
		dirs   []string
		schema string
		want   string
	}{
		{[]string{"a=1", "a=2"}, "", "<v:bigint,a:int> 1,1 1,2"},
		{[]string{"a=1", "a=3000000000"}, "", "<v:bigint,a:bigint> 1,1 1,3000000000"},
		{[]string{"a=1", "a=1.5"}, "", "<v:bigint,a:double> 1,1 1,1.5"},
		{[]string{"a=1", "a=99999999999999999999"}, "", "<v:bigint,a:decimal(20,0)> 1,1 1,99999999999999999999"},
		{[]string{"a=1.5", "a=99999999999999999999"}, "", "<v:bigint,a:string> 1,1.5 1,99999999999999999999"},
		{[]string{"a=2024-01-01", "a=2024-01-02"}, "", "<v:bigint,a:date> 1,2024-01-01 1,2024-01-02"},
		{[]string{"a=2024-01-01 00%3A00%3A00", "a=2024-01-01"}, "", "<v:bigint,a:timestamp> 1,2024-01-01T00:00:00Z 1,2024-01-01T00:00:00Z"},
		{[]string{"a=2024-01-01", "a=x"}, "", "<v:bigint,a:string> 1,2024-01-01 1,x"},
		{[]string{"a=2024-01-01", "a=1"}, "", "<v:bigint,a:string> 1,1 1,2024-01-01"},
		{[]string{"a=1", "a=__HIVE_DEFAULT_PARTITION__"}, "", "<v:bigint,a:int> 1,(null) 1,1"},
		{[]string{"a=__HIVE_DEFAULT_PARTITION__"}, "", "<v:bigint,a:void> 1,(null)"},
		{[]string{"a=07", "a=08"}, "", "<v:bigint,a:int> 1,7 1,8"},
		{[]string{"a=1/b=x", "a=2/b=y%2Fz"}, "", "<v:bigint,a:int,b:string> 1,1,x 1,2,y/z"},
		{[]string{"a=1", "b=2"}, "", "CONFLICTING_PARTITION_COLUMN_NAMES"},
		{[]string{"a=1/b=2", "a=1"}, "", "CONFLICTING_PARTITION_COLUMN_NAMES"},
		{[]string{"a=1", "A=2"}, "", "<v:bigint,A:int> 1,1 1,2"}, // PySpark takes the spelling of the folder that the disk lists first
		{[]string{"a=true", "a=false"}, "", "<v:bigint,a:string> 1,false 1,true"},
		{[]string{"a="}, "", "EMPTY_PARTITION_COLUMN_VALUE"},
		{[]string{"a=1", "a=x"}, "v int, a int", "INVALID_PARTITION_VALUE"},
		{[]string{"a=01", "a=2"}, "v int, a string", "<v:int,a:string> 1,01 1,2"},
		{[]string{"a=01/b=2"}, "b int, v int", "<v:int,a:int,b:int> 1,1,2"},
		{[]string{"_a=1", "a=2"}, "", "CONFLICTING_PARTITION_COLUMN_NAMES"},
		{[]string{"a=1e3", "a=.5"}, "", "<v:bigint,a:double> 1,0.5 1,1000"}, // PySpark reads 1e3 as a decimal and both as strings
		{[]string{"a=-1", "a=+1"}, "", "<v:bigint,a:int> 1,-1 1,1"},
		{[]string{"a= 1"}, "", "<v:bigint,a:double> 1,1"},
		{[]string{"a=1d", "a=2f"}, "", "<v:bigint,a:double> 1,1 1,2"},
		{[]string{"a=NaN", "a=1.0"}, "", "<v:bigint,a:double> 1,1 1,NaN"},
		{[]string{"v=7"}, "", "<v:int> 7"},
		{[]string{"dt=2024-01-02/h=07"}, "v int, h int", "<v:int,dt:date,h:int> 1,2024-01-02,7"},
		{[]string{"x", "a=1"}, "v int", "CONFLICTING_DIRECTORY_STRUCTURES"},
	} {
		files := map[string]string{}
		for _, d := range c.dirs {
			files[d+"/f.json"] = one
		}
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		e := newEnv(t, mem)
		e.Paths = []string{write(t, t.TempDir(), files)}
		if c.schema != "" {
			e.Schema = ddl(t, c.schema)
		}
		if got := table(t, "json", e); got != c.want {
			t.Errorf("%v %s: %s, want %s", c.dirs, c.schema, got, c.want)
		}
		mem.AssertSize(t, 0)
	}
}

func TestWhichFilesCount(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"sub/a.json": `{"v":1}`, "sub/x/b.json": `{"v":2}`, "sub/_h/c.json": `{"v":3}`, "sub/.k/d.json": `{"v":4}`,
		"sub/e.json._COPYING_": `{"v":5}`, "sub/_g.json": `{"v":7}`, "sub/empty.json": "", "part/a=1/b=2/f.json": `{"v":8}`, "part/g.json": `{"v":9}`})
	for _, c := range []struct {
		path    string
		options map[string]string
		want    string
	}{
		{"sub", nil, "<v:int> 1"},
		{"sub", map[string]string{"RECURSIVEfilelookup": "true"}, "<v:int> 1 2"},
		{"sub/*", nil, "<v:int> 1 2 3 4"},
		{"sub/_g.json", nil, "<v:int> "},
		{"sub/{a,b}.json", nil, "<v:int> 1"},
		{"sub/[a-c].js?n", nil, "<v:int> 1"},
		{"sub", map[string]string{"pathGlobFilter": "b*"}, "<v:int> "},
		{"sub", map[string]string{"pathGlobFilter": "["}, errs.Unnamed + "GLOB"},
		{"sub", map[string]string{"modifiedAfter": "2050-06-01T13:00:00"}, "<v:int> "},
		{"sub", map[string]string{"modifiedBefore": "2050-06-01T13:00:00"}, "<v:int> 1"},
		{"sub", map[string]string{"modifiedAfter": "x"}, "_LEGACY_ERROR_TEMP_1294"},
		{"nope", nil, "PATH_NOT_FOUND"}, {"no*pe", nil, "PATH_NOT_FOUND"},
		{"part", nil, "<v:int,a:int,b:int> 8,1,2"},
		{"part/a=1", nil, "<v:int,b:int> 8,2"},
		{"part/a=1/b=2", nil, "<v:int> 8"},
		{"part/a=1", map[string]string{"basePath": "part"}, "<v:int,a:int,b:int> 8,1,2"},
		{"part/a=1/b=2/f.json", nil, "<v:int> 8"},
		{"sub", map[string]string{"recursiveFileLookup": "x"}, errs.Unnamed + "OPTION_BOOL"},
		{"sub", map[string]string{"unknown": "x"}, "<v:int> 1"},
	} {
		e := newEnv(t, memory.DefaultAllocator)
		e.Schema = ddl(t, "v int")
		e.Paths = []string{dir + "/" + c.path}
		for k, v := range c.options {
			if k == "basePath" {
				v = dir + "/" + v
			}
			e.Options[k] = v
		}
		if got := table(t, "json", e); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.path, c.options, got, c.want)
		}
	}
}

func TestFormats(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"t/a.txt": "x\ny", "j/a.json": "{\"b\":1,\"a\":\"x\"}\n{\"c\":2.5}\n", "empty/z": "", "bad/a.parquet": "nothing"})
	os.Remove(dir + "/empty/z")
	for _, c := range []struct{ format, path, schema, want string }{
		{"text", "t", "", "<value:string> x y"},
		{"TEXT", "t", "a string", "<a:string> x y"},
		{"text", "t", "a int", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE"},
		{"text", "empty", "", "<value:string> "},
		{"json", "j", "", "<a:string,b:bigint,c:double> (null),(null),2.5 x,1,(null)"},
		{"json", "empty", "", "UNABLE_TO_INFER_SCHEMA"},
		{"parquet", "empty", "", "UNABLE_TO_INFER_SCHEMA"},
		{"parquet", "empty", "a int", "<a:int> "},
		{"parquet", "bad", "", "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER"},
		{"parquet", "bad", "a int", "FAILED_READ_FILE.NO_HINT"},
		{"orc", "t", "", "NOT_IMPLEMENTED"}, {"nope", "t", "", "DATA_SOURCE_NOT_FOUND"}, {"rate", "t", "", "_LEGACY_ERROR_TEMP_1135"},
		{"json", "j", "a string, A string", "COLUMN_ALREADY_EXISTS"},
	} {
		e := newEnv(t, memory.DefaultAllocator)
		e.Paths = []string{dir + "/" + c.path}
		if c.schema != "" {
			e.Schema = ddl(t, c.schema)
		}
		if got := table(t, c.format, e); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.format, c.path, c.schema, got, c.want)
		}
	}
}

// TestLargeFilesAreCutAtLineEnds reads one file in parts: every line once, whatever the ends.
func TestLargeFilesAreCutAtLineEnds(t *testing.T) {
	var text strings.Builder
	for i := range 400_000 {
		fmt.Fprintf(&text, "{\"v\":%d}%s", i, []string{"\n", "\r\n"}[i%2])
	}
	e := newEnv(t, memory.DefaultAllocator)
	e.Parallelism = 4
	e.Schema = ddl(t, "v int")
	e.Paths = []string{write(t, t.TempDir(), map[string]string{"a.json": text.String()})}
	opened, err := source.OpenTable(context.Background(), "json", e)
	if err != nil {
		t.Fatal(err)
	}
	splits, err := opened.Splits(context.Background())
	if err != nil || len(splits) < 4 {
		t.Fatalf("%d splits, %v", len(splits), err)
	}
	rows, err := rowsOf(t, splits, source.Pushdown{})
	if err != nil || len(rows) != 400_000 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, r := range rows {
		if r != fmt.Sprint(i) {
			t.Fatalf("row %d is %s", i, r)
		}
	}
}

// TestLargerFilesComeFirst also where the user named them in another order; of one size, the order of names stays.
func TestLargerFilesComeFirst(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"a": "a1\n", "b": "b1\nb2\nb3\n", "c": "c1\nc2\n", "d": "d1\n", "e": ""})
	for _, c := range []struct{ paths, want string }{
		{dir, "b1 b2 b3 c1 c2 a1 d1"},
		{dir + "/d " + dir + "/a " + dir + "/b", "b1 b2 b3 d1 a1"},
	} {
		e := newEnv(t, memory.DefaultAllocator)
		e.Paths = strings.Fields(c.paths)
		opened, err := source.OpenTable(context.Background(), "text", e)
		if err != nil {
			t.Fatal(err)
		}
		splits, err := opened.Splits(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := rowsOf(t, splits, source.Pushdown{})
		if got := strings.Join(rows, " "); err != nil || got != c.want {
			t.Errorf("%v, not %v: %v", got, c.want, err)
		}
	}
}

func TestProjectionAndCounting(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"j/p=1/a.json": "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n", "t/p=1/a.txt": "x\ny"})
	for _, c := range []struct {
		format, schema string
		columns        []int
		want           string
	}{
		{"json", "a int, b int", []int{2, 1}, "1,2 1,4"}, {"json", "a int, b int", []int{1, 1, 0}, "2,2,1 4,4,3"},
		{"json", "a int, b int", []int{}, " "}, {"json", "a int, b int", []int{2}, "1 1"}, {"text", "a string", []int{}, " "}, {"text", "a string", []int{1, 0}, "1,x 1,y"},
	} {
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		e := newEnv(t, mem)
		e.Schema = ddl(t, c.schema)
		e.Paths = []string{dir + "/" + c.format[:1]}
		opened, err := source.OpenTable(context.Background(), c.format, e)
		if err != nil {
			t.Fatal(err)
		}
		splits, _ := opened.Splits(context.Background())
		rows, err := rowsOf(t, splits, source.Pushdown{Columns: c.columns})
		if got := strings.Join(rows, " "); err != nil || got != c.want {
			t.Errorf("%s %v: %q, want %q (%v)", c.format, c.columns, got, c.want, err)
		}
		mem.AssertSize(t, 0)
	}
}

func TestFilesThatVanish(t *testing.T) {
	for _, c := range []struct{ ignore, want string }{{"false", "FAILED_READ_FILE.FILE_NOT_EXIST"}, {"true", "1"}} {
		dir := write(t, t.TempDir(), map[string]string{"a.json": one, "b.json": one})
		e := newEnv(t, memory.DefaultAllocator)
		e.Schema = ddl(t, "v int")
		e.Paths, e.Options["ignoreMissingFiles"] = []string{dir}, c.ignore
		opened, err := source.OpenTable(context.Background(), "json", e)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(dir + "/b.json")
		splits, _ := opened.Splits(context.Background())
		rows, err := rowsOf(t, splits, source.Pushdown{})
		got := strings.Join(rows, " ")
		if e := errs.As(err); e != nil {
			got = e.Name
			if e.Params["path"] != "file://"+dir+"/b.json" {
				t.Errorf("path %s", e.Params["path"])
			}
		}
		if got != c.want {
			t.Errorf("ignoreMissingFiles=%s: %q, want %q", c.ignore, got, c.want)
		}
	}
}

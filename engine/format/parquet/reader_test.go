package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

func schemaFor(t testing.TB, ddl string) types.Struct {
	t.Helper()
	s, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// column reads a file's only wanted column as text, row after row.
func columnText(t *testing.T, in Input, o Options) (string, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	o.Mem, o.Name = mem, "file:///x.parquet"
	r, err := Open(in, o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var out []string
	for {
		b, err := r.Next(context.Background())
		if err == io.EOF {
			return strings.Join(out, " "), nil
		}
		if err != nil {
			return "", err
		}
		if want := types.Arrow(o.Schema.Fields[0].Type); !arrow.TypeEqual(b.Column(0).DataType(), want) {
			t.Errorf("array of %s, want %s", b.Column(0).DataType(), want)
		}
		for i := range int(b.NumRows()) {
			out = append(out, b.Column(0).ValueStr(i))
		}
		b.Release()
	}
}

func where(column int, op string, value any) format.Filter {
	return format.Filter{Column: column, Op: op, Value: value}
}

// TestConversions holds us to what PySpark 4.3 made of the same file (written by pyarrow).
func TestConversions(t *testing.T) {
	mismatch := "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH"
	for _, c := range []struct{ ddl, want string }{
		{"i32 tinyint", "1 2 (null)"}, {"i32 smallint", "1 2 (null)"}, {"i32 bigint", "1 2 (null)"}, {"i32 float", mismatch},
		{"i32 double", "1 2 (null)"}, {"i32 string", mismatch}, {"i32 decimal(10,0)", "1 2 (null)"}, {"i32 decimal(12,2)", "1 2 (null)"},
		{"i32 decimal(5,0)", mismatch}, {"i32 date", "1970-01-02 1970-01-03 (null)"}, {"i32 boolean", mismatch}, {"i32 timestamp", mismatch},
		{"i64 int", mismatch}, {"i64 double", mismatch}, {"i64 decimal(20,0)", "1 1099511627776 (null)"},
		{"i64 decimal(21,1)", "1 1099511627776 (null)"}, {"i64 decimal(5,0)", mismatch}, {"i64 timestamp", mismatch}, {"i64 string", mismatch},
		{"u8 int", "1 255 (null)"}, {"u8 smallint", "1 255 (null)"}, {"u32 bigint", "1 4294967295 (null)"}, {"u32 int", mismatch},
		{"u64 decimal(20,0)", "1 18446744073709551615 (null)"}, {"u64 bigint", mismatch},
		{"f double", "1.5 (null) 2.5"}, {"f int", mismatch}, {"d float", mismatch}, {"d bigint", mismatch}, {"d double", "1.5 (null) 2.5"},
		{"s binary", "YQ== MQ== (null)"}, {"s int", mismatch}, {"s string", "a 1 (null)"}, {"bin string", "a \xff (null)"},
		{"date int", "19724 (null) (null)"}, {"date timestamp", mismatch}, {"date timestamp_ntz", "2024-01-02T00:00:00 (null) (null)"},
		{"tsms timestamp", "1970-01-01T00:00:00.001Z (null) 1970-01-01T00:00:00.002Z"}, {"tsms bigint", "1 (null) 2"},
		{"tsus timestamp_ntz", "1970-01-01T00:00:00.000001 (null) 1970-01-01T00:00:00.000002"}, {"tsus date", mismatch},
		{"tsns timestamp", mismatch}, {"tsns bigint", "1500 (null) 2"}, {"ntz timestamp", "1970-01-01T00:00:00.000001Z (null) 1970-01-01T00:00:00.000002Z"},
		{"dec decimal(7,2)", "1.25 (null) (null)"}, {"dec decimal(7,4)", "1.25 (null) (null)"}, {"dec decimal(4,2)", mismatch},
		{"dec decimal(5,1)", mismatch}, {"dec int", mismatch}, {"dec string", mismatch}, {"b boolean", "true (null) false"}, {"b int", mismatch},
		{"t bigint", "3723000000 (null) (null)"}, {"l array<int>", "[1,2] (null) []"}, {"l array<bigint>", "[1,2] (null) []"},
		{"l array<string>", mismatch}, {"l int", "FAILED_READ_FILE.NO_HINT"}, {"fsb binary", "YWI= (null) Y2Q="}, {"fsb string", mismatch},
		{"nul string", mismatch}, {"nul int", "(null) (null) (null)"},
		{"st struct<b:string,zz:int>", `{"b":"x","zz":null} (null) {"b":null,"zz":null}`}, {"st struct<A:bigint>", `{"A":1} (null) {"A":2}`},
		{"st struct<a:int>", mismatch}, {"st struct<zz:int>", `{"zz":null} (null) {"zz":null}`}, {"st string", "FAILED_READ_FILE.NO_HINT"},
		{"I32 int", "1 2 (null)"}, {"missing string", "(null) (null) (null)"},
	} {
		f, err := os.Open("testdata/conversions.parquet")
		if err != nil {
			t.Fatal(err)
		}
		got, err := columnText(t, f, Options{Schema: schemaFor(t, c.ddl)})
		if e := errs.As(err); e != nil {
			got = e.Condition()
		} else if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.ddl, got, c.want, err)
		}
		f.Close()
	}
}

func TestColumnNamesDifferByCaseWhenAsked(t *testing.T) {
	f, _ := os.Open("testdata/conversions.parquet")
	defer f.Close()
	if got, err := columnText(t, f, Options{Schema: schemaFor(t, "I32 int"), CaseSensitive: true}); err != nil || got != "(null) (null) (null)" {
		t.Fatalf("%q %v", got, err)
	}
}

func TestNanosecondsHaveNoSparkType(t *testing.T) {
	f, _ := os.Open("testdata/conversions.parquet")
	defer f.Close()
	_, _, err := Stat(f, "x")
	if e := errs.As(err); e == nil || e.Name != "PARQUET_TYPE_ILLEGAL" || e.Params["parquetType"] != "INT64 (TIMESTAMP(NANOS,true))" {
		t.Fatal(err)
	}
}

const everyType = "b boolean, i8 tinyint, i16 smallint, i int, l bigint, f float, d double, dec5 decimal(5,2), dec15 decimal(15,3), " +
	"dec30 decimal(30,4), s string, bin binary, dt date, ts timestamp, tn timestamp_ntz, a array<int>, m map<string,int>, st struct<x:int,y:string>"

func sample(mem memory.Allocator, s types.Struct, lines ...string) arrow.RecordBatch {
	b, _, err := array.RecordFromJSON(mem, types.ArrowSchema(s), strings.NewReader("["+strings.Join(lines, ",")+"]"))
	if err != nil {
		panic(err)
	}
	return b
}

const fullRow = `{"b":true,"i8":-1,"i16":2,"i":3,"l":-4,"f":1.5,"d":2.5,"dec5":"1.25","dec15":"-1.125","dec30":"1.0001","s":"text","bin":"AAE=",` +
	`"dt":"2024-01-02","ts":"2024-01-02 03:04:05.678901Z","tn":"2024-01-02 03:04:05.678901","a":[1,null],"m":[{"key":"k","value":1}],"st":{"x":1,"y":"y"}}`

func TestWriteAndReadBack(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	flat := schemaFor(t, everyType)
	flat.Fields = flat.Fields[:15] // without arrays, maps and structs, which the library writes
	for _, codec := range compressions {
		for way := range 3 {
			s, dictionary := flat, way == 2
			if way == 1 {
				s = schemaFor(t, everyType)
			}
			rows := sample(mem, s, fullRow, "{}", fullRow)
			var file bytes.Buffer
			w, err := NewWriter(&file, s, WriteOptions{Compression: codec, Dictionary: dictionary, Mem: mem})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := w.Write(rows); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil || w.Rows() != 6 {
				t.Fatal(err, w.Rows())
			}
			got, groups, err := Stat(bytes.NewReader(file.Bytes()), "x")
			if err != nil || !types.Equal(got, s) || len(groups) != 1 || groups[0].Rows != 6 {
				t.Fatalf("%s: schema %v, %d groups, %v", codec.Name, got, len(groups), err)
			}
			r, err := Open(bytes.NewReader(file.Bytes()), Options{Schema: s, Mem: mem})
			if err != nil {
				t.Fatal(err)
			}
			b, err := r.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.NumCols() {
				if !array.SliceEqual(b.Column(int(i)), 3, 6, rows.Column(int(i)), 0, 3) {
					t.Errorf("%s: column %s is %v, want %v", codec.Name, s.Fields[i].Name, b.Column(int(i)), rows.Column(int(i)))
				}
			}
			b.Release()
			r.Close()
			rows.Release()
		}
	}
}

// TestWriteManyPages writes and reads back columns with nulls singly, in runs and not at all, over pages and row groups.
func TestWriteManyPages(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s := schemaFor(t, "l bigint, s string, b boolean, n int, d double, big decimal(30,3), small decimal(9,2), y tinyint, never string, ts timestamp")
	var lines []string
	for i := range 8192 {
		if i%7 == 0 || i > 2_000 && i < 3_200 {
			lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
			continue
		}
		lines = append(lines, fmt.Sprintf(`{"l":%d,"s":"%s%d","b":%v,"n":%d,"d":%d.5,"big":"-%d.125","small":"%d.25","y":%d,"ts":"1970-01-01T00:00:%02dZ"}`,
			i%1000, strings.Repeat("x", i%40), i%100, i%3 == 0, i, i-100, i, -i, i%100-50, i%60))
	}
	part := sample(mem, s, lines...)
	defer part.Release()
	odd := part.NewSlice(3, 1003) // offsets within bitmaps
	defer odd.Release()
	var file bytes.Buffer
	w, err := NewWriter(&file, s, WriteOptions{Compression: compressions[2], Mem: mem})
	if err != nil || w.flat == nil {
		t.Fatal(w, err)
	}
	w.flat.limit = 40_000
	const times = 10 // beyond two row groups
	for range times {
		for _, b := range []arrow.RecordBatch{part, odd} {
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, groups, err := Stat(bytes.NewReader(file.Bytes()), "x"); err != nil || len(groups) != 3 || groups[0].Rows < 40_000 {
		t.Fatal(groups, err)
	}
	r, err := Open(bytes.NewReader(file.Bytes()), Options{Schema: s, Mem: mem})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	whole := part.NumRows() + odd.NumRows()
	at := int64(0)
	for {
		got, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for from := int64(0); from < got.NumRows(); {
			in, of := (at+from)%whole, part
			if in >= part.NumRows() {
				in, of = in-part.NumRows(), odd
			}
			n := min(got.NumRows()-from, of.NumRows()-in)
			for c := range int(got.NumCols()) {
				if !array.SliceEqual(got.Column(c), from, from+n, of.Column(c), in, in+n) {
					t.Fatalf("column %s differs in rows from %d", s.Fields[c].Name, at+from)
				}
			}
			from += n
		}
		at += got.NumRows()
		got.Release()
	}
	if at != times*whole {
		t.Fatalf("%d rows", at)
	}
	for _, c := range []struct {
		f    format.Filter
		some bool
	}{
		{where(3, ">", int64(8191)), false}, {where(3, ">=", int64(8191)), true}, {where(0, "<", int64(0)), false}, {where(1, ">", "y"), false},
		{where(1, "=", "xx42"), true}, {where(8, "isnotnull", nil), false}, {where(9, ">", int64(59_000_000)), false}, {where(9, "=", int64(59_000_000)), true},
	} {
		got, err := columnText(t, bytes.NewReader(file.Bytes()), Options{Schema: s, Filters: []format.Filter{c.f}})
		if err != nil || (got != "") != c.some {
			t.Errorf("%v: rows %v, %v", c.f, got != "", err)
		}
	}
}

// TestBatchesCrossPages reads many pages in batches, with nulls in runs, singly and not at all.
func TestBatchesCrossPages(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s := schemaFor(t, "l bigint, s string, b boolean, n int")
	const rows = 50_000
	var lines []string
	for i := range rows {
		switch {
		case i%7 == 0 || i > 20_000 && i < 32_000:
			lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
		default:
			lines = append(lines, fmt.Sprintf(`{"l":%d,"s":"%s%d","b":%v,"n":%d}`, i%1000, strings.Repeat("x", i%40), i%100, i%3 == 0, i))
		}
	}
	b := sample(mem, s, lines...)
	defer b.Release()
	for _, version := range []pq.DataPageVersion{pq.DataPageV1, pq.DataPageV2} {
		for _, dictionary := range []bool{true, false} {
			var file bytes.Buffer
			props := pq.NewWriterProperties(pq.WithDictionaryDefault(dictionary), pq.WithDataPageSize(3000), pq.WithDataPageVersion(version),
				pq.WithMaxRowGroupLength(20_000), pq.WithCompression(compress.Codecs.Snappy))
			w, err := pqarrow.NewFileWriter(b.Schema(), &file, props, pqarrow.DefaultWriterProps())
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
			w.Close()
			r, err := Open(bytes.NewReader(file.Bytes()), Options{Schema: s, Mem: mem})
			if err != nil {
				t.Fatal(err)
			}
			at := int64(0)
			for {
				got, err := r.Next(context.Background())
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				for i := range int(got.NumCols()) {
					if !array.SliceEqual(got.Column(i), 0, got.NumRows(), b.Column(i), at, at+got.NumRows()) {
						t.Fatalf("page version %v, dictionary %v: column %d differs in rows from %d", version, dictionary, i, at)
					}
				}
				at += got.NumRows()
				got.Release()
			}
			if at != rows {
				t.Fatalf("%d rows", at)
			}
			// Closing in the middle frees everything.
			r, _ = Open(bytes.NewReader(file.Bytes()), Options{Schema: s, Mem: mem, Groups: []int{1}})
			first, err := r.Next(context.Background())
			if err != nil || first.Column(3).(*array.Int32).Value(0) != 20_000 {
				t.Fatal(err)
			}
			first.Release()
			r.Close()
		}
	}
}

func TestRowGroupsArePruned(t *testing.T) {
	mem := memory.DefaultAllocator
	s := schemaFor(t, "l bigint, s string, d double, ts timestamp")
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf(`{"l":%d,"s":"k%02d","d":%d,"ts":"1970-01-01 00:00:%02dZ"}`, i, i, i, i%60))
	}
	b := sample(mem, s, lines...)
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(b.Schema(), &file, pq.NewWriterProperties(pq.WithMaxRowGroupLength(10)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	for _, c := range []struct {
		f    format.Filter
		rows int
	}{
		{where(0, "=", int64(55)), 10}, {where(0, "<", int64(20)), 20}, {where(0, "<=", int64(20)), 30}, {where(0, ">", int64(89)), 10},
		{where(0, ">=", int64(89)), 20}, {where(0, "=", int64(1000)), 0}, {where(1, "=", "k77"), 10}, {where(1, ">", "k9"), 10},
		{where(2, ">", 95.0), 100}, {where(0, "isnotnull", nil), 100}, {where(3, ">", int64(58_500_000)), 10}, {where(0, "=", "text"), 100},
	} {
		got, err := columnText(t, bytes.NewReader(file.Bytes()), Options{Schema: s, Filters: []format.Filter{c.f}})
		if n := len(strings.Fields(got)); err != nil || n != c.rows {
			t.Errorf("%v: %d rows, want %d (%v)", c.f, n, c.rows, err)
		}
	}
	missing := Options{Schema: schemaFor(t, "zz bigint"), Filters: []format.Filter{where(0, "isnotnull", nil)}}
	if got, err := columnText(t, bytes.NewReader(file.Bytes()), missing); err != nil || got != "" {
		t.Errorf("%q %v", got, err)
	}
}

func TestCountNeedsNoColumns(t *testing.T) {
	f, _ := os.Open("testdata/conversions.parquet")
	defer f.Close()
	r, err := Open(f, Options{Mem: memory.DefaultAllocator})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.Next(context.Background()); err != nil || b.NumRows() != 3 || b.NumCols() != 0 {
		t.Fatal(b, err)
	}
}

// TestDamagedFiles cuts and spoils a file everywhere: an error or rows, never a panic.
func TestDamagedFiles(t *testing.T) {
	whole, err := os.ReadFile("testdata/conversions.parquet")
	if err != nil {
		t.Fatal(err)
	}
	flats := schemaFor(t, "i32 int, i64 bigint, s string, b boolean, f float, dec decimal(5,2), u32 bigint, fsb binary")
	groups := schemaFor(t, "l array<int>, st struct<A:bigint>")
	try := func(data []byte) error {
		_, err := columnText(t, bytes.NewReader(data), Options{Schema: flats})
		// The library leaks where it fails inside groups: no counting of memory there.
		r, err2 := Open(bytes.NewReader(data), Options{Schema: groups, Mem: memory.DefaultAllocator})
		for err2 == nil {
			_, err2 = r.Next(context.Background())
		}
		if err == nil && err2 != io.EOF {
			return err2
		}
		return err
	}
	for cut := 0; cut < len(whole); cut += 97 {
		if err := try(whole[:cut]); errs.As(err) == nil || !strings.HasPrefix(errs.As(err).Name, "FAILED_READ_FILE") {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	for at := 4; at < len(whole); at += 7 {
		spoilt := append([]byte(nil), whole...)
		spoilt[at] ^= 0xff
		if err := try(spoilt); err != nil && errs.As(err) == nil && !errors.Is(err, io.EOF) {
			t.Fatalf("spoilt at %d: %v", at, err)
		}
	}
}

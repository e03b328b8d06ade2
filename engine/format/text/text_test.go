package text_test

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/text"
	"pysparkcompat/engine/types"
)

func lines(t *testing.T, from io.Reader, o text.Options) []string {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	r := text.NewReader(from, "value", o, mem)
	defer r.Close()
	out := []string{}
	for {
		b, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(b.NumRows()) {
			out = append(out, strings.Clone(b.Column(0).(*array.String).Value(i)))
		}
		b.Release()
	}
}

// TestLines holds what PySpark 4.3 read.
func TestLines(t *testing.T) {
	for _, c := range []struct {
		in   string
		o    text.Options
		want []string
	}{
		{"a\nb\r\nc\rd\n\ne", text.Options{}, []string{"a", "b", "c", "d", "", "e"}},
		{"a;b\n;c", text.Options{LineSep: ";"}, []string{"a", "b\n", "c"}},
		{"a::b::c", text.Options{LineSep: "::"}, []string{"a", "b", "c"}},
		{"a\nb\n", text.Options{Whole: true}, []string{"a\nb\n"}},
		{"", text.Options{}, []string{}},
		{"\n", text.Options{}, []string{""}},
		{"\r", text.Options{}, []string{""}},
		{"a\r\n", text.Options{}, []string{"a"}},
		{"\xef\xbb\xbfa\nb", text.Options{First: true}, []string{"a", "b"}},
		{"\xff\xfea\n\xc3", text.Options{}, []string{"\uFFFD\uFFFDa", "\uFFFD"}},
		{strings.Repeat("x", 3<<20) + "\ny", text.Options{}, []string{strings.Repeat("x", 3<<20), "y"}},
	} {
		if got := lines(t, strings.NewReader(c.in), c.o); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%.40q: %.200q, want %.200q", c.in, got, c.want)
		}
		if len(c.in) < 100 {
			if got := lines(t, iotest.OneByteReader(strings.NewReader(c.in)), c.o); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%.40q byte by byte: %.200q, want %.200q", c.in, got, c.want)
			}
		}
	}
}

// TestLineEndsMeetChunkEnds puts \r\n across every place where the buffer may end.
func TestLineEndsMeetChunkEnds(t *testing.T) {
	for size := 1<<20 - 3; size < 1<<20+3; size++ {
		first := strings.Repeat("x", size)
		if got := lines(t, strings.NewReader(first+"\r\ny\r\n"), text.Options{}); len(got) != 2 || got[0] != first || got[1] != "y" {
			t.Fatalf("first line of %d: %d lines", size, len(got))
		}
	}
}

func TestManyRowsComeInBatches(t *testing.T) {
	if got := lines(t, strings.NewReader(strings.Repeat("ab\n", 20_000)), text.Options{}); len(got) != 20_000 || got[19_999] != "ab" {
		t.Fatal(len(got))
	}
}

func TestErrorsOfTheFileComeThrough(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	r := text.NewReader(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(io.ErrClosedPipe)), "value", text.Options{}, mem)
	if _, err := r.Next(); err != io.ErrClosedPipe {
		t.Fatal(err)
	}
}

func TestAppend(t *testing.T) {
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, types.ArrowSchema(text.Schema), strings.NewReader(`[{"value":"a"},{},{"value":"b\nc"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text.Append(nil, b, "")); got != "a\n\nb\nc\n" {
		t.Errorf("%q", got)
	}
	if got := string(text.Append([]byte("x"), b.NewSlice(2, 3), "|")); got != "xb\nc|" {
		t.Errorf("%q", got)
	}
}

func TestCheck(t *testing.T) {
	for ddl, want := range map[string]string{"a string": "", "a int": "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "a string, b string": "_LEGACY_ERROR_TEMP_1290"} {
		s, err := types.ParseDDL(ddl)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if e := errs.As(text.Check(s)); e != nil {
			got = e.Name
		}
		if got != want {
			t.Errorf("%s: %q", ddl, got)
		}
	}
}

package parquet

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// rowsOf reads a file that PySpark 4.3 wrote, with the schema that it says it has.
func rowsOf(t *testing.T, name string) (types.Struct, []string) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, _, err := Stat(f, name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(f, Options{Schema: s, Mem: mem})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	var out []string
	for i := range int(b.NumRows()) {
		var row []string
		for c := range int(b.NumCols()) {
			row = append(row, b.Column(c).ValueStr(i))
		}
		out = append(out, strings.Join(row, "|"))
	}
	return s, out
}

func TestSparksFiles(t *testing.T) {
	s, rows := rowsOf(t, "testdata/spark-types.parquet")
	want := schemaFor(t, everyType)
	if !types.Equal(s, want) {
		t.Errorf("schema %v", s)
	}
	full := `true|1|2|3|4|1.5|2.5|1.25|1.125|1.0001|s|AAE=|2024-01-02|2024-01-02T03:04:05.678901Z|2024-01-02T03:04:05.678901|[1,null]|`
	if len(rows) != 2 || !strings.HasPrefix(rows[0], full) || !strings.HasSuffix(rows[0], `|{"x":1,"y":"y"}`) {
		t.Errorf("%s\nwant %s", rows[0], full)
	}
	if nulls := strings.Repeat("(null)|", 17) + "(null)"; rows[1] != nulls {
		t.Error(rows[1])
	}
}

func TestSparksNestedColumns(t *testing.T) {
	for ddl, want := range map[string]string{
		"m map<string,decimal(20,2)>":        `[{"key":"a","value":"1.25"}] (null)`,
		"ll array<array<int>>":               "[[1,null],null] (null)",
		"ls array<struct<s:string,d:date>>":  `[{"d":"1582-10-01","s":"x"}] (null)`,
		"ls array<struct<d:date>>":           `[{"d":"1582-10-01"}] (null)`,
		"ls array<struct<zz:int,s:string>>":  `[{"s":"x","zz":null}] (null)`,
		"m map<string,decimal(22,4)>, i int": `[{"key":"a","value":"1.25"}] (null)`,
		"st struct<l:array<timestamp>>":      "FAILED_READ_FILE.NO_HINT", // INT96 before 1677 inside a group is not built
		"st struct<t:timestamp>":             `{"t":"2024-01-02T03:04:05.678901Z"} (null)`,
	} {
		f, err := os.Open("testdata/spark-nested.parquet")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(f, Options{Schema: schemaFor(t, ddl), Mem: memory.DefaultAllocator})
		if err != nil {
			t.Fatal(ddl, err)
		}
		got := ""
		b, err := r.Next(context.Background())
		if e := errs.As(err); e != nil {
			got = e.Name
		} else {
			got = b.Column(0).ValueStr(0) + " " + b.Column(0).ValueStr(1)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", ddl, got, want)
		}
		f.Close()
	}
}

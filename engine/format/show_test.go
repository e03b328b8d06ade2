package format_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

func frame(t *testing.T, ddl, rows string) (types.Struct, arrow.RecordBatch) {
	t.Helper()
	s, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, types.ArrowSchema(s), strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

const wideRows = `[{"名前":"a","n":1},{"名前":"日本語","n":22},{"名前":"ｱ","n":3},{"名前":"é","n":4},{"名前":"e\u0301","n":5},{"名前":"😀","n":6},` +
	`{"名前":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","n":7},{"名前":"tab\there\nnl\rcr\\","n":8},{"名前":"한글","n":9},{"n":11}]`

// TestShow holds the texts that PySpark 4.3 printed.
func TestShow(t *testing.T) {
	for _, c := range []struct {
		name, ddl, rows string
		o               format.ShowOptions
		want            string
	}{
		{"wide characters", "`名前` string, n int", wideRows, format.ShowOptions{Rows: 20, Truncate: 20}, `
+--------------------+---+
|                名前|  n|
+--------------------+---+
|                   a|  1|
|              日本語| 22|
|                   ｱ|  3|
|                   é|  4|
|                  é|  5|
|                  😀|  6|
|xxxxxxxxxxxxxxxxx...|  7|
|  tab\there\nnl\rcr\|  8|
|                한글|  9|
|                NULL| 11|
+--------------------+---+
`},
		{"cut to one", "`名前` string, n int", wideRows, format.ShowOptions{Rows: 7, Truncate: 1}, `
+----+---+
|名前|  n|
+----+---+
|   a|  1|
|  日|  2|
|   ｱ|  3|
|   é|  4|
|   e|  5|
|   ?|  6|
|   x|  7|
+----+---+
only showing top 7 rows`},
		{"whole cells", "a string", `[{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},{"a":"y"}]`, format.ShowOptions{Rows: 1}, `
+------------------------------+
|a                             |
+------------------------------+
|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|
+------------------------------+
only showing top 1 row`},
		{"none of some", "a int", `[{"a":1}]`, format.ShowOptions{Rows: -1, Truncate: 20}, `
+---+
|  a|
+---+
+---+
only showing top 0 rows`},
		{"vertical", "`名前` string, n int", wideRows, format.ShowOptions{Rows: 2, Truncate: 20, Vertical: true}, `
-RECORD 0------
 名前 | a      
 n    | 1      
-RECORD 1------
 名前 | 日本語 
 n    | 22     
only showing top 2 rows`},
		{"vertical, narrow", "id bigint", `[{"id":0},{"id":1}]`, format.ShowOptions{Rows: 5, Truncate: 20, Vertical: true}, `
-RECORD 0--
 id  | 0   
-RECORD 1--
 id  | 1   
`},
		{"vertical, empty", "id bigint", `[]`, format.ShowOptions{Rows: 5, Vertical: true}, "\n(0 rows)"},
		{"nested", "x array<struct<a:int,b:int>>, m map<string,array<double>>, s struct<d:date,t:timestamp,b:binary>, e array<int>, em map<int,int>",
			`[{"x":[{"a":1}],"m":[{"key":"a","value":[1.5,null]}],"s":{"d":"2024-01-01","t":"2024-01-01 00:00:00.1Z","b":"QUI="},"e":[],"em":[]}]`,
			format.ShowOptions{Rows: 20}, `
+-----------+------------------+--------------------------------------------+---+---+
|x          |m                 |s                                           |e  |em |
+-----------+------------------+--------------------------------------------+---+---+
|[{1, NULL}]|{a -> [1.5, NULL]}|{2024-01-01, 2024-01-01 00:00:00.1, [41 42]}|[] |{} |
+-----------+------------------+--------------------------------------------+---+---+
`},
	} {
		s, b := frame(t, c.ddl, c.rows)
		got, err := format.Show(s, []arrow.RecordBatch{b}, nil, c.o)
		if err != nil || "\n"+got != c.want {
			t.Errorf("%s:\n%s\nwant%s (%v)", c.name, got, c.want, err)
		}
	}
}

func TestShowWithoutColumns(t *testing.T) {
	b := array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 2)
	if got, err := format.Show(types.Struct{}, []arrow.RecordBatch{b}, nil, format.ShowOptions{Rows: 20}); err != nil || got != "++\n||\n++\n||\n||\n++\n" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := format.Show(types.Struct{}, []arrow.RecordBatch{b}, nil, format.ShowOptions{Rows: 20, Vertical: true}); err == nil {
		t.Error("vertical without columns is shown")
	}
}

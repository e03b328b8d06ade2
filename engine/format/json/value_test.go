package json

import (
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

func TestValuesOfTexts(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	cases := []struct{ ddl, text, want string }{
		{"a int", "bad", `{"a":null}`}, {"a int", "", "(null)"}, {"a int", "  ", "(null)"}, {"a int", `[{"a":1}]`, `{"a":null}`},
		{"a int, b string", `{"a":"x"}`, `{"a":null,"b":null}`}, {"a int, _corrupt_record string", "bad", `{"_corrupt_record":"bad","a":null}`},
		{"a int, _corrupt_record string", `{"a":"x"}`, `{"_corrupt_record":"{\"a\":\"x\"}","a":null}`}, {"a int, _corrupt_record string", `{"a":2}`, `{"_corrupt_record":null,"a":2}`},
		{"array<int>", "[1,2]", "[1,2]"}, {"array<int>", `[1,"x"]`, "(null)"}, {"array<int>", "5", "(null)"}, {"array<int>", "[1", "(null)"},
		{"array<struct<a:int>>", `{"a":1}`, `[{"a":1}]`}, {"array<struct<a:int>>", `[{"a":1},{"a":2}]`, `[{"a":1},{"a":2}]`},
		{"map<string,int>", `{"a":1}`, `[{"key":"a","value":1}]`}, {"map<string,int>", "bad", "(null)"}, {"map<string,int>", `[{"a":1}]`, "(null)"},
		{"a int", `{"a":1} x`, `{"a":1}`}, {"a int", `{"a":1`, `{"a":null}`}, {"a int", `null`, `{"a":null}`},
	}
	for _, c := range cases {
		typ, err := types.ParseSchema(c.ddl)
		if err != nil {
			t.Fatal(err)
		}
		o, _ := ParseOptions(nil, time.UTC)
		v, err := NewValues(typ, o, mem)
		if err != nil {
			t.Fatal(err)
		}
		v.Null()
		for range 2 {
			if err := v.Add([]byte(c.text)); err != nil {
				t.Fatal(err)
			}
		}
		a := v.Finish()
		if a.Len() != 3 || !a.IsNull(0) || a.ValueStr(1) != c.want || a.ValueStr(2) != c.want {
			t.Errorf("%s of %q: got %v, want %s", c.ddl, c.text, a, c.want)
		}
		a.Release()
		v.Close()
	}
	o, _ := ParseOptions(map[string]string{"mode": "FAILFAST"}, time.UTC)
	v, _ := NewValues(types.Struct{Fields: []types.Field{{Name: "a", Type: types.Int}}}, o, mem)
	if err := v.Add([]byte("bad")); err == nil || errs.As(err).Params["badRecord"] != "[null]" {
		t.Errorf("got %v", err)
	}
	v.Close()
}

// TestEncode decodes text and encodes the rows again.
func TestEncode(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	const ddl = "t timestamp, n timestamp_ntz, d date, x int, s string, f double, g float, m map<string,int>, arr array<struct<a:int>>, b binary, dec decimal(5,2), ok boolean, i interval day to second"
	const text = `{"t":"2020-01-01T00:00:00.123456Z","n":"2020-01-01 01:02:03","d":"2020-01-01","s":"é\u2028\u0000\"/<\n\u001f","f":1e20,"g":"NaN","m":{"k":null},"arr":[{},null,{"a":1}],"b":"YWI=","dec":1.5,"ok":true,"i":"1 02:03:04"}`
	cases := []struct {
		zone string
		opts map[string]string
		want string
	}{
		{"UTC", nil, `{"t":"2020-01-01T00:00:00.123Z","n":"2020-01-01T01:02:03.000","d":"2020-01-01","s":"é` + "\u2028" + `\u0000\"/<\n\u001F","f":1.0E20,"g":"NaN","m":{"k":null},"arr":[{},null,{"a":1}],"b":"YWI=","dec":1.50,"ok":true,"i":"INTERVAL '1 02:03:04' DAY TO SECOND"}` + "\n"},
		{"America/New_York", map[string]string{"ignoreNullFields": "false", "dateFormat": "yyyy", "lineSep": "|"}, `{"t":"2019-12-31T19:00:00.123-05:00","n":"2020-01-01T01:02:03.000","d":"2020","x":null,"s":"é` + "\u2028" + `\u0000\"/<\n\u001F","f":1.0E20,"g":"NaN","m":{"k":null},"arr":[{"a":null},null,{"a":1}],"b":"YWI=","dec":1.50,"ok":true,"i":"INTERVAL '1 02:03:04' DAY TO SECOND"}|`},
	}
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder(schema, nil, nil, time.UTC, mem)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Document([]byte(text)); err != nil {
		t.Fatal(err)
	}
	rec := d.Batch()
	defer rec.Release()
	for _, c := range cases {
		loc, _ := time.LoadLocation(c.zone)
		e, err := NewEncoder(c.opts, loc)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(e.Lines(nil, rec, schema)); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
	}
	for option, value := range map[string]string{"pretty": "true", "locale": "de"} {
		if _, err := NewEncoder(map[string]string{option: value}, time.UTC); err == nil || errs.As(err).Name != "NOT_IMPLEMENTED" {
			t.Errorf("%s: got %v", option, err)
		}
	}
	e, _ := NewEncoder(map[string]string{"timestampFormat": "dd/MM/yyyy"}, time.UTC)
	w := e.Writer(rec.Column(0), types.Timestamp)
	if got := string(w(nil, 0)); got != `"01/01/2020"` {
		t.Errorf("got %s", got)
	}
}

func BenchmarkEncode(b *testing.B) {
	schema, _ := types.ParseDDL(bidDDL)
	d, _ := NewDecoder(schema, nil, nil, time.UTC, memory.DefaultAllocator)
	if _, err := d.Decode(bids(batch.Rows), true); err != nil {
		b.Fatal(err)
	}
	var rec arrow.RecordBatch = d.Batch()
	e, _ := NewEncoder(nil, time.UTC)
	var out []byte
	for b.Loop() {
		out = e.Lines(out[:0], rec, schema)
	}
	b.SetBytes(int64(len(out)))
}

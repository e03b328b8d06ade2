package json

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

const corruptDDL = "a int, b string, _corrupt_record string"

// decode reads text and shows its rows, a line each, values separated by bars.
func decode(t *testing.T, mem memory.Allocator, ddl, text string, opts map[string]string, slow bool) (string, error) {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder(schema, nil, opts, time.UTC, mem)
	if err != nil {
		return "", err
	}
	var from io.Reader = strings.NewReader(text)
	if slow {
		from = iotest.OneByteReader(from)
	}
	r := NewReader(from, d)
	defer r.Close()
	var out strings.Builder
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		out.WriteString(show(rec))
		rec.Release()
	}
}

func show(rec arrow.RecordBatch) string {
	var out strings.Builder
	for i := range int(rec.NumRows()) {
		for c, column := range rec.Columns() {
			if c > 0 {
				out.WriteByte('|')
			}
			out.WriteString(column.ValueStr(i))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func where(column int, op string, value any) format.Filter {
	return format.Filter{Column: column, Op: op, Value: value}
}

func TestRecords(t *testing.T) {
	const none, x = "(null)", "(null)|(null)|"
	cases := []struct{ text, want string }{
		{`{"a":"1","b":2}`, none + `|2|{"a":"1","b":2}`}, {`{"a":1.5,"b":{"c":1}}`, none + `|{"c":1}|{"a":1.5,"b":{"c":1}}`},
		{`{"a":1e2}`, x + `{"a":1e2}`}, {`{"a":3000000000,"b":"k"}`, none + `|k|{"a":3000000000,"b":"k"}`}, {"not json", x + "not json"},
		{`[{"a":1},{"a":2,"b":"x"}]`, "1|(null)|(null)\n2|x|(null)"}, {`[]`, ""}, {`[1,2]`, x + `[1,2]`}, {`5`, x + `5`}, {`null`, x + `null`},
		{`{}`, x + none}, {``, ""}, {`  `, ""}, {`{"a":1}{"a":2}`, "1|(null)|(null)"}, {`{"a":1} x`, "1|(null)|(null)"},
		{`{"a":1,}`, x + `{"a":1,}`}, {`{"a":1`, x + `{"a":1`}, {`{"a":`, x + `{"a":`}, {`{a:1}`, x + `{a:1}`}, {`{'a':1,'b':'x'}`, "1|x|(null)"},
		{`{"a":01}`, x + `{"a":01}`}, {`{"b":"\q"}`, x + `{"b":"\q"}`}, {`{"b":"\u00e9\ud83d\ude00"}`, "(null)|é😀|(null)"},
		{"{\"b\":\"tab\there\"}", x + "{\"b\":\"tab\there\"}"}, {`{"a":true}`, x + `{"a":true}`}, {`{"a":null,"b":null}`, x + none},
		{`{"b":true}`, "(null)|true|(null)"}, {`{"b":1.50}`, "(null)|1.50|(null)"}, {`{"b":[1, 2 ,{"x" : 1}]}`, `(null)|[1, 2 ,{"x" : 1}]|(null)`},
		{`{"a":1,"a":2}`, "2|(null)|(null)"}, {`{"A":1}`, x + none}, {`{"a":1,"_corrupt_record":"z"}`, "1|(null)|(null)"},
		{`{"a":[1]}`, x + `{"a":[1]}`}, {`{"a":""}`, x + `{"a":""}`}, {`{"b":""}`, "(null)||(null)"},
		{"// c\n{\"a\":1}", x + "// c\n1|(null)|(null)"}, {`{"a":NaN}`, x + `{"a":NaN}`}, {`{"a":-1}`, "-1|(null)|(null)"},
		{`{"a":+1}`, x + `{"a":+1}`}, {`{"a":.5}`, x + `{"a":.5}`}, {`{"a":1x}`, x + `{"a":1x}`}, {`{"b":"\u12"}`, x + `{"b":"\u12"}`},
		{`{"b":"x\ud800y"}`, "(null)|x?y|(null)"}, {"\ufeff{\"a\":1}", "1|(null)|(null)"},
		{"{\"a\":1}\r\n{\"a\":2}\r{\"a\":3}\n", "1|(null)|(null)\n2|(null)|(null)\n3|(null)|(null)"},
		{"bad\r{\"a\":2}\rworse\r\n", x + "bad\n2|(null)|(null)\n" + x + "worse"},
		{`{"x":{"y":[1,{"z":"}"}]},"a":7}`, "7|(null)|(null)"}, {`{"x":{,"a":7}`, x + `{"x":{,"a":7}`}, {`{"x":tru,"a":7}`, x + `{"x":tru,"a":7}`},
		{`{"x":"\q","a":7}`, x + `{"x":"\q","a":7}`}, {`[{"a":1},`, x + `[{"a":1},`}, {`[{"a":1}, 5]`, x + `[{"a":1}, 5]`},
		{`[{"a":1},{"a":"x"}]`, `1|(null)|[{"a":1},{"a":"x"}]` + "\n" + x + `[{"a":1},{"a":"x"}]`},
		{"{\"b\":\"\xff\xfe\"}\n{\"b\":\"ok\"}", "(null)|\ufffd\ufffd|(null)\n(null)|ok|(null)"},
		{`{ "a" : 1 , "b" : "x" }`, "1|x|(null)"}, {"{\"a\":1,\n\"b\":2}", x + "{\"a\":1,\n" + x + `"b":2}`},
		{`{"b":"x","a":1}` + "\n" + `{"a":2,"b":"y"}` + "\n" + `{"c":3,"a":3}`, "1|x|(null)\n2|y|(null)\n3|(null)|(null)"},
	}
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	for _, c := range cases {
		for _, slow := range []bool{false, true} {
			got, err := decode(t, mem, corruptDDL, c.text, nil, slow)
			if err != nil || strings.TrimSuffix(got, "\n") != c.want {
				t.Errorf("%q:\n got %q, %v\nwant %q", c.text, got, err, c.want)
			}
		}
	}
}

func TestModes(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	text := "{\"a\":1}\nbad\n{\"a\":\"x\"}\n{}\n"
	got, err := decode(t, mem, "a int, b string", text, map[string]string{"mode": "dropmalformed"}, false)
	if err != nil || got != "1|(null)\n(null)|(null)\n" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, text := range []string{"bad", `{"a":"x"}`, `{"a":1.5}`, `[1]`, `5`} {
		_, err = decode(t, mem, "a int, b string", text, map[string]string{"mode": "FAILFAST"}, false)
		if e := errs.As(err); e == nil || e.Name != "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION" {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if got, err = decode(t, mem, "a int", `[{"a":1}]`, map[string]string{"mode": "FAILFAST"}, false); err != nil || got != "1\n" {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = decode(t, mem, "a int, bad string", "{\"a\":1}\nbad\n", map[string]string{"columnNameOfCorruptRecord": "bad"}, false)
	if err != nil || got != "1|(null)\n(null)|bad\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err = decode(t, mem, "a int, _corrupt_record int", "", nil, false); err == nil || errs.As(err).Name != "INVALID_CORRUPT_RECORD_TYPE" {
		t.Errorf("got %v", err)
	}
}

// TestValues gives, for each type, values and what they become; a tail "!" says that the record counts as bad.
func TestValues(t *testing.T) {
	cases := []struct {
		ddl    string
		values map[string]string
	}{
		{"double", map[string]string{`1`: "1", `1.5`: "1.5", `"1.5"`: "(null)!", `"NaN"`: "NaN", `NaN`: "NaN", `Infinity`: "+Inf", `+Infinity`: "+Inf",
			`-INF`: "-Inf", `"+INF"`: "+Inf", `"INF"`: "(null)!", `1e400`: "+Inf", `true`: "(null)!", `""`: "(null)!", `-0.0`: "-0", `12345678901234567890`: "1.2345678901234567e+19", `0.1`: "0.1", `123.456e-7`: "1.23456e-05"}},
		{"float", map[string]string{`1.5`: "1.5", `1e39`: "+Inf"}},
		{"decimal(5,2)", map[string]string{`1.005`: "1.01", `"12.345"`: "12.35", `123456.789`: "(null)!", `1`: "1", `"x"`: "(null)!", `true`: "(null)!", `""`: "(null)!",
			`1e2`: "100", `"1e2"`: "100", `999.995`: "(null)!", `-1.005`: "-1.01", `" 1"`: "(null)!"}},
		{"boolean", map[string]string{`true`: "true", `false`: "false", `"true"`: "(null)!", `1`: "(null)!"}},
		{"bigint", map[string]string{`9223372036854775807`: "9223372036854775807", `9223372036854775808`: "(null)!", `-9223372036854775808`: "-9223372036854775808", `"5"`: "(null)!", `5.0`: "(null)!", `-0`: "0"}},
		{"tinyint", map[string]string{`127`: "127", `128`: "-128", `-129`: "(null)!"}}, {"smallint", map[string]string{`32768`: "(null)!"}},
		{"date", map[string]string{`"2020-01-02"`: "2020-01-02", `"2020-1-2"`: "2020-01-02", `"2020"`: "2020-01-01", `"2020-01-02 03"`: "2020-01-02", `1`: "(null)!", `"02/01/2020"`: "(null)!"}},
		{"timestamp", map[string]string{`"2020-01-02"`: "2020-01-02T00:00:00Z", `"2020-01-02T03:04:05+05:30"`: "2020-01-01T21:34:05Z", `1704164645`: "2024-01-02T03:04:05Z",
			`1704164645.5`: "(null)!", `"1704164645"`: "(null)!", `-1`: "1969-12-31T23:59:59Z", `""`: "(null)!", `"2020-02-30"`: "(null)!", `1e3`: "(null)!", `{}`: "(null)!"}},
		{"timestamp_ntz", map[string]string{`"2020-01-02T03:04:05Z"`: "(null)!", `"2020-01-02 03:04:05"`: "2020-01-02T03:04:05", `5`: "(null)!"}},
		{"binary", map[string]string{`"aGVsbG8="`: "aGVsbG8=", `1`: "(null)!", `""`: ""}},
		{"string", map[string]string{`1.10`: "1.10", `[1, 2]`: "[1, 2]", `1E+2`: "1E+2", `"\n"`: "\n", `NaN`: "NaN", `12345678901234567890123`: "12345678901234567890123"}},
		{"array<int>", map[string]string{`[1,2]`: "[1,2]", `[1,"x",3]`: "(null)!", `[]`: "[]", `1`: "(null)!", `[null]`: "[null]", `[[1]]`: "(null)!"}},
		{"map<string,int>", map[string]string{`{"a":1,"b":2}`: `[{"key":"a","value":1},{"key":"b","value":2}]`, `{"a":"x"}`: "(null)!", `{}`: "[]", `{"a":null}`: `[{"key":"a","value":null}]`,
			`{"a":1,"b":7,"a":2}`: `[{"key":"a","value":2},{"key":"b","value":7}]`, `[{"a":1}]`: "(null)!"}},
		{"struct<x:int,y:string>", map[string]string{`{"x":1,"y":"q"}`: `{"x":1,"y":"q"}`, `{"x":"b","y":"q"}`: `{"x":null,"y":"q"}!`, `{}`: `{"x":null,"y":null}`, `[1]`: "(null)!", `null`: "(null)"}},
		{"array<struct<x:int>>", map[string]string{`[{"x":1},{"x":"bad"}]`: "(null)!", `[{"x":1},null]`: `[{"x":1},null]`, `{"x":1}`: "(null)!"}},
		{"interval day to second", map[string]string{`"INTERVAL '1 02:03:04' DAY TO SECOND"`: "93784000000us", `"1 02:03:04.5"`: "93784500000us", `"x"`: "(null)!"}},
		{"void", map[string]string{`1`: "(null)", `"a"`: "(null)"}},
	}
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	for _, c := range cases {
		for value, want := range c.values {
			// The value twice, with an ordinary record before, between and behind: nothing leaks from row to row.
			text := `{"v":` + value + `,"k":7}`
			got, err := decode(t, mem, "v "+c.ddl+", k int, _corrupt_record string", text+"\n{\"k\":1}\n"+text, nil, false)
			corrupt := "(null)"
			if rest, isBad := strings.CutSuffix(want, "!"); isBad {
				want, corrupt = rest, text
			}
			row := want + "|7|" + corrupt + "\n"
			if err != nil || got != row+"(null)|1|(null)\n"+row {
				t.Errorf("%s %s: got %q, %v, want %q", c.ddl, value, got, err, row)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	cases := []struct {
		ddl, text, option, value, want string
	}{
		{corruptDDL, "// c\n{\"a\":/*c*/1}", "allowComments", "true", "1|(null)|(null)\n"},
		{corruptDDL, `{a:1, b_2:"x"}`, "allowUnquotedFieldNames", "true", "1|(null)|(null)\n"},
		{corruptDDL, `{'a':1}`, "allowSingleQuotes", "false", "(null)|(null)|{'a':1}\n"},
		{corruptDDL, "{\"a\":01}\n{\"a\":0}\n{\"a\":-01}", "allowNumericLeadingZeros", "true", "1|(null)|(null)\n0|(null)|(null)\n-1|(null)|(null)\n"},
		{corruptDDL, `{"b":"\q"}`, "allowBackslashEscapingAnyCharacter", "true", "(null)|q|(null)\n"},
		{corruptDDL, "{\"b\":\"a\tb\x01\"}", "allowUnquotedControlChars", "true", "(null)|a\tb\x01|(null)\n"},
		{"v double, _corrupt_record string", "{\"v\":NaN}\n{\"v\":\"NaN\"}", "allowNonNumericNumbers", "false", "(null)|{\"v\":NaN}\n(null)|{\"v\":\"NaN\"}\n"},
		{corruptDDL, "{\"a\":1}\n{\"a\":\n2}\n", "multiLine", "true", "1|(null)|(null)\n"},
		{corruptDDL, "[{\"a\":1},\n{\"a\":2}]", "multiLine", "true", "1|(null)|(null)\n2|(null)|(null)\n"},
		{corruptDDL, "[{\"a\":1},\n{\"a\":", "multiLine", "true", "(null)|(null)|[{\"a\":1},\n{\"a\":\n"},
		{corruptDDL, "", "multiLine", "true", ""},
		{corruptDDL, "{\"a\":1}|{\"a\":2}|bad\n", "lineSep", "|", "1|(null)|(null)\n2|(null)|(null)\n(null)|(null)|bad\n\n"},
		{"v timestamp", "{\"v\":\"02/01/2020\"}\n{\"v\":\"2020-01-02\"}\n{\"v\":5}", "timestampFormat", "dd/MM/yyyy", "2020-01-02T00:00:00Z\n(null)\n1970-01-01T00:00:05Z\n"},
		{"v date", "{\"v\":\"02/01/2020\"}\n{\"v\":\"2020-01-02\"}", "dateFormat", "dd/MM/yyyy", "2020-01-02\n(null)\n"},
		{"v timestamp", `{"v":"2024-03-10T02:30:00"}`, "timeZone", "America/New_York", "2024-03-10T07:30:00Z\n"},
		{"a int", `{"a":1}`, "mode", "foo", "1\n"}, {"a int", `{"a":1}`, "foo", "bar", "1\n"},
	}
	for _, c := range cases {
		got, err := decode(t, mem, c.ddl, c.text, map[string]string{c.option: c.value}, false)
		if err != nil || got != c.want {
			t.Errorf("%s=%s %q: got %q, %v, want %q", c.option, c.value, c.text, got, err, c.want)
		}
	}
	for option, want := range map[[2]string]string{{"encoding", "UTF-16"}: "_LEGACY_ERROR_UNNAMED_REQUIREMENT", {"charset", "ISO-8859-1"}: "_LEGACY_ERROR_UNNAMED_REQUIREMENT", {"encoding", "foo"}: "INVALID_PARAMETER_VALUE.CHARSET",
		{"locale", "de"}: "NOT_IMPLEMENTED", {"samplingRatio", "0"}: "_LEGACY_ERROR_UNNAMED_REQUIREMENT", {"timeZone", "x"}: "INVALID_TIMEZONE",
		{"multiLine", "maybe"}: errs.Unnamed + "OPTION_BOOL", {"timestampFormat", "foo"}: "INVALID_DATETIME_PATTERN.WITH_SUGGESTION"} {
		if _, err := ParseOptions(map[string]string{option[0]: option[1]}, time.UTC); err == nil || errs.As(err).Name != want {
			t.Errorf("%v: got %v, want %s", option, err, want)
		}
	}
}

func TestFilterAndProjection(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	schema, _ := types.ParseDDL("a bigint, b string, c double, _corrupt_record string")
	text := strings.Join([]string{`{"a":1,"b":"x","c":1.5}`, `{"a":5,"b":"y","c":2}`, `{"b":"z","a":9}`, `bad`, `{"a":1,"b":"q","a":7}`, `{"a":1,"\u0061":8}`,
		`{"b":"only"}`, `{"a":null}`, `[{"a":1},{"a":6,"b":"in array"}]`, `{"a":1,`, `{"a":5,"b":3}`}, "\n")
	for _, c := range []struct {
		filters []format.Filter
		want    string
	}{
		{[]format.Filter{where(0, ">", int64(4))}, "5|y|(null)\n9|z|(null)\n(null)|(null)|bad\n7|q|(null)\n8|(null)|(null)\n1|(null)|(null)\n6|in array|(null)\n5|3|(null)\n"},
		{[]format.Filter{where(0, "=", int64(5)), where(1, "=", "y")}, "5|y|(null)\n(null)|(null)|bad\n1|(null)|(null)\n6|in array|(null)\n"},
		{[]format.Filter{where(0, ">=", int64(5)), where(0, "<", int64(7))}, "5|y|(null)\n(null)|(null)|bad\n1|(null)|(null)\n6|in array|(null)\n5|3|(null)\n"},
		{[]format.Filter{where(0, "isnotnull", nil)}, "1|x|(null)\n5|y|(null)\n9|z|(null)\n(null)|(null)|bad\n7|q|(null)\n8|(null)|(null)\n1|(null)|(null)\n6|in array|(null)\n(null)|(null)|{\"a\":1,\n5|3|(null)\n"},
		{[]format.Filter{where(2, "<", 2.0)}, "not pushed"}, // the column is not asked for
	} {
		columns := []int{0, 1, 3}
		d, err := NewDecoder(schema, columns, nil, time.UTC, mem)
		if err != nil {
			t.Fatal(err)
		}
		d.Filter(c.filters, columns)
		if _, err := d.Decode([]byte(text), true); err != nil {
			t.Fatal(err)
		}
		if c.want == "not pushed" {
			if d.Rows() != 12 {
				t.Errorf("%v: %d rows", c.filters, d.Rows())
			}
		} else {
			rec := d.Batch()
			if got := show(rec); got != c.want {
				t.Errorf("%v: got\n%s", c.filters, got)
			}
			rec.Release()
		}
		d.Close()
	}
}

func TestBatchesAreBounded(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	schema, _ := types.ParseDDL(bidDDL)
	d, err := NewDecoder(schema, []int{0, 6}, nil, time.UTC, mem)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(bytes.NewReader(bids(20_000)), d)
	defer r.Close()
	var sizes []int64
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, rec.NumRows())
		if rec.NumCols() != 2 || rec.ColumnName(1) != "extra" {
			t.Errorf("got %v", rec.Schema())
		}
		rec.Release()
	}
	if fmt.Sprint(sizes) != "[8192 8192 3616]" {
		t.Errorf("got %v", sizes)
	}
}

// FuzzDecode holds the decoder against encoding/json: what that takes we take, with the same fields.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"x"}`, `{"b":"\u00e9\n","a":-5}`, `{"a":1.5e3,"c":[1,{"d":null}]}`, `[{"a":1}]`, `{"a":`, `{"b":{"x":[]}}`,
		`{"a":9223372036854775807}`, "{\"b\":\"é\"}", `{"a" : 1 , "b" : "y" }`, `{"b":"\ud83d\ude00"}`, `{"b":"\ud800"}`, `nul`, `{"":0}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
		defer mem.AssertSize(t, 0)
		schema, _ := types.ParseDDL("a bigint, b string, m map<string,string>, s struct<a: array<double>>, _corrupt_record string")
		d, err := NewDecoder(schema, nil, map[string]string{"multiLine": "true"}, time.UTC, mem)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.Document([]byte(text)); err != nil {
			t.Fatal(err)
		}
		rec := d.Batch()
		defer rec.Release()
		var want struct {
			B *string `json:"b"`
		}
		var names map[string]stdjson.RawMessage
		if strings.ContainsAny(text, "\x00") || stdjson.Unmarshal([]byte(text), &names) != nil || names == nil {
			return
		}
		if rec.NumRows() != 1 {
			t.Fatalf("%q: %d rows", text, rec.NumRows())
		}
		raw, has := names["b"]
		if !has || stdjson.Unmarshal([]byte(`{"b":`+string(raw)+`}`), &want) != nil || want.B == nil || strings.Contains(text, "\\u") || strings.Contains(text, "\ufffd") {
			return
		}
		if got := rec.Column(1).ValueStr(0); got != *want.B {
			t.Errorf("%q: got %q, want %q", text, got, *want.B)
		}
	})
}

// TestEncodings reads text of other encodings; what is no text of its encoding is corrupt, and kept as it came.
func TestEncodings(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	for _, c := range []struct {
		encoding, sep, text, want string
		whole                     bool
	}{
		{"ISO-8859-1", "\n", "{\"a\":\"\xe4\"}\n{\"a\":\"x\"}\n", "ä|(null)\nx|(null)\n", false}, {"UTF-16LE", "\n", "{\x00}\x00\n\x00{\x00}\x00", "(null)|(null)\n(null)|(null)\n", false},
		{"US-ASCII", "\n", "{\"a\":\"\xe4\"}\n{\"a\":\"x\"}", "(null)|{\"a\":\"\uFFFD\"}\nx|(null)\n", false}, {"UTF-16", "", "\xff\xfe{\x00\"\x00a\x00\"\x00:\x00\"\x00\xe4\x00\"\x00}\x00", "ä|(null)\n", true},
	} {
		opts := map[string]string{"encoding": c.encoding}
		if c.sep != "" {
			opts["lineSep"] = c.sep
		}
		if c.whole {
			opts["multiLine"] = "true"
		}
		got, err := decode(t, mem, "a string, _corrupt_record string", c.text, opts, c.whole)
		if err != nil || got != c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.encoding, c.text, got, err, c.want)
		}
	}
}

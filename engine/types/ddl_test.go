package types

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
)

func TestParseSchema(t *testing.T) {
	cases := []struct{ ddl, json string }{
		{"a BIGINT, b STRING NOT NULL COMMENT 'x'", `{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}},{"name":"b","type":"string","nullable":false,"metadata":{"comment":"x"}}]}`},
		{"s STRUCT<x: INT, y array<map<string, decimal(5,2)>>>", `{"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"x","type":"integer","nullable":true,"metadata":{}},{"name":"y","type":{"type":"array","elementType":{"type":"map","keyType":"string","valueType":"decimal(5,2)","valueContainsNull":true},"containsNull":true},"nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}}]}`},
		{"struct<a int, b: string NOT NULL COMMENT 'it''s'>", `{"type":"struct","fields":[{"name":"a","type":"integer","nullable":true,"metadata":{}},{"name":"b","type":"string","nullable":false,"metadata":{"comment":"it's"}}]}`},
		{"a: int", `{"type":"struct","fields":[{"name":"a","type":"integer","nullable":true,"metadata":{}}]}`},
		{"int", `"integer"`},
		{"decimal", `"decimal(10,0)"`},
		{"`a-b` int", `{"type":"struct","fields":[{"name":"a-b","type":"integer","nullable":true,"metadata":{}}]}`},
		{"int int", `{"type":"struct","fields":[{"name":"int","type":"integer","nullable":true,"metadata":{}}]}`},
		{"1a struct<>", `{"type":"struct","fields":[{"name":"1a","type":{"type":"struct","fields":[]},"nullable":true,"metadata":{}}]}`},
		{"a timestamp without time zone", `{"type":"struct","fields":[{"name":"a","type":"timestamp_ntz","nullable":true,"metadata":{}}]}`},
		{"a interval day to second", `{"type":"struct","fields":[{"name":"a","type":"interval day to second","nullable":true,"metadata":{}}]}`},
	}
	for _, c := range cases {
		got, err := ParseSchema(c.ddl)
		if err != nil {
			t.Errorf("%s: %v", c.ddl, err)
			continue
		}
		if JSON(got) != c.json {
			t.Errorf("%s:\n got %s\nwant %s", c.ddl, JSON(got), c.json)
		}
		back, err := FromJSON(c.json)
		if err != nil || JSON(back) != c.json {
			t.Errorf("%s: read back as %v, %v", c.json, back, err)
		}
	}
}

func TestParseTypeNames(t *testing.T) {
	const want = "struct<a:timestamp,b:timestamp_ntz,c:float,d:decimal(4,0),e:decimal(5,1),f:tinyint,g:smallint,h:bigint,i:int,j:void,l:binary>"
	s, err := ParseDDL("a timestamp_ltz, b timestamp_ntz, c real, d dec(4), e numeric(5,1), f byte, g short, h long, i integer, j void, l binary")
	if err != nil || s.String() != want {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestParseDDLRefuses(t *testing.T) {
	cases := []struct{ ddl, condition, param, value string }{
		{"", "PARSE_EMPTY_STATEMENT", "", ""},
		{"a: int, b: string", "PARSE_SYNTAX_ERROR", "error", "':'"},
		{"a", "PARSE_SYNTAX_ERROR", "error", "end of input"},
		{"a foo", "UNSUPPORTED_DATATYPE", "typeName", `"FOO"`},
		{"a int b int", "PARSE_SYNTAX_ERROR", "error", "'b'"},
		{"a int,", "PARSE_SYNTAX_ERROR", "error", "end of input"},
		{"a decimal(39,2)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", "39"},
		{"a decimal(2,5)", "DECIMAL_SCALE_EXCEEDS_PRECISION", "scale", "5"},
		{"a varchar(5)", "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING", "", ""},
		{"a varchar", "DATATYPE_MISSING_SIZE", "type", `"VARCHAR"`},
		{"a array", "INCOMPLETE_TYPE_DEFINITION.ARRAY", "", ""},
		{"a array<>", "PARSE_SYNTAX_ERROR", "error", "'<>'"},
		{"a struct", "INCOMPLETE_TYPE_DEFINITION.STRUCT", "", ""},
		{"a map<int>", "PARSE_SYNTAX_ERROR", "error", "'<'"},
		{"a-b int", "INVALID_IDENTIFIER", "ident", "a-b"},
		{"a string(3)", "UNSUPPORTED_DATATYPE", "typeName", `"STRING(3)"`},
		{"a int default 5", "PARSE_SYNTAX_ERROR", "error", "'default'"},
		{"a variant", "NOT_IMPLEMENTED", "feature", "the type VARIANT"},
	}
	for _, c := range cases {
		_, err := ParseDDL(c.ddl)
		e := errs.As(err)
		if e == nil || e.Name != c.condition || c.param != "" && e.Params[c.param] != c.value {
			t.Errorf("%q: got %v, want %s with %s = %s", c.ddl, err, c.condition, c.param, c.value)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("array<", n) + "int" + strings.Repeat(">", n) }
	if _, err := ParseType(deep(900)); err != nil {
		t.Error(err)
	}
	if _, err := ParseType(deep(1_000_000)); err == nil || errs.As(err).Name != "PARSE_SYNTAX_ERROR" {
		t.Errorf("got %v", err)
	}
}

func TestFromJSONRefuses(t *testing.T) {
	for _, text := range []string{"", "{", `"foo"`, `{"type":"nothing"}`, `{"type":"array"}`, `"struct"`, `"integer"x`} {
		if got, err := FromJSON(text); err == nil || errs.As(err).Name != "INVALID_JSON_DATA_TYPE" {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestTree(t *testing.T) {
	s, err := ParseDDL("a bigint not null, s struct<x: int, y: array<struct<z: string>>>, m map<string, int>")
	if err != nil {
		t.Fatal(err)
	}
	const want = `root
 |-- a: long (nullable = false)
 |-- s: struct (nullable = true)
 |    |-- x: integer (nullable = true)
 |    |-- y: array (nullable = true)
 |    |    |-- element: struct (containsNull = true)
 |    |    |    |-- z: string (nullable = true)
 |-- m: map (nullable = true)
 |    |-- key: string
 |    |-- value: integer (valueContainsNull = true)
`
	if got := Tree(s, 0); got != want {
		t.Errorf("got\n%s", got)
	}
	const first = `root
 |-- a: long (nullable = false)
 |-- s: struct (nullable = true)
 |-- m: map (nullable = true)
`
	if got := Tree(s, 1); got != first {
		t.Errorf("got\n%s", got)
	}
}

func TestArrowRoundTrip(t *testing.T) {
	s, err := ParseDDL("a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h decimal(10,3), i string, j binary, k date, l timestamp, m timestamp_ntz, n array<int>, o map<string,bigint>, p struct<q: int>, r interval, s interval day to second, t interval year to month, u void")
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromArrowSchema(ArrowSchema(s))
	if err != nil || !Equal(back, s) {
		t.Errorf("got %v, %v", back, err)
	}
	for _, c := range []struct {
		from arrow.DataType
		want string
	}{
		{arrow.PrimitiveTypes.Uint8, "smallint"}, {arrow.PrimitiveTypes.Uint64, "decimal(20,0)"},
		{arrow.BinaryTypes.LargeString, "string"}, {&arrow.TimestampType{Unit: arrow.Nanosecond}, "timestamp_ntz"},
		{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, "string"},
		{arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int64), "array<bigint>"},
	} {
		if got, err := FromArrow(c.from); err != nil || got.String() != c.want {
			t.Errorf("%v: got %v, %v", c.from, got, err)
		}
	}
	if _, err := FromArrow(arrow.FixedWidthTypes.Time64us); err == nil {
		t.Error("time64 has a type")
	}
}

func TestParseInterval(t *testing.T) {
	cases := []struct{ text, want, fails string }{
		{"10 seconds", "10 seconds", ""},
		{"INTERVAL 1 day", "1 days", ""},
		{"1 month -2 days 1.5 seconds", "1 months -2 days 1.5 seconds", ""},
		{"- 1 day", "-1 days", ""}, {"+1 day", "1 days", ""},
		{".5 seconds", "0.5 seconds", ""}, {"5. seconds", "5 seconds", ""}, {"-.5 seconds", "-0.5 seconds", ""},
		{"1 week 2 hours 3 minutes 4 milliseconds 5 microseconds", "7 days 2 hours 3 minutes 0.004005 seconds", ""},
		{"0 seconds", "0 seconds", ""},
		{"abc", "", "UNRECOGNIZED_NUMBER"}, {"", "", "INPUT_IS_EMPTY"}, {"interval", "", "INPUT_IS_EMPTY"},
		{"1", "", "MISSING_UNIT"}, {"1 foo", "", "INVALID_UNIT"}, {"1.5 day", "", "INVALID_FRACTION"},
		{"intervalx 1 day", "", "INVALID_PREFIX"}, {"1.0000000001 seconds", "", "INVALID_PRECISION"},
		{"99999999999999999999 seconds", "", "ARITHMETIC_EXCEPTION"}, {"9223372036854775807 days", "", "ARITHMETIC_EXCEPTION"},
		{"1x day", "", "INVALID_VALUE"}, {"-", "", "MISSING_NUMBER"}, {"1 dayx", "", "INVALID_UNIT"},
	}
	for _, c := range cases {
		got, err := ParseInterval(c.text)
		if c.fails != "" {
			if e := errs.As(err); e == nil || e.Name != "INVALID_INTERVAL_FORMAT."+c.fails || e.Params["input"] != c.text {
				t.Errorf("%q: got %v, %v, want %s", c.text, got, err, c.fails)
			}
			if _, err := ParseDuration(c.text); errs.As(err).Name != "CANNOT_PARSE_INTERVAL" {
				t.Errorf("%q: got %v", c.text, err)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("%q: got %v, %v, want %s", c.text, got, err, c.want)
		}
	}
}

func TestIntervalRanges(t *testing.T) {
	for text, want := range map[string]string{"interval day": "interval day", "INTERVAL DAY TO HOUR": "interval day to hour", "interval year": "interval year",
		"interval day to second": "interval day to second", "interval hour to second": "interval hour to second", "interval": "interval"} {
		got, err := ParseType(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
		back, err := FromJSON(JSON(got))
		if err != nil || back != got {
			t.Errorf("%s: read back as %v, %v", text, back, err)
		}
	}
	for _, bad := range []string{"interval day to day", "interval month to day", "interval second to day"} {
		if got, err := ParseType(bad); err == nil {
			t.Errorf("%s: got %v", bad, got)
		}
	}
	const v = 26*3_600_000_000 + 3*60_000_000 + 4_500_000
	for _, c := range []struct {
		from, to Unit
		v        int64
		want     string
	}{
		{Day, Day, v, "INTERVAL '1' DAY"}, {Day, Hour, v, "INTERVAL '1 02' DAY TO HOUR"}, {Day, Minute, -v, "INTERVAL '-1 02:03' DAY TO MINUTE"},
		{Hour, Second, v, "INTERVAL '26:03:04.5' HOUR TO SECOND"}, {Second, Second, v, "INTERVAL '93784.5' SECOND"}, {Minute, Minute, v, "INTERVAL '1563' MINUTE"},
		{Year, Year, -25, "INTERVAL '-2' YEAR"}, {Month, Month, 14, "INTERVAL '14' MONTH"},
	} {
		if got := string(Intervals(c.from, c.to).(IntervalRange).AppendRange(nil, c.v)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

package json

import (
	"testing"
	"time"

	"pysparkcompat/engine/errs"
)

func TestInfer(t *testing.T) {
	cases := []struct{ text, option, want string }{
		{"{\"a\":1,\"b\":\"x\"}\n{\"a\":2.5,\"c\":true}\n{\"a\":null,\"d\":[1,2]}", "", "struct<a:double,b:string,c:boolean,d:array<bigint>>"},
		{"{\"a\":1}\n{\"a\":\"x\"}", "", "struct<a:string>"}, {"{\"a\":1}\n{\"a\":{\"b\":1}}", "", "struct<a:string>"},
		{`{"a":[1,"x"]}`, "", "struct<a:array<string>>"}, {"{\"a\":[]}\n{\"b\":null}", "", "struct<a:array<string>,b:string>"},
		{`{"a":9223372036854775808}`, "", "struct<a:decimal(19,0)>"}, {`{"a":1.5e300}`, "", "struct<a:double>"},
		{"bad\n{\"a\":1}", "", "struct<_corrupt_record:string,a:bigint>"}, {"bad", "", "struct<_corrupt_record:string>"},
		{`[{"a":1},{"b":2}]`, "", "struct<a:bigint,b:bigint>"}, {`5`, "", "struct<_corrupt_record:string>"}, {``, "", "struct<>"}, {`{}`, "", "struct<>"},
		{`{"a":{"z":1,"b":{"c":[{"d":1},{"e":"x"}]}}}`, "", "struct<a:struct<b:struct<c:array<struct<d:bigint,e:string>>>,z:bigint>>"},
		{"{\"a\":[1,2.5]}\n{\"a\":null}", "", "struct<a:array<double>>"}, {`{"a":[[1],["x"]]}`, "", "struct<a:array<array<string>>>"},
		{`{"a":{}}`, "", "struct<>"}, {`{"a":12345678901234567890123456789012345678901234567890}`, "", "struct<a:double>"},
		{"{\"a\":true}\n{\"a\":1}", "", "struct<a:string>"}, {`{"":1}`, "", "struct<>"}, {`{"a":NaN}`, "", "struct<a:double>"},
		{`[1]`, "", "struct<_corrupt_record:string>"}, {`[]`, "", "struct<>"}, {"{\"a\":1,\"_corrupt_record\":5}\nbad", "", "struct<_corrupt_record:string,a:bigint>"},
		{`{"a":1,"b":2.5,"c":true,"d":{"e":1},"f":"x"}`, "primitivesAsString", "struct<a:string,b:string,c:string,d:struct<e:string>,f:string>"},
		{`{"a":1.5,"b":123456789012345678901234567890.5,"c":1}`, "prefersDecimal", "struct<a:decimal(2,1),b:decimal(31,1),c:bigint>"},
		{"{\"a\":1.5}\n{\"a\":100}", "prefersDecimal", "struct<a:decimal(21,1)>"},
		{`{"a":null,"b":[],"c":{},"d":[null],"e":1,"f":{"g":null}}`, "dropFieldIfAllNull", "struct<e:bigint>"},
		{`{"a":"2020-01-01T00:00:00Z","b":"2020-01-01 00:00:00","c":"x"}`, "inferTimestamp", "struct<a:timestamp,b:timestamp,c:string>"},
		{"{\"a\":1}\nbad", "mode", "struct<a:bigint>"}, {"{\"a\":1}\r{\"b\":1}\r\n", "", "struct<a:bigint,b:bigint>"},
	}
	for _, c := range cases {
		value := "true"
		if c.option == "mode" {
			value = "DROPMALFORMED"
		}
		o, err := ParseOptions(map[string]string{c.option: value}, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		f := NewInferrer(o)
		if used, err := f.Decode([]byte(c.text), true); err != nil || used != len(c.text) {
			t.Errorf("%q: used %d, %v", c.text, used, err)
		}
		if got := f.Schema().String(); got != c.want {
			t.Errorf("%q %s: got %s, want %s", c.text, c.option, got, c.want)
		}
	}
	o, _ := ParseOptions(map[string]string{"mode": "FAILFAST"}, time.UTC)
	if _, err := NewInferrer(o).Decode([]byte("bad"), true); err == nil || errs.As(err).Params["badRecord"] != "_corrupt_record" {
		t.Errorf("got %v", err)
	}
}

func TestTypeOf(t *testing.T) {
	o, _ := ParseOptions(nil, time.UTC)
	for text, want := range map[string]string{`{"a":1,"b":"x","c":[1.5]}`: "struct<a:bigint,b:string,c:array<double>>", `[{"a":1}]`: "array<struct<a:bigint>>", `5`: "bigint", ``: "string"} {
		if got, ok := TypeOf([]byte(text), o); !ok || got.String() != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	if _, ok := TypeOf([]byte("bad"), o); ok {
		t.Error("bad has a type")
	}
}

func TestPath(t *testing.T) {
	const none = "\x00"
	cases := []struct{ text, path, want string }{
		{`{"a":{"b":[1,2,{"c":"x"}]}}`, "$.a.b[2].c", "x"}, {`{"a":{"b":[1,2]}}`, "$.a", `{"b":[1,2]}`}, {`{"a":null}`, "$.a", none},
		{`{"a":1.50}`, "$.a", "1.5"}, {`[{"a":1},{"a":2}]`, "$[*].a", "[1,2]"}, {`[{"a":1}]`, "$[*].a", "1"}, {`[{"a":1},{"a":2}]`, "$[0]", `{"a":1}`},
		{`bad`, "$.a", none}, {`{"a":1}`, "a", none}, {`{"a b":1}`, "$['a b']", "1"}, {`{"a":1}`, "$", `{"a":1}`},
		{`{"a":[[1,2],[3]]}`, "$.a[*][0]", "[1,3]"}, {`{"a":[[1,2],[3]]}`, "$.a[*][*]", "[1,2,3]"}, {`{"a":{"x":1,"y":2}}`, "$.a.*", none},
		{`[{"a":1},{"a":2}]`, "$.a", none}, {`{"a":"x\ny"}`, "$.a", "x\ny"}, {`{"a":["x","y"]}`, "$.a[*]", `["x","y"]`}, {`{"a":["x"]}`, "$.a[*]", `"x"`},
		{`{"a":1} x`, "$.a", "1"}, {`{"a":1, "b": bad}`, "$.a", none}, {`{"a":1,"a":2}`, "$.a", "1"}, {`{"a": {"b" : [1 , 2]}}`, "$.a", `{"b":[1,2]}`},
		{`{"a":1}`, "$.b", none}, {`{"a":true}`, "$.a", "true"}, {``, "$.a", none}, {`{"a":[1,2]}`, "$.a[5]", none}, {`{'a':1}`, "$.a", "1"},
	}
	f := NewFinder()
	for _, c := range cases {
		got := none
		if p, ok := ParsePath(c.path); ok {
			if s, found := f.Find([]byte(c.text), p); found {
				got = string(s)
			}
		}
		if got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.path, c.text, got, c.want)
		}
	}
}

package csv

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// wrap changes how a decoder or its input is used.
type wrap struct {
	careful bool
	from    func(io.Reader) io.Reader
	columns []int
	filters []format.Filter
}

// read decodes a text and prints its rows, a line each, or the error.
func read(t *testing.T, ddl, text string, given map[string]string, w wrap) string {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	o, err := ParseOptions(given, Env{Zone: time.UTC, Pruning: true})
	if err != nil {
		return errs.As(err).Name
	}
	columns := w.columns
	if columns == nil {
		for i := range schema.Fields {
			columns = append(columns, i)
		}
	}
	d, err := NewDecoder(schema, columns, o, mem)
	if err != nil {
		return errs.As(err).Name
	}
	d.Filter(w.filters, columns)
	if w.careful {
		d.quick = false
	}
	var from io.Reader = strings.NewReader(text)
	if w.from != nil {
		from = w.from(from)
	}
	r := NewReader(from, d, true, "f.csv")
	defer r.Close()
	var out strings.Builder
	for {
		b, err := r.Next()
		if err == io.EOF {
			return strings.TrimSuffix(out.String(), "\n")
		}
		if err != nil {
			return errs.As(err).Name
		}
		for i := range int(b.NumRows()) {
			for k, c := range b.Columns() {
				if k > 0 {
					out.WriteByte('|')
				}
				out.WriteString(cell(c, i))
			}
			out.WriteByte('\n')
		}
		b.Release()
	}
}

func cell(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "-"
	}
	if s, ok := a.(*array.String); ok {
		return strings.NewReplacer("\n", "¶", "\r", "¬").Replace(s.Value(i))
	}
	return a.ValueStr(i)
}

const abc = "a string, b string, c string"

// TestSplitting holds what PySpark 4.3 makes of texts: where a value begins and ends.
func TestSplitting(t *testing.T) {
	for _, c := range []struct {
		text, want string
		given      string // options as k=v;k=v
	}{
		{`x,y,z`, `x|y|z`, ""}, {`x`, `x|-|-`, ""}, {`,,`, `-|-|-`, ""}, {`"x","y,z",`, `x|y,z|-`, ""}, {`"a\"b","",q`, `a"b|-|q`, ""},
		{`"a""b",x,y`, `"a""b"|x|y`, ""}, {`"a""b",x,y`, `a"b|x|y`, `escape="`}, {`"""a""",x,y`, `"a"|x|y`, `escape="`}, {`"x"tail,y,z`, `"x"tail|y|z`, ""},
		{`"x" ,y,z`, `x|y|z`, ""}, {`"x" t,y,z`, `"x" t|y|z`, ""}, {` "x",y,z`, ` "x"|y|z`, ""}, {`"open,y`, `open,y|-|-`, ""}, {`a"b"c,y,z`, `a"b"c|y|z`, ""},
		{`"a\\",x,y`, `a\|x|y`, ""}, {`"a\n",x,y`, `a\n|x|y`, ""}, {`a\,b,c`, `a\|b|c`, ""}, {`'a,b',c,d`, `a,b|c|d`, `quote='`}, {`"a,b",c,d`, `"a|b"|c`, `quote=`},
		{` x , y ,"  z "`, `x|y|  z `, `ignoreLeadingWhiteSpace=true;ignoreTrailingWhiteSpace=true`}, {`x,"",`, `x|E|-`, `emptyValue=E`}, {`NA,"NA",x`, `-|-|x`, `nullValue=NA`},
		{`a||b||c`, `a|b|c`, `sep=||`}, {`a|b||"x||y"||`, `a|b|x||y|-`, `sep=||`}, {`a;b;c`, `a|b|c`, `delimiter=;`}, {"a\tb\tc", `a|b|c`, `sep=\t`}, {`a¦b¦"c¦"`, `a|b|c¦`, `sep=¦`},
		{"x,y,z\r\nu,v,w\r", "x|y|z\nu|v|w", ""}, {"#c\nx,y,z\n #d,,", "x|y|z\n #d|-|-", "comment=#"}, {"\n  \nx,y,z\n", "x|y|z", ""}, {"h,h,h\nx,y,z", "x|y|z", "header=true"},
		{"x,\"a\nb\",z\n\nu,v,w\n", "x|a¶b|z\nu|v|w", "multiLine=true"}, {"x,\"a\r\nb\",z\r\nu,v,w", "x|a¶b|z\nu|v|w", "multiLine=true"}, {"x,y,z;u,v,w", "x|y|z\nu|v|w", "lineSep=;"},
		{`"x"y,z`, `"x"y|z|-`, "unescapedQuoteHandling=STOP_AT_DELIMITER"}, {`"x"y,"z,u`, `"x"y|z,u|-`, ""}, {`"x"y",z,u`, `x"y|z|u`, "unescapedQuoteHandling=STOP_AT_CLOSING_QUOTE"},
		{`"x"y,z,u`, `-|z|u`, "unescapedQuoteHandling=SKIP_VALUE"}, {`"x"y,z,u`, `MALFORMED_CSV_RECORD`, "unescapedQuoteHandling=RAISE_ERROR"}, {"x,y,z\na,b,c,d", "MALFORMED_CSV_RECORD", "maxColumns=3"}, {"xy,y,z", "MALFORMED_CSV_RECORD", "maxCharsPerColumn=1"},
		{"x,\xff,z", "x|\uFFFD|z", ""}, {"x,\xe2\x82y,z", "x|\uFFFDy|z", ""}, {"\xef\xbb\xbfx,y,z", "x|y|z", ""}, {"x,\xe4,z", "x|ä|z", "encoding=ISO-8859-1"}, {"x", "INVALID_PARAMETER_VALUE.CHARSET", "encoding=utf8"},
		{"x", "INVALID_LINE_SEPARATOR.TOO_LONG", "lineSep=abc"}, {"x", "OPTION_VALUE_EXCEEDS_ONE_CHARACTER", "quote=ab"}, {"x", "_LEGACY_ERROR_TEMP_2146", "maxColumns=x"}, {"x", "INVALID_DELIMITER_VALUE.EMPTY_STRING", "sep="},
		{"x,y\n", "_LEGACY_ERROR_TEMP_3241", "header=true;enforceSchema=false"}, {"A,b,c\n1,2,3", "1|2|3", "header=true;enforceSchema=false"},
	} {
		if got := read(t, abc, c.text, options(c.given), wrap{}); got != c.want {
			t.Errorf("%q with %s: %s, want %s", c.text, c.given, got, c.want)
		}
	}
}

func options(text string) map[string]string {
	out := map[string]string{}
	for len(text) > 0 {
		key, rest, _ := strings.Cut(text, "=")
		value := rest
		if i := strings.LastIndex(rest, "="); i >= 0 && strings.Contains(rest[:i], ";") && len(rest) > 1 {
			j := strings.Index(rest, ";")
			value, text = rest[:j], rest[j+1:]
		} else {
			text = ""
		}
		out[key] = value
	}
	return out
}

// TestTypes holds the values of each type; what does not fit is null and in the corrupt column.
func TestTypes(t *testing.T) {
	for _, c := range []struct{ ddl, text, want string }{
		{"tinyint", "127,128,-128,+5, 5", "127 - -128 5 -"}, {"int", "2147483647,2147483648,-0,01,1.0,+,-", "2147483647 - 0 1 - - -"},
		{"bigint", "9223372036854775807,9223372036854775808,-9223372036854775808,00000000000000000000001", "9223372036854775807 - -9223372036854775808 1"},
		{"double", "0.1,1e400,NaN,Inf,-Inf,Infinity,1d,0x1p3,1_0, 2 ,e5,1e,.,-.5e+3,inf,nan", "0.1 +Inf NaN +Inf -Inf +Inf 1 8 - 2 - - - -500 - -"}, {"boolean", "true,FALSE,t,1", "true false - -"},
		{"decimal(5,2)", "1.005,999.995,1e2, 1,x", "1.01 - 100 - -"}, {"date", "2024-01-02,2024-1-2,x,2024-02-30,2024", "2024-01-02 2024-01-02 - - 2024-01-01"},
		{"timestamp", "2024-01-02,x,2024-01-02 03:04:05GMT+01:00", "2024-01-02T00:00:00Z - 2024-01-02T02:04:05Z"}, {"interval day to second", "1 02:03:04,x", "93784000000us -"},
	} {
		var text, want []string
		values := strings.Fields(c.want)
		for i, v := range strings.Split(c.text, ",") {
			line := fmt.Sprintf("%d,%s", i, v)
			text = append(text, line)
			if values[i] == "-" {
				want = append(want, values[i]+"|"+line)
			} else {
				want = append(want, values[i]+"|-")
			}
		}
		got := read(t, "i int, v "+c.ddl+", _corrupt_record string", strings.Join(text, "\n"), nil, wrap{columns: []int{0, 1, 2}})
		for i, line := range strings.Split(got, "\n") {
			if _, rest, _ := strings.Cut(line, "|"); rest != want[i] {
				t.Errorf("%s of %q: %s, want %s", c.ddl, text[i], rest, want[i])
			}
		}
	}
}

// TestRecords holds the modes and what pruning and filters change.
func TestRecords(t *testing.T) {
	const text = "1,x\nq,y\n3\n4,z,w\n"
	above := []format.Filter{{Column: 0, Op: ">", Value: int64(1)}}
	for _, c := range []struct {
		name, ddl, want string
		given           string
		w               wrap
	}{
		{"permissive", "a int, b string, _corrupt_record string", "1|x|-\n-|y|q,y\n3|-|3\n4|z|4,z,w", "", wrap{}},
		{"drop", "a int, b string", "1|x", "mode=DROPMALFORMED", wrap{}}, {"drop, pruned", "a int, b string", "x\ny\n-\nz", "mode=DROPMALFORMED", wrap{columns: []int{1}}},
		{"drop, not pruned", "a int, b string", "x\ny", "mode=DROPMALFORMED;columnPruning=false", wrap{columns: []int{1}}}, {"fail", "a int, b string", "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "mode=FAILFAST", wrap{}},
		{"filter", "a int, b string", "-|y\n3|-\n4|z", "", wrap{filters: above}}, {"two filters", "a int, b string", "3|-\n4|z", "", wrap{filters: append(above[:1:1], format.Filter{Column: 1, Op: "=", Value: "z"}), careful: true}},
		{"no columns", "a int, b string", "\n\n\n", "", wrap{columns: []int{}}},
	} {
		if got := read(t, c.ddl, text, options(c.given), c.w); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

var alphabets = []string{`a"\, `, `ab"\,`, `",\`, "a\" ,\t", `ab'"|,`, "aä\",\x00"}

var variants = []string{"", `escape="`, "quote=", "escape=", "quote='", "ignoreLeadingWhiteSpace=true", "nullValue=N;emptyValue=E", "sep=|", "comment=a", "unescapedQuoteHandling=STOP_AT_CLOSING_QUOTE",
	"unescapedQuoteHandling=SKIP_VALUE", "sep=\\t", "ignoreTrailingWhiteSpace=true", "mode=DROPMALFORMED"}

func random(pick *rand.Rand, alphabet string, n int) string {
	runes := []rune(alphabet)
	var b strings.Builder
	for range n {
		b.WriteRune(runes[pick.IntN(len(runes))])
	}
	return b.String()
}

// TestQuick says that the quick way of reading lines gives what the splitter gives.
func TestQuick(t *testing.T) {
	pick := rand.New(rand.NewPCG(3, 5))
	for _, given := range variants {
		for _, columns := range [][]int{nil, {1}, {0, 2}} {
			for range 150 {
				line := random(pick, alphabets[pick.IntN(len(alphabets))], 1+pick.IntN(10))
				o := options(given)
				quick := read(t, abc+", _corrupt_record string", line+"\n", o, wrap{columns: columns})
				careful := read(t, abc+", _corrupt_record string", line+"\n", o, wrap{columns: columns, careful: true})
				if quick != careful {
					t.Fatalf("%q with %q, columns %v: quick %q, careful %q", line, given, columns, quick, careful)
				}
			}
		}
	}
}

// TestPieces says that it does not matter how the text arrives, nor how many rows a batch has.
func TestPieces(t *testing.T) {
	pick := rand.New(rand.NewPCG(1, 2))
	for _, given := range append(variants, "multiLine=true", "multiLine=true;escape=\"", "lineSep=b", "multiLine=true;lineSep=b") {
		for range 12 {
			text := random(pick, "aab\",,\n\r \\ä", 200)
			o := options(given)
			whole := read(t, abc+", _corrupt_record string", text, o, wrap{})
			if bytewise := read(t, abc+", _corrupt_record string", text, o, wrap{from: iotest.OneByteReader}); whole != bytewise {
				t.Fatalf("%q with %q: %q, byte by byte %q", text, given, whole, bytewise)
			}
		}
	}
}

// TestLong says that records beyond a buffer and files beyond a batch are read whole.
func TestLong(t *testing.T) {
	for _, given := range []string{"", "multiLine=true", `escape="`} {
		var text bytes.Buffer
		long := strings.Repeat("x,", 900_000)
		for i := range 20_000 {
			if i == 777 {
				fmt.Fprintf(&text, "%d,\"%s\",z\n", i, long)
			} else {
				fmt.Fprintf(&text, "%d,,\"z\"\n", i)
			}
		}
		rows := strings.Split(read(t, "i int, s string, z string", text.String(), options(given), wrap{}), "\n")
		if len(rows) != 20_000 || rows[777] != "777|"+long+"|z" || rows[19_999] != "19999|-|z" {
			t.Errorf("%q: %d rows, the last %.40s", given, len(rows), rows[len(rows)-1])
		}
	}
}

// TestInference holds the columns that PySpark infers.
func TestInference(t *testing.T) {
	for _, c := range []struct{ text, given, want string }{
		{"1,x\n2,y\n", "inferSchema=true", "_c0 INT, _c1 STRING"}, {"1\n2.5\n", "inferSchema=true", "_c0 DOUBLE"}, {"1\n3000000000\n", "inferSchema=true", "_c0 BIGINT"}, {"1\n9223372036854775808\n", "inferSchema=true", "_c0 DECIMAL(19,0)"},
		{"2024-01-02\n2024-01-02 03:04:05\n", "inferSchema=true", "_c0 TIMESTAMP"}, {"2024-01-02\n5\n", "inferSchema=true", "_c0 STRING"}, {"true\n1\n", "inferSchema=true", "_c0 STRING"}, {"a,b\n1,2\n", "header=true", "a STRING, b STRING"},
		{"a,,a\n1,2,3\n", "header=true;inferSchema=true", "a0 INT, _c1 INT, a2 INT"}, {"", "header=true", ""}, {"a\n\"x\ny\"\n", "header=true;multiLine=true;inferSchema=true", "a STRING"}, {"1\n,\n", "inferSchema=true", "_c0 INT"},
	} {
		o, err := ParseOptions(options(c.given), Env{Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		i := NewInferrer(o)
		if _, err := i.Read(strings.NewReader(c.text)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range i.Schema().Fields {
			got = append(got, f.Name+" "+types.SQL(f.Type))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%q with %s: %s, want %s", c.text, c.given, s, c.want)
		}
	}
}

// TestEncode holds the text that PySpark 4.3 writes.
func TestEncode(t *testing.T) {
	schema, _ := types.ParseDDL("k int, s string")
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	values := []string{"x", "a,b", `a"b`, "a\nb", "", " ", " x ", `a\b`, `a\"b`, "#x", "a\rb", "-"}
	for _, c := range []struct{ given, want string }{
		{"", `0,x|1,"a,b"|2,"a\"b"|3,"a¶b"|4,""|5,""|6,x|7,a\b|8,"a\\\"b"|9,#x|10,"a¬b"|11,|`},
		{"quoteAll=true;nullValue=N", `"0","x"|"1","a,b"|"2","a\"b"|"3","a¶b"|"4",""|"5",""|"6","x"|"7","a\\b"|"8","a\\\"b"|"9","#x"|"10","a¬b"|"11","N"|`},
		{`header=true;sep=;;escape="`, `k;s|0;x|1;a,b|2;"a""b"|3;"a¶b"|4;""|5;""|6;x|7;a\b|8;"a\""b"|9;#x|10;"a¬b"|11;|`},
		{"escapeQuotes=false;emptyValue=E", `0,x|1,"a,b"|2,a"b|3,"a¶b"|4,E|5,E|6,x|7,a\b|8,a\"b|9,#x|10,"a¬b"|11,|`},
	} {
		given := options(c.given)
		if strings.Contains(c.given, "sep=;;") {
			given = map[string]string{"header": "true", "sep": ";", "escape": `"`}
		}
		e, err := NewEncoder(given, Env{Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		b := array.NewRecordBuilder(mem, types.ArrowSchema(schema))
		for i, v := range values {
			b.Field(0).(*array.Int32Builder).Append(int32(i))
			if v == "-" {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.StringBuilder).Append(v)
			}
		}
		rec := b.NewRecordBatch()
		got := string(e.Lines(e.Head(nil, schema), rec, schema))
		rec.Release()
		b.Release()
		got = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(got, "a\nb", "a¶b"), "\r", "¬"), "\n", "|")
		if got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.given, got, c.want)
		}
	}
}

// TestValues makes structs of texts.
func TestValues(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	schema, _ := types.ParseDDL("a int, _corrupt_record string, b string")
	o, err := ValueOptions(nil, Env{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewValues(schema, o, mem)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for range 3 {
		v.Null()
		for _, text := range []string{"1,x", "", "q,y", "2,a\nb"} {
			if err := v.Add([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		got := v.Finish()
		if s := fmt.Sprint(got); got.Len() != 5 || got.NullN() != 1 || !strings.Contains(s, `"q,y"`) || !strings.Contains(s, `["x" (null) "y" "a\nb"]`) && !strings.Contains(s, `"a\nb"`) {
			t.Error(s)
		}
		got.Release()
	}
}

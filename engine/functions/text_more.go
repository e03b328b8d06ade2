package functions

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var textMoreRows = []Row{
	{Name: "str_to_map", Min: 1, Max: 3, Bind: signature("", strToMapFn, types.Map{Key: types.String, Value: types.String, ValueContainsNull: true}, []expr.Expr{expr.Lit(","), expr.Lit(":")}, types.String, types.String, types.String), Examples: []Example{
		{SQL: "str_to_map('a:1,b')", Value: "{a -> 1, b -> null}"}, {SQL: "str_to_map('a=1;b=2', ';', '=')", Value: "{a -> 1, b -> 2}"}, {SQL: "str_to_map('a:1,a:2')", Error: "DUPLICATED_MAP_KEY"}, {SQL: "str_to_map(NULL)", Value: "NULL"}}},
	{Name: "url_decode", Min: 1, Max: 1, Bind: signature("", urlDecodeFn, types.String, nil, types.String), Examples: []Example{{SQL: "url_decode('a+b%26c')", Value: "a b&c"}, {SQL: "url_decode('%zz')", Error: "CANNOT_DECODE_URL"}}},
	{Name: "try_url_decode", Min: 1, Max: 1, Bind: func(e *Env, c *expr.Call) (expr.Expr, error) {
		o, err := signature("", urlDecodeFn, types.String, nil, types.String)(e, c)
		if err != nil {
			return nil, err
		}
		return attempt(o, o.String()), nil
	}, Examples: []Example{{SQL: "try_url_decode('%zz')", Value: "NULL"}, {SQL: "try_url_decode('a+b')", Value: "a b"}}},
	{Name: "parse_url", Min: 2, Max: 3, Bind: bindParseURL(true), Examples: []Example{
		{SQL: "parse_url('http://u:p@h.com:80/a/b?x=1&y=2#f', 'PATH')", Value: "/a/b"}, {SQL: "parse_url('http://u:p@h.com:80/a/b?x=1&y=2#f', 'QUERY', 'y')", Value: "2"}, {SQL: "parse_url('http://u:p@h.com:80/a/b?x=1&y=2#f', 'FILE')", Value: "/a/b?x=1&y=2"},
		{SQL: "parse_url('http://u:p@h.com:80/a/b?x=1&y=2#f', 'AUTHORITY')", Value: "u:p@h.com:80"}, {SQL: "parse_url('http://u:p@h.com:80/a/b?x=1&y=2#f', 'USERINFO')", Value: "u:p"}, {SQL: "parse_url('http://h.com/', 'REF')", Value: "NULL"}, {SQL: "parse_url('bad url', 'HOST')", Error: "INVALID_URL"}}},
	{Name: "try_parse_url", Min: 2, Max: 3, Bind: bindParseURL(false), Examples: []Example{{SQL: "try_parse_url('bad url', 'HOST')", Value: "NULL"}}},
	{Name: "quote", Min: 1, Max: 1, Bind: signature("", quoteFn, types.String, nil, types.String), Examples: []Example{{SQL: "quote('a\"b')", Value: "'a\"b'"}, {SQL: "quote(\"a'b\")", Value: "'a\\'b'"}}},
	{Name: "luhn_check", Min: 1, Max: 1, Bind: signature("", luhnFn, types.Boolean, nil, types.String), Examples: []Example{{SQL: "luhn_check('79927398713')", Value: "true"}, {SQL: "luhn_check('x')", Value: "false"}, {SQL: "luhn_check('79927398714')", Value: "false"}}},
	{Name: "mask", Min: 1, Max: 5, Bind: bindMask, Examples: []Example{{SQL: "mask('AbCD123-@$#')", Value: "XxXXnnn-@$#"}, {SQL: "mask('Ab1-', 'Q', 'q', NULL, 'o')", Value: "Qq1o"}}},
	{Name: "to_binary", Min: 1, Max: 2, Bind: bindToBinary(true), Examples: []Example{{SQL: "to_binary('616263')", Value: "abc"}, {SQL: "to_binary('YWJj', 'base64')", Value: "abc"}, {SQL: "to_binary('abc', 'utf-8')", Value: "abc"}, {SQL: "to_binary('zz')", Error: "CONVERSION_INVALID_INPUT"}}},
	{Name: "try_to_binary", Min: 1, Max: 2, Bind: bindToBinary(false), Examples: []Example{{SQL: "try_to_binary('zz')", Value: "NULL"}}},
	{Name: "to_char", Aliases: []string{"to_varchar"}, Min: 2, Max: 2, Bind: bindToChar, Examples: []Example{{SQL: "to_char(TIMESTAMP '2020-01-01', 'yyyy')", Value: "2020"}, {SQL: "to_char(1.5, '9.9')", Error: "NOT_IMPLEMENTED"}}},
}

// strToMapFn splits a text into entries and each of them, once, into a key and a value; both separators are patterns.
var strToMapFn = &expr.Function{Name: "str_to_map", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	t, pairs, parts := textOf(args[0]), regexesOf(args[1], "str_to_map"), regexesOf(args[2], "str_to_map")
	keys, values := newColumn(c.Mem), newColumn(c.Mem)
	offsets := batch.NewFixed[int32](c.Mem, n+1)
	offsets.Values[0] = 0
	var fail error
	for i := 0; i < n; i++ {
		if valid.Get(i) && fail == nil {
			fail = entries(t.at(i), pairs.at(i), parts.at(i), keys, values)
		}
		offsets.Values[i+1] = int32(keys.len())
	}
	for _, err := range []error{fail, pairs.err, parts.err} {
		if err != nil {
			offsets.Drop()
			valid.Drop()
			return expr.Vector{}, err
		}
	}
	count := keys.len()
	dt := types.Arrow(out).(*arrow.MapType)
	entry := batch.Assemble(dt.Elem(), count, 0, []*memory.Buffer{nil}, keys.done(), values.done())
	spread := offsets.Done(arrow.PrimitiveTypes.Int32, nil)
	defer spread.Release()
	buffer := spread.Data().Buffers()[1]
	buffer.Retain()
	bits, nulls := valid.Take()
	return vector(batch.Assemble(dt, n, nulls, []*memory.Buffer{bits, buffer}, entry)), nil
}}

// growing is a string column of as many rows as come.
type growing struct {
	mem   memory.Allocator
	parts [][]byte
	there []bool
}

func newColumn(mem memory.Allocator) *growing { return &growing{mem: mem} }

func (g *growing) put(b []byte, there bool) {
	g.parts, g.there = append(g.parts, b), append(g.there, there)
}
func (g *growing) len() int { return len(g.parts) }

func (g *growing) done() arrow.Array {
	s, valid := batch.NewStrings(g.mem, len(g.parts), 0), batch.NewMarks(g.mem, len(g.parts), true)
	for i, p := range g.parts {
		valid.Put(i, g.there[i])
		s.Append(p)
	}
	return s.Done(arrow.BinaryTypes.String, valid)
}

// entries puts the keys and values of a text; a key that comes twice is refused.
func entries(s []byte, pair, part *Regex, keys, values *growing) error {
	if pair == nil || part == nil {
		return nil
	}
	start := keys.len()
	var err error
	splitText(s, pair, -1, func(entry []byte) {
		var kv [][]byte
		splitText(entry, part, 2, func(p []byte) { kv = append(kv, p) })
		for _, k := range keys.parts[start:] {
			if bytes.Equal(k, kv[0]) && err == nil {
				err = errs.New("DUPLICATED_MAP_KEY", "key", string(kv[0]), "mapKeyDedupPolicy", `"spark.sql.mapKeyDedupPolicy"`)
			}
		}
		keys.put(kv[0], true)
		if len(kv) > 1 {
			values.put(kv[1], true)
		} else {
			values.put(nil, false)
		}
	})
	return err
}

func splitText(s []byte, r *Regex, most int, put func([]byte)) {
	switch {
	case len(s) == 0:
		put(s)
	case len(r.literal) > 0:
		splitLiteral(s, r.literal, most, put)
	default:
		splitRegex(s, r, most, put)
	}
}

var urlDecodeFn = &expr.Function{Name: "url_decode", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	var fail error
	v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
		s, err := url.QueryUnescape(string(t.at(i)))
		if err != nil && fail == nil {
			fail = errs.New("CANNOT_DECODE_URL", "url", string(t.at(i)))
		}
		return keep(append(dst, s...))
	})
	return failing(&fail, v, err)
}}

func bindParseURL(strict bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		params := []types.Type{types.String, types.String, types.String}[:len(c.Args)]
		a, err := e.bound(parseURLFn, callText(called(c), c.Args), types.String, c.Args, params)
		if err != nil {
			return nil, err
		}
		a.Null, a.Data = true, strict && e.ANSI
		return a, nil
	}
}

var parseURLFn = &expr.Function{Name: "parse_url", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	t, parts := textOf(args[0]), textOf(args[1])
	var names text
	if len(args) == 3 {
		names = textOf(args[2])
	}
	var fail error
	v, err := pieces(c, n, out, args, len(t.bytes())/2, func(i int) ([]byte, bool) {
		u, err := url.Parse(string(t.at(i)))
		if err != nil || bytes.ContainsAny(t.at(i), " \"<>\\^`{|}") {
			if data.(bool) && fail == nil {
				fail = errs.New("INVALID_URL", "url", string(t.at(i)))
			}
			return nil, false
		}
		s, ok := urlPart(u, string(parts.at(i)))
		if names.offsets != nil {
			if string(parts.at(i)) != "QUERY" {
				return nil, false
			}
			s, ok = queryValue(s, string(names.at(i)))
		}
		return []byte(s), ok
	})
	return failing(&fail, v, err)
}}

func urlPart(u *url.URL, part string) (string, bool) {
	authority := u.Host
	if u.User != nil {
		authority = u.User.String() + "@" + u.Host
	}
	switch part {
	case "HOST":
		return u.Hostname(), u.Host != ""
	case "PATH":
		return u.EscapedPath(), true
	case "QUERY":
		return u.RawQuery, u.RawQuery != ""
	case "REF":
		return u.EscapedFragment(), u.Fragment != ""
	case "PROTOCOL":
		return u.Scheme, u.Scheme != ""
	case "FILE":
		if u.RawQuery != "" {
			return u.EscapedPath() + "?" + u.RawQuery, true
		}
		return u.EscapedPath(), true
	case "AUTHORITY":
		return authority, authority != ""
	case "USERINFO":
		if u.User != nil {
			return u.User.String(), true
		}
	}
	return "", false
}

func queryValue(query, name string) (string, bool) {
	for _, pair := range strings.Split(query, "&") {
		if k, v, ok := strings.Cut(pair, "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

var quoteFn = &expr.Function{Name: "quote", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		dst = append(dst, '\'')
		for _, b := range t.at(i) {
			if b == '\'' {
				dst = append(dst, '\\')
			}
			dst = append(dst, b)
		}
		return append(dst, '\'')
	})
}}

var luhnFn = &expr.Function{Name: "luhn_check", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return flags(c, n, args, func(i int) bool {
		s, sum := t.at(i), 0
		for k := range s {
			d := int(s[len(s)-1-k] - '0')
			if d < 0 || d > 9 {
				return false
			}
			if k%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		return len(s) > 0 && sum%10 == 0
	})
}}

// bindMask replaces upper case letters, lower case letters, digits and, if asked for, the rest; a null leaves them.
func bindMask(e *Env, c *expr.Call) (expr.Expr, error) {
	args := append([]expr.Expr{}, c.Args...)
	for _, v := range []any{"X", "x", "n", nil}[len(args)-1:] {
		if l := expr.Lit(v); v == nil {
			args = append(args, &expr.Literal{DataType: types.String})
		} else {
			args = append(args, l)
		}
	}
	text := callText("mask", args)
	var with [4]rune
	for i := range with {
		v, ok := expr.Constant(args[i+1])
		s, isText := v.(string)
		switch {
		case !ok:
			return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`mask character`", "inputType", `"STRING"`, "inputExpr", `"`+args[i+1].String()+`"`)
		case v == nil:
			with[i] = -1
		case !isText || utf8.RuneCountInString(s) != 1:
			return nil, mismatch("INPUT_SIZE_NOT_ONE", text, "exprName", "mask character")
		default:
			with[i], _ = utf8.DecodeRuneInString(s)
		}
	}
	a, err := e.bound(maskFn, text, types.String, args[:1], []types.Type{types.String})
	if err != nil {
		return nil, err
	}
	a.Data = with
	return a, nil
}

var maskFn = &expr.Function{Name: "mask", Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	t, with := textOf(args[0]), data.([4]rune)
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		for _, r := range string(t.at(i)) {
			kind := 3
			switch {
			case unicode.IsUpper(r):
				kind = 0
			case unicode.IsLower(r):
				kind = 1
			case unicode.IsDigit(r):
				kind = 2
			}
			if with[kind] >= 0 {
				r = with[kind]
			}
			dst = utf8.AppendRune(dst, r)
		}
		return keep(dst)
	})
}}

func bindToBinary(strict bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(called(c), c.Args)
		how := binaryForm{form: "hex", strict: strict}
		if len(c.Args) == 2 {
			v, ok := expr.Constant(c.Args[1])
			s, isText := v.(string)
			if !ok || !isText {
				return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`fmt`", "inputType", `"STRING"`, "inputExpr", `"`+c.Args[1].String()+`"`)
			}
			how.form = strings.ToLower(s)
		}
		switch how.form {
		case "hex", "base64", "utf-8", "utf8":
		default:
			return nil, mismatch("INVALID_ARG_VALUE", text, "inputName", "fmt", "requireType", "case-insensitive \"STRING\"",
				"validValues", "'hex', 'utf-8', 'utf8', or 'base64'", "inputValue", "'"+how.form+"'")
		}
		a, err := e.bound(toBinaryFn, text, types.Binary, c.Args[:1], []types.Type{types.String})
		if err != nil {
			return nil, err
		}
		a.Data, a.Null = how, true
		return a, nil
	}
}

// binaryForm is Data of to_binary.
type binaryForm struct {
	form   string
	strict bool
}

var toBinaryFn = &expr.Function{Name: "to_binary", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	t, how := textOf(args[0]), data.(binaryForm)
	var fail error
	v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
		s := t.at(i)
		var err error
		switch how.form {
		case "hex":
			if len(s)%2 == 1 {
				s = append([]byte{'0'}, s...)
			}
			dst, err = hex.AppendDecode(dst, s)
		case "base64":
			dst, err = base64.StdEncoding.AppendDecode(dst, s)
		default:
			dst = append(dst, s...)
		}
		if err == nil {
			return keep(dst)
		}
		if how.strict && fail == nil {
			fail = errs.New("CONVERSION_INVALID_INPUT", "str", "'"+string(t.at(i))+"'", "fmt", "'"+strings.ToUpper(how.form)+"'",
				"targetType", `"BINARY"`, "suggestion", "`try_to_binary`")
		}
		return nil
	})
	return failing(&fail, v, err)
}}

// bindToChar writes dates and times by a pattern; number patterns are not built.
func bindToChar(e *Env, c *expr.Call) (expr.Expr, error) {
	if !isTime(c.Args[0].Type()) {
		return nil, errs.NotBuilt(called(c) + " of numbers and binaries")
	}
	return e.Lookup("date_format", c.Args...)
}

func padFn(left bool) *expr.Function {
	return &expr.Function{Name: "pad", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t, length, fill := textOf(args[0]), operandOf[int32](args[1]), textOf(args[2])
		by := bytewise(args[0], t) && bytewise(args[2], fill)
		return texts(c, n, out, args, func(dst []byte, i int) []byte {
			s, want, pad := t.at(i), int64(length.at(i)), fill.at(i)
			short := want - characters(s, by)
			if short <= 0 || len(pad) == 0 {
				return keep(append(dst, cut(s, 0, want, by)...))
			}
			if !left {
				dst = append(dst, s...)
			}
			each := characters(pad, by)
			batch.Room(c.Mem, 1, int(short/each)*len(pad))
			for ; short >= each; short -= each {
				dst = append(dst, pad...)
			}
			dst = append(dst, cut(pad, 0, short, by)...)
			if left {
				dst = append(dst, s...)
			}
			return dst
		})
	}}
}

var repeatFn = &expr.Function{Name: "repeat", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, count := textOf(args[0]), operandOf[int32](args[1])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		batch.Room(c.Mem, 1, len(t.at(i))*int(max(count.at(i), 0)))
		for k := count.at(i); k > 0; k-- {
			dst = append(dst, t.at(i)...)
		}
		return keep(dst)
	})
}}

var spaceFn = &expr.Function{Name: "space", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	count := operandOf[int32](args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		batch.Room(c.Mem, 1, int(max(count.at(i), 0)))
		return keep(append(dst, strings.Repeat(" ", int(max(count.at(i), 0)))...))
	})
}}

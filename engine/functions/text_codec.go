package functions

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var codecRows = []Row{
	{Name: "base64", Min: 1, Max: 1, Bind: signature("", base64Fn, types.String, nil, types.Binary), Examples: []Example{{SQL: "base64('hello')", Value: "aGVsbG8="}, {SQL: "base64(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "unbase64", Min: 1, Max: 1, Bind: signature("", unbase64Fn, types.Binary, nil, types.String), Examples: []Example{
		{SQL: "unbase64('aGVsbG8=')", Value: "hello"}, {SQL: "unbase64('aGVsbG8')", Value: "hello"}, {SQL: "unbase64('aGVs bG8=')", Value: "hello"}, {SQL: "unbase64('!!')", Value: ""}}},
	{Name: "encode", Min: 2, Max: 2, Bind: signature("", encodeFn, types.Binary, nil, types.String, types.String), Examples: []Example{
		{SQL: "hex(encode('é', 'UTF-16'))", Value: "FEFF00E9"}, {SQL: "hex(encode('é', 'utf-16be'))", Value: "00E9"}, {SQL: "hex(encode('é', 'ISO-8859-1'))", Value: "E9"}, {SQL: "encode('é', 'us-ascii')", Error: "MALFORMED_CHARACTER_CODING"}, {SQL: "encode('a', 'foo')", Error: "INVALID_PARAMETER_VALUE.CHARSET"}}},
	{Name: "decode", Min: 2, Max: -1, Bind: bindDecode, Examples: []Example{
		{SQL: "decode(X'C3A9', 'utf-8')", Value: "é"}, {SQL: "decode(X'FF', 'utf-8')", Error: "MALFORMED_CHARACTER_CODING"}, {SQL: "decode(X'E9', 'iso-8859-1')", Value: "é"}, {SQL: "decode(1, 1, 'a', 2, 'b', 'c')", Value: "a"},
		{SQL: "decode(3, 1, 'a', 2, 'b')", Value: "NULL"}, {SQL: "decode(NULL, NULL, 'n', 'x')", Value: "n"}}},
	{Name: "elt", Min: 2, Max: -1, Bind: bindElt, Examples: []Example{{SQL: "elt(2, 'a', 'b')", Value: "b"}, {SQL: "elt(3, 'a', 'b')", Error: "INVALID_ARRAY_INDEX"}, {SQL: "elt(NULL, 'a')", Value: "NULL"}}},
	{Name: "url_encode", Min: 1, Max: 1, Bind: signature("", urlEncodeFn, types.String, nil, types.String), Examples: []Example{{SQL: "url_encode('a b&c*~')", Value: "a+b%26c*%7E"}}},
	{Name: "validate_utf8", Min: 1, Max: 1, Bind: bindValidate(true), Examples: []Example{{SQL: "validate_utf8('a')", Value: "a"}, {SQL: "validate_utf8(CAST(X'FF' AS STRING))", Error: "INVALID_UTF8_STRING"}}},
	{Name: "try_validate_utf8", Min: 1, Max: 1, Bind: bindValidate(false), Examples: []Example{{SQL: "try_validate_utf8(CAST(X'FF' AS STRING))", Value: "NULL"}}},
	{Name: "make_valid_utf8", Min: 1, Max: 1, Bind: signature("", makeValidFn, types.String, nil, types.String), Examples: []Example{{SQL: "make_valid_utf8(CAST(X'61FF' AS STRING))", Value: "a\ufffd"}}},
	{Name: "is_valid_utf8", Min: 1, Max: 1, Bind: func(e *Env, c *expr.Call) (expr.Expr, error) {
		return e.bound(validFn, callText("is_valid_utf8", c.Args), types.Boolean, rawBytes(c.Args), []types.Type{textual})
	}, Examples: []Example{{SQL: "is_valid_utf8('a')", Value: "true"}, {SQL: "is_valid_utf8(CAST(X'FF' AS STRING))", Value: "false"}}},
}

var base64Fn = &expr.Function{Name: "base64", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte { return keep(base64.StdEncoding.AppendEncode(dst, t.at(i))) })
}}

// unbase64Fn passes over what is no digit of base64 and needs no padding, as Java's MIME decoder.
var unbase64Fn = &expr.Function{Name: "unbase64", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	var clean []byte
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		clean = clean[:0]
		for _, b := range t.at(i) {
			if b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '+' || b == '/' {
				clean = append(clean, b)
			}
		}
		dst, _ = base64.RawStdEncoding.AppendDecode(dst, clean)
		return keep(dst)
	})
}}

const charsetNames = "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8"

// charset finds an encoding by name; nil with no error is UTF-8.
func charset(name, function string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "utf-8":
		return nil, nil
	case "us-ascii":
		return asciiOnly, nil
	case "iso-8859-1":
		return charmap.ISO8859_1, nil
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), nil
	case "utf-32":
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), nil
	}
	return nil, errs.New("INVALID_PARAMETER_VALUE.CHARSET", "functionName", "`"+function+"`", "parameter", "`charset`", "charset", name, "charsets", charsetNames)
}

// asciiOnly marks US-ASCII, which the library lacks.
var asciiOnly = charmap.CodePage437

func malformedText(function, name string) error {
	return errs.New("MALFORMED_CHARACTER_CODING", "function", "`"+function+"`", "charset", name)
}

// recode runs a charset over texts; convert does one direction.
func recode(function string, convert func(e encoding.Encoding, b []byte) ([]byte, bool)) *expr.Function {
	return &expr.Function{Name: function, Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t, names := textOf(args[0]), textOf(args[1])
		var fail error
		v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
			name := string(names.at(i))
			e, err := charset(name, function)
			if err != nil {
				fail = err
				return nil
			}
			b, ok := t.at(i), true
			switch {
			case e == nil:
				ok = utf8.Valid(b)
			case e == encoding.Encoding(asciiOnly):
				ok = isASCII(b)
			default:
				b, ok = convert(e, b)
			}
			if !ok && fail == nil {
				fail = malformedText(function, name)
			}
			return keep(append(dst, b...))
		})
		return failing(&fail, v, err)
	}}
}

var (
	encodeFn = recode("encode", func(e encoding.Encoding, b []byte) ([]byte, bool) {
		if len(b) == 0 { // no mark of the byte order alone
			return b, true
		}
		out, err := e.NewEncoder().Bytes(b)
		return out, err == nil
	})
	decodeFn = recode("decode", func(e encoding.Encoding, b []byte) ([]byte, bool) {
		out, err := e.NewDecoder().Bytes(b)
		return out, err == nil && !strings.ContainsRune(string(out), utf8.RuneError)
	})
)

// bindDecode decodes bytes, or with more arguments picks the result whose key equals the first argument.
func bindDecode(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("decode", c.Args)
	if len(c.Args) == 2 {
		a, err := e.bound(decodeFn, text, types.String, c.Args, []types.Type{types.Binary, types.String})
		if err != nil {
			return nil, err
		}
		return a, nil
	}
	var branches []expr.Expr
	rest := c.Args[1:]
	for ; len(rest) >= 2; rest = rest[2:] {
		same, err := e.Lookup("<=>", c.Args[0], rest[0])
		if err != nil {
			return nil, err
		}
		branches = append(branches, same, rest[1])
	}
	if len(rest) == 1 {
		branches = append(branches, rest[0])
	}
	return e.arrays("when", text, branches...)
}

// bindElt picks one of its texts by number, from 1.
func bindElt(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("elt", c.Args)
	params := []types.Type{types.Int}
	for range c.Args[1:] {
		params = append(params, types.String)
	}
	a, err := e.bound(eltFn, text, types.String, c.Args, params)
	if err != nil {
		return nil, err
	}
	a.Null, a.Data = true, e.ANSI
	return a, nil
}

var eltFn = &expr.Function{Name: "elt", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	at, choices := operandOf[int32](args[0]), make([]text, len(args)-1)
	for k := range choices {
		choices[k] = textOf(args[k+1])
	}
	var fail error
	v, err := pieces(c, n, out, args[:1], n*8, func(i int) ([]byte, bool) {
		k := int(at.at(i))
		if k < 1 || k > len(choices) {
			if data.(bool) && fail == nil {
				fail = errs.New("INVALID_ARRAY_INDEX", "indexValue", strconv.Itoa(k), "arraySize", strconv.Itoa(len(choices)))
			}
			return nil, false
		}
		if args[k].IsNull(args[k].Row(i)) {
			return nil, false
		}
		return choices[k-1].at(i), true
	})
	return failing(&fail, v, err)
}}

var urlEncodeFn = &expr.Function{Name: "url_encode", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	const digits = "0123456789ABCDEF"
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		for _, b := range t.at(i) {
			switch {
			case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte(".-*_", b) >= 0:
				dst = append(dst, b)
			case b == ' ':
				dst = append(dst, '+')
			default:
				dst = append(dst, '%', digits[b>>4], digits[b&15])
			}
		}
		return keep(dst)
	})
}}

var validFn = &expr.Function{Name: "is_valid_utf8", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return flags(c, n, args, func(i int) bool { return utf8.Valid(t.at(i)) })
}}

// rawBytes looks through a cast of a binary to a string, which makes valid text of any bytes: strings are never
// anything else here.
func rawBytes(args []expr.Expr) []expr.Expr {
	if c, ok := args[0].(*expr.Cast); ok && c.To.Kind() == types.KString && c.Child.Type().Kind() == types.KBinary {
		return []expr.Expr{c.Child}
	}
	return args
}

func bindValidate(strict bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		a, err := e.bound(validateFn, callText(called(c), c.Args), types.String, rawBytes(c.Args), []types.Type{textual})
		if err != nil {
			return nil, err
		}
		a.Data, a.Null = strict, a.Null || !strict
		return a, nil
	}
}

var validateFn = &expr.Function{Name: "validate_utf8", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	var fail error
	v, err := pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
		s := t.at(i)
		ok := utf8.Valid(s)
		if !ok && data.(bool) && fail == nil {
			fail = errs.New("INVALID_UTF8_STRING", "str", escapedBytes(s))
		}
		return s, ok
	})
	return failing(&fail, v, err)
}}

// escapedBytes is a text in which every byte is written out, as messages show what is no text.
func escapedBytes(s []byte) string {
	var b strings.Builder
	for _, x := range s {
		b.WriteString(`\x` + strings.ToUpper(strconv.FormatUint(uint64(x)|0x100, 16)[1:]))
	}
	return b.String()
}

var makeValidFn = &expr.Function{Name: "make_valid_utf8", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		for s := t.at(i); len(s) > 0; {
			r, k := utf8.DecodeRune(s)
			dst = utf8.AppendRune(dst, r)
			s = s[k:]
		}
		return keep(dst)
	})
}}

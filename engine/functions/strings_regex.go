package functions

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var regexRows = []Row{
	{Name: "split", Min: 2, Max: 3, Bind: signature("", splitFn, stringList, []expr.Expr{expr.Lit(int32(-1))}, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "split('a,b,,c,,', ',')", Value: "[a, b, , c, , ]"}, {SQL: "split('a,b,c', ',', 2)", Value: "[a, b,c]"}, {SQL: "split('a,b,,', ',', 0)", Value: "[a, b, , ]"},
		{SQL: "split('abc', '')", Value: "[a, b, c]"}, {SQL: "split('', 'a')", Value: "[]"}, {SQL: "split('a1b22c', '[0-9]+')", Value: "[a, b, c]"}, {SQL: "split('a.b', '.')", Value: "[, , , ]"},
		{SQL: "split('a.b', '\\\\.')", Value: "[a, b]"}, {SQL: "split('a|b', '|')", Value: "[a, |, b, ]"}, {SQL: "split(NULL, ',')", Value: "NULL"}, {SQL: "split('a', 1)", Value: "[a]"}}},
	{Name: "rlike", Aliases: []string{"regexp", "regexp_like"}, Min: 2, Max: 2, Bind: bindRLike, Examples: []Example{
		{SQL: "'abc' RLIKE 'b'", Value: "true"}, {SQL: "'abc' RLIKE '^b'", Value: "false"}, {SQL: "'abc' RLIKE '(?<=a)b'", Value: "true"}, {SQL: "'abc' RLIKE '('", Error: "INVALID_PARAMETER_VALUE.PATTERN"},
		{SQL: "'a\nb' RLIKE 'a.b'", Value: "false"}, {SQL: "'abc' RLIKE ''", Value: "true"}, {SQL: "'foobar' RLIKE '^\\\\p{Alpha}+$'", Value: "true"}, {SQL: "'aa' RLIKE '(a)\\\\1'", Value: "true"},
		{SQL: "'x.' RLIKE '\\\\Qx.\\\\E'", Value: "true"}, {SQL: "'É' RLIKE '(?iu)é'", Value: "true"}, {SQL: "'é' RLIKE '\\\\w'", Value: "false"}, {SQL: "'ab\n' RLIKE 'b$'", Value: "true"}, {SQL: "'fff' RLIKE '^[a-z&&[^o]]+$'", Value: "true"}, {SQL: "'foo' RLIKE '^[a-z&&[^o]]+$'", Value: "false"}, {SQL: "'f1' RLIKE '^[a-z[0-9]]+$'", Value: "true"}, {SQL: "'aab' RLIKE 'a*+ab'", Value: "false"}, {SQL: "'abab' RLIKE '^(?:ab)++$'", Value: "true"}, {SQL: "'a' RLIKE 'a{2'", Error: "INVALID_PARAMETER_VALUE.PATTERN"}, {SQL: "'x' RLIKE '\\\\X'", Error: "NOT_IMPLEMENTED"}}},
	{Name: "regexp_extract", Min: 2, Max: 3, Bind: signature("", extractFn, types.String, []expr.Expr{expr.Lit(int32(1))}, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "regexp_extract('100-200', '(\\\\d+)-(\\\\d+)', 2)", Value: "200"}, {SQL: "regexp_extract('100-200', '(\\\\d+)-(\\\\d+)')", Value: "100"}, {SQL: "regexp_extract('abc', '(\\\\d+)', 1)", Value: ""},
		{SQL: "regexp_extract('abc', 'b', 0)", Value: "b"}, {SQL: "regexp_extract('abc', 'b', 1)", Error: "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX"}, {SQL: "regexp_extract('abc', '(z)?b', 1)", Value: ""},
		{SQL: "regexp_extract('x=1&channel_id=77&y', 'channel_id=(\\\\d+)', 1)", Value: "77"}, {SQL: "regexp_extract('a=&a=5', 'a=(\\\\d+)', 0)", Value: "a=5"}, {SQL: "regexp_extract('k=v;w', 'k=([^;]+)', 1)", Value: "v"}}},
	{Name: "regexp_extract_all", Min: 2, Max: 3, Bind: signature("", extractAllFn, stringList, []expr.Expr{expr.Lit(int32(1))}, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "regexp_extract_all('100-200, 300-400', '(\\\\d+)-(\\\\d+)', 1)", Value: "[100, 300]"}, {SQL: "regexp_extract_all('abc', 'z', 0)", Value: "[]"}}},
	{Name: "regexp_replace", Min: 3, Max: 4, Bind: bindRegexReplace, Examples: []Example{
		{SQL: "regexp_replace('100-200', '(\\\\d+)', 'num')", Value: "num-num"}, {SQL: "regexp_replace('100-200', '(\\\\d+)', '<$1>')", Value: "<100>-<200>"}, {SQL: "regexp_replace('abc', 'b', '\\\\$')", Value: "a$c"},
		{SQL: "regexp_replace('abc', 'b', '$1')", Error: "INVALID_REGEXP_REPLACE"}, {SQL: "regexp_replace('abc', '(?<n>b)', concat('[$', '{n}]'))", Value: "a[b]c"}, {SQL: "regexp_replace('abcabc', 'b', 'x', 3)", Value: "abcaxc"},
		{SQL: "regexp_replace('abc', '', '-')", Value: "-a-b-c-"}, {SQL: "regexp_replace('abc', 'b', 'x', 0)", Error: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"}}},
	{Name: "regexp_count", Min: 2, Max: 2, Bind: signature("", regexCountFn, types.Int, nil, types.String, types.String), Examples: []Example{{SQL: "regexp_count('abcabc', 'b')", Value: "2"}, {SQL: "regexp_count('abc', '')", Value: "4"}}},
	{Name: "regexp_instr", Min: 2, Max: 3, Bind: signature("", regexInstrFn, types.Int, []expr.Expr{expr.Lit(int32(0))}, types.String, types.String, types.Int), Examples: []Example{{SQL: "regexp_instr('abcabc', 'c')", Value: "3"}, {SQL: "regexp_instr('abc', 'z')", Value: "0"}}},
	{Name: "regexp_substr", Min: 2, Max: 2, Bind: signature("", regexSubstrFn, types.String, nil, types.String, types.String), Examples: []Example{{SQL: "regexp_substr('abcabc', 'b.')", Value: "bc"}, {SQL: "regexp_substr('abc', 'z')", Value: "NULL"}}},
	{Name: "like", Min: 2, Max: 3, Bind: bindLike("LIKE", likeFn), Examples: []Example{
		{SQL: "'abc' LIKE 'a%'", Value: "true"}, {SQL: "'abc' LIKE '_b_'", Value: "true"}, {SQL: "'a%c' LIKE 'a\\\\%c'", Value: "true"}, {SQL: "'abc' LIKE 'a\\\\bc'", Error: "INVALID_FORMAT.ESC_IN_THE_MIDDLE"},
		{SQL: "'abc' LIKE 'abc\\\\'", Error: "INVALID_FORMAT.ESC_AT_THE_END"}, {SQL: "'a\nc' LIKE 'a_c'", Value: "true"}, {SQL: "'abc' LIKE 'ABC'", Value: "false"}, {SQL: "'a%c' LIKE 'a#%c' ESCAPE '#'", Value: "true"},
		{SQL: "'😀' LIKE '_'", Value: "true"}, {SQL: "'abcabd' LIKE '%b%d'", Value: "true"}, {SQL: "'abcabd' LIKE '%b%c'", Value: "false"}, {SQL: "'aXbXc' LIKE '%X_X%'", Value: "true"}, {SQL: "'aa' LIKE 'a%aa'", Value: "false"}, {SQL: "'' LIKE '%'", Value: "true"}}},
	{Name: "ilike", Min: 2, Max: 3, Bind: bindLike("ilike", ilikeFn), Examples: []Example{{SQL: "'abc' ILIKE 'A%'", Value: "true"}}},
}

var stringList types.Type = types.Array{Elem: types.String, ContainsNull: false}

// regexes gives the pattern of each row, compiled once where it is the same.
type regexes struct {
	patterns text
	function string
	last     []byte
	re       *Regex
	err      error
}

func regexesOf(v expr.Vector, function string) *regexes {
	return &regexes{patterns: textOf(v), function: function}
}

func (r *regexes) at(i int) *Regex {
	p := r.patterns.at(i)
	if r.re == nil || !r.patterns.fixed && !bytes.Equal(p, r.last) {
		re, err := CompileRegex(string(p), r.function)
		if err != nil {
			r.err = err
			return nil
		}
		r.re, r.last = re, append(r.last[:0], p...)
	}
	return r.re
}

// bindRLike names the operator RLIKE(a, b) and the functions by their own names in capitals.
func bindRLike(e *Env, c *expr.Call) (expr.Expr, error) {
	name := "RLIKE"
	if n := called(c); n != "rlike" {
		name = map[string]string{"regexp": "REGEXP", "regexp_like": "REGEXP_LIKE"}[n]
	}
	return signature(name, rlikeFn, types.Boolean, nil, types.String, types.String)(e, c)
}

var rlikeFn = &expr.Function{Name: "rlike", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	t, re := textOf(args[0]), regexesOf(args[1], "rlike")
	v, err := flags(c, n, args, func(i int) bool {
		r := re.at(i)
		return r != nil && r.Match(t.at(i))
	})
	return failing(&re.err, v, err)
}}

func groupIndex(function string, r *Regex, index int32) error {
	if index < 0 || int(index) > r.GroupCount() {
		return errs.New("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "parameter", "`idx`", "functionName", "`"+function+"`",
			"groupCount", strconv.Itoa(r.GroupCount()), "groupIndex", strconv.Itoa(int(index)))
	}
	return nil
}

var extractFn = &expr.Function{Name: "regexp_extract", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re, index := textOf(args[0]), regexesOf(args[1], "regexp_extract"), operandOf[int32](args[2])
	v, err := pieces(c, n, out, args, len(t.bytes())/2, func(i int) ([]byte, bool) {
		r, g, s := re.at(i), index.at(i), t.at(i)
		if r == nil {
			return nil, false
		}
		if r.run != nil && g <= 1 && g >= 0 {
			start, lo, hi := r.run.find(s, 0)
			if start < 0 {
				return nil, true
			}
			if g == 0 {
				lo = start
			}
			return s[lo:hi], true
		}
		m := r.Groups(s)
		if m == nil {
			return nil, true
		}
		if re.err = groupIndex("regexp_extract", r, g); re.err != nil || m[2*g] < 0 {
			return nil, re.err == nil
		}
		return s[m[2*g]:m[2*g+1]], true
	})
	return failing(&re.err, v, err)
}}

// lists lifts a function that puts any number of texts for a row to an array column.
func lists(c *expr.Context, n int, out types.Type, args []expr.Vector, size int, f func(i int, put func([]byte))) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewLists(c.Mem, n, n*4, size)
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			f(i, r.Put)
		}
		r.End()
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

var extractAllFn = &expr.Function{Name: "regexp_extract_all", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re, index := textOf(args[0]), regexesOf(args[1], "regexp_extract_all"), operandOf[int32](args[2])
	v, err := lists(c, n, out, args, len(t.bytes()), func(i int, put func([]byte)) {
		r, g, s := re.at(i), index.at(i), t.at(i)
		if r == nil {
			return
		}
		r.Each(s, 0, func(m []int) bool {
			if re.err = groupIndex("regexp_extract_all", r, g); re.err != nil {
				return false
			}
			if m[2*g] < 0 {
				put(nil)
			} else {
				put(s[m[2*g]:m[2*g+1]])
			}
			return true
		})
	})
	return failing(&re.err, v, err)
}}

var splitFn = &expr.Function{Name: "split", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re, limit := textOf(args[0]), regexesOf(args[1], "split"), operandOf[int32](args[2])
	v, err := lists(c, n, out, args, len(t.bytes()), func(i int, put func([]byte)) {
		s, most := t.at(i), int(limit.at(i))
		if r := re.at(i); r != nil {
			splitText(s, r, most, put)
		}
	})
	return failing(&re.err, v, err)
}}

func splitLiteral(s, sep []byte, most int, put func([]byte)) {
	for k := 1; most <= 0 || k < most; k++ {
		var at int
		if len(sep) == 1 {
			at = bytes.IndexByte(s, sep[0])
		} else {
			at = bytes.Index(s, sep)
		}
		if at < 0 {
			break
		}
		put(s[:at])
		s = s[at+len(sep):]
	}
	put(s)
}

// splitRegex splits as Java does: an empty match at the front parts nothing, and an empty pattern takes a text apart
// without an empty end.
func splitRegex(s []byte, r *Regex, most int, put func([]byte)) {
	from, parts := 0, 1
	if r.literal != nil {
		for ; parts != most && from < len(s); parts++ {
			_, n := utf8.DecodeRune(s[from:])
			if from+n == len(s) {
				break
			}
			put(s[from : from+n])
			from += n
		}
		put(s[from:])
		return
	}
	r.Each(s, 0, func(m []int) bool {
		if most > 0 && parts == most {
			return false
		}
		if m[1] == 0 {
			return true
		}
		put(s[from:m[0]])
		from = m[1]
		parts++
		return true
	})
	put(s[from:])
}

// bindRegexReplace checks a constant position.
func bindRegexReplace(e *Env, c *expr.Call) (expr.Expr, error) {
	out, err := signature("", regexReplaceFn, types.String, []expr.Expr{expr.Lit(int32(1))}, types.String, types.String, types.String, types.Int)(e, c)
	if err != nil || len(c.Args) < 4 {
		return out, err
	}
	if l, ok := c.Args[3].(*expr.Literal); ok {
		if v, is := l.Value.(int32); is && v < 1 {
			return nil, mismatch("VALUE_OUT_OF_RANGE", out.String(), "exprName", "position", "valueRange", "(0, 2147483647]", "currentValue", strconv.Itoa(int(v)))
		}
	}
	return out, nil
}

// replacement is a Java replacement text in pieces: texts and group numbers in turn.
type replacement struct {
	texts  [][]byte
	groups []int
}

// parseReplacement reads $1, $ with a {name}, and \x.
func parseReplacement(s []byte, r *Regex) (*replacement, bool) {
	p := &replacement{}
	var now []byte
	add := func(group int) {
		p.texts, p.groups = append(p.texts, now), append(p.groups, group)
		now = nil
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			if i++; i == len(s) {
				return nil, false
			}
			now = append(now, s[i])
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			end := bytes.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, false
			}
			g, ok := r.names[string(s[i+2:i+end])]
			if !ok {
				return nil, false
			}
			add(g)
			i += end
		case s[i] == '$':
			if i++; i == len(s) || s[i] < '0' || s[i] > '9' || int(s[i]-'0') > r.GroupCount() {
				return nil, false
			}
			g := int(s[i] - '0')
			for i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && g*10+int(s[i+1]-'0') <= r.GroupCount() {
				i++
				g = g*10 + int(s[i]-'0')
			}
			add(g)
		default:
			now = append(now, s[i])
		}
	}
	add(-1)
	return p, true
}

var regexReplaceFn = &expr.Function{Name: "regexp_replace", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re, with, pos := textOf(args[0]), regexesOf(args[1], "regexp_replace"), textOf(args[2]), operandOf[int32](args[3])
	var plan *replacement
	var of *Regex
	v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
		s, r := t.at(i), re.at(i)
		if r == nil {
			return nil
		}
		start := len(s)
		if p := int64(pos.at(i)); p >= 1 {
			start = len(s) - len(cut(s, p-1, 1<<40, false))
		}
		from := 0
		r.Each(s, start, func(m []int) bool {
			if plan == nil || of != r || !with.fixed {
				ok := false
				if plan, ok = parseReplacement(with.at(i), r); !ok {
					re.err = errs.New("INVALID_REGEXP_REPLACE", "source", string(s), "pattern", string(re.patterns.at(i)),
						"replacement", string(with.at(i)), "position", strconv.Itoa(int(pos.at(i))))
					return false
				}
				of = r
			}
			dst = append(dst, s[from:m[0]]...)
			for k, x := range plan.texts {
				dst = append(dst, x...)
				if g := plan.groups[k]; g >= 0 && m[2*g] >= 0 {
					dst = append(dst, s[m[2*g]:m[2*g+1]]...)
				}
			}
			from = m[1]
			return true
		})
		return keep(append(dst, s[from:]...))
	})
	return failing(&re.err, v, err)
}}

var regexCountFn = &expr.Function{Name: "regexp_count", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re := textOf(args[0]), regexesOf(args[1], "regexp_count")
	v, err := ints(c, n, out, args, func(i int) (count int32) {
		if r := re.at(i); r != nil {
			r.Each(t.at(i), 0, func([]int) bool { count++; return true })
		}
		return count
	})
	return failing(&re.err, v, err)
}}

var regexInstrFn = &expr.Function{Name: "regexp_instr", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re := textOf(args[0]), regexesOf(args[1], "regexp_instr")
	v, err := ints(c, n, out, args, func(i int) int32 {
		r := re.at(i)
		if r == nil {
			return 0
		}
		m := r.Groups(t.at(i))
		if m == nil {
			return 0
		}
		return place(t.at(i), m[0])
	})
	return failing(&re.err, v, err)
}}

var regexSubstrFn = &expr.Function{Name: "regexp_substr", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, re := textOf(args[0]), regexesOf(args[1], "regexp_substr")
	v, err := pieces(c, n, out, args, len(t.bytes())/2, func(i int) ([]byte, bool) {
		r := re.at(i)
		if r == nil {
			return nil, false
		}
		m := r.Groups(t.at(i))
		if m == nil || m[0] == m[1] {
			return nil, false
		}
		return t.at(i)[m[0]:m[1]], true
	})
	return failing(&re.err, v, err)
}}

package functions

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// textual stands for a parameter that takes strings and binaries as they are; as a result type, for the type of the
// first argument.
var textual types.Type

var stringRows = []Row{
	{Name: "length", Aliases: []string{"len", "char_length", "character_length"}, Min: 1, Max: 1, Bind: signature("", lengthFn, types.Int, nil, textual), Examples: []Example{
		{SQL: "length('é😀')", Value: "2"}, {SQL: "length(CAST('é' AS BINARY))", Value: "2"}, {SQL: "length('a ')", Value: "2"}, {SQL: "length(1)", Value: "1"}, {SQL: "length(array(1))", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "octet_length", Min: 1, Max: 1, Bind: signature("", octetFn(1), types.Int, nil, textual), Examples: []Example{{SQL: "octet_length('é')", Value: "2"}}},
	{Name: "bit_length", Min: 1, Max: 1, Bind: signature("", octetFn(8), types.Int, nil, textual), Examples: []Example{{SQL: "bit_length('é')", Value: "16"}}},
	{Name: "lower", Aliases: []string{"lcase"}, Min: 1, Max: 1, Bind: signature("", lowerFn, types.String, nil, types.String), Examples: []Example{
		{SQL: "lower('ÀÉ A')", Value: "àé a"}, {SQL: "lower(NULL)", Value: "NULL"}, {SQL: "lower('SparkSql and MORE than sixteen')", Value: "sparksql and more than sixteen"}}},
	{Name: "upper", Aliases: []string{"ucase"}, Min: 1, Max: 1, Bind: signature("", upperFn, types.String, nil, types.String), Examples: []Example{
		{SQL: "upper('àéß')", Value: "ÀÉSS"}, {SQL: "upper(1)", Value: "1"}}},
	{Name: "initcap", Min: 1, Max: 1, Bind: signature("", initcapFn, types.String, nil, types.String), Examples: []Example{
		{SQL: "initcap('hello wORLD foo-bar')", Value: "Hello World Foo-bar"}, {SQL: "initcap('éa')", Value: "Éa"}}},
	{Name: "trim", Min: 1, Max: 2, Bind: bindTrim(true, true), Examples: []Example{
		{SQL: "trim('  a b  ')", Value: "a b"}, {SQL: "trim('xy' FROM 'xyaxy')", Value: "a"}, {SQL: "trim('é' FROM 'éaé')", Value: "a"}}},
	{Name: "ltrim", Min: 1, Max: 2, Bind: bindTrim(true, false), Examples: []Example{{SQL: "ltrim('  a ')", Value: "a "}, {SQL: "ltrim('xy', 'xyaxy')", Value: "axy"}}},
	{Name: "rtrim", Min: 1, Max: 2, Bind: bindTrim(false, true), Examples: []Example{{SQL: "rtrim(' a  ')", Value: " a"}, {SQL: "rtrim('xy', 'xyaxy')", Value: "xya"}}},
	{Name: "btrim", Min: 1, Max: 2, Bind: bindTrim(true, true), Examples: []Example{{SQL: "btrim('xxaxx', 'x')", Value: "a"}}},
	{Name: "substring", Aliases: []string{"substr"}, Min: 2, Max: 3, Bind: signature("", substringFn, textual, []expr.Expr{expr.Lit(int32(2147483647))}, textual, types.Int, types.Int), Examples: []Example{
		{SQL: "substring('hello', 2, 3)", Value: "ell"}, {SQL: "substring('hello', 0, 3)", Value: "hel"}, {SQL: "substring('hello', -3, 2)", Value: "ll"},
		{SQL: "substring('hello', -10, 7)", Value: "he"}, {SQL: "substring('hello', 10, 2)", Value: ""}, {SQL: "substring('hello', 2, -1)", Value: ""},
		{SQL: "substring('héllo', 2)", Value: "éllo"}, {SQL: "substring('hello', 2147483647, 1)", Value: ""}, {SQL: "substring(CAST('hello' AS BINARY), 2, 3)", Value: "ell"},
		{SQL: "substring('hello', '1', 1)", Value: "h"}, {SQL: "substring('hello', 1.5, 2)", Value: "he"}}},
	{Name: "left", Min: 2, Max: 2, Bind: signature("", leftFn, textual, nil, textual, types.Int), Examples: []Example{{SQL: "left('héllo', 2)", Value: "hé"}, {SQL: "left('hello', -1)", Value: ""}}},
	{Name: "right", Min: 2, Max: 2, Bind: signature("", rightFn, types.String, nil, types.String, types.Int), Examples: []Example{
		{SQL: "right('hello', 2)", Value: "lo"}, {SQL: "right('hello', 0)", Value: ""}, {SQL: "right('héllo', 10)", Value: "héllo"}}},
	{Name: "concat", Aliases: []string{"||"}, Min: 0, Max: -1, Bind: bindConcat, Examples: []Example{
		{SQL: "concat('a', NULL, 'b')", Value: "NULL"}, {SQL: "concat()", Value: ""}, {SQL: "concat('a', 1, true)", Value: "a1true"}, {SQL: "concat(1, 2)", Value: "12"},
		{SQL: "concat(array(1), array(2, NULL))", Value: "[1, 2, null]"}, {SQL: "concat(CAST('a' AS BINARY), 'b')", Value: "ab"}, {SQL: "'a' || 1", Value: "a1"}}},
	{Name: "concat_ws", Min: 1, Max: -1, Bind: bindConcatWs, Examples: []Example{
		{SQL: "concat_ws(',', 'a', NULL, 'b')", Value: "a,b"}, {SQL: "concat_ws(',', array('a', NULL, 'b'), 'c')", Value: "a,b,c"}, {SQL: "concat_ws(NULL, 'a')", Value: "NULL"},
		{SQL: "concat_ws(',')", Value: ""}, {SQL: "concat_ws(',', 1, 2.5)", Value: "1,2.5"}}},
	{Name: "replace", Min: 2, Max: 3, Bind: signature("", replaceFn, types.String, []expr.Expr{expr.Lit("")}, types.String, types.String, types.String), Examples: []Example{
		{SQL: "replace('abcabc', 'b', 'x')", Value: "axcaxc"}, {SQL: "replace('abc', '', 'x')", Value: "abc"}, {SQL: "replace('abc', 'b')", Value: "ac"}}},
	{Name: "translate", Min: 3, Max: 3, Bind: signature("", translateFn, types.String, nil, types.String, types.String, types.String), Examples: []Example{
		{SQL: "translate('AaBbCc', 'abc', '123')", Value: "A1B2C3"}, {SQL: "translate('abc', 'abc', '1')", Value: "1"}}},
	{Name: "lpad", Min: 2, Max: 3, Bind: bindPad("lpad", true), Examples: []Example{
		{SQL: "lpad('hi', 5, 'ab')", Value: "abahi"}, {SQL: "lpad('hi', 1, 'ab')", Value: "h"}, {SQL: "lpad('hi', 5, '')", Value: "hi"}, {SQL: "lpad('hi', -1, 'x')", Value: ""}, {SQL: "lpad('é', 3, '😀')", Value: "😀😀é"}}},
	{Name: "rpad", Min: 2, Max: 3, Bind: bindPad("rpad", false), Examples: []Example{{SQL: "rpad('hi', 5, 'ab')", Value: "hiaba"}, {SQL: "concat(rpad('hi', 5), '|')", Value: "hi   |"}}},
	{Name: "repeat", Min: 2, Max: 2, Bind: signature("", repeatFn, types.String, nil, types.String, types.Int), Examples: []Example{
		{SQL: "repeat('ab', 2)", Value: "abab"}, {SQL: "repeat('ab', -1)", Value: ""}, {SQL: "repeat('a', '2')", Value: "aa"}, {SQL: "repeat('a', 2L)", Value: "aa"}}},
	{Name: "reverse", Min: 1, Max: 1, Bind: bindReverse, Examples: []Example{{SQL: "reverse('aé😀')", Value: "😀éa"}, {SQL: "reverse(array(1, 2))", Value: "[2, 1]"}, {SQL: "hex(reverse(X'CAFE'))", Value: "FECA"}}},
	{Name: "space", Min: 1, Max: 1, Bind: signature("", spaceFn, types.String, nil, types.Int), Examples: []Example{{SQL: "concat(space(3), '|')", Value: "   |"}, {SQL: "space(-1)", Value: ""}}},
	{Name: "ascii", Min: 1, Max: 1, Bind: signature("", asciiFn, types.Int, nil, types.String), Examples: []Example{{SQL: "ascii('a')", Value: "97"}, {SQL: "ascii('')", Value: "0"}, {SQL: "ascii('é')", Value: "233"}}},
	{Name: "chr", Aliases: []string{"char"}, Min: 1, Max: 1, Bind: signature("", chrFn, types.String, nil, types.Long), Examples: []Example{
		{SQL: "chr(65)", Value: "A"}, {SQL: "chr(256 + 65)", Value: "A"}, {SQL: "chr(-1)", Value: ""}, {SQL: "char(233)", Value: "é"}}},
	{Name: "overlay", Min: 3, Max: 4, Bind: bindOverlay, Examples: []Example{
		{SQL: "overlay('Spark SQL' PLACING '_' FROM 6)", Value: "Spark_SQL"}, {SQL: "overlay('Spark SQL' PLACING 'ANSI ' FROM 7 FOR 0)", Value: "Spark ANSI SQL"},
		{SQL: "overlay('Spark SQL' PLACING 'tructured' FROM 2 FOR 4)", Value: "Structured SQL"}, {SQL: "overlay('abc' PLACING 'x' FROM 0)", Value: "xabc"}}},
	{Name: "split_part", Min: 3, Max: 3, Bind: signature("", splitPartFn, types.String, nil, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "split_part('11.12.13', '.', 3)", Value: "13"}, {SQL: "split_part('11.12.13', '.', 5)", Value: ""}, {SQL: "split_part('11.12.13', '.', -1)", Value: "13"},
		{SQL: "split_part('11.12.13', '.', 0)", Error: "INVALID_INDEX_OF_ZERO"}, {SQL: "split_part('abc', '', 1)", Value: "abc"}}},
	{Name: "substring_index", Min: 3, Max: 3, Bind: signature("", substringIndexFn, types.String, nil, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "substring_index('www.apache.org', '.', 2)", Value: "www.apache"}, {SQL: "substring_index('www.apache.org', '.', -2)", Value: "apache.org"},
		{SQL: "substring_index('www.apache.org', '.', 0)", Value: ""}, {SQL: "substring_index('www.apache.org', 'x', 1)", Value: "www.apache.org"}}},
	{Name: "levenshtein", Min: 2, Max: 3, Bind: bindLevenshtein, Examples: []Example{
		{SQL: "levenshtein('kitten', 'sitting')", Value: "3"}, {SQL: "levenshtein('kitten', 'sitting', 2)", Value: "-1"}, {SQL: "levenshtein('', 'abc')", Value: "3"}}},
	{Name: "soundex", Min: 1, Max: 1, Bind: signature("", soundexFn, types.String, nil, types.String), Examples: []Example{
		{SQL: "soundex('Miller')", Value: "M460"}, {SQL: "soundex('Tymczak')", Value: "T522"}, {SQL: "soundex('Ashcraft')", Value: "A261"}, {SQL: "soundex('123')", Value: "123"}}},
	{Name: "find_in_set", Min: 2, Max: 2, Bind: signature("", findInSetFn, types.Int, nil, types.String, types.String), Examples: []Example{
		{SQL: "find_in_set('b', 'a,b,c')", Value: "2"}, {SQL: "find_in_set('b,', 'a,b')", Value: "0"}}},
	{Name: "instr", Min: 2, Max: 4, Bind: bindInstr, Examples: []Example{
		{SQL: "instr('abcabc', 'c')", Value: "3"}, {SQL: "instr('abc', '')", Value: "1"}, {SQL: "instr('aé😀c', 'c')", Value: "4"}, {SQL: "instr(123, 2)", Value: "2"}, {SQL: "instr('abcabcabc', 'bc', 1, 2)", Value: "5"},
		{SQL: "instr('abcabcabc', 'bc', -1, 2)", Value: "5"}, {SQL: "instr('abcabcabc', 'bc', -3)", Value: "5"}, {SQL: "instr('abcabcabc', 'bc', 0)", Value: "0"}, {SQL: "instr('aaa', 'aa', 1, 2)", Value: "2"}, {SQL: "instr('abc', 'b', 100)", Value: "0"},
		{SQL: "instr('aé😀bé', 'é', 3)", Value: "5"}, {SQL: "instr('abc', 'b', 1, 0)", Error: "INVALID_PARAMETER_VALUE.OCCURRENCE"}}},
	{Name: "locate", Aliases: []string{"position"}, Min: 2, Max: 3, Bind: signature("", locateFn, types.Int, []expr.Expr{expr.Lit(int32(1))}, types.String, types.String, types.Int), Examples: []Example{
		{SQL: "locate('c', 'abcabc', 4)", Value: "6"}, {SQL: "locate('c', 'abc', 0)", Value: "0"}, {SQL: "locate('', 'abc', 10)", Value: "1"}, {SQL: "position('b' IN 'abc')", Value: "2"}}},
	{Name: "contains", Min: 2, Max: 2, Bind: bindWithin("contains", containsFn), Examples: []Example{{SQL: "contains('abc', 'b')", Value: "true"}, {SQL: "contains('abc', '')", Value: "true"}, {SQL: "contains(NULL, 'a')", Value: "NULL"}}},
	{Name: "startswith", Min: 2, Max: 2, Bind: bindWithin("startswith", startsFn), Examples: []Example{{SQL: "startswith('abc', 'a')", Value: "true"}}},
	{Name: "endswith", Min: 2, Max: 2, Bind: bindWithin("endswith", endsFn), Examples: []Example{{SQL: "endswith('abc', 'c')", Value: "true"}, {SQL: "endswith('abc', 'b')", Value: "false"}}},
}

// signature binds a function of fixed parameters: it fills in defaults, casts what may be cast and names the column
// as called. name replaces the called one where Spark shows another.
func signature(name string, fn *expr.Function, out types.Type, defaults []expr.Expr, params ...types.Type) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		shown := name
		if shown == "" {
			shown = called(c)
		}
		args := append([]expr.Expr{}, c.Args...)
		if missing := len(params) - len(args); missing > 0 {
			args = append(args, defaults[len(defaults)-missing:]...)
		}
		a, err := e.bound(fn, callText(shown, args), out, args, params)
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

// bound casts the arguments to the parameters and makes the node. out may be textual.
func (e *Env) bound(fn *expr.Function, text string, out types.Type, args []expr.Expr, params []types.Type) (*expr.Apply, error) {
	call := &expr.Call{Args: args}
	taken := make([]expr.Expr, len(args))
	for i, p := range params {
		var err error
		if taken[i], err = e.param(call, text, i, p); err != nil {
			return nil, err
		}
	}
	if out == textual {
		out = taken[0].Type()
	}
	a := apply(fn, out, taken...)
	a.Text = text
	return a, nil
}

// param is argument i as a parameter takes it. Any number serves for an int.
func (e *Env) param(c *expr.Call, text string, i int, p types.Type) (expr.Expr, error) {
	t := c.Args[i].Type()
	switch {
	case p == textual && t.Kind() == types.KBinary:
		return c.Args[i], nil
	case p == textual:
		a, ok := e.implicit(c.Args[i], types.String)
		if !ok {
			return nil, unexpected(text, i, `("STRING" or "BINARY")`, c.Args[i])
		}
		return a, nil
	case (p.Kind() == types.KInt || p.Kind() == types.KLong) && types.IsNumeric(t):
		return e.cast(c.Args[i], p), nil
	case p.Kind() == types.KBinary && t.Kind() != types.KString && t.Kind() != types.KBinary && t.Kind() != types.KNull:
		return nil, unexpected(text, i, `"BINARY"`, c.Args[i])
	}
	return e.take(c, text, i, p)
}

// bindTrim binds a trim of one argument, or of the characters to take off and the text.
func bindTrim(left, right bool) func(*Env, *expr.Call) (expr.Expr, error) {
	fn := trimFn(left, right)
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		args, text := c.Args, callText(called(c), c.Args)
		if len(args) == 2 {
			chars, from := args[0], args[1]
			if called(c) == "btrim" {
				chars, from = from, chars
			} else {
				side := map[[2]bool]string{{true, true}: "BOTH", {true, false}: "LEADING", {false, true}: "TRAILING"}[[2]bool{left, right}]
				text = "TRIM(" + side + " " + chars.String() + " FROM " + from.String() + ")"
			}
			args = []expr.Expr{from, chars}
		}
		a, err := e.bound(fn, text, types.String, args, []types.Type{types.String, types.String}[:len(args)])
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

// bindConcat joins texts, binaries where all are, or arrays.
func bindConcat(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("concat", c.Args)
	if len(c.Args) == 0 {
		return &expr.Apply{Fn: identityFn, Args: []expr.Expr{expr.Lit("")}, DataType: types.String, Text: text}, nil
	}
	allBinary := true
	for _, a := range c.Args {
		if a.Type().Kind() == types.KArray {
			return e.arrays("concat_arrays", text, c.Args...)
		}
		allBinary = allBinary && a.Type().Kind() == types.KBinary
	}
	to := types.String
	if allBinary {
		to = types.Binary
	}
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		if !types.IsAtomic(a.Type()) && a.Type().Kind() != types.KNull {
			return nil, unexpected(text, i, `("STRING" or "BINARY" or "ARRAY")`, a)
		}
		args[i] = e.cast(a, to)
	}
	out := apply(concatFn, to, args...)
	out.Text = text
	return out, nil
}

// arrays leaves a function of arrays to their family and keeps the text.
func (e *Env) arrays(name, text string, args ...expr.Expr) (expr.Expr, error) {
	out, err := e.Lookup(name, args...)
	if err != nil {
		return nil, err
	}
	if a, ok := out.(*expr.Apply); ok {
		o := *a
		o.Text = text
		return &o, nil
	}
	return out, nil
}

func bindReverse(e *Env, c *expr.Call) (expr.Expr, error) {
	if c.Args[0].Type().Kind() == types.KArray {
		return e.arrays("reverse_array", callText("reverse", c.Args), c.Args...)
	}
	return signature("", reverseFn, textual, nil, textual)(e, c)
}

// bindConcatWs takes strings and arrays of strings; only a null separator makes a null.
func bindConcatWs(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("concat_ws", c.Args)
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		ok := true
		if list, is := a.Type().(types.Array); is && i > 0 {
			if args[i] = a; list.Elem.Kind() != types.KString {
				args[i] = e.cast(a, types.Array{Elem: types.String, ContainsNull: true})
			}
		} else if args[i], ok = e.implicit(a, types.String); !ok {
			return nil, unexpected(text, i, `("ARRAY<STRING>" or "STRING")`, a)
		}
	}
	out := apply(concatWsFn, types.String, args...)
	out.Null, out.Text = args[0].Nullable(), text
	return out, nil
}

// bindPad pads texts with a space unless told otherwise, and binaries with zero.
func bindPad(name string, left bool) func(*Env, *expr.Call) (expr.Expr, error) {
	fn := padFn(left)
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		args, params := c.Args, []types.Type{types.String, types.Int, types.String}
		if c.Args[0].Type().Kind() == types.KBinary && (len(args) == 2 || args[2].Type().Kind() == types.KBinary) {
			params = []types.Type{types.Binary, types.Int, types.Binary}
			if len(args) == 2 {
				args = append(append([]expr.Expr{}, args...), expr.Lit([]byte{0}))
			}
		} else if len(args) == 2 {
			args = append(append([]expr.Expr{}, args...), expr.Lit(" "))
		}
		text := callText(name, args)
		if params[2].Kind() == types.KString && args[2].Type().Kind() == types.KBinary {
			args = []expr.Expr{args[0], args[1], e.cast(args[2], types.String)}
		}
		a, err := e.bound(fn, text, params[0], args, params)
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

// bindOverlay fills in -1 for "as long as the replacement".
func bindOverlay(e *Env, c *expr.Call) (expr.Expr, error) {
	args := c.Args
	if len(args) == 3 {
		args = append(append([]expr.Expr{}, args...), expr.Lit(int32(-1)))
	}
	kind := types.Type(types.String)
	if args[0].Type().Kind() == types.KBinary && args[1].Type().Kind() == types.KBinary {
		kind = types.Binary
	}
	a, err := e.bound(overlayFn, callText("overlay", args), kind, args, []types.Type{kind, kind, types.Int, types.Int})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func bindLevenshtein(e *Env, c *expr.Call) (expr.Expr, error) {
	params := []types.Type{types.String, types.String, types.Int}[:len(c.Args)]
	a, err := e.bound(levenshteinFn, callText("levenshtein", c.Args), types.Int, c.Args, params)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// bindInstr takes, besides, where to start and which occurrence to find.
func bindInstr(e *Env, c *expr.Call) (expr.Expr, error) {
	if len(c.Args) == 2 {
		return signature("", instrFn, types.Int, nil, types.String, types.String)(e, c)
	}
	return signature("", instrFromFn, types.Int, []expr.Expr{expr.Lit(int32(1))}, types.String, types.String, types.Int, types.Int)(e, c)
}

// bindWithin compares two texts or two binaries.
func bindWithin(name string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		kind := types.Type(types.String)
		if c.Args[0].Type().Kind() == types.KBinary && c.Args[1].Type().Kind() == types.KBinary {
			kind = types.Binary
		}
		a, err := e.bound(fn, callText(name, c.Args), types.Boolean, c.Args, []types.Type{kind, kind})
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

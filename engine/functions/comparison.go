package functions

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"strings"
)

var comparisonRows = []Row{
	{Name: "=", Aliases: []string{"=="}, Min: 2, Max: 2, Bind: comparison("="), Examples: []Example{
		{SQL: "1 = '1'", Value: "true"}, {SQL: "NULL = 1", Value: "NULL"}, {SQL: "array(1) = array(1L)", Value: "true"}, {SQL: "1 = 'a'", Error: "CAST_INVALID_INPUT"},
		{SQL: "CAST('NaN' AS DOUBLE) = CAST('NaN' AS DOUBLE)", Value: "true"}, {SQL: "true = 1", Error: "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"}}},
	{Name: "!=", Aliases: []string{"<>"}, Min: 2, Max: 2, Bind: bindNotEqual, Examples: []Example{{SQL: "1 != 2", Value: "true"}}},
	{Name: "<", Min: 2, Max: 2, Bind: comparison("<"), Examples: []Example{{SQL: "1 < 2", Value: "true"}, {SQL: "'a' < 'b'", Value: "true"}}},
	{Name: "<=", Min: 2, Max: 2, Bind: comparison("<="), Examples: []Example{{SQL: "2 <= 2", Value: "true"}}},
	{Name: ">", Min: 2, Max: 2, Bind: comparison(">"), Examples: []Example{{SQL: "CAST('NaN' AS DOUBLE) > 1.0", Value: "true"}, {SQL: "1.5 > '1'", Value: "true"}}},
	{Name: ">=", Min: 2, Max: 2, Bind: comparison(">="), Examples: []Example{{SQL: "1 >= 2", Value: "false"}}},
	{Name: "<=>", Min: 2, Max: 2, Bind: comparison("<=>"), Examples: []Example{{SQL: "NULL <=> NULL", Value: "true"}, {SQL: "1 <=> NULL", Value: "false"}}},
	{Name: "equal_null", Min: 2, Max: 2, Bind: renamed("<=>", "equal_null"), Examples: []Example{{SQL: "equal_null(1, NULL)", Value: "false"}}},
	{Name: "between", Min: 3, Max: 3, Bind: bindBetween, Examples: []Example{{SQL: "2 BETWEEN 1 AND 3", Value: "true"}}},
	{Name: "in", Min: 2, Max: -1, Bind: bindIn, Examples: []Example{
		{SQL: "1 IN (1, 2, NULL)", Value: "true"}, {SQL: "3 IN (1, 2, NULL)", Value: "NULL"}, {SQL: "3 NOT IN (1, 2)", Value: "true"}}},
	{Name: "and", Aliases: []string{"&&"}, Min: 2, Max: 2, Bind: logical("AND", andFn), Examples: []Example{{SQL: "NULL AND false", Value: "false"}, {SQL: "NULL AND true", Value: "NULL"}}},
	{Name: "or", Min: 2, Max: 2, Bind: logical("OR", orFn), Examples: []Example{{SQL: "NULL OR true", Value: "true"}, {SQL: "NULL OR false", Value: "NULL"}}},
	{Name: "not", Aliases: []string{"!"}, Min: 1, Max: 1, Bind: bindNot, Examples: []Example{{SQL: "NOT NULL", Value: "NULL"}, {SQL: "!true", Value: "false"}}},
	{Name: "isnull", Min: 1, Max: 1, Bind: bindIsNull(isNullFn, "IS NULL"), Examples: []Example{{SQL: "isnull(NULL)", Value: "true"}, {SQL: "1 IS NULL", Value: "false"}}},
	{Name: "isnotnull", Min: 1, Max: 1, Bind: bindIsNull(isNotNullFn, "IS NOT NULL"), Examples: []Example{{SQL: "isnotnull(NULL)", Value: "false"}}},
	{Name: "isunknown", Internal: true, Min: 1, Max: 1, Bind: bindIsNull(isNullFn, "IS UNKNOWN"), Examples: []Example{{SQL: "NULL IS UNKNOWN", Value: "true"}}},
	{Name: "isnotunknown", Internal: true, Min: 1, Max: 1, Bind: bindIsNull(isNotNullFn, "IS NOT UNKNOWN"), Examples: []Example{{SQL: "true IS NOT UNKNOWN", Value: "true"}}},
	{Name: "likeany", Internal: true, Min: 2, Max: -1, Bind: bindLikeEach("or", false), Examples: []Example{{SQL: "'abc' LIKE ANY ('x%', 'a%')", Value: "true"}}},
	{Name: "likeall", Internal: true, Min: 2, Max: -1, Bind: bindLikeEach("and", false), Examples: []Example{{SQL: "'abc' LIKE ALL ('x%', 'a%')", Value: "false"}}},
	{Name: "notlikeany", Internal: true, Min: 2, Max: -1, Bind: bindLikeEach("or", true), Examples: []Example{{SQL: "'abc' NOT LIKE ANY ('x%', 'a%')", Value: "true"}}},
	{Name: "notlikeall", Internal: true, Min: 2, Max: -1, Bind: bindLikeEach("and", true), Examples: []Example{{SQL: "'abc' NOT LIKE ALL ('x%', 'a%')", Value: "false"}}},
	{Name: "isnan", Min: 1, Max: 1, Bind: bindIsNaN, Examples: []Example{{SQL: "isnan(CAST('NaN' AS DOUBLE))", Value: "true"}, {SQL: "isnan(NULL)", Value: "false"}}},
}

// comparisonFns are the functions of the operators; their Data is the operator.
var comparisonFns = map[string]*expr.Function{
	"=": {Name: "=", Kernel: compareKernel, Strict: true}, "<": {Name: "<", Kernel: compareKernel, Strict: true}, "<=": {Name: "<=", Kernel: compareKernel, Strict: true},
	">": {Name: ">", Kernel: compareKernel, Strict: true}, ">=": {Name: ">=", Kernel: compareKernel, Strict: true}, "<=>": {Name: "<=>", Kernel: sameKernel},
}

func comparison(op string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := "(" + c.Args[0].String() + " " + op + " " + c.Args[1].String() + ")"
		l, r, err := e.sides(op, text, c.Args[0], c.Args[1])
		if err != nil {
			return nil, err
		}
		a := apply(comparisonFns[op], types.Boolean, l, r)
		a.Data, a.Text = op, text
		if op == "<=>" {
			a.Null = false
		}
		return a, nil
	}
}

// sides brings what is compared to one ordered type.
func (e *Env) sides(op, text string, l, r expr.Expr) (expr.Expr, expr.Expr, error) {
	lt, rt := l.Type(), r.Type()
	t := expr.Wider(lt, rt, e.ANSI)
	if !e.ANSI && !types.Equal(lt, rt) {
		if lt.Kind() == types.KString && types.IsAtomic(rt) {
			t = rt
		} else if rt.Kind() == types.KString && types.IsAtomic(lt) {
			t = lt
		}
		if t != nil && t.Kind() == types.KDecimal && lt.Kind() != rt.Kind() && (lt.Kind() == types.KString || rt.Kind() == types.KString) {
			t = types.Double // no one decimal holds what a text may say
		}
	}
	if t == nil {
		return nil, nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(lt), "right", typeText(rt))
	}
	if !expr.Orderable(t) {
		return nil, nil, unordered(op, text, t)
	}
	return e.cast(l, t), e.cast(r, t), nil
}

func bindNotEqual(e *Env, c *expr.Call) (expr.Expr, error) {
	equal, err := e.Lookup("=", c.Args...)
	if err != nil {
		return nil, err
	}
	return e.Lookup("not", equal)
}

// renamed binds another function and shows it under a name.
func renamed(to, name string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		out, err := e.Lookup(to, c.Args...)
		if err != nil {
			return nil, err
		}
		return withText(out, callText(name, c.Args)), nil
	}
}

// withText is the node under another text, whatever it is.
func withText(e expr.Expr, text string) expr.Expr {
	switch x := e.(type) {
	case *expr.Apply:
		o := *x
		o.Text = text
		return &o
	case *expr.Agg:
		o := *x
		o.Text = text
		return &o
	}
	a := apply(positiveFn, e.Type(), e)
	a.Text = text
	return a
}

func bindBetween(e *Env, c *expr.Call) (expr.Expr, error) {
	lower, err := e.Lookup(">=", c.Args[0], c.Args[1])
	if err != nil {
		return nil, err
	}
	upper, err := e.Lookup("<=", c.Args[0], c.Args[2])
	if err != nil {
		return nil, err
	}
	both, err := e.Lookup("and", lower, upper)
	if err != nil {
		return nil, err
	}
	return withText(both, callText("between", c.Args)), nil
}

// bindIsNull names its column after the words; IS UNKNOWN keeps its name over true and false alone, as in PySpark.
func bindIsNull(fn *expr.Function, words string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		a := apply(fn, types.Boolean, c.Args...)
		shown := words
		if l, ok := c.Args[0].(*expr.Literal); !ok || l.Value == nil {
			shown = strings.Replace(words, "UNKNOWN", "NULL", 1)
		}
		a.Null, a.Text = false, "("+c.Args[0].String()+" "+shown+")"
		return a, nil
	}
}

// bindLikeEach is LIKE with several patterns, all of them text: its name shows the value alone.
func bindLikeEach(join string, negated bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		var out expr.Expr
		for _, pattern := range c.Args[1:] {
			one, err := e.Lookup("like", c.Args[0], pattern)
			if err == nil && negated {
				one, err = e.Lookup("not", one)
			}
			if err == nil && out != nil {
				one, err = e.Lookup(join, out, one)
			}
			if err != nil {
				return nil, err
			}
			out = one
		}
		return withText(out, callText(called(c), c.Args[:1])), nil
	}
}

func bindIsNaN(e *Env, c *expr.Call) (expr.Expr, error) {
	arg := c.Args[0]
	if arg.Type().Kind() != types.KFloat {
		var err error
		if arg, err = e.take(c, callText("isnan", c.Args), 0, types.Double); err != nil {
			return nil, err
		}
	}
	a := apply(isNaNFn, types.Boolean, arg)
	a.Null, a.Text = false, callText("isnan", c.Args)
	return a, nil
}

func logical(word string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := "(" + c.Args[0].String() + " " + word + " " + c.Args[1].String() + ")"
		l, r := e.boolean(c.Args[0]), e.boolean(c.Args[1])
		if l == nil || r == nil {
			lt, rt := c.Args[0].Type(), c.Args[1].Type()
			if t := expr.Wider(lt, rt, e.ANSI); t != nil {
				return nil, mismatch("BINARY_OP_WRONG_TYPE", text, "inputType", `"BOOLEAN"`, "actualDataType", typeText(t))
			}
			return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(lt), "right", typeText(rt))
		}
		a := apply(fn, types.Boolean, l, r)
		a.Text = text
		return a, nil
	}
}

// boolean takes a boolean, a null or under ANSI a string; nil for anything else.
func (e *Env) boolean(a expr.Expr) expr.Expr {
	switch k := a.Type().Kind(); {
	case k == types.KBoolean || k == types.KNull || k == types.KString && e.ANSI:
		return e.cast(a, types.Boolean)
	}
	return nil
}

func bindNot(e *Env, c *expr.Call) (expr.Expr, error) {
	text := "(NOT " + c.Args[0].String() + ")"
	arg := e.boolean(c.Args[0])
	if arg == nil {
		return nil, unexpected(text, 0, `"BOOLEAN"`, c.Args[0])
	}
	a := apply(notFn, types.Boolean, arg)
	a.Text = text
	return a, nil
}

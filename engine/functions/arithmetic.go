package functions

import (
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var arithmeticRows = []Row{
	{Name: "+", Min: 1, Max: 2, Bind: bindPlus, Examples: []Example{
		{SQL: "1 + 2", Value: "3"}, {SQL: "2147483647 + 1", Error: "ARITHMETIC_OVERFLOW"}, {SQL: "CAST(1 AS DECIMAL(5,2)) + 1", Value: "2.00"}, {SQL: "1 + NULL", Value: "NULL"}}},
	{Name: "-", Min: 1, Max: 2, Bind: bindMinus, Examples: []Example{
		{SQL: "1 - 2", Value: "-1"}, {SQL: "1.5 - 2", Value: "-0.5"}, {SQL: "-2147483648 - 1", Error: "ARITHMETIC_OVERFLOW"}}},
	{Name: "*", Min: 2, Max: 2, Bind: arithmetic("*", "", false), Examples: []Example{
		{SQL: "2 * 3", Value: "6"}, {SQL: "CAST(5 AS DECIMAL(5,2)) * CAST(3 AS DECIMAL(5,2))", Value: "15.0000"}}},
	{Name: "/", Min: 2, Max: 2, Bind: arithmetic("/", "", false), Examples: []Example{
		{SQL: "5 / 2", Value: "2.5"}, {SQL: "1 / 0", Error: "DIVIDE_BY_ZERO"}, {SQL: "CAST(5 AS DECIMAL(5,2)) / CAST(3 AS DECIMAL(5,2))", Value: "1.66666667"}}},
	{Name: "%", Min: 2, Max: 2, Bind: arithmetic("%", "", false), Examples: []Example{
		{SQL: "-7 % 3", Value: "-1"}, {SQL: "1 % 0", Error: "REMAINDER_BY_ZERO"}, {SQL: "5.5 % 2", Value: "1.5"}}},
	{Name: "mod", Min: 2, Max: 2, Bind: arithmetic("%", "mod", false), Examples: []Example{{SQL: "mod(-7, 3)", Value: "-1"}}},
	{Name: "div", Min: 2, Max: 2, Bind: arithmetic("div", "", false), Examples: []Example{
		{SQL: "-7 div 2", Value: "-3"}, {SQL: "1 div 0", Error: "DIVIDE_BY_ZERO"}}},
	{Name: "pmod", Min: 2, Max: 2, Bind: arithmetic("pmod", "pmod", false), Examples: []Example{{SQL: "pmod(-7, 3)", Value: "2"}}},
	{Name: "try_add", Min: 2, Max: 2, Bind: arithmetic("+", "try_add", true), Examples: []Example{{SQL: "try_add(2147483647, 1)", Value: "NULL"}}},
	{Name: "try_subtract", Min: 2, Max: 2, Bind: arithmetic("-", "try_subtract", true), Examples: []Example{{SQL: "try_subtract(3, 1)", Value: "2"}}},
	{Name: "try_multiply", Min: 2, Max: 2, Bind: arithmetic("*", "try_multiply", true), Examples: []Example{{SQL: "try_multiply(2147483647, 2)", Value: "NULL"}}},
	{Name: "try_divide", Min: 2, Max: 2, Bind: arithmetic("/", "try_divide", true), Examples: []Example{{SQL: "try_divide(6, 4)", Value: "1.5"}, {SQL: "try_divide(1, 0)", Value: "NULL"}}},
	{Name: "try_mod", Min: 2, Max: 2, Bind: arithmetic("%", "try_mod", true), Examples: []Example{{SQL: "try_mod(1, 0)", Value: "NULL"}}},
	{Name: "negative", Min: 1, Max: 1, Bind: bindMinus, Examples: []Example{{SQL: "-(5)", Value: "-5"}, {SQL: "-CAST(-128 AS TINYINT)", Error: "ARITHMETIC_OVERFLOW"}}},
	{Name: "positive", Min: 1, Max: 1, Bind: bindPlus, Examples: []Example{{SQL: "positive(5)", Value: "5"}}},
	{Name: "abs", Min: 1, Max: 1, Bind: bindAbs, Examples: []Example{{SQL: "abs(-5)", Value: "5"}, {SQL: "abs('-5')", Value: "5.0"}}},
	{Name: "&", Min: 2, Max: 2, Bind: bitwise("&", func(a, b int64) int64 { return a & b }), Examples: []Example{{SQL: "5 & 3", Value: "1"}}},
	{Name: "|", Min: 2, Max: 2, Bind: bitwise("|", func(a, b int64) int64 { return a | b }), Examples: []Example{{SQL: "5 | 2", Value: "7"}}},
	{Name: "^", Min: 2, Max: 2, Bind: bitwise("^", func(a, b int64) int64 { return a ^ b }), Examples: []Example{{SQL: "5 ^ 1", Value: "4"}}},
	{Name: "~", Aliases: []string{"bitwise_not"}, Min: 1, Max: 1, Bind: bindInvert, Examples: []Example{{SQL: "~5", Value: "-6"}}},
}

// arithmeticOp is what an arithmetic kernel does: its Data.
type arithmeticOp struct {
	op   string
	mode mode
	// s1 and s2 are the scales of decimal operands.
	s1, s2 int
}

var arithmeticFns = map[string]*expr.Function{
	"+": {Name: "+", Kernel: arithmeticKernel, Fails: true, Strict: true}, "-": {Name: "-", Kernel: arithmeticKernel, Fails: true, Strict: true},
	"*": {Name: "*", Kernel: arithmeticKernel, Fails: true, Strict: true}, "/": {Name: "/", Kernel: arithmeticKernel, Fails: true, Strict: true, RightFirst: true},
	"%": {Name: "%", Kernel: arithmeticKernel, Fails: true, Strict: true, RightFirst: true}, "div": {Name: "div", Kernel: arithmeticKernel, Fails: true, Strict: true, RightFirst: true},
	"pmod": {Name: "pmod", Kernel: arithmeticKernel, Fails: true, Strict: true, RightFirst: true},
}

func bindPlus(e *Env, c *expr.Call) (expr.Expr, error) {
	if len(c.Args) == 2 {
		return arithmetic("+", "", false)(e, c)
	}
	return bindSign(e, c, "(+ "+c.Args[0].String()+")", positiveFn)
}

func bindMinus(e *Env, c *expr.Call) (expr.Expr, error) {
	if len(c.Args) == 2 {
		return arithmetic("-", "", false)(e, c)
	}
	if called(c) == "negative" {
		return bindSign(e, c, callText("negative", c.Args), negativeFn)
	}
	return bindSign(e, c, "(- "+c.Args[0].String()+")", negativeFn)
}

// arithmetic binds a binary operator; name is how it is called where that is no operator.
func arithmetic(op, name string, try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		l, r := c.Args[0], c.Args[1]
		text := "(" + l.String() + " " + op + " " + r.String() + ")"
		if name != "" {
			text = callText(name, c.Args)
		}
		lt, rt := l.Type(), r.Type()
		if isTime(lt) || isTime(rt) || isInterval(lt) || isInterval(rt) {
			return temporal(e, op, try, text, l, r)
		}
		l, r, err := e.operands(op, text, l, r)
		if err != nil {
			return nil, err
		}
		how := arithmeticOp{op: op, mode: e.mode()}
		if try {
			how.mode = trying
		}
		out := l.Type()
		if d, ok := out.(types.Decimal); ok {
			d2 := r.Type().(types.Decimal)
			how.s1, how.s2 = d.Scale, d2.Scale
			out = expr.ArithmeticDecimal(decimalOp(op), d, d2)
		}
		if op == "div" {
			out = types.Long
		}
		a := apply(arithmeticFns[op], out, l, r)
		a.Data, a.Text = how, text
		a.Null = a.Null || try || op == "/" || op == "%" || op == "div" || op == "pmod" ||
			out.Kind() == types.KDecimal && how.mode != strict
		return a, nil
	}
}

func decimalOp(op string) string {
	if op == "pmod" {
		return "%"
	}
	return op
}

// temporal leaves arithmetic of dates, timestamps and intervals to their family: internal functions that are named
// after the operator.
func temporal(e *Env, op string, try bool, text string, l, r expr.Expr) (expr.Expr, error) {
	names := map[string]string{"+": "temporal_add", "-": "temporal_subtract", "*": "temporal_multiply", "/": "temporal_divide"}
	if names[op] == "" {
		return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(l.Type()), "right", typeText(r.Type()))
	}
	out, err := e.Lookup(names[op], l, r)
	if err != nil {
		return nil, err
	}
	if try {
		return attempt(out, text), nil
	}
	if a, ok := out.(*expr.Apply); ok && a.Text == "" {
		o := *a
		o.Text = text
		return &o, nil
	}
	return out, nil
}

// operands brings the sides of an arithmetic operator to one type; decimals keep their own.
func (e *Env) operands(op, text string, l, r expr.Expr) (expr.Expr, expr.Expr, error) {
	lt, rt := l.Type(), r.Type()
	ls, rs := lt.Kind() == types.KString, rt.Kind() == types.KString
	switch {
	case ls && rs && e.ANSI:
		return nil, nil, wrongOperand(op, text, lt)
	case ls && rs || (ls || rs) && !e.ANSI:
		lt, rt = types.Double, types.Double
	case ls && types.IsNumeric(rt):
		lt = stringMeets(rt)
	case rs && types.IsNumeric(lt):
		rt = stringMeets(lt)
	}
	if lt.Kind() == types.KNull {
		lt = rt
	}
	if rt.Kind() == types.KNull {
		rt = lt
	}
	if lt.Kind() == types.KNull {
		lt, rt = types.Double, types.Double
	}
	if !types.IsNumeric(lt) || !types.IsNumeric(rt) {
		if types.Equal(lt, rt) {
			return nil, nil, wrongOperand(op, text, lt)
		}
		return nil, nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(lt), "right", typeText(rt))
	}
	ld, rd := lt.Kind() == types.KDecimal, rt.Kind() == types.KDecimal
	switch {
	case ld && rd:
	case ld && types.IsIntegral(rt):
		rt = literalDecimal(r, rt)
	case rd && types.IsIntegral(lt):
		lt = literalDecimal(l, lt)
	case ld || rd || op == "/":
		lt, rt = types.Double, types.Double
	case op == "div":
		if !types.IsIntegral(lt) || !types.IsIntegral(rt) {
			return nil, nil, wrongOperand(op, text, lt)
		}
		lt, rt = types.Long, types.Long
	default:
		lt = expr.Tightest(lt, rt, e.ANSI)
		rt = lt
	}
	return e.cast(l, lt), e.cast(r, rt), nil
}

func stringMeets(t types.Type) types.Type {
	if types.IsIntegral(t) {
		return types.Long
	}
	return types.Double
}

// literalDecimal is the decimal that an integer meets a decimal as: a literal only as wide as its digits.
func literalDecimal(e expr.Expr, t types.Type) types.Type {
	l, ok := e.(*expr.Literal)
	if !ok || l.Value == nil {
		return expr.DecimalFor(t)
	}
	digits := len(strings.TrimPrefix(l.String(), "-"))
	return types.Decimal{Precision: max(1, digits)}
}

func wrongOperand(op, text string, t types.Type) error {
	required := `("NUMERIC" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH" or "INTERVAL")`
	switch op {
	case "/":
		required = `("DOUBLE" or "DECIMAL")`
	case "%", "pmod", "*":
		required = `"NUMERIC"`
	case "div":
		required = `("BIGINT" or "DECIMAL" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH")`
	case "&", "|", "^":
		required = `"INTEGRAL"`
	}
	return mismatch("BINARY_OP_WRONG_TYPE", text, "inputType", required, "actualDataType", typeText(t))
}

var (
	negativeFn = &expr.Function{Name: "negative", Kernel: negateKernel, Fails: true}
	positiveFn = &expr.Function{Name: "positive", Kernel: func(_ *expr.Context, _ int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
		args[0].Retain()
		return args[0], nil
	}}
	absFn = &expr.Function{Name: "abs", Kernel: absKernel, Fails: true}
)

func bindSign(e *Env, c *expr.Call, text string, fn *expr.Function) (expr.Expr, error) {
	a, err := e.numberOr(c.Args[0], text, ` or "INTERVAL"`)
	if err != nil {
		return nil, err
	}
	out := apply(fn, a.Type(), a)
	out.Data, out.Text = e.mode(), text
	return out, nil
}

func bindAbs(e *Env, c *expr.Call) (expr.Expr, error) {
	a, err := e.number(c.Args[0], callText("abs", c.Args))
	if err != nil {
		return nil, err
	}
	out := apply(absFn, a.Type(), a)
	out.Data, out.Text = e.mode(), callText("abs", c.Args)
	return out, nil
}

// number takes a number or an interval; strings and nulls become doubles.
func (e *Env) number(a expr.Expr, text string) (expr.Expr, error) { return e.numberOr(a, text, "") }

// numberOr is number, whose message names more types.
func (e *Env) numberOr(a expr.Expr, text, more string) (expr.Expr, error) {
	k := a.Type().Kind()
	switch {
	case types.IsNumeric(a.Type()) || k == types.KDayTimeInterval || k == types.KYearMonthInterval:
		return a, nil
	case k == types.KString || k == types.KNull:
		return e.cast(a, types.Double), nil
	}
	return nil, unexpected(text, 0, `("NUMERIC" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH"`+more+")", a)
}

// bitwise binds an operator over integers; the kernel computes at the operands' own width.
func bitwise(op string, f func(a, b int64) int64) func(*Env, *expr.Call) (expr.Expr, error) {
	fn := &expr.Function{Name: op}
	narrow := map[types.Kind]expr.Kernel{
		types.KByte:  mapped2(func(a, b int8) int8 { return int8(f(int64(a), int64(b))) }),
		types.KShort: mapped2(func(a, b int16) int16 { return int16(f(int64(a), int64(b))) }),
		types.KInt:   mapped2(func(a, b int32) int32 { return int32(f(int64(a), int64(b))) }),
		types.KLong:  mapped2(f),
	}
	fn.Kernel = func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
		return narrow[out.Kind()](c, n, args, data, out)
	}
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := "(" + c.Args[0].String() + " " + op + " " + c.Args[1].String() + ")"
		l, r, err := e.operands(op, text, c.Args[0], c.Args[1])
		if err != nil {
			return nil, err
		}
		if !types.IsIntegral(l.Type()) || !types.IsIntegral(r.Type()) {
			if types.Equal(l.Type(), r.Type()) {
				return nil, wrongOperand(op, text, l.Type())
			}
			return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(l.Type()), "right", typeText(r.Type()))
		}
		a := apply(fn, l.Type(), l, r)
		a.Text = text
		return a, nil
	}
}

var invertFn = &expr.Function{Name: "~", Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	return map[types.Kind]expr.Kernel{
		types.KByte: mapped(func(a int8) int8 { return ^a }), types.KShort: mapped(func(a int16) int16 { return ^a }),
		types.KInt: mapped(func(a int32) int32 { return ^a }), types.KLong: mapped(func(a int64) int64 { return ^a }),
	}[out.Kind()](c, n, args, data, out)
}}

func bindInvert(e *Env, c *expr.Call) (expr.Expr, error) {
	a := c.Args[0]
	if a.Type().Kind() == types.KNull {
		a = e.cast(a, types.Int)
	}
	if !types.IsIntegral(a.Type()) {
		return nil, unexpected("~"+a.String(), 0, `"INTEGRAL"`, a)
	}
	out := apply(invertFn, a.Type(), a)
	out.Text = "~" + c.Args[0].String()
	return out, nil
}

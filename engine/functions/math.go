package functions

import (
	"math"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var mathRows = append([]Row{
	{Name: "power", Aliases: []string{"pow"}, Min: 2, Max: 2, Bind: bindPower, Examples: []Example{{SQL: "pow(2, 10)", Value: "1024.0"}}},
	{Name: "log", Min: 1, Max: 2, Bind: bindLog, Examples: []Example{{SQL: "log(2, 8)", Value: "3.0"}, {SQL: "log(10)", Value: "2.302585092994046"}, {SQL: "log(0)", Value: "NULL"}}},
	{Name: "ln", Min: 1, Max: 1, Bind: unaryMath("ln", lnFn), Examples: []Example{{SQL: "ln(1)", Value: "0.0"}, {SQL: "ln(0)", Value: "NULL"}}},
	{Name: "atan2", Min: 2, Max: 2, Bind: binaryMath("ATAN2", &expr.Function{Name: "atan2", Kernel: mapped2(func(a, b float64) float64 { return arcTangent2(a+0, b+0) })}), Examples: []Example{{SQL: "atan2(1, 1)", Value: "0.7853981633974483"}}},
	{Name: "hypot", Min: 2, Max: 2, Bind: binaryMath("HYPOT", &expr.Function{Name: "hypot", Kernel: mapped2(hypotenuse)}), Examples: []Example{{SQL: "hypot(3, 4)", Value: "5.0"}}},
	{Name: "signum", Aliases: []string{"sign"}, Min: 1, Max: 1, Bind: bindSignum, Examples: []Example{{SQL: "sign(-5)", Value: "-1.0"}}},
	{Name: "pi", Min: 0, Max: 0, Bind: constantMath("PI()", math.Pi), Examples: []Example{{SQL: "pi()", Value: "3.141592653589793"}}},
	{Name: "e", Min: 0, Max: 0, Bind: constantMath("E()", math.E), Examples: []Example{{SQL: "e()", Value: "2.718281828459045"}}},
	{Name: "floor", Min: 1, Max: 2, Bind: bindWhole("floor", toFloor), Examples: []Example{{SQL: "floor(-1.5)", Value: "-2"}, {SQL: "floor(3.14159, 2)", Value: "3.14"}, {SQL: "floor(CAST(-0.1 AS DOUBLE))", Value: "-1"}}},
	{Name: "ceil", Aliases: []string{"ceiling"}, Min: 1, Max: 2, Bind: bindWhole("ceil", toCeil), Examples: []Example{{SQL: "ceil(1.5)", Value: "2"}, {SQL: "ceil(3.14159, 2)", Value: "3.15"}}},
	{Name: "round", Min: 1, Max: 2, Bind: bindRound("round", halfUp), Examples: []Example{{SQL: "round(2.5)", Value: "3"}, {SQL: "round(2.345, 2)", Value: "2.35"}, {SQL: "round(25, -1)", Value: "30"}, {SQL: "round(2147483647, -1)", Error: "ARITHMETIC_OVERFLOW"}, {SQL: "round(CAST(1.005 AS DOUBLE), 2)", Value: "1.01"}}},
	{Name: "bround", Min: 1, Max: 2, Bind: bindRound("bround", halfEven), Examples: []Example{{SQL: "bround(2.5)", Value: "2"}, {SQL: "bround(25, -1)", Value: "20"}}},
	{Name: "factorial", Min: 1, Max: 1, Bind: bindFactorial, Examples: []Example{{SQL: "factorial(5)", Value: "120"}, {SQL: "factorial(21)", Value: "NULL"}}},
	{Name: "shiftleft", Aliases: []string{"<<"}, Min: 2, Max: 2, Bind: bindBitShift("shiftleft", "<<", shiftLeftFn), Examples: []Example{{SQL: "shiftleft(1, 4)", Value: "16"}}},
	{Name: "shiftright", Aliases: []string{">>"}, Min: 2, Max: 2, Bind: bindBitShift("shiftright", ">>", shiftRightFn), Examples: []Example{{SQL: "shiftright(-16, 2)", Value: "-4"}}},
	{Name: "shiftrightunsigned", Aliases: []string{">>>"}, Min: 2, Max: 2, Bind: bindBitShift("shiftrightunsigned", ">>>", shiftRightUnsignedFn), Examples: []Example{{SQL: "shiftrightunsigned(-16, 2)", Value: "1073741820"}}},
	{Name: "bit_count", Min: 1, Max: 1, Bind: bindBitCount, Examples: []Example{{SQL: "bit_count(7)", Value: "3"}}},
	{Name: "width_bucket", Min: 4, Max: 4, Bind: bindWidthBucket, Examples: []Example{{SQL: "width_bucket(5.3, 0.2, 10.6, 5)", Value: "3"}}},
	{Name: "hex", Min: 1, Max: 1, Bind: bindHex, Examples: []Example{{SQL: "hex(255)", Value: "FF"}, {SQL: "hex('Spark')", Value: "537061726B"}}},
	{Name: "unhex", Min: 1, Max: 1, Bind: textFunction("unhex", unhexFn, types.Binary, true), Examples: []Example{{SQL: "unhex('537061726B')", Value: "Spark"}, {SQL: "unhex('ZZ')", Value: "NULL"}}},
	{Name: "bin", Min: 1, Max: 1, Bind: bindBin, Examples: []Example{{SQL: "bin(13)", Value: "1101"}}},
	{Name: "conv", Min: 3, Max: 3, Bind: bindConv, Examples: []Example{{SQL: "conv('100', 2, 10)", Value: "4"}, {SQL: "conv(-10, 16, -10)", Value: "-16"}}},
}, unaryRows...)

// unaryRows are the functions of one double.
var unaryRows = []Row{
	doubleRow("sqrt", "SQRT", math.Sqrt, "sqrt(4)", "2.0"),
	doubleRow("cbrt", "CBRT", cubeRoot, "cbrt(27)", "3.0"),
	doubleRow("exp", "EXP", exponential, "exp(0)", "1.0"),
	doubleRow("expm1", "EXPM1", math.Expm1, "expm1(0)", "0.0"),
	doubleRow("sin", "SIN", sine, "sin(0)", "0.0"),
	doubleRow("cos", "COS", cosine, "cos(0)", "1.0"),
	doubleRow("tan", "TAN", tangent, "tan(0)", "0.0"),
	doubleRow("cot", "COT", func(v float64) float64 { return 1 / tangent(v) }, "cot(0)", "Infinity"),
	doubleRow("sec", "SEC", func(v float64) float64 { return 1 / cosine(v) }, "sec(0)", "1.0"),
	doubleRow("csc", "CSC", func(v float64) float64 { return 1 / sine(v) }, "csc(0)", "Infinity"),
	doubleRow("asin", "ASIN", arcSine, "asin(0)", "0.0"),
	doubleRow("acos", "ACOS", arcCosine, "acos(1)", "0.0"),
	doubleRow("atan", "ATAN", arcTangent, "atan(0)", "0.0"),
	doubleRow("sinh", "SINH", hyperbolicSine, "sinh(0)", "0.0"),
	doubleRow("cosh", "COSH", hyperbolicCosine, "cosh(0)", "1.0"),
	doubleRow("tanh", "TANH", hyperbolicTangent, "tanh(0)", "0.0"),
	doubleRow("asinh", "ASINH", inverseSine, "asinh(0)", "0.0"),
	doubleRow("acosh", "ACOSH", inverseCosine, "acosh(1)", "0.0"),
	doubleRow("atanh", "ATANH", inverseTangent, "atanh(0)", "0.0"),
	doubleRow("degrees", "DEGREES", func(v float64) float64 { return v * 57.29577951308232 }, "degrees(pi())", "180.0"),
	doubleRow("radians", "RADIANS", func(v float64) float64 { return v * 0.017453292519943295 }, "radians(0)", "0.0"),
	doubleRow("rint", "rint", math.RoundToEven, "rint(2.5)", "2.0"),
	positiveRow("log10", "LOG10", 0, logarithm10, "log10(100)", "2.0"),
	positiveRow("log2", "LOG2", 0, func(v float64) float64 { return logarithm(v) / logarithm(2) }, "log2(8)", "3.0"),
	positiveRow("log1p", "LOG1P", -1, math.Log1p, "log1p(0)", "0.0"),
}

func doubleRow(name, shown string, f func(float64) float64, sql, value string) Row {
	fn := &expr.Function{Name: name, Kernel: mapped(f)}
	return Row{Name: name, Min: 1, Max: 1, Bind: unaryMath(shown, fn), Examples: []Example{{SQL: sql, Value: value}}}
}

// positiveRow is null at and below low.
func positiveRow(name, shown string, low float64, f func(float64) float64, sql, value string) Row {
	fn := &expr.Function{Name: name, Kernel: maybe(func(v float64) (float64, bool) { return f(v), !(v <= low) })}
	return Row{Name: name, Min: 1, Max: 1, Bind: asNullable(unaryMath(shown, fn)), Examples: []Example{{SQL: sql, Value: value}}}
}

var lnFn = &expr.Function{Name: "ln", Kernel: maybe(func(v float64) (float64, bool) { return logarithm(v), !(v <= 0) })}

// asNullable marks what a Bind gives as nullable.
func asNullable(f func(*Env, *expr.Call) (expr.Expr, error)) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		out, err := f(e, c)
		if a, ok := out.(*expr.Apply); ok && err == nil {
			a.Null = true
		}
		return out, err
	}
}

// unaryMath binds a function of one double, shown by a name. Spark takes all of them to be nullable.
func unaryMath(shown string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return asNullable(func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(shown, c.Args)
		a, err := e.take(c, text, 0, types.Double)
		if err != nil {
			return nil, err
		}
		out := apply(fn, types.Double, a)
		out.Text = text
		return out, nil
	})
}

func binaryMath(shown string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(shown, c.Args)
		l, err := e.take(c, text, 0, types.Double)
		if err != nil {
			return nil, err
		}
		r, err := e.take(c, text, 1, types.Double)
		if err != nil {
			return nil, err
		}
		out := apply(fn, types.Double, l, r)
		out.Text = text
		return out, nil
	}
}

func constantMath(text string, v float64) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(*Env, *expr.Call) (expr.Expr, error) {
		a := apply(positiveFn, types.Double, expr.Lit(v))
		a.Text = text
		return a, nil
	}
}

var powerFn = &expr.Function{Name: "power", Kernel: mapped2(raised)}

// bindPower shows pow as it was called, power and ** in capitals.
func bindPower(e *Env, c *expr.Call) (expr.Expr, error) {
	if called(c) == "pow" {
		return binaryMath("pow", powerFn)(e, c)
	}
	return binaryMath("POWER", powerFn)(e, c)
}

var logFn = &expr.Function{Name: "log", Kernel: logKernel}

func logKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	return maybe2(func(base, v float64) (float64, bool) {
		return logarithm(v) / logarithm(base), !(base <= 0 || v <= 0)
	})(c, n, args, data, out)
}

func bindLog(e *Env, c *expr.Call) (expr.Expr, error) {
	if len(c.Args) == 1 {
		out, err := unaryMath("LOG", lnFn)(e, c)
		if err != nil {
			return nil, err
		}
		return withText(out, "LOG(E(), "+c.Args[0].String()+")"), nil
	}
	return asNullable(binaryMath("LOG", logFn))(e, c)
}

var signumFn = &expr.Function{Name: "signum", Kernel: mapped(func(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v
})}

func bindSignum(e *Env, c *expr.Call) (expr.Expr, error) {
	shown := "SIGNUM"
	if called(c) == "sign" {
		shown = "sign"
	}
	return unaryMath(shown, signumFn)(e, c)
}

var factorialFn = &expr.Function{Name: "factorial", Kernel: maybe(func(v int32) (int64, bool) {
	if v < 0 || v > 20 {
		return 0, false
	}
	f := int64(1)
	for i := int64(2); i <= int64(v); i++ {
		f *= i
	}
	return f, true
})}

func bindFactorial(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("factorial", c.Args)
	a, err := e.take(c, text, 0, types.Int)
	if err != nil {
		return nil, err
	}
	out := apply(factorialFn, types.Long, a)
	out.Text, out.Null = text, true
	return out, nil
}

var (
	shiftLeftFn          = bitShiftFn("shiftleft", mapped2(func(v, n int32) int32 { return v << (n & 31) }), mapped2(func(v int64, n int32) int64 { return v << (n & 63) }))
	shiftRightFn         = bitShiftFn("shiftright", mapped2(func(v, n int32) int32 { return v >> (n & 31) }), mapped2(func(v int64, n int32) int64 { return v >> (n & 63) }))
	shiftRightUnsignedFn = bitShiftFn("shiftrightunsigned", mapped2(func(v, n int32) int32 { return int32(uint32(v) >> (n & 31)) }), mapped2(func(v int64, n int32) int64 { return int64(uint64(v) >> (n & 63)) }))
)

func bitShiftFn(name string, narrow, wide expr.Kernel) *expr.Function {
	return &expr.Function{Name: name, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
		if out.Kind() == types.KLong {
			return wide(c, n, args, data, out)
		}
		return narrow(c, n, args, data, out)
	}}
}

func bindBitShift(name, op string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		if called(c) == op {
			text = "(" + c.Args[0].String() + " " + op + " " + c.Args[1].String() + ")"
		}
		v, t := c.Args[0], types.Type(types.Int)
		if v.Type().Kind() == types.KLong {
			t = types.Long
		}
		v, ok := e.implicit(v, t)
		if !ok {
			return nil, unexpected(text, 0, `("INT" or "BIGINT")`, c.Args[0])
		}
		by, err := e.take(c, text, 1, types.Int)
		if err != nil {
			return nil, err
		}
		out := apply(fn, t, v, by)
		out.Text = text
		return out, nil
	}
}

var bitCountFn = &expr.Function{Name: "bit_count", Kernel: mapped(func(v int64) int32 {
	n := int32(0)
	for u := uint64(v); u != 0; u &= u - 1 {
		n++
	}
	return n
})}

func bindBitCount(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("bit_count", c.Args)
	k := c.Args[0].Type().Kind()
	if !types.IsIntegral(c.Args[0].Type()) && k != types.KBoolean && k != types.KNull {
		return nil, unexpected(text, 0, `("INTEGRAL" or "BOOLEAN")`, c.Args[0])
	}
	out := apply(bitCountFn, types.Int, e.cast(c.Args[0], types.Long))
	out.Text = text
	return out, nil
}

var widthBucketFn = &expr.Function{Name: "width_bucket", Kernel: widthBucketKernel}

func widthBucketKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	v, lo, hi := operandOf[float64](args[0]), operandOf[float64](args[1]), operandOf[float64](args[2])
	count := operandOf[int64](args[3])
	return longs(c, n, out, args, func(i int) (int64, bool) {
		x, a, b, k := v.at(i), lo.at(i), hi.at(i), count.at(i)
		if k <= 0 || k == math.MaxInt64 || a == b || x != x || math.IsInf(a, 0) || math.IsInf(b, 0) || a != a || b != b {
			return 0, false
		}
		below, above := x < a, x >= b
		if a > b {
			below, above = x > a, x <= b
		}
		switch {
		case below:
			return 0, true
		case above:
			return k + 1, true
		}
		return int64(float64(k)*(x-a)/(b-a)) + 1, true
	})
}

func bindWidthBucket(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("width_bucket", c.Args)
	args := make([]expr.Expr, 4)
	for i := range args {
		t := types.Type(types.Double)
		if i == 3 {
			t = types.Long
		}
		var err error
		if args[i], err = e.take(c, text, i, t); err != nil {
			return nil, err
		}
	}
	out := apply(widthBucketFn, types.Long, args...)
	out.Text, out.Null = text, true
	return out, nil
}

// rounding is a direction.
type rounding uint8

const (
	halfUp rounding = iota
	halfEven
	toFloor
	toCeil
)

// rounded is the Data of a rounding kernel.
type rounded struct {
	how   rounding
	scale int
	from  int // a decimal argument's scale
	mode  mode
}

// bindWhole is floor and ceil.
func bindWhole(name string, how rounding) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		if len(c.Args) == 2 {
			return bindRound(called(c), how)(e, &expr.Call{Name: c.Name, Args: []expr.Expr{e.asDecimal(c.Args[0]), c.Args[1]}})
		}
		shown := map[string]string{"floor": "FLOOR", "ceil": "CEIL", "ceiling": "ceiling"}[called(c)]
		text := callText(shown, c.Args)
		arg := c.Args[0]
		t := arg.Type()
		var out *expr.Apply
		switch {
		case t.Kind() == types.KDecimal:
			d := t.(types.Decimal)
			out = apply(roundFn, types.Decimal{Precision: min(d.Precision-d.Scale+1, 38)}, arg)
			out.Data = rounded{how: how, from: d.Scale, mode: e.mode()}
		case types.IsIntegral(t):
			out = apply(positiveFn, types.Long, e.cast(arg, types.Long))
		default:
			a, err := e.take(c, text, 0, types.Double)
			if err != nil {
				return nil, err
			}
			out = apply(wholeFn, types.Long, a)
			out.Data = rounded{how: how, mode: e.mode()}
		}
		out.Text, out.Null = text, true
		return out, nil
	}
}

// asDecimal is a number as the decimal that holds its type: floor and ceil to a scale take decimals.
func (e *Env) asDecimal(a expr.Expr) expr.Expr {
	widths := map[types.Kind]types.Decimal{types.KByte: {Precision: 3}, types.KShort: {Precision: 5}, types.KInt: {Precision: 10},
		types.KLong: {Precision: 20}, types.KFloat: {Precision: 14, Scale: 7}, types.KDouble: {Precision: 30, Scale: 15}}
	if d, ok := widths[a.Type().Kind()]; ok {
		return e.cast(a, d)
	}
	return a
}

// bindRound is round and bround, and floor and ceil to a scale.
func bindRound(name string, how rounding) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		scale := expr.Expr(expr.Lit(int32(0)))
		if len(c.Args) == 2 {
			scale = c.Args[1]
		}
		text := callText(name, []expr.Expr{c.Args[0], scale})
		cast, ok := e.implicit(scale, types.Int)
		if !ok {
			return nil, unexpected(text, 1, `"INT"`, scale)
		}
		v, ok, err := constant(cast)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`scale`", "inputType", `"INT"`, "inputExpr", `"`+scale.String()+`"`)
		}
		n, ok := v.(int32)
		if !ok {
			return nil, errs.NotBuilt(name + " with a null scale")
		}
		arg := c.Args[0]
		if k := arg.Type().Kind(); k == types.KString || k == types.KNull {
			arg = e.cast(arg, types.Double)
		}
		if !types.IsNumeric(arg.Type()) {
			return nil, unexpected(text, 0, `"NUMERIC"`, arg)
		}
		r := rounded{how: how, scale: int(n), mode: e.mode()}
		out := arg.Type()
		if d, ok := out.(types.Decimal); ok {
			r.from, out = d.Scale, roundedDecimal(d, int(n))
			r.scale = min(r.scale, d.Scale)
		}
		a := apply(roundFn, out, arg)
		a.Data, a.Text, a.Null = r, text, true
		return a, nil
	}
}

func roundedDecimal(d types.Decimal, scale int) types.Decimal {
	whole := d.Precision - d.Scale + 1
	if scale < 0 {
		return types.Decimal{Precision: min(max(whole, 1-scale), 38)}
	}
	s := min(scale, d.Scale)
	return types.Decimal{Precision: min(whole+s, 38), Scale: s}
}

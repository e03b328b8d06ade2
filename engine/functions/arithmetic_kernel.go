package functions

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

type signed interface{ int8 | int16 | int32 | int64 }
type floating interface{ float32 | float64 }

// arithmeticKernel computes +, -, *, /, %, div and pmod over operands of one kind.
func arithmeticKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(arithmeticOp)
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	switch args[0].DataType().ID() {
	case arrow.INT8:
		return integerOp[int8](c, n, args, how, valid, out)
	case arrow.INT16:
		return integerOp[int16](c, n, args, how, valid, out)
	case arrow.INT32:
		return integerOp[int32](c, n, args, how, valid, out)
	case arrow.INT64:
		return integerOp[int64](c, n, args, how, valid, out)
	case arrow.FLOAT32:
		return floatOp[float32](c, n, args, how, valid, out)
	case arrow.FLOAT64:
		return floatOp[float64](c, n, args, how, valid, out)
	}
	return decimalOpKernel(c, n, args, how, valid, out)
}

// operand is a side of a binary loop: a column, or one value.
type operand[T any] struct {
	v     []T
	fixed bool
}

func (o operand[T]) at(i int) T {
	if o.fixed {
		return o.v[0]
	}
	return o.v[i]
}

func operandOf[T arrow.FixedWidthType](v expr.Vector) operand[T] {
	return operand[T]{batch.Values[T](v.Array), v.Const}
}

func integerOp[T signed](c *expr.Context, n int, args []expr.Vector, how arithmeticOp, valid *batch.Marks, out types.Type) (expr.Vector, error) {
	x, y := operandOf[T](args[0]), operandOf[T](args[1])
	r := batch.NewFixed[T](c.Mem, n)
	over := true
	switch how.op {
	case "+":
		over = addLoop(r.Values, x, y)
	case "-":
		over = subLoop(r.Values, x, y)
	case "*":
		over = mulLoop(r.Values, x, y)
	default:
		over = !divideLoop(r.Values, x, y, how.op)
	}
	if !over || how.mode == wrapping && (how.op == "+" || how.op == "-" || how.op == "*") {
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
	// Some result may not fit, or op divides: look at each row that is not null.
	valid = owned(c.Mem, valid, n)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			r.Values[i] = 0
			continue
		}
		v, bad := exact(how.op, x.at(i), y.at(i))
		r.Values[i] = v
		if bad == 0 || bad == tooBig && how.mode == wrapping {
			continue
		}
		if how.mode == strict {
			valid.Drop()
			r.Drop()
			return expr.Vector{}, arithmeticError(how.op, bad, int64(x.at(i)), int64(y.at(i)), out)
		}
		valid.Clear(i)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// fault is why an operation has no result.
type fault uint8

const (
	tooBig fault = iota + 1
	byZero
)

// exact computes one operation; with tooBig the result has wrapped around.
func exact[T signed](op string, a, b T) (T, fault) {
	switch op {
	case "+":
		s := a + b
		return s, when((a^s)&(b^s) < 0)
	case "-":
		s := a - b
		return s, when((a^b)&(a^s) < 0)
	case "*":
		hi, lo := bits.Mul64(uint64(int64(a)), uint64(int64(b)))
		h := int64(hi) - int64(a)>>63&int64(b) - int64(b)>>63&int64(a)
		p := T(lo)
		return p, when(h != int64(lo)>>63 || int64(p) != int64(lo))
	}
	if b == 0 {
		return 0, byZero
	}
	switch op {
	case "%":
		return a % b, 0
	case "pmod":
		r := a % b
		if r < 0 {
			r = (r + b) % b
		}
		return r, 0
	}
	q := a / b
	return q, when(b == -1 && q == a && a != 0)
}

func when(b bool) fault {
	if b {
		return tooBig
	}
	return 0
}

func arithmeticError(op string, bad fault, a, b int64, out types.Type) error {
	if bad == byZero {
		if op == "%" || op == "pmod" {
			return errs.New("REMAINDER_BY_ZERO", "config", ansiKey)
		}
		return errs.New("DIVIDE_BY_ZERO", "config", ansiKey)
	}
	try := map[string]string{"+": "try_add", "-": "try_subtract", "*": "try_multiply", "div": "try_divide"}[op]
	if k := out.Kind(); k == types.KByte || k == types.KShort {
		return errs.New("BINARY_ARITHMETIC_OVERFLOW", "value1", strconv.FormatInt(a, 10)+"S", "symbol", op,
			"value2", strconv.FormatInt(b, 10)+"S", "functionName", Quote(try))
	}
	if op == "div" {
		return arithmeticOverflow("Overflow in integral divide", try)
	}
	return arithmeticOverflow("overflow", try)
}

func addLoop[T signed](o []T, x, y operand[T]) bool {
	if x.fixed {
		x, y = y, x
	}
	var over T
	if x.fixed {
		s := x.v[0] + y.v[0]
		for i := range o {
			o[i] = s
		}
		return (x.v[0]^s)&(y.v[0]^s) < 0
	}
	a := x.v[:len(o)]
	if y.fixed {
		b := y.v[0]
		for i, v := range a {
			s := v + b
			o[i] = s
			over |= (v ^ s) & (b ^ s)
		}
		return over < 0
	}
	b := y.v[:len(o)]
	for i, v := range a {
		s := v + b[i]
		o[i] = s
		over |= (v ^ s) & (b[i] ^ s)
	}
	return over < 0
}

func subLoop[T signed](o []T, x, y operand[T]) bool {
	var over T
	switch {
	case !x.fixed && !y.fixed:
		a, b := x.v[:len(o)], y.v[:len(o)]
		for i, v := range a {
			s := v - b[i]
			o[i] = s
			over |= (v ^ b[i]) & (v ^ s)
		}
	case !x.fixed:
		b := y.v[0]
		for i, v := range x.v[:len(o)] {
			s := v - b
			o[i] = s
			over |= (v ^ b) & (v ^ s)
		}
	default:
		a := x.v[0]
		for i := range o {
			w := y.at(i)
			s := a - w
			o[i] = s
			over |= (a ^ w) & (a ^ s)
		}
	}
	return over < 0
}

func mulLoop[T signed](o []T, x, y operand[T]) bool {
	if x.fixed {
		x, y = y, x
	}
	var over uint64
	if x.fixed {
		p, bad := exact("*", x.v[0], y.v[0])
		for i := range o {
			o[i] = p
		}
		return bad != 0
	}
	var z T
	wide := z-1 < 0 && any(z) == any(int64(0))
	a := x.v[:len(o)]
	for i, v := range a {
		w := y.v[0]
		if !y.fixed {
			w = y.v[i]
		}
		if wide {
			hi, lo := bits.Mul64(uint64(int64(v)), uint64(int64(w)))
			h := hi - uint64(int64(v)>>63&int64(w)) - uint64(int64(w)>>63&int64(v))
			o[i] = T(lo)
			over |= h ^ uint64(int64(lo)>>63)
			continue
		}
		p := int64(v) * int64(w)
		o[i] = T(p)
		over |= uint64(p ^ int64(T(p)))
	}
	return over != 0
}

// divideLoop divides by one value that is neither 0 nor -1; it answers false for any other divisor.
func divideLoop[T signed](o []T, x, y operand[T], op string) bool {
	if x.fixed || !y.fixed || y.v[0] == 0 || y.v[0] == -1 {
		return false
	}
	b := y.v[0]
	switch op {
	case "%":
		for i, v := range x.v[:len(o)] {
			o[i] = v % b
		}
	case "div":
		for i, v := range x.v[:len(o)] {
			o[i] = v / b
		}
	default:
		for i, v := range x.v[:len(o)] {
			r := v % b
			if r < 0 {
				r = (r + b) % b
			}
			o[i] = r
		}
	}
	return true
}

func floatOp[T floating](c *expr.Context, n int, args []expr.Vector, how arithmeticOp, valid *batch.Marks, out types.Type) (expr.Vector, error) {
	x, y := operandOf[T](args[0]), operandOf[T](args[1])
	r := batch.NewFixed[T](c.Mem, n)
	if how.op != "+" && how.op != "-" && how.op != "*" {
		return floatDivision(c, n, x, y, how, valid, r, out)
	}
	floatLoop(r.Values, x, y, how.op)
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// floatLoop is one loop an operator and form, so that each is a few instructions a row.
func floatLoop[T floating](o []T, x, y operand[T], op string) {
	if x.fixed {
		a := x.v[0]
		for i := range o {
			b := y.at(i)
			switch op {
			case "+":
				o[i] = a + b
			case "-":
				o[i] = a - b
			case "*":
				o[i] = a * b
			default:
				o[i] = a / b
			}
		}
		return
	}
	a := x.v[:len(o)]
	if y.fixed {
		floatConstant(o, a, y.v[0], op)
		return
	}
	b := y.v[:len(o)]
	switch op {
	case "+":
		for i, v := range a {
			o[i] = v + b[i]
		}
	case "-":
		for i, v := range a {
			o[i] = v - b[i]
		}
	case "*":
		for i, v := range a {
			o[i] = v * b[i]
		}
	default:
		for i, v := range a {
			o[i] = v / b[i]
		}
	}
}

func floatConstant[T floating](o, a []T, b T, op string) {
	switch op {
	case "+":
		for i, v := range a {
			o[i] = v + b
		}
	case "-":
		for i, v := range a {
			o[i] = v - b
		}
	case "*":
		for i, v := range a {
			o[i] = v * b
		}
	default:
		for i, v := range a {
			o[i] = v / b
		}
	}
}

func floatDivision[T floating](c *expr.Context, n int, x, y operand[T], how arithmeticOp, valid *batch.Marks, r batch.Fixed[T], out types.Type) (expr.Vector, error) {
	zero := false
	if y.fixed {
		zero = y.v[0] == 0
	} else {
		for _, v := range y.v[:n] {
			zero = zero || v == 0
		}
	}
	if zero {
		valid = owned(c.Mem, valid, n)
		for i := 0; i < n; i++ {
			if y.at(i) != 0 || !valid.Get(i) {
				continue
			}
			if how.mode == strict {
				valid.Drop()
				r.Drop()
				return expr.Vector{}, arithmeticError(how.op, byZero, 0, 0, out)
			}
			valid.Clear(i)
		}
	}
	if how.op == "/" {
		floatLoop(r.Values, x, y, "/")
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
	for i := range r.Values {
		m, b := math.Mod(float64(x.at(i)), float64(y.at(i))), float64(y.at(i))
		if how.op == "pmod" && m < 0 {
			m = math.Mod(m+b, b)
		}
		r.Values[i] = T(m)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

func negateKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	return signKernel(c, n, args, data.(mode), out, func(neg bool) bool { return true })
}

func absKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	return signKernel(c, n, args, data.(mode), out, func(neg bool) bool { return neg })
}

// signKernel negates the values for which flip holds, given whether they are negative.
func signKernel(c *expr.Context, n int, args []expr.Vector, m mode, out types.Type, flip func(neg bool) bool) (expr.Vector, error) {
	switch out.Kind() {
	case types.KFloat:
		return flipFloats[float32](c, n, args, out, flip)
	case types.KDouble:
		return flipFloats[float64](c, n, args, out, flip)
	case types.KDecimal:
		return mapped(func(v decimal128.Num) decimal128.Num {
			if flip(v.Sign() < 0) {
				return v.Negate()
			}
			return v
		})(c, n, args, nil, out)
	case types.KByte:
		return flipIntegers[int8](c, n, args, m, out, flip)
	case types.KShort:
		return flipIntegers[int16](c, n, args, m, out, flip)
	case types.KInt, types.KYearMonthInterval:
		return flipIntegers[int32](c, n, args, m, out, flip)
	}
	return flipIntegers[int64](c, n, args, m, out, flip)
}

func flipFloats[T floating](c *expr.Context, n int, args []expr.Vector, out types.Type, flip func(neg bool) bool) (expr.Vector, error) {
	return mapped(func(v T) T {
		if flip(math.Signbit(float64(v))) {
			return -v
		}
		return v
	})(c, n, args, nil, out)
}

func flipIntegers[T signed](c *expr.Context, n int, args []expr.Vector, m mode, out types.Type, flip func(neg bool) bool) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	in := batch.Values[T](args[0].Array)
	r := batch.NewFixed[T](c.Mem, n)
	for i := range r.Values {
		v := in[i]
		if flip(v < 0) {
			if v != 0 && v == -v && m == strict && valid.Get(i) {
				valid.Drop()
				r.Drop()
				return expr.Vector{}, arithmeticOverflow("overflow", "")
			}
			v = -v
		}
		r.Values[i] = v
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

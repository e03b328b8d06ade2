package functions

import (
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// decimalOpKernel is arithmetic over decimals; div gives longs.
func decimalOpKernel(c *expr.Context, n int, args []expr.Vector, how arithmeticOp, valid *batch.Marks, out types.Type) (expr.Vector, error) {
	x, y := operandOf[decimal128.Num](args[0]), operandOf[decimal128.Num](args[1])
	if how.op == "div" {
		return decimalDiv(c, n, x, y, how, valid)
	}
	to := out.(types.Decimal)
	valid = owned(c.Mem, valid, n)
	r := batch.NewFixed[decimal128.Num](c.Mem, n)
	for i := 0; i < n; i++ {
		r.Values[i] = decimal128.Num{}
		if !valid.Get(i) {
			continue
		}
		v, bad := decimalResult(how, x.at(i), y.at(i), to)
		r.Values[i] = v
		if bad == 0 {
			continue
		}
		if how.mode == strict {
			valid.Drop()
			r.Drop()
			if bad == byZero {
				return expr.Vector{}, arithmeticError(how.op, byZero, 0, 0, out)
			}
			return expr.Vector{}, expr.TooLarge(exactText(how, x.at(i), y.at(i), to), to)
		}
		valid.Clear(i)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// decimalResult computes one operation.
func decimalResult(how arithmeticOp, a, b decimal128.Num, to types.Decimal) (decimal128.Num, fault) {
	ok := true
	var v decimal128.Num
	switch how.op {
	case "+", "-":
		if how.op == "-" {
			b = b.Negate()
		}
		v, ok = addDecimals(a, b, how.s1, how.s2, to)
	case "*":
		v, ok = expr.MulDecimal(a, b, how.s1+how.s2, to.Scale, to.Precision)
	default:
		if b.Sign() == 0 {
			return v, byZero
		}
		if how.op == "/" {
			v, ok = expr.DivDecimal(a, b, how.s1, how.s2, to.Scale, to.Precision)
		} else {
			v, ok = remainder(a, b, how, to)
		}
	}
	return v, when(!ok)
}

// addDecimals adds at the wider scale and then rounds to the result's.
func addDecimals(a, b decimal128.Num, s1, s2 int, to types.Decimal) (decimal128.Num, bool) {
	s := max(s1, s2)
	_, ok1 := expr.Int64(a)
	_, ok2 := expr.Int64(b)
	if ok1 && ok2 && s-s1 < 18 && s-s2 < 18 {
		a, _ = expr.Rescale(a, s1, s, expr.MaxPrecision)
		b, _ = expr.Rescale(b, s2, s, expr.MaxPrecision)
		return expr.Rescale(a.Add(b), s, to.Scale, to.Precision)
	}
	x, y := bigAt(a, s-s1), bigAt(b, s-s2)
	x.Add(x, y)
	if s > to.Scale {
		x = expr.DivideHalfUp(x, power(s-to.Scale))
	}
	return expr.FromBig(x, to.Precision)
}

// bigAt is an unscaled value with shift more digits of scale.
func bigAt(v decimal128.Num, shift int) *big.Int {
	b := v.BigInt()
	if shift > 0 {
		b = new(big.Int).Mul(b, power(shift))
	}
	return b
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func remainder(a, b decimal128.Num, how arithmeticOp, to types.Decimal) (decimal128.Num, bool) {
	s := max(how.s1, how.s2)
	x, y := bigAt(a, s-how.s1), bigAt(b, s-how.s2)
	m := new(big.Int).Rem(x, y)
	if how.op == "pmod" && m.Sign() < 0 {
		m.Add(m, y).Rem(m, y)
	}
	if s > to.Scale {
		m = expr.DivideHalfUp(m, power(s-to.Scale))
	}
	return expr.FromBig(m, to.Precision)
}

func decimalDiv(c *expr.Context, n int, x, y operand[decimal128.Num], how arithmeticOp, valid *batch.Marks) (expr.Vector, error) {
	valid = owned(c.Mem, valid, n)
	r := batch.NewFixed[int64](c.Mem, n)
	for i := 0; i < n; i++ {
		r.Values[i] = 0
		if !valid.Get(i) {
			continue
		}
		bad := fault(0)
		if y.at(i).Sign() == 0 {
			bad = byZero
		} else {
			s := max(how.s1, how.s2)
			q := new(big.Int).Quo(bigAt(x.at(i), s-how.s1), bigAt(y.at(i), s-how.s2))
			r.Values[i], bad = q.Int64(), when(!q.IsInt64())
		}
		if bad == 0 || bad == tooBig && how.mode == wrapping {
			continue
		}
		if how.mode == strict {
			valid.Drop()
			r.Drop()
			return expr.Vector{}, arithmeticError("div", bad, 0, 0, types.Long)
		}
		valid.Clear(i)
	}
	return vector(r.Done(arrow.PrimitiveTypes.Int64, valid)), nil
}

// exactText is a result that does not fit, for its message.
func exactText(how arithmeticOp, a, b decimal128.Num, to types.Decimal) string {
	s := max(how.s1, how.s2)
	x, y := bigAt(a, s-how.s1), bigAt(b, s-how.s2)
	switch how.op {
	case "+":
		x.Add(x, y)
	case "-":
		x.Sub(x, y)
	case "*":
		x, s = new(big.Int).Mul(a.BigInt(), b.BigInt()), how.s1+how.s2
	default:
		x, s = expr.DivideHalfUp(new(big.Int).Mul(x, power(to.Scale)), y), to.Scale
	}
	text := x.String()
	if s == 0 {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for len(text) <= s {
		text = "0" + text
	}
	return sign + text[:len(text)-s] + "." + text[len(text)-s:]
}

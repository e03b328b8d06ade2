package functions

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var (
	roundFn = &expr.Function{Name: "round", Kernel: roundKernel, Fails: true}
	wholeFn = &expr.Function{Name: "whole", Kernel: wholeKernel, Fails: true}
)

// maybe2 lifts a function of two values that may answer with no value.
func maybe2[A, B, R arrow.FixedWidthType](f func(A, B) (R, bool)) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		valid, none := nullsOf(c.Mem, n, args...)
		if none {
			return expr.Nulls(c.Mem, out), nil
		}
		valid = owned(c.Mem, valid, n)
		x, y := batch.Values[A](args[0].Array), batch.Values[B](args[1].Array)
		r := batch.NewFixed[R](c.Mem, n)
		for i := range r.Values {
			var v R
			ok := valid.Get(i)
			if ok {
				v, ok = f(x[args[0].Row(i)], y[args[1].Row(i)])
			}
			r.Values[i] = v
			valid.Put(i, ok)
		}
		return vector(r.Done(types.Arrow(out), valid)), nil
	}
}

// longs fills a column of longs from a function of the row, which may answer with no value.
func longs(c *expr.Context, n int, out types.Type, args []expr.Vector, f func(i int) (int64, bool)) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	r := batch.NewFixed[int64](c.Mem, n)
	for i := range r.Values {
		r.Values[i] = 0
		if !valid.Get(i) {
			continue
		}
		v, ok := f(i)
		r.Values[i] = v
		valid.Put(i, ok)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// wholeKernel is floor and ceil of doubles to longs.
func wholeKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	r := data.(rounded)
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	o := batch.NewFixed[int64](c.Mem, n)
	for i, v := range batch.Values[float64](args[0].Array)[:n] {
		if r.how == toFloor {
			v = math.Floor(v)
		} else {
			v = math.Ceil(v)
		}
		switch {
		case v >= -9223372036854775808 && v < 9223372036854775808:
			o.Values[i] = int64(v)
		case v != v:
			o.Values[i] = 0
		case r.mode == strict && valid.Get(i):
			valid.Drop()
			o.Drop()
			return expr.Vector{}, arithmeticOverflow("overflow", "")
		case v > 0:
			o.Values[i] = math.MaxInt64
		default:
			o.Values[i] = math.MinInt64
		}
	}
	return vector(o.Done(types.Arrow(out), valid)), nil
}

// roundKernel rounds to a scale and keeps the kind of number.
func roundKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	r := data.(rounded)
	switch out.Kind() {
	case types.KFloat:
		return mapped(func(v float32) float32 { return float32(unsignedZero(roundFloat(float64(v), 32, r))) })(c, n, args, nil, out)
	case types.KDouble:
		return mapped(func(v float64) float64 { return unsignedZero(roundFloat(v, 64, r)) })(c, n, args, nil, out)
	case types.KDecimal:
		return roundDecimals(c, n, args, r, out.(types.Decimal))
	case types.KByte:
		return roundIntegers[int8](c, n, args, r, out)
	case types.KShort:
		return roundIntegers[int16](c, n, args, r, out)
	case types.KInt:
		return roundIntegers[int32](c, n, args, r, out)
	}
	return roundIntegers[int64](c, n, args, r, out)
}

// unsignedZero is v, and 0 for -0: what is rounded went through a decimal, which has one zero.
func unsignedZero(v float64) float64 {
	if v == 0 {
		return 0
	}
	return v
}

func roundIntegers[T signed](c *expr.Context, n int, args []expr.Vector, r rounded, out types.Type) (expr.Vector, error) {
	if r.scale >= 0 {
		args[0].Retain()
		return args[0], nil
	}
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	o := batch.NewFixed[T](c.Mem, n)
	for i, v := range batch.Values[T](args[0].Array)[:n] {
		w := quantize(big.NewInt(int64(v)), -r.scale, r.how)
		o.Values[i] = T(w.Int64())
		if !w.IsInt64() || int64(T(w.Int64())) != w.Int64() {
			if r.mode == strict && valid.Get(i) {
				valid.Drop()
				o.Drop()
				return expr.Vector{}, arithmeticOverflow("Overflow", "")
			}
		}
	}
	return vector(o.Done(types.Arrow(out), valid)), nil
}

// quantize rounds an integer to a multiple of 10^digits.
func quantize(v *big.Int, digits int, how rounding) *big.Int {
	unit := power(digits)
	q := divide(v, unit, how)
	return q.Mul(q, unit)
}

// divide divides by a positive unit and rounds.
func divide(v, unit *big.Int, how rounding) *big.Int {
	q, m := new(big.Int).QuoRem(v, unit, new(big.Int))
	if m.Sign() == 0 {
		return q
	}
	up := false
	switch how {
	case toFloor:
		up = v.Sign() < 0
	case toCeil:
		up = v.Sign() > 0
	default:
		switch m.Lsh(m, 1).CmpAbs(unit) {
		case 1:
			up = true
		case 0:
			up = how == halfUp || q.Bit(0) == 1
		}
	}
	if up {
		q.Add(q, big.NewInt(int64(v.Sign())))
	}
	return q
}

func roundDecimals(c *expr.Context, n int, args []expr.Vector, r rounded, out types.Decimal) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	o := batch.NewFixed[decimal128.Num](c.Mem, n)
	for i, v := range batch.Values[decimal128.Num](args[0].Array)[:n] {
		o.Values[i] = decimal128.Num{}
		if !valid.Get(i) {
			continue
		}
		w, ok := roundDecimal(v, r, out)
		o.Values[i] = w
		if ok {
			continue
		}
		if r.mode == strict {
			valid.Drop()
			o.Drop()
			return expr.Vector{}, expr.TooLarge(string(expr.AppendDecimal(nil, v, r.from)), out)
		}
		valid.Clear(i)
	}
	return vector(o.Done(types.Arrow(out), valid)), nil
}

func roundDecimal(v decimal128.Num, r rounded, out types.Decimal) (decimal128.Num, bool) {
	if r.how == halfUp && r.scale >= 0 {
		return expr.Rescale(v, r.from, out.Scale, out.Precision)
	}
	b := divide(v.BigInt(), power(r.from-r.scale), r.how)
	if r.scale < 0 {
		b.Mul(b, power(-r.scale))
	}
	return expr.FromBig(b, out.Precision)
}

// roundFloat rounds the digits that a float prints, so that 1.005 rounds up at two. Where the scaled value is clearly
// on one side the arithmetic gives the same and is faster.
func roundFloat(v float64, bits int, r rounded) float64 {
	if v != v || math.IsInf(v, 0) || v == 0 {
		return v
	}
	if r.scale >= 0 && r.scale <= 15 && bits == 64 && r.how <= halfEven {
		unit := math.Pow10(r.scale)
		x := math.Abs(v) * unit
		if x < 1<<50 {
			whole := math.Floor(x)
			if rest := x - whole; math.Abs(rest-0.5) > 1e-3 {
				if rest > 0.5 {
					whole++
				}
				return math.Copysign(whole/unit, v)
			}
		} else if r.scale == 0 {
			return v
		}
	}
	text := strconv.FormatFloat(v, 'f', -1, bits)
	neg := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	scale := 0
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		scale = len(text) - dot - 1
		text = text[:dot] + text[dot+1:]
	}
	if r.scale >= scale {
		return v
	}
	digits, _ := new(big.Int).SetString(text, 10)
	if neg {
		digits.Neg(digits)
	}
	q := divide(digits, power(scale-r.scale), r.how)
	f, _ := strconv.ParseFloat(q.String()+"e"+strconv.Itoa(-r.scale), bits)
	if f == 0 && neg {
		return math.Copysign(0, -1)
	}
	return f
}

package expr

import (
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Casts from and to decimals.

func decimalCaster(from types.Decimal, to types.Type, mode CastMode) (caster, error) {
	switch to.Kind() {
	case types.KDecimal:
		return decimalToDecimal(from, to.(types.Decimal), mode), nil
	case types.KByte:
		return decimalToInt[int8](from, to, mode), nil
	case types.KShort:
		return decimalToInt[int16](from, to, mode), nil
	case types.KInt:
		return decimalToInt[int32](from, to, mode), nil
	case types.KLong:
		return decimalToInt[int64](from, to, mode), nil
	case types.KFloat:
		return decimalToFloat[float32](from, to), nil
	case types.KDouble:
		return decimalToFloat[float64](from, to), nil
	case types.KBoolean:
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			out := batch.NewMarks(c.Mem, a.Len(), false)
			for i, v := range batch.Values[decimal128.Num](a) {
				out.Put(i, v.Sign() != 0)
			}
			return out.Done(batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
		}, nil
	}
	return nil, errs.NotBuilt("CAST(decimal AS " + to.String() + ")")
}

// decimalColumn fills a decimal column from convert, whose ok false is an overflow of the value that show prints.
func decimalColumn(c *Context, a arrow.Array, to types.Decimal, mode CastMode,
	convert func(i int) (decimal128.Num, bool), show func(i int) string) (arrow.Array, error) {
	out := batch.NewFixed[decimal128.Num](c.Mem, a.Len())
	valid := validity(c.Mem, a)
	for i := range out.Values {
		if !valid.Get(i) {
			out.Values[i] = decimal128.Num{}
			continue
		}
		v, ok := convert(i)
		out.Values[i] = v
		if ok {
			continue
		}
		if s := show(i); mode == CastANSI && s != "" {
			valid.Drop()
			out.Drop()
			return nil, tooLarge(s, to)
		}
		valid.Clear(i)
	}
	return out.Done(types.Arrow(to), valid), nil
}

func decimalToDecimal(from, to types.Decimal, mode CastMode) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[decimal128.Num](a)
		return decimalColumn(c, a, to, mode,
			func(i int) (decimal128.Num, bool) { return Rescale(in[i], from.Scale, to.Scale, to.Precision) },
			func(i int) string { return string(AppendDecimal(nil, in[i], from.Scale)) })
	}
}

func decimalToInt[T int8 | int16 | int32 | int64](from types.Decimal, to types.Type, mode CastMode) caster {
	lo, hi := limits(to.Kind())
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[decimal128.Num](a)
		out := batch.NewFixed[T](c.Mem, a.Len())
		valid := validity(c.Mem, a)
		for i, v := range in {
			n, ok := DecimalInt(v, from.Scale)
			out.Values[i] = T(n)
			if ok && n >= lo && n <= hi || mode == CastLegacy || !valid.Get(i) {
				continue
			}
			if mode == CastANSI {
				valid.Drop()
				out.Drop()
				return nil, overflow(string(AppendDecimal(nil, v, from.Scale))+"BD", from, to)
			}
			valid.Clear(i)
		}
		return out.Done(types.Arrow(to), valid), nil
	}
}

func decimalToFloat[T float32 | float64](from types.Decimal, to types.Type) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		out := batch.NewFixed[T](c.Mem, a.Len())
		valid := batch.Valid(a)
		for i, v := range batch.Values[decimal128.Num](a) {
			out.Values[i] = 0
			if valid.Get(i) {
				out.Values[i] = T(DecimalFloat(v, from.Scale))
			}
		}
		return out.Done(types.Arrow(to), batch.CopyMarks(c.Mem, valid, a.Len())), nil
	}
}

// toDecimal casts booleans, integers and floats.
func toDecimal(from types.Type, to types.Decimal, mode CastMode) (caster, error) {
	switch from.Kind() {
	case types.KBoolean:
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			bits := batch.Bools(a)
			return intDecimal(c, a, to, mode, func(i int) int64 {
				if bits.Get(i) {
					return 1
				}
				return 0
			})
		}, nil
	case types.KByte:
		return integerToDecimal[int8](to, mode), nil
	case types.KShort:
		return integerToDecimal[int16](to, mode), nil
	case types.KInt:
		return integerToDecimal[int32](to, mode), nil
	case types.KLong:
		return integerToDecimal[int64](to, mode), nil
	case types.KFloat:
		return floatToDecimal[float32](to, mode), nil
	case types.KDouble:
		return floatToDecimal[float64](to, mode), nil
	}
	return nil, errs.NotBuilt("CAST(" + from.String() + " AS decimal)")
}

func integerToDecimal[F int8 | int16 | int32 | int64](to types.Decimal, mode CastMode) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[F](a)
		return intDecimal(c, a, to, mode, func(i int) int64 { return int64(in[i]) })
	}
}

func intDecimal(c *Context, a arrow.Array, to types.Decimal, mode CastMode, value func(i int) int64) (arrow.Array, error) {
	return decimalColumn(c, a, to, mode,
		func(i int) (decimal128.Num, bool) {
			return Rescale(decimal128.FromI64(value(i)), 0, to.Scale, to.Precision)
		},
		func(i int) string { return strconv.FormatInt(value(i), 10) })
}

// floatToDecimal takes the digits that the value prints as a double; NaN and infinities are null in every mode.
func floatToDecimal[F float32 | float64](to types.Decimal, mode CastMode) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[F](a)
		return decimalColumn(c, a, to, mode,
			func(i int) (decimal128.Num, bool) { return FloatDecimal(float64(in[i]), 64, to.Precision, to.Scale) },
			func(i int) string {
				if v := float64(in[i]); v != v || math.IsInf(v, 0) {
					return ""
				}
				return plainFloat(float64(in[i]))
			})
	}
}

// plainFloat is a float as a decimal prints that holds its digits: an exponent only below 1E-6.
func plainFloat(v float64) string {
	if a := math.Abs(v); a >= 1e7 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return string(AppendFloat(nil, v, 64))
}

package expr

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Casts among booleans, integers and floats.

type number interface {
	int8 | int16 | int32 | int64 | float32 | float64
}

func itoa(v int) string { return strconv.Itoa(v) }

func numberCaster(from, to types.Type, mode CastMode) (caster, error) {
	switch from.Kind() {
	case types.KBoolean:
		return boolTo(to)
	case types.KByte:
		return numberFrom[int8](from, to, mode)
	case types.KShort:
		return numberFrom[int16](from, to, mode)
	case types.KInt:
		return numberFrom[int32](from, to, mode)
	case types.KLong:
		return numberFrom[int64](from, to, mode)
	case types.KFloat:
		return numberFrom[float32](from, to, mode)
	case types.KDouble:
		return numberFrom[float64](from, to, mode)
	}
	return nil, errs.NotBuilt("CAST(" + from.String() + " AS " + to.String() + ")")
}

func numberFrom[F number](from, to types.Type, mode CastMode) (caster, error) {
	switch to.Kind() {
	case types.KBoolean:
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			out := batch.NewMarks(c.Mem, a.Len(), false)
			for i, v := range batch.Values[F](a) {
				if v != 0 {
					out.Set(i)
				}
			}
			return out.Done(batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
		}, nil
	case types.KByte:
		return numberTo[F, int8](from, to, mode), nil
	case types.KShort:
		return numberTo[F, int16](from, to, mode), nil
	case types.KInt:
		return numberTo[F, int32](from, to, mode), nil
	case types.KLong:
		return numberTo[F, int64](from, to, mode), nil
	case types.KFloat:
		return numberTo[F, float32](from, to, mode), nil
	case types.KDouble:
		return numberTo[F, float64](from, to, mode), nil
	}
	return nil, errs.NotBuilt("CAST(" + from.String() + " AS " + to.String() + ")")
}

func numberTo[F, T number](from, to types.Type, mode CastMode) caster {
	dt := types.Arrow(to)
	if types.IsFractional(from) && types.IsIntegral(to) {
		return floatToInt[F, T](from, to, mode)
	}
	narrows := types.IsIntegral(from) && types.IsIntegral(to) && numericOrder[from.Kind()] > numericOrder[to.Kind()]
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[F](a)
		out := batch.NewFixed[T](c.Mem, a.Len())
		if !narrows || mode == CastLegacy {
			for i, v := range in {
				out.Values[i] = T(v)
			}
			return out.Done(dt, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
		}
		lost := false
		for i, v := range in {
			w := T(v)
			out.Values[i] = w
			lost = lost || F(w) != v
		}
		valid := batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())
		if !lost {
			return out.Done(dt, valid), nil
		}
		valid.Drop()
		valid = validity(c.Mem, a)
		for i, v := range in {
			if F(T(v)) == v || !valid.Get(i) {
				continue
			}
			if mode == CastANSI {
				valid.Drop()
				out.Drop()
				return nil, overflow(numberText(v, from), from, to)
			}
			valid.Clear(i)
		}
		return out.Done(dt, valid), nil
	}
}

// numberText is a number as messages show it: 1, 1L, 1S, 1.0D.
func numberText[F number](v F, t types.Type) string {
	switch t.Kind() {
	case types.KFloat, types.KDouble:
		bits := 64
		if t.Kind() == types.KFloat {
			bits = 32
		}
		s := string(AppendFloat(nil, float64(v), bits))
		if v != v || math.IsInf(float64(v), 0) {
			return s
		}
		if bits == 32 {
			return "CAST('" + s + "' AS FLOAT)"
		}
		return s + "D"
	}
	s := strconv.FormatInt(int64(v), 10)
	switch t.Kind() {
	case types.KByte:
		return s + "Y"
	case types.KShort:
		return s + "S"
	case types.KLong:
		return s + "L"
	}
	return s
}

func floatToInt[F, T number](from, to types.Type, mode CastMode) caster {
	dt := types.Arrow(to)
	lo, hi := limits(to.Kind())
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		in := batch.Values[F](a)
		out := batch.NewFixed[T](c.Mem, a.Len())
		valid := validity(c.Mem, a)
		for i, v := range in {
			d := float64(v)
			if mode == CastLegacy {
				out.Values[i] = T(saturate(d, to.Kind()))
				continue
			}
			if math.Floor(d) <= float64(hi) && math.Ceil(d) >= float64(lo) {
				out.Values[i] = T(saturate(d, types.KLong))
				continue
			}
			if !valid.Get(i) {
				continue
			}
			if mode == CastANSI {
				valid.Drop()
				out.Drop()
				return nil, overflow(numberText(v, from), from, to)
			}
			valid.Clear(i)
		}
		return out.Done(dt, valid), nil
	}
}

// saturate converts as Java does: NaN is 0, values beyond the range are its ends; narrow types go through int.
func saturate(d float64, k types.Kind) int64 {
	lo, hi := int64(math.MinInt32), int64(math.MaxInt32)
	if k == types.KLong {
		lo, hi = math.MinInt64, math.MaxInt64
	}
	switch {
	case d != d:
		return 0
	case d >= float64(hi):
		return hi
	case d <= float64(lo):
		return lo
	}
	return int64(d)
}

// limits is the range of an integral type.
func limits(k types.Kind) (lo, hi int64) {
	switch k {
	case types.KByte:
		return math.MinInt8, math.MaxInt8
	case types.KShort:
		return math.MinInt16, math.MaxInt16
	case types.KInt:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

func boolTo(to types.Type) (caster, error) {
	switch to.Kind() {
	case types.KByte:
		return boolNumber[int8](to), nil
	case types.KShort:
		return boolNumber[int16](to), nil
	case types.KInt:
		return boolNumber[int32](to), nil
	case types.KLong:
		return boolNumber[int64](to), nil
	case types.KFloat:
		return boolNumber[float32](to), nil
	case types.KDouble:
		return boolNumber[float64](to), nil
	}
	return nil, errs.NotBuilt("CAST(boolean AS " + to.String() + ")")
}

func boolNumber[T number](to types.Type) caster {
	dt := types.Arrow(to)
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		out := batch.NewFixed[T](c.Mem, a.Len())
		bits := batch.Bools(a)
		for i := range out.Values {
			out.Values[i] = 0
			if bits.Get(i) {
				out.Values[i] = 1
			}
		}
		return out.Done(dt, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
	}
}

// integerBytes gives an integer's bytes, the highest first.
func integerBytes(k types.Kind) (caster, error) {
	width := map[types.Kind]int{types.KByte: 1, types.KShort: 2, types.KInt: 4, types.KLong: 8}[k]
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		out := batch.NewStrings(c.Mem, a.Len(), a.Len()*width)
		var b [8]byte
		for i := 0; i < a.Len(); i++ {
			binary.BigEndian.PutUint64(b[:], uint64(integerAt(a, i)))
			out.Append(b[8-width:])
		}
		return out.Done(arrow.BinaryTypes.Binary, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
	}, nil
}

func integerAt(a arrow.Array, i int) int64 {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(i))
	case *array.Int16:
		return int64(a.Value(i))
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	}
	return 0
}

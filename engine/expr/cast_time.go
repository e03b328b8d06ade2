package expr

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Casts from dates and timestamps, and from numbers to timestamps.

func timeCaster(from, to types.Type, mode CastMode) (caster, error) {
	fk, tk := from.Kind(), to.Kind()
	switch {
	case fk == types.KDate && (types.IsNumeric(to) || tk == types.KBoolean):
		dt := types.Arrow(to)
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			return array.MakeArrayOfNull(c.Mem, dt, a.Len()), nil
		}, nil
	case fk == types.KDate:
		return dateToTimestamp(to), nil
	case tk == types.KDate:
		return timestampToDate(fk == types.KTimestamp), nil
	case fk == types.KTimestamp && tk == types.KTimestampNTZ:
		return mapMicros(to, func(c *Context) func(int64) int64 { return clocked(c).Local }), nil
	case fk == types.KTimestampNTZ && tk == types.KTimestamp:
		return mapMicros(to, func(c *Context) func(int64) int64 { return clocked(c).Instant }), nil
	case fk == types.KTimestamp:
		return timestampToNumber(to, mode)
	}
	return nil, errs.NotBuilt("CAST(" + from.String() + " AS " + to.String() + ")")
}

func dateToTimestamp(to types.Type) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		clock := clocked(c)
		out := batch.NewFixed[int64](c.Mem, a.Len())
		for i, d := range batch.Values[int32](a) {
			local, ok := types.MulInt64(int64(d), types.MicrosPerDay)
			if !ok && a.IsValid(i) {
				out.Drop()
				return nil, &errs.Error{Row: errs.Row{Class: errs.Arithmetic, Text: "long overflow"}}
			}
			if to.Kind() == types.KTimestamp {
				local = clock.Instant(local)
			}
			out.Values[i] = local
		}
		return out.Done(types.Arrow(to), batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
	}
}

func timestampToDate(zoned bool) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		clock := clocked(c)
		out := batch.NewFixed[int32](c.Mem, a.Len())
		for i, v := range batch.Values[int64](a) {
			if zoned {
				v = clock.Local(v)
			}
			out.Values[i] = int32(types.FloorDiv(v, types.MicrosPerDay))
		}
		return out.Done(arrow.FixedWidthTypes.Date32, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
	}
}

func mapMicros(to types.Type, make func(*Context) func(int64) int64) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		f := make(c)
		out := batch.NewFixed[int64](c.Mem, a.Len())
		for i, v := range batch.Values[int64](a) {
			out.Values[i] = f(v)
		}
		return out.Done(types.Arrow(to), batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
	}
}

// timestampToNumber gives seconds since the epoch.
func timestampToNumber(to types.Type, mode CastMode) (caster, error) {
	switch to.Kind() {
	case types.KFloat, types.KDouble:
		narrow, err := newCaster(types.Double, to, mode)
		if err != nil {
			return nil, err
		}
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			out := batch.NewFixed[float64](c.Mem, a.Len())
			for i, v := range batch.Values[int64](a) {
				out.Values[i] = float64(v) / 1e6
			}
			d := out.Done(arrow.PrimitiveTypes.Float64, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()))
			defer d.Release()
			return narrow(c, d)
		}, nil
	case types.KDecimal:
		d := to.(types.Decimal)
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			in := batch.Values[int64](a)
			return decimalColumn(c, a, d, mode,
				func(i int) (decimal128.Num, bool) {
					return Rescale(decimal128.FromI64(in[i]), 6, d.Scale, d.Precision)
				},
				func(i int) string { return string(AppendFloat(nil, float64(in[i])/1e6, 64)) })
		}, nil
	case types.KBoolean:
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			out := batch.NewMarks(c.Mem, a.Len(), false)
			for i, v := range batch.Values[int64](a) {
				out.Put(i, v != 0)
			}
			return out.Done(batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
		}, nil
	}
	if mode == CastLegacy {
		mode = CastTry // seconds that do not fit are null there, unlike longs
	}
	narrow, err := newCaster(types.Long, to, mode)
	if err != nil {
		return nil, err
	}
	seconds := mapMicros(types.Long, func(*Context) func(int64) int64 {
		return func(v int64) int64 { return types.FloorDiv(v, types.MicrosPerSecond) }
	})
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		s, err := seconds(c, a)
		if err != nil {
			return nil, err
		}
		defer s.Release()
		out, err := narrow(c, s)
		if e := errs.As(err); e != nil && e.Name == "CAST_OVERFLOW" {
			return nil, overflowingTimestamp(c, a, s, to)
		}
		return out, err
	}, nil
}

// overflowingTimestamp is CAST_OVERFLOW of the first timestamp whose seconds an integral type does not hold.
func overflowingTimestamp(c *Context, a, seconds arrow.Array, to types.Type) error {
	lo, hi := limits(to.Kind())
	clock := clocked(c)
	in := batch.Values[int64](a)
	for i, s := range batch.Values[int64](seconds) {
		if a.IsValid(i) && (s < lo || s > hi) {
			text := types.AppendTimestamp([]byte("TIMESTAMP '"), clock.Local(in[i]))
			return overflow(string(append(text, '\'')), types.Timestamp, to)
		}
	}
	return errs.Internal("no timestamp overflows")
}

// numberToTimestamp reads seconds since the epoch.
func numberToTimestamp(from types.Type, mode CastMode) (caster, error) {
	switch from.Kind() {
	case types.KBoolean:
		return boolNumber[int64](types.Timestamp), nil
	case types.KFloat, types.KDouble:
		return floatToTimestamp(from, mode)
	case types.KDecimal:
		d := from.(types.Decimal)
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			out := batch.NewFixed[int64](c.Mem, a.Len())
			for i, v := range batch.Values[decimal128.Num](a) {
				micros, _ := MulDecimal(v, decimal128.FromI64(1e6), d.Scale, d.Scale, MaxPrecision)
				out.Values[i], _ = DecimalInt(micros, d.Scale)
			}
			return out.Done(types.Arrow(types.Timestamp), batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
		}, nil
	}
	widen, err := newCaster(from, types.Long, mode)
	if err != nil {
		return nil, err
	}
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		w, err := widen(c, a)
		if err != nil {
			return nil, err
		}
		defer w.Release()
		return mapMicros(types.Timestamp, func(*Context) func(int64) int64 { return secondsToMicros })(c, w)
	}, nil
}

func secondsToMicros(s int64) int64 {
	switch {
	case s > math.MaxInt64/1000000:
		return math.MaxInt64
	case s < math.MinInt64/1000000:
		return math.MinInt64
	}
	return s * 1000000
}

func floatToTimestamp(from types.Type, mode CastMode) (caster, error) {
	widen, err := newCaster(from, types.Double, mode)
	if err != nil {
		return nil, err
	}
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		w, err := widen(c, a)
		if err != nil {
			return nil, err
		}
		defer w.Release()
		out := batch.NewFixed[int64](c.Mem, a.Len())
		valid := validity(c.Mem, w)
		for i, d := range batch.Values[float64](w) {
			finite := d == d && !math.IsInf(d, 0)
			if finite && (mode == CastLegacy || d*1e6 <= math.MaxInt64 && d*1e6 >= math.MinInt64) {
				out.Values[i] = saturate(d*1e6, types.KLong)
				continue
			}
			out.Values[i] = 0
			if mode == CastANSI && valid.Get(i) {
				valid.Drop()
				out.Drop()
				if finite {
					return nil, overflow(numberText(d*1e6, types.Double), types.Double, types.Long)
				}
				return nil, invalid(numberText(d, types.Double), from, types.Timestamp)
			}
			valid.Clear(i)
		}
		return out.Done(types.Arrow(types.Timestamp), valid), nil
	}, nil
}

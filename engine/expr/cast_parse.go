package expr

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Casts from strings.

func parseCaster(to types.Type, mode CastMode) (caster, error) {
	switch to.Kind() {
	case types.KBinary:
		return func(_ *Context, a arrow.Array) (arrow.Array, error) {
			return batch.Retype(a, arrow.BinaryTypes.Binary), nil
		}, nil
	case types.KBoolean:
		return parseBools(mode), nil
	case types.KByte:
		return parseIntegers[int8](to, mode), nil
	case types.KShort:
		return parseIntegers[int16](to, mode), nil
	case types.KInt:
		return parseIntegers[int32](to, mode), nil
	case types.KLong:
		return parseIntegers[int64](to, mode), nil
	case types.KFloat:
		return parseFixed(to, mode, func(*Context) func([]byte) (float32, bool) {
			return func(b []byte) (float32, bool) { v, ok := ParseFloat(b, 32); return float32(v), ok }
		}), nil
	case types.KDouble:
		return parseFixed(to, mode, func(*Context) func([]byte) (float64, bool) {
			return func(b []byte) (float64, bool) { return ParseFloat(b, 64) }
		}), nil
	case types.KDate:
		return parseFixed(to, mode, func(*Context) func([]byte) (int32, bool) {
			return func(b []byte) (int32, bool) { return types.ParseDate(trim(b)) }
		}), nil
	case types.KTimestamp:
		return parseFixed(to, mode, func(c *Context) func([]byte) (int64, bool) {
			clock := clocked(c)
			today := func() int { return today(c, clock) }
			return func(b []byte) (int64, bool) { return types.ParseTimestamp(trim(b), clock, today) }
		}), nil
	case types.KTimestampNTZ:
		return parseFixed(to, mode, func(*Context) func([]byte) (int64, bool) {
			return func(b []byte) (int64, bool) { return types.ParseTimestampNTZ(trim(b), true) }
		}), nil
	case types.KDecimal:
		return parseDecimals(to.(types.Decimal), mode), nil
	case types.KCalendarInterval: // text that is none gives null in every mode
		return parseFixed(to, CastTry, func(*Context) func([]byte) (arrow.MonthDayNanoInterval, bool) {
			return func(b []byte) (arrow.MonthDayNanoInterval, bool) {
				v, err := types.ParseInterval(string(b))
				return arrow.MonthDayNanoInterval{Months: v.Months, Days: v.Days, Nanoseconds: v.Micros * 1000}, err == nil
			}
		}), nil
	case types.KDayTimeInterval:
		return parseFixed(to, mode, func(*Context) func([]byte) (int64, bool) {
			return func(b []byte) (int64, bool) { return types.ParseDayTime(string(b)) }
		}), nil
	case types.KYearMonthInterval:
		return parseFixed(to, mode, func(*Context) func([]byte) (int32, bool) {
			return func(b []byte) (int32, bool) { return types.ParseYearMonth(string(b)) }
		}), nil
	}
	return nil, errs.NotBuilt("CAST(string AS " + to.String() + ")")
}

// today is the date of the epoch's moment in the session's zone.
func today(c *Context, clock *zone.Clock) int {
	return int(types.FloorDiv(clock.Local(c.NowMicros), types.MicrosPerDay))
}

// parseFixed parses into a fixed-width column; make gives the parser for one column.
func parseFixed[T arrow.FixedWidthType](to types.Type, mode CastMode, make func(*Context) func([]byte) (T, bool)) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		parse := make(c)
		offsets, data := batch.Text(a)
		out := batch.NewFixed[T](c.Mem, a.Len())
		valid := validity(c.Mem, a)
		var zero T
		for i := range out.Values {
			out.Values[i] = zero
			if !valid.Get(i) {
				continue
			}
			b := data[offsets[i]:offsets[i+1]]
			v, ok := parse(b)
			if ok {
				out.Values[i] = v
				continue
			}
			if mode == CastANSI {
				valid.Drop()
				out.Drop()
				return nil, invalid(quoted(b), types.String, to)
			}
			valid.Clear(i)
		}
		return out.Done(types.Arrow(to), valid), nil
	}
}

// quoted is text as messages show it.
func quoted(b []byte) string { return "'" + string(b) + "'" }

func parseIntegers[T int8 | int16 | int32 | int64](to types.Type, mode CastMode) caster {
	lo, hi := limits(to.Kind())
	return parseFixed(to, mode, func(*Context) func([]byte) (T, bool) {
		return func(b []byte) (T, bool) {
			v, ok := ParseInt(b, lo, hi, mode == CastLegacy)
			return T(v), ok
		}
	})
}

func parseBools(mode CastMode) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		offsets, data := batch.Text(a)
		out := batch.NewMarks(c.Mem, a.Len(), false)
		valid := validity(c.Mem, a)
		for i := 0; i < a.Len(); i++ {
			if !valid.Get(i) {
				continue
			}
			b := data[offsets[i]:offsets[i+1]]
			v, ok := ParseBool(b)
			out.Put(i, v)
			if ok {
				continue
			}
			if mode == CastANSI {
				valid.Drop()
				out.Drop()
				return nil, invalid(quoted(b), types.String, types.Boolean)
			}
			valid.Clear(i)
		}
		return out.Done(valid), nil
	}
}

func parseDecimals(to types.Decimal, mode CastMode) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		offsets, data := batch.Text(a)
		out := batch.NewFixed[decimal128.Num](c.Mem, a.Len())
		valid := validity(c.Mem, a)
		for i := range out.Values {
			out.Values[i] = decimal128.Num{}
			if !valid.Get(i) {
				continue
			}
			b := data[offsets[i]:offsets[i+1]]
			v, status := ParseDecimal(b, to.Precision, to.Scale)
			out.Values[i] = v
			if status == Parsed {
				continue
			}
			if mode != CastANSI {
				valid.Clear(i)
				continue
			}
			valid.Drop()
			out.Drop()
			if status == Malformed {
				return nil, invalid(quoted(b), types.String, to)
			}
			return nil, tooLarge(string(trim(b)), to)
		}
		return out.Done(types.Arrow(to), valid), nil
	}
}

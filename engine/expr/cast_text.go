package expr

import (
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Casts to strings, and the text that show() prints.

// Printer appends the text of row i.
type Printer func(dst []byte, i int) []byte

// Style is how text differs between a cast and show().
type Style struct {
	// Null stands for nulls inside arrays, maps and structs; where it is empty, so is the space before it.
	Null string
	// PlainDecimals never have an exponent.
	PlainDecimals bool
	// HexBytes prints binaries as [41 42]; else they are taken as UTF-8.
	HexBytes bool
}

// ShowStyle is what show() and console print by; a null cell is NULL too.
var ShowStyle = Style{Null: "NULL", PlainDecimals: true, HexBytes: true}

func textCaster(from types.Type, mode CastMode) caster {
	if from.Kind() == types.KBinary {
		return bytesToText
	}
	style := Style{Null: "null", PlainDecimals: mode != CastLegacy}
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		print := NewPrinter(a, from, clocked(c), style)
		out := batch.NewStrings(c.Mem, a.Len(), a.Len()*8)
		valid := batch.Valid(a)
		var scratch []byte
		for i := 0; i < a.Len(); i++ {
			if !valid.Get(i) {
				out.End()
				continue
			}
			scratch = print(scratch[:0], i)
			out.Append(scratch)
		}
		return out.Done(arrow.BinaryTypes.String, batch.CopyMarks(c.Mem, valid, a.Len())), nil
	}
}

// bytesToText takes bytes as UTF-8. What is none is replaced, as PySpark does where Python reads it.
func bytesToText(c *Context, a arrow.Array) (arrow.Array, error) {
	offsets, data := batch.Text(a)
	if n := a.Len(); n == 0 || utf8.Valid(data[offsets[0]:offsets[n]]) && wholeRunes(offsets, data) {
		return batch.Retype(a, arrow.BinaryTypes.String), nil
	}
	out := batch.NewStrings(c.Mem, a.Len(), len(data))
	var scratch []byte
	for i := 0; i < a.Len(); i++ {
		scratch = scratch[:0]
		for s := data[offsets[i]:offsets[i+1]]; len(s) > 0; {
			r, n := utf8.DecodeRune(s)
			scratch, s = utf8.AppendRune(scratch, r), s[n:]
		}
		out.Append(scratch)
	}
	return out.Done(arrow.BinaryTypes.String, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len())), nil
}

// wholeRunes says that no row of valid text begins inside a character.
func wholeRunes(offsets []int32, data []byte) bool {
	for _, o := range offsets {
		if int(o) < len(data) && !utf8.RuneStart(data[o]) {
			return false
		}
	}
	return true
}

// NewPrinter prints the rows of a column, which must not be null themselves. One goroutine uses it.
func NewPrinter(a arrow.Array, t types.Type, clock *zone.Clock, s Style) Printer {
	switch t.Kind() {
	case types.KBoolean:
		v := batch.Bools(a)
		return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, v.Get(i)) }
	case types.KByte:
		return integers(batch.Values[int8](a))
	case types.KShort:
		return integers(batch.Values[int16](a))
	case types.KInt:
		return integers(batch.Values[int32](a))
	case types.KLong:
		return integers(batch.Values[int64](a))
	case types.KFloat:
		v := batch.Values[float32](a)
		return func(dst []byte, i int) []byte { return AppendFloat(dst, float64(v[i]), 32) }
	case types.KDouble:
		v := batch.Values[float64](a)
		return func(dst []byte, i int) []byte { return AppendFloat(dst, v[i], 64) }
	case types.KDecimal:
		v, scale := batch.Values[decimal128.Num](a), t.(types.Decimal).Scale
		if s.PlainDecimals {
			return func(dst []byte, i int) []byte { return AppendDecimal(dst, v[i], scale) }
		}
		return func(dst []byte, i int) []byte { return AppendDecimalJava(dst, v[i], scale) }
	case types.KString:
		o, d := batch.Text(a)
		return func(dst []byte, i int) []byte { return append(dst, d[o[i]:o[i+1]]...) }
	case types.KBinary:
		return binaries(a, s)
	case types.KArray, types.KMap, types.KStruct:
		return nestedPrinter(a, t, clock, s)
	}
	return timePrinter(a, t, clock, s)
}

func integers[T int8 | int16 | int32 | int64](v []T) Printer {
	return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(v[i]), 10) }
}

func binaries(a arrow.Array, s Style) Printer {
	o, d := batch.Text(a)
	if !s.HexBytes {
		return func(dst []byte, i int) []byte { return appendText(dst, d[o[i]:o[i+1]]) }
	}
	const digits = "0123456789ABCDEF"
	return func(dst []byte, i int) []byte {
		dst = append(dst, '[')
		for k, b := range d[o[i]:o[i+1]] {
			if k > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, digits[b>>4], digits[b&15])
		}
		return append(dst, ']')
	}
}

func timePrinter(a arrow.Array, t types.Type, clock *zone.Clock, s Style) Printer {
	if r, ok := t.(types.IntervalRange); ok {
		if r.Kind() == types.KYearMonthInterval {
			v := batch.Values[int32](a)
			return func(dst []byte, i int) []byte { return r.AppendRange(dst, int64(v[i])) }
		}
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return r.AppendRange(dst, v[i]) }
	}
	switch t.Kind() {
	case types.KDate:
		v := batch.Values[int32](a)
		return func(dst []byte, i int) []byte { return types.AppendDate(dst, int(v[i])) }
	case types.KTimestamp:
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return types.AppendTimestamp(dst, clock.Local(v[i])) }
	case types.KTimestampNTZ:
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return types.AppendTimestamp(dst, v[i]) }
	case types.KDayTimeInterval:
		v := batch.Values[int64](a)
		return func(dst []byte, i int) []byte { return AppendDayTime(dst, v[i]) }
	case types.KYearMonthInterval:
		v := batch.Values[int32](a)
		return func(dst []byte, i int) []byte { return AppendYearMonth(dst, v[i]) }
	case types.KCalendarInterval:
		v := batch.Values[arrow.MonthDayNanoInterval](a)
		return func(dst []byte, i int) []byte {
			return append(dst, Interval{Months: v[i].Months, Days: v[i].Days, Micros: v[i].Nanoseconds / 1000}.String()...)
		}
	}
	return func(dst []byte, _ int) []byte { return append(dst, s.Null...) }
}

// orNull prints a part, or the style's null.
func orNull(a arrow.Array, t types.Type, clock *zone.Clock, s Style) Printer {
	p, valid := NewPrinter(a, t, clock, s), batch.Valid(a)
	return func(dst []byte, i int) []byte {
		if !valid.Get(i) {
			if n := len(dst); s.Null == "" && n > 0 && dst[n-1] == ' ' {
				return dst[:n-1]
			}
			return append(dst, s.Null...)
		}
		return p(dst, i)
	}
}

func nestedPrinter(a arrow.Array, t types.Type, clock *zone.Clock, s Style) Printer {
	switch t := t.(type) {
	case types.Array:
		r := batch.Ranges(a)
		p := orNull(a.(*array.List).ListValues(), t.Elem, clock, s)
		return func(dst []byte, i int) []byte {
			dst = append(dst, '[')
			for k := r[i]; k < r[i+1]; k++ {
				if k > r[i] {
					dst = append(dst, ", "...)
				}
				dst = p(dst, int(k))
			}
			return append(dst, ']')
		}
	case types.Map:
		m, r := a.(*array.Map), batch.Ranges(a)
		key, value := orNull(m.Keys(), t.Key, clock, s), orNull(m.Items(), t.Value, clock, s)
		return func(dst []byte, i int) []byte {
			dst = append(dst, '{')
			for k := r[i]; k < r[i+1]; k++ {
				if k > r[i] {
					dst = append(dst, ", "...)
				}
				dst = append(key(dst, int(k)), " -> "...)
				dst = value(dst, int(k))
			}
			return append(dst, '}')
		}
	}
	st, parts := a.(*array.Struct), []Printer(nil)
	for f, field := range t.(types.Struct).Fields {
		parts = append(parts, orNull(st.Field(f), field.Type, clock, s))
	}
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		for f, p := range parts {
			if f > 0 {
				dst = append(dst, ", "...)
			}
			dst = p(dst, i)
		}
		return append(dst, '}')
	}
}

// appendText appends bytes as text: what is no UTF-8 becomes the replacement character.
func appendText(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		dst, b = utf8.AppendRune(dst, r), b[n:]
	}
	return dst
}

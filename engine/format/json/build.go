package json

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// builder makes columns for types; what they share is the zone's clock.
type builder struct {
	mem   memory.Allocator
	o     *Options
	clock *zone.Clock
	// today is the day that text with only a time of day falls on.
	today func() int
}

// column makes the column of a type.
func (b *builder) column(t types.Type) (column, error) {
	dt := types.Arrow(t)
	switch t := t.(type) {
	case types.Decimal:
		return newFixed(b.mem, dt, readDecimal(t)), nil
	case types.Struct:
		return b.record(t)
	case types.Array:
		e, err := b.column(t.Elem)
		if err != nil {
			return nil, err
		}
		return &list{mem: b.mem, dt: dt, child: e}, nil
	case types.Map:
		if t.Key.Kind() != types.KString {
			return nil, errs.New("INVALID_JSON_SCHEMA_MAP_TYPE", "jsonSchema", `"`+types.SQL(t)+`"`)
		}
		v, err := b.column(t.Value)
		if err != nil {
			return nil, err
		}
		return &mapping{list: list{mem: b.mem, dt: dt, child: v}, keys: newTexts(b.mem, arrow.BinaryTypes.String, readText)}, nil
	}
	return b.scalar(t.Kind(), dt)
}

func (b *builder) scalar(k types.Kind, dt arrow.DataType) (column, error) {
	switch k {
	case types.KNull:
		return &empty{}, nil
	case types.KBoolean:
		return newFlags(b.mem), nil
	case types.KByte: // Jackson reads a byte up to 255 and lets it wrap.
		return newFixed(b.mem, dt, readInt[int8](math.MinInt8, math.MaxUint8)), nil
	case types.KShort:
		return newFixed(b.mem, dt, readInt[int16](math.MinInt16, math.MaxInt16)), nil
	case types.KInt:
		return newFixed(b.mem, dt, readInt[int32](math.MinInt32, math.MaxInt32)), nil
	case types.KLong:
		return newFixed(b.mem, dt, readLong), nil
	case types.KFloat:
		return newFixed(b.mem, dt, readFloat), nil
	case types.KDouble:
		return newFixed(b.mem, dt, readDouble), nil
	case types.KString:
		return newTexts(b.mem, dt, readText), nil
	case types.KBinary:
		return newTexts(b.mem, dt, readBinary), nil
	case types.KDate:
		return newFixed(b.mem, dt, b.readDate), nil
	case types.KTimestamp:
		return newFixed(b.mem, dt, b.readTimestamp), nil
	case types.KTimestampNTZ:
		return newFixed(b.mem, dt, b.readNTZ), nil
	case types.KDayTimeInterval:
		return newFixed(b.mem, dt, fromText(func(s []byte) (arrow.Duration, bool) {
			v, ok := types.ParseDayTime(string(s))
			return arrow.Duration(v), ok
		})), nil
	case types.KYearMonthInterval:
		return newFixed(b.mem, dt, fromText(func(s []byte) (arrow.MonthInterval, bool) {
			v, ok := types.ParseYearMonth(string(s))
			return arrow.MonthInterval(v), ok
		})), nil
	case types.KCalendarInterval:
		return newFixed(b.mem, dt, fromText(func(s []byte) (arrow.MonthDayNanoInterval, bool) {
			v, err := types.ParseInterval(string(s))
			return arrow.MonthDayNanoInterval{Months: v.Months, Days: v.Days, Nanoseconds: v.Micros * 1000}, err == nil
		})), nil
	}
	return nil, errs.Internal("JSON has no column of kind %d", k)
}

// fromText reads values that only strings hold.
func fromText[T any](parse func([]byte) (T, bool)) func(c *cursor) (T, status) {
	return func(c *cursor) (v T, s status) {
		if !c.quoted(c.b[c.i]) {
			return v, c.misfit()
		}
		text, ok := c.text()
		if !ok {
			return v, broken
		}
		if v, ok = parse(text); !ok {
			return v, bad
		}
		return v, good
	}
}

func readDecimal(t types.Decimal) func(c *cursor) (decimal128.Num, status) {
	return func(c *cursor) (v decimal128.Num, s status) {
		var text []byte
		var ok bool
		switch x := c.b[c.i]; {
		case x-'0' <= 9 || x == '-' && c.i+1 < len(c.b) && c.b[c.i+1]-'0' <= 9:
			text, _, ok = c.number()
		case c.quoted(x):
			if text, ok = c.text(); ok && (len(text) == 0 || text[0] <= ' ' || text[len(text)-1] <= ' ') {
				return v, bad
			}
		default:
			return v, c.misfit()
		}
		if !ok {
			return v, broken
		}
		v, st := expr.ParseDecimal(text, t.Precision, t.Scale)
		if st != expr.Parsed {
			return v, bad
		}
		return v, good
	}
}

func (b *builder) readDate(c *cursor) (arrow.Date32, status) {
	if !c.quoted(c.b[c.i]) {
		return 0, c.misfit()
	}
	s, ok := c.text()
	if !ok {
		return 0, broken
	}
	if b.o.date != nil {
		local, _, fail := b.o.date.ParseLocal(s)
		if fail == nil {
			return arrow.Date32(types.FloorDiv(local, types.MicrosPerDay)), good
		}
		if !b.o.falls(true) {
			return 0, bad
		}
	}
	v, ok := types.ParseDate(s)
	if !ok {
		return 0, bad
	}
	return arrow.Date32(v), good
}

// readTimestamp reads text, or whole seconds since the epoch.
func (b *builder) readTimestamp(c *cursor) (arrow.Timestamp, status) {
	if !c.quoted(c.b[c.i]) {
		v, s := readLong(c)
		return arrow.Timestamp(v * types.MicrosPerSecond), s
	}
	s, ok := c.text()
	if !ok {
		return 0, broken
	}
	if b.o.timestamp != nil {
		v, fail := b.o.timestamp.Parse(s, b.clock)
		if fail == nil {
			return arrow.Timestamp(v), good
		}
		if !b.o.falls(true) {
			return 0, bad
		}
	}
	parse := types.ParseTimestamp
	if b.o.falls(b.o.timestamp != nil) {
		parse = types.ParseFileTimestamp
	}
	v, ok := parse(s, b.clock, b.today)
	if !ok {
		return 0, bad
	}
	return arrow.Timestamp(v), good
}

func (b *builder) readNTZ(c *cursor) (arrow.Timestamp, status) {
	if !c.quoted(c.b[c.i]) {
		return 0, c.misfit()
	}
	s, ok := c.text()
	if !ok {
		return 0, broken
	}
	if b.o.ntz != nil {
		v, zoned, fail := b.o.ntz.ParseLocal(s)
		if fail != nil || zoned != nil {
			return 0, bad
		}
		return arrow.Timestamp(v), good
	}
	v, ok := types.ParseTimestampNTZ(s, false)
	if !ok {
		return 0, bad
	}
	return arrow.Timestamp(v), good
}

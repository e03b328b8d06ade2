package csv

import (
	"bytes"
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Check refuses types that CSV files cannot hold.
func Check(s types.Struct) error {
	for _, f := range s.Fields {
		if !holds(f.Type) {
			return errs.New("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "columnName", "`"+f.Name+"`",
				"columnType", `"`+types.SQL(f.Type)+`"`, "format", "CSV")
		}
	}
	return nil
}

func holds(t types.Type) bool {
	switch t.Kind() {
	case types.KNull, types.KStruct, types.KArray, types.KMap, types.KCalendarInterval:
		return false
	}
	return true
}

// maker makes columns for types; what they share is the zone's clock.
type maker struct {
	mem   memory.Allocator
	o     *Options
	clock *zone.Clock
}

func (m *maker) today() int {
	return int(types.FloorDiv(m.clock.Local(time.Now().UnixMicro()), types.MicrosPerDay))
}

func (m *maker) column(t types.Type) (column, error) {
	dt := types.Arrow(t)
	switch t := t.(type) {
	case types.Decimal:
		return newFixed(m.mem, dt, func(b []byte) (decimal128.Num, bool) { return parseDecimal(b, t) }), nil
	case types.IntervalRange:
		return nil, errs.NotBuilt("CSV columns of the type " + t.String())
	}
	switch t.Kind() {
	case types.KBoolean:
		return newFlags(m.mem), nil
	case types.KByte:
		return newFixed(m.mem, dt, whole[int8](math.MinInt8, math.MaxInt8)), nil
	case types.KShort:
		return newFixed(m.mem, dt, whole[int16](math.MinInt16, math.MaxInt16)), nil
	case types.KInt:
		return newFixed(m.mem, dt, whole[int32](math.MinInt32, math.MaxInt32)), nil
	case types.KLong:
		return newFixed(m.mem, dt, parseLong), nil
	case types.KFloat:
		return newFixed(m.mem, dt, func(b []byte) (float32, bool) {
			v, ok := m.o.float(b, 32)
			return float32(v), ok
		}), nil
	case types.KDouble:
		return newFixed(m.mem, dt, func(b []byte) (float64, bool) { return m.o.float(b, 64) }), nil
	case types.KString, types.KBinary:
		return newTexts(m.mem, dt), nil
	case types.KDate:
		return newFixed(m.mem, dt, m.o.parseDate), nil
	case types.KTimestamp:
		return newFixed(m.mem, dt, m.parseTimestamp), nil
	case types.KTimestampNTZ:
		return newFixed(m.mem, dt, m.o.parseNTZ), nil
	case types.KDayTimeInterval:
		return newFixed(m.mem, dt, func(b []byte) (arrow.Duration, bool) {
			v, ok := types.ParseDayTime(string(b))
			return arrow.Duration(v), ok
		}), nil
	case types.KYearMonthInterval:
		return newFixed(m.mem, dt, func(b []byte) (arrow.MonthInterval, bool) {
			v, ok := types.ParseYearMonth(string(b))
			return arrow.MonthInterval(v), ok
		}), nil
	case types.KCalendarInterval:
		return newFixed(m.mem, dt, func(b []byte) (arrow.MonthDayNanoInterval, bool) {
			v, err := types.ParseInterval(string(b))
			return arrow.MonthDayNanoInterval{Months: v.Months, Days: v.Days, Nanoseconds: v.Micros * 1000}, err == nil
		}), nil
	}
	return nil, errs.New("UNSUPPORTED_DATATYPE", "typeName", `"`+types.SQL(t)+`"`)
}

// parseLong reads a whole number of 64 bits as Java does: a sign and digits, no space.
func parseLong(b []byte) (int64, bool) {
	digits, negative := b, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, digits = b[0] == '-', b[1:]
	}
	if len(digits) == 0 {
		return 0, false
	}
	if len(digits) > 18 {
		return longer(digits, negative)
	}
	var v int64
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	if negative {
		v = -v
	}
	return v, true
}

func longer(digits []byte, negative bool) (int64, bool) {
	for _, c := range digits {
		if c-'0' > 9 {
			return 0, false
		}
	}
	digits = bytes.TrimLeft(digits, "0")
	v, err := strconv.ParseUint(view(digits), 10, 64)
	switch {
	case len(digits) == 0:
		return 0, true
	case err != nil || !negative && v > math.MaxInt64 || v > 1<<63:
		return 0, false
	case negative:
		return -int64(v), true
	}
	return int64(v), true
}

func whole[T int8 | int16 | int32](lo, hi int64) func([]byte) (T, bool) {
	return func(b []byte) (T, bool) {
		v, ok := parseLong(b)
		if !ok || v < lo || v > hi {
			return 0, false
		}
		return T(v), true
	}
}

func parseBool(b []byte) (uint8, bool) {
	switch {
	case len(b) == 4 && bytes.EqualFold(b, []byte("true")):
		return 1, true
	case len(b) == 5 && bytes.EqualFold(b, []byte("false")):
		return 0, true
	}
	return 0, false
}

// float reads a number as Java does, and what the options call infinite or no number.
func (o *Options) float(b []byte, bits int) (float64, bool) {
	if n := len(b); n > 0 && (b[n-1]-'0' > 9 || len(o.nan) == n || len(o.posInf) == n || len(o.negInf) == n) {
		switch s := view(b); s {
		case o.nan:
			return math.NaN(), true
		case o.negInf:
			return math.Inf(-1), true
		case o.posInf:
			return math.Inf(1), true
		}
	}
	return javaFloat(b, bits)
}

func javaFloat(b []byte, bits int) (float64, bool) {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	b = trimEnd(b)
	if len(b) == 0 {
		return 0, false
	}
	sign, body := 1.0, b
	if b[0] == '-' || b[0] == '+' {
		if body = b[1:]; b[0] == '-' {
			sign = -1
		}
	}
	switch string(body) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(int(sign)), true
	}
	hex := len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x'
	if last := b[len(b)-1] | 0x20; last == 'd' || last == 'f' {
		if hex && bytes.IndexAny(body, "pP") < 0 || len(body) < 2 {
			return 0, false
		}
		b = b[:len(b)-1]
		body = body[:len(body)-1]
	}
	for i, c := range body {
		if c-'0' > 9 && c != '.' && c|0x20 != 'e' && !((c == '-' || c == '+') && i > 0) && !hex {
			return 0, false
		}
		if c == '_' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(view(b), bits)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return v, true
	}
	return v, err == nil
}

// parseDecimal reads a number in which commas do not count.
func parseDecimal(b []byte, t types.Decimal) (decimal128.Num, bool) {
	if bytes.IndexByte(b, ',') >= 0 {
		b = bytes.ReplaceAll(b, []byte(","), nil)
	}
	if len(b) == 0 || b[0] <= ' ' || b[len(b)-1] <= ' ' {
		return decimal128.Num{}, false
	}
	v, st := expr.ParseDecimal(b, t.Precision, t.Scale)
	return v, st == expr.Parsed
}

// falls says whether text that does not fit the pattern is tried as a cast would read it.
func (o *Options) falls(given bool) bool {
	if o.fallback != nil {
		return *o.fallback
	}
	return !given
}

func (o *Options) parseDate(b []byte) (arrow.Date32, bool) {
	_, given := o.formats["dateformat"]
	if given && o.date != nil {
		if local, _, fail := o.date.ParseLocal(b); fail == nil {
			return arrow.Date32(types.FloorDiv(local, types.MicrosPerDay)), true
		}
	}
	if given || o.preferDate {
		if !o.falls(given) && (given || !strictDate(b)) {
			return 0, false
		}
	}
	v, ok := types.ParseDate(b)
	return arrow.Date32(v), ok
}

// strictDate says that text has the form yyyy-MM-dd.
func strictDate(b []byte) bool {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	for i, c := range b {
		if i != 4 && i != 7 && c-'0' > 9 {
			return false
		}
	}
	_, ok := types.ParseDate(b)
	return ok
}

func (m *maker) parseTimestamp(b []byte) (arrow.Timestamp, bool) {
	_, given := m.o.formats["timestampformat"]
	if given {
		if m.o.timestamp != nil {
			if v, fail := m.o.timestamp.Parse(b, m.clock); fail == nil {
				return arrow.Timestamp(v), true
			}
		}
		if !m.o.falls(true) {
			return 0, false
		}
	}
	parse := types.ParseTimestamp
	if m.o.falls(given) {
		parse = types.ParseFileTimestamp
	}
	v, ok := parse(b, m.clock, m.today)
	return arrow.Timestamp(v), ok
}

func (o *Options) parseNTZ(b []byte) (arrow.Timestamp, bool) {
	if _, given := o.formats["timestampntzformat"]; given {
		if o.ntz == nil {
			return 0, false
		}
		v, zoned, fail := o.ntz.ParseLocal(b)
		return arrow.Timestamp(v), fail == nil && zoned == nil
	}
	v, ok := types.ParseTimestampNTZ(b, false)
	return arrow.Timestamp(v), ok
}

// view is bytes as a string for the length of a call.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

package types

import (
	"strconv"
	"strings"
)

// Unit is a field of an interval, the larger the earlier.
type Unit uint8

const (
	Year Unit = iota
	Month
	Day
	Hour
	Minute
	Second
)

var unitNames = [...]string{"year", "month", "day", "hour", "minute", "second"}

// IntervalRange is a day-time or year-month interval of some of its fields: INTERVAL DAY, INTERVAL DAY TO HOUR. It has
// the values and the Kind of the whole type and differs in its name and its text.
type IntervalRange struct{ From, To Unit }

// Kind is that of the whole type.
func (r IntervalRange) Kind() Kind {
	if r.From <= Month {
		return KYearMonthInterval
	}
	return KDayTimeInterval
}

func (r IntervalRange) String() string {
	if r.From == r.To {
		return "interval " + unitNames[r.From]
	}
	return "interval " + unitNames[r.From] + " to " + unitNames[r.To]
}

// Intervals is the type of intervals with these fields; the whole ranges are the primitive types.
func Intervals(from, to Unit) Type {
	switch {
	case from == Year && to == Month:
		return YearMonthInterval
	case from == Day && to == Second:
		return DayTimeInterval
	}
	return IntervalRange{from, to}
}

// Units is the fields of a day-time or year-month interval type.
func Units(t Type) (from, to Unit) {
	if r, ok := t.(IntervalRange); ok {
		return r.From, r.To
	}
	if t.Kind() == KYearMonthInterval {
		return Year, Month
	}
	return Day, Second
}

// WiderIntervals is the type that holds the fields of two types of one kind.
func WiderIntervals(a, b Type) Type {
	f1, t1 := Units(a)
	f2, t2 := Units(b)
	return Intervals(min(f1, f2), max(t1, t2))
}

// AppendRange prints months or microseconds as Spark does: INTERVAL '1 02' DAY TO HOUR.
func (r IntervalRange) AppendRange(dst []byte, v int64) []byte {
	dst = append(dst, "INTERVAL '"...)
	if v < 0 {
		dst = append(dst, '-')
	}
	u := magnitude(v)
	if r.Kind() == KYearMonthInterval {
		if r.From == Year {
			u /= 12
		}
		dst = strconv.AppendUint(dst, u, 10)
	} else {
		dst = r.appendClock(dst, u)
	}
	name := strings.ToUpper(strings.TrimPrefix(r.String(), "interval "))
	return append(append(dst, "' "...), name...)
}

// appendClock prints the fields of microseconds: the first takes all that is above it; all but days have two digits.
func (r IntervalRange) appendClock(dst []byte, u uint64) []byte {
	per := [...]uint64{Day: uint64(MicrosPerDay), Hour: uint64(MicrosPerHour), Minute: uint64(MicrosPerMinute), Second: uint64(MicrosPerSecond)}
	for f := r.From; f <= r.To; f++ {
		n := u / per[f]
		u %= per[f]
		switch {
		case f == r.From && (f == Day || n > 99):
			dst = strconv.AppendUint(dst, n, 10)
		case f == r.From:
			dst = append2(dst, int64(n))
		case f == Hour:
			dst = append2(append(dst, ' '), int64(n))
		default:
			dst = append2(append(dst, ':'), int64(n))
		}
	}
	if r.To == Second && u > 0 {
		dst = append(dst, '.')
		dst = appendPadded(dst, int64(u), 6)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

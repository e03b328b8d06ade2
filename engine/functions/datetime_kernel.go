package functions

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// one makes a value for all rows.
func one[T arrow.FixedWidthType](c *expr.Context, out types.Type, v T) expr.Vector {
	r := batch.NewFixed[T](c.Mem, 1)
	r.Values[0] = v
	return expr.Vector{Array: r.Done(types.Arrow(out), nil), Const: true}
}

var nowFn = &expr.Function{Name: "current_timestamp", Kernel: func(c *expr.Context, _ int, _ []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	return one(c, out, c.NowMicros), nil
}}

var localNowFn = &expr.Function{Name: "localtimestamp", Kernel: func(c *expr.Context, _ int, _ []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	return one(c, out, zone.NewClock(c.Zone).Local(c.NowMicros)), nil
}}

var currentDateFn = &expr.Function{Name: "current_date", Kernel: func(c *expr.Context, _ int, _ []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	return one(c, out, int32(types.FloorDiv(zone.NewClock(c.Zone).Local(c.NowMicros), types.MicrosPerDay))), nil
}}

// dateFn lifts a function of a date.
func dateFn(name string, f func(y, m, d, day int) int) *expr.Function {
	return &expr.Function{Name: name, Kernel: mapped(func(day int32) int32 {
		y, m, d := types.CivilFromDays(int(day))
		return int32(f(y, m, d, int(day)))
	})}
}

// weekdayOf is 0 for Monday.
func weekdayOf(day int) int { return int(types.FloorMod(int64(day)+3, 7)) }

// isoWeek is the year and week that a day belongs to: weeks start on Monday, the first has a Thursday.
func isoWeek(day int) (year, week int) {
	thursday := day - weekdayOf(day) + 3
	y, _, _ := types.CivilFromDays(thursday)
	return y, (thursday-types.DaysFromCivil(y, 1, 1))/7 + 1
}

var (
	yearFn         = dateFn("year", func(y, _, _, _ int) int { return y })
	quarterFn      = dateFn("quarter", func(_, m, _, _ int) int { return (m-1)/3 + 1 })
	monthFn        = dateFn("month", func(_, m, _, _ int) int { return m })
	dayFn          = dateFn("dayofmonth", func(_, _, d, _ int) int { return d })
	dayOfWeekFn    = dateFn("dayofweek", func(_, _, _, day int) int { return (weekdayOf(day)+1)%7 + 1 })
	isoDayOfWeekFn = dateFn("dayofweek_iso", func(_, _, _, day int) int { return weekdayOf(day) + 1 })
	weekdayFn      = dateFn("weekday", func(_, _, _, day int) int { return weekdayOf(day) })
	dayOfYearFn    = dateFn("dayofyear", func(y, _, _, day int) int { return day - types.DaysFromCivil(y, 1, 1) + 1 })
	weekFn         = dateFn("weekofyear", func(_, _, _, day int) int { _, w := isoWeek(day); return w })
	weekYearFn     = dateFn("yearofweek", func(_, _, _, day int) int { y, _ := isoWeek(day); return y })
	lastDayFn      = dateFn("last_day", func(y, m, _, _ int) int { return types.DaysFromCivil(y, m, types.DaysInMonth(y, m)) })
	unixDateFn     = &expr.Function{Name: "unix_date", Kernel: mapped(func(d int32) int32 { return d })}
)

func nameFn(name string, f func(day int) string) *expr.Function {
	return &expr.Function{Name: name, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		v := operandOf[int32](args[0])
		return texts(c, n, out, args, func(dst []byte, i int) []byte { return append(dst, f(int(v.at(i)))...) })
	}}
}

var (
	monthNameFn = nameFn("monthname", func(day int) string { _, m, _ := types.CivilFromDays(day); return time.Month(m).String()[:3] })
	dayNameFn   = nameFn("dayname", func(day int) string { return time.Weekday((weekdayOf(day) + 1) % 7).String()[:3] })
)

// wall gives wall clocks of a timestamp argument of either kind.
func wall(c *expr.Context, v expr.Vector) func(i int) int64 {
	in := operandOf[int64](v)
	if t, ok := v.DataType().(*arrow.TimestampType); ok && t.TimeZone == "" {
		return in.at
	}
	clock := zone.NewClock(c.Zone)
	if clock.Location == time.UTC {
		return in.at
	}
	return func(i int) int64 { return clock.Local(in.at(i)) }
}

func clockFn(name string, unit, most int64) *expr.Function {
	return &expr.Function{Name: name, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		at := wall(c, args[0])
		return ints(c, n, out, args, func(i int) int32 { return int32(types.FloorMod(types.FloorDiv(at(i), unit), most)) })
	}}
}

var (
	hourFn   = clockFn("hour", types.MicrosPerHour, 24)
	minuteFn = clockFn("minute", types.MicrosPerMinute, 60)
	secondFn = clockFn("second", types.MicrosPerSecond, 60)
	// exactSecondFn gives seconds with their fraction, as decimal(8,6).
	exactSecondFn = &expr.Function{Name: "second_with_fraction", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		at := wall(c, args[0])
		return ints(c, n, out, args, func(i int) decimal128.Num {
			return decimal128.FromI64(types.FloorMod(at(i), types.MicrosPerMinute))
		})
	}}
)

// overflow is DATETIME_OVERFLOW of an operation in words.
func overflow(operation string) error { return errs.New("DATETIME_OVERFLOW", "operation", operation) }

// addDaysFn moves a day; days beyond the range of the type wrap around, as in PySpark.
func addDaysFn(name string, sign int32) *expr.Function {
	return &expr.Function{Name: name, Strict: true, Kernel: mapped2(func(day, days int32) int32 { return day + sign*days })}
}

var (
	dateAddFn  = addDaysFn("date_add", 1)
	dateSubFn  = addDaysFn("date_sub", -1)
	dateDiffFn = &expr.Function{Name: "datediff", Kernel: mapped2(func(a, b int32) int32 { return a - b })}
)

// addMonths moves a day by months; a day that the month lacks becomes its last.
func addMonths(day int, months int64) int {
	y, m, d := types.CivilFromDays(day)
	total := int64(y)*12 + int64(m-1) + months
	y, m = int(types.FloorDiv(total, 12)), int(types.FloorMod(total, 12))+1
	return types.DaysFromCivil(y, m, min(d, types.DaysInMonth(y, m)))
}

var addMonthsFn = &expr.Function{Name: "add_months", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	d, months := operandOf[int32](args[0]), operandOf[int32](args[1])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int32 { return dayOrOverflow(addMonths(int(d.at(i)), int64(months.at(i))), &fail) })
	return failing(&fail, v, err)
}}

// dayOrOverflow is a day as a date holds it.
func dayOrOverflow(day int, fail *error) int32 {
	if day != int(int32(day)) && *fail == nil {
		*fail = arithmeticOverflow("overflow", "")
	}
	return int32(day)
}

var monthsBetweenFn = &expr.Function{Name: "months_between", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	x, y, round := operandOf[int64](args[0]), operandOf[int64](args[1]), batch.Bools(args[2].Array)
	clock := zone.NewClock(c.Zone)
	return ints(c, n, out, args, func(i int) float64 {
		v := monthsBetween(clock, x.at(i), y.at(i))
		if round.Get(args[2].Row(i)) {
			v = math.Round(v*1e8) / 1e8
		}
		return v
	})
}}

// monthsBetween counts months of 31 days of 24 hours; the same day of the month, or two last days, make a whole number.
// The time of a day is what has passed since its beginning, which is not what a clock shows after it was put forward or back.
func monthsBetween(clock *zone.Clock, a, b int64) float64 {
	da, db := types.FloorDiv(clock.Local(a), types.MicrosPerDay), types.FloorDiv(clock.Local(b), types.MicrosPerDay)
	y1, m1, d1 := types.CivilFromDays(int(da))
	y2, m2, d2 := types.CivilFromDays(int(db))
	months := float64((y1-y2)*12 + m1 - m2)
	if d1 == d2 || d1 == types.DaysInMonth(y1, m1) && d2 == types.DaysInMonth(y2, m2) {
		return months
	}
	s1 := (a - clock.Instant(da*types.MicrosPerDay)) / types.MicrosPerSecond
	s2 := (b - clock.Instant(db*types.MicrosPerDay)) / types.MicrosPerSecond
	return months + float64(int64(d1-d2)*86400+s1-s2)/(31*86400)
}

var weekdays = map[string]int{"MO": 0, "MON": 0, "MONDAY": 0, "TU": 1, "TUE": 1, "TUESDAY": 1, "WE": 2, "WED": 2, "WEDNESDAY": 2, "TH": 3, "THU": 3,
	"THURSDAY": 3, "FR": 4, "FRI": 4, "FRIDAY": 4, "SA": 5, "SAT": 5, "SATURDAY": 5, "SU": 6, "SUN": 6, "SUNDAY": 6}

var nextDayFn = &expr.Function{Name: "next_day", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	d, name := operandOf[int32](args[0]), textOf(args[1])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int32 {
		want, ok := weekdays[strings.ToUpper(string(trimSpaces(name.at(i))))]
		if !ok && fail == nil {
			fail = errs.New("ILLEGAL_DAY_OF_WEEK", "string", string(name.at(i)))
		}
		return d.at(i) + int32((want-weekdayOf(int(d.at(i)))+6)%7+1)
	})
	return failing(&fail, v, err)
}}

func trimSpaces(b []byte) []byte { return []byte(strings.TrimSpace(string(b))) }

// level is what date_trunc cuts to.
type level uint8

const (
	noLevel level = iota
	toMicrosecond
	toMillisecond
	toSecond
	toMinute
	toHour
	toDay
	toWeek
	toMonth
	toQuarter
	toYear
)

func levelOf(name []byte) level {
	switch strings.ToUpper(string(name)) {
	case "MICROSECOND":
		return toMicrosecond
	case "MILLISECOND":
		return toMillisecond
	case "SECOND":
		return toSecond
	case "MINUTE":
		return toMinute
	case "HOUR":
		return toHour
	case "DAY", "DD":
		return toDay
	case "WEEK":
		return toWeek
	case "MON", "MONTH", "MM":
		return toMonth
	case "QUARTER":
		return toQuarter
	case "YEAR", "YYYY", "YY":
		return toYear
	}
	return noLevel
}

// truncDay cuts a day to a level of weeks and more.
func truncDay(day int, l level) int {
	y, m, _ := types.CivilFromDays(day)
	switch l {
	case toWeek:
		return day - weekdayOf(day)
	case toMonth:
		return types.DaysFromCivil(y, m, 1)
	case toQuarter:
		return types.DaysFromCivil(y, (m-1)/3*3+1, 1)
	case toYear:
		return types.DaysFromCivil(y, 1, 1)
	}
	return day
}

// truncMicros cuts a wall clock.
func truncMicros(local int64, l level) int64 {
	units := [...]int64{toMicrosecond: 1, toMillisecond: 1000, toSecond: types.MicrosPerSecond, toMinute: types.MicrosPerMinute,
		toHour: types.MicrosPerHour, toDay: types.MicrosPerDay}
	if int(l) < len(units) {
		return local - types.FloorMod(local, units[l])
	}
	return int64(truncDay(int(types.FloorDiv(local, types.MicrosPerDay)), l)) * types.MicrosPerDay
}

var dateTruncFn = &expr.Function{Name: "date_trunc", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	names, in := textOf(args[0]), operandOf[int64](args[1])
	clock := zone.NewClock(c.Zone)
	if !names.fixed {
		return truncated(c, n, out, args, func(i int) (int64, bool) {
			l := levelOf(names.at(i))
			return truncInstant(in.at(i), l, clock), l != noLevel
		})
	}
	l := noLevel
	if !args[0].IsNull(0) {
		l = levelOf(names.at(0))
	}
	if l == noLevel {
		return expr.Nulls(c.Mem, out), nil
	}
	return ints(c, n, out, args, func(i int) int64 { return truncInstant(in.at(i), l, clock) })
}}

// truncInstant cuts an instant on its zone's wall clock. What is shorter than an hour is cut without looking at the zone
// where its offset is whole minutes.
func truncInstant(micros int64, l level, clock *zone.Clock) int64 {
	if l == noLevel {
		return 0
	}
	if l <= toSecond {
		return truncMicros(micros, l)
	}
	local := clock.Local(micros)
	cut := truncMicros(local, l)
	// of an hour that a clock shows twice, the one that the instant is in
	if same := micros - (local - cut); l <= toDay && clock.Local(same) == cut {
		return same
	}
	return clock.Instant(cut)
}

// truncated lifts a function that may give no value.
func truncated[T arrow.FixedWidthType](c *expr.Context, n int, out types.Type, args []expr.Vector, f func(i int) (T, bool)) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	r := batch.NewFixed[T](c.Mem, n)
	var zero T
	for i := range r.Values {
		r.Values[i] = zero
		if !valid.Get(i) {
			continue
		}
		if v, ok := f(i); ok {
			r.Values[i] = v
		} else {
			valid.Clear(i)
		}
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

var truncFn = &expr.Function{Name: "trunc", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	d, names := operandOf[int32](args[0]), textOf(args[1])
	return truncated(c, n, out, args, func(i int) (int32, bool) {
		l := levelOf(names.at(i))
		return int32(truncDay(int(d.at(i)), l)), l >= toWeek
	})
}}

func unixFn(unit int64) *expr.Function {
	return &expr.Function{Name: "unix", Kernel: mapped(func(v int64) int64 { return types.FloorDiv(v, unit) })}
}

// unixTimestampFn cuts towards the epoch, which unix_seconds does not.
var unixTimestampFn = &expr.Function{Name: "unix_timestamp", Kernel: mapped(func(v int64) int64 { return v / types.MicrosPerSecond })}

// scaleFn makes an instant of a number of units since the epoch.
func scaleFn(words string, unit int64) *expr.Function {
	return &expr.Function{Name: "timestamp_" + words, Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		in := operandOf[int64](args[0])
		var fail error
		v, err := ints(c, n, out, args, func(i int) int64 {
			x, ok := types.MulInt64(in.at(i), unit)
			if !ok && fail == nil {
				fail = overflow("create a TIMESTAMP from " + strconv.FormatInt(in.at(i), 10) + "L " + words + " since the epoch")
			}
			return x
		})
		return failing(&fail, v, err)
	}}
}

var decimalSecondsFn = &expr.Function{Name: "timestamp_seconds", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	in := operandOf[decimal128.Num](args[0])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int64 {
		x, ok := expr.Int64(in.at(i))
		if !ok && fail == nil {
			fail = overflow("create a TIMESTAMP from " + string(expr.AppendDecimal(nil, in.at(i), 6)) + " seconds since the epoch")
		}
		return x
	})
	return failing(&fail, v, err)
}}

var floatSecondsFn = &expr.Function{Name: "timestamp_seconds", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	in := operandOf[float64](args[0])
	return truncated(c, n, out, args, func(i int) (int64, bool) {
		v := in.at(i)
		return int64(v * 1e6), !math.IsNaN(v) && !math.IsInf(v, 0)
	})
}}

// zones finds the zone of each row by name, once where it is the same.
type zones struct {
	names text
	last  string
	clock *zone.Clock
	err   error
}

func (z *zones) at(i int) *zone.Clock {
	name := z.names.at(i)
	if z.clock == nil || z.last != string(name) {
		loc, ok := zone.Find(string(name))
		if !ok {
			z.err = errs.New("INVALID_TIMEZONE", "timeZone", string(name))
			loc = time.UTC
		}
		z.last, z.clock = string(name), zone.NewClock(loc)
	}
	return z.clock
}

func shiftZoneFn(from bool) *expr.Function {
	return &expr.Function{Name: "shift_zone", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		in, z := operandOf[int64](args[0]), zones{names: textOf(args[1])}
		v, err := ints(c, n, out, args, func(i int) int64 {
			if from {
				return z.at(i).Local(in.at(i))
			}
			return z.at(i).Instant(in.at(i))
		})
		return failing(&z.err, v, err)
	}}
}

var convertZoneFn = &expr.Function{Name: "convert_timezone", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	from, to, in := zones{names: textOf(args[0])}, zones{names: textOf(args[1])}, operandOf[int64](args[2])
	v, err := ints(c, n, out, args, func(i int) int64 { return to.at(i).Local(from.at(i).Instant(in.at(i))) })
	if from.err == nil {
		from.err = to.err
	}
	return failing(&from.err, v, err)
}}

var windowTimeFn = &expr.Function{Name: "window_time", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	end := args[0].Array.(*array.Struct).Field(1)
	ends := operandOf[int64](expr.Vector{Array: end, Const: args[0].Const})
	valid := batch.Valid(end)
	return truncated(c, n, out, args, func(i int) (int64, bool) { return ends.at(i) - 1, valid.Get(args[0].Row(i)) })
}}

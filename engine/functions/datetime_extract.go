package functions

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// dateFields are the fields of a date, by all their names.
var dateFields = map[string]*expr.Function{"YEAR": yearFn, "Y": yearFn, "YEARS": yearFn, "YR": yearFn, "YRS": yearFn, "YEAROFWEEK": weekYearFn,
	"QUARTER": quarterFn, "QTR": quarterFn, "MONTH": monthFn, "MON": monthFn, "MONS": monthFn, "MONTHS": monthFn, "WEEK": weekFn, "W": weekFn, "WEEKS": weekFn,
	"DAY": dayFn, "D": dayFn, "DAYS": dayFn, "DAYOFWEEK": dayOfWeekFn, "DOW": dayOfWeekFn, "DAYOFWEEK_ISO": isoDayOfWeekFn, "DOW_ISO": isoDayOfWeekFn, "DOY": dayOfYearFn}

// clockFields are the fields of the time of day.
var clockFields = map[string]string{"HOUR": "HOUR", "H": "HOUR", "HOURS": "HOUR", "HR": "HOUR", "HRS": "HOUR", "MINUTE": "MINUTE", "M": "MINUTE", "MIN": "MINUTE",
	"MINS": "MINUTE", "MINUTES": "MINUTE", "SECOND": "SECOND", "S": "SECOND", "SEC": "SECOND", "SECONDS": "SECOND", "SECS": "SECOND"}

var secondsType = types.Decimal{Precision: 8, Scale: 6}

// bindExtractField binds extract(field FROM x) and date_part('field', x).
func bindExtractField(name string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		from := c.Args[1]
		text := callText(called(c), c.Args)
		if name == "extract" || called(c) == "datepart" {
			text = called(c) + "(" + c.Args[0].String() + " FROM " + from.String() + ")"
		}
		v, ok := expr.Constant(c.Args[0])
		if !ok {
			return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`field`", "inputType", `"STRING"`, "inputExpr", `"`+c.Args[0].String()+`"`)
		}
		field, isText := v.(string)
		if !isText {
			return &expr.Literal{DataType: types.Double}, nil
		}
		o, err := e.field(strings.ToUpper(field), from)
		if err != nil {
			return nil, err
		}
		if o == nil {
			return nil, errs.New("INVALID_EXTRACT_FIELD", "field", "`"+field+"`", "expr", `"`+from.String()+`"`)
		}
		o.Text = text
		return o, nil
	}
}

// field is a field of a date, timestamp, text or interval, or nil where there is none of the name.
func (e *Env) field(name string, from expr.Expr) (*expr.Apply, error) {
	if isInterval(from.Type()) {
		return intervalField(name, from), nil
	}
	call := &expr.Call{Args: []expr.Expr{from}}
	if fn := dateFields[name]; fn != nil {
		return e.bound(fn, "extract", types.Int, call.Args, []types.Type{types.Date})
	}
	clock := clockFields[name]
	if clock == "" {
		return nil, nil
	}
	at, err := e.instant(call, "extract", 0)
	if err != nil {
		return nil, err
	}
	switch clock {
	case "HOUR":
		return apply(hourFn, types.Int, at), nil
	case "MINUTE":
		return apply(minuteFn, types.Int, at), nil
	}
	return apply(exactSecondFn, secondsType, at), nil
}

// intervalField is a field of an interval.
func intervalField(name string, from expr.Expr) *expr.Apply {
	switch from.Type().Kind() {
	case types.KYearMonthInterval:
		switch dateFields[name] {
		case yearFn:
			return apply(intervalYearFn, types.Int, from)
		case monthFn:
			return apply(intervalMonthFn, types.Byte, from)
		}
	case types.KDayTimeInterval:
		switch {
		case dateFields[name] == dayFn:
			return apply(intervalDayFn, types.Int, from)
		case clockFields[name] == "HOUR":
			return apply(intervalHourFn, types.Byte, from)
		case clockFields[name] == "MINUTE":
			return apply(intervalMinuteFn, types.Byte, from)
		case clockFields[name] == "SECOND":
			return apply(intervalSecondFn, secondsType, from)
		}
	case types.KCalendarInterval:
		return calendarField(name, from)
	}
	return nil
}

func calendarField(name string, from expr.Expr) *expr.Apply {
	switch {
	case dateFields[name] == yearFn:
		return apply(calendarYearFn, types.Int, from)
	case dateFields[name] == monthFn:
		return apply(calendarMonthFn, types.Byte, from)
	case dateFields[name] == dayFn:
		return apply(calendarDayFn, types.Int, from)
	case clockFields[name] == "HOUR":
		return apply(calendarHourFn, types.Long, from)
	case clockFields[name] == "MINUTE":
		return apply(calendarMinuteFn, types.Byte, from)
	case clockFields[name] == "SECOND":
		return apply(calendarSecondFn, secondsType, from)
	}
	return nil
}

func intervalPart[A, B arrow.FixedWidthType](name string, f func(A) B) *expr.Function {
	return &expr.Function{Name: name, Kernel: mapped(f)}
}

var (
	intervalYearFn   = intervalPart("extract_year", func(m int32) int32 { return m / 12 })
	intervalMonthFn  = intervalPart("extract_month", func(m int32) int8 { return int8(m % 12) })
	intervalDayFn    = intervalPart("extract_day", func(v int64) int32 { return int32(v / types.MicrosPerDay) })
	intervalHourFn   = intervalPart("extract_hour", func(v int64) int8 { return int8(v % types.MicrosPerDay / types.MicrosPerHour) })
	intervalMinuteFn = intervalPart("extract_minute", func(v int64) int8 { return int8(v % types.MicrosPerHour / types.MicrosPerMinute) })
	intervalSecondFn = intervalPart("extract_second", func(v int64) decimal128.Num { return decimal128.FromI64(v % types.MicrosPerMinute) })
	calendarYearFn   = intervalPart("extract_year", func(v arrow.MonthDayNanoInterval) int32 { return v.Months / 12 })
	calendarMonthFn  = intervalPart("extract_month", func(v arrow.MonthDayNanoInterval) int8 { return int8(v.Months % 12) })
	calendarDayFn    = intervalPart("extract_day", func(v arrow.MonthDayNanoInterval) int32 { return v.Days })
	calendarHourFn   = intervalPart("extract_hour", func(v arrow.MonthDayNanoInterval) int64 { return v.Nanoseconds / 1000 / types.MicrosPerHour })
	calendarMinuteFn = intervalPart("extract_minute", func(v arrow.MonthDayNanoInterval) int8 {
		return int8(v.Nanoseconds / 1000 % types.MicrosPerHour / types.MicrosPerMinute)
	})
	calendarSecondFn = intervalPart("extract_second", func(v arrow.MonthDayNanoInterval) decimal128.Num {
		return decimal128.FromI64(v.Nanoseconds / 1000 % types.MicrosPerMinute)
	})
)

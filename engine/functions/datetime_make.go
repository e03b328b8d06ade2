package functions

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

var makeRows = []Row{
	{Name: "make_date", Min: 3, Max: 3, Bind: bindMakeDate, Examples: []Example{
		{SQL: "make_date(2020, 2, 28)", Value: "2020-02-28"}, {SQL: "make_date(2020, 2, 30)", Error: "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"}, {SQL: "make_date(2020, 13, 1)", Error: "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"}}},
	{Name: "make_timestamp", Aliases: []string{"make_timestamp_ltz"}, Min: 6, Max: 7, Bind: bindMakeTimestamp(types.Timestamp, false), Examples: []Example{
		{SQL: "make_timestamp(2020, 2, 28, 1, 2, 3.5)", Value: "2020-02-28 01:02:03.5"}, {SQL: "make_timestamp(2020, 2, 28, 1, 2, 60)", Value: "2020-02-28 01:03:00"}, {SQL: "make_timestamp(2020, 2, 28, 1, 2, 60.5)", Error: "INVALID_FRACTION_OF_SECOND"},
		{SQL: "make_timestamp(2020, 2, 28, 25, 2, 6)", Error: "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"}, {SQL: "make_timestamp(2020, 2, 28, 1, 2, 6, 'CET')", Value: "2020-02-28 00:02:06"}}},
	{Name: "make_timestamp_ntz", Min: 6, Max: 6, Bind: bindMakeTimestamp(types.TimestampNTZ, false), Examples: []Example{{SQL: "make_timestamp_ntz(2020, 2, 28, 1, 2, 6)", Value: "2020-02-28 01:02:06"}}},
	{Name: "try_make_timestamp", Aliases: []string{"try_make_timestamp_ltz"}, Min: 6, Max: 7, Bind: bindMakeTimestamp(types.Timestamp, true), Examples: []Example{{SQL: "try_make_timestamp(2020, 2, 28, 25, 2, 6)", Value: "NULL"}}},
	{Name: "try_make_timestamp_ntz", Min: 6, Max: 6, Bind: bindMakeTimestamp(types.TimestampNTZ, true), Examples: []Example{{SQL: "try_make_timestamp_ntz(2020, 2, 28, 1, 2, 6)", Value: "2020-02-28 01:02:06"}}},
	{Name: "make_interval", Min: 0, Max: 7, Bind: bindMakeInterval("make_interval", makeIntervalFn, types.CalendarInterval, 7), Examples: []Example{
		{SQL: "make_interval(1, 2, 3, 4, 5, 6, 7.5)", Value: "1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds"}, {SQL: "make_interval(0, 0, 0, 1, 25)", Value: "1 days 25 hours"}, {SQL: "make_interval()", Value: "0 seconds"}}},
	{Name: "try_make_interval", Min: 0, Max: 7, Bind: func(e *Env, c *expr.Call) (expr.Expr, error) {
		o, err := bindMakeInterval("try_make_interval", makeIntervalFn, types.CalendarInterval, 7)(e, c)
		if err != nil {
			return nil, err
		}
		return attempt(o, o.String()), nil
	}, Examples: []Example{{SQL: "try_make_interval(1)", Value: "1 years"}, {SQL: "try_make_interval(2147483647)", Value: "NULL"}}},
	{Name: "make_dt_interval", Min: 0, Max: 4, Bind: bindMakeInterval("make_dt_interval", makeDayTimeFn, types.DayTimeInterval, 4), Examples: []Example{
		{SQL: "make_dt_interval(1, 2, 3, 4.5)", Value: "INTERVAL '1 02:03:04.5' DAY TO SECOND"}, {SQL: "make_dt_interval(1, 25, 70, 80.5)", Value: "INTERVAL '2 02:11:20.5' DAY TO SECOND"}}},
	{Name: "make_ym_interval", Min: 0, Max: 2, Bind: signature("", makeYearMonthFn, types.YearMonthInterval, []expr.Expr{expr.Lit(int32(0)), expr.Lit(int32(0))}, types.Int, types.Int), Examples: []Example{{SQL: "make_ym_interval(1, 14)", Value: "INTERVAL '2-2' YEAR TO MONTH"}}},
}

// making is whether a wrong field raises and how a second's place is filled: Data of the make functions.
type making struct{ strict, ntz bool }

func outOfBounds(reason string) error {
	return errs.New("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", "rangeMessage", reason)
}

func bindMakeDate(e *Env, c *expr.Call) (expr.Expr, error) {
	o, err := e.bound(makeDateFn, callText("make_date", c.Args), types.Date, c.Args, []types.Type{types.Int, types.Int, types.Int})
	if err != nil {
		return nil, err
	}
	o.Data = making{strict: e.ANSI}
	o.Null = o.Null || !e.ANSI
	return o, nil
}

// checkedDay is the day number of fields, or Java's words for what is wrong with them.
func checkedDay(y, m, d int) (int, string) {
	if m < 1 || m > 12 {
		return 0, "Invalid value for MonthOfYear (valid values 1 - 12): " + strconv.Itoa(m)
	}
	return types.CheckedDate(y, m, d)
}

var makeDateFn = &expr.Function{Name: "make_date", Fails: true, Strict: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	y, m, d := operandOf[int32](args[0]), operandOf[int32](args[1]), operandOf[int32](args[2])
	var fail error
	v, err := truncated(c, n, out, args, func(i int) (int32, bool) {
		day, reason := checkedDay(int(y.at(i)), int(m.at(i)), int(d.at(i)))
		if reason != "" && data.(making).strict && fail == nil {
			fail = outOfBounds(reason)
		}
		return int32(day), reason == ""
	})
	return failing(&fail, v, err)
}}

var microSeconds = types.Decimal{Precision: 16, Scale: 6}

func bindMakeTimestamp(to types.Type, try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		params := []types.Type{types.Int, types.Int, types.Int, types.Int, types.Int, microSeconds, types.String}[:len(c.Args)]
		args := append([]expr.Expr{}, c.Args...)
		if types.IsNumeric(args[5].Type()) {
			args[5] = e.cast(args[5], microSeconds)
		}
		o, err := e.bound(makeTimestampFn, callText(called(c), c.Args), to, args, params)
		if err != nil {
			return nil, err
		}
		o.Data = making{strict: e.ANSI && !try, ntz: to.Kind() == types.KTimestampNTZ}
		o.Null = o.Null || try || !e.ANSI
		return o, nil
	}
}

var makeTimestampFn = &expr.Function{Name: "make_timestamp", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(making)
	var f [5]operand[int32]
	for k := range f {
		f[k] = operandOf[int32](args[k])
	}
	sec, session := operandOf[decimal128.Num](args[5]), zone.NewClock(c.Zone)
	var z *zones
	if len(args) == 7 {
		z = &zones{names: textOf(args[6])}
	}
	var fail error
	v, err := truncated(c, n, out, args, func(i int) (int64, bool) {
		micros, _ := expr.Int64(sec.at(i))
		local, err := makeLocal(int(f[0].at(i)), int(f[1].at(i)), int(f[2].at(i)), int(f[3].at(i)), int(f[4].at(i)), micros)
		if err != nil && how.strict && fail == nil {
			fail = err
		}
		if how.ntz {
			return local, err == nil
		}
		clock := session
		if z != nil {
			clock = z.at(i)
		}
		return clock.Instant(local), err == nil
	})
	if z != nil && fail == nil && how.strict {
		fail = z.err
	}
	return failing(&fail, v, err)
}}

// makeLocal is a wall clock of fields; 60 whole seconds are the next minute.
func makeLocal(y, mo, d, h, mi int, micros int64) (int64, error) {
	day, reason := checkedDay(y, mo, d)
	switch {
	case reason != "":
		return 0, outOfBounds(reason)
	case h < 0 || h > 23:
		return 0, outOfBounds("Invalid value for HourOfDay (valid values 0 - 23): " + strconv.Itoa(h))
	case mi < 0 || mi > 59:
		return 0, outOfBounds("Invalid value for MinuteOfHour (valid values 0 - 59): " + strconv.Itoa(mi))
	case micros > types.MicrosPerMinute:
		text := string(expr.AppendDecimal(nil, decimal128.FromI64(micros), 6))
		for text[len(text)-1] == '0' {
			text = text[:len(text)-1]
		}
		return 0, errs.New("INVALID_FRACTION_OF_SECOND", "secAndMicros", text)
	case micros < 0:
		return 0, outOfBounds("Invalid value for SecondOfMinute (valid values 0 - 59): " + strconv.FormatInt(micros/types.MicrosPerSecond, 10))
	}
	return int64(day)*types.MicrosPerDay + int64(h)*types.MicrosPerHour + int64(mi)*types.MicrosPerMinute + micros, nil
}

// bindMakeInterval fills in zeros; the last parameter is seconds with a fraction.
func bindMakeInterval(name string, fn *expr.Function, out types.Type, count int) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		args := append([]expr.Expr{}, c.Args...)
		params := make([]types.Type, count)
		for i := range params {
			params[i] = types.Int
			if i < len(args) {
				continue
			}
			if i == count-1 {
				args = append(args, &expr.Literal{Value: decimal128.Num{}, DataType: types.Decimal{Precision: 18, Scale: 6}})
			} else {
				args = append(args, expr.Lit(int32(0)))
			}
		}
		text := callText(name, args)
		params[count-1] = types.Decimal{Precision: 18, Scale: 6}
		if types.IsNumeric(args[count-1].Type()) {
			args[count-1] = e.cast(args[count-1], params[count-1])
		}
		o, err := e.bound(fn, text, out, args, params)
		if err != nil {
			return nil, err
		}
		o.Data = e.ANSI
		return o, nil
	}
}

// sum adds products and notes whether one did not fit.
type sum struct {
	v    int64
	over bool
}

func (s *sum) add(n, unit int64) {
	p, ok := types.MulInt64(n, unit)
	t, ok2 := types.AddInt64(s.v, p)
	s.v, s.over = t, s.over || !ok || !ok2
}

func intervalOverflow() error { return errs.New("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION") }

var makeIntervalFn = &expr.Function{Name: "make_interval", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	var f [6]operand[int32]
	for k := range f {
		f[k] = operandOf[int32](args[k])
	}
	sec := operandOf[decimal128.Num](args[6])
	var fail error
	v, err := truncated(c, n, out, args, func(i int) (arrow.MonthDayNanoInterval, bool) {
		months, days, micros := sum{}, sum{}, sum{}
		months.add(int64(f[0].at(i)), 12)
		months.add(int64(f[1].at(i)), 1)
		days.add(int64(f[2].at(i)), 7)
		days.add(int64(f[3].at(i)), 1)
		micros.add(int64(f[4].at(i)), types.MicrosPerHour)
		micros.add(int64(f[5].at(i)), types.MicrosPerMinute)
		s, _ := expr.Int64(sec.at(i))
		micros.add(s, 1)
		if months.v != int64(int32(months.v)) || days.v != int64(int32(days.v)) || micros.over {
			if data.(bool) {
				fail = arithmeticOverflow("overflow", "")
			}
			return arrow.MonthDayNanoInterval{}, false
		}
		return arrow.MonthDayNanoInterval{Months: int32(months.v), Days: int32(days.v), Nanoseconds: micros.v * 1000}, true
	})
	return failing(&fail, v, err)
}}

var makeDayTimeFn = &expr.Function{Name: "make_dt_interval", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	d, h, m, sec := operandOf[int32](args[0]), operandOf[int32](args[1]), operandOf[int32](args[2]), operandOf[decimal128.Num](args[3])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int64 {
		s := sum{}
		s.add(int64(d.at(i)), types.MicrosPerDay)
		s.add(int64(h.at(i)), types.MicrosPerHour)
		s.add(int64(m.at(i)), types.MicrosPerMinute)
		x, _ := expr.Int64(sec.at(i))
		s.add(x, 1)
		if s.over {
			fail = intervalOverflow()
		}
		return s.v
	})
	return failing(&fail, v, err)
}}

var makeYearMonthFn = &expr.Function{Name: "make_ym_interval", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	y, m := operandOf[int32](args[0]), operandOf[int32](args[1])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int32 {
		s := int64(y.at(i))*12 + int64(m.at(i))
		if s != int64(int32(s)) {
			fail = intervalOverflow()
		}
		return int32(s)
	})
	return failing(&fail, v, err)
}}

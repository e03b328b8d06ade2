package functions

import (
	"math"
	"math/big"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

var temporalRows = []Row{
	{Name: "temporal_add", Min: 2, Max: 2, Bind: bindTemporalAdd, Internal: true, Examples: []Example{
		{SQL: "TIMESTAMP '2020-01-31' + INTERVAL 1 MONTH", Value: "2020-02-29 00:00:00"}, {SQL: "DATE '2020-01-31' + INTERVAL 1 MONTH", Value: "2020-02-29"}, {SQL: "DATE '2020-01-31' + INTERVAL 1 DAY", Value: "2020-02-01"},
		{SQL: "DATE '2020-01-31' + INTERVAL 1 HOUR", Value: "2020-01-31 01:00:00"}, {SQL: "DATE '2020-01-31' + 1", Value: "2020-02-01"}, {SQL: "try_divide(make_interval(1), 0)", Value: "NULL"}, {SQL: "try_multiply(make_interval(1), 2147483647)", Value: "NULL"}, {SQL: "try_add(DATE '2020-01-01', INTERVAL 1 DAY)", Value: "2020-01-02"}, {SQL: "1 + DATE '2020-01-01'", Value: "2020-01-02"},
		{SQL: "TIMESTAMP '2020-01-31' + make_interval(0, 1, 0, 1, 1)", Value: "2020-03-01 01:00:00"}, {SQL: "INTERVAL 1 DAY + TIMESTAMP '2020-01-01'", Value: "2020-01-02 00:00:00"}, {SQL: "make_interval(1) + make_interval(0, 1)", Value: "1 years 1 months"},
		{SQL: "INTERVAL '1-2' YEAR TO MONTH + INTERVAL '1-2' YEAR TO MONTH", Value: "INTERVAL '2-4' YEAR TO MONTH"}, {SQL: "TIMESTAMP '2020-01-01' + 1", Error: "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"},
		{SQL: "DATE '2020-01-01' + 1L", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}, {SQL: "'2020-01-01' + INTERVAL 1 DAY", Value: "2020-01-02 00:00:00"}, {SQL: "DATE '2020-01-01' + make_interval(0, 0, 0, 0, 1)", Error: "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION"}}},
	{Name: "temporal_subtract", Min: 2, Max: 2, Bind: bindTemporalSubtract, Internal: true, Examples: []Example{
		{SQL: "TIMESTAMP '2020-01-31' - INTERVAL '1 day 2 hours'", Value: "2020-01-29 22:00:00"}, {SQL: "DATE '2020-01-31' - 1", Value: "2020-01-30"}, {SQL: "DATE '2020-01-31' - TIMESTAMP '2020-01-01 12:00:00'", Value: "INTERVAL '29 12:00:00' DAY TO SECOND"},
		{SQL: "TIMESTAMP '2020-01-01 00:00:00' - TIMESTAMP '2019-01-01'", Value: "INTERVAL '365 00:00:00' DAY TO SECOND"}, {SQL: "TIMESTAMP '2020-01-01' - '2019-01-01'", Value: "INTERVAL '365 00:00:00' DAY TO SECOND"},
		{SQL: "TIMESTAMP '2020-01-01' - INTERVAL 1 MONTH", Value: "2019-12-01 00:00:00"}, {SQL: "TIMESTAMP_NTZ '2020-01-01' - TIMESTAMP_NTZ '2019-12-31'", Value: "INTERVAL '1 00:00:00' DAY TO SECOND"}}},
	{Name: "temporal_multiply", Min: 2, Max: 2, Bind: bindTemporalScale(true), Internal: true, Examples: []Example{
		{SQL: "make_interval(1) * 2", Value: "2 years"}, {SQL: "2 * make_dt_interval(1)", Value: "INTERVAL '2 00:00:00' DAY TO SECOND"}, {SQL: "INTERVAL '1-2' YEAR TO MONTH * 1.5", Value: "INTERVAL '1-9' YEAR TO MONTH"}, {SQL: "make_dt_interval(1) * 1.5D", Value: "INTERVAL '1 12:00:00' DAY TO SECOND"}}},
	{Name: "temporal_divide", Min: 2, Max: 2, Bind: bindTemporalScale(false), Internal: true, Examples: []Example{
		{SQL: "make_dt_interval(1) / 2", Value: "INTERVAL '0 12:00:00' DAY TO SECOND"}, {SQL: "make_dt_interval(1) / 2.5", Value: "INTERVAL '0 09:36:00' DAY TO SECOND"}, {SQL: "INTERVAL '1-2' YEAR TO MONTH / 2", Value: "INTERVAL '0-7' YEAR TO MONTH"}, {SQL: "make_dt_interval(1) / 0", Error: "INTERVAL_DIVIDED_BY_ZERO"}}},
	{Name: "timestampadd", Min: 3, Max: 3, Bind: bindTimestampAdd, Examples: []Example{
		{SQL: "timestampadd(MONTH, 1, TIMESTAMP '2020-01-31')", Value: "2020-02-29 00:00:00"}, {SQL: "dateadd(HOUR, 5, TIMESTAMP '2020-01-31')", Value: "2020-01-31 05:00:00"}, {SQL: "timestampadd(QUARTER, 1, DATE '2020-01-31')", Value: "2020-04-30 00:00:00"},
		{SQL: "timestampadd(MICROSECOND, 1, TIMESTAMP '2020-01-31')", Value: "2020-01-31 00:00:00.000001"}, {SQL: "timestampadd(DAY, 1, TIMESTAMP_NTZ '2020-01-31')", Value: "2020-02-01 00:00:00"}}},
	{Name: "timestampdiff", Min: 3, Max: 3, Bind: bindTimestampDiff, Examples: []Example{
		{SQL: "timestampdiff(MONTH, TIMESTAMP '2020-01-31', TIMESTAMP '2020-03-01')", Value: "1"}, {SQL: "datediff(DAY, TIMESTAMP '2020-01-31 23:00:00', TIMESTAMP '2020-02-01 01:00:00')", Value: "0"}, {SQL: "timestampdiff(WEEK, TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-20')", Value: "2"},
		{SQL: "timestampdiff(QUARTER, TIMESTAMP '2020-01-01', TIMESTAMP '2020-12-20')", Value: "3"}, {SQL: "timestampdiff(YEAR, TIMESTAMP '2020-01-01', TIMESTAMP '2019-12-20')", Value: "0"}, {SQL: "timestampdiff(MICROSECOND, TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-02')", Value: "86400000000"}}},
}

func operatorText(l expr.Expr, op string, r expr.Expr) string {
	return l.String() + " " + op + " " + r.String()
}

// bindTemporalAdd adds days or an interval to a time, or two intervals. The time may stand on either side.
func bindTemporalAdd(e *Env, c *expr.Call) (expr.Expr, error) {
	l, r := c.Args[0], c.Args[1]
	lt, rt := l.Type(), r.Type()
	switch {
	case isInterval(lt) && isInterval(rt):
		return e.intervals("+", 1, l, r)
	case isInterval(lt) && !isTime(lt) || isTime(rt) && !isTime(lt):
		out, err := bindTemporalAdd(e, &expr.Call{Args: []expr.Expr{r, l}})
		if a, ok := out.(*expr.Apply); ok && isInterval(lt) && a.DataType.Kind() != types.KDate {
			a.Text = operatorText(l, "+", r)
		}
		return out, err
	case isInterval(rt):
		return e.addInterval("+", 1, l, r)
	case lt.Kind() == types.KDate && !isTime(rt):
		if rt.Kind() == types.KString {
			return nil, unexpected(callText("date_add", c.Args), 1, `("INT" or "SMALLINT" or "TINYINT")`, r)
		}
		return bindAddDays("date_add", dateAddFn)(e, c)
	}
	return nil, mismatch("BINARY_OP_DIFF_TYPES", "("+operatorText(l, "+", r)+")", "left", typeText(lt), "right", typeText(rt))
}

// bindTemporalSubtract takes days or an interval off a time, or gives the interval between two times.
func bindTemporalSubtract(e *Env, c *expr.Call) (expr.Expr, error) {
	l, r := c.Args[0], c.Args[1]
	lt, rt := l.Type(), r.Type()
	text := "(" + operatorText(l, "-", r) + ")"
	between := isTime(lt) && (isTime(rt) || rt.Kind() == types.KString || rt.Kind() == types.KNull) || isTime(rt) && lt.Kind() == types.KString
	switch {
	case isInterval(lt) && isInterval(rt):
		return e.intervals("-", -1, l, r)
	case isInterval(rt):
		return e.addInterval("-", -1, l, r)
	case between:
		to := types.Type(types.Timestamp)
		if lt.Kind() == types.KTimestampNTZ && (rt.Kind() == types.KTimestampNTZ || rt.Kind() == types.KDate) || rt.Kind() == types.KTimestampNTZ && lt.Kind() == types.KDate {
			to = types.TimestampNTZ
		}
		out := types.Type(types.DayTimeInterval)
		// Two dates are whole days apart in any zone.
		if (lt.Kind() == types.KDate || lt.Kind() == types.KString) && (rt.Kind() == types.KDate || rt.Kind() == types.KString) {
			to = types.TimestampNTZ
			l, r = e.cast(l, types.Date), e.cast(r, types.Date)
			out = types.Intervals(types.Day, types.Day)
		}
		o := apply(betweenFn, out, e.cast(l, to), e.cast(r, to))
		o.Text = text
		return o, nil
	case lt.Kind() == types.KDate:
		return bindAddDays("date_sub", dateSubFn)(e, c)
	}
	return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(lt), "right", typeText(rt))
}

// betweenFn is the time from the second wall clock to the first.
var betweenFn = &expr.Function{Name: "between_times", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	x, y := wall(c, args[0]), wall(c, args[1])
	return ints(c, n, out, args, func(i int) int64 { return x(i) - y(i) })
}}

// shift is an interval's sign: Data of addIntervalFn.
type shift struct{ sign int64 }

// addInterval moves a time, or text of one, by an interval.
func (e *Env) addInterval(op string, sign int64, l, r expr.Expr) (expr.Expr, error) {
	text := operatorText(l, op, r)
	lt, k := l.Type(), r.Type().Kind()
	out := lt
	switch {
	case lt.Kind() == types.KString:
		moved, err := e.addInterval(op, sign, e.cast(l, types.Timestamp), r)
		if err != nil {
			return nil, err
		}
		o := apply(identityFn, types.String, e.cast(moved, types.String))
		o.Text = text
		return o, nil
	case lt.Kind() == types.KNull:
		out = types.Timestamp
		l = e.cast(l, out)
	case !isTime(lt):
		return nil, mismatch("BINARY_OP_DIFF_TYPES", "("+text+")", "left", typeText(lt), "right", typeText(r.Type()))
	case lt.Kind() == types.KDate && k == types.KDayTimeInterval && !onlyDays(r.Type()):
		out = types.Timestamp
		l = e.cast(l, out)
	case lt.Kind() == types.KDate && k == types.KDayTimeInterval:
		days := "extractansiintervaldays(" + r.String() + ")"
		if sign < 0 {
			days = "(- " + days + ")"
		}
		text = "date_add(" + l.String() + ", " + days + ")"
	}
	o := apply(addIntervalFn, out, l, r)
	o.Data, o.Text = shift{sign}, text
	return o, nil
}

// onlyDays says that a type is INTERVAL DAY: a date plus such an interval stays a date.
func onlyDays(t types.Type) bool {
	from, to := types.Units(t)
	return from == types.Day && to == types.Day
}

// amount is an interval's parts.
type amount struct{ months, days, micros int64 }

// amounts gives the parts of any interval column.
func amounts(v expr.Vector) func(i int) amount {
	switch v.DataType().ID() {
	case arrow.INTERVAL_MONTHS:
		in := operandOf[int32](v)
		return func(i int) amount { return amount{months: int64(in.at(i))} }
	case arrow.DURATION:
		in := operandOf[int64](v)
		return func(i int) amount {
			return amount{days: in.at(i) / types.MicrosPerDay, micros: in.at(i) % types.MicrosPerDay}
		}
	}
	in := operandOf[arrow.MonthDayNanoInterval](v)
	return func(i int) amount {
		x := in.at(i)
		return amount{int64(x.Months), int64(x.Days), x.Nanoseconds / 1000}
	}
}

var addIntervalFn = &expr.Function{Name: "add_interval", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	by, sign := amounts(args[1]), data.(shift).sign
	var fail error
	if out.Kind() == types.KDate {
		d := operandOf[int32](args[0])
		v, err := ints(c, n, out, args, func(i int) int32 {
			a := by(i)
			if a.micros != 0 && fail == nil {
				fail = errs.New("INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION")
			}
			return dayOrOverflow(addMonths(int(d.at(i)), sign*a.months)+int(sign*a.days), &fail)
		})
		return failing(&fail, v, err)
	}
	in := operandOf[int64](args[0])
	clock := zone.NewClock(c.Zone)
	if out.Kind() == types.KTimestampNTZ {
		clock = zone.NewClock(nil)
	}
	v, err := ints(c, n, out, args, func(i int) int64 {
		a := by(i)
		v, ok := addAmount(in.at(i), amount{sign * a.months, sign * a.days, sign * a.micros}, clock)
		if !ok && fail == nil {
			fail = overflow("add an interval to the timestamp " + string(types.AppendTimestamp(nil, clock.Local(in.at(i)))))
		}
		return v
	})
	return failing(&fail, v, err)
}}

// addAmount moves an instant: by months and days on the wall clock, then by microseconds in time.
func addAmount(micros int64, a amount, clock *zone.Clock) (int64, bool) {
	if a.months != 0 || a.days != 0 {
		local := clock.Local(micros)
		day := types.FloorDiv(local, types.MicrosPerDay)
		rest := local - day*types.MicrosPerDay
		if a.months != 0 {
			day = int64(addMonths(int(day), a.months))
		}
		day += a.days
		moved, ok := types.MulInt64(day, types.MicrosPerDay)
		if !ok {
			return 0, false
		}
		micros = clock.Instant(moved + rest)
	}
	return types.AddInt64(micros, a.micros)
}

// intervals adds or subtracts two intervals of one kind.
func (e *Env) intervals(op string, sign int64, l, r expr.Expr) (expr.Expr, error) {
	text := "(" + operatorText(l, op, r) + ")"
	if l.Type().Kind() != r.Type().Kind() {
		return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(l.Type()), "right", typeText(r.Type()))
	}
	out := l.Type()
	if out.Kind() != types.KCalendarInterval {
		out = types.WiderIntervals(out, r.Type())
	}
	o := apply(sumIntervalsFn, out, l, r)
	o.Data, o.Text = shift{sign}, text
	return o, nil
}

var sumIntervalsFn = &expr.Function{Name: "add_intervals", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	sign := data.(shift).sign
	var fail error
	check := func(ok bool) {
		if !ok && fail == nil {
			fail = intervalOverflow()
		}
	}
	add32 := func(a, b int32) int32 {
		s := int64(a) + sign*int64(b)
		check(s == int64(int32(s)))
		return int32(s)
	}
	add64 := func(a, b int64) int64 {
		s := a + sign*b
		_, ok := types.AddInt64(a, sign*b)
		check(ok)
		return s
	}
	var v expr.Vector
	var err error
	switch out.Kind() {
	case types.KYearMonthInterval:
		x, y := operandOf[int32](args[0]), operandOf[int32](args[1])
		v, err = ints(c, n, out, args, func(i int) int32 { return add32(x.at(i), y.at(i)) })
	case types.KDayTimeInterval:
		x, y := operandOf[int64](args[0]), operandOf[int64](args[1])
		v, err = ints(c, n, out, args, func(i int) int64 { return add64(x.at(i), y.at(i)) })
	default:
		x, y := operandOf[arrow.MonthDayNanoInterval](args[0]), operandOf[arrow.MonthDayNanoInterval](args[1])
		v, err = ints(c, n, out, args, func(i int) arrow.MonthDayNanoInterval {
			a, b := x.at(i), y.at(i)
			return arrow.MonthDayNanoInterval{Months: add32(a.Months, b.Months), Days: add32(a.Days, b.Days), Nanoseconds: add64(a.Nanoseconds, b.Nanoseconds)}
		})
	}
	return failing(&fail, v, err)
}}

// scaling is Data of scaleIntervalFn.
type scaling struct{ multiply bool }

// bindTemporalScale multiplies an interval by a number, or divides it by one.
func bindTemporalScale(multiply bool) func(*Env, *expr.Call) (expr.Expr, error) {
	op := "/"
	if multiply {
		op = "*"
	}
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		l, r := c.Args[0], c.Args[1]
		if multiply && !isInterval(l.Type()) {
			l, r = r, l
		}
		text := "(" + operatorText(l, op, r) + ")"
		k := r.Type().Kind()
		if !isInterval(l.Type()) || !types.IsNumeric(r.Type()) && k != types.KString && k != types.KNull {
			return nil, mismatch("BINARY_OP_DIFF_TYPES", text, "left", typeText(c.Args[0].Type()), "right", typeText(c.Args[1].Type()))
		}
		to := types.Type(types.Decimal{Precision: 38, Scale: 18})
		if k == types.KFloat || k == types.KDouble || k == types.KString || l.Type().Kind() == types.KCalendarInterval {
			to = types.Double
		}
		o := apply(scaleIntervalFn, wholeInterval(l.Type()), l, e.cast(r, to))
		o.Data, o.Text = scaling{multiply}, text
		return o, nil
	}
}

// wholeInterval is an interval's type with all its fields.
func wholeInterval(t types.Type) types.Type {
	switch t.Kind() {
	case types.KYearMonthInterval:
		return types.YearMonthInterval
	case types.KDayTimeInterval:
		return types.DayTimeInterval
	}
	return t
}

var scaleIntervalFn = &expr.Function{Name: "scale_interval", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	multiply := data.(scaling).multiply
	var fail error
	scale := scaler(args[1], multiply, &fail)
	var v expr.Vector
	var err error
	switch out.Kind() {
	case types.KYearMonthInterval:
		x := operandOf[int32](args[0])
		v, err = ints(c, n, out, args, func(i int) int32 { return int32(scale(i, int64(x.at(i)), math.MaxInt32)) })
	case types.KDayTimeInterval:
		x := operandOf[int64](args[0])
		v, err = ints(c, n, out, args, func(i int) int64 { return scale(i, x.at(i), math.MaxInt64) })
	default:
		x, by := operandOf[arrow.MonthDayNanoInterval](args[0]), operandOf[float64](args[1])
		v, err = ints(c, n, out, args, func(i int) arrow.MonthDayNanoInterval {
			f := by.at(i)
			if !multiply {
				if f == 0 {
					fail = errs.New("INTERVAL_DIVIDED_BY_ZERO")
					return arrow.MonthDayNanoInterval{}
				}
				f = 1 / f
			}
			v, ok := scaleCalendar(x.at(i), f)
			if !ok {
				fail = intervalOverflow()
			}
			return v
		})
	}
	return failing(&fail, v, err)
}}

// scaleCalendar scales each part and hands a part's fraction down: of months to days of 30 to a month, of days to time.
func scaleCalendar(x arrow.MonthDayNanoInterval, f float64) (arrow.MonthDayNanoInterval, bool) {
	months := f * float64(x.Months)
	days := f*float64(x.Days) + 30*(months-math.Trunc(months))
	micros := f*float64(x.Nanoseconds/1000) + float64(types.MicrosPerDay)*(days-math.Trunc(days))
	fits := math.Abs(months) <= math.MaxInt32 && math.Abs(days) <= math.MaxInt32 && math.Abs(micros) <= math.MaxInt64/1000
	return arrow.MonthDayNanoInterval{Months: int32(months), Days: int32(days), Nanoseconds: int64(math.Round(micros)) * 1000}, fits
}

// scaler multiplies or divides by the number of a row, rounding half up.
func scaler(by expr.Vector, multiply bool, fail *error) func(i int, v, most int64) int64 {
	set := func(err error) int64 {
		if *fail == nil {
			*fail = err
		}
		return 0
	}
	if by.DataType().ID() == arrow.FLOAT64 {
		in := operandOf[float64](by)
		return func(i int, v, most int64) int64 {
			f := in.at(i)
			if !multiply && f == 0 {
				return set(errs.New("INTERVAL_DIVIDED_BY_ZERO"))
			}
			r := float64(v) * f
			if !multiply {
				r = float64(v) / f
			}
			if r = math.Floor(math.Abs(r)+0.5) * sign(r); math.IsNaN(r) || math.Abs(r) > float64(most) {
				return set(intervalOverflow())
			}
			return int64(r)
		}
	}
	in := operandOf[decimal128.Num](by)
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	return func(i int, v, most int64) int64 {
		d := in.at(i).BigInt()
		x := big.NewInt(v)
		if multiply {
			x = expr.DivideHalfUp(x.Mul(x, d), one)
		} else {
			if d.Sign() == 0 {
				return set(errs.New("INTERVAL_DIVIDED_BY_ZERO"))
			}
			x = expr.DivideHalfUp(x.Mul(x, one), d)
		}
		if !x.IsInt64() || x.Int64() > most || x.Int64() < -most-1 {
			return set(intervalOverflow())
		}
		return x.Int64()
	}
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

// timeUnits are the units of timestampadd and timestampdiff: months or days or microseconds of one.
var timeUnits = map[string]amount{"MICROSECOND": {micros: 1}, "MILLISECOND": {micros: 1000}, "SECOND": {micros: types.MicrosPerSecond}, "MINUTE": {micros: types.MicrosPerMinute},
	"HOUR": {micros: types.MicrosPerHour}, "DAY": {days: 1}, "DAYOFYEAR": {days: 1}, "WEEK": {days: 7}, "MONTH": {months: 1}, "QUARTER": {months: 3}, "YEAR": {months: 12}}

// unit reads the first argument of a call, a unit's name.
func unit(c *expr.Call) (string, amount, error) {
	l, _ := c.Args[0].(*expr.Literal)
	name := ""
	if l != nil {
		name, _ = l.Value.(string)
	}
	u, ok := timeUnits[strings.ToUpper(name)]
	if !ok {
		return "", amount{}, errs.New("INVALID_PARAMETER_VALUE.DATETIME_UNIT", "functionName", Quote(called(c)), "parameter", "`unit`", "invalidValue", "'"+name+"'")
	}
	return name, u, nil
}

func bindTimestampAdd(e *Env, c *expr.Call) (expr.Expr, error) {
	name, u, err := unit(c)
	if err != nil {
		return nil, err
	}
	text := "timestampadd(" + name + ", " + c.Args[1].String() + ", " + c.Args[2].String() + ")"
	count, err := e.param(c, text, 1, types.Long)
	if err != nil {
		return nil, err
	}
	at, err := e.instant(c, text, 2)
	if err != nil {
		return nil, err
	}
	o := apply(addUnitsFn, at.Type(), count, at)
	o.Data, o.Text = u, text
	return o, nil
}

var addUnitsFn = &expr.Function{Name: "timestampadd", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	u, count, in := data.(amount), operandOf[int64](args[0]), operandOf[int64](args[1])
	clock := zone.NewClock(c.Zone)
	if out.Kind() == types.KTimestampNTZ {
		clock = zone.NewClock(nil)
	}
	var fail error
	v, err := ints(c, n, out, args, func(i int) int64 {
		k := count.at(i)
		micros, ok := types.MulInt64(k, u.micros)
		v := int64(0)
		if ok = ok && k < 1<<40 && k > -1<<40 || u.micros > 0 && ok; ok {
			v, ok = addAmount(in.at(i), amount{k * u.months, k * u.days, micros}, clock)
		}
		if !ok && fail == nil {
			fail = overflow("add units to the timestamp " + string(types.AppendTimestamp(nil, clock.Local(in.at(i)))))
		}
		return v
	})
	return failing(&fail, v, err)
}}

func bindTimestampDiff(e *Env, c *expr.Call) (expr.Expr, error) {
	name, u, err := unit(c)
	if err != nil {
		return nil, err
	}
	text := "timestampdiff(" + name + ", " + c.Args[1].String() + ", " + c.Args[2].String() + ")"
	from, err := e.take(c, text, 1, types.Timestamp)
	if err != nil {
		return nil, err
	}
	to, err := e.take(c, text, 2, types.Timestamp)
	if err != nil {
		return nil, err
	}
	o := apply(diffUnitsFn, types.Long, from, to)
	o.Data, o.Text = u, text
	return o, nil
}

// diffUnitsFn counts whole units from one wall clock to another.
var diffUnitsFn = &expr.Function{Name: "timestampdiff", Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	u, x, y := data.(amount), wall(c, args[0]), wall(c, args[1])
	return ints(c, n, out, args, func(i int) int64 {
		a, b := x(i), y(i)
		switch {
		case u.micros > 0:
			return (b - a) / u.micros
		case u.days > 0:
			return (b - a) / (u.days * types.MicrosPerDay)
		}
		return wholeMonths(a, b) / u.months
	})
}}

// wholeMonths counts whole months between two wall clocks.
func wholeMonths(a, b int64) int64 {
	part := func(local int64) (months, rest int64) {
		day := types.FloorDiv(local, types.MicrosPerDay)
		y, m, d := types.CivilFromDays(int(day))
		return int64(y)*12 + int64(m), int64(d)*types.MicrosPerDay + local - day*types.MicrosPerDay
	}
	ma, ra := part(a)
	mb, rb := part(b)
	n := mb - ma
	if n > 0 && rb < ra {
		n--
	} else if n < 0 && rb > ra {
		n++
	}
	return n
}

// Added says that a call is its first argument plus (1) or minus (-1) its second; 0 is neither. The time between two
// instants is not meant.
func Added(a *expr.Apply) int64 {
	switch {
	case a.Fn == addIntervalFn || a.Fn == sumIntervalsFn:
		return a.Data.(shift).sign
	case a.Fn == arithmeticFns["+"]:
		return 1
	case a.Fn == arithmeticFns["-"]:
		return -1
	}
	return 0
}

package functions

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var datetimeRows = []Row{
	{Name: "current_timestamp", Aliases: []string{"now"}, Min: 0, Max: 0, Bind: bindNow, Examples: []Example{{SQL: "current_timestamp() IS NOT NULL", Value: "true"}, {SQL: "now() = current_timestamp()", Value: "true"}}},
	{Name: "current_date", Aliases: []string{"curdate"}, Min: 0, Max: 0, Bind: moment(currentDateFn, types.Date, "current_date()"), Examples: []Example{{SQL: "current_date() = CAST(current_timestamp() AS DATE)", Value: "true"}}},
	{Name: "localtimestamp", Min: 0, Max: 0, Bind: moment(localNowFn, types.TimestampNTZ, "localtimestamp()"), Examples: []Example{{SQL: "localtimestamp() = CAST(current_timestamp() AS TIMESTAMP_NTZ)", Value: "true"}}},
	{Name: "current_timezone", Min: 0, Max: 0, Bind: func(e *Env, _ *expr.Call) (expr.Expr, error) {
		return &expr.Apply{Fn: identityFn, Args: []expr.Expr{expr.Lit(e.Zone)}, DataType: types.String, Text: "current_timezone()"}, nil
	}, Examples: []Example{{SQL: "current_timezone() IS NOT NULL", Value: "true"}}},
	{Name: "year", Min: 1, Max: 1, Bind: signature("", yearFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "year('2020-03-05')", Value: "2020"}, {SQL: "year(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}, {SQL: "year('abc')", Error: "CAST_INVALID_INPUT"}}},
	{Name: "quarter", Min: 1, Max: 1, Bind: signature("", quarterFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "quarter(DATE '2020-05-05')", Value: "2"}}},
	{Name: "month", Min: 1, Max: 1, Bind: signature("", monthFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "month('2020-03-05')", Value: "3"}}},
	{Name: "dayofmonth", Aliases: []string{"day"}, Min: 1, Max: 1, Bind: signature("", dayFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "day(TIMESTAMP '2020-03-05 23:00:00')", Value: "5"}}},
	{Name: "dayofweek", Min: 1, Max: 1, Bind: signature("", dayOfWeekFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "dayofweek(DATE '2020-03-05')", Value: "5"}}},
	{Name: "weekday", Min: 1, Max: 1, Bind: signature("", weekdayFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "weekday(DATE '2020-03-05')", Value: "3"}}},
	{Name: "dayofyear", Min: 1, Max: 1, Bind: signature("", dayOfYearFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "dayofyear(DATE '2020-12-31')", Value: "366"}}},
	{Name: "weekofyear", Min: 1, Max: 1, Bind: signature("", weekFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "weekofyear(DATE '2020-12-31')", Value: "53"}, {SQL: "weekofyear(DATE '2020-03-05')", Value: "10"}, {SQL: "weekofyear(DATE '2021-01-03')", Value: "53"}}},
	{Name: "monthname", Min: 1, Max: 1, Bind: signature("", monthNameFn, types.String, nil, types.Date), Examples: []Example{{SQL: "monthname(DATE '2020-01-05')", Value: "Jan"}}},
	{Name: "dayname", Min: 1, Max: 1, Bind: signature("", dayNameFn, types.String, nil, types.Date), Examples: []Example{{SQL: "dayname(DATE '2020-01-05')", Value: "Sun"}}},
	{Name: "hour", Min: 1, Max: 1, Bind: bindClock(hourFn, types.Int), Examples: []Example{{SQL: "hour('2020-01-01 05:06:07')", Value: "5"}, {SQL: "hour(TIMESTAMP_NTZ '2020-01-01 01:02:03')", Value: "1"}}},
	{Name: "minute", Min: 1, Max: 1, Bind: bindClock(minuteFn, types.Int), Examples: []Example{{SQL: "minute('2020-01-01 05:06:07')", Value: "6"}}},
	{Name: "second", Min: 1, Max: 1, Bind: bindClock(secondFn, types.Int), Examples: []Example{{SQL: "second(TIMESTAMP '2020-03-05 14:07:09.123456')", Value: "9"}, {SQL: "second(TIMESTAMP '1960-03-05 14:07:09.123456')", Value: "9"}}},
	{Name: "extract", Min: 2, Max: 2, Bind: bindExtractField("extract"), Examples: []Example{
		{SQL: "extract(dow FROM DATE '2020-03-05')", Value: "5"}, {SQL: "extract(dow_iso FROM DATE '2020-03-05')", Value: "4"}, {SQL: "extract(yearofweek FROM DATE '2021-01-01')", Value: "2020"},
		{SQL: "extract(second FROM TIMESTAMP '2020-03-05 14:07:09.123456')", Value: "9.123456"}, {SQL: "extract(epoch FROM TIMESTAMP '2020-01-01')", Error: "INVALID_EXTRACT_FIELD"}, {SQL: "extract(hour FROM DATE '2020-01-01')", Value: "0"},
		{SQL: "extract(minute FROM TIMESTAMP_NTZ '2020-01-01 01:02:03')", Value: "2"}, {SQL: "extract(year FROM INTERVAL '1-2' YEAR TO MONTH)", Value: "1"}, {SQL: "extract(seconds FROM INTERVAL '5 12:00:01.5' DAY TO SECOND)", Value: "1.500000"}}},
	{Name: "date_part", Aliases: []string{"datepart"}, Min: 2, Max: 2, Bind: bindExtractField("date_part"), Examples: []Example{
		{SQL: "date_part('second', TIMESTAMP '2020-03-05 14:07:09.123456')", Value: "9.123456"}, {SQL: "date_part('foo', TIMESTAMP '2020-03-05 14:07:09.123456')", Error: "INVALID_EXTRACT_FIELD"}, {SQL: "date_part('doy', '2020-03-05')", Value: "65"},
		{SQL: "date_part('hour', make_dt_interval(1, 2, 3, 4))", Value: "2"}}},
	{Name: "date_add", Aliases: []string{"dateadd"}, Min: 2, Max: 2, Bind: bindAddDays("date_add", dateAddFn), Examples: []Example{
		{SQL: "date_add('2020-03-05', 1)", Value: "2020-03-06"}, {SQL: "date_add(DATE '2020-03-05', '1')", Value: "2020-03-06"}, {SQL: "date_add(DATE '2020-03-05', 1L)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
		{SQL: "date_add(TIMESTAMP '2020-03-05 01:00:00', 1)", Value: "2020-03-06"}}},
	{Name: "date_sub", Min: 2, Max: 2, Bind: bindAddDays("date_sub", dateSubFn), Examples: []Example{{SQL: "date_sub(DATE '2020-03-05', 1)", Value: "2020-03-04"}}},
	{Name: "datediff", Aliases: []string{"date_diff"}, Min: 2, Max: 2, Bind: signature("", dateDiffFn, types.Int, nil, types.Date, types.Date), Examples: []Example{
		{SQL: "datediff(DATE '2020-03-05', '2020-03-01')", Value: "4"}, {SQL: "date_diff(TIMESTAMP '2020-03-05 23:00:00', TIMESTAMP '2020-03-01')", Value: "4"}}},
	{Name: "add_months", Min: 2, Max: 2, Bind: signature("", addMonthsFn, types.Date, nil, types.Date, types.Int), Examples: []Example{
		{SQL: "add_months(DATE '2020-01-31', 1)", Value: "2020-02-29"}, {SQL: "add_months(DATE '2020-02-29', 12)", Value: "2021-02-28"}, {SQL: "add_months('2020-01-31', -1)", Value: "2019-12-31"}}},
	{Name: "months_between", Min: 2, Max: 3, Bind: signature("", monthsBetweenFn, types.Double, []expr.Expr{expr.Lit(true)}, types.Timestamp, types.Timestamp, types.Boolean), Examples: []Example{
		{SQL: "months_between('1997-02-28 10:30:00', '1996-10-30')", Value: "3.94959677"}, {SQL: "months_between('1997-02-28 10:30:00', '1996-10-30', false)", Value: "3.9495967741935485"}, {SQL: "months_between(DATE '2020-03-31', DATE '2020-02-29')", Value: "1.0"}}},
	{Name: "last_day", Min: 1, Max: 1, Bind: signature("", lastDayFn, types.Date, nil, types.Date), Examples: []Example{{SQL: "last_day('2020-02-05')", Value: "2020-02-29"}}},
	{Name: "next_day", Min: 2, Max: 2, Bind: signature("", nextDayFn, types.Date, nil, types.Date, types.String), Examples: []Example{
		{SQL: "next_day('2020-03-05', 'MO')", Value: "2020-03-09"}, {SQL: "next_day('2020-03-05', 'thursday')", Value: "2020-03-12"}, {SQL: "next_day('2020-03-05', 'xx')", Error: "ILLEGAL_DAY_OF_WEEK"}, {SQL: "next_day('2020-01-01', NULL)", Value: "NULL"}}},
	{Name: "date_trunc", Min: 2, Max: 2, Bind: signature("", dateTruncFn, types.Timestamp, nil, types.String, types.Timestamp), Examples: []Example{
		{SQL: "date_trunc('week', TIMESTAMP '2020-03-05 14:07:09.123456')", Value: "2020-03-02 00:00:00"}, {SQL: "date_trunc('foo', TIMESTAMP '2020-03-05 14:07:09')", Value: "NULL"}, {SQL: "date_trunc('quarter', '2020-03-05')", Value: "2020-01-01 00:00:00"},
		{SQL: "date_trunc('mon', DATE '2020-03-05')", Value: "2020-03-01 00:00:00"}, {SQL: "date_trunc('YY', DATE '2020-03-05')", Value: "2020-01-01 00:00:00"}, {SQL: "date_trunc('hour', TIMESTAMP '1960-03-05 14:07:09')", Value: "1960-03-05 14:00:00"},
		{SQL: "date_trunc('millisecond', TIMESTAMP '2020-03-05 14:07:09.123456')", Value: "2020-03-05 14:07:09.123"}, {SQL: "date_trunc('DD', TIMESTAMP '2020-03-05 14:07:09')", Value: "2020-03-05 00:00:00"}}},
	{Name: "trunc", Min: 2, Max: 2, Bind: signature("", truncFn, types.Date, nil, types.Date, types.String), Examples: []Example{
		{SQL: "trunc(DATE '2020-03-05', 'week')", Value: "2020-03-02"}, {SQL: "trunc(DATE '2020-03-05', 'dd')", Value: "NULL"}, {SQL: "trunc('2020-03-05', 'mm')", Value: "2020-03-01"}}},
	{Name: "unix_date", Min: 1, Max: 1, Bind: signature("", unixDateFn, types.Int, nil, types.Date), Examples: []Example{{SQL: "unix_date(DATE '1970-01-03')", Value: "2"}}},
	{Name: "date_from_unix_date", Min: 1, Max: 1, Bind: signature("", unixDateFn, types.Date, nil, types.Int), Examples: []Example{{SQL: "date_from_unix_date(1)", Value: "1970-01-02"}}},
	{Name: "unix_seconds", Min: 1, Max: 1, Bind: signature("", unixFn(types.MicrosPerSecond), types.Long, nil, types.Timestamp), Examples: []Example{{SQL: "unix_seconds(TIMESTAMP '1969-12-31 23:59:59.5')", Value: "-1"}}},
	{Name: "unix_millis", Min: 1, Max: 1, Bind: signature("", unixFn(1000), types.Long, nil, types.Timestamp), Examples: []Example{{SQL: "unix_millis(TIMESTAMP '1969-12-31 23:59:59.9995')", Value: "-1"}}},
	{Name: "unix_micros", Min: 1, Max: 1, Bind: signature("", unixFn(1), types.Long, nil, types.Timestamp), Examples: []Example{{SQL: "unix_micros(TIMESTAMP '1969-12-31 23:59:59.9995')", Value: "-500"}}},
	{Name: "timestamp_seconds", Min: 1, Max: 1, Bind: bindSeconds, Examples: []Example{
		{SQL: "timestamp_seconds(1.5)", Value: "1970-01-01 00:00:01.5"}, {SQL: "timestamp_seconds(1230219000)", Value: "2008-12-25 15:30:00"}, {SQL: "timestamp_seconds(1.5D)", Value: "1970-01-01 00:00:01.5"},
		{SQL: "timestamp_seconds(9223372036854775807)", Error: "DATETIME_OVERFLOW"}}},
	{Name: "timestamp_millis", Min: 1, Max: 1, Bind: signature("", scaleFn("milliseconds", 1000), types.Timestamp, nil, types.Long), Examples: []Example{{SQL: "timestamp_millis(1230219000123)", Value: "2008-12-25 15:30:00.123"}}},
	{Name: "timestamp_micros", Min: 1, Max: 1, Bind: signature("", scaleFn("microseconds", 1), types.Timestamp, nil, types.Long), Examples: []Example{{SQL: "timestamp_micros(1230219000123123)", Value: "2008-12-25 15:30:00.123123"}}},
	{Name: "from_utc_timestamp", Min: 2, Max: 2, Bind: signature("", shiftZoneFn(true), types.Timestamp, nil, types.Timestamp, types.String), Examples: []Example{
		{SQL: "from_utc_timestamp('2016-08-31', 'Asia/Seoul')", Value: "2016-08-31 09:00:00"}}},
	{Name: "to_utc_timestamp", Min: 2, Max: 2, Bind: signature("", shiftZoneFn(false), types.Timestamp, nil, types.Timestamp, types.String), Examples: []Example{
		{SQL: "to_utc_timestamp('2016-08-31', 'Asia/Seoul')", Value: "2016-08-30 15:00:00"}, {SQL: "to_utc_timestamp('2016-08-31', 'xx')", Error: "INVALID_TIMEZONE"}}},
	{Name: "convert_timezone", Min: 2, Max: 3, Bind: bindConvertZone, Examples: []Example{{SQL: "convert_timezone('Europe/Brussels', 'America/Los_Angeles', TIMESTAMP_NTZ '2021-12-06 00:00:00')", Value: "2021-12-05 15:00:00"}}},
	{Name: "window_time", Min: 1, Max: 1, Bind: bindWindowTime, Examples: []Example{
		{SQL: "window_time(named_struct('start', TIMESTAMP '2020-01-01 00:00:00', 'end', TIMESTAMP '2020-01-01 01:00:00'))", Error: "_LEGACY_ERROR_TEMP_3101"}, {SQL: "window_time(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
}

// identityFn gives its argument; it stands where only the name or the type is another.
var identityFn = &expr.Function{Name: "identity", Kernel: func(_ *expr.Context, _ int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	args[0].Retain()
	return args[0], nil
}}

// moment binds a function of the epoch's time.
func moment(fn *expr.Function, out types.Type, text string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(*Env, *expr.Call) (expr.Expr, error) {
		return &expr.Apply{Fn: fn, DataType: out, Text: text}, nil
	}
}

func bindNow(_ *Env, c *expr.Call) (expr.Expr, error) {
	return &expr.Apply{Fn: nowFn, DataType: types.Timestamp, Text: called(c) + "()"}, nil
}

// instant is argument i as a timestamp of either kind.
func (e *Env) instant(c *expr.Call, text string, i int) (expr.Expr, error) {
	if c.Args[i].Type().Kind() == types.KTimestampNTZ {
		return c.Args[i], nil
	}
	return e.take(c, text, i, types.Timestamp)
}

// bindClock binds a field of the time of day.
func bindClock(fn *expr.Function, out types.Type) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(called(c), c.Args)
		a, err := e.instant(c, text, 0)
		if err != nil {
			return nil, err
		}
		o := apply(fn, out, a)
		o.Text = text
		return o, nil
	}
}

// bindAddDays moves a date by days, which must be a small integer or a constant text of one.
func bindAddDays(name string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		days := c.Args[1]
		switch days.Type().Kind() {
		case types.KByte, types.KShort, types.KInt, types.KNull, types.KString:
		default:
			return nil, unexpected(text, 1, `("INT" or "SMALLINT" or "TINYINT")`, days)
		}
		a, err := e.take(c, text, 0, types.Date)
		if err != nil {
			return nil, err
		}
		o := apply(fn, types.Date, a, e.cast(days, types.Int))
		o.Text = text
		return o, nil
	}
}

// bindSeconds takes whole numbers, decimals and floats.
func bindSeconds(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("timestamp_seconds", c.Args)
	t := c.Args[0].Type()
	if !types.IsNumeric(t) && t.Kind() != types.KNull {
		return nil, unexpected(text, 0, `"NUMERIC"`, c.Args[0])
	}
	fn, a := scaleFn("seconds", types.MicrosPerSecond), c.Args[0]
	switch t.Kind() {
	case types.KDecimal:
		fn, a = decimalSecondsFn, e.cast(a, types.Decimal{Precision: 38, Scale: 6})
	case types.KFloat, types.KDouble:
		fn, a = floatSecondsFn, e.cast(a, types.Double)
	default:
		a = e.cast(a, types.Long)
	}
	o := apply(fn, types.Timestamp, a)
	o.Text = text
	o.Null = o.Null || types.IsFractional(t)
	return o, nil
}

// bindConvertZone moves a wall clock from one zone, by default the session's, to another.
func bindConvertZone(e *Env, c *expr.Call) (expr.Expr, error) {
	args := c.Args
	text := callText("convert_timezone", args)
	if len(args) == 2 {
		text = "convert_timezone(current_timezone(), " + args[0].String() + ", " + args[1].String() + ")"
		args = []expr.Expr{expr.Lit(e.Zone), args[0], args[1]}
	}
	a, err := e.bound(convertZoneFn, text, types.TimestampNTZ, args, []types.Type{types.String, types.String, types.TimestampNTZ})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// bindWindowTime is the last microsecond of a window.
func bindWindowTime(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("window_time", c.Args)
	s, ok := c.Args[0].Type().(types.Struct)
	if !ok {
		return nil, unexpected(text, 0, `"STRUCT"`, c.Args[0])
	}
	at, ok := c.Args[0].(*expr.Attr)
	if !ok || !strings.Contains(at.Metadata, `"spark.timeWindow"`) && !strings.Contains(at.Metadata, `"spark.sessionWindow"`) {
		return nil, errs.New("_LEGACY_ERROR_TEMP_3101", "windowTime", text)
	}
	o := apply(windowTimeFn, s.Fields[1].Type, c.Args[0])
	o.Text, o.Null = text, true
	return o, nil
}

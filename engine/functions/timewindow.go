package functions

import (
	"fmt"
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var timeWindowRows = []Row{
	{Name: "window", Min: 2, Max: 4, Bind: bindWindow, Examples: []Example{
		{SQL: "window(TIMESTAMP '2020-01-01', 'abc')", Error: "CANNOT_PARSE_INTERVAL"}, {SQL: "window(TIMESTAMP '2020-01-01', '1 month')", Error: "_LEGACY_ERROR_TEMP_3231"}, {SQL: "window(TIMESTAMP '2020-01-01', '-1 second')", Error: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"},
		{SQL: "window(TIMESTAMP '2020-01-01', '5 seconds', '10 seconds')", Error: "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION"}, {SQL: "window(TIMESTAMP '2020-01-01', '5 seconds', '0 seconds')", Error: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"},
		{SQL: "window(TIMESTAMP '2020-01-01', '5 seconds', '5 seconds', '-6 seconds')", Error: "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION"}, {SQL: "window(1, '5 seconds')", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
		{SQL: "window(TIMESTAMP '2020-01-01', NULL)", Error: "_LEGACY_ERROR_TEMP_1207"}}},
	{Name: "session_window", Min: 2, Max: 2, Bind: bindSession, Examples: []Example{
		{SQL: "session_window(1, '5 seconds')", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}, {SQL: "session_window(TIMESTAMP '2020-01-01', 5)", Error: "_LEGACY_ERROR_TEMP_1040"},
		{SQL: "session_window(TIMESTAMP '2020-01-01', INTERVAL 5 SECONDS)", Error: "_LEGACY_ERROR_TEMP_1040"}}},
}

// span reads a duration in microseconds: a constant text of an interval, or a constant number.
func span(a expr.Expr) (int64, error) {
	v, ok := expr.Constant(a)
	if !ok {
		return 0, errs.New("_LEGACY_ERROR_TEMP_1207")
	}
	switch x := v.(type) {
	case int32:
		return int64(x), nil
	case int64:
		return x, nil
	case expr.Micros:
		if a.Type().Kind() == types.KDayTimeInterval {
			return int64(x), nil
		}
	case string:
		i, err := types.ParseDuration(x)
		if err != nil {
			return 0, err
		}
		if i.Months != 0 {
			return 0, errs.New("_LEGACY_ERROR_TEMP_3231", "interval", x)
		}
		return int64(i.Days)*types.MicrosPerDay + i.Micros, nil
	}
	return 0, errs.New("_LEGACY_ERROR_TEMP_1207")
}

// bindWindow makes the node of window(time, duration, slide, start).
func bindWindow(e *Env, c *expr.Call) (expr.Expr, error) {
	w := &expr.TimeWindow{Time: c.Args[0]}
	var err error
	if w.Duration, err = span(c.Args[1]); err != nil {
		return nil, err
	}
	w.Slide = w.Duration
	if len(c.Args) > 2 {
		if w.Slide, err = span(c.Args[2]); err != nil {
			return nil, err
		}
	}
	if len(c.Args) > 3 {
		if w.Start, err = span(c.Args[3]); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("window(%s, %d, %d, %d)", plainText(w.Time), w.Duration, w.Slide, w.Start)
	if w.Time, err = e.windowed(text, c.Args[0]); err != nil {
		return nil, err
	}
	return w, checkWindow(w, text)
}

// windowed is the time that a window is of: a timestamp, or the time of an earlier window.
func (e *Env) windowed(text string, a expr.Expr) (expr.Expr, error) {
	switch t := a.Type().(type) {
	case types.Struct:
		if len(t.Fields) == 2 && t.Fields[0].Name == "start" && t.Fields[1].Name == "end" && isTime(t.Fields[1].Type) {
			return e.Lookup("window_time", a)
		}
	default:
		switch t.Kind() {
		case types.KTimestamp, types.KTimestampNTZ:
			return a, nil
		case types.KString, types.KDate, types.KNull:
			return e.cast(a, types.Timestamp), nil
		}
	}
	return nil, unexpected(text, 0, `("(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)" or "STRUCT<start: TIMESTAMP, end: TIMESTAMP>" or "STRUCT<start: TIMESTAMP_NTZ, end: TIMESTAMP_NTZ>")`, a)
}

func checkWindow(w *expr.TimeWindow, text string) error {
	long := func(v int64) string { return strconv.FormatInt(v, 10) + "L" }
	for _, x := range []struct {
		name string
		v    int64
	}{{"`window_duration`", w.Duration}, {"`slide_duration`", w.Slide}} {
		if x.v <= 0 {
			return mismatch("VALUE_OUT_OF_RANGE", text, "exprName", x.name, "valueRange", "(0, 9223372036854775807]", "currentValue", long(x.v))
		}
	}
	if w.Slide > w.Duration {
		return mismatch("PARAMETER_CONSTRAINT_VIOLATION", text, "leftExprName", "`slide_duration`", "leftExprValue", long(w.Slide),
			"constraint", "<=", "rightExprName", "`window_duration`", "rightExprValue", long(w.Duration))
	}
	if start := max(w.Start, -w.Start); start >= w.Slide {
		return mismatch("PARAMETER_CONSTRAINT_VIOLATION", text, "leftExprName", "`abs(start_time)`", "leftExprValue", long(start),
			"constraint", "<", "rightExprName", "`slide_duration`", "rightExprValue", long(w.Slide))
	}
	return nil
}

// bindSession makes the node of session_window(time, gap). The gap may differ from row to row; text that is no interval
// is none, and a row without a gap above nothing is in no session.
func bindSession(e *Env, c *expr.Call) (expr.Expr, error) {
	w := &expr.TimeWindow{}
	var err error
	if w.Time, err = e.windowed("sessionwindow("+plainText(c.Args[0])+", "+plainText(c.Args[1])+")", c.Args[0]); err != nil {
		return nil, err
	}
	gap := c.Args[1]
	switch gap.Type().Kind() {
	case types.KCalendarInterval:
	case types.KString, types.KNull:
		gap = e.cast(gap, types.CalendarInterval)
	default:
		return nil, errs.New("_LEGACY_ERROR_TEMP_1040", "dt", className(gap.Type()))
	}
	if w.End, err = e.addInterval("+", 1, w.Time, gap); err != nil {
		return nil, err
	}
	if v, ok := expr.Constant(c.Args[1]); ok {
		if text, is := v.(string); is {
			if i, err := types.ParseInterval(text); err == nil && i.Months == 0 && i.Days == 0 {
				w.Duration = max(i.Micros, 0)
			}
		}
	}
	return w, nil
}

// className is a type as messages of Spark's own classes show it.
func className(t types.Type) string {
	switch t := t.(type) {
	case types.Decimal:
		return "DecimalType(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")"
	case types.Array, types.Map, types.Struct:
		return t.String()
	}
	from, to := types.Units(t)
	switch t.Kind() {
	case types.KDayTimeInterval:
		return "DayTimeIntervalType(" + strconv.Itoa(int(from-types.Day)) + "," + strconv.Itoa(int(to-types.Day)) + ")"
	case types.KYearMonthInterval:
		return "YearMonthIntervalType(" + strconv.Itoa(int(from)) + "," + strconv.Itoa(int(to)) + ")"
	}
	return classNames[t.Kind()]
}

var classNames = map[types.Kind]string{types.KBoolean: "BooleanType", types.KByte: "ByteType", types.KShort: "ShortType", types.KInt: "IntegerType",
	types.KLong: "LongType", types.KFloat: "FloatType", types.KDouble: "DoubleType", types.KBinary: "BinaryType", types.KDate: "DateType",
	types.KTimestamp: "TimestampType", types.KTimestampNTZ: "TimestampNTZType"}

// plainText is an expression as windows show it, which write casts small.
func plainText(e expr.Expr) string {
	c, ok := e.(*expr.Cast)
	if !ok || c.Implicit {
		return e.String()
	}
	return "cast(" + plainText(c.Child) + " as " + c.To.String() + ")"
}

package functions

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

const defaultPattern = "yyyy-MM-dd HH:mm:ss"

var datetimeTextRows = []Row{
	{Name: "to_timestamp", Aliases: []string{"to_timestamp_ltz"}, Min: 1, Max: 2, Bind: bindToTimestamp("to_timestamp", types.Timestamp, false), Examples: []Example{
		{SQL: "to_timestamp('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss')", Value: "2020-01-02 03:04:05"}, {SQL: "to_timestamp('2020-01-02T03:04:05+02:00', \"yyyy-MM-dd'T'HH:mm:ssXXX\")", Value: "2020-01-02 01:04:05"},
		{SQL: "to_timestamp('2020-01-02')", Value: "2020-01-02 00:00:00"}, {SQL: "to_timestamp('abc')", Error: "CAST_INVALID_INPUT"}, {SQL: "to_timestamp('abc', 'yyyy')", Error: "CANNOT_PARSE_TIMESTAMP"},
		{SQL: "to_timestamp(NULL)", Value: "NULL"}, {SQL: "to_timestamp('2020', 'foo')", Error: "INVALID_DATETIME_PATTERN.WITH_SUGGESTION"}, {SQL: "to_timestamp(DATE '2020-01-02', 'yyyy')", Value: "2020-01-02 00:00:00"}}},
	{Name: "to_timestamp_ntz", Min: 1, Max: 2, Bind: bindToTimestamp("to_timestamp_ntz", types.TimestampNTZ, false), Examples: []Example{{SQL: "to_timestamp_ntz('2020-01-02 03:04:05')", Value: "2020-01-02 03:04:05"}, {SQL: "to_timestamp_ntz('x')", Error: "CAST_INVALID_INPUT"}}},
	{Name: "try_to_timestamp", Min: 1, Max: 2, Bind: bindToTimestamp("try_to_timestamp", types.Timestamp, true), Examples: []Example{{SQL: "try_to_timestamp('x')", Value: "NULL"}, {SQL: "try_to_timestamp('x', 'yyyy')", Value: "NULL"}, {SQL: "try_to_timestamp('2020', 'yyyy')", Value: "2020-01-01 00:00:00"}}},
	{Name: "to_date", Min: 1, Max: 2, Bind: bindToTimestamp("to_date", types.Date, false), Examples: []Example{
		{SQL: "to_date('2020-01-02 junk')", Value: "2020-01-02"}, {SQL: "to_date('7')", Error: "CAST_INVALID_INPUT"}, {SQL: "to_date(7)", Error: "CAST_INVALID_INPUT"}, {SQL: "to_date('02/01/2020', 'dd/MM/yyyy')", Value: "2020-01-02"}, {SQL: "to_date('x', 'dd/MM/yyyy')", Error: "CANNOT_PARSE_TIMESTAMP"}}},
	{Name: "try_to_date", Min: 1, Max: 2, Bind: bindToTimestamp("try_to_date", types.Date, true), Examples: []Example{{SQL: "try_to_date('7')", Value: "NULL"}, {SQL: "try_to_date('02/01/2020', 'dd/MM/yyyy')", Value: "2020-01-02"}}},
	{Name: "date_format", Min: 2, Max: 2, Bind: signature("", dateFormatFn, types.String, nil, types.Timestamp, types.String), Examples: []Example{
		{SQL: "date_format(TIMESTAMP '2020-03-05 14:07:09.123456', 'yyyy-MM-dd HH:mm:ss.SSS')", Value: "2020-03-05 14:07:09.123"}, {SQL: "date_format(DATE '2020-01-01', 'EEEE d MMM')", Value: "Wednesday 1 Jan"}, {SQL: "date_format('2020-01-01', NULL)", Value: "NULL"},
		{SQL: "date_format(TIMESTAMP_NTZ '2020-01-01 01:02:03', 'HH')", Value: "01"}, {SQL: "date_format('2020-01-01', 'c')", Error: "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"}}},
	{Name: "unix_timestamp", Min: 0, Max: 2, Bind: bindUnix, Examples: []Example{
		{SQL: "unix_timestamp('2020-01-02 00:00:00')", Value: "1577923200"}, {SQL: "unix_timestamp('2020-01-02')", Error: "CANNOT_PARSE_TIMESTAMP"}, {SQL: "unix_timestamp('2020-01-02', 'yyyy-MM-dd')", Value: "1577923200"},
		{SQL: "unix_timestamp(DATE '2020-01-02')", Value: "1577923200"}, {SQL: "unix_timestamp(TIMESTAMP '1969-12-31 23:59:59.5')", Value: "0"}, {SQL: "unix_timestamp() IS NOT NULL", Value: "true"}}},
	{Name: "to_unix_timestamp", Min: 1, Max: 2, Bind: bindUnix, Examples: []Example{{SQL: "to_unix_timestamp('2020-01-02 00:00:00')", Value: "1577923200"}}},
	{Name: "from_unixtime", Min: 1, Max: 2, Bind: signature("", fromUnixFn, types.String, []expr.Expr{expr.Lit(defaultPattern)}, types.Long, types.String), Examples: []Example{
		{SQL: "from_unixtime(0)", Value: "1970-01-01 00:00:00"}, {SQL: "from_unixtime(1.5)", Value: "1970-01-01 00:00:01"}, {SQL: "from_unixtime(0, 'yyyy')", Value: "1970"}, {SQL: "from_unixtime('12')", Value: "1970-01-01 00:00:12"}}},
}

// patterns gives the datetime pattern of each row, compiled once where it is the same.
type patterns struct {
	texts   text
	parsing bool
	last    string
	p       *types.Pattern
	err     error
}

func (p *patterns) at(i int) *types.Pattern {
	t := p.texts.at(i)
	if p.p == nil || !p.texts.fixed && p.last != string(t) {
		var err error
		p.last = string(t)
		if p.p, err = types.CompilePattern(p.last, p.parsing); err != nil {
			p.err = err
			return nil
		}
	}
	return p.p
}

// bindToTimestamp reads text as a cast does, or by a pattern. What is a date or timestamp already is cast.
func bindToTimestamp(name string, to types.Type, try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(called(c), c.Args)
		source := c.Args[0]
		if k := source.Type().Kind(); !isTime(source.Type()) && k != types.KNull && !(to.Kind() == types.KTimestamp && types.IsNumeric(source.Type())) {
			var ok bool
			if source, ok = e.implicit(source, types.String); !ok {
				return nil, unexpected(text, 0, `("STRING" or "DATE" or "TIMESTAMP" or "TIMESTAMP_NTZ")`, c.Args[0])
			}
		}
		from := source.Type()
		mode := expr.CastLegacy
		if e.ANSI {
			mode = expr.CastANSI
		}
		if try {
			mode = expr.CastTry
		}
		if len(c.Args) == 1 || from.Kind() != types.KString && from.Kind() != types.KNull {
			cast := &expr.Cast{Child: source, To: to, Mode: mode, Implicit: true}
			o := apply(identityFn, to, cast)
			o.Text = text
			return o, nil
		}
		pattern, err := e.take(c, text, 1, types.String)
		if err != nil {
			return nil, err
		}
		how := parsing{strict: e.ANSI && !try, function: "`try_to_timestamp`", ntz: to.Kind() == types.KTimestampNTZ}
		out := to
		if to.Kind() == types.KDate {
			out, how.function = types.Timestamp, "`try_to_date`"
		}
		o := apply(parseFn, out, e.cast(source, types.String), pattern)
		o.Data, o.Text = how, text
		o.Null = o.Null || !how.strict
		if to.Kind() == types.KDate {
			day := apply(identityFn, types.Date, &expr.Cast{Child: o, To: types.Date, Mode: mode, Implicit: true})
			day.Text = text
			return day, nil
		}
		return o, nil
	}
}

// parsing is how text is read by a pattern: parseFn's Data.
type parsing struct {
	strict   bool
	function string
	ntz      bool
	// seconds asks for seconds since the epoch.
	seconds bool
}

var parseFn = &expr.Function{Name: "parse_timestamp", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(parsing)
	t, p, clock := textOf(args[0]), patterns{texts: textOf(args[1]), parsing: true}, zone.NewClock(c.Zone)
	v, err := truncated(c, n, out, args, func(i int) (int64, bool) {
		pattern := p.at(i)
		if pattern == nil {
			return 0, false
		}
		var v int64
		var fail *types.ParseFailure
		if how.ntz {
			v, _, fail = pattern.ParseLocal(t.at(i))
		} else {
			v, fail = pattern.Parse(t.at(i), clock)
		}
		if fail != nil && how.strict && p.err == nil {
			p.err = errs.New("CANNOT_PARSE_TIMESTAMP", "message", fail.Error(), "func", how.function)
		}
		if how.seconds {
			v = types.FloorDiv(v, types.MicrosPerSecond)
		}
		return v, fail == nil
	})
	return failing(&p.err, v, err)
}}

var dateFormatFn = &expr.Function{Name: "date_format", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	return formatted(c, n, out, args, operandOf[int64](args[0]).at)
}}

var fromUnixFn = &expr.Function{Name: "from_unixtime", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	in := operandOf[int64](args[0])
	return formatted(c, n, out, args, func(i int) int64 { return in.at(i) * types.MicrosPerSecond })
}}

// formatted writes instants by the pattern of the second argument.
func formatted(c *expr.Context, n int, out types.Type, args []expr.Vector, at func(i int) int64) (expr.Vector, error) {
	p, clock := patterns{texts: textOf(args[1])}, zone.NewClock(c.Zone)
	v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
		pattern := p.at(i)
		if pattern == nil {
			return nil
		}
		return keep(pattern.Append(dst, at(i), clock))
	})
	return failing(&p.err, v, err)
}

// bindUnix gives seconds since the epoch, of now, of a date or timestamp, or of text by a pattern.
func bindUnix(e *Env, c *expr.Call) (expr.Expr, error) {
	name := called(c)
	args := append([]expr.Expr{}, c.Args...)
	if len(args) == 0 {
		now, _ := bindNow(e, &expr.Call{Name: []string{"current_timestamp"}})
		args = append(args, now)
	}
	if len(args) == 1 {
		args = append(args, expr.Lit(defaultPattern))
	}
	text := callText(name, args)
	if isTime(args[0].Type()) {
		o := apply(unixTimestampFn, types.Long, e.cast(args[0], types.Timestamp))
		o.Text = text
		return o, nil
	}
	o, err := e.bound(parseFn, text, types.Long, args, []types.Type{types.String, types.String})
	if err != nil {
		return nil, err
	}
	o.Data = parsing{strict: e.ANSI, function: "`try_to_timestamp`", seconds: true}
	o.Null = o.Null || !e.ANSI
	return o, nil
}

package functions

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

var formatTextRows = []Row{
	{Name: "format_string", Aliases: []string{"printf"}, Min: 1, Max: -1, Bind: bindFormatString, Examples: []Example{
		{SQL: "format_string('%d %s %5.2f %x %05d %,d %e %%', 1, 'a', 1.5D, 255, 7, 1234567, 12345.678D)", Value: "1 a  1.50 ff 00007 1,234,567 1.234568e+04 %"}, {SQL: "format_string('%s', NULL)", Value: "null"}, {SQL: "format_string('%d', NULL)", Value: "null"},
		{SQL: "format_string('%s %s', 'a')", Error: "_LEGACY_ERROR_UNNAMED_FORMAT"}, {SQL: "format_string('%10s|%-10s|', 'a', 'b')", Value: "         a|b         |"}, {SQL: "format_string('%s %s', 1.5D, true)", Value: "1.5 true"}, {SQL: "format_string('%d', 'a')", Error: "_LEGACY_ERROR_UNNAMED_FORMAT"},
		{SQL: "format_string('%2$s %1$s', 'a', 'b')", Value: "b a"}, {SQL: "format_string('%.3s', 'abcdef')", Value: "abc"}, {SQL: "format_string('%s', 1.50)", Value: "1.50"}, {SQL: "format_string('%X %+d %(d %o %b', 255, 5, -5, 8, true)", Value: "FF +5 (5) 10 true"},
		{SQL: "format_string(NULL, 1)", Value: "NULL"}, {SQL: "format_string('%,.2f %08.3f', 1234567.891D, -3.14159D)", Value: "1,234,567.89 -003.142"}, {SQL: "format_string('%S', 'ab')", Value: "AB"}}},
	{Name: "format_number", Min: 2, Max: 2, Bind: bindFormatNumber, Examples: []Example{
		{SQL: "format_number(1234567.891, 2)", Value: "1,234,567.89"}, {SQL: "format_number(1234567, 2)", Value: "1,234,567.00"}, {SQL: "format_number(0.5, 0)", Value: "0"}, {SQL: "format_number(1.5, 0)", Value: "2"}, {SQL: "format_number(2.5D, 0)", Value: "2"},
		{SQL: "format_number(-1234.5, 1)", Value: "-1,234.5"}, {SQL: "format_number(1234.5, -1)", Value: "NULL"}, {SQL: "format_number(1234567.891, '#,###.##')", Value: "1,234,567.89"}, {SQL: "format_number(1234567.891, '0000.000')", Value: "1234567.891"},
		{SQL: "format_number(12332.123456, '##################.###')", Value: "12332.123"}, {SQL: "format_number(CAST('nan' AS DOUBLE), 2)", Value: "NaN"}, {SQL: "format_number(1e20D, 2)", Value: "100,000,000,000,000,000,000.00"},
		{SQL: "format_number(CAST('12345678901234567890.12' AS DECIMAL(38,2)), 1)", Value: "12,345,678,901,234,567,890.1"}}},
}

func bindFormatString(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText(called(c), c.Args)
	format, err := e.take(c, text, 0, types.String)
	if err != nil {
		return nil, err
	}
	kinds := make([]types.Type, len(c.Args)-1)
	for i, a := range c.Args[1:] {
		kinds[i] = a.Type()
	}
	o := apply(formatStringFn, types.String, append([]expr.Expr{format}, c.Args[1:]...)...)
	o.Data, o.Text, o.Null = kinds, text, format.Nullable()
	return o, nil
}

// badFormat is Java's complaint about a format.
func badFormat(message string) error {
	return errs.New("_LEGACY_ERROR_UNNAMED_FORMAT", "message", message)
}

// directive is one %… of a Java format: arg is the argument's number from 0, -1 for none; kind 0 is plain text.
type directive struct {
	text      string
	kind      byte
	arg       int
	flags     string
	width     int
	precision int
}

// parseFormat reads a Java format.
func parseFormat(s string) ([]directive, error) {
	var out []directive
	next, last := 0, -1
	for s != "" {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return append(out, directive{text: s}), nil
		}
		if i > 0 {
			out = append(out, directive{text: s[:i]})
		}
		d, n := parseDirective(s[i:])
		switch {
		case n == 0 || strings.IndexByte("bBhHsScCdoxXeEfgGaAn%", d.kind) < 0:
			return nil, badFormat("Conversion = '%'")
		case d.kind == 'n' || d.kind == '%':
			d.arg = -1
		case d.arg == -2: // %<s: the argument before
			d.arg = last
		case d.arg < 0:
			d.arg = next
			next++
		}
		if d.arg >= 0 {
			last = d.arg
		}
		out = append(out, d)
		s = s[i+n:]
	}
	return out, nil
}

func parseDirective(s string) (d directive, n int) {
	d = directive{arg: -1, width: -1, precision: -1, text: s}
	i := 1
	number := func() int {
		k := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		v, err := strconv.Atoi(s[k:i])
		if err != nil {
			return -1
		}
		return v
	}
	if start := i; i < len(s) && s[i] >= '1' && s[i] <= '9' {
		if v := number(); i < len(s) && s[i] == '$' {
			d.arg = v - 1
			i++
		} else {
			i = start
		}
	}
	for i < len(s) && strings.IndexByte("-#+ 0,(<", s[i]) >= 0 {
		if s[i] == '<' {
			d.arg = -2
		} else {
			d.flags += s[i : i+1]
		}
		i++
	}
	d.width = number()
	if i < len(s) && s[i] == '.' {
		i++
		if d.precision = number(); d.precision < 0 {
			return d, 0
		}
	}
	if i >= len(s) {
		return d, 0
	}
	d.kind = s[i]
	d.text = s[:i+1]
	return d, i + 1
}

func (d directive) has(flag string) bool { return strings.Contains(d.flags, flag) }

var formatStringFn = &expr.Function{Name: "format_string", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	kinds := data.([]types.Type)
	formats, clock := textOf(args[0]), zone.NewClock(c.Zone)
	values := make([]formatArgument, len(kinds))
	for k, t := range kinds {
		values[k] = formatArgumentOf(args[k+1], t, clock)
	}
	var plan []directive
	last := ""
	var fail error
	v, err := texts(c, n, out, args[:1], func(dst []byte, i int) []byte {
		if f := string(formats.at(i)); plan == nil || f != last {
			last = f
			var err error
			if plan, err = parseFormat(f); err != nil {
				fail = err
				return nil
			}
		}
		for _, d := range plan {
			var err error
			if dst, err = d.append(dst, values, i); err != nil {
				if fail == nil {
					fail = err
				}
				return nil
			}
		}
		return keep(dst)
	})
	return failing(&fail, v, err)
}}

// formatArgument is an argument of format_string as its directives see it.
type formatArgument struct {
	v       expr.Vector
	kind    types.Kind
	valid   batch.Bitmap
	whole   func(i int) int64
	float   func(i int) float64
	decimal func(i int) string
	flag    func(i int) bool
	print   expr.Printer
}

func formatArgumentOf(v expr.Vector, t types.Type, clock *zone.Clock) formatArgument {
	a := formatArgument{v: v, kind: t.Kind(), valid: batch.Valid(v.Array)}
	switch a.kind {
	case types.KByte:
		in := operandOf[int8](v)
		a.whole = func(i int) int64 { return int64(in.at(i)) }
	case types.KShort:
		in := operandOf[int16](v)
		a.whole = func(i int) int64 { return int64(in.at(i)) }
	case types.KInt, types.KDate:
		in := operandOf[int32](v)
		a.whole = func(i int) int64 { return int64(in.at(i)) }
	case types.KLong, types.KTimestamp, types.KTimestampNTZ:
		a.whole = operandOf[int64](v).at
	case types.KFloat:
		in := operandOf[float32](v)
		a.float = func(i int) float64 { return float64(in.at(i)) }
	case types.KDouble:
		a.float = operandOf[float64](v).at
	case types.KDecimal:
		in, scale := operandOf[decimal128.Num](v), t.(types.Decimal).Scale
		a.decimal = func(i int) string { return string(expr.AppendDecimal(nil, in.at(i), scale)) }
	case types.KBoolean:
		b := batch.Bools(v.Array)
		a.flag = func(i int) bool { return b.Get(v.Row(i)) }
	}
	if a.kind != types.KNull {
		a.print = expr.NewPrinter(v.Array, t, clock, expr.Style{Null: "null"})
	}
	return a
}

// append writes one directive for row i.
func (d directive) append(dst []byte, values []formatArgument, i int) ([]byte, error) {
	switch d.kind {
	case 0:
		return append(dst, d.text...), nil
	case '%':
		return d.pad(dst, "%"), nil
	case 'n':
		return append(dst, '\n'), nil
	}
	if d.arg >= len(values) {
		return nil, badFormat("Format specifier '" + d.text + "'")
	}
	a := values[d.arg]
	s, err := d.render(a, i)
	if err != nil {
		return nil, err
	}
	if d.kind >= 'A' && d.kind <= 'Z' {
		s = strings.ToUpper(s)
	}
	return d.pad(dst, s), nil
}

func (d directive) pad(dst []byte, s string) []byte {
	fill := d.width - len([]rune(s))
	if fill <= 0 {
		return append(dst, s...)
	}
	if d.has("-") {
		return append(append(dst, s...), strings.Repeat(" ", fill)...)
	}
	return append(append(dst, strings.Repeat(" ", fill)...), s...)
}

func (d directive) render(a formatArgument, i int) (string, error) {
	null := a.kind == types.KNull || !a.valid.Get(a.v.Row(i))
	kind := d.kind | 0x20
	switch {
	case kind == 'b':
		if null {
			return d.clip("false"), nil
		}
		return d.clip(strconv.FormatBool(a.flag == nil || a.flag(i))), nil
	case null:
		return d.clip("null"), nil
	case kind == 's':
		if a.kind == types.KDate || a.kind == types.KTimestamp || a.kind == types.KTimestampNTZ {
			return d.clip(strconv.FormatInt(a.whole(i), 10)), nil
		}
		return d.clip(string(a.print(nil, a.v.Row(i)))), nil
	case strings.IndexByte("dox", kind) >= 0 && a.whole != nil:
		return d.integer(kind, a.whole(i), a.kind), nil
	case kind == 'c' && a.whole != nil:
		return string(rune(a.whole(i))), nil
	case strings.IndexByte("efg", kind) >= 0 && a.float != nil:
		return d.number(kind, a.float(i)), nil
	case kind == 'f' && a.decimal != nil:
		return d.signed(roundText(a.decimal(i), d.places(), true)), nil
	case strings.IndexByte("eg", kind) >= 0 && a.decimal != nil:
		f, _ := strconv.ParseFloat(a.decimal(i), 64)
		return d.number(kind, f), nil
	}
	return "", badFormat(string(d.kind) + " != " + javaClass(a.kind))
}

func javaClass(k types.Kind) string {
	switch k {
	case types.KString:
		return "org.apache.spark.unsafe.types.UTF8String"
	case types.KInt:
		return "java.lang.Integer"
	case types.KLong:
		return "java.lang.Long"
	case types.KDouble:
		return "java.lang.Double"
	case types.KFloat:
		return "java.lang.Float"
	case types.KBoolean:
		return "java.lang.Boolean"
	case types.KDecimal:
		return "org.apache.spark.sql.types.Decimal"
	}
	return "java.lang.Object"
}

func (d directive) clip(s string) string {
	if r := []rune(s); d.precision >= 0 && d.precision < len(r) {
		return string(r[:d.precision])
	}
	return s
}

func (d directive) places() int {
	if d.precision < 0 {
		return 6
	}
	return d.precision
}

func (d directive) integer(kind byte, v int64, of types.Kind) string {
	if kind == 'd' {
		return d.signed(strconv.FormatInt(v, 10))
	}
	u := uint64(v)
	switch of {
	case types.KByte:
		u = uint64(uint8(v))
	case types.KShort:
		u = uint64(uint16(v))
	case types.KInt:
		u = uint64(uint32(v))
	}
	base, prefix := 16, "0x"
	if kind == 'o' {
		base, prefix = 8, "0"
	}
	s := strconv.FormatUint(u, base)
	if d.has("#") {
		s = prefix + s
	}
	if d.has("0") && len(s) < d.width {
		s = strings.Repeat("0", d.width-len(s)) + s
	}
	return s
}

// number writes a float with the directive's places; halves are rounded up on its shortest decimal digits.
func (d directive) number(kind byte, v float64) string {
	if math.IsNaN(v) {
		return "NaN"
	}
	if math.IsInf(v, 0) {
		s := "Infinity"
		if v < 0 {
			s = "-" + s
		} else if d.has("+") {
			s = "+" + s
		}
		return s
	}
	switch kind {
	case 'e':
		return d.signed(scientific(v, d.places()))
	case 'g':
		return d.general(v)
	}
	return d.signed(roundText(strconv.FormatFloat(v, 'f', -1, 64), d.places(), true))
}

// scientific is a number with an exponent, rounded as Java does: from the fewest digits that tell it, a half up.
func scientific(v float64, places int) string {
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	digits = roundText(digits, places, true)
	if n, err := strconv.Atoi(exponent); err == nil && strings.HasPrefix(strings.TrimPrefix(digits, "-"), "10") {
		whole, _, _ := strings.Cut(digits, ".")
		digits, exponent = roundText(whole[:len(whole)-1], places, true), fmt.Sprintf("%+03d", n+1)
	}
	return digits + "e" + exponent
}

// general is %g: plain from 0.0001 to 10^precision, else with an exponent; precision is the number of digits.
func (d directive) general(v float64) string {
	p := max(d.places(), 1)
	rounded := scientific(v, p-1)
	exponent, _ := strconv.Atoi(rounded[strings.IndexByte(rounded, 'e')+1:])
	if v == 0 || math.Abs(v) >= 1e-4 && exponent < p {
		return d.signed(roundText(strconv.FormatFloat(v, 'f', -1, 64), max(p-1-exponent, 0), true))
	}
	return d.signed(rounded)
}

// signed applies the flags of signs, groups and zeros to a number's text.
func (d directive) signed(s string) string {
	s, negative := strings.CutPrefix(s, "-")
	if d.has(",") {
		s = grouped(s, 3)
	}
	before, after := "", ""
	switch {
	case negative && d.has("("):
		before, after = "(", ")"
	case negative:
		before = "-"
	case d.has("+"):
		before = "+"
	case d.has(" "):
		before = " "
	}
	if fill := d.width - len(before) - len(after) - len(s); d.has("0") && fill > 0 {
		s = strings.Repeat("0", fill) + s
	}
	return before + s + after
}

// grouped puts commas into the whole part of a number without a sign.
func grouped(s string, size int) string {
	whole, rest, point := strings.Cut(s, ".")
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%size == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if point {
		b.WriteString("." + rest)
	}
	return b.String()
}

// roundText rounds a plain decimal text to places, halves up or to even.
func roundText(s string, places int, halfUp bool) string {
	s, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) <= places {
		frac += strings.Repeat("0", places-len(frac))
	} else {
		digits, rest := whole+frac[:places], frac[places:]
		n, _ := new(big.Int).SetString("0"+digits, 10)
		half := rest[0] == '5' && strings.Trim(rest[1:], "0") == ""
		if rest[0] > '5' || rest[0] == '5' && (!half || halfUp || n.Bit(0) == 1) {
			n.Add(n, big.NewInt(1))
		}
		digits = n.String()
		if len(digits) <= places {
			digits = strings.Repeat("0", places+1-len(digits)) + digits
		}
		whole, frac = digits[:len(digits)-places], digits[len(digits)-places:]
	}
	if places > 0 {
		whole += "." + frac
	}
	if negative {
		return "-" + whole
	}
	return whole
}

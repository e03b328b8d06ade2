package types

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
)

// Interval is a calendar interval: months and days are not of one length, the rest is microseconds.
type Interval struct {
	Months, Days int32
	Micros       int64
}

// MicrosPer units.
const (
	MicrosPerSecond int64 = 1_000_000
	MicrosPerMinute       = 60 * MicrosPerSecond
	MicrosPerHour         = 60 * MicrosPerMinute
	MicrosPerDay          = 24 * MicrosPerHour
)

// ParseInterval reads interval text: "10 seconds", "interval 1 day -2 hours", "1.5 seconds". Its errors are
// INVALID_INTERVAL_FORMAT.*, as a trigger raises them; Delay gives what frames raise.
func ParseInterval(text string) (Interval, error) {
	p := intervalParser{input: text, rest: strings.TrimSpace(strings.ToLower(text))}
	if p.rest == "" {
		return Interval{}, p.fail("INPUT_IS_EMPTY")
	}
	if strings.HasPrefix(p.rest, "interval") {
		after := p.rest[len("interval"):]
		if after == "" {
			return Interval{}, p.fail("INPUT_IS_EMPTY")
		}
		if !isBlank(after[0]) {
			return Interval{}, p.fail("INVALID_PREFIX", "prefix", p.word(p.rest))
		}
		p.rest = strings.TrimLeft(after, " \t\n\r")
	}
	for p.rest != "" {
		if err := p.term(); err != nil {
			return Interval{}, err
		}
	}
	return p.out, nil
}

// ParseDuration is ParseInterval as frames take it (withWatermark, window): CANNOT_PARSE_INTERVAL where it is none.
func ParseDuration(text string) (Interval, error) {
	i, err := ParseInterval(text)
	if err != nil {
		return Interval{}, errs.New("CANNOT_PARSE_INTERVAL", "intervalString", "'"+text+"'").WithCause(err)
	}
	return i, nil
}

type intervalParser struct {
	input, rest string
	last        string
	out         Interval
}

func (p *intervalParser) fail(sub string, pairs ...string) error {
	return errs.New("INVALID_INTERVAL_FORMAT."+sub, append([]string{"input", p.input}, pairs...)...)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (p *intervalParser) word(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return s
}

func (p *intervalParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n\r") }

// number is a value read: whole units and nanoseconds of a fraction.
type number struct {
	negative bool
	whole    int64
	nanos    int64
	fraction bool
	text     string
}

func (p *intervalParser) term() error {
	n, err := p.number()
	if err != nil {
		return err
	}
	p.skip()
	if p.rest == "" {
		return p.fail("MISSING_UNIT", "word", n.text)
	}
	unit := p.word(p.rest)
	p.rest = p.rest[len(unit):]
	p.skip()
	if err := p.add(n, unit); err != nil {
		return err
	}
	p.last = unit
	return nil
}

func (p *intervalParser) number() (number, error) {
	var n number
	if c := p.rest[0]; c == '-' || c == '+' {
		n.negative = c == '-'
		p.rest = p.rest[1:]
		p.skip()
		if p.rest == "" {
			return n, p.fail("MISSING_NUMBER", "word", string(c))
		}
	}
	n.text = p.word(p.rest)
	if c := p.rest[0]; c != '.' && (c < '0' || c > '9') {
		return n, p.fail("UNRECOGNIZED_NUMBER", "number", n.text)
	}
	p.rest = p.rest[len(n.text):]
	whole, frac, dot := strings.Cut(n.text, ".")
	if !onlyDigits(whole) || !onlyDigits(frac) || whole == "" && frac == "" {
		return n, p.fail("INVALID_VALUE", "value", n.text)
	}
	if len(frac) > 9 {
		return n, p.fail("INVALID_PRECISION", "value", n.text)
	}
	n.fraction = dot && frac != "" || dot && whole == ""
	if whole != "" {
		v, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			return n, p.fail("ARITHMETIC_EXCEPTION")
		}
		n.whole = v
	}
	n.nanos, _ = strconv.ParseInt((frac + "000000000")[:9], 10, 64)
	if n.negative {
		n.whole, n.nanos = -n.whole, -n.nanos
	}
	return n, nil
}

func onlyDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (p *intervalParser) add(n number, unit string) error {
	name := strings.TrimSuffix(unit, "s")
	if n.fraction && name != "second" {
		return p.fail("INVALID_FRACTION", "unit", unit)
	}
	ok := true
	switch name {
	case "year":
		ok = addInt32(&p.out.Months, n.whole, 12)
	case "month":
		ok = addInt32(&p.out.Months, n.whole, 1)
	case "week":
		ok = addInt32(&p.out.Days, n.whole, 7)
	case "day":
		ok = addInt32(&p.out.Days, n.whole, 1)
	case "hour":
		ok = addMicros(&p.out.Micros, n.whole, MicrosPerHour)
	case "minute":
		ok = addMicros(&p.out.Micros, n.whole, MicrosPerMinute)
	case "second":
		ok = addMicros(&p.out.Micros, n.whole, MicrosPerSecond) && addMicros(&p.out.Micros, n.nanos/1000, 1)
	case "millisecond":
		ok = addMicros(&p.out.Micros, n.whole, 1000)
	case "microsecond":
		ok = addMicros(&p.out.Micros, n.whole, 1)
	default:
		return p.fail("INVALID_UNIT", "unit", unit)
	}
	if !ok {
		return p.fail("ARITHMETIC_EXCEPTION")
	}
	return nil
}

func addInt32(to *int32, n, unit int64) bool {
	if n > math.MaxInt32 || n < math.MinInt32 {
		return false
	}
	sum := int64(*to) + n*unit
	*to = int32(sum)
	return sum == int64(int32(sum))
}

func addMicros(to *int64, n, unit int64) bool {
	v, ok := MulInt64(n, unit)
	if !ok {
		return false
	}
	*to, ok = AddInt64(*to, v)
	return ok
}

// MulInt64 and AddInt64 say whether the result fits.
func MulInt64(a, b int64) (int64, bool) {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !negative {
		return 0, false
	}
	if negative {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func AddInt64(a, b int64) (int64, bool) {
	s := a + b
	return s, (a^s)&(b^s) >= 0
}

// String is the text that a cast to string gives: "1 years 2 months 3 days 4 hours 5.5 seconds".
func (i Interval) String() string {
	var b strings.Builder
	put := func(n int64, unit string) {
		if n != 0 {
			b.WriteString(strconv.FormatInt(n, 10) + " " + unit + " ")
		}
	}
	put(int64(i.Months/12), "years")
	put(int64(i.Months%12), "months")
	put(int64(i.Days), "days")
	put(i.Micros/MicrosPerHour, "hours")
	put(i.Micros%MicrosPerHour/MicrosPerMinute, "minutes")
	if rest := i.Micros % MicrosPerMinute; rest != 0 {
		if rest < 0 {
			b.WriteByte('-')
			rest = -rest
		}
		b.WriteString(strconv.FormatInt(rest/MicrosPerSecond, 10))
		if f := rest % MicrosPerSecond; f != 0 {
			b.WriteString("." + strings.TrimRight(strconv.FormatInt(MicrosPerSecond+f, 10)[1:], "0"))
		}
		b.WriteString(" seconds ")
	}
	if b.Len() == 0 {
		return "0 seconds"
	}
	return strings.TrimSuffix(b.String(), " ")
}

// ParseDayTime reads [INTERVAL '][-]d hh:mm:ss[.f][' DAY TO SECOND], the text of a day-time interval.
func ParseDayTime(text string) (int64, bool) {
	text, negative := intervalBody(text, "DAY TO SECOND")
	days, clock, ok := strings.Cut(text, " ")
	parts := strings.Split(clock, ":")
	if !ok || len(parts) != 3 {
		return 0, false
	}
	second, frac, _ := strings.Cut(parts[2], ".")
	if len(frac) > 9 || !onlyDigits(frac) {
		return 0, false
	}
	var total int64
	for i, p := range []struct {
		text       string
		unit, most int64
	}{{days, MicrosPerDay, 106751991}, {parts[0], MicrosPerHour, 23}, {parts[1], MicrosPerMinute, 59}, {second, MicrosPerSecond, 59}} {
		v, err := strconv.ParseInt(p.text, 10, 64)
		if err != nil || v < 0 || v > p.most || i > 0 && len(p.text) > 2 || !addMicros(&total, v, p.unit) {
			return 0, false
		}
	}
	f, _ := strconv.ParseInt((frac + "000000")[:6], 10, 64)
	total += f
	if negative {
		total = -total
	}
	return total, true
}

// ParseYearMonth reads [INTERVAL '][-]y-m[' YEAR TO MONTH] as months.
func ParseYearMonth(text string) (int32, bool) {
	text, negative := intervalBody(text, "YEAR TO MONTH")
	years, months, ok := strings.Cut(text, "-")
	y, err1 := strconv.ParseInt(years, 10, 32)
	m, err2 := strconv.ParseInt(months, 10, 32)
	if !ok || err1 != nil || err2 != nil || y < 0 || m < 0 || m > 11 || y > math.MaxInt32/12 {
		return 0, false
	}
	total := int32(y*12 + m)
	if negative {
		total = -total
	}
	return total, true
}

// intervalBody takes off the literal's frame and its signs.
func intervalBody(text, units string) (string, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	negative := false
	sign := func() {
		if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
			negative = negative != (text[0] == '-')
			text = text[1:]
		}
	}
	if rest, ok := strings.CutPrefix(text, "INTERVAL"); ok {
		text = strings.TrimSpace(rest)
		sign()
		text = strings.TrimSpace(strings.TrimSuffix(text, units))
		text = strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'")
	}
	sign()
	return text, negative
}

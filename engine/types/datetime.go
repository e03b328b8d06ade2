package types

import (
	"bytes"

	"pysparkcompat/engine/zone"
)

// DaysFromCivil is the day number (1970-01-01 is 0) of a date of the proleptic Gregorian calendar.
func DaysFromCivil(y, m, d int) int {
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// CivilFromDays is the date of a day number.
func CivilFromDays(days int) (y, m, d int) {
	z := days + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	y = yoe + era*400
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if mp >= 10 {
		m = mp - 9
	}
	if m <= 2 {
		y++
	}
	return y, m, d
}

// IsLeap and DaysInMonth are the calendar's.
func IsLeap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func DaysInMonth(y, m int) int {
	switch m {
	case 2:
		if IsLeap(y) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// FloorDiv and FloorMod round towards negative infinity; b is positive.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func FloorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// AppendDate writes yyyy-MM-dd, with a sign where the year has not four digits.
func AppendDate(dst []byte, days int) []byte {
	y, m, d := CivilFromDays(days)
	dst = appendYear(dst, y)
	return append(dst, '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

func appendYear(dst []byte, y int) []byte {
	if y < 0 {
		dst, y = append(dst, '-'), -y
	} else if y > 9999 {
		dst = append(dst, '+')
	}
	return appendPadded(dst, int64(y), 4)
}

// appendPadded writes n >= 0 in at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	var b [20]byte
	i := len(b)
	for n > 0 || i > len(b)-width {
		i--
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, b[i:]...)
}

func append2(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// AppendTimestamp writes a wall clock (microseconds) as a cast to string does: yyyy-MM-dd HH:mm:ss[.ffffff],
// the fraction without trailing zeros.
func AppendTimestamp(dst []byte, local int64) []byte {
	days := FloorDiv(local, MicrosPerDay)
	rest := local - days*MicrosPerDay
	dst = AppendDate(dst, int(days))
	dst = append(dst, ' ')
	dst = append2(dst, rest/MicrosPerHour)
	dst = append(dst, ':')
	dst = append2(dst, rest/MicrosPerMinute%60)
	dst = append(dst, ':')
	dst = append2(dst, rest/MicrosPerSecond%60)
	if f := rest % MicrosPerSecond; f != 0 {
		dst = append(dst, '.')
		dst = appendPadded(dst, f, 6)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

func two(b []byte, i int) (int, bool) {
	h, l := b[i]-'0', b[i+1]-'0'
	return int(h)*10 + int(l), h <= 9 && l <= 9
}

// isoFields reads yyyy-MM-dd?HH:mm:ss at fixed places, the form nearly all text has.
func isoFields(b []byte) (days int, second int64, ok bool) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || (b[10] != 'T' && b[10] != ' ') || b[13] != ':' || b[16] != ':' {
		return 0, 0, false
	}
	c, ok1 := two(b, 0)
	y, ok2 := two(b, 2)
	mo, ok3 := two(b, 5)
	d, ok4 := two(b, 8)
	h, ok5 := two(b, 11)
	mi, ok6 := two(b, 14)
	s, ok7 := two(b, 17)
	y += c * 100
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || mo < 1 || mo > 12 || d < 1 || d > DaysInMonth(y, mo) || h > 23 || mi > 59 || s > 59 {
		return 0, 0, false
	}
	return DaysFromCivil(y, mo, d), int64(h*3600 + mi*60 + s), true
}

// ParseTimestamp reads a timestamp as a cast from string does, and gives the instant in microseconds. Text without
// a zone is a wall clock of c. today, in days, is the date of text that has only a time.
func ParseTimestamp(b []byte, c *zone.Clock, today func() int) (int64, bool) {
	t, ok := parseTimestamp(b, today)
	if !ok {
		return 0, false
	}
	if t.utc {
		return t.local, true
	}
	if t.zone != "" {
		loc, ok := zone.Find(t.zone)
		if !ok {
			return 0, false
		}
		return zone.NewClock(loc).Instant(t.local), true
	}
	return c.Instant(t.local), true
}

// ParseFileTimestamp is ParseTimestamp for text of files, where GMT may stand before a zone's offset, or alone, as
// Spark 1 and 2 wrote it.
func ParseFileTimestamp(b []byte, c *zone.Clock, today func() int) (int64, bool) {
	v, ok := ParseTimestamp(b, c, today)
	if ok {
		return v, true
	}
	i := bytes.Index(b, []byte("GMT"))
	if i <= 0 {
		return 0, false
	}
	rest := b[i+3:]
	if len(rest) == 0 {
		rest = []byte("+00:00")
	}
	return ParseTimestamp(append(append([]byte(nil), b[:i]...), rest...), c, today)
}

// ParseTimestampNTZ reads a wall clock; a zone in the text is read and dropped, as a cast does, if zoned allows it.
func ParseTimestampNTZ(b []byte, zoned bool) (int64, bool) {
	t, ok := parseTimestamp(b, nil)
	if !ok || !zoned && (t.utc || t.zone != "") {
		return 0, false
	}
	if t.zone != "" {
		if _, ok := zone.Find(t.zone); !ok {
			return 0, false
		}
	}
	return t.local, true
}

type stamp struct {
	local int64
	zone  string
	utc   bool
}

func parseTimestamp(b []byte, today func() int) (stamp, bool) {
	if days, sec, ok := isoFields(b); ok {
		local := int64(days)*MicrosPerDay + sec*MicrosPerSecond
		if len(b) == 19 {
			return stamp{local: local}, true
		}
		if len(b) == 20 && b[19] == 'Z' {
			return stamp{local: local, utc: true}, true
		}
		if b[19] == '.' {
			micros, i := fraction(b, 20)
			if i == len(b) {
				return stamp{local: local + micros}, true
			}
			if i == len(b)-1 && b[i] == 'Z' {
				return stamp{local: local + micros, utc: true}, true
			}
		}
	}
	return parseLoose(trimSpace(b), today)
}

// fraction reads digits from i: the first six count.
func fraction(b []byte, i int) (micros int64, end int) {
	n := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if n < 6 {
			micros = micros*10 + int64(b[i]-'0')
			n++
		}
	}
	for ; n < 6; n++ {
		micros *= 10
	}
	return micros, i
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// digits reads an unsigned number of min to max digits at the front of b.
func digits(b []byte, min, max int) (v int, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i]-'0' <= 9 {
		if i == max {
			return 0, nil, false
		}
		v = v*10 + int(b[i]-'0')
		i++
	}
	return v, b[i:], i >= min
}

// parseDatePart reads [+-]y{4,6}[-m[-d]]; the rest follows the day, else the text must end.
func parseDatePart(b []byte) (days int, rest []byte, hasDay, ok bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	y, b, ok := digits(b, 4, 6)
	if !ok {
		return 0, nil, false, false
	}
	if negative {
		y = -y
	}
	m, d := 1, 1
	if len(b) > 0 && b[0] == '-' {
		if m, b, ok = digits(b[1:], 1, 2); !ok {
			return 0, nil, false, false
		}
		if len(b) > 0 && b[0] == '-' {
			if d, b, ok = digits(b[1:], 1, 2); !ok {
				return 0, nil, false, false
			}
			hasDay = true
		}
	}
	if m < 1 || m > 12 || d < 1 || d > DaysInMonth(y, m) {
		return 0, nil, false, false
	}
	return DaysFromCivil(y, m, d), b, hasDay, true
}

// parseLoose reads all forms that a cast to timestamp takes.
func parseLoose(b []byte, today func() int) (stamp, bool) {
	if len(b) == 0 {
		return stamp{}, false
	}
	if b[0] == 'T' || timeOnly(b) {
		if today == nil {
			return stamp{}, false
		}
		if b[0] == 'T' {
			b = b[1:]
		}
		return parseTime(int64(today())*MicrosPerDay, b, true)
	}
	days, rest, hasDay, ok := parseDatePart(b)
	if !ok {
		return stamp{}, false
	}
	midnight := int64(days) * MicrosPerDay
	if len(rest) == 0 {
		return stamp{local: midnight}, true
	}
	if !hasDay || rest[0] != ' ' && rest[0] != 'T' {
		return stamp{}, false
	}
	return parseTime(midnight, rest[1:], false)
}

// timeOnly says that text starts as h:mm or hh:mm does.
func timeOnly(b []byte) bool {
	return len(b) > 1 && b[0]-'0' <= 9 && (b[1] == ':' || len(b) > 2 && b[1]-'0' <= 9 && b[2] == ':')
}

// parseTime reads h[:m[:s[.f]]][zone]; a zone stands only after seconds.
func parseTime(midnight int64, b []byte, needMinutes bool) (stamp, bool) {
	var h, m, s int
	var micros int64
	var ok bool
	if h, b, ok = digits(b, 1, 2); !ok || h > 23 {
		return stamp{}, false
	}
	if len(b) == 0 {
		return stamp{local: midnight + int64(h)*MicrosPerHour}, !needMinutes
	}
	if b[0] != ':' {
		return stamp{}, false
	}
	if m, b, ok = digits(b[1:], 1, 2); !ok || m > 59 {
		return stamp{}, false
	}
	zoneText := ""
	if len(b) > 0 {
		if b[0] != ':' {
			return stamp{}, false
		}
		if s, b, ok = digits(b[1:], 1, 2); !ok || s > 59 {
			return stamp{}, false
		}
		if len(b) > 0 && b[0] == '.' {
			var end int
			micros, end = fraction(b, 1)
			b = b[end:]
		}
		zoneText = string(trimSpace(b))
		if len(b) > 0 && zoneText == "" {
			return stamp{}, false
		}
	}
	t := stamp{local: midnight + int64(h)*MicrosPerHour + int64(m)*MicrosPerMinute + int64(s)*MicrosPerSecond + micros}
	switch zoneText {
	case "":
	case "Z", "+", "-":
		t.utc = true
	default:
		t.zone = zoneText
	}
	return t, true
}

// ParseDate reads a date as a cast from string does: y[-m[-d]], and after the day a space or T and anything.
func ParseDate(b []byte) (int32, bool) {
	days, rest, hasDay, ok := parseDatePart(trimSpace(b))
	if !ok || len(rest) > 0 && !(hasDay && (rest[0] == ' ' || rest[0] == 'T')) {
		return 0, false
	}
	return int32(days), true
}

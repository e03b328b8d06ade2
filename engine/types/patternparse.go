package types

import (
	"fmt"
	"strings"
	"time"

	"pysparkcompat/engine/zone"
)

// ParseFailure says why and where text does not fit a pattern, in Java's words, which PySpark passes on.
type ParseFailure struct {
	text   string
	at     int
	reason string
}

func (f *ParseFailure) Error() string {
	switch {
	case f.reason == "rest":
		return fmt.Sprintf("Text '%s' could not be parsed, unparsed text found at index %d", f.text, f.at)
	case f.reason != "":
		return fmt.Sprintf("Text '%s' could not be parsed: %s", f.text, f.reason)
	}
	return fmt.Sprintf("Text '%s' could not be parsed at index %d", f.text, f.at)
}

// fields is what parsing has found; unset is -1.
type fields struct {
	year, month, day, yearDay    int
	hour24, hour12, half, minute int
	second                       int
	micros                       int64
	bc                           bool
	zone                         *time.Location
}

var noFields = fields{year: -1, month: -1, day: -1, yearDay: -1, hour24: -1, hour12: -1, half: -1, minute: -1, second: -1}

// Parse reads an instant in microseconds; text without a zone is a wall clock of c.
func (p *Pattern) Parse(b []byte, c *zone.Clock) (int64, *ParseFailure) {
	local, loc, fail := p.ParseLocal(b)
	if fail != nil {
		return 0, fail
	}
	if loc != nil {
		return zone.NewClock(loc).Instant(local), nil
	}
	return c.Instant(local), nil
}

// ParseLocal reads a wall clock, and the zone that the text names or nil.
func (p *Pattern) ParseLocal(b []byte) (int64, *time.Location, *ParseFailure) {
	f := noFields
	at, ok := p.match(b, 0, 0, len(p.items), &f)
	if !ok {
		return 0, nil, &ParseFailure{text: string(b), at: at}
	}
	if at < len(b) {
		return 0, nil, &ParseFailure{text: string(b), at: at, reason: "rest"}
	}
	local, reason := f.resolve()
	if reason != "" {
		return 0, nil, &ParseFailure{text: string(b), reason: reason}
	}
	return local, f.zone, nil
}

// match takes items [i, end) from b at; an optional part that does not fit is left out.
func (p *Pattern) match(b []byte, at, i, end int, f *fields) (int, bool) {
	for ; i < end; i++ {
		it := &p.items[i]
		switch it.kind {
		case itemText:
			if at+len(it.text) > len(b) || !strings.EqualFold(string(b[at:at+len(it.text)]), it.text) {
				return at, false
			}
			at += len(it.text)
		case itemOpen:
			saved := *f
			if next, ok := p.match(b, at, i+1, it.close-1, f); ok {
				at = next
			} else {
				*f = saved
			}
			i = it.close - 1
		case itemLetter:
			next, ok := it.take(b, at, f)
			if !ok {
				return next, false
			}
			at = next
		}
	}
	return at, true
}

func (it *patternItem) take(b []byte, at int, f *fields) (int, bool) {
	switch it.letter {
	case 'S':
		return takeFraction(b, at, it.count, f)
	case 'a':
		return takeNamed(b, at, []string{"AM", "PM"}, 0, &f.half)
	case 'G':
		return it.takeEra(b, at, f)
	case 'M', 'L':
		if it.count > 2 {
			next, ok := takeNamed(b, at, monthNames[:], 3*(4-it.count), &f.month)
			f.month++
			return next, ok
		}
	case 'V', 'z', 'O', 'X', 'x', 'Z':
		return it.takeZone(b, at, f)
	}
	v, next, ok := it.number(b, at)
	if !ok {
		return at, false
	}
	f.set(it, v)
	return next, true
}

func (f *fields) set(it *patternItem, v int) {
	switch it.letter {
	case 'y':
		if it.count == 2 {
			v += 2000
		}
		f.year = v
	case 'M', 'L':
		f.month = v
	case 'd':
		f.day = v
	case 'D':
		f.yearDay = v
	case 'H':
		f.hour24 = v
	case 'k':
		f.hour24 = v
		if v == 24 {
			f.hour24 = 0
		}
	case 'h':
		f.hour12 = v
		if v == 12 {
			f.hour12 = 0
		}
	case 'K':
		f.hour12 = v
	case 'm':
		f.minute = v
	case 's':
		f.second = v
	}
}

// number reads the digits that the field may take.
func (it *patternItem) number(b []byte, at int) (v, next int, ok bool) {
	low, high := 1, 19
	signed := false
	switch {
	case it.fixed:
		low, high = it.count, it.count
	case it.letter == 'y':
		low = it.count
		if it.count >= 4 && it.adjacent == 0 {
			high = it.count // more digits only behind a plus sign
			signed = at < len(b) && b[at] == '+'
		}
	case it.letter == 'D':
		high = 3
	}
	i := at
	if signed {
		low, high = it.count+1, maxReservedYearDigits
		i++
	}
	start := i
	for i < len(b) && i-start < high && b[i]-'0' <= 9 {
		i++
	}
	if it.letter == 'y' && it.count >= 4 && !signed && it.adjacent == 0 && i < len(b) && b[i]-'0' <= 9 {
		return 0, at, false
	}
	if n := i - it.adjacent; it.adjacent > 0 && n >= start {
		i = max(n, start+low)
	}
	if i-start < low || i > len(b) || i-start > 18 {
		return 0, at, false
	}
	for _, c := range b[start:i] {
		v = v*10 + int(c-'0')
	}
	return v, i, true
}

func takeFraction(b []byte, at, places int, f *fields) (int, bool) {
	i, v := at, int64(0)
	for i < len(b) && i-at < places && b[i]-'0' <= 9 {
		v = v*10 + int64(b[i]-'0')
		i++
	}
	if i == at {
		return at, false
	}
	for k := i - at; k < maxFractionPlaces; k++ {
		v *= 10
	}
	f.micros = v / 1000
	return i, true
}

// takeNamed finds a name at the front, in any case; short > 0 is the number of letters that count.
func takeNamed(b []byte, at int, names []string, short int, to *int) (int, bool) {
	for i, n := range names {
		if short > 0 {
			n = n[:short]
		}
		if at+len(n) <= len(b) && strings.EqualFold(string(b[at:at+len(n)]), n) {
			*to = i
			return at + len(n), true
		}
	}
	return at, false
}

func (it *patternItem) takeEra(b []byte, at int, f *fields) (int, bool) {
	names := []string{"AD", "BC"}
	if it.count == 4 {
		names = []string{"Anno Domini", "Before Christ"}
	}
	var era int
	next, ok := takeNamed(b, at, names, 0, &era)
	f.bc = era == 1
	return next, ok
}

func (it *patternItem) takeZone(b []byte, at int, f *fields) (int, bool) {
	rest := string(b[at:])
	n := 0
	switch {
	case it.letter == 'V' || it.letter == 'z':
		for n < len(rest) && strings.IndexByte(" ,;)]}", rest[n]) < 0 {
			n++
		}
	case (it.letter == 'X' || it.letter == 'Z' && it.count == 5) && strings.HasPrefix(strings.ToUpper(rest), "Z"):
		f.zone = time.UTC
		return at + 1, true
	case it.letter == 'O' || it.letter == 'Z' && it.count == 4:
		if !strings.HasPrefix(rest, "GMT") {
			return at, false
		}
		n = 3 + offsetLength(rest[3:], 5, true)
	default:
		count := it.count
		if it.letter == 'Z' && count <= 3 {
			count = 2
		}
		if n = offsetLength(rest, count, false); n == 0 {
			return at, false
		}
	}
	loc, ok := zone.Find(rest[:n])
	if !ok {
		return at, false
	}
	f.zone = loc
	return at + n, true
}

// offsetLength is how many bytes at the front are an offset of the form of count letters X.
func offsetLength(s string, count int, short bool) int {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0
	}
	colon := count == 3 || count == 5
	i := 1 + digitRun(s[1:], 2)
	if i < 3 && !short || i < 2 {
		return 0
	}
	part := func() int {
		k := i
		if colon {
			if k >= len(s) || s[k] != ':' {
				return 0
			}
			k++
		}
		if digitRun(s[k:], 2) < 2 {
			return 0
		}
		return k + 2
	}
	minutes := part()
	if minutes == 0 {
		if count == 1 || short {
			return i
		}
		return 0
	}
	i = minutes
	if count >= 4 {
		if seconds := part(); seconds > 0 {
			i = seconds
		}
	}
	return i
}

func digitRun(s string, max int) int {
	n := 0
	for n < len(s) && n < max && s[n]-'0' <= 9 {
		n++
	}
	return n
}

func outOf(name string, low, high, v int) string {
	return fmt.Sprintf("Invalid value for %s (valid values %d - %d): %d", name, low, high, v)
}

// resolve makes a wall clock of the fields, those not given at their defaults.
func (f *fields) resolve() (local int64, reason string) {
	day, reason := f.date()
	if reason != "" {
		return 0, reason
	}
	hour := 0
	switch {
	case f.hour24 >= 0:
		hour = f.hour24
		if hour > 23 {
			return 0, outOf("HourOfDay", 0, 23, hour)
		}
	case f.hour12 >= 0:
		hour = f.hour12
		if hour > 11 {
			return 0, outOf("ClockHourOfAmPm", 1, 12, hour)
		}
		hour += 12 * max(f.half, 0)
	}
	minute, second := max(f.minute, 0), max(f.second, 0)
	if minute > 59 {
		return 0, outOf("MinuteOfHour", 0, 59, minute)
	}
	if second > 59 {
		return 0, outOf("SecondOfMinute", 0, 59, second)
	}
	return int64(day)*MicrosPerDay + int64(hour)*MicrosPerHour + int64(minute)*MicrosPerMinute + int64(second)*MicrosPerSecond + f.micros, ""
}

func (f *fields) date() (day int, reason string) {
	y := f.year
	if y < 0 {
		y = 1970
	} else if f.bc {
		y = 1 - y
	}
	if f.yearDay >= 0 && f.month < 0 && f.day < 0 {
		length := 365
		if IsLeap(y) {
			length = 366
		}
		if f.yearDay < 1 || f.yearDay > length {
			return 0, fmt.Sprintf("Invalid date 'DayOfYear %d' as '%d' is not a leap year", f.yearDay, y)
		}
		return DaysFromCivil(y, 1, 1) + f.yearDay - 1, ""
	}
	m, d := f.month, f.day
	if m < 0 {
		m = 1
	}
	if d < 0 {
		d = 1
	}
	if m < 1 || m > 12 {
		return 0, outOf("MonthOfYear", 1, 12, m)
	}
	return CheckedDate(y, m, d)
}

// CheckedDate is the day number of a date, or Java's words for why there is none; the month is valid.
func CheckedDate(y, m, d int) (day int, reason string) {
	if d < 1 || d > 31 {
		return 0, outOf("DayOfMonth", 1, 31, d)
	}
	if d > DaysInMonth(y, m) {
		if d == 29 {
			return 0, fmt.Sprintf("Invalid date 'February 29' as '%d' is not a leap year", y)
		}
		return 0, fmt.Sprintf("Invalid date '%s %d'", strings.ToUpper(monthNames[m-1]), d)
	}
	return DaysFromCivil(y, m, d), ""
}

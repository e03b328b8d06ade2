package types

import (
	"time"

	"pysparkcompat/engine/zone"
)

// moment is an instant with its calendar fields at hand.
type moment struct {
	days    int
	y, m, d int
	micros  int64 // of the day
	instant int64
	clock   *zone.Clock
	weekday int
}

// Append writes an instant as the pattern says.
func (p *Pattern) Append(dst []byte, micros int64, c *zone.Clock) []byte {
	return p.appendLocal(dst, c.Local(micros), micros, c)
}

// AppendLocal writes a wall clock (timestamp_ntz, date); zone letters write UTC, as PySpark does.
func (p *Pattern) AppendLocal(dst []byte, local int64) []byte {
	return p.appendLocal(dst, local, local, zone.NewClock(time.UTC))
}

func (p *Pattern) appendLocal(dst []byte, local, instant int64, c *zone.Clock) []byte {
	days := FloorDiv(local, MicrosPerDay)
	t := moment{days: int(days), micros: local - days*MicrosPerDay, instant: instant, clock: c}
	t.y, t.m, t.d = CivilFromDays(t.days)
	t.weekday = int(FloorMod(days+3, 7))
	for i := range p.items {
		switch it := &p.items[i]; it.kind {
		case itemText:
			dst = append(dst, it.text...)
		case itemLetter:
			dst = t.append(dst, it)
		}
	}
	return dst
}

func (t *moment) append(dst []byte, it *patternItem) []byte {
	n := it.count
	hour := t.micros / MicrosPerHour
	switch it.letter {
	case 'y':
		if it.era {
			return appendPatternYear(dst, yearOfEra(t.y), n)
		}
		return appendPatternYear(dst, t.y, n)
	case 'G':
		return appendEra(dst, t.y > 0, n)
	case 'M', 'L':
		if n > 2 {
			return appendName(dst, monthNames[t.m-1], n)
		}
		return appendPadded(dst, int64(t.m), n)
	case 'd':
		return appendPadded(dst, int64(t.d), n)
	case 'D':
		return appendPadded(dst, int64(t.days-DaysFromCivil(t.y, 1, 1)+1), n)
	case 'F':
		return appendPadded(dst, int64((t.d-1)%7+1), n)
	case 'E':
		return appendName(dst, dayNames[t.weekday], n)
	case 'Q', 'q':
		return appendQuarter(dst, (t.m-1)/3, n)
	case 'a':
		if hour < 12 {
			return append(dst, "AM"...)
		}
		return append(dst, "PM"...)
	case 'H':
		return appendPadded(dst, hour, n)
	case 'k':
		return appendPadded(dst, (hour+23)%24+1, n)
	case 'K':
		return appendPadded(dst, hour%12, n)
	case 'h':
		return appendPadded(dst, (hour+11)%12+1, n)
	case 'm':
		return appendPadded(dst, t.micros/MicrosPerMinute%60, n)
	case 's':
		return appendPadded(dst, t.micros/MicrosPerSecond%60, n)
	case 'S':
		var b [16]byte
		return append(dst, appendPadded(b[:0], t.micros%MicrosPerSecond*1000, 9)[:n]...)
	}
	return t.appendZone(dst, it.letter, n)
}

func yearOfEra(y int) int {
	if y > 0 {
		return y
	}
	return 1 - y
}

func appendPatternYear(dst []byte, y, n int) []byte {
	before := y < 0
	if before {
		dst, y = append(dst, '-'), -y
	}
	if n == 2 {
		return append2(dst, int64(y%100))
	}
	if n >= 4 && y >= pow10(n) && !before {
		dst = append(dst, '+')
	}
	return appendPadded(dst, int64(y), n)
}

func pow10(n int) int {
	v := 1
	for ; n > 0; n-- {
		v *= 10
	}
	return v
}

func appendEra(dst []byte, ad bool, n int) []byte {
	switch {
	case n == 4 && ad:
		return append(dst, "Anno Domini"...)
	case n == 4:
		return append(dst, "Before Christ"...)
	case ad:
		return append(dst, "AD"...)
	}
	return append(dst, "BC"...)
}

func appendName(dst []byte, name string, n int) []byte {
	if n < 4 {
		name = name[:3]
	}
	return append(dst, name...)
}

func appendQuarter(dst []byte, q0, n int) []byte {
	switch n {
	case 3:
		return append(dst, 'Q', byte('1'+q0))
	case 4:
		return append(dst, quarterNames[q0]...)
	}
	return appendPadded(dst, int64(q0+1), n)
}

func (t *moment) appendZone(dst []byte, letter byte, n int) []byte {
	second := FloorDiv(t.instant, MicrosPerSecond)
	off := int(t.clock.Offset(second))
	switch letter {
	case 'V':
		return append(dst, t.clock.Location.String()...)
	case 'z':
		if n == 4 && t.clock.Location == time.UTC {
			return append(dst, "Coordinated Universal Time"...)
		}
		if n == 4 {
			return append(dst, longZone(t.clock.Name(second), t.clock.Location.String())...)
		}
		return append(dst, t.clock.Name(second)...)
	case 'O':
		return appendGMT(dst, off, n == 4)
	case 'X':
		if off == 0 {
			return append(dst, 'Z')
		}
		return appendOffset(dst, off, n)
	case 'x':
		return appendOffset(dst, off, n)
	}
	switch { // Z
	case n <= 3:
		return appendOffset(dst, off, 2)
	case n == 4:
		return appendGMT(dst, off, true)
	case off == 0:
		return append(dst, 'Z')
	}
	return appendOffset(dst, off, 5)
}

// longZones are the names that zzzz writes for common abbreviations.
var longZones = map[string]string{"PST": "Pacific Standard Time", "PDT": "Pacific Daylight Time", "MST": "Mountain Standard Time",
	"MDT": "Mountain Daylight Time", "CST": "Central Standard Time", "CDT": "Central Daylight Time", "EST": "Eastern Standard Time",
	"EDT": "Eastern Daylight Time", "CET": "Central European Standard Time", "CEST": "Central European Summer Time",
	"GMT": "Greenwich Mean Time", "JST": "Japan Standard Time", "IST": "India Standard Time", "KST": "Korean Standard Time"}

func longZone(short, id string) string {
	if id == "Asia/Shanghai" {
		return "China Standard Time"
	}
	if long, ok := longZones[short]; ok {
		return long
	}
	return id
}

// AppendOffset writes an offset in seconds as +hh:mm[:ss].
func AppendOffset(dst []byte, off int) []byte { return appendOffset(dst, off, 5) }

// appendOffset writes +hh[[:]mm[[:]ss]]: n is the number of pattern letters.
func appendOffset(dst []byte, off, n int) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	h, m, s := int64(off/3600), int64(off/60%60), int64(off%60)
	colon := n == 3 || n == 5
	dst = append2(append(dst, sign), h)
	if n == 1 && m == 0 {
		return dst
	}
	if colon {
		dst = append(dst, ':')
	}
	dst = append2(dst, m)
	if n >= 4 && s != 0 {
		if colon {
			dst = append(dst, ':')
		}
		dst = append2(dst, s)
	}
	return dst
}

func appendGMT(dst []byte, off int, full bool) []byte {
	dst = append(dst, "GMT"...)
	if off == 0 {
		return dst
	}
	if full {
		return appendOffset(dst, off, 5)
	}
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = appendPadded(append(dst, sign), int64(off/3600), 1)
	if off%3600 != 0 {
		dst = append2(append(dst, ':'), int64(off/60%60))
	}
	return dst
}

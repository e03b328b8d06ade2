// Package zone finds time zones by name and converts between wall clocks and instants as Java does.
//
// It is not a calendar (types) and raises no condition. conf and types call it. Invariants: zone data is embedded,
// so that answers are the same on every machine.
package zone

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are the same on every machine
)

var offset = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{1,2}))?(?::?(\d{2}))?$`)

// short are the three-letter zone names that Java still knows.
var short = map[string]string{"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
	"ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare",
	"CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris",
	"EST": "-05:00", "HST": "-10:00", "MST": "-07:00", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
	"MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
	"PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh"}

// Find gives the zone of a region name, an offset or one of Java's short names; ok is false where there is none.
func Find(name string) (*time.Location, bool) {
	if full, ok := short[name]; ok {
		name = full
	}
	if name == "Z" || name == "UTC" || name == "GMT" || name == "UT" {
		return time.UTC, true
	}
	if m := offset.FindStringSubmatch(name); m != nil {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi(m[3])
		sec, _ := strconv.Atoi(m[4])
		total := h*3600 + min*60 + sec
		if h > 18 || min > 59 || sec > 59 || total > 18*3600 {
			return nil, false
		}
		if m[1] == "-" {
			total = -total
		}
		return time.FixedZone(name, total), true
	}
	if name == "" || strings.EqualFold(name, "local") {
		return nil, false
	}
	if known, ok := loaded.Load(name); ok {
		return known.(*time.Location), true
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	known, _ := loaded.LoadOrStore(name, loc)
	return known.(*time.Location), true
}

// loaded keeps the regions that were asked for, so that one zone is one pointer.
var loaded sync.Map

// Clock converts for one zone and remembers the last span without a transition: times in order cost no search.
// One goroutine uses a Clock.
type Clock struct {
	Location *time.Location
	// [from, to) in seconds is where offset holds.
	from, to, offset int64
}

// NewClock is a clock of a zone; nil is UTC.
func NewClock(l *time.Location) *Clock {
	if l == nil {
		l = time.UTC
	}
	return &Clock{Location: l}
}

const (
	farPast   = -1 << 62
	farFuture = 1 << 62
)

// Offset is the seconds east of UTC at an instant.
func (c *Clock) Offset(second int64) int64 {
	if second >= c.from && second < c.to {
		return c.offset
	}
	t := time.Unix(second, 0).In(c.Location)
	_, off := t.Zone()
	start, end := t.ZoneBounds()
	c.from, c.to, c.offset = farPast, farFuture, int64(off)
	if !start.IsZero() {
		c.from = start.Unix()
	}
	if !end.IsZero() {
		c.to = end.Unix()
	}
	return c.offset
}

// Name is the zone's abbreviation at an instant.
func (c *Clock) Name(second int64) string {
	n, _ := time.Unix(second, 0).In(c.Location).Zone()
	return n
}

const (
	perSecond = 1_000_000
	perDay    = 86_400
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Local is the wall clock at an instant, both in microseconds.
func (c *Clock) Local(micros int64) int64 {
	if c.Location == time.UTC {
		return micros
	}
	return micros + c.Offset(floorDiv(micros, perSecond))*perSecond
}

// Instant is when a wall clock showed this. In an overlap it is the earlier instant; a wall clock in a gap is moved
// on by the length of the gap.
func (c *Clock) Instant(local int64) int64 {
	if c.Location == time.UTC {
		return local
	}
	second := floorDiv(local, perSecond)
	if u := second - c.offset; u-perDay >= c.from && u+perDay < c.to {
		return local - c.offset*perSecond
	}
	before, after := c.Offset(second-perDay), c.Offset(second+perDay)
	if before != after && c.Offset(second-before) != before && c.Offset(second-after) == after {
		return local - after*perSecond
	}
	return local - before*perSecond
}

package conf

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"pysparkcompat/engine/errs"
)

var offset = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$`)

// short are the three-letter zone names that Java still knows.
var short = map[string]string{"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
	"ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare",
	"CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris",
	"EST": "-05:00", "HST": "-10:00", "MST": "-07:00", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
	"MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
	"PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh"}

// Zone finds a time zone by the names that Spark takes: region names, offsets, Java's short names.
func Zone(name string) (*time.Location, error) {
	if full, ok := short[name]; ok {
		name = full
	}
	if name == "Z" || name == "UTC" || name == "GMT" || name == "UT" {
		return time.UTC, nil
	}
	if m := offset.FindStringSubmatch(name); m != nil {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi(m[3])
		sec, _ := strconv.Atoi(m[4])
		total := h*3600 + min*60 + sec
		if h > 18 || min > 59 || sec > 59 || total > 18*3600 {
			return nil, errs.New("INVALID_TIMEZONE", "timeZone", name)
		}
		if m[1] == "-" {
			total = -total
		}
		return time.FixedZone(name, total), nil
	}
	if name == "" || strings.EqualFold(name, "local") {
		return nil, errs.New("INVALID_TIMEZONE", "timeZone", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errs.New("INVALID_TIMEZONE", "timeZone", name)
	}
	return zone, nil
}

func checkZone(name string) error {
	if _, err := Zone(name); err != nil {
		return errs.New("INVALID_CONF_VALUE.TIME_ZONE", "confName", "spark.sql.session.timeZone", "confValue", name)
	}
	return nil
}

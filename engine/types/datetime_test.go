package types

import (
	"testing"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/zone"
)

func TestCivil(t *testing.T) {
	for days := -1_000_000; days < 1_000_000; days += 37 {
		y, m, d := CivilFromDays(days)
		w := time.Unix(int64(days)*86400, 0).UTC()
		if y != w.Year() || m != int(w.Month()) || d != w.Day() || DaysFromCivil(y, m, d) != days {
			t.Fatalf("%d: got %d-%d-%d, want %v", days, y, m, d, w)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	cases := []struct{ text, want string }{
		{"2020-01-02 03:04:05", "2020-01-02 03:04:05"}, {"2020-01-02T03:04:05Z", "2020-01-02 03:04:05"},
		{"2020-01-02T03:04:05.123Z", "2020-01-02 03:04:05.123"}, {"2020-01-02 12", "2020-01-02 12:00:00"},
		{"2020-01-02 12:1", "2020-01-02 12:01:00"}, {"2020-01-02 12:1:", ""}, {"2020-01-02T", ""},
		{"2020-01-02 12:00:00.", "2020-01-02 12:00:00"}, {"2020-01-02 12:00:00.1234567", "2020-01-02 12:00:00.123456"},
		{"2020-01-02 12:00:00 America/New_York", "2020-01-02 17:00:00"}, {"2020-01-02 12:00:00 +2", "2020-01-02 10:00:00"},
		{"2020-01-02 12:00:00+2:30", "2020-01-02 09:30:00"}, {"2020-01-02 12:00:00+02:3", "2020-01-02 09:57:00"},
		{"2020-01-02 12:00:00UTC+3", "2020-01-02 09:00:00"}, {"2020-01-02 12:00:00 PST", "2020-01-02 20:00:00"},
		{"2020-01-02 12:00Z", ""}, {"2020", "2020-01-01 00:00:00"}, {"2020-1", "2020-01-01 00:00:00"}, {"20-1-1", ""},
		{"+2020-01-01", "2020-01-01 00:00:00"}, {"-2020-01-01", "-2020-01-01 00:00:00"},
		{"123456-01-01", "+123456-01-01 00:00:00"}, {"2020-01-02-", ""}, {"", ""}, {" 2020-01-02 ", "2020-01-02 00:00:00"},
		{"2020-02-30", ""}, {"2020-01-02 24:00:00", ""}, {"2020-01-02 00:60:00", ""}, {"2024-1-2", "2024-01-02 00:00:00"},
		{"05:06:07", "1970-01-02 05:06:07"}, {"T5:06", "1970-01-02 05:06:00"}, {"2024-01-02T03:04:05+05:30", "2024-01-01 21:34:05"},
	}
	clock := zone.NewClock(time.UTC)
	for _, c := range cases {
		v, ok := ParseTimestamp([]byte(c.text), clock, func() int { return 1 })
		got := ""
		if ok {
			got = string(AppendTimestamp(nil, v))
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]string{"2020-01-02 junk": "2020-01-02", "2020-01-02T12": "2020-01-02", "2020": "2020-01-01",
		"2020-1": "2020-01-01", "7": "", "2020-01-02x": "", "-0005-01-01": "-0005-01-01", "2020-13-01": "", " 2020-01-02 ": "2020-01-02"} {
		v, ok := ParseDate([]byte(text))
		got := ""
		if ok {
			got = string(AppendDate(nil, int(v)))
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPatternFormat(t *testing.T) {
	const utc = "2020-03-05 14:07:09.123456"
	cases := []struct{ zone, at, pattern, want string }{
		{"UTC", utc, "y yy yyy yyyy yyyyy yyyyyy", "2020 20 2020 2020 02020 002020"},
		{"UTC", utc, "M MM MMM MMMM L LL LLL LLLL", "3 03 Mar March 3 03 Mar March"},
		{"UTC", utc, "d dd D DD DDD E EE EEE EEEE F", "5 05 65 65 065 Thu Thu Thu Thursday 5"},
		{"UTC", utc, "a h hh K KK k kk H HH m mm s ss", "PM 2 02 2 02 14 14 14 14 7 07 9 09"},
		{"UTC", utc, "S SS SSS SSSSSS SSSSSSSSS", "1 12 123 123456 123456000"},
		{"UTC", utc, "VV z zzzz O OOOO", "UTC UTC Coordinated Universal Time GMT GMT"},
		{"UTC", utc, "X XX XXX XXXX XXXXX x xx xxx xxxx xxxxx", "Z Z Z Z Z +00 +0000 +00:00 +0000 +00:00"},
		{"UTC", utc, "Z ZZ ZZZ ZZZZ ZZZZZ", "+0000 +0000 +0000 GMT Z"},
		{"UTC", utc, "Q QQ QQQ QQQQ q qq qqq qqqq", "1 01 Q1 1st quarter 1 01 Q1 1st quarter"},
		{"UTC", utc, "G GG GGG GGGG", "AD AD AD Anno Domini"},
		{"UTC", utc, "yyyy'T'MM ''x'' 'it''s'", "2020T03 '+00' it's"},
		{"UTC", utc, "yyyy[-MM]", "2020-03"}, {"UTC", utc, "", ""},
		{"UTC", "-0044-03-05", "yyyy G y", "0045 BC 45"},
		{"UTC", "12345-03-05", "yyyy G y yyyyy yyyyyy", "+12345 AD 12345 12345 012345"},
		{"UTC", "0099-03-05", "y yyy yyyy yy", "99 099 0099 99"},
		{"America/New_York", utc, "HH VV XXX Z O", "09 America/New_York -05:00 -0500 GMT-5"},
		{"Asia/Kolkata", utc, "HH:mm X O z", "19:37 +0530 GMT+5:30 IST"},
	}
	for _, c := range cases {
		p, err := CompilePattern(c.pattern, false)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		loc, _ := zone.Find(c.zone)
		at, _ := ParseTimestampNTZ([]byte(c.at), false)
		if got := string(p.Append(nil, at, zone.NewClock(loc))); got != c.want {
			t.Errorf("%s: got %q, want %q", c.pattern, got, c.want)
		}
	}
}

func TestPatternParse(t *testing.T) {
	cases := []struct{ text, pattern, want string }{
		{"2020-01-02 03:04:05", "yyyy-MM-dd HH:mm:ss", "2020-01-02 03:04:05"},
		{"2020-01-02 03:04:05x", "yyyy-MM-dd HH:mm:ss", "Text '2020-01-02 03:04:05x' could not be parsed, unparsed text found at index 19"},
		{"20200102", "yyyyMMdd", "2020-01-02 00:00:00"}, {"202001020304", "yyyyMMddHHmm", "2020-01-02 03:04:00"},
		{"1/2/2020", "M/d/yyyy", "2020-01-02 00:00:00"}, {"01/02/2020", "M/d/yyyy", "2020-01-02 00:00:00"},
		{"1/2/20", "M/d/yy", "2020-01-02 00:00:00"},
		{"1/2/2020", "MM/dd/yyyy", "Text '1/2/2020' could not be parsed at index 0"},
		{"12345-01-02", "yyyy-MM-dd", "Text '12345-01-02' could not be parsed at index 0"},
		{"+12345-01-02", "yyyy-MM-dd", "+12345-01-02 00:00:00"},
		{"2020", "yyyy", "2020-01-01 00:00:00"}, {"03", "MM", "1970-03-01 00:00:00"}, {"14:05", "HH:mm", "1970-01-01 14:05:00"},
		{"2:05 PM", "h:mm a", "1970-01-01 14:05:00"}, {"2:05 pm", "h:mm a", "1970-01-01 14:05:00"}, {"2:05", "h:mm", "1970-01-01 02:05:00"},
		{"Mar 5 2020", "MMM d yyyy", "2020-03-05 00:00:00"}, {"MARCH 5 2020", "MMMM d yyyy", "2020-03-05 00:00:00"},
		{"2020-01-02 03:04:05.1", "yyyy-MM-dd HH:mm:ss.SSS", "2020-01-02 03:04:05.1"},
		{"2020-01-02 03:04:05.123456", "yyyy-MM-dd HH:mm:ss.SSS", "Text '2020-01-02 03:04:05.123456' could not be parsed, unparsed text found at index 23"},
		{"2020-01-02 03:04:05.", "yyyy-MM-dd HH:mm:ss.SSS", "Text '2020-01-02 03:04:05.' could not be parsed at index 20"},
		{"2020-01-02 03:04:05", "yyyy-MM-dd HH:mm:ss[.SSS]", "2020-01-02 03:04:05"},
		{"2020-01-02T03:04:05+02:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-02 01:04:05"},
		{"2020-01-02T03:04:05Z", "yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-02 03:04:05"},
		{"2020-01-02T03:04:05Z", "yyyy-MM-dd'T'HH:mm:ss'Z'", "2020-01-02 03:04:05"},
		{"2020-01-02T03:04:05+0200", "yyyy-MM-dd'T'HH:mm:ssZ", "2020-01-02 01:04:05"},
		{"2020-01-02T03:04:05 America/New_York", "yyyy-MM-dd'T'HH:mm:ss VV", "2020-01-02 08:04:05"},
		{"2020-01-02T03:04:05 PST", "yyyy-MM-dd'T'HH:mm:ss z", "2020-01-02 11:04:05"},
		{"2020-02-30", "yyyy-MM-dd", "Text '2020-02-30' could not be parsed: Invalid date 'FEBRUARY 30'"},
		{"2020-13-01", "yyyy-MM-dd", "Text '2020-13-01' could not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): 13"},
		{"2020-060", "yyyy-DDD", "2020-02-29 00:00:00"}, {"2020-366", "yyyy-D", "2020-12-31 00:00:00"},
		{"24:00", "HH:mm", "Text '24:00' could not be parsed: Invalid value for HourOfDay (valid values 0 - 23): 24"},
		{"24:00", "kk:mm", "1970-01-01 00:00:00"},
		{" 2020-01-02", "yyyy-MM-dd", "Text ' 2020-01-02' could not be parsed at index 0"},
		{"5 BC", "y G", "-0004-01-01 00:00:00"}, {"abc", "yyyy", "Text 'abc' could not be parsed at index 0"},
		{"1704164645", "s", "Text '1704164645' could not be parsed: Invalid value for SecondOfMinute (valid values 0 - 59): 1704164645"},
		{"2020-01-02", "yyyy-MM-dd HH:mm:ss", "Text '2020-01-02' could not be parsed at index 10"},
	}
	for _, c := range cases {
		p, err := CompilePattern(c.pattern, true)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		v, fail := p.Parse([]byte(c.text), zone.NewClock(time.UTC))
		got := string(AppendTimestamp(nil, v))
		if fail != nil {
			got = fail.Error()
		}
		if got != c.want {
			t.Errorf("%q as %s: got %q, want %q", c.text, c.pattern, got, c.want)
		}
	}
}

func TestPatternRefuses(t *testing.T) {
	const upgrade, unknown, illegal = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "INVALID_DATETIME_PATTERN.WITH_SUGGESTION", "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER"
	for _, c := range []struct {
		pattern string
		parsing bool
		want    string
	}{
		{"yyyyyyy", false, upgrade}, {"MMMMM", false, upgrade}, {"ddd", false, upgrade}, {"a aa", false, upgrade}, {"u", false, upgrade},
		{"Y", false, upgrade}, {"SSSSSSSSSS", false, upgrade}, {"yyyy{", false, upgrade}, {"#", false, upgrade},
		{"V", false, unknown}, {"OO", false, unknown}, {"b", false, unknown}, {"foo", true, unknown},
		{"bad pattern e", false, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"}, {"A", false, illegal}, {"invalid", false, illegal}, {"yyyy QQQ", true, illegal}, {"E yyyy-MM-dd", true, upgrade},
		{"c", false, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"}, {"qqqqqq", false, "INVALID_DATETIME_PATTERN.LENGTH"}, {"QQQQQ", false, "INVALID_DATETIME_PATTERN.LENGTH"},
	} {
		if _, err := CompilePattern(c.pattern, c.parsing); err == nil || errs.As(err).Name != c.want {
			t.Errorf("%q: got %v, want %s", c.pattern, err, c.want)
		}
	}
}

func BenchmarkPatternFormat(b *testing.B) {
	p, _ := CompilePattern("yyyy-MM-dd HH:mm:ss", false)
	c := zone.NewClock(time.UTC)
	var dst []byte
	for b.Loop() {
		dst = p.Append(dst[:0], 1_700_000_000_000_000, c)
	}
}

func BenchmarkParseTimestamp(b *testing.B) {
	text := []byte("2024-01-02T03:04:05.123Z")
	c := zone.NewClock(time.UTC)
	for b.Loop() {
		if _, ok := ParseTimestamp(text, c, nil); !ok {
			b.Fatal("does not parse")
		}
	}
}

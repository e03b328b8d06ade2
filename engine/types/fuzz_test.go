package types

import (
	"testing"
	"time"
	"unicode/utf8"

	"pysparkcompat/engine/zone"
)

// FuzzTexts: no text breaks the readers, and what is read is written and read back the same.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"a int, b struct<x: array<map<string, decimal(5,2)>>>", "interval day to second", "`a``b` string COMMENT 'it''s'", "a-b int",
		"1 day -2 hours 1.5 seconds", "2020-01-02T03:04:05.123Z", "2020-1-2 3:4:5 Europe/Paris", "+12345-01-01", "yyyy-MM-dd'T'HH:mm[:ss.SSS][XXX]", "Q MMM EEEE",
		`{"type":"array","elementType":"long","containsNull":true}`, "INTERVAL '1 02:03:04' DAY TO SECOND", "\xff'", "T5:06"} {
		f.Add(s)
	}
	clock := zone.NewClock(time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if typ, err := ParseSchema(s); err == nil && utf8.ValidString(s) {
			back, err := FromJSON(JSON(typ))
			if err != nil || !Equal(back, typ) {
				t.Errorf("%q: %s reads back as %v, %v", s, JSON(typ), back, err)
			}
		}
		if i, err := ParseInterval(s); err == nil {
			if back, err := ParseInterval(i.String()); err != nil || back != i {
				t.Errorf("%q: %v reads back as %v, %v", s, i, back, err)
			}
		}
		if v, ok := ParseTimestamp([]byte(s), clock, func() int { return 0 }); ok {
			text := AppendTimestamp(nil, v)
			if back, ok := ParseTimestamp(text, clock, nil); !ok || back != v {
				t.Errorf("%q: %s reads back as %d, want %d", s, text, back, v)
			}
		}
		for _, parsing := range []bool{false, true} {
			p, err := CompilePattern(s, parsing)
			if err != nil {
				continue
			}
			p.Append(nil, 1_583_417_229_123_456, clock)
			if parsing {
				p.Parse([]byte(s), clock)
				p.Parse([]byte("2020-03-05"), clock)
			}
		}
		ParseDayTime(s)
		ParseYearMonth(s)
		ParseDate([]byte(s))
	})
}

package zone

import (
	"testing"
	"time"
)

func at(t *testing.T, s string) int64 {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixMicro()
}

func TestInstant(t *testing.T) {
	cases := []struct{ zone, local, utc string }{
		{"UTC", "2024-03-10T02:30:00", "2024-03-10T02:30:00"},
		{"America/New_York", "2024-03-10T01:30:00", "2024-03-10T06:30:00"},
		{"America/New_York", "2024-03-10T02:30:00", "2024-03-10T07:30:00"},
		{"America/New_York", "2024-03-10T03:30:00", "2024-03-10T07:30:00"},
		{"America/New_York", "2024-11-03T01:30:00", "2024-11-03T05:30:00"},
		{"America/New_York", "2024-11-03T02:30:00", "2024-11-03T07:30:00"},
		{"Asia/Kolkata", "2024-01-01T00:00:00", "2023-12-31T18:30:00"},
		{"+02:00", "2024-01-01T00:00:00", "2023-12-31T22:00:00"},
		{"PST", "2024-07-01T00:00:00", "2024-07-01T07:00:00"},
	}
	for _, c := range cases {
		loc, ok := Find(c.zone)
		if !ok {
			t.Fatal(c.zone)
		}
		// A fresh clock and one that remembers another span agree.
		for _, clock := range []*Clock{NewClock(loc), warmed(loc, at(t, "2024-06-01T00:00:00")), warmed(loc, at(t, "2024-01-01T00:00:00"))} {
			if got := clock.Instant(at(t, c.local)); got != at(t, c.utc) {
				t.Errorf("%s %s: got %v, want %s", c.zone, c.local, time.UnixMicro(got).UTC(), c.utc)
			}
		}
	}
}

func warmed(l *time.Location, micros int64) *Clock {
	c := NewClock(l)
	c.Local(micros)
	return c
}

func TestFind(t *testing.T) {
	for _, bad := range []string{"", "local", "Nowhere/Town", "+19:00", "+02:99", "UTC+"} {
		if _, ok := Find(bad); ok {
			t.Errorf("%q is found", bad)
		}
	}
}

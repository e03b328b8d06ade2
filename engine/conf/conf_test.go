package conf_test

import (
	"testing"
	"time"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
)

func TestKeysAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range conf.Rows() {
		if seen[row.Key] {
			t.Errorf("%s has two rows", row.Key)
		}
		seen[row.Key] = true
	}
}

func TestSet(t *testing.T) {
	var warned []string
	c, err := conf.New(map[string]string{"spark.master": "local[2]", "spark.driver.memory": "4g", "my.own": "x"}, func(k string) { warned = append(warned, k) })
	if err != nil {
		t.Fatal(err)
	}
	if len(warned) != 1 || warned[0] != "spark.driver.memory" {
		t.Errorf("warned of %v", warned)
	}
	for key, want := range map[string]string{"my.own": "x", "spark.driver.memory": "4g", conf.MinBatches: "100"} {
		if got, ok := c.Get(key); !ok || got != want {
			t.Errorf("%s is %q (%v), want %q", key, got, ok, want)
		}
	}
	if _, ok := c.Get("no.such.key"); ok {
		t.Error("an unknown key has a value")
	}
	for _, bad := range []struct{ key, value, condition string }{
		{conf.WarehouseDir, "/elsewhere", "CANNOT_MODIFY_STATIC_CONFIG"},
		{conf.ANSI, "yes", "INVALID_CONF_VALUE.TYPE_MISMATCH"},
		{conf.ShufflePartitions, "many", "INVALID_CONF_VALUE.TYPE_MISMATCH"},
		{conf.TimeZone, "Mars/Base", "INVALID_CONF_VALUE.TIME_ZONE"},
		{conf.WatermarkPolicy, "mean", "INVALID_CONF_VALUE.REQUIREMENT"}, {conf.MinBatches, "0", "INVALID_CONF_VALUE.REQUIREMENT"},
		{conf.StateMemory, "lots", "INVALID_CONF_VALUE.TYPE_MISMATCH"},
	} {
		if e := errs.As(c.Set(bad.key, bad.value)); e == nil || e.Name != bad.condition {
			t.Errorf("%s=%s gave %v, want %s", bad.key, bad.value, e, bad.condition)
		}
	}
	c.Default(conf.TimeZone, "Asia/Kolkata")
	if err := c.Set(conf.TimeZone, "UTC"); err != nil {
		t.Fatal(err)
	}
	if err := c.Unset(conf.TimeZone); err != nil || c.Clone().String(conf.TimeZone) != "Asia/Kolkata" {
		t.Errorf("an unset zone is %q, %v", c.String(conf.TimeZone), err)
	}
	clone := c.Clone()
	if err := clone.Set("my.own", "y"); err != nil {
		t.Fatal(err)
	}
	if c.String("my.own") != "x" {
		t.Error("a clone's setting reached the original")
	}
}

func TestForms(t *testing.T) {
	for text, want := range map[string]time.Duration{"10s": 10 * time.Second, "250": 250 * time.Millisecond, "2m": 2 * time.Minute, "1 h": time.Hour} {
		if got, err := conf.ParseMillis(text); err != nil || got != want {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"64m": 64 << 20, "10": 10, "1gb": 1 << 30} {
		if got, err := conf.ParseBytes(text); err != nil || got != want {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
	}
	for name, seconds := range map[string]int{"+02:00": 7200, "UTC-3": -10800, "EST": -18000, "Asia/Kolkata": 19800} {
		zone, err := conf.Zone(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, got := time.Unix(1_700_000_000, 0).In(zone).Zone(); got != seconds {
			t.Errorf("%s is %d s from UTC, want %d", name, got, seconds)
		}
	}
}

package conf

import (
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/zone"
)

// Zone finds a time zone by the names that Spark takes: region names, offsets, Java's short names.
func Zone(name string) (*time.Location, error) {
	z, ok := zone.Find(name)
	if !ok {
		return nil, errs.New("INVALID_TIMEZONE", "timeZone", name)
	}
	return z, nil
}

func checkZone(name string) error {
	if _, err := Zone(name); err != nil {
		return errs.New("INVALID_CONF_VALUE.TIME_ZONE", "confName", "spark.sql.session.timeZone", "confValue", name)
	}
	return nil
}

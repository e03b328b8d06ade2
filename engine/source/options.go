package source

import (
	"time"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
)

// duration reads "7d", "10s", "500ms" as Spark's time settings are read.
func duration(text string) (time.Duration, error) {
	d, err := conf.ParseMillis(text)
	if err != nil {
		return 0, errs.New(errs.Unnamed+"OPTION_TIME", "value", text)
	}
	return d, nil
}

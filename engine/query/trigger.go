package query

import "time"

// Kind is a trigger's kind.
type Kind uint8

const (
	// Interval runs an epoch at multiples of Every; 0 is as soon as there is data.
	Interval Kind = iota
	// Once runs one epoch over all there is, without the sources' rate options, and ends.
	Once
	// AvailableNow runs epochs until all that was there at the start is done, and ends.
	AvailableNow
)

// Trigger says when epochs run.
type Trigger struct {
	Kind  Kind
	Every time.Duration
}

// next is the time of the trigger after now: the next multiple of the interval since 1970, as Spark aligns it.
func (t Trigger) next(now time.Time) time.Time {
	if t.Every <= 0 {
		return now
	}
	every := t.Every.Milliseconds()
	return time.UnixMilli(now.UnixMilli()/every*every + every)
}

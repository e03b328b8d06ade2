package engine

import "pysparkcompat/engine/query"

// What a driver needs of a streaming query, under names that it reaches through this package.
type (
	// Query is a streaming query, Manager those of a session.
	Query   = query.Query
	Manager = query.Manager
	// Event is what listeners hear.
	Event = query.Event
	// Trigger says when epochs run.
	Trigger = query.Trigger
)

// The kinds of a Trigger; the zero value runs at an interval.
const (
	Once         = query.Once
	AvailableNow = query.AvailableNow
)

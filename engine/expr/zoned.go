package expr

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/types"
)

// The session zone under which a frame was analysed stays with its casts and functions: a later
// spark.conf.set of spark.sql.session.timeZone changes frames made after it only.

// InZone marks a typed node with the zone it is to be evaluated in, where it looks at one.
func InZone(e Expr, zone *time.Location) Expr {
	switch e := e.(type) {
	case *Cast:
		if e.Zone == nil && (HasTimestamp(e.To) || HasTimestamp(e.Child.Type())) {
			e.Zone = zone
		}
	case *Apply:
		if e.Zone == nil && looksAtZone(e) {
			e.Zone = zone
		}
	case *TimeWindow:
		for _, part := range e.Children() {
			InZone(part, zone)
		}
	}
	return e
}

// zoneFunctions look at the zone and have no timestamp among their arguments and results.
var zoneFunctions = map[string]bool{"current_date": true, "unix_timestamp": true, "to_unix_timestamp": true, "from_unixtime": true}

func looksAtZone(a *Apply) bool {
	if HasTimestamp(a.DataType) || zoneFunctions[a.Fn.Name] {
		return true
	}
	for _, x := range a.Args {
		if HasTimestamp(x.Type()) {
			return true
		}
		if c, ok := x.(*Cast); ok && c.Implicit && HasTimestamp(c.Child.Type()) {
			return true
		}
	}
	return false
}

// HasTimestamp says that values of a type are or contain timestamps with the session's zone.
func HasTimestamp(t types.Type) bool {
	switch t := t.(type) {
	case types.Array:
		return HasTimestamp(t.Elem)
	case types.Map:
		return HasTimestamp(t.Key) || HasTimestamp(t.Value)
	case types.Struct:
		for _, f := range t.Fields {
			if HasTimestamp(f.Type) {
				return true
			}
		}
		return false
	}
	return t != nil && t.Kind() == types.KTimestamp
}

// zoned evaluates in a zone of its own.
type zoned struct {
	Evaluator
	zone *time.Location
}

func inZone(zone *time.Location, e Evaluator, err error) (Evaluator, error) {
	if zone == nil || err != nil {
		return e, err
	}
	return &zoned{e, zone}, nil
}

func (z *zoned) Eval(c *Context, b arrow.RecordBatch) (Vector, error) {
	if c.Zone == z.zone {
		return z.Evaluator.Eval(c, b)
	}
	own := *c
	own.Zone = z.zone
	return z.Evaluator.Eval(&own, b)
}

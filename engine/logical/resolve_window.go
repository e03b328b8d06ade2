package logical

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// What PySpark notes of a window's column, and tells windows by.
const (
	windowMark  = `{"spark.timeWindow":true}`
	sessionMark = `{"spark.sessionWindow":true}`
)

// IsSession says that a column holds sessions: rows that are grouped by it are grouped by what their sessions make together.
func IsSession(a *expr.Attr) bool { return a.Metadata == sessionMark }

// timeWindow is a window() of a node's expressions and the column that stands for it.
type timeWindow struct {
	window *expr.TimeWindow
	attr   *expr.Attr
}

// window gives the column of a window(): the same one for the same window.
func (s *scope) window(w *expr.TimeWindow) *expr.Attr {
	for _, known := range s.windows {
		if expr.TreeEqual(known.window, w) {
			return known.attr
		}
	}
	attr := &expr.Attr{ID: expr.NewID(), Name: "window", DataType: w.Type(), Null: w.End == nil && w.Slide != w.Duration, Metadata: windowMark}
	if w.End != nil {
		attr.Name, attr.Metadata = "session_window", sessionMark
	}
	if t := timeColumn(w.Time); t != nil {
		attr.EventTime, attr.Delay = t.EventTime, t.Delay
	}
	s.windows = append(s.windows, timeWindow{w, attr})
	return attr
}

// windowAttrs are the columns of the windows met so far: window.start may stand beside the window() it is of.
func (s *scope) windowAttrs() []*expr.Attr {
	out := make([]*expr.Attr, len(s.windows))
	for i, w := range s.windows {
		out[i] = w.attr
	}
	return out
}

// timeColumn is the column whose event-time mark an expression takes: a column's own, or that of the window whose
// window_time it is; nil for anything else.
func timeColumn(e expr.Expr) *expr.Attr {
	switch e := e.(type) {
	case *expr.Attr:
		return e
	case *expr.Apply:
		if attrs := expr.Attrs(e); len(attrs) == 1 && attrs[0].EventTime && e.Fn.Name == "window_time" {
			return attrs[0]
		}
	}
	return nil
}

// withWindows puts the nodes for a scope's windows over the child. Two different windows would multiply each other's
// rows: PySpark refuses them.
func (s *scope) withWindows(child Plan) (Plan, error) {
	if len(s.windows) > 1 {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1039")
	}
	for _, w := range s.windows {
		child = windowed(child, w.window, w.attr, child.Output())
	}
	return child, nil
}

// groupSessions makes an aggregation of distinct() over a column of sessions: they are distinct when those that meet
// have been merged.
func groupSessions(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		d, ok := n.(*Distinct)
		if !ok || d.Streaming() || len(d.Keys) != len(d.Output()) {
			return n
		}
		for _, k := range d.Keys {
			if IsSession(k) {
				return aggregate(d.Child, exprsOf(d.Keys), exprsOf(d.Output()))
			}
		}
		return n
	})
}

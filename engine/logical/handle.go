package logical

import "pysparkcompat/engine/expr"

// Handle is a frame that the session already holds; the analyzer replaces it by the resolved plan.
type Handle struct{ Plan Plan }

func (h *Handle) Children() []Plan     { return []Plan{h.Plan} }
func (h *Handle) With(c []Plan) Plan   { return &Handle{Plan: c[0]} }
func (h *Handle) Output() []*expr.Attr { return h.Plan.Output() }
func (h *Handle) Resolved() bool       { return false }
func (h *Handle) Streaming() bool      { return h.Plan.Streaming() }
func (h *Handle) Line() string         { return "Handle" }

package logical

import (
	"fmt"

	"pysparkcompat/engine/expr"
)

// Sample keeps a random part of rows.
type Sample struct {
	Child           Plan
	Lower, Upper    float64
	WithReplacement bool
	Seed            int64
	// Ordered rows are sorted first, so that samples of one seed and other bounds share no row.
	Ordered bool
}

func (s *Sample) Children() []Plan { return []Plan{s.Child} }
func (s *Sample) With(c []Plan) Plan {
	o := *s
	o.Child = c[0]
	return &o
}
func (s *Sample) Output() []*expr.Attr { return s.Child.Output() }
func (s *Sample) Resolved() bool       { return s.Child.Resolved() }
func (s *Sample) Streaming() bool      { return s.Child.Streaming() }
func (s *Sample) Line() string {
	return fmt.Sprintf("Sample %v, %v, %v, %d", s.Lower, s.Upper, s.WithReplacement, s.Seed)
}

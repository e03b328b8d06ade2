package logical

import "fmt"

// Range is spark.range.
type Range struct {
	node
	Start, End, Step int64
	Partitions       int
}

func (r *Range) Children() []Plan   { return nil }
func (r *Range) With(_ []Plan) Plan { return r }
func (r *Range) Streaming() bool    { return false }
func (r *Range) Line() string {
	splits := "None"
	if r.Partitions > 0 {
		splits = fmt.Sprintf("Some(%d)", r.Partitions)
	}
	return fmt.Sprintf("Range (%d, %d, step=%d, splits=%s)", r.Start, r.End, r.Step, splits)
}

package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
)

// lateRows finds the rows whose time is not above a watermark, and the others; late is nil where there are none, and
// kept then too. A row without a time is never late.
func lateRows(b arrow.RecordBatch, by state.DueBy, below int64) (late, kept []int32, err error) {
	if !by.Set || below == math.MinInt64 {
		return nil, nil, nil
	}
	times, valid, err := dueColumn(by, b)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range times {
		if valid.Get(i) && t <= below {
			if late == nil {
				kept = make([]int32, i, len(times))
				for k := range kept {
					kept[k] = int32(k)
				}
			}
			late = append(late, int32(i))
		} else if late != nil {
			kept = append(kept, int32(i))
		}
	}
	return late, kept, nil
}

// dueColumn is the times that decide about rows. A row without one is never late.
func dueColumn(by state.DueBy, b arrow.RecordBatch) ([]int64, batch.Bitmap, error) {
	c := b.Column(by.Column)
	if s, ok := c.(*array.Struct); ok && by.Field >= 0 && by.Field < s.NumField() {
		if s.NullN() > 0 {
			// A window comes of a time, so it is null as a whole or not at all.
			return batch.Values[int64](s.Field(by.Field)), batch.Valid(s), nil
		}
		c = s.Field(by.Field)
	}
	switch c.DataType().ID() {
	case arrow.TIMESTAMP, arrow.INT64:
		return batch.Values[int64](c), batch.Valid(c), nil
	}
	return nil, batch.Bitmap{}, errs.Internal("a watermark cannot evict by a column of type %s", c.DataType())
}

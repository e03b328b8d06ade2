package exec

// Horizon says what the watermark of an operator's input is when the query's is global, both in microseconds: less where
// an operator beneath holds rows back. nil is the query's own. It never goes back where global does not.
type Horizon func(global int64) int64

// Of gives an epoch as the operator above the horizon sees it.
func (h Horizon) Of(e Epoch) Epoch {
	if h == nil {
		return e
	}
	if e.LateBelow != noWatermark {
		e.LateBelow = h(e.LateBelow)
	}
	if e.Watermark != noWatermark {
		e.Watermark = h(e.Watermark)
	}
	return e
}

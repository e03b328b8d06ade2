package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// heldRows are batches that an operator keeps until it has all of an epoch's, one reference each.
type heldRows []arrow.RecordBatch

// joined makes one batch of them, which the caller owns, and forgets them; nil where there are none.
func (h *heldRows) joined(mem memory.Allocator) (arrow.RecordBatch, error) {
	if len(*h) == 0 {
		return nil, nil
	}
	defer h.release()
	return batch.ConcatBatches(mem, (*h)[0].Schema(), *h)
}

func (h *heldRows) release() {
	for _, b := range *h {
		b.Release()
	}
	*h = nil
}

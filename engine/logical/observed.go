package logical

import (
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// Observed is where an Observation's metrics come to: those of the first run that ends well. Safe for concurrent use.
type Observed struct {
	once sync.Once
	done chan struct{}
	row  arrow.RecordBatch
}

// NewObserved is one that nothing has come to.
func NewObserved() *Observed { return &Observed{done: make(chan struct{})} }

// Tell gives the metrics as a batch of one row, which is borrowed; only the first call counts.
func (o *Observed) Tell(row arrow.RecordBatch) {
	o.once.Do(func() {
		row.Retain()
		o.row = row
		close(o.done)
	})
}

// Done is closed once there are metrics; Row gives them then, still owned by the Observed.
func (o *Observed) Done() <-chan struct{}  { return o.done }
func (o *Observed) Row() arrow.RecordBatch { return o.row }

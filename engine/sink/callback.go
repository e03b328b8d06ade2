package sink

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Callback hands each epoch's rows, as a whole and borrowed, to a function: foreachBatch and the console. An epoch that
// was not committed is handed over again, with the same rows.
type Callback struct {
	gather
	name  string
	known bool
	hand  func(ctx context.Context, epoch int64, rows []arrow.RecordBatch) error
}

// NewCallback is a sink called name in progress; rowsKnown says whether progress counts its rows.
func NewCallback(name string, rowsKnown bool, hand func(ctx context.Context, epoch int64, rows []arrow.RecordBatch) error) *Callback {
	return &Callback{name: name, known: rowsKnown, hand: hand}
}

func (c *Callback) Begin(context.Context, int64) (bool, error) {
	c.begin()
	return false, nil
}

func (c *Callback) Writer(_ context.Context, _ int64, instance int) (Writer, error) {
	return c.writer(instance), nil
}

func (c *Callback) Commit(ctx context.Context, epoch int64) error {
	rows := c.take()
	defer release(rows)
	return c.hand(ctx, epoch, rows)
}

func (c *Callback) Abort(int64) error { release(c.take()); return nil }
func (c *Callback) Describe() string  { return c.name }
func (c *Callback) Idempotent() bool  { return false }
func (c *Callback) RowsKnown() bool   { return c.known }
func (c *Callback) Close() error      { release(c.take()); return nil }

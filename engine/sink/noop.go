package sink

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Noop takes rows and keeps none: for measuring what lies before it.
type Noop struct{}

type noopWriter struct{}

func (noopWriter) Write(context.Context, arrow.RecordBatch) error { return nil }
func (noopWriter) Close(bool) error                               { return nil }

func (Noop) Begin(context.Context, int64) (bool, error)         { return false, nil }
func (Noop) Writer(context.Context, int64, int) (Writer, error) { return noopWriter{}, nil }
func (Noop) Commit(context.Context, int64) error                { return nil }
func (Noop) Abort(int64) error                                  { return nil }
func (Noop) Describe() string                                   { return "NoopTable" }
func (Noop) Idempotent() bool                                   { return true }
func (Noop) RowsKnown() bool                                    { return true }
func (Noop) Close() error                                       { return nil }

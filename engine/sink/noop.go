package sink

import "context"

// noop takes rows and forgets them.
type noop struct{}

func openNoop(context.Context, *Env) (Sink, error) { return noop{}, nil }

func (noop) Begin(context.Context, int64) (bool, error)         { return false, nil }
func (noop) Writer(context.Context, int64, int) (Writer, error) { return discard{}, nil }
func (noop) Commit(context.Context, int64) error                { return nil }
func (noop) Abort(int64) error                                  { return nil }
func (noop) Describe() string                                   { return "NoopTable" }
func (noop) Idempotent() bool                                   { return true }
func (noop) RowsKnown() bool                                    { return true }
func (noop) Close() error                                       { return nil }

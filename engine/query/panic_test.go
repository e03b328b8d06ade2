package query_test

import (
	"context"
	"testing"
	"time"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/vfs"
)

// brittle is a store that panics in one of its methods.
type brittle struct {
	state.Store
	in string
}

func (b brittle) may(method string) error {
	if b.in == method {
		panic("brittle " + method)
	}
	return nil
}
func (b brittle) Restore(context.Context, int64) error  { return b.may("restore") }
func (b brittle) Commit(context.Context, int64) error   { return b.may("commit") }
func (b brittle) Maintain(context.Context, int64) error { return b.may("maintain") }
func (b brittle) Close() error                          { return b.may("close") }

// TestAPanicEndsTheQueryAndNothingElse: wherever it comes, it is the query's failure.
func TestAPanicEndsTheQueryAndNothingElse(t *testing.T) {
	for _, in := range []string{"restore", "commit", "maintain", "close"} {
		c, err := checkpoint.Open(vfs.NewMemory(), "/q")
		if err != nil {
			t.Fatal(err)
		}
		j := &job{stream: newNumbers(3), table: newTable(), until: time.Second}
		q := query.New(query.Config{Job: j, Sink: j.table, Check: c, History: checkpoint.History{LatestID: -1, CommitID: -1}, Clock: clock.Real{}, State: brittle{in: in},
			Trigger: query.Trigger{Kind: query.AvailableNow}, Settings: query.Settings{Retain: 2, Recent: 1}})
		q.Begin()
		<-q.Done()
		failure := q.Failure()
		if failure == nil || errs.As(failure.Cause) == nil || errs.As(failure.Cause).Condition() != "INTERNAL_ERROR" {
			t.Errorf("a panic in %s gives %v", in, failure)
		}
	}
}

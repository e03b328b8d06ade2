package exec

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// stateLimit passes the first n rows of the query's life, behind a Single exchange. It never answers errs.Stop: what
// stands beneath it has state to keep and rows to count.
type stateLimit struct {
	n        int64
	operator int
	table    state.Table
	count    rowCount
	before   int64
	counts   StateCounts
	now      func() time.Time
}

// NewStateLimit declares its table, of one row, to the store.
func NewStateLimit(i Instance, store state.Store, operator int, n int64) (Operator, error) {
	l := &stateLimit{n: n, operator: operator, now: i.Now, count: rowCount{c: i.Context()}}
	var err error
	l.table, err = store.Open(state.Spec{Operator: operator, Resident: true, Name: "globalLimit", OperatorName: "globalLimit", Values: []types.Field{{Name: "value", Type: types.Long}}}, i.Index, i.Count, &l.count)
	return l, err
}

func (l *stateLimit) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	left := min(l.n-l.count.n, b.NumRows())
	if left <= 0 {
		return nil
	}
	l.count.n += left
	if left == b.NumRows() {
		return unlessStop(emit(b))
	}
	out := b.NewSlice(0, left)
	defer out.Release()
	return unlessStop(emit(out))
}

func (l *stateLimit) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	switch m.Kind {
	case Begin:
		l.before, l.counts = l.count.n, StateCounts{}
	case End:
		if l.count.n == l.before {
			return nil
		}
		began := l.now()
		slot := []int32{0}
		if err := l.table.Slots(nil, 1, slot); err != nil {
			return err
		}
		l.table.Touch(slot)
		l.counts.Updated = 1
		l.counts.UpdateNanos = int64(l.now().Sub(began))
	}
	return nil
}

func (l *stateLimit) stateCounts() StateCounts {
	c := l.counts
	c.Operator, c.Name = l.operator, "globalLimit"
	c.Rows, c.Bytes = int64(l.table.Len()), l.table.Bytes()
	return c
}

func (l *stateLimit) Explain() string { return fmt.Sprint("StateGlobalLimit ", l.n) }
func (l *stateLimit) Close() error    { return nil }

// rowCount is a payload of one number, in the one slot there is.
type rowCount struct {
	c *expr.Context
	n int64
}

func (r *rowCount) Grow(int) {}
func (r *rowCount) Read(slots []int32) ([]arrow.Array, error) {
	out := batch.NewFixed[int64](r.c.Mem, len(slots))
	for i := range slots {
		out.Values[i] = r.n
	}
	return []arrow.Array{out.Done(arrow.PrimitiveTypes.Int64, nil)}, nil
}
func (r *rowCount) Write(slots []int32, columns []arrow.Array) error {
	if len(slots) > 0 {
		r.n = batch.Values[int64](columns[0])[0]
	}
	return nil
}
func (r *rowCount) Clear(slots []int32) {
	if len(slots) > 0 {
		r.n = 0
	}
}
func (r *rowCount) Bytes() int64 { return 8 }

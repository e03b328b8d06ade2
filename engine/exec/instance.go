package exec

import (
	"context"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// Instance is where an operator stands: what its constructor may know.
type Instance struct {
	// Index is its number among the Count instances of its stage.
	Index, Count int
	Mem          memory.Allocator
	Zone         *time.Location
	ANSI         bool
	LastKeyWins  bool
	// Now tells the time for durations in metrics, and for nothing else.
	Now func() time.Time
}

// Context is the evaluation context of one operator of this instance.
func (i Instance) Context() *expr.Context {
	return &expr.Context{Mem: i.Mem, Zone: i.Zone, ANSI: i.ANSI, LastKeyWins: i.LastKeyWins, Partition: i.Index, Watermark: noWatermark}
}

const noWatermark = -1 << 63

// follow gives a context what a mark says.
func follow(c *expr.Context, m Mark) {
	switch m.Kind {
	case Begin:
		c.NowMicros, c.Seed, c.Watermark = m.Epoch.NowMicros, m.Epoch.Seed, m.Epoch.Watermark
		c.RowBase = 0
	case Split:
		c.Partition, c.RowBase = m.Split, 0
	}
}

// evaluate evaluates an expression. It answers batch.TooLarge where the rows of b do not fit at once, to be asked again
// with fewer.
func evaluate(c *expr.Context, e expr.Evaluator, b arrow.RecordBatch) (expr.Vector, error) {
	return fitting(c, b, func(c *expr.Context) (expr.Vector, error) { return e.Eval(c, b) })
}

// column evaluates an expression to a column of the batch's rows.
func column(c *expr.Context, e expr.Evaluator, b arrow.RecordBatch) (arrow.Array, error) {
	v, err := fitting(c, b, func(c *expr.Context) (expr.Vector, error) {
		v, err := e.Eval(c, b)
		if err != nil || !v.Const {
			return v, err
		}
		defer v.Release()
		return expr.Vector{Array: batch.Repeat(c.Mem, v.Array, 0, int(b.NumRows()))}, nil
	})
	return v.Array, err
}

func fitting(c *expr.Context, b arrow.RecordBatch, eval func(c *expr.Context) (expr.Vector, error)) (v expr.Vector, err error) {
	if b.NumRows() > 1 {
		easy := *c
		easy.Mem = batch.Limited(c.Mem)
		c = &easy
	}
	defer func() {
		if p := recover(); p == batch.TooLarge {
			err = batch.TooLarge
		} else if p != nil {
			panic(p)
		}
	}()
	return eval(c)
}

// tooLarge is what one row raises that does not fit.
func tooLarge() error {
	return errs.New("COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION", "numberOfElements", "more than "+strconv.Itoa(batch.MostElements),
		"maxRoundedArrayLength", strconv.Itoa(batch.MostElements), "functionName", "a column")
}

// inParts does rows [lo, hi) at once or, where do answers batch.TooLarge, in halves.
func inParts(lo, hi int, do func(lo, hi int) error) error {
	err := do(lo, hi)
	if err != batch.TooLarge {
		return err
	}
	if hi-lo < 2 {
		return tooLarge()
	}
	middle := lo + (hi-lo)/2
	if err := inParts(lo, middle, do); err != nil {
		return err
	}
	return inParts(middle, hi, do)
}

// emitParts makes and emits the rows [lo, hi), in as many batches as they need to fit.
func emitParts(lo, hi int, make func(lo, hi int) arrow.RecordBatch, emit Emit) error {
	return inParts(lo, hi, func(lo, hi int) error {
		b := fits(lo, hi, make)
		if b == nil {
			return batch.TooLarge
		}
		defer b.Release()
		return emit(b)
	})
}

func fits(lo, hi int, make func(lo, hi int) arrow.RecordBatch) (b arrow.RecordBatch) {
	defer func() {
		if p := recover(); p != nil && p != batch.TooLarge {
			panic(p)
		}
	}()
	return make(lo, hi)
}

// columns evaluates expressions; on an error none remains.
func columns(c *expr.Context, es []expr.Evaluator, b arrow.RecordBatch) ([]arrow.Array, error) {
	out := make([]arrow.Array, len(es))
	for i, e := range es {
		a, err := column(c, e, b)
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out[i] = a
	}
	return out, nil
}

// pass is the Mark of operators that hold no rows back.
type pass struct{}

func (pass) Mark(context.Context, int, Mark, Emit) error { return nil }
func (pass) Close() error                                { return nil }

// slice gives rows lo to hi of a column, owned by the caller.
func slice(a arrow.Array, lo, hi int) arrow.Array {
	if lo == 0 && hi == a.Len() {
		a.Retain()
		return a
	}
	return array.NewSlice(a, int64(lo), int64(hi))
}

// NewInstance is an instance with the plainest settings: UTC, ANSI, the machine's clock.
func NewInstance(index, count int, mem memory.Allocator) Instance {
	return Instance{Index: index, Count: count, Mem: mem, Zone: time.UTC, ANSI: true, Now: clock.Real{}.Now}
}

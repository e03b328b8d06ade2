package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// Call is one aggregate of an aggregation, compiled for one instance.
type Call struct {
	Agg *expr.Agg
	// Args over input rows; unused where buffers come in.
	Args []expr.Evaluator
	// Filter is FILTER (WHERE …), or nil.
	Filter expr.Evaluator
}

// accumulators are the aggregates of one aggregation over the same slots.
type accumulators struct {
	c       *expr.Context
	calls   []Call
	accs    []expr.Accumulator
	buffers [][]types.Type
	seen    []state.Groups // by call: the (slot, arguments) a DISTINCT call has counted, or nil
	masked  []int32
}

func newAccumulators(c *expr.Context, calls []Call) (*accumulators, error) {
	a := &accumulators{c: c, calls: calls, seen: make([]state.Groups, len(calls))}
	for i, call := range calls {
		acc, err := call.Agg.Fn.New(c, call.Agg)
		if err != nil {
			a.close()
			return nil, err
		}
		a.accs = append(a.accs, acc)
		a.buffers = append(a.buffers, call.Agg.Fn.Buffer(call.Agg))
		if call.Agg.Distinct {
			keys := []types.Type{types.Int}
			for _, arg := range call.Agg.Args {
				keys = append(keys, arg.Type())
			}
			a.seen[i] = state.NewGroups(keys)
		}
	}
	return a, nil
}

func (a *accumulators) grow(n int) {
	for _, x := range a.accs {
		x.Grow(n)
	}
}

// update adds input rows to their slots.
func (a *accumulators) update(b arrow.RecordBatch, slots []int32) error {
	for i, call := range a.calls {
		// in parts here and not for the whole batch: the calls before have had its rows
		err := inParts(0, int(b.NumRows()), func(lo, hi int) error {
			part := b.NewSlice(int64(lo), int64(hi))
			defer part.Release()
			return a.updateOne(i, call, part, slots[lo:hi])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *accumulators) updateOne(i int, call Call, b arrow.RecordBatch, slots []int32) error {
	if call.Filter != nil {
		v, err := column(a.c, call.Filter, b)
		if err != nil {
			return err
		}
		slots = a.mask(v, slots)
		v.Release()
	}
	args, err := columns(a.c, call.Args, b)
	if err != nil && err != batch.TooLarge && call.Filter != nil {
		return a.updateChosen(i, call, b, slots, err)
	}
	if err != nil {
		return err
	}
	defer batch.Release(args...)
	if a.seen[i] != nil {
		slots = a.firsts(i, args, slots)
	}
	return a.accs[i].Update(slots, args)
}

// updateChosen is updateOne after an argument has failed: of the rows that FILTER leaves, nobody knows yet.
func (a *accumulators) updateChosen(i int, call Call, b arrow.RecordBatch, slots []int32, failure error) error {
	var rows, chosen []int32
	for row, slot := range slots {
		if slot >= 0 {
			rows, chosen = append(rows, int32(row)), append(chosen, slot)
		}
	}
	if len(rows) == len(slots) {
		return failure
	}
	if len(rows) == 0 {
		return nil
	}
	part := batch.TakeBatch(a.c.Mem, b, rows)
	defer part.Release()
	call.Filter = nil
	return a.updateOne(i, call, part, chosen)
}

// mask takes rows out for which the condition is not true.
func (a *accumulators) mask(condition arrow.Array, slots []int32) []int32 {
	a.masked = append(a.masked[:0], slots...)
	v, valid := batch.Bools(condition), batch.Valid(condition)
	for i := range a.masked {
		if !v.Get(i) || !valid.Get(i) {
			a.masked[i] = -1
		}
	}
	return a.masked
}

// firsts takes rows out whose arguments a DISTINCT call has had in their group, and those with a null among them,
// which no DISTINCT aggregate counts.
func (a *accumulators) firsts(call int, args []arrow.Array, slots []int32) []int32 {
	n := len(slots)
	ids := batch.NewFixed[int32](a.c.Mem, n)
	copy(ids.Values, slots)
	key := ids.Done(arrow.PrimitiveTypes.Int32, nil)
	defer key.Release()
	out := make([]int32, n)
	made := a.seen[call].Slots(append([]arrow.Array{key}, args...), n, out)
	for i := range out {
		out[i] = -1
	}
	for _, row := range made {
		out[row] = slots[row]
	}
	for _, arg := range args {
		valid := batch.Valid(arg)
		for i := 0; !valid.All() && i < n; i++ {
			if !valid.Get(i) {
				out[i] = -1
			}
		}
	}
	return out
}

// merge adds partial results, whose columns stand behind the first skip of the batch.
func (a *accumulators) merge(b arrow.RecordBatch, skip int, slots []int32) error {
	return a.mergeColumns(b.Columns()[skip:], slots)
}

func (a *accumulators) mergeColumns(columns []arrow.Array, slots []int32) error {
	for i, x := range a.accs {
		n := len(a.buffers[i])
		if err := x.Merge(slots, columns[:n]); err != nil {
			return err
		}
		columns = columns[n:]
	}
	return nil
}

// partials and results give columns for slots, owned by the caller.
func (a *accumulators) partials(slots []int32) ([]arrow.Array, error) {
	var out []arrow.Array
	for _, x := range a.accs {
		p, err := x.Partial(slots)
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

func (a *accumulators) results(slots []int32) ([]arrow.Array, error) {
	var out []arrow.Array
	for _, x := range a.accs {
		r, err := x.Result(slots)
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (a *accumulators) clear(slots []int32) {
	for i, x := range a.accs {
		x.Clear(slots)
		if a.seen[i] != nil {
			a.seen[i].Reset() // groups of an aggregation are cleared all at once
		}
	}
}

func (a *accumulators) bytes() int64 {
	var n int64
	for _, x := range a.accs {
		n += x.Bytes()
	}
	return n
}

func (a *accumulators) close() {
	for _, x := range a.accs {
		x.Close()
	}
	a.accs = nil
}

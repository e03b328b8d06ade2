package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// sessioned adds to each row the session that it would be alone: from its time until its gap is over. Rows without a
// time, or whose gap is not above nothing, go.
type sessioned struct {
	c         *expr.Context
	time, end expr.Evaluator
	gap       int64
	schema    *arrow.Schema
}

// NewSessioned makes session_window(). A gap in microseconds stands for end where it is above 0. schema is the input's with one
// column more: struct<start, end>.
func NewSessioned(i Instance, time, end expr.Evaluator, gap int64, schema *arrow.Schema) Operator {
	return &sessioned{c: i.Context(), time: time, end: end, gap: gap, schema: schema}
}

func (o *sessioned) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	starts, err := column(o.c, o.time, b)
	if err != nil {
		return err
	}
	defer starts.Release()
	ends, err := o.ends(starts, b)
	if err != nil {
		return err
	}
	defer ends.Release()
	if rows, some := o.within(starts, ends); some {
		b = batch.TakeBatch(o.c.Mem, b, rows)
		starts, ends = batch.Take(o.c.Mem, starts, rows), batch.Take(o.c.Mem, ends, rows)
		defer b.Release()
		defer batch.Release(starts, ends)
	}
	if b.NumRows() == 0 {
		return nil
	}
	n := int(b.NumCols())
	out := make([]arrow.Array, n+1)
	for i := range n {
		out[i] = b.Column(i)
		out[i].Retain()
	}
	out[n] = span(o.schema.Field(n).Type, starts, ends)
	r := batch.Make(o.schema, out, int(b.NumRows()))
	defer r.Release()
	return emit(r)
}

func (o *sessioned) ends(starts arrow.Array, b arrow.RecordBatch) (arrow.Array, error) {
	if o.gap <= 0 {
		return column(o.c, o.end, b)
	}
	f := batch.NewFixed[int64](o.c.Mem, starts.Len())
	for i, s := range batch.Values[int64](starts) {
		f.Values[i] = s + o.gap
	}
	return f.Done(starts.DataType(), nil), nil
}

// within is the rows that are in a session, where some are not.
func (o *sessioned) within(starts, ends arrow.Array) (rows []int32, some bool) {
	s, e := batch.Values[int64](starts), batch.Values[int64](ends)
	known, ended := batch.Valid(starts), batch.Valid(ends)
	keeps := func(i int) bool { return known.Get(i) && ended.Get(i) && e[i] > s[i] }
	all := known.All() && ended.All()
	for i := 0; all && i < len(s); i++ {
		all = e[i] > s[i]
	}
	if all {
		return nil, false
	}
	rows = make([]int32, 0, len(s))
	for i := range s {
		if keeps(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows, true
}

// span is a column struct<start, end> of two columns of times, which it retains.
func span(dt arrow.DataType, starts, ends arrow.Array) arrow.Array {
	starts.Retain()
	ends.Retain()
	return batch.Assemble(dt, starts.Len(), 0, []*memory.Buffer{nil}, starts, ends)
}

// spans takes a column struct<start, end> apart.
func spans(a arrow.Array) (starts, ends []int64) {
	s := a.(*array.Struct)
	return batch.Values[int64](s.Field(0)), batch.Values[int64](s.Field(1))
}

func (o *sessioned) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(o.c, m)
	return nil
}

func (o *sessioned) Explain() string { return "SessionWindow" }
func (o *sessioned) Close() error    { return nil }

// merged replaces the session that each row would be alone by the one that the rows of its key make together. It holds
// the rows of an epoch.
type merged struct {
	c       *expr.Context
	keys    []int
	session int
	schema  *arrow.Schema
	index   *sessionIndex
	held    []arrow.RecordBatch
	slots   [][]int32 // by held batch
}

// NewMergedSessions replaces column session by what the rows of equal keys (column numbers) make together: for what
// must see whole sessions, such as DISTINCT aggregates. It stands behind an exchange over the keys.
func NewMergedSessions(i Instance, keys []int, types []types.Type, session int, schema *arrow.Schema) Operator {
	return &merged{c: i.Context(), keys: keys, session: session, schema: schema, index: newSessionIndex(types)}
}

func (o *merged) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	n := int(b.NumRows())
	if n == 0 {
		return nil
	}
	keys := make([]arrow.Array, len(o.keys))
	for i, k := range o.keys {
		keys[i] = b.Column(k)
	}
	slots := make([]int32, n)
	starts, ends := spans(b.Column(o.session))
	o.index.add(o.index.find(keys, n), starts, ends, slots)
	b.Retain()
	o.held, o.slots = append(o.held, b), append(o.slots, slots)
	return nil
}

func (o *merged) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(o.c, m)
	if m.Kind != End {
		return nil
	}
	var err error
	for i := 0; i < len(o.held) && err == nil; i++ {
		err = o.emit(o.held[i], o.slots[i], emit)
	}
	o.release()
	return err
}

func (o *merged) emit(b arrow.RecordBatch, slots []int32, emit Emit) error {
	for i, s := range slots {
		slots[i] = o.index.root(s)
	}
	columns := make([]arrow.Array, b.NumCols())
	for i := range columns {
		if i == o.session {
			columns[i] = o.index.spans(o.c.Mem, o.schema.Field(i).Type, slots)
			continue
		}
		columns[i] = b.Column(i)
		columns[i].Retain()
	}
	r := batch.Make(o.schema, columns, len(slots))
	defer r.Release()
	return emit(r)
}

func (o *merged) release() {
	for _, b := range o.held {
		b.Release()
	}
	o.held, o.slots = nil, nil
	o.index.reset()
}

func (o *merged) Explain() string { return "MergingSessions" }
func (o *merged) Close() error {
	o.release()
	return nil
}

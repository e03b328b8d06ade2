package functions

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// min, max, min_by, max_by, first and last.

var (
	minFn   = &expr.Aggregate{Name: "min", Buffer: ownType, New: newExtreme(-1)}
	maxFn   = &expr.Aggregate{Name: "max", Buffer: ownType, New: newExtreme(1)}
	minByFn = &expr.Aggregate{Name: "min_by", Buffer: byBuffer, New: newBy(-1)}
	maxByFn = &expr.Aggregate{Name: "max_by", Buffer: byBuffer, New: newBy(1)}
	firstFn = &expr.Aggregate{Name: "first", Buffer: endBuffer, Ordered: true, New: newEnd(false)}
	lastFn  = &expr.Aggregate{Name: "last", Buffer: endBuffer, Ordered: true, New: newEnd(true)}
)

func ownType(a *expr.Agg) []types.Type { return []types.Type{a.DataType} }

func newExtreme(sign int) func(*expr.Context, *expr.Agg) (expr.Accumulator, error) {
	return func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		dt := types.Arrow(a.DataType)
		switch dt.ID() {
		case arrow.INT8:
			return &extreme[int8]{mem: c.Mem, dt: dt, sign: sign, better: betterInteger[int8]}, nil
		case arrow.INT16:
			return &extreme[int16]{mem: c.Mem, dt: dt, sign: sign, better: betterInteger[int16]}, nil
		case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
			return &extreme[int32]{mem: c.Mem, dt: dt, sign: sign, better: betterInteger[int32]}, nil
		case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
			return &extreme[int64]{mem: c.Mem, dt: dt, sign: sign, better: betterInteger[int64]}, nil
		case arrow.FLOAT32:
			return &extreme[float32]{mem: c.Mem, dt: dt, sign: sign, better: betterFloat[float32]}, nil
		case arrow.FLOAT64:
			return &extreme[float64]{mem: c.Mem, dt: dt, sign: sign, better: betterFloat[float64]}, nil
		case arrow.STRING, arrow.BINARY:
			return &extremeText{mem: c.Mem, dt: dt, sign: sign}, nil
		}
		return &by{mem: c.Mem, sign: sign, keys: rowStore{mem: c.Mem, dt: dt}, alone: true}, nil
	}
}

// extreme is min or max of a fixed-width type.
type extreme[T signed | floating] struct {
	mem    memory.Allocator
	dt     arrow.DataType
	sign   int
	state  []extremeState[T]
	better func(state []extremeState[T], slots []int32, v []T, valid batch.Bitmap, max bool)
}

type extremeState[T any] struct {
	v    T
	seen bool
}

func (a *extreme[T]) Grow(n int) { a.state = grown(a.state, n) }

func (a *extreme[T]) Update(slots []int32, args []arrow.Array) error {
	a.better(a.state, slots, batch.Values[T](args[0]), batch.Valid(args[0]), a.sign > 0)
	return nil
}

func betterInteger[T signed](state []extremeState[T], slots []int32, v []T, valid batch.Bitmap, max bool) {
	v = v[:len(slots)]
	all := valid.All()
	for i, s := range slots {
		if s < 0 || !all && !valid.Get(i) {
			continue
		}
		p, x := &state[s], v[i]
		if !p.seen || (max && x > p.v) || (!max && x < p.v) {
			p.v, p.seen = x, true
		}
	}
}

// betterFloat has NaN above all else.
func betterFloat[T floating](state []extremeState[T], slots []int32, v []T, valid batch.Bitmap, max bool) {
	v = v[:len(slots)]
	all := valid.All()
	for i, s := range slots {
		if s < 0 || !all && !valid.Get(i) {
			continue
		}
		p, x := &state[s], v[i]
		if !p.seen || (max && (x > p.v || x != x)) || (!max && (x < p.v || p.v != p.v)) {
			p.v, p.seen = x, true
		}
	}
}

func (a *extreme[T]) Merge(slots []int32, buffer []arrow.Array) error { return a.Update(slots, buffer) }

func (a *extreme[T]) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *extreme[T]) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, a.dt, slots, func(s int32) (T, bool) { return a.state[s].v, a.state[s].seen }), nil
}

func (a *extreme[T]) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = extremeState[T]{}
	}
}
func (a *extreme[T]) Bytes() int64 { return int64(cap(a.state)) * 16 }
func (a *extreme[T]) Close()       {}

// extremeText is min or max of strings or binaries.
type extremeText struct {
	mem   memory.Allocator
	dt    arrow.DataType
	sign  int
	state [][]byte
	held  int64
}

func (a *extremeText) Grow(n int) { a.state = grown(a.state, n) }

func (a *extremeText) Update(slots []int32, args []arrow.Array) error {
	o, d := batch.Text(args[0])
	valid := batch.Valid(args[0])
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		x, p := d[o[i]:o[i+1]], a.state[s]
		if p == nil || a.sign*bytes.Compare(x, p) > 0 {
			if p == nil {
				p = make([]byte, 0, len(x)|1)
			}
			a.held += int64(len(x) - len(p))
			a.state[s] = append(p[:0], x...)
		}
	}
	return nil
}

func (a *extremeText) Merge(slots []int32, buffer []arrow.Array) error {
	return a.Update(slots, buffer)
}

func (a *extremeText) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *extremeText) Result(slots []int32) (arrow.Array, error) {
	out, valid := batch.NewStrings(a.mem, len(slots), len(slots)*8), batch.NewMarks(a.mem, len(slots), true)
	for i, s := range slots {
		if a.state[s] == nil {
			valid.Clear(i)
		}
		out.Append(a.state[s])
	}
	return out.Done(a.dt, valid), nil
}

func (a *extremeText) Clear(slots []int32) {
	for _, s := range slots {
		a.held -= int64(len(a.state[s]))
		a.state[s] = nil
	}
}
func (a *extremeText) Bytes() int64 { return int64(cap(a.state))*24 + a.held }
func (a *extremeText) Close()       {}

func byBuffer(a *expr.Agg) []types.Type {
	return []types.Type{a.Args[0].Type(), a.Args[1].Type(), types.Boolean}
}

func newBy(sign int) func(*expr.Context, *expr.Agg) (expr.Accumulator, error) {
	return func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		return &by{mem: c.Mem, sign: sign,
			values: rowStore{mem: c.Mem, dt: types.Arrow(a.Args[0].Type())},
			keys:   rowStore{mem: c.Mem, dt: types.Arrow(a.Args[1].Type())}}, nil
	}
}

// by is min_by and max_by, and with alone min and max of types without a loop of their own: the row of the best key.
type by struct {
	mem          memory.Allocator
	sign         int
	alone        bool
	keys, values rowStore
	spots        // the same in both stores
}

func (a *by) Update(slots []int32, args []arrow.Array) error {
	if a.alone {
		return a.add(slots, nil, args[0])
	}
	return a.add(slots, args[0], args[1])
}

func (a *by) add(slots []int32, values, keys arrow.Array) error {
	order, valid := a.keys.against(keys), batch.Valid(keys)
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		better := true
		if row := a.changed.row[s]; row >= 0 {
			better = a.beats(order.within(i, int(row)))
		} else if a.at[s] != none {
			better = a.beats(order.compare(i, a.at[s]))
		}
		if better {
			a.changed.set(s, int32(i))
		}
	}
	changed, rows := a.changed.take()
	if len(changed) == 0 {
		return nil
	}
	chunk := a.keys.put(keys, rows)
	if !a.alone {
		a.values.put(values, rows)
	}
	a.move(changed, chunk)
	return a.tidy()
}

// beats says that a key replaces the best one: of equal keys the last stays with its value.
func (a *by) beats(order int) bool { return a.sign*order > 0 || order == 0 && !a.alone }

func (a *by) tidy() error {
	if a.keys.tight(a.live) {
		return nil
	}
	places := a.held()
	if !a.alone {
		copies := make([]spot, len(places))
		refs := make([]*spot, len(places))
		for i, p := range places {
			copies[i] = *p
			refs[i] = &copies[i]
		}
		if err := a.values.tidy(refs); err != nil {
			return err
		}
	}
	return a.keys.tidy(places)
}

func (a *by) Merge(slots []int32, buffer []arrow.Array) error {
	if a.alone {
		return a.add(slots, nil, buffer[0])
	}
	return a.add(slots, buffer[0], buffer[1])
}

func (a *by) Partial(slots []int32) ([]arrow.Array, error) {
	keys, err := a.keys.gather(a.of(slots))
	if err != nil || a.alone {
		return []arrow.Array{keys}, err
	}
	values, err := a.values.gather(a.of(slots))
	if err != nil {
		keys.Release()
		return nil, err
	}
	return []arrow.Array{values, keys, a.seen(a.mem, slots)}, nil
}

func (a *by) Result(slots []int32) (arrow.Array, error) {
	if a.alone {
		return a.keys.gather(a.of(slots))
	}
	return a.values.gather(a.of(slots))
}

func (a *by) Bytes() int64 { return a.spots.bytes() + a.keys.bytes() + a.values.bytes() }
func (a *by) Close() {
	a.keys.close()
	a.values.close()
}

func endBuffer(a *expr.Agg) []types.Type { return []types.Type{a.DataType, types.Boolean} }

func newEnd(last bool) func(*expr.Context, *expr.Agg) (expr.Accumulator, error) {
	return func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		return &end{mem: c.Mem, last: last, skipNulls: a.Data.(bool), values: rowStore{mem: c.Mem, dt: types.Arrow(a.DataType)}}, nil
	}
}

// end is first and last.
type end struct {
	mem             memory.Allocator
	last, skipNulls bool
	values          rowStore
	spots
}

func (a *end) Update(slots []int32, args []arrow.Array) error {
	return a.add(slots, args[0], batch.Bitmap{})
}

func (a *end) Merge(slots []int32, buffer []arrow.Array) error {
	return a.add(slots, buffer[0], batch.Bools(buffer[1]))
}

// add takes rows that count: seen is false for partial results of no row.
func (a *end) add(slots []int32, v arrow.Array, seen batch.Bitmap) error {
	valid := batch.Bitmap{}
	if a.skipNulls {
		valid = batch.Valid(v)
	}
	for i, s := range slots {
		if s < 0 || !valid.Get(i) || !seen.Get(i) {
			continue
		}
		if a.last || a.at[s] == none && a.changed.row[s] < 0 {
			a.changed.set(s, int32(i))
		}
	}
	changed, rows := a.changed.take()
	if len(changed) == 0 {
		return nil
	}
	chunk := a.values.put(v, rows)
	a.move(changed, chunk)
	if a.values.tight(a.live) {
		return nil
	}
	return a.values.tidy(a.held())
}

func (a *end) Partial(slots []int32) ([]arrow.Array, error) {
	v, err := a.Result(slots)
	if err != nil {
		return nil, err
	}
	return []arrow.Array{v, a.seen(a.mem, slots)}, nil
}

func (a *end) Result(slots []int32) (arrow.Array, error) {
	return a.values.gather(a.of(slots))
}

func (a *end) Bytes() int64 { return a.spots.bytes() + a.values.bytes() }
func (a *end) Close()       { a.values.close() }

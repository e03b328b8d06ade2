package functions

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// collect_list, collect_set and percentiles: every value of a slot is kept.

var (
	collectListFn      = &expr.Aggregate{Name: "collect_list", Buffer: ownType, Ordered: true, New: newCollect(false)}
	collectSetFn       = &expr.Aggregate{Name: "collect_set", Buffer: ownType, Ordered: true, New: newCollect(true)}
	percentileFn       = &expr.Aggregate{Name: "percentile", Buffer: listBuffer, New: newPercentile(true)}
	percentileApproxFn = &expr.Aggregate{Name: "percentile_approx", Buffer: listBuffer, New: newPercentile(false)}
)

func listBuffer(a *expr.Agg) []types.Type { return []types.Type{types.Array{Elem: a.Args[0].Type()}} }

func newCollect(set bool) func(*expr.Context, *expr.Agg) (expr.Accumulator, error) {
	return func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		return makeCollect(c.Mem, a.DataType.(types.Array).Elem, set), nil
	}
}

func makeCollect(mem memory.Allocator, elem types.Type, set bool) *collect {
	return &collect{mem: mem, set: set, dt: types.Arrow(types.Array{Elem: elem}), rows: rowStore{mem: mem, dt: types.Arrow(elem)}}
}

// collect keeps rows in the order they came, each linked to the next of its slot.
type collect struct {
	mem  memory.Allocator
	set  bool
	dt   arrow.DataType
	rows rowStore
	// kept is every row: where it lies, the next of its slot, and for sets the next of its hash.
	kept  []keptRow
	slots []listState
	live  int
	// table finds the rows of a set by the hash of slot and value.
	table map[uint64]int32
}

type keptRow struct {
	at         spot
	next, same int32
	slot       int32
}

type listState struct{ head, tail, n int32 }

func (a *collect) Grow(n int) {
	old := len(a.slots)
	a.slots = grown(a.slots, n)
	for i := old; i < n; i++ {
		a.slots[i] = listState{-1, -1, 0}
	}
}

func (a *collect) Update(slots []int32, args []arrow.Array) error { return a.add(slots, args[0]) }

// add keeps what is not null, and of a set what is new.
func (a *collect) add(slots []int32, v arrow.Array) error {
	valid := batch.Valid(v)
	rows, owners := make([]int32, 0, len(slots)), make([]int32, 0, len(slots))
	var hashes []uint64
	if a.set {
		hashes = make([]uint64, v.Len())
		batch.Hash([]arrow.Array{v}, v.Len(), 1, hashes)
	}
	finder := &setFinder{c: a, v: v, base: int32(len(a.kept))}
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		id := int32(len(a.kept) + len(rows))
		if a.set && !finder.isNew(i, s, hashes[i], id) {
			continue
		}
		rows, owners = append(rows, int32(i)), append(owners, s)
	}
	if len(rows) == 0 {
		return nil
	}
	chunk := a.rows.put(v, rows)
	for k, s := range owners {
		id := int32(len(a.kept))
		same := int32(-1)
		if a.set {
			same = finder.same[k]
		}
		a.kept = append(a.kept, keptRow{spot{chunk, int32(k)}, -1, same, s})
		l := &a.slots[s]
		if l.head < 0 {
			l.head = id
		} else {
			a.kept[l.tail].next = id
		}
		l.tail = id
		l.n++
	}
	a.live += len(rows)
	return a.tidy()
}

// setFinder looks for a value among the rows of its slot, those of this call included.
type setFinder struct {
	c      *collect
	v      arrow.Array
	base   int32
	rows   []int32 // of this call
	owners []int32
	same   []int32
	within batch.Same
	chunks []batch.Same
}

func (f *setFinder) isNew(row int, slot int32, hash uint64, id int32) bool {
	if f.c.table == nil {
		f.c.table = map[uint64]int32{}
	}
	if f.within == nil {
		f.within = batch.Equaler([]arrow.Array{f.v}, []arrow.Array{f.v})
		f.chunks = make([]batch.Same, len(f.c.rows.chunks))
	}
	key := hash ^ uint64(slot)*0x9e3779b97f4a7c15
	first, ok := f.c.table[key]
	if !ok {
		first = -1
	}
	for k := first; k >= 0; {
		if k >= f.base {
			if i := k - f.base; f.owners[i] == slot && f.within(row, int(f.rows[i])) {
				return false
			}
			k = f.same[k-f.base]
			continue
		}
		r := &f.c.kept[k]
		if r.slot == slot && f.chunk(r.at.chunk)(row, int(r.at.row)) {
			return false
		}
		k = r.same
	}
	f.rows, f.owners, f.same = append(f.rows, int32(row)), append(f.owners, slot), append(f.same, first)
	f.c.table[key] = id
	return true
}

func (f *setFinder) chunk(i int32) batch.Same {
	if f.chunks[i] == nil {
		f.chunks[i] = batch.Equaler([]arrow.Array{f.v}, []arrow.Array{f.c.rows.chunks[i]})
	}
	return f.chunks[i]
}

// tidy joins chunks and drops the rows of cleared slots.
func (a *collect) tidy() error {
	if a.rows.tight(a.live) && len(a.kept) <= 2*a.live+4*batch.Rows {
		return nil
	}
	kept := make([]keptRow, 0, a.live)
	for s := range a.slots {
		l := &a.slots[s]
		head := int32(len(kept))
		for k := l.head; k >= 0; k = a.kept[k].next {
			r := a.kept[k]
			r.next = int32(len(kept) + 1)
			kept = append(kept, r)
		}
		if l.n > 0 {
			l.head, l.tail = head, int32(len(kept)-1)
			kept[l.tail].next = -1
		}
	}
	places := make([]*spot, len(kept))
	for i := range kept {
		places[i] = &kept[i].at
	}
	if err := a.rows.tidy(places); err != nil {
		return err
	}
	a.kept = kept
	if a.set {
		a.rehash()
	}
	return nil
}

func (a *collect) rehash() {
	a.table = make(map[uint64]int32, len(a.kept))
	if len(a.kept) == 0 {
		return
	}
	hashes := make([]uint64, len(a.kept))
	batch.Hash([]arrow.Array{a.rows.chunks[0]}, len(a.kept), 1, hashes)
	for k := range a.kept {
		key := hashes[k] ^ uint64(a.kept[k].slot)*0x9e3779b97f4a7c15
		a.kept[k].same = -1
		if first, ok := a.table[key]; ok {
			a.kept[k].same = first
		}
		a.table[key] = int32(k)
	}
}

func (a *collect) Merge(slots []int32, buffer []arrow.Array) error {
	l := buffer[0].(*array.List)
	r, valid := batch.Ranges(l), batch.Valid(l)
	n := len(slots)
	if n == 0 {
		return nil
	}
	part := array.NewSlice(l.ListValues(), int64(r[0]), int64(r[n]))
	defer part.Release()
	owners := make([]int32, part.Len())
	for i, s := range slots {
		for k := r[i]; k < r[i+1]; k++ {
			owners[k-r[0]] = s
			if !valid.Get(i) {
				owners[k-r[0]] = -1
			}
		}
	}
	return a.add(owners, part)
}

func (a *collect) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *collect) Result(slots []int32) (arrow.Array, error) {
	ranges := batch.Buffer(a.mem, (len(slots)+1)*4)
	offsets := arrow.GetData[int32](ranges.Bytes())
	offsets[0] = 0
	var places []spot
	for i, s := range slots {
		for k := a.slots[s].head; k >= 0; k = a.kept[k].next {
			places = append(places, a.kept[k].at)
		}
		offsets[i+1] = int32(len(places))
	}
	values, err := a.rows.gather(places)
	if err != nil {
		ranges.Release()
		return nil, err
	}
	return batch.Assemble(a.dt, len(slots), 0, []*memory.Buffer{nil, ranges}, values), nil
}

func (a *collect) Clear(slots []int32) {
	for _, s := range slots {
		for k := a.slots[s].head; k >= 0; k = a.kept[k].next {
			a.kept[k].slot = -1
		}
		a.live -= int(a.slots[s].n)
		a.slots[s] = listState{-1, -1, 0}
	}
}

func (a *collect) Bytes() int64 {
	return a.rows.bytes() + int64(cap(a.kept))*20 + int64(cap(a.slots))*12 + int64(len(a.table))*24
}
func (a *collect) Close() { a.rows.close() }

func newPercentile(exact bool) func(*expr.Context, *expr.Agg) (expr.Accumulator, error) {
	return func(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
		elem := a.Args[0].Type()
		return &percentile{collect: makeCollect(c.Mem, elem, false), p: a.Data.([]float64)[0], exact: exact}, nil
	}
}

// percentile sorts each slot's values: exact interpolates between two of them, else the result is one of them.
type percentile struct {
	*collect
	p     float64
	exact bool
}

func (a *percentile) Result(slots []int32) (arrow.Array, error) {
	lists, err := a.collect.Result(slots)
	if err != nil {
		return nil, err
	}
	defer lists.Release()
	values := lists.(*array.List).ListValues()
	r := batch.Ranges(lists)
	indices := make([]int32, len(slots))
	between := make([]float64, len(slots))
	for i := range slots {
		part := array.NewSlice(values, int64(r[i]), int64(r[i+1]))
		order := batch.SortIndices([]arrow.Array{part}, []batch.Order{batch.Ascending}, part.Len())
		part.Release()
		indices[i] = -1
		if n := len(order); n > 0 && !a.exact {
			indices[i] = r[i] + order[max(int(math.Ceil(a.p*float64(n))), 1)-1]
		} else if n > 0 {
			d := batch.Values[float64](values)[r[i]:]
			at := a.p * float64(n-1)
			lo, hi := int(math.Floor(at)), int(math.Ceil(at))
			between[i] = (float64(hi)-at)*d[order[lo]] + (at-float64(lo))*d[order[hi]]
			if lo == hi {
				between[i] = d[order[lo]]
			}
			indices[i] = 0
		}
	}
	if !a.exact {
		return batch.Take(a.mem, values, indices), nil
	}
	out, valid := batch.NewFixed[float64](a.mem, len(slots)), batch.NewMarks(a.mem, len(slots), true)
	copy(out.Values, between)
	for i, x := range indices {
		valid.Put(i, x >= 0)
	}
	return out.Done(arrow.PrimitiveTypes.Float64, valid), nil
}

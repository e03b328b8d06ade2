package exec

import (
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// GroupedPort is one input of a grouped function: the columns that the worker gets and the grouping keys, by number, and
// the columns' types.
type GroupedPort struct {
	Columns, Keys []int
	Types         types.Struct
}

// gathered is an epoch's rows by group. It holds them all in memory.
type gathered struct {
	mem    memory.Allocator
	ports  []GroupedPort
	groups state.Groups
	keys   int
	piles  []pile
}

// pile is the rows of one port: the columns that the worker gets, and each row's group.
type pile struct {
	types   []arrow.DataType
	batches [][]arrow.Array
	starts  []int32 // the number of each batch's first row
	slots   []int32
	bytes   int64
	// After arrange: the rows in the order of groups, and where each group's end, by place.
	rows []int32
	ends []int32
}

func newGathered(mem memory.Allocator, ports []GroupedPort, keyTypes []types.Type) *gathered {
	g := &gathered{mem: mem, ports: ports, groups: state.NewGroups(keyTypes), keys: len(keyTypes), piles: make([]pile, len(ports))}
	for i, p := range ports {
		for _, f := range types.ArrowFields(p.Types.Fields) {
			g.piles[i].types = append(g.piles[i].types, f.Type)
		}
	}
	return g
}

// add keeps a batch's rows.
func (g *gathered) add(port int, b arrow.RecordBatch) error {
	n, p, spec := int(b.NumRows()), &g.piles[port], g.ports[port]
	if len(p.slots)+n > batch.MostElements {
		return errs.Internal("%d rows are more than one instance can group", len(p.slots)+n)
	}
	keys := make([]arrow.Array, len(spec.Keys))
	for i, k := range spec.Keys {
		keys[i] = b.Column(k)
	}
	at := len(p.slots)
	p.starts = append(p.starts, int32(at))
	p.slots = append(p.slots, make([]int32, n)...)
	g.groups.Slots(keys, n, p.slots[at:])
	columns := make([]arrow.Array, len(spec.Columns))
	for i, c := range spec.Columns {
		columns[i] = b.Column(c)
		columns[i].Retain()
		p.bytes += int64(columns[i].Data().SizeInBytes())
	}
	p.batches = append(p.batches, columns)
	return nil
}

// joinBelow is up to how many bytes a pile is joined to one batch, which is sooner to take rows from.
const joinBelow = 64 << 20

// arrange orders the rows by group, the groups by their keys as a sort would have them, and gives the keys by place.
func (g *gathered) arrange() ([]arrow.Array, error) {
	slots := g.groups.Live(make([]int32, 0, g.groups.Len()))
	keys := g.groups.Keys(g.mem, slots)
	if g.keys > 0 {
		order := sortRows(keys, ascending(g.keys), len(slots))
		sorted := make([]arrow.Array, len(keys))
		for i, k := range keys {
			sorted[i] = batch.Take(g.mem, k, order)
		}
		batch.Release(keys...)
		keys = sorted
		inOrder := make([]int32, len(slots))
		for i, o := range order {
			inOrder[i] = slots[o]
		}
		slots = inOrder
	}
	places := make([]int32, g.groups.Size())
	for place, s := range slots {
		places[s] = int32(place)
	}
	for i := range g.piles {
		p := &g.piles[i]
		p.arrange(places, len(slots))
		if err := p.join(g.mem); err != nil {
			batch.Release(keys...)
			return nil, err
		}
	}
	return keys, nil
}

func ascending(n int) []batch.Order {
	out := make([]batch.Order, n)
	for i := range out {
		out[i].NullsFirst = true
	}
	return out
}

// arrange sorts the rows' numbers by their groups' places, by counting.
func (p *pile) arrange(places []int32, groups int) {
	p.ends = make([]int32, groups+1)
	for _, s := range p.slots {
		p.ends[places[s]+1]++
	}
	for i := 1; i <= groups; i++ {
		p.ends[i] += p.ends[i-1]
	}
	p.rows = make([]int32, len(p.slots))
	next := p.ends[:groups]
	for row, s := range p.slots {
		at := &next[places[s]]
		p.rows[*at] = int32(row)
		*at++
	}
	p.ends = next // each group's begin has become its end
	p.slots = nil
}

func (p *pile) join(mem memory.Allocator) error {
	if len(p.batches) < 2 || p.bytes > joinBelow {
		return nil
	}
	columns := make([]arrow.Array, len(p.types))
	for c := range columns {
		parts := make([]arrow.Array, len(p.batches))
		for i, b := range p.batches {
			parts[i] = b[c]
		}
		var err error
		if columns[c], err = batch.Concat(mem, parts); err != nil {
			batch.Release(columns[:c]...)
			return err
		}
	}
	p.release()
	p.batches, p.starts = [][]arrow.Array{columns}, []int32{0}
	return nil
}

// take gives some of the rows, by number.
func (p *pile) take(mem memory.Allocator, rows []int32) ([]arrow.Array, error) {
	if len(p.batches) == 1 {
		out := make([]arrow.Array, len(p.types))
		for i, c := range p.batches[0] {
			out[i] = batch.Take(mem, c, rows)
		}
		return out, nil
	}
	refs := make([]ref, len(rows))
	for i, r := range rows {
		b := sort.Search(len(p.starts), func(k int) bool { return p.starts[k] > r }) - 1
		refs[i] = ref{int32(b), r - p.starts[b]}
	}
	return pickRows(mem, p.types, p.batches, refs)
}

func (p *pile) release() {
	for _, b := range p.batches {
		batch.Release(b...)
	}
	p.batches, p.starts = nil, nil
}

// reset forgets the epoch's rows.
func (g *gathered) reset() {
	for i := range g.piles {
		p := &g.piles[i]
		p.release()
		p.slots, p.rows, p.ends, p.bytes = nil, nil, nil, 0
	}
	g.groups.Reset()
}

// parcel is what goes to the worker at once: parts of groups, by the groups' places, with the rows of each port.
type parcel struct {
	places []int32
	more   []bool
	rows   [][]int32
	ends   [][]int32
}

func newParcel(ports int) *parcel {
	return &parcel{rows: make([][]int32, ports), ends: make([][]int32, ports)}
}

// parcels cuts the groups, count of them, into parts of at most partRows rows of each port, and gives some at a time.
func (g *gathered) parcels(count, partRows int, give func(*parcel) error) error {
	c := newParcel(len(g.piles))
	at := make([]int32, len(g.piles))
	for place := 0; place < count; place++ {
		for more := true; more; {
			more = false
			for i := range g.piles {
				p := &g.piles[i]
				hi := min(p.endOf(place), at[i]+int32(min(partRows, batch.MostElements-int(at[i]))))
				c.rows[i] = append(c.rows[i], p.rows[at[i]:hi]...)
				c.ends[i] = append(c.ends[i], int32(len(c.rows[i])))
				at[i] = hi
				more = more || hi < p.endOf(place)
			}
			c.places, c.more = append(c.places, int32(place)), append(c.more, more)
			if !c.full() {
				continue
			}
			if err := give(c); err != nil {
				return err
			}
			c = newParcel(len(g.piles))
		}
	}
	if len(c.places) == 0 {
		return nil
	}
	return give(c)
}

func (p *pile) endOf(place int) int32 {
	if p.ends == nil {
		return 0
	}
	return p.ends[place]
}

func (c *parcel) full() bool {
	rows := 0
	for _, r := range c.rows {
		rows += len(r)
	}
	return rows >= batch.Rows || len(c.places) >= batch.Rows
}

// columns are More and the list of rows of each port.
func (g *gathered) columns(c *parcel) ([]arrow.Array, error) {
	out := []arrow.Array{bools(g.mem, c.more)}
	for i := range g.piles {
		p := &g.piles[i]
		columns, err := p.take(g.mem, c.rows[i])
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out = append(out, lists(g.mem, columns, c.ends[i], len(c.rows[i])))
	}
	return out, nil
}

func bools(mem memory.Allocator, values []bool) arrow.Array {
	b := array.NewBooleanBuilder(mem)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

// lists makes a column of lists of structs of columns, which it takes over; ends are where the lists end.
func lists(mem memory.Allocator, columns []arrow.Array, ends []int32, rows int) arrow.Array {
	offsets := batch.Buffer(mem, 4*(len(ends)+1))
	starts := arrow.GetData[int32](offsets.Bytes())
	starts[0] = 0
	copy(starts[1:], ends)
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: "c", Type: c.DataType(), Nullable: true}
	}
	st := arrow.StructOf(fields...)
	child := batch.Assemble(st, rows, 0, []*memory.Buffer{nil}, columns...)
	return batch.Assemble(arrow.ListOf(st), len(ends), 0, []*memory.Buffer{nil, offsets}, child)
}

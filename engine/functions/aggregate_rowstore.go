package functions

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// rowStore keeps rows of one type, of any type, under small numbers. Rows lie in chunks as they came; chunks are
// joined, and what nobody refers to is dropped, when they become many or mostly dead.
type rowStore struct {
	mem    memory.Allocator
	dt     arrow.DataType
	chunks []arrow.Array
	total  int // rows in chunks
}

// spot is where a row lies: chunk and row; none is no row.
type spot struct{ chunk, row int32 }

var none = spot{-1, -1}

// put copies rows of a column into a chunk of their own; the spot of rows[k] is {chunk, k}.
func (r *rowStore) put(a arrow.Array, rows []int32) int32 {
	r.chunks = append(r.chunks, batch.Take(r.mem, a, rows))
	r.total += len(rows)
	return int32(len(r.chunks) - 1)
}

// tight says that tidying is not due, given how many rows are in use.
func (r *rowStore) tight(live int) bool {
	return len(r.chunks) < 32 && r.total <= 2*live+4*batch.Rows
}

// tidy makes one chunk of the rows at these places and rewrites them; none stays none.
func (r *rowStore) tidy(places []*spot) error {
	at := make([]spot, len(places))
	for i, p := range places {
		at[i] = *p
	}
	all, err := r.gather(at)
	if err != nil {
		return err
	}
	batch.Release(r.chunks...)
	r.chunks, r.total = []arrow.Array{all}, all.Len()
	for i, p := range places {
		if *p != none {
			*p = spot{0, int32(i)}
		}
	}
	return nil
}

// gather gives the rows at places, null for none.
func (r *rowStore) gather(places []spot) (arrow.Array, error) {
	if len(r.chunks) == 0 {
		return array.MakeArrayOfNull(r.mem, r.dt, len(places)), nil
	}
	starts := make([]int32, len(r.chunks))
	var n int32
	for i, c := range r.chunks {
		starts[i] = n
		n += int32(c.Len())
	}
	all, err := batch.Concat(r.mem, r.chunks)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	indices := make([]int32, len(places))
	for i, p := range places {
		indices[i] = -1
		if p != none {
			indices[i] = starts[p.chunk] + p.row
		}
	}
	return batch.Take(r.mem, all, indices), nil
}

func (r *rowStore) close() {
	batch.Release(r.chunks...)
	r.chunks = nil
}

func (r *rowStore) bytes() int64 {
	var n uint64
	for _, c := range r.chunks {
		n += c.Data().SizeInBytes()
	}
	return int64(n)
}

// orders compares rows of a column with rows of the store's chunks.
type orders struct {
	a      arrow.Array
	store  *rowStore
	within batch.Compare
	chunks []batch.Compare
}

func (r *rowStore) against(a arrow.Array) *orders {
	return &orders{a: a, store: r, within: batch.Natural(a, a), chunks: make([]batch.Compare, len(r.chunks))}
}

func (o *orders) compare(row int, p spot) int {
	if o.chunks[p.chunk] == nil {
		o.chunks[p.chunk] = batch.Natural(o.a, o.store.chunks[p.chunk])
	}
	return o.chunks[p.chunk](row, int(p.row))
}

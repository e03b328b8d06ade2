package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// kept is value columns of any type as a table's payload: the batches that were written, and for each slot where its
// row stands. Rows that were written over stay in their batch until more of it is dead than lives, and small batches
// are joined, so that what is held stays in proportion to what lives.
type kept struct {
	mem   memory.Allocator
	types []arrow.DataType
	at    []ref // by slot; a negative batch is none
	held  []keptBatch
	free  []int32 // places in held
	small []int32 // batches that joined their rows would still be few
}

type keptBatch struct {
	columns []arrow.Array // nil: the place is free
	slots   []int32       // of each row, as written
	live    int
	bytes   int64
}

const (
	fewRows  = 4096
	mostFew  = 32
	deadRows = 1024 // a batch with fewer rows is not looked at for dead ones
)

func newKept(mem memory.Allocator, fields []types.Field) *kept {
	k := &kept{mem: mem}
	for _, f := range types.ArrowFields(fields) {
		k.types = append(k.types, f.Type)
	}
	return k
}

func (k *kept) Grow(n int) {
	for len(k.at) < n {
		k.at = append(k.at, ref{batch: -1})
	}
}

func (k *kept) Read(slots []int32) ([]arrow.Array, error) {
	refs := make([]ref, len(slots))
	for i, s := range slots {
		refs[i] = ref{batch: -1}
		if s >= 0 {
			refs[i] = k.at[s]
		}
	}
	return k.pick(refs)
}

func (k *kept) pick(refs []ref) ([]arrow.Array, error) {
	batches := make([][]arrow.Array, len(k.held))
	for i := range k.held {
		batches[i] = k.held[i].columns
	}
	return pickRows(k.mem, k.types, batches, refs)
}

func (k *kept) Write(slots []int32, columns []arrow.Array) error {
	if len(slots) == 0 {
		return nil
	}
	for _, c := range columns {
		c.Retain()
	}
	k.Clear(slots)
	k.put(append([]int32(nil), slots...), append([]arrow.Array(nil), columns...))
	return k.tidy()
}

// put takes a batch over.
func (k *kept) put(slots []int32, columns []arrow.Array) {
	b := keptBatch{columns: columns, slots: slots}
	for _, c := range columns {
		b.bytes += int64(c.Data().SizeInBytes())
	}
	place := int32(len(k.held))
	if n := len(k.free); n > 0 {
		place = k.free[n-1]
		k.free = k.free[:n-1]
		k.held[place] = b
	} else {
		k.held = append(k.held, b)
	}
	for row, s := range slots {
		if old := k.at[s]; old.batch == place { // a slot that is written twice at once: the last counts
			k.held[place].live--
		}
		k.at[s] = ref{place, int32(row)}
		k.held[place].live++
	}
	if len(slots) < fewRows {
		k.small = append(k.small, place)
	}
}

func (k *kept) Clear(slots []int32) {
	for _, s := range slots {
		if int(s) >= len(k.at) || k.at[s].batch < 0 {
			continue
		}
		place := k.at[s].batch
		k.at[s] = ref{batch: -1}
		b := &k.held[place]
		if b.live--; b.live == 0 {
			k.drop(place)
		}
	}
}

func (k *kept) drop(place int32) {
	batch.Release(k.held[place].columns...)
	if len(k.held[place].slots) < fewRows {
		for i, s := range k.small {
			if s == place {
				k.small = append(k.small[:i], k.small[i+1:]...)
				break
			}
		}
	}
	k.held[place] = keptBatch{}
	k.free = append(k.free, place)
}

// tidy joins small batches once there are many, and rewrites large ones that are mostly dead.
func (k *kept) tidy() error {
	for place := range k.held {
		if b := &k.held[place]; b.columns != nil && len(b.slots) >= deadRows && b.live*2 < len(b.slots) {
			if err := k.rewrite([]int32{int32(place)}); err != nil {
				return err
			}
		}
	}
	if len(k.small) <= mostFew {
		return nil
	}
	return k.rewrite(append([]int32(nil), k.small...))
}

// rewrite puts the living rows of some batches into one.
func (k *kept) rewrite(places []int32) error {
	var slots []int32
	var refs []ref
	for _, place := range places {
		for row, s := range k.held[place].slots {
			if at := (ref{place, int32(row)}); k.at[s] == at {
				slots, refs = append(slots, s), append(refs, at)
			}
		}
	}
	columns, err := k.pick(refs)
	if err != nil {
		return err
	}
	k.Clear(slots) // drops the batches
	k.put(slots, columns)
	return nil
}

func (k *kept) Bytes() int64 {
	n := int64(cap(k.at) * 8)
	for i := range k.held {
		n += k.held[i].bytes + int64(cap(k.held[i].slots)*4)
	}
	return n
}

// close lets go of all batches.
func (k *kept) close() {
	for i := range k.held {
		batch.Release(k.held[i].columns...)
	}
	k.held, k.at, k.small, k.free = nil, nil, nil, nil
}

package state

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// rowKeys are the database's keys of rows.
type rowKeys struct {
	b    []byte
	ends []int
	part []int32
}

func (k *rowKeys) at(i int) []byte {
	from := 0
	if i > 0 {
		from = k.ends[i-1]
	}
	return k.b[from:k.ends[i]:k.ends[i]]
}

func (c *cold) rowKeys(keys []arrow.Array, n int) (*rowKeys, error) {
	k := &rowKeys{ends: make([]int, n), part: make([]int32, n)}
	Partition(c.t.spec.partitionKeys(keys), n, c.d.o.Partitions, make([]uint64, n), k.part)
	var times []int64
	var timed batch.Bitmap
	if c.byKey() {
		var err error
		if times, timed, err = dueTimes(c.t.spec.Due, keys); err != nil {
			return nil, err
		}
	}
	encoders := make([]encoder, len(keys))
	for i, a := range keys {
		encoders[i] = newEncoder(a)
	}
	k.b = make([]byte, 0, n*(keyHead+8+9*len(keys)))
	for row := range n {
		k.b = c.head(k.b, uint32(k.part[row]), rowKind)
		if times != nil {
			at := int64(NoDue)
			if timed.Get(row) {
				at = times[row]
			}
			k.b = ordered(k.b, at)
		}
		for _, e := range encoders {
			k.b = e(k.b, row)
		}
		k.ends[row] = len(k.b)
	}
	return k, nil
}

// columnsIn collects encoded rows as columns.
type columnsIn struct {
	builders []array.Builder
	decoders []decoder
}

func (c *cold) columns(fields []types.Field) *columnsIn { return newColumns(c.t.mem, fields) }

func newColumns(mem memory.Allocator, fields []types.Field) *columnsIn {
	in := &columnsIn{}
	for _, f := range fields {
		b := array.NewBuilder(mem, types.Arrow(f.Type))
		in.builders, in.decoders = append(in.builders, b), append(in.decoders, newDecoder(b))
	}
	return in
}

func (in *columnsIn) add(encoded []byte) {
	for _, d := range in.decoders {
		encoded = d(encoded)
	}
}

// done gives the columns, owned by the caller.
func (in *columnsIn) done() []arrow.Array {
	out := make([]arrow.Array, len(in.builders))
	for i, b := range in.builders {
		out[i] = b.NewArray()
		b.Release()
	}
	return out
}

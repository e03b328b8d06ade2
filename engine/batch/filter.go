package batch

import (
	"math/bits"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
)

// Selected appends the rows at which a boolean column is true (null is not) to into.
func Selected(mask arrow.Array, into []int32) []int32 {
	n := mask.Len()
	if mask.DataType().ID() == arrow.NULL {
		return into
	}
	v, valid := Bools(mask), Valid(mask)
	for base := 0; base < n; base += 64 {
		w := word(v, base, n) & word(valid, base, n)
		for w != 0 {
			into = append(into, int32(base+bits.TrailingZeros64(w)))
			w &= w - 1
		}
	}
	return into
}

// word gathers up to 64 bits from base, those at n and beyond clear.
func word(b Bitmap, base, n int) uint64 {
	count := min(64, n-base)
	keep := ^uint64(0) >> (64 - uint(count))
	if b.Bits == nil {
		if b.None {
			return 0
		}
		return keep
	}
	at := base + b.Off
	shift := uint(at) & 7
	p := b.Bits[at>>3:]
	var w uint64
	if len(p) >= 8 {
		w = uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
		w >>= shift
		if shift > 0 && len(p) > 8 {
			w |= uint64(p[8]) << (64 - shift)
		}
		return w & keep
	}
	for i, x := range p {
		w |= uint64(x) << (8 * uint(i))
	}
	return w >> shift & keep
}

// Filter gives the rows of a at which mask is true, a itself (retained) where all are.
func Filter(mem memory.Allocator, a, mask arrow.Array) arrow.Array {
	rows := Selected(mask, make([]int32, 0, mask.Len()))
	if len(rows) == a.Len() {
		a.Retain()
		return a
	}
	return Take(mem, a, rows)
}

// FilterBatch gives the rows of a batch at which mask is true.
func FilterBatch(mem memory.Allocator, b arrow.RecordBatch, mask arrow.Array) arrow.RecordBatch {
	rows := Selected(mask, make([]int32, 0, mask.Len()))
	if len(rows) == int(b.NumRows()) {
		b.Retain()
		return b
	}
	return TakeBatch(mem, b, rows)
}

// TakeBatch gives the rows of a batch at these indices; a negative index gives a row of nulls.
func TakeBatch(mem memory.Allocator, b arrow.RecordBatch, indices []int32) arrow.RecordBatch {
	columns := make([]arrow.Array, b.NumCols())
	for i := range columns {
		columns[i] = Take(mem, b.Column(i), indices)
	}
	return Make(b.Schema(), columns, len(indices))
}

// Concat joins columns of one type (field names and nullability inside may differ: the first's stand); one alone is
// retained, not copied.
func Concat(mem memory.Allocator, columns []arrow.Array) (arrow.Array, error) {
	if len(columns) == 1 {
		columns[0].Retain()
		return columns[0], nil
	}
	dt := columns[0].DataType()
	for i, c := range columns {
		if !arrow.TypeEqual(c.DataType(), dt) {
			if c.DataType().ID() != dt.ID() {
				return nil, errs.Internal("columns of %s and %s are joined", dt, c.DataType())
			}
			same := append([]arrow.Array(nil), columns...)
			for k := i; k < len(same); k++ {
				same[k] = Retype(columns[k], dt)
				defer same[k].Release()
			}
			return concatenate(same, mem)
		}
	}
	return concatenate(columns, mem)
}

func concatenate(columns []arrow.Array, mem memory.Allocator) (arrow.Array, error) {
	a, err := array.Concatenate(columns, mem)
	if err != nil && strings.Contains(err.Error(), "offset overflow") {
		panic(TooLarge)
	}
	return a, err
}

// ConcatBatches joins batches of one schema.
func ConcatBatches(mem memory.Allocator, schema *arrow.Schema, batches []arrow.RecordBatch) (arrow.RecordBatch, error) {
	if len(batches) == 1 {
		batches[0].Retain()
		return batches[0], nil
	}
	rows := 0
	for _, b := range batches {
		rows += int(b.NumRows())
	}
	columns := make([]arrow.Array, schema.NumFields())
	for i := range columns {
		parts := make([]arrow.Array, len(batches))
		for k, b := range batches {
			parts[k] = b.Column(i)
		}
		var err error
		if len(parts) == 0 {
			columns[i] = array.MakeArrayOfNull(mem, schema.Field(i).Type, 0)
		} else if columns[i], err = Concat(mem, parts); err != nil {
			Release(columns[:i]...)
			return nil, err
		}
	}
	return Make(schema, columns, rows), nil
}

// Repeat gives n copies of row i of a column; i < 0 gives nulls.
func Repeat(mem memory.Allocator, a arrow.Array, i, n int) arrow.Array {
	rows := make([]int32, n)
	for k := range rows {
		rows[k] = int32(i)
	}
	return Take(mem, a, rows)
}

// Retype gives a column another Arrow type of the same layout: other field names or nullability inside. The column
// stays its owner's, the result is the caller's.
func Retype(a arrow.Array, dt arrow.DataType) arrow.Array {
	if arrow.TypeEqual(a.DataType(), dt) {
		a.Retain()
		return a
	}
	data := retype(a.Data(), dt)
	defer data.Release()
	return array.MakeFromData(data)
}

func retype(d arrow.ArrayData, dt arrow.DataType) arrow.ArrayData {
	children := d.Children()
	var inner []arrow.DataType
	switch t := dt.(type) {
	case *arrow.ListType:
		inner = []arrow.DataType{t.Elem()}
	case *arrow.MapType:
		inner = []arrow.DataType{t.Elem()}
	case *arrow.StructType:
		for _, f := range t.Fields() {
			inner = append(inner, f.Type)
		}
	}
	made := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		made[i] = retype(c, inner[i])
	}
	out := array.NewData(dt, d.Len(), d.Buffers(), made, d.NullN(), d.Offset())
	for _, m := range made {
		m.Release()
	}
	return out
}

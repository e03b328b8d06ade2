package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Normalise gives a column that came from outside (Python, foreign files) the one form that the engine holds its
// Spark type in: strings and lists with 32-bit offsets, timestamps in microseconds, no dictionaries, signed integers.
// The column stays its owner's, the result is the caller's. Nanoseconds are cut, not rounded.
func Normalise(mem memory.Allocator, a arrow.Array) (arrow.Array, error) {
	t, err := types.FromArrow(a.DataType())
	if err != nil {
		return nil, err
	}
	return convert(mem, a, types.Arrow(t))
}

// NormaliseBatch does so with every column; its schema is that of ArrowSchema.
func NormaliseBatch(mem memory.Allocator, b arrow.RecordBatch) (arrow.RecordBatch, error) {
	s, err := types.FromArrowSchema(b.Schema())
	if err != nil {
		return nil, err
	}
	schema := types.ArrowSchema(s)
	columns := make([]arrow.Array, b.NumCols())
	for i := range columns {
		if columns[i], err = convert(mem, b.Column(i), schema.Field(i).Type); err != nil {
			Release(columns[:i]...)
			return nil, err
		}
	}
	return Make(schema, columns, int(b.NumRows())), nil
}

func convert(mem memory.Allocator, a arrow.Array, want arrow.DataType) (arrow.Array, error) {
	if arrow.TypeEqual(a.DataType(), want) {
		a.Retain()
		return a, nil
	}
	switch x := a.(type) {
	case *array.Dictionary:
		return unfold(mem, x, want)
	case *array.RunEndEncoded:
		return unroll(mem, x, want)
	case *array.Map:
		return convertMap(mem, x, want)
	case *array.Struct:
		return convertStruct(mem, x, want)
	case array.ListLike:
		return convertList(mem, x, want)
	case array.ExtensionArray:
		return convert(mem, x.Storage(), want)
	}
	if at := bytesOf(a); at != nil {
		s := NewStrings(mem, a.Len(), a.Len()*8)
		for i := 0; i < a.Len(); i++ {
			if a.IsValid(i) {
				s.Append(at(i))
			} else {
				s.End()
			}
		}
		return s.Done(want, validity(mem, a)), nil
	}
	return convertFixed(mem, a, want)
}

// validity is a copy of a column's, nil where nothing is null.
func validity(mem memory.Allocator, a arrow.Array) *Marks { return CopyMarks(mem, Valid(a), a.Len()) }

// bytesOf gives the rows of the string and binary forms that are not the engine's, or nil.
func bytesOf(a arrow.Array) func(i int) []byte {
	switch x := a.(type) {
	case *array.LargeString:
		return func(i int) []byte { return []byte(x.Value(i)) }
	case *array.StringView:
		return func(i int) []byte { return []byte(x.Value(i)) }
	case *array.LargeBinary:
		return x.Value
	case *array.BinaryView:
		return x.Value
	case *array.FixedSizeBinary:
		return x.Value
	case *array.Binary:
		return x.Value
	case *array.String:
		return func(i int) []byte { return []byte(x.Value(i)) }
	}
	return nil
}

// spread makes a fixed-width column, one value at a time.
func spread[T arrow.FixedWidthType](mem memory.Allocator, a arrow.Array, want arrow.DataType, f func(i int) T) arrow.Array {
	r := NewFixed[T](mem, a.Len())
	for i := range r.Values {
		r.Values[i] = f(i)
	}
	return r.Done(want, validity(mem, a))
}

func convertFixed(mem memory.Allocator, a arrow.Array, want arrow.DataType) (arrow.Array, error) {
	switch x := a.(type) {
	case *array.Uint8:
		return spread(mem, a, want, func(i int) int16 { return int16(x.Value(i)) }), nil
	case *array.Uint16:
		return spread(mem, a, want, func(i int) int32 { return int32(x.Value(i)) }), nil
	case *array.Uint32:
		return spread(mem, a, want, func(i int) int64 { return int64(x.Value(i)) }), nil
	case *array.Uint64:
		return spread(mem, a, want, func(i int) decimal128.Num { return decimal128.FromU64(x.Value(i)) }), nil
	case *array.Float16:
		return spread(mem, a, want, func(i int) float32 { return x.Value(i).Float32() }), nil
	case *array.Date64:
		return spread(mem, a, want, func(i int) int32 { return int32(types.FloorDiv(int64(x.Value(i)), 86_400_000)) }), nil
	case *array.Timestamp:
		scale := scaling(x.DataType().(*arrow.TimestampType).Unit)
		return spread(mem, a, want, func(i int) int64 { return scale(int64(x.Value(i))) }), nil
	case *array.Duration:
		scale := scaling(x.DataType().(*arrow.DurationType).Unit)
		return spread(mem, a, want, func(i int) int64 { return scale(int64(x.Value(i))) }), nil
	case *array.Decimal32:
		return spread(mem, a, want, func(i int) decimal128.Num { return decimal128.FromI64(int64(x.Value(i))) }), nil
	case *array.Decimal64:
		return spread(mem, a, want, func(i int) decimal128.Num { return decimal128.FromI64(int64(x.Value(i))) }), nil
	case *array.Decimal256:
		return spread(mem, a, want, func(i int) decimal128.Num { return narrow(x.Value(i)) }), nil
	}
	return nil, errs.New("UNSUPPORTED_ARROWTYPE", "typeName", a.DataType().String())
}

// narrow takes the low half: a precision of at most 38 digits fits it.
func narrow(v decimal256.Num) decimal128.Num {
	words := v.Array()
	return decimal128.New(int64(words[1]), words[0])
}

// scaling turns a unit into microseconds.
func scaling(u arrow.TimeUnit) func(int64) int64 {
	switch u {
	case arrow.Second:
		return func(v int64) int64 { return v * types.MicrosPerSecond }
	case arrow.Millisecond:
		return func(v int64) int64 { return v * 1000 }
	case arrow.Nanosecond:
		return func(v int64) int64 { return types.FloorDiv(v, 1000) }
	}
	return func(v int64) int64 { return v }
}

// unfold puts a dictionary's values in the places of their numbers.
func unfold(mem memory.Allocator, d *array.Dictionary, want arrow.DataType) (arrow.Array, error) {
	values, err := convert(mem, d.Dictionary(), want)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	rows := make([]int32, d.Len())
	for i := range rows {
		rows[i] = -1
		if d.IsValid(i) {
			rows[i] = int32(d.GetValueIndex(i))
		}
	}
	return Take(mem, values, rows), nil
}

func unroll(mem memory.Allocator, r *array.RunEndEncoded, want arrow.DataType) (arrow.Array, error) {
	values, err := convert(mem, r.Values(), want)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	rows := make([]int32, r.Len())
	for i := range rows {
		rows[i] = int32(r.GetPhysicalIndex(i))
	}
	return Take(mem, values, rows), nil
}

func convertStruct(mem memory.Allocator, s *array.Struct, want arrow.DataType) (arrow.Array, error) {
	fields := want.(*arrow.StructType).Fields()
	children := make([]arrow.Array, s.NumField())
	for i := range children {
		var err error
		if children[i], err = convert(mem, s.Field(i), fields[i].Type); err != nil {
			Release(children[:i]...)
			return nil, err
		}
	}
	bits, nulls := validity(mem, s).take()
	return Assemble(want, s.Len(), nulls, []*memory.Buffer{bits}, children...), nil
}

// elements converts a list column's elements, from the first row's on, and gives 32-bit offsets into them.
func elements(mem memory.Allocator, l array.ListLike, inner func(values arrow.Array) (arrow.Array, error)) (*memory.Buffer, arrow.Array, error) {
	n := l.Len()
	offsets := Buffer(mem, 4*(n+1))
	o := arrow.GetData[int32](offsets.Bytes())
	o[0] = 0
	first, last, dense := int64(0), int64(0), true
	for i := 0; i < n; i++ {
		lo, hi := l.ValueOffsets(i)
		if i == 0 {
			first, last = lo, lo
		}
		dense = dense && lo == last
		last = hi
		o[i+1] = o[i] + int32(hi-lo)
	}
	values := l.ListValues()
	if dense {
		values = array.NewSlice(values, first, last)
		defer values.Release()
	}
	child, err := inner(values)
	if err != nil {
		offsets.Release()
		return nil, nil, err
	}
	if dense {
		return offsets, child, nil
	}
	defer child.Release()
	rows := make([]int32, 0, o[n])
	for i := 0; i < n; i++ {
		for lo, hi := l.ValueOffsets(i); lo < hi; lo++ {
			rows = append(rows, int32(lo))
		}
	}
	return offsets, Take(mem, child, rows), nil
}

func convertList(mem memory.Allocator, l array.ListLike, want arrow.DataType) (arrow.Array, error) {
	offsets, child, err := elements(mem, l, func(values arrow.Array) (arrow.Array, error) {
		return convert(mem, values, want.(arrow.ListLikeType).Elem())
	})
	if err != nil {
		return nil, err
	}
	bits, nulls := validity(mem, l).take()
	return Assemble(want, l.Len(), nulls, []*memory.Buffer{bits, offsets}, child), nil
}

func convertMap(mem memory.Allocator, m *array.Map, want arrow.DataType) (arrow.Array, error) {
	t := want.(*arrow.MapType)
	offsets, pairs, err := elements(mem, m, func(values arrow.Array) (arrow.Array, error) {
		entries := values.(*array.Struct)
		keys, err := convert(mem, entries.Field(0), t.KeyType())
		if err != nil {
			return nil, err
		}
		items, err := convert(mem, entries.Field(1), t.ItemType())
		if err != nil {
			keys.Release()
			return nil, err
		}
		return Assemble(t.Elem(), values.Len(), 0, []*memory.Buffer{nil}, keys, items), nil
	})
	if err != nil {
		return nil, err
	}
	bits, nulls := validity(mem, m).take()
	return Assemble(want, m.Len(), nulls, []*memory.Buffer{bits, offsets}, pairs), nil
}

package state

import (
	"bytes"
	"encoding/binary"
	"math"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
)

// encoder appends one row of a column so that equal values, as grouping sees them, have equal bytes: a flag (0 is
// null), then the value.
type encoder func(to []byte, row int) []byte

func newEncoder(a arrow.Array) encoder { return encoding{}.of(a) }

// newExactEncoder keeps a value as it is: the sign of a zero, the order of a map.
func newExactEncoder(a arrow.Array) encoder { return encoding{exact: true}.of(a) }

type encoding struct{ exact bool }

func (x encoding) of(a arrow.Array) encoder {
	value := x.value(a)
	valid := batch.Valid(a)
	if valid.All() {
		return func(to []byte, row int) []byte { return value(append(to, 1), row) }
	}
	return func(to []byte, row int) []byte {
		if !valid.Get(row) {
			return append(to, 0)
		}
		return value(append(to, 1), row)
	}
}

func (x encoding) value(a arrow.Array) encoder {
	switch a.DataType().ID() {
	case arrow.STRING, arrow.BINARY:
		offsets, data := batch.Text(a)
		return func(to []byte, row int) []byte {
			v := data[offsets[row]:offsets[row+1]]
			return append(binary.AppendUvarint(to, uint64(len(v))), v...)
		}
	case arrow.DECIMAL128:
		v := batch.Values[decimal128.Num](a)
		return func(to []byte, row int) []byte {
			return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(to, v[row].LowBits()), uint64(v[row].HighBits()))
		}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		v := batch.Values[arrow.MonthDayNanoInterval](a)
		return func(to []byte, row int) []byte {
			to = binary.LittleEndian.AppendUint64(to, uint64(uint32(v[row].Months))<<32|uint64(uint32(v[row].Days)))
			return binary.LittleEndian.AppendUint64(to, uint64(v[row].Nanoseconds))
		}
	case arrow.STRUCT:
		s := a.(*array.Struct)
		fields := make([]encoder, s.NumField())
		for i := range fields {
			fields[i] = x.of(s.Field(i))
		}
		return func(to []byte, row int) []byte {
			for _, f := range fields {
				to = f(to, row)
			}
			return to
		}
	case arrow.LIST:
		ranges, elem := batch.Ranges(a), x.of(a.(*array.List).ListValues())
		return func(to []byte, row int) []byte {
			to = binary.AppendUvarint(to, uint64(ranges[row+1]-ranges[row]))
			for i := ranges[row]; i < ranges[row+1]; i++ {
				to = elem(to, int(i))
			}
			return to
		}
	case arrow.MAP:
		return x.entries(a.(*array.Map))
	}
	if x.exact {
		switch a.DataType().ID() {
		case arrow.FLOAT64:
			v := batch.Values[float64](a)
			return func(to []byte, row int) []byte { return binary.LittleEndian.AppendUint64(to, math.Float64bits(v[row])) }
		case arrow.FLOAT32:
			v := batch.Values[float32](a)
			return func(to []byte, row int) []byte {
				return binary.LittleEndian.AppendUint64(to, math.Float64bits(float64(v[row])))
			}
		}
	}
	words := wordsOf(a, 0, a.Len(), make([]int64, a.Len()))
	return func(to []byte, row int) []byte { return binary.LittleEndian.AppendUint64(to, uint64(words[row])) }
}

// entries writes a map's entries in the order of their bytes, so that equal maps have equal bytes.
func (x encoding) entries(m *array.Map) encoder {
	ranges, key, value := batch.Ranges(m), x.of(m.Keys()), x.of(m.Items())
	return func(to []byte, row int) []byte {
		lo, hi := int(ranges[row]), int(ranges[row+1])
		entries := make([][]byte, 0, hi-lo)
		for i := lo; i < hi; i++ {
			entries = append(entries, value(key(nil, i), i))
		}
		if !x.exact {
			sort.Slice(entries, func(i, j int) bool { return bytes.Compare(entries[i], entries[j]) < 0 })
		}
		to = binary.AppendUvarint(to, uint64(len(entries)))
		for _, e := range entries {
			to = append(to, e...)
		}
		return to
	}
}

// decoder appends one encoded value to its builder and gives the bytes behind it.
type decoder func(from []byte) []byte

func newDecoder(b array.Builder) decoder {
	value := newValueDecoder(b)
	return func(from []byte) []byte {
		if from[0] == 0 {
			b.AppendNull()
			return from[1:]
		}
		return value(from[1:])
	}
}

func newValueDecoder(b array.Builder) decoder {
	switch b := b.(type) {
	case *array.StringBuilder:
		return textDecoder(func(v []byte) { b.BinaryBuilder.Append(v) })
	case *array.BinaryBuilder:
		return textDecoder(b.Append)
	case *array.Decimal128Builder:
		return func(from []byte) []byte {
			b.Append(decimal128.New(int64(binary.LittleEndian.Uint64(from[8:])), binary.LittleEndian.Uint64(from)))
			return from[16:]
		}
	case *array.MonthDayNanoIntervalBuilder:
		return func(from []byte) []byte {
			w := binary.LittleEndian.Uint64(from)
			b.Append(arrow.MonthDayNanoInterval{Months: int32(w >> 32), Days: int32(uint32(w)), Nanoseconds: int64(binary.LittleEndian.Uint64(from[8:]))})
			return from[16:]
		}
	case *array.StructBuilder:
		fields := make([]decoder, b.NumField())
		for i := range fields {
			fields[i] = newDecoder(b.FieldBuilder(i))
		}
		return func(from []byte) []byte {
			b.Append(true)
			for _, f := range fields {
				from = f(from)
			}
			return from
		}
	case *array.ListBuilder:
		elem := newDecoder(b.ValueBuilder())
		return func(from []byte) []byte {
			b.Append(true)
			n, w := binary.Uvarint(from)
			from = from[w:]
			for ; n > 0; n-- {
				from = elem(from)
			}
			return from
		}
	case *array.MapBuilder:
		key, value := newDecoder(b.KeyBuilder()), newDecoder(b.ItemBuilder())
		return func(from []byte) []byte {
			b.Append(true)
			n, w := binary.Uvarint(from)
			from = from[w:]
			for ; n > 0; n-- {
				from = value(key(from))
			}
			return from
		}
	}
	return wordDecoder(b)
}

func textDecoder(add func([]byte)) decoder {
	return func(from []byte) []byte {
		n, w := binary.Uvarint(from)
		from = from[w:]
		add(from[:n])
		return from[n:]
	}
}

func wordDecoder(b array.Builder) decoder {
	var add func(w uint64)
	switch b := b.(type) {
	case *array.Int64Builder:
		add = func(w uint64) { b.Append(int64(w)) }
	case *array.TimestampBuilder:
		add = func(w uint64) { b.Append(arrow.Timestamp(w)) }
	case *array.DurationBuilder:
		add = func(w uint64) { b.Append(arrow.Duration(w)) }
	case *array.Int32Builder:
		add = func(w uint64) { b.Append(int32(w)) }
	case *array.Date32Builder:
		add = func(w uint64) { b.Append(arrow.Date32(w)) }
	case *array.MonthIntervalBuilder:
		add = func(w uint64) { b.Append(arrow.MonthInterval(w)) }
	case *array.Int16Builder:
		add = func(w uint64) { b.Append(int16(w)) }
	case *array.Int8Builder:
		add = func(w uint64) { b.Append(int8(w)) }
	case *array.BooleanBuilder:
		add = func(w uint64) { b.Append(w != 0) }
	case *array.Float32Builder:
		add = func(w uint64) { b.Append(float32(math.Float64frombits(w))) }
	case *array.Float64Builder:
		add = func(w uint64) { b.Append(math.Float64frombits(w)) }
	default:
		add = func(uint64) { b.AppendNull() }
	}
	return func(from []byte) []byte {
		add(binary.LittleEndian.Uint64(from))
		return from[8:]
	}
}

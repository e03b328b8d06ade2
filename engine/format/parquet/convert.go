package parquet

import (
	"encoding/binary"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"pysparkcompat/engine/types"
)

// decoder chooses how a leaf is read as a Spark type; nil is a mismatch. The conversions are those that Spark makes.
func decoder(p *schema.PrimitiveNode, to types.Type, mem memory.Allocator) values {
	switch p.PhysicalType() {
	case pq.Types.Boolean:
		if to.Kind() == types.KBoolean {
			return &bools{mem: mem}
		}
	case pq.Types.Int32:
		return fromInt32(p, to, mem)
	case pq.Types.Int64:
		return fromInt64(p, to, mem)
	case pq.Types.Int96:
		if k := to.Kind(); k == types.KTimestamp || k == types.KTimestampNTZ {
			return newFixed(to, 12, int96Micros, mem)
		}
	case pq.Types.Float:
		switch to.Kind() {
		case types.KFloat:
			return newFixed(to, 4, same[float32], mem)
		case types.KDouble:
			return newFixed(to, 4, widen[float32, float64], mem)
		}
	case pq.Types.Double:
		if to.Kind() == types.KDouble {
			return newFixed(to, 8, same[float64], mem)
		}
	case pq.Types.ByteArray, pq.Types.FixedLenByteArray:
		return fromBytes(p, to, mem)
	}
	return nil
}

func newFixed[T arrow.FixedWidthType](to types.Type, size int, plain func([]T, []byte) error, mem memory.Allocator) values {
	return &fixed[T]{out: types.Arrow(to), size: size, plain: plain, mem: mem}
}

func fromInt32(p *schema.PrimitiveNode, to types.Type, mem memory.Allocator) values {
	l := p.LogicalType()
	_, isDecimal := l.(schema.DecimalLogicalType)
	_, isDate := l.(schema.DateLogicalType)
	i, isInt := l.(schema.IntLogicalType)
	unsigned := isInt && !i.IsSigned() && i.BitWidth() == 32
	if d, ok := to.(types.Decimal); ok {
		return decimals(p, d, 10, 4, signed[int32], mem)
	}
	if isDecimal {
		return nil
	}
	switch to.Kind() {
	case types.KByte:
		return newFixed(to, 4, widen[int32, int8], mem)
	case types.KShort:
		return newFixed(to, 4, widen[int32, int16], mem)
	case types.KInt:
		if !unsigned {
			return newFixed(to, 4, same[int32], mem)
		}
	case types.KDate:
		return newFixed(to, 4, same[int32], mem)
	case types.KLong:
		if unsigned {
			return newFixed(to, 4, widen[uint32, int64], mem)
		}
		return newFixed(to, 4, widen[int32, int64], mem)
	case types.KDouble:
		return newFixed(to, 4, widen[int32, float64], mem)
	case types.KTimestampNTZ:
		if isDate {
			return newFixed(to, 4, daysMicros, mem)
		}
	}
	return nil
}

func fromInt64(p *schema.PrimitiveNode, to types.Type, mem memory.Allocator) values {
	l := p.LogicalType()
	i, isInt := l.(schema.IntLogicalType)
	unsigned := isInt && !i.IsSigned()
	if d, ok := to.(types.Decimal); ok {
		if unsigned {
			return decimals(p, d, 20, 8, unsignedLong, mem)
		}
		return decimals(p, d, 20, 8, signed[int64], mem)
	}
	if _, isDecimal := l.(schema.DecimalLogicalType); isDecimal {
		return nil
	}
	switch to.Kind() {
	case types.KLong:
		if !unsigned {
			return newFixed(to, 8, same[int64], mem)
		}
	case types.KTimestamp, types.KTimestampNTZ:
		ts, ok := l.(schema.TimestampLogicalType)
		switch {
		case ok && ts.TimeUnit() == schema.TimeUnitMicros:
			return newFixed(to, 8, same[int64], mem)
		case ok && ts.TimeUnit() == schema.TimeUnitMillis:
			return newFixed(to, 8, millisMicros, mem)
		}
	}
	return nil
}

func fromBytes(p *schema.PrimitiveNode, to types.Type, mem memory.Allocator) values {
	length := 0
	if p.PhysicalType() == pq.Types.FixedLenByteArray {
		length = p.TypeLength()
	}
	if d, ok := to.(types.Decimal); ok {
		if _, stored := p.LogicalType().(schema.DecimalLogicalType); !stored || length == 0 || length > 16 {
			return nil
		}
		return decimals(p, d, 0, length, bigEndian(length), mem)
	}
	if to.Kind() == types.KBinary || to.Kind() == types.KString && length == 0 {
		if _, stored := p.LogicalType().(schema.DecimalLogicalType); stored {
			return nil
		}
		return &binaries{out: types.Arrow(to), length: length, mem: mem}
	}
	return nil
}

// decimals reads a decimal, or an integer of at most digits digits, as a decimal with room for it.
func decimals(p *schema.PrimitiveNode, to types.Decimal, digits, size int, read func([]byte) decimal128.Num, mem memory.Allocator) values {
	scale := 0
	if l, ok := p.LogicalType().(schema.DecimalLogicalType); ok {
		digits, scale = int(l.Precision()), int(l.Scale())
	}
	up := to.Scale - scale
	if up < 0 || to.Precision-to.Scale < digits-scale {
		return nil
	}
	factor := decimal128.GetScaleMultiplier(up)
	return newFixed(to, size, func(dst []decimal128.Num, src []byte) error {
		for i := range dst {
			dst[i] = read(src[i*size:])
			if up > 0 {
				dst[i] = dst[i].Mul(factor)
			}
		}
		return nil
	}, mem)
}

func signed[T int32 | int64](b []byte) decimal128.Num {
	var z T
	if unsafe.Sizeof(z) == 4 {
		return decimal128.FromI64(int64(int32(binary.LittleEndian.Uint32(b))))
	}
	return decimal128.FromI64(int64(binary.LittleEndian.Uint64(b)))
}

func unsignedLong(b []byte) decimal128.Num { return decimal128.FromU64(binary.LittleEndian.Uint64(b)) }

// bigEndian reads a two's complement number of n bytes.
func bigEndian(n int) func([]byte) decimal128.Num {
	return func(b []byte) decimal128.Num {
		high, low := int64(int8(b[0])>>7), uint64(int64(int8(b[0])>>7))
		for _, c := range b[:n] {
			high = high<<8 | int64(low>>56)
			low = low<<8 | uint64(c)
		}
		return decimal128.New(high, low)
	}
}

// same copies values whose form is Arrow's own.
func same[T any](dst []T, src []byte) error {
	if len(dst) > 0 {
		var z T
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&dst[0])), len(dst)*int(unsafe.Sizeof(z))), src)
	}
	return nil
}

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint32 | ~float32 | ~float64
}

// widen converts numbers one by one; F is stored in four bytes.
func widen[F int32 | uint32 | float32, T number](dst []T, src []byte) error {
	for i := range dst {
		word := binary.LittleEndian.Uint32(src[i*4:])
		dst[i] = T(*(*F)(unsafe.Pointer(&word)))
	}
	return nil
}

func millisMicros(dst []int64, src []byte) error {
	for i := range dst {
		dst[i] = int64(binary.LittleEndian.Uint64(src[i*8:])) * 1000
	}
	return nil
}

const microsPerDay = 86_400_000_000

func daysMicros(dst []int64, src []byte) error {
	for i := range dst {
		dst[i] = int64(int32(binary.LittleEndian.Uint32(src[i*4:]))) * microsPerDay
	}
	return nil
}

const julianEpoch = 2_440_588 // the Julian day of 1970-01-01

func int96Micros(dst []int64, src []byte) error {
	for i := range dst {
		nanos := binary.LittleEndian.Uint64(src[i*12:])
		day := int64(binary.LittleEndian.Uint32(src[i*12+8:])) - julianEpoch
		dst[i] = day*microsPerDay + int64(nanos/1000)
	}
	return nil
}

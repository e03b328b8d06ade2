package parquet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// Physical types by their numbers in the format.
const (
	pBool  = 0
	pInt32 = 1
	pInt64 = 2
	pFloat = 4
	pDoubl = 5
	pBytes = 6
	pFixed = 7
)

// values of one column chunk being written: plain encoding, and the least and the greatest value.
type plainColumn struct {
	physical int
	length   int // of fixed-length values
	add      func(c *plainColumn, a arrow.Array)

	data []byte // the page's values
	bits int    // values of a page of booleans

	low, high []byte // as they are written into statistics; nil while there are none
	unbounded bool   // no statistics: a NaN, or a value too long
}

// newPlainColumn chooses how a Spark type is written; nil is for what has parts.
func newPlainColumn(t types.Type) *plainColumn {
	switch t.Kind() {
	case types.KBoolean:
		return &plainColumn{physical: pBool, add: addBools}
	case types.KByte:
		return &plainColumn{physical: pInt32, add: addNarrow[int8]}
	case types.KShort:
		return &plainColumn{physical: pInt32, add: addNarrow[int16]}
	case types.KInt, types.KDate:
		return &plainColumn{physical: pInt32, add: addFixed[int32]}
	case types.KLong, types.KTimestamp, types.KTimestampNTZ:
		return &plainColumn{physical: pInt64, add: addFixed[int64]}
	case types.KFloat:
		return &plainColumn{physical: pFloat, add: addFixed[float32]}
	case types.KDouble:
		return &plainColumn{physical: pDoubl, add: addFixed[float64]}
	case types.KString, types.KBinary:
		return &plainColumn{physical: pBytes, add: addTexts}
	case types.KDecimal:
		return decimalColumn(t.(types.Decimal))
	}
	return nil
}

// decimalColumn stores up to 9 digits in 4 bytes, up to 18 in 8, and more in as few as hold them.
func decimalColumn(d types.Decimal) *plainColumn {
	switch {
	case d.Precision <= 9:
		return &plainColumn{physical: pInt32, add: addDecimals(4)}
	case d.Precision <= 18:
		return &plainColumn{physical: pInt64, add: addDecimals(8)}
	}
	length := 1
	for math.Floor(math.Log10(math.Pow(2, float64(8*length-1))-1)) < float64(d.Precision) {
		length++
	}
	return &plainColumn{physical: pFixed, length: length, add: addDecimals(0), unbounded: true}
}

type numeric interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64
}

// addFixed adds values whose form is Arrow's own.
func addFixed[T numeric](c *plainColumn, a arrow.Array) {
	in := valuesOf[T](a)
	valid := batch.Valid(a)
	if valid.All() {
		c.data = append(c.data, raw(in)...)
		bound(c, in)
		return
	}
	packed := make([]T, 0, len(in))
	for i, v := range in {
		if valid.Get(i) {
			packed = append(packed, v)
		}
	}
	c.data = append(c.data, raw(packed)...)
	bound(c, packed)
}

// valuesOf is batch.Values for the types that batches have by their width alone.
func valuesOf[T numeric](a arrow.Array) []T {
	d := a.Data()
	if a.Len() == 0 || d.Buffers()[1] == nil {
		return make([]T, a.Len())
	}
	all := d.Buffers()[1].Bytes()
	var z T
	size := int(unsafe.Sizeof(z))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(all[d.Offset()*size:]))), a.Len())
}

func raw[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(z)))
}

// addNarrow adds bytes and shorts, which are stored in 4 bytes.
func addNarrow[T int8 | int16](c *plainColumn, a arrow.Array) {
	valid := batch.Valid(a)
	wide := make([]int32, 0, a.Len())
	for i, v := range valuesOf[T](a) {
		if valid.Get(i) {
			wide = append(wide, int32(v))
		}
	}
	c.data = append(c.data, raw(wide)...)
	bound(c, wide)
}

// bound widens the statistics by values.
func bound[T numeric](c *plainColumn, in []T) {
	if len(in) == 0 || c.unbounded {
		return
	}
	low, high := in[0], in[0]
	for _, v := range in {
		low, high = min(low, v), max(high, v) // of a NaN both become NaN
	}
	if low != low {
		c.unbounded = true
		return
	}
	if c.low != nil {
		low, high = min(low, *(*T)(unsafe.Pointer(&c.low[0]))), max(high, *(*T)(unsafe.Pointer(&c.high[0])))
	}
	c.low, c.high = append(c.low[:0], raw([]T{low})...), append(c.high[:0], raw([]T{high})...)
}

func addBools(c *plainColumn, a arrow.Array) {
	c.unbounded = true
	valid, v := batch.Valid(a), batch.Bools(a)
	need := (c.bits + a.Len() + 7) / 8
	for len(c.data) < need {
		c.data = append(c.data, 0)
	}
	if valid.All() && v.Bits != nil {
		bitutil.CopyBitmap(v.Bits, v.Off, a.Len(), c.data, c.bits)
		c.bits += a.Len()
		return
	}
	for i := range a.Len() {
		if valid.Get(i) {
			bitutil.SetBitTo(c.data, c.bits, v.Get(i))
			c.bits++
		}
	}
	c.data = c.data[:(c.bits+7)/8]
}

func addTexts(c *plainColumn, a arrow.Array) {
	ends, data := batch.Text(a)
	valid := batch.Valid(a)
	n := a.Len()
	out := c.data
	if need := len(out) + 4*n + int(ends[n]-ends[0]); need > cap(out) {
		out = append(make([]byte, 0, max(need, 2*cap(out))), out...)
	}
	for i := range n {
		if !valid.Get(i) {
			continue
		}
		v := data[ends[i]:ends[i+1]]
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(v))), v...)
		if !c.unbounded {
			c.boundText(v)
		}
	}
	c.data = out
}

func (c *plainColumn) boundText(v []byte) {
	switch {
	case c.low == nil:
		c.low, c.high = append([]byte{}, v...), append([]byte{}, v...)
	case bytes.Compare(v, c.low) < 0:
		c.low = append(c.low[:0], v...)
	case bytes.Compare(v, c.high) > 0:
		c.high = append(c.high[:0], v...)
	}
	if len(c.low) > maxStatSize || len(c.high) > maxStatSize {
		c.unbounded = true
	}
}

// addDecimals stores decimals in size bytes as little endian, or with size 0 as big endian of the column's length.
func addDecimals(size int) func(*plainColumn, arrow.Array) {
	return func(c *plainColumn, a arrow.Array) {
		valid := batch.Valid(a)
		for i, v := range batch.Values[decimal128.Num](a) {
			if !valid.Get(i) {
				continue
			}
			switch size {
			case 4:
				c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v.LowBits()))
				boundDecimal(c, int32(v.LowBits()))
			case 8:
				c.data = binary.LittleEndian.AppendUint64(c.data, v.LowBits())
				boundDecimal(c, int64(v.LowBits()))
			default:
				var whole [16]byte
				binary.BigEndian.PutUint64(whole[:8], uint64(v.HighBits()))
				binary.BigEndian.PutUint64(whole[8:], v.LowBits())
				c.data = append(c.data, whole[16-c.length:]...)
			}
		}
	}
}

func boundDecimal[T int32 | int64](c *plainColumn, v T) {
	if c.low == nil {
		c.low, c.high = append([]byte{}, raw([]T{v})...), append([]byte{}, raw([]T{v})...)
		return
	}
	low, high := (*T)(unsafe.Pointer(&c.low[0])), (*T)(unsafe.Pointer(&c.high[0]))
	if cmp.Less(v, *low) {
		*low = v
	}
	if cmp.Less(*high, v) {
		*high = v
	}
}

// bounds gives the statistics of the chunk; ok is false where there are none.
func (c *plainColumn) bounds() (low, high []byte, ok bool) {
	if c.unbounded || c.low == nil {
		return nil, nil, false
	}
	// Of zero, the least is -0 and the greatest +0: readers may tell them apart.
	switch c.physical {
	case pFloat:
		if math.Float32frombits(binary.LittleEndian.Uint32(c.low)) == 0 {
			binary.LittleEndian.PutUint32(c.low, 1<<31)
		}
		if math.Float32frombits(binary.LittleEndian.Uint32(c.high)) == 0 {
			binary.LittleEndian.PutUint32(c.high, 0)
		}
	case pDoubl:
		if math.Float64frombits(binary.LittleEndian.Uint64(c.low)) == 0 {
			binary.LittleEndian.PutUint64(c.low, 1<<63)
		}
		if math.Float64frombits(binary.LittleEndian.Uint64(c.high)) == 0 {
			binary.LittleEndian.PutUint64(c.high, 0)
		}
	}
	return c.low, c.high, true
}

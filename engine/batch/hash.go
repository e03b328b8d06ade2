package batch

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/zeebo/xxh3"
)

const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0xd6e8feb86659fd93
	// nullHash stands for a null of any type.
	nullHash = 0x2545f4914f6cdd1d
)

// mix folds a value into a hash.
func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^v^mixA, (h<<32|h>>32)^mixB)
	return hi ^ lo ^ v
}

// Hash gives each row's hash over the columns: equal rows (null equals null, NaN equals NaN, -0.0 equals 0.0, maps
// in any order) have equal hashes. The same rows and seed give the same hashes in every process. into has rows places.
func Hash(columns []arrow.Array, rows int, seed uint64, into []uint64) {
	into = into[:rows]
	for i := range into {
		into[i] = seed
	}
	for _, c := range columns {
		hashColumn(c, into)
	}
}

// hashColumn folds a column's rows into h, one place a row.
func hashColumn(a arrow.Array, h []uint64) {
	valid := Valid(a)
	switch a.DataType().ID() {
	case arrow.NULL:
		for i := range h {
			h[i] = mix(h[i], nullHash)
		}
	case arrow.BOOL:
		v := Bools(a)
		for i := range h {
			var w uint64 = 1
			if v.Get(i) {
				w = 2
			}
			h[i] = mix(h[i], orNull(valid, i, w))
		}
	case arrow.INT8:
		hashInts(Values[int8](a), valid, h)
	case arrow.INT16:
		hashInts(Values[int16](a), valid, h)
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		hashInts(Values[int32](a), valid, h)
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		hashInts(Values[int64](a), valid, h)
	case arrow.FLOAT32:
		for i, v := range Values[float32](a)[:len(h)] {
			h[i] = mix(h[i], orNull(valid, i, floatBits(float64(v))))
		}
	case arrow.FLOAT64:
		for i, v := range Values[float64](a)[:len(h)] {
			h[i] = mix(h[i], orNull(valid, i, floatBits(v)))
		}
	case arrow.DECIMAL128:
		for i, v := range Values[decimal128.Num](a)[:len(h)] {
			if valid.Get(i) {
				h[i] = mix(mix(h[i], v.LowBits()), uint64(v.HighBits()))
			} else {
				h[i] = mix(h[i], nullHash)
			}
		}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		for i, v := range Values[arrow.MonthDayNanoInterval](a)[:len(h)] {
			w := mix(uint64(v.Months)<<32|uint64(uint32(v.Days)), uint64(v.Nanoseconds))
			h[i] = mix(h[i], orNull(valid, i, w))
		}
	case arrow.STRING, arrow.BINARY:
		hashText(a, valid, h)
	case arrow.STRUCT:
		hashStruct(a.(*array.Struct), valid, h)
	case arrow.LIST:
		hashList(a.(*array.List).ListValues(), Ranges(a), valid, h)
	case arrow.MAP:
		hashMap(a.(*array.Map), valid, h)
	}
}

func orNull(valid Bitmap, i int, v uint64) uint64 {
	if valid.Get(i) {
		return v
	}
	return nullHash
}

func hashInts[T int8 | int16 | int32 | int64](v []T, valid Bitmap, h []uint64) {
	v = v[:len(h)]
	if valid.All() {
		for i, x := range v {
			h[i] = mix(h[i], uint64(int64(x)))
		}
		return
	}
	for i, x := range v {
		h[i] = mix(h[i], orNull(valid, i, uint64(int64(x))))
	}
}

// floatBits is the bits of a float with -0.0 and NaN made one each.
func floatBits(v float64) uint64 {
	if v == 0 {
		return 0
	}
	if v != v {
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

func hashText(a arrow.Array, valid Bitmap, h []uint64) {
	offsets, data := Text(a)
	for i := range h {
		if !valid.Get(i) {
			h[i] = mix(h[i], nullHash)
			continue
		}
		h[i] = xxh3.HashSeed(data[offsets[i]:offsets[i+1]], h[i])
	}
}

func hashStruct(a *array.Struct, valid Bitmap, h []uint64) {
	inner := make([]uint64, len(h))
	for i := range inner {
		inner[i] = mixA
	}
	for f := 0; f < a.NumField(); f++ {
		hashColumn(a.Field(f), inner)
	}
	for i := range h {
		h[i] = mix(h[i], orNull(valid, i, inner[i]))
	}
}

// elementHashes hashes a child's rows from lo to hi, each for itself.
func elementHashes(child arrow.Array, lo, hi int32) []uint64 {
	part := array.NewSlice(child, int64(lo), int64(hi))
	defer part.Release()
	h := make([]uint64, hi-lo)
	for i := range h {
		h[i] = mixB
	}
	hashColumn(part, h)
	return h
}

func hashList(child arrow.Array, r []int32, valid Bitmap, h []uint64) {
	base := r[0]
	e := elementHashes(child, base, r[len(h)])
	for i := range h {
		if !valid.Get(i) {
			h[i] = mix(h[i], nullHash)
			continue
		}
		w := uint64(r[i+1] - r[i])
		for _, x := range e[r[i]-base : r[i+1]-base] {
			w = mix(w, x)
		}
		h[i] = mix(h[i], w)
	}
}

// hashMap adds the entries' hashes up, so that their order does not matter.
func hashMap(a *array.Map, valid Bitmap, h []uint64) {
	r := Ranges(a)
	base := r[0]
	e := elementHashes(a.ListValues(), base, r[len(h)])
	for i := range h {
		if !valid.Get(i) {
			h[i] = mix(h[i], nullHash)
			continue
		}
		w := uint64(r[i+1] - r[i])
		for _, x := range e[r[i]-base : r[i+1]-base] {
			w += x
		}
		h[i] = mix(h[i], w)
	}
}

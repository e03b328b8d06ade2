package functions

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"

	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var hashRows = []Row{
	{Name: "md5", Min: 1, Max: 1, Bind: signature("", digestFn("md5", func(b []byte) []byte { s := md5.Sum(b); return s[:] }), types.String, nil, types.Binary), Examples: []Example{
		{SQL: "md5('hello')", Value: "5d41402abc4b2a76b9719d911017c592"}, {SQL: "md5(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "sha1", Aliases: []string{"sha"}, Min: 1, Max: 1, Bind: signature("", digestFn("sha1", func(b []byte) []byte { s := sha1.Sum(b); return s[:] }), types.String, nil, types.Binary), Examples: []Example{
		{SQL: "sha1('hello')", Value: "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}}},
	{Name: "sha2", Min: 2, Max: 2, Bind: bindSha2, Examples: []Example{
		{SQL: "sha2('hello', 256)", Value: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}, {SQL: "sha2('hello', 224)", Value: "ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193"}, {SQL: "sha2('hello', 1)", Value: "NULL"}}},
	{Name: "hash", Min: 1, Max: -1, Bind: bindHash("hash", murmurFn, types.Int), Examples: []Example{
		{SQL: "hash('hello')", Value: "-1008564952"}, {SQL: "hash(1)", Value: "-559580957"}, {SQL: "hash(1L)", Value: "-1712319331"}, {SQL: "hash(CAST(1 AS TINYINT))", Value: "-559580957"}, {SQL: "hash(1.5D)", Value: "1290763749"},
		{SQL: "hash(CAST(1.5 AS FLOAT))", Value: "-221251528"}, {SQL: "hash(0.0D, -0.0D)", Value: "1972096366"}, {SQL: "hash(true)", Value: "-559580957"}, {SQL: "hash(NULL)", Value: "42"}, {SQL: "hash('a', 1, NULL, 2L)", Value: "1661356189"},
		{SQL: "hash(array(1, 2))", Value: "-222940379"}, {SQL: "hash(named_struct('a', 1, 'b', 'x'))", Value: "-1305545736"}, {SQL: "hash(map(1, 2))", Error: "DATATYPE_MISMATCH.HASH_MAP_TYPE"}, {SQL: "hash(1.50)", Value: "-2056712946"},
		{SQL: "hash(CAST('12345678901234567890' AS DECIMAL(38,2)))", Value: "1193662204"}, {SQL: "hash(DATE '2020-01-01')", Value: "-725858435"}, {SQL: "hash(TIMESTAMP '2020-01-01')", Value: "-1486022740"}, {SQL: "hash(CAST('abc' AS BINARY))", Value: "1322437556"},
		{SQL: "hash('')", Value: "142593372"}, {SQL: "hash('abcdé')", Value: "1633936390"}, {SQL: "hash('abcdefgh')", Value: "-804741815"}}},
	{Name: "xxhash64", Min: 1, Max: -1, Bind: bindHash("xxhash64", xxFn, types.Long), Examples: []Example{
		{SQL: "xxhash64('hello')", Value: "-4367754540140381902"}, {SQL: "xxhash64(1)", Value: "-6698625589789238999"}, {SQL: "xxhash64(1L)", Value: "-7001672635703045582"}, {SQL: "xxhash64(1.5D)", Value: "7738255526519901366"},
		{SQL: "xxhash64('abcdefghijklmnopqrstuvwxyzabcdefghijklmn')", Value: "-2745854355054766401"}, {SQL: "xxhash64('', NULL, true)", Value: "5760822842262958265"}, {SQL: "xxhash64(array(1, 2))", Value: "-8133857028838179022"},
		{SQL: "xxhash64(1.50)", Value: "-6873856301616164681"}, {SQL: "xxhash64(CAST('12345678901234567890' AS DECIMAL(38,2)))", Value: "-5762178217584940333"}, {SQL: "xxhash64('abcdé')", Value: "6842414003941456767"}}},
}

// digestFn writes a digest in hexadecimal digits.
func digestFn(name string, sum func([]byte) []byte) *expr.Function {
	return &expr.Function{Name: name, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t := textOf(args[0])
		return texts(c, n, out, args, func(dst []byte, i int) []byte { return hex.AppendEncode(dst, sum(t.at(i))) })
	}}
}

func bindSha2(e *Env, c *expr.Call) (expr.Expr, error) {
	a, err := e.bound(sha2Fn, callText("sha2", c.Args), types.String, c.Args, []types.Type{types.Binary, types.Int})
	if err != nil {
		return nil, err
	}
	a.Null = true
	return a, nil
}

var sha2Fn = &expr.Function{Name: "sha2", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, size := textOf(args[0]), operandOf[int32](args[1])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		switch b := t.at(i); size.at(i) {
		case 0, 256:
			s := sha256.Sum256(b)
			return hex.AppendEncode(dst, s[:])
		case 224:
			s := sha256.Sum224(b)
			return hex.AppendEncode(dst, s[:])
		case 384:
			s := sha512.Sum384(b)
			return hex.AppendEncode(dst, s[:])
		case 512:
			s := sha512.Sum512(b)
			return hex.AppendEncode(dst, s[:])
		}
		return nil
	})
}}

// bindHash refuses maps, whose order may differ.
func bindHash(name string, fn *expr.Function, out types.Type) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		for _, a := range c.Args {
			if types.HasMap(a.Type()) {
				return nil, mismatch("HASH_MAP_TYPE", text, "functionName", Quote(name))
			}
		}
		return &expr.Apply{Fn: fn, Args: c.Args, DataType: out, Text: text}, nil
	}
}

// hasher is one of the two hash functions: each takes a value and the hash of what came before.
type hasher struct {
	int32  func(v uint32, seed uint64) uint64
	int64  func(v uint64, seed uint64) uint64
	binary func(b []byte, seed uint64) uint64
}

// of gives a function that hashes row i of a column, or leaves the seed where it is null.
func (h hasher) of(a arrow.Array) func(i int, seed uint64) uint64 {
	valid := batch.Valid(a)
	value := h.value(a)
	return func(i int, seed uint64) uint64 {
		if !valid.Get(i) {
			return seed
		}
		return value(i, seed)
	}
}

func small[T int8 | int16 | int32](h hasher, v []T) func(i int, seed uint64) uint64 {
	return func(i int, seed uint64) uint64 { return h.int32(uint32(int32(v[i])), seed) }
}

func (h hasher) value(a arrow.Array) func(i int, seed uint64) uint64 {
	switch a.DataType().ID() {
	case arrow.BOOL:
		v := batch.Bools(a)
		return func(i int, seed uint64) uint64 {
			if v.Get(i) {
				return h.int32(1, seed)
			}
			return h.int32(0, seed)
		}
	case arrow.INT8:
		return small(h, batch.Values[int8](a))
	case arrow.INT16:
		return small(h, batch.Values[int16](a))
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return small(h, batch.Values[int32](a))
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		v := batch.Values[int64](a)
		return func(i int, seed uint64) uint64 { return h.int64(uint64(v[i]), seed) }
	case arrow.FLOAT32:
		v := batch.Values[float32](a)
		return func(i int, seed uint64) uint64 { return h.int32(floatKey(v[i]), seed) }
	case arrow.FLOAT64:
		v := batch.Values[float64](a)
		return func(i int, seed uint64) uint64 { return h.int64(doubleKey(v[i]), seed) }
	case arrow.STRING, arrow.BINARY:
		o, d := batch.Text(a)
		return func(i int, seed uint64) uint64 { return h.binary(d[o[i]:o[i+1]], seed) }
	}
	return h.wide(a)
}

// wide hashes decimals, intervals and nested values.
func (h hasher) wide(a arrow.Array) func(i int, seed uint64) uint64 {
	switch a.DataType().ID() {
	case arrow.DECIMAL128:
		v, precision := batch.Values[decimal128.Num](a), a.DataType().(*arrow.Decimal128Type).Precision
		return func(i int, seed uint64) uint64 {
			if precision <= 18 {
				return h.int64(v[i].LowBits(), seed)
			}
			return h.binary(javaBytes(v[i]), seed)
		}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		v := batch.Values[arrow.MonthDayNanoInterval](a)
		return func(i int, seed uint64) uint64 {
			return h.int32(uint32(v[i].Months), h.int32(uint32(v[i].Days), h.int64(uint64(v[i].Nanoseconds/1000), seed)))
		}
	case arrow.STRUCT:
		s := a.(*array.Struct)
		fields := make([]func(int, uint64) uint64, s.NumField())
		for k := range fields {
			fields[k] = h.of(s.Field(k))
		}
		return func(i int, seed uint64) uint64 {
			for _, f := range fields {
				seed = f(i, seed)
			}
			return seed
		}
	case arrow.LIST:
		each, r := h.of(a.(*array.List).ListValues()), batch.Ranges(a)
		return func(i int, seed uint64) uint64 {
			for k := r[i]; k < r[i+1]; k++ {
				seed = each(int(k), seed)
			}
			return seed
		}
	}
	return func(_ int, seed uint64) uint64 { return seed }
}

func floatKey(v float32) uint32 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return 0x7fc00000
	}
	return math.Float32bits(v)
}

func doubleKey(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

// javaBytes is the shortest two's complement form, the highest byte first, of a decimal's digits.
func javaBytes(v decimal128.Num) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(v.HighBits()))
	binary.BigEndian.PutUint64(b[8:], v.LowBits())
	i := 0
	for i < 15 && (b[i] == 0 && b[i+1] < 0x80 || b[i] == 0xff && b[i+1] >= 0x80) {
		i++
	}
	return b[i:]
}

// hashSeed is where both functions start.
const hashSeed = 42

// fold hashes all columns of each row.
func (h hasher) fold(n int, args []expr.Vector, put func(i int, v uint64)) {
	columns := make([]func(int, uint64) uint64, len(args))
	for k, a := range args {
		columns[k] = h.of(a.Array)
	}
	for i := 0; i < n; i++ {
		seed := uint64(hashSeed)
		for k, f := range columns {
			seed = f(args[k].Row(i), seed)
		}
		put(i, seed)
	}
}

var murmurFn = &expr.Function{Name: "hash", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	r := batch.NewFixed[int32](c.Mem, n)
	murmur3.fold(n, args, func(i int, v uint64) { r.Values[i] = int32(uint32(v)) })
	return vector(r.Done(types.Arrow(out), nil)), nil
}}

var xxFn = &expr.Function{Name: "xxhash64", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	r := batch.NewFixed[int64](c.Mem, n)
	xx.fold(n, args, func(i int, v uint64) { r.Values[i] = int64(v) })
	return vector(r.Done(types.Arrow(out), nil)), nil
}}

// murmur3 is Murmur3 of 32 bits; the bytes behind the last whole word are each hashed as a word of their own.
var murmur3 = hasher{
	int32: func(v uint32, seed uint64) uint64 {
		return uint64(murmurEnd(murmurMix(uint32(seed), v), 4))
	},
	int64: func(v uint64, seed uint64) uint64 {
		return uint64(murmurEnd(murmurMix(murmurMix(uint32(seed), uint32(v)), uint32(v>>32)), 8))
	},
	binary: func(b []byte, seed uint64) uint64 {
		h, n := uint32(seed), uint32(len(b))
		for ; len(b) >= 4; b = b[4:] {
			h = murmurMix(h, binary.LittleEndian.Uint32(b))
		}
		for _, x := range b {
			h = murmurMix(h, uint32(int32(int8(x))))
		}
		return uint64(murmurEnd(h, n))
	},
}

func murmurMix(h, k uint32) uint32 {
	k = bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593
	return bits.RotateLeft32(h^k, 13)*5 + 0xe6546b64
}

func murmurEnd(h, n uint32) uint32 {
	h ^= n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

const (
	xx1 = 0x9E3779B185EBCA87
	xx2 = 0xC2B2AE3D27D4EB4F
	xx3 = 0x165667B19E3779F9
	xx4 = 0x85EBCA77C2B2AE63
	xx5 = 0x27D4EB2F165667C5
)

// xx is XXH64 with a seed.
var xx = hasher{
	int32: func(v uint32, seed uint64) uint64 {
		h := seed + xx5 + 4
		h ^= uint64(v) * xx1
		return xxEnd(bits.RotateLeft64(h, 23)*xx2 + xx3)
	},
	int64: func(v uint64, seed uint64) uint64 {
		h := seed + xx5 + 8
		h ^= xxRound(0, v)
		return xxEnd(bits.RotateLeft64(h, 27)*xx1 + xx4)
	},
	binary: xxBytes,
}

func xxRound(acc, v uint64) uint64 { return bits.RotateLeft64(acc+v*xx2, 31) * xx1 }

func xxEnd(h uint64) uint64 {
	h = (h ^ h>>33) * xx2
	h = (h ^ h>>29) * xx3
	return h ^ h>>32
}

func xxBytes(b []byte, seed uint64) uint64 {
	n := uint64(len(b))
	h := seed + xx5
	if len(b) >= 32 {
		p1 := uint64(xx1)
		acc := [4]uint64{seed + p1 + xx2, seed + xx2, seed, seed - p1}
		for ; len(b) >= 32; b = b[32:] {
			for k := range acc {
				acc[k] = xxRound(acc[k], binary.LittleEndian.Uint64(b[8*k:]))
			}
		}
		h = bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
		for _, a := range acc {
			h = (h^xxRound(0, a))*xx1 + xx4
		}
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^xxRound(0, binary.LittleEndian.Uint64(b)), 27)*xx1 + xx4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*xx1, 23)*xx2 + xx3
		b = b[4:]
	}
	for _, x := range b {
		h = bits.RotateLeft64(h^uint64(x)*xx5, 11) * xx1
	}
	return xxEnd(h)
}

package functions

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// What differs from row to row by itself: random numbers, row and partition numbers. rand and randn of a seed give the
// numbers that Spark gives in the same partition.

var volatileRows = []Row{
	{Name: "rand", Aliases: []string{"random"}, Min: 0, Max: 1, Bind: bindRandom("rand", false), Examples: []Example{{SQL: "rand(42) < 1", Value: "true"}}},
	{Name: "randn", Min: 0, Max: 1, Bind: bindRandom("randn", true), Examples: []Example{{SQL: "randn(42) < 10", Value: "true"}}},
	{Name: "uuid", Min: 0, Max: 1, Bind: bindUUID, Examples: []Example{{SQL: "uuid() IS NOT NULL", Value: "true"}}},
	{Name: "monotonically_increasing_id", Min: 0, Max: 0, Bind: bindRowID, Examples: []Example{{SQL: "monotonically_increasing_id() >= 0", Value: "true"}}},
	{Name: "spark_partition_id", Min: 0, Max: 0, Bind: bindPartitionID, Examples: []Example{{SQL: "spark_partition_id() >= 0", Value: "true"}}},
}

var (
	randFn  = &expr.Function{Name: "rand", Volatile: true, Form: randomForm(false)}
	randnFn = &expr.Function{Name: "randn", Volatile: true, Form: randomForm(true)}
	uuidFn  = &expr.Function{Name: "uuid", Volatile: true, Form: func(*expr.Apply, []expr.Evaluator) (expr.Evaluator, error) {
		return &random{kind: uuids}, nil
	}}
	rowIDFn = &expr.Function{Name: "monotonically_increasing_id", Volatile: true, Kernel: func(c *expr.Context, n int, _ []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		r := batch.NewFixed[int64](c.Mem, n)
		for i := range r.Values {
			r.Values[i] = int64(c.Partition)<<33 + c.RowBase + int64(i)
		}
		return vector(r.Done(types.Arrow(out), nil)), nil
	}}
	partitionIDFn = &expr.Function{Name: "spark_partition_id", Volatile: true, Kernel: func(c *expr.Context, n int, _ []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		r := batch.NewFixed[int32](c.Mem, n)
		for i := range r.Values {
			r.Values[i] = int32(c.Partition)
		}
		return vector(r.Done(types.Arrow(out), nil)), nil
	}}
)

func bindRandom(name string, normal bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		fn := randFn
		if normal {
			fn = randnFn
		}
		a := apply(fn, types.Double)
		a.Text = callText(name, c.Args)
		if len(c.Args) == 0 {
			return a, nil
		}
		seed, ok := e.implicit(c.Args[0], types.Long)
		if !ok {
			return nil, unexpected(a.Text, 0, `("INT" or "BIGINT")`, c.Args[0])
		}
		v, ok := expr.Constant(seed)
		if !ok {
			return nil, mismatch("NON_FOLDABLE_INPUT", a.Text, "inputName", "`seed`", "inputType", `("INT" or "BIGINT")`, "inputExpr", `"`+c.Args[0].String()+`"`)
		}
		s, _ := v.(int64)
		a.Data = s
		return a, nil
	}
}

func bindUUID(_ *Env, c *expr.Call) (expr.Expr, error) {
	a := apply(uuidFn, types.String)
	a.Text = callText("uuid", nil)
	return a, nil
}

func bindRowID(*Env, *expr.Call) (expr.Expr, error) { return apply(rowIDFn, types.Long), nil }

func bindPartitionID(*Env, *expr.Call) (expr.Expr, error) {
	a := apply(partitionIDFn, types.Int)
	a.Text = "SPARK_PARTITION_ID()"
	return a, nil
}

type randomKind uint8

const (
	uniform randomKind = iota
	gaussian
	uuids
)

// random is one sequence of numbers a partition and epoch: it begins anew where the rows do.
type random struct {
	kind randomKind
	// seed is the user's; without one the query's and the moment's tell sequences apart.
	seed   int64
	seeded bool
	state  uint64
	next   float64
	have   bool
	rows   int64
}

func randomForm(normal bool) expr.Form {
	return func(a *expr.Apply, _ []expr.Evaluator) (expr.Evaluator, error) {
		r := &random{kind: uniform}
		if normal {
			r.kind = gaussian
		}
		r.seed, r.seeded = a.Data.(int64)
		return r, nil
	}
}

func (r *random) Type() types.Type {
	if r.kind == uuids {
		return types.String
	}
	return types.Double
}

func (r *random) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	n := int(b.NumRows())
	if c.RowBase == 0 || r.rows == 0 {
		seed := r.seed
		if !r.seeded {
			seed = c.Seed ^ c.NowMicros*0x5851f42d4c957f2d
		}
		r.state, r.have = scramble(uint64(seed+int64(c.Partition))), false
	}
	r.rows += int64(n)
	if r.kind == uuids {
		out := batch.NewStrings(c.Mem, n, n*36)
		var text [36]byte
		for i := 0; i < n; i++ {
			out.Append(r.uuid(text[:0]))
		}
		return vector(out.Done(arrow.BinaryTypes.String, nil)), nil
	}
	out := batch.NewFixed[float64](c.Mem, n)
	for i := range out.Values {
		if r.kind == gaussian {
			out.Values[i] = r.normal()
		} else {
			out.Values[i] = r.double()
		}
	}
	return vector(out.Done(arrow.PrimitiveTypes.Float64, nil)), nil
}

// bits steps the xorshift sequence and gives its low bits.
func (r *random) bits(n uint) int32 {
	s := r.state ^ r.state<<21
	s ^= s >> 35
	s ^= s << 4
	r.state = s
	return int32(s & (1<<n - 1))
}

func (r *random) double() float64 {
	hi := int64(r.bits(26)) << 27
	return float64(hi+int64(r.bits(27))) / (1 << 53)
}

// normal is the polar method, two numbers at a time.
func (r *random) normal() float64 {
	if r.have {
		r.have = false
		return r.next
	}
	for {
		a, b := 2*r.double()-1, 2*r.double()-1
		s := a*a + b*b
		if s >= 1 || s == 0 {
			continue
		}
		m := math.Sqrt(-2 * math.Log(s) / s)
		r.next, r.have = b*m, true
		return a * m
	}
}

func (r *random) uuid(dst []byte) []byte {
	var u [16]byte
	for i := 0; i < 16; i += 4 {
		binary.BigEndian.PutUint32(u[i:], uint32(r.bits(32)))
	}
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	for i, x := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, "0123456789abcdef"[x>>4], "0123456789abcdef"[x&15])
	}
	return dst
}

// scramble spreads a seed over 64 bits by two rounds of MurmurHash3 over its bytes.
func scramble(seed uint64) uint64 {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	low := murmur(b[:], 0x3c074a61)
	return uint64(murmur(b[:], low))<<32 | uint64(low)
}

// murmur is MurmurHash3 (32 bits) of bytes whose length is a multiple of four.
func murmur(b []byte, h uint32) uint32 {
	for i := 0; i < len(b); i += 4 {
		k := binary.LittleEndian.Uint32(b[i:]) * 0xcc9e2d51
		h ^= bits.RotateLeft32(k, 15) * 0x1b873593
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	h ^= uint32(len(b))
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

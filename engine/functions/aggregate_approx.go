package functions

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// approx_count_distinct: a HyperLogLog sketch over the hashes that PySpark takes. Up to its threshold of linear
// counting the result is PySpark's; beyond, PySpark corrects by measured tables and we by a formula without bias, so
// that both are within the asked deviation of the truth.

var approxRows = []Row{
	{Name: "approx_count_distinct", Min: 1, Max: 2, Bind: bindApproxDistinct, Examples: []Example{
		{SQL: "approx_count_distinct(1)", Value: "1"}, {SQL: "approx_count_distinct(NULL)", Value: "0"}, {SQL: "approx_count_distinct('a', 0.1)", Value: "1"}}},
}

var approxFn = &expr.Aggregate{Name: "approx_count_distinct", New: newSketches,
	Buffer: func(*expr.Agg) []types.Type { return []types.Type{types.Binary} }}

// linearUpTo is, for 4 to 18 bits, up to which count linear counting is the better estimate.
var linearUpTo = [15]float64{10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11500, 20000, 50000, 120000, 350000}

func bindApproxDistinct(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("approx_count_distinct", c.Args)
	deviation := 0.05
	if len(c.Args) == 2 {
		arg, err := e.take(c, text, 1, types.Double)
		if err != nil {
			return nil, err
		}
		v, ok := expr.Constant(arg)
		f, isFloat := v.(float64)
		if !ok || !isFloat {
			return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`relativeSD`", "inputType", `"DOUBLE"`, "inputExpr", `"`+c.Args[1].String()+`"`)
		}
		deviation = f
	}
	width := int(math.Ceil(2 * math.Log2(1.106/deviation)))
	if width < 4 || width > 18 {
		return nil, mismatch("VALUE_OUT_OF_RANGE", text, "exprName", "relativeSD", "valueRange", "[0.0022, 0.39]",
			"currentValue", expr.Lit(deviation).String())
	}
	hash, err := e.Lookup("xxhash64", c.Args[0])
	if err != nil {
		return nil, err
	}
	a := aggregate(c, approxFn, types.Long, c.Args[0], hash)
	a.Data, a.Null, a.Distinct = width, false, false
	a.Text = aggregateText("approx_count_distinct", c, c.Args[:1])
	return a, nil
}

// sketches is a sketch a slot, made when its first value comes.
type sketches struct {
	mem   memory.Allocator
	width int
	slots [][]byte
	held  int64
}

func newSketches(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
	return &sketches{mem: c.Mem, width: a.Data.(int)}, nil
}

func (a *sketches) Grow(n int) { a.slots = grown(a.slots, n) }

func (a *sketches) sketch(s int32) []byte {
	if a.slots[s] == nil {
		a.slots[s] = make([]byte, 1<<a.width)
		a.held += 1 << a.width
	}
	return a.slots[s]
}

func (a *sketches) Update(slots []int32, args []arrow.Array) error {
	hashes, valid := batch.Values[int64](args[1]), batch.Valid(args[0])
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		h := uint64(hashes[i])
		place := h >> (64 - a.width)
		rank := byte(bits.LeadingZeros64(h<<a.width|1<<(a.width-1)) + 1)
		if r := a.sketch(s); rank > r[place] {
			r[place] = rank
		}
	}
	return nil
}

func (a *sketches) Merge(slots []int32, buffer []arrow.Array) error {
	o, d := batch.Text(buffer[0])
	for i, s := range slots {
		other := d[o[i]:o[i+1]]
		if s < 0 || len(other) == 0 {
			continue
		}
		r := a.sketch(s)
		for k, rank := range other {
			r[k] = max(r[k], rank)
		}
	}
	return nil
}

func (a *sketches) Partial(slots []int32) ([]arrow.Array, error) {
	out := batch.NewStrings(a.mem, len(slots), len(slots)<<a.width)
	for _, s := range slots {
		out.Append(a.slots[s])
	}
	return []arrow.Array{out.Done(arrow.BinaryTypes.Binary, nil)}, nil
}

func (a *sketches) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Int64, slots, func(s int32) (int64, bool) {
		if a.slots[s] == nil {
			return 0, true
		}
		return int64(math.Floor(estimate(a.slots[s], a.width) + 0.5)), true
	}), nil
}

// estimate is how many distinct values a sketch has seen.
func estimate(r []byte, width int) float64 {
	m := float64(len(r))
	var ranks [66]int
	inverse := 0.0
	for _, k := range r {
		ranks[k]++
		inverse += 1 / float64(uint64(1)<<k)
	}
	if ranks[0] > 0 {
		if linear := m * math.Log(m/float64(ranks[0])); linear <= linearUpTo[width-4] {
			return linear
		}
	}
	alpha := 0.7213 / (1 + 1.079/m)
	switch width {
	case 4:
		alpha = 0.673
	case 5:
		alpha = 0.697
	case 6:
		alpha = 0.709
	}
	if raw := alpha * m * m / inverse; raw >= 5*m {
		return raw
	}
	return unbiased(&ranks, m, 64-width)
}

// unbiased estimates from how many registers have each rank, by the corrections of small and large ranges in closed
// form.
func unbiased(ranks *[66]int, m float64, top int) float64 {
	z := m * tail(1-float64(ranks[top+1])/m)
	for k := top; k >= 1; k-- {
		z = 0.5 * (z + float64(ranks[k]))
	}
	z += m * head(float64(ranks[0])/m)
	return m * m / (2 * math.Ln2 * z)
}

func head(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	z, y := x, 1.0
	for {
		x *= x
		before := z
		z += x * y
		y += y
		if z == before {
			return z
		}
	}
}

func tail(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	z, y := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}

func (a *sketches) Clear(slots []int32) {
	for _, s := range slots {
		if a.slots[s] != nil {
			a.slots[s] = nil
			a.held -= 1 << a.width
		}
	}
}
func (a *sketches) Bytes() int64 { return a.held + int64(cap(a.slots))*24 }
func (a *sketches) Close()       {}

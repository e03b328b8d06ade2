package functions

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Variance and its kin: central moments that update and merge without the sums of powers, and so keep their digits.

var (
	stddevSampFn = momentsFn("stddev_samp", 2, func(m *[5]float64) (float64, bool) { return math.Sqrt(m[2] / (m[0] - 1)), m[0] > 1 })
	stddevPopFn  = momentsFn("stddev_pop", 2, func(m *[5]float64) (float64, bool) { return math.Sqrt(m[2] / m[0]), m[0] > 0 })
	varSampFn    = momentsFn("var_samp", 2, func(m *[5]float64) (float64, bool) { return m[2] / (m[0] - 1), m[0] > 1 })
	varPopFn     = momentsFn("var_pop", 2, func(m *[5]float64) (float64, bool) { return m[2] / m[0], m[0] > 0 })
	skewnessFn   = momentsFn("skewness", 3, func(m *[5]float64) (float64, bool) {
		return math.Sqrt(m[0]) * m[3] / math.Sqrt(m[2]*m[2]*m[2]), m[0] > 0 && m[2] != 0
	})
	kurtosisFn = momentsFn("kurtosis", 4, func(m *[5]float64) (float64, bool) {
		return m[0]*m[4]/(m[2]*m[2]) - 3, m[0] > 0 && m[2] != 0
	})
	productFn = &expr.Aggregate{Name: "product", Buffer: doubles(1), New: newProduct}

	corrFn = pairsFn("corr", func(p *pairState) (float64, bool) {
		return p.ck / math.Sqrt(p.xmk*p.ymk), p.n > 1
	})
	covarPopFn  = pairsFn("covar_pop", func(p *pairState) (float64, bool) { return p.ck / p.n, p.n > 0 })
	covarSampFn = pairsFn("covar_samp", func(p *pairState) (float64, bool) { return p.ck / (p.n - 1), p.n > 1 })
)

// doubles is a buffer of n doubles.
func doubles(n int) func(*expr.Agg) []types.Type {
	b := make([]types.Type, n)
	for i := range b {
		b[i] = types.Double
	}
	return func(*expr.Agg) []types.Type { return b }
}

// moments is, for each slot, the count, the mean and the central moments 2 to order.
type moments struct {
	mem    memory.Allocator
	order  int
	result func(m *[5]float64) (float64, bool)
	state  [][5]float64
}

func momentsFn(name string, order int, result func(m *[5]float64) (float64, bool)) *expr.Aggregate {
	return &expr.Aggregate{Name: name, Buffer: doubles(order + 1), New: func(c *expr.Context, _ *expr.Agg) (expr.Accumulator, error) {
		return &moments{mem: c.Mem, order: order, result: result}, nil
	}}
}

func (a *moments) Grow(n int) { a.state = grown(a.state, n) }

func (a *moments) Update(slots []int32, args []arrow.Array) error {
	v, valid := batch.Values[float64](args[0]), batch.Valid(args[0])
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		m := &a.state[s]
		if a.order > 2 {
			combine(m, &[5]float64{1, v[i]})
			continue
		}
		m[0]++
		delta := v[i] - m[1]
		dn := delta / m[0]
		m[1] += dn
		m[2] += delta * (delta - dn)
	}
	return nil
}

func (a *moments) Merge(slots []int32, buffer []arrow.Array) error {
	var in [5][]float64
	for k := 0; k <= a.order; k++ {
		in[k] = batch.Values[float64](buffer[k])
	}
	for i, s := range slots {
		if s < 0 || in[0][i] == 0 {
			continue
		}
		var o [5]float64
		for k := 0; k <= a.order; k++ {
			o[k] = in[k][i]
		}
		combine(&a.state[s], &o)
	}
	return nil
}

// combine joins two sets of moments.
func combine(m, o *[5]float64) {
	n1, n2 := m[0], o[0]
	n := n1 + n2
	delta := o[1] - m[1]
	dn := delta / n
	m2, m3 := m[2], m[3]
	m[4] += o[4] + dn*dn*dn*delta*n1*n2*(n1*n1-n1*n2+n2*n2) + 6*dn*dn*(n1*n1*o[2]+n2*n2*m2) + 4*dn*(n1*o[3]-n2*m3)
	m[3] += o[3] + dn*dn*delta*n1*n2*(n1-n2) + 3*dn*(n1*o[2]-n2*m2)
	m[2] += o[2] + delta*dn*n1*n2
	m[1] += dn * n2
	m[0] = n
}

func (a *moments) Partial(slots []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, a.order+1)
	for k := range out {
		out[k] = pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) { return a.state[s][k], true })
	}
	return out, nil
}

func (a *moments) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) { return a.result(&a.state[s]) }), nil
}

func (a *moments) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = [5]float64{}
	}
}
func (a *moments) Bytes() int64 { return int64(cap(a.state)) * 40 }
func (a *moments) Close()       {}

// pairs is the co-moments of two columns.
type pairs struct {
	mem    memory.Allocator
	result func(p *pairState) (float64, bool)
	state  []pairState
}

type pairState struct{ n, x, y, ck, xmk, ymk float64 }

func pairsFn(name string, result func(p *pairState) (float64, bool)) *expr.Aggregate {
	return &expr.Aggregate{Name: name, Buffer: doubles(6), New: func(c *expr.Context, _ *expr.Agg) (expr.Accumulator, error) {
		return &pairs{mem: c.Mem, result: result}, nil
	}}
}

func (a *pairs) Grow(n int) { a.state = grown(a.state, n) }

func (a *pairs) Update(slots []int32, args []arrow.Array) error {
	xs, ys := batch.Values[float64](args[0]), batch.Values[float64](args[1])
	xv, yv := batch.Valid(args[0]), batch.Valid(args[1])
	for i, s := range slots {
		if s < 0 || !xv.Get(i) || !yv.Get(i) {
			continue
		}
		p := &a.state[s]
		p.n++
		dx, dy := xs[i]-p.x, ys[i]-p.y
		p.x += dx / p.n
		p.y += dy / p.n
		p.ck += dx * (ys[i] - p.y)
		p.xmk += dx * (xs[i] - p.x)
		p.ymk += dy * (ys[i] - p.y)
	}
	return nil
}

func (a *pairs) Merge(slots []int32, buffer []arrow.Array) error {
	var in [6][]float64
	for k := range in {
		in[k] = batch.Values[float64](buffer[k])
	}
	for i, s := range slots {
		if s < 0 || in[0][i] == 0 {
			continue
		}
		p, n2 := &a.state[s], in[0][i]
		n := p.n + n2
		dx, dy := in[1][i]-p.x, in[2][i]-p.y
		p.ck += in[3][i] + dx*dy*p.n*n2/n
		p.xmk += in[4][i] + dx*dx*p.n*n2/n
		p.ymk += in[5][i] + dy*dy*p.n*n2/n
		p.x += dx * n2 / n
		p.y += dy * n2 / n
		p.n = n
	}
	return nil
}

func (a *pairs) Partial(slots []int32) ([]arrow.Array, error) {
	get := []func(p *pairState) float64{func(p *pairState) float64 { return p.n }, func(p *pairState) float64 { return p.x },
		func(p *pairState) float64 { return p.y }, func(p *pairState) float64 { return p.ck },
		func(p *pairState) float64 { return p.xmk }, func(p *pairState) float64 { return p.ymk }}
	out := make([]arrow.Array, len(get))
	for k, f := range get {
		out[k] = pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) { return f(&a.state[s]), true })
	}
	return out, nil
}

func (a *pairs) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) { return a.result(&a.state[s]) }), nil
}

func (a *pairs) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = pairState{}
	}
}
func (a *pairs) Bytes() int64 { return int64(cap(a.state)) * 48 }
func (a *pairs) Close()       {}

// product multiplies.
type product struct{ doubleSum }

func newProduct(c *expr.Context, _ *expr.Agg) (expr.Accumulator, error) {
	return &product{doubleSum{mem: c.Mem}}, nil
}

func (a *product) Update(slots []int32, args []arrow.Array) error {
	v, valid := batch.Values[float64](args[0]), batch.Valid(args[0])
	for i, s := range slots {
		if s < 0 || !valid.Get(i) {
			continue
		}
		p := &a.state[s]
		if p.n == 0 {
			p.sum = 1
		}
		p.sum *= v[i]
		p.n++
	}
	return nil
}

func (a *product) Merge(slots []int32, buffer []arrow.Array) error { return a.Update(slots, buffer) }

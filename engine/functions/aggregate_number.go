package functions

import (
	"math/big"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// count, sum and avg: a few numbers a slot, updated by one loop over the rows.

var (
	countFn = &expr.Aggregate{Name: "count", Buffer: longBuffer, New: newCount}
	sumFn   = &expr.Aggregate{Name: "sum", Buffer: sumBuffer, New: newSum}
	avgFn   = &expr.Aggregate{Name: "avg", Buffer: avgBuffer, New: newAvg}
)

func longBuffer(*expr.Agg) []types.Type { return []types.Type{types.Long} }

// grown is a slice of at least n states.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n]
	}
	out := make([]T, n, max(n, 2*cap(s)))
	copy(out, s)
	return out
}

// pick makes a column of one value a slot; get answers ok false for null.
func pick[T arrow.FixedWidthType](mem memory.Allocator, dt arrow.DataType, slots []int32, get func(s int32) (T, bool)) arrow.Array {
	out, valid := batch.NewFixed[T](mem, len(slots)), batch.NewMarks(mem, len(slots), true)
	for i, s := range slots {
		v, ok := get(s)
		out.Values[i] = v
		if !ok {
			valid.Clear(i)
		}
	}
	return out.Done(dt, valid)
}

type countAcc struct {
	mem memory.Allocator
	n   []int64
}

func newCount(c *expr.Context, _ *expr.Agg) (expr.Accumulator, error) {
	return &countAcc{mem: c.Mem}, nil
}

func (a *countAcc) Grow(n int) { a.n = grown(a.n, n) }

func (a *countAcc) Update(slots []int32, args []arrow.Array) error {
	var valid []batch.Bitmap
	for _, x := range args {
		if v := batch.Valid(x); !v.All() {
			valid = append(valid, v)
		}
	}
	n := a.n
	if len(valid) == 0 {
		for _, s := range slots {
			if s >= 0 {
				n[s]++
			}
		}
		return nil
	}
rows:
	for i, s := range slots {
		if s < 0 {
			continue
		}
		for _, v := range valid {
			if !v.Get(i) {
				continue rows
			}
		}
		n[s]++
	}
	return nil
}

func (a *countAcc) Merge(slots []int32, buffer []arrow.Array) error {
	v := batch.Values[int64](buffer[0])
	for i, s := range slots {
		if s >= 0 {
			a.n[s] += v[i]
		}
	}
	return nil
}

func (a *countAcc) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *countAcc) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Int64, slots, func(s int32) (int64, bool) { return a.n[s], true }), nil
}

func (a *countAcc) Clear(slots []int32) {
	for _, s := range slots {
		a.n[s] = 0
	}
}
func (a *countAcc) Bytes() int64 { return int64(cap(a.n)) * 8 }
func (a *countAcc) Close()       {}

func sumBuffer(a *expr.Agg) []types.Type {
	if a.DataType.Kind() == types.KDecimal {
		return []types.Type{a.DataType, types.Boolean}
	}
	return []types.Type{a.DataType}
}

func newSum(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
	m := a.Data.(mode)
	switch a.DataType.Kind() {
	case types.KDouble:
		return &doubleSum{mem: c.Mem}, nil
	case types.KDecimal:
		return &decimalSum{mem: c.Mem, mode: m, out: a.DataType.(types.Decimal)}, nil
	}
	return &longSum{mem: c.Mem, mode: m, out: a.DataType}, nil
}

// longSum sums integers and intervals.
type longSum struct {
	mem   memory.Allocator
	mode  mode
	out   types.Type
	state []longState
}

type longState struct {
	sum  int64
	seen uint32
	over uint32
}

func (a *longSum) Grow(n int) { a.state = grown(a.state, n) }

func (a *longSum) Update(slots []int32, args []arrow.Array) error {
	x := args[0]
	switch x.DataType().ID() {
	case arrow.INT8:
		return addIntegers(a, slots, batch.Values[int8](x), batch.Valid(x))
	case arrow.INT16:
		return addIntegers(a, slots, batch.Values[int16](x), batch.Valid(x))
	case arrow.INT32, arrow.INTERVAL_MONTHS:
		return addIntegers(a, slots, batch.Values[int32](x), batch.Valid(x))
	}
	return addIntegers(a, slots, batch.Values[int64](x), batch.Valid(x))
}

func addIntegers[T signed](a *longSum, slots []int32, v []T, valid batch.Bitmap) error {
	state, v := a.state, v[:len(slots)]
	all := valid.All()
	var over int64
	for i, s := range slots {
		if s < 0 || !all && !valid.Get(i) {
			continue
		}
		p := &state[s]
		x := int64(v[i])
		t := p.sum + x
		o := (p.sum ^ t) & (x ^ t)
		over |= o
		p.sum, p.seen = t, 1
		if o < 0 {
			p.over = 1
		}
	}
	if over < 0 && a.mode == strict {
		return a.overflow()
	}
	return nil
}

func (a *longSum) overflow() error {
	if a.out.Kind() != types.KLong {
		return errs.New("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION", "functionName", "`try_sum`")
	}
	return arithmeticOverflow("overflow", "try_add")
}

func (a *longSum) Merge(slots []int32, buffer []arrow.Array) error {
	return a.Update(slots, buffer[:1])
}

func (a *longSum) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *longSum) Result(slots []int32) (arrow.Array, error) {
	ok := func(s int32) bool { p := &a.state[s]; return p.seen != 0 && (p.over == 0 || a.mode != trying) }
	if a.out.Kind() == types.KYearMonthInterval {
		return pick(a.mem, types.Arrow(a.out), slots, func(s int32) (int32, bool) { return int32(a.state[s].sum), ok(s) }), nil
	}
	return pick(a.mem, types.Arrow(a.out), slots, func(s int32) (int64, bool) { return a.state[s].sum, ok(s) }), nil
}

func (a *longSum) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = longState{}
	}
}
func (a *longSum) Bytes() int64 { return int64(cap(a.state)) * 16 }
func (a *longSum) Close()       {}

// doubleSum sums doubles.
type doubleSum struct {
	mem   memory.Allocator
	state []doubleState
}

type doubleState struct {
	sum float64
	n   int64
}

func (a *doubleSum) Grow(n int) { a.state = grown(a.state, n) }

func (a *doubleSum) Update(slots []int32, args []arrow.Array) error {
	addDoubles(a.state, slots, batch.Values[float64](args[0]), batch.Valid(args[0]))
	return nil
}

// addDoubles adds each value and counts it.
func addDoubles(state []doubleState, slots []int32, v []float64, valid batch.Bitmap) {
	v = v[:len(slots)]
	if valid.All() {
		for i, s := range slots {
			if s >= 0 {
				p := &state[s]
				p.sum += v[i]
				p.n++
			}
		}
		return
	}
	for i, s := range slots {
		if s >= 0 && valid.Get(i) {
			p := &state[s]
			p.sum += v[i]
			p.n++
		}
	}
}

func (a *doubleSum) Merge(slots []int32, buffer []arrow.Array) error { return a.Update(slots, buffer) }

func (a *doubleSum) Partial(slots []int32) ([]arrow.Array, error) {
	r, err := a.Result(slots)
	return []arrow.Array{r}, err
}

func (a *doubleSum) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) {
		return a.state[s].sum, a.state[s].n > 0
	}), nil
}

func (a *doubleSum) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = doubleState{}
	}
}
func (a *doubleSum) Bytes() int64 { return int64(cap(a.state)) * 16 }
func (a *doubleSum) Close()       {}

// decimalSum sums decimals at the result's precision. A sum that does not fit stays so.
type decimalSum struct {
	mem   memory.Allocator
	mode  mode
	out   types.Decimal
	state []decimalState
}

type decimalState struct {
	sum  decimal128.Num
	n    int64
	over bool
	big  *big.Int // the sum once it is over
}

func (a *decimalSum) Grow(n int) { a.state = grown(a.state, n) }

func (a *decimalSum) Update(slots []int32, args []arrow.Array) error {
	v, valid := batch.Values[decimal128.Num](args[0]), batch.Valid(args[0])
	for i, s := range slots {
		if s >= 0 && valid.Get(i) {
			a.state[s].add(v[i], 1)
		}
	}
	return nil
}

// checked raises for the first sum that its type does not hold, where sums are strict.
func (a *decimalSum) checked(slots []int32) error {
	if a.mode != strict {
		return nil
	}
	for _, s := range slots {
		switch p := &a.state[s]; {
		case p.over && p.big != nil:
			return expr.TooLarge(bigText(p.big, a.out.Scale), a.out)
		case p.over || !expr.Fits(p.sum, a.out.Precision):
			return expr.TooLarge(string(expr.AppendDecimal(nil, p.sum, a.out.Scale)), a.out)
		}
	}
	return nil
}

// bigText is an integer of any size as a decimal of a scale prints.
func bigText(v *big.Int, scale int) string {
	text := new(big.Int).Abs(v).String()
	if pad := scale + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	if scale > 0 {
		text = text[:len(text)-scale] + "." + text[len(text)-scale:]
	}
	if v.Sign() < 0 {
		return "-" + text
	}
	return text
}

// add adds a value that stands for n rows; values have at most 38 digits, so that one addition cannot wrap unseen.
func (p *decimalState) add(v decimal128.Num, n int64) {
	p.n += n
	if p.over {
		if p.big != nil {
			p.big.Add(p.big, v.BigInt())
		}
		return
	}
	before := p.sum
	p.sum = p.sum.Add(v)
	if p.over = !expr.Fits(p.sum, expr.MaxPrecision); p.over {
		p.big = new(big.Int).Add(before.BigInt(), v.BigInt())
	}
}

func (a *decimalSum) Merge(slots []int32, buffer []arrow.Array) error {
	v, valid, empty := batch.Values[decimal128.Num](buffer[0]), batch.Valid(buffer[0]), batch.Bools(buffer[1])
	for i, s := range slots {
		if s < 0 || empty.Get(i) {
			continue
		}
		if valid.Get(i) {
			a.state[s].add(v[i], 1)
		} else {
			a.state[s].over, a.state[s].n = true, a.state[s].n+1
		}
	}
	return nil
}

// Partial is the sum, null where it does not fit, and whether there was no row.
func (a *decimalSum) Partial(slots []int32) ([]arrow.Array, error) {
	if err := a.checked(slots); err != nil {
		return nil, err
	}
	sums := pick(a.mem, types.Arrow(a.out), slots, func(s int32) (decimal128.Num, bool) {
		p := &a.state[s]
		return p.sum, !p.over && expr.Fits(p.sum, a.out.Precision)
	})
	empty := batch.NewMarks(a.mem, len(slots), false)
	for i, s := range slots {
		empty.Put(i, a.state[s].n == 0)
	}
	return []arrow.Array{sums, empty.Done(nil)}, nil
}

func (a *decimalSum) Result(slots []int32) (arrow.Array, error) {
	if err := a.checked(slots); err != nil {
		return nil, err
	}
	return pick(a.mem, types.Arrow(a.out), slots, func(s int32) (decimal128.Num, bool) {
		p := &a.state[s]
		return p.sum, p.n > 0 && !p.over && expr.Fits(p.sum, a.out.Precision)
	}), nil
}

func (a *decimalSum) Clear(slots []int32) {
	for _, s := range slots {
		a.state[s] = decimalState{}
	}
}
func (a *decimalSum) Bytes() int64 { return int64(cap(a.state)) * 32 }
func (a *decimalSum) Close()       {}

func avgBuffer(a *expr.Agg) []types.Type {
	if d, ok := a.Args[0].Type().(types.Decimal); ok {
		return []types.Type{types.Decimal{Precision: min(d.Precision+10, 38), Scale: d.Scale}, types.Long}
	}
	return []types.Type{types.Double, types.Long}
}

func newAvg(c *expr.Context, a *expr.Agg) (expr.Accumulator, error) {
	if out, ok := a.DataType.(types.Decimal); ok {
		sum := avgBuffer(a)[0].(types.Decimal)
		return &decimalAvg{decimalSum{mem: c.Mem, mode: a.Data.(mode), out: sum}, out}, nil
	}
	return &doubleAvg{doubleSum{mem: c.Mem}}, nil
}

type doubleAvg struct{ doubleSum }

func (a *doubleAvg) Merge(slots []int32, buffer []arrow.Array) error {
	v, n := batch.Values[float64](buffer[0]), batch.Values[int64](buffer[1])
	for i, s := range slots {
		if s >= 0 {
			a.state[s].sum += v[i]
			a.state[s].n += n[i]
		}
	}
	return nil
}

func (a *doubleAvg) Partial(slots []int32) ([]arrow.Array, error) {
	return []arrow.Array{
		pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) { return a.state[s].sum, true }),
		pick(a.mem, arrow.PrimitiveTypes.Int64, slots, func(s int32) (int64, bool) { return a.state[s].n, true }),
	}, nil
}

func (a *doubleAvg) Result(slots []int32) (arrow.Array, error) {
	return pick(a.mem, arrow.PrimitiveTypes.Float64, slots, func(s int32) (float64, bool) {
		p := &a.state[s]
		return p.sum / float64(max(p.n, 1)), p.n > 0
	}), nil
}

type decimalAvg struct {
	decimalSum
	result types.Decimal
}

func (a *decimalAvg) Merge(slots []int32, buffer []arrow.Array) error {
	v, valid, n := batch.Values[decimal128.Num](buffer[0]), batch.Valid(buffer[0]), batch.Values[int64](buffer[1])
	for i, s := range slots {
		if s < 0 || n[i] == 0 {
			continue
		}
		if valid.Get(i) {
			a.state[s].add(v[i], n[i])
		} else {
			a.state[s].over, a.state[s].n = true, a.state[s].n+n[i]
		}
	}
	return nil
}

func (a *decimalAvg) Partial(slots []int32) ([]arrow.Array, error) {
	sums := pick(a.mem, types.Arrow(a.out), slots, func(s int32) (decimal128.Num, bool) {
		p := &a.state[s]
		return p.sum, !p.over && expr.Fits(p.sum, a.out.Precision)
	})
	counts := pick(a.mem, arrow.PrimitiveTypes.Int64, slots, func(s int32) (int64, bool) { return a.state[s].n, true })
	return []arrow.Array{sums, counts}, nil
}

func (a *decimalAvg) Result(slots []int32) (arrow.Array, error) {
	for _, s := range slots {
		if p := &a.state[s]; a.mode == strict && p.over {
			return nil, expr.TooLarge(string(expr.AppendDecimal(nil, p.sum, a.out.Scale)), a.out)
		}
	}
	return pick(a.mem, types.Arrow(a.result), slots, func(s int32) (decimal128.Num, bool) {
		p := &a.state[s]
		if p.n == 0 || p.over {
			return decimal128.Num{}, false
		}
		return expr.DivDecimal(p.sum, decimal128.FromI64(p.n), a.out.Scale, 0, a.result.Scale, a.result.Precision)
	}), nil
}

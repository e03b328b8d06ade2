package functions

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var (
	isNullFn    = &expr.Function{Name: "isnull", Kernel: nullTest(false)}
	isNotNullFn = &expr.Function{Name: "isnotnull", Kernel: nullTest(true)}
	isNaNFn     = &expr.Function{Name: "isnan", Kernel: nanKernel}
)

// compareKernel is =, <, <=, >, >=: null where a side is.
func compareKernel(c *expr.Context, n int, args []expr.Vector, data any, _ types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none || args[0].DataType().ID() == arrow.NULL {
		return expr.Nulls(c.Mem, types.Boolean), nil
	}
	r := batch.NewMarks(c.Mem, n, false)
	compareInto(r.Bits, n, data.(string), args[0], args[1])
	return vector(r.Done(valid)), nil
}

// compareInto sets the bits of rows for which the comparison holds, nulls aside.
func compareInto(o []byte, n int, op string, l, r expr.Vector) {
	switch l.DataType().ID() {
	case arrow.INT8:
		compareIntegers(o, n, op, operandOf[int8](l), operandOf[int8](r))
	case arrow.INT16:
		compareIntegers(o, n, op, operandOf[int16](l), operandOf[int16](r))
	case arrow.INT32, arrow.DATE32:
		compareIntegers(o, n, op, operandOf[int32](l), operandOf[int32](r))
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		compareIntegers(o, n, op, operandOf[int64](l), operandOf[int64](r))
	case arrow.FLOAT64:
		compareFloats(o, n, op, operandOf[float64](l), operandOf[float64](r))
	case arrow.FLOAT32:
		compareFloats(o, n, op, operandOf[float32](l), operandOf[float32](r))
	case arrow.STRING, arrow.BINARY:
		compareTexts(o, n, op, l, r)
	default:
		order := batch.Natural(l.Array, r.Array)
		lv, rv := batch.Valid(l.Array), batch.Valid(r.Array)
		for i := 0; i < n; i++ {
			if a, b := l.Row(i), r.Row(i); lv.Get(a) && rv.Get(b) && holds(op, order(a, b)) {
				o[i>>3] |= 1 << (i & 7)
			}
		}
	}
}

// holds reads an operator off the sign of a comparison.
func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// flipped is the operator with its sides exchanged.
var flipped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func bit(b bool) byte {
	var x byte
	if b {
		x = 1
	}
	return x
}

// compareIntegers writes eight results a byte.
func compareIntegers[T signed](o []byte, n int, op string, x, y operand[T]) {
	if x.fixed && !y.fixed {
		compareIntegers(o, n, flipped[op], y, x)
		return
	}
	invert := byte(0)
	switch op {
	case ">=":
		op, invert = "<", 0xff
	case ">":
		op, invert = "<=", 0xff
	}
	full := n &^ 7
	switch {
	case y.fixed && op == "=":
		equalTo(o, x.v[:full], y.v[0])
	case y.fixed && op == "<":
		lessThan(o, x.v[:full], y.v[0], invert)
	case y.fixed:
		lessEqual(o, x.v[:full], y.v[0], invert)
	default:
		for i := 0; i < full; i += 8 {
			a, b := x.v[i:i+8:i+8], y.v[i:i+8:i+8]
			var w byte
			switch op {
			case "=":
				for k := range a {
					w |= bit(a[k] == b[k]) << k
				}
			case "<":
				for k := range a {
					w |= bit(a[k] < b[k]) << k
				}
			default:
				for k := range a {
					w |= bit(a[k] <= b[k]) << k
				}
			}
			o[i>>3] = w ^ invert
		}
	}
	for i := full; i < n; i++ {
		a, b := x.at(i), y.at(i)
		r := op == "=" && a == b || op == "<" && a < b || op == "<=" && a <= b
		if r != (invert != 0) {
			o[i>>3] |= 1 << (i & 7)
		}
	}
}

func equalTo[T signed](o []byte, v []T, k T) {
	for i := 0; i+8 <= len(v); i += 8 {
		a := v[i : i+8 : i+8]
		o[i>>3] = bit(a[0] == k) | bit(a[1] == k)<<1 | bit(a[2] == k)<<2 | bit(a[3] == k)<<3 |
			bit(a[4] == k)<<4 | bit(a[5] == k)<<5 | bit(a[6] == k)<<6 | bit(a[7] == k)<<7
	}
}

func lessThan[T signed | floating](o []byte, v []T, k T, invert byte) {
	for i := 0; i+8 <= len(v); i += 8 {
		a := v[i : i+8 : i+8]
		o[i>>3] = invert ^ (bit(a[0] < k) | bit(a[1] < k)<<1 | bit(a[2] < k)<<2 | bit(a[3] < k)<<3 |
			bit(a[4] < k)<<4 | bit(a[5] < k)<<5 | bit(a[6] < k)<<6 | bit(a[7] < k)<<7)
	}
}

func lessEqual[T signed | floating](o []byte, v []T, k T, invert byte) {
	for i := 0; i+8 <= len(v); i += 8 {
		a := v[i : i+8 : i+8]
		o[i>>3] = invert ^ (bit(a[0] <= k) | bit(a[1] <= k)<<1 | bit(a[2] <= k)<<2 | bit(a[3] <= k)<<3 |
			bit(a[4] <= k)<<4 | bit(a[5] <= k)<<5 | bit(a[6] <= k)<<6 | bit(a[7] <= k)<<7)
	}
}

// compareFloats has NaN equal to itself and above all else. Against a constant that is no NaN the plain comparisons do:
// a NaN is neither below nor equal to it, so its negation puts it above.
func compareFloats[T floating](o []byte, n int, op string, x, y operand[T]) {
	if x.fixed && !y.fixed {
		compareFloats(o, n, flipped[op], y, x)
		return
	}
	start := 0
	if y.fixed && y.v[0] == y.v[0] && op != "=" {
		start = n &^ 7
		switch op {
		case "<":
			lessThan(o, x.v[:start], y.v[0], 0)
		case ">=":
			lessThan(o, x.v[:start], y.v[0], 0xff)
		case "<=":
			lessEqual(o, x.v[:start], y.v[0], 0)
		default:
			lessEqual(o, x.v[:start], y.v[0], 0xff)
		}
	}
	for i := start; i < n; i++ {
		if holds(op, batch.CompareFloats(x.at(i), y.at(i))) {
			o[i>>3] |= 1 << (i & 7)
		}
	}
}

func compareTexts(o []byte, n int, op string, l, r expr.Vector) {
	if l.Const && !r.Const {
		compareTexts(o, n, flipped[op], r, l)
		return
	}
	lo, ld := batch.Text(l.Array)
	ro, rd := batch.Text(r.Array)
	if op == "=" {
		for i := 0; i < n; i++ {
			j := r.Row(i)
			k := l.Row(i)
			if a, b := ld[lo[k]:lo[k+1]], rd[ro[j]:ro[j+1]]; len(a) == len(b) && bytes.Equal(a, b) {
				o[i>>3] |= 1 << (i & 7)
			}
		}
		return
	}
	for i := 0; i < n; i++ {
		k, j := l.Row(i), r.Row(i)
		if holds(op, bytes.Compare(ld[lo[k]:lo[k+1]], rd[ro[j]:ro[j+1]])) {
			o[i>>3] |= 1 << (i & 7)
		}
	}
}

// sameKernel is <=>: never null.
func sameKernel(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	same := batch.Equaler([]arrow.Array{args[0].Array}, []arrow.Array{args[1].Array})
	r := batch.NewMarks(c.Mem, n, false)
	for i := 0; i < n; i++ {
		if same(args[0].Row(i), args[1].Row(i)) {
			r.Set(i)
		}
	}
	return vector(r.Done(nil)), nil
}

func nullTest(want bool) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
		r := batch.NewMarks(c.Mem, n, true)
		valid := batch.Valid(args[0].Array)
		if void := args[0].DataType().ID() == arrow.NULL; void || args[0].Const {
			valid = batch.Bitmap{None: void || args[0].IsNull(0)}
		}
		r = batch.AndInto(c.Mem, r, valid, n)
		if !want {
			for i := range r.Bits {
				r.Bits[i] = ^r.Bits[i]
			}
		}
		return vector(r.Done(nil)), nil
	}
}

func nanKernel(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
	a := args[0]
	valid := batch.Valid(a.Array)
	r := batch.NewMarks(c.Mem, n, false)
	if a.DataType().ID() == arrow.FLOAT32 {
		for i, v := range batch.Values[float32](a.Array)[:min(n, a.Len())] {
			r.Put(i, v != v && valid.Get(i))
		}
	} else {
		for i, v := range batch.Values[float64](a.Array)[:min(n, a.Len())] {
			r.Put(i, v != v && valid.Get(i))
		}
	}
	return vector(r.Done(nil)), nil
}

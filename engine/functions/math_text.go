package functions

import (
	"math"
	"strconv"
	"strings"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Numbers as text of another base.

const upperHex = "0123456789ABCDEF"

var (
	hexLongFn = &expr.Function{Name: "hex", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		v := batch.Values[int64](args[0].Array)
		return texts(c, n, out, args, func(dst []byte, i int) []byte {
			return append(dst, strings.ToUpper(strconv.FormatUint(uint64(v[i]), 16))...)
		})
	}}
	hexTextFn = &expr.Function{Name: "hex", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		o, d := batch.Text(args[0].Array)
		return texts(c, n, out, args, func(dst []byte, i int) []byte {
			for _, b := range d[o[i]:o[i+1]] {
				dst = append(dst, upperHex[b>>4], upperHex[b&15])
			}
			return dst
		})
	}}
	unhexFn = &expr.Function{Name: "unhex", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		o, d := batch.Text(args[0].Array)
		return texts(c, n, out, args, func(dst []byte, i int) []byte { return unhex(dst, d[o[i]:o[i+1]]) })
	}}
	binFn = &expr.Function{Name: "bin", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		v := batch.Values[int64](args[0].Array)
		return texts(c, n, out, args, func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(v[i]), 2) })
	}}
	convFn = &expr.Function{Name: "conv", Fails: true, Kernel: convKernel}
)

// unhex gives the bytes, or nil where a character is no hex digit; an odd first digit stands alone.
func unhex(dst, b []byte) []byte {
	half, have := byte(0), len(b)%2 == 1
	for _, c := range b {
		var v byte
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = c | 0x20 - 'a' + 10
		default:
			return nil
		}
		if have {
			dst = append(dst, half<<4|v)
			half, have = 0, false
		} else {
			half, have = v, true
		}
	}
	return dst
}

// textFunction binds a function of one string.
func textFunction(name string, fn *expr.Function, out types.Type, null bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		a, err := e.take(c, text, 0, types.String)
		if err != nil {
			return nil, err
		}
		r := apply(fn, out, a)
		r.Text, r.Null = text, r.Null || null
		return r, nil
	}
}

func bindHex(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("hex", c.Args)
	arg, fn := c.Args[0], hexTextFn
	switch t := arg.Type(); {
	case t.Kind() == types.KString || t.Kind() == types.KBinary:
	case types.IsNumeric(t) || t.Kind() == types.KNull:
		arg, fn = e.cast(arg, types.Long), hexLongFn
	case types.IsAtomic(t):
		arg = e.cast(arg, types.String)
	default:
		return nil, unexpected(text, 0, `("BIGINT" or "BINARY" or "STRING")`, arg)
	}
	a := apply(fn, types.String, arg)
	a.Text = text
	return a, nil
}

func bindBin(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("bin", c.Args)
	arg, err := e.take(c, text, 0, types.Long)
	if err != nil {
		return nil, err
	}
	a := apply(binFn, types.String, arg)
	a.Text = text
	return a, nil
}

func bindConv(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("conv", c.Args)
	args := make([]expr.Expr, 3)
	for i, t := range []types.Type{types.String, types.Int, types.Int} {
		var err error
		if args[i], err = e.take(c, text, i, t); err != nil {
			return nil, err
		}
	}
	a := apply(convFn, types.String, args...)
	a.Text, a.Data, a.Null = text, e.mode(), true
	return a, nil
}

func convKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	o, d := batch.Text(args[0].Array)
	from, to := operandOf[int32](args[1]), operandOf[int32](args[2])
	over := false
	v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
		row := args[0].Row(i)
		b, ok := convert(dst, d[o[row]:o[row+1]], int(from.at(i)), int(to.at(i)))
		over = over || !ok
		return b
	})
	if err == nil && over && data.(mode) == strict {
		v.Release()
		return expr.Vector{}, arithmeticOverflow("Overflow in function conv()", "")
	}
	return v, err
}

// convert rewrites a number in another base, as unsigned 64 bits; a negative target base means signed. Reading ends at
// the first character that is no digit. ok is false for an overflow, whose result is the largest number.
func convert(dst, b []byte, from, to int) (out []byte, ok bool) {
	target := max(to, -to)
	if from < 2 || from > 36 || target < 2 || target > 36 {
		return nil, true
	}
	text := strings.Trim(string(b), " ")
	if text == "" {
		return nil, true
	}
	neg := text[0] == '-'
	text = strings.TrimPrefix(text, "-")
	var v uint64
	ok = true
	for i := 0; i < len(text); i++ {
		digit := strings.IndexByte("0123456789abcdefghijklmnopqrstuvwxyz", text[i]|map[bool]byte{true: 0x20}[text[i] >= 'A'])
		if digit < 0 || digit >= from {
			break
		}
		if v > (math.MaxUint64-uint64(digit))/uint64(from) {
			v, ok = math.MaxUint64, false
			break
		}
		v = v*uint64(from) + uint64(digit)
	}
	if neg && to > 0 {
		if int64(v) < 0 {
			v = math.MaxUint64
		} else {
			v = -v
		}
	}
	if to < 0 && int64(v) < 0 {
		v, neg = -v, true
	}
	if neg && to < 0 {
		dst = append(dst, '-')
	}
	return append(dst, strings.ToUpper(strconv.FormatUint(v, target))...), ok
}

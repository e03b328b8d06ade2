package expr

import (
	"bytes"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// MaxPrecision is the most digits a decimal holds.
const MaxPrecision = 38

// pow10 holds the powers of ten that fit 64 bits.
var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// tens holds the powers of ten up to 10^76.
var tens = func() (p [77]*big.Int) {
	p[0] = big.NewInt(1)
	for i := 1; i < len(p); i++ {
		p[i] = new(big.Int).Mul(p[i-1], big.NewInt(10))
	}
	return p
}()

// bound holds 10^n as decimals: a decimal of precision n lies strictly between -bound[n] and bound[n].
var bound = func() (p [MaxPrecision + 1]decimal128.Num) {
	for i := range p {
		p[i] = decimal128.FromBigInt(tens[i])
	}
	return p
}()

// Int64 gives the value of a decimal that fits 64 bits.
func Int64(v decimal128.Num) (int64, bool) {
	lo := int64(v.LowBits())
	return lo, v.HighBits() == lo>>63
}

// Fits says that an unscaled value has at most precision digits.
func Fits(v decimal128.Num, precision int) bool {
	if small, ok := Int64(v); ok && precision < len(pow10) {
		return small > -pow10[precision] && small < pow10[precision]
	} else if ok {
		return true
	}
	b := bound[precision]
	return v.Less(b) && b.Negate().Less(v)
}

// Rescale changes an unscaled value's scale, rounding half up, and says whether it fits the precision.
func Rescale(v decimal128.Num, from, to, precision int) (decimal128.Num, bool) {
	if from == to {
		return v, Fits(v, precision)
	}
	small, is64 := Int64(v)
	if to > from {
		by := to - from
		if is64 && by < len(pow10) {
			r := mul64(small, pow10[by])
			return r, Fits(r, precision)
		}
		return FromBig(new(big.Int).Mul(v.BigInt(), tens[by]), precision)
	}
	by := from - to
	if is64 && by < len(pow10) {
		p := pow10[by]
		q, r := small/p, small%p
		if r >= p-r && r > 0 {
			q++
		} else if r < 0 && -r >= p+r {
			q--
		}
		out := decimal128.FromI64(q)
		return out, Fits(out, precision)
	}
	if by >= len(tens) {
		return decimal128.Num{}, true
	}
	return FromBig(DivideHalfUp(v.BigInt(), tens[by]), precision)
}

// mul64 is the full product.
func mul64(a, b int64) decimal128.Num {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi)
	if a < 0 {
		h -= b
	}
	if b < 0 {
		h -= a
	}
	return decimal128.New(h, lo)
}

// FromBig gives a big integer as an unscaled value, and whether it fits the precision.
func FromBig(v *big.Int, precision int) (decimal128.Num, bool) {
	if v.CmpAbs(tens[precision]) >= 0 {
		return decimal128.Num{}, false
	}
	return decimal128.FromBigInt(v), true
}

// DivideHalfUp divides and rounds half away from zero. b must not be 0.
func DivideHalfUp(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() != 0 && r.Lsh(r, 1).CmpAbs(b) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign()*b.Sign())))
	}
	return q
}

// MulDecimal multiplies unscaled values: the product has scale s1+s2, and is brought to scale to.
func MulDecimal(a, b decimal128.Num, scale, to, precision int) (decimal128.Num, bool) {
	x, ok1 := Int64(a)
	y, ok2 := Int64(b)
	if ok1 && ok2 {
		return Rescale(mul64(x, y), scale, to, precision)
	}
	p := new(big.Int).Mul(a.BigInt(), b.BigInt())
	if scale > to {
		p = DivideHalfUp(p, tens[scale-to])
	}
	return FromBig(p, precision)
}

// DivDecimal divides a (scale s1) by b (scale s2) to scale to, rounding half up. b must not be 0.
func DivDecimal(a, b decimal128.Num, s1, s2, to, precision int) (decimal128.Num, bool) {
	x, y := a.BigInt(), b.BigInt()
	if shift := to + s2 - s1; shift >= 0 {
		x = new(big.Int).Mul(x, tens[min(shift, len(tens)-1)])
	} else {
		y = new(big.Int).Mul(y, tens[-shift])
	}
	return FromBig(DivideHalfUp(x, y), precision)
}

// DecimalFloat is the double nearest to a decimal.
func DecimalFloat(v decimal128.Num, scale int) float64 {
	if small, ok := Int64(v); ok && small > -1<<53 && small < 1<<53 && scale <= 22 {
		return float64(small) / math.Pow10(scale)
	}
	var scratch [64]byte
	f, _ := strconv.ParseFloat(text(AppendDecimal(scratch[:0], v, scale)), 64)
	return f
}

// DecimalInt drops the fraction; ok says that the rest fits 64 bits.
func DecimalInt(v decimal128.Num, scale int) (int64, bool) {
	if small, ok := Int64(v); ok {
		if scale >= len(pow10) {
			return 0, true
		}
		return small / pow10[scale], true
	}
	q := new(big.Int).Quo(v.BigInt(), tens[scale])
	return q.Int64(), q.IsInt64()
}

// ParseStatus says how reading a decimal ended.
type ParseStatus uint8

const (
	Parsed ParseStatus = iota
	Malformed
	Exceeds
)

// ParseDecimal reads digits with an optional point and exponent, rounding half up to the scale.
func ParseDecimal(b []byte, precision, scale int) (decimal128.Num, ParseStatus) {
	b = asciiDigits(trim(b))
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	var store [64]byte
	number, point, seen := store[:0], 0, false
	i, any := 0, false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !seen {
			seen = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		any = true
		if seen {
			point--
		}
		if c != '0' || len(number) > 0 {
			number = append(number, c)
		}
	}
	if !any {
		return decimal128.Num{}, Malformed
	}
	if i < len(b) {
		e, ok := exponent(b[i:])
		if !ok {
			return decimal128.Num{}, Malformed
		}
		point += e
	}
	v, ok := digitsToDecimal(number, point+scale, precision)
	if !ok {
		return v, Exceeds
	}
	if neg {
		v = v.Negate()
	}
	return v, Parsed
}

// asciiDigits replaces the decimal digits of other scripts, which Java reads too.
func asciiDigits(b []byte) []byte {
	for _, c := range b {
		if c < utf8.RuneSelf {
			continue
		}
		return bytes.Map(func(r rune) rune {
			if r < utf8.RuneSelf || !unicode.IsDigit(r) {
				return r
			}
			zero := r
			for unicode.IsDigit(zero-1) && r-zero < 9 {
				zero--
			}
			return '0' + r - zero
		}, b)
	}
	return b
}

func exponent(b []byte) (int, bool) {
	if len(b) < 2 || b[0]|0x20 != 'e' {
		return 0, false
	}
	v, err := strconv.Atoi(text(b[1:]))
	if err != nil || v > 1<<30 || v < -1<<30 {
		return 0, false
	}
	return v, true
}

// digitsToDecimal is the number of these digits times 10^shift, rounded half up.
func digitsToDecimal(number []byte, shift, precision int) (decimal128.Num, bool) {
	round := false
	if shift < 0 {
		keep := len(number) + shift
		switch {
		case keep < 0:
			return decimal128.Num{}, true
		default:
			round = keep < len(number) && number[keep] >= '5'
			number = number[:keep]
		}
		shift = 0
	}
	if len(number) == 0 && !round {
		return decimal128.Num{}, true
	}
	if len(number)+shift > MaxPrecision {
		return decimal128.Num{}, false
	}
	if len(number)+shift < len(pow10) {
		var v int64
		for _, c := range number {
			v = v*10 + int64(c-'0')
		}
		v *= pow10[shift]
		if round {
			v++
		}
		out := decimal128.FromI64(v)
		return out, Fits(out, precision)
	}
	v, _ := new(big.Int).SetString(string(number), 10)
	v.Mul(v, tens[shift])
	if round {
		v.Add(v, big.NewInt(1))
	}
	return FromBig(v, precision)
}

// FloatDecimal is a float as a decimal, read from the digits that it prints; ok is false for NaN, infinities and
// values that do not fit.
func FloatDecimal(v float64, bits, precision, scale int) (decimal128.Num, bool) {
	if v != v || math.IsInf(v, 0) {
		return decimal128.Num{}, false
	}
	var scratch [48]byte
	n, status := ParseDecimal(strconv.AppendFloat(scratch[:0], v, 'e', -1, bits), precision, scale)
	return n, status == Parsed
}

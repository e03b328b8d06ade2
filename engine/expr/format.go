package expr

import (
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/types"
)

// Text forms of values, as Java and Spark print them.

// AppendFloat prints a float as Java does: 1.0, 1.0E10, NaN, Infinity. bits is 32 or 64.
func AppendFloat(dst []byte, v float64, bits int) []byte {
	switch {
	case v != v:
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	case v == 0:
		if math.Signbit(v) {
			return append(dst, "-0.0"...)
		}
		return append(dst, "0.0"...)
	}
	if a := math.Abs(v); a >= 1e-3 && a < 1e7 {
		at := len(dst)
		dst = strconv.AppendFloat(dst, v, 'f', -1, bits)
		for _, c := range dst[at:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	var scratch [32]byte
	e := strconv.AppendFloat(scratch[:0], v, 'e', -1, bits)
	if e[1] != '.' && e[2] != '.' {
		// Java prints two digits at least, those nearest to the value: 4.9E-324, not 5.0E-324.
		var two [32]byte
		t := strconv.AppendFloat(two[:0], v, 'e', 1, bits)
		if back, err := strconv.ParseFloat(string(t), bits); err == nil && back == v {
			e = append(scratch[:0], t...)
		}
	}
	mantissa, exponent := e, 0
	for i, c := range e {
		if c == 'e' {
			mantissa = e[:i]
			exponent, _ = strconv.Atoi(string(e[i+1:]))
		}
	}
	dst = append(dst, mantissa...)
	if len(mantissa) < 3 {
		dst = append(dst, ".0"...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(exponent), 10)
}

// AppendDecimal prints a decimal with all digits of its scale.
func AppendDecimal(dst []byte, v decimal128.Num, scale int) []byte {
	var digits [48]byte
	d := unscaled(digits[:0], v)
	if len(d) > 0 && d[0] == '-' {
		dst = append(dst, '-')
		d = d[1:]
	}
	if scale <= 0 {
		return append(dst, d...)
	}
	if len(d) <= scale {
		dst = append(dst, "0."...)
		for i := len(d); i < scale; i++ {
			dst = append(dst, '0')
		}
		return append(dst, d...)
	}
	dst = append(dst, d[:len(d)-scale]...)
	return append(append(dst, '.'), d[len(d)-scale:]...)
}

// AppendDecimalJava prints as Java's BigDecimal.toString does, with an exponent below 1E-6.
func AppendDecimalJava(dst []byte, v decimal128.Num, scale int) []byte {
	var digits [48]byte
	d := unscaled(digits[:0], v)
	n := len(d)
	if d[0] == '-' {
		n--
	}
	exponent := n - 1 - scale
	if exponent >= -6 {
		return AppendDecimal(dst, v, scale)
	}
	if d[0] == '-' {
		dst = append(dst, '-')
		d = d[1:]
	}
	dst = append(dst, d[0])
	if len(d) > 1 {
		dst = append(append(dst, '.'), d[1:]...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(exponent), 10)
}

// unscaled prints the unscaled integer.
func unscaled(dst []byte, v decimal128.Num) []byte {
	if small, ok := Int64(v); ok {
		return strconv.AppendInt(dst, small, 10)
	}
	return v.BigInt().Append(dst, 10)
}

// appendFraction prints .ffffff without trailing zeros, nothing for 0.
func appendFraction(dst []byte, micros int) []byte {
	if micros == 0 {
		return dst
	}
	var f [7]byte
	f[0] = '.'
	for i := 6; i > 0; i-- {
		f[i] = byte('0' + micros%10)
		micros /= 10
	}
	n := 7
	for f[n-1] == '0' {
		n--
	}
	return append(dst, f[:n]...)
}

// AppendDayTime prints INTERVAL 'd hh:mm:ss.f' DAY TO SECOND.
func AppendDayTime(dst []byte, v int64) []byte {
	dst = append(dst, "INTERVAL '"...)
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = append(strconv.AppendUint(dst, u/uint64(types.MicrosPerDay), 10), ' ')
	rest := int(u % uint64(types.MicrosPerDay))
	secs := rest / 1e6
	for i, p := range [3]int{secs / 3600, secs / 60 % 60, secs % 60} {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, byte('0'+p/10), byte('0'+p%10))
	}
	return append(appendFraction(dst, rest%1e6), "' DAY TO SECOND"...)
}

// AppendYearMonth prints INTERVAL 'y-m' YEAR TO MONTH.
func AppendYearMonth(dst []byte, months int32) []byte {
	dst = append(dst, "INTERVAL '"...)
	m := int64(months)
	if m < 0 {
		dst = append(dst, '-')
		m = -m
	}
	dst = append(strconv.AppendInt(dst, m/12, 10), '-')
	return append(strconv.AppendInt(dst, m%12, 10), "' YEAR TO MONTH"...)
}

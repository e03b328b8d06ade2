package expr

import (
	"math"
	"strconv"
	"strings"
	"unsafe"
)

// Reading values from text, by Spark's rules for casts; dates and times are read by types.

// trim drops white space and control characters at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] <= ' ' || b[0] == 0x7f) {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] <= ' ' || b[len(b)-1] == 0x7f) {
		b = b[:len(b)-1]
	}
	return b
}

// text views bytes as a string for the length of a call.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// ParseInt reads an integer within [lo, hi]. loose takes a fraction and drops it, as casts do without ANSI.
func ParseInt(b []byte, lo, hi int64, loose bool) (int64, bool) {
	b = trim(b)
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	limit := uint64(hi)
	if neg {
		limit = uint64(-lo)
	}
	var v uint64
	for i, c := range b {
		if c == '.' && loose {
			for _, f := range b[i+1:] {
				if f < '0' || f > '9' {
					return 0, false
				}
			}
			break
		}
		if c < '0' || c > '9' || v > math.MaxUint64/10-1 {
			return 0, false
		}
		if v = v*10 + uint64(c-'0'); v > limit {
			return 0, false
		}
	}
	if neg {
		return -int64(v), true
	}
	return int64(v), true
}

// ParseFloat reads a float as Java does, also inf, infinity and nan in any case and the suffixes d and f.
func ParseFloat(b []byte, bits int) (float64, bool) {
	b = trim(b)
	if len(b) == 0 {
		return 0, false
	}
	last := b[len(b)-1]
	if last >= '0' && last <= '9' || last == '.' {
		for _, c := range b {
			if c == '_' || c == 'x' || c == 'X' {
				return 0, false
			}
		}
		v, err := strconv.ParseFloat(text(b), bits)
		if err != nil && !isRange(err) {
			return 0, false
		}
		return v, true
	}
	switch strings.ToLower(string(b)) {
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	case "nan":
		return math.NaN(), true
	}
	if c := last | 0x20; (c == 'd' || c == 'f') && len(b) > 1 && (b[len(b)-2] >= '0' && b[len(b)-2] <= '9' || b[len(b)-2] == '.') {
		return ParseFloat(b[:len(b)-1], bits)
	}
	return 0, false
}

func isRange(err error) bool {
	n, ok := err.(*strconv.NumError)
	return ok && n.Err == strconv.ErrRange
}

// ParseBool reads t, true, y, yes, 1 and f, false, n, no, 0 in any case.
func ParseBool(b []byte) (value, ok bool) {
	b = trim(b)
	if len(b) > 5 {
		return false, false
	}
	switch strings.ToLower(string(b)) {
	case "t", "true", "y", "yes", "1":
		return true, true
	case "f", "false", "n", "no", "0":
		return false, true
	}
	return false, false
}

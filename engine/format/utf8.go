package format

import "unicode/utf8"

// Valid is text with U+FFFD for each part that is no UTF-8, as Java decodes: a sequence that breaks off is one part.
func Valid(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = broken(b)
			out = append(out, "\uFFFD"...)
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

// broken is how many bytes at the beginning could have become one character.
func broken(b []byte) int {
	lead, low, high, more := b[0], byte(0x80), byte(0xBF), 0
	switch {
	case lead >= 0xC2 && lead <= 0xDF:
		return 1 // its one follower is missing
	case lead >= 0xE0 && lead <= 0xEF:
		more = 1
	case lead >= 0xF0 && lead <= 0xF4:
		more = 2
	default:
		return 1
	}
	switch lead {
	case 0xE0:
		low = 0xA0
	case 0xED:
		high = 0x9F
	case 0xF0:
		low = 0x90
	case 0xF4:
		high = 0x8F
	}
	n := 1
	for n <= more && n < len(b) && b[n] >= low && b[n] <= high {
		n++
		low, high = 0x80, 0xBF
	}
	return n
}

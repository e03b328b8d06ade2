package functions

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var splitPartFn = &expr.Function{Name: "split_part", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, sep, part := textOf(args[0]), textOf(args[1]), operandOf[int32](args[2])
	var fail error
	v, err := pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
		k := int(part.at(i))
		if k == 0 {
			fail = errs.New("INVALID_INDEX_OF_ZERO")
			return nil, false
		}
		parts := [][]byte{t.at(i)}
		if d := sep.at(i); len(d) > 0 {
			parts = bytes.Split(t.at(i), d)
		}
		if k < 0 {
			k += len(parts) + 1
		}
		if k < 1 || k > len(parts) {
			return nil, true
		}
		return parts[k-1], true
	})
	return failing(&fail, v, err)
}}

var substringIndexFn = &expr.Function{Name: "substring_index", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, sep, count := textOf(args[0]), textOf(args[1]), operandOf[int32](args[2])
	return pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
		s, d, k := t.at(i), sep.at(i), count.at(i)
		if len(d) == 0 || k == 0 {
			return nil, true
		}
		if k > 0 {
			at := 0
			for ; k > 0; k-- {
				next := bytes.Index(s[at:], d)
				if next < 0 {
					return s, true
				}
				at += next + len(d)
			}
			return s[:at-len(d)], true
		}
		end := len(s)
		for ; k < 0; k++ {
			end = bytes.LastIndex(s[:end], d)
			if end < 0 {
				return s, true
			}
		}
		return s[end+len(d):], true
	})
}}

// place is the character position (from 1) of a byte offset.
func place(s []byte, at int) int32 { return int32(utf8.RuneCount(s[:at])) + 1 }

var instrFn = &expr.Function{Name: "instr", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, sub := textOf(args[0]), textOf(args[1])
	return ints(c, n, out, args, func(i int) int32 {
		s := t.at(i)
		at := bytes.Index(s, sub.at(i))
		if at < 0 {
			return 0
		}
		return place(s, at)
	})
}}

// instrFromFn finds the n-th occurrence from a character on, or back from one that is counted from the end.
var instrFromFn = &expr.Function{Name: "instr", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, sub, from, nth := textOf(args[0]), textOf(args[1]), operandOf[int32](args[2]), operandOf[int32](args[3])
	var fail error
	v, err := ints(c, n, out, args, func(i int) int32 {
		start, count := int64(from.at(i)), nth.at(i)
		if count < 1 && fail == nil {
			fail = errs.New("INVALID_PARAMETER_VALUE.OCCURRENCE", "functionName", "`instr`", "parameter", "`occurrence`", "actual", strconv.Itoa(int(count)))
		}
		s, d := t.at(i), sub.at(i)
		switch {
		case start == 0 || count < 1:
			return 0
		case len(d) == 0:
			return 1
		case start < 0:
			return lastPlace(s, d, characters(s, false)+start, count)
		}
		return nextPlace(s, d, start-1, count)
	})
	return failing(&fail, v, err)
}}

// nextPlace is the position of the count-th occurrence that begins at the character from (from 0) or behind it.
func nextPlace(s, d []byte, from int64, count int32) int32 {
	at := len(s) - len(cut(s, from, 1<<40, false))
	for at < len(s) {
		k := bytes.Index(s[at:], d)
		if k < 0 {
			return 0
		}
		at += k
		if count--; count == 0 {
			return place(s, at)
		}
		_, w := utf8.DecodeRune(s[at:])
		at += w
	}
	return 0
}

// lastPlace is the position of the count-th occurrence that begins at the character from (from 0) or before it.
func lastPlace(s, d []byte, from int64, count int32) int32 {
	if from < 0 {
		return 0
	}
	end := min(len(cut(s, 0, from, false))+len(d), len(s))
	for {
		k := bytes.LastIndex(s[:end], d)
		if k < 0 {
			return 0
		}
		if count--; count == 0 {
			return place(s, k)
		}
		if k == 0 {
			return 0
		}
		_, w := utf8.DecodeLastRune(s[:k])
		end = k - w + len(d)
	}
}

var locateFn = &expr.Function{Name: "locate", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	sub, t, from := textOf(args[0]), textOf(args[1]), operandOf[int32](args[2])
	// without a place to begin there is none to find, whatever the texts
	texts, begins := [2]batch.Bitmap{batch.Valid(args[0].Array), batch.Valid(args[1].Array)}, batch.Valid(args[2].Array)
	return truncated(c, n, out, nil, func(i int) (int32, bool) {
		if !begins.Get(args[2].Row(i)) {
			return 0, true
		}
		if !texts[0].Get(args[0].Row(i)) || !texts[1].Get(args[1].Row(i)) {
			return 0, false
		}
		s, d, start := t.at(i), sub.at(i), int64(from.at(i))
		if start < 1 {
			return 0, true
		}
		if len(d) == 0 {
			return 1, true
		}
		rest := cut(s, start-1, 1<<40, false)
		at := bytes.Index(rest, d)
		if at < 0 || len(rest) == 0 {
			return 0, true
		}
		return int32(start) + place(rest, at) - 1, true
	})
}}

var findInSetFn = &expr.Function{Name: "find_in_set", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	sub, t := textOf(args[0]), textOf(args[1])
	return ints(c, n, out, args, func(i int) int32 {
		if bytes.IndexByte(sub.at(i), ',') >= 0 {
			return 0
		}
		for k, part := range bytes.Split(t.at(i), []byte{','}) {
			if bytes.Equal(part, sub.at(i)) {
				return int32(k + 1)
			}
		}
		return 0
	})
}}

// withinFn lifts a test of two texts.
func withinFn(name string, test func(s, d []byte) bool) *expr.Function {
	return &expr.Function{Name: name, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, _ types.Type) (expr.Vector, error) {
		s, d := textOf(args[0]), textOf(args[1])
		return flags(c, n, args, func(i int) bool { return test(s.at(i), d.at(i)) })
	}}
}

var (
	containsFn = withinFn("contains", bytes.Contains)
	startsFn   = withinFn("startswith", bytes.HasPrefix)
	endsFn     = withinFn("endswith", bytes.HasSuffix)
)

var levenshteinFn = &expr.Function{Name: "levenshtein", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	x, y := textOf(args[0]), textOf(args[1])
	var limit operand[int32]
	if len(args) == 3 {
		limit = operandOf[int32](args[2])
	}
	return ints(c, n, out, args, func(i int) int32 {
		d := distance([]rune(string(x.at(i))), []rune(string(y.at(i))))
		if limit.v != nil && d > limit.at(i) {
			return -1
		}
		return d
	})
}}

// distance is the number of edits between two texts.
func distance(a, b []rune) int32 {
	row := make([]int32, len(b)+1)
	for k := range row {
		row[k] = int32(k)
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = int32(i + 1)
		for k, y := range b {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[k+1]
			row[k+1] = min(change, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}

// soundexCodes are the digits of A to Z; '7' is H and W, which do not part equal digits, '0' the vowels, which do.
const soundexCodes = "01230127022455012623017202"

var soundexFn = &expr.Function{Name: "soundex", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		s := t.at(i)
		if len(s) == 0 || s[0]&^0x20 < 'A' || s[0]&^0x20 > 'Z' {
			return keep(append(dst, s...))
		}
		first := s[0] &^ 0x20
		code := [4]byte{first, '0', '0', '0'}
		last, at := soundexCodes[first-'A'], 1
		for _, b := range s[1:] {
			if b &^= 0x20; b < 'A' || b > 'Z' {
				last = '0'
				continue
			}
			digit := soundexCodes[b-'A']
			if digit == '7' {
				continue
			}
			if digit != '0' && digit != last {
				code[at] = digit
				if at++; at == len(code) {
					break
				}
			}
			last = digit
		}
		return append(dst, code[:]...)
	})
}}

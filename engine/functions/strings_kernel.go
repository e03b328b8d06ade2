package functions

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// text is a string or binary argument: a column, or one value for all rows.
type text struct {
	offsets []int32
	data    []byte
	fixed   bool
}

func textOf(v expr.Vector) text {
	o, d := batch.Text(v.Array)
	return text{o, d, v.Const}
}

func (t text) at(i int) []byte {
	if t.fixed {
		i = 0
	}
	return t.data[t.offsets[i]:t.offsets[i+1]]
}

// bytes is the memory of all rows together.
func (t text) bytes() []byte { return t.data[t.offsets[0]:t.offsets[len(t.offsets)-1]] }

// isASCII says that characters and bytes are the same.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// pieces lifts a function that gives a part of its input, or no value, to a string or binary column.
func pieces(c *expr.Context, n int, out types.Type, args []expr.Vector, size int, f func(i int) ([]byte, bool)) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewStrings(c.Mem, n, size)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			r.End()
			continue
		}
		b, ok := f(i)
		if !ok {
			valid = owned(c.Mem, valid, n)
			valid.Clear(i)
			r.End()
			continue
		}
		r.Append(b)
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// ints lifts a function of a row to a column of fixed width.
func ints[T arrow.FixedWidthType](c *expr.Context, n int, out types.Type, args []expr.Vector, f func(i int) T) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewFixed[T](c.Mem, n)
	var zero T
	for i := range r.Values {
		r.Values[i] = zero
		if valid.Get(i) {
			r.Values[i] = f(i)
		}
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

// failing runs a kernel whose rows may raise: the first error wins.
func failing(err *error, v expr.Vector, kernelErr error) (expr.Vector, error) {
	if kernelErr != nil {
		return v, kernelErr
	}
	if *err != nil {
		v.Release()
		return expr.Vector{}, *err
	}
	return v, nil
}

var lengthFn = &expr.Function{Name: "length", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	if args[0].DataType().ID() == arrow.BINARY || isASCII(t.bytes()) {
		if !args[0].Const && args[0].NullN() == 0 {
			r := batch.NewFixed[int32](c.Mem, n)
			for i, end := range t.offsets[1 : n+1] {
				r.Values[i] = end - t.offsets[i]
			}
			return vector(r.Done(types.Arrow(out), nil)), nil
		}
		return ints(c, n, out, args, func(i int) int32 { return int32(len(t.at(i))) })
	}
	return ints(c, n, out, args, func(i int) int32 { return int32(utf8.RuneCount(t.at(i))) })
}}

func octetFn(factor int32) *expr.Function {
	return &expr.Function{Name: "octet_length", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t := textOf(args[0])
		return ints(c, n, out, args, func(i int) int32 { return int32(len(t.at(i))) * factor })
	}}
}

// folding changes the case of a column: of ASCII all at once, of other text row by row. first and last bound the
// letters that change.
func folding(first, last byte, other func(string) string) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t := textOf(args[0])
		if isASCII(t.bytes()) && !args[0].IsConstNull() {
			return foldASCII(c, args[0], t, first, last), nil
		}
		return texts(c, n, out, args, func(dst []byte, i int) []byte {
			s := t.at(i)
			if isASCII(s) {
				dst = append(dst, s...)
				swapCase(dst, dst, first, last)
				return keep(dst)
			}
			return append(dst, other(string(s))...)
		})
	}
}

// foldASCII makes a column of the same rows, its bytes changed.
func foldASCII(c *expr.Context, v expr.Vector, t text, first, last byte) expr.Vector {
	from, n := t.bytes(), v.Len()
	data, offsets := batch.Buffer(c.Mem, len(from)), batch.Buffer(c.Mem, 4*(n+1))
	swapCase(data.Bytes(), from, first, last)
	o := arrow.GetData[int32](offsets.Bytes())
	for i := range o {
		o[i] = t.offsets[i] - t.offsets[0]
	}
	bits, nulls := batch.CopyMarks(c.Mem, batch.Valid(v.Array), n).Take()
	return expr.Vector{Array: batch.Assemble(v.DataType(), n, nulls, []*memory.Buffer{bits, offsets, data}), Const: v.Const}
}

// swapCase copies ASCII and changes the case of the letters from first to last, eight bytes at a time: the top bit of
// each sum says that a byte is at least the bound.
func swapCase(to, from []byte, first, last byte) {
	const each = 0x0101010101010101
	low, high := each*uint64(0x80-first), each*uint64(0x7f-last)
	i := 0
	for ; i+8 <= len(from); i += 8 {
		w := binary.LittleEndian.Uint64(from[i:])
		letters := ((w + low) ^ (w + high)) & (each * 0x80)
		binary.LittleEndian.PutUint64(to[i:], w^letters>>2)
	}
	for ; i < len(from); i++ {
		to[i] = from[i]
		if from[i] >= first && from[i] <= last {
			to[i] ^= 0x20
		}
	}
}

// keep tells an empty text from no text.
func keep(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func lowerText(s string) string { return cases.Lower(language.Und).String(s) }
func upperText(s string) string { return cases.Upper(language.Und).String(s) }

var (
	lowerFn = &expr.Function{Name: "lower", Kernel: folding('A', 'Z', lowerText)}
	upperFn = &expr.Function{Name: "upper", Kernel: folding('a', 'z', upperText)}
)

// initcapFn makes the first letter behind each space a capital and all others small.
var initcapFn = &expr.Function{Name: "initcap", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		start := true
		for _, r := range lowerText(string(t.at(i))) {
			if start {
				if r == 'ß' {
					dst = append(dst, "Ss"...)
					start = false
					continue
				}
				r = unicode.ToTitle(r)
			}
			dst = utf8.AppendRune(dst, r)
			start = r == ' '
		}
		return keep(dst)
	})
}}

// trimFn takes off spaces, or the characters of a second argument.
func trimFn(left, right bool) *expr.Function {
	return &expr.Function{Name: "trim", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		t := textOf(args[0])
		chars := func(int) string { return " " }
		if len(args) == 2 {
			set := textOf(args[1])
			chars = func(i int) string { return string(set.at(i)) }
		}
		return pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
			s := t.at(i)
			if set := chars(i); set == "" {
				return s, true
			} else if left && right {
				return bytes.Trim(s, set), true
			} else if left {
				return bytes.TrimLeft(s, set), true
			} else {
				return bytes.TrimRight(s, set), true
			}
		})
	}}
}

// cut gives count characters of s from the one at start (from 0); bytewise says that they are bytes.
func cut(s []byte, start, count int64, bytewise bool) []byte {
	if count <= 0 || start >= int64(len(s)) {
		return nil
	}
	if bytewise {
		return s[start:min(start+count, int64(len(s)))]
	}
	for ; start > 0 && len(s) > 0; start-- {
		_, n := utf8.DecodeRune(s)
		s = s[n:]
	}
	end := 0
	for ; count > 0 && end < len(s); count-- {
		_, n := utf8.DecodeRune(s[end:])
		end += n
	}
	return s[:end]
}

func characters(s []byte, bytewise bool) int64 {
	if bytewise {
		return int64(len(s))
	}
	return int64(utf8.RuneCount(s))
}

// slice is Spark's substring: positions from 1, negative ones from the end.
func slice(s []byte, pos, length int64, bytewise bool) []byte {
	start := pos - 1
	if pos == 0 {
		start = 0
	}
	if pos < 0 {
		start = characters(s, bytewise) + pos
	}
	end := start + length
	if start < 0 {
		start = 0
	}
	return cut(s, start, end-start, bytewise)
}

func bytewise(v expr.Vector, t text) bool {
	return v.DataType().ID() == arrow.BINARY || isASCII(t.bytes())
}

var substringFn = &expr.Function{Name: "substring", Strict: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, pos, length := textOf(args[0]), operandOf[int32](args[1]), operandOf[int32](args[2])
	by := bytewise(args[0], t)
	return pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
		return slice(t.at(i), int64(pos.at(i)), int64(length.at(i)), by), true
	})
}}

var leftFn = &expr.Function{Name: "left", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, length := textOf(args[0]), operandOf[int32](args[1])
	by := bytewise(args[0], t)
	return pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) { return cut(t.at(i), 0, int64(length.at(i)), by), true })
}}

var rightFn = &expr.Function{Name: "right", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, length := textOf(args[0]), operandOf[int32](args[1])
	by := bytewise(args[0], t)
	return pieces(c, n, out, args, len(t.bytes()), func(i int) ([]byte, bool) {
		s, k := t.at(i), int64(length.at(i))
		if k <= 0 {
			return nil, true
		}
		return cut(s, max(characters(s, by)-k, 0), k, by), true
	})
}}

var concatFn = &expr.Function{Name: "concat", Strict: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	parts, size := make([]text, len(args)), 0
	for k, a := range args {
		parts[k] = textOf(a)
		size += len(parts[k].bytes())
	}
	r := batch.NewStrings(c.Mem, n, size)
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			for k := range parts {
				r.Write(parts[k].at(i))
			}
		}
		r.End()
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}}

var concatWsFn = &expr.Function{Name: "concat_ws", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args[0])
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	sep := textOf(args[0])
	parts := make([]func(i int, put func([]byte)), len(args)-1)
	for k, a := range args[1:] {
		parts[k] = joined(a)
	}
	r := batch.NewStrings(c.Mem, n, n*16)
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			first := true
			put := func(s []byte) {
				if !first {
					r.Write(sep.at(i))
				}
				first = false
				r.Write(s)
			}
			for _, p := range parts {
				p(i, put)
			}
		}
		r.End()
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}}

// joined gives the texts of one argument of concat_ws: its own, or its elements; nulls are passed over.
func joined(a expr.Vector) func(i int, put func([]byte)) {
	valid := batch.Valid(a.Array)
	if a.DataType().ID() != arrow.LIST {
		t := textOf(a)
		return func(i int, put func([]byte)) {
			if valid.Get(a.Row(i)) {
				put(t.at(i))
			}
		}
	}
	ranges := batch.Ranges(a.Array)
	child := a.Array.(array.ListLike).ListValues()
	t, there := textOf(expr.Vector{Array: child}), batch.Valid(child)
	return func(i int, put func([]byte)) {
		if i = a.Row(i); !valid.Get(i) {
			return
		}
		for k := int(ranges[i]); k < int(ranges[i+1]); k++ {
			if there.Get(k) {
				put(t.at(k))
			}
		}
	}
}

var replaceFn = &expr.Function{Name: "replace", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, old, with := textOf(args[0]), textOf(args[1]), textOf(args[2])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		s, o, w := t.at(i), old.at(i), with.at(i)
		for len(o) > 0 {
			k := bytes.Index(s, o)
			if k < 0 {
				break
			}
			dst = append(append(dst, s[:k]...), w...)
			s = s[k+len(o):]
		}
		return keep(append(dst, s...))
	})
}}

var translateFn = &expr.Function{Name: "translate", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, from, to := textOf(args[0]), textOf(args[1]), textOf(args[2])
	var table map[rune]rune
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		if table == nil || !from.fixed || !to.fixed {
			table = translation([]rune(string(from.at(i))), []rune(string(to.at(i))))
		}
		for _, r := range string(t.at(i)) {
			if to, ok := table[r]; !ok {
				dst = utf8.AppendRune(dst, r)
			} else if to >= 0 {
				dst = utf8.AppendRune(dst, to)
			}
		}
		return keep(dst)
	})
}}

// translation maps each character to another, or to -1 where it is dropped; the first mention counts.
func translation(from, to []rune) map[rune]rune {
	t := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, ok := t[r]; ok {
			continue
		}
		t[r] = -1
		if i < len(to) && to[i] != 0 {
			t[r] = to[i]
		}
	}
	return t
}

var reverseFn = &expr.Function{Name: "reverse", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	by := bytewise(args[0], t)
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		for s := t.at(i); len(s) > 0; {
			k := 1
			if !by {
				_, k = utf8.DecodeLastRune(s)
			}
			dst = append(dst, s[len(s)-k:]...)
			s = s[:len(s)-k]
		}
		return keep(dst)
	})
}}

var asciiFn = &expr.Function{Name: "ascii", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t := textOf(args[0])
	return ints(c, n, out, args, func(i int) int32 {
		s := t.at(i)
		if len(s) == 0 {
			return 0
		}
		r, _ := utf8.DecodeRune(s)
		return r
	})
}}

var chrFn = &expr.Function{Name: "chr", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	v := operandOf[int64](args[0])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		x := v.at(i)
		if x < 0 {
			return keep(dst)
		}
		return utf8.AppendRune(dst, rune(x&0xff))
	})
}}

var overlayFn = &expr.Function{Name: "overlay", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, with, pos, length := textOf(args[0]), textOf(args[1]), operandOf[int32](args[2]), operandOf[int32](args[3])
	by := bytewise(args[0], t) && bytewise(args[1], with)
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		s, w, p, l := t.at(i), with.at(i), int64(pos.at(i)), int64(length.at(i))
		if l < 0 {
			l = characters(w, by)
		}
		dst = append(append(dst, slice(s, 1, p-1, by)...), w...)
		return keep(append(dst, slice(s, p+l, 1<<31-1, by)...))
	})
}}

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

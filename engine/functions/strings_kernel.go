package functions

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

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

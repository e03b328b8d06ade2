package functions

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ranges is a set of characters: pairs of first and last, in order, apart.
type ranges []rune

// union, minus and both are set algebra.
func union(a, b ranges) ranges {
	pairs := make([][2]rune, 0, (len(a)+len(b))/2)
	for _, r := range []ranges{a, b} {
		for i := 0; i < len(r); i += 2 {
			pairs = append(pairs, [2]rune{r[i], r[i+1]})
		}
	}
	slices.SortFunc(pairs, func(x, y [2]rune) int { return int(x[0] - y[0]) })
	var out ranges
	for _, p := range pairs {
		if n := len(out); n > 0 && p[0] <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p[1])
		} else {
			out = append(out, p[0], p[1])
		}
	}
	return out
}

func negated(a ranges) ranges {
	var out ranges
	next := rune(0)
	for i := 0; i < len(a); i += 2 {
		if a[i] > next {
			out = append(out, next, a[i]-1)
		}
		next = a[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

func both(a, b ranges) ranges { return negated(union(negated(a), negated(b))) }

// text writes a set as a class.
func (r ranges) text() string {
	if len(r) == 0 {
		return `[^\x{0}-\x{10FFFF}]`
	}
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i < len(r); i += 2 {
		fmt.Fprintf(&b, `\x{%X}-\x{%X}`, r[i], r[i+1])
	}
	b.WriteByte(']')
	return b.String()
}

// nestedClass says that the class at the front of s holds a class or an intersection.
func nestedClass(s string) bool {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '[' || strings.HasPrefix(s[i:], "&&"):
			return true
		case s[i] == ']' && i > 1 && s[1:i] != "^":
			return false
		}
	}
	return false
}

// classSet reads a class with its inner classes and intersections; the translator stands on its bracket. ok is
// false where the text is no class.
func (t *translator) classSet() (set ranges, ok bool) {
	t.i++
	not := t.i < len(t.in) && t.in[t.i] == '^'
	if not {
		t.i++
	}
	var now, all ranges
	meets := false
	end := func() {
		if meets {
			now = both(all, now)
		}
		all, now, meets = now, nil, true
	}
	for first := true; t.i < len(t.in); first = false {
		switch {
		case strings.HasPrefix(t.in[t.i:], "&&"):
			t.i += 2
			end()
		case t.in[t.i] == ']' && !first:
			t.i++
			end()
			if not {
				all = negated(all)
			}
			return all, true
		case t.in[t.i] == '[':
			inner, ok := t.classSet()
			if !ok {
				return nil, false
			}
			now = union(now, inner)
		default:
			item, ok := t.classItem()
			if !ok {
				return nil, false
			}
			now = union(now, item)
		}
	}
	return nil, false
}

// classItem reads one character, range or escape of a class.
func (t *translator) classItem() (ranges, bool) {
	inner := &translator{in: t.in, i: t.i}
	one := func() {
		if inner.in[inner.i] == '\\' {
			inner.escape(true)
			return
		}
		_, n := utf8.DecodeRuneInString(inner.in[inner.i:])
		if strings.IndexByte(`^]&-[`, inner.in[inner.i]) >= 0 {
			inner.out.WriteByte('\\')
		}
		inner.copy(n)
	}
	one()
	if rest := inner.in[inner.i:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' && rest[1] != '[' && !strings.HasPrefix(rest[1:], "&&") {
		inner.out.WriteByte('-')
		inner.i++
		one()
	}
	t.i = inner.i
	if inner.unsupported != "" {
		t.unsupported = inner.unsupported
		return nil, false
	}
	tree, err := syntax.Parse("["+inner.out.String()+"]", syntax.Perl)
	if err != nil {
		return nil, false
	}
	switch tree.Op {
	case syntax.OpCharClass:
		return ranges(tree.Rune), true
	case syntax.OpLiteral:
		return ranges{tree.Rune[0], tree.Rune[0]}, true
	case syntax.OpAnyChar:
		return ranges{0, unicode.MaxRune}, true
	}
	return nil, false
}

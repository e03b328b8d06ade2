package json

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/expr"
)

// Path is a JSON path as get_json_object takes it: $.name['name'][3][*].
type Path struct{ steps []step }

// step is a name, an index, or with any all elements.
type step struct {
	name  string
	index int // -1 for a name
	any   bool
}

// ParsePath reads a path; text that is none gives false.
func ParsePath(text string) (*Path, bool) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, false
	}
	p := &Path{}
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "['"):
			end := strings.Index(rest[2:], "']")
			if end <= 0 {
				return nil, false
			}
			p.steps = append(p.steps, step{name: rest[2 : 2+end], index: -1})
			rest = rest[end+4:]
		case rest[0] == '[':
			inner, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, false
			}
			s := step{any: inner == "*"}
			if !s.any {
				n, err := strconv.ParseUint(inner, 10, 31)
				if err != nil {
					return nil, false
				}
				s.index = int(n)
			}
			p.steps = append(p.steps, s)
			rest = after
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			name := rest[1 : 1+end]
			if name == "" || name == "*" {
				return nil, false
			}
			p.steps = append(p.steps, step{name: name, index: -1})
			rest = rest[1+end:]
		default:
			return nil, false
		}
	}
	return p, true
}

// style is how a match is written.
type style uint8

const (
	raw     style = iota // a string without quotes
	quoted               // JSON
	flatten              // JSON, arrays taken apart
)

// Finder looks up paths in texts. One goroutine uses it.
type Finder struct {
	cur cursor
	out writer
}

// NewFinder reads JSON as get_json_object does: single quotes are allowed.
func NewFinder() *Finder {
	f := &Finder{}
	f.cur.o = &Options{SingleQuotes: true}
	return f
}

// writer builds JSON text and sets the commas.
type writer struct {
	b     []byte
	comma bool
}

func (w *writer) separate() {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = true
}

// Find gives what a path finds in a text; it holds until the next call. Nothing found, null and bad JSON give false.
func (f *Finder) Find(text []byte, p *Path) ([]byte, bool) {
	f.cur.reset(text)
	f.out = writer{b: f.out.b[:0]}
	if !f.cur.space() {
		return nil, false
	}
	found, ok := f.walk(p.steps, raw, &f.out)
	return f.out.b, found && ok
}

// walk reads the value at the cursor to its end and writes what the steps find in it.
func (f *Finder) walk(steps []step, st style, w *writer) (found, ok bool) {
	c := &f.cur
	if c.i >= len(c.b) {
		return false, false
	}
	x := c.b[c.i]
	if len(steps) == 0 {
		return f.leaf(x, st, w)
	}
	s := steps[0]
	switch {
	case x == '{' && s.index < 0 && !s.any:
		return f.member(s.name, steps[1:], st, w)
	case x == '[' && s.any:
		return f.all(steps, st, w)
	case x == '[' && s.index >= 0:
		if len(steps) > 1 && steps[1].any {
			st = quoted
		}
		at := 0
		status := c.elements(func() status {
			hit, good1 := false, true
			if at == s.index {
				hit, good1 = f.walk(steps[1:], st, w)
			} else {
				good1 = c.skip()
			}
			at++
			found = found || hit
			return soundness(good1)
		})
		return found, status != broken
	}
	return false, c.skip()
}

func soundness(ok bool) status {
	if ok {
		return good
	}
	return broken
}

func (f *Finder) leaf(x byte, st style, w *writer) (found, ok bool) {
	c := &f.cur
	if st == raw && c.quoted(x) {
		s, ok := c.text()
		w.separate()
		w.b = append(w.b, s...)
		return true, ok
	}
	if st == flatten && x == '[' {
		status := c.elements(func() status {
			hit, good1 := f.walk(nil, st, w)
			found = found || hit
			return soundness(good1)
		})
		return found, status != broken
	}
	w.separate()
	return true, c.copy(w)
}

func (f *Finder) member(name string, rest []step, st style, w *writer) (found, ok bool) {
	c := &f.cur
	if c.depth++; c.depth > maxDepth {
		return false, false
	}
	c.i++
	if !c.space() {
		return false, false
	}
	more := c.b[c.i] != '}'
	if !more {
		c.i++
	}
	for more {
		key, ok := c.name()
		if !ok || !c.space() {
			return false, false
		}
		if !found && string(key) == name && c.b[c.i] != 'n' {
			found, ok = f.walk(rest, st, w)
		} else {
			ok = c.skip()
		}
		if !ok {
			return false, false
		}
		if more, ok = c.next('}'); !ok {
			return false, false
		}
	}
	c.depth--
	return found, true
}

// all writes the matches of every element. Two wildcards in a row make one flat array; else one match stands alone.
func (f *Finder) all(steps []step, st style, w *writer) (found, ok bool) {
	if len(steps) > 1 && steps[1].any {
		return f.gather(steps[2:], flatten, w, func(inner []byte, _ int) []byte { return bracket(inner) })
	}
	if st == quoted {
		return f.gather(steps[1:], quoted, w, func(inner []byte, _ int) []byte { return bracket(inner) })
	}
	if st == raw {
		st = quoted
	}
	return f.gather(steps[1:], st, w, func(inner []byte, hits int) []byte {
		if hits == 1 {
			return inner
		}
		return bracket(inner)
	})
}

func bracket(inner []byte) []byte { return append(append([]byte{'['}, inner...), ']') }

func (f *Finder) gather(rest []step, st style, w *writer, wrap func(inner []byte, hits int) []byte) (found, ok bool) {
	var inner writer
	hits := 0
	status := f.cur.elements(func() status {
		hit, ok := f.walk(rest, st, &inner)
		if hit {
			hits++
		}
		return soundness(ok)
	})
	if hits > 0 {
		w.separate()
		w.b = append(w.b, wrap(inner.b, hits)...)
	}
	return hits > 0, status != broken
}

// copy writes the value at the cursor without white space, its numbers as Java writes them.
func (c *cursor) copy(w *writer) bool {
	switch x := c.b[c.i]; {
	case x == '{' || x == '[':
		return c.copyMembers(w, x)
	case c.quoted(x):
		s, ok := c.text()
		w.b = AppendText(w.b, s)
		return ok
	case x-'0' <= 9 || x == '-':
		s, whole, ok := c.number()
		if ok && !whole {
			w.b = expr.AppendFloat(w.b, parseFloat(s), 64)
		} else if ok {
			w.b = append(w.b, s...)
		}
		return ok
	}
	start := c.i
	ok := c.skip()
	w.b = append(w.b, c.b[start:c.i]...)
	return ok
}

func (c *cursor) copyMembers(w *writer, open byte) bool {
	end := open + 2
	if c.depth++; c.depth > maxDepth {
		return false
	}
	w.b = append(w.b, open)
	c.i++
	if !c.space() {
		return false
	}
	more, ok := c.b[c.i] != end, true
	if !more {
		c.i++
	}
	for first := true; more; first = false {
		if !first {
			w.b = append(w.b, ',')
		}
		if open == '{' {
			name, ok := c.name()
			if !ok {
				return false
			}
			w.b = append(AppendText(w.b, name), ':')
			if !c.space() {
				return false
			}
		}
		if c.i >= len(c.b) || !c.copy(w) {
			return false
		}
		if more, ok = c.next(end); !ok {
			return false
		}
	}
	w.b = append(w.b, end)
	c.depth--
	return true
}

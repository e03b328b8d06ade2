package functions

import (
	"bytes"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// likePattern is a LIKE pattern: segments that % parts; in a segment, any marks the places of _.
type likePattern struct {
	segments []likeSegment
	// open says that a % stands at the front, and at the end.
	openStart, openEnd bool
}

// likeSegment is a run of fixed texts; between each two of them stands one character.
type likeSegment struct{ texts [][]byte }

func (s likeSegment) empty() bool { return len(s.texts) == 1 && len(s.texts[0]) == 0 }

// parseLike reads a pattern; the escape character may stand only before _, % and itself.
func parseLike(p []byte, escape rune) (*likePattern, error) {
	out := &likePattern{}
	now := likeSegment{texts: [][]byte{nil}}
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRune(p[i:])
		last := &now.texts[len(now.texts)-1]
		switch {
		case r == escape:
			if i += n; i == len(p) {
				return nil, errs.New("INVALID_FORMAT.ESC_AT_THE_END", "format", likeText(p))
			}
			x, m := utf8.DecodeRune(p[i:])
			if x != '_' && x != '%' && x != escape {
				return nil, errs.New("INVALID_FORMAT.ESC_IN_THE_MIDDLE", "format", likeText(p), "char", "'"+string(x)+"'")
			}
			*last = append(*last, p[i:i+m]...)
			n = m
		case r == '_':
			now.texts = append(now.texts, nil)
		case r == '%':
			if len(out.segments) == 0 && now.empty() {
				out.openStart = true
			}
			out.segments = append(out.segments, now)
			now = likeSegment{texts: [][]byte{nil}}
		default:
			*last = append(*last, p[i:i+n]...)
		}
		i += n
	}
	out.openEnd = now.empty() && len(out.segments) > 0
	out.segments = append(out.segments, now)
	return out, nil
}

func likeText(p []byte) string {
	return "'" + string(bytes.ReplaceAll(p, []byte{'\\'}, []byte(`\\`))) + "'"
}

// at matches a segment at the front of s and gives what it takes, or -1.
func (g likeSegment) at(s []byte) int {
	taken := 0
	for k, t := range g.texts {
		if k > 0 {
			if taken == len(s) {
				return -1
			}
			_, n := utf8.DecodeRune(s[taken:])
			taken += n
		}
		if !bytes.HasPrefix(s[taken:], t) {
			return -1
		}
		taken += len(t)
	}
	return taken
}

// find gives where the first match of a segment in s ends, or -1.
func (g likeSegment) find(s []byte) int {
	for from := 0; from <= len(s); {
		if first := g.texts[0]; len(first) > 0 {
			at := bytes.Index(s[from:], first)
			if at < 0 {
				return -1
			}
			from += at
		}
		if n := g.at(s[from:]); n >= 0 {
			return from + n
		}
		if from == len(s) {
			return -1
		}
		_, n := utf8.DecodeRune(s[from:])
		from += n
	}
	return -1
}

// end says that a segment matches at the very end of s.
func (g likeSegment) end(s []byte) bool {
	for k := len(g.texts) - 1; k >= 0; k-- {
		if !bytes.HasSuffix(s, g.texts[k]) {
			return false
		}
		s = s[:len(s)-len(g.texts[k])]
		if k > 0 {
			if len(s) == 0 {
				return false
			}
			_, n := utf8.DecodeLastRune(s)
			s = s[:len(s)-n]
		}
	}
	return true
}

func (p *likePattern) match(s []byte) bool {
	first := p.segments[0]
	n := first.at(s)
	if n < 0 {
		return false
	}
	if len(p.segments) == 1 {
		return n == len(s)
	}
	s = s[n:]
	for _, g := range p.segments[1 : len(p.segments)-1] {
		if n = g.find(s); n < 0 {
			return false
		}
		s = s[n:]
	}
	return p.segments[len(p.segments)-1].end(s)
}

// bindLike reads the pattern and its escape character.
func bindLike(name string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		shown := c.Args[0].String() + " LIKE " + c.Args[1].String()
		if name == "ilike" {
			shown = "ilike(" + c.Args[0].String() + ", " + c.Args[1].String() + ")"
		}
		escape := '\\'
		if len(c.Args) == 3 {
			l, ok := c.Args[2].(*expr.Literal)
			text, isText := "", false
			if ok {
				text, isText = l.Value.(string)
			}
			if !isText || utf8.RuneCountInString(text) != 1 {
				return nil, errs.New("INVALID_ESC", "invalidEscape", "'"+c.Args[2].String()+"'")
			}
			escape, _ = utf8.DecodeRuneInString(text)
			if name == "LIKE" {
				shown += " ESCAPE '" + text + "'"
			}
		}
		a, err := e.bound(fn, shown, types.Boolean, c.Args[:2], []types.Type{types.String, types.String})
		if err != nil {
			return nil, err
		}
		a.Data = escape
		if l, ok := c.Args[1].(*expr.Literal); ok {
			if text, is := l.Value.(string); is {
				if _, err := parseLike([]byte(text), escape); err != nil {
					return nil, err
				}
			}
		}
		return a, nil
	}
}

func likeKernel(fold bool) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, data any, _ types.Type) (expr.Vector, error) {
		t, patterns := textOf(args[0]), textOf(args[1])
		var p *likePattern
		var last []byte
		var fail error
		v, err := flags(c, n, args, func(i int) bool {
			if x := patterns.at(i); p == nil || !patterns.fixed && !bytes.Equal(last, x) {
				last = append(last[:0], x...)
				if fold {
					x = []byte(lowerText(string(x)))
				}
				q, err := parseLike(x, data.(rune))
				if err != nil {
					fail = err
					return false
				}
				p = q
			}
			s := t.at(i)
			if fold {
				s = []byte(lowerText(string(s)))
			}
			return p.match(s)
		})
		return failing(&fail, v, err)
	}
}

var (
	likeFn  = &expr.Function{Name: "like", Fails: true, Kernel: likeKernel(false)}
	ilikeFn = &expr.Function{Name: "ilike", Fails: true, Kernel: likeKernel(true)}
)

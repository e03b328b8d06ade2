package json

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// status is the outcome of reading one value.
type status uint8

const (
	good status = iota
	// bad: the text is JSON and was passed over, and the value does not fit its type.
	bad
	// broken: the text is no JSON; where the cursor stands means nothing.
	broken
	// dropped: a pushed filter refuses the record.
	dropped
)

// maxDepth is how deep values may nest.
const maxDepth = 1000

// cursor walks over the text of one record.
type cursor struct {
	b       []byte
	i       int
	o       *Options
	depth   int
	scratch []byte
	// rewrites says that other values' text in a string column is written anew, as from_json has it; files keep theirs.
	rewrites bool
	out      writer
}

func (c *cursor) reset(b []byte) { c.b, c.i, c.depth = b, 0, 0 }

// space passes white space (and comments, where they are allowed) and says whether text follows.
func (c *cursor) space() bool {
	for c.i < len(c.b) {
		switch b := c.b[c.i]; {
		case b == ' ' || b == '\n' || b == '\t' || b == '\r':
			c.i++
		case b == '/' && c.o.Comments:
			if !c.comment() {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// comment passes one // or /* */ comment.
func (c *cursor) comment() bool {
	if c.i+1 >= len(c.b) {
		return false
	}
	switch c.b[c.i+1] {
	case '/':
		for c.i < len(c.b) && c.b[c.i] != '\n' && c.b[c.i] != '\r' {
			c.i++
		}
		return true
	case '*':
		for i := c.i + 2; i+1 < len(c.b); i++ {
			if c.b[i] == '*' && c.b[i+1] == '/' {
				c.i = i + 2
				return true
			}
		}
	}
	return false
}

const (
	each  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain finds the first byte from i that is the quote, a backslash or a control character; ascii says that what lies
// before it has no byte above 127. Without such a byte it gives len(b).
func plain(b []byte, i int, quote uint64) (at int, ascii bool) {
	var seen uint64
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		q := w ^ quote
		s := w ^ each*'\\'
		m := ((q - each) &^ q) | ((s - each) &^ s) | ((w - each*' ') &^ w)
		m &= highs
		if m != 0 {
			n := bits.TrailingZeros64(m) >> 3
			return i + n, (seen|w&(1<<(8*uint(n))-1))&highs == 0
		}
		seen |= w
		i += 8
	}
	q := byte(quote)
	for ; i < len(b); i++ {
		if x := b[i]; x == q || x == '\\' || x < ' ' {
			break
		}
		seen |= uint64(b[i])
	}
	return i, seen&highs == 0
}

// text reads the string at the cursor, which stands on its quote. The result lies in the input or in the scratch
// space and holds until the next call; it is valid UTF-8.
func (c *cursor) text() ([]byte, bool) {
	quote := c.b[c.i]
	start := c.i + 1
	i, ascii := plain(c.b, start, each*uint64(quote))
	if i < len(c.b) && c.b[i] == quote {
		c.i = i + 1
		s := c.b[start:i]
		if !ascii && !utf8.Valid(s) {
			c.scratch = appendValid(c.scratch[:0], s)
			return c.scratch, true
		}
		return s, true
	}
	c.scratch = append(c.scratch[:0], c.b[start:i]...)
	return c.escaped(i, quote)
}

// escaped goes on reading a string behind its first backslash or control character.
func (c *cursor) escaped(i int, quote byte) ([]byte, bool) {
	for i < len(c.b) {
		switch x := c.b[i]; {
		case x == quote:
			c.i = i + 1
			if !utf8.Valid(c.scratch) {
				return appendValid(nil, c.scratch), true
			}
			return c.scratch, true
		case x == '\\':
			n, ok := c.escape(i)
			if !ok {
				return nil, false
			}
			i += n
			continue
		case x < ' ' && !c.o.ControlChars:
			return nil, false
		case x < ' ':
			c.scratch = append(c.scratch, x)
			i++
			continue
		}
		end, _ := plain(c.b, i, each*uint64(quote))
		c.scratch = append(c.scratch, c.b[i:end]...)
		i = end
	}
	return nil, false
}

// escape adds what the escape at i stands for and gives its length.
func (c *cursor) escape(i int) (int, bool) {
	if i+1 >= len(c.b) {
		return 0, false
	}
	x := c.b[i+1]
	switch x {
	case '"', '\\', '/':
	case 'b':
		x = '\b'
	case 'f':
		x = '\f'
	case 'n':
		x = '\n'
	case 'r':
		x = '\r'
	case 't':
		x = '\t'
	case 'u':
		return c.unicode(i)
	default:
		if !c.o.AnyEscape && !(x == '\'' && c.o.SingleQuotes) {
			return 0, false
		}
	}
	c.scratch = append(c.scratch, x)
	return 2, true
}

// unicode reads \uXXXX at i, a pair of them where they are surrogates; half a pair becomes a question mark.
func (c *cursor) unicode(i int) (int, bool) {
	r, ok := hex4(c.b, i+2)
	if !ok {
		return 0, false
	}
	if !utf16.IsSurrogate(r) {
		c.scratch = utf8.AppendRune(c.scratch, r)
		return 6, true
	}
	if i+7 < len(c.b) && c.b[i+6] == '\\' && c.b[i+7] == 'u' {
		if low, ok := hex4(c.b, i+8); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				c.scratch = utf8.AppendRune(c.scratch, full)
				return 12, true
			}
		}
	}
	c.scratch = append(c.scratch, '?')
	return 6, true
}

func hex4(b []byte, i int) (rune, bool) {
	if i+4 > len(b) {
		return 0, false
	}
	var r rune
	for _, x := range b[i : i+4] {
		switch {
		case x >= '0' && x <= '9':
			r = r<<4 | rune(x-'0')
		case x >= 'a' && x <= 'f':
			r = r<<4 | rune(x-'a'+10)
		case x >= 'A' && x <= 'F':
			r = r<<4 | rune(x-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendValid writes s with every byte that is no UTF-8 replaced.
func appendValid(dst, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		dst = utf8.AppendRune(dst, r)
		s = s[n:]
	}
	return dst
}

// quoted says that a byte starts a string.
func (c *cursor) quoted(x byte) bool { return x == '"' || x == '\'' && c.o.SingleQuotes }

// name reads a field's name and the colon behind it.
func (c *cursor) name() ([]byte, bool) {
	if c.i >= len(c.b) {
		return nil, false
	}
	var key []byte
	if x := c.b[c.i]; c.quoted(x) {
		s, ok := c.text()
		if !ok {
			return nil, false
		}
		key = s
	} else if c.o.UnquotedNames {
		start := c.i
		for c.i < len(c.b) && nameByte(c.b[c.i]) {
			c.i++
		}
		if key = c.b[start:c.i]; len(key) == 0 {
			return nil, false
		}
	} else {
		return nil, false
	}
	if !c.space() || c.b[c.i] != ':' {
		return nil, false
	}
	c.i++
	return key, true
}

func nameByte(x byte) bool {
	return x >= 'a' && x <= 'z' || x >= 'A' && x <= 'Z' || x >= '0' && x <= '9' || x == '_' || x == '$' || x == '-' || x == '@' || x >= 0x80
}

// word passes a literal word that must end there.
func (c *cursor) word(w string) bool {
	end := c.i + len(w)
	if end > len(c.b) || string(c.b[c.i:end]) != w || end < len(c.b) && nameByte(c.b[end]) {
		return false
	}
	c.i = end
	return true
}

// ends says that a number may end at i.
func (c *cursor) ends(i int) bool {
	if i >= len(c.b) {
		return true
	}
	switch c.b[i] {
	case ',', '}', ']', ' ', '\n', '\r', '\t':
		return true
	case '/':
		return c.o.Comments
	}
	return false
}

// number passes the number at the cursor; whole says that it has neither fraction nor exponent.
func (c *cursor) number() (text []byte, whole, ok bool) {
	start := c.i
	i := start
	if c.b[i] == '-' {
		i++
	}
	first := i
	for i < len(c.b) && c.b[i]-'0' <= 9 {
		i++
	}
	if i == first || i-first > 1 && c.b[first] == '0' && !c.o.LeadingZeros {
		return nil, false, false
	}
	whole = true
	if i < len(c.b) && c.b[i] == '.' {
		whole = false
		i++
		point := i
		for i < len(c.b) && c.b[i]-'0' <= 9 {
			i++
		}
		if i == point {
			return nil, false, false
		}
	}
	if i < len(c.b) && (c.b[i] == 'e' || c.b[i] == 'E') {
		whole = false
		i++
		if i < len(c.b) && (c.b[i] == '-' || c.b[i] == '+') {
			i++
		}
		exponent := i
		for i < len(c.b) && c.b[i]-'0' <= 9 {
			i++
		}
		if i == exponent {
			return nil, false, false
		}
	}
	if !c.ends(i) {
		return nil, false, false
	}
	c.i = i
	return c.b[start:i], whole, true
}

// special passes NaN and the infinities, which are not JSON and allowed.
func (c *cursor) special() (text []byte, ok bool) {
	if !c.o.NonNumeric {
		return nil, false
	}
	start := c.i
	for _, w := range [...]string{"NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF"} {
		if c.word(w) {
			return c.b[start:c.i], true
		}
	}
	return nil, false
}

// skip passes any value; the cursor stands on its first byte.
func (c *cursor) skip() bool {
	if c.i >= len(c.b) {
		return false
	}
	switch x := c.b[c.i]; {
	case x == '"' || x == '\'' && c.o.SingleQuotes:
		return c.skipText(x)
	case x == '{':
		return c.skipMembers('}')
	case x == '[':
		return c.skipMembers(']')
	case x == 't':
		return c.word("true")
	case x == 'f':
		return c.word("false")
	case x == 'n':
		return c.word("null")
	case x-'0' <= 9 || x == '-' && c.i+1 < len(c.b) && c.b[c.i+1]-'0' <= 9:
		_, _, ok := c.number()
		return ok
	}
	_, ok := c.special()
	return ok
}

func (c *cursor) skipText(quote byte) bool {
	i, _ := plain(c.b, c.i+1, each*uint64(quote))
	if i < len(c.b) && c.b[i] == quote {
		c.i = i + 1
		return true
	}
	_, ok := c.text()
	return ok
}

// skipMembers passes an object or array, whose bracket the cursor stands on.
func (c *cursor) skipMembers(end byte) bool {
	if c.depth++; c.depth > maxDepth {
		return false
	}
	c.i++
	if !c.space() {
		return false
	}
	if c.b[c.i] == end {
		c.i++
		c.depth--
		return true
	}
	for {
		if end == '}' {
			if _, ok := c.name(); !ok || !c.space() {
				return false
			}
		}
		if !c.skip() {
			return false
		}
		more, ok := c.next(end)
		if !ok {
			return false
		}
		if !more {
			c.depth--
			return true
		}
	}
}

// next passes the comma behind a member, and the white space behind that, or the bracket that ends them.
func (c *cursor) next(end byte) (more, ok bool) {
	if c.i < len(c.b) && c.b[c.i] == ',' && c.i+1 < len(c.b) && c.b[c.i+1] > ' ' && c.b[c.i+1] != '/' {
		c.i++
		return true, true
	}
	if !c.space() {
		return false, false
	}
	switch c.b[c.i] {
	case ',':
		c.i++
		return true, c.space()
	case end:
		c.i++
		return false, true
	}
	return false, false
}

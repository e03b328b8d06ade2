package csv

import (
	"errors"
	"unicode/utf8"
)

// splitter cuts a record's text into values with every rule that there is for quotes, escapes and space. The decoder
// reads plain records without it. Where text is not as CSV should be, what comes out depends on how the parser that
// Spark uses looks at it: the splitter goes through the same states, down to what is at hand when the text ends.
// Order of calls: reset, then record until it says that the text is used up; values are good until the next record.
// One goroutine uses it.
type splitter struct {
	o        *Options
	in       []byte
	at       int
	char     int // where the character at hand begins
	begin    int // of the record
	ch, prev rune
	// end1 and end2 end a line (end2 may be 0), which is read as newline while joined is set.
	end1, end2, newline rune
	joined, joinedQuote bool

	sep    rune   // 0 where wide is set
	wide   []rune // a separator of several characters
	match  int    // how many of them have been met
	buf    []byte
	start  int // of the value at hand in buf
	values []span
	space  []byte // after a closing quote
	// wanted are the columns whose text counts; nil is all.
	wanted []bool
	// deaf says that the value at hand is not wanted.
	deaf      bool
	trim      bool
	unescaped bool
	err       error
	// sharp are the bytes that may mean something.
	sharp [utf8.RuneSelf]bool
}

// span is a value: a piece of buf, or what its kind says.
type span struct {
	from, to int
	kind     spanKind
}

type spanKind uint8

const (
	spanText spanKind = iota
	spanNull
	spanEmpty
)

func newSplitter(o *Options, wanted []bool) *splitter {
	s := &splitter{o: o, end1: '\n', newline: '\n', joined: true, joinedQuote: o.LineSep == "" || !o.MultiLine, wanted: wanted}
	if r := []rune(o.sep); len(r) == 1 {
		s.sep = r[0]
	} else {
		s.wide = r
	}
	if r := []rune(o.LineSep); len(r) == 1 {
		s.end1, s.newline = r[0], r[0]
	} else if len(r) == 2 {
		s.end1, s.end2 = r[0], r[1]
	}
	s.sharpen()
	return s
}

func (s *splitter) sharpen() {
	for _, r := range []rune{s.sep, s.o.quote, s.o.escape, s.end1, s.newline, '\r', '\n'} {
		if r < utf8.RuneSelf {
			s.sharp[r] = true
		}
	}
}

// reset gives a new text.
func (s *splitter) reset(text []byte) { s.in, s.at, s.err = text, 0, nil }

// text is a value's bytes, good until the next record.
func (s *splitter) text(v span) []byte {
	switch v.kind {
	case spanNull:
		return s.o.nullText
	case spanEmpty:
		return s.o.emptyText
	}
	return s.buf[v.from:v.to]
}

// record cuts the next record. more is false where none is left; open says that the text's end ended the record, so
// that more text might have gone on with it.
func (s *splitter) record() (more, open bool, err error) {
	s.buf, s.values, s.start = s.buf[:0], s.values[:0], 0
	for {
		s.begin = s.at
		s.listen()
		if !s.next() {
			return false, true, nil
		}
		if s.o.comment != 0 && s.ch == s.o.comment {
			if !s.line() {
				return false, true, nil
			}
			continue
		}
		one := s.plainRecord
		if s.wide != nil {
			one = s.wideRecord
		}
		ended := !one()
		if s.err != nil {
			return false, false, s.err
		}
		if ended {
			s.last()
			return len(s.values) > 0, true, s.err
		}
		if len(s.values) > 0 {
			return true, s.at >= len(s.in) && s.ch != s.newline, s.err
		}
	}
}

// raw is the text of the record at hand without its line end.
func (s *splitter) raw() []byte {
	return withoutEnd(s.in[s.begin:min(s.at, len(s.in))])
}

// withoutEnd takes off a line end or form feed.
func withoutEnd(b []byte) []byte {
	n := len(b)
	switch {
	case n > 1 && b[n-2] == '\r' && b[n-1] == '\n':
		return b[:n-2]
	case n > 0 && (b[n-1] == '\n' || b[n-1] == '\f'):
		return b[:n-1]
	}
	return b
}

// peek is the character at i, or -1 at the end.
func (s *splitter) peek(i int) (rune, int) {
	if i >= len(s.in) {
		return -1, 0
	}
	if c := s.in[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRune(s.in[i:])
}

// lineEnd says that r, behind which stands i, ends a line.
func (s *splitter) lineEnd(r rune, i int) bool {
	if r != s.end1 {
		return false
	}
	if s.end2 == 0 {
		return true
	}
	next, _ := s.peek(i)
	return next == s.end2
}

// next reads a character; at the text's end it leaves everything as it is and says no.
func (s *splitter) next() bool {
	r, n := s.peek(s.at)
	if n == 0 {
		return false
	}
	s.char = s.at
	s.at += n
	if s.joined && s.lineEnd(r, s.at) {
		if r = s.newline; s.end2 != 0 {
			_, n = s.peek(s.at)
			s.at += n
		}
	}
	s.ch = r
	return true
}

// line passes over the rest of a line.
func (s *splitter) line() bool {
	for {
		r, n := s.peek(s.at)
		if n == 0 {
			return false
		}
		s.at += n
		if s.lineEnd(r, s.at) {
			if s.end2 != 0 {
				_, n = s.peek(s.at)
				s.at += n
			}
			return true
		}
	}
}

// listen looks whether the value that begins is wanted.
func (s *splitter) listen() {
	n := len(s.values)
	s.deaf = s.wanted != nil && (n >= len(s.wanted) || !s.wanted[n])
	s.start = len(s.buf)
}

func (s *splitter) put(r rune) {
	if !s.deaf {
		s.buf = utf8.AppendRune(s.buf, r)
	}
}

// run takes the character at hand and those behind it up to one of the stops.
func (s *splitter) run(a, b, c rune) bool {
	first := s.ch
	for s.ch != a && s.ch != b && s.ch != c {
		s.put(s.ch)
		if !s.next() {
			s.ch = first
			return false
		}
	}
	return true
}

func (s *splitter) held() int {
	if s.deaf {
		return -1
	}
	return len(s.buf) - s.start
}

func (s *splitter) add(v span) {
	if len(s.values) >= s.o.maxColumns {
		s.err = tooMany
		return
	}
	s.values = append(s.values, v)
	s.listen()
}

func (s *splitter) addNull() { s.add(span{kind: spanNull}) }

// end ends the value at hand.
func (s *splitter) end() {
	b := s.buf[s.start:]
	if s.o.maxChars >= 0 && !s.deaf && units(string(b)) > s.o.maxChars {
		s.err = tooMany
		return
	}
	if s.trim {
		b = trimEnd(b)
	}
	v := span{from: s.start, to: s.start + len(b)}
	switch {
	case s.deaf:
		v.kind = spanNull
	case len(b) == 0:
		v.kind = spanEmpty
	}
	s.add(v)
}

func trimEnd(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// tooMany is what a record raises that has more columns, or a longer value, than the options allow.
var tooMany = errors.New("a record has more columns, or a longer value, than the options allow")

// misquoted is what a quote in the wrong place raises where the options say so.
var misquoted = errors.New("a quote stands where none may")

func isSpace(r rune) bool { return r >= 0 && r <= ' ' }

// outcome is how a value went.
type outcome uint8

const (
	notTaken outcome = iota // nothing happened
	taken                   // the value is added and the next character at hand
	finished                // the record is complete
)

// plainRecord reads a record whose separator is one character; false where the text ended within.
func (s *splitter) plainRecord() bool {
	for s.err == nil {
		if s.o.trimStart && isSpace(s.ch) {
			for isSpace(s.ch) && s.ch != s.sep && s.ch != s.newline && s.ch != s.o.quote {
				if !s.next() {
					return false
				}
			}
		}
		if s.ch == s.newline && len(s.values) == 0 {
			return true
		}
		if s.ch == s.sep || s.ch == s.newline {
			s.addNull()
		} else if s.ch == s.o.quote {
			switch s.cleanQuoted() {
			case finished:
				return true
			case taken:
				if s.ch == s.newline {
					return true
				}
				continue
			}
			if !s.quotedValue(s.quoted) {
				return false
			}
		} else if !s.bare() {
			return false
		}
		if s.ch == s.newline {
			return true
		}
		if !s.next() {
			return false
		}
		if s.ch == s.newline {
			s.addNull()
			return true
		}
	}
	return true
}

// bare reads a value without quotes.
func (s *splitter) bare() bool {
	s.unescaped, s.prev = false, 0
	if s.held() <= 0 && s.cleanBare() {
		return true
	}
	if !s.deaf {
		s.trim = s.o.trimEnd
	}
	if !s.run(s.sep, s.newline, s.newline) {
		return false
	}
	s.end()
	return true
}

// cleanBare takes a value that a separator or line end follows.
func (s *splitter) cleanBare() bool {
	from := s.char
	i := from
	for {
		for i < len(s.in) && s.in[i] < utf8.RuneSelf && !s.sharp[s.in[i]] {
			i++
		}
		r, n := s.peek(i)
		if n == 0 {
			return false
		}
		if r == s.sep || s.lineEnd(r, i+n) {
			break
		}
		i += n
	}
	if i == from {
		return false
	}
	b := s.in[from:i]
	if s.o.maxChars >= 0 && units(string(b)) > s.o.maxChars {
		return false
	}
	s.at = i
	s.next()
	if s.deaf {
		s.add(span{kind: spanNull})
		return true
	}
	if s.o.trimEnd {
		b = trimEnd(b)
	}
	if len(b) == 0 {
		s.addNull()
		return true
	}
	s.copy(b)
	return true
}

// copy adds a value as it stands.
func (s *splitter) copy(b []byte) {
	at := len(s.buf)
	s.buf = append(s.buf, b...)
	s.add(span{from: at, to: len(s.buf)})
}

// cleanQuoted takes a quoted value without anything to resolve, which a separator or line end follows.
func (s *splitter) cleanQuoted() outcome {
	s.unescaped, s.prev = false, 0
	s.joined = s.joinedQuote
	if s.held() > 0 {
		return notTaken
	}
	to, ok := s.closing()
	if !ok {
		return notTaken
	}
	b := s.in[s.at:to]
	if s.o.maxChars >= 0 && !s.deaf && units(string(b)) > s.o.maxChars {
		return notTaken
	}
	s.joined = true
	s.at = to + utf8.RuneLen(s.o.quote)
	switch {
	case len(b) == 0 || s.deaf:
		s.add(span{kind: spanEmpty})
	default:
		s.copy(b)
	}
	if !s.next() {
		return finished
	}
	if s.ch == s.sep {
		if !s.next() {
			s.addNull()
			return finished
		}
		if s.ch == s.newline {
			s.addNull()
		}
	}
	return taken
}

// closing finds the quote that closes a clean value.
func (s *splitter) closing() (int, bool) {
	before := s.o.quote
	for i := s.at; ; {
		from := i
		for i < len(s.in) && s.in[i] < utf8.RuneSelf && !s.sharp[s.in[i]] {
			i++
		}
		if i > from {
			before = rune(s.in[i-1])
		}
		r, n := s.peek(i)
		if n == 0 {
			return 0, false
		}
		next, _ := s.peek(i + n)
		switch {
		case r == s.o.quote && before == s.o.escape:
			if !s.deaf {
				return 0, false
			}
		case r == s.o.quote:
			return i, next == s.sep || next == s.newline
		case r == s.o.escape && !s.deaf:
			if next >= 0 && (next == s.o.quote || next == s.o.escapeEscape) {
				return 0, false
			}
		case s.joined && s.lineEnd(r, i+n):
			return 0, false
		}
		before = r
		i += n
	}
}

// quotedValue reads a quoted value by one and adds it.
func (s *splitter) quotedValue(one func() bool) bool {
	s.trim = false
	if !one() {
		return false
	}
	s.joined = true
	if s.err == nil && !(s.unescaped && s.o.unescaped == backToDelimiter && s.held() == 0) {
		s.end()
	}
	return true
}

// last adds what was at hand when the text ended.
func (s *splitter) last() {
	s.joined = true
	consumed := s.consume()
	content := s.at > s.begin
	switch {
	case len(s.values) > 0 || consumed:
		if s.held() > 0 || consumed {
			s.end()
		} else if content {
			s.addNull()
		}
	case s.held() == 0 && content:
		s.addNull()
	case s.held() != 0 || content:
		s.end()
	}
}

// consume says that a value was being read when the text ended.
func (s *splitter) consume() bool {
	if s.ch == s.o.quote {
		if s.prev == s.o.quote {
			return true
		}
		if !s.unescaped {
			s.put(s.o.quote)
		}
	}
	comment := s.o.comment
	if comment == 0 {
		comment = '#'
	}
	out := s.prev != 0 && s.ch != s.sep && s.ch != s.newline && s.ch != comment
	s.ch, s.prev = 0, 0
	if s.match > 0 {
		s.unmatch()
		return true
	}
	return out
}

// state is what a record leaves for the next.
type state struct {
	ch, prev        rune
	trim, unescaped bool
}

func (s *splitter) memory() state { return state{s.ch, s.prev, s.trim, s.unescaped} }

// recall goes back to before a record.
func (s *splitter) recall(m state) {
	s.ch, s.prev, s.trim, s.unescaped, s.match, s.joined = m.ch, m.prev, m.trim, m.unescaped, 0, true
}

package csv

import (
	"bytes"
	"unicode/utf8"
)

// stopsAtDelimiter says that a value with a quote in the wrong place goes on to the next separator.
func (s *splitter) stopsAtDelimiter() bool {
	h := s.o.unescaped
	return h == stopAtDelimiter || h == skipValue || h == backToDelimiter
}

// quoted reads a value behind its opening quote, or behind a quote in the wrong place, up to its separator.
func (s *splitter) quoted() bool {
	if s.prev != 0 && s.stopsAtDelimiter() {
		return s.rest(func() bool { return s.run(s.sep, s.newline, s.newline) })
	}
	if !s.next() {
		return false
	}
	for {
		if s.prev == s.o.quote && (isSpace(s.ch) || s.ch == s.sep || s.ch == s.newline) {
			break
		}
		done, ok := s.content(s.quoted, func() bool { return s.ch == s.sep || s.ch == s.newline })
		if done || !ok {
			return ok
		}
	}
	if s.ch == s.sep || s.ch == s.newline || !isSpace(s.ch) {
		return true
	}
	s.space = s.space[:0]
	for isSpace(s.ch) && s.ch != s.sep {
		s.space = utf8.AppendRune(s.space, s.ch)
		if !s.next() {
			return false
		}
		if s.ch == s.newline {
			return true
		}
	}
	if s.ch != s.sep && s.o.unescaped != raiseError {
		return s.reopen()
	}
	if s.ch != s.sep && s.ch != s.newline {
		s.err = misquoted
	}
	return true
}

// rest takes what is left of a value that had a quote in the wrong place, its opening quote included.
func (s *splitter) rest(upTo func() bool) bool {
	if s.o.unescaped == skipValue {
		return s.skip()
	}
	if !s.deaf {
		s.buf = utf8.AppendRune(s.buf, s.o.quote)
		copy(s.buf[s.start+utf8.RuneLen(s.o.quote):], s.buf[s.start:])
		utf8.EncodeRune(s.buf[s.start:], s.o.quote)
	}
	if !s.next() {
		return false
	}
	s.trim = s.o.trimEnd
	return upTo()
}

// reopen goes on with a value behind whose closing quote stood space and then something else.
func (s *splitter) reopen() bool {
	s.put(s.o.quote)
	if !s.deaf {
		s.buf = append(s.buf, s.space...)
	}
	if s.stopsAtDelimiter() || s.ch != s.o.quote && s.ch != s.o.escape {
		s.put(s.ch)
	}
	s.prev = s.ch
	return s.quoted()
}

// content takes a piece of a quoted value. done says that the value is complete, ok is false where the text ended.
func (s *splitter) content(again func() bool, ends func() bool) (done, ok bool) {
	if s.ch != s.o.quote && s.ch != s.o.escape {
		if s.prev == s.o.quote {
			return true, s.misplaced(again)
		}
		if s.prev == s.o.escape && s.o.escape != 0 {
			s.put(s.o.escape)
		}
		if !s.run(s.o.quote, s.o.escape, s.o.escapeEscape) {
			return false, false
		}
		s.prev = s.ch
		return false, s.next()
	}
	if !s.escaped() {
		return false, false
	}
	s.prev = s.ch
	if !s.next() {
		return false, false
	}
	return s.unescaped && ends(), true
}

// escaped deals with a quote or escape inside quotes.
func (s *splitter) escaped() bool {
	quote, escape := s.o.quote, s.o.escape
	switch {
	case s.ch == escape && s.prev == s.o.escapeEscape && s.prev != 0:
		s.put(escape)
		s.ch = 0
	case s.prev == escape:
		if s.ch == quote {
			s.put(quote)
			s.ch = 0
		} else {
			s.put(s.prev)
		}
	case s.ch == quote && s.prev == quote:
		s.put(quote)
	case s.prev == quote:
		return s.misplacedInside()
	}
	return true
}

// misplacedInside deals with an escape behind a quote: the value goes on as if it were bare.
func (s *splitter) misplacedInside() bool {
	switch s.o.unescaped {
	case skipValue:
		return s.skip()
	case raiseError:
		s.err = misquoted
		return true
	}
	s.put(s.o.quote)
	s.prev = s.ch
	for {
		if s.ch == s.sep || s.ch == s.newline {
			return true
		}
		if s.ch != s.o.quote && s.ch != s.o.escape {
			if s.prev == s.o.quote {
				return s.misplacedInside()
			}
			s.put(s.ch)
		} else if !s.escaped() {
			return false
		}
		s.prev = s.ch
		if !s.next() {
			return false
		}
	}
}

// misplaced deals with something else than a separator behind a quote.
func (s *splitter) misplaced(again func() bool) bool {
	s.unescaped = true
	switch s.o.unescaped {
	case skipValue:
		return s.skip()
	case raiseError:
		s.err = misquoted
		return true
	case backToDelimiter:
		s.back()
		s.put(s.ch)
		s.prev = 0
		return again()
	}
	s.put(s.o.quote)
	s.put(s.ch)
	s.prev = s.ch
	return again()
}

// back takes the separators in what was read of a quoted value for what they are.
func (s *splitter) back() {
	if s.deaf {
		return
	}
	sep := s.o.sep
	text := append([]byte(nil), s.buf[s.start:]...)
	for {
		i := bytes.Index(text, []byte(sep))
		if i < 0 {
			break
		}
		s.buf = append(s.buf[:s.start], text[:i]...)
		from := s.start
		s.add(span{from: from, to: len(s.buf)})
		text = text[i+len(sep):]
		if s.deaf {
			return
		}
	}
	s.buf = append(s.buf[:s.start], text...)
}

// skip leaves a value out: it is null.
func (s *splitter) skip() bool {
	s.buf = s.buf[:s.start]
	s.deaf = true
	if s.wide != nil {
		return s.skipWide()
	}
	return s.run(s.sep, s.newline, s.newline)
}

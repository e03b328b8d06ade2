package csv

// Records whose separator is several characters.

// unmatch gives back the beginning of a separator that did not go on.
func (s *splitter) unmatch() {
	if s.match < len(s.wide) {
		for _, r := range s.wide[:s.match] {
			s.put(r)
		}
	}
	s.match = 0
}

// separator reads a separator, or nothing. What fits its beginning only is text. ok is false where the text ended.
func (s *splitter) separator() (yes, ok bool) {
	yes, ok = s.behind()
	if ok && !yes && s.match > 0 {
		s.unmatch()
	}
	return yes, ok
}

// behind reads a separator behind a quoted value.
func (s *splitter) behind() (yes, ok bool) {
	for s.ch == s.wide[s.match] {
		if s.match++; s.match == len(s.wide) {
			s.match = 0
			return true, true
		}
		if !s.next() {
			return false, false
		}
	}
	return false, true
}

func (s *splitter) wideSpace() bool {
	for isSpace(s.ch) && s.ch != s.newline && s.ch != s.o.quote {
		if !s.next() {
			return false
		}
		if s.ch == s.wide[s.match] {
			yes, ok := s.separator()
			if !ok {
				return false
			}
			if yes {
				s.addNull()
				if !s.next() {
					return false
				}
			}
		}
	}
	s.unmatch()
	return true
}

// wideRecord reads a record; false where the text ended within.
func (s *splitter) wideRecord() bool {
	if s.o.trimStart && isSpace(s.ch) && !s.wideSpace() {
		return false
	}
	if s.ch == s.newline {
		return true
	}
	for s.err == nil {
		if s.o.trimStart && isSpace(s.ch) && !s.wideSpace() {
			return false
		}
		if !s.wideValue() {
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

// wideValue reads one value and what ends it.
func (s *splitter) wideValue() bool {
	if s.ch == s.newline {
		s.addNull()
		return true
	}
	yes, ok := s.separator()
	if !ok {
		return false
	}
	if yes {
		s.addNull()
		return true
	}
	s.unescaped, s.prev = false, 0
	if s.ch == s.o.quote && s.held() == 0 {
		s.joined = s.joinedQuote
		return s.quotedValue(s.wideQuoted)
	}
	if !s.wideRun() {
		return false
	}
	kept := s.trim
	s.trim = kept || s.o.trimEnd
	s.end()
	s.trim = kept
	return true
}

// wideRun takes text up to a separator or line end.
func (s *splitter) wideRun() bool {
	for s.ch != s.newline {
		if s.ch == s.wide[s.match] {
			if s.match++; s.match == len(s.wide) {
				break
			}
		} else {
			if s.match > 0 {
				s.unmatch()
				continue
			}
			s.put(s.ch)
		}
		if !s.next() {
			return false
		}
	}
	s.unmatch()
	return true
}

func (s *splitter) skipWide() bool {
	for s.match < len(s.wide) && s.ch != s.newline {
		if s.ch == s.wide[s.match] {
			s.match++
		} else {
			s.match = 0
		}
		if !s.next() {
			return false
		}
	}
	return true
}

// wideQuoted is quoted for a separator of several characters.
func (s *splitter) wideQuoted() bool {
	if s.prev != 0 && s.stopsAtDelimiter() {
		if s.o.unescaped == skipValue {
			return s.skip()
		}
		if !s.rest(s.wideRun) {
			return false
		}
	} else if done, ok := s.wideContent(); done || !ok {
		return ok
	}
	if s.ch == s.newline || !isSpace(s.ch) {
		return true
	}
	if yes, ok := s.behind(); yes || !ok {
		return ok
	}
	s.space = s.space[:0]
	for isSpace(s.ch) {
		s.space = append(s.space, byte(s.ch))
		if !s.next() {
			return false
		}
		if s.ch == s.newline {
			return true
		}
		if yes, ok := s.behind(); yes || !ok {
			return ok
		}
	}
	if s.o.unescaped == raiseError {
		return true
	}
	if yes, ok := s.behind(); yes || !ok {
		return ok
	}
	return s.reopen()
}

// wideContent reads a quoted value up to space or a line end behind its closing quote; done says that it is complete.
func (s *splitter) wideContent() (done, ok bool) {
	if !s.next() {
		return false, false
	}
	for {
		if s.prev == s.o.quote {
			if isSpace(s.ch) || s.ch == s.newline {
				return false, true
			}
			if yes, ok := s.separator(); yes || !ok {
				return true, ok
			}
		}
		cut := false
		done, ok := s.content(s.wideQuoted, func() bool {
			if s.ch == s.newline {
				return true
			}
			yes, more := s.separator()
			cut = !more
			return yes
		})
		if cut {
			return false, false
		}
		if done || !ok {
			return done, ok
		}
	}
}

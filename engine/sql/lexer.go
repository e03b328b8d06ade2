package sql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts text into tokens; comments and space fall away.
type lexer struct {
	src       string
	at        int
	line, pos int
}

// lex gives all tokens, the last of kind end.
func lex(src string) ([]token, error) {
	l := &lexer{src: src, line: 1}
	var out []token
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == end {
			return out, nil
		}
	}
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.src) {
		return l.src[l.at+n]
	}
	return 0
}

// skip moves over n bytes and keeps line and position.
func (l *lexer) skip(n int) {
	stop := l.at + n
	for l.at < stop {
		r, size := utf8.DecodeRuneInString(l.src[l.at:])
		l.at += size
		if r == '\n' {
			l.line, l.pos = l.line+1, 0
		} else {
			l.pos++
		}
	}
}

// space passes over blanks and comments; bracketed comments nest.
func (l *lexer) space() error {
	for l.at < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.at:])
		switch {
		case unicode.IsSpace(r) || r == '\uFEFF':
			l.skip(size)
		case r == '-' && l.peek(1) == '-':
			l.lineComment()
		case r == '/' && l.peek(1) == '*':
			if err := l.bracketed(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// lineComment ends at a line's end; a backslash before it continues the comment.
func (l *lexer) lineComment() {
	for l.at < len(l.src) && l.src[l.at] != '\n' {
		if l.src[l.at] == '\\' && l.peek(1) == '\n' {
			l.skip(1)
		}
		l.skip(1)
	}
}

func (l *lexer) bracketed() error {
	start, depth := *l, 0
	for l.at < len(l.src) {
		switch {
		case l.src[l.at] == '/' && l.peek(1) == '*':
			depth++
			l.skip(2)
		case l.src[l.at] == '*' && l.peek(1) == '/':
			depth--
			l.skip(2)
			if depth == 0 {
				return nil
			}
		default:
			_, size := utf8.DecodeRuneInString(l.src[l.at:])
			l.skip(size)
		}
	}
	return unclosedComment(l.src, start)
}

func (l *lexer) next() (token, error) {
	t := token{start: l.at, line: l.line, pos: l.pos}
	if l.at >= len(l.src) {
		t.stop = l.at
		return t, nil
	}
	var err error
	r, _ := utf8.DecodeRuneInString(l.src[l.at:])
	c := l.src[l.at]
	switch {
	case (c == 'r' || c == 'R') && (l.peek(1) == '\'' || l.peek(1) == '"'):
		t.kind = text
		l.skip(1)
		t.value, err = l.raw()
	case c == '\'' || c == '"':
		t.kind = text
		t.value, err = l.stringLiteral()
	case c == '`':
		t.kind = quoted
		t.value, err = l.backticks()
	case c >= '0' && c <= '9', c == '.' && isDigit(l.peek(1)):
		t.kind = l.numberOrWord()
	case isLetter(r):
		t.kind = word
		l.word()
	case c == '?':
		t.kind = param
		l.skip(1)
	case c == ':' && isLetterByte(l.peek(1)):
		t.kind = param
		l.skip(1)
		l.word()
	default:
		t.kind = symbol
		l.symbol()
	}
	if err != nil {
		return t, err
	}
	t.stop = l.at
	t.text = l.src[t.start:t.stop]
	if t.kind == word {
		t.value = t.text
	}
	return t, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isLetterByte(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }

func (l *lexer) word() {
	for l.at < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.at:])
		if !isLetter(r) && !unicode.IsDigit(r) {
			return
		}
		l.skip(size)
	}
}

// numberOrWord reads a numeric literal; digits that run on into letters are an identifier (1a), as in Spark.
func (l *lexer) numberOrWord() kind {
	start, line, pos := l.at, l.line, l.pos
	digits := func() {
		for isDigit(l.peek(0)) {
			l.skip(1)
		}
	}
	digits()
	whole := l.peek(0) != '.'
	if !whole && !isLetterByte(l.peek(1)) {
		l.skip(1)
		digits()
	} else if !whole && isExponent(l.src[l.at+1:]) {
		l.skip(1)
	}
	if isExponent(l.src[l.at:]) {
		l.skip(2)
		digits()
	}
	rest := asciiUpper(l.src[l.at:min(len(l.src), l.at+2)])
	switch {
	case strings.HasPrefix(rest, "BD"):
		l.skip(2)
	case rest != "" && strings.ContainsRune("LSYFD", rune(rest[0])):
		l.skip(1)
	}
	if r, _ := utf8.DecodeRuneInString(l.src[l.at:]); l.at < len(l.src) && isLetter(r) && whole {
		l.at, l.line, l.pos = start, line, pos
		l.word()
		return word
	}
	return number
}

// isExponent says that s starts with e, an optional sign and a digit.
func isExponent(s string) bool {
	if len(s) < 2 || s[0]|0x20 != 'e' {
		return false
	}
	if s[1] == '+' || s[1] == '-' {
		return len(s) > 2 && isDigit(s[2])
	}
	return isDigit(s[1])
}

// symbols are the operators of more than one character, longest first.
var symbols = []string{"<=>", ">>>", "<=", ">=", "<>", "!=", "==", "||", "<<", ">>", "->", "=>", "::", "!>", "!<", "|>"}

func (l *lexer) symbol() {
	for _, s := range symbols {
		if strings.HasPrefix(l.src[l.at:], s) {
			l.skip(len(s))
			return
		}
	}
	_, size := utf8.DecodeRuneInString(l.src[l.at:])
	l.skip(size)
}

func (l *lexer) backticks() (string, error) {
	start := *l
	l.skip(1)
	var b strings.Builder
	for l.at < len(l.src) {
		if l.src[l.at] == '`' {
			if l.peek(1) != '`' {
				l.skip(1)
				return b.String(), nil
			}
			l.skip(1)
		}
		_, size := utf8.DecodeRuneInString(l.src[l.at:])
		b.WriteString(l.src[l.at : l.at+size])
		l.skip(size)
	}
	return "", badCharacter(start, "`")
}

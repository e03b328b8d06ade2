package sql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// raw reads r'…': nothing is an escape, and the literal ends at the next quote of its kind.
func (l *lexer) raw() (string, error) {
	start, quote := *l, l.src[l.at]
	l.skip(1)
	n := strings.IndexByte(l.src[l.at:], quote)
	if n < 0 {
		return "", badCharacter(start, string(quote))
	}
	value := l.src[l.at : l.at+n]
	l.skip(n + 1)
	return value, nil
}

// stringLiteral reads '…' or "…"; a doubled quote stands for one.
func (l *lexer) stringLiteral() (string, error) {
	start, quote := *l, l.src[l.at]
	l.skip(1)
	var b strings.Builder
	for l.at < len(l.src) {
		c := l.src[l.at]
		switch {
		case c == quote && l.peek(1) == quote:
			b.WriteByte(quote)
			l.skip(2)
		case c == quote:
			l.skip(1)
			return b.String(), nil
		case c == '\\' && l.at+1 < len(l.src):
			l.skip(1)
			l.escape(&b)
		default:
			_, size := utf8.DecodeRuneInString(l.src[l.at:])
			b.WriteString(l.src[l.at : l.at+size])
			l.skip(size)
		}
	}
	return "", badCharacter(start, string(quote))
}

// escapes are the single-letter ones; \% and \_ keep their backslash for LIKE.
var escapes = map[byte]string{'0': "\x00", 'b': "\b", 'n': "\n", 'r': "\r", 't': "\t", 'Z': "\x1A", '%': `\%`, '_': `\_`}

// escape decodes what follows a backslash.
func (l *lexer) escape(b *strings.Builder) {
	rest := l.src[l.at:]
	switch {
	case rest[0] == 'u' && codepoint(rest, 1, 4, b):
		l.skip(5)
	case rest[0] == 'U' && codepoint(rest, 1, 8, b):
		l.skip(9)
	case octal(rest):
		b.WriteByte((rest[0]-'0')<<6 | (rest[1]-'0')<<3 | (rest[2] - '0'))
		l.skip(3)
	default:
		if s, ok := escapes[rest[0]]; ok {
			b.WriteString(s)
			l.skip(1)
			return
		}
		_, size := utf8.DecodeRuneInString(rest)
		b.WriteString(rest[:size])
		l.skip(size)
	}
}

func octal(s string) bool {
	return len(s) >= 3 && (s[0] == '0' || s[0] == '1') && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7'
}

// codepoint writes the character whose n hexadecimal digits stand at s[from:].
func codepoint(s string, from, n int, b *strings.Builder) bool {
	if len(s) < from+n {
		return false
	}
	v, err := strconv.ParseUint(s[from:from+n], 16, 32)
	if err != nil {
		return false
	}
	b.WriteRune(rune(v))
	return true
}

package types

import "strings"

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted // `name`
	tokenNumber
	tokenText // 'text' or "text"
	tokenSign
)

// token is one piece of DDL text: text is its value, raw what stood there.
type token struct {
	kind      tokenKind
	text, raw string
}

// is compares a word or sign without case; quoted names are never keywords.
func (t token) is(word string) bool {
	return (t.kind == tokenWord || t.kind == tokenSign) && strings.EqualFold(t.text, word)
}

// shown is how a syntax error names the token.
func (t token) shown() string {
	if t.kind == tokenEnd {
		return "end of input"
	}
	return "'" + strings.Trim(t.raw, "'") + "'"
}

// lex cuts DDL text into tokens, the last of which is tokenEnd.
func lex(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '`' || c == '\'' || c == '"':
			t, n := lexQuoted(s[i:])
			out = append(out, t)
			i += n
			continue
		case isWordByte(c):
			j := i
			for j < len(s) && isWordByte(s[j]) {
				j++
			}
			kind := tokenNumber
			if strings.IndexFunc(s[i:j], func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
				kind = tokenWord
			}
			out = append(out, token{kind, s[i:j], s[i:j]})
			i = j
			continue
		}
		n := 1
		if strings.HasPrefix(s[i:], "<>") {
			n = 2
		}
		out = append(out, token{tokenSign, s[i : i+n], s[i : i+n]})
		i += n
	}
	return append(out, token{kind: tokenEnd})
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// lexQuoted reads a back-quoted name (a doubled quote stands for one) or a string with backslash escapes.
// An unclosed quote is a sign of its own, which no rule accepts.
func lexQuoted(s string) (token, int) {
	q := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q != '`' && i+1 < len(s):
			i++
			b.WriteString(unescape(s[i]))
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			b.WriteByte(q)
			i++
		case s[i] == q:
			kind := tokenText
			if q == '`' {
				kind = tokenQuoted
			}
			return token{kind, b.String(), s[:i+1]}, i + 1
		default:
			b.WriteByte(s[i])
		}
	}
	return token{tokenSign, s[:1], s[:1]}, 1
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case 'b':
		return "\b"
	case '0':
		return "\x00"
	case 'Z':
		return "\x1a"
	case '%', '_':
		return "\\" + string(c)
	}
	return string(c)
}

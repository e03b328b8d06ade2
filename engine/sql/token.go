// Package sql turns Spark SQL text into unresolved expressions and plans.
//
// It is a hand-written lexer and a Pratt parser. It resolves no name, knows no function and reads no table: that is
// the analyzer's (logical). The session calls it for spark.sql, expr, selectExpr and where("…"). Invariants: a parse
// needs nothing but the text; an error names the place in it; what Spark's grammar has and this one lacks is refused
// by its name; a parser is used once, by one goroutine.
package sql

// kind tells tokens apart.
type kind uint8

const (
	end    kind = iota
	word        // an identifier or keyword, unquoted
	quoted      // a `quoted` identifier
	text        // a string literal, decoded
	number      // a numeric literal with its suffix
	symbol      // an operator or punctuation
	param       // ? or :name
)

// token is one lexeme. text is the source's characters; value the decoded string of text and quoted tokens.
type token struct {
	kind        kind
	text        string
	value       string
	start, stop int // byte offsets in the source
	line, pos   int // line from 1, position in it from 0, in characters
}

// upper is the keyword form of a word; other tokens have none.
func (t token) upper() string {
	if t.kind != word {
		return ""
	}
	return asciiUpper(t.text)
}

func asciiUpper(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'a' && s[i] <= 'z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'a' && b[i] <= 'z' {
					b[i] -= 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

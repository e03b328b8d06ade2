package sql

import (
	"fmt"
	"strings"

	"pysparkcompat/engine/errs"
)

// syntax is PARSE_SYNTAX_ERROR at a token, with the place in the text as PySpark shows it.
func (p *parser) syntax(t token, hint string) error {
	near := "end of input"
	if t.kind != end {
		near = "'" + t.text + "'"
	}
	return p.at(t, errs.New("PARSE_SYNTAX_ERROR", "error", near, "hint", hint))
}

// at adds line, position and the text with a mark under the place.
func (p *parser) at(t token, e *errs.Error) error {
	e.Detail = place(p.src, t.line, t.pos)
	return e
}

func place(src string, line, pos int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "(line %d, pos %d)\n\n== SQL ==\n", line, pos)
	for i, l := range strings.Split(src, "\n") {
		b.WriteString(l + "\n")
		if i+1 == line {
			b.WriteString(strings.Repeat("-", pos) + "^^^\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// unclosedComment is a /* without its */.
func unclosedComment(src string, start lexer) error {
	e := errs.New("UNCLOSED_BRACKETED_COMMENT")
	e.Detail = place(src, start.line, start.pos)
	return e
}

// badCharacter is a quote that is never closed: the lexer sees it as a stray character.
func badCharacter(start lexer, c string) error {
	e := errs.New("PARSE_SYNTAX_ERROR", "error", "'"+c+"'", "hint", "")
	e.Detail = place(start.src, start.line, start.pos)
	return e
}

// notBuilt refuses what Spark's grammar has and ours lacks.
func (p *parser) notBuilt(t token, feature string) error {
	return p.at(t, errs.NotBuilt(feature))
}

package sql

import (
	"strings"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// parser walks the tokens of one text.
type parser struct {
	src    string
	tokens []token
	at_    int
	// ctes are the WITH names in scope, innermost last.
	ctes []cte
	// depth bounds nesting, so that no text can exhaust the stack.
	depth int
	// args are what parameter markers stand for.
	args Args
}

// Args are the values of a statement's parameters: of its ?s in turn, or of its :names.
type Args struct {
	Positional []expr.Expr
	Named      map[string]expr.Expr
}

type cte struct {
	name string
	plan logical.Plan
}

// maxDepth is far beyond what people write.
const maxDepth = 2000

func newParser(src string) (*parser, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	return &parser{src: src, tokens: tokens}, nil
}

// ParseExpression reads one expression: F.expr, where("…"), a join condition.
func ParseExpression(src string) (expr.Expr, error) {
	return whole(src, (*parser).expression)
}

// ParseNamedExpression reads an expression that may have an alias: selectExpr, F.expr.
func ParseNamedExpression(src string) (expr.Expr, error) {
	return whole(src, (*parser).namedExpression)
}

// ParseQuery reads a query: spark.sql.
func ParseQuery(src string) (logical.Plan, error) { return ParseQueryWith(src, Args{}) }

// ParseQueryWith reads a query whose parameter markers stand for the arguments.
func ParseQueryWith(src string, args Args) (logical.Plan, error) {
	return whole(src, func(p *parser) (logical.Plan, error) {
		p.args = args
		q, err := p.statement()
		p.acceptSymbol(";")
		return q, err
	})
}

// ParseName reads a dotted name with its backticks: the argument of col, table, drop.
func ParseName(src string) ([]string, error) { return whole(src, (*parser).qualifiedName) }

// whole runs a rule over all of a text.
func whole[T any](src string, rule func(*parser) (T, error)) (T, error) {
	var zero T
	p, err := newParser(src)
	if err != nil {
		return zero, err
	}
	if p.peek().kind == end {
		return zero, p.at(p.peek(), errs.New("PARSE_EMPTY_STATEMENT"))
	}
	out, err := rule(p)
	if err != nil {
		return zero, err
	}
	if t := p.peek(); t.kind != end {
		if p.ahead(1).kind == end {
			return zero, p.syntax(t, ": extra input '"+t.text+"'")
		}
		return zero, p.syntax(t, "")
	}
	return out, nil
}

func (p *parser) peek() token { return p.tokens[p.at_] }

// ahead is the token n places on.
func (p *parser) ahead(n int) token { return p.tokens[min(p.at_+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at_]
	if t.kind != end {
		p.at_++
	}
	return t
}

// isWord says that the next token is one of the keywords.
func (p *parser) isWord(words ...string) bool { return wordIn(p.peek(), words...) }

func wordIn(t token, words ...string) bool {
	if t.kind != word {
		return false
	}
	for _, w := range words {
		if len(w) == len(t.text) && strings.EqualFold(w, t.text) {
			return true
		}
	}
	return false
}

// isWords says that the keywords follow each other.
func (p *parser) isWords(words ...string) bool {
	for i, w := range words {
		if !wordIn(p.ahead(i), w) {
			return false
		}
	}
	return true
}

// accept takes the keywords if they all follow.
func (p *parser) accept(words ...string) bool {
	if !p.isWords(words...) {
		return false
	}
	p.at_ += len(words)
	return true
}

func (p *parser) isSymbol(s string) bool { t := p.peek(); return t.kind == symbol && t.text == s }

func (p *parser) acceptSymbol(s string) bool {
	if p.isSymbol(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expectSymbol(s string) error {
	if p.acceptSymbol(s) {
		return nil
	}
	return p.syntax(p.peek(), "")
}

// closeQuery takes the parenthesis after a subquery.
func (p *parser) closeQuery() error {
	if p.acceptSymbol(")") {
		return nil
	}
	return p.syntax(p.peek(), ": missing ')'")
}

func (p *parser) expectWord(w string) error {
	if p.accept(w) {
		return nil
	}
	return p.syntax(p.peek(), ": missing '"+w+"'")
}

// enter guards recursion; the caller defers leave.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.at(p.peek(), errs.New("FAILED_TO_PARSE_TOO_COMPLEX"))
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// reserved words begin a clause or go on with one: they are no alias without AS. As a bare column they are names, as in Spark.
var reserved = map[string]bool{}

// joinWords cannot name a table without AS, as in Spark's strictly non-reserved list.
var joinWords = map[string]bool{}

func fill(m map[string]bool, words string) map[string]bool {
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	_ = fill(reserved, `FROM WHERE GROUP HAVING ORDER SORT CLUSTER DISTRIBUTE LIMIT OFFSET UNION EXCEPT INTERSECT MINUS
		SELECT WHEN THEN ELSE END AS ON USING AND OR IN BETWEEN LIKE ILIKE RLIKE REGEXP IS ESCAPE WINDOW QUALIFY`)
	_ = fill(joinWords, `ANTI CROSS EXCEPT FULL INNER INTERSECT JOIN LATERAL LEFT NATURAL ON RIGHT SEMI SETMINUS UNION USING
		PIVOT UNPIVOT TABLESAMPLE WHERE GROUP HAVING ORDER SORT CLUSTER DISTRIBUTE LIMIT OFFSET WINDOW QUALIFY MINUS SELECT FROM SET`)
)

// identifier takes a name; a reserved word is one only where strict is false.
func (p *parser) identifier() (string, error) {
	t := p.peek()
	if t.kind == word || t.kind == quoted {
		p.next()
		return t.value, p.ascii(t)
	}
	return "", p.syntax(t, "")
}

// ascii refuses letters beyond ASCII in a name without backquotes.
func (p *parser) ascii(t token) error {
	if t.kind == word && strings.IndexFunc(t.value, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return p.at(t, errs.New("INVALID_IDENTIFIER", "ident", t.text))
	}
	return nil
}

func (p *parser) qualifiedName() ([]string, error) {
	first, err := p.identifier()
	if err != nil {
		return nil, err
	}
	parts := []string{first}
	for p.isSymbol(".") && (p.ahead(1).kind == word || p.ahead(1).kind == quoted) {
		p.next()
		part, err := p.identifier()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// identifierList is (a, b).
func (p *parser) identifierList() ([]string, error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	return list(p, ")", (*parser).identifier)
}

// list reads items between commas and the closing symbol.
func list[T any](p *parser, close string, item func(*parser) (T, error)) ([]T, error) {
	out, err := items(p, item)
	if err != nil {
		return nil, err
	}
	return out, p.expectSymbol(close)
}

// items reads at least one item, and more after commas.
func items[T any](p *parser, item func(*parser) (T, error)) ([]T, error) {
	var out []T
	for {
		v, err := item(p)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if !p.acceptSymbol(",") {
			return out, nil
		}
	}
}

// dataType reads a type name: its extent is found by its brackets, its meaning by types.ParseType.
func (p *parser) dataType() (types.Type, error) {
	first := p.peek()
	if first.kind != word {
		return nil, p.syntax(first, "")
	}
	p.next()
	stop := first.stop
	if first.upper() == "INTERVAL" {
		for p.isWord("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO") {
			stop = p.next().stop
		}
	}
	for nesting := 0; nesting > 0 || p.isSymbol("(") || p.isSymbol("<") || p.isSymbol("<>"); {
		t := p.next()
		if t.kind == end {
			return nil, p.syntax(t, "")
		}
		nesting += nestingOf(t)
		stop = t.stop
		if nesting == 0 {
			break
		}
	}
	for p.isWords("WITHOUT", "TIME", "ZONE") || p.isWords("WITH", "LOCAL", "TIME", "ZONE") || p.isWords("PRECISION") {
		stop = p.next().stop
		for p.isWord("LOCAL", "TIME", "ZONE") {
			stop = p.next().stop
		}
	}
	t, err := types.ParseType(p.src[first.start:stop])
	if e := errs.As(err); e != nil && e.Detail == "" {
		return nil, p.at(first, e)
	}
	return t, err
}

func nestingOf(t token) int {
	if t.kind != symbol {
		return 0
	}
	switch t.text {
	case "(", "<":
		return 1
	case ")", ">":
		return -1
	case ">>":
		return -2
	case ">>>":
		return -3
	}
	return 0
}

package sql

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// Binding strengths, loosest first; Spark's grammar in one ladder.
const (
	orPower = iota + 1
	andPower
	notPower
	predicatePower
	comparePower
	bitOrPower
	bitXorPower
	bitAndPower
	shiftPower
	addPower
	mulPower
	unaryPower
)

// binary are the symbolic infix operators: strength and the name of the call they become.
var binary = map[string]struct {
	power int
	name  string
}{
	"=": {comparePower, "=="}, "==": {comparePower, "=="}, "<>": {comparePower, "!="}, "!=": {comparePower, "!="},
	"<": {comparePower, "<"}, "<=": {comparePower, "<="}, "!>": {comparePower, "<="},
	">": {comparePower, ">"}, ">=": {comparePower, ">="}, "!<": {comparePower, ">="}, "<=>": {comparePower, "<=>"},
	"|": {bitOrPower, "|"}, "^": {bitXorPower, "^"}, "&": {bitAndPower, "&"},
	"<<": {shiftPower, "<<"}, ">>": {shiftPower, ">>"}, ">>>": {shiftPower, ">>>"},
	"+": {addPower, "+"}, "-": {addPower, "-"}, "||": {addPower, "concat"},
	"*": {mulPower, "*"}, "/": {mulPower, "/"}, "%": {mulPower, "%"},
}

func call(name string, args ...expr.Expr) *expr.Call {
	return &expr.Call{Name: []string{name}, Args: args}
}

func stringLit(s string) *expr.Literal { return stringLiteral(s) }

// expression reads a whole expression.
func (p *parser) expression() (expr.Expr, error) { return p.infix(orPower) }

// value reads an operand of a predicate.
func (p *parser) value() (expr.Expr, error) { return p.infix(comparePower) }

// infix reads an expression whose operators bind at least as strongly as power.
func (p *parser) infix(power int) (expr.Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	left, err := p.prefix(power)
	if err != nil {
		return nil, err
	}
	predicated := false
	for {
		t := p.peek()
		name, strength := p.infixOperator(t)
		switch {
		case strength == 0 || strength < power:
			return left, nil
		case strength == predicatePower:
			if predicated {
				return left, nil
			}
			predicated = true
			left, err = p.predicate(left)
		default:
			p.next()
			var right expr.Expr
			right, err = p.infix(strength + 1)
			left = call(name, left, right)
		}
		if err != nil {
			return nil, err
		}
	}
}

// infixOperator gives the strength of t as an infix operator, 0 if it is none.
func (p *parser) infixOperator(t token) (string, int) {
	if t.kind == symbol {
		op := binary[t.text]
		return op.name, op.power
	}
	switch t.upper() {
	case "OR":
		return "or", orPower
	case "AND":
		return "and", andPower
	case "DIV":
		return "div", mulPower
	case "BETWEEN", "IN", "LIKE", "ILIKE", "RLIKE", "REGEXP", "IS":
		return "", predicatePower
	case "NOT":
		if wordIn(p.ahead(1), "BETWEEN", "IN", "LIKE", "ILIKE", "RLIKE", "REGEXP") {
			return "", predicatePower
		}
	}
	return "", 0
}

// prefix reads NOT, signs and then a primary with what follows it.
func (p *parser) prefix(power int) (expr.Expr, error) {
	t := p.peek()
	switch {
	case (wordIn(t, "NOT") || t.kind == symbol && t.text == "!") && power <= notPower:
		p.next()
		return p.wrap("not", notPower)
	case t.kind == symbol && t.text == "-":
		p.next()
		if p.peek().kind == number {
			return p.postfix(p.number("-"))
		}
		return p.wrap("-", unaryPower)
	case t.kind == symbol && t.text == "+":
		p.next()
		return p.wrap("+", unaryPower)
	case t.kind == symbol && t.text == "~":
		p.next()
		return p.wrap("~", unaryPower)
	}
	return p.postfix(p.primary())
}

func (p *parser) wrap(name string, power int) (expr.Expr, error) {
	operand, err := p.infix(power)
	if err != nil {
		return nil, err
	}
	return call(name, operand), nil
}

// postfix reads what binds to a primary: [index], .field and ::type.
func (p *parser) postfix(e expr.Expr, err error) (expr.Expr, error) {
	for err == nil {
		switch {
		case p.acceptSymbol("["):
			var key expr.Expr
			if key, err = p.value(); err == nil {
				err = p.expectSymbol("]")
			}
			e = &expr.Extract{Child: e, Key: key}
		case p.isSymbol(".") && p.ahead(1).kind != symbol:
			p.next()
			var field string
			field, err = p.identifier()
			e = &expr.Extract{Child: e, Key: stringLit(field)}
		case p.isSymbol(":") && p.ahead(1).kind != symbol && p.ahead(1).kind != end:
			return nil, p.at(p.peek(), errs.New("COLUMN_IS_NOT_VARIANT_TYPE"))
		case p.acceptSymbol("::"):
			e, err = p.castTo(e)
		case p.isWord("COLLATE"):
			return nil, p.notBuilt(p.peek(), "COLLATE")
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) castTo(e expr.Expr) (expr.Expr, error) {
	to, err := p.dataType()
	if err != nil {
		return nil, err
	}
	return &expr.Cast{Child: e, To: to}, nil
}

// predicate reads [NOT] BETWEEN, IN, LIKE … and IS after its left operand.
func (p *parser) predicate(left expr.Expr) (expr.Expr, error) {
	if p.accept("IS") {
		return p.is(left)
	}
	negated := p.accept("NOT")
	var out expr.Expr
	var err error
	switch t := p.next(); t.upper() {
	case "BETWEEN":
		out, err = p.between(left)
	case "IN":
		out, err = p.in(left)
	case "RLIKE", "REGEXP":
		var pattern expr.Expr
		pattern, err = p.value()
		out = call("rlike", left, pattern)
	default:
		return p.like(left, t, negated)
	}
	if err != nil {
		return nil, err
	}
	if negated {
		out = call("not", out)
	}
	return out, nil
}

func (p *parser) between(left expr.Expr) (expr.Expr, error) {
	lower, err := p.value()
	if err != nil {
		return nil, err
	}
	if err := p.expectWord("AND"); err != nil {
		return nil, err
	}
	upper, err := p.value()
	if err != nil {
		return nil, err
	}
	return call("between", left, lower, upper), nil
}

func (p *parser) in(left expr.Expr) (expr.Expr, error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	if p.isWord("SELECT", "WITH") {
		return nil, p.notBuilt(p.peek(), "IN (subquery)")
	}
	if p.isSymbol(")") {
		return nil, p.at(p.peek(), errs.New("INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE"))
	}
	values, err := list(p, ")", (*parser).expression)
	if err != nil {
		return nil, err
	}
	return call("in", append([]expr.Expr{left}, values...)...), nil
}

// like reads the pattern and ESCAPE of LIKE and ILIKE, whose keyword t has been taken.
func (p *parser) like(left expr.Expr, t token, negated bool) (expr.Expr, error) {
	name := "like"
	if t.upper() == "ILIKE" {
		name = "ilike"
	}
	if p.isWord("ANY", "SOME", "ALL") && p.ahead(1).text == "(" {
		return p.likeEach(left, name, negated)
	}
	pattern, err := p.value()
	if err != nil {
		return nil, err
	}
	args := []expr.Expr{left, pattern}
	if p.accept("ESCAPE") {
		e := p.next()
		if e.kind != text {
			return nil, p.syntax(e, "")
		}
		args = append(args, stringLit(e.value))
	}
	if negated {
		return call("not", call(name, args...)), nil
	}
	return call(name, args...), nil
}

// likeEach is [NOT] LIKE ANY (…) and LIKE ALL (…): an or, an and, of single ones; one call where all are text.
func (p *parser) likeEach(left expr.Expr, name string, negated bool) (expr.Expr, error) {
	join, quantifier := "or", "any"
	if p.next().upper() == "ALL" {
		join, quantifier = "and", "all"
	}
	p.next()
	patterns, err := list(p, ")", (*parser).expression)
	if err != nil {
		return nil, err
	}
	if texts := literalTexts(patterns, name == "ilike"); texts != nil {
		if name == "ilike" {
			left = call("lower", left)
		}
		called := "like" + quantifier
		if negated {
			called = "not" + called
		}
		return &expr.Call{Name: []string{called}, Args: append([]expr.Expr{left}, texts...), Internal: true}, nil
	}
	var out expr.Expr
	for _, pattern := range patterns {
		one := call(name, left, pattern)
		if negated {
			one = call("not", one)
		}
		if out == nil {
			out = one
		} else {
			out = call(join, out, one)
		}
	}
	return out, nil
}

// literalTexts gives the patterns if all are text literals, in lower case if asked, or nil.
func literalTexts(patterns []expr.Expr, lower bool) []expr.Expr {
	out := make([]expr.Expr, len(patterns))
	for i, e := range patterns {
		l, ok := e.(*expr.Literal)
		if !ok {
			return nil
		}
		s, ok := l.Value.(string)
		if !ok {
			return nil
		}
		if lower {
			s = strings.ToLower(s)
		}
		out[i] = stringLit(s)
	}
	return out
}

// is reads what follows IS.
func (p *parser) is(left expr.Expr) (expr.Expr, error) {
	negated := p.accept("NOT")
	var out expr.Expr
	switch t := p.next(); t.upper() {
	case "NULL":
		if negated {
			return call("isNotNull", left), nil
		}
		return call("isNull", left), nil
	case "UNKNOWN":
		name := "isunknown"
		if negated {
			name = "isnotunknown"
		}
		return &expr.Call{Name: []string{name}, Args: []expr.Expr{left}, Internal: true}, nil
	case "TRUE", "FALSE":
		out = call("<=>", left, boolLit(t.upper() == "TRUE"))
	case "DISTINCT":
		if err := p.expectWord("FROM"); err != nil {
			return nil, err
		}
		right, err := p.value()
		if err != nil {
			return nil, err
		}
		out, negated = call("<=>", left, right), !negated
	default:
		return nil, p.syntax(t, "")
	}
	if negated {
		out = call("not", out)
	}
	return out, nil
}

// namedExpression reads expression [[AS] alias | AS (a, b)].
func (p *parser) namedExpression() (expr.Expr, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	explicit := p.accept("AS")
	if explicit && p.isSymbol("(") || !explicit && p.isSymbol("(") && p.ahead(1).kind != symbol {
		names, err := p.identifierList()
		if err != nil {
			return nil, err
		}
		return &expr.Alias{Child: e, Names: names}, nil
	}
	t := p.peek()
	if explicit || t.kind == quoted || t.kind == word && !reserved[t.upper()] {
		name, err := p.identifier()
		if err != nil {
			return nil, err
		}
		return &expr.Alias{Child: e, Names: []string{name}}, nil
	}
	return e, nil
}

// sortItem reads expression [ASC|DESC] [NULLS FIRST|LAST].
func (p *parser) sortItem() (*expr.Sort, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	out := &expr.Sort{Child: e, NullsFirst: true}
	if p.accept("DESC") {
		out.Descending, out.NullsFirst = true, false
	} else {
		p.accept("ASC")
	}
	if p.accept("NULLS", "FIRST") {
		out.NullsFirst = true
	} else if p.accept("NULLS", "LAST") {
		out.NullsFirst = false
	}
	return out, nil
}

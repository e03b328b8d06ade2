package sql

import (
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// bareFunctions are called without parentheses.
var bareFunctions = map[string]string{
	"CURRENT_DATE": "current_date", "CURRENT_TIMESTAMP": "current_timestamp", "CURRENT_USER": "current_user",
	"USER": "user", "SESSION_USER": "session_user", "CURRENT_TIME": "current_time", "LOCALTIMESTAMP": "localtimestamp",
}

// specialRule is the grammar of a call with words inside; it starts after the word and its parenthesis.
func specialRule(name string) func(*parser) (expr.Expr, error) {
	switch name {
	case "CAST":
		return func(p *parser) (expr.Expr, error) { return p.cast(expr.CastSession) }
	case "TRY_CAST":
		return func(p *parser) (expr.Expr, error) { return p.cast(expr.CastTry) }
	case "EXTRACT":
		return (*parser).extract
	case "TRIM":
		return (*parser).trim
	case "SUBSTRING", "SUBSTR":
		return func(p *parser) (expr.Expr, error) { return p.fromFor(name) }
	case "POSITION":
		return (*parser).position
	case "OVERLAY":
		return (*parser).overlay
	case "STRUCT":
		return (*parser).structCall
	case "FIRST", "LAST", "ANY_VALUE":
		return func(p *parser) (expr.Expr, error) { return p.firstLast(name) }
	case "TIMESTAMPADD", "DATEADD", "DATE_ADD":
		return func(p *parser) (expr.Expr, error) { return p.unitCall(name, "timestampadd") }
	case "TIMESTAMPDIFF", "DATEDIFF", "DATE_DIFF", "TIMEDIFF":
		return func(p *parser) (expr.Expr, error) { return p.unitCall(name, "timestampdiff") }
	case "IDENTIFIER":
		return func(p *parser) (expr.Expr, error) { return nil, p.notBuilt(p.peek(), "the IDENTIFIER clause") }
	}
	return nil
}

// primary reads what has no operator around it.
func (p *parser) primary() (expr.Expr, error) {
	t := p.peek()
	switch t.kind {
	case number:
		return p.number("")
	case text:
		return stringLiteral(p.strings()), nil
	case param:
		return p.parameter(t)
	case symbol:
		return p.symbolPrimary(t)
	case word:
		if e, ok, err := p.keyword(t); ok || err != nil {
			return e, err
		}
	case end:
		return nil, p.syntax(t, "")
	}
	return p.name()
}

// parameter is the argument that a marker stands for.
func (p *parser) parameter(t token) (expr.Expr, error) {
	name := "_" + strconv.Itoa(t.start)
	var value expr.Expr
	if t.text != "?" {
		name = t.text[1:]
		value = p.args.Named[name]
	} else if n := p.markersBefore(); n < len(p.args.Positional) {
		value = p.args.Positional[n]
	}
	if value == nil {
		return nil, p.at(t, errs.New("UNBOUND_SQL_PARAMETER", "name", name))
	}
	p.next()
	return value, nil
}

// markersBefore counts the ?s before the next token.
func (p *parser) markersBefore() (n int) {
	for _, t := range p.tokens[:p.at_] {
		if t.kind == param && t.text == "?" {
			n++
		}
	}
	return n
}

func (p *parser) symbolPrimary(t token) (expr.Expr, error) {
	switch t.text {
	case "*":
		p.next()
		if p.isWord("EXCEPT") {
			return nil, p.notBuilt(p.peek(), "* EXCEPT")
		}
		return &expr.Star{PlanID: -1}, nil
	case "(":
		return p.parenthesis()
	}
	return nil, p.syntax(t, "")
}

// keyword reads the forms that begin with a word of their own; ok is false where t is a plain name.
func (p *parser) keyword(t token) (e expr.Expr, ok bool, err error) {
	if e, ok, err = p.typedLiteral(); ok || err != nil {
		return e, true, err
	}
	upper := t.upper()
	opens := p.ahead(1).kind == symbol && p.ahead(1).text == "("
	if rule := specialRule(upper); rule != nil && opens {
		mark := p.at_
		p.at_ += 2
		if e, err = rule(p); e == nil && err == nil {
			p.at_ = mark
			return nil, false, nil
		}
		if err == nil {
			e, err = p.over(e)
		}
		return e, true, err
	}
	switch upper {
	case "NULL":
		p.next()
		return nullLiteral(), true, nil
	case "TRUE", "FALSE":
		p.next()
		return boolLit(upper == "TRUE"), true, nil
	case "CASE":
		if opens || p.ahead(1).kind != symbol {
			p.next()
			e, err = p.caseWhen()
			return e, true, err
		}
	case "INTERVAL":
		if p.ahead(1).kind == text || p.ahead(1).kind == number || p.ahead(1).text == "-" && p.ahead(2).kind != symbol {
			p.next()
			e, err = p.interval(t)
			return e, true, err
		}
	case "EXISTS":
		if opens && wordIn(p.ahead(2), "SELECT", "WITH", "FROM") {
			return nil, true, p.notBuilt(t, "EXISTS (subquery)")
		}
	}
	if fn, bare := bareFunctions[upper]; bare && !opens && p.ahead(1).text != "." {
		p.next()
		return &expr.Call{Name: []string{fn}, Bare: t.text}, true, nil
	}
	return nil, false, nil
}

// parenthesis reads (expression), (a, b) as a struct, and (x, y) -> body.
func (p *parser) parenthesis() (expr.Expr, error) {
	if params, ok := p.lambdaParams(); ok {
		return p.lambda(params)
	}
	open := p.next()
	if p.isWord("SELECT", "WITH", "FROM", "VALUES") && p.ahead(1).text != ")" && p.ahead(1).text != "," {
		return nil, p.notBuilt(open, "a scalar subquery")
	}
	first, err := p.namedExpression()
	if err != nil {
		return nil, err
	}
	if p.acceptSymbol(",") {
		rest, err := list(p, ")", (*parser).namedExpression)
		if err != nil {
			return nil, err
		}
		return call("struct", append([]expr.Expr{first}, rest...)...), nil
	}
	return first, p.expectSymbol(")")
}

// lambdaParams takes (x, y) -> or x -> if it stands here.
func (p *parser) lambdaParams() ([]string, bool) {
	t := p.peek()
	if (t.kind == word || t.kind == quoted) && p.ahead(1).text == "->" {
		p.at_ += 2
		return []string{t.value}, true
	}
	if t.text != "(" {
		return nil, false
	}
	var names []string
	for n := 1; ; n += 2 {
		name, after := p.ahead(n), p.ahead(n+1)
		if name.kind != word && name.kind != quoted {
			return nil, false
		}
		names = append(names, name.value)
		if after.text == ")" && p.ahead(n+2).text == "->" {
			p.at_ += n + 3
			return names, true
		}
		if after.text != "," {
			return nil, false
		}
	}
}

func (p *parser) lambda(params []string) (expr.Expr, error) {
	body, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &expr.Lambda{Body: body, Params: params}, nil
}

// name reads a column, a qualified star or a call.
func (p *parser) name() (expr.Expr, error) {
	if params, ok := p.lambdaParams(); ok {
		return p.lambda(params)
	}
	parts, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		p.next()
		return p.call(parts)
	}
	if p.isSymbol(".") && p.ahead(1).text == "*" {
		p.at_ += 2
		return &expr.Star{Target: parts, PlanID: -1}, nil
	}
	return &expr.Name{Parts: parts, PlanID: -1}, nil
}

// caseWhen reads CASE after its word.
func (p *parser) caseWhen() (expr.Expr, error) {
	var subject expr.Expr
	var err error
	if !p.isWord("WHEN") {
		if subject, err = p.expression(); err != nil {
			return nil, err
		}
	}
	var args []expr.Expr
	for p.accept("WHEN") {
		first := p.peek()
		condition, err := p.expression()
		if err != nil {
			return nil, err
		}
		if subject != nil {
			condition = call("==", subject, condition)
		}
		if !p.accept("THEN") {
			return nil, p.syntax(first, "")
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, condition, value)
	}
	if len(args) == 0 {
		return nil, p.syntax(p.peek(), "")
	}
	if p.accept("ELSE") {
		otherwise, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, otherwise)
	}
	return call("when", args...), p.expectWord("END")
}

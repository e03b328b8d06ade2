package sql

import (
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// The rules here read calls with words inside: their name and parenthesis have been taken. A rule that gives neither
// an expression nor an error leaves the call to the plain grammar.

// plain reads the rest of a call with nothing but commas, whose first argument has been read.
func (p *parser) plain(name string, first expr.Expr, err error) (expr.Expr, error) {
	if err != nil {
		return nil, err
	}
	out := call(strings.ToLower(name), first)
	if p.acceptSymbol(",") {
		rest, err := items(p, (*parser).expression)
		if err != nil {
			return nil, err
		}
		out.Args = append(out.Args, rest...)
	}
	return out, p.expectSymbol(")")
}

func (p *parser) cast(mode expr.CastMode) (expr.Expr, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.expectWord("AS"); err != nil {
		return nil, err
	}
	to, err := p.dataType()
	if err != nil {
		return nil, err
	}
	return &expr.Cast{Child: e, To: to, Mode: mode}, p.expectSymbol(")")
}

func (p *parser) extract() (expr.Expr, error) {
	if p.peek().kind != word || !wordIn(p.ahead(1), "FROM") {
		return nil, nil
	}
	field := p.next().text
	p.next()
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return call("extract", stringLit(field), e), p.expectSymbol(")")
}

// trim reads trim(BOTH 'x' FROM s), trim(LEADING FROM s), trim('x' FROM s) and trim(s).
func (p *parser) trim() (expr.Expr, error) {
	name := "trim"
	switch {
	case p.isWord("BOTH", "LEADING", "TRAILING") && p.ahead(1).text != ")" && p.ahead(1).text != ",":
		name = map[string]string{"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[p.next().upper()]
		if p.accept("FROM") {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			return call(name, e), p.expectSymbol(")")
		}
	case p.isSymbol(")"):
		return nil, nil
	}
	first, err := p.expression()
	if err != nil {
		return nil, err
	}
	if !p.accept("FROM") {
		return p.plain(name, first, nil)
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return call(name, first, e), p.expectSymbol(")")
}

// fromFor reads substring(s FROM 1 FOR 2); with commas it is a plain call.
func (p *parser) fromFor(name string) (expr.Expr, error) {
	if p.isSymbol(")") {
		return nil, nil
	}
	e, err := p.expression()
	if err != nil || !p.accept("FROM") {
		return p.plain(name, e, err)
	}
	args := []expr.Expr{e}
	for {
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
		if len(args) == 3 || !p.accept("FOR") {
			return call(strings.ToLower(name), args...), p.expectSymbol(")")
		}
	}
}

// position reads position(a IN b), which Spark takes for locate.
func (p *parser) position() (expr.Expr, error) {
	if p.isSymbol(")") {
		return nil, nil
	}
	needle, err := p.value()
	if err != nil || !p.accept("IN") {
		return p.plain("position", needle, err)
	}
	in, err := p.value()
	if err != nil {
		return nil, err
	}
	return call("locate", needle, in), p.expectSymbol(")")
}

func (p *parser) overlay() (expr.Expr, error) {
	if p.isSymbol(")") {
		return nil, nil
	}
	e, err := p.expression()
	if err != nil || !p.accept("PLACING") {
		return p.plain("overlay", e, err)
	}
	args := []expr.Expr{e}
	for _, before := range []string{"", "FROM", "FOR"} {
		if before != "" && !p.accept(before) {
			if before == "FOR" {
				break
			}
			return nil, p.syntax(p.peek(), ": missing '"+before+"'")
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return call("overlay", args...), p.expectSymbol(")")
}

// structCall reads struct(a AS x, b): its fields may have aliases.
func (p *parser) structCall() (expr.Expr, error) {
	if p.isSymbol(")") {
		return nil, nil
	}
	fields, err := list(p, ")", (*parser).namedExpression)
	if err != nil {
		return nil, err
	}
	return call("struct", fields...), nil
}

// firstLast reads first(x IGNORE NULLS).
func (p *parser) firstLast(name string) (expr.Expr, error) {
	if p.isSymbol(")") || p.isWord("DISTINCT") {
		return nil, nil
	}
	e, err := p.expression()
	if err != nil || !p.accept("IGNORE", "NULLS") {
		return p.plain(name, e, err)
	}
	return call(strings.ToLower(name), e, &expr.Literal{Value: true, DataType: types.Boolean}), p.expectSymbol(")")
}

// unitCall reads dateadd(DAY, n, d), whose first argument is a bare unit.
func (p *parser) unitCall(name, to string) (expr.Expr, error) {
	_, known := unitOf(p.peek().text)
	if dayOfYear := p.isWord("DAYOFYEAR"); !known && !dayOfYear || p.ahead(1).text != "," || p.peek().kind != word {
		return nil, nil
	}
	unit := p.next()
	p.next()
	rest, err := list(p, ")", (*parser).expression)
	if err != nil {
		return nil, err
	}
	if len(rest) != 2 { // a column by the name of a unit
		return call(strings.ToLower(name), append([]expr.Expr{&expr.Name{Parts: []string{unit.value}, PlanID: -1}}, rest...)...), nil
	}
	return call(to, append([]expr.Expr{stringLit(unit.text)}, rest...)...), nil
}

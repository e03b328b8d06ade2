package sql

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

func nullLiteral() *expr.Literal { return &expr.Literal{DataType: types.Null} }

// call reads the arguments of a function whose name and parenthesis have been taken, and what may follow them.
func (p *parser) call(name []string) (expr.Expr, error) {
	out := &expr.Call{Name: name}
	if p.isWord("DISTINCT") && p.ahead(1).text != ")" && p.ahead(1).text != "," {
		p.next()
		out.Distinct = true
	} else if p.isWord("ALL") && p.ahead(1).text != ")" && p.ahead(1).text != "," {
		p.next()
	}
	if !p.acceptSymbol(")") {
		if err := p.arguments(out); err != nil {
			return nil, err
		}
		if err := p.expectSymbol(")"); err != nil {
			return nil, err
		}
	}
	if isCountStar(out) {
		out.Args = []expr.Expr{&expr.Literal{Value: int32(1), DataType: types.Int}}
	}
	return p.over(out)
}

// isCountStar says that the call counts rows: count(*) is count(1).
func isCountStar(c *expr.Call) bool {
	if len(c.Name) != 1 || asciiUpper(c.Name[0]) != "COUNT" || len(c.Args) != 1 || c.Distinct {
		return false
	}
	s, ok := c.Args[0].(*expr.Star)
	return ok && len(s.Target) == 0
}

func (p *parser) arguments(c *expr.Call) error {
	named := false
	for {
		name := ""
		if t := p.peek(); (t.kind == word || t.kind == quoted) && p.ahead(1).text == "=>" {
			p.at_ += 2
			name, named = t.value, true
		}
		arg, err := p.argument()
		if err != nil {
			return err
		}
		c.Args, c.ArgNames = append(c.Args, arg), append(c.ArgNames, name)
		if p.acceptSymbol(",") {
			continue
		}
		if !named {
			c.ArgNames = nil
		}
		return nil
	}
}

func (p *parser) argument() (expr.Expr, error) {
	if p.isWord("TABLE") && p.ahead(1).text == "(" {
		return nil, p.notBuilt(p.peek(), "TABLE arguments")
	}
	return p.expression()
}

// over reads FILTER (WHERE …), IGNORE NULLS and OVER (…) after a call.
func (p *parser) over(e expr.Expr) (expr.Expr, error) {
	c, isCall := e.(*expr.Call)
	if !isCall {
		return e, nil
	}
	if p.isWords("WITHIN", "GROUP") {
		return nil, p.notBuilt(p.peek(), "WITHIN GROUP")
	}
	if p.isWord("FILTER") && p.ahead(1).text == "(" && wordIn(p.ahead(2), "WHERE") {
		p.at_ += 3
		condition, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expectSymbol(")"); err != nil {
			return nil, err
		}
		c.Filter = condition
	}
	if p.isWords("IGNORE", "NULLS") || p.isWords("RESPECT", "NULLS") {
		ignore := p.isWord("IGNORE")
		p.at_ += 2
		if ignore {
			c.Args = append(c.Args, boolLit(true))
		}
	}
	if !p.isWord("OVER") {
		return c, nil
	}
	if p.ahead(1).text != "(" {
		return nil, p.notBuilt(p.peek(), "named windows")
	}
	p.at_ += 2
	return p.window(c)
}

// window reads the inside of OVER (…).
func (p *parser) window(fn expr.Expr) (expr.Expr, error) {
	out := &expr.Over{Fn: fn}
	var err error
	if p.accept("PARTITION", "BY") || p.accept("DISTRIBUTE", "BY") {
		if out.Partition, err = items(p, (*parser).expression); err != nil {
			return nil, err
		}
	}
	if p.accept("ORDER", "BY") || p.accept("SORT", "BY") {
		keys, err := items(p, (*parser).sortItem)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			out.Order = append(out.Order, k)
		}
	}
	if p.isWord("ROWS", "RANGE") {
		if out.Frame, err = p.frame(); err != nil {
			return nil, err
		}
	}
	return out, p.expectSymbol(")")
}

// frame reads ROWS|RANGE bound or BETWEEN bound AND bound. Preceding bounds are negative, the current row is zero.
func (p *parser) frame() (*expr.Frame, error) {
	out := &expr.Frame{Rows: p.next().upper() == "ROWS"}
	var err error
	if !p.accept("BETWEEN") {
		if out.Lower, err = p.bound(); err == nil {
			out.Upper = &expr.Literal{Value: int32(0), DataType: types.Int}
		}
		return out, err
	}
	if out.Lower, err = p.bound(); err != nil {
		return nil, err
	}
	if err := p.expectWord("AND"); err != nil {
		return nil, err
	}
	out.Upper, err = p.bound()
	return out, err
}

func (p *parser) bound() (expr.Expr, error) {
	if p.accept("UNBOUNDED", "PRECEDING") || p.accept("UNBOUNDED", "FOLLOWING") {
		return nil, nil
	}
	if p.accept("CURRENT", "ROW") {
		return &expr.Literal{Value: int32(0), DataType: types.Int}, nil
	}
	e, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.accept("PRECEDING") {
		return call("-", e), nil
	}
	return e, p.expectWord("FOLLOWING")
}

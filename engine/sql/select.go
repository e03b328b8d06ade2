package sql

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// selectQuery reads SELECT … [FROM …] WHERE GROUP BY HAVING; from is set where FROM stood before SELECT.
func (p *parser) selectQuery(from logical.Plan) (logical.Plan, error) {
	t := p.next()
	distinct := p.accept("DISTINCT")
	if !distinct && p.isWord("ALL") && p.ahead(1).text != "." {
		p.accept("ALL")
	}
	outputs, err := items(p, (*parser).namedExpression)
	if err != nil {
		return nil, err
	}
	if p.isWord("USING") {
		return nil, p.notBuilt(t, "SELECT TRANSFORM … USING")
	}
	if p.accept("FROM") {
		if from, err = p.from(); err != nil {
			return nil, err
		}
	}
	if from == nil {
		from = &logical.OneRow{}
	}
	if from, err = p.lateralViews(from); err != nil {
		return nil, err
	}
	if p.accept("WHERE") {
		condition, err := p.expression()
		if err != nil {
			return nil, err
		}
		from = &logical.Filter{Child: from, Condition: condition}
	}
	plan, err := p.grouped(from, outputs)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); p.isWord("QUALIFY") {
		return nil, p.notBuilt(t, "QUALIFY")
	}
	if distinct {
		plan = &logical.Distinct{Child: plan, All: true, Grouped: true}
	}
	return plan, nil
}

// grouped reads GROUP BY and HAVING over the select list.
func (p *parser) grouped(from logical.Plan, outputs []expr.Expr) (logical.Plan, error) {
	var plan logical.Plan
	if p.accept("GROUP", "BY") {
		t := p.peek()
		all := p.isWord("ALL") && p.ahead(1).kind != symbol
		if p.isWords("GROUPING", "SETS") || p.isWord("ROLLUP", "CUBE") && p.ahead(1).text == "(" {
			return nil, p.notBuilt(t, "GROUP BY "+t.upper())
		}
		var keys []expr.Expr
		var err error
		if all {
			p.next()
		} else if keys, err = items(p, (*parser).expression); err != nil {
			return nil, err
		}
		if p.isWord("WITH", "GROUPING") && wordIn(p.ahead(1), "ROLLUP", "CUBE", "SETS") {
			return nil, p.notBuilt(p.peek(), "GROUP BY … "+p.ahead(1).upper())
		}
		plan = &logical.Aggregate{Child: from, Keys: keys, Outputs: outputs, FromSQL: true, All: all}
	}
	if !p.accept("HAVING") {
		if plan == nil {
			plan = &logical.Project{Child: from, Exprs: outputs}
		}
		return plan, nil
	}
	condition, err := p.expression()
	if err != nil {
		return nil, err
	}
	if plan == nil {
		plan = &logical.Aggregate{Child: from, Outputs: outputs, FromSQL: true}
	}
	return &logical.Filter{Child: plan, Condition: condition, Having: true}, nil
}

// lateralViews reads LATERAL VIEW [OUTER] generator(…) table [AS a, b], any number of them.
func (p *parser) lateralViews(plan logical.Plan) (logical.Plan, error) {
	for p.accept("LATERAL", "VIEW") {
		out := &logical.LateralView{Child: plan, Outer: p.accept("OUTER")}
		name, err := p.qualifiedName()
		if err != nil {
			return nil, err
		}
		if err := p.expectSymbol("("); err != nil {
			return nil, err
		}
		if out.Generator, err = p.call(name); err != nil {
			return nil, err
		}
		if t := p.peek(); (t.kind == word && !reserved[t.upper()] && !joinWords[t.upper()]) || t.kind == quoted {
			out.Name = p.next().value
		}
		if p.accept("AS") {
			if out.Columns, err = items(p, (*parser).identifier); err != nil {
				return nil, err
			}
		}
		plan = out
	}
	return plan, nil
}

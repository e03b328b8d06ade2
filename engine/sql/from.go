package sql

import (
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// from reads relations: commas are cross joins.
func (p *parser) from() (logical.Plan, error) {
	plan, err := p.joined()
	for err == nil && p.acceptSymbol(",") {
		var right logical.Plan
		if right, err = p.joined(); err == nil {
			plan = &logical.Join{Left: plan, Right: right, Type: logical.Inner}
		}
	}
	if err != nil {
		return nil, err
	}
	if t := p.peek(); p.isWord("PIVOT", "UNPIVOT") {
		return nil, p.notBuilt(t, t.upper())
	}
	return p.lateralViews(plan)
}

// joinKinds are the words before JOIN and the kind they mean.
var joinKinds = []struct {
	words []string
	kind  logical.JoinType
}{
	{[]string{"JOIN"}, logical.Inner}, {[]string{"INNER", "JOIN"}, logical.Inner}, {[]string{"CROSS", "JOIN"}, logical.Cross},
	{[]string{"LEFT", "OUTER", "JOIN"}, logical.LeftOuter}, {[]string{"LEFT", "SEMI", "JOIN"}, logical.LeftSemi},
	{[]string{"LEFT", "ANTI", "JOIN"}, logical.LeftAnti}, {[]string{"LEFT", "JOIN"}, logical.LeftOuter},
	{[]string{"SEMI", "JOIN"}, logical.LeftSemi}, {[]string{"ANTI", "JOIN"}, logical.LeftAnti},
	{[]string{"RIGHT", "OUTER", "JOIN"}, logical.RightOuter}, {[]string{"RIGHT", "JOIN"}, logical.RightOuter},
	{[]string{"FULL", "OUTER", "JOIN"}, logical.FullOuter}, {[]string{"FULL", "JOIN"}, logical.FullOuter},
}

func (p *parser) joinKind() (logical.JoinType, bool) {
	for _, k := range joinKinds {
		if p.accept(k.words...) {
			return k.kind, true
		}
	}
	return "", false
}

// joined reads a relation and the joins that follow it, left to right.
func (p *parser) joined() (logical.Plan, error) {
	left, err := p.relation()
	for err == nil {
		if t := p.peek(); p.isWord("NATURAL") {
			return nil, p.notBuilt(t, "NATURAL JOIN")
		}
		kind, ok := p.joinKind()
		if !ok {
			return left, nil
		}
		if t := p.peek(); p.isWord("LATERAL") {
			return nil, p.notBuilt(t, "JOIN LATERAL")
		}
		var right logical.Plan
		if right, err = p.relation(); err != nil {
			break
		}
		join := &logical.Join{Left: left, Right: right, Type: kind}
		switch {
		case p.accept("ON"):
			join.Condition, err = p.expression()
		case p.accept("USING"):
			join.Using, err = p.identifierList()
		}
		left = join
	}
	return nil, err
}

// relation reads a table, a subquery, VALUES or a table function, with its alias.
func (p *parser) relation() (logical.Plan, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	t := p.peek()
	switch {
	case p.isWord("VALUES") && p.ahead(1).text != ".":
		return p.valuesAlias()
	case p.isWord("LATERAL") && p.ahead(1).text == "(":
		return nil, p.notBuilt(t, "LATERAL subqueries")
	case p.isSymbol("("):
		return p.parenthesised()
	case p.isWord("STREAM") && (p.ahead(1).text == "(" || p.ahead(1).kind == quoted || p.ahead(1).kind == word && !reserved[p.ahead(1).upper()] && !joinWords[p.ahead(1).upper()]):
		return p.stream()
	case t.kind != word && t.kind != quoted:
		return nil, p.syntax(t, "")
	}
	name, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		return p.tableFunction(t, name)
	}
	if p.isWord("TABLESAMPLE") {
		return nil, p.notBuilt(p.peek(), "TABLESAMPLE")
	}
	if p.isWords("FOR") || p.isWords("VERSION", "AS") || p.isWords("TIMESTAMP", "AS", "OF") {
		return nil, p.notBuilt(p.peek(), "time travel")
	}
	return p.tableAlias(p.relationNamed(name))
}

// stream reads STREAM table and STREAM(table): the table as a stream.
func (p *parser) stream() (logical.Plan, error) {
	p.next()
	bracketed := p.acceptSymbol("(")
	name, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	if bracketed {
		if err := p.expectSymbol(")"); err != nil {
			return nil, err
		}
	}
	return p.tableAlias(&logical.Named{Parts: name, Streaming_: true})
}

// parenthesised reads (query) or (relation JOIN …) with its alias.
func (p *parser) parenthesised() (logical.Plan, error) {
	p.next()
	var plan logical.Plan
	var err error
	if p.isWord("SELECT", "WITH", "VALUES", "FROM", "TABLE") || p.isSymbol("(") {
		plan, err = p.query()
	} else {
		plan, err = p.joined()
	}
	if err != nil {
		return nil, err
	}
	if err := p.closeQuery(); err != nil {
		return nil, err
	}
	return p.tableAlias(plan)
}

// relationNamed is a WITH name in scope, or a table of the catalog.
func (p *parser) relationNamed(name []string) logical.Plan {
	if len(name) == 1 {
		for i := len(p.ctes) - 1; i >= 0; i-- {
			if strings.EqualFold(p.ctes[i].name, name[0]) {
				return &logical.SubqueryAlias{Child: p.ctes[i].plan, Name: p.ctes[i].name}
			}
		}
	}
	return &logical.Named{Parts: name}
}

// tableAlias reads [AS] name [(columns)]; a table without one goes by its own name.
func (p *parser) tableAlias(plan logical.Plan) (logical.Plan, error) {
	explicit := p.accept("AS")
	t := p.peek()
	if !explicit && (t.kind != quoted && (t.kind != word || joinWords[t.upper()])) {
		return plan, nil
	}
	name, err := p.identifier()
	if err != nil {
		return nil, err
	}
	if p.isSymbol("(") {
		columns, err := p.identifierList()
		if err != nil {
			return nil, err
		}
		plan = renamed(plan, columns)
	}
	return &logical.SubqueryAlias{Child: plan, Name: name}, nil
}

// tableFunction reads range(…); others are refused by name.
func (p *parser) tableFunction(t token, name []string) (logical.Plan, error) {
	if len(name) != 1 || !strings.EqualFold(name[0], "range") {
		return nil, p.notBuilt(t, "the table function "+strings.Join(name, "."))
	}
	p.next()
	args, err := list(p, ")", (*parser).expression)
	if err != nil {
		return nil, err
	}
	var n []int64
	for _, a := range args {
		l, ok := a.(*expr.Literal)
		if !ok || !types.IsIntegral(l.DataType) {
			return nil, p.notBuilt(t, "range with an expression")
		}
		n = append(n, integerOf(l))
	}
	out := &logical.Range{Step: 1}
	switch len(n) {
	case 1:
		out.End = n[0]
	case 2, 3, 4:
		out.Start, out.End = n[0], n[1]
		if len(n) > 2 {
			out.Step = n[2]
		}
		if len(n) > 3 {
			out.Partitions = int(n[3])
		}
	default:
		return nil, p.syntax(t, "")
	}
	return p.tableAlias(out)
}

func integerOf(l *expr.Literal) int64 {
	switch v := l.Value.(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	}
	return 0
}

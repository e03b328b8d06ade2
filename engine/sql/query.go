package sql

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// statements are the words that begin what is no query; each is refused by its name.
var statements = map[string]bool{}

var _ = fill(statements, `CREATE DROP ALTER INSERT UPDATE DELETE MERGE SHOW DESCRIBE DESC EXPLAIN SET RESET USE CACHE UNCACHE
	REFRESH ANALYZE TRUNCATE LOAD MSCK GRANT REVOKE COMMENT CLEAR ADD LIST DECLARE EXECUTE CALL BEGIN REPLACE LOCK UNLOCK
	START COMMIT ROLLBACK DFS EXPORT IMPORT REPAIR`)

// statement reads what spark.sql is given.
func (p *parser) statement() (logical.Plan, error) {
	t := p.peek()
	if statements[t.upper()] {
		name := t.upper()
		for n := 1; n < 4 && p.ahead(n).kind == word && isObject(p.ahead(n).upper()); n++ {
			name += " " + p.ahead(n).upper()
		}
		return nil, p.notBuilt(t, "the SQL statement "+name)
	}
	return p.query()
}

func isObject(word string) bool {
	switch word {
	case "TABLE", "TABLES", "VIEW", "VIEWS", "DATABASE", "DATABASES", "SCHEMA", "SCHEMAS", "FUNCTION", "FUNCTIONS", "COLUMNS",
		"TEMP", "TEMPORARY", "GLOBAL", "OR", "REPLACE", "INTO", "OVERWRITE", "CATALOG", "CATALOGS", "PARTITIONS", "VARIABLE", "IMMEDIATE":
		return true
	}
	return false
}

// query reads [WITH …] terms joined by UNION, then ORDER BY, LIMIT and OFFSET.
func (p *parser) query() (logical.Plan, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	scope := len(p.ctes)
	defer func() { p.ctes = p.ctes[:scope] }()
	if p.isWord("WITH") {
		if err := p.with(); err != nil {
			return nil, err
		}
	}
	plan, err := p.setOperation()
	if err != nil {
		return nil, err
	}
	return p.organisation(plan)
}

// with reads WITH name [(columns)] AS (query), …; each name is seen by those after it.
func (p *parser) with() error {
	p.next()
	if p.isWord("RECURSIVE") && p.ahead(1).text != "(" && !wordIn(p.ahead(1), "AS") {
		return p.notBuilt(p.peek(), "WITH RECURSIVE")
	}
	for {
		name, err := p.identifier()
		if err != nil {
			return err
		}
		var columns []string
		if p.isSymbol("(") {
			if columns, err = p.identifierList(); err != nil {
				return err
			}
		}
		p.accept("AS")
		if err := p.expectSymbol("("); err != nil {
			return err
		}
		plan, err := p.query()
		if err != nil {
			return err
		}
		if err := p.expectSymbol(")"); err != nil {
			return err
		}
		p.ctes = append(p.ctes, cte{name, renamed(plan, columns)})
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func renamed(plan logical.Plan, columns []string) logical.Plan {
	if len(columns) == 0 {
		return plan
	}
	return &logical.Rename{Child: plan, To: columns}
}

// setOperation reads terms and UNIONs; INTERSECT and EXCEPT are refused.
func (p *parser) setOperation() (logical.Plan, error) {
	left, err := p.queryTerm()
	for err == nil {
		t := p.peek()
		switch {
		case p.accept("UNION"):
			all := p.accept("ALL")
			if !all {
				p.accept("DISTINCT")
			}
			if p.isWords("BY", "NAME") {
				return nil, p.notBuilt(t, "UNION BY NAME")
			}
			var right logical.Plan
			if right, err = p.queryTerm(); err == nil {
				left = &logical.Union{Inputs: []logical.Plan{left, right}}
				if !all {
					left = &logical.Distinct{Child: left, All: true, Grouped: true}
				}
			}
		case p.isWord("INTERSECT", "EXCEPT", "MINUS"):
			return nil, p.notBuilt(t, "the set operation "+t.upper())
		default:
			return left, nil
		}
	}
	return nil, err
}

func (p *parser) queryTerm() (logical.Plan, error) {
	t := p.peek()
	switch {
	case p.isWord("SELECT"):
		return p.selectQuery(nil)
	case p.isWord("VALUES"):
		return p.valuesAlias()
	case p.accept("TABLE"):
		name, err := p.qualifiedName()
		if err != nil {
			return nil, err
		}
		return p.relationNamed(name), nil
	case p.isWord("FROM"):
		p.next()
		from, err := p.from()
		if err != nil {
			return nil, err
		}
		if !p.isWord("SELECT") {
			return nil, p.notBuilt(t, "FROM without SELECT")
		}
		return p.selectQuery(from)
	case p.acceptSymbol("("):
		plan, err := p.query()
		if err != nil {
			return nil, err
		}
		return plan, p.closeQuery()
	}
	return nil, p.syntax(t, "")
}

// valuesAlias reads VALUES (…), (…) [AS t(a, b)].
func (p *parser) valuesAlias() (logical.Plan, error) {
	plan, err := p.values()
	if err != nil {
		return nil, err
	}
	return p.tableAlias(plan)
}

func (p *parser) values() (logical.Plan, error) {
	p.next()
	rows, err := items(p, (*parser).expression)
	if err != nil {
		return nil, err
	}
	out := &logical.Values{}
	for _, row := range rows {
		if c, ok := row.(*expr.Call); ok && len(c.Name) == 1 && c.Name[0] == "struct" {
			out.Rows = append(out.Rows, c.Args)
		} else {
			out.Rows = append(out.Rows, []expr.Expr{row})
		}
	}
	return out, nil
}

// organisation reads what orders and cuts a whole query.
func (p *parser) organisation(plan logical.Plan) (logical.Plan, error) {
	t := p.peek()
	switch {
	case p.accept("ORDER", "BY"):
		if p.isWord("ALL") && p.ahead(1).kind != symbol {
			return nil, p.notBuilt(t, "ORDER BY ALL")
		}
		return p.sorted(plan, true)
	case p.accept("SORT", "BY"):
		return p.sorted(plan, false)
	case p.accept("DISTRIBUTE", "BY"):
		keys, err := items(p, (*parser).expression)
		if err != nil {
			return nil, err
		}
		plan = &logical.Repartition{Child: plan, Keys: keys, Shuffle: true}
		if p.accept("SORT", "BY") {
			return p.sorted(plan, false)
		}
	case p.accept("CLUSTER", "BY"):
		return nil, p.notBuilt(t, "CLUSTER BY")
	case p.isWord("WINDOW") && wordIn(p.ahead(2), "AS"):
		return nil, p.notBuilt(t, "named windows")
	}
	return p.cut(plan)
}

func (p *parser) sorted(plan logical.Plan, global bool) (logical.Plan, error) {
	keys, err := items(p, (*parser).sortItem)
	if err != nil {
		return nil, err
	}
	out := &logical.Sort{Child: plan, Global: global}
	for _, k := range keys {
		out.Order = append(out.Order, k)
	}
	return p.cut(out)
}

// cut reads LIMIT and OFFSET, in that order, and applies OFFSET first.
func (p *parser) cut(plan logical.Plan) (logical.Plan, error) {
	var limit, offset expr.Expr
	var err error
	if p.accept("LIMIT") && !p.accept("ALL") {
		if limit, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if p.accept("OFFSET") {
		if offset, err = p.expression(); err != nil {
			return nil, err
		}
		plan = &logical.Offset{Child: plan, N: -1, Count: offset}
	}
	if limit != nil {
		plan = &logical.Limit{Child: plan, N: -1, Count: limit}
	}
	return plan, nil
}

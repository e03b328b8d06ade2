package sql

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// Command is a statement that is no query: the session runs it. It is one of the types below.
type Command interface{ command() }

// CreateTable is CREATE TABLE … USING …, with what AS selects.
type CreateTable struct {
	Name        []string
	IfNotExists bool
	// Columns are nil where the files, or the query, say what they are.
	Columns             *types.Struct
	Provider            string
	PartitionBy         []string
	Options, Properties map[string]string
	Location, Comment   string
	Query               logical.Plan
}

// ReplaceTable is REPLACE TABLE and CREATE OR REPLACE TABLE, which only catalogs of other kinds can.
type ReplaceTable struct{ Name []string }

// DropTable is DROP TABLE; DropView DROP VIEW.
type DropTable struct {
	Name     []string
	IfExists bool
}
type DropView struct {
	Name     []string
	IfExists bool
}

// Insert is INSERT INTO and INSERT OVERWRITE. Columns, if given, are those that the query's stand for.
type Insert struct {
	Name      []string
	Overwrite bool
	Columns   []string
	Query     logical.Plan
}

// Truncate is TRUNCATE TABLE.
type Truncate struct{ Name []string }

// ShowTables is SHOW TABLES; an empty pattern means all.
type ShowTables struct {
	Database []string
	Pattern  string
}

// CreateView is CREATE TEMPORARY VIEW … AS.
type CreateView struct {
	Name    []string
	Replace bool
	Query   logical.Plan
}

func (*CreateTable) command()  {}
func (*ReplaceTable) command() {}
func (*DropTable) command()    {}
func (*DropView) command()     {}
func (*Insert) command()       {}
func (*Truncate) command()     {}
func (*ShowTables) command()   {}
func (*CreateView) command()   {}

// ParseCommand reads a statement that is no query; nil where the text is a query, or a statement that is not built,
// which ParseQueryWith refuses by its name.
func ParseCommand(src string, args Args) (Command, error) {
	if c, err := parseSetting(src); c != nil || err != nil {
		return c, err
	}
	p, err := newParser(src)
	if err != nil || !statements[p.peek().upper()] {
		return nil, nil
	}
	p.args = args
	out, err := p.commandStatement()
	if err != nil || out == nil {
		return nil, err
	}
	p.acceptSymbol(";")
	if t := p.peek(); t.kind != end {
		hint := ""
		if p.ahead(1).kind == end {
			hint = ": extra input '" + t.text + "'"
		}
		return nil, p.syntax(t, hint)
	}
	return out, nil
}

func (p *parser) commandStatement() (Command, error) {
	switch {
	case p.accept("CREATE", "TABLE"):
		return p.createTable()
	case p.accept("CREATE", "OR", "REPLACE", "TABLE") || p.accept("REPLACE", "TABLE"):
		return p.replaceTable()
	case p.accept("DROP", "TABLE"):
		name, ifExists, err := p.dropped()
		p.accept("PURGE")
		return &DropTable{name, ifExists}, err
	case p.accept("DROP", "VIEW"):
		name, ifExists, err := p.dropped()
		return &DropView{name, ifExists}, err
	case p.isWords("INSERT", "INTO") || p.isWords("INSERT", "OVERWRITE") && !wordIn(p.ahead(2), "LOCAL", "DIRECTORY"):
		return p.insert()
	case p.accept("TRUNCATE", "TABLE"):
		name, err := p.qualifiedName()
		if err == nil && p.isWord("PARTITION") {
			err = p.notBuilt(p.peek(), "TRUNCATE TABLE PARTITION")
		}
		return &Truncate{name}, err
	case p.accept("SHOW", "TABLES"):
		return p.showTables()
	case p.accept("CREATE", "TEMPORARY", "VIEW") || p.accept("CREATE", "TEMP", "VIEW"):
		return p.createView(false)
	case p.accept("CREATE", "OR", "REPLACE", "TEMPORARY", "VIEW") || p.accept("CREATE", "OR", "REPLACE", "TEMP", "VIEW"):
		return p.createView(true)
	}
	return nil, nil
}

func (p *parser) dropped() (name []string, ifExists bool, err error) {
	ifExists = p.accept("IF", "EXISTS")
	name, err = p.qualifiedName()
	return name, ifExists, err
}

func (p *parser) showTables() (Command, error) {
	out := &ShowTables{}
	var err error
	if p.accept("IN") || p.accept("FROM") {
		if out.Database, err = p.qualifiedName(); err != nil {
			return nil, err
		}
	}
	if p.accept("LIKE") || p.peek().kind == text {
		out.Pattern, err = p.textValue()
	}
	return out, err
}

// textValue takes a string literal.
func (p *parser) textValue() (string, error) {
	t := p.peek()
	if t.kind != text {
		return "", p.syntax(t, "")
	}
	p.next()
	return t.value, nil
}

func (p *parser) createView(replace bool) (Command, error) {
	name, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); p.isSymbol("(") || p.isWord("COMMENT", "TBLPROPERTIES", "USING") {
		return nil, p.notBuilt(t, "CREATE TEMPORARY VIEW with "+t.text)
	}
	if err := p.expectWord("AS"); err != nil {
		return nil, err
	}
	query, err := p.query()
	return &CreateView{Name: name, Replace: replace, Query: query}, err
}

func (p *parser) insert() (Command, error) {
	p.next()
	out := &Insert{Overwrite: p.next().upper() == "OVERWRITE"}
	p.accept("TABLE")
	var err error
	if out.Name, err = p.qualifiedName(); err != nil {
		return nil, err
	}
	if t := p.peek(); p.isWord("PARTITION", "REPLACE", "WITH") || p.isWords("IF") || p.isWords("BY", "NAME") {
		return nil, p.notBuilt(t, "INSERT with "+t.upper())
	}
	if p.isSymbol("(") && p.ahead(1).kind != end && !wordIn(p.ahead(1), "SELECT", "WITH", "VALUES", "FROM", "TABLE") && p.ahead(1).text != "(" {
		if out.Columns, err = p.identifierList(); err != nil {
			return nil, err
		}
	}
	out.Query, err = p.query()
	return out, err
}

func (p *parser) createTable() (Command, error) {
	out := &CreateTable{IfNotExists: p.accept("IF", "NOT", "EXISTS")}
	var err error
	if out.Name, err = p.qualifiedName(); err != nil {
		return nil, err
	}
	first := p.peek()
	if p.isSymbol("(") {
		if out.Columns, err = p.columnList(); err != nil {
			return nil, err
		}
	}
	if p.accept("USING") {
		if out.Provider, err = p.identifier(); err != nil {
			return nil, err
		}
	}
	if err := p.clauses(out); err != nil {
		return nil, err
	}
	if !p.accept("AS") && !p.isWord("SELECT", "WITH", "VALUES", "FROM") && !p.isSymbol("(") {
		return out, nil
	}
	if out.Columns != nil {
		return nil, p.at(first, errs.New("_LEGACY_ERROR_TEMP_0035", "message", "Schema may not be specified in a Create Table As Select (CTAS) statement."))
	}
	out.Query, err = p.query()
	return out, err
}

// replaceTable is what files as tables cannot do.
func (p *parser) replaceTable() (Command, error) {
	name, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	p.at_ = len(p.tokens) - 1
	return &ReplaceTable{name}, nil
}

// columnList is (a INT, b STRING NOT NULL COMMENT 'x', …): its extent is found by its brackets, its meaning by types.ParseDDL.
func (p *parser) columnList() (*types.Struct, error) {
	first := p.next()
	for nesting := 1; nesting > 0; {
		t := p.next()
		if t.kind == end {
			return nil, p.syntax(t, "")
		}
		switch {
		case t.kind == symbol && t.text == "(":
			nesting++
		case t.kind == symbol && t.text == ")":
			nesting--
		}
	}
	inside := p.src[first.stop:p.tokens[p.at_-1].start]
	s, err := types.ParseDDL(inside)
	if e := errs.As(err); e != nil && e.Detail == "" {
		return nil, p.at(first, e)
	}
	return &s, err
}

// clauses are what stands between USING and AS, in any order.
func (p *parser) clauses(out *CreateTable) (err error) {
	for err == nil {
		t := p.peek()
		switch {
		case p.accept("PARTITIONED", "BY"):
			if p.isSymbol("(") && p.ahead(2).text != "," && p.ahead(2).text != ")" {
				return p.notBuilt(t, "PARTITIONED BY with a transform or a type")
			}
			out.PartitionBy, err = p.identifierList()
		case p.accept("OPTIONS"):
			out.Options, err = p.properties()
		case p.accept("TBLPROPERTIES"):
			out.Properties, err = p.properties()
		case p.accept("LOCATION"):
			out.Location, err = p.textValue()
		case p.accept("COMMENT"):
			out.Comment, err = p.textValue()
		case p.isWord("CLUSTERED", "CLUSTER", "DEFAULT", "WITH", "ROW", "STORED"):
			return p.notBuilt(t, "CREATE TABLE with "+t.upper())
		default:
			return nil
		}
	}
	return err
}

// properties is (key 'value', a.b = true, …).
func (p *parser) properties() (map[string]string, error) {
	if err := p.expectSymbol("("); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for {
		key := ""
		if t := p.peek(); t.kind == text {
			key = p.next().value
		} else {
			parts, err := p.qualifiedName()
			if err != nil {
				return nil, err
			}
			key = strings.Join(parts, ".")
		}
		p.acceptSymbol("=")
		t := p.next()
		switch t.kind {
		case text:
			out[key] = t.value
		case number:
			out[key] = t.text
		case word:
			out[key] = strings.ToLower(t.text)
		default:
			return nil, p.syntax(t, "")
		}
		if !p.acceptSymbol(",") {
			return out, p.expectSymbol(")")
		}
	}
}

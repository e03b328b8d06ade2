package types

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
)

// ParseDDL reads a table schema: "a BIGINT, b STRING NOT NULL COMMENT 'x'".
func ParseDDL(text string) (Struct, error) {
	p := parser{tokens: lex(text), table: true}
	if p.peek().kind == tokenEnd {
		return Struct{}, errs.New("PARSE_EMPTY_STATEMENT")
	}
	s := Struct{}
	for {
		f, err := p.field(false)
		if err != nil {
			return Struct{}, err
		}
		s.Fields = append(s.Fields, f)
		if !p.accept(",") {
			break
		}
	}
	if p.peek().kind != tokenEnd {
		return s, syntax(p.peek())
	}
	return s, nil
}

// ParseType reads one type: "array<int>", "struct<a: int, b string>".
func ParseType(text string) (Type, error) { return parseType(text, false) }

// ParseColumnType is ParseType for what columns are stored as: CHAR(n) and VARCHAR(n) are refused.
func ParseColumnType(text string) (Type, error) { return parseType(text, true) }

func parseType(text string, stored bool) (Type, error) {
	p := parser{tokens: lex(text), table: stored}
	if p.peek().kind == tokenEnd {
		return nil, errs.New("PARSE_EMPTY_STATEMENT")
	}
	t, err := p.dataType()
	if e := errs.As(err); e != nil && e.Name == "UNSUPPORTED_DATATYPE" && p.peek().kind != tokenEnd {
		return nil, p.end() // what does not parse goes before what is not supported
	}
	if err != nil {
		return nil, err
	}
	return t, p.end()
}

// ParseSchema reads what PySpark takes as a type in text: a table schema, or a type, or "a: int, b: string".
// The error is that of the first form.
func ParseSchema(text string) (Type, error) {
	s, first := ParseDDL(text)
	if first == nil {
		return s, nil
	}
	if t, err := ParseType(text); err == nil {
		return t, nil
	}
	if t, err := ParseType("struct<" + strings.TrimSpace(text) + ">"); err == nil {
		return t, nil
	}
	return nil, first
}

type parser struct {
	tokens []token
	at     int
	// table schemas refuse CHAR(n) and VARCHAR(n), which elsewhere are STRING.
	table bool
	depth int
}

// maxDepth bounds how deep types nest in a text.
const maxDepth = 1000

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(word string) bool {
	if p.peek().is(word) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(word string) error {
	if !p.accept(word) {
		return syntax(p.peek())
	}
	return nil
}

func (p *parser) end() error {
	t := p.next()
	if t.kind == tokenEnd {
		return nil
	}
	if p.peek().kind == tokenEnd {
		return errs.New("PARSE_SYNTAX_ERROR", "error", t.shown(), "hint", ": extra input "+t.shown())
	}
	return syntax(t)
}

func syntax(t token) error { return errs.New("PARSE_SYNTAX_ERROR", "error", t.shown(), "hint", "") }

// field reads name type [NOT NULL] [COMMENT 'text']; inside a struct a colon may follow the name.
func (p *parser) field(inStruct bool) (Field, error) {
	name := p.next()
	if name.kind != tokenWord && name.kind != tokenQuoted {
		return Field{}, syntax(name)
	}
	if name.kind == tokenWord && p.peek().is("-") {
		ident := name.text
		for p.accept("-") {
			ident += "-" + p.next().text
		}
		return Field{}, errs.New("INVALID_IDENTIFIER", "ident", ident)
	}
	if inStruct {
		p.accept(":")
	}
	t, err := p.dataType()
	if err != nil {
		return Field{}, err
	}
	f := Field{Name: name.text, Type: t, Nullable: true}
	if p.accept("NOT") {
		if err := p.expect("NULL"); err != nil {
			return Field{}, err
		}
		f.Nullable = false
	}
	if p.accept("COMMENT") {
		c := p.next()
		if c.kind != tokenText {
			return Field{}, syntax(c)
		}
		f.Metadata = `{"comment":` + quoteJSON(c.text) + `}`
	}
	return f, nil
}

func (p *parser) dataType() (Type, error) {
	t := p.next()
	if t.kind != tokenWord {
		return nil, syntax(t)
	}
	word := strings.ToUpper(t.text)
	switch word {
	case "ARRAY", "MAP", "STRUCT":
		return p.nested(word)
	case "INTERVAL":
		return p.interval()
	case "TIMESTAMP":
		return p.timestamp()
	}
	sizes, err := p.sizes()
	if err != nil {
		return nil, err
	}
	return p.scalar(word, sizes)
}

func (p *parser) nested(word string) (Type, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, syntax(p.peek())
	}
	defer func() { p.depth-- }()
	if word == "STRUCT" && p.accept("<>") {
		return Struct{}, nil
	}
	if !p.peek().is("<") {
		if p.peek().is("<>") {
			return nil, syntax(p.peek())
		}
		if word == "ARRAY" {
			return nil, errs.New("INCOMPLETE_TYPE_DEFINITION.ARRAY", "elementType", "<INT>")
		}
		return nil, errs.New("INCOMPLETE_TYPE_DEFINITION." + word)
	}
	open := p.next()
	switch word {
	case "ARRAY":
		e, err := p.dataType()
		if err != nil {
			return nil, err
		}
		return Array{Elem: e, ContainsNull: true}, p.expect(">")
	case "MAP":
		k, err := p.dataType()
		if err != nil {
			return nil, err
		}
		if !p.accept(",") {
			return nil, syntax(open)
		}
		v, err := p.dataType()
		if err != nil {
			return nil, err
		}
		return Map{Key: k, Value: v, ValueContainsNull: true}, p.expect(">")
	}
	s := Struct{}
	for !p.peek().is(">") {
		f, err := p.field(true)
		if err != nil {
			return nil, err
		}
		s.Fields = append(s.Fields, f)
		if !p.accept(",") {
			break
		}
	}
	return s, p.expect(">")
}

func (p *parser) timestamp() (Type, error) {
	switch {
	case p.accept("WITHOUT"):
		return TimestampNTZ, p.words("TIME", "ZONE")
	case p.accept("WITH"):
		return Timestamp, p.words("LOCAL", "TIME", "ZONE")
	}
	sizes, err := p.sizes()
	if err != nil {
		return nil, err
	}
	return p.scalar("TIMESTAMP", sizes)
}

func (p *parser) words(words ...string) error {
	for _, w := range words {
		if err := p.expect(w); err != nil {
			return err
		}
	}
	return nil
}

// interval reads INTERVAL [unit [TO unit]].
func (p *parser) interval() (Type, error) {
	unit := func(t token) (Unit, bool) {
		for u, name := range unitNames {
			if t.kind == tokenWord && strings.EqualFold(t.text, name) {
				return Unit(u), true
			}
		}
		return 0, false
	}
	from, ok := unit(p.peek())
	if !ok {
		return CalendarInterval, nil
	}
	p.next()
	if !p.accept("TO") {
		return Intervals(from, from), nil
	}
	t := p.next()
	to, ok := unit(t)
	if !ok || to <= from || (from <= Month) != (to <= Month) {
		return nil, syntax(t)
	}
	return Intervals(from, to), nil
}

func (p *parser) sizes() ([]int, error) {
	if !p.accept("(") {
		return nil, nil
	}
	var out []int
	for {
		minus := p.accept("-")
		t := p.next()
		n, err := strconv.Atoi(t.text)
		if t.kind != tokenNumber || err != nil {
			return nil, syntax(t)
		}
		if minus {
			n = -n
		}
		out = append(out, n)
		if !p.accept(",") {
			return out, p.expect(")")
		}
	}
}

var scalars = map[string]Type{"BOOLEAN": Boolean, "TINYINT": Byte, "BYTE": Byte, "SMALLINT": Short, "SHORT": Short,
	"INT": Int, "INTEGER": Int, "BIGINT": Long, "LONG": Long, "FLOAT": Float, "REAL": Float, "DOUBLE": Double,
	"DATE": Date, "TIMESTAMP": Timestamp, "TIMESTAMP_NTZ": TimestampNTZ, "TIMESTAMP_LTZ": Timestamp, "STRING": String,
	"BINARY": Binary, "VOID": Null}

// scalar is the type of a name with sizes; every failure is the one that PySpark gives.
func (p *parser) scalar(word string, sizes []int) (Type, error) {
	if t, ok := scalars[word]; ok && sizes == nil {
		return t, nil
	}
	switch word {
	case "DECIMAL", "DEC", "NUMERIC":
		if len(sizes) <= 2 {
			return decimalType(sizes)
		}
	case "CHAR", "CHARACTER", "VARCHAR":
		if sizes == nil {
			return nil, errs.New("DATATYPE_MISSING_SIZE", "type", `"`+word+`"`)
		}
		if len(sizes) == 1 && !p.table {
			return String, nil
		}
		if len(sizes) == 1 {
			return nil, errs.New("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING")
		}
	case "TIME", "VARIANT", "GEOMETRY", "GEOGRAPHY":
		return nil, errs.NotBuilt("the type " + word)
	}
	if sizes != nil {
		parts := make([]string, len(sizes))
		for i, n := range sizes {
			parts[i] = strconv.Itoa(n)
		}
		word += "(" + strings.Join(parts, ",") + ")"
	}
	return nil, errs.New("UNSUPPORTED_DATATYPE", "typeName", `"`+word+`"`)
}

func decimalType(sizes []int) (Type, error) {
	d := Decimal{10, 0}
	if len(sizes) > 0 {
		d.Precision = sizes[0]
	}
	if len(sizes) > 1 {
		d.Scale = sizes[1]
	}
	if d.Precision > 38 {
		return nil, errs.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", strconv.Itoa(d.Precision), "maxPrecision", "38")
	}
	if d.Scale > d.Precision {
		return nil, errs.New("DECIMAL_SCALE_EXCEEDS_PRECISION", "scale", strconv.Itoa(d.Scale), "precision", strconv.Itoa(d.Precision))
	}
	return d, nil
}

package json

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Inferrer finds the schema of text. Order of calls: Decode or Document any number of times, then Schema.
// One goroutine uses it.
type Inferrer struct {
	o     *Options
	root  guess
	bad   bool
	cur   cursor
	clock *zone.Clock
	dice  *rand.Rand
	lines Decoder
}

// NewInferrer infers by these options.
func NewInferrer(o *Options) *Inferrer {
	f := &Inferrer{o: o, clock: zone.NewClock(o.Zone), dice: rand.New(rand.NewPCG(1, 1))}
	f.root.kind = types.KStruct
	f.cur.o = o
	f.lines.o = o
	return f
}

// guess is what is known of a value's type: KNull is nothing yet, KString holds everything.
type guess struct {
	kind    types.Kind
	decimal types.Decimal
	elem    *guess
	fields  map[string]*guess
}

// Decode looks at the complete lines of a chunk and gives how many bytes it has used, as Decoder.Decode does.
func (f *Inferrer) Decode(chunk []byte, atEOF bool) (used int, err error) {
	for used < len(chunk) {
		line, next := f.lines.line(chunk[used:])
		if next < 0 {
			if !atEOF {
				return used, nil
			}
			line, next = chunk[used:], len(chunk)-used
		}
		used += next
		if f.o.Sampling < 1 && f.dice.Float64() >= f.o.Sampling {
			continue
		}
		for _, l := range f.cut(line) {
			if err := f.record(f.decoded(l)); err != nil {
				return used, err
			}
		}
	}
	return used, nil
}

func (f *Inferrer) cut(line []byte) [][]byte {
	if f.o.LineSep != "" {
		return [][]byte{line}
	}
	return bytes.Split(line, []byte{'\r'})
}

// Document looks at one record.
func (f *Inferrer) Document(b []byte) error { return f.record(f.decoded(b)) }

func (f *Inferrer) decoded(b []byte) []byte {
	if f.o.Charset.Plain() {
		return b
	}
	return f.o.Charset.Decode(nil, b)
}

func (f *Inferrer) record(b []byte) error {
	c := &f.cur
	c.reset(b)
	if !c.space() {
		return nil
	}
	sound := c.skip()
	c.reset(b)
	c.space()
	first := c.b[c.i]
	if sound && first == '{' {
		f.value(c, &f.root)
		return nil
	}
	if sound && first == '[' && f.rows(c) {
		return nil
	}
	switch f.o.Mode {
	case format.FailFast:
		if t, ok := TypeOf(b, f.o); ok && sound {
			if list, is := t.(types.Array); is {
				t = list.Elem
			}
			return errs.New("INVALID_JSON_RECORD_TYPE", "failFastMode", "FAILFAST", "invalidType", `"`+strings.ToUpper(t.String())+`"`)
		}
		return Malformed(f.o.Corrupt)
	case format.Permissive:
		f.bad = true
	}
	return nil
}

// rows looks at the objects of an array, which is sound; of an array of other values it knows nothing.
func (f *Inferrer) rows(c *cursor) bool {
	element := guess{}
	list := guess{kind: types.KArray, elem: &element}
	f.value(c, &list)
	if element.kind != types.KStruct && element.kind != types.KNull {
		return false
	}
	f.root.merge(&element)
	return true
}

// value reads a sound value into what is known.
func (f *Inferrer) value(c *cursor, g *guess) {
	switch x := c.b[c.i]; {
	case x == '{':
		f.object(c, g)
	case x == '[':
		e := &guess{}
		c.elements(func() status { f.value(c, e); return good })
		g.merge(&guess{kind: types.KArray, elem: e})
	case x == 'n' && c.word("null"):
	case x == 't' || x == 'f':
		c.skip()
		f.primitive(g, guess{kind: types.KBoolean})
	case c.quoted(x):
		s, _ := c.text()
		f.text(g, s)
	case x-'0' <= 9 || x == '-' && c.i+1 < len(c.b) && c.b[c.i+1]-'0' <= 9:
		s, whole, _ := c.number()
		f.primitive(g, f.number(s, whole))
	default:
		c.skip()
		f.primitive(g, guess{kind: types.KDouble})
	}
}

func (f *Inferrer) primitive(g *guess, is guess) {
	if f.o.PrimitivesAsString {
		is = guess{kind: types.KString}
	}
	g.merge(&is)
}

func (f *Inferrer) object(c *cursor, g *guess) {
	into := g
	if g.kind != types.KStruct {
		into = &guess{kind: types.KStruct}
	}
	if into.fields == nil {
		into.fields = map[string]*guess{}
	}
	c.i++
	c.space()
	if c.b[c.i] == '}' {
		c.i++
	} else {
		for more := true; more; {
			name, _ := c.name()
			c.space()
			field := into.fields[string(name)]
			if field == nil {
				field = &guess{}
				into.fields[string(name)] = field
			}
			f.value(c, field)
			more, _ = c.next('}')
		}
	}
	if into != g {
		g.merge(into)
	}
}

func (f *Inferrer) text(g *guess, s []byte) {
	if f.o.PrefersDecimal {
		if d, ok := decimalOf(s); ok {
			g.merge(&guess{kind: types.KDecimal, decimal: d})
			return
		}
	}
	if f.o.InferTimestamp && f.isTimestamp(s) {
		g.merge(&guess{kind: types.KTimestamp})
		return
	}
	g.merge(&guess{kind: types.KString})
}

func (f *Inferrer) isTimestamp(s []byte) bool {
	if p := f.o.timestamp; p != nil {
		_, fail := p.Parse(s, f.clock)
		return fail == nil
	}
	_, ok := types.ParseTimestamp(s, f.clock, nil)
	return ok
}

func (f *Inferrer) number(s []byte, whole bool) guess {
	if whole {
		if _, st := readLong(&cursor{b: s, o: f.o}); st == good {
			return guess{kind: types.KLong}
		}
	}
	if whole || f.o.PrefersDecimal {
		if d, ok := decimalOf(s); ok {
			return guess{kind: types.KDecimal, decimal: d}
		}
	}
	return guess{kind: types.KDouble}
}

// decimalOf is the smallest decimal that holds a number's text exactly.
func decimalOf(s []byte) (types.Decimal, bool) {
	digits, scale, exponent := 0, 0, 0
	point, any := false, false
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	for ; i < len(s); i++ {
		switch {
		case s[i]-'0' <= 9:
			any = true
			if digits > 0 || s[i] != '0' {
				digits++
			}
			if point {
				scale++
			}
		case s[i] == '.' && !point:
			point = true
		case (s[i] == 'e' || s[i] == 'E') && any:
			v, st := readLong(&cursor{b: bytes.TrimPrefix(s[i+1:], []byte("+")), o: &Options{LeadingZeros: true}})
			if st != good || v > 100 || v < -100 {
				return types.Decimal{}, false
			}
			exponent = int(v)
			i = len(s)
		default:
			return types.Decimal{}, false
		}
	}
	scale -= exponent
	if scale < 0 {
		digits, scale = digits-scale, 0
	}
	d := types.Decimal{Precision: max(digits, scale, 1), Scale: scale}
	return d, any && d.Precision <= 38
}

// merge makes g hold what it held and what o holds.
func (g *guess) merge(o *guess) {
	switch {
	case o.kind == types.KNull:
	case g.kind == types.KNull:
		*g = *o
	case g.kind == o.kind:
		g.mergeSame(o)
	case isNumber(g.kind) && isNumber(o.kind):
		g.mergeNumbers(o)
	default:
		*g = guess{kind: types.KString}
	}
}

func isNumber(k types.Kind) bool {
	return k == types.KLong || k == types.KDouble || k == types.KDecimal
}

func (g *guess) mergeSame(o *guess) {
	switch g.kind {
	case types.KArray:
		g.elem.merge(o.elem)
	case types.KDecimal:
		g.mergeNumbers(o)
	case types.KStruct:
		if g.fields == nil {
			g.fields = map[string]*guess{}
		}
		for name, field := range o.fields {
			if mine := g.fields[name]; mine != nil {
				mine.merge(field)
			} else {
				g.fields[name] = field
			}
		}
	}
}

func (g *guess) mergeNumbers(o *guess) {
	if g.kind == types.KDouble || o.kind == types.KDouble {
		*g = guess{kind: types.KDouble}
		return
	}
	a, b := g.asDecimal(), o.asDecimal()
	scale := max(a.Scale, b.Scale)
	whole := max(a.Precision-a.Scale, b.Precision-b.Scale)
	if whole+scale > 38 {
		*g = guess{kind: types.KDouble}
		return
	}
	*g = guess{kind: types.KDecimal, decimal: types.Decimal{Precision: whole + scale, Scale: scale}}
}

func (g *guess) asDecimal() types.Decimal {
	if g.kind == types.KLong {
		return types.Decimal{Precision: 20}
	}
	return g.decimal
}

// settled is the type in the end, nil where the field is to be left out.
func (g *guess) settled(dropNulls bool) types.Type {
	switch g.kind {
	case types.KNull:
		if dropNulls {
			return nil
		}
		return types.String
	case types.KDecimal:
		return g.decimal
	case types.KArray:
		if e := g.elem.settled(dropNulls); e != nil {
			return types.Array{Elem: e, ContainsNull: true}
		}
		return nil
	case types.KStruct:
		if s := g.structure(dropNulls); len(s.Fields) > 0 {
			return s
		}
		return nil
	}
	return types.Primitive(g.kind)
}

func (g *guess) structure(dropNulls bool) types.Struct {
	names := make([]string, 0, len(g.fields))
	for name := range g.fields {
		if name != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var s types.Struct
	for _, name := range names {
		if t := g.fields[name].settled(dropNulls); t != nil {
			s.Fields = append(s.Fields, types.Field{Name: name, Type: t, Nullable: true})
		}
	}
	return s
}

// Schema is what was found, fields by name; the corrupt column is among them where a record was bad.
func (f *Inferrer) Schema() types.Struct {
	s := f.root.structure(f.o.DropAllNull)
	if !f.bad {
		return s
	}
	s.Fields = slices.DeleteFunc(s.Fields, func(x types.Field) bool { return x.Name == f.o.Corrupt })
	s.Fields = append(s.Fields, types.Field{Name: f.o.Corrupt, Type: types.String, Nullable: true})
	sort.Slice(s.Fields, func(i, k int) bool { return s.Fields[i].Name < s.Fields[k].Name })
	return s
}

// TypeOf is the type of one JSON text (schema_of_json), and false where it is none. An object keeps no order of its own.
func TypeOf(text []byte, o *Options) (types.Type, bool) {
	f := NewInferrer(o)
	c := &f.cur
	c.reset(text)
	if !c.space() {
		return types.String, true
	}
	if !c.skip() {
		return nil, false
	}
	c.reset(text)
	c.space()
	var g guess
	f.value(c, &g)
	if t := g.settled(o.DropAllNull); t != nil {
		return t, true
	}
	return types.Struct{}, true
}

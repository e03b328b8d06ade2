package sql

import (
	"math"
	"math/big"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// unit is a field of an interval: months or microseconds of one.
type unit struct {
	months, micros int64
	rank           int // YEAR 0, MONTH 1, DAY 2, HOUR 3, MINUTE 4, SECOND 5
}

const second = int64(1_000_000)

var units = map[string]unit{
	"YEAR": {months: 12, rank: 0}, "QUARTER": {months: 3, rank: 1}, "MONTH": {months: 1, rank: 1},
	"WEEK": {micros: 7 * 86400 * second, rank: 2}, "DAY": {micros: 86400 * second, rank: 2},
	"HOUR": {micros: 3600 * second, rank: 3}, "MINUTE": {micros: 60 * second, rank: 4}, "SECOND": {micros: second, rank: 5},
	"MILLISECOND": {micros: 1000, rank: 5}, "MICROSECOND": {micros: 1, rank: 5}, "NANOSECOND": {rank: 5},
}

func unitOf(name string) (unit, bool) {
	name = asciiUpper(name)
	u, ok := units[name]
	if !ok {
		u, ok = units[strings.TrimSuffix(name, "S")]
	}
	return u, ok
}

// total sums the fields of a literal.
type total struct {
	months, micros       int64
	yearMonth, dayTime   bool
	firstRank, lastRank  int
	overflow, fractional bool
}

func (s *total) add(amount *big.Rat, u unit) {
	if !s.yearMonth && !s.dayTime {
		s.firstRank, s.lastRank = u.rank, u.rank
	}
	s.firstRank, s.lastRank = min(s.firstRank, u.rank), max(s.lastRank, u.rank)
	scale, into := u.micros, &s.micros
	if u.months > 0 {
		scale, into, s.yearMonth = u.months, &s.months, true
	} else {
		s.dayTime = true
	}
	r := new(big.Rat).Mul(amount, new(big.Rat).SetInt64(scale))
	if scale == 0 {
		r = new(big.Rat).Quo(amount, big.NewRat(1000, 1))
	}
	if u.rank < 5 && !amount.IsInt() {
		s.fractional = true
	}
	v := new(big.Int).Quo(r.Num(), r.Denom())
	v.Add(v, big.NewInt(*into))
	if !v.IsInt64() || into == &s.months && (v.Int64() > math.MaxInt32 || v.Int64() < math.MinInt32) {
		s.overflow = true
		return
	}
	*into = v.Int64()
}

// interval reads an INTERVAL literal, whose keyword t has been taken: INTERVAL 1 DAY 2 HOURS, INTERVAL '1-2' YEAR TO
// MONTH, INTERVAL '1 day 2 hours'.
func (p *parser) interval(t token) (expr.Expr, error) {
	var sum total
	if p.peek().kind == text && !p.unitAhead(1) {
		s := p.peek()
		if !sum.words(p.strings()) {
			return nil, p.badInterval(s, s.value)
		}
		return p.intervalLiteral(t, &sum)
	}
	for p.intervalField() {
		sign := ""
		if p.acceptSymbol("-") {
			sign = "-"
		} else {
			p.acceptSymbol("+")
		}
		amount := p.next()
		u := p.next()
		if p.isWord("TO") {
			p.next()
			if err := sum.span(sign, strings.TrimSpace(amountText(amount)), u.upper(), p.next().upper()); err != nil {
				return nil, p.at(amount, err)
			}
			continue
		}
		value, ok := amountOf(strings.TrimSpace(amountText(amount)))
		if !ok {
			return nil, p.badInterval(amount, amountText(amount))
		}
		if sign == "-" {
			value.Neg(value)
		}
		field, _ := unitOf(u.text)
		sum.add(value, field)
	}
	if !sum.yearMonth && !sum.dayTime {
		if k := p.peek().kind; k == number || k == text {
			p.next()
		}
		return nil, p.syntax(p.peek(), "")
	}
	return p.intervalLiteral(t, &sum)
}

// amountOf reads a plain decimal number of a sane length.
func amountOf(text string) (*big.Rat, bool) {
	if len(text) > 40 || strings.Trim(text, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func amountText(t token) string {
	if t.kind == text {
		return t.value
	}
	return t.text
}

// unitAhead says that the token n places on names a unit.
func (p *parser) unitAhead(n int) bool {
	t := p.ahead(n)
	_, ok := unitOf(t.text)
	return ok && t.kind == word
}

// intervalField says that an amount and a unit stand here.
func (p *parser) intervalField() bool {
	n := 0
	if p.isSymbol("-") || p.isSymbol("+") {
		n = 1
	}
	k := p.ahead(n).kind
	return (k == number || k == text) && p.unitAhead(n+1)
}

// words reads the text form: optional "interval", then signed amounts and units.
func (s *total) words(text string) bool {
	fields := strings.Fields(strings.ToLower(text))
	if len(fields) > 0 && fields[0] == "interval" {
		fields = fields[1:]
	}
	if len(fields) == 0 || len(fields)%2 == 1 {
		return false
	}
	for i := 0; i < len(fields); i += 2 {
		amount, ok := amountOf(fields[i])
		u, known := unitOf(fields[i+1])
		if !ok || !known {
			return false
		}
		s.add(amount, u)
	}
	return true
}

// spans are the forms of 'a-b' and 'd h:m:s' literals by their units.
var spanOrder = []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}

// span reads '1-2' YEAR TO MONTH, '1 02:03:04' DAY TO SECOND and their kin.
func (s *total) span(sign, text, from, to string) *errs.Error {
	bad := func() *errs.Error {
		return errs.New("INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING", "input", text, "intervalStr", from+" TO "+to,
			"supportedFormat", "its own form", "typeName", "interval "+strings.ToLower(from+" to "+to))
	}
	first, last := rankOf(from), rankOf(to)
	if first < 0 || last <= first || first < 2 && last > 1 {
		return errs.New("INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION", "input", text, "from", strings.ToLower(from), "to", strings.ToLower(to))
	}
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		text = rest
		if sign == "-" {
			sign = ""
		} else {
			sign = "-"
		}
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ':' || r == '-' })
	if len(parts) != last-first+1 {
		return bad()
	}
	for i, part := range parts {
		amount, ok := amountOf(part)
		if !ok {
			return bad()
		}
		if sign == "-" {
			amount.Neg(amount)
		}
		s.add(amount, units[spanOrder[first+i]])
	}
	return nil
}

func rankOf(name string) int {
	for i, n := range spanOrder {
		if n == name {
			return i
		}
	}
	return -1
}

func (p *parser) badInterval(t token, text string) error {
	return p.at(t, errs.New("INVALID_TYPED_LITERAL", "valueType", `"INTERVAL"`, "value", "'"+text+"'"))
}

// intervalLiteral is the sum as a literal of its type.
func (p *parser) intervalLiteral(t token, s *total) (expr.Expr, error) {
	switch {
	case s.overflow:
		return nil, p.at(t, errs.New("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"))
	case s.fractional:
		return nil, p.badInterval(t, p.src[t.start:p.peek().start])
	case s.yearMonth && s.dayTime:
		return nil, p.at(t, errs.New("_LEGACY_ERROR_TEMP_0029", "literal", strings.TrimSpace(p.src[t.start:p.peek().start])))
	case s.yearMonth:
		return &expr.Literal{Value: expr.Micros(s.months), DataType: types.Intervals(types.Unit(s.firstRank), types.Unit(s.lastRank))}, nil
	}
	return &expr.Literal{Value: expr.Micros(s.micros), DataType: types.Intervals(types.Unit(s.firstRank), types.Unit(s.lastRank))}, nil
}

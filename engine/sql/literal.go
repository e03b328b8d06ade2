package sql

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

func stringLiteral(s string) *expr.Literal { return &expr.Literal{Value: s, DataType: types.String} }

func boolLit(b bool) *expr.Literal { return &expr.Literal{Value: b, DataType: types.Boolean} }

// number reads a numeric literal, whose sign stands before it.
func (p *parser) number(sign string) (expr.Expr, error) {
	t := p.next()
	body := strings.ToUpper(t.text)
	switch {
	case strings.HasSuffix(body, "BD"):
		return p.decimal(t, sign+body[:len(body)-2])
	case strings.HasSuffix(body, "L"):
		return p.integer(t, sign+body[:len(body)-1], types.Long)
	case strings.HasSuffix(body, "S"):
		return p.integer(t, sign+body[:len(body)-1], types.Short)
	case strings.HasSuffix(body, "Y"):
		return p.integer(t, sign+body[:len(body)-1], types.Byte)
	case strings.HasSuffix(body, "D"):
		return p.double(t, sign+body[:len(body)-1])
	case strings.HasSuffix(body, "F"):
		return p.float(t, sign+body[:len(body)-1])
	case strings.Contains(body, "E"):
		return p.double(t, sign+body)
	case strings.Contains(body, "."):
		return p.decimal(t, sign+body)
	}
	if n, err := strconv.ParseInt(sign+body, 10, 64); err == nil {
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return &expr.Literal{Value: int32(n), DataType: types.Int}, nil
		}
		return &expr.Literal{Value: n, DataType: types.Long}, nil
	}
	return p.decimal(t, sign+body)
}

// integer is a literal of a type that its suffix names.
func (p *parser) integer(t token, digits string, to types.Primitive) (expr.Expr, error) {
	bits := map[types.Primitive]int{types.Byte: 8, types.Short: 16, types.Long: 64}[to]
	n, err := strconv.ParseInt(digits, 10, bits)
	if err != nil {
		top := int64(1)<<(bits-1) - 1
		return nil, p.outOfRange(t, digits, to, strconv.FormatInt(-top-1, 10), strconv.FormatInt(top, 10))
	}
	switch to {
	case types.Byte:
		return &expr.Literal{Value: int8(n), DataType: to}, nil
	case types.Short:
		return &expr.Literal{Value: int16(n), DataType: to}, nil
	}
	return &expr.Literal{Value: n, DataType: to}, nil
}

func (p *parser) outOfRange(t token, digits string, to types.Type, least, most string) error {
	return p.at(t, errs.New("INVALID_NUMERIC_LITERAL_RANGE", "rawStrippedQualifier", digits, "typeName", to.String(),
		"minValue", least, "maxValue", most))
}

func (p *parser) double(t token, digits string) (expr.Expr, error) {
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return nil, p.outOfRange(t, digits, types.Double, "-1.7976931348623157E+308", "1.7976931348623157E+308")
	}
	return &expr.Literal{Value: v, DataType: types.Double}, nil
}

func (p *parser) float(t token, digits string) (expr.Expr, error) {
	v, err := strconv.ParseFloat(digits, 32)
	if err != nil {
		return nil, p.outOfRange(t, digits, types.Float, "-3.4028234663852886E+38", "3.4028234663852886E+38")
	}
	return &expr.Literal{Value: float32(v), DataType: types.Float}, nil
}

// decimal is an exact literal: its type has as many digits as its text, as Java's BigDecimal counts them.
func (p *parser) decimal(t token, digits string) (expr.Expr, error) {
	mantissa, exponent := digits, 0
	if i := strings.IndexByte(digits, 'E'); i >= 0 {
		mantissa = digits[:i]
		exponent, _ = strconv.Atoi(strings.TrimPrefix(digits[i+1:], "+"))
	}
	scale := 0
	if i := strings.IndexByte(mantissa, '.'); i >= 0 {
		scale = len(mantissa) - i - 1
		mantissa = mantissa[:i] + mantissa[i+1:]
	}
	scale -= exponent
	if scale < 0 && scale >= -38 {
		mantissa += strings.Repeat("0", -scale)
		scale = 0
	}
	v, ok := new(big.Int).SetString(mantissa, 10)
	if !ok {
		return nil, p.syntax(t, "")
	}
	precision := max(len(strings.TrimLeft(strings.TrimPrefix(mantissa, "-"), "0")), scale, 1)
	if scale < 0 {
		precision -= scale
	}
	if precision > 38 && scale <= 0 {
		e := errs.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", strconv.Itoa(precision), "maxPrecision", "38")
		e.Class = errs.Parse
		return nil, p.at(t, e)
	}
	if precision > 38 || scale < 0 {
		return nil, p.at(t, errs.New("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", "roundedValue", digits,
			"originalValue", digits, "precision", strconv.Itoa(precision), "scale", strconv.Itoa(scale)))
	}
	return &expr.Literal{Value: decimal128.FromBigInt(v), DataType: types.Decimal{Precision: precision, Scale: scale}}, nil
}

// strings reads a string literal and those that follow it directly, which are joined to it.
func (p *parser) strings() string {
	value := p.next().value
	for p.peek().kind == text {
		value += p.next().value
	}
	return value
}

// typedLiterals are the words that give a string literal a type: DATE '2020-01-01'. The analyzer reads the
// string, since it knows the session's zone.
var typedLiterals = map[string]types.Type{
	"DATE": types.Date, "TIMESTAMP": types.Timestamp, "TIMESTAMP_LTZ": types.Timestamp, "TIMESTAMP_NTZ": types.TimestampNTZ,
}

// typedLiteral reads DATE '…', TIMESTAMP '…', X '…'; ok is false if none stands here.
func (p *parser) typedLiteral() (e expr.Expr, ok bool, err error) {
	t, s := p.peek(), p.ahead(1)
	if t.kind != word || s.kind != text {
		return nil, false, nil
	}
	name := t.upper()
	if to, typed := typedLiterals[name]; typed {
		p.next()
		return &expr.Call{Name: []string{logical.TypedLiteral}, Internal: true,
			Args: []expr.Expr{&expr.Cast{Child: stringLiteral(p.strings()), To: to}}}, true, nil
	}
	switch name {
	case "X":
		p.next()
		digits := p.strings()
		if len(digits)%2 == 1 {
			digits = "0" + digits
		}
		b, bad := hex.DecodeString(digits)
		if bad != nil {
			return nil, true, p.at(s, errs.New("INVALID_TYPED_LITERAL", "valueType", `"X"`, "value", "'"+s.value+"'"))
		}
		return &expr.Literal{Value: b, DataType: types.Binary}, true, nil
	case "TIME":
		return nil, true, p.notBuilt(t, "the type TIME")
	}
	return nil, false, nil
}

package functions

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// bindFormatNumber takes a number of places or a pattern.
func bindFormatNumber(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("format_number", c.Args)
	a := c.Args[0]
	switch k := a.Type().Kind(); {
	case k == types.KString || k == types.KNull:
		a = e.cast(a, types.Double)
	case !types.IsNumeric(a.Type()):
		return nil, unexpected(text, 0, `"NUMERIC"`, a)
	}
	places := c.Args[1]
	switch k := places.Type().Kind(); {
	case k == types.KString:
	case types.IsIntegral(places.Type()) || k == types.KNull:
		places = e.cast(places, types.Int)
	default:
		return nil, unexpected(text, 1, `("INT" or "STRING")`, places)
	}
	o := apply(formatNumberFn, types.String, a, places)
	o.Data, o.Text, o.Null = a.Type(), text, true
	return o, nil
}

var formatNumberFn = &expr.Function{Name: "format_number", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	number := plainNumber(args[0], data.(types.Type))
	if args[1].DataType().ID() == arrow.STRING {
		p := textOf(args[1])
		var fail error
		v, err := texts(c, n, out, args, func(dst []byte, i int) []byte {
			f, err := parseNumberPattern(string(p.at(i)))
			if err != nil {
				fail = err
				return nil
			}
			return append(dst, f.format(number(i))...)
		})
		return failing(&fail, v, err)
	}
	places := operandOf[int32](args[1])
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		k := int(places.at(i))
		if k < 0 {
			return nil
		}
		return append(dst, numberPattern{group: 3, minWhole: 1, minFrac: k, maxFrac: k}.format(number(i))...)
	})
}}

// plainNumber gives a number's decimal text, or NaN and the infinities' names.
func plainNumber(v expr.Vector, t types.Type) func(i int) string {
	a := formatArgumentOf(v, t, zone.NewClock(nil))
	switch {
	case a.whole != nil:
		return func(i int) string { return strconv.FormatInt(a.whole(i), 10) }
	case a.decimal != nil:
		return a.decimal
	}
	size := 64
	if t.Kind() == types.KFloat {
		size = 32
	}
	return func(i int) string {
		f := a.float(i)
		switch {
		case math.IsNaN(f):
			return "NaN"
		case math.IsInf(f, 1):
			return "∞"
		case math.IsInf(f, -1):
			return "-∞"
		}
		return strconv.FormatFloat(f, 'f', -1, size)
	}
}

// numberPattern is a Java DecimalFormat of digits alone.
type numberPattern struct {
	prefix, suffix             string
	group                      int
	minWhole, minFrac, maxFrac int
}

func parseNumberPattern(s string) (numberPattern, error) {
	start := strings.IndexAny(s, "#0,.")
	if start < 0 {
		return numberPattern{}, badFormat("Malformed pattern \"" + s + "\"")
	}
	end := start
	for end < len(s) && strings.IndexByte("#0,.", s[end]) >= 0 {
		end++
	}
	p := numberPattern{prefix: s[:start], suffix: s[end:]}
	if strings.ContainsAny(p.prefix+p.suffix, "%\u2030E;'¤") {
		return p, errs.NotBuilt("the number pattern " + s)
	}
	whole, frac, _ := strings.Cut(s[start:end], ".")
	if i := strings.LastIndexByte(whole, ','); i >= 0 {
		p.group = len(whole) - i - 1
	}
	p.minWhole, p.minFrac, p.maxFrac = strings.Count(whole, "0"), strings.Count(frac, "0"), len(frac)
	return p, nil
}

// format rounds halves to even, as Java does.
func (p numberPattern) format(s string) string {
	if s == "NaN" {
		return s
	}
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if s == "∞" {
		return minus(negative) + p.prefix + s + p.suffix
	}
	s = roundText(s, p.maxFrac, false)
	whole, frac, _ := strings.Cut(s, ".")
	for len(frac) > p.minFrac && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) < p.minWhole {
		whole = strings.Repeat("0", p.minWhole-len(whole)) + whole
	}
	if whole == "" && frac == "" {
		whole = "0"
	}
	if p.group > 0 {
		whole = grouped(whole, p.group)
	}
	if frac != "" {
		whole += "." + frac
	}
	return minus(negative) + p.prefix + whole + p.suffix
}

func minus(negative bool) string {
	if negative {
		return "-"
	}
	return ""
}

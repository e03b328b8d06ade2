package logical

import (
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
)

// Bound is how far the rows of one side stay behind the watermark of the other side: they go once no row later than the
// watermark can meet them. A condition `other + constant < mine` (or <=) says so.
type Bound struct {
	constant int64 // microseconds
	equal    bool  // mine may equal other + constant
	// alone is a bound by a constant, which moves with no watermark. PySpark reads one even out of `v > 1`, and then keeps
	// rows for ever; so do we, whose rows come out when its do.
	alone bool
}

// Of is the time up to which rows go. Watermarks are whole milliseconds, and so is this.
func (b Bound) Of(watermark int64) int64 {
	if b.alone {
		watermark = 0
	}
	ms := (watermark + b.constant) / 1000
	if b.equal {
		ms--
	}
	return ms * 1000
}

// Bounds are those of the side with the attributes mine, from conditions against the event time of the other side.
func Bounds(conditions []expr.Expr, mine, other []*expr.Attr) []Bound {
	var out []Bound
	if !slices.ContainsFunc(other, func(a *expr.Attr) bool { return a.EventTime }) {
		return nil
	}
	for _, c := range conditions {
		a, ok := c.(*expr.Apply)
		if !ok || len(a.Args) != 2 {
			continue
		}
		less, more := a.Args[0], a.Args[1]
		equal := false
		switch a.Fn.Name {
		case "<":
		case "<=":
			equal = true
		case ">":
			less, more = more, less
		case ">=":
			less, more, equal = more, less, true
		default:
			continue
		}
		if constant, alone, ok := solved(less, more, mine, other); ok {
			out = append(out, Bound{constant, equal, alone})
		}
	}
	return out
}

// solved takes `less < more` apart into other + constant < mine, or where it stands alone constant < mine.
func solved(less, more expr.Expr, mine, other []*expr.Attr) (constant int64, alone, ok bool) {
	var s sum
	if !s.add(less, 1) || !s.add(more, -1) || len(s.terms) == 0 || len(s.terms) > 2 {
		return 0, false, false
	}
	for _, t := range s.terms {
		switch {
		case contains(mine, t.attr) && t.sign < 0:
		case contains(other, t.attr) && t.sign > 0 && t.attr.EventTime:
		default:
			return 0, false, false
		}
	}
	alone = len(s.terms) == 1
	if alone && s.terms[0].sign > 0 || !alone && s.terms[0].sign == s.terms[1].sign || math.IsNaN(s.constant) || math.Abs(s.constant) > math.MaxInt64/4 {
		return 0, false, false
	}
	return int64(s.constant), alone, true
}

// sum is an expression as attributes, added or taken away, and a constant in microseconds. Numbers are seconds.
type sum struct {
	terms []struct {
		attr *expr.Attr
		sign int
	}
	constant float64
}

func (s *sum) add(e expr.Expr, sign int) bool {
	switch n := e.(type) {
	case *expr.Alias:
		return s.add(n.Child, sign)
	case *expr.Attr:
		s.terms = append(s.terms, struct {
			attr *expr.Attr
			sign int
		}{n, sign})
		return true
	case *expr.Cast:
		if k := n.To.Kind(); types.IsNumeric(n.To) || k == types.KTimestamp {
			return s.add(n.Child, sign)
		}
	case *expr.Literal:
		v, ok := micros(n)
		s.constant += float64(sign) * v
		return ok
	case *expr.Apply:
		if by := functions.Added(n); by != 0 && len(n.Args) == 2 {
			return s.add(n.Args[0], sign) && s.add(n.Args[1], sign*int(by))
		}
		if n.Fn.Name == "negative" && len(n.Args) == 1 {
			return s.add(n.Args[0], -sign)
		}
	}
	return false
}

// micros is a constant's microseconds; months have none.
func micros(l *expr.Literal) (float64, bool) {
	switch v := l.Value.(type) {
	case expr.Micros:
		return float64(v), true
	case expr.Interval:
		return float64(int64(v.Days)*types.MicrosPerDay + v.Micros), v.Months == 0
	case int8:
		return float64(v) * 1e6, true
	case int16:
		return float64(v) * 1e6, true
	case int32:
		return float64(v) * 1e6, true
	case int64:
		return float64(v) * 1e6, true
	case float32:
		return float64(v) * 1e6, true
	case float64:
		return v * 1e6, true
	}
	if d, ok := l.DataType.(types.Decimal); ok {
		if v, ok := l.Value.(decimal128.Num); ok {
			return v.ToFloat64(0) * math.Pow10(-d.Scale) * 1e6, true
		}
	}
	return 0, false
}

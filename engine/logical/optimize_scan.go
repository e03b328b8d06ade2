package logical

import (
	"math"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// pushIntoScans tells scans the simple conditions that stand over them, so that readers can leave rows out. The
// filters stay: a reader need not understand them.
func pushIntoScans(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		scan, ok := f.Child.(*Scan)
		if !ok {
			return n
		}
		if f.never() && scan.sifts() {
			return f.With([]Plan{unread(scan)})
		}
		o := *scan
		o.Filters = nil
		for _, c := range conjuncts(f.Condition) {
			if simple, ok := scan.simple(c); ok {
				o.Filters = append(o.Filters, simple)
			}
		}
		if len(o.Filters) == 0 {
			return n
		}
		return &Filter{Child: &o, Condition: f.Condition}
	})
}

// never says that a filter passes no row.
func (f *Filter) never() bool {
	for _, c := range conjuncts(f.Condition) {
		if l, ok := c.(*expr.Literal); ok && l.Value != true {
			return true
		}
	}
	return false
}

// sifts says that a stream's reader leaves out, and does not count, what a filter leaves out. In PySpark those of JSON
// and CSV do, where they read a column at all; others count what a filter above them drops.
func (s *Scan) sifts() bool {
	f, ok := s.Source.(interface{ Sifts() bool })
	return s.Stream && ok && f.Sifts() && len(s.output) > 0
}

// unread is a stream that nobody reads; its offsets go on.
func unread(s *Scan) Plan {
	o := *s
	o.Unread = true
	return &o
}

// swapped is a comparison read from right to left.
var swapped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// simple gives a condition as readers understand it.
func (s *Scan) simple(e expr.Expr) (format.Filter, bool) {
	a, ok := e.(*expr.Apply)
	if !ok {
		return format.Filter{}, false
	}
	if len(a.Args) == 1 && (a.Fn.Name == "isnotnull") {
		column, ok := s.column(a.Args[0])
		return format.Filter{Column: column, Op: "isnotnull"}, ok
	}
	op := a.Fn.Name
	if op == "==" {
		op = "="
	}
	if swapped[op] == "" || len(a.Args) != 2 {
		return format.Filter{}, false
	}
	column, constant := a.Args[0], a.Args[1]
	if _, literal := column.(*expr.Literal); literal {
		column, constant, op = constant, column, swapped[op]
	}
	l, ok := constant.(*expr.Literal)
	if !ok || l.Value == nil {
		return format.Filter{}, false
	}
	field, ok := s.column(narrowed(column))
	if !ok {
		return format.Filter{}, false
	}
	value, ok := pushable(l.Value, s.Full.Fields[field].Type)
	return format.Filter{Column: field, Op: op, Value: value}, ok
}

// column is the number in the full schema of a column that the scan reads.
func (s *Scan) column(e expr.Expr) (int, bool) {
	at, ok := e.(*expr.Attr)
	if !ok {
		return 0, false
	}
	i := indexOf(s.output, at.ID)
	if i >= 0 && s.Columns != nil {
		i = s.Columns[i]
	}
	return i, i >= 0
}

// narrowed looks through a widening cast of whole numbers.
func narrowed(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Cast)
	if ok && types.IsIntegral(c.To) && types.IsIntegral(c.Child.Type()) && c.To.Kind() > c.Child.Type().Kind() {
		return c.Child
	}
	return e
}

// pushable gives a literal as readers compare a column of the type with it.
func pushable(v any, t types.Type) (any, bool) {
	switch t.Kind() {
	case types.KByte, types.KShort, types.KInt, types.KLong:
		n, ok := whole(v)
		bits := map[types.Kind]uint{types.KByte: 7, types.KShort: 15, types.KInt: 31, types.KLong: 63}[t.Kind()]
		top := int64(math.MaxInt64)
		if bits < 63 {
			top = 1<<bits - 1
		}
		return n, ok && n <= top && n >= -top-1
	case types.KDouble:
		f, ok := v.(float64)
		return f, ok && !math.IsNaN(f)
	case types.KString:
		s, ok := v.(string)
		return s, ok
	case types.KDate:
		d, ok := v.(expr.Days)
		return int64(d), ok
	case types.KTimestamp, types.KTimestampNTZ:
		m, ok := v.(expr.Micros)
		return int64(m), ok
	}
	return nil, false
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

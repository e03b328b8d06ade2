package expr

import (
	"pysparkcompat/engine/types"
)

// Which type two values meet in, and what decimals arithmetic makes: Spark's rules, with ansi as ANSI mode has them.

// numericOrder is the precedence of numbers, decimals aside.
var numericOrder = map[types.Kind]int{
	types.KByte: 1, types.KShort: 2, types.KInt: 3, types.KLong: 4, types.KFloat: 5, types.KDouble: 6,
}

// Tightest is the type that holds both without loss, or nil.
func Tightest(a, b types.Type, ansi bool) types.Type {
	if types.Equal(a, b) {
		return mergeNulls(a, b)
	}
	ak, bk := a.Kind(), b.Kind()
	switch {
	case ak == types.KNull:
		return b
	case bk == types.KNull:
		return a
	case types.IsIntegral(a) && bk == types.KDecimal && holds(b.(types.Decimal), a):
		return b
	case types.IsIntegral(b) && ak == types.KDecimal && holds(a.(types.Decimal), b):
		return a
	}
	ao, bo := numericOrder[ak], numericOrder[bk]
	if ao > 0 && bo > 0 {
		wide := a
		if bo > ao {
			wide = b
		}
		if wide.Kind() == types.KFloat && ansi {
			return types.Double
		}
		return wide
	}
	if isDatetime(ak) && isDatetime(bk) {
		if ak == types.KTimestamp || bk == types.KTimestamp {
			return types.Timestamp
		}
		return types.TimestampNTZ
	}
	return nil
}

func isDatetime(k types.Kind) bool {
	return k == types.KDate || k == types.KTimestamp || k == types.KTimestampNTZ
}

// Wider is the type that coalesce, case, array, in and comparisons bring two values to, or nil. Strings yield to the
// other side under ANSI, and take the other side otherwise.
func Wider(a, b types.Type, ansi bool) types.Type {
	if t := Tightest(a, b, ansi); t != nil {
		return t
	}
	if t := widerDecimal(a, b); t != nil {
		return t
	}
	if t := widerString(a, b, ansi); t != nil {
		return t
	}
	return widerNested(a, b, func(x, y types.Type) types.Type { return Wider(x, y, ansi) })
}

// WiderNoStrings is Wider without the special place of strings, as greatest, least and array functions take it.
func WiderNoStrings(a, b types.Type, ansi bool) types.Type {
	if t := Tightest(a, b, ansi); t != nil {
		return t
	}
	if t := widerDecimal(a, b); t != nil {
		return t
	}
	return widerNested(a, b, func(x, y types.Type) types.Type { return WiderNoStrings(x, y, ansi) })
}

// WidestOf folds Wider over a list: nil where some two have nothing in common, void for none.
func WidestOf(list []types.Type, ansi bool) types.Type {
	var out types.Type = types.Null
	if !ansi {
		// Strings first, so that the order of the others does not matter.
		for _, t := range list {
			if t.Kind() == types.KString {
				out = t
				break
			}
		}
	}
	for _, t := range list {
		if out = Wider(out, t, ansi); out == nil {
			return nil
		}
	}
	return out
}

func widerString(a, b types.Type, ansi bool) types.Type {
	if b.Kind() == types.KString {
		a, b = b, a
	}
	if a.Kind() != types.KString || !types.IsAtomic(b) {
		return nil
	}
	k := b.Kind()
	if !ansi {
		if k == types.KBoolean || k == types.KBinary {
			return nil
		}
		return types.String
	}
	switch {
	case types.IsIntegral(b):
		return types.Long
	case types.IsFractional(b):
		return types.Double
	case k == types.KYearMonthInterval || k == types.KDayTimeInterval || k == types.KCalendarInterval:
		return nil
	}
	return b
}

func widerNested(a, b types.Type, wider func(a, b types.Type) types.Type) types.Type {
	switch a := a.(type) {
	case types.Array:
		if o, ok := b.(types.Array); ok {
			if e := wider(a.Elem, o.Elem); e != nil {
				return types.Array{Elem: e, ContainsNull: a.ContainsNull || o.ContainsNull ||
					castNulls(a.Elem, e, CastANSI) || castNulls(o.Elem, e, CastANSI)}
			}
		}
	case types.Map:
		if o, ok := b.(types.Map); ok {
			k, v := wider(a.Key, o.Key), wider(a.Value, o.Value)
			if k != nil && v != nil {
				return types.Map{Key: k, Value: v, ValueContainsNull: a.ValueContainsNull || o.ValueContainsNull}
			}
		}
	case types.Struct:
		o, ok := b.(types.Struct)
		if !ok || len(o.Fields) != len(a.Fields) {
			return nil
		}
		fields := make([]types.Field, len(a.Fields))
		for i, f := range a.Fields {
			t := wider(f.Type, o.Fields[i].Type)
			if t == nil {
				return nil
			}
			fields[i] = types.Field{Name: f.Name, Type: t, Nullable: f.Nullable || o.Fields[i].Nullable}
		}
		return types.Struct{Fields: fields}
	}
	return nil
}

// mergeNulls is a type equal to both that allows the nulls of both.
func mergeNulls(a, b types.Type) types.Type {
	switch a := a.(type) {
	case types.Array:
		o := b.(types.Array)
		return types.Array{Elem: mergeNulls(a.Elem, o.Elem), ContainsNull: a.ContainsNull || o.ContainsNull}
	case types.Map:
		o := b.(types.Map)
		return types.Map{Key: mergeNulls(a.Key, o.Key), Value: mergeNulls(a.Value, o.Value),
			ValueContainsNull: a.ValueContainsNull || o.ValueContainsNull}
	case types.Struct:
		o := b.(types.Struct)
		fields := make([]types.Field, len(a.Fields))
		for i, f := range a.Fields {
			f.Type = mergeNulls(f.Type, o.Fields[i].Type)
			f.Nullable = f.Nullable || o.Fields[i].Nullable
			fields[i] = f
		}
		return types.Struct{Fields: fields}
	}
	return a
}

// DecimalFor is the decimal that holds every value of an integral type.
func DecimalFor(t types.Type) types.Decimal {
	switch t.Kind() {
	case types.KByte:
		return types.Decimal{Precision: 3}
	case types.KShort:
		return types.Decimal{Precision: 5}
	case types.KInt:
		return types.Decimal{Precision: 10}
	case types.KLong:
		return types.Decimal{Precision: 20}
	case types.KFloat:
		return types.Decimal{Precision: 14, Scale: 7}
	case types.KDouble:
		return types.Decimal{Precision: 30, Scale: 15}
	}
	d, _ := t.(types.Decimal)
	return d
}

func holds(d types.Decimal, t types.Type) bool {
	o := DecimalFor(t)
	return d.Precision-d.Scale >= o.Precision-o.Scale && d.Scale >= o.Scale
}

// widerDecimal is the meeting of a decimal with another number.
func widerDecimal(a, b types.Type) types.Type {
	if b.Kind() == types.KDecimal && a.Kind() != types.KDecimal {
		a, b = b, a
	}
	d, ok := a.(types.Decimal)
	switch {
	case !ok:
		return nil
	case b.Kind() == types.KDecimal || types.IsIntegral(b):
		return WiderDecimal(d, DecimalFor(b))
	case b.Kind() == types.KFloat || b.Kind() == types.KDouble:
		return types.Double
	}
	return nil
}

// WiderDecimal holds both decimals, digits before the point first where 38 digits do not suffice.
func WiderDecimal(a, b types.Decimal) types.Decimal {
	scale := max(a.Scale, b.Scale)
	whole := max(a.Precision-a.Scale, b.Precision-b.Scale)
	if whole+scale <= MaxPrecision {
		return types.Decimal{Precision: whole + scale, Scale: scale}
	}
	return types.Decimal{Precision: MaxPrecision, Scale: max(0, MaxPrecision-whole)}
}

// adjust bounds a result to 38 digits and keeps at least six of a fraction's.
func adjust(precision, scale int) types.Decimal {
	if precision <= MaxPrecision {
		return types.Decimal{Precision: precision, Scale: scale}
	}
	whole := precision - scale
	return types.Decimal{Precision: MaxPrecision, Scale: max(MaxPrecision-whole, min(scale, 6))}
}

// ArithmeticDecimal is the result type of op over two decimals; for div it is the quotient before it becomes a long.
func ArithmeticDecimal(op string, a, b types.Decimal) types.Decimal {
	p1, s1, p2, s2 := a.Precision, a.Scale, b.Precision, b.Scale
	switch op {
	case "+", "-":
		scale := max(s1, s2)
		return adjust(max(p1-s1, p2-s2)+scale+1, scale)
	case "*":
		return adjust(p1+p2+1, s1+s2)
	case "/":
		scale := max(6, s1+p2+1)
		return adjust(p1-s1+s2+scale, scale)
	case "%":
		scale := max(s1, s2)
		return adjust(min(p1-s1, p2-s2)+scale, scale)
	}
	d := min(p1-s1+s2, MaxPrecision)
	if d == 0 {
		d = 1
	}
	return types.Decimal{Precision: d}
}

// CastTo casts to a type without a trace in names; e itself where it has the type.
func CastTo(e Expr, to types.Type, ansi bool) Expr {
	from := e.Type()
	if types.Equal(from, to) {
		return e
	}
	if l, ok := e.(*Literal); ok && l.Value == nil {
		return &Literal{DataType: to}
	}
	mode := CastLegacy
	if ansi {
		mode = CastANSI
	}
	return &Cast{Child: e, To: to, Mode: mode, Implicit: true}
}

// Orderable says that values of the type have an order.
func Orderable(t types.Type) bool {
	switch t := t.(type) {
	case types.Array:
		return Orderable(t.Elem)
	case types.Struct:
		for _, f := range t.Fields {
			if !Orderable(f.Type) {
				return false
			}
		}
		return true
	}
	return t.Kind() != types.KMap && t.Kind() != types.KCalendarInterval
}

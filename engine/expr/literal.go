package expr

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// Literal values: their text, their columns, and back.

// Lit makes the literal of a plain Go value: nil, bool, int32, int64, float64, string, []byte.
func Lit(v any) *Literal {
	t := types.Type(types.Null)
	switch v.(type) {
	case bool:
		t = types.Boolean
	case int8:
		t = types.Byte
	case int16:
		t = types.Short
	case int32:
		t = types.Int
	case int64:
		t = types.Long
	case float32:
		t = types.Float
	case float64:
		t = types.Double
	case string:
		t = types.String
	case []byte:
		t = types.Binary
	case Days:
		t = types.Date
	}
	return &Literal{Value: v, DataType: t}
}

// String is the text that names of columns show: a string bare, a number without its suffix.
func (l *Literal) String() string {
	if s, ok := l.Value.(string); ok {
		return s
	}
	return valueText(l.Value, l.DataType, zone.NewClock(l.Zone))
}

func valueText(v any, t types.Type, clock *zone.Clock) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return strconv.FormatBool(x)
	case int8:
		return strconv.Itoa(int(x))
	case int16:
		return strconv.Itoa(int(x))
	case int32:
		return strconv.Itoa(int(x))
	case int64:
		return strconv.FormatInt(x, 10)
	case float32:
		return string(AppendFloat(nil, float64(x), 32))
	case float64:
		return string(AppendFloat(nil, x, 64))
	case decimal128.Num:
		return string(AppendDecimalJava(nil, x, t.(types.Decimal).Scale))
	case string:
		return "'" + strings.ReplaceAll(x, "'", "\\'") + "'"
	case []byte:
		return "X'" + strings.ToUpper(hex.EncodeToString(x)) + "'"
	case Days:
		return "DATE '" + string(types.AppendDate(nil, int(x))) + "'"
	case Micros:
		return microsText(int64(x), t, clock)
	case Interval:
		return "INTERVAL '" + x.String() + "'"
	}
	return nestedText(v, t, clock)
}

func microsText(v int64, t types.Type, clock *zone.Clock) string {
	if r, ok := t.(types.IntervalRange); ok {
		return string(r.AppendRange(nil, v))
	}
	switch t.Kind() {
	case types.KTimestamp:
		return "TIMESTAMP '" + string(types.AppendTimestamp(nil, clock.Local(v))) + "'"
	case types.KTimestampNTZ:
		return "TIMESTAMP_NTZ '" + string(types.AppendTimestamp(nil, v)) + "'"
	case types.KYearMonthInterval:
		return string(AppendYearMonth(nil, int32(v)))
	}
	return string(AppendDayTime(nil, v))
}

func nestedText(v any, t types.Type, clock *zone.Clock) string {
	join := func(values []any, typeOf func(i int) types.Type) string {
		parts := make([]string, len(values))
		for i, x := range values {
			parts[i] = valueText(x, typeOf(i), clock)
		}
		return strings.Join(parts, ", ")
	}
	switch t := t.(type) {
	case types.Array:
		return "ARRAY(" + join(v.([]any), func(int) types.Type { return t.Elem }) + ")"
	case types.Struct:
		values := v.([]any)
		parts := make([]string, len(values))
		for i, x := range values {
			parts[i] = "'" + t.Fields[i].Name + "', " + valueText(x, t.Fields[i].Type, clock)
		}
		return "NAMED_STRUCT(" + strings.Join(parts, ", ") + ")"
	case types.Map:
		m := v.(MapValue)
		return "MAP_FROM_ARRAYS(ARRAY(" + join(m.Keys, func(int) types.Type { return t.Key }) + "), ARRAY(" +
			join(m.Values, func(int) types.Type { return t.Value }) + "))"
	}
	return "?"
}

// Array is the literal as a column of one row.
func (l *Literal) Array(mem memory.Allocator) (arrow.Array, error) {
	if l.Value == nil {
		return array.MakeArrayOfNull(mem, types.Arrow(l.DataType), 1), nil
	}
	if f := fixedLiteral(mem, l); f != nil {
		return f, nil
	}
	b := array.NewBuilder(mem, types.Arrow(l.DataType))
	defer b.Release()
	if err := AppendValue(b, l.Value, l.DataType); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}

// fixedLiteral makes the frequent kinds without a builder.
func fixedLiteral(mem memory.Allocator, l *Literal) arrow.Array {
	switch v := l.Value.(type) {
	case int32:
		if l.DataType.Kind() == types.KInt {
			return single(mem, l.DataType, v)
		}
	case int64:
		if l.DataType.Kind() == types.KLong {
			return single(mem, l.DataType, v)
		}
	case float64:
		return single(mem, l.DataType, v)
	case decimal128.Num:
		return single(mem, l.DataType, v)
	case Days:
		return single(mem, l.DataType, int32(v))
	case string:
		s := batch.NewStrings(mem, 1, len(v))
		s.AppendString(v)
		return s.Done(arrow.BinaryTypes.String, nil)
	}
	return nil
}

func single[T arrow.FixedWidthType](mem memory.Allocator, t types.Type, v T) arrow.Array {
	f := batch.NewFixed[T](mem, 1)
	f.Values[0] = v
	return f.Done(types.Arrow(t), nil)
}

// AppendValue appends a literal's value to a builder of its type.
func AppendValue(b array.Builder, v any, t types.Type) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.ListBuilder, *array.MapBuilder, *array.StructBuilder:
		return appendNested(b, v, t)
	case *array.BooleanBuilder:
		return put(b, v, t)
	case *array.Int8Builder:
		return put(b, v, t)
	case *array.Int16Builder:
		return put(b, v, t)
	case *array.Int32Builder:
		return put(b, v, t)
	case *array.Int64Builder:
		return put(b, v, t)
	case *array.Float32Builder:
		return put(b, v, t)
	case *array.Float64Builder:
		return put(b, v, t)
	case *array.Decimal128Builder:
		return put(b, v, t)
	case *array.StringBuilder:
		return put(b, v, t)
	case *array.BinaryBuilder:
		if x, ok := v.([]byte); ok {
			b.Append(x)
			return nil
		}
	default:
		if appendTime(b, v) {
			return nil
		}
	}
	return errs.Internal("a literal of %T is no %s", v, t)
}

// put appends a value of the builder's own Go type.
func put[T any](b interface{ Append(T) }, v any, t types.Type) error {
	x, ok := v.(T)
	if !ok {
		return errs.Internal("a literal of %T is no %s", v, t)
	}
	b.Append(x)
	return nil
}

func appendTime(b array.Builder, v any) bool {
	switch b := b.(type) {
	case *array.Date32Builder:
		x, ok := v.(Days)
		b.Append(arrow.Date32(x))
		return ok
	case *array.TimestampBuilder:
		x, ok := v.(Micros)
		b.Append(arrow.Timestamp(x))
		return ok
	case *array.DurationBuilder:
		x, ok := v.(Micros)
		b.Append(arrow.Duration(x))
		return ok
	case *array.MonthIntervalBuilder:
		switch x := v.(type) {
		case Micros:
			b.Append(arrow.MonthInterval(x))
			return true
		case int32:
			b.Append(arrow.MonthInterval(x))
			return true
		case Interval:
			b.Append(arrow.MonthInterval(x.Months))
			return true
		}
	case *array.MonthDayNanoIntervalBuilder:
		x, ok := v.(Interval)
		b.Append(arrow.MonthDayNanoInterval{Months: x.Months, Days: x.Days, Nanoseconds: x.Micros * 1000})
		return ok
	}
	return false
}

func appendNested(b array.Builder, v any, t types.Type) error {
	switch b := b.(type) {
	case *array.ListBuilder:
		b.Append(true)
		for _, x := range v.([]any) {
			if err := AppendValue(b.ValueBuilder(), x, t.(types.Array).Elem); err != nil {
				return err
			}
		}
	case *array.MapBuilder:
		b.Append(true)
		m, mt := v.(MapValue), t.(types.Map)
		for i := range m.Keys {
			if err := AppendValue(b.KeyBuilder(), m.Keys[i], mt.Key); err != nil {
				return err
			}
			if err := AppendValue(b.ItemBuilder(), m.Values[i], mt.Value); err != nil {
				return err
			}
		}
	case *array.StructBuilder:
		b.Append(true)
		for i, x := range v.([]any) {
			if err := AppendValue(b.FieldBuilder(i), x, t.(types.Struct).Fields[i].Type); err != nil {
				return err
			}
		}
	}
	return nil
}

// ValueAt is row i of a column as a literal's value.
func ValueAt(a arrow.Array, i int, t types.Type) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int8:
		return a.Value(i)
	case *array.Int16:
		return a.Value(i)
	case *array.Int32:
		return a.Value(i)
	case *array.Int64:
		return a.Value(i)
	case *array.Float32:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.Decimal128:
		return a.Value(i)
	case *array.String:
		return strings.Clone(a.Value(i))
	case *array.Binary:
		return append([]byte{}, a.Value(i)...)
	case *array.Date32:
		return Days(a.Value(i))
	case *array.Timestamp:
		return Micros(a.Value(i))
	case *array.Duration:
		return Micros(a.Value(i))
	case *array.MonthInterval:
		return Micros(a.Value(i))
	case *array.MonthDayNanoInterval:
		v := a.Value(i)
		return Interval{Months: v.Months, Days: v.Days, Micros: v.Nanoseconds / 1000}
	}
	return nestedAt(a, i, t)
}

func nestedAt(a arrow.Array, i int, t types.Type) any {
	list := func(child arrow.Array, lo, hi int32, t types.Type) []any {
		out := make([]any, 0, hi-lo)
		for k := lo; k < hi; k++ {
			out = append(out, ValueAt(child, int(k), t))
		}
		return out
	}
	switch a := a.(type) {
	case *array.List:
		r := batch.Ranges(a)
		return list(a.ListValues(), r[i], r[i+1], t.(types.Array).Elem)
	case *array.Map:
		r, m := batch.Ranges(a), t.(types.Map)
		return MapValue{Keys: list(a.Keys(), r[i], r[i+1], m.Key), Values: list(a.Items(), r[i], r[i+1], m.Value)}
	case *array.Struct:
		out := make([]any, a.NumField())
		for f := range out {
			out[f] = ValueAt(a.Field(f), i, t.(types.Struct).Fields[f].Type)
		}
		return out
	}
	return nil
}

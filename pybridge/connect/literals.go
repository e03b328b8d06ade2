package connect

import (
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// literal decodes a constant of any type.
func literal(l *pb.Expression_Literal) (*expr.Literal, error) {
	lit := func(v any, t types.Type) (*expr.Literal, error) { return &expr.Literal{Value: v, DataType: t}, nil }
	switch t := l.GetLiteralType().(type) {
	case *pb.Expression_Literal_Null:
		dt, err := dataType(t.Null)
		if err != nil {
			return nil, err
		}
		return lit(nil, dt)
	case *pb.Expression_Literal_Boolean:
		return lit(t.Boolean, types.Boolean)
	case *pb.Expression_Literal_Byte:
		return lit(int8(t.Byte), types.Byte)
	case *pb.Expression_Literal_Short:
		return lit(int16(t.Short), types.Short)
	case *pb.Expression_Literal_Integer:
		return lit(t.Integer, types.Int)
	case *pb.Expression_Literal_Long:
		return lit(t.Long, types.Long)
	case *pb.Expression_Literal_Float:
		return lit(t.Float, types.Float)
	case *pb.Expression_Literal_Double:
		return lit(t.Double, types.Double)
	case *pb.Expression_Literal_String_:
		return lit(t.String_, types.String)
	case *pb.Expression_Literal_Binary:
		return lit(t.Binary, types.Binary)
	case *pb.Expression_Literal_Date:
		return lit(expr.Days(t.Date), types.Date)
	case *pb.Expression_Literal_Timestamp:
		return lit(expr.Micros(t.Timestamp), types.Timestamp)
	case *pb.Expression_Literal_TimestampNtz:
		return lit(expr.Micros(t.TimestampNtz), types.TimestampNTZ)
	case *pb.Expression_Literal_DayTimeInterval:
		return lit(expr.Micros(t.DayTimeInterval), types.DayTimeInterval)
	case *pb.Expression_Literal_YearMonthInterval:
		return lit(t.YearMonthInterval, types.YearMonthInterval)
	case *pb.Expression_Literal_CalendarInterval_:
		c := t.CalendarInterval
		return lit(expr.Interval{Months: c.GetMonths(), Days: c.GetDays(), Micros: c.GetMicroseconds()}, types.CalendarInterval)
	case *pb.Expression_Literal_Decimal_:
		return decimalLiteral(t.Decimal)
	}
	return nestedLiteral(l)
}

func decimalLiteral(d *pb.Expression_Literal_Decimal) (*expr.Literal, error) {
	precision, scale := int32(d.GetPrecision()), int32(d.GetScale())
	if d.Precision == nil {
		precision, scale = digits(d.GetValue())
	}
	n, err := decimal128.FromString(d.GetValue(), precision, scale)
	if err != nil {
		return nil, errs.New("INVALID_NUMERIC_LITERAL_RANGE", "rawStrippedQualifier", d.GetValue(), "minValue", "-1E38", "maxValue", "1E38", "typeName", "decimal")
	}
	return &expr.Literal{Value: n, DataType: types.Decimal{Precision: int(precision), Scale: int(scale)}}, nil
}

// digits is the smallest decimal type of a number's plain text.
func digits(text string) (precision, scale int32) {
	point := false
	for _, c := range text {
		switch {
		case c == '.':
			point = true
		case c >= '0' && c <= '9':
			precision++
			if point {
				scale++
			}
		}
	}
	return max(precision, scale, 1), scale
}

func nestedLiteral(l *pb.Expression_Literal) (*expr.Literal, error) {
	switch t := l.GetLiteralType().(type) {
	case *pb.Expression_Literal_Array_:
		values, inner, err := literals(t.Array.GetElements(), t.Array.GetElementType())
		if err != nil {
			return nil, err
		}
		return typed(l, values, types.Array{Elem: inner, ContainsNull: true})
	case *pb.Expression_Literal_Map_:
		keys, kt, err := literals(t.Map.GetKeys(), t.Map.GetKeyType())
		if err != nil {
			return nil, err
		}
		values, vt, err := literals(t.Map.GetValues(), t.Map.GetValueType())
		if err != nil {
			return nil, err
		}
		return typed(l, expr.MapValue{Keys: keys, Values: values}, types.Map{Key: kt, Value: vt, ValueContainsNull: true})
	case *pb.Expression_Literal_Struct_:
		values, _, err := literals(t.Struct.GetElements(), nil)
		if err != nil {
			return nil, err
		}
		dt, err := dataType(t.Struct.GetStructType())
		if err != nil {
			return nil, err
		}
		return typed(l, values, dt)
	}
	return nil, errs.NotBuilt("a literal of this type")
}

// typed gives a nested literal the type that the message states beside it, if it does.
func typed(l *pb.Expression_Literal, value any, fallback types.Type) (*expr.Literal, error) {
	if l.GetDataType() == nil {
		return &expr.Literal{Value: value, DataType: fallback}, nil
	}
	dt, err := dataType(l.GetDataType())
	return &expr.Literal{Value: value, DataType: dt}, err
}

// literals decodes elements and the type they share: the declared one, or the first that is not null.
func literals(list []*pb.Expression_Literal, declared *pb.DataType) ([]any, types.Type, error) {
	var inner types.Type = types.Null
	out := make([]any, len(list))
	for i, m := range list {
		l, err := literal(m)
		if err != nil {
			return nil, nil, err
		}
		out[i] = l.Value
		if inner.Kind() == types.KNull {
			inner = l.DataType
		}
	}
	if declared != nil {
		t, err := dataType(declared)
		return out, t, err
	}
	return out, inner, nil
}

package types

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// utcMicros is the one Arrow form of Spark's timestamp: microseconds since the epoch, zone UTC.
var (
	utcMicros = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	ntzMicros = &arrow.TimestampType{Unit: arrow.Microsecond}
)

// Arrow is the Arrow form of a Spark type: the engine holds columns of no other form.
func Arrow(t Type) arrow.DataType {
	switch t := t.(type) {
	case Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case Array:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: Arrow(t.Elem), Nullable: t.ContainsNull})
	case Map:
		m := arrow.MapOfFields(arrow.Field{Name: "key", Type: Arrow(t.Key)},
			arrow.Field{Name: "value", Type: Arrow(t.Value), Nullable: t.ValueContainsNull})
		return m
	case Struct:
		return arrow.StructOf(ArrowFields(t.Fields)...)
	}
	return arrowPrimitive(t.Kind())
}

func arrowPrimitive(k Kind) arrow.DataType {
	switch k {
	case KNull:
		return arrow.Null
	case KBoolean:
		return arrow.FixedWidthTypes.Boolean
	case KByte:
		return arrow.PrimitiveTypes.Int8
	case KShort:
		return arrow.PrimitiveTypes.Int16
	case KInt:
		return arrow.PrimitiveTypes.Int32
	case KLong:
		return arrow.PrimitiveTypes.Int64
	case KFloat:
		return arrow.PrimitiveTypes.Float32
	case KDouble:
		return arrow.PrimitiveTypes.Float64
	case KString:
		return arrow.BinaryTypes.String
	case KBinary:
		return arrow.BinaryTypes.Binary
	case KDate:
		return arrow.FixedWidthTypes.Date32
	case KTimestamp:
		return utcMicros
	case KTimestampNTZ:
		return ntzMicros
	case KDayTimeInterval:
		return arrow.FixedWidthTypes.Duration_us
	case KYearMonthInterval:
		return arrow.FixedWidthTypes.MonthInterval
	case KCalendarInterval:
		return arrow.FixedWidthTypes.MonthDayNanoInterval
	}
	return arrow.Null
}

// ArrowFields maps the fields of a struct or frame; every field is nullable to Arrow, since
// Spark's nullability is the plan's knowledge and no reader may depend on it.
func ArrowFields(fields []Field) []arrow.Field {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		out[i] = arrow.Field{Name: f.Name, Type: Arrow(f.Type), Nullable: true}
	}
	return out
}

// ArrowSchema is the schema of a frame's batches.
func ArrowSchema(s Struct) *arrow.Schema { return arrow.NewSchema(ArrowFields(s.Fields), nil) }

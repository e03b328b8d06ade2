package types

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
)

// FromArrow is the Spark type of an Arrow type, in all forms that foreign files and Python hand over. Unsigned integers
// become the next larger type.
func FromArrow(dt arrow.DataType) (Type, error) {
	if p, ok := fromArrowPrimitive(dt.ID()); ok {
		return p, nil
	}
	switch dt := dt.(type) {
	case arrow.DecimalType:
		if p := int(dt.GetPrecision()); p > 38 {
			return nil, errs.New("UNSUPPORTED_ARROWTYPE", "typeName", dt.String())
		}
		return Decimal{int(dt.GetPrecision()), int(dt.GetScale())}, nil
	case *arrow.TimestampType:
		if dt.TimeZone == "" {
			return TimestampNTZ, nil
		}
		return Timestamp, nil
	case *arrow.DictionaryType:
		return FromArrow(dt.ValueType)
	case *arrow.RunEndEncodedType:
		return FromArrow(dt.Encoded())
	case *arrow.MapType:
		k, err := FromArrow(dt.KeyType())
		if err != nil {
			return nil, err
		}
		v, err := FromArrow(dt.ItemType())
		return Map{Key: k, Value: v, ValueContainsNull: dt.ItemField().Nullable}, err
	case arrow.ListLikeType:
		e, err := FromArrow(dt.Elem())
		return Array{Elem: e, ContainsNull: dt.ElemField().Nullable}, err
	case *arrow.StructType:
		fields, err := fromArrowFields(dt.Fields())
		return Struct{Fields: fields}, err
	case arrow.ExtensionType:
		return FromArrow(dt.StorageType())
	}
	return nil, errs.New("UNSUPPORTED_ARROWTYPE", "typeName", dt.String())
}

func fromArrowPrimitive(id arrow.Type) (Type, bool) {
	switch id {
	case arrow.NULL:
		return Null, true
	case arrow.BOOL:
		return Boolean, true
	case arrow.INT8:
		return Byte, true
	case arrow.INT16, arrow.UINT8:
		return Short, true
	case arrow.INT32, arrow.UINT16:
		return Int, true
	case arrow.INT64, arrow.UINT32:
		return Long, true
	case arrow.UINT64:
		return Decimal{20, 0}, true
	case arrow.FLOAT32, arrow.FLOAT16:
		return Float, true
	case arrow.FLOAT64:
		return Double, true
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return String, true
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY:
		return Binary, true
	case arrow.DATE32, arrow.DATE64:
		return Date, true
	case arrow.DURATION:
		return DayTimeInterval, true
	case arrow.INTERVAL_MONTHS:
		return YearMonthInterval, true
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return CalendarInterval, true
	}
	return nil, false
}

func fromArrowFields(fields []arrow.Field) ([]Field, error) {
	out := make([]Field, len(fields))
	for i, f := range fields {
		t, err := FromArrow(f.Type)
		if err != nil {
			return nil, err
		}
		out[i] = Field{Name: f.Name, Type: t, Nullable: f.Nullable}
	}
	return out, nil
}

// FromArrowSchema is the Spark schema of an Arrow schema.
func FromArrowSchema(s *arrow.Schema) (Struct, error) {
	fields, err := fromArrowFields(s.Fields())
	return Struct{Fields: fields}, err
}

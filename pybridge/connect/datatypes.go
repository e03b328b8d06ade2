package connect

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// dataType maps a Connect type to ours.
func dataType(t *pb.DataType) (types.Type, error) {
	switch k := t.GetKind().(type) {
	case *pb.DataType_Null:
		return types.Null, nil
	case *pb.DataType_Boolean_:
		return types.Boolean, nil
	case *pb.DataType_Byte_:
		return types.Byte, nil
	case *pb.DataType_Short_:
		return types.Short, nil
	case *pb.DataType_Integer_:
		return types.Int, nil
	case *pb.DataType_Long_:
		return types.Long, nil
	case *pb.DataType_Float_:
		return types.Float, nil
	case *pb.DataType_Double_:
		return types.Double, nil
	case *pb.DataType_String_, *pb.DataType_Char_, *pb.DataType_VarChar_:
		return types.String, nil
	case *pb.DataType_Binary_:
		return types.Binary, nil
	case *pb.DataType_Date_:
		return types.Date, nil
	case *pb.DataType_Timestamp_:
		return types.Timestamp, nil
	case *pb.DataType_TimestampNtz:
		return types.TimestampNTZ, nil
	case *pb.DataType_CalendarInterval_:
		return types.CalendarInterval, nil
	case *pb.DataType_YearMonthInterval_:
		i := k.YearMonthInterval
		return intervalType(types.Year, types.Month, i.StartField, i.EndField), nil
	case *pb.DataType_DayTimeInterval_:
		i := k.DayTimeInterval
		return intervalType(types.Day, types.Second, i.StartField, i.EndField), nil
	case *pb.DataType_Decimal_:
		return decimalType(k.Decimal), nil
	case *pb.DataType_Unparsed_:
		return types.ParseType(k.Unparsed.GetDataTypeString())
	}
	return nestedType(t)
}

// intervalType reads the fields of an interval, which the wire counts from the kind's first; what is not given is the
// kind's own.
func intervalType(first, last types.Unit, start, end *int32) types.Type {
	from, to := first, last
	if start != nil {
		from = first + types.Unit(*start)
		to = from
	}
	if end != nil {
		to = first + types.Unit(*end)
	}
	return types.Intervals(from, min(to, last))
}

// intervalFields writes them.
func intervalFields(t types.Type, first types.Unit) (start, end *int32) {
	from, to := types.Units(t)
	s, e := int32(from-first), int32(to-first)
	return &s, &e
}

func decimalType(d *pb.DataType_Decimal) types.Type {
	out := types.Decimal{Precision: 10}
	if d.Precision != nil {
		out.Precision = int(d.GetPrecision())
	}
	out.Scale = int(d.GetScale())
	return out
}

func nestedType(t *pb.DataType) (types.Type, error) {
	switch k := t.GetKind().(type) {
	case *pb.DataType_Array_:
		elem, err := dataType(k.Array.GetElementType())
		return types.Array{Elem: elem, ContainsNull: k.Array.GetContainsNull()}, err
	case *pb.DataType_Map_:
		key, err := dataType(k.Map.GetKeyType())
		if err != nil {
			return nil, err
		}
		value, err := dataType(k.Map.GetValueType())
		return types.Map{Key: key, Value: value, ValueContainsNull: k.Map.GetValueContainsNull()}, err
	case *pb.DataType_Struct_:
		var out types.Struct
		for _, f := range k.Struct.GetFields() {
			ft, err := dataType(f.GetDataType())
			if err != nil {
				return nil, err
			}
			out.Fields = append(out.Fields, types.Field{Name: f.GetName(), Type: ft, Nullable: f.GetNullable(), Metadata: f.GetMetadata()})
		}
		return out, nil
	case *pb.DataType_Udt:
		return dataType(k.Udt.GetSqlType())
	}
	return nil, errs.NotBuilt("the type " + kindOf(t.ProtoReflect(), "kind"))
}

// parseSchema reads a schema as DDL text or as Spark's JSON.
func parseSchema(text string) (types.Struct, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		t, err := types.FromJSON(text)
		if err != nil {
			return types.Struct{}, err
		}
		if s, ok := t.(types.Struct); ok {
			return s, nil
		}
		return types.Struct{}, errs.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", text, "dataType", types.SQL(t))
	}
	return types.ParseDDL(text)
}

// message maps our type to Connect's.
func message(t types.Type) *pb.DataType {
	switch t := t.(type) {
	case types.Decimal:
		precision, scale := int32(t.Precision), int32(t.Scale)
		return &pb.DataType{Kind: &pb.DataType_Decimal_{Decimal: &pb.DataType_Decimal{Precision: &precision, Scale: &scale}}}
	case types.Array:
		return &pb.DataType{Kind: &pb.DataType_Array_{Array: &pb.DataType_Array{ElementType: message(t.Elem), ContainsNull: t.ContainsNull}}}
	case types.Map:
		return &pb.DataType{Kind: &pb.DataType_Map_{Map: &pb.DataType_Map{KeyType: message(t.Key), ValueType: message(t.Value), ValueContainsNull: t.ValueContainsNull}}}
	case types.Struct:
		out := &pb.DataType_Struct{}
		for _, f := range t.Fields {
			field := &pb.DataType_StructField{Name: f.Name, DataType: message(f.Type), Nullable: f.Nullable}
			if f.Metadata != "" {
				field.Metadata = &f.Metadata
			}
			out.Fields = append(out.Fields, field)
		}
		return &pb.DataType{Kind: &pb.DataType_Struct_{Struct: out}}
	}
	return primitiveMessage(t)
}

func primitiveMessage(t types.Type) *pb.DataType {
	switch t.Kind() {
	case types.KBoolean:
		return &pb.DataType{Kind: &pb.DataType_Boolean_{Boolean: &pb.DataType_Boolean{}}}
	case types.KByte:
		return &pb.DataType{Kind: &pb.DataType_Byte_{Byte: &pb.DataType_Byte{}}}
	case types.KShort:
		return &pb.DataType{Kind: &pb.DataType_Short_{Short: &pb.DataType_Short{}}}
	case types.KInt:
		return &pb.DataType{Kind: &pb.DataType_Integer_{Integer: &pb.DataType_Integer{}}}
	case types.KLong:
		return &pb.DataType{Kind: &pb.DataType_Long_{Long: &pb.DataType_Long{}}}
	case types.KFloat:
		return &pb.DataType{Kind: &pb.DataType_Float_{Float: &pb.DataType_Float{}}}
	case types.KDouble:
		return &pb.DataType{Kind: &pb.DataType_Double_{Double: &pb.DataType_Double{}}}
	case types.KString:
		return &pb.DataType{Kind: &pb.DataType_String_{String_: &pb.DataType_String{}}}
	case types.KBinary:
		return &pb.DataType{Kind: &pb.DataType_Binary_{Binary: &pb.DataType_Binary{}}}
	case types.KDate:
		return &pb.DataType{Kind: &pb.DataType_Date_{Date: &pb.DataType_Date{}}}
	case types.KTimestamp:
		return &pb.DataType{Kind: &pb.DataType_Timestamp_{Timestamp: &pb.DataType_Timestamp{}}}
	case types.KTimestampNTZ:
		return &pb.DataType{Kind: &pb.DataType_TimestampNtz{TimestampNtz: &pb.DataType_TimestampNTZ{}}}
	case types.KDayTimeInterval:
		start, end := intervalFields(t, types.Day)
		return &pb.DataType{Kind: &pb.DataType_DayTimeInterval_{DayTimeInterval: &pb.DataType_DayTimeInterval{StartField: start, EndField: end}}}
	case types.KYearMonthInterval:
		start, end := intervalFields(t, types.Year)
		return &pb.DataType{Kind: &pb.DataType_YearMonthInterval_{YearMonthInterval: &pb.DataType_YearMonthInterval{StartField: start, EndField: end}}}
	case types.KCalendarInterval:
		return &pb.DataType{Kind: &pb.DataType_CalendarInterval_{CalendarInterval: &pb.DataType_CalendarInterval{}}}
	}
	return &pb.DataType{Kind: &pb.DataType_Null{Null: &pb.DataType_NULL{}}}
}

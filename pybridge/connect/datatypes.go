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
		return types.YearMonthInterval, nil
	case *pb.DataType_DayTimeInterval_:
		return types.DayTimeInterval, nil
	case *pb.DataType_Decimal_:
		return decimalType(k.Decimal), nil
	case *pb.DataType_Unparsed_:
		return types.ParseType(k.Unparsed.GetDataTypeString())
	}
	return nestedType(t)
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
	return nil, errs.NotBuilt("the type " + kindName(t))
}

func kindName(t *pb.DataType) string {
	m := t.ProtoReflect()
	if f := m.WhichOneof(m.Descriptor().Oneofs().ByName("kind")); f != nil {
		return string(f.Name())
	}
	return "unknown"
}

// parseSchema reads a schema as DDL text or as Spark's JSON.
func parseSchema(text string) (types.Struct, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		t, err := types.FromJSON([]byte(text))
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

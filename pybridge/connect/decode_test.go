package connect

import (
	"os"
	"reflect"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSplitName(t *testing.T) {
	for text, want := range map[string][]string{"a": {"a"}, "a.b": {"a", "b"}, "`a.b`.c": {"a.b", "c"}, "`a``b`": {"a`b"}, "``": {""}, "*": {"*"}} {
		if got, err := splitName(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"a.", ".a", "a..b", "`a", "`a`b", "a`b`"} {
		if got, err := splitName(text); errs.As(err) == nil || errs.As(err).Name != "INVALID_ATTRIBUTE_NAME_SYNTAX" {
			t.Errorf("%s is %q, %v", text, got, err)
		}
	}
}

func TestTypesGoThereAndBack(t *testing.T) {
	for _, want := range []types.Type{types.Boolean, types.Byte, types.Short, types.Int, types.Long, types.Float, types.Double, types.String, types.Binary,
		types.Date, types.Timestamp, types.TimestampNTZ, types.Null, types.DayTimeInterval, types.YearMonthInterval, types.CalendarInterval,
		types.Decimal{Precision: 12, Scale: 3}, types.Array{Elem: types.Int, ContainsNull: true}, types.Map{Key: types.String, Value: types.Long},
		types.Struct{Fields: []types.Field{{Name: "a", Type: types.Int, Nullable: true, Metadata: `{"k":1}`}, {Name: "b", Type: types.Array{Elem: types.String}}}}} {
		if got, err := dataType(message(want)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s came back as %v, %v", want, got, err)
		}
	}
}

func TestLiterals(t *testing.T) {
	plain := func(v string) *pb.Expression_Literal {
		return &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Decimal_{Decimal: &pb.Expression_Literal_Decimal{Value: v}}}
	}
	for text, want := range map[string]types.Type{"1.50": types.Decimal{Precision: 3, Scale: 2}, "-0.05": types.Decimal{Precision: 3, Scale: 2}, "12": types.Decimal{Precision: 2}} {
		if got, err := literal(plain(text)); err != nil || got.DataType != want {
			t.Errorf("%s is of type %v, %v", text, got, err)
		}
	}
	if _, err := literal(plain("x")); errs.As(err) == nil {
		t.Errorf("a bad decimal gave %v", err)
	}
	list := &pb.Expression_Literal{LiteralType: &pb.Expression_Literal_Array_{Array: &pb.Expression_Literal_Array{Elements: []*pb.Expression_Literal{
		{LiteralType: &pb.Expression_Literal_Integer{Integer: 1}}, {LiteralType: &pb.Expression_Literal_Integer{Integer: 2}}}}}}
	got, err := literal(list)
	if err != nil || !reflect.DeepEqual(got.Value, []any{int32(1), int32(2)}) || !types.Equal(got.DataType, types.Array{Elem: types.Int}) {
		t.Errorf("an array is %+v, %v", got, err)
	}
}

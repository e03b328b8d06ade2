package batch

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

func TestNormalise(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	item := arrow.Field{Name: "item", Type: arrow.BinaryTypes.LargeString, Nullable: true}
	cases := []struct {
		from       arrow.DataType
		text, want string
	}{
		{arrow.BinaryTypes.LargeString, `["a",null,"","é"]`, `["a",null,"","é"]`},
		{arrow.BinaryTypes.StringView, `["a",null,"longer than twelve bytes"]`, `["a",null,"longer than twelve bytes"]`},
		{arrow.BinaryTypes.LargeBinary, `["YQ==",null]`, `["YQ==",null]`},
		{&arrow.FixedSizeBinaryType{ByteWidth: 1}, `["YQ==",null]`, `["YQ==",null]`},
		{arrow.PrimitiveTypes.Uint8, `[255,null]`, `[255,null]`}, {arrow.PrimitiveTypes.Uint16, `[65535]`, `[65535]`}, {arrow.PrimitiveTypes.Uint32, `[4294967295]`, `[4294967295]`},
		{arrow.PrimitiveTypes.Uint64, `[18446744073709551615,null]`, `["18446744073709551615",null]`},
		{arrow.FixedWidthTypes.Date64, `["1969-12-31",null]`, `["1969-12-31",null]`},
		{&arrow.TimestampType{Unit: arrow.Nanosecond}, `["1969-12-31 23:59:59.123456789",null]`, `["1969-12-31T23:59:59.123456",null]`},
		{&arrow.TimestampType{Unit: arrow.Second, TimeZone: "Europe/Paris"}, `["2020-01-01 00:00:00Z"]`, `["2020-01-01T00:00:00Z"]`},
		{&arrow.DurationType{Unit: arrow.Millisecond}, `["5ms",null]`, `["5000us",null]`},
		{&arrow.Decimal256Type{Precision: 20, Scale: 2}, `["-1.25",null]`, `["-1.25",null]`},
		{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["a","b",null,"a"]`, `["a","b",null,"a"]`},
		{arrow.ListOfField(item), `[["a",null],null,[],["b"]]`, `[["a",null],null,[],["b"]]`},
		{arrow.LargeListOfField(item), `[["a",null],null,[],["b"]]`, `[["a",null],null,[],["b"]]`},
		{arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int64), `[[1,2],null,[3,null]]`, `[[1,2],null,[3,null]]`},
		{arrow.ListViewOfField(item), `[["a",null],null,[],["b"]]`, `[["a",null],null,[],["b"]]`},
		{arrow.MapOf(arrow.BinaryTypes.LargeString, arrow.PrimitiveTypes.Uint8), `[[{"key":"a","value":1}],null,[]]`, `[[{"key":"a","value":1}],null,[]]`},
		{arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Uint8, Nullable: true}), `[{"x":1},null,{"x":null}]`, `[{"x":1},null,{"x":null}]`},
		{arrow.PrimitiveTypes.Int64, `[1,null]`, `[1,null]`},
	}
	for _, c := range cases {
		a, _, err := array.FromJSON(mem, c.from, strings.NewReader(c.text))
		if err != nil {
			t.Fatalf("%v: %v", c.from, err)
		}
		got, err := Normalise(mem, a)
		if err != nil {
			t.Fatalf("%v: %v", c.from, err)
		}
		want, _ := types.FromArrow(c.from)
		if !arrow.TypeEqual(got.DataType(), types.Arrow(want)) {
			t.Errorf("%v: got %v", c.from, got.DataType())
		}
		text, err := got.MarshalJSON()
		if err != nil || strings.ReplaceAll(string(text), "\n", "") != c.want {
			t.Errorf("%v: got %s, %v, want %s", c.from, text, err, c.want)
		}
		// A slice gives the rows of the slice.
		if a.Len() > 1 {
			part := array.NewSlice(a, 1, int64(a.Len()))
			cut, err := Normalise(mem, part)
			if err != nil || cut.Len() != a.Len()-1 {
				t.Fatalf("%v: %v", c.from, err)
			}
			for i := range cut.Len() {
				if cut.ValueStr(i) != got.ValueStr(i+1) {
					t.Errorf("%v: slice row %d is %s, want %s", c.from, i, cut.ValueStr(i), got.ValueStr(i+1))
				}
			}
			cut.Release()
			part.Release()
		}
		got.Release()
		a.Release()
	}
	times := array.NewTime64Builder(mem, arrow.FixedWidthTypes.Time64us.(*arrow.Time64Type))
	defer times.Release()
	a := times.NewArray()
	defer a.Release()
	if _, err := Normalise(mem, a); err == nil || errs.As(err).Name != "UNSUPPORTED_ARROWTYPE" {
		t.Errorf("got %v", err)
	}
}

package functions

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// TestFuseSplit compares parts by their number with those taken out of the whole list.
func TestFuseSplit(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	b := array.NewStringBuilder(mem)
	for _, s := range []string{"a/b/c", "", "/", "a", "//x", "a::b::c", "é/ü", "a1b22c"} {
		b.Append(s)
	}
	b.AppendNull()
	texts := b.NewArray()
	b.Release()
	defer texts.Release()
	attr := &expr.Attr{ID: expr.NewID(), Name: "s", DataType: types.String, Null: true}
	bind := func(ansi bool, name string, args ...expr.Expr) expr.Expr {
		e, err := Bind(&Env{ANSI: ansi, Zone: "UTC"}, &expr.Call{Name: []string{name}, Args: args, Internal: true})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	fused := 0
	for _, sep := range []string{"/", "::", "[0-9]+", ""} {
		for _, how := range []string{"item", "get", "element_at", "try_element_at"} {
			for k := int32(-1); k < 4; k++ {
				for row := 0; row < texts.Len(); row++ {
					one := array.NewSlice(texts, int64(row), int64(row+1))
					rec := batch.Make(arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), []arrow.Array{one}, 1)
					plain := itemOf(how, bind(true, "split", attr, expr.Lit(sep)), expr.Lit(k), bind)
					other := Fuse(plain)
					if other.(*expr.Apply).Fn == splitItemFn {
						fused++
					}
					if x, y := shown(t, mem, plain, attr, rec), shown(t, mem, other, attr, rec); x != y || plain.String() != other.String() || plain.Nullable() != other.Nullable() {
						t.Errorf("%s of row %d is %s, fused %s", plain, row, x, y)
					}
					rec.Release()
				}
			}
		}
	}
	if fused == 0 {
		t.Fatal("nothing was fused")
	}
}

func itemOf(how string, list, k expr.Expr, bind func(bool, string, ...expr.Expr) expr.Expr) expr.Expr {
	if how != "item" {
		return bind(true, how, list, k)
	}
	e, _ := bindArrayItem(&Env{ANSI: true}, &expr.Call{Args: []expr.Expr{list, k}})
	return e
}

// shown is an expression's one value, or the condition it raises with its parameters.
func shown(t *testing.T, mem memory.Allocator, e expr.Expr, attr *expr.Attr, rec arrow.RecordBatch) string {
	t.Helper()
	ev, err := expr.Compile(e, []*expr.Attr{attr})
	if err != nil {
		t.Fatal(err)
	}
	v, err := ev.Eval(&expr.Context{Mem: mem, ANSI: true}, rec)
	if err != nil {
		return fmt.Sprint(errs.As(err).Name, errs.As(err).Params)
	}
	defer v.Release()
	return fmt.Sprint(v.Array)
}

package batch_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// columnsForCells are columns of eight rows, of every form, with a null among them.
var columnsForCells = []struct {
	dt   arrow.DataType
	json string
}{
	{arrow.PrimitiveTypes.Int8, `[1,null,-3,4,5,6,7,8]`},
	{arrow.PrimitiveTypes.Int16, `[1,null,-3,4,5,6,7,8]`},
	{arrow.PrimitiveTypes.Date32, `[1,null,-3,4,5,6,7,8]`},
	{arrow.PrimitiveTypes.Int64, `[1,null,-3,4,5,6,7,8]`},
	{arrow.PrimitiveTypes.Float32, `[1.5,null,-3,4,5,6,7,8]`},
	{arrow.PrimitiveTypes.Float64, `[1.5,null,-3,4,5,6,7,8]`},
	{&arrow.Decimal128Type{Precision: 10, Scale: 2}, `["1.50",null,"-3","4","5","6","7","8"]`},
	{arrow.FixedWidthTypes.Boolean, `[true,null,false,true,false,true,false,false]`},
	{arrow.BinaryTypes.String, `["a",null,"","dddd","e","a longer text than the others","g","h"]`},
	{arrow.BinaryTypes.Binary, `["YQ==",null,"","YWJj","YQ==","YQ==","YQ==","YQ=="]`},
	{arrow.ListOf(arrow.PrimitiveTypes.Int32), `[[1,2],null,[],[3],[4,null],[5],[6],[7]]`},
	{arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int32), `[[{"key":"a","value":1}],null,[],[{"key":"b","value":null}],[],[],[],[{"key":"z","value":9}]]`},
	{arrow.StructOf(arrow.Field{Name: "x", Type: arrow.BinaryTypes.String, Nullable: true}, arrow.Field{Name: "y", Type: arrow.PrimitiveTypes.Int64, Nullable: true}),
		`[{"x":"a","y":1},null,{"x":null,"y":3},{"x":"d","y":null},{"x":"e","y":5},{"x":"f","y":6},{"x":"g","y":7},{"x":"h","y":8}]`},
}

// TestCells sets, clears and sets again at random and takes what stands there, as a plain list would have it.
func TestCells(t *testing.T) {
	for _, c := range columnsForCells {
		t.Run(c.dt.String(), func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer mem.AssertSize(t, 0)
			a, _, err := array.FromJSON(mem, c.dt, strings.NewReader(c.json))
			if err != nil {
				t.Fatal(err)
			}
			defer a.Release()
			cells := batch.NewCells(c.dt)
			defer cells.Close()
			r := rand.New(rand.NewSource(3))
			want, free := map[int32]string{}, []int32{}
			for size, step := int32(0), 0; step < 400; step++ {
				rows, slots := make([]int32, r.Intn(5)), []int32{}
				for i := range rows {
					rows[i] = int32(r.Intn(a.Len()))
					if n := len(free); n > 0 {
						slots, free = append(slots, free[n-1]), free[:n-1]
					} else {
						slots, size = append(slots, size*1000), size+1
					}
				}
				cells.Grow(int(size)*1000 + 1)
				part := batch.Take(mem, a, rows)
				cells.Set(slots, part)
				for i, s := range slots {
					want[s] = part.ValueStr(i)
				}
				part.Release()
				var gone []int32
				for s := range want {
					if r.Intn(4) == 0 {
						gone = append(gone, s)
						delete(want, s)
					}
				}
				cells.Clear(gone)
				free = append(free, gone...)
				checkCells(t, mem, cells, want)
			}
		})
	}
}

func checkCells(t *testing.T, mem memory.Allocator, cells batch.Cells, want map[int32]string) {
	t.Helper()
	slots := []int32{-1}
	for s := range want {
		slots = append(slots, s)
	}
	got := cells.Take(mem, slots)
	defer got.Release()
	if !got.IsNull(0) {
		t.Fatal("a negative slot is no null")
	}
	for i, s := range slots[1:] {
		if text := got.ValueStr(i + 1); text != want[s] {
			t.Fatalf("slot %d holds %s, want %s", s, text, want[s])
		}
	}
}

// TestCellsForget keeps no more text than is in use, about.
func TestCellsForget(t *testing.T) {
	cells := batch.NewCells(arrow.BinaryTypes.String)
	text := fmt.Sprintf("%1000d", 1)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for range 100 {
		b.Append(text)
	}
	a := b.NewArray()
	slots := make([]int32, 100)
	for i := range slots {
		slots[i] = int32(i)
	}
	cells.Grow(100)
	for range 1000 {
		cells.Set(slots, a)
		cells.Clear(slots)
	}
	if n := cells.Bytes(); n > 1<<20 {
		t.Fatalf("%d bytes are held for nothing", n)
	}
}

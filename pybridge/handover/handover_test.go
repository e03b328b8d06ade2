package handover

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
)

// places is C memory in room for the two structs, full of rubbish, as a receiver may give it.
func places(t *testing.T, alloc memory.Allocator) (array, schema uintptr, room []byte) {
	t.Helper()
	room = alloc.Allocate(arraySize + schemaSize)
	for i := range room {
		room[i] = 0xAB
	}
	at := uintptr(unsafe.Pointer(&room[0]))
	t.Cleanup(func() { alloc.Free(room) })
	return at, at + arraySize, room
}

func sample(alloc memory.Allocator) arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String},
		{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32)},
	}, nil)
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for i := range 5 {
		if i == 2 {
			b.Field(0).AppendNull()
		} else {
			b.Field(0).(*array.Int64Builder).Append(int64(i))
		}
		b.Field(1).(*array.StringBuilder).Append("row")
		list := b.Field(2).(*array.ListBuilder)
		list.Append(true)
		list.ValueBuilder().(*array.Int32Builder).Append(int32(i))
	}
	return b.NewRecordBatch()
}

func TestABatchArrivesWholeAndIsFreedByItsReceiver(t *testing.T) {
	alloc := NewAllocator().(*mallocator.Mallocator)
	at, schemaAt, _ := places(t, alloc)
	before := alloc.AllocatedBytes()
	batch := sample(alloc)
	want := fmt.Sprint(batch)
	Export(batch, at, schemaAt)
	batch.Release()
	if alloc.AllocatedBytes() == before {
		t.Fatal("the batch was freed while its receiver holds it")
	}
	got, err := cdata.ImportCRecordBatch(cdata.ArrayFromPtr(at), cdata.SchemaFromPtr(schemaAt))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
	got.Release()
	if after := alloc.AllocatedBytes(); after != before {
		t.Errorf("%d bytes are left after the receiver's release", after-before)
	}
}

func TestTheSchemaIsLeftOutWhenNoPlaceIsGiven(t *testing.T) {
	alloc := NewAllocator()
	at, _, room := places(t, alloc)
	batch := sample(alloc)
	defer batch.Release()
	Export(batch, at, 0)
	if room[arraySize] != 0xAB {
		t.Error("the schema's place was written")
	}
	got, err := cdata.ImportCRecordBatchWithSchema(cdata.ArrayFromPtr(at), batch.Schema())
	if err != nil {
		t.Fatal(err)
	}
	got.Release()
}

func TestABatchOfNoColumnsKeepsItsRows(t *testing.T) {
	alloc := NewAllocator()
	at, schemaAt, _ := places(t, alloc)
	batch := array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 7)
	defer batch.Release()
	Export(batch, at, schemaAt)
	array := cdata.ArrayFromPtr(at)
	if rows := *(*int64)(unsafe.Pointer(array)); rows != 7 {
		t.Errorf("%d rows arrived, want 7", rows)
	}
	cdata.ReleaseCArrowArray(array)
	cdata.ReleaseCArrowSchema(cdata.SchemaFromPtr(schemaAt))
}

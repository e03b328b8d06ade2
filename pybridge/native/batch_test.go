package native

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

func batchOf(column *array.Int64Builder) arrow.RecordBatch {
	values := column.NewArray()
	defer values.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	return array.NewRecordBatch(schema, []arrow.Array{values}, int64(values.Len()))
}

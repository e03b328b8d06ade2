package source

import (
	"context"
	"path"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

var stateMetadataOptions = []Option{{Name: "path", Doc: "the query's checkpoint"}}

var stateMetadataSchema = types.Struct{Fields: []types.Field{
	{Name: "operatorId", Type: types.Long, Nullable: true}, {Name: "operatorName", Type: types.String, Nullable: true},
	{Name: "stateStoreName", Type: types.String, Nullable: true}, {Name: "numPartitions", Type: types.Int, Nullable: true},
	{Name: "minBatchId", Type: types.Long, Nullable: true}, {Name: "maxBatchId", Type: types.Long, Nullable: true},
	{Name: "operatorProperties", Type: types.String, Nullable: true}}}

// openStateMetadata is a row for each store of a checkpoint's stateful operators; none where it has no state.
func openStateMetadata(_ context.Context, e *Env) (Table, error) {
	if e.Schema != nil {
		return nil, errs.New("_LEGACY_ERROR_TEMP_2242", "provider", "StateMetadataSource")
	}
	dir, err := e.checkpoint()
	if err != nil {
		return nil, err
	}
	first, last, err := e.committed(dir)
	if err != nil {
		return nil, err
	}
	kept, err := state.Look(e.FS, path.Join(dir, "state"))
	if err != nil {
		return nil, err
	}
	d := &Data{Struct: stateMetadataSchema, Text: "state-metadata-source", Parallelism: 1}
	if kept == nil {
		return d, nil
	}
	b := array.NewRecordBuilder(e.Mem, arrow.NewSchema(types.ArrowFields(stateMetadataSchema.Fields), nil))
	defer b.Release()
	rows := 0
	add := func(s state.Spec, name string) {
		rows++
		b.Field(0).(*array.Int64Builder).Append(int64(s.Operator))
		b.Field(1).(*array.StringBuilder).Append(s.OperatorName)
		b.Field(2).(*array.StringBuilder).Append(name)
		b.Field(3).(*array.Int32Builder).Append(int32(kept.Partitions))
		b.Field(4).(*array.Int64Builder).Append(first)
		b.Field(5).(*array.Int64Builder).Append(last)
		b.Field(6).(*array.StringBuilder).AppendNull()
	}
	for _, s := range kept.Tables {
		if side, ok := strings.CutSuffix(s.StoreName, state.JoinRows); ok {
			add(s, side+state.JoinCounts)
		}
		add(s, storeName(s))
	}
	columns := make([]arrow.Array, len(stateMetadataSchema.Fields))
	for i := range columns {
		columns[i] = b.Field(i).NewArray()
	}
	d.Rows = []arrow.RecordBatch{batch.Make(b.Schema(), columns, rows)}
	return d, nil
}

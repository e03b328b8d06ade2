package source

import (
	"path"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// metadataField is the hidden column _metadata. Readers number it behind the columns of the schema.
var metadataField = types.Field{Name: "_metadata", Metadata: `{"__metadata_col":"_metadata","__file_source_metadata_col":true}`,
	Type: types.Struct{Fields: []types.Field{
		{Name: "file_path", Type: types.String}, {Name: "file_name", Type: types.String}, {Name: "file_size", Type: types.Long},
		{Name: "file_block_start", Type: types.Long}, {Name: "file_block_length", Type: types.Long}, {Name: "file_modification_time", Type: types.Timestamp},
	}}}

// Metadata is the hidden column's field.
func (t *fileTable) Metadata() types.Field      { return metadataField }
func (d *fileDefinition) Metadata() types.Field { return metadataField }

// ofFile is the place of _metadata among the columns that a reader keeps; partition columns are numbered from 0.
const ofFile = -1

// about is n rows of _metadata: what is known of the part that is read.
func (r *fileReader) about(n int) arrow.Array {
	return r.kept(ofFile, n, func(n int) arrow.Array {
		p, mem := r.part, r.scan.env.Mem
		length := p.to - p.from
		if p.to == 0 {
			length = p.size
		}
		whole := uri(p.path)
		fields := metadataField.Type.(types.Struct).Fields
		values := []any{whole, path.Base(whole), p.size, p.from, length, p.mod.UnixMilli() * 1000}
		children := make([]arrow.Array, len(values))
		for i, v := range values {
			children[i] = repeat(mem, fields[i].Type, v, n)
		}
		defer batch.Release(children...)
		datas := make([]arrow.ArrayData, len(children))
		for i, c := range children {
			datas[i] = c.Data()
		}
		data := array.NewData(types.Arrow(metadataField.Type), n, []*memory.Buffer{nil}, datas, 0, 0)
		defer data.Release()
		return array.NewStructData(data)
	})
}

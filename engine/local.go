package engine

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// held is rows in memory: what logical.Data holds.
type held struct{ batches []arrow.RecordBatch }

func (h held) Len() (n int64) {
	for _, b := range h.batches {
		n += b.NumRows()
	}
	return n
}

// RowsFrame is a frame over rows at hand, which it retains for as long as it lives.
func (s *Session) RowsFrame(schema types.Struct, rows []arrow.RecordBatch) (*Frame, error) {
	for _, b := range rows {
		b.Retain()
	}
	return s.Analyze(&logical.Data{Schema: schema, Rows: held{rows}})
}

// LocalRows decodes what createDataFrame sends: an Arrow IPC stream, and a schema as DDL or JSON that decides types.
func (s *Session) LocalRows(data []byte, schema *string) (logical.Plan, error) {
	var declared *types.Struct
	if schema != nil && *schema != "" {
		d, err := ParseSchema(*schema)
		if err != nil {
			return nil, err
		}
		declared = &d
	}
	if len(data) == 0 {
		if declared == nil {
			return nil, errs.New(errs.Unnamed + "NO_ROWS")
		}
		return &logical.Data{Schema: *declared, Rows: held{}}, nil
	}
	r, err := ipc.NewReader(bytes.NewReader(data), ipc.WithAllocator(s.engine.mem))
	if err != nil {
		return nil, errs.Internal("local rows: %v", err)
	}
	defer r.Release()
	found, err := types.FromArrowSchema(r.Schema())
	if err != nil {
		return nil, err
	}
	if declared == nil {
		declared = &found
	}
	if len(declared.Fields) != len(found.Fields) {
		return nil, errs.Internal("local rows have %d columns, their schema %d", len(found.Fields), len(declared.Fields))
	}
	rows := held{}
	target := types.ArrowSchema(*declared)
	for r.Next() {
		b, err := conform(s.engine.mem, r.RecordBatch(), target)
		if err != nil {
			return nil, err
		}
		rows.batches = append(rows.batches, split(b)...)
		b.Release()
	}
	if err := r.Err(); err != nil {
		return nil, errs.Internal("local rows: %v", err)
	}
	return &logical.Data{Schema: *declared, Rows: rows}, nil
}

// ParseSchema reads a schema as DDL text or as Spark's JSON.
func ParseSchema(text string) (types.Struct, error) {
	parse := types.ParseSchema
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		parse = types.FromJSON
	}
	t, err := parse(text)
	if err != nil {
		return types.Struct{}, err
	}
	if st, ok := t.(types.Struct); ok {
		return st, nil
	}
	return types.Struct{}, errs.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", fmt.Sprintf("%q", text), "dataType", types.SQL(t))
}

// conform gives a batch the engine's own form of its columns: other Arrow types of the same meaning are cast.
func conform(mem memory.Allocator, b arrow.RecordBatch, target *arrow.Schema) (arrow.RecordBatch, error) {
	columns := make([]arrow.Array, b.NumCols())
	ctx := compute.WithAllocator(context.Background(), mem)
	for i, c := range b.Columns() {
		wanted := target.Field(i).Type
		if arrow.TypeEqual(c.DataType(), wanted) {
			c.Retain()
			columns[i] = c
			continue
		}
		cast, err := compute.CastArray(ctx, c, compute.UnsafeCastOptions(wanted))
		if err != nil {
			batch.Release(columns...)
			return nil, errs.New(errs.Unnamed+"LOCAL_ROWS", "column", target.Field(i).Name, "reason", err.Error())
		}
		columns[i] = cast
	}
	return batch.Make(target, columns, int(b.NumRows())), nil
}

// split cuts a batch to the size that operators like.
func split(b arrow.RecordBatch) []arrow.RecordBatch {
	n := b.NumRows()
	if n <= batch.Rows {
		b.Retain()
		return []arrow.RecordBatch{b}
	}
	var out []arrow.RecordBatch
	for at := int64(0); at < n; at += batch.Rows {
		out = append(out, b.NewSlice(at, min(at+batch.Rows, n)))
	}
	return out
}

package parquet

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// nested is a column with parts, or one whose encoding flat does not read: the library decodes it.
type nested struct {
	ctx  context.Context
	from *pqarrow.ColumnReader
	to   types.Type
	same bool // of names
	mem  memory.Allocator
}

func (r *Reader) nested(ctx context.Context, g int, f field) (column, error) {
	rd, err := pqarrow.NewFileReader(r.file, pqarrow.ArrowReadProperties{BatchSize: batch.Rows}, r.o.Mem)
	if err != nil {
		return nil, err
	}
	leaves := map[int]bool{}
	r.leaves(f.node, f.want.Type, leaves)
	if len(leaves) == 0 { // only members that the file lacks: any leaf says where the group is null
		r.leaves(f.node, nil, leaves)
	}
	from, err := rd.GetFieldReader(ctx, f.index, leaves, []int{g})
	if err != nil {
		return nil, err
	}
	return &nested{ctx: ctx, from: from, to: f.want.Type, same: r.o.CaseSensitive, mem: r.o.Mem}, nil
}

// leaves collects the leaf columns that a type needs; of a nil type, all.
func (r *Reader) leaves(n schema.Node, to types.Type, into map[int]bool) {
	g, ok := n.(*schema.GroupNode)
	if !ok {
		into[r.file.MetaData().Schema.ColumnIndexByNode(n)] = true
		return
	}
	t, isStruct := to.(types.Struct)
	if isStruct && !isList(g) && !isMap(g) {
		for i := range g.NumFields() {
			for _, f := range t.Fields {
				if matches(g.Field(i).Name(), f.Name, r.o.CaseSensitive) {
					r.leaves(g.Field(i), f.Type, into)
				}
			}
		}
		return
	}
	// The entries of lists and maps are read whole.
	for i := range g.NumFields() {
		r.leaves(g.Field(i), nil, into)
	}
}

func (c *nested) read(n int) (arrow.Array, error) {
	chunks, err := c.from.NextBatch(int64(n))
	if err != nil {
		return nil, err
	}
	defer chunks.Release()
	if chunks.Len() != n {
		return nil, errShort
	}
	a := chunks.Chunk(0)
	a.Retain()
	if len(chunks.Chunks()) > 1 {
		a.Release()
		if a, err = array.Concatenate(chunks.Chunks(), c.mem); err != nil {
			return nil, err
		}
	}
	defer a.Release()
	return c.conform(a, c.to)
}

func (c *nested) skip(n int) error {
	chunks, err := c.from.NextBatch(int64(n))
	if err == nil {
		chunks.Release()
	}
	return err
}

func (c *nested) close() { c.from.Release() }

// conform gives an array the one Arrow form of its Spark type.
func (c *nested) conform(a arrow.Array, to types.Type) (arrow.Array, error) {
	dt := types.Arrow(to)
	if arrow.TypeEqual(a.DataType(), dt) {
		a.Retain()
		return a, nil
	}
	d := a.Data()
	switch t := to.(type) {
	case types.Array:
		list, ok := a.(*array.List)
		if !ok {
			return nil, fmt.Errorf("%s is no list", a.DataType())
		}
		return c.rebuild(d, dt, []arrow.Array{list.ListValues()}, []types.Type{t.Elem})
	case types.Map:
		m, ok := a.(*array.Map)
		if !ok {
			return nil, fmt.Errorf("%s is no map", a.DataType())
		}
		entries, err := c.rebuild(m.ListValues().Data(), dt.(*arrow.MapType).Elem(),
			[]arrow.Array{m.Keys(), m.Items()}, []types.Type{t.Key, t.Value})
		if err != nil {
			return nil, err
		}
		defer entries.Release()
		data := array.NewData(dt, d.Len(), d.Buffers(), []arrow.ArrayData{entries.Data()}, d.NullN(), d.Offset())
		defer data.Release()
		return array.MakeFromData(data), nil
	case types.Struct:
		return c.members(a, t, dt)
	}
	return c.cast(a, dt)
}

// members picks a struct's members by name; those that are missing are null.
func (c *nested) members(a arrow.Array, t types.Struct, dt arrow.DataType) (arrow.Array, error) {
	st, ok := a.(*array.Struct)
	if !ok {
		return nil, fmt.Errorf("%s is no struct", a.DataType())
	}
	have := st.DataType().(*arrow.StructType)
	children := make([]arrow.Array, len(t.Fields))
	kinds := make([]types.Type, len(t.Fields))
	for i, f := range t.Fields {
		kinds[i] = f.Type
		for j := range have.NumFields() {
			if matches(have.Field(j).Name, f.Name, c.same) {
				children[i] = array.MakeFromData(st.Data().Children()[j])
			}
		}
		if children[i] == nil {
			children[i] = array.MakeArrayOfNull(c.mem, types.Arrow(f.Type), st.Data().Offset()+st.Len())
		}
	}
	defer batch.Release(children...)
	return c.rebuild(st.Data(), dt, children, kinds)
}

// rebuild is the same array over conformed children.
func (c *nested) rebuild(d arrow.ArrayData, dt arrow.DataType, children []arrow.Array, kinds []types.Type) (arrow.Array, error) {
	datas := make([]arrow.ArrayData, len(children))
	for i, child := range children {
		out, err := c.conform(child, kinds[i])
		if err != nil {
			return nil, err
		}
		defer out.Release()
		datas[i] = out.Data()
	}
	data := array.NewData(dt, d.Len(), d.Buffers(), datas, d.NullN(), d.Offset())
	defer data.Release()
	return array.MakeFromData(data), nil
}

func (c *nested) cast(a arrow.Array, dt arrow.DataType) (arrow.Array, error) {
	to, ok := dt.(*arrow.TimestampType)
	from, stamped := a.DataType().(*arrow.TimestampType)
	if !ok || !stamped {
		return compute.CastArray(compute.WithAllocator(c.ctx, c.mem), a, compute.UnsafeCastOptions(dt))
	}
	in := batch.Values[arrow.Timestamp](a)
	out := batch.NewFixed[arrow.Timestamp](c.mem, len(in))
	for i, v := range in {
		switch from.Unit {
		case arrow.Second:
			v *= 1_000_000
		case arrow.Millisecond:
			v *= 1000
		case arrow.Nanosecond:
			v = arrow.Timestamp(types.FloorDiv(int64(v), 1000))
		}
		out.Values[i] = v
	}
	return out.Done(to, batch.CopyMarks(c.mem, batch.Valid(a), len(in))), nil
}

package expr

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Casts between arrays, maps and structs: part by part.

func nestedCaster(from, to types.Type, mode CastMode) (caster, error) {
	dt := types.Arrow(to)
	switch f := from.(type) {
	case types.Array:
		elem, err := newCaster(f.Elem, to.(types.Array).Elem, mode)
		if err != nil {
			return nil, err
		}
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			child, ranges, err := castChild(c, a, elem)
			if err != nil {
				return nil, err
			}
			vb, nulls := batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()).Take()
			return batch.Assemble(dt, a.Len(), nulls, []*memory.Buffer{vb, ranges}, child), nil
		}, nil
	case types.Map:
		t := to.(types.Map)
		key, err := newCaster(f.Key, t.Key, mode)
		if err != nil {
			return nil, err
		}
		value, err := newCaster(f.Value, t.Value, mode)
		if err != nil {
			return nil, err
		}
		entries := structCaster([]caster{key, value}, dt.(*arrow.MapType).Elem())
		return func(c *Context, a arrow.Array) (arrow.Array, error) {
			child, ranges, err := castChild(c, a, entries)
			if err != nil {
				return nil, err
			}
			vb, nulls := batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()).Take()
			return batch.Assemble(dt, a.Len(), nulls, []*memory.Buffer{vb, ranges}, child), nil
		}, nil
	case types.Struct:
		parts := make([]caster, len(f.Fields))
		for i := range parts {
			var err error
			if parts[i], err = newCaster(f.Fields[i].Type, to.(types.Struct).Fields[i].Type, mode); err != nil {
				return nil, err
			}
		}
		return structCaster(parts, dt), nil
	}
	return nil, errs.Internal("nested cast from %s", from)
}

// castChild casts the elements that rows refer to and gives offsets that begin at 0.
func castChild(c *Context, a arrow.Array, elem caster) (arrow.Array, *memory.Buffer, error) {
	r := batch.Ranges(a)
	part := array.NewSlice(a.(array.ListLike).ListValues(), int64(r[0]), int64(r[a.Len()]))
	defer part.Release()
	child, err := elem(c, part)
	if err != nil {
		return nil, nil, err
	}
	buf := batch.Buffer(c.Mem, (a.Len()+1)*4)
	for i := range arrow.GetData[int32](buf.Bytes())[:a.Len()+1] {
		arrow.GetData[int32](buf.Bytes())[i] = r[i] - r[0]
	}
	return child, buf, nil
}

func structCaster(parts []caster, dt arrow.DataType) caster {
	return func(c *Context, a arrow.Array) (arrow.Array, error) {
		s := a.(*array.Struct)
		children := make([]arrow.Array, len(parts))
		for i, p := range parts {
			child, err := castField(c, s, i, p)
			if err != nil {
				batch.Release(children...)
				return nil, err
			}
			children[i] = child
		}
		vb, nulls := batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()).Take()
		return batch.Assemble(dt, a.Len(), nulls, []*memory.Buffer{vb}, children...), nil
	}
}

// castField casts a field, of null structs too only as a null: what stands beneath one must not raise.
func castField(c *Context, s *array.Struct, i int, p caster) (arrow.Array, error) {
	f := s.Field(i)
	if s.NullN() == 0 {
		return p(c, f)
	}
	masked := Under(c.Mem, s, f)
	defer masked.Release()
	return p(c, masked)
}

// Under is a field of a struct column, null where the struct is.
func Under(mem memory.Allocator, s, field arrow.Array) arrow.Array {
	if s.NullN() == 0 {
		field.Retain()
		return field
	}
	n := s.Len()
	valid := batch.AndInto(mem, batch.CopyMarks(mem, batch.Valid(s), n), batch.Valid(field), n)
	d := field.Data()
	if d.Offset() != 0 {
		// A validity of its own needs a column that begins at 0.
		valid.Drop()
		indices := make([]int32, n)
		sv := batch.Valid(s)
		for i := range indices {
			indices[i] = int32(i)
			if !sv.Get(i) {
				indices[i] = -1
			}
		}
		return batch.Take(mem, field, indices)
	}
	vb, nulls := valid.Take()
	buffers := append([]*memory.Buffer(nil), d.Buffers()...)
	buffers[0] = vb
	data := array.NewData(d.DataType(), n, buffers, d.Children(), nulls, 0)
	if vb != nil {
		vb.Release()
	}
	defer data.Release()
	return array.MakeFromData(data)
}

package functions

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

var (
	arrayFn          = &expr.Function{Name: "array", Kernel: arrayKernel}
	structFn         = &expr.Function{Name: "struct", Kernel: structKernel}
	mapFn            = &expr.Function{Name: "map", Kernel: mapKernel, Fails: true}
	mapFromArraysFn  = &expr.Function{Name: "map_from_arrays", Kernel: mapFromArraysKernel, Fails: true}
	mapFromEntriesFn = &expr.Function{Name: "map_from_entries", Kernel: mapFromEntriesKernel, Fails: true}
	mapConcatFn      = &expr.Function{Name: "map_concat", Kernel: mapConcatKernel, Fails: true}
	mapPartFn        = &expr.Function{Name: "map_part", Kernel: mapPartKernel}
	fieldFn          = &expr.Function{Name: "field", Kernel: fieldKernel}
	arrayFieldFn     = &expr.Function{Name: "field", Kernel: arrayFieldKernel}
	itemFn           = &expr.Function{Name: "item", Kernel: itemKernel, Fails: true}
	mapValueFn       = &expr.Function{Name: "value", Kernel: mapValueKernel}
	sizeFn           = &expr.Function{Name: "size", Kernel: sizeKernel}
)

// list is a list or map argument: where each row's elements lie in the child.
type list struct {
	v      expr.Vector
	ranges []int32
	valid  batch.Bitmap
	child  arrow.Array
}

func listOf(v expr.Vector) list {
	if v.DataType().ID() == arrow.NULL {
		return list{v: v, ranges: make([]int32, v.Len()+1), valid: batch.Bitmap{None: true}, child: array.NewNull(0)}
	}
	return list{v, batch.Ranges(v.Array), batch.Valid(v.Array), batch.Child(v.Array)}
}

// span is row i's elements; ok is false for a null.
func (l list) span(i int) (lo, hi int32, ok bool) {
	i = l.v.Row(i)
	if !l.valid.Get(i) {
		return 0, 0, false
	}
	return l.ranges[i], l.ranges[i+1], true
}

// offsets makes a buffer of n+1 offsets, the first 0.
func offsetsFor(mem memory.Allocator, n int) (*memory.Buffer, []int32) {
	b := batch.Buffer(mem, (n+1)*4)
	o := arrow.GetData[int32](b.Bytes())[:n+1]
	o[0] = 0
	return b, o
}

// makeList puts a list column together; it takes the buffer and the child over.
func makeList(out types.Type, n int, offsets *memory.Buffer, child arrow.Array, valid *batch.Marks) expr.Vector {
	dt := types.Arrow(out)
	var elem arrow.DataType
	switch t := dt.(type) {
	case *arrow.ListType:
		elem = t.Elem()
	case *arrow.MapType:
		elem = t.Elem()
	}
	same := batch.Retype(child, elem)
	child.Release()
	vb, nulls := valid.Take()
	return vector(batch.Assemble(dt, n, nulls, []*memory.Buffer{vb, offsets}, same))
}

// gather makes a list column whose row i holds the rows of child that put appends for it; rows where an argument is
// null are null, and so are those for which put answers false.
func gather(c *expr.Context, n int, out types.Type, child arrow.Array, args []expr.Vector, put func(i int, dst []int32) ([]int32, bool)) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	buf, offsets := offsetsFor(c.Mem, n)
	var indices []int32
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			var ok bool
			if indices, ok = put(i, indices); !ok {
				valid.Clear(i)
			}
			batch.Room(c.Mem, i+1, len(indices))
		}
		offsets[i+1] = int32(len(indices))
	}
	return makeList(out, n, buf, batch.Take(c.Mem, child, indices), valid), nil
}

func arrayKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	child, err := interleave(c, n, args, out.(types.Array).Elem)
	if err != nil {
		return expr.Vector{}, err
	}
	buf, offsets := offsetsFor(c.Mem, n)
	for i := range offsets {
		offsets[i] = int32(i * len(args))
	}
	return makeList(out, n, buf, child, nil), nil
}

// interleave is the arguments' values row by row.
func interleave(c *expr.Context, n int, args []expr.Vector, t types.Type) (arrow.Array, error) {
	from, at := make([]int32, n*len(args)), make([]int32, n*len(args))
	for i := 0; i < n; i++ {
		for k := range args {
			from[i*len(args)+k], at[i*len(args)+k] = int32(k), int32(i)
		}
	}
	return expr.Pick(c, t, args, from, at)
}

func structKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	return vector(makeStruct(c, n, args, out, nil)), nil
}

func makeStruct(c *expr.Context, n int, args []expr.Vector, out types.Type, valid *batch.Marks) arrow.Array {
	dt := types.Arrow(out).(*arrow.StructType)
	children := make([]arrow.Array, len(args))
	for i, a := range args {
		column := a.Expand(c.Mem, n)
		children[i] = batch.Retype(column, dt.Field(i).Type)
		column.Release()
	}
	vb, nulls := valid.Take()
	return batch.Assemble(dt, n, nulls, []*memory.Buffer{vb}, children...)
}

// finishMap checks keys and puts a map column together; it takes over offsets, keys and values.
func finishMap(c *expr.Context, out types.Type, n int, buf *memory.Buffer, keys, values arrow.Array, valid *batch.Marks) (expr.Vector, error) {
	if c.LastKeyWins {
		buf, keys, values = lastKeys(c, n, buf, keys, values)
	}
	offsets := arrow.GetData[int32](buf.Bytes())[:n+1]
	if err := checkKeys(n, offsets, keys, valid, out.(types.Map).Key); err != nil {
		buf.Release()
		valid.Drop()
		batch.Release(keys, values)
		return expr.Vector{}, err
	}
	dt := types.Arrow(out).(*arrow.MapType)
	k, v := batch.Retype(keys, dt.KeyType()), batch.Retype(values, dt.ItemType())
	batch.Release(keys, values)
	entries := batch.Assemble(dt.Elem(), k.Len(), 0, []*memory.Buffer{nil}, k, v)
	vb, nulls := valid.Take()
	return vector(batch.Assemble(dt, n, nulls, []*memory.Buffer{vb, buf}, entries)), nil
}

// lastKeys leaves one entry a key and map: in the place of the first, with the value of the last. It takes over what it
// is given.
func lastKeys(c *expr.Context, n int, buf *memory.Buffer, keys, values arrow.Array) (*memory.Buffer, arrow.Array, arrow.Array) {
	offsets := arrow.GetData[int32](buf.Bytes())[:n+1]
	same := batch.Equaler([]arrow.Array{keys}, []arrow.Array{keys})
	hashes := make([]uint64, keys.Len())
	batch.Hash([]arrow.Array{keys}, keys.Len(), 1, hashes)
	left, ends := offsetsFor(c.Mem, n)
	var first, last []int32
	for i := 0; i < n; i++ {
		ends[i] = int32(len(first))
		seen := map[uint64][]int{}
	entry:
		for k := offsets[i]; k < offsets[i+1]; k++ {
			for _, at := range seen[hashes[k]] {
				if same(int(first[at]), int(k)) {
					last[at] = k
					continue entry
				}
			}
			seen[hashes[k]] = append(seen[hashes[k]], len(first))
			first, last = append(first, k), append(last, k)
		}
	}
	ends[n] = int32(len(first))
	ks, vs := batch.Take(c.Mem, keys, first), batch.Take(c.Mem, values, last)
	buf.Release()
	batch.Release(keys, values)
	return left, ks, vs
}

// checkKeys refuses null and repeated keys.
func checkKeys(n int, offsets []int32, keys arrow.Array, valid *batch.Marks, t types.Type) error {
	present := batch.Valid(keys)
	same := batch.Equaler([]arrow.Array{keys}, []arrow.Array{keys})
	var hashes []uint64
	for i := 0; i < n; i++ {
		lo, hi := offsets[i], offsets[i+1]
		if !valid.Get(i) {
			continue
		}
		if hi-lo > 16 && hashes == nil {
			hashes = make([]uint64, keys.Len())
			batch.Hash([]arrow.Array{keys}, keys.Len(), 1, hashes)
		}
		seen := map[uint64]int32{}
		for k := lo; k < hi; k++ {
			if !present.Get(int(k)) {
				return errs.New("NULL_MAP_KEY")
			}
			if hi-lo > 16 {
				if j, ok := seen[hashes[k]]; ok && same(int(j), int(k)) {
					return duplicateKey(keys, int(k), t)
				}
				seen[hashes[k]] = k
				continue
			}
			for j := lo; j < k; j++ {
				if same(int(j), int(k)) {
					return duplicateKey(keys, int(k), t)
				}
			}
		}
	}
	return nil
}

func duplicateKey(keys arrow.Array, k int, t types.Type) error {
	text := expr.NewPrinter(keys, t, zone.NewClock(nil), expr.Style{Null: "null", PlainDecimals: true})(nil, k)
	return errs.New("DUPLICATED_MAP_KEY", "key", string(text), "mapKeyDedupPolicy", `"spark.sql.mapKeyDedupPolicy"`)
}

// mapKernel has the keys first, then as many values.
func mapKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, half := out.(types.Map), len(args)/2
	keys, err := interleave(c, n, args[:half], t.Key)
	if err != nil {
		return expr.Vector{}, err
	}
	values, err := interleave(c, n, args[half:], t.Value)
	if err != nil {
		keys.Release()
		return expr.Vector{}, err
	}
	buf, offsets := offsetsFor(c.Mem, n)
	for i := range offsets {
		offsets[i] = int32(i * half)
	}
	return finishMap(c, out, n, buf, keys, values, nil)
}

func mapFromArraysKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	keys, values := listOf(args[0]), listOf(args[1])
	buf, offsets := offsetsFor(c.Mem, n)
	var ki, vi []int32
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			klo, khi, _ := keys.span(i)
			vlo, vhi, _ := values.span(i)
			if khi-klo != vhi-vlo {
				buf.Release()
				valid.Drop()
				return expr.Vector{}, &errs.Error{Row: errs.Row{Class: errs.Runtime,
					Text: "The key array and value array of map_from_arrays must have the same length."}}
			}
			for k := klo; k < khi; k++ {
				ki, vi = append(ki, k), append(vi, vlo+k-klo)
			}
		}
		offsets[i+1] = int32(len(ki))
	}
	return finishMap(c, out, n, buf, batch.Take(c.Mem, keys.child, ki), batch.Take(c.Mem, values.child, vi), valid)
}

func mapFromEntriesKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	l := listOf(args[0])
	entries, there := l.child.(*array.Struct), batch.Valid(l.child)
	valid = owned(c.Mem, valid, n)
	buf, offsets := offsetsFor(c.Mem, n)
	var indices []int32
	for i := 0; i < n; i++ {
		start := len(indices)
		if lo, hi, ok := l.span(i); ok {
			for k := lo; k < hi; k++ {
				if !there.Get(int(k)) {
					valid.Clear(i)
					indices = indices[:start]
					break
				}
				indices = append(indices, k)
			}
		}
		offsets[i+1] = int32(len(indices))
	}
	return finishMap(c, out, n, buf, batch.Take(c.Mem, entries.Field(0), indices), batch.Take(c.Mem, entries.Field(1), indices), valid)
}

func mapConcatKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	keys, values := make([]arrow.Array, len(args)), make([]arrow.Array, len(args))
	lists, starts := make([]list, len(args)), make([]int32, len(args))
	total := int32(0)
	for i, a := range args {
		m := a.Array.(*array.Map)
		keys[i], values[i], lists[i], starts[i] = m.Keys(), m.Items(), listOf(a), total
		total += int32(m.Keys().Len())
	}
	buf, offsets := offsetsFor(c.Mem, n)
	var indices []int32
	for i := 0; i < n; i++ {
		for k := range lists {
			if lo, hi, ok := lists[k].span(i); ok && valid.Get(i) {
				for x := lo; x < hi; x++ {
					indices = append(indices, starts[k]+x)
				}
			}
		}
		offsets[i+1] = int32(len(indices))
	}
	allKeys, err := batch.Concat(c.Mem, keys)
	if err != nil {
		return expr.Vector{}, err
	}
	defer allKeys.Release()
	allValues, err := batch.Concat(c.Mem, values)
	if err != nil {
		return expr.Vector{}, err
	}
	defer allValues.Release()
	return finishMap(c, out, n, buf, batch.Take(c.Mem, allKeys, indices), batch.Take(c.Mem, allValues, indices), valid)
}

// mapPartKernel is the keys, values or entries.
func mapPartKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	if args[0].IsConstNull() {
		return expr.Nulls(c.Mem, out), nil
	}
	m := args[0].Array.(*array.Map)
	child := batch.Child(m)
	switch data.(mapPart) {
	case partKeys:
		child = m.Keys()
	case partValues:
		child = m.Items()
	}
	child.Retain()
	return relisted(c, args[0], child, out), nil
}

// relisted has the lists of a list or map, over other elements, which it takes over.
func relisted(c *expr.Context, v expr.Vector, elements arrow.Array, out types.Type) expr.Vector {
	a := v.Array
	buf, offsets := offsetsFor(c.Mem, a.Len())
	copy(offsets, batch.Ranges(a))
	list := makeList(out, a.Len(), buf, elements, batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()))
	list.Const = v.Const
	return list
}

func fieldKernel(c *expr.Context, _ int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	s := args[0].Array.(*array.Struct)
	f := expr.Under(c.Mem, s, s.Field(data.(int)))
	defer f.Release()
	return expr.Vector{Array: batch.Retype(f, types.Arrow(out)), Const: args[0].Const}, nil
}

func arrayFieldKernel(c *expr.Context, _ int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	s := batch.Child(args[0].Array).(*array.Struct)
	return relisted(c, args[0], expr.Under(c.Mem, s, s.Field(data.(int))), out), nil
}

func itemKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(item)
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	defer valid.Drop()
	l, index := listOf(args[0]), operandOf[int32](args[1])
	indices := make([]int32, n)
	for i := range indices {
		indices[i] = -1
		if !valid.Get(i) {
			continue
		}
		lo, hi, _ := l.span(i)
		k := index.at(i)
		if k == 0 && how.base == 1 {
			return expr.Vector{}, errs.New("INVALID_INDEX_OF_ZERO")
		}
		at := k - how.base
		if k < 0 && how.base == 1 {
			at = hi - lo + k
		}
		if at >= 0 && at < hi-lo {
			indices[i] = lo + at
		} else if how.outside != "" {
			return expr.Vector{}, errs.New(how.outside, "indexValue", strconv.Itoa(int(k)), "arraySize", strconv.Itoa(int(hi-lo)))
		}
	}
	return taken(c, l.child, indices, out), nil
}

// taken is the rows of a child as the type asked for.
func taken(c *expr.Context, child arrow.Array, indices []int32, out types.Type) expr.Vector {
	t := batch.Take(c.Mem, child, indices)
	defer t.Release()
	return vector(batch.Retype(t, types.Arrow(out)))
}

func mapValueKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	defer valid.Drop()
	m, l := args[0].Array.(*array.Map), listOf(args[0])
	same := batch.Equaler([]arrow.Array{m.Keys()}, []arrow.Array{args[1].Array})
	indices := make([]int32, n)
	for i := range indices {
		indices[i] = -1
		if !valid.Get(i) {
			continue
		}
		lo, hi, _ := l.span(i)
		for k := lo; k < hi; k++ {
			if same(int(k), args[1].Row(i)) {
				indices[i] = k
				break
			}
		}
	}
	return taken(c, m.Items(), indices, out), nil
}

func sizeKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	r := batch.NewFixed[int32](c.Mem, n)
	valid := batch.NewMarks(c.Mem, n, true)
	for i := range r.Values {
		lo, hi, ok := l.span(i)
		r.Values[i] = hi - lo
		if !ok {
			r.Values[i] = -1
			valid.Put(i, data.(bool))
		}
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}

package functions

import (
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var (
	arrayContainsFn  = &expr.Function{Name: "array_contains", Kernel: arrayContainsKernel}
	arrayPositionFn  = &expr.Function{Name: "array_position", Kernel: arrayPositionKernel}
	arrayRemoveFn    = &expr.Function{Name: "array_remove", Kernel: arrayRemoveKernel}
	arrayAppendFn    = &expr.Function{Name: "array_append", Kernel: arrayPlaceKernel(func(n, _ int32) int32 { return n })}
	arrayPrependFn   = &expr.Function{Name: "array_prepend", Kernel: arrayPlaceKernel(func(_, _ int32) int32 { return 0 })}
	arrayInsertFn    = &expr.Function{Name: "array_insert", Kernel: arrayInsertKernel, Fails: true}
	arrayDistinctFn  = &expr.Function{Name: "array_distinct", Kernel: setKernel(func(s *setWalk) { s.addAll(0) })}
	arrayUnionFn     = &expr.Function{Name: "array_union", Kernel: setKernel(func(s *setWalk) { s.addAll(0); s.addAll(1) })}
	arrayIntersectFn = &expr.Function{Name: "array_intersect", Kernel: setKernel(func(s *setWalk) { s.addIf(true) })}
	arrayExceptFn    = &expr.Function{Name: "array_except", Kernel: setKernel(func(s *setWalk) { s.addIf(false) })}
	arrayOverlapFn   = &expr.Function{Name: "arrays_overlap", Kernel: arrayOverlapKernel}
	arrayCompactFn   = &expr.Function{Name: "array_compact", Kernel: arrayCompactKernel}
	arrayExtremeFn   = &expr.Function{Name: "array_extreme", Kernel: arrayExtremeKernel}
	arrayRepeatFn    = &expr.Function{Name: "array_repeat", Kernel: arrayRepeatKernel}
	arrayZipFn       = &expr.Function{Name: "arrays_zip", Kernel: arrayZipKernel}
	sortArrayFn      = &expr.Function{Name: "sort_array", Kernel: sortArrayKernel}
	arrayJoinFn      = &expr.Function{Name: "array_join", Kernel: arrayJoinKernel}
	arraySliceFn     = &expr.Function{Name: "slice", Kernel: arraySliceKernel, Fails: true}
	arrayFlattenFn   = &expr.Function{Name: "flatten", Kernel: arrayFlattenKernel}
)

func ordinalName(i int) string { return strconv.Itoa(i) }

func arrayContainsKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	l := listOf(args[0])
	same, there := batch.Equaler([]arrow.Array{l.child}, []arrow.Array{args[1].Array}), batch.Valid(l.child)
	r := batch.NewMarks(c.Mem, n, false)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			continue
		}
		lo, hi, _ := l.span(i)
		known := true
		for k := lo; k < hi; k++ {
			if !there.Get(int(k)) {
				known = false
			} else if same(int(k), args[1].Row(i)) {
				r.Set(i)
				known = true
				break
			}
		}
		valid.Put(i, known)
	}
	return vector(r.Done(valid)), nil
}

func arrayPositionKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	same := batch.Equaler([]arrow.Array{l.child}, []arrow.Array{args[1].Array})
	return longs(c, n, out, args, func(i int) (int64, bool) {
		lo, hi, _ := l.span(i)
		for k := lo; k < hi; k++ {
			if same(int(k), args[1].Row(i)) {
				return int64(k-lo) + 1, true
			}
		}
		return 0, true
	})
}

func arrayRemoveKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	same := batch.Equaler([]arrow.Array{l.child}, []arrow.Array{args[1].Array})
	return gather(c, n, out, l.child, args, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		for k := lo; k < hi; k++ {
			if !same(int(k), args[1].Row(i)) {
				dst = append(dst, k)
			}
		}
		return dst, true
	})
}

// withValues is a child followed by another column: the value of row i lies at the returned base plus its row.
func withValues(c *expr.Context, child arrow.Array, v expr.Vector) (arrow.Array, int32, error) {
	all, err := batch.Concat(c.Mem, []arrow.Array{child, v.Array})
	return all, int32(child.Len()), err
}

// arrayPlaceKernel puts a value at a place that at gives from the length; a null array stays null, a null value is put.
func arrayPlaceKernel(at func(n, _ int32) int32) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		l := listOf(args[0])
		all, base, err := withValues(c, l.child, args[1])
		if err != nil {
			return expr.Vector{}, err
		}
		defer all.Release()
		return gather(c, n, out, all, args[:1], func(i int, dst []int32) ([]int32, bool) {
			lo, hi, _ := l.span(i)
			return insertAt(dst, lo, hi, at(hi-lo, 0), base+int32(args[1].Row(i))), true
		})
	}
}

// insertAt appends rows [lo, hi) with x at a place among them, nulls between where the place is beyond the end.
func insertAt(dst []int32, lo, hi, at, x int32) []int32 {
	for k := lo; k < hi; k++ {
		if k-lo == at {
			dst = append(dst, x)
		}
		dst = append(dst, k)
	}
	for k := hi - lo; k < at; k++ {
		dst = append(dst, -1)
	}
	if at >= hi-lo {
		dst = append(dst, x)
	}
	return dst
}

func arrayInsertKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l, at := listOf(args[0]), operandOf[int32](args[1])
	all, base, err := withValues(c, l.child, args[2])
	if err != nil {
		return expr.Vector{}, err
	}
	defer all.Release()
	var failure error
	v, err := gather(c, n, out, all, args[:2], func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		x, p := base+int32(args[2].Row(i)), at.at(i)
		longest := max(int64(hi-lo)+1, int64(p), -int64(p))
		switch {
		case failure != nil:
			return dst, true
		case longest > maxElements:
			failure = errs.New("COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION", "numberOfElements", strconv.FormatInt(longest, 10),
				"maxRoundedArrayLength", strconv.Itoa(maxElements), "functionName", Quote("array_insert"))
			return dst, true
		case p == 0:
			failure = errs.New("INVALID_INDEX_OF_ZERO")
		case p > 0:
			return insertAt(dst, lo, hi, p-1, x), true
		case hi-lo+p+1 >= 0:
			return insertAt(dst, lo, hi, hi-lo+p+1, x), true
		}
		dst = append(dst, x)
		for k := hi - lo + p + 1; k < 0; k++ {
			dst = append(dst, -1)
		}
		for k := lo; k < hi; k++ {
			dst = append(dst, k)
		}
		return dst, true
	})
	if err == nil && failure != nil {
		v.Release()
		return expr.Vector{}, failure
	}
	return v, err
}

// setWalk goes through the elements of one row of one or two arrays, whose children lie in one column.
type setWalk struct {
	spans  [2][2]int32
	hashes []uint64
	same   batch.Same
	seen   map[uint64][]int32
	dst    []int32
}

func (s *setWalk) known(k int32) bool {
	for _, j := range s.seen[s.hashes[k]] {
		if s.same(int(j), int(k)) {
			return true
		}
	}
	return false
}

func (s *setWalk) add(k int32) bool {
	if s.known(k) {
		return false
	}
	s.seen[s.hashes[k]] = append(s.seen[s.hashes[k]], k)
	return true
}

// addAll puts what is new of one side.
func (s *setWalk) addAll(side int) {
	for k := s.spans[side][0]; k < s.spans[side][1]; k++ {
		if s.add(k) {
			s.dst = append(s.dst, k)
		}
	}
}

// addIf puts each element of the left once that is in the right, or that is not.
func (s *setWalk) addIf(in bool) {
	for k := s.spans[1][0]; k < s.spans[1][1]; k++ {
		s.add(k)
	}
	right := s.seen
	taken := map[uint64][]int32{}
	for k := s.spans[0][0]; k < s.spans[0][1]; k++ {
		s.seen = right
		if s.known(k) != in {
			continue
		}
		if s.seen = taken; s.add(k) {
			s.dst = append(s.dst, k)
		}
	}
}

func setKernel(walk func(*setWalk)) expr.Kernel {
	return func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
		lists, all, starts, err := joinedLists(c, args)
		if err != nil {
			return expr.Vector{}, err
		}
		defer func() { all.Release() }()
		if id := all.DataType().ID(); id == arrow.FLOAT64 || id == arrow.FLOAT32 {
			was := all
			all = unsignedZeros(c, was)
			was.Release()
		}
		s := &setWalk{hashes: make([]uint64, all.Len()), same: batch.Equaler([]arrow.Array{all}, []arrow.Array{all})}
		batch.Hash([]arrow.Array{all}, all.Len(), 1, s.hashes)
		return gather(c, n, out, all, args, func(i int, dst []int32) ([]int32, bool) {
			for k := range lists {
				lo, hi, _ := lists[k].span(i)
				s.spans[k] = [2]int32{starts[k] + lo, starts[k] + hi}
			}
			s.seen, s.dst = map[uint64][]int32{}, dst
			walk(s)
			return s.dst, true
		})
	}
}

// unsignedZeros has 0.0 for -0.0: sets of numbers know one zero.
func unsignedZeros(c *expr.Context, a arrow.Array) arrow.Array {
	if a.DataType().ID() == arrow.FLOAT32 {
		return withoutSign(c, batch.Values[float32](a), a)
	}
	return withoutSign(c, batch.Values[float64](a), a)
}

func withoutSign[T float32 | float64](c *expr.Context, values []T, a arrow.Array) arrow.Array {
	out := batch.NewFixed[T](c.Mem, len(values))
	for i, v := range values {
		out.Values[i] = v + 0
	}
	return out.Done(a.DataType(), batch.CopyMarks(c.Mem, batch.Valid(a), a.Len()))
}

// joinedLists is the arguments' children in one column and where each begins there.
func joinedLists(c *expr.Context, args []expr.Vector) ([]list, arrow.Array, []int32, error) {
	lists, children, starts := make([]list, len(args)), make([]arrow.Array, len(args)), make([]int32, len(args))
	total := int32(0)
	for i, a := range args {
		lists[i], starts[i] = listOf(a), total
		children[i] = lists[i].child
		total += int32(children[i].Len())
	}
	all, err := batch.Concat(c.Mem, children)
	return lists, all, starts, err
}

func arrayOverlapKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	l, r := listOf(args[0]), listOf(args[1])
	same := batch.Equaler([]arrow.Array{l.child}, []arrow.Array{r.child})
	lv, rv := batch.Valid(l.child), batch.Valid(r.child)
	o := batch.NewMarks(c.Mem, n, false)
	for i := 0; i < n; i++ {
		if !valid.Get(i) {
			continue
		}
		llo, lhi, _ := l.span(i)
		rlo, rhi, _ := r.span(i)
		found, open := false, false
		for a := llo; a < lhi && !found; a++ {
			for b := rlo; b < rhi && !found; b++ {
				if lv.Get(int(a)) && rv.Get(int(b)) {
					found = same(int(a), int(b))
				} else {
					open = true
				}
			}
		}
		o.Put(i, found)
		valid.Put(i, found || !open)
	}
	return vector(o.Done(valid)), nil
}

func arrayCompactKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	there := batch.Valid(l.child)
	return gather(c, n, out, l.child, args, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		for k := lo; k < hi; k++ {
			if there.Get(int(k)) {
				dst = append(dst, k)
			}
		}
		return dst, true
	})
}

func arrayExtremeKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	l, sign := listOf(args[0]), data.(int)
	there, order := batch.Valid(l.child), batch.Natural(l.child, l.child)
	indices := make([]int32, n)
	for i := range indices {
		indices[i] = -1
		lo, hi, _ := l.span(i)
		for k := lo; k < hi; k++ {
			if there.Get(int(k)) && (indices[i] < 0 || sign*order(int(k), int(indices[i])) > 0) {
				indices[i] = k
			}
		}
	}
	return taken(c, l.child, indices, out), nil
}

func arrayRepeatKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	times := operandOf[int32](args[1])
	for i := 0; i < args[1].Len(); i++ {
		if times.at(i) > maxElements && args[1].IsValid(i) {
			return expr.Vector{}, errs.New("_LEGACY_ERROR_TEMP_2176", "numElements", strconv.Itoa(int(times.at(i))),
				"maxRoundedArrayLength", strconv.Itoa(maxElements), "additionalErrorMessage", " array_repeat failed.")
		}
	}
	return gather(c, n, out, args[0].Array, args[1:], func(i int, dst []int32) ([]int32, bool) {
		dst = slices.Grow(dst, max(0, int(times.at(i))))
		for k := int32(0); k < times.at(i); k++ {
			dst = append(dst, int32(args[0].Row(i)))
		}
		return dst, true
	})
}

func arrayZipKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	lists := make([]list, len(args))
	for i, a := range args {
		lists[i] = listOf(a)
	}
	indices := make([][]int32, len(args))
	buf, offsets := offsetsFor(c.Mem, n)
	for i := 0; i < n; i++ {
		longest := int32(0)
		if valid.Get(i) {
			for _, l := range lists {
				lo, hi, _ := l.span(i)
				longest = max(longest, hi-lo)
			}
		}
		for a, l := range lists {
			lo, hi, _ := l.span(i)
			for k := int32(0); k < longest; k++ {
				if k < hi-lo {
					indices[a] = append(indices[a], lo+k)
				} else {
					indices[a] = append(indices[a], -1)
				}
			}
		}
		offsets[i+1] = offsets[i] + longest
	}
	parts := make([]expr.Vector, len(args))
	for a, l := range lists {
		parts[a] = vector(batch.Take(c.Mem, l.child, indices[a]))
	}
	defer expr.ReleaseAll(parts)
	return makeList(out, n, buf, makeStruct(c, int(offsets[n]), parts, out.(types.Array).Elem, nil), valid), nil
}

func sortArrayKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l, up := listOf(args[0]), batch.Bools(args[1].Array)
	orders := map[bool]batch.Compare{
		true:  batch.Comparator(l.child, l.child, batch.Ascending),
		false: batch.Comparator(l.child, l.child, batch.Order{Descending: true}),
	}
	return gather(c, n, out, l.child, args, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		return sortedRange(dst, lo, hi, orders[up.Get(args[1].Row(i))]), true
	})
}

func arrayJoinKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	there := batch.Valid(l.child)
	o, d := batch.Text(l.child)
	so, sd := batch.Text(args[1].Array)
	return texts(c, n, out, args, func(dst []byte, i int) []byte {
		lo, hi, _ := l.span(i)
		s := args[1].Row(i)
		first := true
		for k := lo; k < hi; k++ {
			if !there.Get(int(k)) && len(args) < 3 {
				continue
			}
			if !first {
				dst = append(dst, sd[so[s]:so[s+1]]...)
			}
			first = false
			if there.Get(int(k)) {
				dst = append(dst, d[o[k]:o[k+1]]...)
				continue
			}
			no, nd := batch.Text(args[2].Array)
			r := args[2].Row(i)
			dst = append(dst, nd[no[r]:no[r+1]]...)
		}
		if dst == nil {
			dst = []byte{}
		}
		return dst
	})
}

func arraySliceKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l, start, length := listOf(args[0]), operandOf[int32](args[1]), operandOf[int32](args[2])
	var failure error
	v, err := gather(c, n, out, l.child, args, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		s, k := start.at(i), length.at(i)
		switch {
		case s == 0:
			failure = errs.New("INVALID_PARAMETER_VALUE.START", "parameter", "`start`", "functionName", "`slice`")
			return dst, false
		case k < 0:
			failure = errs.New("INVALID_PARAMETER_VALUE.LENGTH", "parameter", "`length`", "length", strconv.Itoa(int(k)), "functionName", "`slice`")
			return dst, false
		}
		from := lo + s - 1
		if s < 0 {
			from = hi + s
		}
		if from < lo {
			return dst, true
		}
		for x := from; x < hi && x-from < k; x++ {
			dst = append(dst, x)
		}
		return dst, true
	})
	if err == nil && failure != nil {
		v.Release()
		return expr.Vector{}, failure
	}
	return v, err
}

func arrayFlattenKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	l := listOf(args[0])
	inner := listOf(expr.Vector{Array: l.child})
	return gather(c, n, out, inner.child, args, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		start := len(dst)
		for k := lo; k < hi; k++ {
			a, b, ok := inner.span(int(k))
			if !ok {
				return dst[:start], false
			}
			for ; a < b; a++ {
				dst = append(dst, a)
			}
		}
		return dst, true
	})
}

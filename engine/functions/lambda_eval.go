package functions

import (
	"slices"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// opened is the elements of a list or map column laid out in rows: what a lambda runs over.
type opened struct {
	n        int
	list     arrow.Array
	children []arrow.Array // the elements; of a map keys and values
	parents  []int32       // the row of each element
	offsets  []int32       // n+1, into the elements
	valid    batch.Bitmap
}

// open lays out the elements of rows that are not null.
func open(c *expr.Context, a arrow.Array) *opened {
	o := &opened{n: a.Len(), list: a, offsets: make([]int32, a.Len()+1), valid: batch.Valid(a)}
	r := batch.Ranges(a)
	var indices []int32
	for i := 0; i < o.n; i++ {
		if o.valid.Get(i) {
			for k := r[i]; k < r[i+1]; k++ {
				indices, o.parents = append(indices, k), append(o.parents, int32(i))
			}
		}
		o.offsets[i+1] = int32(len(indices))
	}
	if m, ok := a.(*array.Map); ok {
		o.children = []arrow.Array{batch.Take(c.Mem, m.Keys(), indices), batch.Take(c.Mem, m.Items(), indices)}
	} else {
		o.children = []arrow.Array{batch.Take(c.Mem, batch.Child(a), indices)}
	}
	return o
}

func (o *opened) close() { batch.Release(o.children...) }

// params are the columns of a lambda's parameters; a list's second is the position.
func (o *opened) params(c *expr.Context) []arrow.Array {
	if len(o.children) == 2 {
		o.children[0].Retain()
		o.children[1].Retain()
		return []arrow.Array{o.children[0], o.children[1]}
	}
	p := batch.NewFixed[int32](c.Mem, len(o.parents))
	for k, row := range o.parents {
		p.Values[k] = int32(k) - o.offsets[row]
	}
	o.children[0].Retain()
	return []arrow.Array{o.children[0], p.Done(arrow.PrimitiveTypes.Int32, nil)}
}

// rebuilt is a list column of other elements, as many a row; it takes the elements over.
func (o *opened) rebuilt(c *expr.Context, out types.Type, elements arrow.Array) arrow.Array {
	buf, offsets := offsetsFor(c.Mem, o.n)
	copy(offsets, o.offsets)
	return makeList(out, o.n, buf, elements, batch.CopyMarks(c.Mem, o.valid, o.n)).Array
}

// elementwise is a function of one list or map and one lambda.
type elementwise struct {
	arg  expr.Evaluator
	fn   *expr.Closure
	call *expr.Apply
	// finish gets the elements and what the lambda gave for each.
	finish func(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error)
}

func overElements(finish func(*expr.Context, *expr.Apply, *opened, arrow.Array) (arrow.Array, error)) expr.Form {
	return func(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
		fn, ok := args[1].(*expr.Closure)
		if !ok {
			return nil, errs.Internal("%s takes a lambda", a.Fn.Name)
		}
		return &elementwise{args[0], fn, a, finish}, nil
	}
}

func (e *elementwise) Type() types.Type { return e.call.DataType }

func (e *elementwise) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := e.arg.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	if v.IsConstNull() || v.DataType().ID() == arrow.NULL {
		return expr.Nulls(c.Mem, e.call.DataType), nil
	}
	column := v.Expand(c.Mem, int(b.NumRows()))
	defer column.Release()
	o := open(c, column)
	defer o.close()
	params := o.params(c)
	defer batch.Release(params...)
	results, err := e.fn.Over(c, b, o.parents, params...)
	if err != nil {
		return expr.Vector{}, err
	}
	defer results.Release()
	out, err := e.finish(c, e.call, o, results)
	return vector(out), err
}

func transformElements(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error) {
	results.Retain()
	return o.rebuilt(c, a.DataType, results), nil
}

// filterElements keeps what the lambda is true for, of a list or a map.
func filterElements(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error) {
	keep := batch.Selected(results, nil)
	buf, offsets := offsetsFor(c.Mem, o.n)
	k := 0
	for i := 0; i < o.n; i++ {
		for k < len(keep) && keep[k] < o.offsets[i+1] {
			k++
		}
		offsets[i+1] = int32(k)
	}
	valid := batch.CopyMarks(c.Mem, o.valid, o.n)
	if len(o.children) == 1 {
		return makeList(a.DataType, o.n, buf, batch.Take(c.Mem, o.children[0], keep), valid).Array, nil
	}
	v, err := finishMap(c, a.DataType, o.n, buf, batch.Take(c.Mem, o.children[0], keep), batch.Take(c.Mem, o.children[1], keep), valid)
	return v.Array, err
}

func transformKeys(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error) {
	results.Retain()
	o.children[1].Retain()
	return o.remapped(c, a, results, o.children[1])
}

func transformValues(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error) {
	results.Retain()
	o.children[0].Retain()
	return o.remapped(c, a, o.children[0], results)
}

func (o *opened) remapped(c *expr.Context, a *expr.Apply, keys, values arrow.Array) (arrow.Array, error) {
	buf, offsets := offsetsFor(c.Mem, o.n)
	copy(offsets, o.offsets)
	v, err := finishMap(c, a.DataType, o.n, buf, keys, values, batch.CopyMarks(c.Mem, o.valid, o.n))
	return v.Array, err
}

// testElements is exists and forall in three-valued logic; data is the value that settles a row.
func testElements(c *expr.Context, a *expr.Apply, o *opened, results arrow.Array) (arrow.Array, error) {
	settledBy := a.Data.(bool)
	value, known := batch.Bools(results), batch.Valid(results)
	out, valid := batch.NewMarks(c.Mem, o.n, false), batch.NewMarks(c.Mem, o.n, true)
	for i := 0; i < o.n; i++ {
		open, settled := !o.valid.Get(i), false
		for k := o.offsets[i]; k < o.offsets[i+1] && !settled; k++ {
			if !known.Get(int(k)) {
				open = true
			} else {
				settled = value.Get(int(k)) == settledBy
			}
		}
		out.Put(i, settled == settledBy)
		valid.Put(i, settled || !open)
	}
	return out.Done(valid), nil
}

// reduction is aggregate: it merges the first elements of all rows, then the second ones, and so on.
type reduction struct {
	arg, zero     expr.Evaluator
	merge, finish *expr.Closure
	out           types.Type
}

func aggregateForm(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	merge, ok1 := args[2].(*expr.Closure)
	finish, ok2 := args[3].(*expr.Closure)
	if !ok1 || !ok2 {
		return nil, errs.Internal("aggregate takes lambdas")
	}
	return &reduction{args[0], args[1], merge, finish, a.DataType}, nil
}

func (f *reduction) Type() types.Type { return f.out }

func (f *reduction) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	n := int(b.NumRows())
	v, err := f.arg.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	state, err := expr.Column(c, f.zero, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer func() { state.Release() }()
	l := listOf(v)
	for k := int32(0); ; k++ {
		var rows, elements []int32
		for i := 0; i < n; i++ {
			if lo, hi, ok := l.span(i); ok && k < hi-lo {
				rows, elements = append(rows, int32(i)), append(elements, lo+k)
			}
		}
		if len(rows) == 0 {
			break
		}
		next, err := f.step(c, b, l, state, rows, elements)
		if err != nil {
			return expr.Vector{}, err
		}
		state.Release()
		state = next
	}
	all := make([]int32, n)
	keep := make([]int32, n)
	for i := range all {
		all[i], keep[i] = int32(i), int32(i)
		if _, _, ok := l.span(i); !ok {
			keep[i] = -1
		}
	}
	done, err := f.finish.Over(c, b, all, state)
	if err != nil {
		return expr.Vector{}, err
	}
	defer done.Release()
	return vector(batch.Take(c.Mem, done, keep)), nil
}

// step merges one element into the state of each of these rows.
func (f *reduction) step(c *expr.Context, b arrow.RecordBatch, l list, state arrow.Array, rows, elements []int32) (arrow.Array, error) {
	before, element := batch.Take(c.Mem, state, rows), batch.Take(c.Mem, l.child, elements)
	defer batch.Release(before, element)
	merged, err := f.merge.Over(c, b, rows, before, element)
	if err != nil || len(rows) == state.Len() {
		return merged, err
	}
	defer merged.Release()
	both, err := batch.Concat(c.Mem, []arrow.Array{state, merged})
	if err != nil {
		return nil, err
	}
	defer both.Release()
	indices := make([]int32, state.Len())
	for i := range indices {
		indices[i] = int32(i)
	}
	for k, row := range rows {
		indices[row] = int32(state.Len() + k)
	}
	return batch.Take(c.Mem, both, indices), nil
}

// zipping is zip_with: the shorter array is filled up with nulls.
type zipping struct {
	left, right expr.Evaluator
	fn          *expr.Closure
	out         types.Type
}

func zipWithForm(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	fn, ok := args[2].(*expr.Closure)
	if !ok {
		return nil, errs.Internal("zip_with takes a lambda")
	}
	return &zipping{args[0], args[1], fn, a.DataType}, nil
}

func (z *zipping) Type() types.Type { return z.out }

func (z *zipping) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	args, _, err := expr.EvalAll(c, []expr.Evaluator{z.left, z.right}, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer expr.ReleaseAll(args)
	n := int(b.NumRows())
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, z.out), nil
	}
	l, r := listOf(args[0]), listOf(args[1])
	buf, offsets := offsetsFor(c.Mem, n)
	var parents, li, ri []int32
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			llo, lhi, _ := l.span(i)
			rlo, rhi, _ := r.span(i)
			for k := int32(0); k < max(lhi-llo, rhi-rlo); k++ {
				parents = append(parents, int32(i))
				li, ri = append(li, orNone(llo+k, lhi)), append(ri, orNone(rlo+k, rhi))
			}
		}
		offsets[i+1] = int32(len(parents))
	}
	x, y := batch.Take(c.Mem, l.child, li), batch.Take(c.Mem, r.child, ri)
	defer batch.Release(x, y)
	results, err := z.fn.Over(c, b, parents, x, y)
	if err != nil {
		valid.Drop()
		buf.Release()
		return expr.Vector{}, err
	}
	return makeList(z.out, n, buf, results, valid), nil
}

func orNone(k, hi int32) int32 {
	if k < hi {
		return k
	}
	return -1
}

// sorting is array_sort: by the natural order with nulls last, or by a lambda that compares two elements.
type sorting struct {
	arg expr.Evaluator
	fn  *expr.Closure
	out types.Type
}

func arraySortForm(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	s := &sorting{arg: args[0], out: a.DataType}
	if len(args) == 2 {
		s.fn, _ = args[1].(*expr.Closure)
	}
	return s, nil
}

func (s *sorting) Type() types.Type { return s.out }

func (s *sorting) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := s.arg.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	n := int(b.NumRows())
	l := listOf(v)
	order := batch.Comparator(l.child, l.child, batch.Order{})
	var failure error
	out, err := gather(c, n, s.out, l.child, []expr.Vector{v}, func(i int, dst []int32) ([]int32, bool) {
		lo, hi, _ := l.span(i)
		if s.fn == nil {
			return sortedRange(dst, lo, hi, order), true
		}
		at := len(dst)
		for k := lo; k < hi; k++ {
			dst = append(dst, k)
		}
		sortAsJava(dst[at:], func(x, y int32) bool {
			less, err := s.less(c, b, l.child, int32(i), x, y)
			if err != nil {
				failure = err
			}
			return less
		})
		return dst, true
	})
	if err == nil && failure != nil {
		out.Release()
		return expr.Vector{}, failure
	}
	return out, err
}

// sortAsJava sorts stably. Short arrays go by insertion in the very order of Java's comparisons, since the result of a
// comparison that contradicts itself (a CASE without a branch for null) depends on it.
func sortAsJava(a []int32, less func(x, y int32) bool) {
	if len(a) >= 32 {
		sort.SliceStable(a, func(i, j int) bool { return less(a[i], a[j]) })
		return
	}
	if len(a) < 2 {
		return
	}
	run := 2
	if less(a[1], a[0]) {
		for run < len(a) && less(a[run], a[run-1]) {
			run++
		}
		slices.Reverse(a[:run])
	} else {
		for run < len(a) && !less(a[run], a[run-1]) {
			run++
		}
	}
	for ; run < len(a); run++ {
		pivot := a[run]
		lo, hi := 0, run
		for lo < hi {
			if mid := (lo + hi) / 2; less(pivot, a[mid]) {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		copy(a[lo+1:run+1], a[lo:run])
		a[lo] = pivot
	}
}

// less asks the lambda about two elements of a row.
func (s *sorting) less(c *expr.Context, b arrow.RecordBatch, child arrow.Array, row, x, y int32) (bool, error) {
	p, q := batch.Take(c.Mem, child, []int32{x}), batch.Take(c.Mem, child, []int32{y})
	defer batch.Release(p, q)
	r, err := s.fn.Over(c, b, []int32{row}, p, q)
	if err != nil {
		return false, err
	}
	defer r.Release()
	if r.IsNull(0) {
		return false, &errs.Error{Row: errs.Row{Class: errs.Runtime, Text: "The comparison of array_sort gave null."}}
	}
	return batch.Values[int32](r)[0] < 0, nil
}

package functions

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// value IN (list): true where one is equal, else null where the value or one of the list is, else false.

var inFn = &expr.Function{Name: "in", Form: inForm}

func bindIn(e *Env, c *expr.Call) (expr.Expr, error) {
	list := callText("", c.Args[1:])
	text := "(" + c.Args[0].String() + " IN " + list + ")"
	args, t := e.common(c.Args)
	if t == nil {
		return nil, differList("in", text, c.Args)
	}
	if !expr.Orderable(t) {
		return nil, unordered("in", text, t)
	}
	for i := 1; i < len(args); i++ {
		if v, ok := expr.Constant(args[i]); ok {
			args[i] = &expr.Literal{Value: v, DataType: t}
		}
	}
	a := apply(inFn, types.Boolean, args...)
	a.Text = text
	return a, nil
}

// inSet is IN over a list of literals of integers or strings.
type inSet struct {
	value    expr.Evaluator
	integers map[int64]struct{}
	strings  map[string]struct{}
	hasNull  bool
}

// inList is IN over any list: equality with each in turn.
type inList struct {
	value expr.Evaluator
	list  []expr.Evaluator
}

func inForm(_ *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	set := &inSet{value: args[0], integers: map[int64]struct{}{}, strings: map[string]struct{}{}}
	for _, a := range args[1:] {
		v, ok := expr.ConstantOf(a)
		if !ok || !set.add(v) {
			return &inList{args[0], args[1:]}, nil
		}
	}
	if len(set.integers) <= 12 && len(set.strings) <= 1 {
		return &inList{args[0], args[1:]}, nil
	}
	return set, nil
}

func (s *inSet) add(v any) bool {
	switch x := v.(type) {
	case nil:
		s.hasNull = true
	case int32:
		s.integers[int64(x)] = struct{}{}
	case int64:
		s.integers[x] = struct{}{}
	case string:
		s.strings[x] = struct{}{}
	default:
		return false
	}
	return true
}

func (s *inSet) Type() types.Type { return types.Boolean }

func (s *inSet) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := s.value.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	n := v.Len()
	out, valid := batch.NewMarks(c.Mem, n, false), batch.CopyMarks(c.Mem, batch.Valid(v.Array), n)
	if s.hasNull {
		valid = owned(c.Mem, valid, n)
	}
	found := func(i int, ok bool) {
		if ok {
			out.Set(i)
		} else if s.hasNull {
			valid.Clear(i)
		}
	}
	switch v.DataType().ID() {
	case arrow.INT32:
		for i, x := range batch.Values[int32](v.Array) {
			_, ok := s.integers[int64(x)]
			found(i, ok)
		}
	case arrow.INT64:
		for i, x := range batch.Values[int64](v.Array) {
			_, ok := s.integers[x]
			found(i, ok)
		}
	default:
		o, d := batch.Text(v.Array)
		for i := 0; i < n; i++ {
			_, ok := s.strings[string(d[o[i]:o[i+1]])]
			found(i, ok)
		}
	}
	return expr.Vector{Array: out.Done(valid), Const: v.Const}, nil
}

// whereKnown is Eval after the list has failed: where the value is null, nobody looks at the list.
func (s *inList) whereKnown(c *expr.Context, b arrow.RecordBatch, failure error) (expr.Vector, error) {
	n := int(b.NumRows())
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	open, err := expr.KnownRows(c, s.value, b, all)
	if err != nil || len(open) == n {
		return expr.Vector{}, failure
	}
	v, err := expr.EvalOn(c, s, b, open)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	return expr.Scatter(c, types.Boolean, v, open, n)
}

func (s *inList) Type() types.Type { return types.Boolean }

func (s *inList) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := s.value.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer v.Release()
	n := int(b.NumRows())
	out, open := batch.NewMarks(c.Mem, n, false), batch.NewMarks(c.Mem, n, false)
	bits := make([]byte, len(out.Bits))
	vv := batch.Valid(v.Array)
	for k, e := range s.list {
		// What stands behind a match is not looked at, so that it cannot raise.
		if k > 0 && n > 0 && out.Count() == n {
			break
		}
		x, err := e.Eval(c, b)
		if err != nil {
			out.Drop()
			open.Drop()
			return s.whereKnown(c, b, err)
		}
		clear(bits)
		compareInto(bits, n, "=", v, x)
		xv := batch.Valid(x.Array)
		if vv.All() && xv.All() {
			for i, w := range bits {
				out.Bits[i] |= w
			}
			x.Release()
			continue
		}
		for i := 0; i < n; i++ {
			if !vv.Get(v.Row(i)) || !xv.Get(x.Row(i)) {
				open.Set(i)
			} else if bits[i>>3]>>(i&7)&1 != 0 {
				out.Set(i)
			}
		}
		x.Release()
	}
	for i := range open.Bits {
		open.Bits[i] = out.Bits[i] | ^open.Bits[i]
	}
	return vector(out.Done(open)), nil
}

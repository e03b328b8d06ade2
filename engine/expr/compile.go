package expr

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Compile makes an evaluator of a typed tree over batches whose columns are input, in order.
func Compile(e Expr, input []*Attr) (Evaluator, error) {
	s := scope{}
	for i, a := range input {
		if _, ok := s[a.ID]; !ok {
			s[a.ID] = i
		}
	}
	return s.compile(e)
}

// CompileAll compiles several trees over one input.
func CompileAll(list []Expr, input []*Attr) ([]Evaluator, error) {
	out := make([]Evaluator, len(list))
	for i, e := range list {
		var err error
		if out[i], err = Compile(e, input); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scope is where attributes and lambda variables lie in the batch.
type scope map[ID]int

func (s scope) compile(e Expr) (Evaluator, error) {
	switch e := e.(type) {
	case *Attr:
		return s.column(e.ID, e.Name, e.DataType)
	case *LambdaVar:
		return s.column(e.ID, e.Name, e.DataType)
	case *Literal:
		return &constant{e}, nil
	case *Alias:
		return s.compile(e.Child)
	case *Sort:
		return s.compile(e.Child)
	case *Cast:
		out, err := s.cast(e)
		return inZone(e.Zone, out, err)
	case *Lambda:
		return s.lambda(e)
	case *Apply:
		out, err := s.apply(e)
		return inZone(e.Zone, out, err)
	}
	return nil, errs.Internal("%s (%T) does not evaluate", e, e)
}

func (s scope) column(id ID, name string, t types.Type) (Evaluator, error) {
	i, ok := s[id]
	if !ok {
		return nil, errs.Internal("no column for %s#%d", name, id)
	}
	return &column{i, t}, nil
}

// column is an attribute.
type column struct {
	index int
	t     types.Type
}

func (c *column) Type() types.Type { return c.t }
func (c *column) Eval(_ *Context, b arrow.RecordBatch) (Vector, error) {
	a := b.Column(c.index)
	a.Retain()
	return Vector{Array: a}, nil
}

// constant is a literal.
type constant struct{ *Literal }

func (l *constant) Type() types.Type { return l.DataType }
func (l *constant) Eval(c *Context, _ arrow.RecordBatch) (Vector, error) {
	a, err := l.Array(c.Mem)
	return Vector{Array: a, Const: true}, err
}

// ConstantOf gives the value of an evaluator that is a literal.
func ConstantOf(e Evaluator) (any, bool) {
	if l, ok := e.(*constant); ok {
		return l.Value, true
	}
	return nil, false
}

// convert is a cast.
type convert struct {
	child Evaluator
	cast  caster
	to    types.Type
}

func (s scope) cast(e *Cast) (Evaluator, error) {
	child, err := s.compile(e.Child)
	if err != nil {
		return nil, err
	}
	f, err := newCaster(e.Child.Type(), e.To, e.Mode)
	if err != nil {
		return nil, err
	}
	return &convert{child, f, e.To}, nil
}

func (e *convert) Type() types.Type { return e.to }
func (e *convert) Eval(c *Context, b arrow.RecordBatch) (Vector, error) {
	v, err := e.child.Eval(c, b)
	if err != nil {
		return Vector{}, err
	}
	defer v.Release()
	a, err := e.cast(c, v.Array)
	return Vector{Array: a, Const: v.Const}, err
}

// call is a function over evaluated arguments.
type call struct {
	fn   *Function
	args []Evaluator
	data any
	out  types.Type
}

func (s scope) apply(e *Apply) (Evaluator, error) {
	args := make([]Evaluator, len(e.Args))
	for i, a := range e.Args {
		var err error
		if args[i], err = s.compile(a); err != nil {
			return nil, err
		}
	}
	if e.Fn.Form != nil {
		return e.Fn.Form(e, args)
	}
	return &call{e.Fn, args, e.Data, e.DataType}, nil
}

func (e *call) Type() types.Type { return e.out }
func (e *call) Eval(c *Context, b arrow.RecordBatch) (Vector, error) {
	args, fixed, err := EvalAll(c, e.args, b)
	if err != nil && e.fn.Strict && len(e.args) > 1 {
		return e.whereKnown(c, b, err)
	}
	if err != nil {
		return Vector{}, err
	}
	defer ReleaseAll(args)
	n := int(b.NumRows())
	if fixed && !e.fn.Volatile {
		n = 1
	}
	v, err := e.fn.Kernel(c, n, args, e.data, e.out)
	if err != nil {
		return Vector{}, err
	}
	if fixed && !e.fn.Volatile {
		v.Const = true
	}
	return v, nil
}

// whereKnown is Eval of a strict function after an argument has failed: each argument sees the rows at which those before
// it are not null. It answers the failure where that makes no difference.
func (e *call) whereKnown(c *Context, b arrow.RecordBatch, failure error) (Vector, error) {
	n := int(b.NumRows())
	open := everyRow(n)
	args := slices.Clone(e.args)
	if e.fn.RightFirst {
		slices.Reverse(args)
	}
	for k, arg := range args {
		known, err := KnownRows(c, arg, b, open)
		switch {
		case err != nil && (k == 0 || len(open) == n):
			return Vector{}, failure
		case err != nil:
			return Vector{}, err
		}
		open = known
	}
	if len(open) == n {
		return Vector{}, failure
	}
	v, err := EvalOn(c, e, b, open)
	if err != nil {
		return Vector{}, err
	}
	defer v.Release()
	return Scatter(c, e.out, v, open, n)
}

func everyRow(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// KnownRows gives those of some rows at which a value is not null.
func KnownRows(c *Context, e Evaluator, b arrow.RecordBatch, open []int32) ([]int32, error) {
	if len(open) == 0 {
		return open, nil
	}
	v, err := EvalOn(c, e, b, open)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	known, valid := make([]int32, 0, len(open)), batch.Valid(v.Array)
	for i, row := range open {
		if valid.Get(v.Row(i)) {
			known = append(known, row)
		}
	}
	return known, nil
}

// Scatter spreads values, one for each row of open, over n rows; the others are null.
func Scatter(c *Context, t types.Type, v Vector, open []int32, n int) (Vector, error) {
	from, at := make([]int32, n), make([]int32, n)
	for i := range at {
		at[i] = -1
	}
	for i, row := range open {
		at[row] = int32(i)
	}
	out, err := Pick(c, t, []Vector{v}, from, at)
	return Vector{Array: out}, err
}

// Conjunction is AND, whose sides a filter may take one after the other.
type Conjunction interface {
	Sides() (left, right Evaluator)
}

// TrueRows gives those of some rows for which a condition is true. Of a conjunction the right side sees only the rows
// for which the left is true: a row that is null or false there is out already.
func TrueRows(c *Context, e Evaluator, b arrow.RecordBatch, open []int32) ([]int32, error) {
	if j, ok := e.(Conjunction); ok {
		if l, r := j.Sides(); l != nil {
			left, err := TrueRows(c, l, b, open)
			if err != nil {
				return nil, err
			}
			return TrueRows(c, r, b, left)
		}
	}
	if len(open) == 0 {
		return open, nil
	}
	v, err := EvalOn(c, e, b, open)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	if v.DataType().ID() == arrow.NULL {
		return nil, nil
	}
	chosen, value, valid := make([]int32, 0, len(open)), batch.Bools(v.Array), batch.Valid(v.Array)
	for i, row := range open {
		if k := v.Row(i); valid.Get(k) && value.Get(k) {
			chosen = append(chosen, row)
		}
	}
	return chosen, nil
}

// EvalAll evaluates arguments; fixed says that all are Const.
func EvalAll(c *Context, list []Evaluator, b arrow.RecordBatch) (args []Vector, fixed bool, err error) {
	args, fixed = make([]Vector, len(list)), true
	for i, e := range list {
		if args[i], err = e.Eval(c, b); err != nil {
			ReleaseAll(args[:i])
			return nil, false, err
		}
		fixed = fixed && args[i].Const
	}
	return args, fixed, nil
}

// ReleaseAll gives vectors back.
func ReleaseAll(list []Vector) {
	for _, v := range list {
		if v.Array != nil {
			v.Release()
		}
	}
}

// CanFail says that evaluating the tree raises on some input, so that a branch must see its own rows only.
func CanFail(e Expr) bool {
	return Find(e, func(n Expr) bool {
		switch n := n.(type) {
		case *Apply:
			return n.Fn.Fails || n.Fn.Volatile
		case *Cast:
			return failing(n.Child.Type(), n.To, n.Mode)
		}
		return false
	}) != nil
}

// Value computes a foldable tree.
func Value(c *Context, e Expr) (any, error) {
	if l, ok := e.(*Literal); ok {
		return l.Value, nil
	}
	ev, err := Compile(e, nil)
	if err != nil {
		return nil, err
	}
	v, err := fitting(c, ev)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	return ValueAt(v.Array, 0, ev.Type()), nil
}

// fitting evaluates over one row; a value that fits no column is left to whoever runs the query to raise.
func fitting(c *Context, e Evaluator) (v Vector, err error) {
	defer func() {
		if p := recover(); p == batch.TooLarge {
			err = batch.TooLarge
		} else if p != nil {
			panic(p)
		}
	}()
	return e.Eval(c, &rows{n: 1})
}

// Fold replaces every foldable part of a tree by its value. A part that raises stays as it is, to raise when a row
// reaches it.
func Fold(c *Context, e Expr) Expr {
	folding := *c
	if folding.Mem == nil {
		folding.Mem = memory.DefaultAllocator
	}
	return fold(&folding, e)
}

func fold(c *Context, e Expr) Expr {
	switch e.(type) {
	case *Literal, *Lambda:
		return e
	}
	if e.Type() != nil && Foldable(e) {
		if _, alias := e.(*Alias); !alias {
			if v, err := Value(c, e); err == nil && small(v) {
				return &Literal{Value: v, DataType: e.Type(), Zone: c.Zone}
			}
			return e
		}
	}
	return MapChildren(e, func(k Expr) Expr { return fold(c, k) })
}

// small says that a value is worth keeping as a literal: a long array is sooner computed once a batch than rebuilt.
func small(v any) bool {
	list, ok := v.([]any)
	return !ok || len(list) <= 64
}

// Constant gives the value of a foldable typed tree; ok is false where it is none or raises.
func Constant(e Expr) (v any, ok bool) {
	if l, is := e.(*Literal); is {
		return l.Value, true
	}
	if e.Type() == nil || !Foldable(e) {
		return nil, false
	}
	v, err := Value(&Context{Mem: memory.DefaultAllocator, ANSI: true}, e)
	return v, err == nil
}

// Filter gives the rows of a batch for which a condition is true.
func Filter(c *Context, e Evaluator, b arrow.RecordBatch) (arrow.RecordBatch, error) {
	v, err := e.Eval(c, b)
	if err != nil {
		return nil, err
	}
	defer v.Release()
	if v.Const {
		if v.IsNull(0) || !batch.Bools(v.Array).Get(0) {
			return b.NewSlice(0, 0), nil
		}
		b.Retain()
		return b, nil
	}
	return batch.FilterBatch(c.Mem, b, v.Array), nil
}

package functions

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// and, or and not in three-valued logic. and and or look at their right side only on rows that the left leaves open,
// where the right may raise.

var (
	andFn = &expr.Function{Name: "and", Form: connective(false)}
	orFn  = &expr.Function{Name: "or", Form: connective(true)}
	notFn = &expr.Function{Name: "not", Kernel: notKernel}
)

// junction is and (settled by false) or or (settled by true).
type junction struct {
	left, right expr.Evaluator
	settledBy   bool
	careful     bool
}

func connective(settledBy bool) expr.Form {
	return func(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
		return &junction{args[0], args[1], settledBy, expr.CanFail(a.Args[1])}, nil
	}
}

func (j *junction) Type() types.Type { return types.Boolean }

// Sides are those of an and; an or has none.
func (j *junction) Sides() (left, right expr.Evaluator) {
	if j.settledBy {
		return nil, nil
	}
	return j.left, j.right
}

func (j *junction) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	l, err := j.left.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer l.Release()
	n := int(b.NumRows())
	if l.Const && n > 0 && l.IsValid(0) {
		if batch.Bools(l.Array).Get(0) == j.settledBy {
			l.Retain()
			return l, nil
		}
		return j.right.Eval(c, b)
	}
	if j.careful && !l.Const {
		return j.partly(c, b, l)
	}
	r, err := j.right.Eval(c, b)
	if err != nil {
		return expr.Vector{}, err
	}
	defer r.Release()
	if l.Const && r.Const {
		n = 1
	}
	x, y := spread(c, l, n), spread(c, r, n)
	defer x.drop()
	defer y.drop()
	out, valid := batch.NewMarks(c.Mem, n, false), batch.NewMarks(c.Mem, n, false)
	for i := range out.Bits {
		t, f := x.yes[i]&y.yes[i], x.no[i]|y.no[i]
		if j.settledBy {
			t, f = x.yes[i]|y.yes[i], x.no[i]&y.no[i]
		}
		out.Bits[i], valid.Bits[i] = t, t|f
	}
	return expr.Vector{Array: out.Done(valid), Const: l.Const && r.Const}, nil
}

// sides are the bits of rows that are true and of rows that are false.
type sides struct {
	yes, no []byte
	marks   [2]*batch.Marks
}

func (s sides) drop() {
	s.marks[0].Drop()
	s.marks[1].Drop()
}

func spread(c *expr.Context, v expr.Vector, n int) sides {
	yes, no := batch.NewMarks(c.Mem, n, true), batch.NewMarks(c.Mem, n, true)
	value, valid := batch.Bitmap{None: true}, batch.Valid(v.Array)
	if v.DataType().ID() == arrow.BOOL {
		value = batch.Bools(v.Array)
	}
	if v.Const {
		value, valid = batch.Bitmap{None: !value.Get(0)}, batch.Bitmap{None: !valid.Get(0)}
	}
	yes = batch.AndInto(c.Mem, yes, value, n)
	for i := range no.Bits {
		no.Bits[i] = ^yes.Bits[i]
	}
	yes, no = batch.AndInto(c.Mem, yes, valid, n), batch.AndInto(c.Mem, no, valid, n)
	return sides{yes.Bits, no.Bits, [2]*batch.Marks{yes, no}}
}

// partly evaluates the right side where the left does not settle the row.
func (j *junction) partly(c *expr.Context, b arrow.RecordBatch, l expr.Vector) (expr.Vector, error) {
	n := int(b.NumRows())
	value, valid := batch.Bools(l.Array), batch.Valid(l.Array)
	open := make([]int32, 0, n)
	for i := 0; i < n; i++ {
		if !valid.Get(i) || value.Get(i) != j.settledBy {
			open = append(open, int32(i))
		}
	}
	if len(open) == 0 {
		l.Retain()
		return l, nil
	}
	r, err := expr.EvalOn(c, j.right, b, open)
	if err != nil {
		return expr.Vector{}, err
	}
	defer r.Release()
	rv, rn := batch.Bools(r.Array), batch.Valid(r.Array)
	out, known := batch.NewMarks(c.Mem, n, j.settledBy), batch.NewMarks(c.Mem, n, true)
	for k, i := range open {
		at := r.Row(k)
		switch {
		case rn.Get(at) && rv.Get(at) == j.settledBy:
		case rn.Get(at) && valid.Get(int(i)):
			out.Put(int(i), !j.settledBy)
		default:
			known.Clear(int(i))
		}
	}
	return vector(out.Done(known)), nil
}

func notKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	r := batch.NewMarks(c.Mem, n, true)
	if args[0].Const {
		r.Put(0, true)
	}
	r = batch.AndInto(c.Mem, r, batch.Bools(args[0].Array), n)
	for i := range r.Bits {
		r.Bits[i] = ^r.Bits[i]
	}
	return vector(r.Done(valid)), nil
}

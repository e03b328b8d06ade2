package functions

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var conditionalRows = []Row{
	{Name: "when", Min: 2, Max: -1, Bind: bindWhen, Examples: []Example{
		{SQL: "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", Value: "b"}, {SQL: "CASE WHEN false THEN 1 END", Value: "NULL"}, {SQL: "CASE 1 WHEN 1 THEN 1 ELSE 2.5 END", Value: "1.0"}}},
	{Name: "if", Min: 3, Max: 3, Bind: bindIf, Examples: []Example{{SQL: "if(NULL, 1, 2)", Value: "2"}, {SQL: "if(true, 1, 1 / 0)", Value: "1.0"}}},
	{Name: "coalesce", Min: 1, Max: -1, Bind: bindCoalesce("coalesce"), Examples: []Example{{SQL: "coalesce(NULL, 1, 2L)", Value: "1"}, {SQL: "coalesce(NULL, NULL)", Value: "NULL"}}},
	{Name: "nvl", Min: 2, Max: 2, Bind: bindCoalesce("nvl"), Examples: []Example{{SQL: "nvl(NULL, 'x')", Value: "x"}}},
	{Name: "ifnull", Min: 2, Max: 2, Bind: bindCoalesce("ifnull"), Examples: []Example{{SQL: "ifnull(NULL, 1)", Value: "1"}}},
	{Name: "nvl2", Min: 3, Max: 3, Bind: bindNvl2, Examples: []Example{{SQL: "nvl2(NULL, 1, 2)", Value: "2"}}},
	{Name: "nullif", Min: 2, Max: 2, Bind: bindNullIf, Examples: []Example{{SQL: "nullif(1, 1)", Value: "NULL"}, {SQL: "nullif(1, 2)", Value: "1"}}},
	{Name: "nullifzero", Min: 1, Max: 1, Bind: bindNullIfZero, Examples: []Example{{SQL: "nullifzero(0)", Value: "NULL"}}},
	{Name: "zeroifnull", Min: 1, Max: 1, Bind: bindZeroIfNull, Examples: []Example{{SQL: "zeroifnull(NULL)", Value: "0"}}},
	{Name: "nanvl", Min: 2, Max: 2, Bind: bindNaNvl, Examples: []Example{{SQL: "nanvl(CAST('NaN' AS DOUBLE), 5)", Value: "5.0"}}},
	{Name: "greatest", Min: 2, Max: -1, Bind: bindExtreme("greatest", 1), Examples: []Example{{SQL: "greatest(NULL, 1, 3)", Value: "3"}, {SQL: "greatest(1, 2.5)", Value: "2.5"}}},
	{Name: "least", Min: 2, Max: -1, Bind: bindExtreme("least", -1), Examples: []Example{{SQL: "least(NULL, 1, 3)", Value: "1"}, {SQL: "least(1, '0')", Error: "DATATYPE_MISMATCH.DATA_DIFF_TYPES"}}},
}

var (
	whenFn     = &expr.Function{Name: "when", Form: whenForm}
	coalesceFn = &expr.Function{Name: "coalesce", Form: coalesceForm}
	extremeFn  = &expr.Function{Name: "extreme", Kernel: extremeKernel}
)

// bindWhen takes condition, value, condition, value, … and at odd length the value of ELSE.
func bindWhen(e *Env, c *expr.Call) (expr.Expr, error) {
	text := caseText(c.Args)
	for i := 0; i+1 < len(c.Args); i += 2 {
		if c.Args[i].Type().Kind() != types.KBoolean {
			return nil, unexpected(text, i/2, `"BOOLEAN"`, c.Args[i])
		}
	}
	out, err := e.conditional(text, "casewhen", c.Args)
	if a, ok := out.(*expr.Apply); ok && len(c.Args)%2 == 0 {
		a.Null = openEnded(c.Args)
	}
	return out, err
}

// openEnded says that a CASE without ELSE may give null: unless one of its conditions is the constant true.
func openEnded(args []expr.Expr) bool {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1].Nullable() {
			return true
		}
		if l, ok := args[i].(*expr.Literal); ok && l.Value == true {
			return false
		}
	}
	return true
}

func caseText(args []expr.Expr) string {
	text := "CASE"
	for i := 0; i+1 < len(args); i += 2 {
		text += " WHEN " + args[i].String() + " THEN " + args[i+1].String()
	}
	if len(args)%2 == 1 {
		text += " ELSE " + args[len(args)-1].String()
	}
	return text + " END"
}

func (e *Env) conditional(text, name string, args []expr.Expr) (expr.Expr, error) {
	var conditions, values []expr.Expr
	for i := 0; i+1 < len(args); i += 2 {
		b := e.boolean(args[i])
		if b == nil {
			return nil, unexpected(text, i, `"BOOLEAN"`, args[i])
		}
		conditions, values = append(conditions, b), append(values, args[i+1])
	}
	hasElse := len(args)%2 == 1
	if hasElse {
		values = append(values, args[len(args)-1])
	}
	cast, t := e.common(values)
	if t == nil {
		return nil, differList(name, text, values)
	}
	list := make([]expr.Expr, 0, len(args))
	for i, b := range conditions {
		list = append(list, b, cast[i])
	}
	if hasElse {
		list = append(list, cast[len(cast)-1])
	}
	a := apply(whenFn, t, list...)
	a.Null, a.Text = !hasElse || anyNull(cast), text
	return a, nil
}

func bindIf(e *Env, c *expr.Call) (expr.Expr, error) {
	text := "(IF(" + c.Args[0].String() + ", " + c.Args[1].String() + ", " + c.Args[2].String() + "))"
	return e.conditional(text, "if", c.Args)
}

func bindNvl2(e *Env, c *expr.Call) (expr.Expr, error) {
	test, err := e.Lookup("isnotnull", c.Args[0])
	if err != nil {
		return nil, err
	}
	return e.conditional(callText("nvl2", c.Args), "nvl2", []expr.Expr{test, c.Args[1], c.Args[2]})
}

func bindNullIf(e *Env, c *expr.Call) (expr.Expr, error) {
	equal, err := e.Lookup("=", c.Args...)
	if err != nil {
		return nil, err
	}
	a := apply(whenFn, c.Args[0].Type(), equal, &expr.Literal{DataType: c.Args[0].Type()}, c.Args[0])
	a.Null, a.Text = true, callText("nullif", c.Args)
	return a, nil
}

func bindNullIfZero(e *Env, c *expr.Call) (expr.Expr, error) {
	out, err := e.Lookup("nullif", c.Args[0], expr.Lit(int32(0)))
	if err != nil {
		return nil, err
	}
	return withText(out, callText("nullifzero", c.Args)), nil
}

func bindZeroIfNull(e *Env, c *expr.Call) (expr.Expr, error) {
	out, err := e.Lookup("coalesce", c.Args[0], expr.Lit(int32(0)))
	if err != nil {
		return nil, err
	}
	return withText(out, callText("zeroifnull", c.Args)), nil
}

func bindNaNvl(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("nanvl", c.Args)
	l, err := e.take(c, text, 0, types.Double)
	if err != nil {
		return nil, err
	}
	r, err := e.take(c, text, 1, types.Double)
	if err != nil {
		return nil, err
	}
	test, err := e.Lookup("isnan", l)
	if err != nil {
		return nil, err
	}
	return e.conditional(text, "nanvl", []expr.Expr{test, r, l})
}

func bindCoalesce(name string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		args, t := e.common(c.Args)
		if t == nil {
			return nil, differ("coalesce", text, c.Args)
		}
		a := apply(coalesceFn, t, args...)
		a.Text, a.Null = text, true
		for _, x := range args {
			a.Null = a.Null && x.Nullable()
		}
		return a, nil
	}
}

func bindExtreme(name string, sign int) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		var t types.Type = types.Null
		for _, a := range c.Args {
			if t = expr.WiderNoStrings(t, a.Type(), e.ANSI); t == nil {
				return nil, differList(name, text, c.Args)
			}
		}
		if !expr.Orderable(t) {
			return nil, unordered(name, text, t)
		}
		args := make([]expr.Expr, len(c.Args))
		null := true
		for i, a := range c.Args {
			args[i] = e.cast(a, t)
			null = null && args[i].Nullable()
		}
		a := apply(extremeFn, t, args...)
		a.Data, a.Text, a.Null = sign, text, null
		return a, nil
	}
}

// branch is CASE: each condition sees the rows that the ones before left, each value the rows its condition took.
type branch struct {
	conditions, values []expr.Evaluator
	out                types.Type
}

func whenForm(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	w := &branch{out: a.DataType}
	for i := 0; i+1 < len(args); i += 2 {
		w.conditions, w.values = append(w.conditions, args[i]), append(w.values, args[i+1])
	}
	if len(args)%2 == 1 {
		w.values = append(w.values, args[len(args)-1])
	}
	return w, nil
}

func (w *branch) Type() types.Type { return w.out }

func (w *branch) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	n := int(b.NumRows())
	open := make([]int32, n)
	for i := range open {
		open[i] = int32(i)
	}
	p := &picker{from: make([]int32, n), at: make([]int32, n)}
	defer func() { expr.ReleaseAll(p.branches) }()
	for i := range p.at {
		p.at[i] = -1
	}
	for k, condition := range w.conditions {
		if len(open) == 0 {
			break
		}
		taken, left, err := split(c, condition, b, open)
		if err != nil {
			return expr.Vector{}, err
		}
		if err := p.add(c, w.values[k], b, taken); err != nil {
			return expr.Vector{}, err
		}
		open = left
	}
	if len(w.values) > len(w.conditions) {
		if err := p.add(c, w.values[len(w.values)-1], b, open); err != nil {
			return expr.Vector{}, err
		}
	}
	out, err := expr.Pick(c, w.out, p.branches, p.from, p.at)
	return vector(out), err
}

// split gives the rows among open for which a condition is true, and the others.
func split(c *expr.Context, condition expr.Evaluator, b arrow.RecordBatch, open []int32) (taken, left []int32, err error) {
	v, err := expr.EvalOn(c, condition, b, open)
	if err != nil {
		return nil, nil, err
	}
	defer v.Release()
	if v.DataType().ID() == arrow.NULL {
		return nil, open, nil
	}
	value, valid := batch.Bools(v.Array), batch.Valid(v.Array)
	if v.Const {
		if valid.Get(0) && value.Get(0) {
			return open, nil, nil
		}
		return nil, open, nil
	}
	taken, left = make([]int32, 0, len(open)), make([]int32, 0, len(open))
	for i, row := range open {
		if valid.Get(i) && value.Get(i) {
			taken = append(taken, row)
		} else {
			left = append(left, row)
		}
	}
	return taken, left, nil
}

// picker gathers which branch each row takes.
type picker struct {
	branches []expr.Vector
	from, at []int32
}

// add evaluates a value on its rows.
func (p *picker) add(c *expr.Context, e expr.Evaluator, b arrow.RecordBatch, rows []int32) error {
	if len(rows) == 0 {
		return nil
	}
	v, err := expr.EvalOn(c, e, b, rows)
	if err != nil {
		return err
	}
	for i, row := range rows {
		p.from[row], p.at[row] = int32(len(p.branches)), int32(i)
	}
	p.branches = append(p.branches, v)
	return nil
}

// firstOf is coalesce: each argument sees the rows at which the ones before were null.
type firstOf struct {
	args []expr.Evaluator
	out  types.Type
}

func coalesceForm(a *expr.Apply, args []expr.Evaluator) (expr.Evaluator, error) {
	return &firstOf{args, a.DataType}, nil
}

func (f *firstOf) Type() types.Type { return f.out }

func (f *firstOf) Eval(c *expr.Context, b arrow.RecordBatch) (expr.Vector, error) {
	v, err := f.args[0].Eval(c, b)
	if err != nil || len(f.args) == 1 || v.NullN() == 0 && v.DataType().ID() != arrow.NULL {
		return v, err
	}
	if v.Const {
		v.Release()
		return (&firstOf{f.args[1:], f.out}).Eval(c, b)
	}
	n := int(b.NumRows())
	p := &picker{branches: []expr.Vector{v}, from: make([]int32, n), at: make([]int32, n)}
	defer func() { expr.ReleaseAll(p.branches) }()
	open := make([]int32, 0, n)
	valid := batch.Valid(v.Array)
	for i := range p.at {
		p.at[i] = int32(i)
		if !valid.Get(i) {
			open = append(open, int32(i))
		}
	}
	for _, e := range f.args[1:] {
		rows := open
		if err := p.add(c, e, b, rows); err != nil {
			return expr.Vector{}, err
		}
		if len(rows) == 0 {
			break
		}
		last := p.branches[len(p.branches)-1]
		valid = batch.Valid(last.Array)
		open = make([]int32, 0, len(rows))
		for i, row := range rows {
			if !valid.Get(last.Row(i)) {
				open = append(open, row)
			}
		}
	}
	out, err := expr.Pick(c, f.out, p.branches, p.from, p.at)
	return vector(out), err
}

// extremeKernel is greatest (data 1) and least (data -1): nulls are passed over.
func extremeKernel(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	sign := data.(int)
	from, at := make([]int32, n), make([]int32, n)
	for i := range at {
		at[i] = -1
	}
	for k, a := range args {
		valid := batch.Valid(a.Array)
		order := make([]batch.Compare, k)
		for j := range order {
			order[j] = batch.Natural(a.Array, args[j].Array)
		}
		for i := 0; i < n; i++ {
			row := a.Row(i)
			if !valid.Get(row) {
				continue
			}
			if at[i] < 0 || sign*order[from[i]](row, args[from[i]].Row(i)) > 0 {
				from[i], at[i] = int32(k), int32(i)
			}
		}
	}
	r, err := expr.Pick(c, out, args, from, at)
	return vector(r), err
}

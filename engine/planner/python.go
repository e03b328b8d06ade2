package planner

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// kinds are the evaluation types that PySpark numbers.
var kinds = map[int32]udf.Kind{100: udf.Scalar, 101: udf.Scalar, 200: udf.ScalarPandas, 204: udf.ScalarPandasIter,
	205: udf.MapPandas, 207: udf.MapArrow, 250: udf.ScalarArrow, 251: udf.ScalarArrowIter,
	201: udf.GroupPandas, 216: udf.GroupPandasIter, 209: udf.GroupArrow, 215: udf.GroupArrowIter, 206: udf.CogroupPandas, 210: udf.CogroupArrow,
	208: udf.GroupState, 202: udf.AggPandas, 217: udf.AggPandasIter, 252: udf.AggArrow, 254: udf.AggArrowIter}

// lacking names the evaluation types that are not built.
var lacking = map[int32]string{203: "pandas_udf over a window", 253: "arrow_udf over a window", 300: "udtf", 301: "udtf", 302: "udtf"}

func kindOf(u *expr.UDF) (udf.Kind, error) {
	if k, ok := kinds[u.EvalType]; ok {
		return k, nil
	}
	if name, ok := lacking[u.EvalType]; ok {
		return 0, errs.NotBuilt(name)
	}
	return 0, errs.Internal("no function of evaluation type %d", u.EvalType)
}

func isUDF(e expr.Expr) bool { _, ok := e.(*expr.UDF); return ok }

// python takes the calls of Python functions out of expressions: each round adds an operator that computes those whose
// arguments are known, as columns behind the others, until none is left.
func (b *build) python(from exec.Feed, attrs []*expr.Attr, exprs []expr.Expr) (exec.Feed, []*expr.Attr, []expr.Expr, error) {
	for {
		calls, kind, err := ready(exprs)
		if err != nil || len(calls) == 0 {
			return from, attrs, exprs, err
		}
		f := newFused(attrs)
		results := make([]*expr.Attr, len(calls))
		for i, c := range calls {
			f.keep = append(f.keep, f.add(c))
			results[i] = &expr.Attr{ID: expr.NewID(), Name: c.FuncName, DataType: c.Out, Null: true}
		}
		if from, err = b.foreign(from, f, kind, results); err != nil {
			return nil, nil, nil, err
		}
		attrs = append(append([]*expr.Attr(nil), attrs...), results...)
		exprs = replaced(exprs, calls, results)
	}
}

// ready finds the outermost calls of one kind whose arguments hold no call but ones that fuse into theirs.
func ready(exprs []expr.Expr) ([]*expr.UDF, udf.Kind, error) {
	var calls []*expr.UDF
	var kind udf.Kind
	var failed error
	for _, e := range exprs {
		expr.Walk(e, func(n expr.Expr) bool {
			u, ok := n.(*expr.UDF)
			if !ok || failed != nil {
				return failed == nil
			}
			k, err := kindOf(u)
			if err != nil {
				failed = err
				return false
			}
			if !fuses(u, k) {
				return true
			}
			if len(calls) == 0 {
				kind = k
			}
			if k == kind && (len(calls) == 0 || !single(k)) && !among(calls, u) {
				calls = append(calls, u)
			}
			return false
		})
	}
	return calls, kind, failed
}

// single kinds take one function an operator.
func single(k udf.Kind) bool { return k == udf.ScalarPandasIter || k == udf.ScalarArrowIter }

// among says that an equal call is in the list: a deterministic one is computed once.
func among(calls []*expr.UDF, u *expr.UDF) bool {
	for _, c := range calls {
		if same(c, u) {
			return true
		}
	}
	return false
}

func same(a, b *expr.UDF) bool { return a == b || a.Deterministic && expr.TreeEqual(a, b) }

// fuses says that all calls beneath a call stand directly in its arguments, are of its kind, and fuse too.
func fuses(u *expr.UDF, k udf.Kind) bool {
	for _, a := range u.Args {
		inner, ok := a.(*expr.UDF)
		if !ok {
			if expr.Find(a, isUDF) != nil {
				return false
			}
			continue
		}
		ik, err := kindOf(inner)
		if err != nil || ik != k || single(k) || !fuses(inner, k) {
			return false
		}
	}
	return true
}

func replaced(exprs []expr.Expr, calls []*expr.UDF, results []*expr.Attr) []expr.Expr {
	out := make([]expr.Expr, len(exprs))
	for i, e := range exprs {
		out[i] = substitute(e, calls, results)
	}
	return out
}

// substitute puts result columns in the place of calls, from the outside in.
func substitute(e expr.Expr, calls []*expr.UDF, results []*expr.Attr) expr.Expr {
	if u, ok := e.(*expr.UDF); ok {
		for i, c := range calls {
			if same(c, u) {
				return results[i]
			}
		}
	}
	children := e.Children()
	if len(children) == 0 {
		return e
	}
	return e.With(replaced(children, calls, results))
}

// fused is what one operator of Python functions is to compute.
type fused struct {
	attrs     []*expr.Attr // the input's columns
	args      []expr.Expr  // what the worker is sent
	calls     []*expr.UDF
	functions []udf.Function
	keep      []int
}

func newFused(attrs []*expr.Attr) *fused { return &fused{attrs: attrs} }

// add appends a call with the calls in its arguments and gives its position. Positions among arguments are fixed up
// once their number is known.
func (f *fused) add(u *expr.UDF) int {
	for i, c := range f.calls {
		if same(c, u) {
			return i
		}
	}
	fn := udf.Function{Name: u.FuncName, Command: u.Command, ArgNames: u.ArgNames, Out: u.Out}
	for _, a := range u.Args {
		if inner, ok := a.(*expr.UDF); ok {
			fn.Args = append(fn.Args, -1-f.add(inner))
			continue
		}
		fn.Args = append(fn.Args, f.argument(bare(a)))
	}
	f.calls, f.functions = append(f.calls, u), append(f.functions, fn)
	return len(f.functions) - 1
}

func (f *fused) argument(e expr.Expr) int {
	for i, a := range f.args {
		if expr.Deterministic(e) && expr.TreeEqual(a, e) {
			return i
		}
	}
	f.args = append(f.args, e)
	return len(f.args) - 1
}

// positioned gives the functions with the numbers that the worker knows arguments by.
func (f *fused) positioned() []udf.Function {
	for i := range f.functions {
		for j, a := range f.functions[i].Args {
			if a < 0 {
				f.functions[i].Args[j] = len(f.args) - 1 - a
			}
		}
	}
	return f.functions
}

// foreign is the operator: arguments that are no columns are computed beneath it.
func (b *build) foreign(from exec.Feed, f *fused, kind udf.Kind, results []*expr.Attr) (exec.Feed, error) {
	list := make([]expr.Expr, 0, len(f.attrs)+len(f.args))
	for _, a := range f.attrs {
		list = append(list, a)
	}
	columns := make([]int, len(f.args))
	input := make([]*expr.Attr, len(f.args))
	for i, a := range f.args {
		if attr, ok := a.(*expr.Attr); ok {
			n, err := position(attr.ID, f.attrs)
			if err != nil {
				return nil, err
			}
			columns[i], input[i] = n, attr
			continue
		}
		columns[i] = len(list)
		input[i] = &expr.Attr{ID: expr.NewID(), Name: a.String(), DataType: a.Type(), Null: a.Nullable()}
		list = append(list, &expr.Alias{Child: a, Names: []string{input[i].Name}, ID: input[i].ID})
	}
	if len(list) > len(f.attrs) {
		var err error
		if from, err = b.compute(from, f.attrs, list, outputs(list)); err != nil {
			return nil, err
		}
	}
	spec := exec.UDFSpec{Runner: b.env.Runner, Columns: columns, Keep: identity(len(f.attrs)), Schema: schemaOf(append(append([]*expr.Attr(nil), f.attrs...), results...)),
		Text: "PythonUDF", Spec: udf.Spec{Kind: kind, Functions: f.positioned(), Input: fields(input), Output: fields(results), Keep: f.keep, Zone: b.env.Zone, Conf: b.env.Conf}}
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "ArrowEvalPython", Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewUDF(i, spec), nil }}, nil
}

func (b *build) mapBatches(m *logical.MapBatches) (exec.Feed, error) {
	from, err := b.feed(m.Child)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(m.Fn)
	if err != nil {
		return nil, err
	}
	args := make([]*expr.Attr, len(m.Fn.Args))
	for i, a := range m.Fn.Args {
		args[i] = a.(*expr.Attr)
	}
	columns, err := positions(args, m.Child.Output())
	if err != nil {
		return nil, err
	}
	out := fields(m.Output())
	spec := exec.UDFSpec{Runner: b.env.Runner, Columns: columns, Schema: types.ArrowSchema(out), Text: m.Fn.FuncName,
		Spec: udf.Spec{Kind: kind, Functions: []udf.Function{{Name: m.Fn.FuncName, Command: m.Fn.Command, Args: identity(len(columns)), Out: out}},
			Input: fields(args), Output: out, Zone: b.env.Zone, Conf: b.env.Conf}}
	return &exec.Node{Inputs: []exec.Feed{from}, Name: m.Line(), Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewUDF(i, spec), nil }}, nil
}

// Foreach is the user's writer over a plan's rows.
func Foreach(env *Env, p *Plan, command []byte) exec.ForeachSpec {
	spec := udf.Spec{Kind: udf.Foreach, Input: p.Schema, Zone: env.Zone, Conf: env.Conf,
		Functions: []udf.Function{{Name: "foreach", Command: command, Args: identity(len(p.Schema.Fields)), Out: types.Struct{}}}}
	return exec.ForeachSpec{Runner: env.Runner, Spec: spec, Fed: exec.Fed(p.Root)}
}

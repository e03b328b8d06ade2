package functions

import (
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Higher-order functions.

var lambdaRows = []Row{
	{Name: "transform", Min: 2, Max: 2, Lambdas: 1, Bind: bindTransform, Examples: []Example{{SQL: "transform(array(1, 2), x -> x + 1)", Value: "[2, 3]"}, {SQL: "transform(array(1, 2), (x, i) -> x + i)", Value: "[1, 3]"}}},
	{Name: "filter", Min: 2, Max: 2, Lambdas: 1, Bind: bindFilter, Examples: []Example{{SQL: "filter(array(1, 2, 3), x -> x > 1)", Value: "[2, 3]"}}},
	{Name: "exists", Aliases: []string{"any_match"}, Min: 2, Max: 2, Lambdas: 1, Bind: bindTest("exists", true), Examples: []Example{{SQL: "exists(array(1, 2, NULL), x -> x > 5)", Value: "NULL"}, {SQL: "exists(array(1, 2), x -> x > 1)", Value: "true"}}},
	{Name: "forall", Aliases: []string{"all_match"}, Min: 2, Max: 2, Lambdas: 1, Bind: bindTest("forall", false), Examples: []Example{{SQL: "forall(array(1, 2, NULL), x -> x > 0)", Value: "NULL"}, {SQL: "forall(array(1, 2), x -> x > 1)", Value: "false"}}},
	{Name: "aggregate", Aliases: []string{"reduce"}, Min: 3, Max: 4, Lambdas: 2, Bind: bindAggregate, Examples: []Example{{SQL: "aggregate(array(1, 2, 3), 0, (a, x) -> a + x, a -> a * 10)", Value: "60"}}},
	{Name: "zip_with", Min: 3, Max: 3, Lambdas: 2, Bind: bindZipWith, Examples: []Example{{SQL: "zip_with(array(1, 2), array(10, 20, 30), (x, y) -> x + y)", Value: "[11, 22, null]"}}},
	{Name: "transform_keys", Min: 2, Max: 2, Lambdas: 1, Bind: bindMapTransform("transform_keys"), Examples: []Example{{SQL: "transform_keys(map(1, 2), (k, v) -> k + 1)", Value: "{2 -> 2}"}}},
	{Name: "transform_values", Min: 2, Max: 2, Lambdas: 1, Bind: bindMapTransform("transform_values"), Examples: []Example{{SQL: "transform_values(map('a', 1), (k, v) -> v + 1)", Value: "{a -> 2}"}}},
	{Name: "map_filter", Min: 2, Max: 2, Lambdas: 1, Bind: bindMapTransform("map_filter"), Examples: []Example{{SQL: "map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1)", Value: "{b -> 2}"}}},
	{Name: "array_sort", Min: 1, Max: 2, Lambdas: 1, Bind: bindArraySort, Examples: []Example{{SQL: "array_sort(array(3, NULL, 1))", Value: "[1, 3, null]"}, {SQL: "array_sort(array(1, 3, 2), (a, b) -> b - a)", Value: "[3, 2, 1]"}}},
}

var (
	transformFn       = &expr.Function{Name: "transform", Form: overElements(transformElements)}
	filterFn          = &expr.Function{Name: "filter", Form: overElements(filterElements)}
	existsFn          = &expr.Function{Name: "exists", Form: overElements(testElements)}
	aggregateFn       = &expr.Function{Name: "aggregate", Form: aggregateForm}
	zipWithFn         = &expr.Function{Name: "zip_with", Form: zipWithForm}
	transformKeysFn   = &expr.Function{Name: "transform_keys", Form: overElements(transformKeys)}
	transformValuesFn = &expr.Function{Name: "transform_values", Form: overElements(transformValues)}
	mapFilterFn       = &expr.Function{Name: "map_filter", Form: overElements(filterElements)}
	arraySortFn       = &expr.Function{Name: "array_sort", Form: arraySortForm}
)

// parameter is what a lambda's variable stands for.
type parameter struct {
	t    types.Type
	null bool
}

// lambda types the lambda at argument i over its parameters; it may name fewer than all, at least least.
func (e *Env) lambda(c *expr.Call, i, least int, params ...parameter) (*expr.Lambda, error) {
	l, ok := c.Args[i].(*expr.Lambda)
	if !ok {
		l = &expr.Lambda{Body: c.Args[i], Params: make([]string, least)}
	}
	if n := len(l.Params); n < least || n > len(params) {
		return nil, errs.New("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
			"expectedNumArgs", strconv.Itoa(n), "actualNumArgs", strconv.Itoa(least))
	}
	if e.Body == nil {
		return nil, errs.Internal("no resolution for lambdas")
	}
	out := &expr.Lambda{Params: l.Params, Body: l.Body}
	for k, name := range l.Params {
		out.Vars = append(out.Vars, &expr.LambdaVar{Name: name, ID: expr.NewID(), DataType: params[k].t, Null: params[k].null})
	}
	if !ok {
		return out, nil
	}
	body, err := e.Body(l, out.Vars)
	if err != nil {
		return nil, err
	}
	out.Body = body
	return out, nil
}

// predicate brings a lambda's body to a boolean.
func (e *Env) predicate(text string, i int, l *expr.Lambda) error {
	body := e.boolean(l.Body)
	if body == nil {
		return unexpected(text, i, `"BOOLEAN"`, l)
	}
	l.Body = body
	return nil
}

// higher is the typed call of a higher-order function.
func higher(fn *expr.Function, name string, out types.Type, null bool, args ...expr.Expr) *expr.Apply {
	return &expr.Apply{Fn: fn, Args: args, DataType: out, Null: null, Text: callText(name, args)}
}

func elementOf(t types.Array) parameter { return parameter{t.Elem, t.ContainsNull} }

var position = parameter{types.Int, false}

func bindTransform(e *Env, c *expr.Call) (expr.Expr, error) {
	t, err := arrayArg(lambdaText("transform", c), 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	l, err := e.lambda(c, 1, 1, elementOf(t), position)
	if err != nil {
		return nil, err
	}
	out := types.Array{Elem: l.Body.Type(), ContainsNull: l.Body.Nullable()}
	return higher(transformFn, "transform", out, c.Args[0].Nullable(), c.Args[0], l), nil
}

// lambdaText is a call whose lambda is not typed yet, with the lambda's own names.
func lambdaText(name string, c *expr.Call) string {
	parts := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		parts[i] = a
		if l, ok := a.(*expr.Lambda); ok {
			text := "lambdafunction(" + l.Body.String()
			for _, p := range l.Params {
				text += ", " + p
			}
			parts[i] = &expr.Literal{Value: text + ")", DataType: types.String}
		}
	}
	return callText(name, parts)
}

func bindFilter(e *Env, c *expr.Call) (expr.Expr, error) {
	t, err := arrayArg(lambdaText("filter", c), 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	l, err := e.lambda(c, 1, 1, elementOf(t), position)
	if err != nil {
		return nil, err
	}
	if err := e.predicate(callText("filter", []expr.Expr{c.Args[0], l}), 1, l); err != nil {
		return nil, err
	}
	return higher(filterFn, "filter", t, c.Args[0].Nullable(), c.Args[0], l), nil
}

// bindTest is exists (settled by true) and forall (settled by false).
func bindTest(name string, settledBy bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		t, err := arrayArg(lambdaText(name, c), 0, c.Args[0])
		if err != nil {
			return nil, err
		}
		l, err := e.lambda(c, 1, 1, elementOf(t))
		if err != nil {
			return nil, err
		}
		if err := e.predicate(callText(name, []expr.Expr{c.Args[0], l}), 1, l); err != nil {
			return nil, err
		}
		a := higher(existsFn, name, types.Boolean, c.Args[0].Nullable() || l.Body.Nullable(), c.Args[0], l)
		a.Data = settledBy
		return a, nil
	}
}

func bindAggregate(e *Env, c *expr.Call) (expr.Expr, error) {
	name := called(c)
	t, err := arrayArg(lambdaText(name, c), 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	zero := c.Args[1]
	state := parameter{zero.Type(), true}
	merge, err := e.lambda(c, 2, 2, state, elementOf(t))
	if err != nil {
		return nil, err
	}
	finish := &expr.Lambda{Params: []string{"id"}, Vars: []*expr.LambdaVar{{Name: "id", ID: expr.NewID(), DataType: zero.Type(), Null: true}}}
	finish.Body = finish.Vars[0]
	if len(c.Args) == 4 {
		if finish, err = e.lambda(c, 3, 1, state); err != nil {
			return nil, err
		}
	}
	args := []expr.Expr{c.Args[0], zero, merge, finish}
	if !types.Equal(merge.Body.Type(), zero.Type()) {
		if merge.Body.Type().Kind() != types.KNull {
			return nil, unexpected(callText(name, args), 2, typeText(zero.Type()), merge)
		}
		merge.Body = e.cast(merge.Body, zero.Type())
	}
	return higher(aggregateFn, name, finish.Body.Type(), true, args...), nil
}

func bindZipWith(e *Env, c *expr.Call) (expr.Expr, error) {
	l, err := arrayArg(lambdaText("zip_with", c), 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	r, err := arrayArg(lambdaText("zip_with", c), 1, c.Args[1])
	if err != nil {
		return nil, err
	}
	f, err := e.lambda(c, 2, 2, parameter{l.Elem, true}, parameter{r.Elem, true})
	if err != nil {
		return nil, err
	}
	out := types.Array{Elem: f.Body.Type(), ContainsNull: f.Body.Nullable()}
	return higher(zipWithFn, "zip_with", out, anyNull(c.Args[:2]), c.Args[0], c.Args[1], f), nil
}

// bindMapTransform is transform_keys, transform_values and map_filter.
func bindMapTransform(name string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		t, err := mapArg(lambdaText(name, c), 0, c.Args[0])
		if err != nil {
			return nil, err
		}
		l, err := e.lambda(c, 1, 2, parameter{t.Key, false}, parameter{t.Value, t.ValueContainsNull})
		if err != nil {
			return nil, err
		}
		fn := mapFilterFn
		switch name {
		case "transform_keys":
			if err := keyable(callText(name, []expr.Expr{c.Args[0], l}), l.Body.Type()); err != nil {
				return nil, err
			}
			fn, t.Key = transformKeysFn, l.Body.Type()
		case "transform_values":
			fn, t.Value, t.ValueContainsNull = transformValuesFn, l.Body.Type(), l.Body.Nullable()
		default:
			if err := e.predicate(callText(name, []expr.Expr{c.Args[0], l}), 1, l); err != nil {
				return nil, err
			}
		}
		return higher(fn, name, t, c.Args[0].Nullable(), c.Args[0], l), nil
	}
}

// defaultOrder is the text that array_sort shows for its order without a lambda.
const defaultOrder = "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, " +
	"(IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, " +
	"(IF((namedlambdavariable() < namedlambdavariable()), -1, (IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), " +
	"namedlambdavariable(), namedlambdavariable())"

func bindArraySort(e *Env, c *expr.Call) (expr.Expr, error) {
	text := lambdaText("array_sort", c)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	if len(c.Args) == 1 {
		if !expr.Orderable(t.Elem) {
			return nil, unordered("array_sort", text, t)
		}
		a := higher(arraySortFn, "array_sort", t, c.Args[0].Nullable(), c.Args[0])
		a.Text = "array_sort(" + c.Args[0].String() + ", " + defaultOrder + ")"
		return a, nil
	}
	l, err := e.lambda(c, 1, 2, elementOf(t), elementOf(t))
	if err != nil {
		return nil, err
	}
	if l.Body.Type().Kind() != types.KInt {
		return nil, mismatch("UNEXPECTED_RETURN_TYPE", callText("array_sort", []expr.Expr{c.Args[0], l}),
			"functionName", Quote("array_sort"), "expectedType", `"INT"`, "actualType", typeText(l.Body.Type()))
	}
	return higher(arraySortFn, "array_sort", t, c.Args[0].Nullable(), c.Args[0], l), nil
}

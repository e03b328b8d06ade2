package functions

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

var aggregateRows = []Row{
	{Name: "count", Min: 0, Max: -1, Bind: bindCount, Examples: []Example{{SQL: "count(1)", Value: "1"}, {SQL: "count(NULL)", Value: "0"}}},
	{Name: "count_if", Min: 1, Max: 1, Bind: bindCountIf, Examples: []Example{{SQL: "count_if(1 > 0)", Value: "1"}}},
	{Name: "sum", Min: 1, Max: 1, Bind: bindSum("sum", false), Examples: []Example{{SQL: "sum(5)", Value: "5"}, {SQL: "sum(NULL)", Value: "NULL"}, {SQL: "sum(1.25)", Value: "1.25"}, {SQL: "sum('1')", Value: "1.0"}}},
	{Name: "try_sum", Min: 1, Max: 1, Bind: bindSum("try_sum", true), Examples: []Example{{SQL: "try_sum(5)", Value: "5"}}},
	{Name: "avg", Aliases: []string{"mean"}, Min: 1, Max: 1, Bind: bindAvg(false), Examples: []Example{{SQL: "avg(5)", Value: "5.0"}, {SQL: "avg(CAST(1 AS DECIMAL(10,2)))", Value: "1.000000"}}},
	{Name: "try_avg", Min: 1, Max: 1, Bind: bindAvg(true), Examples: []Example{{SQL: "try_avg(5)", Value: "5.0"}}},
	{Name: "min", Min: 1, Max: 1, Bind: bindMinMax(minFn), Examples: []Example{{SQL: "min('b')", Value: "b"}, {SQL: "min(map('a', 1))", Error: "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"}}},
	{Name: "max", Min: 1, Max: 1, Bind: bindMinMax(maxFn), Examples: []Example{{SQL: "max(struct(1, 'a'))", Value: "{1, a}"}, {SQL: "max(2.5)", Value: "2.5"}}},
	{Name: "min_by", Min: 2, Max: 2, Bind: bindBy(minByFn), Examples: []Example{{SQL: "min_by('x', 1)", Value: "x"}}},
	{Name: "max_by", Min: 2, Max: 2, Bind: bindBy(maxByFn), Examples: []Example{{SQL: "max_by('x', 1)", Value: "x"}}},
	{Name: "first", Aliases: []string{"first_value", "any_value"}, Min: 1, Max: 2, Bind: bindEnd(firstFn), Examples: []Example{{SQL: "first(1)", Value: "1"}, {SQL: "first(NULL, true)", Value: "NULL"}}},
	{Name: "last", Aliases: []string{"last_value"}, Min: 1, Max: 2, Bind: bindEnd(lastFn), Examples: []Example{{SQL: "last('z')", Value: "z"}}},
	{Name: "collect_list", Aliases: []string{"array_agg"}, Min: 1, Max: 1, Bind: bindCollect(collectListFn), Examples: []Example{{SQL: "collect_list(1)", Value: "[1]"}, {SQL: "collect_list(NULL)", Value: "[]"}}},
	{Name: "collect_set", Min: 1, Max: 1, Bind: bindCollect(collectSetFn), Examples: []Example{{SQL: "collect_set('a')", Value: "[a]"}}},
	{Name: "stddev", Aliases: []string{"std", "stddev_samp"}, Min: 1, Max: 1, Bind: bindMoments(stddevSampFn, 1), Examples: []Example{{SQL: "stddev(1)", Value: "NULL"}}},
	{Name: "stddev_pop", Min: 1, Max: 1, Bind: bindMoments(stddevPopFn, 1), Examples: []Example{{SQL: "stddev_pop(1)", Value: "0.0"}}},
	{Name: "variance", Aliases: []string{"var_samp"}, Min: 1, Max: 1, Bind: bindMoments(varSampFn, 1), Examples: []Example{{SQL: "variance(1)", Value: "NULL"}}},
	{Name: "var_pop", Min: 1, Max: 1, Bind: bindMoments(varPopFn, 1), Examples: []Example{{SQL: "var_pop(1)", Value: "0.0"}}},
	{Name: "skewness", Min: 1, Max: 1, Bind: bindMoments(skewnessFn, 1), Examples: []Example{{SQL: "skewness(1)", Value: "NULL"}}},
	{Name: "kurtosis", Min: 1, Max: 1, Bind: bindMoments(kurtosisFn, 1), Examples: []Example{{SQL: "kurtosis(1)", Value: "NULL"}}},
	{Name: "corr", Min: 2, Max: 2, Bind: bindMoments(corrFn, 2), Examples: []Example{{SQL: "corr(1, 2)", Value: "NULL"}}},
	{Name: "covar_pop", Min: 2, Max: 2, Bind: bindMoments(covarPopFn, 2), Examples: []Example{{SQL: "covar_pop(1, 2)", Value: "0.0"}}},
	{Name: "covar_samp", Min: 2, Max: 2, Bind: bindMoments(covarSampFn, 2), Examples: []Example{{SQL: "covar_samp(1, 2)", Value: "NULL"}}},
	{Name: "bool_and", Aliases: []string{"every"}, Min: 1, Max: 1, Bind: bindBoolAgg(boolAndFn), Examples: []Example{{SQL: "every(true)", Value: "true"}}},
	{Name: "bool_or", Aliases: []string{"any", "some"}, Min: 1, Max: 1, Bind: bindBoolAgg(boolOrFn), Examples: []Example{{SQL: "any(false)", Value: "false"}}},
	{Name: "bit_and", Min: 1, Max: 1, Bind: bindBits(bitAndFn), Examples: []Example{{SQL: "bit_and(3)", Value: "3"}}},
	{Name: "bit_or", Min: 1, Max: 1, Bind: bindBits(bitOrFn), Examples: []Example{{SQL: "bit_or(3)", Value: "3"}}},
	{Name: "bit_xor", Min: 1, Max: 1, Bind: bindBits(bitXorFn), Examples: []Example{{SQL: "bit_xor(3)", Value: "3"}}},
	{Name: "product", Min: 1, Max: 1, Bind: bindMoments(productFn, 1), Examples: []Example{{SQL: "product(3)", Value: "3.0"}}},
	{Name: "median", Min: 1, Max: 1, Bind: bindMedian, Examples: []Example{{SQL: "median(3)", Value: "3.0"}}},
	{Name: "percentile", Min: 2, Max: 2, Bind: bindPercentile(percentileFn, "1"), Examples: []Example{{SQL: "percentile(3, 0.5)", Value: "3.0"}}},
	{Name: "percentile_approx", Aliases: []string{"approx_percentile"}, Min: 2, Max: 3, Bind: bindPercentile(percentileApproxFn, "10000"), Examples: []Example{{SQL: "percentile_approx(3, 0.5)", Value: "3"}}},
}

// aggregate is a call of fn that shows the name the user called it by.
func aggregate(c *expr.Call, fn *expr.Aggregate, out types.Type, args ...expr.Expr) *expr.Agg {
	a := &expr.Agg{Fn: fn, Args: args, DataType: out, Null: true, Distinct: c.Distinct, Filter: c.Filter}
	a.Text = aggregateText(called(c), c, c.Args)
	return a
}

func aggregateText(name string, c *expr.Call, args []expr.Expr) string {
	text := callText(name, args)
	if c.Distinct {
		text = name + "(DISTINCT " + text[len(name)+1:]
	}
	return text
}

func bindCount(_ *Env, c *expr.Call) (expr.Expr, error) {
	if len(c.Args) == 0 {
		return nil, errs.New("WRONG_NUM_ARGS.WITH_SUGGESTION", "functionName", Quote("count"), "expectedNum", " >= 1", "actualNum", "0",
			"legacyNum", "0", "legacyConfKey", `"spark.sql.legacy.allowParameterlessCount"`, "legacyConfValue", `"true"`)
	}
	a := aggregate(c, countFn, types.Long, c.Args...)
	a.Null = false
	return a, nil
}

// bindCountIf counts what is true: count of a value that is null where the condition does not hold.
func bindCountIf(e *Env, c *expr.Call) (expr.Expr, error) {
	condition := e.boolean(c.Args[0])
	if condition == nil {
		return nil, unexpected(callText("count_if", c.Args), 0, `"BOOLEAN"`, c.Args[0])
	}
	hit, err := e.Lookup("when", condition, expr.Lit(int32(1)))
	if err != nil {
		return nil, err
	}
	a := aggregate(c, countFn, types.Long, hit)
	a.Null = false
	return a, nil
}

func bindSum(name string, try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		arg := c.Args[0]
		m := e.mode()
		if try {
			m = trying
		}
		finish := func(out types.Type, arg expr.Expr) (expr.Expr, error) {
			a := aggregate(c, sumFn, out, arg)
			a.Data = m
			return a, nil
		}
		t := arg.Type()
		switch k := t.Kind(); {
		case types.IsIntegral(t):
			return finish(types.Long, arg)
		case k == types.KDecimal:
			d := t.(types.Decimal)
			return finish(types.Decimal{Precision: min(d.Precision+10, 38), Scale: d.Scale}, arg)
		case k == types.KFloat || k == types.KDouble || k == types.KString || k == types.KNull:
			return finish(types.Double, e.cast(arg, types.Double))
		case k == types.KDayTimeInterval || k == types.KYearMonthInterval:
			return finish(t, arg)
		}
		return nil, unexpected(callText(name, c.Args), 0, `"NUMERIC" or "ANSI INTERVAL"`, arg)
	}
}

func bindAvg(try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		arg := c.Args[0]
		m := e.mode()
		if try {
			m = trying
		}
		t := arg.Type()
		k := t.Kind()
		if d, ok := t.(types.Decimal); ok {
			a := aggregate(c, avgFn, types.Decimal{Precision: min(d.Precision+4, 38), Scale: min(d.Scale+4, 38)}, arg)
			a.Data = m
			return a, nil
		}
		if !types.IsNumeric(t) && k != types.KString && k != types.KNull {
			if k == types.KDayTimeInterval || k == types.KYearMonthInterval {
				return nil, errs.NotBuilt("avg of intervals")
			}
			return nil, unexpected(callText(called(c), c.Args), 0, `"NUMERIC" or "ANSI INTERVAL"`, arg)
		}
		a := aggregate(c, avgFn, types.Double, e.cast(arg, types.Double))
		a.Data = m
		return a, nil
	}
}

func bindMinMax(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		t := c.Args[0].Type()
		if !expr.Orderable(t) {
			return nil, unordered(fn.Name, callText(fn.Name, c.Args), t)
		}
		a := aggregate(c, fn, t, c.Args...)
		a.Distinct = false // the same over distinct values
		if c.Distinct {
			a.Text = aggregateText(fn.Name, c, c.Args)
		}
		return a, nil
	}
}

func bindBy(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		if t := c.Args[1].Type(); !expr.Orderable(t) {
			return nil, unordered(fn.Name, callText(fn.Name, c.Args), t)
		}
		return aggregate(c, fn, c.Args[0].Type(), c.Args...), nil
	}
}

// bindEnd is first and last; the second argument says whether nulls are passed over.
func bindEnd(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		ignore := false
		if len(c.Args) == 2 {
			v, ok := expr.Constant(c.Args[1])
			if ignore, _ = v.(bool); !ok || v == nil {
				return nil, mismatch("NON_FOLDABLE_INPUT", callText(called(c), c.Args), "inputName", "`ignoreNulls`",
					"inputType", `"BOOLEAN"`, "inputExpr", `"`+c.Args[1].String()+`"`)
			}
		}
		a := aggregate(c, fn, c.Args[0].Type(), c.Args[0])
		a.Data, a.Null = ignore, true
		a.Text = aggregateText(called(c), c, c.Args[:1])
		return a, nil
	}
}

func bindCollect(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		if fn == collectSetFn && types.HasMap(c.Args[0].Type()) {
			return nil, mismatch("UNSUPPORTED_INPUT_TYPE", callText(fn.Name, c.Args), "functionName", Quote(fn.Name), "dataType", `"MAP"`)
		}
		a := aggregate(c, fn, types.Array{Elem: c.Args[0].Type()}, c.Args...)
		a.Null = false
		a.Text = aggregateText(fn.Name, c, c.Args)
		return a, nil
	}
}

// bindMoments takes n numbers as doubles.
func bindMoments(fn *expr.Aggregate, n int) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		args := make([]expr.Expr, n)
		for i := range args {
			var err error
			if args[i], err = e.take(c, callText(called(c), c.Args), i, types.Double); err != nil {
				return nil, err
			}
		}
		return aggregate(c, fn, types.Double, args...), nil
	}
}

func bindBoolAgg(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		arg := e.boolean(c.Args[0])
		if arg == nil {
			return nil, unexpected(callText(called(c), c.Args), 0, `"BOOLEAN"`, c.Args[0])
		}
		return aggregate(c, fn, types.Boolean, arg), nil
	}
}

func bindBits(fn *expr.Aggregate) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		arg := c.Args[0]
		if arg.Type().Kind() == types.KNull {
			arg = e.cast(arg, types.Long)
		}
		if !types.IsIntegral(arg.Type()) {
			return nil, unexpected(callText(fn.Name, c.Args), 0, `"INTEGRAL"`, arg)
		}
		return aggregate(c, fn, arg.Type(), arg), nil
	}
}

func bindMedian(e *Env, c *expr.Call) (expr.Expr, error) {
	arg, err := e.take(c, callText("median", c.Args), 0, types.Double)
	if err != nil {
		return nil, err
	}
	a := aggregate(c, percentileFn, types.Double, arg)
	a.Data = []float64{0.5}
	return a, nil
}

// bindPercentile takes a number and a constant percentage in [0, 1]; more is what its name shows beyond them.
func bindPercentile(fn *expr.Aggregate, more string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		shown := c.Args
		if len(shown) == 2 {
			shown = append(append([]expr.Expr{}, shown...), &expr.Literal{Value: more, DataType: types.String})
		}
		text := callText(called(c), shown)
		arg, out := c.Args[0], c.Args[0].Type()
		if fn == percentileFn || !types.IsNumeric(out) {
			var err error
			if arg, err = e.take(c, text, 0, types.Double); err != nil {
				return nil, err
			}
			out = types.Double
		}
		if c.Args[1].Type().Kind() == types.KArray {
			return nil, errs.NotBuilt(called(c) + " with an array of percentages")
		}
		p, err := e.take(c, text, 1, types.Double)
		if err != nil {
			return nil, err
		}
		v, ok := expr.Constant(p)
		if !ok {
			return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`percentage`", "inputType", `"DOUBLE"`, "inputExpr", `"`+p.String()+`"`)
		}
		f, ok := v.(float64)
		if !ok {
			return nil, mismatch("UNEXPECTED_NULL", text, "exprName", "percentage")
		}
		if f < 0 || f > 1 {
			return nil, mismatch("VALUE_OUT_OF_RANGE", text, "exprName", "percentage", "valueRange", "[0.0, 1.0]",
				"currentValue", expr.Lit(f).String()+"D")
		}
		a := aggregate(c, fn, out, arg)
		a.Data, a.Text = []float64{f}, aggregateText(called(c), c, shown)
		return a, nil
	}
}

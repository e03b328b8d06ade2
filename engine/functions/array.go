package functions

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Functions over arrays that give arrays, or look into them.

var arrayRows = []Row{
	{Name: "array_contains", Min: 2, Max: 2, Bind: bindArraySearch("array_contains", arrayContainsFn, types.Boolean), Examples: []Example{
		{SQL: "array_contains(array(1, 2, NULL), 3)", Value: "NULL"}, {SQL: "array_contains(array(1, 2), 2)", Value: "true"}, {SQL: "array_contains(array(1, 2), '1')", Error: "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES"}}},
	{Name: "array_position", Min: 2, Max: 2, Bind: bindArraySearch("array_position", arrayPositionFn, types.Long), Examples: []Example{{SQL: "array_position(array(1, 2), 2)", Value: "2"}}},
	{Name: "array_remove", Min: 2, Max: 2, Bind: bindArraySearch("array_remove", arrayRemoveFn, nil), Examples: []Example{{SQL: "array_remove(array(1, 2, NULL), 2)", Value: "[1, null]"}}},
	{Name: "array_append", Min: 2, Max: 2, Bind: bindArraySearch("array_append", arrayAppendFn, nil), Examples: []Example{{SQL: "array_append(array(1), 2)", Value: "[1, 2]"}}},
	{Name: "array_prepend", Min: 2, Max: 2, Bind: bindArraySearch("array_prepend", arrayPrependFn, nil), Examples: []Example{{SQL: "array_prepend(array(1), 2)", Value: "[2, 1]"}}},
	{Name: "array_insert", Min: 3, Max: 3, Bind: bindArrayInsert, Examples: []Example{{SQL: "array_insert(array(1, 2), 2, 9)", Value: "[1, 9, 2]"}, {SQL: "array_insert(array(1, 2), -1, 9)", Value: "[1, 2, 9]"}}},
	{Name: "array_distinct", Min: 1, Max: 1, Bind: bindOneArray("array_distinct", arrayDistinctFn, true), Examples: []Example{{SQL: "array_distinct(array(1, 2, 1, NULL, NULL))", Value: "[1, 2, null]"}}},
	{Name: "array_compact", Min: 1, Max: 1, Bind: bindOneArray("array_compact", arrayCompactFn, false), Examples: []Example{{SQL: "array_compact(array(1, NULL))", Value: "[1]"}}},
	{Name: "array_max", Min: 1, Max: 1, Bind: bindArrayExtreme("array_max", 1), Examples: []Example{{SQL: "array_max(array(1, NULL, 3))", Value: "3"}}},
	{Name: "array_min", Min: 1, Max: 1, Bind: bindArrayExtreme("array_min", -1), Examples: []Example{{SQL: "array_min(array(1, NULL, 3))", Value: "1"}}},
	{Name: "array_union", Min: 2, Max: 2, Bind: bindArraySets("array_union", arrayUnionFn), Examples: []Example{{SQL: "array_union(array(1, 2), array(2, 3))", Value: "[1, 2, 3]"}}},
	{Name: "array_intersect", Min: 2, Max: 2, Bind: bindArraySets("array_intersect", arrayIntersectFn), Examples: []Example{{SQL: "array_intersect(array(1, 2), array(2, 3))", Value: "[2]"}}},
	{Name: "array_except", Min: 2, Max: 2, Bind: bindArraySets("array_except", arrayExceptFn), Examples: []Example{{SQL: "array_except(array(1, 2), array(2, 3))", Value: "[1]"}}},
	{Name: "arrays_overlap", Min: 2, Max: 2, Bind: bindArraySets("arrays_overlap", arrayOverlapFn), Examples: []Example{{SQL: "arrays_overlap(array(1, 2), array(2, 3))", Value: "true"}, {SQL: "arrays_overlap(array(1, NULL), array(2))", Value: "NULL"}}},
	{Name: "array_repeat", Min: 2, Max: 2, Bind: bindArrayRepeat, Examples: []Example{{SQL: "array_repeat('a', 3)", Value: "[a, a, a]"}}},
	{Name: "arrays_zip", Min: 0, Max: -1, Bind: bindArrayZip, Examples: []Example{{SQL: "arrays_zip(array(1, 2), array('a'))", Value: "[{1, a}, {2, null}]"}}},
	{Name: "sort_array", Min: 1, Max: 2, Bind: bindSortArray, Examples: []Example{{SQL: "sort_array(array(3, NULL, 1))", Value: "[null, 1, 3]"}, {SQL: "sort_array(array(3, NULL, 1), false)", Value: "[3, 1, null]"}}},
	{Name: "array_join", Min: 2, Max: 3, Bind: bindArrayJoin, Examples: []Example{{SQL: "array_join(array('a', NULL, 'b'), ',')", Value: "a,b"}, {SQL: "array_join(array('a', NULL, 'b'), ',', 'N')", Value: "a,N,b"}}},
	{Name: "slice", Min: 3, Max: 3, Bind: bindArraySlice, Examples: []Example{{SQL: "slice(array(1, 2, 3), -2, 2)", Value: "[2, 3]"}, {SQL: "slice(array(1, 2, 3), 0, 2)", Error: "INVALID_PARAMETER_VALUE.START"}}},
	{Name: "flatten", Min: 1, Max: 1, Bind: bindArrayFlatten, Examples: []Example{{SQL: "flatten(array(array(1), array(2, 3)))", Value: "[1, 2, 3]"}, {SQL: "flatten(array(array(1), NULL))", Value: "NULL"}}},
	{Name: "sequence", Min: 2, Max: 3, Bind: bindSequence, Examples: []Example{{SQL: "sequence(1, 10, 3)", Value: "[1, 4, 7, 10]"}, {SQL: "sequence(5, 1)", Value: "[5, 4, 3, 2, 1]"}}},
}

// withElement types an array and a value of its elements; the value's type may widen the array's.
func (e *Env) withElement(name, text string, arr, value expr.Expr) (expr.Expr, expr.Expr, types.Array, error) {
	fail := func() (expr.Expr, expr.Expr, types.Array, error) {
		return nil, nil, types.Array{}, mismatch("ARRAY_FUNCTION_DIFF_TYPES", text, "functionName", Quote(name), "dataType", `"ARRAY"`,
			"leftType", typeText(arr.Type()), "rightType", typeText(value.Type()))
	}
	if arr.Type().Kind() == types.KNull || value.Type().Kind() == types.KNull && name == "array_contains" {
		return nil, nil, types.Array{}, mismatch("NULL_TYPE", text, "functionName", Quote(name))
	}
	t, ok := arr.Type().(types.Array)
	if !ok {
		return nil, nil, types.Array{}, unexpected(text, 0, `"ARRAY"`, arr)
	}
	elem := expr.WiderNoStrings(t.Elem, value.Type(), e.ANSI)
	if elem == nil {
		return fail()
	}
	out := types.Array{Elem: elem, ContainsNull: t.ContainsNull}
	return e.cast(arr, out), e.cast(value, elem), out, nil
}

// bindArraySearch is a function of an array and a value; out nil is the array's type.
func bindArraySearch(name string, fn *expr.Function, out types.Type) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		arr, value, t, err := e.withElement(name, text, c.Args[0], c.Args[1])
		if err != nil {
			return nil, err
		}
		if !expr.Orderable(t.Elem) && fn != arrayAppendFn && fn != arrayPrependFn {
			return nil, unordered(name, text, t.Elem)
		}
		result := out
		if result == nil {
			r := t
			if fn == arrayAppendFn || fn == arrayPrependFn {
				r.ContainsNull = true
			}
			result = r
		}
		a := apply(fn, result, arr, value)
		a.Text = text
		switch fn {
		case arrayContainsFn:
			a.Null = a.Null || t.ContainsNull
		case arrayAppendFn, arrayPrependFn:
			a.Null = arr.Nullable()
		}
		return a, nil
	}
}

func bindArrayInsert(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("array_insert", c.Args)
	arr, value, t, err := e.withElement("array_insert", text, c.Args[0], c.Args[2])
	if err != nil {
		return nil, err
	}
	at, err := e.take(c, text, 1, types.Int)
	if err != nil {
		return nil, err
	}
	t.ContainsNull = true
	a := apply(arrayInsertFn, t, arr, at, value)
	a.Text, a.Null = text, arr.Nullable() || at.Nullable()
	return a, nil
}

// bindOneArray is a function from an array to an array of its type.
func bindOneArray(name string, fn *expr.Function, ordered bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		t, err := arrayArg(text, 0, c.Args[0])
		if err != nil {
			return nil, err
		}
		if ordered && !expr.Orderable(t.Elem) {
			return nil, unordered(name, text, t.Elem)
		}
		if fn == arrayCompactFn {
			t.ContainsNull = false
		}
		return named(apply(fn, t, c.Args[0]), name, c.Args), nil
	}
}

func bindArrayExtreme(name string, sign int) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		t, err := arrayArg(text, 0, c.Args[0])
		if err != nil {
			return nil, err
		}
		if !expr.Orderable(t.Elem) {
			return nil, unordered(name, text, t)
		}
		a := apply(arrayExtremeFn, t.Elem, c.Args[0])
		a.Data, a.Text, a.Null = sign, text, true
		return a, nil
	}
}

func bindArraySets(name string, fn *expr.Function) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		l, lok := c.Args[0].Type().(types.Array)
		r, rok := c.Args[1].Type().(types.Array)
		var elem types.Type
		if lok && rok {
			elem = expr.WiderNoStrings(l.Elem, r.Elem, e.ANSI)
		}
		if elem == nil {
			return nil, mismatch("BINARY_ARRAY_DIFF_TYPES", text, "functionName", Quote(name), "arrayType", `"ARRAY"`,
				"leftType", typeText(c.Args[0].Type()), "rightType", typeText(c.Args[1].Type()))
		}
		if !expr.Orderable(elem) {
			return nil, unordered(name, text, elem)
		}
		args := []expr.Expr{e.cast(c.Args[0], types.Array{Elem: elem, ContainsNull: l.ContainsNull}),
			e.cast(c.Args[1], types.Array{Elem: elem, ContainsNull: r.ContainsNull})}
		out := types.Type(types.Array{Elem: elem, ContainsNull: l.ContainsNull || r.ContainsNull && fn == arrayUnionFn})
		if fn == arrayOverlapFn {
			out = types.Boolean
		}
		a := named(apply(fn, out, args...), name, c.Args)
		a.Null = a.Null || fn == arrayOverlapFn && (l.ContainsNull || r.ContainsNull)
		return a, nil
	}
}

func bindArrayRepeat(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("array_repeat", c.Args)
	times, err := e.take(c, text, 1, types.Int)
	if err != nil {
		return nil, err
	}
	a := apply(arrayRepeatFn, types.Array{Elem: c.Args[0].Type(), ContainsNull: c.Args[0].Nullable()}, c.Args[0], times)
	a.Text, a.Null = text, times.Nullable()
	return a, nil
}

func bindArrayZip(_ *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("arrays_zip", c.Args)
	fields := make([]types.Field, len(c.Args))
	for i, a := range c.Args {
		t, err := arrayArg(text, i, a)
		if err != nil {
			return nil, err
		}
		name := ordinalName(i)
		if x, ok := a.(*expr.Attr); ok {
			name = x.Name
		}
		fields[i] = types.Field{Name: name, Type: t.Elem, Nullable: true}
	}
	return named(apply(arrayZipFn, types.Array{Elem: types.Struct{Fields: fields}}, c.Args...), "arrays_zip", c.Args), nil
}

func bindSortArray(e *Env, c *expr.Call) (expr.Expr, error) {
	up := expr.Expr(expr.Lit(true))
	if len(c.Args) == 2 {
		up = c.Args[1]
	}
	text := callText("sort_array", []expr.Expr{c.Args[0], up})
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	if !expr.Orderable(t.Elem) {
		return nil, unordered("sort_array", text, t)
	}
	cast := e.boolean(up)
	if cast == nil {
		return nil, unexpected(text, 1, `"BOOLEAN"`, up)
	}
	a := apply(sortArrayFn, t, c.Args[0], cast)
	a.Text = text
	return a, nil
}

func bindArrayJoin(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("array_join", c.Args)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, unexpected(text, 0, `"ARRAY<STRING>"`, c.Args[0])
	}
	args := []expr.Expr{e.cast(c.Args[0], types.Array{Elem: types.String, ContainsNull: t.ContainsNull})}
	for i := 1; i < len(c.Args); i++ {
		a, err := e.take(c, text, i, types.String)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	a := apply(arrayJoinFn, types.String, args...)
	a.Text = text
	return a, nil
}

func bindArraySlice(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("slice", c.Args)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	start, err := e.take(c, text, 1, types.Int)
	if err != nil {
		return nil, err
	}
	length, err := e.take(c, text, 2, types.Int)
	if err != nil {
		return nil, err
	}
	a := apply(arraySliceFn, t, c.Args[0], start, length)
	a.Text = text
	return a, nil
}

func bindArrayFlatten(_ *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("flatten", c.Args)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	inner, ok := t.Elem.(types.Array)
	if !ok {
		return nil, unexpected(text, 0, `"ARRAY" of "ARRAY"`, c.Args[0])
	}
	a := apply(arrayFlattenFn, inner, c.Args[0])
	a.Text, a.Null = text, a.Null || t.ContainsNull
	return a, nil
}

package functions

import (
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Making structs, arrays and maps, and taking their parts.

var collectionRows = []Row{
	{Name: "array", Min: 0, Max: -1, Bind: bindArray, Examples: []Example{{SQL: "array(1, NULL, 2.5)", Value: "[1.0, null, 2.5]"}, {SQL: "array()", Value: "[]"}, {SQL: "array(1, true)", Error: "DATATYPE_MISMATCH.DATA_DIFF_TYPES"}}},
	{Name: "struct", Min: 0, Max: -1, Bind: bindStruct, Examples: []Example{{SQL: "struct(1, 'a')", Value: "{1, a}"}}},
	{Name: "named_struct", Min: 0, Max: -1, Bind: bindNamedStruct, Examples: []Example{{SQL: "named_struct('a', 1, 'b', NULL)", Value: "{1, null}"}}},
	{Name: "map", Aliases: []string{"create_map"}, Min: 0, Max: -1, Bind: bindMap, Examples: []Example{
		{SQL: "map('a', 1, 'b', NULL)", Value: "{a -> 1, b -> null}"}, {SQL: "map('a', 1, 'a', 2)", Error: "DUPLICATED_MAP_KEY"}, {SQL: "map(NULL, 1)", Error: "NULL_MAP_KEY"}}},
	{Name: "map_from_arrays", Min: 2, Max: 2, Bind: bindMapFromArrays, Examples: []Example{{SQL: "map_from_arrays(array('a', 'b'), array(1, 2))", Value: "{a -> 1, b -> 2}"}}},
	{Name: "map_from_entries", Min: 1, Max: 1, Bind: bindMapFromEntries, Examples: []Example{{SQL: "map_from_entries(array(struct(1, 'a')))", Value: "{1 -> a}"}}},
	{Name: "map_concat", Min: 1, Max: -1, Bind: bindMapConcat, Examples: []Example{{SQL: "map_concat(map('a', 1), map('b', 2))", Value: "{a -> 1, b -> 2}"}}},
	{Name: "map_keys", Min: 1, Max: 1, Bind: bindMapPart("map_keys"), Examples: []Example{{SQL: "map_keys(map('a', 1))", Value: "[a]"}}},
	{Name: "map_values", Min: 1, Max: 1, Bind: bindMapPart("map_values"), Examples: []Example{{SQL: "map_values(map('a', 1))", Value: "[1]"}}},
	{Name: "map_entries", Min: 1, Max: 1, Bind: bindMapPart("map_entries"), Examples: []Example{{SQL: "map_entries(map('a', 1))", Value: "[{a, 1}]"}}},
	{Name: "map_contains_key", Min: 2, Max: 2, Bind: bindMapContains, Examples: []Example{{SQL: "map_contains_key(map('a', 1), 'a')", Value: "true"}}},
	{Name: "getstructfield", Internal: true, Min: 2, Max: 2, Bind: bindField, Examples: []Example{{SQL: "named_struct('a', 1).a", Value: "1"}}},
	{Name: "getarraystructfields", Internal: true, Min: 2, Max: 2, Bind: bindArrayField, Examples: []Example{{SQL: "array(named_struct('a', 1)).a", Value: "[1]"}}},
	{Name: "getarrayitem", Internal: true, Min: 2, Max: 2, Bind: bindArrayItem, Examples: []Example{{SQL: "array(1, 2, 3)[0]", Value: "1"}, {SQL: "array(1, 2, 3)[5]", Error: "INVALID_ARRAY_INDEX"}}},
	{Name: "getmapvalue", Internal: true, Min: 2, Max: 2, Bind: bindMapValue, Examples: []Example{{SQL: "map('a', 1)['a']", Value: "1"}, {SQL: "map('a', 1)['b']", Value: "NULL"}}},
	{Name: "get", Min: 2, Max: 2, Bind: bindGet, Examples: []Example{{SQL: "get(array(1), 5)", Value: "NULL"}, {SQL: "get(array(1), 0)", Value: "1"}}},
	{Name: "element_at", Min: 2, Max: 2, Bind: bindElementAt("element_at", false), Examples: []Example{
		{SQL: "element_at(array(1, 2), -1)", Value: "2"}, {SQL: "element_at(array(1, 2), 0)", Error: "INVALID_INDEX_OF_ZERO"}, {SQL: "element_at(array(1, 2), 3)", Error: "INVALID_ARRAY_INDEX_IN_ELEMENT_AT"}, {SQL: "element_at(map('a', 1), 'b')", Value: "NULL"}}},
	{Name: "try_element_at", Min: 2, Max: 2, Bind: bindElementAt("try_element_at", true), Examples: []Example{{SQL: "try_element_at(array(1, 2), 3)", Value: "NULL"}}},
	{Name: "size", Aliases: []string{"cardinality"}, Min: 1, Max: 1, Bind: bindSize, Examples: []Example{{SQL: "size(array(1, 2))", Value: "2"}, {SQL: "size(map('a', 1))", Value: "1"}}},
	{Name: "array_size", Min: 1, Max: 1, Bind: bindSize, Examples: []Example{{SQL: "array_size(array(1))", Value: "1"}}},
}

// elements brings arguments to one type and says whether an element may be null.
func (e *Env) elements(name, text string, args []expr.Expr) ([]expr.Expr, types.Type, bool, error) {
	cast, t := e.common(args)
	if t == nil {
		return nil, nil, false, differ(name, text, args)
	}
	return cast, t, anyNull(cast), nil
}

func bindArray(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("array", c.Args)
	args, t, null, err := e.elements("array", text, c.Args)
	if err != nil {
		return nil, err
	}
	a := apply(arrayFn, types.Array{Elem: t, ContainsNull: null}, args...)
	a.Null, a.Text = false, text
	return a, nil
}

func bindStruct(_ *Env, c *expr.Call) (expr.Expr, error) {
	fields := make([]types.Field, len(c.Args))
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		name := "col" + strconv.Itoa(i+1)
		switch x := a.(type) {
		case *expr.Alias:
			name, args[i] = x.Names[0], x.Child
		case *expr.Attr:
			name, args[i] = x.Name, a
		case *expr.LambdaVar:
			name, args[i] = x.Name, a
		default:
			args[i] = a
		}
		fields[i] = types.Field{Name: name, Type: a.Type(), Nullable: a.Nullable()}
	}
	a := apply(structFn, types.Struct{Fields: fields}, args...)
	a.Null, a.Text = false, callText("struct", c.Args)
	return a, nil
}

func bindNamedStruct(_ *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("named_struct", c.Args)
	if len(c.Args)%2 == 1 {
		return nil, pairsExpected("named_struct", len(c.Args))
	}
	var fields []types.Field
	var args []expr.Expr
	for i := 0; i < len(c.Args); i += 2 {
		v, ok := expr.Constant(c.Args[i])
		name, isText := v.(string)
		if !ok || !isText {
			return nil, mismatch("CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING", text, "inputExprs", `["`+c.Args[i].String()+`"]`)
		}
		a := c.Args[i+1]
		fields = append(fields, types.Field{Name: name, Type: a.Type(), Nullable: a.Nullable()})
		args = append(args, a)
	}
	a := apply(structFn, types.Struct{Fields: fields}, args...)
	a.Null, a.Text = false, text
	return a, nil
}

func pairsExpected(name string, n int) error {
	return errs.New("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", Quote(name), "expectedNum", "2n (n > 0)",
		"actualNum", strconv.Itoa(n), "docroot", "https://spark.apache.org/docs/latest")
}

func bindMap(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("map", c.Args)
	if len(c.Args)%2 == 1 {
		return nil, pairsExpected("map", len(c.Args))
	}
	var ks, vs []expr.Expr
	for i := 0; i < len(c.Args); i += 2 {
		ks, vs = append(ks, c.Args[i]), append(vs, c.Args[i+1])
	}
	ks, kt := e.common(ks)
	if kt == nil {
		return nil, mapDiffers("CREATE_MAP_KEY_DIFF_TYPES", text, c.Args, 0)
	}
	vs, vt := e.common(vs)
	if vt == nil {
		return nil, mapDiffers("CREATE_MAP_VALUE_DIFF_TYPES", text, c.Args, 1)
	}
	if err := keyable(text, kt); err != nil {
		return nil, err
	}
	a := apply(mapFn, types.Map{Key: kt, Value: vt, ValueContainsNull: anyNull(vs)}, append(ks, vs...)...)
	a.Null, a.Text = false, text
	return a, nil
}

func mapDiffers(sub, text string, args []expr.Expr, from int) error {
	list := "["
	for i := from; i < len(args); i += 2 {
		if i > from {
			list += ", "
		}
		list += typeText(args[i].Type())
	}
	return mismatch(sub, text, "functionName", Quote("map"), "dataType", list+"]")
}

func keyable(text string, t types.Type) error {
	if types.HasMap(t) {
		return mismatch("INVALID_MAP_KEY_TYPE", text, "keyType", typeText(t))
	}
	return nil
}

// arrayArg takes an array, or raises what Spark does.
func arrayArg(text string, i int, a expr.Expr) (types.Array, error) {
	if t, ok := a.Type().(types.Array); ok {
		return t, nil
	}
	if a.Type().Kind() == types.KNull {
		return types.Array{Elem: types.Null, ContainsNull: true}, nil
	}
	return types.Array{}, unexpected(text, i, `"ARRAY"`, a)
}

func mapArg(text string, i int, a expr.Expr) (types.Map, error) {
	if t, ok := a.Type().(types.Map); ok {
		return t, nil
	}
	return types.Map{}, unexpected(text, i, `"MAP"`, a)
}

func bindMapFromArrays(_ *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("map_from_arrays", c.Args)
	k, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	v, err := arrayArg(text, 1, c.Args[1])
	if err != nil {
		return nil, err
	}
	if err := keyable(text, k.Elem); err != nil {
		return nil, err
	}
	return named(apply(mapFromArraysFn, types.Map{Key: k.Elem, Value: v.Elem, ValueContainsNull: v.ContainsNull}, c.Args...), "map_from_arrays", c.Args), nil
}

func bindMapFromEntries(_ *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("map_from_entries", c.Args)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	s, ok := t.Elem.(types.Struct)
	if !ok || len(s.Fields) != 2 {
		return nil, unexpected(text, 0, `"ARRAY" of pair "STRUCT"`, c.Args[0])
	}
	if err := keyable(text, s.Fields[0].Type); err != nil {
		return nil, err
	}
	out := apply(mapFromEntriesFn, types.Map{Key: s.Fields[0].Type, Value: s.Fields[1].Type, ValueContainsNull: s.Fields[1].Nullable}, c.Args...)
	out.Null = out.Null || t.ContainsNull
	return named(out, "map_from_entries", c.Args), nil
}

func bindMapConcat(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("map_concat", c.Args)
	for _, a := range c.Args {
		if a.Type().Kind() != types.KMap {
			list := ""
			for i, x := range c.Args {
				if i > 0 {
					list += ", "
				}
				list += typeText(x.Type())
			}
			return nil, mismatch("MAP_CONCAT_DIFF_TYPES", text, "functionName", Quote("map_concat"), "dataType", "["+list+"]")
		}
	}
	args, t := e.common(c.Args)
	if t == nil {
		return nil, differ("map_concat", text, c.Args)
	}
	return named(apply(mapConcatFn, t, args...), "map_concat", c.Args), nil
}

// mapPart is which part of maps a kernel gives.
type mapPart string

const (
	partKeys    mapPart = "map_keys"
	partValues  mapPart = "map_values"
	partEntries mapPart = "map_entries"
)

func bindMapPart(name string) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		t, err := mapArg(callText(name, c.Args), 0, c.Args[0])
		if err != nil {
			return nil, err
		}
		a := named(apply(mapPartFn, types.Array{Elem: t.Key, ContainsNull: true}, c.Args[0]), name, c.Args)
		a.Data = mapPart(name)
		switch a.Data {
		case partValues:
			a.DataType = types.Array{Elem: t.Value, ContainsNull: true}
		case partEntries:
			a.DataType = types.Array{Elem: types.Struct{Fields: []types.Field{{Name: "key", Type: t.Key},
				{Name: "value", Type: t.Value, Nullable: t.ValueContainsNull}}}}
		}
		return a, nil
	}
}

func bindMapContains(e *Env, c *expr.Call) (expr.Expr, error) {
	list, err := e.Lookup("map_keys", c.Args[0])
	if err != nil {
		return nil, err
	}
	out, err := e.Lookup("array_contains", list, c.Args[1])
	if err != nil {
		return nil, err
	}
	return withText(out, callText("map_contains_key", c.Args)), nil
}

// bindField is child.field by the field's number.
func bindField(_ *Env, c *expr.Call) (expr.Expr, error) {
	t := c.Args[0].Type().(types.Struct)
	i := int(c.Args[1].(*expr.Literal).Value.(int32))
	a := apply(fieldFn, t.Fields[i].Type, c.Args[0])
	a.Data, a.Null = i, c.Args[0].Nullable() || t.Fields[i].Nullable
	a.Text = c.Args[0].String() + "." + t.Fields[i].Name
	return a, nil
}

// bindArrayField is the field of each struct of an array.
func bindArrayField(_ *Env, c *expr.Call) (expr.Expr, error) {
	t := c.Args[0].Type().(types.Array)
	s := t.Elem.(types.Struct)
	i := int(c.Args[1].(*expr.Literal).Value.(int32))
	a := apply(arrayFieldFn, types.Array{Elem: s.Fields[i].Type, ContainsNull: t.ContainsNull || s.Fields[i].Nullable}, c.Args[0])
	a.Data, a.Text = i, c.Args[0].String()+"."+s.Fields[i].Name
	return a, nil
}

// item is how an element is looked up: the Data of itemFn.
type item struct {
	// base is the index of the first element, 0 or 1; from 1, negative ones count from the end.
	base int32
	// outside is the condition of an index outside, or empty for null.
	outside string
}

func bindArrayItem(e *Env, c *expr.Call) (expr.Expr, error) {
	text := c.Args[0].String() + "[" + c.Args[1].String() + "]"
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	if !types.IsIntegral(c.Args[1].Type()) && c.Args[1].Type().Kind() != types.KNull {
		return nil, unexpected(text, 1, `"INTEGRAL"`, c.Args[1])
	}
	how := item{}
	if e.ANSI {
		how.outside = "INVALID_ARRAY_INDEX"
	}
	a := apply(itemFn, t.Elem, c.Args[0], e.cast(c.Args[1], types.Int))
	a.Data, a.Text, a.Null = how, text, a.Null || t.ContainsNull || !e.ANSI
	return a, nil
}

func bindGet(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("get", c.Args)
	t, err := arrayArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	index, err := e.take(c, text, 1, types.Int)
	if err != nil {
		return nil, err
	}
	a := apply(itemFn, t.Elem, c.Args[0], index)
	a.Data, a.Text, a.Null = item{}, text, true
	return a, nil
}

func bindMapValue(e *Env, c *expr.Call) (expr.Expr, error) {
	text := c.Args[0].String() + "[" + c.Args[1].String() + "]"
	t, err := mapArg(text, 0, c.Args[0])
	if err != nil {
		return nil, err
	}
	key, ok := e.implicit(c.Args[1], t.Key)
	if !ok {
		return nil, unexpected(text, 1, typeText(t.Key), c.Args[1])
	}
	a := apply(mapValueFn, t.Value, c.Args[0], key)
	a.Text, a.Null = text, true
	return a, nil
}

func bindElementAt(name string, try bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		if t, ok := c.Args[0].Type().(types.Map); ok {
			common := expr.Tightest(t.Key, c.Args[1].Type(), e.ANSI)
			if common == nil {
				return nil, mismatch("MAP_FUNCTION_DIFF_TYPES", text, "functionName", Quote(name), "dataType", `"MAP"`,
					"leftType", typeText(t), "rightType", typeText(c.Args[1].Type()))
			}
			keyed := e.cast(c.Args[0], types.Map{Key: common, Value: t.Value, ValueContainsNull: t.ValueContainsNull})
			a := apply(mapValueFn, t.Value, keyed, e.cast(c.Args[1], common))
			a.Text, a.Null = text, true
			return a, nil
		}
		t, ok := c.Args[0].Type().(types.Array)
		if !ok {
			return nil, unexpected(text, 0, `("ARRAY" or "MAP")`, c.Args[0])
		}
		index, ok := e.implicit(c.Args[1], types.Int)
		if k := c.Args[1].Type().Kind(); !ok || k == types.KString || k == types.KLong || types.IsFractional(c.Args[1].Type()) {
			return nil, unexpected(text, 1, `"INT"`, c.Args[1])
		}
		how := item{base: 1}
		if e.ANSI && !try {
			how.outside = "INVALID_ARRAY_INDEX_IN_ELEMENT_AT"
		}
		a := apply(itemFn, t.Elem, c.Args[0], index)
		a.Data, a.Text, a.Null = how, text, a.Null || t.ContainsNull || how.outside == ""
		return a, nil
	}
}

func bindSize(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText(called(c), c.Args)
	arg := c.Args[0]
	k := arg.Type().Kind()
	if k == types.KNull {
		arg = e.cast(arg, types.Array{Elem: types.Null, ContainsNull: true})
	} else if k != types.KArray && (k != types.KMap || called(c) == "array_size") {
		required := `("ARRAY" or "MAP")`
		if called(c) == "array_size" {
			required = `"ARRAY"`
		}
		return nil, unexpected(text, 0, required, arg)
	}
	a := apply(sizeFn, types.Int, arg)
	// Without ANSI, size counts a null as -1; array_size never does.
	minus := !e.ANSI && called(c) != "array_size"
	a.Data, a.Text, a.Null = minus, text, a.Null && !minus
	return a, nil
}

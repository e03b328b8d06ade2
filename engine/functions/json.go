package functions

import (
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/format/json"
	"pysparkcompat/engine/types"
)

var jsonRows = []Row{
	{Name: "from_json", Min: 2, Max: 3, Bind: bindFromJSON, Examples: []Example{
		{SQL: "from_json('bad', 'a int')", Value: "{null}"}, {SQL: "from_json('', 'a int')", Value: "NULL"}, {SQL: "from_json(NULL, 'a int')", Value: "NULL"}, {SQL: "from_json('[{\"a\":1}]', 'a int')", Value: "{null}"},
		{SQL: "from_json('{\"a\":\"x\",\"b\":1}', 'a int, b string')", Value: "{null, 1}"}, {SQL: "from_json('bad', 'a int', map('mode', 'FAILFAST'))", Error: "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"},
		{SQL: "from_json('bad', 'a int', map('mode', 'DROPMALFORMED'))", Error: "PARSE_MODE_UNSUPPORTED"}, {SQL: "from_json('bad', 'a int, _corrupt_record string')", Value: "{null, bad}"}, {SQL: "from_json('[1,2]', 'array<int>')", Value: "[1, 2]"},
		{SQL: "from_json('{\"a\":1}', 'map<string,int>')", Value: "{a -> 1}"}, {SQL: "from_json('5', 'int')", Error: "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA"}, {SQL: "from_json('{\"a\":1}', 'map<int,int>')", Error: "DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE"},
		{SQL: "from_json('{\"a\":1}', schema_of_json('{\"a\":1,\"b\":\"x\"}'))", Value: "{1, null}"}, {SQL: "from_json('{\"t\":\"26/08/2015\"}', 't timestamp', map('timestampFormat', 'dd/MM/yyyy'))", Value: "{2015-08-26 00:00:00}"},
		{SQL: "from_json('{\"a\":1}', 'foo')", Error: "UNSUPPORTED_DATATYPE"}, {SQL: "from_json(1, 'a int')", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}, {SQL: "from_json('{\"a\":1}', 'a int', map('a', 1))", Error: "INVALID_OPTIONS.NON_STRING_TYPE"},
		{SQL: "from_json('{\"a\":1}', '{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}')", Value: "{1}"}}},
	{Name: "to_json", Min: 1, Max: 2, Bind: bindToJSON, Examples: []Example{
		{SQL: "to_json(named_struct('a', 1, 'b', NULL, 'c', array(1, NULL), 'd', map('x', NULL, 'y', 2)))", Value: `{"a":1,"c":[1,null],"d":{"x":null,"y":2}}`}, {SQL: "to_json(named_struct('a', 1, 'b', NULL), map('ignoreNullFields', 'false'))", Value: `{"a":1,"b":null}`},
		{SQL: "to_json(map('a', 1))", Value: `{"a":1}`}, {SQL: "to_json(array(1, 2))", Value: "[1,2]"}, {SQL: "to_json(array(named_struct('a', NULL)))", Value: "[{}]"}, {SQL: "to_json(named_struct('t', TIMESTAMP '2020-01-01'), map('timestampFormat', 'dd/MM/yyyy'))", Value: `{"t":"01/01/2020"}`},
		{SQL: "to_json(named_struct('t', TIMESTAMP '2020-01-01 00:00:00.123456', 'f', 1e20D, 'd', 1.50))", Value: `{"t":"2020-01-01T00:00:00.123Z","f":1.0E20,"d":1.50}`}, {SQL: "to_json(1)", Error: "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA"}, {SQL: "to_json(NULL)", Value: "NULL"}, {SQL: "to_json(map(1, 2))", Value: `{"1":2}`}}},
	{Name: "get_json_object", Min: 2, Max: 2, Bind: signature("", getJSONFn, types.String, nil, types.String, types.String), Examples: []Example{
		{SQL: "get_json_object('{\"a\":{\"b\":[1,2,{\"c\":\"x\"}]}}', '$.a.b[2].c')", Value: "x"}, {SQL: "get_json_object('[{\"a\":1},{\"a\":2}]', '$[*].a')", Value: "[1,2]"}, {SQL: "get_json_object('bad', '$.a')", Value: "NULL"}, {SQL: "get_json_object('{\"a\":1}', 'a')", Value: "NULL"}}},
	{Name: "json_tuple", Min: 2, Max: -1, Bind: bindJSONTuple, Examples: []Example{{SQL: "json_tuple('{\"a\":1}', 2)", Error: "DATATYPE_MISMATCH.NON_STRING_TYPE"}}},
	{Name: "schema_of_json", Min: 1, Max: 2, Bind: bindSchemaOf, Examples: []Example{
		{SQL: "schema_of_json('{\"a\":1,\"b\":\"x\",\"c\":[1.5]}')", Value: "STRUCT<a: BIGINT, b: STRING, c: ARRAY<DOUBLE>>"}, {SQL: "schema_of_json('[{\"a\":1}]')", Value: "ARRAY<STRUCT<a: BIGINT>>"}, {SQL: "schema_of_json('')", Value: "STRING"},
		{SQL: "schema_of_json(NULL)", Error: "DATATYPE_MISMATCH.UNEXPECTED_NULL"}, {SQL: "schema_of_json('{\"a\":1}', map('primitivesAsString', 'true'))", Value: "STRUCT<a: STRING>"}}},
	{Name: "json_array_length", Min: 1, Max: 1, Bind: maybeNull(signature("", jsonLengthFn, types.Int, nil, types.String)), Examples: []Example{{SQL: "json_array_length('[1,[2,3]]')", Value: "2"}, {SQL: "json_array_length('{}')", Value: "NULL"}, {SQL: "json_array_length('[1')", Value: "NULL"}}},
	{Name: "json_object_keys", Min: 1, Max: 1, Bind: maybeNull(signature("", jsonKeysFn, types.Array{Elem: types.String, ContainsNull: true}, nil, types.String)), Examples: []Example{{SQL: "json_object_keys('{\"a\":1,\"b\":{}}')", Value: "[a, b]"}, {SQL: "json_object_keys('[]')", Value: "NULL"}}},
}

// maybeNull says that a function may give null for what is not null.
func maybeNull(bind func(*Env, *expr.Call) (expr.Expr, error)) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		out, err := bind(e, c)
		if a, ok := out.(*expr.Apply); ok {
			a.Null = true
		}
		return out, err
	}
}

// optionsOf reads a constant map of strings.
func optionsOf(a expr.Expr) (map[string]string, error) {
	t, ok := a.Type().(types.Map)
	if !ok {
		return nil, errs.New("INVALID_OPTIONS.NON_MAP_FUNCTION")
	}
	if t.Key.Kind() != types.KString || t.Value.Kind() != types.KString {
		return nil, errs.New("INVALID_OPTIONS.NON_STRING_TYPE", "mapType", typeText(t))
	}
	v, ok := expr.Constant(a)
	m, isMap := v.(expr.MapValue)
	if !ok || !isMap {
		return nil, errs.New("INVALID_OPTIONS.NON_MAP_FUNCTION")
	}
	out := map[string]string{}
	for i, k := range m.Keys {
		if s, ok := m.Values[i].(string); ok {
			out[k.(string)] = s
		}
	}
	return out, nil
}

// jsonCall is Data of from_json and to_json.
type jsonCall struct {
	t       types.Type
	options map[string]string
}

// schemaArgument reads a constant schema: a type, a table schema or schema JSON.
func schemaArgument(a expr.Expr) (types.Type, error) {
	v, ok := expr.Constant(a)
	text, isText := v.(string)
	if !ok || !isText {
		return nil, errs.New("INVALID_SCHEMA.NON_STRING_LITERAL", "inputSchema", `"`+a.String()+`"`)
	}
	t, err := types.ParseColumnType(text)
	if err == nil {
		return t, nil
	}
	s, ddl := types.ParseDDL(text)
	if ddl == nil {
		return s, nil
	}
	for _, refused := range []error{err, ddl} {
		if e := errs.As(refused); e != nil && e.Name == "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING" {
			return nil, refused
		}
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") || strings.HasPrefix(strings.TrimSpace(text), `"`) {
		return types.FromJSON(text)
	}
	if s, loose := types.ParseSchema(text); loose == nil {
		return s, nil
	}
	if e := errs.As(err); e != nil {
		e.Class = errs.Analysis
	}
	return nil, err
}

func bindFromJSON(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("from_json", c.Args[:1])
	t, err := schemaArgument(c.Args[1])
	if err != nil {
		return nil, err
	}
	how := jsonCall{t: t}
	if len(c.Args) == 3 {
		if how.options, err = optionsOf(c.Args[2]); err != nil {
			return nil, err
		}
	}
	switch t.Kind() {
	case types.KStruct, types.KArray, types.KMap:
	default:
		return nil, mismatch("INVALID_JSON_SCHEMA", text, "schema", typeText(t))
	}
	if bad := oddMap(t); bad != nil {
		return nil, mismatch("INVALID_JSON_MAP_KEY_TYPE", "entries", "schema", typeText(bad))
	}
	o, err := json.ParseOptions(how.options, time.UTC)
	if err != nil {
		return nil, err
	}
	if o.Mode == format.DropMalformed {
		return nil, errs.New("PARSE_MODE_UNSUPPORTED", "funcName", "`from_json`", "mode", "DROPMALFORMED")
	}
	arg, err := e.take(c, text, 0, types.String)
	if err != nil {
		return nil, err
	}
	if c.Args[0].Type().Kind() != types.KString && c.Args[0].Type().Kind() != types.KNull {
		return nil, unexpected(text, 0, `"STRING"`, c.Args[0])
	}
	if t.Kind() == types.KMap {
		text = "entries" // so PySpark calls it
	}
	a := apply(fromJSONFn, nullableParts(t), arg)
	a.Data, a.Text, a.Null = how, text, true
	return a, nil
}

// oddMap finds a map whose keys are no strings.
func oddMap(t types.Type) types.Type {
	switch t := t.(type) {
	case types.Map:
		if t.Key.Kind() != types.KString {
			return t
		}
		return oddMap(t.Value)
	case types.Array:
		return oddMap(t.Elem)
	case types.Struct:
		for _, f := range t.Fields {
			if bad := oddMap(f.Type); bad != nil {
				return bad
			}
		}
	}
	return nil
}

// nullableParts is a type all of whose parts may be null.
func nullableParts(t types.Type) types.Type {
	switch t := t.(type) {
	case types.Array:
		return types.Array{Elem: nullableParts(t.Elem), ContainsNull: true}
	case types.Map:
		return types.Map{Key: t.Key, Value: nullableParts(t.Value), ValueContainsNull: true}
	case types.Struct:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = types.Field{Name: f.Name, Type: nullableParts(f.Type), Nullable: true, Metadata: f.Metadata}
		}
		return types.Struct{Fields: fields}
	}
	return t
}

var fromJSONFn = &expr.Function{Name: "from_json", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	o, err := json.ParseOptions(data.(jsonCall).options, c.Zone)
	if err != nil {
		return expr.Vector{}, err
	}
	values, err := json.NewValues(out, o, c.Mem)
	if err != nil {
		return expr.Vector{}, err
	}
	defer values.Close()
	return parsed(values, args[0], n)
}}

// records is a decoder of single values: texts go in, one column comes out.
type records interface {
	Null()
	Add(text []byte) error
	Finish() arrow.Array
}

// parsed decodes n rows of text; a null text is a null.
func parsed(values records, text expr.Vector, n int) (expr.Vector, error) {
	t, valid := textOf(text), batch.Valid(text.Array)
	for i := 0; i < n; i++ {
		if !valid.Get(text.Row(i)) {
			values.Null()
		} else if err := values.Add(t.at(i)); err != nil {
			return expr.Vector{}, err
		}
	}
	return vector(values.Finish()), nil
}

func bindToJSON(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("to_json", c.Args[:1])
	how := jsonCall{t: c.Args[0].Type()}
	var err error
	if len(c.Args) == 2 {
		if how.options, err = optionsOf(c.Args[1]); err != nil {
			return nil, err
		}
	}
	switch how.t.Kind() {
	case types.KStruct, types.KArray, types.KMap:
	case types.KNull:
		return e.cast(c.Args[0], types.String), nil
	default:
		return nil, mismatch("INVALID_JSON_SCHEMA", text, "schema", typeText(how.t))
	}
	if _, err := json.NewEncoder(how.options, time.UTC); err != nil {
		return nil, err
	}
	a := apply(toJSONFn, types.String, c.Args[0])
	a.Data, a.Text, a.Null = how, text, true
	return a, nil
}

var toJSONFn = &expr.Function{Name: "to_json", Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(jsonCall)
	e, err := json.NewEncoder(how.options, c.Zone)
	if err != nil {
		return expr.Vector{}, err
	}
	write := e.Writer(args[0].Array, how.t)
	return texts(c, n, out, args, func(dst []byte, i int) []byte { return write(dst, args[0].Row(i)) })
}}

var getJSONFn = &expr.Function{Name: "get_json_object", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, paths, finder := textOf(args[0]), textOf(args[1]), json.NewFinder()
	var path *json.Path
	last, ok := "", false
	return pieces(c, n, out, args, len(t.bytes())/2, func(i int) ([]byte, bool) {
		if p := paths.at(i); path == nil && !ok || !paths.fixed && last != string(p) {
			last = string(p)
			path, ok = json.ParsePath(last)
		}
		if path == nil {
			return nil, false
		}
		return finder.Find(t.at(i), path)
	})
}}

var jsonLengthFn = &expr.Function{Name: "json_array_length", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	t, finder := textOf(args[0]), json.NewFinder()
	return truncated(c, n, out, args, func(i int) (int32, bool) { return finder.Length(t.at(i)) })
}}

var jsonKeysFn = &expr.Function{Name: "json_object_keys", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	valid = owned(c.Mem, valid, n)
	t, finder := textOf(args[0]), json.NewFinder()
	r := batch.NewLists(c.Mem, n, n*4, len(t.bytes())/2)
	var names [][]byte
	for i := 0; i < n; i++ {
		if names = names[:0]; valid.Get(i) {
			if !finder.Keys(t.at(i), func(name []byte) { names = append(names, name) }) {
				valid.Clear(i)
				names = names[:0]
			}
		}
		for _, name := range names {
			r.Put(name)
		}
		r.End()
	}
	return vector(r.Done(types.Arrow(out), valid)), nil
}}

func bindSchemaOf(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("schema_of_json", c.Args[:1])
	v, ok := expr.Constant(c.Args[0])
	if !ok {
		return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`json`", "inputType", `"STRING"`, "inputExpr", `"`+c.Args[0].String()+`"`)
	}
	s, isText := v.(string)
	if v == nil {
		return nil, mismatch("UNEXPECTED_NULL", text, "exprName", "json")
	}
	if !isText {
		return nil, unexpected(text, 0, `"STRING"`, c.Args[0])
	}
	options := map[string]string{}
	if len(c.Args) == 2 {
		var err error
		if options, err = optionsOf(c.Args[1]); err != nil {
			return nil, err
		}
	}
	o, err := json.ParseOptions(options, time.UTC)
	if err != nil {
		return nil, err
	}
	t, ok := json.TypeOf([]byte(s), o)
	if !ok {
		return nil, json.Malformed(s)
	}
	return &expr.Apply{Fn: identityFn, Args: []expr.Expr{expr.Lit(types.SQL(t))}, DataType: types.String, Text: text}, nil
}

// bindJSONTuple makes a column of each name.
func bindJSONTuple(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("json_tuple", c.Args)
	g := &expr.Generate{Fn: jsonTupleGen, Args: c.Args, Text: text}
	for i, a := range c.Args {
		if k := a.Type().Kind(); k != types.KString && k != types.KNull {
			return nil, mismatch("NON_STRING_TYPE", text, "funcName", "`json_tuple`")
		}
		if i > 0 {
			g.Fields = append(g.Fields, types.Field{Name: "c" + strconv.Itoa(i-1), Type: types.String, Nullable: true})
		}
	}
	return g, nil
}

var jsonTupleGen = &expr.Generator{Name: "json_tuple", Rows: func(c *expr.Context, n int, args []expr.Vector, g *expr.Generate) ([]int32, []arrow.Array, error) {
	parents := make([]int32, n)
	width := len(args) - 1
	values, found := make([][]byte, width), make([]bool, width)
	builders, valid := make([]*batch.Strings, width), make([]*batch.Marks, width)
	names := make([]text, width)
	for k := range builders {
		builders[k], valid[k] = batch.NewStrings(c.Mem, n, n*8), batch.NewMarks(c.Mem, n, true)
		if args[k+1].DataType().ID() == arrow.STRING {
			names[k] = textOf(args[k+1])
		}
	}
	var t text
	there := batch.Valid(args[0].Array)
	if args[0].DataType().ID() == arrow.STRING {
		t = textOf(args[0])
	}
	finder := json.NewFinder()
	for i := range parents {
		parents[i] = int32(i)
		clear(found)
		if there.Get(args[0].Row(i)) {
			wanted := make(map[string]int, width)
			for k := width - 1; k >= 0; k-- {
				if names[k].offsets != nil {
					wanted[string(names[k].at(i))] = k
				}
			}
			if !finder.Fields(t.at(i), wanted, func(k int, v []byte) { values[k], found[k] = append(values[k][:0], v...), true }) {
				clear(found)
			}
		}
		for k, b := range builders {
			at := k
			if names[k].offsets != nil && !found[k] {
				for j := 0; j < k; j++ { // the same name twice: the first holds the value
					if names[j].offsets != nil && string(names[j].at(i)) == string(names[k].at(i)) {
						at = j
						break
					}
				}
			}
			if found[at] {
				b.Append(values[at])
			} else {
				valid[k].Clear(i)
				b.End()
			}
		}
	}
	columns := make([]arrow.Array, width)
	for k := range columns {
		columns[k] = builders[k].Done(arrow.BinaryTypes.String, valid[k])
	}
	return parents, columns, nil
}}

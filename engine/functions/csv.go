package functions

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/format/csv"
	"pysparkcompat/engine/types"
)

var csvRows = []Row{
	{Name: "from_csv", Min: 2, Max: 3, Bind: bindFromCSV, Examples: []Example{
		{SQL: "from_csv('1,x', 'a int, b string')", Value: "{1, x}"}, {SQL: "from_csv('q', 'a int, b string')", Value: "{null, null}"}, {SQL: "from_csv(NULL, 'a int')", Value: "NULL"}, {SQL: "from_csv('', 'a int')", Value: "{null}"},
		{SQL: "from_csv('1;\"a;b\"', 'a int, b string', map('sep', ';'))", Value: "{1, a;b}"}, {SQL: "from_csv('q', 'a int', map('mode', 'FAILFAST'))", Error: "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"},
		{SQL: "from_csv('q', 'a int', map('mode', 'DROPMALFORMED'))", Error: "PARSE_MODE_UNSUPPORTED"}, {SQL: "from_csv('q', 'a int, _corrupt_record string')", Value: "{null, q}"}, {SQL: "from_csv('1', 'int')", Error: "INVALID_SCHEMA.NON_STRUCT_TYPE"},
		{SQL: "from_csv('1', 'a array<int>')", Error: "UNSUPPORTED_DATATYPE"}, {SQL: "from_csv('26/08/2015', 't timestamp', map('timestampFormat', 'dd/MM/yyyy'))", Value: "{2015-08-26 00:00:00}"}, {SQL: "from_csv(1, 'a int')", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
		{SQL: "from_csv('1,x', schema_of_csv('1,x'))", Value: "{1, x}"}}},
	{Name: "to_csv", Min: 1, Max: 2, Bind: bindToCSV, Examples: []Example{
		{SQL: "to_csv(named_struct('a', 1, 'b', NULL, 'c', 'x,y'))", Value: `1,,"x,y"`}, {SQL: "to_csv(named_struct('a', 1, 'b', 2), map('sep', ';'))", Value: "1;2"}, {SQL: "to_csv(named_struct('t', TIMESTAMP '2015-08-26'), map('timestampFormat', 'dd/MM/yyyy'))", Value: "26/08/2015"},
		{SQL: "to_csv(named_struct('a', array(1, NULL, 2)))", Value: `"[1,, 2]"`}, {SQL: "to_csv(1)", Error: "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE"}}},
	{Name: "schema_of_csv", Min: 1, Max: 2, Bind: bindSchemaOfCSV, Examples: []Example{
		{SQL: "schema_of_csv('1,x,1.5')", Value: "STRUCT<_c0: INT, _c1: STRING, _c2: DOUBLE>"}, {SQL: "schema_of_csv('1|x', map('sep', '|'))", Value: "STRUCT<_c0: INT, _c1: STRING>"}, {SQL: "schema_of_csv(NULL)", Error: "DATATYPE_MISMATCH.UNEXPECTED_NULL"}}},
}

// csvEnv is what the functions know of the session.
func csvEnv(zone *time.Location) csv.Env { return csv.Env{Zone: zone, Pruning: true} }

func bindFromCSV(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("from_csv", c.Args[:1])
	t, err := schemaArgument(c.Args[1])
	if err != nil {
		return nil, err
	}
	s, ok := t.(types.Struct)
	if !ok {
		v, _ := expr.Constant(c.Args[1])
		return nil, errs.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", `"`+v.(string)+`"`, "dataType", typeText(t))
	}
	how := jsonCall{t: nullableParts(s)}
	if len(c.Args) == 3 {
		if how.options, err = optionsOf(c.Args[2]); err != nil {
			return nil, err
		}
	}
	o, err := csv.ValueOptions(how.options, csvEnv(time.UTC))
	if err != nil {
		return nil, err
	}
	if o.Mode == format.DropMalformed {
		return nil, errs.New("PARSE_MODE_UNSUPPORTED", "funcName", "`from_csv`", "mode", "DROPMALFORMED")
	}
	if err := csv.CheckValue(s, o); err != nil {
		return nil, err
	}
	if k := c.Args[0].Type().Kind(); k != types.KString && k != types.KNull {
		return nil, unexpected(text, 0, `"STRING"`, c.Args[0])
	}
	arg, err := e.take(c, text, 0, types.String)
	if err != nil {
		return nil, err
	}
	a := apply(fromCSVFn, how.t, arg)
	a.Data, a.Text, a.Null = how, text, true
	return a, nil
}

var fromCSVFn = &expr.Function{Name: "from_csv", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	o, err := csv.ValueOptions(data.(jsonCall).options, csvEnv(c.Zone))
	if err != nil {
		return expr.Vector{}, err
	}
	values, err := csv.NewValues(out.(types.Struct), o, c.Mem)
	if err != nil {
		return expr.Vector{}, err
	}
	defer values.Close()
	return parsed(values, args[0], n)
}}

func bindToCSV(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("to_csv", c.Args[:1])
	how := jsonCall{t: c.Args[0].Type()}
	var err error
	if len(c.Args) == 2 {
		if how.options, err = optionsOf(c.Args[1]); err != nil {
			return nil, err
		}
	}
	if how.t.Kind() != types.KStruct {
		return nil, mismatch("UNSUPPORTED_INPUT_TYPE", text, "functionName", Quote("to_csv"), "dataType", typeText(how.t))
	}
	if _, err := csv.NewEncoder(how.options, csvEnv(time.UTC)); err != nil {
		return nil, err
	}
	a := apply(toCSVFn, types.String, c.Args[0])
	a.Data, a.Text, a.Null = how, text, true
	return a, nil
}

var toCSVFn = &expr.Function{Name: "to_csv", Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	how := data.(jsonCall)
	e, err := csv.NewEncoder(how.options, csvEnv(c.Zone))
	if err != nil {
		return expr.Vector{}, err
	}
	write := e.Struct(args[0].Array.(*array.Struct), how.t.(types.Struct))
	return pieces(c, n, out, args, n*16, func(i int) ([]byte, bool) {
		row := write(nil, args[0].Row(i))
		return row, len(row) > 0
	})
}}

func bindSchemaOfCSV(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("schema_of_csv", c.Args[:1])
	v, ok := expr.Constant(c.Args[0])
	if !ok {
		return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`csv`", "inputType", `"STRING"`, "inputExpr", `"`+c.Args[0].String()+`"`)
	}
	if v == nil {
		return nil, mismatch("UNEXPECTED_NULL", text, "exprName", "csv")
	}
	s, isText := v.(string)
	if !isText {
		return nil, unexpected(text, 0, `"STRING"`, c.Args[0])
	}
	options := map[string]string{"inferSchema": "true"}
	if len(c.Args) == 2 {
		given, err := optionsOf(c.Args[1])
		if err != nil {
			return nil, err
		}
		for k, v := range given {
			options[k] = v
		}
		options["inferSchema"] = "true"
	}
	o, err := csv.ValueOptions(options, csvEnv(time.UTC))
	if err != nil {
		return nil, err
	}
	t, ok := csv.TypeOf(s, o)
	if !ok {
		return nil, errs.Internal("no schema can be inferred from the text %q", s)
	}
	return &expr.Apply{Fn: identityFn, Args: []expr.Expr{expr.Lit(types.SQL(t))}, DataType: types.String, Text: text}, nil
}

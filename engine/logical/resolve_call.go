package logical

import (
	"strings"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// searchPath is where PySpark says it looked.
const searchPath = "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]"

// call resolves the arguments of a function call and binds it.
func (s *scope) call(c *expr.Call) (expr.Expr, error) {
	if c.Bare != "" {
		if e, err := s.name(&expr.Name{Parts: []string{c.Bare}, PlanID: -1}); !isUnresolvedColumn(err) {
			return e, err
		}
	}
	if out := s.aggregated(c); out != nil {
		return out, nil
	}
	name := strings.ToLower(c.Name[len(c.Name)-1])
	if name == TypedLiteral {
		return s.typedLiteral(c)
	}
	if len(c.Name) > 1 && !isBuiltin(c.Name) {
		return nil, errs.New("UNRESOLVED_ROUTINE", "routineName", quotedName(c.Name...), "searchPath", searchPath)
	}
	if f := s.userFunction(name, c); f != nil {
		return s.udf(f)
	}
	args, err := s.arguments(name, c)
	if err != nil {
		return nil, err
	}
	if err := unbuilt(name, args); err != nil {
		return nil, err
	}
	bound := *c
	bound.Args = args
	if len(args) != len(c.Args) {
		bound.ArgNames = nil
	}
	if c.Filter != nil {
		if bound.Filter, err = s.expr(c.Filter); err != nil {
			return nil, err
		}
		bound.Filter = unaliased(bound.Filter)
	}
	out, err := functions.Bind(&s.env, &bound)
	if err != nil {
		return nil, err
	}
	return s.settle(&bound, expr.InZone(out, s.a.zone()))
}

// userFunction is the call of a function that the user registered, or nil.
func (s *scope) userFunction(name string, c *expr.Call) *expr.UDF {
	if s.a.Function == nil || c.Internal || len(c.Name) > 1 {
		return nil
	}
	f := s.a.Function(name)
	if f == nil {
		return nil
	}
	o := *f
	o.Args, o.ArgNames, o.ID = c.Args, c.ArgNames, 0
	if o.ArgNames == nil {
		o.ArgNames = make([]string, len(c.Args))
	}
	return &o
}

// windowFunctions mean something only with OVER.
var windowFunctions = names("row_number rank dense_rank percent_rank cume_dist ntile lag lead nth_value")

// unbuilt refuses the calls that Spark has and the table of functions has not; nil for all others.
func unbuilt(name string, args []expr.Expr) error {
	switch {
	case functions.Find(name) != nil:
		return nil
	case windowFunctions[name]:
		return errs.New("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "funcName", `"`+callText(name, args)+`"`)
	case sparkFunctions[name]:
		return errs.NotBuilt("the function " + name)
	}
	return nil
}

// isBuiltin says that a qualified name is of a built-in function.
func isBuiltin(name []string) bool {
	q := strings.ToLower(strings.Join(name[:len(name)-1], "."))
	return q == "builtin" || q == "system.builtin"
}

// arguments resolves a call's arguments: stars become columns, count(*) counts rows, lambdas wait for the function.
func (s *scope) arguments(name string, c *expr.Call) ([]expr.Expr, error) {
	list := c.Args
	for _, a := range c.Args {
		star, ok := a.(*expr.Star)
		if !ok {
			continue
		}
		if name == "count" && len(c.Args) == 1 && len(star.Target) > 0 && !c.Distinct {
			return nil, errs.New("INVALID_USAGE_OF_STAR_WITH_TABLE_IDENTIFIER_IN_COUNT", "tableName", quotedName(star.Target...))
		}
		if name == "count" && len(c.Args) == 1 && !c.Distinct {
			return []expr.Expr{&expr.Literal{Value: int32(1), DataType: types.Int}}, nil
		}
		if operator(name) != "" {
			return nil, errs.New("INVALID_USAGE_OF_STAR_OR_REGEX", "elem", "'*'", "prettyName", "expression `"+prettyName(name)+"`")
		}
		var err error
		if list, err = s.expand(c.Args); err != nil {
			return nil, err
		}
		break
	}
	out := make([]expr.Expr, len(list))
	for i, a := range list {
		if _, ok := a.(*expr.Lambda); ok {
			out[i] = a
			continue
		}
		e, err := s.expr(a)
		if err != nil {
			return nil, err
		}
		out[i] = s.argument(name, a, e)
	}
	return out, nil
}

// argument is a resolved argument as a function gets it. Only struct looks at names: s.a in it makes a field a.
func (s *scope) argument(function string, asked, e expr.Expr) expr.Expr {
	if function != "struct" {
		return unaliased(e)
	}
	if n, ok := asked.(*expr.Name); ok && len(n.Parts) > 1 {
		if _, plain := e.(*expr.Attr); !plain {
			return &expr.Alias{Child: e, Names: n.Parts[len(n.Parts)-1:], ID: expr.NewID(), Implied: true}
		}
	}
	return e
}

// prettyName is the word for an operator in messages.
func prettyName(op string) string {
	names := map[string]string{"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder", "=": "equalto", "==": "equalto",
		"<": "lessthan", ">": "greaterthan", "<=": "lessthanorequal", ">=": "greaterthanorequal", "<=>": "equalnullsafe"}
	if n := names[op]; n != "" {
		return n
	}
	return op
}

// settle puts DISTINCT and FILTER of a call where its function did not, and refuses them where they mean nothing.
func (s *scope) settle(c *expr.Call, e expr.Expr) (expr.Expr, error) {
	a, ok := e.(*expr.Agg)
	if w, is := e.(*expr.TimeWindow); is {
		return s.window(w), nil
	}
	if !ok {
		if (c.Distinct || c.Filter != nil) && expr.Find(e, isAgg) == nil {
			syntax := "DISTINCT"
			if c.Filter != nil {
				syntax = "FILTER clause"
			}
			return nil, errs.New("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "prettyName", quotedName(c.Name...), "syntax", syntax)
		}
		return e, nil
	}
	if c.Filter != nil && c.Filter.Type() != nil && c.Filter.Type().Kind() != types.KBoolean {
		return nil, errs.New("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "sqlExpr", `"`+c.Filter.String()+`"`,
			"filter", `"`+c.Filter.String()+`"`, "type", sqlType(c.Filter.Type()))
	}
	if a.Distinct == c.Distinct && (a.Filter != nil || c.Filter == nil) {
		return a, nil
	}
	o := *a
	o.Distinct = a.Distinct || c.Distinct
	if o.Filter == nil {
		o.Filter = c.Filter
	}
	return &o, nil
}

func isAgg(e expr.Expr) bool { _, ok := e.(*expr.Agg); return ok || isUDAF(e) }

// isUDAF says that a Python function gives one value for a group's columns.
func isUDAF(e expr.Expr) bool {
	u, ok := e.(*expr.UDF)
	return ok && (u.EvalType == 202 || u.EvalType == 217 || u.EvalType == 252 || u.EvalType == 254)
}

// sqlType is a type as messages show it.
func sqlType(t types.Type) string { return `"` + types.SQL(t) + `"` }

// cast resolves a cast and checks that it exists.
func (s *scope) cast(c *expr.Cast) (expr.Expr, error) {
	child, err := s.expr(c.Child)
	if err != nil {
		return nil, err
	}
	o := *c
	o.Child = unaliased(child)
	if o.Mode == expr.CastSession {
		o.Mode = expr.CastLegacy
		if s.a.Conf.ANSI {
			o.Mode = expr.CastANSI
		}
	}
	if err := expr.CheckCast(&o); err != nil {
		return nil, err
	}
	return expr.InZone(&o, s.a.zone()), nil
}

// zone is the session's.
func (a *Analyzer) zone() *time.Location {
	location, _ := zone.Find(a.Conf.Zone)
	return location
}

// typedLiteral reads the string of DATE '…' and its kin.
func (s *scope) typedLiteral(c *expr.Call) (expr.Expr, error) {
	cast := c.Args[0].(*expr.Cast)
	value := cast.Child.(*expr.Literal).Value.(string)
	out := &expr.Literal{DataType: cast.To}
	ok := false
	switch cast.To.Kind() {
	case types.KDate:
		var days int32
		days, ok = types.ParseDate([]byte(value))
		out.Value = expr.Days(days)
	case types.KTimestamp:
		location, known := zone.Find(s.a.Conf.Zone)
		if !known {
			return nil, errs.Internal("unknown session time zone %s", s.a.Conf.Zone)
		}
		var micros int64
		micros, ok = types.ParseTimestamp([]byte(value), zone.NewClock(location), nil)
		out.Value, out.Zone = expr.Micros(micros), location
	case types.KTimestampNTZ:
		var micros int64
		micros, ok = types.ParseTimestampNTZ([]byte(value), true)
		out.Value = expr.Micros(micros)
	}
	if !ok {
		return nil, errs.New("INVALID_TYPED_LITERAL", "valueType", sqlType(cast.To), "value", "'"+value+"'")
	}
	return out, nil
}

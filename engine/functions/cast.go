package functions

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// castRows are the type names that may be called as functions: int('1') is CAST('1' AS INT), named by its argument.
var castRows = []Row{
	{Name: "boolean", Min: 1, Max: 1, Bind: bindCast(types.Boolean), Examples: []Example{{SQL: "boolean('true')", Value: "true"}}},
	{Name: "tinyint", Min: 1, Max: 1, Bind: bindCast(types.Byte), Examples: []Example{{SQL: "tinyint('1')", Value: "1"}}},
	{Name: "smallint", Min: 1, Max: 1, Bind: bindCast(types.Short), Examples: []Example{{SQL: "smallint('1')", Value: "1"}}},
	{Name: "int", Min: 1, Max: 1, Bind: bindCast(types.Int), Examples: []Example{{SQL: "int('1')", Value: "1"}, {SQL: "int('x')", Error: "CAST_INVALID_INPUT"}}},
	{Name: "bigint", Min: 1, Max: 1, Bind: bindCast(types.Long), Examples: []Example{{SQL: "bigint('1')", Value: "1"}}},
	{Name: "float", Min: 1, Max: 1, Bind: bindCast(types.Float), Examples: []Example{{SQL: "float('1')", Value: "1.0"}}},
	{Name: "double", Min: 1, Max: 1, Bind: bindCast(types.Double), Examples: []Example{{SQL: "double('1')", Value: "1.0"}}},
	{Name: "decimal", Min: 1, Max: 1, Bind: bindCast(types.Decimal{Precision: 10}), Examples: []Example{{SQL: "decimal('1.6')", Value: "2"}}},
	{Name: "date", Min: 1, Max: 1, Bind: bindCast(types.Date), Examples: []Example{{SQL: "date('2020-01-02')", Value: "2020-01-02"}}},
	{Name: "timestamp", Min: 1, Max: 1, Bind: bindCast(types.Timestamp), Examples: []Example{{SQL: "timestamp('2020-01-02')", Value: "2020-01-02 00:00:00"}}},
	{Name: "binary", Min: 1, Max: 1, Bind: bindCast(types.Binary), Examples: []Example{{SQL: "binary('a')", Value: "a"}}},
	{Name: "string", Min: 1, Max: 1, Bind: bindCast(types.String), Examples: []Example{{SQL: "string(1)", Value: "1"}}},
}

func bindCast(to types.Type) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(e *Env, c *expr.Call) (expr.Expr, error) {
		cast := &expr.Cast{Child: c.Args[0], To: to, Mode: expr.CastLegacy, Implicit: true}
		if e.ANSI {
			cast.Mode = expr.CastANSI
		}
		return cast, expr.CheckCast(cast)
	}
}

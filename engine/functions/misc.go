package functions

import (
	"hash/crc32"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Functions about types and errors, and checksums.

var miscRows = []Row{
	{Name: "typeof", Min: 1, Max: 1, Bind: bindTypeof, Examples: []Example{{SQL: "typeof(1)", Value: "int"}, {SQL: "typeof(array(1L))", Value: "array<bigint>"}}},
	{Name: "raise_error", Min: 1, Max: 1, Bind: bindRaise, Examples: []Example{{SQL: "raise_error('boom')", Error: "USER_RAISED_EXCEPTION"}}},
	{Name: "assert_true", Min: 1, Max: 2, Bind: bindAssert, Examples: []Example{{SQL: "assert_true(false)", Error: "USER_RAISED_EXCEPTION"}, {SQL: "assert_true(true)", Value: "NULL"}}},
	{Name: "crc32", Min: 1, Max: 1, Bind: bindCRC, Examples: []Example{{SQL: "crc32('abc')", Value: "891568578"}}},
}

func bindTypeof(_ *Env, c *expr.Call) (expr.Expr, error) {
	a := apply(positiveFn, types.String, &expr.Literal{Value: c.Args[0].Type().String(), DataType: types.String})
	a.Text = callText("typeof", c.Args)
	return a, nil
}

// raiseFn raises on every row it is evaluated for. Volatile, so that it is never folded away or run ahead of its branch.
var raiseFn = &expr.Function{Name: "raise_error", Fails: true, Volatile: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	if n == 0 {
		return expr.Nulls(c.Mem, out), nil
	}
	o, d := batch.Text(args[0].Array)
	return expr.Vector{}, errs.New("USER_RAISED_EXCEPTION", "errorMessage", string(d[o[0]:o[1]]))
}}

func bindRaise(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("raise_error", c.Args)
	message, err := e.take(c, text, 0, types.String)
	if err != nil {
		return nil, err
	}
	a := apply(raiseFn, types.Null, message)
	a.Text, a.Null = text, true
	return a, nil
}

func bindAssert(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("assert_true", c.Args)
	message := expr.Expr(expr.Lit("'" + c.Args[0].String() + "' is not true!"))
	if len(c.Args) == 2 {
		message = c.Args[1]
	} else {
		text = callText("assert_true", []expr.Expr{c.Args[0], message})
	}
	raise, err := e.Lookup("raise_error", message)
	if err != nil {
		return nil, err
	}
	return e.conditional(text, "assert_true", []expr.Expr{c.Args[0], &expr.Literal{DataType: types.Null}, raise})
}

var crcFn = &expr.Function{Name: "crc32", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	o, d := batch.Text(args[0].Array)
	return longs(c, n, out, args, func(i int) (int64, bool) {
		row := args[0].Row(i)
		return int64(crc32.ChecksumIEEE(d[o[row]:o[row+1]])), true
	})
}}

func bindCRC(e *Env, c *expr.Call) (expr.Expr, error) {
	arg, ok := e.implicit(c.Args[0], types.Binary)
	if !ok {
		return nil, unexpected(callText("crc32", c.Args), 0, `"BINARY"`, c.Args[0])
	}
	return named(apply(crcFn, types.Long, arg), "crc32", c.Args), nil
}

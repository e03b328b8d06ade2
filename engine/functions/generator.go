package functions

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Generators: many rows from one.

var generatorRows = []Row{
	{Name: "explode", Min: 1, Max: 1, Bind: bindExplode("explode", false, false), Examples: []Example{{SQL: "explode(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "explode_outer", Min: 1, Max: 1, Bind: bindExplode("explode_outer", false, true), Examples: []Example{{SQL: "explode_outer('a')", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "posexplode", Min: 1, Max: 1, Bind: bindExplode("posexplode", true, false), Examples: []Example{{SQL: "posexplode(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "posexplode_outer", Min: 1, Max: 1, Bind: bindExplode("posexplode_outer", true, true), Examples: []Example{{SQL: "posexplode_outer(1)", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "inline", Min: 1, Max: 1, Bind: bindInline("inline", false), Examples: []Example{{SQL: "inline(array(1))", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "inline_outer", Min: 1, Max: 1, Bind: bindInline("inline_outer", true), Examples: []Example{{SQL: "inline_outer(array(1))", Error: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"}}},
	{Name: "stack", Min: 2, Max: -1, Bind: bindStack, Examples: []Example{{SQL: "stack(2, 1, 2, 'a')", Error: "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES"}}},
}

var (
	explodeGen    = &expr.Generator{Name: "explode", Rows: explodeRows(false)}
	posexplodeGen = &expr.Generator{Name: "posexplode", Rows: explodeRows(true)}
	inlineGen     = &expr.Generator{Name: "inline", Rows: inlineRows}
	stackGen      = &expr.Generator{Name: "stack", Rows: stackRows}
)

func bindExplode(name string, pos, outer bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		g := &expr.Generate{Fn: explodeGen, Args: c.Args, Outer: outer, Text: callText(name, c.Args)}
		if pos {
			g.Fn = posexplodeGen
			g.Fields = append(g.Fields, types.Field{Name: "pos", Type: types.Int, Nullable: outer})
		}
		switch t := c.Args[0].Type().(type) {
		case types.Array:
			g.Fields = append(g.Fields, types.Field{Name: "col", Type: t.Elem, Nullable: t.ContainsNull || outer})
		case types.Map:
			g.Fields = append(g.Fields, types.Field{Name: "key", Type: t.Key, Nullable: outer},
				types.Field{Name: "value", Type: t.Value, Nullable: t.ValueContainsNull || outer})
		default:
			return nil, unexpected(g.Text, 0, `("ARRAY" or "MAP")`, c.Args[0])
		}
		return g, nil
	}
}

func bindInline(name string, outer bool) func(*Env, *expr.Call) (expr.Expr, error) {
	return func(_ *Env, c *expr.Call) (expr.Expr, error) {
		text := callText(name, c.Args)
		t, ok := c.Args[0].Type().(types.Array)
		s, isStruct := types.Type(nil), false
		if ok {
			s = t.Elem
			_, isStruct = s.(types.Struct)
		}
		if !isStruct {
			return nil, unexpected(text, 0, `"ARRAY<STRUCT>"`, c.Args[0])
		}
		fields := append([]types.Field{}, s.(types.Struct).Fields...)
		for i := range fields {
			fields[i].Nullable = fields[i].Nullable || t.ContainsNull || outer
		}
		return &expr.Generate{Fn: inlineGen, Args: c.Args, Outer: outer, Fields: fields, Text: text}, nil
	}
}

func bindStack(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("stack", c.Args)
	v, ok := expr.Constant(e.cast(c.Args[0], types.Int))
	n, isInt := v.(int32)
	if !ok || !isInt {
		return nil, mismatch("NON_FOLDABLE_INPUT", text, "inputName", "`n`", "inputType", `"INT"`, "inputExpr", `"`+c.Args[0].String()+`"`)
	}
	if n <= 0 {
		return nil, mismatch("VALUE_OUT_OF_RANGE", text, "exprName", "`n`", "valueRange", "(0, 2147483647]", "currentValue", strconv.Itoa(int(n)))
	}
	values := c.Args[1:]
	width := (len(values) + int(n) - 1) / int(n)
	g := &expr.Generate{Fn: stackGen, Text: text, Args: []expr.Expr{expr.Lit(n)}}
	for col := 0; col < width; col++ {
		t, first := values[col].Type(), col
		for k := col; k < len(values); k += width {
			vt := values[k].Type()
			if t.Kind() == types.KNull {
				t, first = vt, k
			} else if vt.Kind() != types.KNull && !types.Equal(t, vt) {
				return nil, mismatch("STACK_COLUMN_DIFF_TYPES", text, "columnIndex", strconv.Itoa(col), "leftParamIndex", strconv.Itoa(first+1),
					"leftType", typeText(t), "rightParamIndex", strconv.Itoa(k+1), "rightType", typeText(vt))
			}
		}
		g.Fields = append(g.Fields, types.Field{Name: "col" + strconv.Itoa(col), Type: t, Nullable: true})
	}
	for k := 0; k < int(n)*width; k++ {
		arg := expr.Expr(&expr.Literal{DataType: g.Fields[k%width].Type})
		if k < len(values) {
			arg = e.cast(values[k], g.Fields[k%width].Type)
		}
		g.Args = append(g.Args, arg)
	}
	return g, nil
}

// exploded is for each output row its parent and the element it shows; -1 is the row of nulls of an outer generator.
func exploded(n int, l list, outer bool) (parents, elements []int32) {
	size := 0
	for i := 0; i < n; i++ {
		lo, hi, _ := l.span(i)
		size += int(hi - lo)
	}
	parents, elements = make([]int32, 0, size), make([]int32, 0, size)
	for i := 0; i < n; i++ {
		lo, hi, ok := l.span(i)
		if outer && (!ok || lo == hi) {
			parents, elements = append(parents, int32(i)), append(elements, -1)
			continue
		}
		for k := lo; k < hi; k++ {
			parents, elements = append(parents, int32(i)), append(elements, k)
		}
	}
	return parents, elements
}

// column is the rows of a child at these indices as the field's type.
func column(c *expr.Context, child arrow.Array, indices []int32, f types.Field) arrow.Array {
	return taken(c, child, indices, f.Type).Array
}

func explodeRows(pos bool) func(*expr.Context, int, []expr.Vector, *expr.Generate) ([]int32, []arrow.Array, error) {
	return func(c *expr.Context, n int, args []expr.Vector, g *expr.Generate) ([]int32, []arrow.Array, error) {
		l := listOf(args[0])
		parents, elements := exploded(n, l, g.Outer)
		var out []arrow.Array
		fields := g.Fields
		if pos {
			out = append(out, positions(c, l, parents, elements))
			fields = fields[1:]
		}
		if m, ok := args[0].Array.(*array.Map); ok {
			return parents, append(out, column(c, m.Keys(), elements, fields[0]), column(c, m.Items(), elements, fields[1])), nil
		}
		return parents, append(out, column(c, l.child, elements, fields[0])), nil
	}
}

func positions(c *expr.Context, l list, parents, elements []int32) arrow.Array {
	p, valid := batch.NewFixed[int32](c.Mem, len(parents)), batch.NewMarks(c.Mem, len(parents), true)
	for k, row := range parents {
		lo, _, _ := l.span(int(row))
		p.Values[k] = elements[k] - lo
		valid.Put(k, elements[k] >= 0)
	}
	return p.Done(arrow.PrimitiveTypes.Int32, valid)
}

func inlineRows(c *expr.Context, n int, args []expr.Vector, g *expr.Generate) ([]int32, []arrow.Array, error) {
	l := listOf(args[0])
	parents, elements := exploded(n, l, g.Outer)
	s := l.child.(*array.Struct)
	out := make([]arrow.Array, len(g.Fields))
	for i, f := range g.Fields {
		child := expr.Under(c.Mem, s, s.Field(i))
		out[i] = column(c, child, elements, f)
		child.Release()
	}
	return parents, out, nil
}

// stackRows has the number of rows first, then their values row by row.
func stackRows(c *expr.Context, n int, args []expr.Vector, g *expr.Generate) ([]int32, []arrow.Array, error) {
	width := len(g.Fields)
	high := (len(args) - 1) / width
	parents := make([]int32, 0, n*high)
	for i := 0; i < n; i++ {
		for k := 0; k < high; k++ {
			parents = append(parents, int32(i))
		}
	}
	out := make([]arrow.Array, width)
	for col := range out {
		values := make([]expr.Vector, high)
		for k := range values {
			values[k] = args[1+k*width+col]
		}
		a, err := interleave(c, n, values, g.Fields[col].Type)
		if err != nil {
			batch.Release(out[:col]...)
			return nil, nil, err
		}
		out[col] = a
	}
	return parents, out, nil
}

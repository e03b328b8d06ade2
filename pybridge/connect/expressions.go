package connect

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

func (d *decoder) expressions(list []*pb.Expression) ([]expr.Expr, error) {
	out := make([]expr.Expr, 0, len(list))
	for _, m := range list {
		e, err := d.expression(m)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (d *decoder) expression(m *pb.Expression) (expr.Expr, error) {
	switch t := m.GetExprType().(type) {
	case *pb.Expression_Literal_:
		return literal(t.Literal)
	case *pb.Expression_UnresolvedAttribute_:
		return attribute(t.UnresolvedAttribute)
	case *pb.Expression_UnresolvedFunction_:
		return d.function(t.UnresolvedFunction)
	case *pb.Expression_CallFunction:
		args, err := d.expressions(t.CallFunction.GetArguments())
		if err != nil {
			return nil, err
		}
		name, err := splitName(t.CallFunction.GetFunctionName())
		return &expr.Call{Name: name, Args: args}, err
	case *pb.Expression_ExpressionString_:
		return d.parse(t.ExpressionString.GetExpression())
	case *pb.Expression_UnresolvedStar_:
		return star(t.UnresolvedStar)
	case *pb.Expression_UnresolvedRegex_:
		return &expr.Regex{Pattern: t.UnresolvedRegex.GetColName(), PlanID: planID(t.UnresolvedRegex.PlanId)}, nil
	case *pb.Expression_Alias_:
		return d.alias(t.Alias)
	case *pb.Expression_Cast_:
		return d.cast(t.Cast)
	case *pb.Expression_SortOrder_:
		return d.sortOrder(t.SortOrder)
	case *pb.Expression_CommonInlineUserDefinedFunction:
		return d.userFunction(t.CommonInlineUserDefinedFunction)
	}
	return d.compound(m)
}

// compound decodes what is less common.
func (d *decoder) compound(m *pb.Expression) (expr.Expr, error) {
	switch t := m.GetExprType().(type) {
	case *pb.Expression_UnresolvedExtractValue_:
		child, err := d.expression(t.UnresolvedExtractValue.GetChild())
		if err != nil {
			return nil, err
		}
		key, err := d.expression(t.UnresolvedExtractValue.GetExtraction())
		return &expr.Extract{Child: child, Key: key}, err
	case *pb.Expression_UpdateFields_:
		return d.update(t.UpdateFields)
	case *pb.Expression_LambdaFunction_:
		body, err := d.expression(t.LambdaFunction.GetFunction())
		if err != nil {
			return nil, err
		}
		out := &expr.Lambda{Body: body}
		for _, v := range t.LambdaFunction.GetArguments() {
			out.Params = append(out.Params, strings.Join(v.GetNameParts(), "."))
		}
		return out, nil
	case *pb.Expression_UnresolvedNamedLambdaVariable_:
		return &expr.LambdaVar{Name: strings.Join(t.UnresolvedNamedLambdaVariable.GetNameParts(), ".")}, nil
	case *pb.Expression_Window_:
		return d.window(t.Window)
	case *pb.Expression_NamedArgumentExpression:
		return nil, errs.Internal("a named argument outside a call")
	case *pb.Expression_SubqueryExpression:
		return nil, errs.NotBuilt("subqueries in expressions")
	}
	return nil, errs.NotBuilt("expression " + string(m.ProtoReflect().Descriptor().Name()))
}

func planID(id *int64) int64 {
	if id == nil {
		return -1
	}
	return *id
}

func attribute(a *pb.Expression_UnresolvedAttribute) (expr.Expr, error) {
	parts, err := splitName(a.GetUnparsedIdentifier())
	return &expr.Name{Parts: parts, PlanID: planID(a.PlanId), Metadata: a.GetIsMetadataColumn()}, err
}

func star(s *pb.Expression_UnresolvedStar) (expr.Expr, error) {
	out := &expr.Star{PlanID: planID(s.PlanId)}
	if s.UnparsedTarget != nil {
		target, err := splitName(strings.TrimSuffix(s.GetUnparsedTarget(), ".*"))
		if err != nil {
			return nil, err
		}
		out.Target = target
	}
	return out, nil
}

// argument is an argument and the name that it is given by, or "".
func (d *decoder) argument(m *pb.Expression) (name string, e expr.Expr, err error) {
	if n := m.GetNamedArgumentExpression(); n != nil {
		name, m = n.GetKey(), n.GetValue()
	}
	e, err = d.expression(m)
	return name, e, err
}

func (d *decoder) function(f *pb.Expression_UnresolvedFunction) (expr.Expr, error) {
	out := &expr.Call{Name: []string{f.GetFunctionName()}, Distinct: f.GetIsDistinct(), Internal: f.GetIsInternal()}
	for i, m := range f.GetArguments() {
		name, e, err := d.argument(m)
		if err != nil {
			return nil, err
		}
		if name != "" && out.ArgNames == nil {
			out.ArgNames = make([]string, i, len(f.GetArguments()))
		}
		if out.ArgNames != nil {
			out.ArgNames = append(out.ArgNames, name)
		}
		out.Args = append(out.Args, e)
	}
	return out, nil
}

func (d *decoder) alias(a *pb.Expression_Alias) (*expr.Alias, error) {
	child, err := d.expression(a.GetExpr())
	if err != nil {
		return nil, err
	}
	return &expr.Alias{Child: child, Names: a.GetName(), Metadata: a.GetMetadata()}, nil
}

func (d *decoder) cast(c *pb.Expression_Cast) (expr.Expr, error) {
	child, err := d.expression(c.GetExpr())
	if err != nil {
		return nil, err
	}
	out := &expr.Cast{Child: child}
	switch c.GetEvalMode() {
	case pb.Expression_Cast_EVAL_MODE_ANSI:
		out.Mode = expr.CastANSI
	case pb.Expression_Cast_EVAL_MODE_LEGACY:
		out.Mode = expr.CastLegacy
	case pb.Expression_Cast_EVAL_MODE_TRY:
		out.Mode = expr.CastTry
	}
	if c.GetTypeStr() != "" {
		out.To, err = types.ParseType(c.GetTypeStr())
	} else {
		out.To, err = dataType(c.GetType())
	}
	return out, err
}

func (d *decoder) sortOrder(o *pb.Expression_SortOrder) (expr.Expr, error) {
	child, err := d.expression(o.GetChild())
	if err != nil {
		return nil, err
	}
	out := &expr.Sort{Child: child, Descending: o.GetDirection() == pb.Expression_SortOrder_SORT_DIRECTION_DESCENDING}
	switch o.GetNullOrdering() {
	case pb.Expression_SortOrder_SORT_NULLS_FIRST:
		out.NullsFirst = true
	case pb.Expression_SortOrder_SORT_NULLS_LAST:
	default:
		out.NullsFirst = !out.Descending
	}
	return out, nil
}

func (d *decoder) update(u *pb.Expression_UpdateFields) (expr.Expr, error) {
	child, err := d.expression(u.GetStructExpression())
	if err != nil {
		return nil, err
	}
	path, err := splitName(u.GetFieldName())
	if err != nil {
		return nil, err
	}
	out := &expr.Update{Child: child, Path: path}
	if u.GetValueExpression() != nil {
		out.Value, err = d.expression(u.GetValueExpression())
	}
	return out, err
}

func (d *decoder) window(w *pb.Expression_Window) (expr.Expr, error) {
	fn, err := d.expression(w.GetWindowFunction())
	if err != nil {
		return nil, err
	}
	out := &expr.Over{Fn: fn}
	if out.Partition, err = d.expressions(w.GetPartitionSpec()); err != nil {
		return nil, err
	}
	for _, o := range w.GetOrderSpec() {
		e, err := d.sortOrder(o)
		if err != nil {
			return nil, err
		}
		out.Order = append(out.Order, e)
	}
	if f := w.GetFrameSpec(); f != nil {
		out.Frame = &expr.Frame{Rows: f.GetFrameType() == pb.Expression_Window_WindowFrame_FRAME_TYPE_ROW}
		if out.Frame.Lower, err = d.bound(f.GetLower()); err != nil {
			return nil, err
		}
		if out.Frame.Upper, err = d.bound(f.GetUpper()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *decoder) bound(b *pb.Expression_Window_WindowFrame_FrameBoundary) (expr.Expr, error) {
	switch t := b.GetBoundary().(type) {
	case *pb.Expression_Window_WindowFrame_FrameBoundary_CurrentRow:
		return &expr.Literal{Value: int64(0), DataType: types.Long}, nil
	case *pb.Expression_Window_WindowFrame_FrameBoundary_Value:
		return d.expression(t.Value)
	}
	return nil, nil
}

func (d *decoder) userFunction(f *pb.CommonInlineUserDefinedFunction) (*expr.UDF, error) {
	p := f.GetPythonUdf()
	if p == nil {
		return nil, errs.NotBuilt("functions of other languages than Python")
	}
	out := &expr.UDF{FuncName: f.GetFunctionName(), Command: p.GetCommand(), EvalType: p.GetEvalType(), Deterministic: f.GetDeterministic()}
	var err error
	if out.Out, err = dataType(p.GetOutputType()); err != nil {
		return nil, err
	}
	for _, m := range f.GetArguments() {
		name, e, err := d.argument(m)
		if err != nil {
			return nil, err
		}
		out.Args, out.ArgNames = append(out.Args, e), append(out.ArgNames, name)
	}
	return out, nil
}

// splitName splits a dotted name whose parts may stand in backticks.
func splitName(text string) ([]string, error) {
	var parts []string
	var part strings.Builder
	quoted, closed := false, false
	bad := func() ([]string, error) { return nil, errs.New("INVALID_ATTRIBUTE_NAME_SYNTAX", "name", text) }
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '`' && i+1 < len(text) && text[i+1] == '`':
			part.WriteByte('`')
			i++
		case quoted && c == '`':
			quoted, closed = false, true
		case quoted:
			part.WriteByte(c)
		case c == '`':
			if part.Len() > 0 || closed {
				return bad()
			}
			quoted = true
		case c == '.':
			if part.Len() == 0 && !closed {
				return bad()
			}
			parts = append(parts, part.String())
			part.Reset()
			closed = false
		case closed:
			return bad()
		default:
			part.WriteByte(c)
		}
	}
	if quoted || len(text) > 0 && text[len(text)-1] == '.' && !closed {
		return bad()
	}
	return append(parts, part.String()), nil
}

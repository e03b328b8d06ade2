package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

func isOver(e expr.Expr) bool { _, ok := e.(*expr.Over); return ok }

// over resolves fn OVER (…). Bounded frames have no operator for it yet. A streaming one is let through: PySpark
// refuses it when the query starts, and so does CheckStream.
func (s *scope) over(o *expr.Over) (expr.Expr, error) {
	if !streaming(s.frames...) {
		return nil, errs.NotBuilt("window functions (OVER)")
	}
	fn, ranks, err := s.windowFunction(o.Fn)
	if err != nil {
		return nil, err
	}
	out := &expr.Over{Fn: fn, Frame: o.Frame}
	if out.Partition, err = s.exprs(o.Partition); err != nil {
		return nil, err
	}
	if out.Order, err = s.exprs(o.Order); err != nil {
		return nil, err
	}
	current := &expr.Literal{Value: int32(0), DataType: types.Int}
	switch {
	case out.Frame != nil:
	case len(out.Order) > 0:
		out.Frame = &expr.Frame{Rows: ranks, Upper: current}
	default:
		out.Frame = &expr.Frame{Rows: true}
	}
	return out, nil
}

// windowFunction types the function of an OVER: an aggregate, or one that means something only there.
func (s *scope) windowFunction(e expr.Expr) (fn expr.Expr, ranks bool, err error) {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Name) != 1 || !windowFunctions[strings.ToLower(c.Name[0])] {
		fn, err = s.expr(e)
		return fn, false, err
	}
	name := strings.ToLower(c.Name[0])
	args, err := s.exprs(c.Args)
	if err != nil {
		return nil, false, err
	}
	out := &expr.Apply{Fn: &expr.Function{Name: name}, Args: args, DataType: types.Int}
	switch name {
	case "percent_rank", "cume_dist":
		out.DataType = types.Double
	case "lag", "lead", "nth_value":
		if len(args) > 0 {
			out.DataType, out.Null = args[0].Type(), true
		}
	}
	return out, true, nil
}

// checkOver refuses window functions over a stream, in PySpark's words for them.
func checkOver(n *Project) error {
	for i, e := range n.Exprs {
		o, ok := expr.Find(e, isOver).(*expr.Over)
		if !ok {
			continue
		}
		spec := strings.TrimPrefix(o.String(), o.Fn.String()+" OVER ")
		err := errs.New("NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "windowFunc", strings.ToUpper(o.Fn.String()),
			"columnName", quotedName(n.output[i].Name), "windowSpec", strings.ToUpper(spec))
		err.Detail = Tree(n)
		return err
	}
	return nil
}

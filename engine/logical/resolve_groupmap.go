package logical

import (
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// groupMap gives the function all columns of its children and takes its declared ones. Keys that are no columns are
// computed beneath, in columns that the function does not see.
func (a *Analyzer) groupMap(n *GroupMap) (Plan, error) {
	t, ok := n.Fn.Out.(types.Struct)
	if !ok {
		return nil, errs.Internal("%s has no struct of columns to give", n.Fn.FuncName)
	}
	o := *n
	fn := *n.Fn
	var err error
	if o.Child, o.Keys, fn.Args, err = a.grouped(n.Child, n.Keys); err != nil {
		return nil, err
	}
	fn.ArgNames = nil
	if fn.ID == 0 {
		fn.ID = expr.NewID()
	}
	o.Fn = &fn
	if n.Other != nil {
		if o.Other, o.OtherKeys, o.OtherArgs, err = a.grouped(n.Other, n.OtherKeys); err != nil {
			return nil, err
		}
		if len(o.Keys) != len(o.OtherKeys) {
			return nil, errs.New(errs.Unnamed+"COGROUP_KEYS", "left", strconv.Itoa(len(o.Keys)), "right", strconv.Itoa(len(o.OtherKeys)))
		}
	}
	if n.State != nil {
		state := *n.State
		state.EventTime = eventTime(o.Child.Output())
		o.State = &state
	}
	o.node = done(attrsOf(t))
	return &o, nil
}

// grouped resolves grouping keys: the child that has them as columns, those, and the child's own columns.
func (a *Analyzer) grouped(child Plan, keyList []expr.Expr) (Plan, []expr.Expr, []expr.Expr, error) {
	s := a.over(child)
	args := exprsOf(child.Output())
	named := make([]expr.Expr, len(keyList))
	for i, k := range keyList {
		e, err := s.output(k)
		if err != nil {
			return nil, nil, nil, err
		}
		if !groupable(e.Type()) {
			return nil, nil, nil, errs.New("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "sqlExpr", `"`+e.String()+`"`, "dataType", sqlType(e.Type()))
		}
		named[i] = e
	}
	child, err := s.withWindows(child)
	if err != nil {
		return nil, nil, nil, err
	}
	keys := make([]expr.Expr, len(named))
	list := exprsOf(child.Output())
	for i, e := range named {
		keys[i] = e
		if _, ok := e.(*expr.Attr); !ok {
			keys[i], list = attrFor(e), append(list, e)
		}
	}
	if len(list) > len(child.Output()) {
		child = project(child, list)
	}
	return child, keys, args, nil
}

package logical

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// setOperation resolves intersect and subtract, of whose streams PySpark takes only what is subtracted from.
func (a *Analyzer) setOperation(n *SetOperation) (Plan, error) {
	p, err := a.setJoin(n)
	switch {
	case err != nil:
		return nil, err
	case !n.Except && n.Streaming():
		return refused(p, "Intersect of streaming DataFrames/Datasets is not supported"), nil
	case n.Right.Streaming():
		return refused(p, "Except on a streaming DataFrame/Dataset on the right is not supported"), nil
	}
	return p, nil
}

// setJoin is a semi or anti join over all columns, nulls equal, without duplicates.
func (a *Analyzer) setJoin(n *SetOperation) (Plan, error) {
	sides, err := a.aligned(n.name(), []Plan{n.Left, n.Right})
	if err != nil {
		return nil, err
	}
	for _, at := range sides[0].Output() {
		if types.HasMap(at.DataType) {
			return nil, errs.New("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "colName", quotedName(at.Name), "dataType", sqlType(at.DataType))
		}
	}
	if n.All {
		return a.countedOperation(n, sides[0], sides[1])
	}
	left, right := sides[0], sides[1]
	if overlap(left, right) {
		right = renewed(right)
	}
	s := a.over(left, right)
	var condition expr.Expr
	for i, at := range left.Output() {
		if condition, err = s.alsoEqual(condition, "<=>", at, right.Output()[i]); err != nil {
			return nil, err
		}
	}
	kind := LeftSemi
	if n.Except {
		kind = LeftAnti
	}
	return a.distinct(&Distinct{Child: join(kind, left, right, condition), All: true})
}

// countedOperation counts each row on both sides, and repeats it as often as it is left over, or as both have it.
func (a *Analyzer) countedOperation(n *SetOperation, left, right Plan) (Plan, error) {
	both, err := a.union(&Union{Inputs: []Plan{sided(left, 1, 0), sided(right, 0, 1)}})
	if err != nil {
		return nil, err
	}
	width := len(left.Output())
	columns := both.Output()[:width]
	sum := func(c int) expr.Expr {
		return &expr.Call{Name: []string{"sum"}, Args: []expr.Expr{both.Output()[width+c]}}
	}
	count := &expr.Call{Name: []string{"least"}, Args: []expr.Expr{sum(0), sum(1)}}
	if n.Except {
		count = &expr.Call{Name: []string{"-"}, Args: []expr.Expr{sum(0), sum(1)}}
	}
	outputs := append(exprsOf(columns), &expr.Alias{Child: count, Names: []string{"count"}})
	counted, err := a.Analyze(&Aggregate{Child: both, Keys: exprsOf(columns), Outputs: outputs})
	if err != nil {
		return nil, err
	}
	one := &expr.Literal{Value: int64(1), DataType: types.Long}
	often := counted.Output()[width]
	some, err := a.Analyze(&Filter{Child: counted, Condition: &expr.Call{Name: []string{">="}, Args: []expr.Expr{often, one}}})
	if err != nil {
		return nil, err
	}
	numbers := &expr.Call{Name: []string{"sequence"}, Args: []expr.Expr{one, often}}
	repeat := &expr.Alias{Child: &expr.Call{Name: []string{"explode"}, Args: []expr.Expr{numbers}}, Names: []string{"number"}}
	repeated, err := a.Analyze(&Project{Child: some, Exprs: append(exprsOf(some.Output()[:width]), repeat)})
	if err != nil {
		return nil, err
	}
	return project(repeated, exprsOf(repeated.Output()[:width])), nil
}

// sided is a side of a set operation with what its rows count on the left and on the right.
func sided(p Plan, left, right int64) Plan {
	list := exprsOf(p.Output())
	for i, n := range []int64{left, right} {
		list = append(list, &expr.Alias{Child: &expr.Literal{Value: n, DataType: types.Long}, Names: []string{[]string{"left", "right"}[i]}, ID: expr.NewID()})
	}
	return project(p, list)
}

package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// nulls resolves fillna, dropna and replace.
func (a *Analyzer) nulls(n *Nulls) (Plan, error) {
	s := a.over(n.Child)
	output := n.Child.Output()
	chosen := make([]int, len(output)) // 1 + the number of the first name that chose a column
	for i, name := range n.Columns {
		found := false
		for c, at := range output {
			if a.same(at.Name, name) {
				found = true
				if chosen[c] == 0 {
					chosen[c] = i + 1
				}
			}
		}
		if !found {
			return nil, errs.New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", quotedName(name), "proposal", inOrder(output))
		}
	}
	if n.Drop {
		return a.dropNulls(s, n, chosen)
	}
	list := make([]expr.Expr, len(output))
	for c, at := range output {
		list[c] = at
		if len(n.Columns) > 0 && chosen[c] == 0 {
			continue
		}
		var made expr.Expr
		var err error
		if len(n.Fill) > 0 {
			made, err = s.filled(at, n.Fill, chosen[c]-1)
		} else {
			made, err = s.replaced(at, n.Replace)
		}
		if err != nil {
			return nil, err
		}
		if made != nil {
			list[c] = &expr.Alias{Child: made, Names: []string{at.Name}, ID: expr.NewID()}
		}
	}
	return project(n.Child, list), nil
}

// inOrder lists columns as errors of a frame's own columns do.
func inOrder(output []*expr.Attr) string {
	names := make([]string, len(output))
	for i, at := range output {
		names[i] = quotedName(at.Name)
	}
	return strings.Join(names, ", ")
}

// filled is a column with a value in the place of nulls and NaN, nil where the value is not of the column's kind.
func (s *scope) filled(at *expr.Attr, values []*expr.Literal, number int) (expr.Expr, error) {
	value := values[0]
	if len(values) > 1 {
		value = values[number]
	} else if !sameKind(value.DataType, at.DataType) {
		return nil, nil
	}
	var present expr.Expr = at
	if k := at.DataType.Kind(); k == types.KFloat || k == types.KDouble {
		var err error
		if present, err = s.lookup("nanvl", at, &expr.Literal{DataType: at.DataType}); err != nil {
			return nil, err
		}
	}
	return s.lookup("coalesce", present, expr.CastTo(value, at.DataType, s.a.Conf.ANSI))
}

// sameKind says that fillna and replace take a value for a column: any number for a number, else equal types.
func sameKind(value, column types.Type) bool {
	if types.IsNumeric(value) {
		return types.IsNumeric(column)
	}
	return types.Equal(value, column)
}

// replaced is a column with old values replaced, nil where they are not of the column's kind.
func (s *scope) replaced(at *expr.Attr, pairs [][2]*expr.Literal) (expr.Expr, error) {
	var args []expr.Expr
	for _, p := range pairs {
		kind := p[0].DataType
		if p[0].Value == nil {
			kind = p[1].DataType
		}
		if !sameKind(kind, at.DataType) {
			return nil, nil
		}
		met, err := s.lookup("=", at, p[0])
		if err != nil {
			return nil, err
		}
		args = append(args, met, expr.CastTo(p[1], at.DataType, s.a.Conf.ANSI))
	}
	return s.lookup("when", append(args, at)...)
}

// dropNulls keeps the rows with enough values that are neither null nor NaN.
func (a *Analyzer) dropNulls(s *scope, n *Nulls, chosen []int) (Plan, error) {
	var present []expr.Expr
	for c, at := range n.Child.Output() {
		if len(n.Columns) > 0 && chosen[c] == 0 {
			continue
		}
		p, err := s.isPresent(at)
		if err != nil {
			return nil, err
		}
		present = append(present, p)
	}
	least := n.Least
	if least < 0 {
		least = len(present)
	}
	condition, err := s.atLeast(present, least)
	if err != nil || condition == nil {
		return n.Child, err
	}
	return a.filter(&Filter{Child: n.Child, Condition: condition})
}

func (s *scope) isPresent(at *expr.Attr) (expr.Expr, error) {
	p, err := s.lookup("isnotnull", at)
	if k := at.DataType.Kind(); err != nil || k != types.KFloat && k != types.KDouble {
		return p, err
	}
	nan, err := s.lookup("isnan", at)
	if err != nil {
		return nil, err
	}
	number, err := s.lookup("!", nan)
	if err != nil {
		return nil, err
	}
	return s.lookup("and", p, number)
}

// atLeast says that so many of the conditions hold; nil where that is always so. All and any stay conditions that
// the optimizer can push; between them the conditions are counted.
func (s *scope) atLeast(present []expr.Expr, least int) (expr.Expr, error) {
	if least <= 0 {
		return nil, nil
	}
	operator := "+"
	switch least {
	case len(present):
		operator = "and"
	case 1:
		operator = "or"
	}
	var out expr.Expr
	for _, p := range present {
		if operator == "+" {
			p = expr.CastTo(p, types.Int, s.a.Conf.ANSI)
		}
		if out == nil {
			out = p
			continue
		}
		var err error
		if out, err = s.lookup(operator, out, p); err != nil {
			return nil, err
		}
	}
	if operator != "+" {
		return out, nil
	}
	if out == nil || least > len(present) {
		return &expr.Literal{Value: false, DataType: types.Boolean}, nil
	}
	return s.lookup(">=", out, &expr.Literal{Value: int32(least), DataType: types.Int})
}

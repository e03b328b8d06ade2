package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// withColumns resolves new columns against the child and puts each in the place of those of its name, or at the end.
func (a *Analyzer) withColumns(n *WithColumns) (Plan, error) {
	child := n.Child
	s := a.over(child)
	s.levels = append(s.levels, hiddenColumns(child)...)
	output := visible(child.Output())
	added := make([]expr.Expr, len(n.Columns))
	for i, c := range n.Columns {
		for _, o := range n.Columns[:i] {
			if a.same(o.Names[0], c.Names[0]) {
				return nil, errs.New("COLUMN_ALREADY_EXISTS", "columnName", quotedName(strings.ToLower(c.Names[0])))
			}
		}
		e, err := s.expr(c)
		if err != nil {
			return nil, err
		}
		if added[i], err = name(c, e); err != nil {
			return nil, err
		}
	}
	child, err := s.withWindows(child)
	if err != nil {
		return nil, err
	}
	list := make([]expr.Expr, len(output), len(output)+len(added))
	for i, at := range output {
		list[i] = at
	}
	for i, c := range n.Columns {
		found := false
		for j, at := range output {
			if a.same(at.Name, c.Names[0]) {
				list[j], found = added[i], true
			}
		}
		if !found {
			list = append(list, added[i])
		}
	}
	return a.outputs(child, s, list)
}

// rename resolves toDF and withColumnsRenamed; a name that is not there is passed over.
func (a *Analyzer) rename(n *Rename) (Plan, error) {
	output := n.Child.Output()
	list := make([]expr.Expr, len(output))
	if n.From == nil {
		if len(n.To) != len(output) {
			return nil, errs.New("ASSIGNMENT_ARITY_MISMATCH", "numExpr", strconv.Itoa(len(n.To)), "numTarget", strconv.Itoa(len(output)))
		}
		for i, at := range output {
			list[i] = renamedColumn(at, n.To[i])
		}
		return project(n.Child, list), nil
	}
	for i, at := range output {
		list[i] = at
		to := at.Name
		for j, from := range n.From {
			if a.same(to, from) {
				to = n.To[j]
			}
		}
		if to != at.Name {
			list[i] = renamedColumn(at, to)
		}
	}
	return project(n.Child, list), nil
}

func renamedColumn(at *expr.Attr, to string) expr.Expr {
	return &expr.Alias{Child: at, Names: []string{to}, ID: expr.NewID()}
}

// drop resolves drop(); what is not there is passed over.
func (a *Analyzer) drop(n *Drop) (Plan, error) {
	s := a.over(n.Child)
	gone := map[expr.ID]bool{}
	for _, e := range n.Exprs {
		r, err := s.expr(e)
		if err != nil {
			if named, ok := e.(*expr.Name); ok && named.PlanID < 0 && errs.As(err) != nil && strings.HasPrefix(errs.As(err).Name, "UNRESOLVED_COLUMN") ||
				errs.As(err) != nil && strings.HasPrefix(errs.As(err).Name, "MISSING_ATTRIBUTES") {
				continue
			}
			return nil, err
		}
		if at, ok := r.(*expr.Attr); ok {
			gone[at.ID] = true
		}
	}
	var list []expr.Expr
	for _, at := range n.Child.Output() {
		keep := !gone[at.ID]
		for _, name := range n.Names {
			keep = keep && !a.same(at.Name, name)
		}
		if keep {
			list = append(list, at)
		}
	}
	return project(n.Child, list), nil
}

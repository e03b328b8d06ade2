package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// selectList resolves a list of outputs over a child into a Project, an Aggregate where it aggregates, and what windows
// and generators add beneath.
func (a *Analyzer) selectList(child Plan, list []expr.Expr) (Plan, error) {
	s := a.over(child)
	s.levels = append(s.levels, hiddenColumns(child)...)
	list, err := s.expand(list)
	if err != nil {
		return nil, err
	}
	outputs := make([]expr.Expr, len(list))
	for i, e := range list {
		if outputs[i], err = s.output(e); err != nil {
			return nil, err
		}
	}
	if child, err = s.withWindows(child); err != nil {
		return nil, err
	}
	return a.outputs(child, s, outputs)
}

// outputs builds the nodes for resolved outputs.
func (a *Analyzer) outputs(child Plan, s *scope, list []expr.Expr) (Plan, error) {
	if len(s.levels) > 1 {
		child = addMissing(child, expr.Attrs(list...))
	}
	for _, e := range list {
		if expr.Find(e, isOver) != nil {
			return project(child, list), nil
		}
	}
	if hasAgg(list) {
		list, err := inlined(list)
		if err != nil {
			return nil, err
		}
		return a.aggregated(child, nil, list)
	}
	child, list, err := a.generators(child, list)
	if err != nil {
		return nil, err
	}
	if levels := s.lateralLevels(list); levels != nil {
		return laterally(child, list, levels), nil
	}
	return project(child, list), nil
}

func hasAgg(list []expr.Expr) bool {
	for _, e := range list {
		if expr.Find(e, isAgg) != nil {
			return true
		}
	}
	return false
}

// output resolves one output and names it; it may be referred to by those after it.
func (s *scope) output(asked expr.Expr) (expr.Expr, error) {
	e, err := s.expr(asked)
	if err != nil {
		return nil, err
	}
	named, err := name(asked, e)
	if a, ok := named.(*expr.Alias); ok && len(a.Names) == 1 {
		s.earlier = append(s.earlier, a)
	}
	return named, err
}

// name gives an output its name: its own, its alias, or the text that PySpark makes of it. Generators stay as they are.
func name(asked, e expr.Expr) (expr.Expr, error) {
	switch e := e.(type) {
	case *expr.Attr:
		return shown(e), nil
	case *expr.Generate:
		return e, nil
	case *expr.Alias:
		if _, generator := e.Child.(*expr.Generate); !generator && len(e.Names) != 1 {
			return nil, errs.New("MULTI_ALIAS_WITHOUT_GENERATOR", "expr", `"`+e.Child.String()+`"`, "names", strings.Join(e.Names, ", "))
		}
		if inner, ok := e.Child.(*expr.Alias); ok {
			o := *e
			o.Child = unaliased(inner)
			return &o, nil
		}
		return e, nil
	}
	return &expr.Alias{Child: e, Names: []string{defaultName(asked, e)}, ID: expr.NewID()}, nil
}

func defaultName(asked, e expr.Expr) string {
	if c, ok := asked.(*expr.Cast); ok {
		if inner, ok := unaliased(c.Child).(*expr.Name); ok && (inner.PlanID >= 0 || !inStruct(e)) {
			return lastName(inner, c.Child.String())
		}
	}
	if c, ok := e.(*expr.Cast); ok && !c.Implicit {
		if a, ok := c.Child.(*expr.Attr); ok {
			return a.Name
		}
	}
	return lastName(asked, e.String())
}

// inStruct says that a cast is of a struct's field, whose name it does not take (but that of df["s.a"]).
func inStruct(e expr.Expr) bool {
	c, ok := e.(*expr.Cast)
	if !ok {
		return false
	}
	_, column := unaliased(c.Child).(*expr.Attr)
	return !column
}

// lastName is the last part of a dotted column name: s.a is called a.
func lastName(e expr.Expr, otherwise string) string {
	if n, ok := e.(*expr.Name); ok {
		return n.Parts[len(n.Parts)-1]
	}
	return otherwise
}

// hiddenColumns are the columns that a USING join does not show, which its frames still have.
func hiddenColumns(p Plan) [][]*expr.Attr {
	for {
		switch n := p.(type) {
		case *Tag:
			p = n.Child
		case *Project:
			if n.Using {
				return [][]*expr.Attr{n.Child.Output()}
			}
			return nil
		default:
			return nil
		}
	}
}

// lateralLevels says at which step each output can be computed when outputs refer to earlier ones; nil if none does.
func (s *scope) lateralLevels(list []expr.Expr) []int {
	if len(s.earlier) == 0 {
		return nil
	}
	at := map[expr.ID]int{}
	var levels []int
	for i, e := range list {
		level := 0
		for _, a := range expr.Attrs(e) {
			if l, ok := at[a.ID]; ok {
				level = max(level, l+1)
			}
		}
		if level > 0 && levels == nil {
			levels = make([]int, len(list))
		}
		if levels != nil {
			levels[i] = level
		}
		if al, ok := e.(*expr.Alias); ok {
			at[al.ID] = level
		}
	}
	return levels
}

// laterally stacks projections: each computes what the next ones refer to.
func laterally(child Plan, list []expr.Expr, levels []int) Plan {
	top := 0
	for _, l := range levels {
		top = max(top, l)
	}
	list = append([]expr.Expr(nil), list...)
	for step := 0; step < top; step++ {
		exprs := exprsOf(child.Output())
		for i, e := range list {
			if al, ok := e.(*expr.Alias); ok && levels[i] == step {
				exprs = append(exprs, al)
				list[i] = attrFor(al)
			}
		}
		child = project(child, exprs)
	}
	return project(child, list)
}

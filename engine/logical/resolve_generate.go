package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

func isGenerator(e expr.Expr) bool { _, ok := e.(*expr.Generate); return ok }

// generatorOf takes an output apart that is a generator, with the names it is given.
func generatorOf(e expr.Expr) (*expr.Generate, []string) {
	if a, ok := e.(*expr.Alias); ok {
		if g, ok := a.Child.(*expr.Generate); ok {
			return g, a.Names
		}
		return nil, nil
	}
	g, _ := e.(*expr.Generate)
	return g, nil
}

// generators puts a Generate over the child for each generator among the outputs, and their columns in its place.
func (a *Analyzer) generators(child Plan, list []expr.Expr) (Plan, []expr.Expr, error) {
	var out []expr.Expr
	for i, e := range list {
		g, names := generatorOf(e)
		if g == nil {
			if expr.Find(e, isGenerator) != nil {
				return nil, nil, errs.New("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "expression", `"`+unaliased(e).String()+`"`)
			}
			if out != nil {
				out = append(out, e)
			}
			continue
		}
		if out == nil {
			out = append(make([]expr.Expr, 0, len(list)+1), list[:i]...)
		}
		if err := plainArguments(g); err != nil {
			return nil, nil, err
		}
		attrs, err := generatedAttrs(g, names, "")
		if err != nil {
			return nil, nil, err
		}
		child = generate(child, g, attrs, child.Output())
		out = append(out, exprsOf(attrs)...)
	}
	if out == nil {
		out = list
	}
	return child, out, nil
}

// plainArguments refuses a generator inside another's arguments.
func plainArguments(g *expr.Generate) error {
	for _, arg := range g.Args {
		if expr.Find(arg, isGenerator) != nil {
			return errs.New("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "expression", `"`+g.String()+`"`)
		}
	}
	return nil
}

// generatedAttrs are the columns of a generator, under the names given or its own.
func generatedAttrs(g *expr.Generate, names []string, qualifier string) ([]*expr.Attr, error) {
	if len(names) > 0 && len(names) != len(g.Fields) {
		return nil, errs.New("UDTF_ALIAS_NUMBER_MISMATCH", "aliasesSize", strconv.Itoa(len(g.Fields)), "aliasesNames", strings.Join(names, ","))
	}
	out := make([]*expr.Attr, len(g.Fields))
	for i, f := range g.Fields {
		out[i] = &expr.Attr{ID: expr.NewID(), Name: f.Name, DataType: f.Type, Null: f.Nullable || g.Outer, Metadata: f.Metadata}
		if len(names) > 0 {
			out[i].Name = names[i]
		}
		if qualifier != "" {
			out[i].Qualifier = []string{qualifier}
		}
	}
	return out, nil
}

// lateralView resolves LATERAL VIEW.
func (a *Analyzer) lateralView(n *LateralView) (Plan, error) {
	s := a.over(n.Child)
	e, err := s.expr(n.Generator)
	if err != nil {
		return nil, err
	}
	g, ok := e.(*expr.Generate)
	if !ok {
		return nil, errs.New("UNSUPPORTED_GENERATOR.NOT_GENERATOR", "functionName", "`"+n.Generator.String()+"`", "classCanonicalName", "a function")
	}
	if n.Outer && !g.Outer {
		outer := *g
		outer.Outer = true
		g = &outer
	}
	attrs, err := generatedAttrs(g, n.Columns, n.Name)
	if err != nil {
		return nil, err
	}
	return generate(n.Child, g, attrs, n.Child.Output()), nil
}

// outsideSelect refuses generators where only a select list may have them.
func outsideSelect(p Plan, list ...expr.Expr) error {
	for _, e := range list {
		if expr.Find(e, isGenerator) != nil {
			return errs.New("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "plan", p.Line())
		}
	}
	return nil
}

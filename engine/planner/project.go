package planner

import (
	"strings"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// outputs are the attributes that a list of named expressions gives.
func outputs(exprs []expr.Expr) []*expr.Attr {
	out := make([]*expr.Attr, len(exprs))
	for i, e := range exprs {
		switch e := e.(type) {
		case *expr.Attr:
			out[i] = e
		case *expr.Alias:
			out[i] = &expr.Attr{ID: e.ID, Name: e.Names[0], DataType: e.Child.Type(), Null: e.Child.Nullable()}
		default:
			out[i] = &expr.Attr{ID: expr.NewID(), Name: e.String(), DataType: e.Type(), Null: e.Nullable()}
		}
	}
	return out
}

// bare takes the name off an expression.
func bare(e expr.Expr) expr.Expr {
	if a, ok := e.(*expr.Alias); ok {
		return a.Child
	}
	return e
}

func bares(list []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = bare(e)
	}
	return out
}

func text(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (b *build) project(p *logical.Project) (exec.Feed, error) {
	from, err := b.feed(p.Child)
	if err != nil {
		return nil, err
	}
	exprs := p.Exprs
	attrs := p.Child.Output()
	if from, attrs, exprs, err = b.python(from, attrs, exprs); err != nil {
		return nil, err
	}
	return b.compute(from, attrs, exprs, p.Output())
}

// compute is a Project node: only columns passed on where the expressions are all that.
func (b *build) compute(from exec.Feed, attrs []*expr.Attr, exprs []expr.Expr, out []*expr.Attr) (*exec.Node, error) {
	if numbers, ok := columnsOnly(exprs, attrs); ok {
		return pick(from, numbers, out, text(exprs)), nil
	}
	list, schema := bares(exprs), schemaOf(out)
	if _, err := expr.CompileAll(list, attrs); err != nil {
		return nil, err
	}
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "Project " + text(exprs), Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.CompileAll(list, attrs)
		if err != nil {
			return nil, err
		}
		return exec.NewProject(i, compiled, schema, text(exprs)), nil
	}}, nil
}

func columnsOnly(exprs []expr.Expr, attrs []*expr.Attr) ([]int, bool) {
	numbers := make([]int, len(exprs))
	for i, e := range exprs {
		a, ok := bare(e).(*expr.Attr)
		if !ok {
			return nil, false
		}
		n, err := position(a.ID, attrs)
		if err != nil {
			return nil, false
		}
		numbers[i] = n
	}
	return numbers, true
}

func (b *build) filter(f *logical.Filter) (exec.Feed, error) {
	from, err := b.feed(f.Child)
	if err != nil {
		return nil, err
	}
	attrs := f.Child.Output()
	wide, list := attrs, []expr.Expr{f.Condition}
	if from, wide, list, err = b.python(from, attrs, list); err != nil {
		return nil, err
	}
	node, err := b.where(from, wide, list[0])
	if err != nil || len(wide) == len(attrs) {
		return node, err
	}
	return pick(node, identity(len(attrs)), attrs, ""), nil
}

// where is a Filter node.
func (b *build) where(from exec.Feed, attrs []*expr.Attr, condition expr.Expr) (*exec.Node, error) {
	if _, err := expr.Compile(condition, attrs); err != nil {
		return nil, err
	}
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "Filter " + condition.String(), Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.Compile(condition, attrs)
		if err != nil {
			return nil, err
		}
		return exec.NewFilter(i, compiled, condition.String()), nil
	}}, nil
}

func (b *build) generate(g *logical.Generate) (exec.Feed, error) {
	from, err := b.feed(g.Child)
	if err != nil {
		return nil, err
	}
	attrs, args := g.Child.Output(), g.Generator.Args
	if from, attrs, args, err = b.python(from, attrs, args); err != nil {
		return nil, err
	}
	keep, err := positions(g.Required, attrs)
	if err != nil {
		return nil, err
	}
	schema := schemaOf(g.Output())
	return &exec.Node{Inputs: []exec.Feed{from}, Name: g.Line(), Make: func(i exec.Instance) (exec.Operator, error) {
		compiled, err := expr.CompileAll(args, attrs)
		if err != nil {
			return nil, err
		}
		return exec.NewGenerate(i, g.Generator, compiled, keep, schema, g.Generator.String()), nil
	}}, nil
}

// retyped gives columns the types of a node's output where those differ, which they do in nullability inside only.
func retyped(from exec.Feed, attrs, out []*expr.Attr) exec.Feed {
	for i, a := range attrs {
		if !types.Equal(a.DataType, out[i].DataType) {
			return pick(from, identity(len(out)), out, "")
		}
	}
	return from
}

package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// Generate is explode and its kin over a child, added by the analyzer. Its output is the child's columns that are
// Required, then the generated ones.
type Generate struct {
	node
	Child     Plan
	Generator *expr.Generate
	// Attrs are the generated columns; Required are the child's columns that are kept.
	Attrs    []*expr.Attr
	Required []*expr.Attr
}

func (g *Generate) Children() []Plan { return []Plan{g.Child} }
func (g *Generate) With(c []Plan) Plan {
	o := *g
	o.Child = c[0]
	return &o
}
func (g *Generate) Streaming() bool { return g.Child.Streaming() }
func (g *Generate) Line() string {
	return mark(g) + "Generate " + text(g.Generator) + ", " + strconv.FormatBool(g.Generator.Outer) + ", " + attrList(g.Attrs)
}

// generate is a resolved Generate.
func generate(child Plan, generator *expr.Generate, attrs, required []*expr.Attr) *Generate {
	output := append(required[:len(required):len(required)], attrs...)
	return &Generate{node: done(output), Child: child, Generator: generator, Attrs: attrs, Required: required}
}

package logical

import "pysparkcompat/engine/expr"

// Project is select; expressions may hold stars, generators and aliases until resolved. Resolved expressions are
// *expr.Attr or *expr.Alias with one name.
type Project struct {
	node
	Child Plan
	Exprs []expr.Expr
	// Using marks the projection of a USING join: columns that it leaves out can still be referred to by their frame.
	Using bool
}

func (p *Project) Children() []Plan { return []Plan{p.Child} }
func (p *Project) With(c []Plan) Plan {
	o := *p
	o.Child = c[0]
	return &o
}
func (p *Project) Streaming() bool { return p.Child.Streaming() }
func (p *Project) Line() string    { return mark(p) + "Project " + exprList(p.Exprs) }

// project is a resolved Project over named, typed expressions.
func project(child Plan, exprs []expr.Expr) *Project {
	return &Project{node: done(attrsFor(exprs)), Child: child, Exprs: exprs}
}

// attrsFor gives the attributes that named expressions make.
func attrsFor(exprs []expr.Expr) []*expr.Attr {
	out := make([]*expr.Attr, len(exprs))
	for i, e := range exprs {
		out[i] = attrFor(e)
	}
	return out
}

// attrFor gives the attribute of one named expression. An alias of a column keeps its metadata and its event-time mark,
// and so does the time of a window; an alias that gives metadata of its own clears the mark, which in PySpark is a part
// of the metadata.
func attrFor(e expr.Expr) *expr.Attr {
	if a, ok := e.(*expr.Attr); ok {
		return a
	}
	a, ok := e.(*expr.Alias)
	if !ok || len(a.Names) != 1 {
		return &expr.Attr{Name: e.String(), DataType: e.Type(), Null: e.Nullable()}
	}
	out := &expr.Attr{ID: a.ID, Name: a.Names[0], DataType: a.Child.Type(), Null: a.Child.Nullable(), Metadata: a.Metadata}
	if t := timeColumn(a.Child); t != nil && (a.Metadata == "" || a.Metadata == autoNamed) {
		out.EventTime, out.Delay = t.EventTime, t.Delay
	}
	if c, ok := a.Child.(*expr.Attr); ok && out.Metadata == "" && c.Metadata != autoNamed {
		out.Metadata = c.Metadata
	}
	return out
}

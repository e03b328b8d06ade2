package logical

import "pysparkcompat/engine/expr"

// SubqueryAlias names a frame for qualified references.
type SubqueryAlias struct {
	node
	Child Plan
	Name  string
}

func (s *SubqueryAlias) Children() []Plan { return []Plan{s.Child} }
func (s *SubqueryAlias) With(c []Plan) Plan {
	o := *s
	o.Child = c[0]
	if o.resolved {
		o.output = qualified(c[0].Output(), s.Name)
	}
	return &o
}
func (s *SubqueryAlias) Streaming() bool { return s.Child.Streaming() }
func (s *SubqueryAlias) Line() string    { return mark(s) + "SubqueryAlias " + s.Name }

// qualified gives the attributes with a new qualifier.
func qualified(attrs []*expr.Attr, name ...string) []*expr.Attr {
	out := make([]*expr.Attr, len(attrs))
	for i, a := range attrs {
		q := *a
		q.Qualifier = name
		out[i] = &q
	}
	return out
}

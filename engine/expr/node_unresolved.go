package expr

import (
	"strings"

	"pysparkcompat/engine/types"
)

// Nodes that analysis replaces, and those that stand at fixed places of a plan (Alias, Sort, Over).

// operators are the calls that text shows between their arguments.
var operators = map[string]string{
	"+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "div": "div", "==": "=", "=": "=", "!=": "!=", "<>": "!=",
	"<": "<", ">": ">", "<=": "<=", ">=": ">=", "<=>": "<=>", "and": "AND", "or": "OR", "&": "&", "|": "|", "^": "^",
}

func (c *Call) Children() []Expr {
	if c.Filter == nil {
		return c.Args
	}
	return append(append(make([]Expr, 0, len(c.Args)+1), c.Args...), c.Filter)
}

func (c *Call) With(children []Expr) Expr {
	o := *c
	o.Args = children[:len(c.Args):len(c.Args)]
	if c.Filter != nil {
		o.Filter = children[len(c.Args)]
	}
	return &o
}

func (c *Call) Type() types.Type { return nil }
func (c *Call) Nullable() bool   { return true }
func (c *Call) String() string {
	name := strings.Join(c.Name, ".")
	if op := operators[strings.ToLower(name)]; op != "" && len(c.Args) == 2 {
		return "(" + c.Args[0].String() + " " + op + " " + c.Args[1].String() + ")"
	}
	return callText("'"+name, c.Args, c.Distinct, c.Filter)
}

// callText is name(args), with DISTINCT and FILTER of aggregates.
func callText(name string, args []Expr, distinct bool, filter Expr) string {
	var b strings.Builder
	b.WriteString(name)
	b.WriteByte('(')
	if distinct {
		b.WriteString("DISTINCT ")
	}
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	b.WriteByte(')')
	if filter != nil {
		b.WriteString(" FILTER (WHERE " + filter.String() + ")")
	}
	return b.String()
}

func (a *Alias) Children() []Expr { return []Expr{a.Child} }
func (a *Alias) With(children []Expr) Expr {
	o := *a
	o.Child = children[0]
	return &o
}
func (a *Alias) Type() types.Type { return a.Child.Type() }
func (a *Alias) Nullable() bool   { return a.Child.Nullable() }
func (a *Alias) String() string {
	if a.Implied {
		return a.Child.String()
	}
	if len(a.Names) == 1 {
		return a.Child.String() + " AS " + QuoteIfNeeded(a.Names[0])
	}
	return a.Child.String() + " AS (" + strings.Join(a.Names, ", ") + ")"
}

func (e *Extract) Children() []Expr          { return []Expr{e.Child, e.Key} }
func (e *Extract) With(children []Expr) Expr { return &Extract{children[0], children[1]} }
func (e *Extract) Type() types.Type          { return nil }
func (e *Extract) Nullable() bool            { return true }
func (e *Extract) String() string            { return e.Child.String() + "[" + e.Key.String() + "]" }

func (u *Update) Children() []Expr {
	if u.Value == nil {
		return []Expr{u.Child}
	}
	return []Expr{u.Child, u.Value}
}

func (u *Update) With(children []Expr) Expr {
	o := &Update{Child: children[0], Path: u.Path}
	if u.Value != nil {
		o.Value = children[1]
	}
	return o
}
func (u *Update) Type() types.Type { return nil }
func (u *Update) Nullable() bool   { return true }
func (u *Update) String() string {
	if u.Value == nil {
		return "update_fields(" + u.Child.String() + ", dropfield())"
	}
	return "update_fields(" + u.Child.String() + ", WithField(" + u.Value.String() + "))"
}

func (l *Lambda) Children() []Expr          { return []Expr{l.Body} }
func (l *Lambda) With(children []Expr) Expr { return &Lambda{children[0], l.Params, l.Vars} }
func (l *Lambda) Type() types.Type          { return l.Body.Type() }
func (l *Lambda) Nullable() bool            { return l.Body.Nullable() }
func (l *Lambda) String() string {
	params := make([]string, len(l.Params))
	for i := range params {
		params[i] = "namedlambdavariable()"
	}
	return "lambdafunction(" + l.Body.String() + ", " + strings.Join(params, ", ") + ")"
}

func (s *Sort) Children() []Expr { return []Expr{s.Child} }
func (s *Sort) With(children []Expr) Expr {
	o := *s
	o.Child = children[0]
	return &o
}
func (s *Sort) Type() types.Type { return s.Child.Type() }
func (s *Sort) Nullable() bool   { return s.Child.Nullable() }
func (s *Sort) String() string {
	out := s.Child.String() + " ASC"
	if s.Descending {
		out = s.Child.String() + " DESC"
	}
	if s.NullsFirst {
		return out + " NULLS FIRST"
	}
	return out + " NULLS LAST"
}

func (o *Over) Children() []Expr {
	c := append([]Expr{o.Fn}, o.Partition...)
	c = append(c, o.Order...)
	if o.Frame != nil {
		for _, b := range []Expr{o.Frame.Lower, o.Frame.Upper} {
			if b != nil {
				c = append(c, b)
			}
		}
	}
	return c
}

func (o *Over) With(children []Expr) Expr {
	n := &Over{Fn: children[0]}
	children = children[1:]
	n.Partition, children = children[:len(o.Partition)], children[len(o.Partition):]
	n.Order, children = children[:len(o.Order)], children[len(o.Order):]
	if o.Frame != nil {
		f := *o.Frame
		if f.Lower != nil {
			f.Lower, children = children[0], children[1:]
		}
		if f.Upper != nil {
			f.Upper = children[0]
		}
		n.Frame = &f
	}
	return n
}
func (o *Over) Type() types.Type { return o.Fn.Type() }
func (o *Over) Nullable() bool   { return o.Fn.Nullable() }
func (o *Over) String() string {
	var parts []string
	if len(o.Partition) > 0 {
		parts = append(parts, "PARTITION BY "+joinText(o.Partition))
	}
	if len(o.Order) > 0 {
		parts = append(parts, "ORDER BY "+joinText(o.Order))
	}
	if o.Frame != nil {
		kind := "RANGE"
		if o.Frame.Rows {
			kind = "ROWS"
		}
		parts = append(parts, kind+" BETWEEN "+edge(o.Frame.Lower, "PRECEDING")+" AND "+edge(o.Frame.Upper, "FOLLOWING"))
	}
	return o.Fn.String() + " OVER (" + strings.Join(parts, " ") + ")"
}

func edge(e Expr, side string) string {
	if e == nil {
		return "UNBOUNDED " + side
	}
	s := e.String()
	switch {
	case s == "0":
		return "CURRENT ROW"
	case strings.HasPrefix(s, "-"):
		return s[1:] + " PRECEDING"
	}
	return s + " FOLLOWING"
}

func joinText(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

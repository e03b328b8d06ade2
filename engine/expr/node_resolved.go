package expr

import (
	"fmt"
	"strings"

	"pysparkcompat/engine/types"
)

// Nodes that evaluate or that the planner gives an operator of their own.

func (c *Cast) Children() []Expr { return []Expr{c.Child} }
func (c *Cast) With(children []Expr) Expr {
	o := *c
	o.Child = children[0]
	return &o
}

func (c *Cast) Type() types.Type {
	if c.Child.Type() == nil {
		return nil
	}
	return c.To
}

func (c *Cast) Nullable() bool {
	from := c.Child.Type()
	return c.Child.Nullable() || from == nil || castNulls(from, c.To, c.Mode)
}

func (c *Cast) String() string {
	if k := c.To.Kind(); c.Implicit || k == types.KArray || k == types.KMap || k == types.KStruct {
		return c.Child.String()
	}
	name := "CAST"
	if c.Mode == CastTry {
		name = "TRY_CAST"
	}
	return name + "(" + c.Child.String() + " AS " + types.SQL(c.To) + ")"
}

func (a *Apply) Children() []Expr { return a.Args }
func (a *Apply) With(children []Expr) Expr {
	o := *a
	o.Args = children
	return &o
}
func (a *Apply) Type() types.Type { return a.DataType }
func (a *Apply) Nullable() bool   { return a.Null }
func (a *Apply) String() string {
	if a.Text != "" {
		return a.Text
	}
	return callText(a.Fn.Name, a.Args, false, nil)
}

func (a *Agg) Children() []Expr {
	if a.Filter == nil {
		return a.Args
	}
	return append(append(make([]Expr, 0, len(a.Args)+1), a.Args...), a.Filter)
}

func (a *Agg) With(children []Expr) Expr {
	o := *a
	o.Args = children[:len(a.Args):len(a.Args)]
	if a.Filter != nil {
		o.Filter = children[len(a.Args)]
	}
	return &o
}
func (a *Agg) Type() types.Type { return a.DataType }
func (a *Agg) Nullable() bool   { return a.Null }
func (a *Agg) String() string {
	if a.Text == "" {
		return callText(a.Fn.Name, a.Args, a.Distinct, a.Filter)
	}
	if a.Filter != nil {
		return a.Text + " FILTER (WHERE " + a.Filter.String() + ")"
	}
	return a.Text
}

func (g *Generate) Children() []Expr { return g.Args }
func (g *Generate) With(children []Expr) Expr {
	o := *g
	o.Args = children
	return &o
}

// Type is the one column's type, or a struct of the columns.
func (g *Generate) Type() types.Type {
	if len(g.Fields) == 1 {
		return g.Fields[0].Type
	}
	return types.Struct{Fields: g.Fields}
}
func (g *Generate) Nullable() bool { return g.Outer || len(g.Fields) == 1 && g.Fields[0].Nullable }
func (g *Generate) String() string {
	if g.Text != "" {
		return g.Text
	}
	return callText(g.Fn.Name, g.Args, false, nil)
}

func (w *TimeWindow) Children() []Expr {
	if w.End != nil {
		return []Expr{w.Time, w.End}
	}
	return []Expr{w.Time}
}
func (w *TimeWindow) With(children []Expr) Expr {
	o := *w
	o.Time = children[0]
	if w.End != nil {
		o.End = children[1]
	}
	return &o
}

func (w *TimeWindow) Type() types.Type {
	t := w.Time.Type()
	if t == nil {
		return nil
	}
	return types.Struct{Fields: []types.Field{
		{Name: "start", Type: t, Nullable: true}, {Name: "end", Type: t, Nullable: true}}}
}
func (w *TimeWindow) Nullable() bool { return false }
func (w *TimeWindow) String() string {
	if w.End != nil {
		return "session_window(" + w.Time.String() + ", " + w.End.String() + ")"
	}
	return fmt.Sprintf("window(%s, %d, %d, %d)", w.Time, w.Duration, w.Slide, w.Start)
}

func (u *UDF) Children() []Expr { return u.Args }
func (u *UDF) With(children []Expr) Expr {
	o := *u
	o.Args = children
	return &o
}
func (u *UDF) Type() types.Type { return u.Out }
func (u *UDF) Nullable() bool   { return true }
func (u *UDF) String() string {
	parts := make([]string, len(u.Args))
	for i, a := range u.Args {
		parts[i] = a.String()
		if i < len(u.ArgNames) && u.ArgNames[i] != "" {
			parts[i] = u.ArgNames[i] + " => " + parts[i]
		}
	}
	return u.FuncName + "(" + strings.Join(parts, ", ") + ")"
}

package planner

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// sample draws a number of the seed's sequence for each row and keeps those within the bounds. Rows that must be
// ordered are sorted on one instance, so that another sample of the seed draws the same number for a row.
func (b *build) sample(s *logical.Sample) (exec.Feed, error) {
	if s.WithReplacement {
		return nil, errs.NotBuilt("DataFrame.sample(withReplacement=True)")
	}
	child := s.Child
	if s.Ordered {
		child = ordered(child)
	}
	from, err := b.feed(child)
	if err != nil {
		return nil, err
	}
	bind := func(name string, args ...expr.Expr) expr.Expr {
		if err != nil {
			return nil
		}
		var out expr.Expr
		out, err = functions.Bind(&functions.Env{ANSI: true}, &expr.Call{Name: []string{name}, Args: args})
		return out
	}
	number := func(x float64) expr.Expr { return &expr.Literal{Value: x, DataType: types.Double} }
	drawn := bind("rand", &expr.Literal{Value: s.Seed, DataType: types.Long})
	if err != nil {
		return nil, err
	}
	attrs := child.Output()
	at := &expr.Attr{ID: expr.NewID(), Name: "drawn", DataType: types.Double}
	wide := append(attrs[:len(attrs):len(attrs)], at)
	list := make([]expr.Expr, 0, len(wide))
	for _, a := range attrs {
		list = append(list, a)
	}
	list = append(list, &expr.Alias{Child: drawn, Names: []string{at.Name}, ID: at.ID})
	node, err := b.compute(from, attrs, list, wide)
	if err != nil {
		return nil, err
	}
	within := bind("and", bind(">=", at, number(s.Lower)), bind("<", at, number(s.Upper)))
	if err != nil {
		return nil, err
	}
	kept, err := b.where(node, wide, within)
	if err != nil {
		return nil, err
	}
	return pick(kept, identity(len(attrs)), attrs, ""), nil
}

// ordered sorts a plan by all its columns that have an order.
func ordered(p logical.Plan) logical.Plan {
	var keys []expr.Expr
	for _, a := range p.Output() {
		if expr.Orderable(a.DataType) {
			keys = append(keys, &expr.Sort{Child: a, NullsFirst: true})
		}
	}
	if len(keys) == 0 {
		return p
	}
	return &logical.Sort{Child: p, Order: keys, Global: true}
}

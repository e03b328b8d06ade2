package logical

import (
	"pysparkcompat/engine/expr"
)

// dropJoins takes an outer join out from beneath an aggregation that asks for one side's columns only and not for how often
// a row comes. It shows in a stream: the other side's rows then move no watermark and its keys are no state, so that the
// joins that go have to be those that PySpark lets go.
func dropJoins(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		a, ok := n.(*Aggregate)
		if !ok || !repeatable(a) {
			return n
		}
		child := unjoined(a.Child, append(expr.Attrs(a.Keys...), expr.Attrs(a.Outputs...)...), make(ids))
		if child == nil {
			return n
		}
		return a.With([]Plan{child})
	})
}

// repeatable says that more rows like those that are there change nothing.
func repeatable(a *Aggregate) bool {
	for _, o := range a.Outputs {
		for _, g := range aggsIn(o) {
			switch g.Fn.Name {
			case "max", "min", "bit_and", "bit_or", "collect_set", "first", "last":
			default:
				if !g.Distinct {
					return false
				}
			}
		}
	}
	return true
}

// unjoined is a plan without its outer join, or nil. asked are the columns that what stands above reads, present those
// whose nulls are dropped above.
func unjoined(p Plan, asked []*expr.Attr, present ids) Plan {
	switch n := p.(type) {
	case *Windowed:
		if n.Window.Duration != n.Window.Slide || n.Window.End != nil {
			return nil
		}
		present.addAttrs(demanded(n.Window.Time)...)
		return over(n, unjoined(n.Child, append(expr.Attrs(n.Window), n.Required...), present))
	case *Project:
		for _, e := range n.Exprs {
			if a, ok := e.(*expr.Alias); ok && present[attrFor(e).ID] {
				present.addAttrs(demanded(a.Child)...)
			}
		}
		return over(n, unjoined(n.Child, expr.Attrs(n.Exprs...), present))
	case *Join:
		return kept(n, asked, present)
	}
	return nil
}

func over(p, child Plan) Plan {
	if child == nil {
		return nil
	}
	return p.With([]Plan{child})
}

// kept is the one side of an outer join that the columns asked for are of, with the streams of the other side beside it:
// they stay the query's, though nobody reads them.
func kept(j *Join, asked []*expr.Attr, present ids) Plan {
	of := func(side Plan) bool {
		for _, a := range asked {
			if !within(a, side.Output()) {
				return false
			}
		}
		return len(asked) > 0
	}
	some := func(side Plan) bool { return len(present.keep(side.Output())) > 0 }
	stay, gone := j.Left, j.Right
	switch {
	case of(j.Left) && (j.Type == LeftOuter || j.Type == FullOuter && some(j.Left)):
	case of(j.Right) && (j.Type == RightOuter || j.Type == FullOuter && some(j.Right)):
		stay, gone = j.Right, j.Left
	default:
		return nil
	}
	inputs := []Plan{stay}
	inputs = append(inputs, unreadStreams(gone, stay.Output())...)
	if len(inputs) == 1 {
		return stay
	}
	return &Union{node: done(stay.Output()), Inputs: inputs}
}

// unreadStreams are the streams of a plan whose rows nobody wants, as inputs of a union of these columns.
func unreadStreams(p Plan, columns []*expr.Attr) []Plan {
	var out []Plan
	for _, scan := range streams(p) {
		nulls := make([]expr.Expr, len(columns))
		for i, a := range columns {
			nulls[i] = &expr.Alias{Child: &expr.Literal{DataType: a.DataType}, Names: []string{a.Name}, ID: expr.NewID()}
		}
		out = append(out, project(unread(scan), nulls))
	}
	return out
}

// streams are the scans of streams in a plan.
func streams(p Plan) []*Scan {
	if s, ok := p.(*Scan); ok && s.Stream {
		return []*Scan{s}
	}
	var out []*Scan
	for _, c := range p.Children() {
		out = append(out, streams(c)...)
	}
	return out
}

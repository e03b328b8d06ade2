package logical

import (
	"pysparkcompat/engine/expr"
)

// Filter and Sort may use columns that a select beneath them left out: they are fetched from under it, and left out
// again above.

// beneath are the columns that can be fetched from under a plan, a level a node.
func beneath(p Plan) [][]*expr.Attr {
	var out [][]*expr.Attr
	for {
		switch n := p.(type) {
		case *Project:
			out = append(out, n.Child.Output())
			p = n.Child
		case *Tag:
			p = n.Child
		case *Filter:
			p = n.Child
		case *Sort:
			p = n.Child
		case *Repartition:
			p = n.Child
		default:
			return out
		}
	}
}

// addMissing gives a plan whose output has these attributes too, where they lie beneath.
func addMissing(p Plan, attrs []*expr.Attr) Plan {
	output := p.Output()
	var lacking []*expr.Attr
	for _, a := range attrs {
		if !contains(output, a) {
			lacking = append(lacking, a)
		}
	}
	if len(lacking) == 0 {
		return p
	}
	switch n := p.(type) {
	case *Project:
		child := addMissing(n.Child, lacking)
		exprs := n.Exprs[:len(n.Exprs):len(n.Exprs)]
		for _, a := range lacking {
			if i := indexOf(child.Output(), a.ID); i >= 0 {
				exprs = append(exprs, child.Output()[i])
			}
		}
		out := project(child, exprs)
		out.Using = n.Using
		return out
	case *Tag:
		return &Tag{Child: addMissing(n.Child, lacking), ID: n.ID}
	case *Filter, *Sort, *Repartition:
		return p.With([]Plan{addMissing(p.Children()[0], lacking)})
	}
	return p
}

// trimmed leaves out again what addMissing brought in.
func trimmed(p Plan, output []*expr.Attr) Plan {
	if len(p.Output()) == len(output) {
		return p
	}
	return project(p, exprsOf(output))
}

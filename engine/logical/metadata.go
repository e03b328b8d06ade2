package logical

import (
	"slices"
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// The column _metadata of files says which file a row is from. It is hidden: no star and no schema has it, and a scan
// reads it only beneath a node that names it. Such a node gets a child that shows the column, with Attr.Hidden set.

// MetadataColumn is the hidden column's name.
const MetadataColumn = "_metadata"

// namesMetadata says that an expression names the column.
func namesMetadata(e expr.Expr) (found bool) {
	expr.Walk(e, func(n expr.Expr) bool {
		name, ok := n.(*expr.Name)
		if ok && (name.Metadata || likeMetadata(name.Parts[0]) || len(name.Parts) > 1 && likeMetadata(name.Parts[1])) {
			found = true
		}
		if star, ok := n.(*expr.Star); ok && len(star.Target) > 0 && likeMetadata(star.Target[0]) {
			found = true
		}
		return !found
	})
	return found
}

// likeMetadata says that a name may be the column's: it has more underscores where a file has a column of that name.
func likeMetadata(name string) bool {
	return strings.EqualFold("_"+strings.TrimLeft(name, "_"), MetadataColumn) && name[0] == '_'
}

// has says that one of the columns has a name.
func (a *Analyzer) has(columns []*expr.Attr, name string) bool {
	return slices.ContainsFunc(columns, func(at *expr.Attr) bool { return a.same(at.Name, name) })
}

// asked are the expressions of a node in which the column may be named.
func asked(p Plan) []expr.Expr {
	switch n := p.(type) {
	case *Project:
		return n.Exprs
	case *WithColumns:
		out := make([]expr.Expr, len(n.Columns))
		for i, c := range n.Columns {
			out[i] = c
		}
		return out
	case *Filter:
		return []expr.Expr{n.Condition}
	case *Aggregate:
		return append(n.Keys[:len(n.Keys):len(n.Keys)], n.Outputs...)
	case *Sort:
		return n.Order
	case *Repartition:
		return n.Keys
	}
	return nil
}

// withMetadata gives an unresolved node over a child that shows the hidden column, if the node names it.
func (a *Analyzer) withMetadata(p Plan) (Plan, bool) {
	named := false
	for _, e := range asked(p) {
		named = named || namesMetadata(e)
	}
	if !named {
		return p, false
	}
	child := p.Children()[0]
	shown := revealed(child)
	if shown == nil || a.has(visible(child.Output()), hiddenOf(shown).Name) {
		return p, false
	}
	return p.With([]Plan{shown}), true
}

// revealed is a resolved plan whose output has the hidden column too; nil where no scan beneath has one.
func revealed(p Plan) Plan {
	if hiddenOf(p) != nil {
		return p // for a node beneath the one that names it
	}
	switch n := p.(type) {
	case *Scan:
		return n.revealed()
	case *Project:
		child := revealed(n.Child)
		if child == nil {
			return nil
		}
		out := project(child, append(n.Exprs[:len(n.Exprs):len(n.Exprs)], hiddenOf(child)))
		out.Using = n.Using
		return out
	case *SubqueryAlias:
		child := revealed(n.Child)
		if child == nil {
			return nil
		}
		o := *n
		hidden := *hiddenOf(child)
		if len(n.output) > 0 {
			hidden.Qualifier = n.output[0].Qualifier
		}
		o.Child, o.output = child, append(n.output[:len(n.output):len(n.output)], &hidden)
		return &o
	case *Tag, *Filter, *Sort, *Limit, *Offset, *Sample, *Watermark, *Repartition:
		if child := revealed(p.Children()[0]); child != nil {
			return p.With([]Plan{child})
		}
	}
	return nil
}

// metadataOf is what df.metadataColumn may name in a frame: the hidden column under the name that it has without a
// column of that name beside it.
func metadataOf(frame Plan) []*expr.Attr {
	at := hiddenOf(frame)
	if at == nil {
		return nil
	}
	o := *at
	o.Name = MetadataColumn
	return []*expr.Attr{&o}
}

func hiddenOf(p Plan) *expr.Attr {
	for _, at := range p.Output() {
		if at.Hidden {
			return at
		}
	}
	return nil
}

// revealed is the scan with its hidden column, which the source numbers behind all others.
func (s *Scan) revealed() Plan {
	if s.Hidden == nil {
		return nil
	}
	o := *s
	o.Full = types.Struct{Fields: append(s.Full.Fields[:len(s.Full.Fields):len(s.Full.Fields)], fieldOf(s.Hidden))}
	if o.Columns == nil {
		o.Columns = make([]int, len(s.Full.Fields))
		for i := range o.Columns {
			o.Columns[i] = i
		}
	}
	o.Columns = append(o.Columns[:len(o.Columns):len(o.Columns)], len(s.Full.Fields))
	o.output = append(s.output[:len(s.output):len(s.output)], s.Hidden)
	o.Hidden = nil
	return &o
}

// visible is a list without the hidden column.
func visible(list []*expr.Attr) []*expr.Attr {
	for i, at := range list {
		if at.Hidden {
			return append(list[:i:i], visible(list[i+1:])...)
		}
	}
	return list
}

// concealed gives a node that was resolved over a revealed child without the hidden column, unless its output is its own.
func concealed(p Plan) Plan {
	return trimmed(p, visible(p.Output()))
}

// shown is a column as a select list has it: no longer hidden.
func shown(a *expr.Attr) *expr.Attr {
	if !a.Hidden {
		return a
	}
	o := *a
	o.Hidden = false
	return &o
}

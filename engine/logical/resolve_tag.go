package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// sighting is a frame's column as found beneath a node: how deep, and on which side of it.
type sighting struct {
	attr        *expr.Attr
	depth, side int
}

// tagged resolves df["x"]: the frame's tag is looked for beneath, the name is resolved in that frame's columns, and
// the column must still be there for the node to use. Where the frame stands beneath twice, the nearer one is meant.
func (s *scope) tagged(n *expr.Name) (expr.Expr, error) {
	var seen []sighting
	known, used := false, 1
	for side, frame := range s.frames {
		err := visitTags(frame, n.PlanID, 0, func(t Plan, depth int) error {
			known = true
			columns := t.Output()
			if n.Metadata {
				columns = metadataOf(t)
			}
			found, parts := s.matches(n.Parts, columns)
			if len(found) == 0 {
				return unresolved(n.Parts, columns)
			}
			if len(found) > 1 {
				return ambiguous(n.Parts[:parts], n.Parts, found)
			}
			used = parts
			if a := s.visible(found[0].ID); a != nil {
				seen = append(seen, sighting{a, depth, side})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(seen) == 0 {
		return nil, s.missing(n, known)
	}
	best, err := s.closest(n, seen)
	if err != nil {
		return nil, err
	}
	if !n.Metadata {
		best = called(best, n.Parts[used-1])
	}
	return s.fields(best, n.Parts[used:])
}

// visitTags visits the outermost nodes that carry a frame's tag.
func visitTags(p Plan, id int64, depth int, visit func(Plan, int) error) error {
	if t, ok := p.(*Tag); ok {
		if t.ID == id {
			return visit(t, depth)
		}
		return visitTags(t.Child, id, depth, visit)
	}
	for _, c := range p.Children() {
		if err := visitTags(c, id, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

// visible gives the column as the node sees it, or nil.
func (s *scope) visible(id expr.ID) *expr.Attr {
	for _, level := range s.levels {
		if i := indexOf(level, id); i >= 0 {
			return level[i]
		}
	}
	return nil
}

// closest picks among several sightings. Two at the same depth are one column seen twice, or the two sides of a
// self-join: then df.x == df.x means left and right, and anything else is ambiguous.
func (s *scope) closest(n *expr.Name, seen []sighting) (*expr.Attr, error) {
	best := seen[0]
	tied := false
	for _, c := range seen[1:] {
		switch {
		case c.attr.ID == best.attr.ID:
		case c.depth < best.depth:
			best, tied = c, false
		case c.depth == best.depth:
			tied = true
		}
	}
	if !tied {
		return best.attr, nil
	}
	for _, c := range seen {
		if s.equality > 0 && c.side == s.equality-1 && c.depth == best.depth {
			return c.attr, nil
		}
	}
	return nil, errs.New("_LEGACY_ERROR_TEMP_1182", "ambiguousAttrs", attrText(best.attr), "config", "spark.sql.analyzer.failAmbiguousSelfJoin")
}

// missing is the error of a column whose frame is not beneath, or which is no longer there.
func (s *scope) missing(n *expr.Name, known bool) error {
	name := n.Parts[len(n.Parts)-1]
	columns := visible(s.levels[0])
	input := make([]string, len(columns))
	same := false
	for i, a := range columns {
		input[i] = `"` + a.Name + `"`
		same = same || s.a.same(a.Name, name)
	}
	pairs := []string{"missingAttributes", `"` + name + `"`, "input", strings.Join(input, ", "), "operator", "!" + s.line(n)}
	if same {
		return errs.New("MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION", append(pairs, "operation", `"`+name+`"`)...)
	}
	return errs.New("MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", pairs...)
}

func (s *scope) line(n *expr.Name) string {
	return "Project [" + n.String() + "#" + strconv.FormatInt(n.PlanID, 10) + "]"
}

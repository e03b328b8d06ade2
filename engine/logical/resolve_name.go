package logical

import (
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
)

// name resolves a column reference: a lambda's parameter, a column by name or qualified name with struct fields after
// it, or a column of the frame that PlanID names.
func (s *scope) name(n *expr.Name) (expr.Expr, error) {
	if n.PlanID >= 0 {
		return s.tagged(n)
	}
	if v := s.variable(n.Parts[0]); v != nil {
		return s.fields(v, n.Parts[1:])
	}
	if e, ok := s.ofRows(n.Parts); ok {
		return e, nil
	}
	for _, level := range s.levels {
		if e, ok, err := s.inLevel(n.Parts, level); ok || err != nil {
			return e, err
		}
	}
	if e, ok, err := s.inLevel(n.Parts, s.windowAttrs()); ok || err != nil {
		return e, err
	}
	if e := s.lateral(n.Parts[0]); e != nil {
		return s.fields(e, n.Parts[1:])
	}
	return nil, unresolved(n.Parts, s.levels[0])
}

// inLevel looks a name up among attributes; a qualifier wins over a struct column of its name.
func (s *scope) inLevel(parts []string, attrs []*expr.Attr) (expr.Expr, bool, error) {
	found, used := s.matches(parts, attrs)
	if len(found) == 0 {
		return nil, false, nil
	}
	if len(found) > 1 {
		return nil, false, ambiguous(parts[:used], parts, found)
	}
	e, err := s.fields(called(found[0], parts[used-1]), parts[used:])
	return e, true, err
}

// called is a column under the name by which it was asked for: select ID of a column id is called ID.
func called(a *expr.Attr, name string) *expr.Attr {
	if a.Name == name {
		return a
	}
	o := *a
	o.Name = name
	return &o
}

// matches gives the attributes that the first parts name, and how many parts that took.
func (s *scope) matches(parts []string, attrs []*expr.Attr) (found []*expr.Attr, used int) {
	for q := min(len(parts)-1, 3); q >= 0; q-- {
		for _, a := range attrs {
			if len(a.Qualifier) >= q && s.a.same(a.Name, parts[q]) && s.qualifies(a.Qualifier, parts[:q]) && !contains(found, a) {
				found = append(found, a)
			}
		}
		if len(found) > 0 {
			return found, q + 1
		}
	}
	return nil, 0
}

// qualifies says that the parts are the end of a qualifier.
func (s *scope) qualifies(qualifier, parts []string) bool {
	tail := qualifier[len(qualifier)-len(parts):]
	for i := range parts {
		if !s.a.same(tail[i], parts[i]) {
			return false
		}
	}
	return true
}

func contains(list []*expr.Attr, a *expr.Attr) bool { return indexOf(list, a.ID) >= 0 }

// indexOf finds an attribute by ID, or gives -1.
func indexOf(list []*expr.Attr, id expr.ID) int {
	for i, a := range list {
		if a.ID == id {
			return i
		}
	}
	return -1
}

// fields goes into struct fields (and array and map elements) by name.
func (s *scope) fields(e expr.Expr, parts []string) (expr.Expr, error) {
	for _, p := range parts {
		var err error
		if e, err = s.extractField(e, p); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// lateral finds an alias earlier in the same select list.
func (s *scope) lateral(name string) expr.Expr {
	var found expr.Expr
	for _, a := range s.earlier {
		if s.a.same(a.Names[0], name) {
			if found != nil {
				return nil
			}
			found = attrFor(a)
		}
	}
	return found
}

// quotedName is `a`.`b`.
func quotedName(parts ...string) string { return functions.Quote(parts...) }

// ambiguous lists the columns that the used parts of a name match, under the name as asked.
func ambiguous(used, parts []string, found []*expr.Attr) error {
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = quotedName(append(a.Qualifier[:len(a.Qualifier):len(a.Qualifier)], used[len(used)-1])...)
	}
	sort.Strings(names)
	return errs.New("AMBIGUOUS_REFERENCE", "name", quotedName(parts...), "referenceNames", "["+strings.Join(names, ", ")+"]")
}

// suggestions is how many near names an error gives.
const suggestions = 5

// isUnresolvedColumn says that an error is that of a column which is not there.
func isUnresolvedColumn(err error) bool {
	found := errs.As(err)
	return found != nil && strings.HasPrefix(found.Name, "UNRESOLVED_COLUMN")
}

// unresolved is UNRESOLVED_COLUMN with the near names among the input.
func unresolved(parts []string, input []*expr.Attr) error {
	name := quotedName(parts...)
	if len(input) == 0 {
		return errs.New("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", name)
	}
	byName := append([]*expr.Attr(nil), input...)
	sort.SliceStable(byName, func(i, j int) bool { return byName[i].Name < byName[j].Name })
	candidates := make([][]string, len(input))
	for i, a := range byName {
		candidates[i] = append(a.Qualifier[:len(a.Qualifier):len(a.Qualifier)], a.Name)
	}
	near := nearest(parts, candidates)
	return errs.New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", name,
		"proposal", strings.Join(near[:min(len(near), suggestions)], ", "))
}

// nearest orders names by their edit distance from what was asked for. Qualifiers that all of them share are left out.
func nearest(asked []string, candidates [][]string) []string {
	keep := 8
	if len(asked) == 1 && sharePrefix(candidates, 1) {
		keep = 1
	} else if len(asked) <= 2 && sharePrefix(candidates, 2) {
		keep = 2
	}
	base := plainName(asked)
	type near struct {
		name     string
		distance int
	}
	list := make([]near, len(candidates))
	for i, c := range candidates {
		name := quotedName(c[max(0, len(c)-keep):]...)
		list[i] = near{name, distance(base, name)}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].distance < list[j].distance })
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.name
	}
	return out
}

// sharePrefix says that all but the last n parts are the same in every candidate.
func sharePrefix(candidates [][]string, n int) bool {
	prefix := func(c []string) string { return strings.Join(c[:max(0, len(c)-n)], "\x00") }
	for _, c := range candidates {
		if prefix(c) != prefix(candidates[0]) {
			return false
		}
	}
	return true
}

// plainName is a dotted name with backticks only around parts that hold dots.
func plainName(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		if out[i] = p; strings.Contains(p, ".") {
			out[i] = quotedName(p)
		}
	}
	return strings.Join(out, ".")
}

// distance is Levenshtein's, over characters.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range y {
			cost := diagonal
			if c != d {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}

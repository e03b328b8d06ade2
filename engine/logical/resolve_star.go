package logical

import (
	"regexp"
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// expand replaces stars and patterns of a list by the columns they stand for.
func (s *scope) expand(list []expr.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, 0, len(list))
	for _, e := range list {
		switch e := e.(type) {
		case *expr.Star:
			columns, err := s.star(e)
			if err != nil {
				return nil, err
			}
			out = append(out, columns...)
		case *expr.Regex:
			columns, err := s.pattern(e)
			if err != nil {
				return nil, err
			}
			out = append(out, columns...)
		default:
			out = append(out, e)
		}
	}
	return out, nil
}

func exprsOf(attrs []*expr.Attr) []expr.Expr {
	out := make([]expr.Expr, len(attrs))
	for i, a := range attrs {
		out[i] = a
	}
	return out
}

// star expands *, frame.*, table.* and struct.*.
func (s *scope) star(e *expr.Star) ([]expr.Expr, error) {
	input := visible(s.levels[0])
	if e.PlanID >= 0 {
		return s.frameStar(e)
	}
	if len(e.Target) == 0 {
		return exprsOf(input), nil
	}
	var out []expr.Expr
	for _, a := range input {
		if len(a.Qualifier) >= len(e.Target) && s.qualifies(a.Qualifier, e.Target) {
			out = append(out, a)
		}
	}
	if out != nil {
		return out, nil
	}
	column, ok, err := s.inLevel(e.Target, s.levels[0])
	if err != nil {
		return nil, err
	}
	if ok {
		if t, is := column.Type().(types.Struct); is {
			return s.structStar(column, t)
		}
	}
	names := make([]string, len(input))
	for i, a := range input {
		names[i] = quotedName(a.Name)
	}
	sort.Strings(names)
	return nil, errs.New("CANNOT_RESOLVE_STAR_EXPAND", "targetString", quotedName(e.Target...), "columns", strings.Join(names, ", "))
}

// frameStar is df["*"]: the columns of a frame beneath.
func (s *scope) frameStar(e *expr.Star) ([]expr.Expr, error) {
	var out []expr.Expr
	for _, f := range s.frames {
		err := visitTags(f, e.PlanID, 0, func(t Plan, _ int) error {
			if out != nil {
				return nil
			}
			for _, a := range visible(t.Output()) {
				if v := s.visible(a.ID); v != nil {
					out = append(out, v)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if out == nil {
		return nil, errs.New("CANNOT_RESOLVE_DATAFRAME_COLUMN", "name", "*")
	}
	return out, nil
}

func (s *scope) structStar(column expr.Expr, t types.Struct) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(t.Fields))
	for i, f := range t.Fields {
		field, err := s.extractField(column, f.Name)
		if err != nil {
			return nil, err
		}
		out[i] = &expr.Alias{Child: field, Names: []string{f.Name}}
	}
	return out, nil
}

// pattern is df.colRegex: every column whose whole name matches.
func (s *scope) pattern(e *expr.Regex) ([]expr.Expr, error) {
	text := strings.TrimSuffix(strings.TrimPrefix(e.Pattern, "`"), "`")
	if text == e.Pattern {
		return []expr.Expr{&expr.Name{Parts: strings.Split(e.Pattern, "."), PlanID: e.PlanID}}, nil
	}
	flags := "(?i)"
	if s.a.Conf.CaseSensitive {
		flags = ""
	}
	re, err := regexp.Compile(flags + "^(?:" + text + ")$")
	if err != nil {
		return nil, errs.New("INVALID_REGEXP_REPLACE", "source", text, "pattern", text, "replacement", "", "position", "0")
	}
	var out []expr.Expr
	for _, a := range s.levels[0] {
		if re.MatchString(a.Name) {
			out = append(out, a)
		}
	}
	return out, nil
}

package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// aggregate resolves groupBy().agg() and GROUP BY. Outputs that repeat a key as it was given are that key.
func (a *Analyzer) aggregate(n *Aggregate) (Plan, error) {
	s := a.over(n.Child)
	asked, err := s.expand(n.Outputs)
	if err != nil {
		return nil, err
	}
	keyList, err := s.expand(n.Keys)
	if err != nil {
		return nil, err
	}
	var keys, outputs []expr.Expr
	if n.FromSQL {
		keys, outputs, err = s.groupSQL(keyList, asked, n.All)
	} else {
		keys, outputs, err = s.groupFrame(keyList, asked)
	}
	if err != nil {
		return nil, err
	}
	child, err := s.withWindows(n.Child)
	if err != nil {
		return nil, err
	}
	if outputs, err = inlined(outputs); err != nil {
		return nil, err
	}
	return a.aggregated(child, keys, outputs)
}

// inlined replaces references to earlier outputs by what those compute; the optimizer computes equal aggregates once.
func inlined(outputs []expr.Expr) ([]expr.Expr, error) {
	earlier := map[expr.ID]expr.Expr{}
	out := make([]expr.Expr, len(outputs))
	for i, e := range outputs {
		for _, g := range aggsIn(e) {
			for _, at := range expr.Attrs(g) {
				if earlier[at.ID] != nil {
					return nil, errs.New("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", "lca", quotedName(at.Name), "aggFunc", `"`+g.String()+`"`)
				}
			}
		}
		if out[i] = substituteInside(e, earlier); out[i] != e {
			if at, ok := e.(*expr.Attr); ok {
				out[i] = &expr.Alias{Child: earlier[at.ID], Names: []string{at.Name}, ID: expr.NewID()}
			}
		}
		if al, ok := out[i].(*expr.Alias); ok {
			earlier[al.ID] = al.Child
		}
	}
	return out, nil
}

// groupFrame resolves keys, which may have aliases, and then outputs; a key among the outputs is resolved once.
func (s *scope) groupFrame(keyList, asked []expr.Expr) (keys, outputs []expr.Expr, err error) {
	resolved := make(map[expr.Expr]expr.Expr, len(keyList))
	for _, k := range keyList {
		named, err := s.output(k)
		if err != nil {
			return nil, nil, err
		}
		resolved[k] = named
		keys = append(keys, unaliased(named))
	}
	s.earlier = nil
	for _, e := range asked {
		named := resolved[e]
		if named == nil {
			if named, err = s.output(e); err != nil {
				return nil, nil, err
			}
		}
		outputs = append(outputs, named)
	}
	return keys, outputs, nil
}

// groupSQL resolves outputs, and keys that may be positions in them or their aliases.
func (s *scope) groupSQL(keyList, asked []expr.Expr, all bool) (keys, outputs []expr.Expr, err error) {
	for _, k := range keyList {
		if c, ok := k.(*expr.Call); ok && len(c.Name) == 1 && strings.EqualFold(c.Name[0], "window") {
			if _, err := s.expr(k); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, e := range asked {
		named, err := s.output(e)
		if err != nil {
			return nil, nil, err
		}
		outputs = append(outputs, named)
	}
	if all {
		for _, e := range outputs {
			if expr.Find(e, isAgg) == nil {
				keys = append(keys, unaliased(e))
			}
		}
		return keys, outputs, nil
	}
	for _, k := range keyList {
		key, err := s.keySQL(k, outputs)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, key)
	}
	return keys, outputs, nil
}

func (s *scope) keySQL(k expr.Expr, outputs []expr.Expr) (expr.Expr, error) {
	if n, ok := position(k); ok {
		if n < 1 || n > len(outputs) {
			return nil, errs.New("GROUP_BY_POS_OUT_OF_RANGE", "index", strconv.Itoa(n), "size", strconv.Itoa(len(outputs)))
		}
		e := outputs[n-1]
		if expr.Find(e, isAgg) != nil {
			return nil, errs.New("GROUP_BY_POS_AGGREGATE", "index", strconv.Itoa(n), "aggExpr", e.String())
		}
		return unaliased(e), nil
	}
	earlier := s.earlier
	s.earlier = nil
	key, err := s.expr(k)
	s.earlier = earlier
	if err == nil {
		return unaliased(key), nil
	}
	name, ok := k.(*expr.Name)
	if !ok || len(name.Parts) != 1 {
		return nil, err
	}
	for _, e := range outputs {
		if a, ok := e.(*expr.Alias); ok && s.a.same(a.Names[0], name.Parts[0]) {
			return a.Child, nil
		}
	}
	return nil, err
}

// aggregated builds the Aggregate of resolved keys and outputs. Generators over aggregates go on top of it.
func (a *Analyzer) aggregated(child Plan, keys, outputs []expr.Expr) (Plan, error) {
	for _, k := range keys {
		if aggs := aggsIn(k); len(aggs) > 0 {
			return nil, errs.New("GROUP_BY_AGGREGATE", "sqlExpr", aggs[0].String())
		}
		if !groupable(k.Type()) {
			return nil, errs.New("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "sqlExpr", `"`+k.String()+`"`, "dataType", sqlType(k.Type()))
		}
	}
	inner, outer := generatorInputs(outputs)
	out := aggregate(child, keys, inner)
	if err := checkAggregate(out); err != nil {
		return nil, located(err, out)
	}
	if outer == nil {
		return out, nil
	}
	top, list, err := a.generators(out, outer)
	if err != nil {
		return nil, err
	}
	return project(top, list), nil
}

// generatorInputs splits outputs with generators in what the Aggregate computes and what stands above it.
func generatorInputs(outputs []expr.Expr) (inner, outer []expr.Expr) {
	found := false
	for _, e := range outputs {
		g, _ := generatorOf(e)
		found = found || g != nil
	}
	if !found {
		return outputs, nil
	}
	for _, e := range outputs {
		g, names := generatorOf(e)
		if g == nil {
			inner, outer = append(inner, e), append(outer, attrFor(e))
			continue
		}
		args := make([]expr.Expr, len(g.Args))
		for i, arg := range g.Args {
			if args[i] = arg; expr.Foldable(arg) {
				continue
			}
			input := &expr.Alias{Child: arg, Names: []string{"_gen_input_" + strconv.Itoa(len(inner))}, ID: expr.NewID()}
			inner, args[i] = append(inner, input), attrFor(input)
		}
		outer = append(outer, &expr.Alias{Child: g.With(args), Names: names, ID: expr.NewID()})
	}
	return inner, outer
}

// checkAggregate refuses outputs of what is neither grouped by nor aggregated, and aggregates inside aggregates.
func checkAggregate(n *Aggregate) error {
	for _, e := range n.Outputs {
		if err := checkGrouped(e, n.Keys); err != nil {
			return err
		}
	}
	return nil
}

func checkGrouped(e expr.Expr, keys []expr.Expr) error {
	if isKey(e, keys) {
		return nil
	}
	switch e := e.(type) {
	case *expr.Agg:
		for _, c := range e.Children() {
			if expr.Find(c, isAgg) != nil {
				return errs.New("NESTED_AGGREGATE_FUNCTION")
			}
		}
		return nil
	case *expr.Attr:
		if len(keys) == 0 {
			return errs.New("MISSING_GROUP_BY")
		}
		return errs.New("MISSING_AGGREGATION", "expression", `"`+e.String()+`"`, "expressionAnyValue", `"any_value(`+e.String()+`)"`)
	}
	for _, c := range e.Children() {
		if err := checkGrouped(c, keys); err != nil {
			return err
		}
	}
	return nil
}

// isKey says that an expression is one of the keys.
func isKey(e expr.Expr, keys []expr.Expr) bool {
	for _, k := range keys {
		if expr.TreeEqual(e, k) {
			return true
		}
	}
	return false
}

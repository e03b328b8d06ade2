package logical

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// Analyzer resolves and types plans. It holds no state between calls and is safe for concurrent use if its catalog is.
type Analyzer struct {
	Catalog Catalog
	Conf    Settings
	// Function finds a function of the user's by its name in lower case, nil where there is none; it may be nil itself.
	Function func(name string) *expr.UDF
}

// Analyze gives the resolved plan. What is resolved already (the frame a Handle holds, with all beneath it) is taken
// as it is, so that a frame made of another costs one node's analysis. A failure is PySpark's condition at the node
// that caused it.
func (a *Analyzer) Analyze(p Plan) (Plan, error) {
	if h, ok := p.(*Handle); ok {
		return h.Plan, nil
	}
	if p.Resolved() {
		return p, nil
	}
	children := p.Children()
	if len(children) > 0 {
		resolved := make([]Plan, len(children))
		for i, c := range children {
			r, err := a.Analyze(c)
			if err != nil {
				return nil, err
			}
			resolved[i] = r
		}
		p = p.With(resolved)
	}
	p, revealed := a.withMetadata(p)
	out, err := a.resolve(p)
	if _, observes := out.(*CollectMetrics); err == nil && (observes || len(children) > 1) {
		err = checkMetricNames(out)
	}
	if err != nil {
		return nil, located(err, p)
	}
	if revealed {
		out = concealed(out)
	}
	return out, nil
}

// located adds the plan to an analysis error that has no detail yet, as PySpark shows it.
func located(err error, p Plan) error {
	e := errs.As(err)
	if e == nil || e.Class != errs.Analysis || e.Detail != "" || plainConditions[e.Name] {
		return err
	}
	e.Detail = Tree(p)
	return err
}

// plainConditions are those that PySpark raises without the plan.
var plainConditions = map[string]bool{
	"AMBIGUOUS_REFERENCE": true, "FIELD_NOT_FOUND": true, "UNRESOLVED_ROUTINE": true, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION": true,
	"COLUMN_ALREADY_EXISTS": true, "ASSIGNMENT_ARITY_MISMATCH": true, "CANNOT_PARSE_INTERVAL": true,
	"UNRESOLVED_COLUMN_AMONG_FIELD_NAMES": true, "UNRESOLVED_USING_COLUMN_FOR_JOIN": true, "CANNOT_RESOLVE_STAR_EXPAND": true,
	"UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS": true, "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT": true,
	"UDTF_ALIAS_NUMBER_MISMATCH": true, "INVALID_EXTRACT_BASE_FIELD_TYPE": true, "INVALID_EXTRACT_FIELD_TYPE": true,
	"INVALID_USAGE_OF_STAR_OR_REGEX": true, "NAMED_PARAMETERS_NOT_SUPPORTED": true, "EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN": true,
	"_LEGACY_ERROR_TEMP_1039": true, "_LEGACY_ERROR_TEMP_1182": true, "GROUP_BY_POS_OUT_OF_RANGE": true, "GROUP_BY_POS_AGGREGATE": true,
	"ORDER_BY_POS_OUT_OF_RANGE": true,
}

// resolve is one node over resolved children: the switch over all that can be unresolved.
func (a *Analyzer) resolve(p Plan) (Plan, error) {
	switch n := p.(type) {
	case *Named:
		return a.named(n)
	case *Data:
		o := *n
		o.node = done(attrsOf(n.Schema))
		return &o, nil
	case *Scan:
		return a.scan(n)
	case *Range:
		return resolveRange(n)
	case *Values:
		return a.values(n)
	case *Project:
		return a.selectList(n.Child, n.Exprs)
	case *WithColumns:
		return a.withColumns(n)
	case *Rename:
		return a.rename(n)
	case *Drop:
		return a.drop(n)
	case *Filter:
		return a.filter(n)
	case *Aggregate:
		return a.aggregate(n)
	case *Join:
		return a.join(n)
	case *Union:
		return a.union(n)
	case *Sort:
		return a.sort(n)
	}
	return a.resolveRest(p)
}

func (a *Analyzer) resolveRest(p Plan) (Plan, error) {
	switch n := p.(type) {
	case *Limit:
		count, err := a.count("limit", n.N, n.Count, n.Child)
		return &Limit{Child: n.Child, N: count, Tail: n.Tail}, err
	case *Offset:
		count, err := a.count("offset", n.N, n.Count, n.Child)
		return &Offset{Child: n.Child, N: count}, err
	case *Distinct:
		return a.distinct(n)
	case *SubqueryAlias:
		o := *n
		o.node = done(qualified(n.Child.Output(), n.Name))
		return &o, nil
	case *Watermark:
		return a.watermark(n)
	case *Repartition:
		return a.repartition(n)
	case *MapBatches:
		return a.mapBatches(n)
	case *GroupMap:
		return a.groupMap(n)
	case *LateralView:
		return a.lateralView(n)
	case *Nulls:
		return a.nulls(n)
	case *SetOperation:
		return a.setOperation(n)
	case *Tag:
		return n, nil
	case *Sample:
		return n, nil
	case *CollectMetrics:
		return a.observe(n)
	}
	return nil, errs.Internal("no analysis for %T", p)
}

// exprs resolves a list against one scope.
func (s *scope) exprs(list []expr.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		r, err := s.expr(e)
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

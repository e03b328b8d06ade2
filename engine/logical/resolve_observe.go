package logical

import (
	"regexp"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// observe resolves the metrics over the child and refuses what is no metric: anything but constants and aggregates.
func (a *Analyzer) observe(n *CollectMetrics) (Plan, error) {
	s := a.over(n.Child)
	asked, err := s.expand(n.Metrics)
	if err != nil {
		return nil, err
	}
	o := *n
	o.Metrics = make([]expr.Expr, len(asked))
	for i, e := range asked {
		if o.Metrics[i], err = s.output(e); err != nil {
			return nil, err
		}
	}
	o.checked = true
	if n.Name == "" {
		return nil, errs.New("INVALID_OBSERVED_METRICS.MISSING_NAME", "operator", Tree(&o))
	}
	if err := outsideSelect(&o, o.Metrics...); err != nil {
		return nil, err
	}
	for _, e := range o.Metrics {
		if err := checkMetric(e, unaliased(e), false); err != nil {
			return nil, err
		}
	}
	return &o, nil
}

// checkMetric looks at a part of a metric; inside says that an aggregate is around it.
func checkMetric(metric, e expr.Expr, inside bool) error {
	refuse := func(why string) error {
		return errs.New("INVALID_OBSERVED_METRICS."+why, "expr", `"`+metricText(metric)+`"`)
	}
	switch n := e.(type) {
	case *expr.Agg:
		switch {
		case inside:
			return refuse("NESTED_AGGREGATES_UNSUPPORTED")
		case n.Distinct:
			return refuse("AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED")
		case n.Filter != nil:
			return refuse("AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED")
		}
		inside = true
	case *expr.Apply:
		if n.Fn.Volatile && !inside {
			return refuse("NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC")
		}
	case *expr.Attr:
		if !inside {
			return refuse("NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE")
		}
	}
	for _, c := range e.Children() {
		if err := checkMetric(metric, c, inside); err != nil {
			return err
		}
	}
	return nil
}

func metricText(e expr.Expr) string {
	a, ok := e.(*expr.Alias)
	switch {
	case !ok:
		return e.String()
	case unquoted.MatchString(a.Names[0]):
		return a.Child.String() + " AS " + a.Names[0]
	}
	return a.Child.String() + " AS " + quotedName(a.Names[0])
}

// unquoted is what SQL text can name without quotes.
var unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkMetricNames refuses metrics of one name that are not the same ones.
func checkMetricNames(p Plan) error {
	seen := map[string]*CollectMetrics{}
	var err error
	Walk(p, func(n Plan) bool {
		m, ok := n.(*CollectMetrics)
		if !ok || err != nil {
			return err == nil
		}
		if other := seen[m.Name]; other != nil && other != m && Canonical(other) != Canonical(m) {
			err = errs.New("DUPLICATED_METRICS_NAME", "metricName", m.Name)
		}
		seen[m.Name] = m
		return true
	})
	return err
}

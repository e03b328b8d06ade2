package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// distinct resolves distinct and dropDuplicates. The watermarked column stays known to it whatever is selected above.
func (a *Analyzer) distinct(n *Distinct) (Plan, error) {
	output := n.Child.Output()
	if n.Grouped && n.Child.Streaming() {
		return aggregate(n.Child, exprsOf(output), exprsOf(output)), nil
	}
	o := *n
	o.node = done(distinctOutput(n.Child))
	o.Keys = nil
	if n.All || len(n.Columns) == 0 {
		o.Keys = output
	}
	for _, name := range n.Columns {
		found := false
		for _, at := range output {
			if a.same(at.Name, name) {
				found = true
				if !contains(o.Keys, at) {
					o.Keys = append(o.Keys, at)
				}
			}
		}
		if !found {
			return nil, amongFields(name, output)
		}
	}
	for _, k := range o.Keys {
		if types.HasMap(k.DataType) {
			return nil, errs.New("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "colName", quotedName(k.Name), "dataType", sqlType(k.DataType))
		}
	}
	o.EventTime = eventTime(output)
	return &o, nil
}

// eventTime is the column with the event-time mark, or nil.
func eventTime(output []*expr.Attr) *expr.Attr {
	for _, at := range output {
		if at.EventTime {
			return at
		}
	}
	return nil
}

// groupable says that values of the type can be grouped by.
func groupable(t types.Type) bool { return t.Kind() != types.KCalendarInterval }

// watermark resolves withWatermark. On a bounded frame it means nothing, once its delay is well formed.
func (a *Analyzer) watermark(n *Watermark) (Plan, error) {
	delay, err := types.ParseDuration(n.DelayText)
	if err != nil {
		return nil, err
	}
	micros := delayMicros(delay)
	if micros < 0 {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: delay threshold ("+n.DelayText+") should not be negative.")
	}
	s := a.over(n.Child)
	column, err := s.expr(dotted(n.Column))
	if e := errs.As(err); e != nil && strings.HasPrefix(e.Name, "UNRESOLVED_COLUMN.") && len(nameParts(n.Column)) > 1 {
		return nil, errs.New("EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN", "eventExpr", plainText(dotted(n.Column)))
	}
	if err == nil {
		if _, plain := column.(*expr.Attr); !plain {
			return nil, errs.New("EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN", "eventExpr", plainText(n.Column))
		}
	}
	if !n.Child.Streaming() {
		return n.Child, nil
	}
	if err != nil {
		return nil, err
	}
	at := column.(*expr.Attr)
	if !isEventTime(at.DataType) {
		return nil, errs.New("EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", "eventName", quotedName(at.Name), "eventType", sqlType(at.DataType))
	}
	o := *n
	o.Column, o.Delay = at, micros
	o.node = done(marked(n.Child.Output(), at.ID, micros))
	return &o, nil
}

// dotted takes a name of one part apart at its dots, as withWatermark takes its column: as text.
func dotted(e expr.Expr) expr.Expr {
	n, ok := e.(*expr.Name)
	if !ok || len(n.Parts) != 1 || !strings.ContainsAny(n.Parts[0], ".`") {
		return e
	}
	var parts []string
	var part strings.Builder
	quoted := false
	for _, r := range n.Parts[0] {
		switch {
		case r == '`':
			quoted = !quoted
		case r == '.' && !quoted:
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteRune(r)
		}
	}
	return &expr.Name{Parts: append(parts, part.String()), PlanID: n.PlanID}
}

// nameParts are the parts of a name as withWatermark reads it; none of what is no name.
func nameParts(e expr.Expr) []string {
	if n, ok := dotted(e).(*expr.Name); ok {
		return n.Parts
	}
	return nil
}

func plainText(e expr.Expr) string {
	if n, ok := e.(*expr.Name); ok {
		return strings.Join(n.Parts, ".")
	}
	return e.String()
}

// delayMicros is a delay as PySpark counts it: a month is 31 days.
func delayMicros(i types.Interval) int64 {
	return (int64(i.Months)*31+int64(i.Days))*types.MicrosPerDay + i.Micros
}

// isEventTime says that a watermark can stand on a column: a timestamp, or a window of them.
func isEventTime(t types.Type) bool {
	if s, ok := t.(types.Struct); ok {
		return len(s.Fields) == 2 && s.Fields[1].Name == "end" && s.Fields[1].Type.Kind() == types.KTimestamp
	}
	return t.Kind() == types.KTimestamp
}

func (a *Analyzer) repartition(n *Repartition) (Plan, error) {
	s := a.over(n.Child)
	keys, err := s.exprs(n.Keys)
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		keys[i] = unaliased(k)
		if sorted, ok := keys[i].(*expr.Sort); ok {
			return nil, errs.NotBuilt("repartitionByRange on " + sorted.String())
		}
	}
	o := *n
	o.Keys = keys
	return &o, nil
}

// mapBatches gives the function all columns of its child and takes its declared ones.
func (a *Analyzer) mapBatches(n *MapBatches) (Plan, error) {
	t, ok := n.Fn.Out.(types.Struct)
	if !ok {
		return nil, errs.Internal("%s has no struct of columns to give", n.Fn.FuncName)
	}
	fn := *n.Fn
	fn.Args = exprsOf(n.Child.Output())
	fn.ArgNames = nil
	if fn.ID == 0 {
		fn.ID = expr.NewID()
	}
	o := *n
	o.Fn = &fn
	o.node = done(attrsOf(t))
	return &o, nil
}

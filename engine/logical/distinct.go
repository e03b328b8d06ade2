package logical

import "pysparkcompat/engine/expr"

// Distinct drops equal rows; with Columns those equal in the columns; WithinWatermark bounds the state.
type Distinct struct {
	node
	Child           Plan
	Columns         []string
	All             bool
	WithinWatermark bool
	// Grouped is SELECT DISTINCT: on a stream it is an aggregation by all columns, where dropDuplicates is not.
	Grouped bool
	// Keys are the attributes that Columns or All name, set in analysis.
	Keys []*expr.Attr
	// EventTime is the watermarked column by which late rows are dropped, or nil; set in analysis and kept whatever
	// is selected above.
	EventTime *expr.Attr
}

func (d *Distinct) Children() []Plan { return []Plan{d.Child} }
func (d *Distinct) With(c []Plan) Plan {
	o := *d
	o.Child = c[0]
	if o.resolved {
		o.output = distinctOutput(c[0])
	}
	return &o
}
func (d *Distinct) Streaming() bool { return d.Child.Streaming() }
func (d *Distinct) Line() string {
	name := "Deduplicate "
	if d.WithinWatermark {
		name = "DeduplicateWithinWatermark "
	}
	return mark(d) + name + attrList(d.Keys)
}

// distinctOutput is the columns of rows without duplicates.
func distinctOutput(child Plan) []*expr.Attr {
	if child.Streaming() {
		return loosened(child.Output())
	}
	return child.Output()
}

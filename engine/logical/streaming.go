package logical

import (
	"slices"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

// Output modes as CheckStream takes them.
const (
	Append   = "append"
	Update   = "update"
	Complete = "complete"
)

// CheckBatch refuses to run a frame with an unbounded source as a batch: collect, show, count, cache, and their kin.
func CheckBatch(p Plan) error {
	if !p.Streaming() {
		return checkBounded(p)
	}
	return unsupported(streamScan(p), "Queries with streaming sources must be executed with writeStream.start(), or from a streaming table or flow definition within a Spark Declarative Pipeline.")
}

// checkBounded refuses what only streams have.
func checkBounded(p Plan) error {
	var found error
	Walk(p, func(n Plan) bool {
		if d, ok := n.(*Distinct); ok && d.WithinWatermark {
			found = unsupported(n, "dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets")
		}
		return found == nil
	})
	return found
}

// streamScan is the first unbounded source of a plan.
func streamScan(p Plan) Plan {
	found := p
	Walk(p, func(n Plan) bool {
		if len(n.Children()) == 0 && n.Streaming() {
			found = n
		}
		return n.Streaming()
	})
	return found
}

// unsupported is PySpark's condition for what a stream cannot do; the node goes with it.
func unsupported(p Plan, msg string) error {
	e := errs.New("_LEGACY_ERROR_TEMP_3102", "msg", msg)
	e.Detail = Tree(p)
	return e
}

func unsupportedMode(mode, operation string) error {
	return errs.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode", mode, "operation", operation)
}

// CheckStream says whether a resolved streaming plan can run in an output mode, as PySpark says at start(). First the
// mode against the aggregations, then each node from the sources up, then, unless the user takes the risk, stateful
// nodes above others.
func CheckStream(p Plan, mode string, risky bool) error {
	aggregates := streamingAggregates(p)
	if err := checkGroupStates(p); err != nil {
		return err
	}
	switch {
	case mode == Complete && len(aggregates) == 0:
		return unsupportedMode(mode, "no streaming aggregations")
	case mode == Update && len(aggregates) > 0 && hasSessionKey(aggregates[0]):
		return unsupportedMode(mode, "session window streaming aggregations")
	case mode == Append:
		for _, a := range aggregates {
			if !hasEventTimeKey(a) {
				return unsupportedMode(mode, "streaming aggregations without watermark")
			}
		}
	}
	if err := checkGroupState(p, mode); err != nil {
		return err
	}
	if err := checkNodes(p, mode); err != nil {
		return err
	}
	if !risky {
		if err := checkLateRows(p, mode); err != nil {
			return err
		}
	}
	if mode == Update && slices.ContainsFunc(aggregates, hasSessionKey) {
		return unsupportedMode(mode, "session window streaming aggregations")
	}
	return nil
}

func streamingAggregates(p Plan) []*Aggregate {
	var out []*Aggregate
	Walk(p, func(n Plan) bool {
		if a, ok := n.(*Aggregate); ok && a.Streaming() {
			out = append(out, a)
		}
		_, rewritten := n.(*Refused)
		return n.Streaming() && !rewritten
	})
	return out
}

func hasEventTimeKey(a *Aggregate) bool {
	for _, k := range a.Keys {
		if at, ok := k.(*expr.Attr); ok && at.EventTime {
			return true
		}
	}
	return false
}

func hasSessionKey(a *Aggregate) bool {
	for _, k := range a.Keys {
		if at, ok := k.(*expr.Attr); ok && IsSession(at) {
			return true
		}
	}
	return false
}

// checkNodes checks nodes from the leaves up.
func checkNodes(p Plan, mode string) error {
	if !p.Streaming() {
		return nil
	}
	if n, ok := p.(*Refused); ok {
		return unsupported(n, n.Message)
	}
	for _, c := range p.Children() {
		if err := checkNodes(c, mode); err != nil {
			return err
		}
	}
	if err := checkNode(p, mode); err != nil {
		return err
	}
	return checkExpressions(p)
}

// checkExpressions refuses what numbers rows by the partitions that they were read in.
func checkExpressions(p Plan) error {
	var found error
	mapExprs(p, func(e expr.Expr) expr.Expr {
		numbered := expr.Find(e, func(x expr.Expr) bool {
			a, ok := x.(*expr.Apply)
			return ok && a.Fn.Name == "monotonically_increasing_id"
		})
		if numbered != nil {
			found = unsupported(p, "Expression(s): "+numbered.String()+" is not supported with streaming DataFrames/Datasets")
		}
		return e
	})
	return found
}

func checkNode(p Plan, mode string) error {
	switch n := p.(type) {
	case *Project:
		return checkOver(n)
	case *Aggregate:
		return checkDistinctAggs(n)
	case *Join:
		return checkJoin(n, mode)
	case *Union:
		for _, in := range n.Inputs {
			if !in.Streaming() {
				return unsupported(n, "Union between streaming and batch DataFrames/Datasets is not supported")
			}
		}
	case *Distinct:
		if n.WithinWatermark && n.EventTime == nil {
			return unsupported(n, "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark")
		}
	case *Limit:
		if mode == Update {
			return unsupported(n, "Limits are not supported on streaming DataFrames/Datasets in Update output mode")
		}
	case *Offset:
		return unsupported(n, "Offset is not supported on streaming DataFrames/Datasets")
	case *Sample:
		return unsupported(n, "Sampling is not supported on streaming DataFrames/Datasets")
	case *Sort:
		if mode != Complete || len(streamingAggregates(n)) == 0 {
			return unsupported(n, "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode")
		}
	}
	return nil
}

func checkDistinctAggs(n *Aggregate) error {
	for _, o := range n.Outputs {
		for _, g := range aggsIn(o) {
			if g.Distinct {
				return unsupported(n, "Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead.")
			}
		}
	}
	return nil
}

// checkJoin says which joins a stream allows, by what streams: one side or both.
func checkJoin(n *Join, mode string) error {
	left, right := n.Left.Streaming(), n.Right.Streaming()
	kind := string(n.Type)
	if left && right {
		if err := checkStreamStream(n, mode); err != nil {
			return err
		}
	}
	switch n.Type {
	case LeftAnti:
		if right {
			return unsupported(n, "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported")
		}
	case LeftOuter, LeftSemi:
		if !left && right {
			return unsupported(n, kind+" join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported")
		}
	case RightOuter:
		if left && !right {
			return unsupported(n, "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported")
		}
	case FullOuter:
		switch {
		case left && !right:
			return unsupported(n, "FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported")
		case right && !left:
			return unsupported(n, "FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported")
		}
	}
	return nil
}

func checkStreamStream(n *Join, mode string) error {
	between := string(n.Type) + " join between two streaming DataFrames/Datasets is not supported in "
	name := map[string]string{Update: "Update", Complete: "Complete"}[mode]
	outer := n.Type == LeftOuter || n.Type == RightOuter || n.Type == FullOuter
	switch {
	case n.Type == LeftAnti:
		return nil
	case outer && mode != Append:
		return unsupported(n, between+name+" output mode, only in Append output mode")
	case !outer && mode == Complete:
		kind := n.Type
		if kind == Cross {
			between = string(Inner) + between[len(Cross):]
		}
		return unsupported(n, between+"Complete output mode, only in Append and Update output modes")
	case outer || n.Type == LeftSemi:
		if !boundedState(n) {
			return unsupported(n, "Stream-stream "+string(n.Type)+" join between two streaming DataFrame/Datasets is not supported "+
				"without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition")
		}
	}
	return nil
}

// boundedState says that a watermark ends the wait for a match: an event time among the equal keys, or a range that says
// how long a row of a side that has to come out waits for the other side's.
func boundedState(n *Join) bool {
	if n.Condition == nil {
		return false
	}
	left, right := n.Left.Output(), n.Right.Output()
	list := conjuncts(n.Condition)
	for _, c := range list {
		a, ok := c.(*expr.Apply)
		if !ok || a.Fn.Name != "=" || within(c, left) || within(c, right) {
			continue
		}
		for _, side := range a.Args {
			if at, ok := side.(*expr.Attr); ok && at.EventTime {
				return true
			}
		}
	}
	onLeft, onRight := len(Bounds(list, left, right)) > 0, len(Bounds(list, right, left)) > 0
	switch n.Type {
	case RightOuter:
		return onRight
	case FullOuter:
		return onLeft || onRight
	}
	return onLeft
}

// checkLateRows refuses a stateful node over one that may emit rows older than the watermark: they would be dropped.
func checkLateRows(p Plan, mode string) error {
	var found error
	Walk(p, func(n Plan) bool {
		if found != nil || !n.Streaming() {
			return false
		}
		if stateful(n) {
			for _, c := range n.Children() {
				Walk(c, func(below Plan) bool {
					if found == nil && emitsLate(below, mode) {
						found = unsupported(n, lateRows)
					}
					return found == nil && below.Streaming()
				})
			}
		}
		return true
	})
	return found
}

const lateRows = "Detected pattern of possible 'correctness' issue due to global watermark. " +
	"The query contains stateful operation which can emit rows older than the current watermark plus allowed late record delay, " +
	"which are \"late rows\" in downstream stateful operations and these rows can be discarded. " +
	"Please refer the programming guide doc for more details. If you understand the possible risk of correctness issue and still " +
	"need to run the query, you can disable this check by setting the config `spark.sql.streaming.statefulOperator.checkCorrectness.enabled` to false."

func stateful(p Plan) bool {
	switch n := p.(type) {
	case *Aggregate:
		return true
	case *Join:
		return n.Left.Streaming() && n.Right.Streaming()
	case *Distinct:
		if n.WithinWatermark {
			return true
		}
		for _, k := range n.Keys {
			if k.EventTime {
				return true
			}
		}
	}
	return false
}

// emitsLate says that a node gives rows again that it gave before: all of them in complete, those that changed in update
// mode; or that it is a function which is called when an event time has passed. Joins give rows older than the watermark
// too, but theirs is then as much earlier.
func emitsLate(p Plan, mode string) bool {
	switch n := p.(type) {
	case *Aggregate:
		return n.Streaming() && mode != Append
	case *GroupMap:
		return n.Streaming() && n.State != nil && n.State.Timeout == "EventTimeTimeout"
	}
	return false
}

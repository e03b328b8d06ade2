package logical

// groupStates are the functions with state.
func groupStates(p Plan) (out []*GroupMap) {
	Walk(p, func(n Plan) bool {
		if g, ok := n.(*GroupMap); ok && g.State != nil && g.Streaming() {
			out = append(out, g)
		}
		return n.Streaming()
	})
	return out
}

// checkGroupStates refuses several functions with state in one query.
func checkGroupStates(p Plan) error {
	if len(groupStates(p)) > 1 {
		return unsupported(p, "Multiple applyInPandasWithStates are not supported on a streaming DataFrames/Datasets")
	}
	return nil
}

// checkGroupState says whether a function with state fits the query: its mode the query's, or the aggregations'.
func checkGroupState(p Plan, mode string) error {
	const name = "applyInPandasWithState in "
	found := groupStates(p)
	if len(found) == 0 {
		return nil
	}
	n, aggregated := found[0], len(streamingAggregates(p)) > 0
	switch {
	case n.State.Mode == Append && aggregated:
		if len(streamingAggregates(n.Child)) > 0 {
			return unsupported(n, name+"append mode is not supported after aggregation on a streaming DataFrame/Dataset")
		}
	case n.State.Mode == Update && aggregated:
		return unsupported(n, name+"update mode is not supported with aggregation on a streaming DataFrame/Dataset")
	case n.State.Mode != mode:
		shown := map[string]string{Append: "Append", Update: "Update", Complete: "Complete"}[mode]
		return unsupported(n, name+n.State.Mode+" mode is not supported with "+shown+" output mode on a streaming DataFrame/Dataset")
	}
	if n.State.Timeout == "EventTimeTimeout" && n.State.EventTime == nil {
		return unsupported(n, "Watermark must be specified in the query using '[Dataset/DataFrame].withWatermark()' for using event-time timeout in a "+
			"applyInPandasWithState. Event-time timeout not supported without watermark.")
	}
	return nil
}

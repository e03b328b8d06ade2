package connect

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	pb "pysparkcompat/proto/spark/connect"
)

// input is any message with one child relation.
type input interface{ GetInput() *pb.Relation }

// unary decodes the nodes that have one input.
func (d *decoder) unary(r *pb.Relation) (logical.Plan, error) {
	message, name := single(r)
	if message == nil {
		return nil, errs.NotBuilt(name)
	}
	if message.GetInput() == nil {
		if p, ok := message.(*pb.Project); ok {
			exprs, err := d.expressions(p.GetExpressions())
			return &logical.Project{Child: oneRow(), Exprs: exprs}, err
		}
		return nil, errs.New("CONNECT_INVALID_PLAN.RELATION_NOT_SET")
	}
	child, err := d.relation(message.GetInput())
	if err != nil {
		return nil, err
	}
	switch m := message.(type) {
	case *pb.Project:
		exprs, err := d.expressions(m.GetExpressions())
		return &logical.Project{Child: child, Exprs: namedCasts(exprs)}, err
	case *pb.Filter:
		condition, err := d.expression(m.GetCondition())
		return &logical.Filter{Child: child, Condition: condition}, err
	case *pb.WithColumns:
		return d.withColumns(child, m)
	case *pb.Aggregate:
		return d.aggregate(child, m)
	case *pb.Sort:
		return d.sort(child, m)
	case *pb.Drop:
		exprs, err := d.expressions(m.GetColumns())
		return &logical.Drop{Child: child, Names: m.GetColumnNames(), Exprs: exprs}, err
	case *pb.RepartitionByExpression:
		keys, err := d.expressions(m.GetPartitionExprs())
		return &logical.Repartition{Child: child, N: int(m.GetNumPartitions()), Keys: keys, Shuffle: true}, err
	case *pb.MapPartitions:
		return d.mapPartitions(child, m)
	case *pb.GroupMap:
		return d.groupMap(child, m)
	case *pb.CoGroupMap:
		return d.cogroupMap(child, m)
	case *pb.ApplyInPandasWithState:
		return d.groupState(child, m)
	case *pb.NAFill, *pb.NADrop, *pb.NAReplace:
		return nulls(child, m)
	case *pb.CollectMetrics:
		return d.observe(child, m)
	}
	return plainUnary(child, message)
}

// namedCasts gives a cast of a cast of a column the column's name, as select does and SQL does not.
func namedCasts(list []expr.Expr) []expr.Expr {
	for i, e := range list {
		outer, ok := e.(*expr.Cast)
		if !ok {
			continue
		}
		inner, nested := outer.Child.(*expr.Cast)
		for nested && inner != nil {
			if n, ok := inner.Child.(*expr.Name); ok {
				list[i] = &expr.Alias{Child: e, Names: n.Parts[len(n.Parts)-1:]}
			}
			inner, nested = inner.Child.(*expr.Cast)
		}
	}
	return list
}

// plainUnary decodes nodes without expressions.
func plainUnary(child logical.Plan, message input) (logical.Plan, error) {
	switch m := message.(type) {
	case *pb.Limit:
		return &logical.Limit{Child: child, N: int64(m.GetLimit())}, nil
	case *pb.Tail:
		return &logical.Limit{Child: child, N: int64(m.GetLimit()), Tail: true}, nil
	case *pb.Offset:
		return &logical.Offset{Child: child, N: int64(m.GetOffset())}, nil
	case *pb.Deduplicate:
		return &logical.Distinct{Child: child, Columns: m.GetColumnNames(), All: m.GetAllColumnsAsKeys(), WithinWatermark: m.GetWithinWatermark()}, nil
	case *pb.SubqueryAlias:
		return &logical.SubqueryAlias{Child: child, Name: m.GetAlias()}, nil
	case *pb.Repartition:
		return &logical.Repartition{Child: child, N: int(m.GetNumPartitions()), Shuffle: m.GetShuffle()}, nil
	case *pb.ToDF:
		return &logical.Rename{Child: child, To: m.GetColumnNames()}, nil
	case *pb.WithColumnsRenamed:
		out := &logical.Rename{Child: child, From: []string{}}
		for _, rename := range m.GetRenames() {
			out.From, out.To = append(out.From, rename.GetColName()), append(out.To, rename.GetNewColName())
		}
		for from, to := range m.GetRenameColumnsMap() {
			out.From, out.To = append(out.From, from), append(out.To, to)
		}
		return out, nil
	case *pb.WithWatermark:
		return &logical.Watermark{Child: child, Column: &expr.Name{Parts: []string{m.GetEventTime()}, PlanID: -1}, DelayText: m.GetDelayThreshold()}, nil
	case *pb.Sample:
		return &logical.Sample{Child: child, Lower: m.GetLowerBound(), Upper: m.GetUpperBound(), WithReplacement: m.GetWithReplacement(), Seed: m.GetSeed(), Ordered: m.GetDeterministicOrder()}, nil
	case *pb.Hint: // hints steer executors; none of them changes an answer
		return child, nil
	}
	return nil, notBuilt(message)
}

// single gives the message of a node with one input, or the PySpark name of what is not built.
func single(r *pb.Relation) (input, string) {
	switch t := r.GetRelType().(type) {
	case *pb.Relation_Project:
		return t.Project, ""
	case *pb.Relation_Filter:
		return t.Filter, ""
	case *pb.Relation_Sort:
		return t.Sort, ""
	case *pb.Relation_Limit:
		return t.Limit, ""
	case *pb.Relation_Aggregate:
		return t.Aggregate, ""
	case *pb.Relation_Sample:
		return t.Sample, ""
	case *pb.Relation_Offset:
		return t.Offset, ""
	case *pb.Relation_Deduplicate:
		return t.Deduplicate, ""
	case *pb.Relation_SubqueryAlias:
		return t.SubqueryAlias, ""
	case *pb.Relation_Repartition:
		return t.Repartition, ""
	case *pb.Relation_RepartitionByExpression:
		return t.RepartitionByExpression, ""
	case *pb.Relation_ToDf:
		return t.ToDf, ""
	case *pb.Relation_WithColumnsRenamed:
		return t.WithColumnsRenamed, ""
	case *pb.Relation_WithColumns:
		return t.WithColumns, ""
	case *pb.Relation_CollectMetrics:
		return t.CollectMetrics, ""
	case *pb.Relation_Drop:
		return t.Drop, ""
	case *pb.Relation_Tail:
		return t.Tail, ""
	case *pb.Relation_Hint:
		return t.Hint, ""
	case *pb.Relation_WithWatermark:
		return t.WithWatermark, ""
	case *pb.Relation_MapPartitions:
		return t.MapPartitions, ""
	case *pb.Relation_GroupMap:
		return t.GroupMap, ""
	case *pb.Relation_CoGroupMap:
		return t.CoGroupMap, ""
	case *pb.Relation_ApplyInPandasWithState:
		return t.ApplyInPandasWithState, ""
	case *pb.Relation_FillNa:
		return t.FillNa, ""
	case *pb.Relation_DropNa:
		return t.DropNa, ""
	case *pb.Relation_Replace:
		return t.Replace, ""
	}
	return nil, lacking(r)
}

// lacking names relations by the method that a user calls.
func lacking(r *pb.Relation) string {
	switch r.GetRelType().(type) {
	case *pb.Relation_Unpivot:
		return "DataFrame.unpivot"
	case *pb.Relation_ToSchema:
		return "DataFrame.to"
	case *pb.Relation_Parse:
		return "DataFrameReader.json(frame of strings)"
	case *pb.Relation_AsOfJoin, *pb.Relation_LateralJoin, *pb.Relation_NearestByJoin:
		return "DataFrame.lateralJoin"
	case *pb.Relation_Transpose:
		return "DataFrame.transpose"
	case *pb.Relation_Summary:
		return "DataFrame.summary"
	case *pb.Relation_Describe:
		return "DataFrame.describe"
	case *pb.Relation_Crosstab, *pb.Relation_Cov, *pb.Relation_Corr, *pb.Relation_ApproxQuantile, *pb.Relation_FreqItems, *pb.Relation_SampleBy:
		return "DataFrame.stat"
	case *pb.Relation_Catalog:
		return "SparkSession.catalog"
	case *pb.Relation_MlRelation:
		return "pyspark.ml"
	}
	return "Relation " + string(r.ProtoReflect().Descriptor().Name())
}

func (d *decoder) withColumns(child logical.Plan, m *pb.WithColumns) (logical.Plan, error) {
	out := &logical.WithColumns{Child: child}
	for _, a := range m.GetAliases() {
		e, err := d.alias(a)
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, e)
	}
	return out, nil
}

func (d *decoder) observe(child logical.Plan, m *pb.CollectMetrics) (logical.Plan, error) {
	metrics, err := d.expressions(m.GetMetrics())
	if err != nil {
		return nil, err
	}
	return &logical.CollectMetrics{Child: child, Name: m.GetName(), Metrics: namedCasts(metrics), Told: logical.NewObserved()}, nil
}

func (d *decoder) aggregate(child logical.Plan, m *pb.Aggregate) (logical.Plan, error) {
	switch m.GetGroupType() {
	case pb.Aggregate_GROUP_TYPE_GROUPBY:
	case pb.Aggregate_GROUP_TYPE_PIVOT:
		return nil, errs.NotBuilt("GroupedData.pivot")
	default:
		return nil, errs.NotBuilt("DataFrame.rollup, cube and groupingSets")
	}
	keys, err := d.expressions(m.GetGroupingExpressions())
	if err != nil {
		return nil, err
	}
	outputs, err := d.expressions(m.GetAggregateExpressions())
	if err != nil {
		return nil, err
	}
	return &logical.Aggregate{Child: child, Keys: keys, Outputs: append(append([]expr.Expr(nil), keys...), outputs...)}, nil
}

func (d *decoder) sort(child logical.Plan, m *pb.Sort) (logical.Plan, error) {
	out := &logical.Sort{Child: child, Global: m.GetIsGlobal()}
	for _, o := range m.GetOrder() {
		e, err := d.sortOrder(o)
		if err != nil {
			return nil, err
		}
		out.Order = append(out.Order, e)
	}
	return out, nil
}

func (d *decoder) mapPartitions(child logical.Plan, m *pb.MapPartitions) (logical.Plan, error) {
	e, err := d.userFunction(m.GetFunc())
	if err != nil {
		return nil, err
	}
	return &logical.MapBatches{Child: child, Fn: e, Barrier: m.GetIsBarrier()}, nil
}

// oneRow is what a select without a frame reads.
func oneRow() logical.Plan { return &logical.Range{Start: 0, End: 1, Step: 1, Partitions: 1} }

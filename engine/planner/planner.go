// Package planner turns an optimized logical plan into operators.
//
// It is the only package that knows both sides. It decides where rows are spread, which side of a join is built, and
// how aggregation is cut into phases; it rewrites nothing that the optimizer could. engine calls it. Invariants: the
// columns of a feed are the Output of its logical node, in order; nothing is opened or run while planning.
package planner

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// Env is what a plan is made for.
type Env struct {
	Instance exec.Instance
	Cores    int
	// Partitions is the pinned number of state's partitions.
	Partitions int
	Runner     udf.Runner
	// Zone and Conf are what Python functions are told of the session.
	Zone string
	Conf map[string]string
	// BatchRows is how many rows a Python function gets at once.
	BatchRows int
	// Store and Mode are those of a streaming query; Store is nil for a batch, or where the plan keeps no state.
	Store state.Store
	Mode  sink.Mode
	// OneWatermark gives all operators the query's own watermark, for late rows too, as Spark did before it allowed several.
	OneWatermark bool
}

// Plan is operators with the sources that feed them.
type Plan struct {
	Root *exec.Node
	// Leaves has one entry a source number of the root's leaves.
	Leaves []Leaf
	// Delays has one entry a watermark operator, in microseconds; Stateful counts the operators with state; Evicts says
	// that some state goes by the watermark, Ticks that some goes by the clock: epochs without data are always wanted.
	Delays   []int64
	Stateful int
	Evicts   bool
	Ticks    bool
	// Broken is what is wrong with the plan that PySpark finds only when the query runs; it then ends by it.
	Broken error
	// Redefined is the error of an epoch whose watermark is later than 1970, nil where there is none.
	Redefined error
	Schema    types.Struct
	// Observed has one entry an observe.
	Observed []Observed
}

// Leaf is what a source number stands for.
type Leaf struct {
	Scan  *logical.Scan
	Data  *logical.Data
	Range *logical.Range
}

// build holds what is found while planning.
type build struct {
	env      *Env
	leaves   []Leaf
	delays   []int64
	stateful int
	evicts   bool
	ticks    bool
	broken   error
	observed []Observed
}

// Make plans a whole query. The root is a node even where the plan is a bare source.
func Make(p logical.Plan, env *Env) (*Plan, error) {
	b := &build{env: env}
	f, err := b.feed(p)
	if err != nil {
		return nil, err
	}
	root, ok := f.(*exec.Node)
	if !ok {
		root = pick(f, identity(len(p.Output())), p.Output(), "")
	}
	plan := &Plan{Root: root, Leaves: b.leaves, Delays: b.delays, Stateful: b.stateful, Evicts: b.evicts, Ticks: b.ticks, Schema: fields(p.Output()), Observed: b.observed}
	if plan.Broken = b.broken; plan.Broken == nil && len(b.delays) > 1 && !env.OneWatermark {
		plan.Redefined = b.redefined(p)
	}
	return plan, nil
}

// feed plans one node with all beneath it.
func (b *build) feed(p logical.Plan) (exec.Feed, error) {
	switch n := p.(type) {
	case *logical.Scan:
		return b.scan(n), nil
	case *logical.Data:
		name := "LocalTableScan"
		if n.Text != "" {
			name = n.Line()
		}
		return b.leaf(Leaf{Data: n}, name, nil), nil
	case *logical.Range:
		return b.leaf(Leaf{Range: n}, n.Line(), nil), nil
	case *logical.OneRow:
		return b.leaf(Leaf{Range: &logical.Range{End: 1, Step: 1, Partitions: 1}}, "OneRow", nil), nil
	case *logical.Project:
		return b.project(n)
	case *logical.Filter:
		return b.filter(n)
	case *logical.Aggregate:
		return b.aggregate(n)
	case *logical.Join:
		return b.join(n)
	case *logical.Union:
		return b.union(n)
	case *logical.Windowed:
		return b.windowed(n)
	case *logical.Generate:
		return b.generate(n)
	case *logical.Watermark:
		return b.watermark(n)
	case *logical.Distinct:
		return b.distinct(n)
	}
	return b.rest(p)
}

func (b *build) rest(p logical.Plan) (exec.Feed, error) {
	switch n := p.(type) {
	case *logical.Sort:
		return b.sort(n, -1)
	case *logical.Limit:
		return b.limit(n)
	case *logical.Offset:
		return b.offset(n)
	case *logical.Repartition:
		return b.repartition(n)
	case *logical.Sample:
		return b.sample(n)
	case *logical.MapBatches:
		return b.mapBatches(n)
	case *logical.CollectMetrics:
		return b.observe(n)
	case *logical.GroupMap:
		return b.groupMap(n)
	case *logical.Tag:
		return b.feed(n.Child)
	case *logical.SubqueryAlias:
		return b.feed(n.Child)
	}
	return nil, errs.Internal("no operator for %T", p)
}

// fields is a frame's schema from its attributes.
func fields(attrs []*expr.Attr) types.Struct {
	out := types.Struct{Fields: make([]types.Field, len(attrs))}
	for i, a := range attrs {
		out.Fields[i] = types.Field{Name: a.Name, Type: a.DataType, Nullable: a.Null, Metadata: a.Metadata}
	}
	return out
}

func schemaOf(attrs []*expr.Attr) *arrow.Schema { return types.ArrowSchema(fields(attrs)) }

// identity is the first n column numbers.
func identity(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// position is where an attribute lies among others.
func position(id expr.ID, among []*expr.Attr) (int, error) {
	for i, a := range among {
		if a.ID == id {
			return i, nil
		}
	}
	return 0, errs.Internal("attribute %d is not among %d columns", id, len(among))
}

func positions(wanted, among []*expr.Attr) ([]int, error) {
	out := make([]int, len(wanted))
	for i, a := range wanted {
		var err error
		if out[i], err = position(a.ID, among); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pick is a node that passes some columns on.
func pick(from exec.Feed, numbers []int, attrs []*expr.Attr, text string) *exec.Node {
	schema := schemaOf(attrs)
	return &exec.Node{Inputs: []exec.Feed{from}, Name: "Project", Make: func(exec.Instance) (exec.Operator, error) {
		return exec.NewColumns(numbers, schema, text), nil
	}}
}

// Package logical is the plan as the user wrote it, its analyzer and its optimizer.
//
// It is not how a plan runs (exec, planner). The bridge and the SQL parser build nodes, the analyzer resolves and
// types them, the optimizer rewrites them. Invariants: nodes are immutable; Output of a resolved node is fixed;
// a resolved node has only resolved children and typed expressions; rules are functions from node to node, one file each.
package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Plan is a node.
type Plan interface {
	Children() []Plan
	With(children []Plan) Plan
	// Output is the attributes of the node's rows; only a resolved node has them.
	Output() []*expr.Attr
	Resolved() bool
	// Streaming says that a source beneath is unbounded.
	Streaming() bool
	// Line is the node's own line in explain() and in error details: Project [a#1, b#2].
	Line() string
}

// JoinType is a join's kind.
type JoinType string

const (
	Inner      JoinType = "Inner"
	LeftOuter  JoinType = "LeftOuter"
	RightOuter JoinType = "RightOuter"
	FullOuter  JoinType = "FullOuter"
	LeftSemi   JoinType = "LeftSemi"
	LeftAnti   JoinType = "LeftAnti"
	Cross      JoinType = "Cross"
)

// The nodes below are what the bridge and the SQL parser build. node holds what resolution adds.
type node struct {
	output   []*expr.Attr
	resolved bool
}

// Handle is a frame that the session already holds; the analyzer replaces it by the resolved plan.
type Handle struct{ Plan Plan }

// Named is a table or view by name.
type Named struct {
	node
	Parts      []string
	Options    map[string]string
	Streaming_ bool
}

// Data is rows at hand: createDataFrame, the frame of a foreachBatch, a memory table. Batches are retained by the node's owner.
type Data struct {
	node
	Schema types.Struct
	Rows   Rows
	Text   string
}

// Rows is where Data's batches lie. Batches gives them, borrowed.
type Rows interface{ Len() int64 }

// Scan reads a source: spark.read and spark.readStream.
type Scan struct {
	node
	Format  string
	Paths   []string
	Schema  *types.Struct // the user's, or nil
	Options map[string]string
	Stream  bool
	// Source is what the catalog opened in analysis (a source.Table or source.Stream factory).
	Source any
}

// Range is spark.range.
type Range struct {
	node
	Start, End, Step int64
	Partitions       int
}

// Project is select; expressions may hold stars, generators and aliases until resolved.
type Project struct {
	node
	Child Plan
	Exprs []expr.Expr
}

// WithColumns adds or replaces columns by name; resolved into Project.
type WithColumns struct {
	node
	Child   Plan
	Columns []*expr.Alias
}

// Rename is withColumnRenamed and toDF: resolved into Project. To alone (From nil) names every column.
type Rename struct {
	node
	Child    Plan
	From, To []string
}

// Drop removes columns by name or expression; resolved into Project.
type Drop struct {
	node
	Child Plan
	Names []string
	Exprs []expr.Expr
}

// Filter keeps rows for which the condition is true.
type Filter struct {
	node
	Child     Plan
	Condition expr.Expr
}

// Aggregate groups by keys; Outputs are the key and aggregate columns as the user sees them.
type Aggregate struct {
	node
	Child   Plan
	Keys    []expr.Expr
	Outputs []expr.Expr
}

// Join joins; Using columns are equated and come out once.
type Join struct {
	node
	Left, Right Plan
	Type        JoinType
	Condition   expr.Expr
	Using       []string
}

// Union appends rows by position, or by name.
type Union struct {
	node
	Inputs       []Plan
	ByName       bool
	AllowMissing bool
}

// Sort orders rows; Global over the whole frame, else within partitions.
type Sort struct {
	node
	Child  Plan
	Order  []expr.Expr // *expr.Sort once resolved
	Global bool
}

// Limit and Offset cut rows; a Limit with Tail keeps the last ones.
type Limit struct {
	node
	Child Plan
	N     int64
	Tail  bool
}

// Offset skips rows.
type Offset struct {
	node
	Child Plan
	N     int64
}

// Distinct drops equal rows; with Columns those equal in the columns; WithinWatermark bounds the state.
type Distinct struct {
	node
	Child           Plan
	Columns         []string
	All             bool
	WithinWatermark bool
}

// SubqueryAlias names a frame for qualified references.
type SubqueryAlias struct {
	node
	Child Plan
	Name  string
}

// Watermark is withWatermark; Delay is microseconds once resolved.
type Watermark struct {
	node
	Child     Plan
	Column    expr.Expr
	DelayText string
	Delay     int64
}

// Repartition changes how rows are spread; Keys empty means round robin. Shuffle false is coalesce.
type Repartition struct {
	node
	Child   Plan
	N       int
	Keys    []expr.Expr
	Shuffle bool
}

// MapBatches is mapInArrow and mapInPandas.
type MapBatches struct {
	node
	Child   Plan
	Fn      *expr.UDF
	Barrier bool
}

// Sample keeps a random part of rows.
type Sample struct {
	node
	Child           Plan
	Lower, Upper    float64
	WithReplacement bool
	Seed            int64
}

// Generate is explode and its kin over a child, added by the analyzer.
type Generate struct {
	node
	Child     Plan
	Generator *expr.Generate
	// Attrs are the generated columns; Required are the child's columns that are kept.
	Attrs []*expr.Attr
}

// Windowed adds a window column for each window a row falls into (sliding windows), added by the analyzer.
type Windowed struct {
	node
	Child  Plan
	Window *expr.TimeWindow
	Attr   *expr.Attr
}

// Tag carries a frame's plan_id, so that df["x"] finds its column; it stands on top of each frame's plan.
type Tag struct {
	node
	Child Plan
	ID    int64
}

// Package logical is the plan as the user wrote it, its analyzer and its optimizer.
//
// It is not how a plan runs (exec, planner). The bridge and the SQL parser build nodes, the analyzer resolves and
// types them, the optimizer rewrites them. Invariants: nodes are immutable; Output of a resolved node is fixed;
// a resolved node has only resolved children and typed expressions; rules are functions from node to node, one file each.
package logical

import (
	"strconv"
	"strings"

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

// node holds what resolution adds to a node whose output is not its child's.
type node struct {
	output   []*expr.Attr
	resolved bool
}

func (n *node) Output() []*expr.Attr { return n.output }
func (n *node) Resolved() bool       { return n.resolved }

// done is a node that resolution has finished.
func done(output []*expr.Attr) node { return node{output: output, resolved: true} }

// Schema is a resolved plan's schema.
func Schema(p Plan) types.Struct {
	out := types.Struct{Fields: make([]types.Field, 0, len(p.Output()))}
	for _, a := range p.Output() {
		out.Fields = append(out.Fields, fieldOf(a))
	}
	return out
}

// SchemaOf is the schema that named, resolved expressions make.
func SchemaOf(exprs []expr.Expr) types.Struct {
	out := types.Struct{Fields: make([]types.Field, len(exprs))}
	for i, e := range exprs {
		out.Fields[i] = fieldOf(attrFor(e))
	}
	return out
}

func fieldOf(a *expr.Attr) types.Field {
	return types.Field{Name: a.Name, Type: a.DataType, Nullable: a.Null, Metadata: withDelay(a)}
}

// withDelay is a column's metadata with the delay of the watermark that stands on it.
func withDelay(a *expr.Attr) string {
	if !a.EventTime {
		return a.Metadata
	}
	delay := `"spark.watermarkDelayMs":` + strconv.FormatInt(a.Delay/1000, 10) + "}"
	if rest := strings.TrimSuffix(a.Metadata, "}"); len(rest) > 1 {
		return rest + "," + delay
	}
	return "{" + delay
}

// streaming says that one of the plans reads an unbounded source.
func streaming(plans ...Plan) bool {
	for _, p := range plans {
		if p.Streaming() {
			return true
		}
	}
	return false
}

// Walk calls visit on every node, parents before children; where visit answers false the children are passed over.
func Walk(p Plan, visit func(Plan) bool) {
	if !visit(p) {
		return
	}
	for _, c := range p.Children() {
		Walk(c, visit)
	}
}

// attrsOf makes fresh attributes for a schema.
func attrsOf(s types.Struct) []*expr.Attr {
	out := make([]*expr.Attr, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = &expr.Attr{ID: expr.NewID(), Name: f.Name, DataType: f.Type, Null: f.Nullable, Metadata: f.Metadata}
	}
	return out
}

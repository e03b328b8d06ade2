package logical

import (
	"fmt"
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/types"
)

// Scan reads a source: spark.read and spark.readStream.
type Scan struct {
	node
	Format  string
	Paths   []string
	Schema  *types.Struct // the user's, or nil
	Options map[string]string
	Stream  bool
	// Table is the whole name of the table whose files these are, nil where they are none's; Partitions its partition columns.
	Table, Partitions []string
	// Source is what the catalog opened in analysis (a source.Table or source.Stream factory); nodes with the same
	// Source read the same rows.
	Source any
	// Full is the source's whole schema, set in analysis.
	Full types.Struct
	// Hidden is the column _metadata, which is not in the output; nil where the source has none, or it is revealed.
	Hidden *expr.Attr
	// Columns, once pruned, are the field numbers of Full that are wanted, in the order of Output; nil is all of them.
	Columns []int
	// Instance tells apart the occurrences of a stream that is joined with itself: each is a source of its own.
	Instance expr.ID
	// Unread says that nothing above wants a row: a stream's offsets go on, its rows are not read.
	Unread bool
	// Filters, once pushed, may be used to leave rows out; the plan filters again above. Column is a number of Full.
	Filters []format.Filter
}

func (s *Scan) Children() []Plan   { return nil }
func (s *Scan) With(_ []Plan) Plan { return s }
func (s *Scan) Streaming() bool    { return s.Stream }
func (s *Scan) Line() string {
	name := "Relation "
	if s.Stream {
		name = "StreamingRelation "
	}
	line := name + attrList(s.output) + " " + s.Format
	if len(s.Filters) > 0 {
		parts := make([]string, len(s.Filters))
		for i, f := range s.Filters {
			parts[i] = f.Op + "(" + s.Full.Fields[f.Column].Name
			if f.Value != nil {
				parts[i] += fmt.Sprintf(", %v", f.Value)
			}
			parts[i] += ")"
		}
		line += ", PushedFilters: [" + strings.Join(parts, ", ") + "]"
	}
	return line
}

package logical

import "pysparkcompat/engine/types"

// Data is rows at hand: createDataFrame, the frame of a foreachBatch, a memory table. Batches are retained by the
// node's owner. Columns, once pruned, are the field numbers of Schema that are wanted, in the order of Output; nil is
// all of them.
type Data struct {
	node
	Schema  types.Struct
	Rows    Rows
	Text    string
	Columns []int
}

// Rows is where Data's batches lie. Batches gives them, borrowed.
type Rows interface{ Len() int64 }

func (d *Data) Children() []Plan   { return nil }
func (d *Data) With(_ []Plan) Plan { return d }
func (d *Data) Streaming() bool    { return false }
func (d *Data) Line() string {
	name := d.Text
	if name == "" {
		name = "LocalRelation"
	}
	return name + " " + attrList(d.output)
}

package logical

import "pysparkcompat/engine/expr"

// Held is a resolved Data with attributes of another plan: what a cached frame is read from.
func Held(output []*expr.Attr, rows Rows, text string) *Data {
	d := &Data{node: done(output), Rows: rows, Text: text}
	d.Schema = Schema(d)
	return d
}

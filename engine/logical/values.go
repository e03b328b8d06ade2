package logical

import (
	"fmt"

	"pysparkcompat/engine/expr"
)

// Values is VALUES (…), (…): rows of expressions without columns to refer to; resolved into a Union of Projects.
type Values struct {
	node
	Rows [][]expr.Expr
}

func (v *Values) Children() []Plan   { return nil }
func (v *Values) With(_ []Plan) Plan { return v }
func (v *Values) Streaming() bool    { return false }
func (v *Values) Line() string       { return fmt.Sprintf("'UnresolvedInlineTable [%d rows]", len(v.Rows)) }

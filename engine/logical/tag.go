package logical

import (
	"pysparkcompat/engine/expr"
)

// Tag carries a frame's plan_id, so that df["x"] finds its column; it stands on top of each frame's plan.
type Tag struct {
	Child Plan
	ID    int64
}

func (t *Tag) Children() []Plan     { return []Plan{t.Child} }
func (t *Tag) With(c []Plan) Plan   { return &Tag{Child: c[0], ID: t.ID} }
func (t *Tag) Output() []*expr.Attr { return t.Child.Output() }
func (t *Tag) Resolved() bool       { return t.Child.Resolved() }
func (t *Tag) Streaming() bool      { return t.Child.Streaming() }
func (t *Tag) Line() string         { return t.Child.Line() }

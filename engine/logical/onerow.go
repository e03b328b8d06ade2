package logical

// OneRow is one row without columns: what a SELECT without FROM reads. The optimizer turns it into a Range of one.
type OneRow struct{ node }

func (o *OneRow) Children() []Plan   { return nil }
func (o *OneRow) With(_ []Plan) Plan { return o }
func (o *OneRow) Streaming() bool    { return false }
func (o *OneRow) Resolved() bool     { return true }
func (o *OneRow) Line() string       { return "OneRowRelation" }

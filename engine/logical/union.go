package logical

import "strconv"

// Union appends rows by position, or by name. A resolved Union is by position, its inputs have equal types, and its
// attributes are those of the first input.
type Union struct {
	node
	Inputs       []Plan
	ByName       bool
	AllowMissing bool
}

func (u *Union) Children() []Plan { return u.Inputs }
func (u *Union) With(c []Plan) Plan {
	o := *u
	o.Inputs = c
	return &o
}
func (u *Union) Streaming() bool { return streaming(u.Inputs...) }
func (u *Union) Line() string {
	return mark(u) + "Union " + strconv.FormatBool(u.ByName) + ", " + strconv.FormatBool(u.AllowMissing)
}

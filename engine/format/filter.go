package format

import "cmp"

// Filter is `column op value`, a condition that readers understand; several are and-ed. Columns are those of the
// schema that the reader was given.
type Filter struct {
	Column int
	Op     string // "=", "<", "<=", ">", ">=", "isnotnull"
	Value  any    // int64, float64, string, as expr.Literal; nil for isnotnull
}

// Test says of a row of a column in the making whether it passes.
type Test func(row int) bool

// And is both tests; before may be none.
func And(before, then Test) Test {
	if before == nil {
		return then
	}
	return func(row int) bool { return before(row) && then(row) }
}

// IntTest tests whole numbers, or is nil where the filter is not about them. vals is where the column keeps its values,
// valid says which are not null.
func IntTest[T int8 | int16 | int32 | int64](f Filter, vals *[]T, valid Test) Test {
	if f.Op == "isnotnull" {
		return valid
	}
	v, ok := f.Value.(int64)
	if !ok {
		return nil
	}
	switch f.Op {
	case ">":
		return func(row int) bool { return int64((*vals)[row]) > v && valid(row) }
	case "<":
		return func(row int) bool { return int64((*vals)[row]) < v && valid(row) }
	}
	is := ordering(f.Op)
	if is == nil {
		return nil
	}
	return func(row int) bool { return is(cmp.Compare(int64((*vals)[row]), v)) && valid(row) }
}

// FloatTest is IntTest of doubles; it orders NaN above all numbers, as Spark does.
func FloatTest(f Filter, vals *[]float64, valid Test) Test {
	if f.Op == "isnotnull" {
		return valid
	}
	v, ok := f.Value.(float64)
	is := ordering(f.Op)
	if !ok || is == nil || v != v {
		return nil
	}
	return func(row int) bool {
		x := (*vals)[row]
		order := cmp.Compare(x, v)
		if x != x {
			order = 1
		}
		return is(order) && valid(row)
	}
}

// TextTest is IntTest of strings, whose bytes at gives.
func TextTest(f Filter, at func(row int) []byte, valid Test) Test {
	if f.Op == "isnotnull" {
		return valid
	}
	v, ok := f.Value.(string)
	is := ordering(f.Op)
	if !ok || is == nil {
		return nil
	}
	return func(row int) bool { return valid(row) && is(cmp.Compare(string(at(row)), v)) }
}

// ordering says which orders of value and constant a filter's operator accepts, or nil for another operator.
func ordering(op string) func(order int) bool {
	switch op {
	case "=":
		return func(o int) bool { return o == 0 }
	case "<":
		return func(o int) bool { return o < 0 }
	case "<=":
		return func(o int) bool { return o <= 0 }
	case ">":
		return func(o int) bool { return o > 0 }
	case ">=":
		return func(o int) bool { return o >= 0 }
	}
	return nil
}

package json

import (
	"cmp"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/format"
)

// Filter is `column op value` over a field of the schema given to NewDecoder; see source.Filter.
type Filter struct {
	Column int
	Op     string // "=", "<", "<=", ">", ">=", "isnotnull"
	Value  any    // int64, float64, string; nil for isnotnull
}

// Filter leaves out records that do not fit, before their later fields are read. It takes what it understands of the
// filters; every row must be tested again above. columns is what NewDecoder got.
func (d *Decoder) Filter(filters []Filter, columns []int) {
	if d.o.Mode == format.FailFast {
		return // a record that is left out unread could be malformed
	}
	tests := make([]test, len(d.rows.fields))
	any := false
	for _, f := range filters {
		at := d.place(f.Column, columns)
		if at < 0 {
			continue
		}
		if t := columnTest(d.rows.fields[at], f); t != nil {
			if before := tests[at]; before != nil {
				then := t
				t = func(row int) bool { return before(row) && then(row) }
			}
			tests[at] = t
			any = true
		}
	}
	if any {
		d.rows.tests = tests
	}
}

// place is where a schema's field stands among the rows' fields, or -1.
func (d *Decoder) place(column int, columns []int) int {
	at := column
	if columns != nil {
		at = -1
		for i, c := range columns {
			if c == column {
				at = i
			}
		}
	}
	if at < 0 || at >= len(d.schema.Fields()) || at == d.corruptAt {
		return -1
	}
	if d.corruptAt >= 0 && at > d.corruptAt {
		at--
	}
	return at
}

func columnTest(c column, f Filter) test {
	switch c := c.(type) {
	case *fixed[int8]:
		return intTest(c, f)
	case *fixed[int16]:
		return intTest(c, f)
	case *fixed[int32]:
		return intTest(c, f)
	case *fixed[int64]:
		return intTest(c, f)
	case *fixed[float64]:
		return floatTest(c, f)
	case *texts:
		if v, ok := f.Value.(string); ok && c.dt.ID() == arrow.STRING {
			if is := format.Ordering(f.Op); is != nil {
				return func(row int) bool { return c.ok.valid(row) && is(cmp.Compare(string(c.at(row)), v)) }
			}
		}
		if f.Op == "isnotnull" {
			return func(row int) bool { return c.ok.valid(row) }
		}
	}
	return nil
}

func intTest[T int8 | int16 | int32 | int64](c *fixed[T], f Filter) test {
	if f.Op == "isnotnull" {
		return func(row int) bool { return c.ok.valid(row) }
	}
	v, ok := f.Value.(int64)
	is := format.Ordering(f.Op)
	if !ok || is == nil {
		return nil
	}
	return func(row int) bool { return is(cmp.Compare(int64(c.vals[row]), v)) && c.ok.valid(row) }
}

// floatTest orders NaN above all numbers, as Spark does.
func floatTest(c *fixed[float64], f Filter) test {
	if f.Op == "isnotnull" {
		return func(row int) bool { return c.ok.valid(row) }
	}
	v, ok := f.Value.(float64)
	is := format.Ordering(f.Op)
	if !ok || is == nil || v != v {
		return nil
	}
	return func(row int) bool {
		x := c.vals[row]
		order := cmp.Compare(x, v)
		if x != x {
			order = 1
		}
		return is(order) && c.ok.valid(row)
	}
}

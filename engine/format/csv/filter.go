package csv

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

// Filter leaves out records that do not fit, before their later columns are read. It takes what it understands of the
// filters; every row must be tested again above. columns is what NewDecoder got. A value that does not fit its column
// is not tested: the record may have to be complained about.
func (d *Decoder) Filter(filters []Filter, columns []int) {
	for _, f := range filters {
		for k, c := range columns {
			if c != f.Column || k == d.corruptAt {
				continue
			}
			if p := d.placeOf(d.cols[k]); p != nil {
				p.require(columnTest(p.col, f))
			}
		}
	}
}

func (d *Decoder) placeOf(c column) *place {
	for i := range d.places {
		if d.places[i].col == c {
			return &d.places[i]
		}
	}
	return nil
}

func (p *place) require(t func(row int) bool) {
	if t == nil {
		return
	}
	if before := p.test; before != nil {
		then := t
		t = func(row int) bool { return before(row) && then(row) }
	}
	p.test = t
}

func columnTest(c column, f Filter) func(row int) bool {
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
		if f.Op == "isnotnull" {
			return c.ok.valid
		}
		if v, ok := f.Value.(string); ok && c.dt.ID() == arrow.STRING {
			if is := format.Ordering(f.Op); is != nil {
				return func(row int) bool { return c.ok.valid(row) && is(cmp.Compare(string(c.at(row)), v)) }
			}
		}
	}
	return nil
}

func intTest[T int8 | int16 | int32 | int64](c *fixed[T], f Filter) func(row int) bool {
	if f.Op == "isnotnull" {
		return c.ok.valid
	}
	v, ok := f.Value.(int64)
	if !ok {
		return nil
	}
	switch f.Op {
	case ">":
		return func(row int) bool { return int64(c.vals[row]) > v && c.ok.valid(row) }
	case "<":
		return func(row int) bool { return int64(c.vals[row]) < v && c.ok.valid(row) }
	}
	is := format.Ordering(f.Op)
	if is == nil {
		return nil
	}
	return func(row int) bool { return is(cmp.Compare(int64(c.vals[row]), v)) && c.ok.valid(row) }
}

// floatTest orders NaN above all numbers, as Spark does.
func floatTest(c *fixed[float64], f Filter) func(row int) bool {
	if f.Op == "isnotnull" {
		return c.ok.valid
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

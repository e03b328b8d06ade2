package json

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/format"
)

// Filter leaves out records that do not fit, before their later fields are read. It takes what it understands of the
// filters; every row must be tested again above. columns is what NewDecoder got.
func (d *Decoder) Filter(filters []format.Filter, columns []int) {
	if d.o.Mode == format.FailFast {
		return // a record that is left out unread could be malformed
	}
	tests := make([]format.Test, len(d.rows.fields))
	any := false
	for _, f := range filters {
		at := d.place(f.Column, columns)
		if at < 0 {
			continue
		}
		if t := columnTest(d.rows.fields[at], f); t != nil {
			tests[at] = format.And(tests[at], t)
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

func columnTest(c column, f format.Filter) format.Test {
	switch c := c.(type) {
	case *fixed[int8]:
		return format.IntTest(f, &c.vals, c.ok.valid)
	case *fixed[int16]:
		return format.IntTest(f, &c.vals, c.ok.valid)
	case *fixed[int32]:
		return format.IntTest(f, &c.vals, c.ok.valid)
	case *fixed[int64]:
		return format.IntTest(f, &c.vals, c.ok.valid)
	case *fixed[float64]:
		return format.FloatTest(f, &c.vals, c.ok.valid)
	case *texts:
		if c.dt.ID() == arrow.STRING || f.Op == "isnotnull" {
			return format.TextTest(f, c.at, c.ok.valid)
		}
	}
	return nil
}

package csv

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/format"
)

// Filter leaves out records that do not fit, before their later columns are read. It takes what it understands of the
// filters; every row must be tested again above. columns is what NewDecoder got. A value that does not fit its column
// is not tested: the record may have to be complained about.
func (d *Decoder) Filter(filters []format.Filter, columns []int) {
	for _, f := range filters {
		for k, c := range columns {
			if c != f.Column || k == d.corruptAt {
				continue
			}
			if p := d.placeOf(d.cols[k]); p != nil {
				if t := columnTest(p.col, f); t != nil {
					p.test = format.And(p.test, t)
				}
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

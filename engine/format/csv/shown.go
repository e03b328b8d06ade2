package csv

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// shown takes the row that stands at the end out, as PySpark names a malformed record: by the values of it that fit.
func (d *Decoder) shown(text []byte) string {
	if d.corrupt != nil {
		d.corrupt.set(d.n, withoutEnd(text))
	}
	d.n++
	b := d.Batch()
	defer b.Release()
	values := make([]string, b.NumCols())
	for i, c := range b.Columns() {
		values[i] = internal(c, c.Len()-1)
	}
	return "[" + strings.Join(values, ",") + "]"
}

// internal is a value as Spark's rows hold it: dates and times are numbers.
func internal(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "null"
	}
	switch a := a.(type) {
	case *array.Date32:
		return fmt.Sprint(int32(a.Value(i)))
	case *array.Timestamp:
		return fmt.Sprint(int64(a.Value(i)))
	}
	return a.ValueStr(i)
}

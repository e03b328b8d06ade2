package batch

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Settle counts the nulls of columns and of what lies in them. Arrow counts at the first asking and writes the number
// down, which columns that several goroutines are about to read must not have to do.
func Settle(columns ...arrow.Array) {
	for _, a := range columns {
		a.NullN()
		switch n := a.(type) {
		case *array.Struct:
			for i := 0; i < n.NumField(); i++ {
				Settle(n.Field(i))
			}
		case array.ListLike:
			Settle(n.ListValues())
		}
	}
}

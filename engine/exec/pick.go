package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
)

// ref is a row of one of several batches; a negative batch is a row of nulls.
type ref struct{ batch, row int32 }

// pickRows gives rows of several batches of the same columns as one, in the order of refs, owned by the caller. types
// are the columns'.
func pickRows(mem memory.Allocator, types []arrow.DataType, batches [][]arrow.Array, refs []ref) ([]arrow.Array, error) {
	rows := make([][]int32, len(batches))
	order := make([]int32, len(refs)) // where each row stands in its batch's part, and then among all parts
	for i, r := range refs {
		if r.batch < 0 {
			order[i] = -1
			continue
		}
		order[i] = int32(len(rows[r.batch]))
		rows[r.batch] = append(rows[r.batch], r.row)
	}
	first, used, straight := make([]int32, len(batches)), 0, true
	at := int32(0)
	for b, list := range rows {
		first[b] = at
		at += int32(len(list))
		if len(list) > 0 {
			used++
		}
	}
	for i, r := range refs {
		if r.batch >= 0 {
			order[i] += first[r.batch]
		}
		straight = straight && order[i] == int32(i)
	}
	out := make([]arrow.Array, len(types))
	for c, dt := range types {
		parts := make([]arrow.Array, 0, used)
		for b, list := range rows {
			if len(list) > 0 {
				parts = append(parts, batch.Take(mem, batches[b][c], list))
			}
		}
		if len(parts) == 0 {
			parts = append(parts, array.MakeArrayOfNull(mem, dt, 0))
		}
		all, err := batch.Concat(mem, parts)
		batch.Release(parts...)
		if err != nil {
			batch.Release(out[:c]...)
			return nil, err
		}
		if out[c] = all; !straight {
			out[c] = batch.Take(mem, all, order)
			all.Release()
		}
	}
	return out, nil
}

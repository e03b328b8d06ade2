package exec

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/types"
)

// BenchmarkSessionIndex finds the sessions of rows in the order of time, nearly so, and in none.
func BenchmarkSessionIndex(b *testing.B) {
	const batches = 64
	for _, disorder := range []int64{0, 1_000, 1_000_000} {
		b.Run(fmt.Sprint("disorder=", disorder), func(b *testing.B) {
			r := rand.New(rand.NewSource(1))
			keys, starts, ends := make([][]arrow.Array, batches), make([][]int64, batches), make([][]int64, batches)
			for k := range keys {
				f := batch.NewFixed[int64](memory.DefaultAllocator, batch.Rows)
				for i := range f.Values {
					f.Values[i] = int64(r.Intn(10_000))
					at := int64(k*batch.Rows+i) * 10
					if disorder > 0 {
						at += r.Int63n(disorder)
					}
					starts[k], ends[k] = append(starts[k], at), append(ends[k], at+50_000)
				}
				keys[k] = []arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}
			}
			into := make([]int32, batch.Rows)
			for b.Loop() {
				x := newSessionIndex([]types.Type{types.Long})
				for k := range keys {
					x.add(x.find(keys[k], batch.Rows), starts[k], ends[k], into)
					x.settle()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batches/batch.Rows, "ns/row")
		})
	}
}

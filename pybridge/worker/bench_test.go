package worker

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

const (
	benchRows    = 4_000_000
	benchBatch   = 8192
	benchWorkers = 2
)

func channels(s types.Struct) arrow.RecordBatch {
	text, price := array.NewStringBuilder(memory.DefaultAllocator), array.NewInt64Builder(memory.DefaultAllocator)
	for i := range benchBatch {
		text.Append(fmt.Sprintf("channel-%d", i*7919%10000))
		price.Append(int64(i * 31 % 100_000_000))
	}
	return array.NewRecordBatch(types.ArrowSchema(s), []arrow.Array{text.NewArray(), price.NewArray()}, benchBatch)
}

func pairs(s types.Struct) arrow.RecordBatch {
	var columns []arrow.Array
	for range s.Fields {
		v := array.NewInt64Builder(memory.DefaultAllocator)
		for i := range benchBatch {
			v.Append(int64(i * 31))
		}
		columns = append(columns, v.NewArray())
	}
	return array.NewRecordBatch(types.ArrowSchema(s), columns, benchBatch)
}

// stream sends n times the batch through an instance.
func stream(ctx context.Context, p *Pool, spec udf.Spec, b arrow.RecordBatch, n int) error {
	i, err := p.Open(ctx, spec)
	if err != nil {
		return err
	}
	defer i.Close()
	take := func(wait bool) error {
		for {
			r, err := i.Receive(ctx, wait)
			if r == nil || err != nil {
				return err
			}
			r.Release()
		}
	}
	for range n {
		if err := i.Send(ctx, b); err != nil {
			return err
		}
		if err := take(false); err != nil {
			return err
		}
	}
	if err := i.Finish(ctx); err != nil {
		return err
	}
	return take(true)
}

func throughput(b *testing.B, spec udf.Spec, batch arrow.RecordBatch) {
	for _, noBulk := range []bool{false, true} {
		b.Run(map[bool]string{false: "bulk", true: "grpc"}[noBulk], func(b *testing.B) {
			c := config(b)
			c.NoBulk = noBulk
			p := New(c, memory.DefaultAllocator)
			defer p.Close()
			all := func(n int) {
				var w sync.WaitGroup
				for range benchWorkers {
					w.Go(func() {
						if err := stream(context.Background(), p, spec, batch, n); err != nil {
							b.Error(err)
						}
					})
				}
				w.Wait()
			}
			all(1)
			here, there := used(os.Getpid()), used(p.PIDs()...)
			for b.Loop() {
				all(benchRows / benchBatch / benchWorkers)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/4M")
			// what a busy machine does not change
			b.ReportMetric(float64(used(os.Getpid())-here)/float64(b.N), "cpu-ms-here")
			b.ReportMetric(float64(used(p.PIDs()...)-there)/float64(b.N), "cpu-ms-workers")
		})
	}
}

// used is the CPU time of processes in milliseconds.
func used(pids ...int) (total int) {
	for _, pid := range pids {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		for _, f := range fields[11:13] { // user, system, in hundredths of a second
			n, _ := strconv.Atoi(f)
			total += n * 10
		}
	}
	return total
}

func BenchmarkLambda(b *testing.B) {
	spec := one(b, udf.Scalar, "string", "string", "f = lambda channel, price: channel.upper() if price % 2 else channel[::-1]")
	spec.Input = structType(b, "channel", "string", "price", "bigint")
	spec.Functions[0].Args = []int{0, 1}
	throughput(b, spec, channels(spec.Input))
}

func BenchmarkPandas(b *testing.B) {
	spec := one(b, udf.ScalarPandas, "bigint", "double", "f = lambda price: price * 0.908")
	throughput(b, spec, pairs(spec.Input))
}

func BenchmarkMapArrow(b *testing.B) {
	two := structType(b, "auction", "bigint", "price", "bigint")
	spec := one(b, udf.MapArrow, "bigint", "bigint", "def f(it):\n  for b in it:\n    yield b.select(['auction', 'price'])")
	spec.Input, spec.Output = two, two
	throughput(b, spec, pairs(two))
}

// BenchmarkSmallBatch is the way of one batch of 100 rows through a warm worker: open, send, finish, receive, close.
func BenchmarkSmallBatch(b *testing.B) {
	for _, noBulk := range []bool{false, true} {
		b.Run(map[bool]string{false: "bulk", true: "grpc"}[noBulk], func(b *testing.B) {
			c := config(b)
			c.NoBulk = noBulk
			p := New(c, memory.DefaultAllocator)
			defer p.Close()
			spec := one(b, udf.Scalar, "bigint", "bigint", "f = lambda x: x + 1")
			batch := longs(0, 100)
			if err := stream(b.Context(), p, spec, batch, 1); err != nil {
				b.Fatal(err)
			}
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := stream(b.Context(), p, spec, batch, 1); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
		})
	}
}

// BenchmarkStart is from nothing to the first result.
func BenchmarkStart(b *testing.B) {
	spec := one(b, udf.Scalar, "bigint", "bigint", "f = lambda x: x + 1")
	c := config(b)
	for b.Loop() {
		p := New(c, memory.DefaultAllocator)
		if err := stream(b.Context(), p, spec, longs(0, 1), 1); err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}

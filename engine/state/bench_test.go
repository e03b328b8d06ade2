package state

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/vfs"
)

// held is a store on the machine's disk with so many keys, committed as epoch 0.
func held(b *testing.B, kind provider, dir string, n int) *rig {
	b.Helper()
	mem := memory.NewGoAllocator()
	r := &rig{mem: mem, store: kind.make(Options{FS: vfs.OS{}, Dir: dir + "/state", Mem: mem, Partitions: 2})}
	for i := range 2 {
		p := &sums{mem: mem}
		table, err := r.store.Open(sumSpec, i, 2, p)
		if err != nil {
			b.Fatal(err)
		}
		r.tables, r.loads = append(r.tables, table), append(r.loads, p)
	}
	if n == 0 {
		return r
	}
	if err := r.store.Restore(context.Background(), -1); err != nil {
		b.Fatal(err)
	}
	r.touch(b, keysFrom(0, n))
	if err := r.store.Commit(context.Background(), 0); err != nil {
		b.Fatal(err)
	}
	return r
}

func keysFrom(from, n int) []key {
	keys := make([]key, n)
	for i := range keys {
		keys[i] = key{int64(from+i) * 1000, int64(from + i)}
	}
	return keys
}

func (r *rig) touch(b *testing.B, keys []key) {
	b.Helper()
	for i, mine := range r.split(keys) {
		cols, slots := r.columns(mine), make([]int32, len(mine))
		if err := r.tables[i].Slots(cols, len(mine), slots); err != nil {
			b.Fatal(err)
		}
		for _, s := range slots {
			r.loads[i].v[s]++
		}
		r.tables[i].Touch(slots)
		batch.Release(cols...)
	}
}

// BenchmarkCommit is an epoch that changes a thousand keys, beside more and more that it does not touch.
func BenchmarkCommit(b *testing.B) {
	for _, kind := range providers[:2] {
		for _, n := range []int{10_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d held", kind.name, n), func(b *testing.B) {
				r := held(b, kind, b.TempDir(), n)
				defer r.store.Close()
				rng := rand.New(rand.NewSource(1))
				epoch := int64(0)
				for b.Loop() {
					b.StopTimer()
					r.touch(b, keysFrom(rng.Intn(n-1000), 1000))
					epoch++
					b.StartTimer()
					if err := r.store.Commit(context.Background(), epoch); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRecovery loads a million keys: from the log alone, and from a snapshot and a log of a tenth of them.
func BenchmarkRecovery(b *testing.B) {
	const n = 1_000_000
	for _, kind := range providers[:2] {
		for _, snapshot := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/snapshot=%v", kind.name, snapshot), func(b *testing.B) {
				dir := b.TempDir()
				r := held(b, kind, dir, n)
				version := int64(0)
				if snapshot {
					if err := r.store.Maintain(context.Background(), 0); err != nil {
						b.Fatal(err)
					}
					if err := r.store.(*logStore).finishSnapshot(true); err != nil {
						b.Fatal(err)
					}
					for ; version < 100; version++ {
						r.touch(b, keysFrom(int(version)*1000, 1000))
						if err := r.store.Commit(context.Background(), version+1); err != nil {
							b.Fatal(err)
						}
					}
				}
				if err := r.store.Close(); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					r := held(b, kind, dir, 0)
					if err := r.store.Restore(context.Background(), version); err != nil {
						b.Fatal(err)
					}
					if got := r.tables[0].Len() + r.tables[1].Len(); got != n {
						b.Fatalf("%d rows", got)
					}
					if err := r.store.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkSpread is an epoch of a hundred thousand rows whose keys are spread over millions, of which memory holds a part.
func BenchmarkSpread(b *testing.B) {
	const n = 2_000_000
	kind := provider{"pebble", func(o Options) Store { o.MemoryBytes = 64 << 20; return NewPebble(o) }}
	r := held(b, kind, b.TempDir(), n)
	defer r.store.Close()
	rng := rand.New(rand.NewSource(1))
	epoch := int64(0)
	for b.Loop() {
		keys := make([]key, 100_000)
		for i := range keys {
			k := int64(rng.Intn(n))
			keys[i] = key{k * 1000, k}
		}
		epoch++
		r.touch(b, keys)
		if err := r.store.Commit(context.Background(), epoch); err != nil {
			b.Fatal(err)
		}
		if err := r.store.Maintain(context.Background(), epoch-100); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"regexp"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// sums is a payload of one number a slot.
type sums struct {
	mem memory.Allocator
	v   []int64
}

func (p *sums) Grow(n int) {
	for len(p.v) < n {
		p.v = append(p.v, 0)
	}
}

func (p *sums) Read(slots []int32) ([]arrow.Array, error) {
	out := batch.NewFixed[int64](p.mem, len(slots))
	for i, s := range slots {
		out.Values[i] = p.v[s]
	}
	return []arrow.Array{out.Done(arrow.PrimitiveTypes.Int64, nil)}, nil
}

func (p *sums) Write(slots []int32, columns []arrow.Array) error {
	for i, v := range batch.Values[int64](columns[0]) {
		p.v[slots[i]] = v
	}
	return nil
}

func (p *sums) Clear(slots []int32) {
	for _, s := range slots {
		p.v[s] = 0
	}
}

func (p *sums) Bytes() int64 { return int64(cap(p.v) * 8) }

var sumSpec = Spec{Name: "sums", Keys: []types.Field{{Name: "at", Type: types.Timestamp}, {Name: "k", Type: types.Long}},
	Values: []types.Field{{Name: "v", Type: types.Long}}, Due: DueBy{Set: true, Column: 0, Field: -1}}

// key is one key of the model: at < 0 stands for null.
type key struct{ at, k int64 }

// provider is a kind of store that the contract's tests run over.
type provider struct {
	name string
	make func(Options) Store
}

var providers = []provider{
	{"memory", NewMemory},
	{"pebble", NewPebble},
	{"pebble that keeps no row in memory", func(o Options) Store { o.MemoryBytes = 1; return NewPebble(o) }},
}

func eachProvider(t *testing.T, run func(t *testing.T, kind provider)) {
	for _, p := range providers {
		t.Run(p.name, func(t *testing.T) { run(t, p) })
	}
}

// rig is a store with its instances, as a query would hold it.
type rig struct {
	mem    memory.Allocator
	store  Store
	tables []Table
	loads  []*sums
}

func newRig(t *testing.T, kind provider, fs vfs.FS, mem memory.Allocator, instances int) *rig {
	t.Helper()
	r := &rig{mem: mem, store: kind.make(Options{FS: fs, Dir: "/c/state", Mem: mem, Partitions: 5, SnapshotEpochs: 4})}
	for i := 0; i < instances; i++ {
		p := &sums{mem: mem}
		table, err := r.store.Open(sumSpec, i, instances, p)
		if err != nil {
			t.Fatal(err)
		}
		r.tables, r.loads = append(r.tables, table), append(r.loads, p)
	}
	return r
}

func (r *rig) columns(keys []key) []arrow.Array {
	at, k := array.NewTimestampBuilder(r.mem, types.Arrow(types.Timestamp).(*arrow.TimestampType)), array.NewInt64Builder(r.mem)
	defer at.Release()
	defer k.Release()
	for _, x := range keys {
		if x.at < 0 {
			at.AppendNull()
		} else {
			at.Append(arrow.Timestamp(x.at))
		}
		k.Append(x.k)
	}
	return []arrow.Array{at.NewArray(), k.NewArray()}
}

// split gives each instance its keys.
func (r *rig) split(keys []key) [][]key {
	cols := r.columns(keys)
	defer batch.Release(cols...)
	parts, hashes := make([]int32, len(keys)), make([]uint64, len(keys))
	Partition(cols, len(keys), r.store.Partitions(), hashes, parts)
	out := make([][]key, len(r.tables))
	for i, p := range parts {
		out[int(p)%len(r.tables)] = append(out[int(p)%len(r.tables)], keys[i])
	}
	return out
}

// epoch is what happens in one epoch: added keys, then deleted ones, then everything due is evicted.
type epoch struct {
	add, drop []key
	upTo      int64
}

func randomEpochs(n int, seed int64) []epoch {
	r := rand.New(rand.NewSource(seed))
	out := make([]epoch, n)
	for e := range out {
		for i := 0; i < 30; i++ {
			k := key{at: int64(e*10+r.Intn(30)) << 15, k: int64(r.Intn(5))}
			if r.Intn(10) == 0 {
				k.at = -1
			}
			out[e].add = append(out[e].add, k)
			if r.Intn(6) == 0 {
				out[e].drop = append(out[e].drop, k)
			}
		}
		out[e].upTo = int64(e*10) << 15
	}
	out[n/2] = epoch{upTo: -1} // an epoch that changes nothing
	return out
}

func (r *rig) run(t *testing.T, e epoch) {
	t.Helper()
	must(t, r.try(e))
}

// try runs an epoch, which may fail where rows lie on a disk that does.
func (r *rig) try(e epoch) error {
	for i, keys := range r.split(e.add) {
		cols := r.columns(keys)
		slots := make([]int32, len(keys))
		if err := r.tables[i].Slots(cols, len(keys), slots); err != nil {
			batch.Release(cols...)
			return err
		}
		for _, s := range slots {
			r.loads[i].v[s]++
		}
		r.tables[i].Touch(slots)
		batch.Release(cols...)
	}
	for i, keys := range r.split(e.drop) {
		cols := r.columns(keys)
		slots := make([]int32, len(keys))
		if err := r.tables[i].Find(cols, len(keys), slots); err != nil {
			batch.Release(cols...)
			return err
		}
		seen := map[int32]bool{}
		var gone []int32
		for _, s := range slots {
			if s >= 0 && !seen[s] {
				seen[s] = true
				gone = append(gone, s)
			}
		}
		r.tables[i].Delete(gone)
		batch.Release(cols...)
	}
	for _, table := range r.tables {
		table.Delete(table.Due(e.upTo))
	}
	return r.store.Check()
}

func runModel(m map[key]int64, e epoch) {
	for _, k := range e.add {
		m[k]++
	}
	for _, k := range e.drop {
		delete(m, k)
	}
	for k := range m {
		if k.at >= 0 && k.at <= e.upTo {
			delete(m, k)
		}
	}
}

func (r *rig) content(t *testing.T) map[key]int64 {
	t.Helper()
	out, err := r.read()
	must(t, err)
	return out
}

func (r *rig) read() (map[key]int64, error) {
	out := map[key]int64{}
	for i, table := range r.tables {
		slots := table.All()
		cols, err := table.Keys(slots)
		if err != nil {
			return nil, err
		}
		at, k := batch.Values[int64](cols[0]), batch.Values[int64](cols[1])
		for j, s := range slots {
			x := key{at[j], k[j]}
			if cols[0].IsNull(j) {
				x.at = -1
			}
			out[x] = r.loads[i].v[s]
		}
		batch.Release(cols...)
	}
	return out, r.store.Check()
}

func same(a, b map[key]int64) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// models gives the content after each epoch.
func models(epochs []epoch) []map[key]int64 {
	m := map[key]int64{}
	out := make([]map[key]int64, len(epochs))
	for i, e := range epochs {
		runModel(m, e)
		out[i] = map[key]int64{}
		for k, v := range m {
			out[i][k] = v
		}
	}
	return out
}

// TestStoreVersions commits epochs with snapshots and purging between, and opens every kept version at several
// numbers of instances.
func TestStoreVersions(t *testing.T) { eachProvider(t, testStoreVersions) }

func testStoreVersions(t *testing.T, kind provider) {
	defer goleak.VerifyNone(t)
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	ctx, fs := context.Background(), vfs.NewMemory()
	epochs := randomEpochs(15, 1)
	want := models(epochs)
	r := newRig(t, kind, fs, mem, 2)
	if err := fs.MkdirAll("/c"); err != nil {
		t.Fatal(err)
	}
	if err := r.store.Restore(ctx, -1); err != nil {
		t.Fatal(err)
	}
	for e, x := range epochs {
		r.run(t, x)
		if got := r.content(t); !same(got, want[e]) {
			t.Fatalf("epoch %d: %v, want %v", e, got, want[e])
		}
		must(t, r.store.Commit(ctx, int64(e)))
		must(t, r.store.Maintain(ctx, int64(e-6)))
		must(t, r.store.(*logStore).finishSnapshot(true)) // so that what is purged does not hang on the time it takes
	}
	must(t, r.store.Close())
	for version := len(epochs) - 1; version >= len(epochs)-7; version-- {
		for _, n := range []int{1, 2, 3} {
			r := newRig(t, kind, fs, mem, n)
			must(t, r.store.Restore(ctx, int64(version)))
			if got := r.content(t); !same(got, want[version]) {
				t.Fatalf("version %d by %d instances: %v, want %v", version, n, got, want[version])
			}
			must(t, r.store.Close())
		}
	}
	r = newRig(t, kind, fs, mem, 1)
	if err := r.store.Restore(ctx, 0); !is(err, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS") {
		t.Fatalf("a purged version gave %v", err)
	}
	must(t, r.store.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(err error, condition string) bool { e := errs.As(err); return e != nil && e.Name == condition }

// leftByPebble are goroutines that Pebble leaves where it could not open a database.
var leftByPebble = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2.(*ConcurrencyLimitScheduler).periodicGranter"),
	goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2.(*cleanupManager).mainLoop"),
	goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2/record.(*LogWriter).flushLoop"),
	goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2/internal/genericcache.(*shard[...]).releaseLoop"),
}

// TestStoreFaults fails every operation in turn, plainly and with a crash, restarts with another number of instances
// at the last version that was acknowledged, and runs on: no row is lost or doubled.
func TestStoreFaults(t *testing.T) { eachProvider(t, testStoreFaults) }

func testStoreFaults(t *testing.T, kind provider) {
	defer goleak.VerifyNone(t, leftByPebble...)
	epochs := randomEpochs(9, 2)
	want := models(epochs)
	for _, crash := range []bool{false, true} {
		for _, torn := range []bool{false, true} {
			for at := 1; ; at++ {
				base := vfs.NewMemory()
				must(t, base.MkdirAll("/c"))
				faulty := &vfs.Faulty{Base: base, FailAt: at, Torn: torn}
				runWithFault(t, kind, base, faulty, epochs, want, crash)
				if faulty.Count() < at {
					break
				}
			}
		}
	}
}

func runWithFault(t *testing.T, kind provider, base *vfs.Memory, faulty *vfs.Faulty, epochs []epoch, want []map[key]int64, crash bool) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	ctx := context.Background()
	done := -1
	for instances := 1; done < len(epochs)-1; instances++ {
		if instances > 6 {
			t.Fatalf("no progress beyond version %d after a fault at %d", done, faulty.FailAt)
		}
		r := newRig(t, kind, faulty, mem, instances%3+1)
		err := r.store.Restore(ctx, int64(done))
		if err == nil && done >= 0 {
			var got map[key]int64
			if got, err = r.read(); err == nil && !same(got, want[done]) {
				t.Fatalf("fault %d (%v): version %d restored as %v, want %v", faulty.FailAt, faulty.Operations(), done, got, want[done])
			}
		}
		for e := done + 1; e < len(epochs) && err == nil; e++ {
			if err = r.try(epochs[e]); err == nil {
				err = r.store.Commit(ctx, int64(e))
			}
			if err != nil {
				break
			}
			done = e
			err = r.store.Maintain(ctx, int64(e-3))
		}
		if err != nil && errs.As(err) == nil {
			t.Fatalf("fault %d: %v is no condition", faulty.FailAt, err)
		}
		_ = r.store.Close()
		if crash {
			base.Crash()
		}
	}
	r := newRig(t, kind, base, mem, 2)
	if err := r.store.Restore(ctx, int64(done)); err != nil {
		t.Fatalf("fault %d (%s): %v, of %v", faulty.FailAt, faulty.Operations()[faulty.FailAt-1], err, errors.Unwrap(err))
	}
	if got := r.content(t); !same(got, want[done]) {
		t.Fatalf("fault %d: %v at the end, want %v", faulty.FailAt, got, want[done])
	}
	must(t, r.store.Close())
}

// TestStoreAfterFailure takes no commit behind one that failed until it is restored.
func TestStoreAfterFailure(t *testing.T) { eachProvider(t, testStoreAfterFailure) }

func testStoreAfterFailure(t *testing.T, kind provider) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	ctx, base := context.Background(), vfs.NewMemory()
	must(t, base.MkdirAll("/c"))
	faulty := &vfs.Faulty{Base: base}
	r := newRig(t, kind, faulty, mem, 1)
	must(t, r.store.Restore(ctx, -1))
	r.run(t, epoch{add: []key{{1 << 20, 1}}})
	must(t, r.store.Commit(ctx, 0))
	r.run(t, epoch{add: []key{{2 << 20, 2}}})
	faulty.FailAt = faulty.Count() + 1
	if err := r.store.Commit(ctx, 1); !is(err, "CANNOT_WRITE_STATE_STORE.CANNOT_COMMIT") {
		t.Fatal(err)
	}
	if err := r.store.Commit(ctx, 1); err == nil {
		t.Fatal("a commit behind a failed one was taken")
	}
	must(t, r.store.Restore(ctx, 0))
	if got := r.content(t); !same(got, map[key]int64{{1 << 20, 1}: 1}) {
		t.Fatalf("%v", got)
	}
	must(t, r.store.Commit(ctx, 1))
	if err := r.store.Commit(ctx, 1); err == nil {
		t.Fatal("an epoch was committed twice")
	}
	must(t, r.store.Close())
}

// TestStoreSuperseded runs an epoch again whose state was committed though the query's own entry was not.
func TestStoreSuperseded(t *testing.T) { eachProvider(t, testStoreSuperseded) }

func testStoreSuperseded(t *testing.T, kind provider) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	ctx, fs := context.Background(), vfs.NewMemory()
	must(t, fs.MkdirAll("/c"))
	one, two, other := epoch{add: []key{{1 << 20, 1}}}, epoch{add: []key{{2 << 20, 2}}}, epoch{add: []key{{3 << 20, 3}}}
	r := newRig(t, kind, fs, mem, 1)
	must(t, r.store.Restore(ctx, -1))
	r.run(t, one)
	must(t, r.store.Commit(ctx, 0))
	r.run(t, two)
	must(t, r.store.Commit(ctx, 1))
	must(t, r.store.Restore(ctx, 0)) // in the same process
	r.run(t, other)
	must(t, r.store.Commit(ctx, 1))
	must(t, r.store.Close())
	r = newRig(t, kind, fs, mem, 2)
	must(t, r.store.Restore(ctx, 1))
	if got := r.content(t); !same(got, map[key]int64{{1 << 20, 1}: 1, {3 << 20, 3}: 1}) {
		t.Fatalf("%v", got)
	}
	must(t, r.store.Close())
}

// TestStoreRefusals are the conditions of state that is missing, damaged or another plan's.
func TestStoreRefusals(t *testing.T) { eachProvider(t, testStoreRefusals) }

func testStoreRefusals(t *testing.T, kind provider) {
	mem := memory.NewGoAllocator()
	ctx := context.Background()
	made := func() *vfs.Memory {
		fs := vfs.NewMemory()
		must(t, fs.MkdirAll("/c"))
		r := newRig(t, kind, fs, mem, 1)
		must(t, r.store.Restore(ctx, -1))
		for e := 0; e < 3; e++ {
			r.run(t, epoch{add: []key{{int64(e+1) << 20, 1}}})
			must(t, r.store.Commit(ctx, int64(e)))
		}
		must(t, r.store.Close())
		return fs
	}
	open := func(fs vfs.FS, partitions int, change func(*Spec)) error {
		s := kind.make(Options{FS: fs, Dir: "/c/state", Mem: mem, Partitions: partitions})
		defer s.Close()
		spec := sumSpec
		change(&spec)
		_, err := s.Open(spec, 0, 1, &sums{mem: mem})
		must(t, err)
		return s.Restore(ctx, 2)
	}
	nothing := func(*Spec) {}
	cases := map[string]struct {
		spoil      func(*vfs.Memory)
		partitions int
		change     func(*Spec)
		condition  string
	}{
		"as it was":      {func(*vfs.Memory) {}, 5, nothing, ""},
		"no folder":      {func(fs *vfs.Memory) { must(t, fs.RemoveAll("/c/state")) }, 5, nothing, "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY"},
		"no metadata":    {func(fs *vfs.Memory) { must(t, fs.Remove("/c/state/metadata")) }, 5, nothing, "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY"},
		"no log":         {func(fs *vfs.Memory) { must(t, fs.Remove("/c/state/changes-0000000001")) }, 5, nothing, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS"},
		"damaged log":    {func(fs *vfs.Memory) { flip(t, fs, "/c/state/changes-0000000001", 100) }, 5, nothing, "CANNOT_LOAD_STATE_STORE.UNCATEGORIZED"},
		"torn log":       {func(fs *vfs.Memory) { cut(t, fs, "/c/state/changes-0000000001", 10) }, 5, nothing, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS"},
		"partitions":     {func(*vfs.Memory) {}, 6, nothing, "STATE_STORE_INVALID_CONFIG_AFTER_RESTART"},
		"key schema":     {func(*vfs.Memory) {}, 5, func(s *Spec) { s.Keys = s.Keys[:1] }, "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE"},
		"value schema":   {func(*vfs.Memory) {}, 5, func(s *Spec) { s.Values = nil }, "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE"},
		"other operator": {func(*vfs.Memory) {}, 5, func(s *Spec) { s.Name = "x" }, "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA"},
	}
	for name, c := range cases {
		fs := made()
		c.spoil(fs)
		err := open(fs, c.partitions, c.change)
		if c.condition == "" && err != nil || c.condition != "" && !is(err, c.condition) {
			t.Errorf("%s: %v, want %s", name, err, c.condition)
		}
		if err != nil && placeholder.MatchString(err.Error()) {
			t.Errorf("%s: %v lacks a parameter", name, err)
		}
	}
}

var placeholder = regexp.MustCompile("<[A-Za-z]+>")

func flip(t *testing.T, fs *vfs.Memory, name string, at int) {
	t.Helper()
	rewrite(t, fs, name, func(b []byte) []byte { b[at] ^= 1; return b })
}

func cut(t *testing.T, fs *vfs.Memory, name string, n int) {
	t.Helper()
	rewrite(t, fs, name, func(b []byte) []byte { return b[:len(b)-n] })
}

func rewrite(t *testing.T, fs *vfs.Memory, name string, change func([]byte) []byte) {
	t.Helper()
	f, err := fs.Open(name)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, context.Canceled) && len(b) == 0 {
		t.Fatal(err)
	}
	f, err = fs.Create(name, false)
	must(t, err)
	_, err = f.Write(change(b))
	must(t, err)
}

// TestDue checks the index against a scan.
func TestDue(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	d, model := newDue(), map[int32]int64{}
	for step := 0; step < 400; step++ {
		for i := 0; i < 20; i++ {
			s := int32(r.Intn(500))
			if _, held := model[s]; held {
				d.remove(s)
				delete(model, s)
			} else {
				model[s] = int64(r.Intn(1000))<<12 - 1<<20
				d.add(s, model[s])
			}
		}
		upTo := int64(r.Intn(1000))<<12 - 1<<20
		got := map[int32]bool{}
		for _, s := range d.until(upTo, nil) {
			got[s] = true
		}
		for s, at := range model {
			if (at <= upTo) != got[s] {
				t.Fatalf("slot %d due at %d, asked for %d: %v", s, at, upTo, got[s])
			}
		}
		if step%3 == 0 {
			for s := range got {
				d.remove(s)
				delete(model, s)
			}
		}
	}
}

package state

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/google/uuid"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// PebbleProvider is the name under which checkpoints and errors know a store whose rows lie on disk.
const PebbleProvider = "pysparkcompat.state.PebbleStateStoreProvider"

// NewPebble makes a Store over a folder whose rows lie in Pebble, those in use in memory: Options.MemoryBytes bounds
// what is held beside the rows that one epoch touches. Its change log is that of NewMemory.
func NewPebble(o Options) Store {
	if o.MemoryBytes == 0 {
		o.MemoryBytes = defaultMemoryBytes
	}
	s := newLogStore(o, PebbleProvider)
	s.disk = &disk{o: &s.o}
	return s
}

const defaultMemoryBytes = 500 << 20

const (
	rowsPrefix   = "rows-"
	completeName = "complete" // the file that says a snapshot's folder is whole
)

// disk is the database of a store in Pebble. It lives for one run: nothing but the change log and snapshots (hard links
// to its tables) outlive it, so it has no log of its own, is never recovered, and after any failure is made anew from
// a snapshot. Its rows are those of the version committed last.
type disk struct {
	o     *Options
	dir   string
	fs    *scratch
	cache *pebble.Cache
	db    *pebble.DB
	// unflushed is about how much was written since a snapshot began, and linked ends when that snapshot has its files.
	unflushed int
	linked    chan struct{}
	tables    int // how many share the memory
}

var versionKey = []byte{0xff, 0xff, 'v'}

// quiet keeps what Pebble tells to nobody; what it calls fatal makes the database one to throw away.
type quiet struct{ fs *scratch }

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (q quiet) Fatalf(format string, args ...any) {
	q.fs.fail(errs.Internal("the state's database: "+format, args...))
}

// open makes a run's database, from a snapshot's folder or empty.
func (d *disk) open(ctx context.Context, snapshot string) error {
	if err := d.discard(); err != nil {
		return err
	}
	dir := path.Join(d.o.Dir, d.o.scratchPrefix()+uuid.NewString())
	if err := d.o.FS.MkdirAll(dir); err != nil {
		return err
	}
	d.dir, d.fs = dir, newScratch(d.o.FS)
	if snapshot != "" {
		if err := d.copyFrom(ctx, snapshot); err != nil {
			return err
		}
	}
	d.cache = pebble.NewCache(d.cacheBytes())
	db, err := pebble.Open(dir, d.options())
	if err = errors.Join(err, d.fs.Err()); err != nil {
		if db != nil {
			_ = db.Close()
		}
		d.cache.Unref()
		d.cache = nil
		return err
	}
	d.db = db
	return nil
}

// copyFrom gives the folder a snapshot's files: tables never change and are linked, the few others are copied.
func (d *disk) copyFrom(ctx context.Context, snapshot string) error {
	entries, err := d.o.FS.ReadDir(snapshot)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, to := path.Join(snapshot, e.Name()), path.Join(d.dir, e.Name())
		switch {
		case e.Name() == completeName:
		case strings.HasSuffix(e.Name(), ".sst"):
			err = d.o.FS.Link(from, to)
		default:
			err = copyFile(d.o.FS, from, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyFile(files vfs.FS, from, to string) error {
	b, err := vfs.ReadFile(files, from)
	if err != nil {
		return err
	}
	w, err := files.Create(to, true)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return errors.Join(err, w.Close())
}

func (d *disk) options() *pebble.Options {
	o := &pebble.Options{
		FS: d.fs, Cache: d.cache, DisableWAL: true, FormatMajorVersion: pebble.FormatNewest, Logger: quiet{d.fs},
		MemTableSize:                uint64(d.memTable()),
		MemTableStopWritesThreshold: 4, L0CompactionThreshold: 4, L0StopWritesThreshold: 64,
		CompactionConcurrencyRange: func() (int, int) { return 1, 1 },
		EventListener: &pebble.EventListener{
			BackgroundError: func(err error) { d.fs.fail(err) },
			DataCorruption:  func(i pebble.DataCorruptionInfo) { d.fs.fail(corrupt(i.Path, 0)) },
		},
	}
	// Filters and indexes are read by the table: small tables keep them small beside the cache.
	for i := range o.TargetFileSizes {
		o.TargetFileSizes[i] = 4 << 20
	}
	// Rows are small and asked for in the order of their keys, so that a block serves few of them: unpacking it is most
	// of what a look costs.
	for i := range o.Levels {
		o.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	}
	// Most keys asked for are in the last level, where a filter would only be one block more to read; a table of the first
	// may be as large as an epoch, and its filter larger than what the cache keeps.
	for i := 1; i < len(o.Levels)-1; i++ {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return o
}

// discard closes the database and removes its files.
func (d *disk) discard() error {
	if d.dir == "" {
		return nil
	}
	var err error
	if d.db != nil {
		if closing := d.db.Close(); closing != nil && d.fs.Err() == nil {
			err = closing
		}
		d.cache.Unref()
	}
	err = errors.Join(err, d.o.FS.RemoveAll(d.dir))
	d.dir, d.db, d.cache = "", nil, nil
	d.unflushed, d.linked = 0, nil
	return err
}

// Err is why the database is of no use any more, or nil.
func (d *disk) Err() error {
	if d.fs == nil {
		return nil
	}
	return d.fs.Err()
}

// version is which version the rows are of; ok is false for a database without rows.
func (d *disk) version() (v int64, ok bool, err error) {
	b, err := d.get(versionKey)
	if err != nil || len(b) != 8 {
		return -1, false, err
	}
	return int64(binary.BigEndian.Uint64(b)), true, nil
}

func (d *disk) get(key []byte) ([]byte, error) {
	v, closer, err := d.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := slices.Clone(v)
	return out, closer.Close()
}

// tableBytes is what one table may hold in memory.
func (d *disk) tableBytes() int64 { return d.o.MemoryBytes / 2 / int64(max(d.tables, 1)) }

// cacheBytes is what memory tables, which Pebble takes out of its cache, and blocks share.
func (d *disk) cacheBytes() int64 { return d.o.MemoryBytes * 3 / 8 }

func (d *disk) memTable() int64 { return min(max(d.o.MemoryBytes/16, 1<<20), 64<<20) }

// number gives tables their numbers in the database: by operator and name, so that they are a checkpoint's for ever.
func (d *disk) number(tables []*table) {
	sorted := slices.Clone(tables)
	slices.SortStableFunc(sorted, func(a, b *table) int {
		return cmp.Or(cmp.Compare(a.spec.Operator, b.spec.Operator), cmp.Compare(a.spec.Name, b.spec.Name))
	})
	n := -1
	for i, t := range sorted {
		if i == 0 || sorted[i-1].spec.Operator != t.spec.Operator || sorted[i-1].spec.Name != t.spec.Name {
			n++
		}
		t.cold.number = uint16(n)
	}
}

// commit makes the changes that the tables have put into their batches the version's, at once.
func (d *disk) commit(version int64, tables []*table) error {
	whole := d.db.NewBatch()
	defer whole.Close()
	for _, t := range tables {
		b, err := t.cold.end()
		if err == nil {
			err = whole.Apply(b, nil)
		}
		if err = errors.Join(err, b.Close()); err != nil {
			return err
		}
	}
	if err := whole.Set(versionKey, binary.BigEndian.AppendUint64(nil, uint64(version)), nil); err != nil {
		return err
	}
	// What is written while a snapshot waits for its tables must not be flushed into them.
	if d.unflushed += whole.Len(); d.linked != nil && int64(d.unflushed) > d.memTable()/4 {
		<-d.linked
	}
	if err := d.db.Apply(whole, pebble.NoSync); err != nil {
		return err
	}
	return d.fs.Err()
}

// link starts a snapshot of the version that is committed: what it gives waits for the tables to be written and makes a
// folder of them. It runs beside the query.
func (d *disk) link(name string) (func() error, error) {
	flushed, err := d.db.AsyncFlush()
	if err = errors.Join(err, d.fs.Err()); err != nil {
		return nil, err
	}
	linked := make(chan struct{})
	d.unflushed, d.linked = 0, linked
	db, scratch, dir := d.db, d.fs, path.Join(d.o.Dir, name)
	return func() error {
		defer close(linked)
		select {
		case <-flushed:
		case <-scratch.gone:
		}
		if err := errors.Join(scratch.Err(), d.o.FS.RemoveAll(dir)); err != nil {
			return err
		}
		err := db.Checkpoint(dir)
		if err = errors.Join(err, scratch.Err()); err != nil {
			return err
		}
		return markComplete(d.o.FS, dir)
	}, nil
}

// markComplete writes the file without which a snapshot's folder is nothing.
func markComplete(files vfs.FS, dir string) error {
	if err := vfs.WriteFile(files, path.Join(dir, completeName), nil, true); err != nil {
		return err
	}
	return errors.Join(files.SyncDir(dir), files.SyncDir(path.Dir(dir)))
}

// isComplete says whether a snapshot's folder was written whole.
func isComplete(files vfs.FS, dir string) (bool, error) {
	_, err := files.Stat(path.Join(dir, completeName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// clean removes the databases of runs that ended without doing so. It is called when this run has the log.
func (d *disk) clean() error {
	entries, err := d.o.FS.ReadDir(d.o.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(d.o.Dir, e.Name())
		if strings.HasPrefix(e.Name(), rowsPrefix) && name != d.dir {
			if err := d.o.FS.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

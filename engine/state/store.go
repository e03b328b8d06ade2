package state

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Options are what a Store is made of.
type Options struct {
	FS  vfs.FS
	Dir string // the checkpoint's state folder; its parent exists
	Mem memory.Allocator
	// Partitions is the pinned number, at least 1.
	Partitions int
	// A snapshot is due when the log since the last one holds more than the last snapshot (in memory) and more than
	// SnapshotBytes or this many epochs, so that snapshots never cost more than the log. 0 takes the defaults.
	SnapshotBytes  int64
	SnapshotEpochs int
	// MemoryBytes bounds what a store in Pebble holds in memory, beside what one epoch touches; 0 takes the default.
	MemoryBytes int64
	// ReadOnly changes nothing that belongs to the query: Restore alone may be called.
	ReadOnly bool
}

// scratchPrefix begins the name of a run's database.
func (o *Options) scratchPrefix() string {
	if o.ReadOnly {
		return "read-"
	}
	return rowsPrefix
}

const (
	defaultSnapshotBytes  = 32 << 20
	defaultSnapshotEpochs = 1000
)

// logStore is the Store whose changes lie in log segments and whose rows lie in memory, or on disk too: Commit appends one frame and
// syncs it once; a new segment is begun by a start and by a snapshot only. A segment's header says on which version
// it builds: frames of older segments above that version are void, since the epochs were run again.
type logStore struct {
	o       Options
	name    string // the provider's
	disk    *disk  // nil where all rows are in memory
	tables  []*table
	version int64
	broken  bool

	segment     vfs.File // nil until the first commit after a restore or snapshot
	segmentName string
	generation  int64

	segments  []segmentFile // closed and open ones, oldest first
	snapshots []snapshotFile
	logBytes  int64 // since the last snapshot
	logEpochs int
	buffer    []byte
	described bool // the metadata file is there
	snapping  *snapshotting
	// seen, which a View sets, is told of every change that a replay makes.
	seen func(t *table, gone bool, rows arrow.RecordBatch) error
}

type segmentFile struct {
	name string
	last int64 // the greatest epoch in it
}

type snapshotFile struct {
	name    string
	version int64
	bytes   int64
}

// NewMemory makes a Store over a folder. It reads and writes nothing until Restore and Commit.
func NewMemory(o Options) Store {
	return newLogStore(o, Provider)
}

func newLogStore(o Options, provider string) *logStore {
	if o.SnapshotBytes == 0 {
		o.SnapshotBytes = defaultSnapshotBytes
	}
	if o.SnapshotEpochs == 0 {
		o.SnapshotEpochs = defaultSnapshotEpochs
	}
	return &logStore{o: o, name: provider, version: -1}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (s *logStore) Partitions() int { return s.o.Partitions }

func (s *logStore) Open(spec Spec, instance, instances int, payload Payload) (Table, error) {
	for _, t := range s.tables {
		if t.spec.Operator == spec.Operator && t.spec.Name == spec.Name && t.instance == instance {
			return nil, errs.Internal("state table %s of operator %d is opened twice", spec.Name, spec.Operator)
		}
	}
	t := newTable(spec, instance, instances, payload, s.o.Mem)
	s.tables = append(s.tables, t)
	if s.disk != nil {
		t.cold = newCold(s.disk, t)
		s.disk.tables++
	}
	return t, nil
}

// PartitionSeed makes partitions independent of the hashes of group tables.
const PartitionSeed = 0x5ca1ab1e

// Partition gives each row's pinned partition; the same in every process and release. hashes is scratch of rows places.
func Partition(keys []arrow.Array, rows, partitions int, hashes []uint64, into []int32) {
	batch.Hash(keys, rows, PartitionSeed, hashes)
	n := uint64(partitions)
	for i, h := range hashes[:rows] {
		into[i] = int32(h % n)
	}
}

func (s *logStore) Commit(ctx context.Context, epoch int64) error {
	if s.broken {
		return errs.Internal("the state store must be restored after a failed commit")
	}
	if epoch <= s.version {
		return errs.Internal("state of epoch %d is committed after that of epoch %d", epoch, s.version)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.broken = true
	if err := s.Check(); err != nil {
		return err
	}
	if err := s.append(epoch); err != nil {
		return s.cannotCommit(err, epoch)
	}
	s.settle()
	s.broken, s.version = false, epoch
	return nil
}

// settle says that the tables are as committed.
func (s *logStore) settle() {
	for _, t := range s.tables {
		t.settle()
		if t.cold != nil {
			t.cold.trim()
		}
	}
}

func (s *logStore) Check() error {
	for _, t := range s.tables {
		if t.cold != nil && t.cold.err != nil {
			return t.cold.err
		}
	}
	if s.disk != nil {
		if err := s.disk.Err(); err != nil {
			return loading(err, s.disk.dir)
		}
	}
	return nil
}

// cannotCommit names the failure as PySpark does.
func (s *logStore) cannotCommit(err error, epoch int64) error {
	if errors.Is(err, fs.ErrExist) {
		return errs.New("CONCURRENT_STREAM_LOG_UPDATE", "batchId", itoa(epoch)).WithCause(err)
	}
	e := errs.New("CANNOT_WRITE_STATE_STORE.CANNOT_COMMIT", "providerClass", s.name).WithCause(err)
	e.Detail = err.Error()
	return e
}

// append writes the epoch's frame and syncs it.
func (s *logStore) append(epoch int64) error {
	if err := s.describe(); err != nil {
		return err
	}
	begins := s.segment == nil
	b := s.buffer[:0]
	if begins {
		b = appendFileHeader(b, s.version)
	}
	parts, err := s.encode()
	if err != nil {
		return err
	}
	applied := s.bringDown(epoch)
	err = s.write(epoch, begins, b, parts)
	return errors.Join(err, <-applied)
}

// bringDown brings the changes into the database beside the log's writing: were that to fail, the database is made anew.
func (s *logStore) bringDown(epoch int64) <-chan error {
	applied := make(chan error, 1)
	if s.disk == nil {
		applied <- nil
		return applied
	}
	go func() {
		var err error
		defer func() { applied <- err }()
		defer errs.Caught(&err)
		err = s.disk.commit(epoch, s.tables)
	}()
	return applied
}

// write appends a frame and syncs it.
func (s *logStore) write(epoch int64, begins bool, b []byte, parts [][]byte) error {
	b = appendFrameHeader(b, epoch, s.version, parts...)
	size := int64(len(b))
	for _, p := range parts {
		size += int64(len(p))
	}
	if size < oneWrite {
		for _, p := range parts {
			b = append(b, p...)
		}
		s.buffer, parts = b, nil
	}
	if begins {
		if err := s.begin(); err != nil {
			return err
		}
	}
	for _, p := range append([][]byte{b}, parts...) {
		if _, err := s.segment.Write(p); err != nil {
			return err
		}
	}
	if err := s.segment.Sync(); err != nil {
		return err
	}
	if begins {
		if err := s.o.FS.SyncDir(s.o.Dir); err != nil {
			return err
		}
	}
	s.segments[len(s.segments)-1].last = epoch
	s.logBytes += size
	s.logEpochs++
	return nil
}

// oneWrite is the size up to which a frame is copied together rather than written in parts.
const oneWrite = 1 << 20

// parallelRows is from how many changes on tables are encoded side by side.
const parallelRows = 1 << 14

// encode gives each table's changes, evictions and deletions before puts as far as one table is concerned.
func (s *logStore) encode() ([][]byte, error) {
	parts := make([][][]byte, len(s.tables))
	failures := make([]error, len(s.tables))
	var wg sync.WaitGroup
	for i, t := range s.tables {
		if len(t.touched) < parallelRows {
			parts[i], failures[i] = t.changes()
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer errs.Caught(&failures[i])
			parts[i], failures[i] = t.changes()
		}()
	}
	wg.Wait()
	return slices.Concat(parts...), errors.Join(failures...)
}

// begin makes the next segment.
func (s *logStore) begin() error {
	s.generation++
	name := segmentName(s.generation)
	f, err := s.o.FS.Create(path.Join(s.o.Dir, name), true)
	if err != nil {
		return err
	}
	s.segment, s.segmentName = f, name
	s.segments = append(s.segments, segmentFile{name: name, last: s.version})
	if s.disk != nil {
		return s.disk.clean()
	}
	return nil
}

// roll ends the segment; the next commit begins another.
func (s *logStore) roll() error {
	if s.segment == nil {
		return nil
	}
	f := s.segment
	s.segment = nil
	return f.Close()
}

func (s *logStore) Close() error {
	err := s.finishSnapshot(true)
	err = errors.Join(err, s.roll())
	for _, t := range s.tables {
		t.forgetDeleted()
		if t.cold != nil {
			t.cold.reset()
		}
	}
	if s.disk != nil {
		err = errors.Join(err, s.disk.discard())
	}
	return err
}

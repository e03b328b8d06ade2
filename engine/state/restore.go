package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
)

const (
	segmentPrefix  = "changes-"
	snapshotPrefix = "snapshot-"
	partSuffix     = ".part"
)

func segmentName(generation int64) string { return fmt.Sprintf("%s%010d", segmentPrefix, generation) }
func snapshotName(version int64) string   { return fmt.Sprintf("%s%020d", snapshotPrefix, version) }

// Restore loads a version: the newest snapshot at or below it, then the frames up to it.
func (s *logStore) Restore(ctx context.Context, version int64) error {
	_ = s.finishSnapshot(true) // a snapshot that failed is only missed, and what it left is removed below
	if err := s.roll(); err != nil {
		return loading(err, s.o.Dir)
	}
	s.reset()
	if err := s.list(version); err != nil {
		return loading(err, s.o.Dir)
	}
	if version < 0 {
		s.described = false // what an abandoned first epoch wrote may be of another plan
		if s.disk != nil {
			if err := s.openDisk(ctx, -1); err != nil {
				return loading(err, s.o.Dir)
			}
		}
	} else {
		if !s.o.ReadOnly {
			if err := s.checkMetadata(); err != nil {
				return err
			}
		}
		if err := s.load(ctx, version); err != nil {
			s.reset()
			return loading(err, s.o.Dir)
		}
	}
	s.version, s.broken = version, false
	return nil
}

// loading gives a failed read PySpark's condition; engine errors and the caller's cancellation pass.
func loading(err error, file string) error {
	if errs.As(err) != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errs.New("CANNOT_LOAD_STATE_STORE.CANNOT_READ_STREAMING_STATE_FILE", "fileToRead", file).WithCause(err)
	}
	e := errs.New("CANNOT_LOAD_STATE_STORE.UNCATEGORIZED").WithCause(err)
	e.Detail = err.Error()
	return e
}

func (s *logStore) reset() {
	for _, t := range s.tables {
		t.reset()
	}
	if s.disk != nil {
		s.disk.number(s.tables)
	}
	s.segments, s.snapshots, s.logBytes, s.logEpochs, s.generation = nil, nil, 0, 0, 0
	s.described = false
}

// list finds the folder's files. Snapshots above the version are of epochs that will be run again: they go.
func (s *logStore) list(version int64) error {
	entries, err := s.o.FS.ReadDir(s.o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		if version < 0 {
			return nil
		}
		return s.missing()
	}
	if err == nil && !s.o.ReadOnly {
		err = s.o.FS.SyncDir(s.o.Dir) // what is seen may not be durable yet, and is built upon
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		file := path.Join(s.o.Dir, name)
		switch {
		case name == metadataName:
			s.described = true
		case strings.HasSuffix(name, partSuffix):
			err = s.unwanted(file)
		case strings.HasPrefix(name, segmentPrefix):
			if n, bad := strconv.ParseInt(strings.TrimPrefix(name, segmentPrefix), 10, 64); bad == nil {
				s.segments = append(s.segments, segmentFile{name: name, last: -1})
				s.generation = max(s.generation, n)
			}
		case strings.HasPrefix(name, snapshotPrefix):
			n, bad := strconv.ParseInt(strings.TrimPrefix(name, snapshotPrefix), 10, 64)
			if bad != nil {
				break
			}
			whole := n <= version
			if whole && s.disk != nil {
				whole, err = isComplete(s.o.FS, file)
			}
			if !whole && err == nil {
				err = s.unwanted(file)
				break
			}
			s.snapshots = append(s.snapshots, snapshotFile{name: name, version: n})
		}
		if err != nil {
			return err
		}
	}
	if !s.described && version >= 0 && len(entries) > 0 && len(s.segments) == 0 {
		return foreign(s.o.Dir, s.name)
	}
	return nil
}

// unwanted removes what no version can come of.
func (s *logStore) unwanted(file string) error {
	if s.o.ReadOnly {
		return nil
	}
	return s.o.FS.RemoveAll(file)
}

// openDisk makes the run's database, from a snapshot or, with -1, empty.
func (s *logStore) openDisk(ctx context.Context, snapshot int) error {
	dir := ""
	if snapshot >= 0 {
		dir = path.Join(s.o.Dir, s.snapshots[snapshot].name)
	}
	if err := s.disk.open(ctx, dir); err != nil {
		return err
	}
	if snapshot >= 0 {
		v, _, err := s.disk.version()
		if err != nil {
			return err
		}
		if v != s.snapshots[snapshot].version {
			return corrupt(dir, 0)
		}
	}
	for _, t := range s.tables {
		if err := t.cold.opened(); err != nil {
			return err
		}
	}
	return s.Check()
}

// load tries snapshots from the newest to none: a damaged one does not matter while older ones and the log reach.
func (s *logStore) load(ctx context.Context, version int64) error {
	frames, err := s.index()
	if err != nil {
		return err
	}
	slices.SortFunc(s.snapshots, func(a, b snapshotFile) int { return int(a.version - b.version) })
	var first error
	for at := len(s.snapshots) - 1; at >= -1; at-- {
		err := s.loadFrom(ctx, at, frames, version)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if first == nil {
			first = err
		}
		for _, t := range s.tables {
			t.reset()
		}
	}
	return first
}

func (s *logStore) loadFrom(ctx context.Context, snapshot int, frames []frame, version int64) error {
	at := int64(-1)
	if snapshot >= 0 {
		at = s.snapshots[snapshot].version
	}
	chain, err := s.chain(frames, at, version)
	if err != nil {
		return err
	}
	switch {
	case s.disk != nil:
		err = s.openDisk(ctx, snapshot)
	case snapshot >= 0:
		err = s.readSnapshot(ctx, &s.snapshots[snapshot])
	}
	if err != nil {
		return err
	}
	s.logBytes, s.logEpochs = 0, len(chain)
	for _, f := range chain {
		s.logBytes += f.size
	}
	return s.replay(ctx, chain)
}

// chain is the frames that lead from one version to another, each building on the one before.
func (s *logStore) chain(frames []frame, from, to int64) ([]frame, error) {
	var out []frame
	at := from
	for _, f := range frames {
		if f.epoch <= from || f.epoch > to {
			continue
		}
		if f.prev != at {
			break
		}
		out = append(out, f)
		at = f.epoch
	}
	if at != to {
		name := path.Join(s.o.Dir, segmentPrefix+"*")
		e := errs.New("CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS", "fileToRead", name, "clazz", s.name)
		e.Detail = "The change log holds no unbroken way from version " + itoa(from) + " to version " + itoa(to) + "."
		return nil, e
	}
	return out, nil
}

// index lists the frames of all segments that were not superseded.
func (s *logStore) index() ([]frame, error) {
	var frames []frame
	for i := range s.segments {
		seg := &s.segments[i]
		file := path.Join(s.o.Dir, seg.name)
		f, err := s.o.FS.Open(file)
		if err != nil {
			return nil, err
		}
		frames, err = s.indexSegment(f, file, seg, frames)
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
	}
	return frames, nil
}

type sizedFile interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}

func (s *logStore) indexSegment(f sizedFile, file string, seg *segmentFile, frames []frame) ([]frame, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	base, ok, err := readFileHeader(f)
	if err != nil || !ok {
		return frames, err // a torn header: nothing in it was ever acknowledged
	}
	frames = slices.DeleteFunc(frames, func(x frame) bool { return x.epoch > base })
	for at := int64(fileHeader); ; {
		x, ok, err := frameAt(f, file, at, info.Size())
		if err != nil {
			return nil, err
		}
		if !ok {
			return frames, nil
		}
		frames = append(frames, x)
		seg.last = max(seg.last, x.epoch)
		at = x.at + x.size
	}
}

// replay applies frames in order, opening each file once.
func (s *logStore) replay(ctx context.Context, frames []frame) error {
	for len(frames) > 0 {
		n := 1
		for n < len(frames) && frames[n].file == frames[0].file {
			n++
		}
		if err := s.replayFile(ctx, frames[:n]); err != nil {
			return err
		}
		frames = frames[n:]
	}
	return nil
}

func (s *logStore) replayFile(ctx context.Context, frames []frame) error {
	f, err := s.o.FS.Open(frames[0].file)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, x := range frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := x.payload(f)
		if err != nil {
			return err
		}
		if err := eachChange(s.o.Mem, b, s.apply); err != nil {
			return corruptCause(err, x)
		}
		if s.disk != nil {
			if err := s.replayed(x.epoch); err != nil {
				return err
			}
		}
	}
	return nil
}

// replayed brings a frame's changes down to the database.
func (s *logStore) replayed(epoch int64) error {
	for _, t := range s.tables {
		if err := t.toCold(); err != nil {
			return err
		}
	}
	if err := s.disk.commit(epoch, s.tables); err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return err
	}
	s.settle()
	return nil
}

func corruptCause(err error, x frame) error {
	if errs.As(err) != nil {
		return err
	}
	return errors.Join(corrupt(x.file, x.at), err)
}

// apply gives a change's rows to the instances that hold their partitions.
func (s *logStore) apply(c change) error {
	known := false
	for _, t := range s.tables {
		if t.spec.Operator != c.operator || t.spec.Name != c.name {
			continue
		}
		known = true
		if err := s.applyTo(t, c); err != nil {
			return err
		}
	}
	if !known {
		return errs.Internal("the state holds a table %s of operator %d that the plan does not declare", c.name, c.operator)
	}
	return nil
}

func (s *logStore) applyTo(t *table, c change) error {
	if c.kind == evict {
		return s.evictFrom(t, c)
	}
	rows := c.rows
	if t.instances > 1 {
		mine := s.rowsOf(&t.spec, c.rows.Columns()[:len(t.spec.Keys)], int(c.rows.NumRows()), t.instance, t.instances)
		if len(mine) == 0 {
			return nil
		}
		rows = batch.TakeBatch(s.o.Mem, c.rows, mine)
		defer rows.Release()
	}
	n := int(rows.NumRows())
	keys, slots := rows.Columns()[:len(t.spec.Keys)], make([]int32, n)
	if c.kind == remove {
		if err := t.Find(keys, n, slots); err != nil {
			return err
		}
		return s.dropped(t, slices.DeleteFunc(slots, func(x int32) bool { return x < 0 }))
	}
	if err := t.Slots(keys, n, slots); err != nil {
		return err
	}
	values := rows.Columns()[len(t.spec.Keys):]
	if t.due != nil && t.spec.Due.Value {
		t.Schedule(slots, TimesOf(values[t.spec.Due.Column]))
	}
	if t.cold != nil {
		t.Touch(slots)
	}
	if s.seen != nil {
		if err := s.seen(t, false, rows); err != nil {
			return err
		}
	}
	return t.payload.Write(slots, values)
}

// TimesOf is the times of a value column; a row without one is never due.
func TimesOf(a arrow.Array) []int64 {
	times, valid := batch.Values[int64](a), batch.Valid(a)
	if valid.All() {
		return times
	}
	out := make([]int64, len(times))
	for i, t := range times {
		if out[i] = NoDue; valid.Get(i) {
			out[i] = t
		}
	}
	return out
}

// dropped drops slots that a replay removes.
func (s *logStore) dropped(t *table, slots []int32) error {
	if s.seen != nil && len(slots) > 0 {
		schema, _ := schemas(t.spec)
		rows := batch.Make(schema, t.groups.Keys(t.mem, slots), len(slots))
		defer rows.Release()
		if err := s.seen(t, true, rows); err != nil {
			return err
		}
	}
	t.drop(slots)
	return nil
}

// evictFrom drops what an instance evicted from a table that may be divided otherwise now.
func (s *logStore) evictFrom(t *table, c change) error {
	if t.due == nil || t.instances == c.instances && t.instance != c.instance {
		return nil
	}
	slots := t.Due(c.upTo)
	if t.instances != c.instances && c.instances > 1 && len(slots) > 0 {
		keys := t.groups.Keys(t.mem, slots)
		var theirs []int32
		for _, i := range s.rowsOf(&t.spec, keys, len(slots), c.instance, c.instances) {
			theirs = append(theirs, slots[i])
		}
		batch.Release(keys...)
		slots = theirs
	}
	return s.dropped(t, slots)
}

// rowsOf is the rows whose partitions an instance holds.
func (s *logStore) rowsOf(spec *Spec, keys []arrow.Array, n, instance, instances int) []int32 {
	parts, hashes := make([]int32, n), make([]uint64, n)
	Partition(spec.partitionKeys(keys), n, s.o.Partitions, hashes, parts)
	var out []int32
	for i, p := range parts {
		if int(p)%instances == instance {
			out = append(out, int32(i))
		}
	}
	return out
}

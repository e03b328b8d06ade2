package state

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// snapshotting is a snapshot being written beside the query.
type snapshotting struct {
	file snapshotFile
	done chan error
	rows []change
	logs int64 // the log's bytes at the capture
	n    int   // and its epochs
}

// lastSnapshot is the size of the newest snapshot.
func (s *logStore) lastSnapshot() int64 {
	if n := len(s.snapshots); n > 0 {
		return s.snapshots[n-1].bytes
	}
	return 0
}

func (s *logStore) snapshotDue() bool {
	if s.version < 0 || s.logEpochs == 0 || s.snapping != nil || s.broken {
		return false
	}
	floor := s.o.SnapshotBytes
	if s.logEpochs >= s.o.SnapshotEpochs {
		floor = 0
	}
	return s.logBytes > max(floor, s.lastSnapshot())
}

// Maintain captures the rows when a snapshot is due and writes them beside the query, then removes what no version
// from keep on needs. A snapshot that failed is reported here, at the next call, and tried again.
func (s *logStore) Maintain(ctx context.Context, keep int64) error {
	if err := s.finishSnapshot(false); err != nil {
		return err
	}
	if s.snapshotDue() {
		if err := s.capture(); err != nil {
			return err
		}
	}
	return s.purge(ctx, keep)
}

// capture copies the columns of all rows and starts the writing.
func (s *logStore) capture() error {
	p := &snapshotting{file: snapshotFile{name: snapshotName(s.version), version: s.version}, done: make(chan error, 1), logs: s.logBytes, n: s.logEpochs}
	if s.disk != nil {
		return s.captureDisk(p)
	}
	for _, t := range s.tables {
		slots := t.All()
		for lo := 0; lo < len(slots); lo += chunk {
			c, err := t.puts(slots[lo:min(len(slots), lo+chunk)])
			if err != nil {
				release(p.rows)
				return err
			}
			p.rows = append(p.rows, c)
		}
	}
	if err := s.roll(); err != nil {
		release(p.rows)
		return s.cannotCommit(err, s.version)
	}
	s.snapping = p
	go func() {
		err := s.writeSnapshot(p)
		release(p.rows)
		p.done <- err
	}()
	return nil
}

// captureDisk starts a snapshot of the database.
func (s *logStore) captureDisk(p *snapshotting) error {
	if err := s.roll(); err != nil {
		return s.cannotCommit(err, s.version)
	}
	link, err := s.disk.link(p.file.name)
	if err != nil {
		return s.cannotCommit(err, s.version)
	}
	s.snapping = p
	go func() {
		var err error
		defer func() { p.done <- err }()
		defer errs.Caught(&err)
		err = link()
	}()
	return nil
}

func release(rows []change) {
	for _, c := range rows {
		c.rows.Release()
	}
}

// writeSnapshot runs beside the query: it touches nothing of the store but its constants. Each chunk is a frame; the
// last frame is empty and says how many there are.
func (s *logStore) writeSnapshot(p *snapshotting) (err error) {
	defer errs.Caught(&err)
	final := path.Join(s.o.Dir, p.file.name)
	f, err := s.o.FS.Create(final+partSuffix, false)
	if err != nil {
		return err
	}
	b := appendFileHeader(nil, p.file.version)
	for i := 0; i <= len(p.rows) && err == nil; i++ {
		var part []byte
		if i < len(p.rows) {
			if part, err = appendChange(nil, p.rows[i]); err != nil {
				break
			}
		}
		b = append(appendFrameHeader(b, p.file.version, int64(i), part), part...)
		p.file.bytes += int64(len(b))
		_, err = f.Write(b)
		b = b[:0]
	}
	if err = vfs.Seal(f, err); err != nil {
		return err
	}
	return vfs.Replace(s.o.FS, final+partSuffix, final)
}

// finishSnapshot takes over a snapshot that has been written; with wait it waits for it.
func (s *logStore) finishSnapshot(wait bool) error {
	p := s.snapping
	if p == nil {
		return nil
	}
	var err error
	if wait {
		err = <-p.done
	} else {
		select {
		case err = <-p.done:
		default:
			return nil
		}
	}
	s.snapping = nil
	if err != nil {
		return s.cannotCommit(err, p.file.version)
	}
	s.snapshots = append(s.snapshots, p.file)
	s.logBytes -= p.logs
	s.logEpochs -= p.n
	return nil
}

// purge removes snapshots that a newer one at or below keep replaces, and segments that end at or below it.
func (s *logStore) purge(ctx context.Context, keep int64) error {
	base := -1
	for i, x := range s.snapshots {
		if x.version <= keep {
			base = i
		}
	}
	if base < 0 {
		return nil
	}
	from := s.snapshots[base].version
	for base > 0 {
		if err := s.forget(ctx, s.snapshots[0].name); err != nil {
			return err
		}
		s.snapshots, base = s.snapshots[1:], base-1
	}
	for len(s.segments) > 0 && s.segments[0].last <= from && !(len(s.segments) == 1 && s.segment != nil) {
		if err := s.forget(ctx, s.segments[0].name); err != nil {
			return err
		}
		s.segments = s.segments[1:]
	}
	return nil
}

func (s *logStore) forget(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.o.FS.RemoveAll(path.Join(s.o.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.cannotCommit(err, s.version)
	}
	return nil
}

// readSnapshot loads a snapshot whole.
func (s *logStore) readSnapshot(ctx context.Context, x *snapshotFile) error {
	file := path.Join(s.o.Dir, x.name)
	f, err := s.o.FS.Open(file)
	if err != nil {
		return errs.New("CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE", "fileToRead", file, "clazz", s.name).WithCause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if v, ok, err := readFileHeader(f); err != nil || !ok || v != x.version {
		return errors.Join(err, corrupt(file, 0))
	}
	x.bytes = info.Size()
	at := int64(fileHeader)
	for i := int64(0); ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		fr, ok, err := frameAt(f, file, at, info.Size())
		if err != nil {
			return err
		}
		if !ok || fr.epoch != x.version || fr.prev != i {
			return corrupt(file, at)
		}
		if fr.size == 0 {
			return nil
		}
		b, err := fr.payload(f)
		if err != nil {
			return err
		}
		if err := eachChange(s.o.Mem, b, s.apply); err != nil {
			return corruptCause(err, fr)
		}
		at = fr.at + fr.size
	}
}

// Package metalog is Spark's on-disk log form: one file an entry, named by its number.
//
// It knows no entry's meaning: checkpoint keeps offsets and commits in it, source the files it has seen, sink the
// files it has committed. Invariants: an entry is there whole and durable or not at all, and never changes; of two
// writers of one number exactly one wins; the bytes are Spark's, so that Spark continues our logs and we continue its.
package metalog

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Log is entries by number. Safe for concurrent use; several processes may share the folder, of which one wins an Add.
type Log struct {
	fs  vfs.FS
	dir string
	// newest is the highest version of the form that Get understands; Add writes the first.
	newest int

	mu     sync.Mutex
	oldest int64 // no entry lies below; -1 while unknown
}

// Open makes the folder if need be. newest is the highest version of the form that the caller understands.
func Open(files vfs.FS, dir string, newest int) (*Log, error) {
	if err := makeDurable(files, dir); err != nil {
		return nil, err
	}
	// A writer that failed late may have left an entry that is seen and would not outlive a crash; what builds on it would.
	if err := files.SyncDir(dir); err != nil {
		return nil, err
	}
	return &Log{fs: files, dir: dir, newest: newest, oldest: -1}, nil
}

// makeDurable makes a folder whose name survives a crash.
func makeDurable(files vfs.FS, dir string) error {
	if _, err := files.Stat(dir); err == nil {
		// Whoever made it may have failed before its name was durable. A parent that may not be read is not ours.
		if err := files.SyncDir(path.Dir(dir)); !errors.Is(err, fs.ErrPermission) {
			return err
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := path.Dir(dir)
	if parent != dir {
		if err := makeDurable(files, parent); err != nil {
			return err
		}
	}
	if err := files.MkdirAll(dir); err != nil {
		return err
	}
	return files.SyncDir(parent)
}

// Dir is the folder.
func (l *Log) Dir() string { return l.dir }

// Add writes an entry durably: a version line, then the body. added is false where the number is taken already:
// then nothing was changed.
func (l *Log) Add(id int64, body []byte) (added bool, err error) {
	return l.add(strconv.FormatInt(id, 10), append([]byte("v1\n"), body...))
}

func (l *Log) add(name string, content []byte) (bool, error) {
	d, err := l.draft(name)
	if err != nil {
		return false, err
	}
	if err := d.write(content); err != nil {
		d.drop()
		return false, err
	}
	return d.publish()
}

// draft is an entry in the making, under a hidden name that Spark and we pass over.
type draft struct {
	log  *Log
	name string
	temp string
	file vfs.File
}

func (l *Log) draft(name string) (*draft, error) {
	temp := path.Join(l.dir, "."+name+"."+uuid.NewString()+".tmp")
	f, err := l.fs.Create(temp, true)
	if err != nil {
		return nil, err
	}
	return &draft{log: l, name: name, temp: temp, file: f}, nil
}

func (d *draft) write(b []byte) error {
	_, err := d.file.Write(b)
	return err
}

// drop gives up; what cannot be removed stays hidden.
func (d *draft) drop() {
	d.file.Close()
	d.log.fs.Remove(d.temp)
}

// publish makes the draft the entry, unless there is one.
func (d *draft) publish() (bool, error) {
	if err := d.file.Sync(); err != nil {
		d.drop()
		return false, err
	}
	if err := d.file.Close(); err != nil {
		d.log.fs.Remove(d.temp)
		return false, err
	}
	l := d.log
	// A checksum that Spark left for an entry that is gone would make Spark refuse ours.
	if err := absent(l.fs.Remove(path.Join(l.dir, "."+d.name+".crc"))); err != nil {
		l.fs.Remove(d.temp)
		return false, err
	}
	added, err := l.claim(d.temp, path.Join(l.dir, d.name))
	if err != nil || !added {
		return false, err
	}
	return true, l.fs.SyncDir(l.dir)
}

// claim gives the draft its name, which only one writer can take.
func (l *Log) claim(temp, name string) (bool, error) {
	err := l.fs.Link(temp, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		l.fs.Remove(temp)
		return false, nil
	case errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission):
		// A file system without hard links.
		if _, err := l.fs.Stat(name); err == nil {
			l.fs.Remove(temp)
			return false, nil
		}
		if err := l.fs.Rename(temp, name); err != nil {
			l.fs.Remove(temp)
			return false, err
		}
		return true, nil
	case err != nil:
		l.fs.Remove(temp)
		return false, err
	}
	l.fs.Remove(temp) // a second name that stays is swept by Purge
	return true, nil
}

// absent turns "there is none" into success.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Get reads an entry's body; ok is false where there is none.
func (l *Log) Get(id int64) (body []byte, ok bool, err error) {
	file := path.Join(l.dir, strconv.FormatInt(id, 10))
	content, err := vfs.ReadFile(l.fs, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	body, err = parse(file, content, l.newest)
	return body, err == nil, err
}

// Unreadable is the error of an entry whose lines the caller cannot make sense of: torn, or another program's.
func (l *Log) Unreadable(id int64, why error) error {
	return errs.New("_LEGACY_ERROR_UNNAMED_LOG_UNREADABLE", "path", path.Join(l.dir, strconv.FormatInt(id, 10)),
		"reason", why.Error()).WithCause(why)
}

// parse checks the version line and gives what follows it.
func parse(file string, content []byte, newest int) ([]byte, error) {
	if len(content) == 0 {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_LOG_INCOMPLETE", "path", file)
	}
	head, body, _ := bytes.Cut(content, []byte{'\n'})
	return body, checkVersion(file, string(head), newest)
}

// checkVersion reads a version line, "v1".
func checkVersion(file, text string, newest int) error {
	digits, marked := strings.CutPrefix(strings.TrimSuffix(text, "\r"), "v")
	v, err := strconv.Atoi(digits)
	var e *errs.Error
	switch {
	case !marked || err != nil || v <= 0:
		e = errs.New("MALFORMED_LOG_FILE", "text", text)
	case v > newest:
		e = errs.New(errs.Unnamed+"LOG_VERSION",
			"maxSupportedVersion", strconv.Itoa(newest), "version", strconv.Itoa(v))
	default:
		return nil
	}
	e.Detail = "The entry is " + file + "."
	return e
}

// Latest gives the entry with the highest number; ok is false while there is none.
func (l *Log) Latest() (id int64, body []byte, ok bool, err error) {
	ids, err := l.IDs()
	if err != nil || len(ids) == 0 {
		return -1, nil, false, err
	}
	id = ids[len(ids)-1]
	body, ok, err = l.Get(id)
	return id, body, ok, err
}

// IDs gives the numbers that have entries, in order.
func (l *Log) IDs() ([]int64, error) {
	entries, err := l.fs.ReadDir(l.dir)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, e := range entries {
		if id, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && id >= 0 {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids, nil
}

// Purge removes the entries below threshold with their checksums, and what interrupted writers left.
func (l *Log) Purge(threshold int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.oldest < 0 {
		ids, err := l.IDs()
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		if err := l.sweep(ids[len(ids)-1]); err != nil {
			return err
		}
		l.oldest = ids[0]
	}
	for ; l.oldest < threshold; l.oldest++ {
		if err := l.remove(strconv.FormatInt(l.oldest, 10)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) remove(name string) error {
	if err := absent(l.fs.Remove(path.Join(l.dir, name))); err != nil {
		return err
	}
	return absent(l.fs.Remove(path.Join(l.dir, "."+name+".crc")))
}

// sweep removes drafts of numbers that are taken: their writers died or lost.
func (l *Log) sweep(latest int64) error {
	entries, err := l.fs.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".tmp") {
			continue
		}
		number, _, _ := strings.Cut(name[1:], ".")
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && id <= latest {
			if err := absent(l.fs.Remove(path.Join(l.dir, name))); err != nil {
				return err
			}
		}
	}
	return nil
}

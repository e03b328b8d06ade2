package sink

import (
	"context"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/metalog"
	"pysparkcompat/engine/vfs"
)

// staged begins the names of files whose epoch is not committed: hidden from Spark and from us.
const staged = ".uncommitted-"

// fileSink writes an epoch's rows as files and then names them in the folder's log: Spark's FileStreamSink. A file
// is written under a hidden name, synced, renamed at the epoch's commit and only then named in the log.
type fileSink struct {
	env    *Env
	form   *fileForm
	dir    string
	log    *manifest.Log
	latest int64
	// retention is how old entries may become before compactions leave them out; 0 is for ever.
	retention time.Duration

	mu      sync.Mutex
	files   []written // of the epoch at hand
	renamed int       // how many of them have their final names
	tidied  bool
}

type written struct {
	name string
	size int64
}

func openFiles(name string) func(context.Context, *Env) (Sink, error) {
	return func(_ context.Context, e *Env) (Sink, error) {
		if e.Mode != Append {
			return nil, errs.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE", "className", name,
				"outputMode", strings.ToLower(string(e.Mode)))
		}
		p, ok := e.option("path")
		if !ok {
			return nil, errs.New("_LEGACY_ERROR_TEMP_2047")
		}
		dir, err := localPath(p)
		if err != nil {
			return nil, err
		}
		if err := vfs.MayBeFolder(e.FS, dir); err != nil {
			return nil, err
		}
		form, err := newForm(name, e)
		if err != nil {
			return nil, err
		}
		s := &fileSink{env: e, form: form, dir: dir}
		if text, ok := e.option("retention"); ok {
			if s.retention, err = conf.ParseMillis(text); err != nil {
				return nil, errs.New(errs.Unnamed+"OPTION_TIME", "value", text)
			}
		}
		return s, nil
	}
}

// localPath turns a path or file URI into an absolute slash path.
func localPath(p string) (string, error) {
	if scheme, rest, ok := strings.Cut(p, ":"); ok && len(scheme) > 1 && !strings.ContainsAny(scheme, "/\\") {
		if scheme != "file" {
			return "", errs.NotBuilt("the file system of " + scheme + ": paths")
		}
		p = "/" + strings.TrimLeft(rest, "/")
	}
	abs, err := filepath.Abs(filepath.FromSlash(p))
	return filepath.ToSlash(abs), err
}

// open opens the log at the first epoch and clears away what a crash left.
func (s *fileSink) open() error {
	if s.log != nil {
		return nil
	}
	c := s.env.Conf
	log, err := manifest.Open(s.env.FS, s.dir, metalog.Compaction{
		Interval: c.Int("spark.sql.streaming.fileSink.log.compactInterval"), Delete: c.Bool("spark.sql.streaming.fileSink.log.deletion"),
		CleanupDelay: c.Millis("spark.sql.streaming.fileSink.log.cleanupDelay"), MinBatches: c.Int("spark.sql.streaming.minBatchesToRetain"),
	}, s.env.Clock)
	if err != nil {
		return err
	}
	if s.retention > 0 {
		log.Retain(func(e manifest.Entry) bool {
			return s.env.Clock.Now().UnixMilli()-e.ModificationTime <= s.retention.Milliseconds()
		})
	}
	// The whole log is read once, so that a torn or missing entry shows before rows are added behind it.
	if _, err := log.All(); err != nil {
		return err
	}
	s.latest = -1
	if id, ok, err := log.Latest(); err != nil {
		return err
	} else if ok {
		s.latest = id
	}
	if err := s.sweep(s.dir); err != nil {
		return err
	}
	s.log = log
	return nil
}

// sweep removes what a crash left of files whose epoch was not committed.
func (s *fileSink) sweep(dir string) error {
	entries, err := s.env.FS.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		full := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), staged):
			err = s.env.FS.Remove(full)
		case s.form.parts != nil && e.IsDir() && strings.Contains(e.Name(), "="):
			err = s.sweep(full)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *fileSink) Begin(ctx context.Context, epoch int64) (bool, error) {
	if err := s.open(); err != nil {
		return false, err
	}
	if !s.tidied && s.log != nil {
		if err := s.Tidy(ctx); err != nil {
			return false, err
		}
	}
	s.files, s.renamed, s.tidied = nil, 0, false
	return epoch <= s.latest, nil
}

func (s *fileSink) Writer(_ context.Context, epoch int64, instance int) (Writer, error) {
	if epoch <= s.latest {
		return discard{}, nil
	}
	return s.part(instance).writer(s.env), nil
}

func (s *fileSink) part(instance int) *partWriter {
	return &partWriter{fs: s.env.FS, form: s.form, instance: instance, uuid: uuid.NewString(), place: s.hidden, done: s.add}
}

func (s *fileSink) hidden(name string) string {
	return path.Join(s.dir, path.Dir(name), staged+path.Base(name))
}

func (s *fileSink) add(name string, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, written{name, size})
}

// fileWriter is one instance's.
type fileWriter struct{ *partWriter }

func (w *fileWriter) Write(_ context.Context, b arrow.RecordBatch) error { return w.write(b) }
func (w *fileWriter) Close(ok bool) error {
	if ok {
		if err := w.end(); err == nil {
			return nil
		} else {
			w.drop()
			return err
		}
	}
	w.drop()
	return nil
}

func (s *fileSink) Commit(ctx context.Context, epoch int64) error {
	if epoch <= s.latest {
		return nil
	}
	if err := s.commit(ctx, epoch); err != nil {
		s.Abort(epoch) //nolint:errcheck // the cause is reported
		return err
	}
	s.latest, s.files, s.renamed = epoch, nil, 0
	return nil
}

func (s *fileSink) commit(ctx context.Context, epoch int64) error {
	if len(s.files) == 0 && s.latest < 0 && s.form.parts == nil {
		// The first entry of a folder names a file even without rows, so that readers know the columns.
		if err := s.part(0).empty(); err != nil {
			return err
		}
	}
	entries := make([]manifest.Entry, len(s.files))
	for i, f := range s.files {
		full := path.Join(s.dir, f.name)
		if err := s.env.FS.Rename(s.hidden(f.name), full); err != nil {
			return err
		}
		s.renamed = i + 1
		info, err := s.env.FS.Stat(full)
		if err != nil {
			return err
		}
		entries[i] = manifest.Added(full, f.size, info.ModTime().UnixMilli())
	}
	if len(entries) > 0 {
		if err := s.syncFolders(); err != nil {
			return err
		}
	}
	added, err := s.log.Add(ctx, epoch, entries)
	if err != nil {
		return err
	}
	if !added {
		return errs.New(errs.Unnamed+"SINK_RACE", "batchId", strconv.FormatInt(epoch, 10), "path", s.dir)
	}
	return nil
}

// syncFolders makes the names of the epoch's files durable, and those of their folders.
func (s *fileSink) syncFolders() error {
	names := make([]string, len(s.files))
	for i, f := range s.files {
		names[i] = f.name
	}
	for _, dir := range foldersOf(names) {
		if err := s.env.FS.SyncDir(path.Join(s.dir, dir)); err != nil {
			return err
		}
	}
	return nil
}

// Abort removes the epoch's files. Where the log may name them, because its writing failed late, they stay.
func (s *fileSink) Abort(epoch int64) error {
	if s.log == nil || epoch <= s.latest {
		return nil
	}
	if held, err := s.log.Has(epoch); err != nil || held {
		return err
	}
	var first error
	for i, f := range s.files {
		name := s.hidden(f.name)
		if i < s.renamed {
			name = path.Join(s.dir, f.name)
		}
		if err := s.env.FS.Remove(name); err != nil && first == nil && i >= s.renamed {
			first = err
		}
	}
	s.files, s.renamed = nil, 0
	return first
}

// Tidy expires entries and prepares the next compaction.
func (s *fileSink) Tidy(ctx context.Context) error {
	if s.log == nil {
		return nil
	}
	s.tidied = true
	if s.latest < 0 {
		return nil
	}
	if err := s.log.Expire(s.latest); err != nil {
		return err
	}
	return s.log.Prepare(ctx, s.latest+1)
}

func (s *fileSink) Describe() string { return "FileSink[file:" + s.dir + "]" }
func (s *fileSink) Idempotent() bool { return true }
func (s *fileSink) RowsKnown() bool  { return false }
func (s *fileSink) Close() error {
	if s.log == nil {
		return nil
	}
	return s.log.Close()
}

// discard takes rows that the sink holds already.
type discard struct{}

func (discard) Write(context.Context, arrow.RecordBatch) error { return nil }
func (discard) Close(bool) error                               { return nil }

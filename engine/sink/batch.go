package sink

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/google/uuid"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// SaveMode is what to do where the output exists.
type SaveMode string

const (
	SaveAppend    SaveMode = "append"
	SaveOverwrite SaveMode = "overwrite"
	SaveError     SaveMode = "errorifexists"
	SaveIgnore    SaveMode = "ignore"
)

const (
	// temporary holds the files of a write that is not committed; readers pass it over.
	temporary = "_temporary"
	success   = "_SUCCESS"
)

// Output writes a frame into a folder. Order of calls: Writer for each instance, all of which are closed before
// Commit or Abort; then exactly one of the two.
type Output struct {
	env  *Env
	form *fileForm
	dir  string
	mode SaveMode
	// dynamic overwrites only the folders that get rows.
	dynamic bool
	job     string
	made    bool // the folder is ours

	mu    sync.Mutex
	files []string
}

// NewOutput checks options, schema and mode and makes the staging folder. skip says that there is nothing to do:
// mode ignore over a folder that exists.
func NewOutput(format, to string, mode SaveMode, e *Env) (o *Output, skip bool, err error) {
	c, err := Find(format)
	if err != nil {
		return nil, false, err
	}
	if err := refuse(c.Name, c.Options, e); err != nil {
		return nil, false, err
	}
	dir, err := localPath(to)
	if err != nil {
		return nil, false, err
	}
	if _, err := divided(e); err != nil { // of the columns PySpark complains first, of their types after the mode
		return nil, false, err
	}
	if err := vfs.MayBeFolder(e.FS, path.Dir(dir)); err != nil {
		return nil, false, err
	}
	info, err := e.FS.Stat(dir)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	if there && mode == SaveError {
		return nil, false, errs.New("PATH_ALREADY_EXISTS", "outputPath", "file:"+dir)
	}
	form, err := newForm(c.Name, e)
	if err != nil {
		return nil, false, err
	}
	if there && mode == SaveIgnore {
		return nil, true, nil
	}
	dynamic, err := dynamicOverwrite(e)
	if err != nil {
		return nil, false, err
	}
	if there && !info.IsDir() {
		if mode == SaveAppend {
			return nil, false, vfs.MayBeFolder(e.FS, dir)
		}
		if err := e.FS.Remove(dir); err != nil { // overwritten
			return nil, false, err
		}
		there = false
	}
	o = &Output{env: e, form: form, dir: dir, mode: mode, job: uuid.NewString(), made: !there, dynamic: dynamic && form.parts != nil}
	if err := e.FS.MkdirAll(o.staging()); err != nil {
		o.Abort()
		return nil, false, err
	}
	return o, false, nil
}

func (o *Output) staging() string           { return path.Join(o.dir, temporary, o.job) }
func (o *Output) staged(name string) string { return path.Join(o.staging(), name) }

// Writer is for one instance; several are used at once, from their own goroutines.
func (o *Output) Writer(_ context.Context, instance int) (Writer, error) {
	return o.part(instance).writer(o.env), nil
}

func (o *Output) part(instance int) *partWriter {
	return &partWriter{fs: o.env.FS, form: o.form, instance: instance, uuid: o.job, place: o.staged, done: o.add}
}

func (o *Output) add(name string, _ int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files = append(o.files, name)
}

// Commit puts the files in their place. Until the first of them moves, a failure leaves the folder as it was.
func (o *Output) Commit(ctx context.Context) (err error) {
	moved := 0
	defer func() {
		if err != nil {
			o.undo(moved)
		}
	}()
	if len(o.files) == 0 && o.form.parts == nil {
		if err := o.part(0).empty(); err != nil {
			return err
		}
	}
	folders := foldersOf(o.files)
	for _, dir := range folders {
		if err := o.env.FS.SyncDir(o.staged(dir)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := o.makeRoom(folders); err != nil {
		return err
	}
	for _, name := range o.files {
		if err := o.env.FS.Rename(o.staged(name), path.Join(o.dir, name)); err != nil {
			return err
		}
		moved++
	}
	for _, dir := range folders[:len(folders)-1] {
		if err := o.env.FS.SyncDir(path.Join(o.dir, dir)); err != nil {
			return err
		}
	}
	if err := o.env.FS.RemoveAll(path.Join(o.dir, temporary)); err != nil {
		return err
	}
	if err := o.mark(); err != nil {
		return err
	}
	return o.env.FS.SyncDir(path.Dir(o.dir))
}

// makeRoom removes what is overwritten and makes the folders of the files; "." is the last of the folders.
func (o *Output) makeRoom(folders []string) error {
	if o.mode == SaveOverwrite && !o.dynamic {
		if err := o.clear(o.dir); err != nil {
			return err
		}
	}
	for _, dir := range folders[:len(folders)-1] {
		if err := o.env.FS.MkdirAll(path.Join(o.dir, dir)); err != nil {
			return err
		}
	}
	if !o.dynamic || o.mode != SaveOverwrite {
		return nil
	}
	cleared := map[string]bool{}
	for _, name := range o.files {
		if dir := path.Dir(name); !cleared[dir] {
			cleared[dir] = true
			if err := o.clear(path.Join(o.dir, dir)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dynamicOverwrite reads the option, and the setting where there is none.
func dynamicOverwrite(e *Env) (bool, error) {
	mode, ok := e.option("partitionOverwriteMode")
	if !ok {
		mode = e.Conf.String("spark.sql.sources.partitionOverwriteMode")
	}
	switch strings.ToLower(mode) {
	case "dynamic":
		return true, nil
	case "static":
		return false, nil
	}
	return false, errs.New(errs.Unnamed+"OPTION", "value", mode, "option", "partitionOverwriteMode", "must", "static or dynamic")
}

// clear removes what is in a folder.
func (o *Output) clear(dir string) error {
	entries, err := o.env.FS.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == temporary {
			continue
		}
		if err := o.env.FS.RemoveAll(path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// mark says that the folder is complete.
func (o *Output) mark() error {
	f, err := o.env.FS.Create(path.Join(o.dir, success), false)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return o.env.FS.SyncDir(o.dir)
}

// Abort removes all that was written.
func (o *Output) Abort() error {
	o.undo(0)
	return nil
}

// undo takes back the first n files of the commit and the staging folder, and the folder itself if it is ours. What
// cannot be removed is hidden from readers, but for files that moved: those are tried first.
func (o *Output) undo(n int) {
	for _, name := range o.files[:n] {
		o.env.FS.Remove(path.Join(o.dir, name))
	}
	o.env.FS.RemoveAll(o.staging())
	o.env.FS.Remove(path.Join(o.dir, temporary)) // only if no other write uses it
	if o.made {
		o.env.FS.Remove(path.Join(o.dir, success))
		o.env.FS.Remove(o.dir) // only if it is empty
	}
}

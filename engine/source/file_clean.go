package source

import (
	"path"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/vfs"
)

// cleaner does what the option cleanSource says with files that were read. A file that cannot be moved or removed
// stays: rows are right without it.
type cleaner struct {
	fs vfs.FS
	// archive is where files go, under their whole paths; empty removes them.
	archive string
}

// newCleaner reads the options cleanSource and sourceArchiveDir; nil where files stay.
func newCleaner(e *Env, source string) (*cleaner, error) {
	mode, ok := e.option("cleanSource")
	if !ok || strings.EqualFold(mode, "off") {
		return nil, nil
	}
	c := &cleaner{fs: e.FS}
	switch strings.ToLower(mode) {
	case "delete":
	case "archive":
		dir, ok := e.option("sourceArchiveDir")
		if !ok {
			return nil, errs.New(errs.Unnamed+"OPTION_TEXT", "message", "Archive mode must be used with 'sourceArchiveDir' option.")
		}
		var err error
		if c.archive, err = localPath(dir); err != nil {
			return nil, err
		}
		if err := apart(source, c.archive); err != nil {
			return nil, err
		}
	default:
		return nil, errs.New(errs.Unnamed+"OPTION", "value", mode, "option", "cleanSource", "must", "off, archive or delete")
	}
	if !isGlob(source) {
		if info, err := e.FS.Stat(path.Join(source, manifest.Folder)); err == nil && info.IsDir() {
			return nil, errs.New(errs.Unnamed+"CLEAN_SINK", "path", source)
		}
	}
	return c, nil
}

// apart refuses an archive whose files could be found by the source: in as many folders as both paths have, they must
// differ.
func apart(source, archive string) error {
	from, to := strings.Split(strings.Trim(source, "/"), "/"), strings.Split(strings.Trim(archive, "/"), "/")
	for i := range min(len(from), len(to)) {
		ok, err := matchName(from[i], to[i])
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
	}
	return errs.New(errs.Unnamed+"REQUIREMENT", "message", "requirement failed: Base archive path cannot be set to the path where archived path can possibly match with source pattern: "+
		archive+" and "+source+" are the same as far as both go.")
}

func (c *cleaner) clean(file string) {
	if c.archive == "" {
		c.fs.Remove(file) //nolint:errcheck // see cleaner
		return
	}
	to := path.Join(c.archive, file)
	if err := c.fs.MkdirAll(path.Dir(to)); err == nil {
		c.fs.Rename(file, to) //nolint:errcheck // see cleaner
	}
}

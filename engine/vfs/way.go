package vfs

import (
	"errors"
	"io/fs"
	"path"
	"syscall"

	"pysparkcompat/engine/errs"
)

// Missing says that there is nothing at a path: no name, or a file where one of its folders would be.
func Missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// MayBeFolder gives an error where a file stands at a path, or where one of its folders would be.
func MayBeFolder(files FS, dir string) error {
	for at := dir; ; at = path.Dir(at) {
		info, err := files.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return errs.New(errs.Unnamed+"FILE_IN_THE_WAY", "path", "file:"+at)
		case err == nil || !Missing(err) || at == path.Dir(at):
			return nil // what else is wrong shows when the folder is made
		}
	}
}

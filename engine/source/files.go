package source

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/format/manifest"
	"pysparkcompat/engine/vfs"
)

// file is one found file.
type file struct {
	path string // absolute, with slashes
	size int64
	mod  time.Time
}

// listing is what to look for.
type listing struct {
	fs        vfs.FS
	roots     []string // absolute paths or patterns
	recursive bool
	glob      string // pathGlobFilter
	after     time.Time
	before    time.Time
}

// localPath turns a path or file URI into an absolute slash path.
func localPath(p string) (string, error) {
	if scheme, rest, ok := strings.Cut(p, ":"); ok && isScheme(scheme) {
		if scheme != "file" {
			return "", errs.NotBuilt("the file system of " + scheme + ": paths")
		}
		p = "/" + strings.TrimLeft(rest, "/")
	}
	abs, err := filepath.Abs(filepath.FromSlash(p))
	return filepath.ToSlash(abs), err
}

func isScheme(s string) bool {
	for i, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return len(s) > 1 // one letter is a drive
}

// hidden says that Spark passes a name over.
func hidden(name string) bool {
	return strings.HasPrefix(name, "_") && !strings.Contains(name, "=") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "._COPYING_")
}

const globMarks = "*?[{"

func isGlob(p string) bool { return strings.ContainsAny(p, globMarks+`\`) }

// expand gives the paths that a root stands for, in order; missing says that there are none.
func (l *listing) expand(root string) ([]string, error) {
	if !isGlob(root) {
		if _, err := l.fs.Stat(root); err != nil {
			return nil, missingIsNone(err)
		}
		return []string{root}, nil
	}
	seen := map[string]bool{}
	var out []string
	for _, p := range braces(root) {
		found, err := l.match("/", strings.Split(strings.TrimPrefix(p, "/"), "/"))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	sort.Strings(out)
	return out, nil
}

func missingIsNone(err error) error {
	if vfs.Missing(err) {
		return nil
	}
	return err
}

// match walks down a pattern, segment by segment.
func (l *listing) match(dir string, segments []string) ([]string, error) {
	if len(segments) == 0 {
		return []string{dir}, nil
	}
	head, rest := segments[0], segments[1:]
	if !isGlob(head) {
		next := path.Join(dir, head)
		if _, err := l.fs.Stat(next); err != nil {
			return nil, missingIsNone(err)
		}
		return l.match(next, rest)
	}
	entries, err := l.fs.ReadDir(dir)
	if err != nil {
		return nil, nil // not a folder, or gone
	}
	var out []string
	for _, e := range entries {
		ok, err := matchName(head, e.Name())
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		found, err := l.match(path.Join(dir, e.Name()), rest)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// matchName is Hadoop's glob of one name: *, ?, [abc], [^a-c], {a,b}.
func matchName(pattern, name string) (bool, error) {
	for _, p := range braces(pattern) {
		ok, err := path.Match(p, name)
		if err != nil {
			return false, errs.New(errs.Unnamed+"GLOB", "pattern", pattern)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

// braces writes {a,b} out.
func braces(p string) []string {
	open := strings.IndexByte(p, '{')
	if open < 0 {
		return []string{p}
	}
	depth, start := 0, open+1
	var parts []string
	for i := open; i < len(p); i++ {
		switch p[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 1 && p[i] == ',' || depth == 0 {
			parts = append(parts, p[start:i])
			start = i + 1
		}
		if depth == 0 {
			var out []string
			for _, part := range parts {
				out = append(out, braces(p[:open]+part+p[i+1:])...)
			}
			return out
		}
	}
	return []string{p}
}

// tree is what lies below a root.
type tree struct {
	root  string
	leaf  bool // the root is a file
	files []file
	// committed says that the files are those of a sink's log, wherever in the tree.
	committed bool
}

// ofSinkLog says that a root is the log of a file sink or lies in one: its files are no data, though a pattern names them.
func ofSinkLog(root string) bool { return slices.Contains(strings.Split(root, "/"), manifest.Folder) }

// walk finds the files below the roots. A root that is missing is left out, and so is a sink's log.
func (l *listing) walk(ctx context.Context) ([]tree, error) {
	var out []tree
	for _, pattern := range l.roots {
		roots, err := l.expand(pattern)
		if err != nil {
			return nil, err
		}
		for _, root := range roots {
			if ofSinkLog(root) {
				continue
			}
			t := tree{root: root}
			info, err := l.fs.Stat(root)
			if err != nil {
				if err = missingIsNone(err); err != nil {
					return nil, err
				}
				continue
			}
			if !info.IsDir() {
				t.leaf = true
				if !hidden(path.Base(root)) {
					t.files = append(t.files, file{root, info.Size(), info.ModTime()})
				}
			} else if t.files, err = l.descend(ctx, root, nil); err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

func (l *listing) descend(ctx context.Context, dir string, into []file) ([]file, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := l.fs.ReadDir(dir)
	if err != nil {
		return into, missingIsNone(err)
	}
	for _, e := range entries {
		if hidden(e.Name()) {
			continue
		}
		full := path.Join(dir, e.Name())
		info, err := e.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = l.fs.Stat(full)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since the folder was read
		}
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			if into, err = l.descend(ctx, full, into); err != nil {
				return nil, err
			}
			continue
		}
		into = append(into, file{full, info.Size(), info.ModTime()})
	}
	return into, nil
}

// wanted applies the filters on names and times.
func (l *listing) wanted(f file) (bool, error) {
	if !l.after.IsZero() && !f.mod.After(l.after) || !l.before.IsZero() && !f.mod.Before(l.before) {
		return false, nil
	}
	if l.glob == "" {
		return true, nil
	}
	return matchName(l.glob, path.Base(f.path))
}

func uri(p string) string { return manifest.URI(p) }

// committedFiles are the files that a file sink has committed into a folder; ok is false where none ever wrote there.
func committedFiles(e *Env, root string) (out []file, ok bool, err error) {
	entries, ok, err := manifest.Committed(e.FS, root, e.Clock)
	if err != nil || !ok {
		return nil, ok, err
	}
	for _, f := range entries {
		out = append(out, file{manifest.Path(f.Path), f.Size, time.UnixMilli(f.ModificationTime)})
	}
	return out, true, nil
}

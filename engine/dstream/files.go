package dstream

import (
	"io/fs"
	"path"
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
)

// watched is what a stream of files knows: which it took for which batch.
type watched struct {
	// window is how long a file that was taken is remembered; files older than it are too old to be taken.
	window int64
	taken  map[int64][]string // batches without files are left out
	recent map[string]bool
	// through is the newest batch that files were looked for.
	through int64
	// missing says that the folder was not there when last looked for, which is told once.
	missing bool
}

// rememberFiles is how long taken files are remembered at least, in whole batches.
func rememberFiles(least, batch int64) int64 {
	return (least + batch - 1) / batch * batch
}

func (w *watched) take(t int64, paths []string) {
	w.through = max(w.through, t)
	if len(paths) == 0 {
		return
	}
	if w.taken == nil {
		w.taken, w.recent = map[int64][]string{}, map[string]bool{}
	}
	w.taken[t] = paths
	for _, p := range paths {
		w.recent[p] = true
	}
}

func (w *watched) forget(before int64) {
	for t, paths := range w.taken {
		if t < before {
			delete(w.taken, t)
			for _, p := range paths {
				delete(w.recent, p)
			}
		}
	}
}

// newFiles are a batch's files: those recorded for it, else those that are new. A name that Hadoop hides fails the batch,
// whose files count as taken.
func (c *Context) newFiles(n *node, t int64) ([]string, error) {
	paths := n.files.taken[t]
	if t > n.files.through {
		paths = c.findFiles(n, t)
		n.files.take(t, paths)
	}
	c.report(t, InputInfo{ID: n.stream, Description: strings.Join(paths, "\n"), Files: true})
	for _, p := range paths {
		if strings.HasPrefix(path.Base(p), "_") {
			return nil, errs.New(errs.Unnamed+"DSTREAM_HIDDEN_FILE", "path", "file:"+p)
		}
	}
	return paths, nil
}

// findFiles looks for files that no batch took: changed after the stream was made and inside the window, and not after
// the batch's time. What cannot be listed is told and has no files.
func (c *Context) findFiles(n *node, t int64) []string {
	oldest := t - n.files.window
	if !n.All {
		oldest = max(oldest, n.Since)
	}
	folders := glob(c.fs, n.Directory)
	var out []string
	var err error
	for _, folder := range folders {
		entries, listErr := c.fs.ReadDir(folder)
		if listErr != nil {
			err = listErr
			continue
		}
		for _, e := range entries {
			p := path.Join(folder, e.Name())
			if hidden(e.Name()) || n.files.recent[p] {
				continue
			}
			info, statErr := e.Info()
			if statErr != nil {
				continue // it was moved away between the listing and now
			}
			if at := info.ModTime().UnixMilli(); at > oldest && at <= t {
				out = append(out, p)
			}
		}
	}
	if len(folders) == 0 || err != nil {
		if !n.files.missing {
			reason := "it does not exist"
			if err != nil {
				reason = err.Error()
			}
			c.driver.Warn("The folder " + n.Directory + " cannot be searched for new files: " + reason + ". Batches go on without; make it, and its files are read.")
		}
		n.files.missing = true
	} else {
		n.files.missing = false
	}
	sort.Strings(out)
	return out
}

// hidden files are those that Spark's streams of files pass over.
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// glob gives the folders that a pattern of Hadoop's names: ? * [a-z] [^a] {a,b}.
func glob(in lister, pattern string) []string {
	var out []string
	for _, alternative := range braces(pattern) {
		found := []string{"/"}
		for _, part := range strings.Split(strings.Trim(path.Clean(alternative), "/"), "/") {
			var next []string
			for _, at := range found {
				next = append(next, match(in, at, part)...)
			}
			found = next
		}
		out = append(out, found...)
	}
	return distinct(out)
}

// match gives the folders below one folder whose names fit.
func match(in lister, at, part string) []string {
	if !strings.ContainsAny(part, `*?[\`) {
		p := path.Join(at, part)
		if info, err := in.Stat(p); err == nil && info.IsDir() {
			return []string{p}
		}
		return nil
	}
	entries, err := in.ReadDir(at)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if ok, _ := path.Match(part, e.Name()); ok {
			out = append(out, match(in, at, e.Name())...)
		}
	}
	return out
}

// lister is what a search needs of a file system.
type lister interface {
	Stat(path string) (fs.FileInfo, error)
	ReadDir(path string) ([]fs.DirEntry, error)
}

// braces gives all the patterns that one with {a,b} stands for.
func braces(pattern string) []string {
	open := strings.IndexByte(pattern, '{')
	if open < 0 {
		return []string{pattern}
	}
	depth, from := 0, open+1
	var parts []string
	for i := open; i < len(pattern); i++ {
		switch pattern[i] {
		case '{':
			depth++
			continue
		case '}':
			depth--
		case ',':
		default:
			continue
		}
		if depth > 1 || depth == 1 && pattern[i] == '}' {
			continue
		}
		parts = append(parts, pattern[from:i])
		if from = i + 1; depth == 0 {
			var out []string
			for _, p := range parts {
				out = append(out, braces(pattern[:open]+p+pattern[i+1:])...)
			}
			return out
		}
	}
	return []string{pattern} // never closed: a name as it is
}

func distinct(list []string) []string {
	sort.Strings(list)
	out := list[:0]
	for i, s := range list {
		if i == 0 || s != list[i-1] {
			out = append(out, s)
		}
	}
	return out
}

// Package lint holds the tree to its own rules: who may import whom, how long a file and a function
// may be, and that nothing registers itself. It is tests only; nobody imports it. Its tables are the
// rules; a rule changes there or nowhere.
package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "pysparkcompat/"

// source is one file of the tree, its path relative to the root with forward slashes.
type source struct {
	path string
	text string
}

func (s source) dir() string {
	if i := strings.LastIndexByte(s.path, '/'); i >= 0 {
		return s.path[:i]
	}
	return ""
}

func (s source) isTest() bool {
	return strings.HasSuffix(s.path, "_test.go") || strings.HasPrefix(s.path, "tests/")
}

// generated says that a program wrote the file: its first lines tell.
func (s source) generated() bool {
	head := s.text[:min(len(s.text), 2000)]
	return strings.Contains(head, "Code generated") || strings.Contains(head, "DO NOT EDIT") ||
		strings.HasPrefix(s.path, "proto/spark/")
}

// skipped are folders with nothing of ours in them.
var skipped = map[string]bool{
	".git": true, "build": true, "dist": true, "node_modules": true, "__pycache__": true, "testdata": true,
}

// files gives the tree's files with one of the endings; at least one must exist.
func files(t *testing.T, endings ...string) []source {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	var found []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped[d.Name()] || (strings.HasPrefix(d.Name(), ".") && path != root && d.Name() != "..") {
				return fs.SkipDir
			}
			return nil
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				rel, _ := filepath.Rel(root, path)
				found = append(found, source{filepath.ToSlash(rel), string(text)})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no file with ending %v found from %s", endings, root)
	}
	return found
}

func parse(t *testing.T, s source) (*token.FileSet, *ast.File) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, s.path, s.text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return set, file
}

// imports gives what a Go file imports of this module, without the module's name.
func imports(file *ast.File) []string {
	var list []string
	for _, i := range file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		if own, ok := strings.CutPrefix(path, module); ok {
			list = append(list, own)
		}
	}
	return list
}

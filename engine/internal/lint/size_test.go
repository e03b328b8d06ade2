package lint

import (
	"go/ast"
	"strings"
	"testing"
)

const (
	maxFile     = 800
	maxFunction = 60
)

// longFunctions may be longer than maxFunction: each is one flat table or switch, which cutting would hide.
var longFunctions = map[string]string{}

func TestFilesAreShort(t *testing.T) {
	for _, s := range files(t, ".go", ".py") {
		if lines := strings.Count(s.text, "\n"); lines > maxFile && !s.generated() {
			t.Errorf("%s has %d lines, %d are allowed", s.path, lines, maxFile)
		}
	}
}

func TestGoFunctionsAreShort(t *testing.T) {
	unused := map[string]bool{}
	for name := range longFunctions {
		unused[name] = true
	}
	eachFunction(t, func(s source, f *ast.FuncDecl, lines int) {
		name := s.path + " " + f.Name.Name
		if lines <= maxFunction {
			return
		}
		if _, ok := longFunctions[name]; ok {
			delete(unused, name)
			return
		}
		t.Errorf("%s: %s has %d lines, %d are allowed", s.path, f.Name.Name, lines, maxFunction)
	})
	for name := range unused {
		t.Errorf("%s is listed as a long function and is none", name)
	}
}

func TestNothingRegistersItself(t *testing.T) {
	eachFunction(t, func(s source, f *ast.FuncDecl, _ int) {
		if f.Name.Name == "init" && f.Recv == nil {
			t.Errorf("%s has an init function; lists are explicit here", s.path)
		}
	})
}

// eachFunction visits the functions of our own Go files that are no tests.
func eachFunction(t *testing.T, visit func(s source, f *ast.FuncDecl, lines int)) {
	t.Helper()
	seen := 0
	for _, s := range files(t, ".go") {
		if s.isTest() || s.generated() {
			continue
		}
		set, file := parse(t, s)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				seen++
				visit(s, f, set.Position(f.End()).Line-set.Position(f.Pos()).Line+1)
			}
		}
	}
	if seen == 0 {
		t.Fatal("no function was seen")
	}
}

package errs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
)

// TestRaisedConditionsAreInTheTable reads every errs.New of the tree: a condition without a row would only be found by
// the user who meets it.
func TestRaisedConditionsAreInTheTable(t *testing.T) {
	found := 0
	for _, root := range []string{"..", "../../pybridge"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if name, ok := raised(n); ok {
					found++
					if errs.New(name).Name != name {
						t.Errorf("%s raises %s, which is in no table", path, name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Fatalf("only %d raised conditions were found: the test is blind", found)
	}
}

// raised is the condition of errs.New("X", …) or errs.New(errs.Unnamed+"X", …).
func raised(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return "", false
	}
	if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "New" || !isName(f.X, "errs") {
		return "", false
	}
	switch arg := call.Args[0].(type) {
	case *ast.BasicLit:
		name, err := strconv.Unquote(arg.Value)
		return name, err == nil
	case *ast.BinaryExpr:
		lit, ok := arg.Y.(*ast.BasicLit)
		left, prefixed := arg.X.(*ast.SelectorExpr)
		if !ok || !prefixed || left.Sel.Name != "Unnamed" {
			return "", false
		}
		name, err := strconv.Unquote(lit.Value)
		return errs.Unnamed + name, err == nil
	}
	return "", false
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func TestTextContainsEveryParameter(t *testing.T) {
	e := errs.New("PATH_ALREADY_EXISTS", "outputPath", "file:/x")
	if !strings.Contains(e.Error(), "file:/x") || !strings.HasPrefix(e.Error(), "[PATH_ALREADY_EXISTS] ") || !strings.HasSuffix(e.Error(), "SQLSTATE: 42K04") {
		t.Errorf("got %q", e.Error())
	}
}

func TestUnnamedConditionsAreEmpty(t *testing.T) {
	if e := errs.New(errs.Unnamed + "SESSION_STOPPED"); e.Condition() != "" || strings.Contains(e.Error(), "UNNAMED") {
		t.Errorf("condition %q, text %q", e.Condition(), e.Error())
	}
	if e := errs.New("NO_SUCH"); e.Name != "INTERNAL_ERROR" {
		t.Errorf("an unknown condition gave %q", e.Name)
	}
}

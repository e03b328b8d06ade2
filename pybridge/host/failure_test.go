package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
)

func TestDescribe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "below")
	for _, c := range []struct {
		name, condition, text string
		class                 errs.Class
		err                   error
	}{
		{"folder below a file", "", "The file system refused: mkdir", errs.Unknown, os.MkdirAll(below, 0o700)},
		{"wrapped", "", "not a directory", errs.Unknown, fmt.Errorf("checkpoint: %w", os.Rename(below, below+"2"))},
		{"slip of ours", "INTERNAL_ERROR", "odd", errs.Spark, errors.New("odd")},
		{"engine error", "PATH_NOT_FOUND", "nowhere", errs.Analysis, errs.New("PATH_NOT_FOUND", "path", "nowhere")},
	} {
		f := Describe(c.err)
		if f.Condition != c.condition || f.Class != c.class || !strings.Contains(f.Text, c.text) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

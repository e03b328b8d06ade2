package source

import (
	"testing"

	"pysparkcompat/engine/errs"
)

func TestAnArchiveLiesApartFromItsSource(t *testing.T) {
	for _, c := range []struct {
		source, archive string
		refused         bool
	}{
		{"/a/in", "/a/in", true}, {"/a/in", "/a/in/sub", true}, {"/a/in", "/a", true}, {"/a/in", "/", false},
		{"/a/in", "/a/out", false}, {"/a/in", "/b/in", false}, {"/a/*", "/a/out", true}, {"/a/*/x", "/a/out", true}, {"/a/i*", "/a/out", false},
	} {
		err := apart(c.source, c.archive)
		if (err != nil) != c.refused {
			t.Errorf("%s and %s: %v", c.source, c.archive, err)
		}
		if e := errs.As(err); err != nil && (e == nil || e.Name != errs.Unnamed+"REQUIREMENT") {
			t.Errorf("%s and %s: %v", c.source, c.archive, err)
		}
	}
}

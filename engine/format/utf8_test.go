package format_test

import (
	"testing"

	"pysparkcompat/engine/format"
)

func TestBrokenTextIsReplacedAsJavaDoes(t *testing.T) {
	for in, want := range map[string]string{
		"a\xc3\xa9b": "a\u00e9b", "\xff\xfe": "\uFFFD\uFFFD", "\xc3": "\uFFFD", "\xe2\x82x": "\uFFFDx", "\xf0\x9f\x98x": "\uFFFDx",
		"\xf0\x9f": "\uFFFD", "\xe0\x80": "\uFFFD\uFFFD", "\xed\xa0\x80": "\uFFFD\uFFFD\uFFFD", "\xf4\x90\x80": "\uFFFD\uFFFD\uFFFD", "": "", "\xc0\xaf": "\uFFFD\uFFFD",
	} {
		if got := string(format.Valid([]byte(in))); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

package format_test

import (
	"strings"
	"testing"

	"pysparkcompat/engine/format"
)

// TestLine reads texts in two pieces, divided at every place: the lines are the same.
func TestLine(t *testing.T) {
	for _, c := range []struct{ text, sep, want string }{
		{"a\nb", "", "a|b"}, {"a\r\nb\r\n", "", "a|b"}, {"a\rb\r", "", "a|b"}, {"\n\r\n\r", "", "||"}, {"a\r\rb", "", "a||b"},
		{"", "", ""}, {"a", "", "a"}, {"a;;b\n;;", ";;", "a|b\n"}, {"a;b", ";;", "a;b"}, {"a\n\rb", "", "a||b"},
	} {
		for at := range len(c.text) + 1 {
			var got []string
			left := []byte(c.text[:at])
			for _, more := range []string{"", c.text[at:]} {
				left = append(left, more...)
				last := len(got) > len(c.text) || more != "" || at == len(c.text)
				for {
					line, used, ok := format.Line(left, []byte(c.sep), strings.IndexByte(string(left), '\r') < 0, last)
					if !ok {
						break
					}
					got, left = append(got, string(line)), left[used:]
				}
			}
			if joined := strings.Join(got, "|"); joined != c.want {
				t.Errorf("%q by %q, cut at %d: %q, not %q", c.text, c.sep, at, joined, c.want)
			}
		}
	}
}

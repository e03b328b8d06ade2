package functions

import (
	"bytes"
	"testing"
)

func TestSwapCase(t *testing.T) {
	all := make([]byte, 128)
	for i := range all {
		all[i] = byte(i)
	}
	for shift := range 9 {
		from := all[shift:]
		for _, c := range []struct {
			first, last byte
			want        []byte
		}{{'A', 'Z', bytes.ToLower(from)}, {'a', 'z', bytes.ToUpper(from)}} {
			to := make([]byte, len(from))
			if swapCase(to, from, c.first, c.last); !bytes.Equal(to, c.want) {
				t.Errorf("%c from %d: got %q", c.first, shift, to)
			}
		}
	}
}

// FuzzRegex holds the engines against each other: what both take, both answer alike.
func FuzzRegex(f *testing.F) {
	for _, p := range []string{"a+b", "(a|b)*c", "^x?y$", "[^a]b", `\d+`, "a{2,3}", "(?i)Ab", "[a-c&&[^b]]", "x*", "a(b)?", "[&&\xff"} {
		for _, s := range []string{"", "aab", "xyxy", "b12c", "AaBb\n", "é"} {
			f.Add(p, s)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		r, err := CompileRegex(pattern, "rlike")
		if err != nil || r.re == nil || r.slow == nil {
			return
		}
		want, err := r.slow.MatchString(s)
		if got := r.Match([]byte(s)); err == nil && r.fast([]byte(s)) && got != want {
			t.Errorf("%q on %q: %t and %t", pattern, s, got, want)
		}
	})
}

package lint

import (
	"regexp"
	"strings"
	"testing"
)

// unwanted are words that a finished file does not hold. The patterns are written so as not to match here.
var unwanted = map[string]*regexp.Regexp{
	"a note of work not done": regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b|(#|//).*\bXX` + `X:`),
	"a path of one machine":   regexp.MustCompile(`(^|[\s"'=(:])/(wo` + `rk|ro` + `ot|ho` + `me)/\w`),
	"a sleep in a Go test":    regexp.MustCompile(`\btime\.Sl` + `eep\(`),
}

func TestNoUnwantedWords(t *testing.T) {
	for _, s := range files(t, ".go", ".py", ".md", ".toml", "Makefile", "run") {
		if s.generated() || strings.HasPrefix(s.path, "proto/") {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			for what, pattern := range unwanted {
				if strings.Contains(what, "Go test") && !strings.HasSuffix(s.path, "_test.go") {
					continue
				}
				if pattern.MatchString(line) {
					t.Errorf("%s:%d holds %s: %s", s.path, i+1, what, strings.TrimSpace(line))
				}
			}
		}
	}
}

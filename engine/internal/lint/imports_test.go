package lint

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// ladder: a package of engine imports only packages on rungs above its own.
var ladder = [][]string{
	{"errs", "internal/invariants", "zone"},
	{"conf", "vfs", "clock", "types"},
	{"batch"},
	{"expr", "state", "metalog"},
	{"format", "udf", "checkpoint"},
	{"source", "sink", "functions"},
	{"logical", "exec"},
	{"sql", "planner"},
	{"query", "rdd"},
	{"dstream"},
	{""}, // engine.go
}

// doors are the packages of engine that pybridge may import.
var doors = []string{"", "errs", "conf", "types", "batch", "expr", "logical", "udf", "rdd", "dstream", "clock"}

// onlyTests may be imported by tests only, and may import all.
var onlyTests = []string{"internal/testkit", "internal/lint"}

// rung gives a package's place, by its path below engine; a sub-package stands with its parent.
func rung(pkg string) (int, bool) {
	for i, names := range ladder {
		for _, name := range names {
			if pkg == name || (name != "" && strings.HasPrefix(pkg, name+"/")) {
				return i, true
			}
		}
	}
	return 0, false
}

// forbidden says why the package from may not import the package to, or nothing.
func forbidden(from, to string, test bool) string {
	engineTo, toEngine := below(to, "engine")
	engineFrom, fromEngine := below(from, "engine")
	switch {
	case toEngine && isOnlyTests(engineTo):
		if !test && !(fromEngine && isOnlyTests(engineFrom)) {
			return "is for tests only"
		}
		return ""
	case fromEngine && !toEngine:
		return "lies outside engine, which knows nothing of Python, gRPC or gopy"
	case fromEngine && isOnlyTests(engineFrom):
		return ""
	case fromEngine:
		return climbs(engineFrom, engineTo, test)
	case strings.HasPrefix(from, "pybridge/") && toEngine:
		if !isDoor(engineTo) && !test {
			return "is no door of engine to pybridge"
		}
	case from == "pybridge/native" && toEngine:
		return ""
	}
	return ""
}

func climbs(from, to string, test bool) string {
	if strings.HasPrefix(to, from+"/") || (from != "" && strings.HasPrefix(from, to+"/") && to != "") {
		return "" // a package and its own sub-packages
	}
	mine, known := rung(from)
	if !known {
		return "is imported by a package that has no rung on the ladder"
	}
	its, known := rung(to)
	if !known {
		return "has no rung on the ladder"
	}
	// An external test may look at its neighbours, never further down.
	if its < mine || (test && its == mine) {
		return ""
	}
	return fmt.Sprintf("stands on rung %d, not above rung %d", its+1, mine+1)
}

func below(pkg, folder string) (string, bool) {
	if pkg == folder {
		return "", true
	}
	return strings.CutPrefix(pkg, folder+"/")
}

func isOnlyTests(pkg string) bool { return among(pkg, onlyTests) }
func isDoor(pkg string) bool      { return among(pkg, doors) }

func among(pkg string, list []string) bool {
	for _, name := range list {
		if pkg == name || (name != "" && strings.HasPrefix(pkg, name+"/")) {
			return true
		}
	}
	return false
}

func TestGoImportsGoOneWay(t *testing.T) {
	for _, s := range files(t, ".go") {
		if strings.HasPrefix(s.path, "proto/") {
			continue
		}
		_, file := parse(t, s)
		for _, to := range imports(file) {
			if to == s.dir() { // an external test package and its subject
				continue
			}
			if why := forbidden(s.dir(), to, s.isTest()); why != "" {
				t.Errorf("%s imports %s, which %s", s.path, to, why)
			}
		}
	}
}

// The rules themselves: a table that says nothing would pass every tree.
func TestForbiddenImportsAreSeen(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test     bool
		allowed  bool
	}{
		{"engine/batch", "engine/types", false, true},
		{"engine/types", "engine/batch", false, false},
		{"engine/logical", "engine/exec", false, false},
		{"engine/planner", "engine/exec", false, true},
		{"engine/functions", "engine/source", false, false},
		{"engine/logical/rules", "engine/logical", false, true},
		{"engine/logical/rules", "engine/planner", false, false},
		{"engine", "engine/query", false, true},
		{"engine/query", "engine", false, false},
		{"engine/query", "engine", true, false},
		{"engine/exec", "engine/internal/testkit", false, false},
		{"engine/exec", "engine/internal/testkit", true, true},
		{"engine/internal/testkit", "engine/query", false, true},
		{"engine/expr", "pybridge/host", false, false},
		{"engine/expr", "proto/spark/connect", false, false},
		{"pybridge/connect", "engine", false, true},
		{"pybridge/connect", "engine/logical", false, true},
		{"pybridge/connect", "engine/planner", false, false},
		{"pybridge/native", "engine/errs", false, true},
		{"engine/nowhere", "engine/errs", false, false},
	} {
		why := forbidden(c.from, c.to, c.test)
		if (why == "") != c.allowed {
			t.Errorf("%s imports %s (test %v): got %q, allowed should be %v", c.from, c.to, c.test, why, c.allowed)
		}
	}
}

var (
	importsNative = regexp.MustCompile(`(?m)^\s*(from|import)\s+(pyspark_compat\._gopy|_pysparkcompat|\S*\._gopy)\b|import\s+_pysparkcompat\b|["']pyspark_compat\._gopy`)
	importsCompat = regexp.MustCompile(`(?m)^\s*(from|import)\s+pyspark_compat(\.|\s|$)`)
)

func TestOnlyNativeImportsTheEngine(t *testing.T) {
	door := false
	for _, s := range files(t, ".py") {
		if !importsNative.MatchString(s.text) || s.path == "setup.py" || strings.HasPrefix(s.path, "tests/") {
			continue
		}
		if s.path == "pyspark_compat/_native.py" {
			door = true
			continue
		}
		t.Errorf("%s imports the gopy module; only pyspark_compat/_native.py may", s.path)
	}
	if !door {
		t.Error("pyspark_compat/_native.py does not import the gopy module: the pattern here no longer fits")
	}
}

func TestTheWorkerKnowsNothingOfTheAPI(t *testing.T) {
	for _, s := range files(t, ".py") {
		if strings.HasPrefix(s.path, "python/") && importsCompat.MatchString(s.text) {
			t.Errorf("%s imports pyspark_compat; the worker must stand without it", s.path)
		}
	}
	if !importsCompat.MatchString("    from pyspark_compat.sql import Row\n") || importsCompat.MatchString("import pyspark_compat_worker\n") {
		t.Error("the pattern for imports of pyspark_compat is wrong")
	}
}

package functions

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"pysparkcompat/engine/errs"
)

// Regex is a Java regular expression. Most run on RE2; what only a backtracking engine can do runs on that. It is
// immutable and safe for concurrent use.
type Regex struct {
	// literal is the whole pattern, where it has no special characters.
	literal []byte
	// run is the simple form prefix(class+), where the pattern is that.
	run    *runPattern
	re     *regexp.Regexp
	slow   *regexp2.Regexp
	groups int
	names  map[string]int
	// dollar says that $ ends a line before a final newline too, which RE2 does not know: such texts go the slow way.
	dollar bool
	// nullable patterns may match nothing; Java then counts an empty match behind another one, Go does not.
	nullable bool
}

// runPattern is a fixed prefix and then the longest run of bytes of a class, as group 1.
type runPattern struct {
	prefix []byte
	class  [256]bool
}

// CompileRegex reads a Java pattern for a function that names it in its error.
func CompileRegex(pattern, function string) (*Regex, error) {
	r := &Regex{}
	if !strings.ContainsAny(pattern, `\.[]{}()*+?^$|`) {
		r.literal = []byte(pattern)
		return r, nil
	}
	r.run = simpleRun(pattern)
	t := translateRegex(pattern)
	if t.unsupported != "" {
		return nil, errs.NotBuilt("the regular expression feature " + t.unsupported)
	}
	if t.wrong {
		return nil, badRegex(pattern, function)
	}
	if !t.backtracking {
		if re, err := regexp.Compile(t.text); err == nil {
			r.re, r.groups, r.names = re, re.NumSubexp(), map[string]int{}
			for i, n := range re.SubexpNames() {
				r.names[n] = i
			}
			r.dollar, r.nullable = t.dollar, mayBeEmpty(t.text)
			if !r.dollar && !r.nullable {
				return r, nil
			}
		}
	}
	slow, err := regexp2.Compile(t.exact, regexp2.RE2)
	if err != nil {
		return nil, badRegex(pattern, function)
	}
	r.slow = slow
	if r.re == nil {
		r.groups, r.names = len(slow.GetGroupNumbers())-1, map[string]int{}
		for _, n := range slow.GetGroupNames() {
			r.names[n] = slow.GroupNumberFromName(n)
		}
	}
	return r, nil
}

func badRegex(pattern, function string) error {
	return errs.New("INVALID_PARAMETER_VALUE.PATTERN", "parameter", "`regexp`", "functionName", "`"+function+"`",
		"value", "'"+strings.ReplaceAll(pattern, `\`, `\\`)+"'")
}

var runForm = regexp.MustCompile(`^([^\\.\[\]{}()*+?^$|]*)\((\\d|\\w|\\s|\[\^?[^\\\[\]^&-]+\]|\[(?:[a-zA-Z0-9]-[a-zA-Z0-9])+\])\+\)$`)

// simpleRun recognises prefix(\d+), prefix([^x]+), prefix([a-z]+).
func simpleRun(pattern string) *runPattern {
	m := runForm.FindStringSubmatch(pattern)
	if m == nil || !isASCII([]byte(m[2])) {
		return nil
	}
	r := &runPattern{prefix: []byte(m[1])}
	add := func(lo, hi byte) {
		for b := int(lo); b <= int(hi); b++ {
			r.class[b] = true
		}
	}
	switch c := m[2]; {
	case c == `\d`:
		add('0', '9')
	case c == `\w`:
		add('0', '9')
		add('a', 'z')
		add('A', 'Z')
		add('_', '_')
	case c == `\s`:
		add('\t', '\r')
		add(' ', ' ')
	case c[1] == '^':
		for _, b := range []byte(c[2 : len(c)-1]) {
			add(b, b)
		}
		for i := range r.class {
			r.class[i] = !r.class[i]
		}
	case strings.Contains(c, "-"):
		for i := 1; i+2 < len(c)-1+1; i += 3 {
			if c[i] > c[i+2] {
				return nil
			}
			add(c[i], c[i+2])
		}
	default:
		for _, b := range []byte(c[1 : len(c)-1]) {
			add(b, b)
		}
	}
	return r
}

// find gives the bounds of the first match's run, and where the match begins.
func (p *runPattern) find(s []byte, from int) (start, lo, hi int) {
	for from <= len(s) {
		at := bytes.Index(s[from:], p.prefix)
		if at < 0 {
			return -1, 0, 0
		}
		start = from + at
		lo = start + len(p.prefix)
		hi = lo
		for hi < len(s) && p.class[s[hi]] {
			hi++
		}
		if hi > lo {
			return start, lo, hi
		}
		from = start + 1
	}
	return -1, 0, 0
}

// Match says that the pattern occurs in s.
func (r *Regex) Match(s []byte) bool {
	switch {
	case r.literal != nil:
		return bytes.Contains(s, r.literal)
	case r.run != nil:
		at, _, _ := r.run.find(s, 0)
		return at >= 0
	case r.fast(s):
		return r.re.Match(s)
	}
	ok, err := r.slow.MatchString(string(s))
	return ok && err == nil
}

// fast says that RE2 answers for this text.
func (r *Regex) fast(s []byte) bool {
	return r.re != nil && (!r.dollar || bytes.IndexAny(s, "\n\r\u0085\u2028\u2029") < 0)
}

// Groups gives the byte bounds of the first match and its groups, or nil; a group that took no part is at -1.
func (r *Regex) Groups(s []byte) []int {
	if r.literal == nil && r.run == nil && r.fast(s) {
		return r.re.FindSubmatchIndex(s)
	}
	var out []int
	r.Each(s, 0, func(m []int) bool {
		out = append([]int{}, m...)
		return false
	})
	return out
}

// Each calls f with every match from a byte offset on, in turn, until it answers false.
func (r *Regex) Each(s []byte, from int, f func(m []int) bool) {
	switch {
	case r.literal != nil:
		r.eachLiteral(s, from, f)
	case r.run != nil:
		for {
			start, lo, hi := r.run.find(s, from)
			if start < 0 || !f([]int{start, hi, lo, hi}) {
				return
			}
			from = hi
		}
	case r.fast(s) && !r.nullable:
		r.eachFast(s, from, f)
	default:
		r.eachSlow(s, from, f)
	}
}

// eachLiteral steps over an empty literal character by character.
func (r *Regex) eachLiteral(s []byte, from int, f func(m []int) bool) {
	for from <= len(s) {
		at := bytes.Index(s[from:], r.literal)
		if at < 0 || !f([]int{from + at, from + at + len(r.literal)}) {
			return
		}
		from += at + len(r.literal)
		if len(r.literal) == 0 {
			if from == len(s) {
				return
			}
			_, n := utf8.DecodeRune(s[from:])
			from += n
		}
	}
}

func (r *Regex) eachFast(s []byte, from int, f func(m []int) bool) {
	for _, m := range r.re.FindAllSubmatchIndex(s, -1) {
		if m[0] >= from && !f(m) {
			return
		}
	}
}

func (r *Regex) eachSlow(s []byte, from int, f func(m []int) bool) {
	runes := []rune(string(s))
	offsets := make([]int, len(runes)+1)
	for i, x := range runes {
		offsets[i+1] = offsets[i] + utf8.RuneLen(x)
	}
	m, err := r.slow.FindRunesMatch(runes)
	for ; m != nil && err == nil; m, err = r.slow.FindNextMatch(m) {
		out := make([]int, 2*(r.groups+1))
		for g, group := range m.Groups() {
			if g > r.groups {
				break
			}
			out[2*g], out[2*g+1] = -1, -1
			if len(group.Captures) > 0 {
				out[2*g], out[2*g+1] = offsets[group.Index], offsets[group.Index+group.Length]
			}
		}
		if out[0] >= from && !f(out) {
			return
		}
	}
}

// mayBeEmpty says that a pattern may match an empty text.
func mayBeEmpty(pattern string) bool {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	return err != nil || matchesNothing(tree)
}

func matchesNothing(r *syntax.Regexp) bool {
	switch r.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return r.Op == syntax.OpLiteral && len(r.Rune) == 0
	case syntax.OpPlus, syntax.OpCapture:
		return matchesNothing(r.Sub[0])
	case syntax.OpRepeat:
		return r.Min == 0 || matchesNothing(r.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(r.Sub, func(x *syntax.Regexp) bool { return !matchesNothing(x) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(r.Sub, matchesNothing)
	}
	return true
}

// GroupCount is how many groups the pattern has.
func (r *Regex) GroupCount() int {
	if r.run != nil {
		return 1
	}
	return r.groups
}

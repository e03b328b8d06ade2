package functions

import (
	"regexp"
	"strings"
)

// translated is a Java pattern in the syntax that RE2 and the backtracking engine share.
type translated struct {
	text string
	// exact is the text for the backtracking engine, which is told in full what $ means.
	exact string
	// backtracking patterns need look-around, back references or atomic groups.
	backtracking bool
	dollar       bool
	unsupported  string
	// wrong says that Java has no such pattern, though the engines here would take it.
	wrong bool
}

// javaClasses are Java's names for ASCII classes.
var javaClasses = map[string]string{"Lower": "a-z", "Upper": "A-Z", "ASCII": `\x00-\x7F`, "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
	"Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~", "Blank": ` \t`, "Cntrl": `\x00-\x1F\x7F`, "XDigit": "0-9a-fA-F", "Space": ` \t\n\x0B\f\r`,
	"IsAlphabetic": `\p{L}\p{Nl}`, "IsLetter": `\p{L}`, "IsDigit": `\p{Nd}`, "IsUppercase": `\p{Lu}`, "IsLowercase": `\p{Ll}`, "IsPunctuation": `\p{P}`,
	"javaLowerCase": `\p{Ll}`, "javaUpperCase": `\p{Lu}`, "javaLetter": `\p{L}`, "javaDigit": `\p{Nd}`, "L1": `\x00-\xFF`}

// translator walks over a Java pattern.
type translator struct {
	in  string
	i   int
	out strings.Builder
	// lines says that (?m) is on somewhere: $ then ends every line.
	lines bool
	// atom is where the last atom starts in out, opened where its open groups start.
	atom   int
	opened []int
	translated
}

func translateRegex(pattern string) translated {
	t := &translator{in: pattern}
	for t.i < len(t.in) && t.unsupported == "" && !t.wrong {
		at := t.out.Len()
		switch c := t.in[t.i]; c {
		case '\\':
			t.escape(false)
			t.atom = at
		case '[':
			t.class()
			t.atom = at
		case '(':
			t.opened = append(t.opened, at)
			t.group()
		case ')':
			if n := len(t.opened); n > 0 {
				t.atom, t.opened = t.opened[n-1], t.opened[:n-1]
			}
			t.copy(1)
		case '$':
			t.dollar = true
			t.replace(1, endMark)
		case '*', '+', '?':
			t.copy(1)
			t.possessive()
		case '{':
			t.repeat()
		default:
			t.copy(1)
			t.atom = at
		}
	}
	end := "(?=(?:\r\n|[\n\r\u0085\u2028\u2029])?\\z)"
	if t.lines {
		t.dollar, end = false, "$"
	}
	t.text = strings.ReplaceAll(t.out.String(), endMark, "$")
	t.exact = strings.ReplaceAll(t.out.String(), endMark, end)
	return t.translated
}

// endMark stands for $ until its meaning is known.
const endMark = "\uE000"

func (t *translator) copy(n int) {
	t.out.WriteString(t.in[t.i : t.i+n])
	t.i += n
}

var repeatForm = regexp.MustCompile(`^\{\d+(,\d*)?\}`)

// repeat reads {n}, {n,} and {n,m}; Java takes no other brace.
func (t *translator) repeat() {
	n := len(repeatForm.FindString(t.in[t.i:]))
	if n == 0 {
		t.wrong = true
		return
	}
	t.copy(n)
	t.possessive()
}

// possessive turns a quantifier with a plus behind it into an atomic group.
func (t *translator) possessive() {
	if t.i >= len(t.in) || t.in[t.i] != '+' {
		return
	}
	t.i++
	t.backtracking = true
	before, last := t.out.String()[:t.atom], t.out.String()[t.atom:]
	t.out.Reset()
	t.out.WriteString(before + "(?>" + last + ")")
}

func (t *translator) escape(inClass bool) {
	if t.i+1 >= len(t.in) {
		t.copy(1)
		return
	}
	c := t.in[t.i+1]
	switch {
	case c == 'Q':
		t.quote()
	case c == 'p' || c == 'P':
		t.property(inClass)
	case c == 'u':
		t.hex(4)
	case c == 'h' && inClass:
		t.replace(2, ` \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}`)
	case c == 'h':
		t.replace(2, `[ \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]`)
	case c == 'R' && !inClass:
		t.replace(2, `(?:\r\n|[\n\v\f\r\x{85}\x{2028}\x{2029}])`)
	case c == 's' && inClass:
		t.replace(2, ` \t\n\x0B\f\r`)
	case c == 's':
		t.replace(2, `[ \t\n\x0B\f\r]`)
	case c == 'S' && !inClass:
		t.replace(2, `[^ \t\n\x0B\f\r]`)
	case c == 'e':
		t.replace(2, `\x1B`)
	case c == 'Z' || c == 'G' || c == 'k':
		t.backtracking = true
		t.copy(2)
	case c >= '1' && c <= '9' && !inClass:
		t.backtracking = true
		t.copy(2)
	case c == '0':
		t.octal()
	case strings.IndexByte("NXb", c) >= 0 && (c != 'b' || t.i+2 < len(t.in) && t.in[t.i+2] == '{'):
		t.unsupported = `\` + string(c)
	case c >= 0x80 || strings.IndexByte("\"'<>/:;,=~`@%&!# \t\n-_", c) >= 0:
		if c == '-' || c == '&' || c == '~' {
			t.copy(2)
			return
		}
		t.replace(2, string(c)) // an escaped plain character
	default:
		t.copy(2)
	}
}

func (t *translator) replace(n int, text string) {
	t.out.WriteString(text)
	t.i += n
}

// quote reads \Q…\E.
func (t *translator) quote() {
	rest := t.in[t.i+2:]
	end := strings.Index(rest, `\E`)
	skip := end + 4
	if end < 0 {
		end, skip = len(rest), len(rest)+2
	}
	for _, r := range rest[:end] {
		if strings.ContainsRune(`\.[]{}()*+?^$|-&`, r) {
			t.out.WriteByte('\\')
		}
		t.out.WriteRune(r)
	}
	t.i += skip
}

func (t *translator) property(inClass bool) {
	rest := t.in[t.i+2:]
	if !strings.HasPrefix(rest, "{") || strings.IndexByte(rest, '}') < 0 {
		t.copy(2)
		return
	}
	end := strings.IndexByte(rest, '}')
	name, negated := rest[1:end], t.in[t.i+1] == 'P'
	n := 2 + end + 1
	set, known := javaClasses[name]
	switch {
	case !known:
		name = strings.TrimPrefix(name, "Is")
		t.replace(n, `\`+string(t.in[t.i+1])+"{"+name+"}")
	case inClass && negated:
		t.unsupported = `\P{` + name + `} inside a class`
	case inClass:
		t.replace(n, set)
	case negated:
		t.replace(n, "[^"+set+"]")
	default:
		t.replace(n, "["+set+"]")
	}
}

func (t *translator) hex(digits int) {
	if t.i+2+digits > len(t.in) {
		t.copy(2)
		return
	}
	t.replace(2+digits, `\x{`+t.in[t.i+2:t.i+2+digits]+"}")
}

// octal reads \0 with up to three digits.
func (t *translator) octal() {
	v, k := 0, t.i+2
	for ; k < len(t.in) && k < t.i+5 && t.in[k] >= '0' && t.in[k] <= '7'; k++ {
		v = v*8 + int(t.in[k]-'0')
	}
	const hex = "0123456789ABCDEF"
	t.replace(k-t.i, `\x{`+string(hex[v>>4&15])+string(hex[v&15])+"}")
}

// group notes what only the backtracking engine does, and takes off the flags that say what it does anyway.
func (t *translator) group() {
	rest := t.in[t.i:]
	for _, p := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if strings.HasPrefix(rest, p) {
			t.backtracking = true
			t.copy(len(p))
			return
		}
	}
	if strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?<") {
		end := strings.IndexAny(rest, ":)")
		if end > 2 {
			flags := rest[2:end]
			if strings.ContainsAny(flags, "dxU") {
				t.unsupported = "(?" + flags + ")"
				return
			}
			t.lines = t.lines || strings.Contains(flags, "m")
			flags = strings.ReplaceAll(flags, "u", "")
			if flags == "" && rest[end] == ')' {
				t.i += end + 1
				return
			}
			t.replace(end, "(?"+flags)
			return
		}
	}
	t.copy(1)
}

// class reads [...].
func (t *translator) class() {
	if nestedClass(t.in[t.i:]) {
		set, ok := t.classSet()
		t.wrong = !ok && t.unsupported == ""
		t.out.WriteString(set.text())
		return
	}
	t.copy(1)
	if t.i < len(t.in) && t.in[t.i] == '^' {
		t.copy(1)
	}
	for first := true; t.i < len(t.in) && t.unsupported == ""; first = false {
		switch c := t.in[t.i]; {
		case c == '\\':
			t.escape(true)
		case c == ']' && !first:
			t.copy(1)
			return
		default:
			t.copy(1)
		}
	}
}

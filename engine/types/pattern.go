package types

import (
	"slices"
	"strings"

	"pysparkcompat/engine/errs"
)

// Pattern is a compiled datetime pattern of Spark 3 and later: "yyyy-MM-dd HH:mm:ss[.SSS]". It is immutable.
type Pattern struct {
	text    string
	items   []patternItem
	parsing bool
}

type itemKind uint8

const (
	itemText  itemKind = iota
	itemOpen           // [
	itemClose          // ]
	itemLetter
)

type patternItem struct {
	kind   itemKind
	letter byte
	count  int
	text   string
	// adjacent is, in parsing, how many digits the number fields right behind this one take for sure.
	adjacent int
	// fixed says that a number takes exactly count digits.
	fixed bool
	// era says that the pattern has an era, which a year counts in; a year without runs on below 1: 0, -1.
	era bool
	// close is the item after the matching ], for an itemOpen.
	close int
}

// Text is the pattern as given.
func (p *Pattern) Text() string { return p.text }

const (
	// Letters that Spark refuses by name, those of weeks apart.
	refusedLetters        = "ABNnp"
	weekLetters           = "ce"
	refusedInParsing      = "EFqQ"
	legacyLetters         = "GyYMLwWDdFEuaHkKhmsSzZX"
	knownLetters          = "GyMLdDEaHkKhmsSVzOXxZQqF"
	maxFractionPlaces     = 9
	maxYearLetters        = 6
	maxReservedYearDigits = 10
)

// CompilePattern reads a pattern for formatting, or for parsing, which takes fewer letters.
func CompilePattern(text string, parsing bool) (*Pattern, error) {
	p := &Pattern{text: text, parsing: parsing}
	if err := refuseLetters(text, parsing); err != nil {
		return nil, err
	}
	var open []int
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case isLetter(c):
			n := 1
			for i+n < len(text) && text[i+n] == c {
				n++
			}
			if !validCount(c, n) {
				return nil, badPattern(text)
			}
			p.items = append(p.items, patternItem{kind: itemLetter, letter: c, count: n})
			i += n
		case c == '\'':
			s, n, ok := quotedText(text[i:])
			if !ok {
				return nil, badPattern(text)
			}
			p.addText(s)
			i += n
		case c == '[':
			open = append(open, len(p.items))
			p.items = append(p.items, patternItem{kind: itemOpen})
			i++
		case c == ']':
			if len(open) == 0 {
				return nil, badPattern(text)
			}
			p.items = append(p.items, patternItem{kind: itemClose})
			p.items[open[len(open)-1]].close = len(p.items)
			open = open[:len(open)-1]
			i++
		case c == '{' || c == '}' || c == '#':
			return nil, badPattern(text)
		default:
			p.addText(text[i : i+1])
			i++
		}
	}
	for k := len(open) - 1; k >= 0; k-- {
		p.items = append(p.items, patternItem{kind: itemClose})
		p.items[open[k]].close = len(p.items)
	}
	era := slices.ContainsFunc(p.items, func(it patternItem) bool { return it.letter == 'G' })
	for i := range p.items {
		p.items[i].era = era
	}
	p.widths()
	return p, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (p *Pattern) addText(s string) {
	if n := len(p.items); n > 0 && p.items[n-1].kind == itemText {
		p.items[n-1].text += s
		return
	}
	p.items = append(p.items, patternItem{kind: itemText, text: s})
}

// quotedText reads '…' at the front; two quotes stand for one.
func quotedText(s string) (string, int, bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
		} else if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
		} else {
			return b.String(), i + 1, true
		}
	}
	return "", 0, false
}

func refuseLetters(text string, parsing bool) error {
	letters := unquotedLetters(text)
	if i := strings.IndexAny(letters, weekLetters); i >= 0 {
		return errs.New("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN", "c", letters[i:i+1])
	}
	for _, c := range letters {
		if strings.ContainsRune(refusedLetters, c) || parsing && strings.ContainsRune("qQ", c) {
			return errs.New("INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER", "c", string(c), "pattern", text)
		}
		if parsing && strings.ContainsRune(refusedInParsing, c) {
			return badPattern(text)
		}
	}
	for i, part := range strings.Split(text, "'") {
		for _, c := range "GMLEQqy" {
			long := strings.Repeat(string(c), 5)
			if c == 'y' {
				long = strings.Repeat("y", 11)
			}
			if i%2 != 0 || !strings.Contains(part, long) {
				continue
			}
			if bad := errs.As(badPattern(text)); bad.Name != "INVALID_DATETIME_PATTERN.WITH_SUGGESTION" {
				return bad // Spark 2 knew it
			}
			return errs.New("INVALID_DATETIME_PATTERN.LENGTH", "pattern", long)
		}
	}
	return nil
}

// unquotedLetters is the letters of a pattern that stand for fields, in their order.
func unquotedLetters(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' {
			quoted = !quoted
		}
		if !quoted && isLetter(text[i]) {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// badPattern is the error of a pattern that Spark 3 does not know: one that Spark 2 knew is named as a change.
func badPattern(text string) error {
	for i := 0; i < len(text); i++ {
		if isLetter(text[i]) && strings.IndexByte(legacyLetters, text[i]) < 0 {
			return errs.New("INVALID_DATETIME_PATTERN.WITH_SUGGESTION", "pattern", "'"+text+"'", "docroot", docRoot)
		}
	}
	return errs.New("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "pattern", "'"+text+"'",
		"config", `"spark.sql.legacy.timeParserPolicy"`, "docroot", docRoot)
}

const docRoot = "https://spark.apache.org/docs/latest"

func validCount(c byte, n int) bool {
	switch c {
	case 'y':
		return n <= maxYearLetters
	case 'G', 'M', 'L', 'E', 'z', 'Q', 'q':
		return n <= 4
	case 'd', 'h', 'H', 'k', 'K', 'm', 's':
		return n <= 2
	case 'D':
		return n <= 3
	case 'a', 'F':
		return n == 1
	case 'S':
		return n <= maxFractionPlaces
	case 'V':
		return n == 2
	case 'O':
		return n == 1 || n == 4
	case 'X', 'x', 'Z':
		return n <= 5
	}
	return false
}

// isNumber says that the item is a number in digits.
func (i *patternItem) isNumber() bool {
	if i.kind != itemLetter {
		return false
	}
	switch i.letter {
	case 'y', 'd', 'D', 'h', 'H', 'k', 'K', 'm', 's', 'F':
		return true
	case 'M', 'L', 'Q', 'q':
		return i.count <= 2
	}
	return false
}

// widths settles how many digits number fields take in parsing: of fields without text between them, the first
// that is not fixed leaves the later ones their digits.
func (p *Pattern) widths() {
	for i := range p.items {
		it := &p.items[i]
		it.fixed = it.isNumber() && (it.count == 2 || it.letter == 'D' && it.count == 3)
		if !it.isNumber() || it.fixed {
			continue
		}
		for k := i + 1; k < len(p.items) && p.items[k].isNumber(); k++ {
			it.adjacent += p.items[k].count
		}
	}
}

var (
	monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
		"October", "November", "December"}
	dayNames     = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	quarterNames = [...]string{"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}
)

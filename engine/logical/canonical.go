package logical

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"pysparkcompat/engine/expr"
)

// attribute is how text shows a column: its name and number.
var attribute = regexp.MustCompile(`[^\s,(\[]*#\d+L?`)

// Canonical is text that equal plans share: names of columns and aliases do not matter, and columns are numbered as
// they come. Sources are equal where they are the same.
func Canonical(p Plan) string {
	var b strings.Builder
	numbers := map[string]string{}
	Walk(p, func(p Plan) bool {
		switch p.(type) {
		case *Tag, *SubqueryAlias:
			return true
		}
		line := strings.ReplaceAll(canonicalLine(p), " AS ", " ")
		b.WriteString(attribute.ReplaceAllStringFunc(line, func(a string) string {
			id := a[strings.LastIndexByte(a, '#'):]
			if numbers[id] == "" {
				numbers[id] = "#" + strconv.Itoa(len(numbers))
			}
			return numbers[id]
		}))
		fmt.Fprintf(&b, " %d\n", len(p.Children()))
		return true
	})
	return b.String()
}

func canonicalLine(p Plan) string {
	switch n := p.(type) {
	case *Data:
		return fmt.Sprintf("Data %p %s", n.Rows, canonicalList(exprsOf(n.output)))
	case *Scan:
		return fmt.Sprintf("Scan %s %v %v %s", n.Format, n.Paths, n.Options, canonicalList(exprsOf(n.output)))
	case *Project:
		return "Project " + canonicalList(n.Exprs)
	case *Aggregate:
		return "Aggregate " + canonicalList(n.Keys) + canonicalList(n.Outputs)
	}
	return p.Line() + " " + canonicalList(exprsOf(p.Output()))
}

func canonicalList(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = text(e)
	}
	return strings.Join(parts, ", ")
}

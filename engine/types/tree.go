package types

import (
	"fmt"
	"strings"
)

// Tree is the text of printSchema: the fields down to level (0: all), a line each, after "root".
func Tree(s Struct, level int) string {
	var b strings.Builder
	b.WriteString("root\n")
	treeFields(&b, s, " |", 1, level)
	return b.String()
}

func treeFields(b *strings.Builder, s Struct, prefix string, depth, level int) {
	if level > 0 && depth > level {
		return
	}
	for _, f := range s.Fields {
		fmt.Fprintf(b, "%s-- %s: %s (nullable = %t)\n", prefix, escapeControls(f.Name), treeName(f.Type), f.Nullable)
		treeParts(b, f.Type, prefix+"    |", depth+1, level)
	}
}

func treeParts(b *strings.Builder, t Type, prefix string, depth, level int) {
	if level > 0 && depth > level {
		return
	}
	switch t := t.(type) {
	case Struct:
		treeFields(b, t, prefix, depth, level)
	case Array:
		fmt.Fprintf(b, "%s-- element: %s (containsNull = %t)\n", prefix, treeName(t.Elem), t.ContainsNull)
		treeParts(b, t.Elem, prefix+"    |", depth+1, level)
	case Map:
		fmt.Fprintf(b, "%s-- key: %s\n", prefix, treeName(t.Key))
		treeParts(b, t.Key, prefix+"    |", depth+1, level)
		fmt.Fprintf(b, "%s-- value: %s (valueContainsNull = %t)\n", prefix, treeName(t.Value), t.ValueContainsNull)
		treeParts(b, t.Value, prefix+"    |", depth+1, level)
	}
}

func treeName(t Type) string {
	switch t.Kind() {
	case KArray:
		return "array"
	case KMap:
		return "map"
	case KStruct:
		return "struct"
	}
	return jsonName(t)
}

var controls = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, "\b", `\b`, "\v", `\v`, "\a", `\a`)

func escapeControls(s string) string { return controls.Replace(s) }

package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
)

// Plans are the stages of one frame's plan. Parsed is what the call made, over analyzed inputs.
type Plans struct {
	Parsed, Analyzed, Optimized Plan
	// Physical is the operators as the planner shows them, ending in a newline.
	Physical string
}

// Explain is the text of explain(mode): simple, extended, codegen, cost, formatted.
func Explain(p Plans, mode string) (string, error) {
	physical := "== Physical Plan ==\n" + p.Physical
	switch strings.ToLower(mode) {
	case "simple", "formatted":
		return physical, nil
	case "extended":
		return section("Parsed", Tree(p.Parsed)) + section("Analyzed", schemaLine(p.Analyzed)+Tree(p.Analyzed)) +
			section("Optimized", Tree(p.Optimized)) + physical, nil
	case "cost":
		return section("Optimized", Tree(p.Optimized)) + physical, nil
	case "codegen":
		return "", errs.NotBuilt("explain(mode=\"codegen\")")
	}
	return "", errs.New("_LEGACY_ERROR_UNNAMED_EXPLAIN_MODE", "name", mode)
}

func section(name, body string) string { return "== " + name + " Logical Plan ==\n" + body + "\n" }

// schemaLine is the analyzed columns and their types: id: bigint, name: string.
func schemaLine(p Plan) string {
	parts := make([]string, len(p.Output()))
	for i, a := range p.Output() {
		parts[i] = a.Name + ": " + a.DataType.String()
	}
	return strings.Join(parts, ", ") + "\n"
}

package logical

import (
	"fmt"
	"strings"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// mark is the quote that PySpark puts before a node that is not resolved.
func mark(p Plan) string {
	if p.Resolved() {
		return ""
	}
	return "'"
}

// text is an expression as plans show it: attributes with their IDs.
func text(e expr.Expr) string {
	switch e := e.(type) {
	case nil:
		return ""
	case *expr.Attr:
		return attrText(e)
	case *expr.Name:
		return "'" + strings.Join(e.Parts, ".")
	case *expr.Alias:
		if len(e.Names) != 1 {
			return text(e.Child) + " AS (" + strings.Join(e.Names, ", ") + ")"
		}
		if e.ID == 0 {
			return text(e.Child) + " AS " + e.Names[0]
		}
		return text(e.Child) + " AS " + attrText(attrFor(e))
	case *expr.Cast:
		return "cast(" + text(e.Child) + " as " + e.To.String() + ")"
	case *expr.Sort:
		return strings.Replace((&expr.Sort{Child: &expr.Attr{Name: "\x00"}, Descending: e.Descending, NullsFirst: e.NullsFirst}).String(), "\x00", text(e.Child), 1)
	case *expr.Apply:
		return callText(e.Fn.Name, e.Args)
	case *expr.Agg:
		return aggText(e)
	case *expr.Generate:
		return callText(e.Fn.Name, e.Args)
	case *expr.Call:
		name := strings.Join(e.Name, ".")
		if len(e.Args) == 2 && operator(name) != "" {
			return callText(name, e.Args)
		}
		return "'" + callText(name, e.Args)
	case *expr.UDF:
		return callText(e.FuncName, e.Args)
	case *expr.TimeWindow:
		if e.End != nil {
			return "session_window(" + text(e.Time) + ", " + text(e.End) + ")"
		}
		return fmt.Sprintf("window(%s, %d, %d, %d)", text(e.Time), e.Duration, e.Slide, e.Start)
	}
	return e.String()
}

func aggText(a *expr.Agg) string {
	out := callText(a.Fn.Name, a.Args)
	if a.Distinct {
		out = a.Fn.Name + "(distinct " + strings.TrimPrefix(out, a.Fn.Name+"(")
	}
	if a.Filter != nil {
		out += " FILTER (WHERE " + text(a.Filter) + ")"
	}
	return out
}

// operator is the sign that a call is shown by between its arguments, or empty.
func operator(name string) string {
	switch name {
	case "+", "-", "*", "/", "%", "div", "<", ">", "<=", ">=", "<=>", "&", "|", "^":
		return name
	case "==", "=":
		return "="
	case "!=":
		return "!="
	case "and":
		return "AND"
	case "or":
		return "OR"
	}
	return ""
}

func callText(name string, args []expr.Expr) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = text(a)
	}
	if op := operator(name); op != "" && len(args) == 2 {
		return "(" + parts[0] + " " + op + " " + parts[1] + ")"
	}
	if name == "not" && len(args) == 1 {
		return "NOT " + parts[0]
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// attrText is name#id, with an L for bigint and the watermark's delay.
func attrText(a *expr.Attr) string {
	suffix := ""
	if a.DataType != nil && a.DataType.Kind() == types.KLong {
		suffix = "L"
	}
	if a.EventTime {
		suffix += fmt.Sprintf("-T%dms", a.Delay/1000)
	}
	return fmt.Sprintf("%s#%d%s", a.Name, a.ID, suffix)
}

// maxFields is how many columns a line shows, as spark.sql.debug.maxToStringFields by default.
const maxFields = 25

func listText(n int, item func(int) string) string {
	shown, more := n, ""
	if n > maxFields {
		shown, more = maxFields-1, fmt.Sprintf(", ... %d more fields", n-maxFields+1)
	}
	parts := make([]string, shown)
	for i := range parts {
		parts[i] = item(i)
	}
	return "[" + strings.Join(parts, ", ") + more + "]"
}

func exprList(list []expr.Expr) string {
	return listText(len(list), func(i int) string { return text(list[i]) })
}

func attrList(list []*expr.Attr) string {
	return listText(len(list), func(i int) string { return attrText(list[i]) })
}

// Tree is a plan a line a node, children beneath their parent. Streaming nodes that are not sources begin with ~, as
// PySpark shows them.
func Tree(p Plan) string {
	var b strings.Builder
	tree(&b, p, "", "")
	return b.String()
}

func tree(b *strings.Builder, p Plan, first, rest string) {
	for {
		switch t := p.(type) {
		case *Tag:
			p = t.Child
			continue
		case *Handle:
			p = t.Plan
			continue
		}
		break
	}
	children := p.Children()
	line := p.Line()
	if len(children) > 0 && p.Streaming() {
		line = "~" + line
	}
	b.WriteString(first + line + "\n")
	for i, c := range children {
		if i < len(children)-1 {
			tree(b, c, rest+":- ", rest+":  ")
		} else {
			tree(b, c, rest+"+- ", rest+"   ")
		}
	}
}

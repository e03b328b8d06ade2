package expr

import (
	"strings"

	"pysparkcompat/engine/types"
)

// Leaf nodes: what a column or a constant is.

func (a *Attr) Children() []Expr   { return nil }
func (a *Attr) With(_ []Expr) Expr { return a }
func (a *Attr) Type() types.Type   { return a.DataType }
func (a *Attr) Nullable() bool     { return a.Null }
func (a *Attr) String() string     { return a.Name }

func (n *Name) Children() []Expr   { return nil }
func (n *Name) With(_ []Expr) Expr { return n }
func (n *Name) Type() types.Type   { return nil }
func (n *Name) Nullable() bool     { return true }

// String is the dotted name, its parts quoted where they are no plain identifiers.
func (n *Name) String() string {
	parts := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		parts[i] = QuoteIfNeeded(p)
	}
	return strings.Join(parts, ".")
}

// QuoteIfNeeded puts backticks around a name that is no plain identifier.
func QuoteIfNeeded(name string) string {
	plain := name != ""
	digits := true
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			digits = false
		default:
			plain = false
		}
	}
	if plain && !digits {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

func (s *Star) Children() []Expr   { return nil }
func (s *Star) With(_ []Expr) Expr { return s }
func (s *Star) Type() types.Type   { return nil }
func (s *Star) Nullable() bool     { return true }
func (s *Star) String() string {
	if len(s.Target) == 0 {
		return "*"
	}
	return strings.Join(s.Target, ".") + ".*"
}

func (r *Regex) Children() []Expr   { return nil }
func (r *Regex) With(_ []Expr) Expr { return r }
func (r *Regex) Type() types.Type   { return nil }
func (r *Regex) Nullable() bool     { return true }
func (r *Regex) String() string     { return "`" + r.Pattern + "`" }

func (l *Literal) Children() []Expr   { return nil }
func (l *Literal) With(_ []Expr) Expr { return l }
func (l *Literal) Type() types.Type   { return l.DataType }
func (l *Literal) Nullable() bool     { return l.Value == nil }

func (v *LambdaVar) Children() []Expr   { return nil }
func (v *LambdaVar) With(_ []Expr) Expr { return v }
func (v *LambdaVar) Type() types.Type   { return v.DataType }
func (v *LambdaVar) Nullable() bool     { return v.Null }

// String is the name that names of columns show: namedlambdavariable().
func (v *LambdaVar) String() string {
	if v.DataType == nil {
		return "lambda '" + v.Name
	}
	return "namedlambdavariable()"
}

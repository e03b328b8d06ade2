package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// named finds a table or view.
func (a *Analyzer) named(n *Named) (Plan, error) {
	p, err := a.Catalog.Table(n.Parts, n.Options, n.Streaming_)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, errs.New("TABLE_OR_VIEW_NOT_FOUND", "relationName", quotedName(n.Parts...), "searchPath", searchPath)
	}
	if p, err = a.Analyze(p); err != nil {
		return nil, err
	}
	name := n.Parts[len(n.Parts)-1]
	return &SubqueryAlias{node: done(qualified(p.Output(), name)), Child: p, Name: strings.ToLower(name)}, nil
}

// scan opens a source and takes its schema.
func (a *Analyzer) scan(n *Scan) (Plan, error) {
	opened, err := a.Catalog.Open(n)
	if err != nil {
		return nil, err
	}
	o := *opened
	o.node = done(attrsOf(o.Full))
	return &o, nil
}

func resolveRange(n *Range) (Plan, error) {
	if n.Step == 0 {
		return nil, errs.New("_LEGACY_ERROR_REQUIREMENT", "message", "requirement failed: step (0) cannot be 0")
	}
	o := *n
	o.node = done([]*expr.Attr{{ID: expr.NewID(), Name: "id", DataType: types.Long}})
	return &o, nil
}

// checkCount refuses negative limits.
func checkCount(what string, n int64) error {
	if n >= 0 {
		return nil
	}
	text := (&expr.Literal{Value: n, DataType: types.Long}).String()
	return errs.New("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "name", what, "expr", `"`+text+`"`, "v", text)
}

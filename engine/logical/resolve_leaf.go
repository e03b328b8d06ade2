package logical

import (
	"strconv"
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
	scan, files := p.(*Scan)
	files = files && scan.Source == nil && scan.Table == nil // format.`path`, whose columns have no qualifier
	if p, err = a.Analyze(p); err != nil || files {
		return p, err
	}
	name := n.Parts[len(n.Parts)-1]
	qualifier := []string{name}
	if scan, ok := p.(*Scan); ok && scan.Table != nil {
		qualifier = scan.Table
	}
	return &SubqueryAlias{node: done(qualified(p.Output(), qualifier...)), Child: p, Name: strings.ToLower(name)}, nil
}

// scan opens a source and takes its schema.
func (a *Analyzer) scan(n *Scan) (Plan, error) {
	opened, err := a.Catalog.Open(n)
	if err != nil {
		return nil, err
	}
	o := *opened
	o.node, o.Instance = done(attrsOf(o.Full)), expr.NewID()
	if m, ok := o.Source.(interface{ Metadata() types.Field }); ok {
		o.Hidden = attrsOf(types.Struct{Fields: []types.Field{m.Metadata()}})[0]
		o.Hidden.Hidden = true
		for a.has(o.output, o.Hidden.Name) { // a column of the file's own has the name: PySpark says __metadata
			o.Hidden.Name = "_" + o.Hidden.Name
		}
	}
	return &o, nil
}

func resolveRange(n *Range) (Plan, error) {
	if n.Step == 0 {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_REQUIREMENT", "message", "requirement failed: step (0) cannot be 0")
	}
	o := *n
	o.node = done([]*expr.Attr{{ID: expr.NewID(), Name: "id", DataType: types.Long}})
	return &o, nil
}

// count is the number of a limit or offset: n, or what a constant expression gives. It refuses negative ones.
func (a *Analyzer) count(what string, n int64, e expr.Expr, child Plan) (int64, error) {
	shown := strconv.FormatInt(n, 10)
	if e != nil {
		r, err := a.over(child).expr(e)
		if err != nil {
			return 0, err
		}
		shown = r.String()
		if !types.IsIntegral(r.Type()) {
			return 0, errs.New("INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", "name", what, "expr", `"`+shown+`"`, "dataType", sqlType(r.Type()))
		}
		v, ok := expr.Constant(r)
		if !ok {
			return 0, errs.New("INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "name", what, "expr", `"`+shown+`"`)
		}
		if v == nil {
			return 0, errs.New("INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", "name", what, "expr", `"`+shown+`"`)
		}
		n, _ = whole(v)
	}
	if n < 0 {
		return 0, errs.New("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "name", what, "expr", `"`+shown+`"`, "v", strconv.FormatInt(n, 10))
	}
	return n, nil
}

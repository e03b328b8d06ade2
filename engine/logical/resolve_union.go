package logical

import (
	"strconv"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// union brings its inputs to one width and to common types. Its attributes are the first input's.
func (a *Analyzer) union(n *Union) (Plan, error) {
	inputs := n.Inputs
	if n.ByName {
		var err error
		if inputs, err = a.byName(n); err != nil {
			return nil, err
		}
	}
	inputs, err := a.aligned("UNION", inputs)
	if err != nil {
		return nil, err
	}
	return &Union{node: done(unionOutput(inputs)), Inputs: inputs}, nil
}

// aligned brings plans to one width and to common types, or says what of the operator's inputs does not fit.
func (a *Analyzer) aligned(operator string, inputs []Plan) ([]Plan, error) {
	first := inputs[0].Output()
	for i, p := range inputs[1:] {
		if w := len(p.Output()); w != len(first) {
			return nil, errs.New("NUM_COLUMNS_MISMATCH", "operator", operator, "firstNumColumns", strconv.Itoa(len(first)),
				"invalidOrdinalNum", ordinal(i+1), "invalidNumColumns", strconv.Itoa(w))
		}
	}
	wide := make([]types.Type, len(first))
	for c, at := range first {
		wide[c] = at.DataType
		for i, p := range inputs[1:] {
			t := p.Output()[c].DataType
			if wide[c] = expr.Wider(wide[c], t, a.Conf.ANSI); wide[c] == nil {
				return nil, errs.New("INCOMPATIBLE_COLUMN_TYPE", "operator", operator, "columnOrdinalNumber", ordinal(c),
					"tableOrdinalNumber", ordinal(i+1), "dataType1", sqlType(t), "dataType2", sqlType(at.DataType), "hint", "")
			}
		}
	}
	out := make([]Plan, len(inputs))
	for i, p := range inputs {
		out[i] = a.castColumns(p, wide)
	}
	return out, nil
}

// unionOutput is the first input's attributes with its event-time mark, nullable where any input's are.
func unionOutput(inputs []Plan) []*expr.Attr {
	out := make([]*expr.Attr, len(inputs[0].Output()))
	for c, at := range inputs[0].Output() {
		m := *at
		for _, p := range inputs[1:] {
			m.Null = m.Null || p.Output()[c].Null
		}
		out[c] = &m
	}
	return out
}

// castColumns gives a plan whose columns have these types.
func (a *Analyzer) castColumns(p Plan, to []types.Type) Plan {
	same := true
	exprs := make([]expr.Expr, len(to))
	for i, at := range p.Output() {
		if exprs[i] = at; !types.Equal(at.DataType, to[i]) {
			same = false
			exprs[i] = &expr.Alias{Child: expr.CastTo(at, to[i], a.Conf.ANSI), Names: []string{at.Name}, ID: expr.NewID(), Metadata: at.Metadata}
		}
	}
	if same {
		return p
	}
	return project(p, exprs)
}

// byName orders the columns of the other inputs as the first has them; those that one side lacks are null, if allowed.
func (a *Analyzer) byName(n *Union) ([]Plan, error) {
	out := append([]Plan(nil), n.Inputs...)
	for i := 1; i < len(out); i++ {
		left, right, err := a.pairByName(out[0], out[i], n.AllowMissing)
		if err != nil {
			return nil, err
		}
		out[0], out[i] = left, right
	}
	return out, nil
}

func (a *Analyzer) pairByName(left, right Plan, allowMissing bool) (Plan, Plan, error) {
	var rightExprs []expr.Expr
	leftExprs := exprsOf(left.Output())
	used := map[expr.ID]bool{}
	for _, l := range left.Output() {
		var match *expr.Attr
		for _, r := range right.Output() {
			if a.same(l.Name, r.Name) && !used[r.ID] {
				match = r
				break
			}
		}
		switch {
		case match != nil:
			used[match.ID] = true
			rightExprs = append(rightExprs, match)
		case allowMissing:
			rightExprs = append(rightExprs, nullColumn(l))
		default:
			return nil, nil, amongFields(l.Name, right.Output())
		}
	}
	for _, r := range right.Output() {
		if used[r.ID] {
			continue
		}
		if !allowMissing {
			return nil, nil, errs.New("NUM_COLUMNS_MISMATCH", "operator", "UNION", "firstNumColumns", strconv.Itoa(len(left.Output())),
				"invalidOrdinalNum", ordinal(1), "invalidNumColumns", strconv.Itoa(len(right.Output())))
		}
		leftExprs, rightExprs = append(leftExprs, nullColumn(r)), append(rightExprs, r)
	}
	if len(leftExprs) > len(left.Output()) {
		left = project(left, leftExprs)
	}
	return left, project(right, rightExprs), nil
}

func nullColumn(at *expr.Attr) expr.Expr {
	return &expr.Alias{Child: &expr.Literal{DataType: at.DataType}, Names: []string{at.Name}, ID: expr.NewID()}
}

// amongFields is the error of a name that a frame has no column of.
func amongFields(name string, output []*expr.Attr) error {
	names := make([]string, len(output))
	for i, at := range output {
		names[i] = at.Name
	}
	return errs.New("UNRESOLVED_COLUMN_AMONG_FIELD_NAMES", "colName", name, "fieldNames", strings.Join(names, ", "))
}

// ordinal is first, second, … for a position from 0.
func ordinal(n int) string {
	words := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n+1) + "th"
}

// values resolves VALUES into a Union of rows, whose columns are col1, col2, ….
func (a *Analyzer) values(n *Values) (Plan, error) {
	width := len(n.Rows[0])
	rows := make([]Plan, len(n.Rows))
	s := a.over(&OneRow{})
	for i, row := range n.Rows {
		if len(row) != width {
			return nil, errs.New("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "expectedNumCols", strconv.Itoa(width),
				"actualNumCols", strconv.Itoa(len(row)), "rowIndex", strconv.Itoa(i))
		}
		exprs := make([]expr.Expr, width)
		for c, e := range row {
			r, err := s.expr(e)
			if err != nil {
				return nil, err
			}
			exprs[c] = &expr.Alias{Child: unaliased(r), Names: []string{"col" + strconv.Itoa(c+1)}, ID: expr.NewID()}
		}
		rows[i] = project(&OneRow{}, exprs)
	}
	for c := 0; c < width; c++ {
		wide := rows[0].Output()[c].DataType
		for _, r := range rows[1:] {
			if wide = expr.WiderNoStrings(wide, r.Output()[c].DataType, a.Conf.ANSI); wide == nil {
				return nil, errs.New("INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", "colName", quotedName("col"+strconv.Itoa(c+1)))
			}
		}
	}
	if len(rows) == 1 {
		return rows[0], nil
	}
	return a.union(&Union{Inputs: rows})
}

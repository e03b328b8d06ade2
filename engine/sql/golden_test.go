package sql_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// answer is what PySpark gives for spark.range(1).selectExpr(SQL): recorded by tests/golden/expressions.py.
type answer struct {
	SQL     string
	Legacy  bool // spark.sql.ansi.enabled = false
	Columns [][]any
	Rows    [][]*string
	Error   *string
	Class   string
	Params  map[string]string
}

// differ are the answers that we know not to give, with the reason.
var differ = map[string]string{
	"interval 1 day": noUnits, "interval '1' day": noUnits, "interval '2' hour": noUnits, "interval 1 month": noUnits,
	"sum(interval '1' day)": noUnits, "cast(interval '1' day as string)": noUnits, "date'2020-01-05' - date'2020-01-01'": noUnits,
	"sequence(date'2020-01-01',date'2020-04-01',interval 1 month)":                             noUnits,
	"sequence(date'2020-01-31', date'2020-05-31', interval 1 month)":                           noUnits,
	"sequence(timestamp'2020-01-01 00:00:00',timestamp'2020-01-01 03:00:00',interval 1 hour)":  noUnits,
	"sequence(timestamp'2020-03-07 12:00:00', timestamp'2020-03-09 12:00:00', interval 1 day)": noUnits,
	"date'2020-01-01' - interval 1 day":                                                        "the column is named by its operator",
	"product(id)":                                                                              "PySpark has it in the API only",
	"negative(5)":                                                                              "-x and negative(x) are one call here",
	"cast(struct(1 as a,2 as b) as struct<a:string>)":                                          "the text keeps the aliases",
	"array(struct(1 as a, 'x' as b), struct(2 as a, 'y' as b)).b":                              "PySpark's name holds expression ids",
	"cast(cast(1.17549435E-38 as float) as string)":                                            "Java 17 prints a digit too many",
	"array(array(1,2),array(3))[1][0]":                                                         "PySpark takes it to be nullable",
	"array(1)[null]":                                                                           "PySpark takes it to be not nullable",
	"date'2020-01-01' + 'x'":                                                                   "the message names the type before the cast",
}

// differLegacy are more of them, without ANSI.
var differLegacy = map[string]string{
	"true = 1": "booleans are not compared with numbers", "id is true": "booleans are not compared with numbers",
	"id is not true": "booleans are not compared with numbers",
	"'a' & 1":        "the message names one type",
	"cast(make_interval(1,2,3,4,5,6,7.5) as string)": "nullability",
}

const noUnits = "interval types have no units"

// evaluations are the ways an expression is computed: as written, with its constants folded, and with its constants put
// into columns of three rows, the middle one null.
var evaluations = []string{"written", "folded", "columns"}

func TestGoldenExpressions(t *testing.T) {
	text, err := os.ReadFile("testdata/expressions.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	for _, want := range answers {
		for _, how := range evaluations {
			name := how + " " + want.SQL
			if want.Legacy {
				name += " (legacy)"
			}
			t.Run(name, func(t *testing.T) {
				if reason := differ[want.SQL]; reason != "" {
					t.Skip(reason)
				}
				if reason := differLegacy[want.SQL]; want.Legacy && reason != "" {
					t.Skip(reason)
				}
				mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
				g := &golden{oneRow{mem, how}, !want.Legacy}
				got, err := g.ask(want.SQL)
				check(t, want, got, err, how)
				mem.AssertSize(t, 0)
			})
		}
	}
}

func check(t *testing.T, want answer, got *answer, err error, how string) {
	if e := errs.As(err); e != nil && e.Name == "NOT_IMPLEMENTED" {
		t.Skip(err)
	}
	if want.Class != "" {
		e := errs.As(err)
		switch {
		case e == nil && how == "columns" && err == nil && got.Columns != nil:
			t.Skip("a constant was asked for, or a null row hid it")
		case e == nil:
			t.Fatalf("%v, %v; want %s %v", got, err, *want.Error, want.Params)
		case e.Name != *want.Error || string(e.Class) != want.Class || len(e.Params)+len(want.Params) > 0 && !reflect.DeepEqual(e.Params, want.Params):
			t.Fatalf("%s %s %v; want %s %s %v", e.Class, e.Name, e.Params, want.Class, *want.Error, want.Params)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if how != "columns" && fmt.Sprint(got.Columns) != fmt.Sprint(want.Columns) {
		t.Errorf("columns %v, want %v", got.Columns, want.Columns)
	}
	if g, w := shown(got.Rows), shown(want.Rows); g != w {
		t.Errorf("rows %s, want %s", g, w)
	}
}

func shown(rows [][]*string) string {
	var b strings.Builder
	for _, r := range rows {
		for _, v := range r {
			if v == nil {
				b.WriteString("NULL|")
			} else {
				b.WriteString(*v + "|")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// golden runs one question.
type golden struct {
	oneRow
	ansi bool
}

func (g *golden) ask(text string) (*answer, error) {
	e, err := sql.ParseNamedExpression(text)
	if err != nil {
		return nil, err
	}
	a := &logical.Analyzer{Catalog: nothing{}, Conf: logical.Settings{ANSI: g.ansi, Zone: "America/Los_Angeles"}}
	plan, err := a.Analyze(&logical.Project{Child: &logical.Range{End: 1, Step: 1}, Exprs: []expr.Expr{e}})
	if err != nil {
		return nil, err
	}
	out := &answer{}
	for _, o := range plan.Output() {
		out.Columns = append(out.Columns, []any{o.Name, o.DataType.String(), o.Null})
	}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return nil, err
	}
	c := &expr.Context{Mem: g.mem, Zone: zone, ANSI: g.ansi, NowMicros: 1704067200000000, Seed: 1, Partition: 1}
	b, err := g.rows(c, plan)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	columns := make([]arrow.Array, b.NumCols())
	for i, o := range plan.Output() {
		if columns[i], err = c.Cast(b.Column(i), o.DataType, types.String, expr.CastANSI); err != nil {
			return nil, err
		}
		defer columns[i].Release()
	}
	for r := 0; r < int(b.NumRows()); r++ {
		row := make([]*string, len(columns))
		for i, col := range columns {
			if col.IsValid(r) {
				v := col.(*array.String).Value(r)
				row[i] = &v
			}
		}
		out.Rows = append(out.Rows, row)
	}
	if out.Columns == nil {
		out.Columns = [][]any{}
	}
	return out, nil
}

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

	"pysparkcompat/engine/batch"
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
				g := &golden{mem: mem, ansi: !want.Legacy, how: how}
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
	mem  memory.Allocator
	ansi bool
	how  string
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

// rows runs a plan over the one row of range(1).
func (g *golden) rows(c *expr.Context, p logical.Plan) (arrow.RecordBatch, error) {
	if len(p.Children()) == 0 {
		f := batch.NewFixed[int64](g.mem, 1)
		f.Values[0] = 0
		return batchOwning([]arrow.Array{f.Done(arrow.PrimitiveTypes.Int64, nil)}, 1), nil
	}
	in, err := g.rows(c, p.Children()[0])
	if err != nil {
		return nil, err
	}
	defer in.Release()
	input := p.Children()[0].Output()
	switch n := p.(type) {
	case *logical.Project:
		return g.project(c, n.Exprs, input, in)
	case *logical.Aggregate:
		return g.aggregate(c, n, input, in)
	case *logical.Generate:
		return g.generate(c, n, input, in)
	}
	return nil, fmt.Errorf("no case for %T", p)
}

func batchOwning(cols []arrow.Array, rows int) arrow.RecordBatch {
	fields := make([]arrow.Field, len(cols))
	for i, col := range cols {
		fields[i] = arrow.Field{Name: fmt.Sprint(i), Type: col.DataType(), Nullable: true}
	}
	return batch.Make(arrow.NewSchema(fields, nil), cols, rows)
}

func (g *golden) project(c *expr.Context, exprs []expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	out := make([]arrow.Array, len(exprs))
	for i, e := range exprs {
		a, err := g.evaluate(c, e, input, in)
		if err != nil {
			batch.Release(out...)
			return nil, err
		}
		out[i] = a
	}
	return batchOwning(out, int(in.NumRows())), nil
}

func (g *golden) evaluate(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	switch {
	case g.how == "folded":
		e = expr.Fold(c, e)
	case g.how == "columns" && in.NumRows() == 1 && expr.Find(e, isVolatile) == nil:
		return g.overColumns(c, e, input, in)
	}
	ev, err := expr.Compile(e, input)
	if err != nil {
		return nil, err
	}
	return expr.Column(c, ev, in)
}

func isVolatile(e expr.Expr) bool {
	a, ok := e.(*expr.Apply)
	return ok && a.Fn.Volatile
}

// overColumns puts every literal into a column of three rows, the middle one null; the others must give one value.
func (g *golden) overColumns(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	out, err := g.threeRows(c, e, input, in, -1)
	if err != nil {
		// A null may raise where the value does not: then the middle row is like the others.
		return g.threeRows(c, e, input, in, 0)
	}
	return out, nil
}

func (g *golden) threeRows(c *expr.Context, e expr.Expr, input []*expr.Attr, in arrow.RecordBatch, middle int32) (arrow.Array, error) {
	attrs := append([]*expr.Attr{}, input...)
	var cols []arrow.Array
	for i := range input {
		cols = append(cols, batch.Take(g.mem, in.Column(i), []int32{0, middle, 0}))
	}
	defer func() { batch.Release(cols...) }()
	e, err := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		l, ok := n.(*expr.Literal)
		if !ok {
			return n, nil
		}
		one, err := l.Array(g.mem)
		if err != nil {
			return nil, err
		}
		defer one.Release()
		a := &expr.Attr{ID: expr.NewID(), Name: "c", DataType: l.DataType, Null: true}
		attrs, cols = append(attrs, a), append(cols, batch.Take(g.mem, one, []int32{0, middle, 0}))
		return a, nil
	})
	if err != nil {
		return nil, err
	}
	ev, err := expr.Compile(e, attrs)
	if err != nil {
		return nil, err
	}
	if len(cols) == 0 {
		return expr.Column(c, ev, in)
	}
	for _, col := range cols {
		col.Retain() // the batch takes its columns over
	}
	b := batchOwning(append([]arrow.Array{}, cols...), 3)
	defer b.Release()
	all, err := expr.Column(c, ev, b)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	if same := batch.Equaler([]arrow.Array{all}, []arrow.Array{all}); !same(0, 2) {
		return nil, fmt.Errorf("equal rows differ: %v", all)
	}
	return batch.Take(g.mem, all, []int32{2}), nil
}

func (g *golden) aggregate(c *expr.Context, n *logical.Aggregate, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	var results []arrow.Array
	var attrs []*expr.Attr
	defer func() { batch.Release(results...) }()
	outputs := make([]expr.Expr, len(n.Outputs))
	for i, o := range n.Outputs {
		e, err := expr.Transform(o, func(e expr.Expr) (expr.Expr, error) {
			agg, ok := e.(*expr.Agg)
			if !ok {
				return e, nil
			}
			r, err := g.result(c, agg, input, in)
			if err != nil {
				return nil, err
			}
			at := &expr.Attr{ID: expr.NewID(), Name: "r", DataType: agg.DataType, Null: true}
			results, attrs = append(results, r), append(attrs, at)
			return at, nil
		})
		if err != nil {
			return nil, err
		}
		outputs[i] = e
	}
	for _, r := range results {
		r.Retain()
	}
	b := batchOwning(append([]arrow.Array{}, results...), 1)
	defer b.Release()
	return g.project(c, outputs, attrs, b)
}

// result computes a call in two halves, merged, as over an exchange.
func (g *golden) result(c *expr.Context, agg *expr.Agg, input []*expr.Attr, in arrow.RecordBatch) (arrow.Array, error) {
	args, err := g.project(c, agg.Args, input, in)
	if err != nil {
		return nil, err
	}
	defer args.Release()
	slots := []int32{0}
	if agg.Filter != nil {
		keep, err := g.evaluate(c, agg.Filter, input, in)
		if err != nil {
			return nil, err
		}
		if len(batch.Selected(keep, nil)) == 0 {
			slots[0] = -1
		}
		keep.Release()
	}
	partial, err := agg.Fn.New(c, agg)
	if err != nil {
		return nil, err
	}
	defer partial.Close()
	final, err := agg.Fn.New(c, agg)
	if err != nil {
		return nil, err
	}
	defer final.Close()
	partial.Grow(1)
	final.Grow(1)
	if err := partial.Update(slots, args.Columns()); err != nil {
		return nil, err
	}
	buffer, err := partial.Partial([]int32{0})
	if err != nil {
		return nil, err
	}
	defer batch.Release(buffer...)
	if err := final.Merge([]int32{0}, buffer); err != nil {
		return nil, err
	}
	return final.Result([]int32{0})
}

func (g *golden) generate(c *expr.Context, n *logical.Generate, input []*expr.Attr, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	evs, err := expr.CompileAll(n.Generator.Args, input)
	if err != nil {
		return nil, err
	}
	args, _, err := expr.EvalAll(c, evs, in)
	if err != nil {
		return nil, err
	}
	defer expr.ReleaseAll(args)
	parents, out, err := n.Generator.Fn.Rows(c, int(in.NumRows()), args, n.Generator)
	if err != nil {
		return nil, err
	}
	if len(n.Output()) > len(out) {
		before := make([]arrow.Array, in.NumCols())
		for i := range before {
			before[i] = batch.Take(g.mem, in.Column(i), parents)
		}
		out = append(before, out...)
	}
	return batchOwning(out, len(parents)), nil
}

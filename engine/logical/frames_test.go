package logical_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// frame is a frame of the session with an ID: what df["x"] refers to.
func frame(t testing.TB, id int64, n logical.Plan) logical.Plan {
	return &logical.Handle{Plan: over(t, &logical.Tag{ID: id, Child: n})}
}

func TestFrameColumns(t *testing.T) {
	df := frame(t, 1, table("t"))
	ids := frame(t, 2, &logical.Project{Child: df, Exprs: []expr.Expr{name(-1, "id")}})
	other := frame(t, 3, table("u"))
	ok := func(what string, n logical.Plan, want string) {
		t.Helper()
		p, err := analyzer().Analyze(n)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if got := schema(p); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	bad := func(what string, n logical.Plan, condition string, pairs ...string) {
		t.Helper()
		_, err := analyzer().Analyze(n)
		wantError(t, what, err, condition, pairs...)
	}
	ok("own column", &logical.Project{Child: ids, Exprs: []expr.Expr{name(1, "id")}}, "struct<id:int>")
	bad("gone column", &logical.Project{Child: ids, Exprs: []expr.Expr{name(1, "name")}},
		"MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", "missingAttributes", `"name"`, "input", `"id"`)
	bad("foreign column", &logical.Project{Child: df, Exprs: []expr.Expr{name(3, "name2")}},
		"MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", "input", `"id", "name", "v", "arr", "m"`)
	bad("foreign column of a known name", &logical.Project{Child: df, Exprs: []expr.Expr{name(3, "id")}},
		"MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION", "operation", `"id"`)
	ok("filter on a gone column", &logical.Filter{Child: ids, Condition: call("==", name(1, "name"), expr.Lit("a"))}, "struct<id:int>")
	ok("filter on a gone name", &logical.Filter{Child: ids, Condition: call("==", name(-1, "name"), expr.Lit("a"))}, "struct<id:int>")
	ok("sort by a gone column", &logical.Sort{Child: ids, Global: true, Order: []expr.Expr{&expr.Sort{Child: name(1, "v")}}}, "struct<id:int>")
	joined := frame(t, 4, &logical.Join{Left: df, Right: other, Type: logical.Inner, Condition: call("==", name(1, "id"), name(3, "id"))})
	ok("both sides", &logical.Project{Child: joined, Exprs: []expr.Expr{name(1, "id"), name(3, "id")}}, "struct<id:int,id:int>")
	bad("name on both sides", &logical.Project{Child: joined, Exprs: []expr.Expr{name(-1, "id")}},
		"AMBIGUOUS_REFERENCE", "referenceNames", "[`t`.`id`, `u`.`id`]")
	using := frame(t, 5, &logical.Join{Left: df, Right: other, Type: logical.LeftOuter, Using: []string{"id"}})
	ok("hidden side of using", &logical.Project{Child: using, Exprs: []expr.Expr{name(1, "id"), name(3, "id"), name(-1, "name2")}},
		"struct<id:int,id:int,name2:string>")
	ok("filter on the hidden side", &logical.Filter{Child: using, Condition: call("isNull", name(3, "id"))},
		"struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,name2:string>")
}

func TestSelfJoin(t *testing.T) {
	df := frame(t, 1, table("u"))
	same := over(t, &logical.Join{Left: df, Right: df, Type: logical.Inner, Condition: call("==", name(1, "id"), name(1, "id"))})
	seen := map[expr.ID]bool{}
	for _, a := range same.Output() {
		if seen[a.ID] {
			t.Errorf("attribute %s#%d stands on both sides", a.Name, a.ID)
		}
		seen[a.ID] = true
	}
	if attrs := expr.Attrs(same.(*logical.Join).Condition); len(attrs) != 2 {
		t.Errorf("df.id == df.id compares %d columns, want both sides'", len(attrs))
	}
	some := frame(t, 2, &logical.Filter{Child: df, Condition: call(">", name(-1, "id"), expr.Lit(int32(0)))})
	j := over(t, &logical.Join{Left: df, Right: some, Type: logical.Inner, Condition: call("==", name(1, "id"), name(2, "id"))}).(*logical.Join)
	attrs := expr.Attrs(j.Condition)
	if len(attrs) != 2 || attrs[0].ID != j.Left.Output()[0].ID || attrs[1].ID != j.Right.Output()[0].ID {
		t.Errorf("the condition is over %v", attrs)
	}
	_, err := analyzer().Analyze(&logical.Join{Left: df, Right: df, Type: logical.Inner, Condition: call(">", name(1, "id"), name(1, "id"))})
	wantError(t, "df.id > df.id", err, "_LEGACY_ERROR_TEMP_1182")
}

func TestColumnsByName(t *testing.T) {
	df := frame(t, 1, table("t"))
	alias := func(n string, e expr.Expr) *expr.Alias { return &expr.Alias{Child: e, Names: []string{n}} }
	cases := []struct {
		what string
		n    logical.Plan
		want string
	}{
		{"replace", &logical.WithColumns{Child: df, Columns: []*expr.Alias{alias("ID", expr.Lit("x")), alias("w", name(-1, "id"))}}, "struct<ID:string,name:string,v:double,arr:array<int>,m:map<string,int>,w:int>"},
		{"rename", &logical.Rename{Child: df, From: []string{"ID", "nope"}, To: []string{"x", "y"}}, "struct<x:int,name:string,v:double,arr:array<int>,m:map<string,int>>"},
		{"drop", &logical.Drop{Child: df, Names: []string{"ID", "nope", "m"}}, "struct<name:string,v:double,arr:array<int>>"},
		{"drop column", &logical.Drop{Child: df, Exprs: []expr.Expr{name(1, "id"), name(-1, "nope")}}, "struct<name:string,v:double,arr:array<int>,m:map<string,int>>"},
		{"regex", &logical.Project{Child: df, Exprs: []expr.Expr{&expr.Regex{Pattern: "`(i|n).*`", PlanID: -1}}}, "struct<id:int,name:string>"},
		{"frame star", &logical.Project{Child: df, Exprs: []expr.Expr{&expr.Star{PlanID: 1}}}, "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>>"},
		{"by name", &logical.Union{Inputs: []logical.Plan{df, table("u")}, ByName: true, AllowMissing: true}, "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,name2:string>"},
	}
	for _, c := range cases {
		p, err := analyzer().Analyze(c.n)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
		} else if got := schema(p); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	bad := func(what string, n logical.Plan, condition string, pairs ...string) {
		t.Helper()
		_, err := analyzer().Analyze(n)
		wantError(t, what, err, condition, pairs...)
	}
	bad("twice", &logical.WithColumns{Child: df, Columns: []*expr.Alias{alias("x", expr.Lit("x")), alias("X", expr.Lit("y"))}}, "COLUMN_ALREADY_EXISTS", "columnName", "`x`")
	bad("toDF", &logical.Rename{Child: df, To: []string{"a", "b"}}, "ASSIGNMENT_ARITY_MISMATCH", "numExpr", "2", "numTarget", "5")
	bad("dropDuplicates", &logical.Distinct{Child: df, Columns: []string{"nope"}}, "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES", "colName", "nope", "fieldNames", "id, name, v, arr, m")
	bad("unionByName", &logical.Union{Inputs: []logical.Plan{df, table("u")}, ByName: true}, "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES", "colName", "name", "fieldNames", "id, name2")
	bad("limit", &logical.Limit{Child: df, N: -1}, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "name", "limit", "expr", `"-1"`, "v", "-1")
	bad("sum in groupBy", &logical.Aggregate{Child: df, Keys: []expr.Expr{call("sum", name(-1, "v"))}, Outputs: []expr.Expr{call("count", &expr.Star{PlanID: -1})}}, "GROUP_BY_AGGREGATE")
}

func TestWatermark(t *testing.T) {
	mark := func(child logical.Plan, delay string, parts ...string) (logical.Plan, error) {
		return analyzer().Analyze(&logical.Watermark{Child: child, Column: name(-1, parts...), DelayText: delay})
	}
	p, err := mark(table("s_in"), "1 month 5 seconds", "ts")
	if err != nil {
		t.Fatal(err)
	}
	if a := p.Output()[1]; !a.EventTime || a.Delay != (31*86400+5)*1_000_000 {
		t.Errorf("the mark is %v, %d", a.EventTime, a.Delay)
	}
	p, err = mark(table("t"), "1 second", "nope")
	if err != nil || p.Output()[0].EventTime {
		t.Errorf("a bounded frame takes any watermark: %v", err)
	}
	bad := func(child logical.Plan, delay string, condition string, parts ...string) {
		t.Helper()
		_, err := mark(child, delay, parts...)
		wantError(t, delay, err, condition)
	}
	bad(table("s_in"), "1 second", "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", "k")
	bad(table("s_in"), "abc", "CANNOT_PARSE_INTERVAL", "ts")
	bad(table("s_in"), "1 second", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "nope")
	bad(table("n"), "1 second", "EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN", "s.id")
	bad(table("n"), "1 second", "EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN", "s", "id")
	_, err = mark(table("s_in"), "-1 second", "ts")
	if e := errs.As(err); e == nil || e.Class != errs.IllegalArgument || !strings.Contains(e.Message(), "(-1 second)") {
		t.Errorf("negative delay: %v", err)
	}
}

// longChain is n frames, each made of the one before by a withColumn that names a column of it.
func longChain(t testing.TB, n int) logical.Plan {
	p := frame(t, 0, table("t"))
	for i := 0; i < n; i++ {
		column := &expr.Alias{Child: call("+", name(int64(i), "id"), expr.Lit(int32(i))), Names: []string{fmt.Sprintf("c%d", i)}}
		p = frame(t, int64(i+1), &logical.WithColumns{Child: p, Columns: []*expr.Alias{column}})
	}
	return p.(*logical.Handle).Plan
}

// A chain of a thousand frames, one node each, costs its length: no node is analysed again, and the optimizer makes
// one projection of it. Work is counted in allocations, since clocks lie on busy machines.
func TestLongChain(t *testing.T) {
	work := func(n int) (analysis, optimizer uint64) {
		var a, b, c runtime.MemStats
		runtime.ReadMemStats(&a)
		p := longChain(t, n)
		runtime.ReadMemStats(&b)
		out := logical.Optimize(p, &expr.Context{Zone: time.UTC})
		runtime.ReadMemStats(&c)
		if _, ok := out.Children()[0].(*logical.Data); !ok || len(out.Output()) != n+5 {
			t.Errorf("the chain is not one projection: %T over %T, %d columns", out, out.Children()[0], len(out.Output()))
		}
		return b.Mallocs - a.Mallocs, c.Mallocs - b.Mallocs
	}
	a1, o1 := work(500)
	a2, o2 := work(1000)
	t.Logf("allocations of 500 and 1,000 frames: %d and %d in analysis, %d and %d in the optimizer", a1, a2, o1, o2)
	if a2 > a1*5/2 {
		t.Errorf("analysis is not linear: %d, %d allocations", a1, a2)
	}
	if o2 > o1*5 {
		t.Errorf("the optimizer is worse than the plan's size: %d, %d allocations", o1, o2)
	}
}

func BenchmarkLongChain(b *testing.B) {
	for b.Loop() {
		longChain(b, 1000)
	}
}

// x = f(x) a thousand times is one projection with a deep expression; x + x is not doubled at every step.
func TestDeepChains(t *testing.T) {
	deep := func(step func(x expr.Expr) expr.Expr) logical.Plan {
		p := frame(t, 0, table("u"))
		for i := 0; i < 300; i++ {
			column := &expr.Alias{Child: step(name(-1, "id")), Names: []string{"id"}}
			p = frame(t, int64(i+1), &logical.WithColumns{Child: p, Columns: []*expr.Alias{column}})
		}
		return logical.Optimize(p.(*logical.Handle).Plan, &expr.Context{Zone: time.UTC})
	}
	if p := deep(func(x expr.Expr) expr.Expr { return call("+", x, expr.Lit(int32(1))) }); len(p.Children()[0].Children()) != 0 {
		t.Errorf("x + 1 is not one projection:\n%.300s", logical.Tree(p))
	}
	if p := deep(func(x expr.Expr) expr.Expr { return call("+", x, x) }); len(p.Children()[0].Children()) == 0 {
		t.Errorf("x + x was merged:\n%.300s", logical.Tree(p))
	}
}

func TestUserFunctionsInColumns(t *testing.T) {
	u := &expr.UDF{FuncName: "f", Args: []expr.Expr{name(-1, "id")}, Out: types.String, Deterministic: true}
	p := over(t, &logical.Project{Child: table("t"), Exprs: []expr.Expr{u}})
	if got := schema(p); got != "struct<f(id):string>" {
		t.Errorf("got %s", got)
	}
}

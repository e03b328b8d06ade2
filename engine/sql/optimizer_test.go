package sql_test

import (
	"regexp"
	"testing"
	"time"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

var number = regexp.MustCompile(`#\d+L?`)

// optimized is a query's optimized plan without the numbers of attributes.
func optimized(t *testing.T, n logical.Plan) string {
	t.Helper()
	before := over(t, n)
	after := logical.Optimize(before, &expr.Context{Zone: time.UTC, ANSI: true})
	if len(before.Output()) != len(after.Output()) {
		t.Fatalf("%d columns became %d", len(before.Output()), len(after.Output()))
	}
	for i, a := range before.Output() {
		if after.Output()[i].ID != a.ID {
			t.Errorf("column %d was %s#%d and is %s#%d", i, a.Name, a.ID, after.Output()[i].Name, after.Output()[i].ID)
		}
	}
	return number.ReplaceAllString(logical.Tree(after), "")
}

func TestOptimizer(t *testing.T) {
	cases := []struct{ sql, want string }{
		{"select id from t where 1 + 1 = 2", "LocalRelation [id]\n"},
		{"select a + 1 as b from (select id + 2 as a, name from t)", "Project [((id + 2) + 1) AS b]\n+- LocalRelation [id]\n"},
		{"select id from (select id, name from f_file) where name = 'x' and id > 5",
			"Project [id]\n+- Filter ((name = x) AND (id > 5))\n   +- Relation [id, name] json, PushedFilters: [=(name, x), >(id, 5)]\n"},
		{"select * from f_file where ts >= timestamp'2024-01-01' and 3 < v",
			"Filter ((ts >= TIMESTAMP '2024-01-01 00:00:00') AND (3.0 < v))\n+- Relation [id, name, v, ts] json, PushedFilters: [>=(ts, 1704067200000000), >(v, 3)]\n"},
		{"select count(*) from f_file", "Aggregate [], [count(1) AS count(1)]\n+- Relation [] json\n"},
		{"select name, sum(id) + 1 as s from f_file group by name",
			"Project [name, (sum(id) + 1) AS s]\n+- Aggregate [name], [name, sum(id) AS sum(id)]\n   +- Relation [id, name] json\n"},
		{"select sum(id + 1) as a, sum(id + 1) + 2 as b from f_file",
			"Project [sum((id + 1)) AS a, (sum((id + 1)) + 2) AS b]\n+- Aggregate [], [sum(_arg0) AS sum((id + 1))]\n   +- Project [(id + 1) AS _arg0]\n      +- Relation [id] json\n"},
		{"select id % 2 as k, max(v) from f_file group by id % 2",
			"Project [_key0 AS k, max(v) AS max(v)]\n+- Aggregate [_key0], [_key0, max(v) AS max(v)]\n   +- Project [(id % 2) AS _key0, v]\n      +- Relation [id, v] json\n"},
		{"select a.name, b.v from f_file a join f_file b on a.id = b.id where a.v > 1 and b.name = 'x'",
			"Project [name, v]\n+- Join Inner, (id = id)\n   :- Project [id, name]\n   :  +- Filter (v > 1.0)\n   :     +- Relation [id, name, v] json, PushedFilters: [>(v, 1)]\n   +- Project [id, v]\n      +- Filter (name = x)\n         +- Relation [id, name, v] json, PushedFilters: [=(name, x)]\n"},
		{"select a.id from f_file a left join f_file b on a.id = b.id and b.v > 1 where b.name is null",
			"Project [id]\n+- Filter isnull(name)\n   +- Join LeftOuter, (id = id)\n      :- Relation [id] json\n      +- Project [id, name]\n         +- Filter (v > 1.0)\n            +- Relation [id, name, v] json, PushedFilters: [>(v, 1)]\n"},
		{"select x from (select id as x from f_file union all select id from u) where x > 3",
			"Union false, false\n:- Project [id AS x]\n:  +- Filter (id > 3)\n:     +- Relation [id] json, PushedFilters: [>(id, 3)]\n+- Filter (id > 3)\n   +- LocalRelation [id]\n"},
		{"select id from (select id, name from t limit 5) limit 3", "GlobalLimit 3\n+- LocalRelation [id]\n"},
		{"select name from (select name, count(*) as c from f_file group by name) where name = 'x' and c > 1",
			"Project [name]\n+- Filter (c > 1)\n   +- Aggregate [name], [name, count(1) AS c]\n      +- Filter (name = x)\n         +- Relation [name] json, PushedFilters: [=(name, x)]\n"},
		{"select id, e from (select id, name, explode(array(id, 2)) as e from f_file) where e > 1 and id > 2",
			"Filter (e > 1)\n+- Generate explode(array(id, 2)), false, [e]\n   +- Filter (id > 2)\n      +- Relation [id] json, PushedFilters: [>(id, 2)]\n"},
		{"select window.start, max(id + 1) from f_file group by window(ts, '10 seconds', '2 seconds')",
			"Project [field(window) AS start, max((id + 1)) AS max((id + 1))]\n+- Aggregate [window], [window, max(_arg1) AS max((id + 1))]\n" +
				"   +- Window window(ts, 10000000, 2000000, 0) AS window\n      +- Project [ts, (id + 1) AS _arg1]\n         +- Relation [id, ts] json\n"},
		{"select 1 as a", "Project [1 AS a]\n+- Range (0, 1, step=1, splits=Some(1))\n"},
		{"select id from t where false", "GlobalLimit 0\n+- LocalRelation [id]\n"},
	}
	for _, c := range cases {
		if got := optimized(t, must(t, c.sql)); got != c.want {
			t.Errorf("%s\n got\n%s\nwant\n%s", c.sql, got, c.want)
		}
	}
}

func udf(deterministic bool, args ...expr.Expr) *expr.UDF {
	return &expr.UDF{FuncName: "f", Args: args, Out: types.Boolean, Deterministic: deterministic}
}

func TestFunctionsStandInProjects(t *testing.T) {
	df := &logical.Handle{Plan: must(t, "select * from f_file")}
	cond := call("and", udf(true, name(-1, "id")), call(">", name(-1, "v"), expr.Lit(1.0)))
	want := "Project [id, name, v, ts]\n+- Filter f(id)\n   +- Project [id, name, v, ts, f(id) AS f(id)]\n      +- Filter (v > 1.0)\n         +- Relation [id, name, v, ts] json, PushedFilters: [>(v, 1)]\n"
	if got := optimized(t, &logical.Filter{Child: df, Condition: cond}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	sorted := &logical.Sort{Child: df, Global: true, Order: []expr.Expr{udf(true, name(-1, "id"))}}
	want = "Project [id, name, v, ts]\n+- Sort [f(id) ASC NULLS FIRST], true\n   +- Project [id, name, v, ts, f(id) AS f(id)]\n      +- Relation [id, name, v, ts] json\n"
	if got := optimized(t, sorted); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A function is not called twice for one column that is used twice, and a filter does not cross a volatile column.
func TestCostlyColumnsStayApart(t *testing.T) {
	df := &logical.Handle{Plan: must(t, "select id from f_file")}
	one := &logical.Handle{Plan: over(t, &logical.Project{Child: df, Exprs: []expr.Expr{name(-1, "id"), &expr.Alias{Child: udf(false, name(-1, "id")), Names: []string{"b"}}}})}
	twice := &logical.Project{Child: one, Exprs: []expr.Expr{&expr.Alias{Child: call("or", name(-1, "b"), name(-1, "b")), Names: []string{"c"}}}}
	want := "Project [(b OR b) AS c]\n+- Project [f(id) AS b]\n   +- Relation [id] json\n"
	if got := optimized(t, twice); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	filtered := &logical.Filter{Child: one, Condition: call(">", name(-1, "id"), expr.Lit(int32(1)))}
	want = "Filter (id > 1)\n+- Project [id, f(id) AS b]\n   +- Relation [id] json\n"
	if got := optimized(t, filtered); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWatermarkKeepsItsRows(t *testing.T) {
	marked := &logical.Watermark{Child: table("s_in"), Column: name(-1, "ts"), DelayText: "10 seconds"}
	n := &logical.Filter{Child: marked, Condition: call("and", call("==", name(-1, "k"), expr.Lit("a")), call("isNotNull", name(-1, "ts")))}
	want := "~Filter isnotnull(ts-T10000ms)\n+- ~EventTimeWatermark ts, 10 seconds\n   +- ~Filter (k = a)\n      +- StreamingRelation [k, ts, v] json, PushedFilters: [=(k, a)]\n"
	if got := optimized(t, n); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The time column stays beneath a deduplication that drops late rows by it, though nobody selects it.
func TestDistinctKeepsItsEventTime(t *testing.T) {
	marked := &logical.Watermark{Child: table("s_in"), Column: name(-1, "ts"), DelayText: "10 seconds"}
	n := &logical.Project{Child: &logical.Distinct{Child: marked, Columns: []string{"k"}}, Exprs: []expr.Expr{name(-1, "k")}}
	want := "~Project [k]\n+- ~Deduplicate [k]\n   +- ~EventTimeWatermark ts, 10 seconds\n      +- StreamingRelation [k, ts] json\n"
	if got := optimized(t, n); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

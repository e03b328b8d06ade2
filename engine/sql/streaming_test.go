package sql_test

import (
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
)

const noAggregation, noWatermark = "no streaming aggregations", "streaming aggregations without watermark"

// Which plans PySpark 4.3 starts in append, update and complete mode: empty is fine, else the operation or message.
func TestOutputModes(t *testing.T) {
	limits := "Limits are not supported on streaming DataFrames/Datasets in Update output mode"
	sorting := "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode"
	distinct := "Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead."
	outer := "LeftOuter join between two streaming DataFrames/Datasets is not supported in Update output mode, only in Append output mode"
	bounded := "Stream-stream LeftOuter join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition"
	late := "Detected pattern of possible 'correctness' issue due to global watermark. The query contains stateful operation which can emit rows older than the current watermark plus allowed late record delay, which are \"late rows\" in downstream stateful operations and these rows can be discarded. Please refer the programming guide doc for more details. If you understand the possible risk of correctness issue and still need to run the query, you can disable this check by setting the config `spark.sql.streaming.statefulOperator.checkCorrectness.enabled` to false."
	same := func(s string) [3]string { return [3]string{s, s, noAggregation} }
	cases := []struct {
		sql  string
		want [3]string
	}{
		{"select k from s_in", same("")},
		{"select k, count(*) from s_in group by k", [3]string{noWatermark}},
		{"select k, count(*) from w group by k", [3]string{noWatermark}},
		{"select ts, count(*) from w group by ts", [3]string{}},
		{"select window(ts, '10 seconds'), count(*) from w group by window(ts, '10 seconds')", [3]string{}},
		{"select count(*) from w group by window(ts, '10 seconds', '5 seconds'), k", [3]string{}},
		{"select count(*) from (select window(ts, '10 seconds') as w, k from w) group by w", [3]string{}},
		{"select count(*) from (select window(ts, '10 seconds') as w, k from w) group by w.end", [3]string{noWatermark}},
		{"select count(*) from (select window(ts, '10 seconds') as w from w group by 1) group by window(w, '20 seconds')", [3]string{"", late, late}},
		{"select count(*) from (select window_time(window) as t from (select window(ts, '10 seconds') from w group by 1)) group by window(t, '20 seconds')", [3]string{"", late, late}},
		{"select distinct k from s_in", [3]string{noWatermark}},
		{"select * from s_in limit 3", [3]string{"", limits, noAggregation}},
		{"select count(*) from (select * from s_in limit 3)", [3]string{noWatermark, limits}},
		{"select * from s_in order by k", same(sorting)},
		{"select k, count(*) from s_in group by k order by k", [3]string{noWatermark, sorting}},
		{"select * from s_in union all select * from s_in", same("")},
		{"select k from s_in union all select name from t", same("Union between streaming and batch DataFrames/Datasets is not supported")},
		{"select * from s_in offset 1", same("Offset is not supported on streaming DataFrames/Datasets")},
		{"select * from s_in join u on k = name2", same("")}, {"select * from s_in left join u on k = name2", same("")},
		{"select * from s_in right join u on k = name2", same("RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported")},
		{"select * from s_in full join u on k = name2", same("FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported")},
		{"select * from s_in left semi join u on k = name2", same("")}, {"select * from s_in left anti join u on k = name2", same("")},
		{"select * from u left join s_in on k = name2", same("LeftOuter join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported")},
		{"select * from u right join s_in on k = name2", same("")}, {"select * from u join s_in on k = name2", same("")},
		{"select * from u left semi join s_in on k = name2", same("LeftSemi join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported")},
		{"select * from u left anti join s_in on k = name2", same("LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported")},
		{"select * from u full join s_in on k = name2", same("FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported")},
		{"select * from s_in join s_in2 on k = k2", same("")},
		{"select * from s_in left join s_in2 on k = k2", [3]string{bounded, outer, noAggregation}},
		{"select * from w left join w2 on k = k2 and ts = ts2", [3]string{"", outer, noAggregation}},
		{"select * from w left join w2 on k = k2 and ts2 <= ts", [3]string{"", outer, noAggregation}},
		{"select * from w left anti join w2 on k = k2 and ts = ts2", same("LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported")},
		{"select k, count(distinct v) from s_in group by k", [3]string{noWatermark, distinct, distinct}},
	}
	a := testkit.Analyzer(marked{testkit.Samples})
	for _, c := range cases {
		p, err := a.Analyze(queryOf(t, c.sql))
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		for i, mode := range []string{logical.Append, logical.Update, logical.Complete} {
			checkMode(t, c.sql, p, mode, c.want[i])
		}
	}
}

func checkMode(t *testing.T, what string, p logical.Plan, mode, want string) {
	t.Helper()
	e := errs.As(logical.CheckStream(p, mode, false))
	got := ""
	if e != nil {
		if got = e.Params["msg"]; got == "" {
			got = e.Params["operation"]
			if e.Params["outputMode"] != mode {
				t.Errorf("%s, %s: %v", what, mode, e)
			}
		}
	}
	if got != want {
		t.Errorf("%s, %s:\n got %q\nwant %q", what, mode, got, want)
	}
}

// marked adds the views w and w2: the streams with a watermark on their time.
type marked struct{ testkit.Tables }

func (m marked) Table(parts []string, o map[string]string, s bool) (logical.Plan, error) {
	switch parts[0] {
	case "w":
		return &logical.Watermark{Child: table("s_in"), Column: name(-1, "ts"), DelayText: "10 seconds"}, nil
	case "w2":
		return &logical.Watermark{Child: table("s_in2"), Column: name(-1, "ts2"), DelayText: "10 seconds"}, nil
	}
	return m.Tables.Table(parts, o, s)
}

// What keeps the event-time mark and what loses it.
func TestEventTimeMark(t *testing.T) {
	a := testkit.Analyzer(marked{testkit.Samples})
	for text, kept := range map[string]bool{
		"select ts from w": true, "select ts as t from w": true, "select t from (select ts as t, k from w) where k = 'a'": true,
		"select cast(cast(ts as string) as timestamp) as ts from w": false, "select greatest(ts, ts) as ts from w": false,
		"select ts from w union all select ts from s_in": true, "select ts from s_in union all select ts from w": false,
		"select window(ts, '10 seconds') from w": true, "select window(ts, '10 seconds').end from w": false,
		"select window_time(x) from (select window(ts, '10 seconds') as x from w)": true,
		"select ts from w group by ts":                                             true, "select w.ts from w join u on k = name2": true,
	} {
		p, err := a.Analyze(queryOf(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if p.Output()[0].EventTime != kept {
			t.Errorf("%s: the mark is %v", text, !kept)
		}
	}
}

func TestCheckBatch(t *testing.T) {
	if err := logical.CheckBatch(must(t, "select * from t")); err != nil {
		t.Error(err)
	}
	err := logical.CheckBatch(must(t, "select k from s_in where v > 1"))
	wantError(t, "collect", err, "_LEGACY_ERROR_TEMP_3102")
}

func TestSampleAndDeduplicate(t *testing.T) {
	sampled := over(t, &logical.Sample{Child: table("s_in"), Upper: 0.5})
	checkMode(t, "sample", sampled, logical.Append, "Sampling is not supported on streaming DataFrames/Datasets")
	within := over(t, &logical.Distinct{Child: table("s_in"), Columns: []string{"k"}, WithinWatermark: true})
	checkMode(t, "within watermark", within, logical.Append, "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark")
}

func TestWindowFunctionsOverStreams(t *testing.T) {
	p := must(t, "select row_number() over (partition by k order by v) as x, k from s_in")
	wantError(t, "append", logical.CheckStream(p, logical.Append, false), "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "windowFunc", "ROW_NUMBER()",
		"columnName", "`x`", "windowSpec", "(PARTITION BY K ORDER BY V ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)")
	checkMode(t, "complete", p, logical.Complete, noAggregation)
	p = must(t, "select sum(v) over () from s_in")
	wantError(t, "sum", logical.CheckStream(p, logical.Update, false), "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
		"columnName", "`sum(v) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`")
}

func TestExplain(t *testing.T) {
	p := must(t, "select id, count(*) as c from t group by id")
	text, err := logical.Explain(logical.Plans{Parsed: queryOf(t, "select id from t"), Analyzed: p, Optimized: logical.Optimize(p, &expr.Context{}), Physical: "Scan\n"}, "extended")
	if err != nil {
		t.Fatal(err)
	}
	want := "== Parsed Logical Plan ==\n'Project ['id]\n+- 'UnresolvedRelation [t], [], false\n\n== Analyzed Logical Plan ==\nid: int, c: bigint\n" +
		"Aggregate [id], [id, count(1) AS c]\n+- SubqueryAlias t\n   +- LocalRelation [id, name, v, arr, m]\n\n== Optimized Logical Plan ==\n" +
		"Aggregate [id], [id, count(1) AS c]\n+- LocalRelation [id]\n\n== Physical Plan ==\nScan\n"
	if got := number.ReplaceAllString(text, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, err = logical.Explain(logical.Plans{}, "nope")
	wantError(t, "mode", err, "_LEGACY_ERROR_UNNAMED_EXPLAIN_MODE")
}

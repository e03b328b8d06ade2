package sql_test

import (
	"testing"
)

// Schemas are what PySpark 4.3 answered to the same text.
func TestSchemas(t *testing.T) {
	cases := []struct{ sql, want string }{
		{"select * from t", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>>"},
		{"select ID, t.Name from t", "struct<ID:int,Name:string>"},
		{"select q.id from t q", "struct<id:int>"},
		{"select count(*), count(1), count(distinct id) from t", "struct<count(1):bigint,count(1):bigint,count(DISTINCT id):bigint>"},
		{"select id+1 as k, count(*) from t group by k", "struct<k:int,count(1):bigint>"},
		{"select id+1 as k, count(*) from t group by 1 order by 2 desc", "struct<k:int,count(1):bigint>"},
		{"select id, count(*) from t group by all", "struct<id:int,count(1):bigint>"},
		{"select id, sum(v) from t group by id having max(v) > 1 order by id", "struct<id:int,sum(v):double>"},
		{"select id from t group by id having sum(v) > 1", "struct<id:int>"},
		{"select id, sum(v) as s from t group by id order by max(v)", "struct<id:int,s:double>"},
		{"select sum(v) from t group by id order by id", "struct<sum(v):double>"},
		{"select sum(v)+1, max(v)-min(v) as d from t group by id+1", "struct<(sum(v) + 1):double,d:double>"},
		{"select (id+1)*2, id+1 from t group by id+1", "struct<((id + 1) * 2):int,(id + 1):int>"},
		{"select id from t order by name", "struct<id:int>"},
		{"select id+1 as b, b+1 as c from t", "struct<b:int,c:int>"},
		{"select id+1 as name, name from t", "struct<name:int,name:string>"},
		{"select cast(id as string), id::bigint, try_cast(name as int) from t", "struct<id:string,id:bigint,name:int>"},
		{"select id between 1 and 2, id not between 1 and 2, not id in (1,2) from t", "struct<between(id, 1, 2):boolean,(NOT between(id, 1, 2)):boolean,(NOT (id IN (1, 2))):boolean>"},
		{"select date'2020-01-01', timestamp'2020-01-01 00:00:01'", "struct<DATE '2020-01-01':date,TIMESTAMP '2020-01-01 00:00:01':timestamp>"},
		{"select * from t join u on t.id = u.id", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,id:int,name2:string>"},
		{"select * from t join u using (id)", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,name2:string>"},
		{"select * from t full join u using (id)", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,name2:string>"},
		{"select * from t left semi join u using (id)", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>>"},
		{"select id*1.5 as x from u union all select id from u", "struct<x:decimal(13,1)>"},
		{"select id from u union all select 'x'", "struct<id:bigint>"},
		{"select date'2020-01-01' as d union all select timestamp'2020-01-01'", "struct<d:timestamp>"},
		{"select * from values (1, 'a'), (2L, 'b') as t(x, y)", "struct<x:bigint,y:string>"},
		{"with q as (select id from t) select a.id from q a join q b on a.id = b.id", "struct<id:int>"},
		{"select s.*, ss.name, ss[0].id from n", "struct<id:int,name:string,name:array<string>,ss[0].id:int>"},
		{"select S.ID, m.k, m['k'], arr[0], arr[id] from t join n on n.s.id = t.id", "struct<ID:int,k:int,m[k]:int,arr[0]:int,arr[id]:int>"},
		{"select struct(id, name).id, array(1,2)[0], struct(s.id, ts) as x from t join n", "struct<struct(id, name).id:int,array(1, 2)[0]:int,x:struct<id:int,ts:timestamp>>"},
		{"select struct(*) from u", "struct<struct(id, name2):struct<id:int,name2:string>>"},
		{"select max(struct(id, name)).name from t", "struct<max(struct(id, name)).name:string>"},
		{"select cast(s.id as string), case when id = 1 then 'a' else 'b' end, if(id=1,2,3) from t join n", "struct<CAST(s.id AS STRING):string,CASE WHEN (id = 1) THEN a ELSE b END:string,(IF((id = 1), 2, 3)):int>"},
		{"select transform(arr, x -> x + 1), aggregate(arr, 0, (a, x) -> a + x) from t", "struct<transform(arr, lambdafunction((namedlambdavariable() + 1), namedlambdavariable())):array<int>,aggregate(arr, 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int>"},
		{"select transform(arr, x -> x + id) as a from t", "struct<a:array<int>>"},
		{"select explode(arr) from t", "struct<col:int>"},
		{"select explode(arr) as (a), id+1 as y from t", "struct<a:int,y:int>"},
		{"select explode(m), id from t", "struct<key:string,value:int,id:int>"},
		{"select posexplode(arr) from t", "struct<pos:int,col:int>"},
		{"select explode(arr), explode(m) from t", "struct<col:int,key:string,value:int>"},
		{"select k, e from (select 1 as k) lateral view explode(array(1,2)) x as e", "struct<k:int,e:int>"},
		{"select e.col from t lateral view outer explode(arr) e", "struct<col:int>"},
		{"select id, explode(collect_list(v)) as x from t group by id", "struct<id:int,x:double>"},
		{"select explode(collect_list(id)) from t", "struct<col:int>"},
		{"select inline(ss) from n", "struct<id:int,name:string>"},
		{"select stack(2, 1, 'a', 2, 'b')", "struct<col0:int,col1:string>"},
		{"select window(ts, '10 seconds'), count(*) from n group by window(ts, '10 seconds')", "struct<window:struct<start:timestamp,end:timestamp>,count(1):bigint>"},
		{"select window.start, count(*) as c from n group by window(ts, '10 seconds')", "struct<start:timestamp,c:bigint>"},
		{"select window(ts, '10 seconds').end e, window(ts, '10 seconds').start from n", "struct<e:timestamp,window.start:timestamp>"},
		{"select window(ts, '10 seconds', '5 seconds') as w, s.id from n", "struct<w:struct<start:timestamp,end:timestamp>,id:int>"},
		{"select w.start from (select window(ts, '1 week', '1 week', '4 days') w from n) order by w", "struct<start:timestamp>"},
		{"select struct(window(ts, '10 seconds')) from n", "struct<struct(window):struct<window:struct<start:timestamp,end:timestamp>>>"},
		{"select ts from n where window(ts, '10 seconds') is not null", "struct<ts:timestamp>"},
		{"select window(window, '20 seconds'), count(*) c from (select window(ts, '10 seconds'), count(*) from n group by 1) group by window(window, '20 seconds')", "struct<window:struct<start:timestamp,end:timestamp>,c:bigint>"},
		{"select window_time(window) from (select window(ts, '10 seconds') from n group by 1)", "struct<window_time(window):timestamp>"},
		{"select sum(id) as s, s+1 as x from t", "struct<s:bigint,x:bigint>"},
		{"select id, sum(id) as s, s/id as x from t group by id", "struct<id:int,s:bigint,x:double>"},
		{"select user, USER, count(*) c from (select name as user from t) where user > 'a' group by user order by user", "struct<user:string,USER:string,c:bigint>"},
		{"select current_date.a, current_date from (select struct(1 as a) as current_date)", "struct<a:int,current_date:struct<a:int>>"},
		{"select current_date, q.current_date d from (select id as current_time, name as current_date from t) q", "struct<current_date:string,d:string>"},
		{"select current_date from t", "struct<current_date():date>"},
		{"select id from t limit 1+1", "struct<id:int>"},
		{"select count(distinct *) from u", "struct<count(DISTINCT id, name2):bigint>"},
		{"select a.*, b.id as i from t a cross join u b", "struct<id:int,name:string,v:double,arr:array<int>,m:map<string,int>,i:int>"},
	}
	for _, c := range cases {
		p, err := analyzer().Analyze(queryOf(t, c.sql))
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := schema(p); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

// Conditions and parameters are PySpark's answers.
func TestConditions(t *testing.T) {
	cases := []struct {
		sql, condition string
		pairs          []string
	}{
		{"select idd from t", "UNRESOLVED_COLUMN.WITH_SUGGESTION", []string{"objectName", "`idd`", "proposal", "`id`, `m`, `v`, `arr`, `name`"}},
		{"select * from t where foo > 1", "UNRESOLVED_COLUMN.WITH_SUGGESTION", []string{"objectName", "`foo`", "proposal", "`m`, `v`, `id`, `arr`, `name`"}},
		{"select z.id from t q", "UNRESOLVED_COLUMN.WITH_SUGGESTION", []string{"objectName", "`z`.`id`", "proposal", "`q`.`id`, `q`.`m`, `q`.`v`, `q`.`arr`, `q`.`name`"}},
		{"select a", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", []string{"objectName", "`a`"}},
		{"select id from t a join u b on a.id = b.id", "AMBIGUOUS_REFERENCE", []string{"name", "`id`", "referenceNames", "[`a`.`id`, `b`.`id`]"}},
		{"select zz.* from t", "CANNOT_RESOLVE_STAR_EXPAND", []string{"targetString", "`zz`", "columns", "`arr`, `id`, `m`, `name`, `v`"}},
		{"select foo(id) from t", "UNRESOLVED_ROUTINE", []string{"routineName", "`foo`"}},
		{"select a.foo(id) from t", "UNRESOLVED_ROUTINE", []string{"routineName", "`a`.`foo`"}},
		{"select isnull() from t", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", []string{"functionName", "`isnull`", "expectedNum", "1", "actualNum", "0"}},
		{"select isnull(x => id) from t", "NAMED_PARAMETERS_NOT_SUPPORTED", []string{"functionName", "`isnull`"}},
		{"select id, v+1, sum(v) from t group by id", "MISSING_AGGREGATION", []string{"expression", `"v"`, "expressionAnyValue", `"any_value(v)"`}},
		{"select id, sum(v) from t", "MISSING_GROUP_BY", nil},
		{"select count(*) from t group by sum(v)", "GROUP_BY_AGGREGATE", []string{"sqlExpr", "sum(v)"}},
		{"select sum(sum(v)) from t", "NESTED_AGGREGATE_FUNCTION", nil},
		{"select id from t where sum(v) > 1", "INVALID_WHERE_CONDITION", []string{"condition", `"(sum(v) > 1)"`}},
		{"select id from t order by sum(v)", "UNSUPPORTED_EXPR_FOR_OPERATOR", []string{"operator", "Sort", "invalidExprSqls", `"sum(v)"`}},
		{"select * from t join u on sum(v) = u.id", "UNSUPPORTED_EXPR_FOR_OPERATOR", []string{"operator", "Join"}},
		{"select id from t union select * from t", "NUM_COLUMNS_MISMATCH", []string{"operator", "UNION", "firstNumColumns", "1", "invalidOrdinalNum", "second", "invalidNumColumns", "5"}},
		{"select * from u union all select arr, id from t", "INCOMPATIBLE_COLUMN_TYPE", []string{"tableOrdinalNumber", "second", "columnOrdinalNumber", "first", "dataType2", `"INT"`, "dataType1", `"ARRAY<INT>"`}},
		{"select * from t join u on name2", "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", []string{"joinCondition", `"name2"`, "conditionType", `"STRING"`}},
		{"select * from t join u using (nope)", "UNRESOLVED_USING_COLUMN_FOR_JOIN", []string{"colName", "`nope`", "side", "left", "suggestion", "`arr`, `id`, `m`, `name`, `v`"}},
		{"select * from t where id", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", []string{"filter", `"id"`, "type", `"INT"`}},
		{"select * from t order by m", "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", []string{"functionName", "`sortorder`", "sqlExpr", `"m ASC NULLS FIRST"`}},
		{"select distinct * from t", "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", []string{"colName", "`m`"}},
		{"select cast(arr as int) from t", "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", []string{"srcType", `"ARRAY<INT>"`, "targetType", `"INT"`}},
		{"select * from nope", "TABLE_OR_VIEW_NOT_FOUND", []string{"relationName", "`nope`"}},
		{"select * from a.b", "TABLE_OR_VIEW_NOT_FOUND", []string{"relationName", "`a`.`b`"}},
		{"select * + 1 from t", "INVALID_USAGE_OF_STAR_OR_REGEX", []string{"elem", "'*'", "prettyName", "expression `add`"}},
		{"select id, count(*) from t group by 3", "GROUP_BY_POS_OUT_OF_RANGE", []string{"index", "3", "size", "2"}},
		{"select id, count(*) from t group by 2", "GROUP_BY_POS_AGGREGATE", []string{"index", "2"}},
		{"select id from t order by 2", "ORDER_BY_POS_OUT_OF_RANGE", []string{"index", "2", "size", "1"}},
		{"select id.x from t", "INVALID_EXTRACT_BASE_FIELD_TYPE", []string{"base", `"id"`, "other", `"INT"`}},
		{"select s.foo from n", "FIELD_NOT_FOUND", []string{"fieldName", "`foo`", "fields", "`id`, `name`"}},
		{"select id as (a, b) from t", "MULTI_ALIAS_WITHOUT_GENERATOR", []string{"names", "a, b", "expr", `"id"`}},
		{"select * from values (1), (1, 2)", "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", nil},
		{"select id as a, a+1 as b, sum(b) from t group by id", "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", []string{"lca", "`b`"}},
		{"select * from t limit -1", "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", []string{"name", "limit", "expr", `"-1"`, "v", "-1"}},
		{"select * from t limit x", "UNRESOLVED_COLUMN.WITH_SUGGESTION", []string{"objectName", "`x`", "proposal", "`m`, `v`, `id`, `arr`, `name`"}},
		{"select * from t limit id", "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", nil},
		{"select * from t limit 'x'", "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", nil},
		{"values (1), ('a')", "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", []string{"colName", "`col1`"}},
		{"select count(t.*) from t", "INVALID_USAGE_OF_STAR_WITH_TABLE_IDENTIFIER_IN_COUNT", []string{"tableName", "`t`"}},
		{"select * as x from t", "INVALID_USAGE_OF_STAR_OR_REGEX", []string{"elem", "'*'", "prettyName", "expression `alias`"}},
		{"select explode(arr) + 1 from t", "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", []string{"expression", `"(explode(arr) + 1)"`}},
		{"select * from t where explode(arr) > 1", "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", nil},
		{"select * from t order by explode(arr)", "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", nil},
		{"select explode(m) as a from t", "UDTF_ALIAS_NUMBER_MISMATCH", []string{"aliasesSize", "2", "aliasesNames", "a"}},
		{"select explode(arr) as (a, b) from t", "UDTF_ALIAS_NUMBER_MISMATCH", []string{"aliasesSize", "1", "aliasesNames", "a,b"}},
		{"select id, explode(arr) from t group by id", "MISSING_AGGREGATION", []string{"expression", `"arr"`}},
		{"select window(ts, '10 seconds'), window(ts, '20 seconds') from n", "_LEGACY_ERROR_TEMP_1039", nil},
		{"select window(ts, '10 seconds', '20 seconds') from n", "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION", []string{"leftExprName", "`slide_duration`", "constraint", "<="}},
		{"select window(ts, '1 month') from n", "_LEGACY_ERROR_TEMP_3231", []string{"interval", "1 month"}},
		{"select window(ts, 'abc') from n", "CANNOT_PARSE_INTERVAL", []string{"intervalString", "'abc'"}},
		{"select window(s, '10 seconds') from n", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", nil},
		{"select date'x'", "INVALID_TYPED_LITERAL", []string{"valueType", `"DATE"`, "value", "'x'"}},
		{"select sum(v) over (order by id) from t", "NOT_IMPLEMENTED", nil},
	}
	for _, c := range cases {
		_, err := analyzer().Analyze(queryOf(t, c.sql))
		wantError(t, c.sql, err, c.condition, c.pairs...)
	}
}

package sql

import (
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// show is a tree in prefix form: calls as (name args), so that precedence is plain to see.
func show(e expr.Expr) string {
	switch e := e.(type) {
	case *expr.Call:
		parts := []string{strings.Join(e.Name, ".")}
		if e.Distinct {
			parts = append(parts, "DISTINCT")
		}
		for i, a := range e.Args {
			if e.ArgNames != nil && e.ArgNames[i] != "" {
				parts = append(parts, e.ArgNames[i]+"=>"+show(a))
			} else {
				parts = append(parts, show(a))
			}
		}
		if e.Filter != nil {
			parts = append(parts, "FILTER "+show(e.Filter))
		}
		return "(" + strings.Join(parts, " ") + ")"
	case *expr.Literal:
		if s, ok := e.Value.(string); ok {
			return "'" + s + "'"
		}
		return e.String() + ":" + e.DataType.String()
	case *expr.Cast:
		name := "cast"
		if e.Mode == expr.CastTry {
			name = "try_cast"
		}
		return "(" + name + " " + show(e.Child) + " " + e.To.String() + ")"
	case *expr.Extract:
		return show(e.Child) + "[" + show(e.Key) + "]"
	case *expr.Alias:
		return show(e.Child) + " AS " + strings.Join(e.Names, ",")
	case *expr.Lambda:
		return "\\" + strings.Join(e.Params, ",") + "." + show(e.Body)
	case *expr.Name:
		return strings.Join(e.Parts, ".")
	case *expr.Over:
		out := "(over " + show(e.Fn)
		for _, p := range e.Partition {
			out += " by " + show(p)
		}
		for _, o := range e.Order {
			out += " order " + show(o)
		}
		if e.Frame != nil {
			out += " frame"
		}
		return out + ")"
	case *expr.Sort:
		out := show(e.Child)
		if e.Descending {
			out += " desc"
		}
		if e.NullsFirst {
			return out + " nulls first"
		}
		return out + " nulls last"
	}
	return e.String()
}

func TestExpressions(t *testing.T) {
	cases := []struct{ sql, want string }{
		{"1 + 2 * 3", "(+ 1:int (* 2:int 3:int))"},
		{"(1 + 2) * 3", "(* (+ 1:int 2:int) 3:int)"},
		{"a - b - c", "(- (- a b) c)"},
		{"a || b + 1", "(+ (concat a b) 1:int)"},
		{"a & b | c ^ d", "(| (& a b) (^ c d))"},
		{"a << 1 + 2", "(<< a (+ 1:int 2:int))"},
		{"-a * b", "(* (- a) b)"},
		{"- 1", "-1:int"}, {"2-1", "(- 2:int 1:int)"}, {"-(1)", "(- 1:int)"}, {"~a + 1", "(+ (~ a) 1:int)"},
		{"a = 1 OR b <> 2 AND NOT c", "(or (== a 1:int) (and (!= b 2:int) (not c)))"},
		{"not a = b", "(not (== a b))"}, {"!a and b", "(and (not a) b)"},
		{"a = b is null", "(isNull (== a b))"},
		{"a is not null and b is not true", "(and (isNotNull a) (not (<=> b true:boolean)))"},
		{"a is distinct from b", "(not (<=> a b))"}, {"a is not distinct from b", "(<=> a b)"},
		{"a between 1 and 2 and b", "(and (between a 1:int 2:int) b)"},
		{"a not between 1 and 2", "(not (between a 1:int 2:int))"},
		{"a in (1, 2) or b not in ('x')", "(or (in a 1:int 2:int) (not (in b 'x')))"},
		{"a like 'x%' escape '/'", "(like a 'x%' '/')"}, {"a not ilike b", "(not (ilike a b))"}, {"a rlike 'x'", "(rlike a 'x')"},
		{"a like any ('x', 'y')", "(likeany a 'x' 'y')"},
		{"a <=> b", "(<=> a b)"}, {"a == b", "(== a b)"}, {"7 div 2 % 3", "(% (div 7:int 2:int) 3:int)"},
		{"case when a then 1 else 2 end", "(when a 1:int 2:int)"},
		{"case a when 1 then 'x' when 2 then 'y' end", "(when (== a 1:int) 'x' (== a 2:int) 'y')"},
		{"cast(a as decimal(10, 2))", "(cast a decimal(10,2))"}, {"try_cast(a as int)", "(try_cast a int)"},
		{"a::bigint + 1", "(+ (cast a bigint) 1:int)"}, {"cast(a as array<struct<x:int,y:array<string>>>)", "(cast a array<struct<x:int,y:array<string>>>)"},
		{"a[0].b.c", "a[0:int]['b']['c']"}, {"a.b.c", "a.b.c"}, {"`a.b`.c", "a.b.c"}, {"m['k']", "m['k']"}, {"f(x).y", "(f x)['y']"},
		{"t.*", "t.*"}, {"count(*)", "(count 1:int)"}, {"count(distinct a, b)", "(count DISTINCT a b)"},
		{"sum(a) filter (where b > 1)", "(sum a FILTER (> b 1:int))"},
		{"sum(a) over (partition by b order by c desc)", "(over (sum a) by b order c desc nulls last)"},
		{"row_number() over (order by a rows between 1 preceding and current row)", "(over (row_number) order a nulls first frame)"},
		{"transform(a, x -> x + 1)", "(transform a \\x.(+ x 1:int))"},
		{"aggregate(a, 0, (acc, x) -> acc + x)", "(aggregate a 0:int \\acc,x.(+ acc x))"},
		{"f(a, key => 1)", "(f a key=>1:int)"},
		{"extract(year from a)", "(extract 'year' a)"},
		{"substring(a from 2 for 3)", "(substring a 2:int 3:int)"}, {"substring(a, 2)", "(substring a 2:int)"}, {"substr(a from 2)", "(substr a 2:int)"},
		{"trim(both 'x' from a)", "(trim 'x' a)"}, {"trim(leading from a)", "(ltrim a)"}, {"trim(a)", "(trim a)"}, {"trim(trailing 'x' from a)", "(rtrim 'x' a)"},
		{"position('a' in b)", "(locate 'a' b)"}, {"position('a', b)", "(position 'a' b)"},
		{"overlay(a placing 'x' from 2 for 1)", "(overlay a 'x' 2:int 1:int)"},
		{"dateadd(day, 1, d)", "(timestampadd 'day' 1:int d)"}, {"date_add(d, 1)", "(date_add d 1:int)"}, {"datediff(d, e)", "(datediff d e)"},
		{"first(a ignore nulls)", "(first a true:boolean)"}, {"first(a)", "(first a)"},
		{"current_date", "(current_date)"}, {"current_timestamp()", "(current_timestamp)"},
		{"(a, b)", "(struct a b)"}, {"struct(a as x, b)", "(struct a AS x b)"}, {"if(a, 1, 2)", "(if a 1:int 2:int)"},
		{"left(a, 1)", "(left a 1:int)"}, {"date", "date"}, {"select1", "select1"}, {"a -- comment\n + /* x /* y */ */ 1", "(+ a 1:int)"},
		{"percentile_approx(a, 0.5)", "(percentile_approx a 0.5:decimal(1,1))"},
		{"x.y(1)", "(x.y 1:int)"}, {"a.b[1]::int", "(cast a.b[1:int] int)"}, {"-a::int", "(- (cast a int))"},
		{"interval", "interval"}, {"end + order", "(+ end order)"}, {"a AND b BETWEEN 1 AND 2 OR c", "(or (and a (between b 1:int 2:int)) c)"},
	}
	parsesAs(t, cases)
}

func parsesAs(t *testing.T, cases []struct{ sql, want string }) {
	t.Helper()
	for _, c := range cases {
		e, err := ParseExpression(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := show(e); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestLiterals(t *testing.T) {
	cases := []struct{ sql, want string }{
		{"1", "1:int"}, {"1L", "1:bigint"}, {"1S", "1:smallint"}, {"1Y", "1:tinyint"}, {"1.5", "1.5:decimal(2,1)"}, {"1.5D", "1.5:double"},
		{"1.5F", "1.5:float"}, {"1.5BD", "1.5:decimal(2,1)"}, {"1e3", "1000.0:double"}, {"1e3BD", "1000:decimal(4,0)"}, {".5", "0.5:decimal(1,1)"},
		{"-1.5", "-1.5:decimal(2,1)"}, {"99999999999", "99999999999:bigint"}, {"99999999999999999999", "99999999999999999999:decimal(20,0)"},
		{"-2147483648", "-2147483648:int"}, {"2147483648", "2147483648:bigint"}, {"0.00", "0.00:decimal(2,2)"}, {"1.", "1:decimal(1,0)"},
		{"'x'", "'x'"}, {`"y"`, "'y'"}, {"'a' 'b'", "'ab'"}, {`r'\n'`, `'\n'`}, {`'a\nb'`, "'a\nb'"}, {"'it''s'", "'it's'"}, {`'\u0041\101'`, "'AA'"}, {`'\%x\_'`, `'\%x\_'`},
		{"X'1F'", "X'1F':binary"}, {"true", "true:boolean"}, {"null", "NULL:void"},
		{"interval 1 day", "INTERVAL '1' DAY:interval day"},
		{"interval '1-2' year to month", "INTERVAL '1-2' YEAR TO MONTH:interval year to month"},
		{"interval '1 02:03:04' day to second", "INTERVAL '1 02:03:04' DAY TO SECOND:interval day to second"},
		{"interval '1 day 2 hours'", "INTERVAL '1 02' DAY TO HOUR:interval day to hour"},
		{"interval -3 weeks", "INTERVAL '-21' DAY:interval day"},
		{"interval 1.5 seconds", "INTERVAL '01.5' SECOND:interval second"},
		{"interval '2' month", "INTERVAL '2' MONTH:interval month"},
	}
	parsesAs(t, cases)
}

func TestErrors(t *testing.T) {
	cases := []struct{ sql, condition, near string }{
		{"", "PARSE_EMPTY_STATEMENT", ""}, {"a +", "PARSE_SYNTAX_ERROR", "end of input"}, {"a b c", "PARSE_SYNTAX_ERROR", "'b'"},
		{"(a", "PARSE_SYNTAX_ERROR", "end of input"}, {"a in ()", "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE", ""}, {"1 + * 2", "PARSE_SYNTAX_ERROR", "'2'"},
		{"'abc", "PARSE_SYNTAX_ERROR", "'''"}, {"a /* x", "UNCLOSED_BRACKETED_COMMENT", ""}, {"1000Y", "INVALID_NUMERIC_LITERAL_RANGE", ""},
		{"X'GG'", "INVALID_TYPED_LITERAL", ""}, {"interval 1 month 1 day", "_LEGACY_ERROR_TEMP_0029", ""}, {"interval 'x'", "INVALID_TYPED_LITERAL", ""},
		{":name", "UNBOUND_SQL_PARAMETER", ""}, {"interval '1' year to second", "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION", ""}, {"größe", "INVALID_IDENTIFIER", ""}, {"1e400BD", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", ""}, {"interval 1 nonsense", "PARSE_SYNTAX_ERROR", "'nonsense'"}, {"a..b", "PARSE_SYNTAX_ERROR", "'.'"}, {"a in (select 1)", "NOT_IMPLEMENTED", ""}, {"cast(a as nope)", "UNSUPPORTED_DATATYPE", ""},
		{strings.Repeat("(", 3000) + "1" + strings.Repeat(")", 3000), "FAILED_TO_PARSE_TOO_COMPLEX", ""},
	}
	for _, c := range cases {
		_, err := ParseExpression(c.sql)
		e := errs.As(err)
		if e == nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if e.Name != c.condition || c.near != "" && e.Params["error"] != c.near {
			t.Errorf("%.40s: %v %v, want %s %s", c.sql, e.Name, e.Params, c.condition, c.near)
		}
	}
}

func TestPlaceOfError(t *testing.T) {
	_, err := ParseExpression("a +\n b )")
	want := "(line 2, pos 3)\n\n== SQL ==\na +\n b )\n---^^^"
	if e := errs.As(err); e == nil || e.Detail != want {
		t.Errorf("got %v", err)
	}
}

func TestQueries(t *testing.T) {
	cases := []struct{ sql, want string }{
		{"select a, b + 1 as c from t where a > 1", "'Project ['a, ('b + 1) AS c]\n+- 'Filter ('a > 1)\n   +- 'UnresolvedRelation [t], [], false\n"},
		{"select distinct * from t x order by a desc limit 3 offset 1", "'GlobalLimit 3\n+- 'Offset 1\n   +- 'Sort ['a DESC NULLS LAST], true\n      +- 'Deduplicate []\n         +- 'Project [*]\n            +- 'SubqueryAlias x\n               +- 'UnresolvedRelation [t], [], false\n"},
		{"select a, count(*) from t group by a having count(*) > 1", "'Filter ('count(1) > 1)\n+- 'Aggregate ['a], ['a, 'count(1)]\n   +- 'UnresolvedRelation [t], [], false\n"},
		{"select * from a join b on a.x = b.x left join c using (y)", "'Project [*]\n+- 'Join LeftOuter\n   :- 'Join Inner, ('a.x = 'b.x)\n   :  :- 'UnresolvedRelation [a], [], false\n   :  +- 'UnresolvedRelation [b], [], false\n   +- 'UnresolvedRelation [c], [], false\n"},
		{"select 1", "'Project [1]\n+- OneRowRelation\n"},
		{"with q as (select 1 as a) select * from q", "'Project [*]\n+- 'SubqueryAlias q\n   +- 'Project [1 AS a]\n      +- OneRowRelation\n"},
		{"select 1 union all select 2 union select 3", "'Deduplicate []\n+- 'Union false, false\n   :- 'Union false, false\n   :  :- 'Project [1]\n   :  :  +- OneRowRelation\n   :  +- 'Project [2]\n   :     +- OneRowRelation\n   +- 'Project [3]\n      +- OneRowRelation\n"},
		{"select * from values (1, 'a'), (2, 'b') as t(x, y)", "'Project [*]\n+- 'SubqueryAlias t\n   +- 'Rename [x, y]\n      +- 'UnresolvedInlineTable [2 rows]\n"},
		{"select k, e from t lateral view outer explode(arr) u as e", "'Project ['k, 'e]\n+- 'Generate 'explode('arr), u\n   +- 'UnresolvedRelation [t], [], false\n"},
		{"select * from range(3)", "'Project [*]\n+- Range (0, 3, step=1, splits=None)\n"},
		{"from t select a", "'Project ['a]\n+- 'UnresolvedRelation [t], [], false\n"},
		{"(select a from t)", "'Project ['a]\n+- 'UnresolvedRelation [t], [], false\n"},
		{"table db.t", "'UnresolvedRelation [db, t], [], false\n"},
	}
	for _, c := range cases {
		p, err := ParseQuery(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := logical.Tree(p); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestRefusedStatements(t *testing.T) {
	for sql, feature := range map[string]string{
		"create or replace temp view v as select 1": "the SQL statement CREATE OR REPLACE TEMP",
		"show tables":                       "the SQL statement SHOW TABLES",
		"drop table t":                      "the SQL statement DROP TABLE",
		"insert into t values (1)":          "the SQL statement INSERT INTO",
		"select 1 intersect select 1":       "the set operation INTERSECT",
		"select a from t group by cube (a)": "GROUP BY CUBE",
	} {
		_, err := ParseQuery(sql)
		if e := errs.As(err); e == nil || e.Name != "NOT_IMPLEMENTED" || e.Params["feature"] != feature {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

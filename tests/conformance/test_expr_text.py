"""The text that expr, selectExpr and where take: every operator, literal, precedence and name form."""

import pytest

EXPRESSIONS = [
    "1", "1L", "1S", "1Y", "1.5", "1.5D", "1.5F", "1.5BD", "1e3", "1e-3", "1E3BD", ".5", "5.", "'a'", '"a"', "'it''s'", "'a' 'b'", "'\\t\\u0041\\x41'", "r'\\t'", "null", "true", "FALSE", "X'1F'", "date'2024-01-02'", "DATE '2024-1-2'", "timestamp'2024-01-02 03:04:05'", "timestamp_ntz'2024-01-02 03:04:05'", "timestamp_ltz'2024-01-02 03:04:05'", "timestamp'2024-01-02T03:04:05+05:00'",
    "interval 1 day", "interval '1' day", "interval 2 hours 3 minutes", "interval '1-2' year to month", "interval '1 2:3:4.5' day to second", "interval -5 seconds", "interval 1 month 2 days",
    "1 + 2 * 3", "(1 + 2) * 3", "7 / 2", "7 div 2", "-7 div 2", "7 % 3", "-7 % 3", "7 mod 3", "- 5", "+5", "~5", "5 & 3", "5 | 3", "5 ^ 3", "1 << 3", "-8 >> 1", "-8 >>> 60", "1 || 'a'", "'a' || null", "2 - -3", "- - 1", "1 - 2 - 3", "2 * -3",
    "1 = 1", "1 == 2", "1 <> 2", "1 != 1", "1 < 2", "1 <= 1", "2 > 1", "1 >= 2", "null <=> null", "1 <=> null", "null = null", "not true", "! false", "true and null", "false and null", "true or null", "false or null", "not null", "true and not false or false", "1 < 2 and 2 < 3", "not 1 = 2",
    "1 in (1, 2)", "3 not in (1, 2)", "null in (1)", "3 in (1, null)", "1 between 0 and 2", "5 not between 0 and 2", "null is null", "1 is not null", "null is not true", "true is true", "false is unknown", "1 is distinct from null", "null is not distinct from null",
    "'abc' like 'a%'", "'abc' not like '_b'", "'a%c' like 'a\\%c'", "'abc' rlike 'b+'", "'abc' regexp '^a'", "'ABC' ilike 'a%'", "'a_b' like 'a!_b' escape '!'", "'abc' like any ('x%', 'a%')", "'abc' like all ('a%', '%c')",
    "case when n > 1 then 'big' when n = 1 then 'one' else 'none' end", "case n when 1 then 'one' when 2 then 'two' end", "case when false then 1 end", "if(n > 1, 'y', 'n')", "nvl(null, n)", "ifnull(null, 1)", "nullif(1, 1)", "coalesce(null, null, 3)", "iff(true, 1, 2)",
    "cast(n as string)", "cast('5' as int) + 1", "n :: string", "'5' :: int + 1", "try_cast('x' as int)", "cast(1 as decimal(5,2))", "cast(1 as array<int>)", "int('5')", "string(5)", "double(1)", "date('2024-01-02')", "bigint(n)", "boolean('true')", "decimal(1.5)",
    "s.a", "s['a']", "s.b.c", "l[0]", "l[n - 1]", "m['k']", "m.k", "ls.p", "ls[0].p", "array(1, 2)[1]", "struct(1, 'a')", "struct(n, n as m)", "named_struct('a', 1).a", "map('a', 1)", "map('a', 1)['a']", "array()", "array(array(1))[0][0]",
    "n", "N", "`n`", "`odd name`", "`with``tick`", "t.n", "upper(txt)", "UPPER(txt)", "Upper(Lower(txt))", "concat(txt, '-', n)", "length(txt) + n", "substring(txt, 1, 2)", "substr(txt, 2)", "substring(txt from 2 for 1)", "trim(both 'a' from 'aba')", "trim('  x ')", "extract(year from date'2024-05-06')", "extract(second from timestamp'2024-01-01 00:00:01.5')", "position('b' in 'abc')",
    "size(l)", "element_at(l, 1)", "explode(l)", "abs(-5)", "round(2.567, 1)", "pow(2, 3)", "sqrt(16)", "greatest(1, 2, 3)", "least('a', 'b')", "ceil(1.2)", "ceiling(1.2)", "floor(-1.2)", "date_add(date'2024-01-31', 1)", "datediff(date'2024-01-31', date'2024-01-01')", "date_trunc('month', timestamp'2024-05-06 07:08:09')", "date_format(timestamp'2024-05-06 07:08:09', 'yyyy')",
    "to_date('2024-01-02')", "to_timestamp('2024-01-02 03:04:05')", "year(date'2024-01-02')", "try_divide(1, 0)", "from_json('{\"a\":1}', 'a int')", "to_json(named_struct('a', 1))", "split('a,b', ',')", "concat_ws('-', 'a', null, 'b')", "regexp_replace('abc', 'b', 'x')", "regexp_extract('a1', '(\\\\d)', 1)", "isnull(null)", "isnotnull(1)", "isnan(1.5D)",
    "date'2024-01-31' + 1", "date'2024-01-31' + interval 1 month", "timestamp'2024-01-01 00:00:00' + interval 1 hour", "date'2024-01-02' - date'2024-01-01'", "timestamp'2024-01-02 00:00:00' - timestamp'2024-01-01 12:00:00'", "interval 1 day + interval 2 hours", "interval 2 days * 1.5", "date'2024-01-31' - 1", "current_date() = current_date()", "current_timestamp() = now()",
    "1 as x", "1 x", "n + 1 as `a b`", "count(1)", "sum(n)", "max(struct(n, txt))", "count(*)", "count(distinct n)", "min(txt)", "collect_list(n)", "first(n)", "sum(n) filter (where n > 1)", "avg(n) + 1", "lambda", "transform(l, x -> x + 1)", "filter(l, x -> x > 10)",
    "1 /* c */ + 2", "1 -- tail", "1\n+\n2", "  n  ", "n+1", "-n", "not n = 1", "a.b.c", "current_date", "1 = 1 = true", "5 between 1 and 10 and true", "'a' in ('a') and 1 in (1)", "'x' || 1 + 2", "-2 ** 2", "2 % 3 * 4", "~1 + 1", "1 | 2 & 3", "true = not false", "exists(l, x -> x = 10)",
]


@pytest.fixture(scope="module")
def table(whole_session):
    schema = "n int, txt string, `odd name` int, `with``tick` int, s struct<a:int,b:struct<c:string>>, l array<int>, m map<string,int>, ls array<struct<p:int>>"
    return whole_session.createDataFrame([(1, "abc", 5, 6, (7, ("z",)), [10, 20], {"k": 3}, [(1,), (2,)])], schema).alias("t")


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(check, table, text):
    """Value, type and the column's own name."""
    check.outcome(lambda: table.selectExpr(text))


@pytest.mark.parametrize("text", ["n = 1", "txt like 'a%' and n < 5", "n in (1) or false", "s.a = 7", "l[0] > 5", "m['k'] = 3", "not (n = 2)", "n", "1 = 1", "null", "txt = 'abc' -- c", "`odd name` = 5", "t.n = 1", "n = 1;", ""])
def test_where(check, table, text):
    check.outcome(lambda: table.where(text).select("n"))


def test_several_and_stars(check, table):
    check(table.selectExpr("n", "n + 1 as m", "upper(txt) u"))
    check(table.select("n", "txt").selectExpr("*", "n * 2 as twice"))
    check(table.selectExpr("s.*"))
    check(table.selectExpr("t.*").columns)
    check(table.selectExpr(["n", "txt"]))
    check.error(lambda: table.selectExpr("n, txt"))
    check.error(lambda: table.selectExpr(5))


def test_case_sensitivity(check, table, conf):
    check(table.selectExpr("N", "TXT"))
    conf("spark.sql.caseSensitive", "true")
    check.error(lambda: table.selectExpr("N"))

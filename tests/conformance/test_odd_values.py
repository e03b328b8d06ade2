"""Expressions over columns of odd values: extremes, NaN, -0.0, empty texts, hours that come twice, nulls beside what raises."""

import datetime
import decimal

import pytest

UTC = datetime.timezone.utc
at = lambda *parts: datetime.datetime(*parts, tzinfo=UTC)
SCHEMA = "i int, l bigint, d double, p decimal(10,2), s string, a date, z timestamp, o boolean, ai array<int>, ad array<double>, m map<string,int>, r struct<x:int,y:string>"
ROWS = [
    (1, 1, 1.0, "1.00", "a", (2024, 3, 10), at(2024, 3, 10, 6, 59, 59), True, [1, 2, 3], [1.0, 2.5], {"a": 1}, (1, "x")),
    (-(2**31), -(2**63), -1.7976931348623157e308, "-99999999.99", "", (1, 1, 1), at(1901, 1, 2), False, [], [], {}, (None, None)),
    (2**31 - 1, 2**63 - 1, 1.7976931348623157e308, "99999999.99", "9223372036854775807", (9999, 12, 31), at(2100, 12, 30, 23, 59, 59, 999999), True,
     [2**31 - 1, -(2**31), None], [float("nan"), float("inf"), float("-inf"), 0.0, -0.0], {"": 0, "k": None}, (2**31 - 1, "")),
    (-1, -1, -0.0, "-0.01", "日本語😀", (1969, 12, 31), at(1969, 12, 31, 23, 59, 59, 999999), None, [None], [None], None, (-1, "\t")),
    (None, None, None, None, None, None, None, None, None, None, None, None),
    (40000, 5000000000, float("nan"), "12345.67", "NaN", (2024, 2, 29), at(2024, 11, 3, 5, 30, 0, 123456), True, [3, 1, 2, None, 3], [3.0, float("nan"), None, 1.5], {"x": 1}, (5, "NaN")),
    (-123456, 9007199254740993, float("-inf"), "2.50", "12.5", (1582, 10, 4), at(2024, 11, 3, 6, 30), True, [10, -10, 0], [2.5, -2.5, 0.5, 1.5], {"é": 1}, (-7, "é")),
    (65536, -86400, 1e-310, "1.05", "true", (2023, 12, 31), at(2023, 1, 1, 4, 59, 59), False, [1, 1, 2], [-1.0, -0.0], {"a": 1}, (3, " ")),
]


@pytest.fixture
def odd(spark, conf):
    conf("spark.sql.session.timeZone", "America/New_York")
    rows = [tuple(datetime.date(*v) if isinstance(v, tuple) and k == 5 else decimal.Decimal(v) if v is not None and k == 3 else v for k, v in enumerate(r))
            for r in ROWS]
    return spark.createDataFrame(rows, SCHEMA)


LEGACY = [
    "if(o, map('a', 1, 'b', 2), m)", "coalesce(m, map('q', 1))", "nvl2(o, array(1, 2), ai)", "CASE WHEN o THEN array(7) WHEN NOT o THEN ai END",
    "array_distinct(ad)", "array_union(ad, ad)", "array_except(ad, array(1.0D))", "array_intersect(ad, ad)", "array_remove(ad, 0.0D)",
    "array_sort(ai, (x, y) -> CASE WHEN x < y THEN 1 WHEN x > y THEN -1 ELSE 0 END)",
    "months_between(a, z, false)", "months_between(z, a)", "from_utc_timestamp(z, 'Asia/Tokyo')", "to_utc_timestamp(z, 'Europe/London')",
    "date_trunc('HOUR', z)", "date_trunc('DAY', z)", "date_trunc('MINUTE', z)", "unix_timestamp(z)", "unix_seconds(z)", "int(z)", "smallint(z)",
    "(p + 7) = s", "p = s", "p > s", "d = s", "i < s", "a > s",
    "format_number(d, 2)", "format_number(p, 1)", "printf('%.3f', d)", "printf('%.1f', d)", "printf('%g', d)", "printf('%10.3e|%-8.2f|', d, d)",
    "conv(r.y, 10, 16)", "conv(s, 36, -10)", "encode(s, 'UTF-16')", "regexp_substr(s, '')", "regexp_substr(s, '[0-9]*')",
    "locate('a', s, i)", "locate(s, s, NULL)", "ln(d)", "log10(d)", "log(d, 2)", "pow(d, 1.5D)", "pow(2, d)", "hypot(d, 1.5D)", "atan2(d, -2)", "cbrt(d)", "asin(d)", "acos(d)", "atan(d)",
    "sinh(d)", "cosh(d)", "asinh(d)", "acosh(d)", "atanh(d)", "degrees(d)", "radians(d)", "from_unixtime(l % 100000000000000)",
    "make_interval(i, 1) IS NULL", "o IS UNKNOWN", "o IS NOT UNKNOWN", "convert_timezone('Asia/Kolkata', timestamp_ntz'2024-03-10 02:30:00')",
    "a - INTERVAL 3 DAY", "a + INTERVAL 3 DAY", "cast(r.x AS BIGINT)", "cast(r.x AS INT)", "try_cast(r.y AS DOUBLE)", "struct(r.x, i)", "struct(r.x AS x)",
    "cast(struct(unhex('FF41'), 1) AS STRING)", "cast(array(unhex('C3')) AS STRING)",
]
RAISING = [
    "add_months(date'2024-02-29', i)", "date'2024-02-29' + make_ym_interval(0, i)", "array_repeat(1, i)", "array_insert(ai, i, 1)", "cast(make_interval(i, 1) AS STRING)", "cast(date_add(date'1970-01-01', i) AS TIMESTAMP)",
]


@pytest.mark.parametrize("sql", LEGACY + RAISING)
def test_without_ansi(odd, conf, check, sql):
    conf("spark.sql.ansi.enabled", "false")
    check.outcome(lambda: odd.selectExpr(sql))


@pytest.mark.parametrize("sql", RAISING)
def test_with_ansi(odd, check, sql):
    check.outcome(lambda: odd.selectExpr(sql))


LOOKS = [
    "a + 1/b", "a * (10 div b)", "(1/b) + a", "a > 1/b", "a = cast(s AS INT)", "concat(a, 1/b)", "substring(s, a, 1/b)", "a IN (1/b, 2)",
    "a BETWEEN 1/b AND 3", "a IS NULL OR 1/b > 0", "a IS NOT NULL AND 1/b > 0", "make_date(2020, a, 1/b)", "nullif(a, 1/b)", "try_divide(a, 1/b)",
    "a / (1/b)", "(1/b) / a", "array(a, 1/b)", "hash(a, 1/b)", "a <=> 1/b", "coalesce(a, 1/b)", "a + b + 1/b",
    "sum(1/b) FILTER (WHERE b <> 0)", "count(1/b) FILTER (WHERE b > 0 AND a > 0)", "sum(1/b)", "max(cast(s AS INT)) FILTER (WHERE b = 1)",
]
CONDITIONS = ["a > 0 AND 1/b > 0", "1/b > 0 AND a > 0", "b <> 0 AND 1/b > 0", "b = 0 OR 1/b > 0", "a = 1 AND cast(s AS INT) = 5", "a > 0 AND b > 0 AND 1/b > 0"]


@pytest.fixture
def few(spark):
    return spark.createDataFrame([(None, 0, "x"), (1, 1, "5"), (2, None, None)], "a int, b int, s string")


@pytest.mark.parametrize("sql", LOOKS)
def test_an_argument_behind_a_null_does_not_raise(few, check, sql):
    check.outcome(lambda: few.selectExpr(sql))


@pytest.mark.parametrize("sql", CONDITIONS)
def test_a_condition_behind_a_null_does_not_raise(few, check, sql):
    check.outcome(lambda: few.where(sql))

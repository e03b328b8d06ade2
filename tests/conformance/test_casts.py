"""Casts: every pair of atomic types on edge values, by cast (ANSI: errors) and try_cast (nulls)."""

import pytest

VALUES = {
    "string": ["'1'", "' 42 '", "'1.5'", "'-0'", "'x'", "''", "'1e3'", "'NaN'", "'Infinity'", "'inf'", "'true'", "'T'", "'no'", "'2024-01-02'", "'2024-01-02 03:04:05.5'", "'2147483648'", "'9223372036854775808'", "'0x10'", "'1L'", "'1.'", "'.5'", "'１'"],
    "boolean": ["true", "false"], "tinyint": ["127Y", "-128Y"], "int": ["0", "1", "-1", "2147483647", "300"], "bigint": ["9223372036854775807L", "1704067200L", "-1L", "40000L"],
    "double": ["1.5D", "-1.5D", "2.5D", "1e10D", "1e300D", "cast('NaN' as double)", "cast('Infinity' as double)", "0.1D", "1e-7D", "123456789.125D", "-0.0D", "1e7D", "1.0E15D", "100D", "12345678.9D", "0.001D", "0.0001D"],
    "float": ["cast(0.1 as float)", "cast(16777217 as float)", "cast(1e10 as float)", "cast(3.4028235e38 as float)", "cast(1.17549435E-38 as float)"], "decimal": ["1.50BD", "-0.5BD", "12345678901234567890.5BD", "0.000001BD", "0.0000001BD"],
    "date": ["date'2024-02-29'", "date'0001-01-01'", "date'1969-12-31'"], "timestamp": ["timestamp'2024-02-29 23:59:59.999'", "timestamp'1969-12-31 23:59:59.5'", "timestamp'2024-01-01 00:00:00'", "timestamp'2024-01-01 00:00:00.123456'"],
    "timestamp_ntz": ["timestamp_ntz'2024-02-29 12:00:00.5'"], "binary": ["X'616263'", "X'FF'", "X''"], "null": ["null"],
}
TARGETS = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(5,2)", "decimal(38,10)", "string", "binary", "date", "timestamp", "timestamp_ntz"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", VALUES)
def test_try_cast(check, spark, source, target):
    """All values of one type at once: null where the cast fails."""
    text = "cast(try_cast({} as {}) as string) as v{}" if target.startswith("timestamp") else "try_cast({} as {}) as v{}"
    check.outcome(lambda: spark.range(1).selectExpr(*(text.format(v, target, i) for i, v in enumerate(VALUES[source]))))


@pytest.mark.parametrize("value,target", [
    ("'x'", "int"), ("''", "int"), ("'1.5'", "int"), ("'2147483648'", "int"), ("'x'", "double"), ("'x'", "boolean"), ("'x'", "date"), ("'x'", "timestamp"), ("'x'", "timestamp_ntz"), ("'x'", "decimal(5,2)"), ("300", "tinyint"), ("40000", "smallint"),
    ("9223372036854775807L", "int"), ("1e300D", "bigint"), ("1e10D", "int"), ("cast('NaN' as double)", "int"), ("cast('NaN' as double)", "decimal(5,2)"), ("12345.6BD", "decimal(5,2)"), ("1e10D", "decimal(5,2)"), ("'12345'", "decimal(5,2)"),
    ("1.005BD", "decimal(5,2)"), ("true", "date"), ("1", "date"), ("date'2024-01-01'", "int"), ("X'01'", "int"), ("timestamp'2024-01-01 00:00:00'", "tinyint"), ("array(1)", "int"), ("1", "array<int>"), ("1", "binary"), ("1.5D", "binary"),
    ("1704067200L", "timestamp"), ("1704067200.5D", "timestamp"), ("cast('NaN' as double)", "timestamp"), ("9223372036854775807L", "timestamp"), ("true", "timestamp"), ("date'2024-01-01'", "boolean"), ("null", "array<int>"),
    ("'abc'", "binary"), ("' true '", "boolean"), ("array('1','x')", "array<int>"), ("named_struct('a','1')", "struct<b:int>"), ("map('a','1')", "map<string,int>"), ("12345678901234567890.5BD", "bigint"), ("-0.5BD", "int"), ("1.99D", "int"), ("-1.99D", "bigint"),
])
def test_cast(check, spark, value, target):
    check.outcome(lambda: spark.range(1).selectExpr(f"cast({value} as {target}) as c"))


def test_python_forms(check, spark, F, T):
    d = spark.createDataFrame([("12", 3.7), (None, None)], "s string, d double")
    check(d.select(F.col("s").cast("int"), F.col("s").cast(T.LongType()), F.col("d").astype("int"), F.col("s").cast(T.DecimalType(10, 2)), F.col("d").cast("string"), F.col("s").try_cast("double"), F.col("s").cast("int").cast("string")))
    check(d.select(F.col("s").try_cast(T.ByteType()), F.expr("try_cast(s as boolean)"), F.expr("s :: int"), F.expr("int(s)"), F.expr("string(d)")))


@pytest.mark.parametrize("expression", [
    "1 + '2'", "'1' = 1", "1 = 1.0", "true = 1", "'a' < 1", "1 in ('1', 2)", "coalesce(1, '2')", "array(1, 2.5)", "array(1, 'a')", "greatest(1, '2')", "if(true, 1, 'a')", "case when true then 1 else 2.5BD end", "date'2024-01-01' = '2024-01-01'",
    "date'2024-01-01' < timestamp'2024-01-02 00:00:00'", "1Y + 1S", "1 + 1L", "1L + 1.5F", "1.5F + 1.5D", "1BD + 1D", "1.0 + 1", "null = 1", "'2024-01-01' > date'2023-01-01'", "1 between '0' and 2", "concat(1, 'a', true)", "1 || 2", "'1' + '2'", "- '5'", "not 'true'", "array(1) = array(1L)",
])
def test_implicit(check, spark, expression):
    check.outcome(lambda: spark.range(1).selectExpr(f"{expression} as c"))

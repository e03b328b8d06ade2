"""Aggregation: every function over every kind of input, with nulls, no rows, one row, many groups; grouping keys of every type."""

import decimal

import pytest

D = decimal.Decimal


@pytest.fixture(scope="module")
def sales(whole_session):
    rows = [
        ("a", 1, 1.5, D("1.10"), "x", True, "2024-01-01"), ("a", 2, None, D("2.25"), None, False, "2024-01-03"), ("b", None, -2.5, None, "y", None, None), ("b", 2147483647, float("nan"), None, "y", True, "2023-12-31"),
        ("b", 2147483647, 0.5, None, "w", True, "2024-06-01"), (None, 7, 7.0, D("0.01"), "q", False, "2024-01-01"), ("c", None, None, None, None, None, None),
    ]
    return whole_session.createDataFrame(rows, "k string, i int, d double, m decimal(10,2), s string, b boolean, day string").coalesce(1)


FUNCTIONS = {
    "count": lambda F: [F.count("i"), F.count("*"), F.count(F.lit(1)), F.count("s")], "count two": lambda F: [F.count_if(F.col("i") > 1)], "sum": lambda F: [F.sum("i"), F.sum("m"), F.sum(F.lit(1)), F.sum(F.lit(1.5))],
    "sum double": lambda F: [F.sum("d")], "avg": lambda F: [F.avg("i"), F.avg("m"), F.mean("i")], "avg double": lambda F: [F.avg("d")],
    "min max": lambda F: [F.min("i"), F.max("i"), F.min("s"), F.max("s"), F.min("m"), F.max("m"), F.min("b"), F.max("b")], "min max double": lambda F: [F.min("d"), F.max("d")],
    "min max date": lambda F: [F.min(F.to_date("day")), F.max(F.to_timestamp("day"))], "min max struct": lambda F: [F.max(F.struct("i", "s")), F.min(F.struct("d", "s"))], "max array": lambda F: [F.max(F.array("i"))],
    "first last": lambda F: [F.first("s"), F.last("s"), F.first("i"), F.last("i")], "first ignore": lambda F: [F.first("s", True), F.last("i", ignorenulls=True), F.first("d", ignorenulls=True)],
    "collect_list": lambda F: [F.collect_list("i"), F.collect_list("s"), F.collect_list(F.struct("i", "s"))], "collect_set": lambda F: [F.sort_array(F.collect_set("i")), F.sort_array(F.collect_set("s"))],
    "stddev": lambda F: [F.stddev("i"), F.stddev("m"), F.stddev(F.col("i") * 1.0)], "stddev kinds": lambda F: [F.stddev_samp("i"), F.stddev_pop("i"), F.variance("i")], "count distinct": lambda F: [F.count_distinct("s"), F.countDistinct("i", "s")],
    "sum of string": lambda F: [F.sum(F.lit("2"))], "expression over aggregates": lambda F: [(F.sum("i") / F.count("i") + 1).alias("x"), F.round(F.avg("i"), 1).alias("r")], "filter by case": lambda F: [F.sum(F.when(F.col("b"), 1).otherwise(0)).alias("yes")],
    "aggregate of expression": lambda F: [F.sum(F.col("i") * 2), F.max(F.length("s"))], "approx": lambda F: [F.approx_count_distinct("s")],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_grouped(check, sales, F, name):
    check.outcome(lambda: sales.groupBy("k").agg(*FUNCTIONS[name](F)).orderBy("k"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whole_frame(check, sales, F, name):
    check.outcome(lambda: sales.agg(*FUNCTIONS[name](F)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_rows(check, sales, F, name):
    check.outcome(lambda: sales.where("false").agg(*FUNCTIONS[name](F)))
    check.outcome(lambda: sales.where("false").groupBy("k").agg(*FUNCTIONS[name](F)))


KEYS = {
    "int": "i", "double": "d", "decimal": "m", "string": "s", "boolean": "b", "date": "cast(day as date)", "timestamp": "cast(day as timestamp)", "struct": "struct(i, s)", "array": "array(s)", "binary": "cast(s as binary)", "null": "null", "literal": "1", "expression": "i % 2",
    "negative zero": "if(i = 1, 0.0D, -0.0D)", "nan": "if(i = 1, cast('nan' as double), d)", "long": "cast(i as bigint)", "float": "cast(d as float)", "byte": "cast(i % 100 as tinyint)", "nested struct": "struct(struct(b))", "map": "map(k, i)",
}


@pytest.mark.parametrize("name", KEYS)
def test_keys(check, sales, F, name):
    try:
        grouped = sales.groupBy(F.expr(KEYS[name]).alias("g")).agg(F.count("*").alias("n"))
        check.unordered(grouped)
    except Exception as e:
        check(e)


def test_short_forms(check, sales, F):
    g = sales.where("k = 'a'").groupBy("k")
    check(g.count())
    check(g.sum())
    check(g.sum("i", "m"))
    check(g.avg("i"))
    check(g.mean("i"))
    check(g.min("i"))
    check(g.max("i", "d"))
    check(g.agg({"i": "max", "s": "count"}))
    check(g.agg({"*": "count"}))
    check(sales.groupBy().count())
    check(sales.groupby("k").count().orderBy("k"))
    check(sales.groupBy("k", F.col("b")).count().orderBy("k", "b"))
    check(sales.groupBy(["k", "b"]).agg(F.sum("i").alias("t")).orderBy("k", "b"))
    check(sales.groupBy((F.col("i") > 1).alias("big")).count().orderBy("big"))
    check(sales.groupBy("k").agg(F.sum("i").alias("t")).where("t > 3").orderBy("k"))
    check(sales.agg({"i": "avg"}))
    check(sales.distinct().count())
    check(sales.select("s").distinct().orderBy("s"))


def test_group_by_position_and_name_in_expression(check, sales, F):
    check(sales.groupBy(F.upper("k").alias("u")).agg(F.max("i")).orderBy("u"))
    check(sales.groupBy("k").agg(F.col("k"), F.count("*")).orderBy("k").columns)
    check(sales.groupBy("k").agg((F.col("k") == "a").alias("is"), F.count("*").alias("n")).orderBy("n", "is"))


WRONG = {
    "sum of array": lambda d, F: d.agg(F.sum(F.array("i"))), "sum of text": lambda d, F: d.agg(F.sum("s")).collect(), "avg of boolean": lambda d, F: d.agg(F.avg("b")), "nested": lambda d, F: d.agg(F.sum(F.count("i"))),
    "in where": lambda d, F: d.where(F.sum("i") > 1), "not grouped": lambda d, F: d.groupBy("k").agg(F.col("i")), "not grouped in expression": lambda d, F: d.groupBy("k").agg(F.col("i") + F.sum("i")), "mixed select": lambda d, F: d.select("k", F.sum("i")),
    "sum text short": lambda d, F: d.groupBy("k").sum("s"), "unknown key": lambda d, F: d.groupBy("zz").count(), "unknown aggregate": lambda d, F: d.groupBy("k").agg({"i": "nope"}), "no aggregate": lambda d, F: d.groupBy("k").agg(), "not a column": lambda d, F: d.groupBy("k").agg("i"),
    "overflow": lambda d, F: d.agg(F.sum(F.lit(2**62))).collect(), "decimal overflow": lambda d, F: d.agg(F.sum(F.lit(D("9" * 38)))).collect(), "map key": lambda d, F: d.groupBy(F.create_map("k", "i")).count().collect(), "max of map": lambda d, F: d.agg(F.max(F.create_map("s", "i"))),
    "explode in agg": lambda d, F: d.agg(F.explode(F.array("i"))), "group by explode": lambda d, F: d.groupBy(F.explode(F.array("i"))).count(), "distinct map": lambda d, F: d.select(F.create_map(F.lit(1), "i")).distinct().collect(), "group by aggregate": lambda d, F: d.groupBy(F.sum("i")).count(),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(check_error, sales, F, name):
    check_error(lambda: WRONG[name](sales, F))


def test_many_groups(check, spark, F):
    d = spark.range(100000).groupBy((F.col("id") % 5003).alias("k")).agg(F.sum("id").alias("s"), F.count("*").alias("n"), F.max("id").alias("m"))
    check(d.agg(F.count("*"), F.sum("s"), F.sum("n"), F.sum("m"), F.min("k"), F.max("k")))
    text = spark.range(50000).groupBy(F.concat(F.lit("key"), (F.col("id") % 1009).cast("string")).alias("k")).agg(F.min("id").alias("m"), F.collect_list("id").alias("l"))
    check(text.agg(F.count("*"), F.sum("m"), F.sum(F.size("l")), F.min("k"), F.max("k")))


def test_names_of_columns(check, sales, F):
    check(sales.groupBy("k").agg(F.count("*"), F.count("i"), F.sum("i"), F.avg("i"), F.min("s"), F.max(F.col("i") + 1), F.first("s"), F.first("s", True), F.last("s"), F.collect_list("i"), F.collect_set("i"), F.stddev("i"), F.sum(F.when(F.col("b"), 1)), F.countDistinct("i"),
                                 F.count(F.lit(1)), F.max(F.struct("i", "s"))).columns)


def test_sliding_windows_keep_the_order_of_rows(check, spark, F):
    d = spark.createDataFrame([(i, 7 * i % 20) for i in range(20)], "id int, at int").coalesce(1).select(F.timestamp_seconds("at").alias("t"), "id")
    windows = d.groupBy(F.window("t", "10 seconds", "4 seconds").alias("w")).agg(F.collect_list("id").alias("l"), F.first("id").alias("f"), F.last("id").alias("z"), F.sum("id").alias("s"))
    check(windows.orderBy("w").select("w.start", "l", "f", "z", "s"))

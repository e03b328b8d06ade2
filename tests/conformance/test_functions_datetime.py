"""Dates and timestamps: parsing, formatting, parts, arithmetic, windows; UTC and zones with daylight saving."""

import datetime

import pytest

AT = [
    None, "1970-01-01 00:00:00", "2024-02-29 23:59:59.999999", "1969-12-31 23:59:59.5", "2000-01-01 12:34:56.789", "1900-03-01 00:00:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00",
    "2024-03-10 07:30:00", "2024-12-30 00:00:00",
]


@pytest.fixture(scope="module")
def moments(whole_session):
    rows = [(i, s) for i, s in enumerate(AT)]
    return whole_session.createDataFrame(rows, "i int, s string").selectExpr("i", "s", "cast(s as timestamp) t", "cast(s as date) d", "cast(s as timestamp_ntz) n").coalesce(1)


PARTS = ["year", "month", "dayofmonth", "hour", "minute", "second"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("column", ["t", "d", "n", "s"])
def test_parts(check, moments, F, part, column):
    check.outcome(lambda: moments.select(getattr(F, part)(column)))


@pytest.mark.parametrize("unit", ["year", "yyyy", "YY", "quarter", "month", "MON", "week", "day", "DD", "hour", "minute", "second", "millisecond", "microsecond", "nonsense"])
def test_date_trunc(check, moments, F, unit):
    check.outcome(lambda: moments.select(F.date_trunc(unit, "t").cast("string").alias("c")))


@pytest.mark.parametrize("pattern", [
    "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "dd/MM/yy", "yyyyMMddHHmmssSSS", "HH:mm:ss.SSSSSS", "hh:mm a", "EEE, d MMM yyyy", "EEEE MMMM", "D", "DDD", "Q", "QQQ", "'T'HH''", "G yyyy", "u", "VV", "z", "O", "X", "XXX", "Z",
    "yyyy", "y", "MM", "M", "MMM", "L", "LLL", "k", "K", "n", "w", "YYYY", "e", "SSSSSSSSS", "[yyyy]", "qqqq", "bad pattern b", "F", "''", "",
])
def test_date_format(check, moments, F, pattern):
    check.outcome(lambda: moments.where("i in (0, 2, 4, 8)").select(F.date_format("t", pattern)))


def test_date_format_of_other_types(check, moments, F):
    check(moments.where("i in (0, 2, 4)").select(F.date_format("d", "yyyy/MM/dd HH"), F.date_format("n", "HH:mm"), F.date_format("s", "dd")))


PARSED = [
    ("2024-01-02", None), ("2024-1-2", None), ("2024-01", None), ("2024", None), ("2024-01-02T03:04:05", None), ("2024-01-02 03:04:05.123456789", None), ("2024-01-02T03:04:05Z", None),
    ("2024-01-02T03:04:05+05:30", None), ("2024-01-02 03:04:05 America/New_York", None), ("2024-01-02 3:4:5", None), (" 2024-01-02 ", None), ("03:04:05", None), ("T03:04", None), ("", None), ("x", None),
    ("2024-02-30", None), ("2024-13-01", None), ("2024-01-02 25:00:00", None), ("-0001-01-01", None), ("+12345-01-01", None), ("epoch", None),
    ("02/01/2024", "dd/MM/yyyy"), ("2/1/2024", "d/M/yyyy"), ("2/1/2024", "dd/MM/yyyy"), ("2024-01-02", "dd/MM/yyyy"), ("20240102030405", "yyyyMMddHHmmss"), ("Jan 5, 2024", "MMM d, yyyy"),
    ("January 2024", "MMMM yyyy"), ("2024-01-02 03:04 PM", "yyyy-MM-dd hh:mm a"), ("2024-01-02T03:04:05.123+0100", "yyyy-MM-dd'T'HH:mm:ss.SSSZ"), ("24", "yy"), ("99", "yy"), ("2024 60", "yyyy DDD"), ("2024-02-30", "yyyy-MM-dd"),
    ("2024-01-02extra", "yyyy-MM-dd"), ("2024-01-02 03:04:05.1", "yyyy-MM-dd HH:mm:ss.SSS"), ("2024-01-02 03:04:05.1", "yyyy-MM-dd HH:mm:ss[.SSS]"), ("2024-01-02 03:04:05", "yyyy-MM-dd HH:mm:ss[.SSS]"),
    ("2024-01-02", "yyyy-MM-dd HH"), ("2024-01-02T03:04:05+02:00", "yyyy-MM-dd'T'HH:mm:ssXXX"), ("Tue 2 Jan 2024", "EEE d MMM yyyy"), ("2024-01-02", "b"), ("12:30", "HH:mm"), ("1704164645", "s"),
]


@pytest.mark.parametrize("text,pattern", PARSED)
@pytest.mark.parametrize("function", ["to_timestamp", "to_date"])
def test_parse(check, spark, F, function, text, pattern):
    d = spark.createDataFrame([(text,)], "s string")
    arguments = ["s"] if pattern is None else ["s", pattern]
    check.outcome(lambda: d.select(getattr(F, function)(*arguments).alias("c")))


def test_parse_null_and_other_types(check, spark, F, moments):
    check(spark.createDataFrame([(None,)], "s string").select(F.to_timestamp("s"), F.to_date("s"), F.to_date("s", "yyyy")))
    check(moments.where("i in (1, 2)").select(F.to_date("t"), F.to_timestamp("d"), F.to_date("n"), F.to_timestamp("n"), F.to_timestamp("t")))
    check.outcome(lambda: spark.range(1).select(F.to_timestamp("id")))
    check.outcome(lambda: spark.range(1).select(F.to_date("id")))


def test_date_arithmetic(check, moments, F):
    d = moments.where("i in (0, 1, 2, 4, 5)")
    check(d.select(F.date_add("d", 1), F.date_add("t", -60), F.date_add("d", F.col("i")), F.date_add("s", 1)))
    check(d.select(F.datediff("d", F.lit("2024-01-01")), F.datediff(F.lit("2024-01-01").cast("date"), "t"), F.datediff("d", "d")))
    check.outcome(lambda: d.select(F.date_add("d", 2147483647)))
    check.outcome(lambda: d.select(F.col("d") + 1))
    check.outcome(lambda: d.select((F.col("d") - F.lit("2024-01-01").cast("date")).alias("c")))
    check.outcome(lambda: d.select(F.col("t") + F.expr("interval 1 hour 30 minutes"), F.col("d") + F.expr("interval 1 month"), F.col("t") - F.expr("interval '1' day")))
    check.outcome(lambda: d.select(F.col("t") > F.lit("2000-01-01"), F.col("d") == F.lit("2024-02-29"), F.col("t") > F.col("d"), F.col("n") < F.col("t")))


def test_now(check, spark, F):
    rows = spark.range(2).select(F.current_timestamp().alias("a"), F.current_timestamp().alias("b"), F.current_date().alias("c")).collect()
    check([rows[0].a == rows[0].b == rows[1].a, abs((rows[0].a - datetime.datetime.utcnow()).total_seconds()) < 60, type(rows[0].c).__name__])
    check(spark.range(1).select(F.current_timestamp(), F.current_date()).dtypes)


WINDOWS = {
    "tumbling": ("t", "10 seconds"), "sliding": ("t", "10 seconds", "5 seconds"), "start": ("t", "10 seconds", "10 seconds", "5 seconds"), "day": ("t", "1 day"), "week": ("t", "1 week"),
    "week from Monday": ("t", "1 week", None, "4 days"), "not a multiple": ("t", "5 seconds", "4 seconds", "3 seconds"), "ntz": ("n", "1 hour"), "microseconds": ("t", "500 milliseconds"), "two units": ("t", "1 minute 30 seconds"),
    "negative start": ("t", "10 seconds", "10 seconds", "-3 seconds"), "interval word": ("t", "INTERVAL 10 seconds"),
    "month": ("t", "1 month"), "zero": ("t", "0 seconds"), "negative": ("t", "-1 seconds"), "slide longer": ("t", "5 seconds", "10 seconds"), "start too big": ("t", "10 seconds", "10 seconds", "10 seconds"), "bad text": ("t", "ten"),
    "string column": ("s", "10 seconds"), "date column": ("d", "1 day"), "int column": ("i", "1 day"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_window(check, moments, F, name):
    d = moments.where("i in (0, 1, 2, 3, 4, 5, 8)")
    check.outcome(lambda: d.select("i", F.window(*WINDOWS[name])).orderBy("i", "window.start"))


def test_window_in_group_by(check, moments, F):
    d = moments.where("i in (0, 1, 2, 8, 9)").groupBy(F.window("t", "365 days")).agg(F.count("*").alias("n"), F.max("i").alias("m"))
    check(d.select("window.start", "window.end", "n", "m").orderBy("start"))
    check(moments.groupBy(F.window("t", "1 day").alias("w")).count().schema)
    check.outcome(lambda: moments.select(F.window("t", "1 day"), F.window("t", "2 days")).schema)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "+02:00", "Europe/Berlin", "GMT+1", "PST"])
def test_zones(check, moments, F, conf, zone):
    conf("spark.sql.session.timeZone", zone)
    d = moments.where("i in (1, 2, 4, 5, 7, 8)")
    check(d.select(F.hour("t"), F.dayofmonth("t"), F.to_date("t").cast("string"), F.date_format("t", "yyyy-MM-dd HH:mm:ss XXX"), F.col("t").cast("string"), F.date_trunc("day", "t").cast("string"), F.col("d").cast("timestamp").cast("bigint")))
    check(d.select(F.window("t", "1 day").start.cast("string")))


@pytest.mark.parametrize("text", ["2024-03-10T02:30:00", "2024-03-10T01:59:59", "2024-11-03T01:30:00", "2024-11-03T00:59:59", "1883-11-18T12:00:00", "2024-07-01", "2024-11-03 01:30:00 EST"])
def test_gap_and_overlap(check, spark, F, conf, text):
    conf("spark.sql.session.timeZone", "America/New_York")
    d = spark.createDataFrame([(text,)], "s string")
    check.outcome(lambda: d.select(F.to_timestamp("s").cast("bigint"), F.to_timestamp("s").cast("string"), F.hour(F.to_timestamp("s"))))


def test_names_of_columns(check, moments, F):
    check(moments.select(F.year("t"), F.to_date("s"), F.to_date("s", "yyyy"), F.to_timestamp("s"), F.date_format("t", "yyyy"), F.date_trunc("day", "t"), F.date_add("d", 1), F.datediff("d", "d"), F.current_timestamp(),
                         F.dayofmonth("t"), F.window("t", "1 day"), F.col("t") + F.expr("interval 1 day")).columns)

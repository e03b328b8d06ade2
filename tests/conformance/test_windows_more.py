"""window() and window_time in all their forms: offsets, zones and changes of the clock, chains of windows, late rows of sliding windows."""

import pytest

from streams import available, steps, with_rows

DAYS = ["2024-03-10T06:30:00Z", "2024-03-10T07:30:00Z", "2024-03-10T23:30:00Z", "2024-03-11T03:30:00Z"]


def counts(run):
    return [[p["batchId"], p["eventTime"].get("watermark")] + [[s["operatorName"], s["numRowsTotal"], s["numRowsUpdated"], s["numRowsRemoved"], s["numRowsDroppedByWatermark"]] for s in p["stateOperators"]] for p in run.progresses]


def times(spark, F, *texts):
    return spark.createDataFrame([(t,) for t in texts], "t string").select(F.col("t").cast("timestamp").alias("ts"))


def texts(w, F):
    return [F.col(w + ".start").cast("string").alias("s"), F.col(w + ".end").cast("string").alias("e")]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC", "Pacific/Chatham"])
@pytest.mark.parametrize("args", [("1 day",), ("1 week",), ("1 week", None, "4 days"), ("12 hours", "6 hours"), ("90 minutes", None, "15 minutes"), ("1 day", None, "-5 hours")])
def test_t1_windows_lie_on_the_epoch_of_utc(check, spark, F, conf, zone, args):
    conf("spark.sql.session.timeZone", zone)
    check.unordered(times(spark, F, *DAYS).groupBy(F.window("ts", *args).alias("w")).count().select(*texts("w", F), "count"))


def test_t1_stream(check, feed, F, conf):
    for zone in ["America/New_York", "Asia/Kolkata"]:
        conf("spark.sql.session.timeZone", zone)
        if feed.count == 0:
            feed.write("".join('{"ts":"%s"}\n' % t for t in DAYS))
        d = feed.frame().groupBy(F.window("ts", "1 day").alias("w")).count().select(*texts("w", F), "count")
        check(available(d, "complete").batches)


def test_t2_before_1970(check, spark, F):
    d = times(spark, F, "1969-12-31 00:00:02", "1969-12-31 00:00:12", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00")
    for args in [("10 seconds", "10 seconds", "5 seconds"), ("10 seconds",), ("7 seconds", "3 seconds"), ("7 seconds", "3 seconds", "-2 seconds")]:
        check.unordered(d.select("ts", F.window("ts", *args).alias("w")).select("ts", *texts("w", F)))


def test_t3_no_multiple_of_the_slide(check, spark, F):
    d = times(spark, F, "2024-01-01 00:00:07", "2024-01-01 00:00:10", "2024-01-01 00:00:03", "2024-01-01 00:00:02.999999")
    check.unordered(d.select("ts", F.window("ts", "5 seconds", "4 seconds", "3 seconds").alias("w")).select("ts", *texts("w", F)))
    check.unordered(d.groupBy(F.window("ts", "5 seconds", "4 seconds", "3 seconds").alias("w")).count().select(*texts("w", F), "count"))


BAD = {
    "slide above window": ("5 seconds", "10 seconds"), "month": ("1 month",), "month slide": ("1 day", "1 month"), "month start": ("1 day", None, "1 month"), "year": ("1 year",), "nothing": ("0 seconds",), "negative": ("-1 second",), "negative slide": ("5 seconds", "-1 second"), "start as long as slide": ("5 seconds", "5 seconds", "5 seconds"), "start beyond": ("5 seconds", "2 seconds", "-3 seconds"),
    "abc": ("abc",), "empty": ("",), "number text": ("5",), "slide abc": ("5 seconds", "abc"), "start abc": ("5 seconds", None, "abc"), "fraction": ("1.5 seconds",), "interval word": ("interval 5 seconds",), "mixed": ("1 hour 30 minutes",), "microseconds": ("3 microseconds",), "negative part": ("1 hour -30 minutes",),
}


@pytest.mark.parametrize("name", BAD)
def test_durations(check, spark, F, name):
    d = times(spark, F, "2024-01-01 00:00:07")
    check.outcome(lambda: [list(map(str, r)) for r in d.select(F.window("ts", *BAD[name]).alias("w")).select(*texts("w", F)).collect()])


TIMES = {"string": "'2024-01-01 00:00:07'", "date": "date '2024-01-01'", "ntz": "timestamp_ntz '2024-01-01 00:00:07'", "int": "7", "long": "7L", "double": "7.5D", "boolean": "true", "null": "null", "other struct": "struct(ts)", "array": "array(ts)", "cast": "cast('x' as timestamp)", "bad string": "'abc'", "no time": "cast(null as timestamp)"}


@pytest.mark.parametrize("name", TIMES)
def test_times(check, spark, F, name):
    d = times(spark, F, "2024-01-01 00:00:07")
    check.outcome(lambda: [d.select(F.window(F.expr(TIMES[name]), "5 seconds").alias("w")).schema.simpleString(), sorted(map(list, d.select(F.window(F.expr(TIMES[name]), "5 seconds", "2 seconds").alias("w")).collect()), key=repr)])


SEVERAL = {
    "two": lambda d, F: d.select(F.window("ts", "5 seconds"), F.window("ts", "6 seconds").alias("y")), "equal": lambda d, F: d.select(F.window("ts", "5 seconds"), F.window("ts", "5 seconds").alias("y")), "two keys": lambda d, F: d.groupBy(F.window("ts", "5 seconds"), F.window("ts", "6 seconds").alias("y")).count(), "two columns": lambda d, F: d.withColumn("a", F.window("ts", "5 seconds")).withColumn("b", F.window("ts", "6 seconds")),
    "fields of one": lambda d, F: d.select(F.window("ts", "5 seconds").start, F.window("ts", "5 seconds").end), "slides": lambda d, F: d.select(F.window("ts", "6 seconds", "3 seconds"), F.window("ts", "6 seconds", "2 seconds")), "in where": lambda d, F: d.where(F.window("ts", "5 seconds").start < F.col("ts")).select("ts"), "in an order": lambda d, F: d.orderBy(F.window("ts", "5 seconds").end.desc()).select("ts"),
    "nested": lambda d, F: d.select(F.window(F.window("ts", "5 seconds").end, "10 seconds")),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_windows(check, spark, F, name):
    d = times(spark, F, "2024-01-01 00:00:07", "2024-01-01 00:00:12")
    check.outcome(lambda: sorted(map(list, SEVERAL[name](d, F).collect()), key=repr))


WINDOW_TIMES = {
    "window": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().select(F.window_time("window"), "count"), "alias": lambda d, F: d.groupBy(F.window("ts", "5 seconds").alias("w")).count().select(F.window_time("w").alias("t"), F.window_time("w"), "w.end"), "not a window": lambda d, F: d.select(F.window_time("ts")),
    "direct": lambda d, F: d.select(F.window_time(F.window("ts", "5 seconds"))), "of a field": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().select(F.window_time("window.end")), "where": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().where(F.window_time("window") > "2024-01-01 00:00:10"), "grouped": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().groupBy(F.window_time("window").alias("t")).agg(F.sum("count")),
    "window of window": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().groupBy(F.window("window", "10 seconds")).agg(F.sum("count")), "window of window_time": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().groupBy(F.window(F.window_time("window"), "10 seconds")).agg(F.sum("count")), "sliding of sliding": lambda d, F: d.groupBy(F.window("ts", "4 seconds", "2 seconds")).count().groupBy(F.window("window", "8 seconds", "4 seconds")).agg(F.sum("count")),
    "three": lambda d, F: d.groupBy(F.window("ts", "1 second")).count().groupBy(F.window("window", "2 seconds")).agg(F.sum("count").alias("n")).groupBy(F.window("window", "10 seconds")).agg(F.sum("n")), "union": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().select("window").union(d.groupBy(F.window("ts", "5 seconds")).count().select("window")).select(F.window_time("window")), "by name": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().selectExpr("window_time(window)"),
}


def test_a_struct_is_no_window(check, spark, F):
    d = times(spark, F, "2024-01-01 00:00:07")
    pair = F.struct(F.col("ts").alias("start"), F.col("ts").alias("end"))
    for make in [lambda: d.select(F.window_time(pair)), lambda: d.select(F.window(pair, "5 seconds")), lambda: d.select(F.session_window(pair, "5 seconds"))]:
        try:
            check(str(make().collect()))
        except Exception as e:
            check([type(e).__name__, e.getCondition()])


@pytest.mark.parametrize("name", WINDOW_TIMES)
def test_window_time(check, spark, F, name):
    d = times(spark, F, "2024-01-01 00:00:07", "2024-01-01 00:00:12", "2024-01-01 00:00:13.5")
    check.outcome(lambda: [WINDOW_TIMES[name](d, F).schema.simpleString(), sorted(map(list, WINDOW_TIMES[name](d, F).collect()), key=repr)])


CHAIN = ["a@00:05=1 b@00:06=2", "a@00:25=3", "a@00:01=9", "c@01:00=4", "a@00:30=5 d@00:58=6 a@00:41=7", "a@01:40=1", "z@04:00", "z@06:00"]


def chained(d, F):
    return d.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n")).groupBy(F.window("window", "30 seconds")).agg(F.sum("n").alias("n"), F.count("*").alias("keys")).select("window.start", "window.end", "n", "keys")


def by_window_time(d, F):
    return d.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds", "5 seconds").alias("w")).agg(F.count("*").alias("n")).select(F.window_time("w").alias("t"), "n").groupBy(F.window("t", "1 minute")).agg(F.sum("n").alias("n")).select("window.start", "n")


def three(d, F):
    first = d.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "5 seconds")).agg(F.count("*").alias("n"))
    second = first.groupBy(F.window("window", "10 seconds").alias("w")).agg(F.sum("n").alias("n"))
    return second.groupBy(F.window(F.window_time("w"), "30 seconds")).agg(F.max("n").alias("m")).select("window.start", "m")


@pytest.mark.parametrize("way", ["steps", "available"])
@pytest.mark.parametrize("shape", [chained, by_window_time, three])
def test_chained_windows(check, feed, F, shape, way):
    d = shape(feed.frame(), F)
    if way == "steps":
        run = steps(d, [(feed, t) for t in CHAIN])
    else:
        for t in CHAIN:
            feed.add(t)
        run = available(d)
    check([with_rows(run.batches), counts(run)])


@pytest.mark.parametrize("mode", ["update", "complete"])
def test_chained_windows_want_append(check, feed, F, mode):
    feed.add("a@00:05")
    check.outcome(lambda: available(chained(feed.frame(), F), mode).batches)


def test_chained_windows_over_a_restart(check, feed, F, tmp_path):
    d = chained(feed.frame(), F)
    for t in CHAIN:
        check(with_rows(steps(d, [(feed, t)], checkpoint=tmp_path / "c").batches))


def test_window_time_keeps_the_event_time(check, feed, F):
    """Grouping by it alone is an append query; the watermark evicts by it."""
    d = feed.frame().withWatermark("ts", "10 seconds").select(F.window("ts", "10 seconds").alias("w"), "v").select(F.window_time("w").alias("t"), "v").groupBy("t").agg(F.sum("v").alias("s"))
    run = steps(d, [(feed, t) for t in CHAIN])
    check([with_rows(run.batches), counts(run)])


SLIDES = [("10 seconds", "5 seconds", None), ("10 seconds", "4 seconds", "1 second"), ("5 seconds", "4 seconds", "3 seconds")]
LATE = ["a@00:15=1 b@00:16=2", "a@00:21=3 b@00:33=1", "a@00:01=9 a@00:12=1 a@00:14=1 a@00:19=5 b@00:20=1 b@00:21=1", "c@01:00=4", "a@00:30=5 d@00:58=6 a@00:41=7 a@00:44=1 a@00:49=1 a@00:51=2 d@00:30=5", "z@02:00=1", "a@01:48=1 a@01:49=1 a@01:52=1 z@01:50=1"]


@pytest.mark.parametrize("way, mode", [("steps", "append"), ("steps", "update"), ("available", "append")])
@pytest.mark.parametrize("slide", SLIDES, ids=str)
def test_late_rows_of_sliding_windows(check, feed, F, slide, way, mode):
    """A late row is counted once for each window of each group that it is too late for."""
    d = feed.frame().withWatermark("ts", "10 seconds").groupBy(F.window("ts", *slide), "k").agg(F.count("*").alias("n"), F.sum("v").alias("s")).select("window.start", "k", "n", "s")
    if way == "steps":
        run = steps(d, [(feed, t) for t in LATE], mode)
    else:
        for t in LATE:
            feed.add(t)
        run = available(d, mode)
    check([with_rows(run.batches), counts(run)])


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
def test_t6_times_without_a_zone(check, spark, F, conf, zone):
    """What the clock leaps over moves forward; what it passes twice is the first of the two."""
    conf("spark.sql.session.timeZone", zone)
    naive = ["2024-03-10T02:30:00", "2024-03-10T01:59:59", "2024-03-10T03:00:00", "2024-11-03T01:30:00", "2024-11-03T00:59:59", "2024-11-03T02:00:00", "2024-03-31T02:30:00", "2024-10-27T02:30:00", "2024-10-06T02:15:00", "2024-04-07T01:45:00"]
    d = spark.createDataFrame([(t,) for t in naive], "t string").select("t", F.col("t").cast("timestamp").alias("ts"))
    check.unordered(d.select("t", F.col("ts").cast("long"), F.col("ts").cast("string"), F.window("ts", "1 hour").start.cast("string").alias("w")))
    check.unordered(d.select("t", F.to_timestamp("t").cast("long").alias("a"), F.col("t").cast("timestamp_ntz").cast("timestamp").cast("long").alias("b"), F.unix_timestamp("t", "yyyy-MM-dd'T'HH:mm:ss").alias("c")))


def test_t6_json_and_functions_see_their_own_zones(check, feed, F, conf):
    """A text without a zone is read in the session's; Python functions see the machine's, which is UTC here."""
    conf("spark.sql.session.timeZone", "America/New_York")
    feed.write('{"ts":"2024-03-10T02:30:00"}\n{"ts":"2024-11-03T01:30:00"}\n{"ts":"2024-07-01T12:00:00"}\n{"ts":"2024-07-01T12:00:00Z"}\n')
    seen = F.udf(lambda t: [t.isoformat(), str(t.tzinfo)], "array<string>")
    back = F.udf(lambda t: t, "timestamp")
    d = feed.frame().select(F.col("ts").cast("long").alias("n"), F.col("ts").cast("string").alias("s"), seen("ts").alias("u"), back("ts").cast("long").alias("b"))
    check(available(d).batches)


def test_zone_changes_over_a_restart(check, feed, F, conf, tmp_path):
    """A frame has the zone of the moment it was made; state knows none."""
    def frame():
        return feed.frame().withWatermark("ts", "10 seconds").groupBy(F.window("ts", "1 hour"), F.hour("ts").alias("h")).agg(F.count("*").alias("n")).select("window.start", F.date_format("window.start", "HH:mm").alias("t"), "h", "n")

    conf("spark.sql.session.timeZone", "UTC")
    check(with_rows(steps(frame(), [(feed, "a@00:05 b@00:06"), (feed, "a@00:10")], "update", checkpoint=tmp_path / "c").batches))
    conf("spark.sql.session.timeZone", "Asia/Kolkata")
    check(with_rows(steps(frame(), [(feed, "a@00:15"), (feed, "a@59:59")], "update", checkpoint=tmp_path / "c").batches))
    conf("spark.sql.session.timeZone", "America/New_York")
    check(with_rows(steps(frame(), [(feed, "a@70:15")], "update", checkpoint=tmp_path / "c").batches))


@pytest.mark.parametrize("name", ["ntz", "string", "date"])
def test_streams_by_other_times(check, feed, F, name):
    """An event time must be a timestamp; of text and dates a window makes one, which bears no mark."""
    kind = {"ntz": "timestamp_ntz", "string": "string", "date": "date"}[name]
    d = feed.frame().withColumn("t", F.col("ts").cast(kind))
    check.outcome(lambda: available(d.groupBy(F.window("t", "10 seconds")).count().select("window.start", "count"), "complete").batches)
    for t in ["a@00:05", "a@00:25", "a@01:00"]:
        feed.add(t)
    check.outcome(lambda: with_rows(available(d.groupBy(F.window("t", "10 seconds")).count().select("window.start", "count"), "complete").batches))
    check.outcome(lambda: with_rows(available(d.withWatermark("t", "10 seconds").groupBy(F.window("t", "10 seconds")).count().select("window.start", "count")).batches))

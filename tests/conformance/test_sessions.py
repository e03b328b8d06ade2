"""session_window: sessions of a batch, and of a stream in both ways of running; gaps, late rows, merging, restarts."""

import pytest

from streams import available, steps, with_rows

ROWS = [("a", "2024-01-01 00:00:00", "5 seconds", 1), ("a", "2024-01-01 00:00:05", "5 seconds", 2), ("a", "2024-01-01 00:00:11", "5 seconds", 3), ("b", "2024-01-01 00:00:02", "10 seconds", 4), ("b", "2024-01-01 00:00:01", "1 second", 5), ("a", None, "5 seconds", 6),
        ("c", "2024-01-01 00:00:01", None, 7), ("c", "2024-01-01 00:00:01", "bad", 8), ("c", "2024-01-01 00:00:01", "-3 seconds", 9), ("c", "2024-01-01 00:00:01", "0 seconds", 10), ("d", "2024-01-31 00:00:01", "1 month", 11), ("a", "2024-01-01 00:00:03", "5 seconds", 12), (None, "2024-01-01 00:00:03", "5 seconds", 13), (None, "2024-01-01 00:00:06", "5 seconds", 14)]


@pytest.fixture
def events(spark, F):
    return spark.createDataFrame(ROWS, "k string, t string, g string, v int").withColumn("ts", F.col("t").cast("timestamp")).coalesce(1)


def per_session(d, F, gap, *keys):
    return d.groupBy(F.session_window("ts", gap), *keys).agg(F.count("*").alias("n"), F.sum("v").alias("s"))


@pytest.mark.parametrize("gap", ["5 seconds", "1 second", "6 seconds", "1 month", "1 day", "1 week 1 microsecond", "0 seconds", "-5 seconds", "abc", "", "5", "interval 5 seconds", "1 day -25 hours", "5.5 seconds"])
def test_fixed_gap(check, events, F, gap):
    check.unordered(per_session(events, F, gap, "k"))


GAPS = {
    "column": lambda F: F.col("g"), "when": lambda F: F.when(F.col("k") == "a", "5 seconds").otherwise("20 seconds"), "no otherwise": lambda F: F.when(F.col("k") == "a", "5 seconds"), "interval": lambda F: F.expr("make_interval(0, 0, 0, 0, 0, 0, v)"), "literal": lambda F: F.lit("5 seconds"), "null": lambda F: F.lit(None), "null text": lambda F: F.lit(None).cast("string"), "concat": lambda F: F.concat(F.col("v").cast("string"), F.lit(" seconds")),
    "int": lambda F: F.lit(5), "int column": lambda F: F.col("v"), "day-time": lambda F: F.expr("interval 5 seconds"), "day-time column": lambda F: F.expr("make_dt_interval(0, 0, 0, v)"), "year-month": lambda F: F.expr("interval 1 month"), "decimal": lambda F: F.expr("1.5"), "date": lambda F: F.expr("current_date()"),
    "python": lambda F: F.udf(lambda k: "5 seconds" if k == "a" else "1 minute")("k"),
}


@pytest.mark.parametrize("name", GAPS)
def test_gap_expressions(check, events, F, name):
    check.outcome(lambda: sorted(map(list, per_session(events, F, GAPS[name](F), "k").collect()), key=repr))


@pytest.mark.parametrize("gap", ["5 seconds", "2 seconds", "1 day"])
def test_without_other_keys(check, events, F, gap):
    check.unordered(per_session(events, F, gap))


TIMES = {"string": "t", "date": "cast(ts as date)", "ntz": "cast(ts as timestamp_ntz)", "int": "v", "long": "cast(v as bigint)", "boolean": "true"}


@pytest.mark.parametrize("name", TIMES)
def test_times(check, events, F, name):
    check.outcome(lambda: sorted(map(list, events.groupBy(F.session_window(F.expr(TIMES[name]), "5 seconds"), "k").count().collect()), key=repr))


def test_shape(check, events, F):
    check(per_session(events, F, "5 seconds", "k").schema.json())
    check(events.select("k", F.session_window("ts", "5 seconds")).schema.json())
    check.unordered(events.select("k", F.session_window("ts", "5 seconds")))
    check.unordered(events.select("k", F.session_window("ts", F.col("g")).alias("w")))


USES = {
    "alias": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds").alias("w")).count().select("w.start", "w.end", "k", "count"), "column first": lambda d, F: d.withColumn("w", F.session_window("ts", "5 seconds")).groupBy("k", "w").count(), "column renamed": lambda d, F: d.withColumn("w", F.session_window("ts", "5 seconds")).select("k", F.col("w").alias("z")).groupBy("k", "z").count(),
    "start alone": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds").start.alias("s")).count(), "where": lambda d, F: d.where(F.session_window("ts", "5 seconds").start > "2024-01-01 00:00:04").select("k"), "twice": lambda d, F: d.select(F.session_window("ts", "5 seconds"), F.session_window("ts", "5 seconds").alias("y")),
    "two": lambda d, F: d.select(F.session_window("ts", "5 seconds"), F.session_window("ts", "6 seconds").alias("y")), "with window": lambda d, F: d.groupBy(F.session_window("ts", "5 seconds"), F.window("ts", "6 seconds")).count(), "window over session": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).count().groupBy(F.window("session_window", "10 seconds")).agg(F.sum("count")),
    "session over window": lambda d, F: d.groupBy("k", F.window("ts", "5 seconds")).count().groupBy(F.session_window("window", "10 seconds"), "k").agg(F.sum("count")), "session over session": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).count().groupBy(F.session_window("session_window", "10 seconds")).agg(F.sum("count")), "window_time": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).count().select("k", F.window_time("session_window")),
    "distinct aggregate": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).agg(F.countDistinct("v"), F.sum("v"), F.countDistinct("g")), "filtered aggregate": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).agg(F.expr("count(*) filter (where v > 2)"), F.expr("sum(v) filter (where v > 100)")), "min and max": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).agg(F.min("v"), F.max("t"), F.avg("v"), F.stddev("v")),
    "no call": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).agg(F.lit(1).alias("one")), "over keys": lambda d, F: d.groupBy("k", F.session_window("ts", "5 seconds")).agg((F.count("*") + F.length("k")).alias("x")), "int key": lambda d, F: d.groupBy((F.col("v") % 2).alias("odd"), F.session_window("ts", "5 seconds")).count(), "two keys": lambda d, F: d.groupBy("k", "g", F.session_window("ts", "5 seconds")).count(),
}


@pytest.mark.parametrize("name", USES)
def test_uses(check, events, F, name):
    check.outcome(lambda: sorted(map(list, USES[name](events, F).collect()), key=repr))


def test_rows_in_the_order_of_time(check, events, F):
    """collect_list, first and last see a session's rows by time, rows of one time as they came."""
    check.unordered(events.groupBy("k", F.session_window("ts", "5 seconds")).agg(F.collect_list("v"), F.first("v"), F.last("v")))
    check.unordered(events.groupBy(F.session_window("ts", "5 seconds")).agg(F.collect_list("v"), F.first("v"), F.last("v")))


@pytest.mark.parametrize("text", ["select k, session_window.start, session_window.end, count(*) from events group by session_window(ts, '5 seconds'), k", "select k, session_window.start, count(*) from events group by k, session_window(ts, case when k = 'a' then '5 seconds' else '1 minute' end)", "select session_window(ts, '5 seconds') as w, k, count(*) from events group by session_window(ts, '5 seconds'), k",
                                  "select session_window(ts) from events", "select session_window(ts, '1 second', '2 seconds') from events", "select k, count(*) from events group by k, session_window(ts, interval 5 seconds)"])
def test_sql(check, spark, events, text):
    events.createOrReplaceTempView("events")
    check.outcome(lambda: sorted(map(list, spark.sql(text).collect()), key=repr))


@pytest.mark.parametrize("gap", [5, None, 1.5, ["5 seconds"]])
def test_python_arguments(check, F, gap):
    check.error(lambda: F.session_window("ts", gap))


def test_day_gap_over_a_change_of_the_clock(check, spark, F, conf):
    """A day is a calendar day of the session's zone: 23 hours on 10 March 2024 in New York."""
    conf("spark.sql.session.timeZone", "America/New_York")
    d = spark.sql("select timestamp '2024-03-09 12:00:00' as ts, 1 as v union all select timestamp '2024-03-10 12:00:00', 2 union all select timestamp '2024-11-02 12:00:00', 3 union all select timestamp '2024-11-03 12:30:00', 4")
    for gap in ["1 day", "24 hours", "1 month"]:
        check.unordered(d.groupBy(F.session_window("ts", gap)).agg(F.sum("v")).select(F.col("session_window.start").cast("string"), F.col("session_window.end").cast("string"), "sum(v)"))


def counts(run):
    return [[p["batchId"], p["eventTime"].get("watermark")] + [[s["operatorName"], s["numRowsTotal"], s["numRowsUpdated"], s["numRowsRemoved"], s["numRowsDroppedByWatermark"]] for s in p["stateOperators"]] for p in run.progresses]


def stream(d, F, gap="10 seconds"):
    return d.withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", gap)).agg(F.count("*").alias("n"), F.sum("v").alias("s")).select("k", "session_window.start", "session_window.end", "n", "s")


FEEDS = {
    "grow": ["a@00:05=1 b@00:06=2", "a@00:12=3", "a@00:40=4", "b@01:30=5", "c@02:00=6"],
    "bridge": ["a@00:05=1 a@00:25=2 a@00:45=3", "a@00:15=4 b@00:45=7", "a@00:35=5", "b@02:00=6", "b@03:00=6"],
    "backwards": ["a@01:00=1", "a@00:55=2", "a@00:50=3 a@00:59=9", "b@01:20=4", "z@03:00=5"],
    "late": ["a@01:00=1 b@01:00=1", "a@00:30=2 a@00:39=3 a@00:40=4 a@00:41=5", "a@00:51=6 b@00:41=7", "c@02:00=8", "a@01:05=9 a@01:49=10 a@01:51=11", "z@05:00=12"],
    "late twice": ["a@01:00=1", "a@00:20=2 a@00:20=3 a@00:21=4 b@00:20=5", "z@03:00=6"],
    "touching": ["a@00:10=1", "a@00:20=2", "a@00:31=3", "a@00:30=4", "z@02:00=5"],
    "nulls": ["a=1 b@00:10=2 @00:11=3", "@00:15=4 a=5", "@00:22", "z@02:00=5"],
    "one batch": ["a@00:30=1 a@00:10=2 a@00:20=3 b@00:10=4 b@00:50=5 a@00:55=6 b@00:30=7 b@00:40=8", "z@03:00=5"],
}


@pytest.mark.parametrize("mode", ["append", "complete"])
@pytest.mark.parametrize("way", ["steps", "available"])
@pytest.mark.parametrize("name", FEEDS)
def test_streams(check, feed, F, name, way, mode):
    d = stream(feed.frame(), F)
    if way == "steps":
        run = steps(d, [(feed, t) for t in FEEDS[name]], mode)
    else:
        for t in FEEDS[name]:
            feed.add(t)
        run = available(d, mode)
    check([with_rows(run.batches), counts(run)])


@pytest.mark.parametrize("mode", ["append", "complete"])
@pytest.mark.parametrize("way", ["steps", "available"])
def test_streams_with_a_gap_per_row(check, feed, F, way, mode):
    gap = F.when(F.col("v") < 10, F.concat(F.col("v").cast("string"), F.lit(" seconds"))).when(F.col("v") < 20, "0 seconds").when(F.col("v") < 30, "-1 second").when(F.col("v") < 40, "no gap")
    texts = ["a@00:10=5 a@00:14=1 b@00:10=1", "a@00:15=9 b@00:12=15 b@00:13=25 b@00:14=35 b@00:15=45", "a@00:24=2 b@00:11=9", "a@00:59=1", "a@00:40=9 a@00:41=9 a@00:30=9", "z@03:00=1"]
    d = stream(feed.frame(), F, gap)
    if way == "steps":
        run = steps(d, [(feed, t) for t in texts], mode)
    else:
        for t in texts:
            feed.add(t)
        run = available(d, mode)
    check([with_rows(run.batches), counts(run)])


@pytest.mark.parametrize("mode", ["append", "complete"])
@pytest.mark.parametrize("name", ["bridge", "late", "grow"])
def test_restart(check, feed, F, tmp_path, name, mode):
    """A start on the checkpoint after each file goes on as if nothing had been."""
    d = stream(feed.frame(), F)
    for t in FEEDS[name]:
        check(with_rows(steps(d, [(feed, t)], mode, checkpoint=tmp_path / "c").batches))


@pytest.mark.parametrize("mode", ["append", "complete"])
def test_lists_over_batches(check, feed, F, mode):
    """What a session collects is in the order of time as far as Spark has it: a session in state comes by its start."""
    d = feed.frame().withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", "10 seconds")).agg(F.collect_list("v").alias("l"), F.first("v").alias("f"), F.last("v").alias("z"))
    texts = ["a@00:10=1 a@00:05=2", "a@00:07=3 a@00:12=4", "a@00:02=5", "a@00:40=6 a@00:55=7", "a@00:47=8 a@00:46=9", "z@03:00=5"]
    check(with_rows(steps(d, [(feed, t) for t in texts], mode).batches))


@pytest.mark.parametrize("mode", ["append", "complete"])
def test_two_keys_and_the_session_between(check, feed, F, mode):
    d = feed.frame().withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", "10 seconds").alias("w"), (F.col("v") % 2).alias("odd")).agg(F.max("v").alias("m"))
    check(with_rows(steps(d, [(feed, t) for t in ["a@00:10=1 a@00:12=2", "a@00:15=3 a@00:30=4", "a@00:21=6", "z@03:00=5"]], mode).batches))


@pytest.mark.parametrize("mode", ["append", "complete"])
def test_sessions_of_windows(check, feed, F, mode):
    """A session over the times of windows: two stateful operators, the second by the first's watermark."""
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n")).groupBy("k", F.session_window(F.window_time("window"), "15 seconds")).agg(F.sum("n").alias("n"), F.count("*").alias("w"))
    check.outcome(lambda: with_rows(steps(d, [(feed, t) for t in ["a@00:05 a@00:06", "a@00:15 b@00:16", "a@00:45", "a@01:30", "z@03:00", "z@04:00"]], mode).batches))


def test_windows_of_sessions(check, feed, F):
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.session_window("ts", "10 seconds"), "k").agg(F.count("*").alias("n")).groupBy(F.window(F.window_time("session_window"), "1 minute")).agg(F.sum("n").alias("n"), F.count("*").alias("w"))
    run = steps(d, [(feed, t) for t in ["a@00:05 a@00:06", "a@00:15 b@00:16", "a@00:45", "a@01:30", "z@03:00", "z@04:00"]])
    check([with_rows(run.batches), counts(run)])


def start(d, mode):
    query = d.writeStream.format("noop").outputMode(mode).start()
    try:
        query.processAllAvailable()
    finally:
        query.stop()


REFUSED = {
    "update": (lambda d, F: stream(d, F), "update"), "without other keys": (lambda d, F: d.withWatermark("ts", "10 seconds").groupBy(F.session_window("ts", "10 seconds")).count(), "append"), "without other keys in complete": (lambda d, F: d.withWatermark("ts", "10 seconds").groupBy(F.session_window("ts", "10 seconds")).count(), "complete"), "append without watermark": (lambda d, F: d.groupBy("k", F.session_window("ts", "10 seconds")).count(), "append"),
    "update without watermark": (lambda d, F: d.groupBy("k", F.session_window("ts", "10 seconds")).count(), "update"), "distinct": (lambda d, F: d.withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", "10 seconds")).agg(F.countDistinct("v")), "append"), "update by start": (lambda d, F: d.withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", "10 seconds").start.alias("s")).count(), "update"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(check, feed, F, name):
    feed.add("a@00:01=1")
    make, mode = REFUSED[name]
    check.outcome(lambda: start(make(feed.frame(), F), mode))


def test_complete_without_watermark(check, feed, F):
    d = feed.frame().groupBy("k", F.session_window("ts", "10 seconds")).count()
    check(with_rows(steps(d, [(feed, t) for t in FEEDS["bridge"]], "complete").batches))


def test_foreach_batch(check, feed, F):
    """Sessions of the batch alone, and without other keys, inside foreachBatch."""
    got = []

    def each(frame, batch_id):
        got.append([batch_id, sorted(map(list, frame.groupBy(F.session_window("ts", "10 seconds")).count().collect()))])

    for t in FEEDS["bridge"][:2]:
        feed.add(t)
    query = feed.frame().writeStream.foreachBatch(each).trigger(availableNow=True).start()
    query.awaitTermination(120)
    check(got)

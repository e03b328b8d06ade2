"""Event time: watermarks, windows, output modes, late rows, aggregates over batches; both ways of running."""

import pytest

from streams import available, outcome, steps, with_rows

LATE = ["a@00:05=1 b@00:06=2", "a@00:25=3", "a@00:01=9", "c@01:00=4", "a@00:30=5 d@00:58=6"]


def tumbling(d, F):
    return d.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds"), "k").agg(F.count("*").alias("n"), F.sum("v").alias("s")).select("window.start", "window.end", "k", "n", "s")


def sliding(d, F):
    return d.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds", "5 seconds")).agg(F.max("v").alias("m")).select("window.start", "m")


@pytest.mark.parametrize("mode", ["append", "update", "complete"])
@pytest.mark.parametrize("way", ["steps", "available"])
@pytest.mark.parametrize("shape", [tumbling, sliding])
def test_windows(check, feed, F, shape, way, mode):
    d = shape(feed.frame(), F)
    if way == "steps":
        check(outcome(steps(d, [(feed, t) for t in LATE], mode)))
    else:
        for t in LATE:
            feed.add(t)
        check(outcome(available(d, mode)))


@pytest.mark.parametrize("mode", ["update", "complete"])
@pytest.mark.parametrize("way", ["steps", "available"])
def test_no_watermark(check, feed, F, way, mode):
    d = feed.frame().groupBy("k").agg(F.count("*").alias("n"), F.sum("v").alias("s"), F.avg("v").alias("a"), F.min("v"), F.max("v"), F.first("v"), F.last("v"), F.collect_list("v").alias("l"))
    texts = ["a=1 b=2", "a=3 =7", "b a=5"]
    if way == "available":
        for t in texts:
            feed.add(t)
    check((steps(d, [(feed, t) for t in texts], mode) if way == "steps" else available(d, mode)).batches)


def test_update_emits_only_changed(check, feed, F):
    check(steps(feed.frame().groupBy("k").count(), [(feed, "a b"), (feed, "a"), (feed, "c")], "update").batches)


def test_complete_keeps_order(check, feed, F):
    check(steps(feed.frame().groupBy("k").count().orderBy(F.desc("count"), "k"), [(feed, "a b"), (feed, "b"), (feed, "c")], "complete", ordered=True).batches)


def test_aggregate_without_keys(check, feed, F):
    for mode in ["update", "complete"]:
        check(steps(feed.frame().agg(F.count("*"), F.sum("v"), F.max("ts")), [(feed, "a=1"), (feed, "b=2")], mode).batches)


def test_distinct_and_drop_duplicates(check, feed, F):
    check(steps(feed.frame().select("k").distinct(), [(feed, "a b a"), (feed, "a c")], "append").batches)


@pytest.mark.parametrize("function", ["stddev", "collect_set", "count", "first", "avg"])
def test_one_aggregate_over_batches(check, feed, F, function):
    d = feed.frame().groupBy("k").agg(getattr(F, function)("v").alias("x"))
    d = d.select("k", F.sort_array("x").alias("x")) if function == "collect_set" else d
    check(steps(d, [(feed, "a=1 a=2 b"), (feed, "a=4 b=7"), (feed, "a=4")], "update").batches)


def test_having_and_projection_after(check, feed, F):
    d = feed.frame().groupBy("k").agg(F.sum("v").alias("s")).where("s > 2").select(F.upper("k").alias("u"), (F.col("s") * 2).alias("t"))
    check(steps(d, [(feed, "a=1 b=5"), (feed, "a=3")], "update").batches)


def test_join_then_aggregate(check, spark, feed, F):
    static = spark.createDataFrame([("a", "Ann"), ("b", "Bob")], "k string, name string")
    d = feed.frame().join(static, "k").withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds"), "name").count().select("window.start", "name", "count")
    check(outcome(steps(d, [(feed, "a@00:01 b@00:02 z@00:03"), (feed, "a@00:30"), (feed, "a@00:50")])))


@pytest.mark.parametrize("delay", ["0 seconds", "10 seconds", "1 minute", "1 month", "2 hours 5 minutes", "-1 second", "abc", "", "1", "1 nonsense"])
def test_delay_forms(check, feed, F, delay):
    feed.add("a@10:00")
    feed.add("a@20:00")
    check.outcome(lambda: available(feed.frame().withWatermark("ts", delay).groupBy(F.window("ts", "1 minute")).count().select("window.start", "count")).watermarks())


def test_zero_delay_ties(check, feed, F):
    d = feed.frame().withWatermark("ts", "0 seconds").groupBy(F.window("ts", "5 seconds")).count().select("window.start", "count")
    check(outcome(steps(d, [(feed, "a@00:05"), (feed, "b@00:05 c@00:09"), (feed, "d@00:10"), (feed, "e@00:09 f@00:10")])))


def test_once_over_windows(check, feed, F):
    for t in ["a@00:05", "a@00:25", "a@01:25"]:
        feed.add(t)
    d = feed.frame().withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")
    got = []
    q = d.writeStream.trigger(once=True).foreachBatch(lambda f, i: got.append([i, sorted(f.collect())])).start()
    q.awaitTermination(120)
    check(got)


EVENT_TIME = {
    "alias": lambda d, F: d.select(F.col("ts").alias("t"), "k").groupBy(F.window("t", "10 seconds")).count(), "renamed": lambda d, F: d.withColumnRenamed("ts", "t").groupBy(F.window("t", "10 seconds")).count(), "copied": lambda d, F: d.withColumn("t2", F.col("ts")).groupBy(F.window("t2", "10 seconds")).count(),
    "window alias": lambda d, F: d.groupBy(F.window("ts", "10 seconds").alias("w")).count(), "window column first": lambda d, F: d.withColumn("w", F.window("ts", "10 seconds")).groupBy("w").count(), "by the column itself": lambda d, F: d.groupBy("ts").count(), "plus interval": lambda d, F: d.withColumn("t", F.col("ts") + F.expr("interval 1 second")).groupBy(F.window("t", "10 seconds")).count(),
    "cast there and back": lambda d, F: d.withColumn("t", F.col("ts").cast("string").cast("timestamp")).groupBy(F.window("t", "10 seconds")).count(), "other column": lambda d, F: d.groupBy("k").count(), "other aggregate": lambda d, F: d.groupBy("k").agg(F.max("ts")), "struct": lambda d, F: d.groupBy(F.struct("ts", "k").alias("s")).count(),
}


@pytest.mark.parametrize("name", EVENT_TIME)
def test_what_keeps_event_time(check, feed, F, name):
    for t in ["a@00:01", "a@00:40", "a@01:40"]:
        feed.add(t)
    d = EVENT_TIME[name](feed.frame().withWatermark("ts", "5 seconds"), F)
    check.outcome(lambda: [len(r) for _, r in with_rows(available(d.select("count") if "count" in d.columns else d).batches)])


def test_watermark_after_aggregation(check, feed, F):
    feed.add("a@00:01")
    check.outcome(lambda: available(feed.frame().groupBy("ts").count().withWatermark("ts", "5 seconds")).batches)


def test_null_event_times(check, feed, F):
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")
    check(outcome(steps(d, [(feed, "a@00:01 b"), (feed, "c@00:40"), (feed, "d@00:59")])))


def test_two_watermarks(check, spark, feed, tmp_path, F, conf):
    from streams import Feed

    for policy in ["min", "max"]:
        conf("spark.sql.streaming.multipleWatermarkPolicy", policy)
        a, b = Feed(spark, tmp_path / policy / "a"), Feed(spark, tmp_path / policy / "b")
        left = a.frame().withWatermark("ts", "10 seconds")
        right = b.frame().withWatermark("ts", "20 seconds")
        d = left.union(right).groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")
        a.add("x@00:05")
        b.add("x@00:06")
        run = steps(d, [(a, "x@01:00"), (b, "x@00:40"), (b, "x@00:03")])
        check(with_rows(run.batches))


def test_session_zone_day_windows(check, feed, F, conf):
    conf("spark.sql.session.timeZone", "America/New_York")
    feed.write('{"ts":"2024-03-10T06:30:00Z"}\n{"ts":"2024-03-10T07:30:00Z"}\n{"ts":"2024-03-10T23:30:00Z"}\n{"ts":"2024-03-11T03:30:00Z"}\n')
    check(available(feed.frame().groupBy(F.window("ts", "1 day").start.cast("string").alias("s")).count(), "complete").batches)


MODES = {
    "append aggregate without watermark": (lambda d, F: d.groupBy("k").count(), "append"), "complete without aggregate": (lambda d, F: d, "complete"), "update without aggregate": (lambda d, F: d.select("k"), "update"), "bad": (lambda d, F: d, "foo"), "Append": (lambda d, F: d.select("k"), "Append"), "COMPLETE": (lambda d, F: d.groupBy("k").count(), "COMPLETE"),
    "none": (lambda d, F: d, None), "number": (lambda d, F: d, 5), "blank": (lambda d, F: d, ""), "two aggregates complete": (lambda d, F: d.groupBy("k").count().groupBy("count").count(), "complete"), "sort in update": (lambda d, F: d.groupBy("k").count().orderBy("k"), "update"), "sort in append": (lambda d, F: d.withWatermark("ts", "1 second").groupBy("ts").count().orderBy("ts"), "append"),
    "limit in complete": (lambda d, F: d.groupBy("k").count().orderBy("k").limit(1), "complete"), "limit in update": (lambda d, F: d.groupBy("k").count().limit(1), "update"), "distinct in complete": (lambda d, F: d.select("k").distinct(), "complete"), "distinct in update": (lambda d, F: d.select("k").distinct(), "update"),
}


@pytest.mark.parametrize("name", MODES)
def test_modes(check, feed, F, name):
    feed.add("a@00:01 b@00:02 a@00:03")
    make, mode = MODES[name]
    check.outcome(lambda: available(make(feed.frame(), F), mode).batches)


@pytest.mark.parametrize("fmt", ["parquet", "json"])
@pytest.mark.parametrize("mode", ["update", "complete"])
def test_file_sinks_take_append_only(check_error, feed, tmp_path, fmt, mode):
    feed.add("a=1")
    check_error(lambda: feed.frame().groupBy("k").count().writeStream.format(fmt).outputMode(mode).option("checkpointLocation", str(tmp_path / "c")).start(str(tmp_path / "o")))
